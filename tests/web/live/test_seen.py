"""Whether a live room's candidate has met its question before: said where the house knows, and only to interviewers."""

import re

import pytest

from app.storage.db import transaction
from app.storage.seen import seen_before
from tests.web.live.asking import TOKEN, Room, entered, link, secret_of
from tests.web.live.held import service

SEEN = "has met this question here before"


@pytest.fixture
def client(tmp_path, standards):
    with service(tmp_path, standards, token=TOKEN) as client:
        yield client


@pytest.fixture
def host(client):
    return entered(client, secret_of(client, "interviewer", "Ivy"))


def joins(room, browser, name="Pat", role="candidate"):
    code = link(room, role)[0]
    assert browser.post(f"{room.address}/join", code=code, name=name).status_code == 303
    waiting = room.host.get(f"{room.address}/lobby").text
    for id in re.findall(r'name="guest" value="(\w+)"', waiting):
        room.host.post(f"{room.address}/admit", guest=id)
    assert browser.post(f"{room.address}/consent", agreed="yes").status_code == 303
    return waiting


def test_somebody_known_to_the_house_who_had_the_question(client, host):
    pat = entered(client, secret_of(client, "curator", "Pat"))
    first = Room(client, host)
    assert SEEN not in joins(first, pat)
    first.talk()
    again, other = Room(client, host), Room(client, host, slug="news-feed")
    assert SEEN in joins(again, pat)
    assert SEEN in host.get(f"{again.address}/lobby").text
    assert SEEN not in joins(other, pat)
    assert SEEN not in pat.get(again.address).text
    with transaction(client.app.state.home.engine) as db:
        assert len(seen_before(db, again.id)) == 1 and not seen_before(db, first.id)


def test_a_name_alone_is_anybodys(client, host):
    for _ in range(2):
        room = Room(client, host)  # with a candidate called Sam each time
        assert SEEN not in host.get(f"{room.address}/lobby").text
        room.talk()


def test_a_session_that_never_began_showed_nobody_the_question(client, host):
    pat = entered(client, secret_of(client, "curator", "Pat"))
    joins(Room(client, host), pat)
    assert SEEN not in joins(Room(client, host), pat)
