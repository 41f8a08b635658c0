"""What a candidate may read: the parts that were chosen, and not a byte of the rest."""

import re
from html import unescape

import pytest

from tests.web.live.held import Browser, Held, service
from tests.web.test_sessions import STRONG

DOCUMENT = "Alert on drift of the score each hour."
PRIVATE = ("PRIVATE", "REASON", "SUMMARY", "Dana", "Ben", "lean_no", "Leaning no", "offline-1")
"""Notes, reasons, the summary, names of interviewers, the decision: never in what a reader is sent."""


@pytest.fixture
def client(tmp_path, standards):
    with service(tmp_path, standards) as client:
        yield client


@pytest.fixture
def held(client):
    """Marked and settled; Ben's blind marks differ from the final ones."""
    held = Held(client, ("Ben", "interviewer")).talk()
    held.mark()
    held.mark(held.others["Ben"], data="0", serving="0")
    reasons = {"reason.data": "REASON", "summary": "SUMMARY", "decision": "lean_no"}
    assert held.settle(**reasons, **{"level.data": "2"}).status_code == 303
    return held


def share(held, *parts, **fields):
    answer = held.host.post(f"{held.address}/share", parts=list(parts), **fields)
    assert answer.status_code in (200, 303), answer.text
    return answer


def reader(held, *parts, **fields):
    """Somebody who has the link and nothing else."""
    shown = share(held, *parts, link="yes", **fields)
    address = unescape(re.search(r'value="(http[^"]*/join#[^"]+)"', shown.text)[1])
    browser = Browser(held.client)
    came = browser.post(f"{held.address}/join", code=address)
    assert came.headers["location"] == f"{held.address}/shared"
    return browser


def read(held, browser):
    answer = browser.get(f"{held.address}/shared")
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def test_the_candidate_finds_nothing_before_anything_is_shared(held):
    assert "Nothing has been shared yet" in read(held, held.candidate)
    assert "<article" not in read(held, held.candidate)


@pytest.mark.parametrize(
    "part, shown",
    [
        ("transcript", "We predict fraud as a binary classification"),
        ("document", "Alert on drift"),
        ("marks", "2 of 4, adequate"),
        ("evidence", "<q>"),
        ("feedback", "ADVICE: keep counting"),
    ],
)
def test_a_part_is_shown_where_it_is_chosen_and_only_there(held, part, shown):
    held.host.post(f"{held.address}/feedback", text="ADVICE: keep counting", cmd="one")
    browser = reader(held, part, message="Thank you, Sam.")
    page = read(held, browser)
    assert shown in page and "Thank you, Sam." in page
    others = {
        "transcript": ("How would you begin?", "<li id="),
        "document": (DOCUMENT + "</p>",),
        "marks": (" of 4", "adequate"),
        "evidence": ("<q>", "<mark"),
        "feedback": ("ADVICE",),
    }
    for other, traces in others.items():
        assert other == part or not any(trace in page for trace in traces), other
    for secret in PRIVATE:
        assert secret not in page, secret
    share(held)
    assert shown not in read(held, browser)


def test_with_everything_shared_blind_marks_names_and_reasons_still_stay(held):
    browser = reader(held, "transcript", "document", "marks", "evidence", "feedback")
    for page in (read(held, browser), read(held, held.candidate)):
        assert "2 of 4, adequate" in page and STRONG[:60] in page
        assert "0 of 4" not in page
        for secret in PRIVATE:
            assert secret not in page, secret
        for href in re.findall(r'class="quote" href="#([\w-]+)"', page):
            assert f'id="{href}"' in page


def test_a_reader_gets_nothing_else_of_the_room(held):
    browser = reader(held, "marks")
    for path in ("marks", "compare", "card", "card.json", "card.md", "feedback", "lobby"):
        assert browser.get(f"{held.address}/{path}").status_code == 404
    assert browser.post(f"{held.address}/share", parts=["transcript"]).status_code == 404
    assert browser.get(f"{held.address}/next").headers["location"] == held.address


def test_a_link_that_was_revoked_opens_nothing_more(held):
    browser = reader(held, "marks")
    tickets = re.findall(r"tickets/(\w+)/revoke", held.host.get(f"{held.address}/lobby").text)
    for ticket in tickets:
        held.host.post(f"{held.address}/tickets/{ticket}/revoke")
    assert browser.get(f"{held.address}/shared").status_code == 404


def test_only_who_marked_shares_and_what_is_too_long_is_not_cut(client):
    held = Held(client, ("Ben", "interviewer")).talk()
    held.mark()
    held.settle()
    refused = held.others["Ben"].post(f"{held.address}/share", parts=["marks"])
    assert refused.headers["location"].endswith("/marks")
    long = held.host.post(f"{held.address}/share", message="x" * 8001)
    assert long.status_code == 422
    assert "Nothing has been shared yet" in read(held, held.candidate)


def test_observers_and_strangers_find_no_such_page(client):
    held = Held(client, ("Robin", "observer")).talk()
    held.mark()
    held.settle()
    share(held, "marks")
    for browser in (held.others["Robin"], Browser(client)):
        assert browser.get(f"{held.address}/shared").status_code == 404


def test_feedback_goes_both_ways_and_to_the_other_side_only(held):
    ben, sam, address = held.others["Ben"], held.candidate, f"{held.address}/feedback"
    assert held.host.post(address, text="ADVICE for Sam", cmd="a").status_code == 303
    assert sam.post(address, text="WORDS for you", cmd="b").status_code == 303
    assert "ADVICE for Sam" in sam.get(address).text
    for host in (held.host, ben):
        assert "WORDS for you" in host.get(address).text
    assert "ADVICE for Sam" not in ben.get(address).text
    assert Browser(held.client).get(address).status_code == 404


def test_feedback_that_is_sent_twice_is_there_once_and_an_empty_one_is_refused(held):
    address = f"{held.address}/feedback"
    for text in ("WORDS", "WORDS", "WORDS, and more"):
        held.candidate.post(address, text=text, cmd="same")
    assert held.host.get(address).text.count("<blockquote") == 2
    empty = held.candidate.post(address, text="  ", cmd="other")
    assert empty.status_code == 422 and "nothing to send" in empty.text
    long = held.candidate.post(address, text="y" * 8001, cmd="long")
    assert long.status_code == 422 and "y" * 8001 in long.text
