"""A bundle whose checksum fits but whose content nobody here would have written is refused, not stored."""

import json

import pytest

from app.bank.bank import Shelf
from app.errors import InvalidInput
from app.live.bundle import KIND, SCHEMA, checksum, read_bundle

CREATED = {
    "slug": "payment-fraud",
    "title": "Payment fraud",
    "question_sha256": "0" * 64,
    "rubric": "ml",
    "rubric_sha256": "0" * 64,
    "persona": "neutral",
    "mode": "practice",
    "minutes": 45,
    "branched_from": None,
    "spent_ms": 0,
}
SPOKE = {"speaker": "candidate", "text": "Hello.", "at_ms": 5, "hint": False, "late": False}


def bundle(*events, created=None, at=1_700_000_000_000, **changed):
    question = Shelf(None).published()["payment-fraud"].question.model_dump(mode="json")
    told = [("session.created", CREATED | (created or {})), ("clock.started", {}), *events]
    rest = {
        "schema": SCHEMA,
        "kind": KIND,
        "question_sha256": "0" * 64,
        "question": question,
        "events": [
            {"at": at, "type": type, "actor": "candidate", "body": body} for type, body in told
        ],
        "made": None,
    } | changed
    return json.dumps({**rest, "sha256": checksum(rest)}).encode()


def test_a_sound_one_is_read():
    later = ("invented.later", {"by": "a newer version"})
    events = read_bundle(bundle(("turn.committed", SPOKE), later)).known_events()
    assert [event.type for event, _ in events][-1] == "turn.committed"


@pytest.mark.parametrize(
    "odd",
    [
        {"created": {"minutes": "45"}},
        {"created": {"minutes": 10**17}},
        {"created": {"minutes": -5}},
        {"created": {"spent_ms": -(10**9)}},
        {"created": {"mode": "open"}},
        {"created": {"title": 7}},
        {"created": {"question_sha256": "1" * 64}},
        {"at": -1},
        {"at": 10**30},
    ],
    ids=str,
)
def test_an_odd_beginning_is_refused(odd):
    with pytest.raises(InvalidInput):
        read_bundle(bundle(**odd))


@pytest.mark.parametrize(
    "event",
    [
        ("turn.committed", SPOKE | {"speaker": "boss"}),
        ("turn.committed", SPOKE | {"text": None}),
        ("turn.committed", SPOKE | {"text": ["Hello."]}),
        ("turn.committed", SPOKE | {"text": "\ud800"}),
        ("turn.committed", SPOKE | {"at_ms": "soon"}),
        ("turn.committed", {}),
        ("clock.extended", {"ms": 10**30, "reason": "candidate"}),
        ("document.updated", {"section": "poetry", "text": "Roses.", "at_ms": 1}),
        ("move.chosen", {"kind": "pose", "trigger": "start", "facts": 5}),
        ("move.chosen", {"kind": "pose", "trigger": "start", "turn": -1}),
        ("marks.predicted", {"levels": {"model": "high"}}),
        ("session.created", CREATED),
    ],
    ids=str,
)
def test_an_odd_event_is_refused(event):
    with pytest.raises(InvalidInput):
        read_bundle(bundle(event))
