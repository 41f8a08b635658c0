"""Two who practise on one another change sides: another session, another role, agreed to again, scored apart."""

import pytest

from tests.web.live.held import Browser, Held, service
from tests.web.test_sessions import STRONG


@pytest.fixture
def client(tmp_path, standards):
    with service(tmp_path, standards) as client:
        yield client


def follow(browser, held):
    answer = browser.get(f"{held.address}/next")
    assert answer.status_code == 303
    return answer.headers["location"]


@pytest.fixture
def held(client):
    return Held(client, ("Robin", "observer")).talk()


def test_both_go_on_in_the_other_role_and_agree_again(held):
    swapped = held.host.post(f"{held.address}/swap", slug="news-feed")
    assert swapped.headers["location"] == f"{held.address}/next"
    new = follow(held.host, held)
    assert new != held.address and follow(held.candidate, held) == new
    for browser in (held.host, held.candidate):
        assert f'action="{new}/consent"' in browser.get(new).text
        assert browser.post(f"{new}/consent", agreed="yes").status_code == 303
    with held.candidate.room(new) as lead:
        lead("start")
        lead("ask", text="Who reads the feed?")
    with held.host.room(new) as answer:
        answer("say", text=STRONG)
    with held.candidate.room(new) as lead:
        lead("finish")
    assert held.candidate.get(f"{new}/marks").status_code == 200
    assert held.host.get(f"{new}/marks").status_code == 404


def test_each_session_is_scored_apart(held):
    held.mark(data="0")
    held.settle(**{"level.data": "0"})
    held.host.post(f"{held.address}/swap")
    new = follow(held.host, held)
    room, other = held.room_at(), held.room_at(new)
    assert room.session.led.marks and not other.session.led.marks
    assert other.session.spec.slug == "payment-fraud" and other.session.state == "draft"


def test_sides_are_changed_once_whoever_asks(held):
    for _ in range(3):
        held.host.post(f"{held.address}/swap")
    first = follow(held.host, held)
    held.host.post(f"{held.address}/swap", slug="news-feed")
    assert follow(held.host, held) == first
    assert held.room_at().session.led.next == first.rpartition("/")[2]


def test_the_way_can_be_taken_again_and_leads_to_the_same_place(held):
    held.host.post(f"{held.address}/swap")
    new = follow(held.candidate, held)
    held.candidate.post(f"{new}/consent", agreed="yes")
    follow(held.candidate, held)
    with held.candidate.room(new):
        pass
    room = held.room_at(new)
    assert [person.role for person in room.session.led.people.values()] == ["interviewer"]


def test_who_watched_watches_on(held):
    held.host.post(f"{held.address}/swap")
    robin = held.others["Robin"]
    new = follow(robin, held)
    robin.post(f"{new}/consent", agreed="yes")
    room = held.room_at(new)
    assert [person.role for person in room.session.led.people.values()] == ["observer"]


def test_a_candidate_cannot_swap_and_a_stranger_cannot_follow(held):
    assert held.candidate.post(f"{held.address}/swap").status_code == 404
    assert follow(held.candidate, held) == held.address
    held.host.post(f"{held.address}/swap")
    stranger = Browser(held.client)
    assert stranger.get(f"{held.address}/next").status_code == 404
    new = follow(held.host, held)
    assert stranger.get(new).status_code == 404
