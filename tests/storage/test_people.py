from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from app.errors import InvalidInput, NotFound
from app.storage.db import open_database, transaction
from app.storage.people import (
    LONGEST_NAME,
    invite,
    known_as,
    list_people,
    person_and_key,
    person_of,
    revoke_person,
)

NOW = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def engine(url):
    engine = open_database(url)
    yield engine
    engine.dispose()


def test_a_person_is_known_by_their_secret_alone(engine):
    with transaction(engine) as db:
        ada, secret = invite(db, "curator", "Ada", NOW)
    with transaction(engine) as db:
        assert person_of(db, secret) == ada
        assert (ada.name, ada.role, ada.created_at) == ("Ada", "curator", NOW)
        for other in ("", secret[:-1], secret + "a", ada.id, secret.upper()):
            assert person_of(db, other) is None


def test_a_secret_is_256_bits_and_kept_nowhere(engine):
    with transaction(engine) as db:
        secrets = {invite(db, "admin", "Ada", NOW)[1] for _ in range(50)}
    assert len(secrets) == 50 and all(len(secret) == 43 for secret in secrets)
    with engine.connect() as db:
        kept = str(db.execute(text("SELECT * FROM person")).all())
    assert not any(secret in kept for secret in secrets)


def test_a_revoked_person_is_not_known_any_more(engine):
    with transaction(engine) as db:
        ada, secret = invite(db, "admin", "Ada", NOW)
        bob, _ = invite(db, "admin", "Bob", NOW + timedelta(minutes=1))
    with transaction(engine) as db:
        assert person_and_key(db, ada.id)[0] == ada
        gone = revoke_person(db, ada.id, NOW + timedelta(hours=1))
        assert revoke_person(db, ada.id, NOW + timedelta(hours=9)) == gone
    with transaction(engine) as db:
        assert person_of(db, secret) is None and person_and_key(db, ada.id) is None
        assert list_people(db) == [bob, gone]
        assert gone.revoked_at == NOW + timedelta(hours=1)


def test_nobody_can_be_revoked(engine):
    with transaction(engine) as db, pytest.raises(NotFound, match="no such person"):
        revoke_person(db, "nobody", NOW)


def test_a_person_needs_a_name_that_can_be_read(engine):
    with transaction(engine) as db, pytest.raises(InvalidInput, match="name"):
        invite(db, "admin", " \u200b\u202e\n", NOW)


@pytest.mark.parametrize(
    "given,shown",
    [
        ("  Ada\nLovelace\t", "Ada Lovelace"),
        ("Ada\u202eevil\u202c", "Adaevil"),
        ("\u2066Ada\u2069\u200f", "Ada"),
        ("A\x00d\x1ba", "Ada"),
        ("e\u0301", "é"),
        ("Z" + "\u0301" * 10_000 + "a", "Ź\u0301\u0301a"),
        ("👩\u200d💻 Ada", "👩\u200d💻 Ada"),
        ("\u2028\u2029", ""),
        ("<b>Ada</b>", "<b>Ada</b>"),
        ("x" * 1000, "x" * LONGEST_NAME),
        ("Interviewer", "Interviewer"),
    ],
)
def test_v_a_name_is_one_line_that_turns_nothing_around(given, shown):
    assert known_as(given) == shown
