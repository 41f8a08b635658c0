from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from app.errors import NotFound
from app.storage import tickets
from app.storage.db import open_database, transaction
from app.storage.people import invite, revoke_person
from tests.storage.writing import begin

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)


@pytest.fixture
async def engine(url, log):
    for session in ("one", "two"):
        await begin(log, session)
    engine = open_database(url)
    yield engine
    engine.dispose()


def make(engine, role="candidate", session="one"):
    with transaction(engine) as db:
        return tickets.make_ticket(db, session, role, "maker", NOW, LATER)


def come(engine, ticket, name="Sam", state="waiting", person=None, session="one"):
    with transaction(engine) as db:
        role = "candidate" if ticket is None else ticket.role
        id = ticket and ticket.id
        return tickets.add_guest(db, session, role, name, id, person, NOW, state)


def asked(engine, what, *given):
    with transaction(engine) as db:
        return what(db, *given)


async def test_a_link_opens_its_own_session_until_it_ends(engine):
    ticket, secret = make(engine)
    assert asked(engine, tickets.use_ticket, secret, "one", NOW) == ticket
    assert asked(engine, tickets.use_ticket, secret, "one", NOW) == ticket
    for other, session, when in (
        (secret, "two", NOW),
        (secret, "one", LATER),
        (secret[:-1], "one", NOW),
        (ticket.id, "one", NOW),
        ("", "one", NOW),
    ):
        assert asked(engine, tickets.use_ticket, other, session, when) is None


async def test_secrets_are_kept_nowhere_and_ids_are_random(engine):
    made = [make(engine) for _ in range(30)]
    came = [come(engine, made[0][0]) for _ in range(30)]
    with engine.connect() as db:
        kept = str(db.execute(text("SELECT * FROM ticket")).all())
        kept += str(db.execute(text("SELECT * FROM participant")).all())
    for one, secret in (*made, *came):
        assert len(secret) == 43 and secret not in kept
        assert len(one.id) == 32 and int(one.id, 16) >= 0
    assert len({one.id[:8] for one, _ in (*made, *came)}) == 60


async def test_a_guest_is_known_in_their_room_alone(engine):
    guest, secret = come(engine, make(engine)[0])
    assert asked(engine, tickets.guest_of, "one", secret, NOW) == guest
    assert asked(engine, tickets.guest_of, "two", secret, NOW) is None
    assert asked(engine, tickets.guest_of, "one", guest.id, NOW) is None
    admitted = asked(engine, tickets.admit_guest, "one", guest.id)
    assert admitted.state == "admitted"
    assert asked(engine, tickets.guest_of, "one", secret, NOW) == admitted


async def test_q_a_revoked_link_shows_out_who_came_by_it(engine):
    ticket, code = make(engine)
    other, _ = make(engine, "observer")
    sam, sam_secret = come(engine, ticket, "Sam", "admitted")
    ola, ola_secret = come(engine, other, "Ola", "admitted")
    assert asked(engine, tickets.still_in, [sam.id, ola.id, "x"]) == {sam.id, ola.id}
    asked(engine, tickets.revoke_ticket, "one", ticket.id, NOW)
    assert asked(engine, tickets.use_ticket, code, "one", NOW) is None
    assert asked(engine, tickets.guest_of, "one", sam_secret, NOW) is None
    assert asked(engine, tickets.guest_of, "one", ola_secret, NOW) == ola
    assert asked(engine, tickets.still_in, [sam.id, ola.id]) == {ola.id}
    with pytest.raises(NotFound):
        asked(engine, tickets.admit_guest, "one", sam.id)
    listed = {t.id: t.revoked_at for t in asked(engine, tickets.list_tickets, "one")}
    assert listed == {ticket.id: NOW, other.id: None}


async def test_q_a_revoked_person_has_no_place_either(engine):
    ada, _ = asked(engine, invite, "interviewer", "Ada", NOW)
    guest, secret = come(engine, None, "Ada", "admitted", ada.id)
    assert asked(engine, tickets.guest_of_person, "one", ada.id) == guest
    asked(engine, revoke_person, ada.id, NOW)
    assert asked(engine, tickets.guest_of, "one", secret, NOW) is None
    assert asked(engine, tickets.guest_of_person, "one", ada.id) is None
    assert asked(engine, tickets.still_in, [guest.id]) == frozenset()


async def test_b_another_rooms_links_and_guests_cannot_be_reached(engine):
    ticket, _ = make(engine)
    guest, _ = come(engine, ticket)
    for what, *given in (
        (tickets.revoke_ticket, "two", ticket.id, NOW),
        (tickets.admit_guest, "two", guest.id),
        (tickets.set_guest_state, "two", guest.id, "out"),
        (tickets.renew_guest, "two", guest.id),
        (tickets.find_guest, "two", guest.id),
    ):
        with pytest.raises(NotFound):
            asked(engine, what, *given)
    assert asked(engine, tickets.list_guests, "one") == [guest]
    assert asked(engine, tickets.list_tickets, "one") == [ticket]
    assert asked(engine, tickets.list_guests, "two") == []


async def test_q_a_new_cookie_voids_the_old_one(engine):
    guest, old = come(engine, make(engine)[0])
    new = asked(engine, tickets.renew_guest, "one", guest.id)
    assert asked(engine, tickets.guest_of, "one", old, NOW) is None
    assert asked(engine, tickets.guest_of, "one", new, NOW) == guest


async def test_whose_room_it_is_is_who_leads_it(engine):
    def place(role, state, person, session):
        given = (session, role, person, None, person, NOW, state)
        return asked(engine, tickets.add_guest, *given)[0]

    place("interviewer", "waiting", "a", "one")
    place("candidate", "admitted", "a", "one")
    mine = place("interviewer", "admitted", "a", "two")
    assert asked(engine, tickets.sessions_of_person, "a") == ["two"]
    assert asked(engine, tickets.leading_place, "two", "a") == mine
    assert asked(engine, tickets.leading_place, "one", "a") is None
