"""Everybody who may ask for something, and every route that they may ask: for the authorisation matrix.

The world is a live interview that was held, marked and scored, with people at its door, and another room beside it.
"""

from dataclasses import dataclass

from fastapi.routing import APIRoute, APIWebSocketRoute, iter_route_contexts
from starlette.routing import Mount, Route
from starlette.websockets import WebSocketDisconnect

from app.live.judging import KIND
from app.storage import jobs, people, reports, tickets
from app.storage.db import transaction
from tests.web.live.held import SECRET, Browser, Held, come_in, until
from tests.web.test_sessions import ORIGIN, SOCKETS

TOKEN = "open sesame"
ROLES = (
    "nobody",
    "local",
    "owner",
    "curator",
    "interviewer",
    "admin",
    "candidate",
    "observer",
    "waiting",
    "staff",
    "other",
    "revoked",
    "captions",
)
"""local: no token is set, and they have no cookie. interviewer: invited, but not of this room; staff: who made it.
other: the candidate of another room. revoked: came by a link that was taken back. captions: the bearer of a link."""
LAST = (  # what takes something away is asked last, in this order
    "POST /live/{id}/swap",
    "POST /live/{id}/leave",
    "POST /live/{id}/decline",
    "POST /live/{id}/tickets/{ticket}/revoke",
    "DELETE /api/v1/judging/{id}",
    "POST /reports/{id}/delete",
    "DELETE /api/v1/reports/{id}",
    "POST /live/{id}/delete",
    "POST /sessions/{id}/delete",  # of the other room: of the first nothing is left
)


TOGETHER = (  # who can take nothing away from the others asks in one world
    ("nobody", "curator", "interviewer", "candidate", "observer", "waiting", "other", "revoked")
    + ("captions",),
    ("local",),
    ("owner",),
    ("admin",),
    ("staff",),
)


@dataclass
class World:
    """`who` asks, by role: their browser and headers. `ids` are what the paths name, by the first part of the route."""

    client: object
    who: dict[str, tuple[Browser, dict[str, str]]]
    ids: dict[str, dict[str, str]]
    guest: str
    spare: str


class Room(Held):
    """Made by whoever `host` has entered as."""

    def __init__(self, client, host, slug="payment-fraud"):
        self.client, self.host = client, host
        made = host.post("/live", slug=slug, name="Dana", minutes="45")
        assert made.status_code == 303, made.text
        self.address = made.headers["location"]
        self.id = self.address.rpartition("/")[2]
        self.candidate = come_in(host, self.address, "candidate", "Sam", client)


def secret_of(client, role, name):
    home = client.app.state.home
    with transaction(home.engine) as db:
        return people.invite(db, role, name, home.now())[1]


def entered(client, secret):
    browser = Browser(client)
    assert browser.post("/enter", token=secret).status_code == 303
    return browser


def link(room, role):
    """Its code, and its id."""
    before = ids_of_links(room)
    made = room.host.post(f"{room.address}/tickets", role=role)
    assert made.status_code == 200, made.text
    (id,) = ids_of_links(room) - before
    page = made.text
    found = SECRET.search(page)
    code = found[1] if found else page.partition('id="link-secret" readonly value="')[2][:43]
    return code, id


def ids_of_links(room):
    with transaction(room.client.app.state.home.engine) as db:
        return {one.id for one in tickets.list_tickets(db, room.id)}


def world(client, *roles):
    """With all who ask in it."""
    is_open = "local" in roles
    host = Browser(client) if is_open else entered(client, secret_of(client, "interviewer", "Ivy"))
    room = Room(client, host).talk()
    other = Room(client, host, slug="news-feed")
    assert room.mark().status_code == 303
    assert host.get(f"{room.address}/compare").status_code == 200
    report = client.portal.call(client.app.state.rooms.get, room.id).session.report
    home = client.app.state.home
    with transaction(home.engine) as db:
        words = reports.get_report(db, report).source.id
        asked = {"payload": {"model": "m"}, "progress": {}, "now": home.now()}
        job = jobs.enqueue(db, KIND, "key", report=report, **asked).id
    who = {role: (browser_of(client, role, room, other), {}) for role in roles}
    if "captions" in roles:
        who["captions"] = (
            Browser(client),
            {"authorization": f"Bearer {link(room, 'captions')[0]}"},
        )
    code, ticket = link(room, "observer")
    guests = [knocks(client, room, code, name)[1] for name in ("Walt", "Wanda")]
    ids = {
        "sessions": {"id": room.id},
        "live": {"id": room.id, "ticket": ticket},
        "reports": {"id": report},
        "score": {"id": words},
        "judging": {"id": job},
        "rubrics": {"id": "seven-step"},
        "questions": {"slug": "payment-fraud", "number": "1"},
        "rubric": {"step": "data", "name": "3-data.yaml", "number": "1"},
    }
    return World(client, who, ids, guests[0], other.id)


def knocks(client, room, code, name):
    """Somebody at the door, and their id."""
    browser = Browser(client)
    assert browser.post(f"{room.address}/join", code=code, name=name).status_code == 303
    with transaction(client.app.state.home.engine) as db:
        (guest,) = (g for g in tickets.list_guests(db, room.id) if g.name == name)
    return browser, guest.id


def browser_of(client, role, room, other):
    match role:
        case "owner":
            return entered(client, TOKEN)
        case "curator" | "interviewer" | "admin":
            return entered(client, secret_of(client, role, role.capitalize()))
        case "candidate":
            return room.candidate
        case "observer":
            return come_in(room.host, room.address, "observer", "Olga", client)
        case "waiting":
            return knocks(client, room, link(room, "candidate")[0], "Will")[0]
        case "staff":
            return room.host
        case "other":
            return other.candidate
        case "revoked":
            browser = come_in(room.host, room.address, "observer", "Rex", client)
            with transaction(client.app.state.home.engine) as db:
                (rex,) = (g for g in tickets.list_guests(db, room.id) if g.name == "Rex")
            away = room.host.post(f"{room.address}/tickets/{rex.ticket}/revoke")
            assert away.status_code == 303
            return browser
        case _:
            return Browser(client)


def routes(app):
    """Every way in, as `METHOD /path`; a mount with a star."""
    found = []
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIWebSocketRoute):
            found.append(f"WS {context.path}")
        elif isinstance(route, APIRoute | Route):
            found.extend(f"{method} {context.path}" for method in route.methods - {"HEAD"})
        elif isinstance(route, Mount):
            found.append(f"GET {route.path}/*")
        else:
            raise AssertionError(f"a route of a kind that nobody has thought of: {route!r}")
    assert len(found) == len(set(found))
    return sorted(found, key=lambda one: (one in LAST, LAST.index(one) if one in LAST else one))


def ask(world, role, route):
    """The status; of a socket the code that it was closed with, and 101 where it was let in."""
    method, path = route.split(" ")
    browser, own = world.who[role]
    if route == LAST[-1]:
        path = path.replace("{id}", world.spare)
    kind = path.removeprefix("/api/v1").split("/")[1].partition(".")[0]
    for name, value in world.ids.get(kind, {}).items():
        path = path.replace(f"{{{name}}}", value)
    path = path.replace("/static/*", "/static/site.css")
    assert "{" not in path, f"{route}: the world has no such id"
    if method == "WS":
        return knock(world.client, browser, own, path)
    sent = {"guest": world.guest, "code": "nonsense"}
    body = {"json": {}} if path.startswith("/api/") else {"data": sent}
    if method in ("GET", "DELETE"):
        body = {"headers": {"content-type": "application/json"}}
    headers = body.pop("headers", {}) | own
    return browser.request(method, path, headers=headers, **body).status_code


def knock(client, browser, own, path):
    browser.client.cookies = browser._cookies()
    hello = {"t": "hello", "proto": 1, "cursors": {"main": {"seq": 0, "eid": ""}}}
    headers = ORIGIN | own
    try:
        with client.websocket_connect(f"{SOCKETS}{path}", headers=headers) as socket:
            socket.send_json(hello)
            until(socket, lambda frame: frame["t"] == "welcome")
            return 101
    except WebSocketDisconnect as closed:
        return closed.code
