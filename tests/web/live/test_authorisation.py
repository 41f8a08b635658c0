"""Who may ask for what: a status for every route and everybody, a yes or no for every command and event and role. What
has no row here fails: a new route, command or event is not there before somebody has said who may have it.

authorisation.txt is read like this: 401 the door, 403 refused, 404 as if it were not there; 303, 409 and 422 are
answers of a route that let them in. Of a socket it is the code that closes it, 101 where it opens.
"""

from pathlib import Path
from typing import get_args

import pytest

from app.interview.commands import Command
from app.interview.events import CLASSES
from app.interview.roles import MAY, SEES, may
from tests.web.live.asking import ROLES, TOGETHER, TOKEN, ask, routes, world
from tests.web.live.held import service

TABLE = (Path(__file__).parent / "authorisation.txt").read_text("utf-8").splitlines()
SHUT = {401, 403, 404, 1008, 4403}
PUBLIC = ("/static/*", "/favicon.ico", "/healthz", "/readyz", "/theme", "/live/{id}/join", "/enter")


def table():
    """route -> role -> status"""
    roles = TABLE[0].split()
    assert roles == list(ROLES)
    rows = {}
    for line in TABLE[1:]:
        method, path, *codes = line.split()
        rows[f"{method} {path}"] = dict(zip(roles, map(int, codes), strict=True))
    return rows


@pytest.mark.parametrize("roles", TOGETHER, ids=lambda roles: roles[0])
def test_b_every_route_answers_everybody_as_the_table_says(tmp_path, standards, roles):
    token = None if "local" in roles else TOKEN
    with service(tmp_path, standards, token=token) as client:
        there = world(client, *roles)
        found = {
            (route, role): ask(there, role, route) for route in routes(client.app) for role in roles
        }
    said = {
        (route, role): row[role] for route, row in table().items() for role in roles if role in row
    }
    without = sorted({route for route, _ in found} - set(table()))
    assert not without, "say in authorisation.txt who may ask for these"
    assert not sorted(set(table()) - {route for route, _ in found}), "these are gone"
    assert {key: code for key, code in found.items() if code != said[key]} == {}


def test_b_whoever_is_nobody_gets_nothing():
    """The table itself: outsiders are shut out of all but what is public."""
    for route, row in table().items():
        if not route.split()[1].startswith(PUBLIC):
            for role in ("nobody", "revoked"):
                assert row[role] in SHUT, (route, role)


def test_b_nothing_of_a_live_room_is_open_to_others():
    """Not to a member of the house who is not of the room, nor to everybody on a machine without a token."""
    own = [route for route in table() if "{id}" in route and "/rubrics/" not in route]
    assert len(own) > 40
    for route in own:
        if not route.endswith("/join"):
            for role in ("local", "curator", "interviewer", "other"):
                assert table()[route][role] in SHUT, (route, role)


def test_b_a_candidate_and_an_observer_get_no_page_of_the_interviewers():
    staff = [route for route, row in table().items() if row["staff"] not in SHUT]
    shared = {"/live/{id}", "/live/{id}/socket", "/live/{id}/join", "/live/{id}/waiting"}
    shared |= {
        f"/live/{{id}}/{name}" for name in ("consent", "feedback", "leave", "next", "shared")
    }
    for route in staff:
        path = route.split()[1]
        if "{id}" in path and path not in shared and "/rubrics/" not in path:
            for role in ("candidate", "observer", "waiting"):
                assert table()[route][role] in SHUT, (route, role)


# commands and events ------------------------------------------------------------------------------
EVERYBODY, STAFF_ONLY = "candidate interviewer observer", "interviewer"
READERS = {  # an event's type -> who reads its body
    "session.created": EVERYBODY,
    "clock.started": EVERYBODY,
    "clock.paused": EVERYBODY,
    "clock.resumed": EVERYBODY,
    "clock.extended": EVERYBODY,
    "turn.committed": EVERYBODY,
    "document.updated": EVERYBODY,
    "hint.asked": EVERYBODY,
    "marks.predicted": EVERYBODY,
    "session.ended": EVERYBODY,
    "report.published": EVERYBODY,
    "interviewer.voice": EVERYBODY,
    "participant.joined": EVERYBODY,
    "consent.given": EVERYBODY,
    "driver.changed": EVERYBODY,
    "focus.set": EVERYBODY,
    "roles.swapped": EVERYBODY,
    "feedback.candidate": EVERYBODY,
    "move.chosen": STAFF_ONLY,
    "turn.worded": STAFF_ONLY,
    "feedback.interviewer": STAFF_ONLY,
    "note.written": STAFF_ONLY,
    "criterion.marked": STAFF_ONLY,
    "step.set": STAFF_ONLY,
    "suggestion.dismissed": STAFF_ONLY,
    "observers.see": STAFF_ONLY,
    "marks.given": STAFF_ONLY,
    "report.shared": STAFF_ONLY,
}
SENDERS = {  # a command -> who may send it in a live room; nobody: the service itself
    "Join": "candidate interviewer observer",
    "Consent": "candidate interviewer observer",
    "Say": "candidate",
    "Write": "candidate",
    "Answer": "candidate",
    "Caption": "captions",
    "Start": "interviewer",
    "Ask": "interviewer",
    "Pause": "interviewer",
    "Resume": "interviewer",
    "Prolong": "interviewer",
    "Finish": "interviewer",
    "Drive": "interviewer",
    "Focus": "interviewer",
    "Note": "interviewer",
    "Cover": "interviewer",
    "SetStep": "interviewer",
    "Dismiss": "interviewer",
    "LetObservers": "interviewer",
    "Rate": "interviewer",
    "Share": "interviewer",
    "Advise": "interviewer",
    "Swap": "interviewer",
    **dict.fromkeys(
        ("Create", "AskHint", "Extend", "Credit", "Expire", "Predict", "Publish", "Reply"), ""
    ),
}


def test_a_every_type_of_event_has_its_readers():
    assert set(READERS) == set(CLASSES), "say who reads a new type of event"
    for type, readers in READERS.items():
        streams = {role for role, seen in SEES.items() if CLASSES[type].stream in seen}
        assert streams == set(readers.split()), type


def test_c_every_command_has_its_senders():
    kinds = {kind.__name__: kind for kind in get_args(Command)}
    assert set(SENDERS) == set(kinds), "say who may send a new command"
    for name, kind in kinds.items():
        senders = {role for role in MAY if may(role, object.__new__(kind))}
        assert senders == set(SENDERS[name].split()), name
