"""Marks of a live interview: alone first, then side by side, then the room's; nothing of the machine before."""

import json
import re

import pytest

from app.rubric.rubric import STEPS
from tests.web.live.held import THREES, Held, service
from tests.web.test_sessions import STRONG


@pytest.fixture
def client(tmp_path, standards):
    with service(tmp_path, standards) as client:
        yield client


@pytest.fixture
def held(client):
    return Held(client).talk()


def levels_of_machine(held):
    """Steps to the offline scorer's levels, as the scorecard has them."""
    card = json.loads(held.host.get(f"{held.address}/card.json").text)
    return {step["id"]: step["machine"] for step in card["steps"]}


def test_the_form_asks_for_every_step_and_remembers_what_was_noted(held):
    page = held.host.get(f"{held.address}/marks").text
    for step in STEPS:
        assert f'name="level.{step}" value="none"' in page
    requirements, evaluation = (
        page[page.index(f'id="{step}"') :].partition("</fieldset>")[0]
        for step in ("requirements", "evaluation")
    )
    assert "PRIVATE asked for the scale at once" in requirements
    assert "PRIVATE moment" in evaluation and "bookmark" in evaluation
    tapped = requirements[requirements.index('name="depth.business-goal"') :]
    assert tapped.partition("selected")[0].endswith('value="3" ')
    assert "met, 1:00" in requirements
    assert "We predict fraud as a binary" in page


def test_before_the_end_there_is_nothing_to_mark(client):
    held = Held(client)
    for path in ("marks", "compare", "card", "feedback"):
        answer = held.host.get(f"{held.address}/{path}")
        assert (answer.status_code, answer.headers["location"]) == (303, held.address)
    assert held.host.get(f"{held.address}/card.json").status_code == 404
    assert held.mark().headers["location"] == held.address
    assert held.host.post(f"{held.address}/swap").status_code == 409


def test_nobody_but_interviewers_marks(client):
    held = Held(client, ("Robin", "observer")).talk()
    for browser in (held.candidate, held.others["Robin"]):
        for path in ("marks", "compare", "card", "card.json", "card.md"):
            assert browser.get(f"{held.address}/{path}").status_code == 404
        assert held.mark(browser).status_code == 404
        assert held.settle(browser).status_code == 404
    assert held.host.get(f"{held.address}/compare").headers["location"].endswith("/marks")


def test_blind_marks_are_whole_and_given_once(held):
    refused = held.host.post(f"{held.address}/marks", **{**THREES, "level.data": ""})
    assert refused.status_code == 422
    assert "Choose for Data" in refused.text
    assert 'name="level.model" value="3" required checked' in refused.text
    assert held.mark(data="5").status_code == 422
    assert held.mark(data="1").headers["location"] == f"{held.address}/compare"
    assert held.mark(data="4").headers["location"] == f"{held.address}/compare"
    page = held.host.get(f"{held.address}/compare").text
    assert len(re.findall(r'value="1" checked', page)) == 1
    assert held.host.get(f"{held.address}/marks").headers["location"].endswith("/compare")


def test_a_rater_who_has_not_marked_gets_nobody_elses_marks(client):
    """Searched in every byte of every answer, while another rater and the machine have given theirs."""
    held = Held(client, ("Ben", "interviewer")).talk()
    ben = held.others["Ben"]
    held.mark(data="0", serving="0")
    held.settle(**{"reason.data": "REASON of Dana", "summary": "SUMMARY of Dana"})
    card = held.host.get(f"{held.address}/card").text
    assert "REASON of Dana" in card and "SUMMARY of Dana" in card
    answers = [
        ben.get(f"{held.address}{path}")
        for path in ("", "/marks", "/compare", "/card", "/card.json", "/card.md", "/feedback")
    ]
    report = held.room_at().session.report
    answers += [
        ben.get(path)
        for path in (f"/reports/{report}", f"/reports/{report}.json", f"/api/v1/reports/{report}")
    ]
    answers.append(held.settle(ben))
    answers.append(ben.post(f"{held.address}/share", parts=["marks"], link="yes"))
    seen = "\n".join(answer.text for answer in answers)
    assert "We predict fraud as a binary" in seen
    quoted = re.findall(r"<q>(.*?)</q>", card)
    assert quoted
    assert "<q>" not in seen and "<mark" not in seen
    for secret in ("REASON", "SUMMARY", "offline-1", "of 100", "PRIVATE"):
        assert secret not in seen, secret
    assert not re.search(r"(checked|selected)", answers[1].text)
    assert held.mark(ben).status_code == 303
    assert "You are more than a level above Dana." in ben.get(f"{held.address}/compare").text


def test_side_by_side_everybody_who_marked_and_the_scorers_evidence(client):
    held = Held(client, ("Ben", "interviewer")).talk()
    held.mark()
    page = held.host.get(f"{held.address}/compare").text
    assert "Ben has not marked yet" in page
    held.mark(held.others["Ben"], data="none")
    page = held.host.get(f"{held.address}/compare").text
    assert "has not marked yet" not in page
    for href in re.findall(r'class="quote" href="#([\w-]+)"', page):
        assert f'id="{href}"' in page
    assert "more than a level above the scorer" in page


def test_criteria_marked_alone_are_compared_with_the_scorers(held):
    depths = {"depth.business-goal": "0", "depth.scale": "none", "depth.users-and-use": ""}
    held.host.post(f"{held.address}/marks", **THREES, **depths)
    page = held.host.get(f"{held.address}/compare").text
    rows = re.findall(r'<tr><th scope="row">.*?</tr>', page, re.S)
    cells = [re.findall(r"<td>(.*?)</td>", row) for row in rows]
    assert [own for own, _ in cells] == ["absent", "not judged"]
    held.settle()
    card = json.loads(held.host.get(f"{held.address}/card.json").text)
    marked = {c["id"]: c["given"] for step in card["steps"] for c in step["criteria"]}
    assert marked == {"business-goal": [0], "scale": [None]}


def test_a_final_mark_far_from_the_scorers_wants_a_reason_and_loses_no_word(held):
    held.mark()
    refused = held.settle(**{"reason.serving": "", "reason.data": "KEPT as typed"})
    assert refused.status_code == 422
    assert "say why in a sentence for" in refused.text and "KEPT as typed" in refused.text
    assert held.host.get(f"{held.address}/card").headers["location"].endswith("/compare")
    assert held.settle().headers["location"] == f"{held.address}/card"
    machine = levels_of_machine(held)
    near = {f"level.{step}": "0.5" for step, level in machine.items() if level and level < 1.5}
    reasons = {f"reason.{step}": "" for step in STEPS if f"level.{step}" in near}
    assert reasons
    assert held.settle(seen="1", **near, **reasons).status_code == 303


@pytest.mark.parametrize(
    "fields, said",
    [
        ({"level.data": "7"}, "Choose for Data"),
        ({"level.data": "nan"}, "Choose for Data"),
        ({"summary": "x" * 2001}, "shorten the longest"),
        ({"decision": "maybe"}, "Choose a decision"),
    ],
)
def test_what_cannot_be_settled_is_said_and_kept(held, fields, said):
    held.mark()
    refused = held.settle(**{"reason.model": "KEPT", **fields})
    assert refused.status_code == 422
    assert said in refused.text and "KEPT" in refused.text


def test_two_who_settle_at_once_hear_of_one_another(client):
    held = Held(client, ("Ben", "interviewer")).talk()
    ben = held.others["Ben"]
    held.mark()
    held.mark(ben)
    assert held.settle(summary="Dana's").status_code == 303
    late = held.settle(ben, summary="Ben's own words")
    assert late.status_code == 409
    assert "Dana settled the marks while this page was open" in late.text
    assert "Ben&#39;s own words" in late.text
    assert held.settle(ben, seen="1", summary="Ben's own words").status_code == 303
    card = json.loads(held.host.get(f"{held.address}/card.json").text)
    assert (card["settled_by"], card["summary"]) == ("Ben", "Ben's own words")
    assert card["raters"] == ["Dana", "Ben"]
    assert held.settle(ben, seen="2", summary="Ben's own words").status_code == 303
    staff = held.room_at().staff
    assert sum(event.type == "marks.given" for event in staff) == 4


def test_the_card_says_who_judged_what_and_holds_private_notes_only_where_ticked(held):
    held.mark(data="1", serving="none")
    held.settle(
        **{"level.serving": "none", "decision": "lean_yes", "summary": "Clear about costs."}
    )
    page = held.host.get(f"{held.address}/card").text
    shown = page[: page.index('class="tools take"')]
    assert "Leaning yes" in shown and "Clear about costs." in shown
    assert "Dana, alone" in shown and "could not be judged" in shown
    assert "PRIVATE" not in shown
    for face in ("card.json", "card.md"):
        assert "PRIVATE" not in held.host.get(f"{held.address}/{face}").text
        with_note = held.host.get(f"{held.address}/{face}?note=note-0001").text
        assert "PRIVATE asked" in with_note and "PRIVATE moment" not in with_note
    card = json.loads(held.host.get(f"{held.address}/card.json").text)
    levels = {step["id"]: step["level"] for step in card["steps"]}
    assert levels["serving"] is None and levels["data"] == 3.0
    assert (card["chosen"], card["overall"]) == ("lean_yes", 75.0)
    quotes = [quote["quote"] for step in card["steps"] for quote in step["evidence"]]
    assert quotes and all(
        quote in STRONG or quote in "Alert on drift of the score each hour." for quote in quotes
    )


def test_notes_of_another_rater_never_reach_a_card(client):
    held = Held(client, ("Ben", "interviewer")).talk()
    ben = held.others["Ben"]
    held.mark()
    held.mark(ben)
    held.settle()
    assert "PRIVATE" not in ben.get(f"{held.address}/card?note=note-0001&note=note-0002").text
    assert "PRIVATE" not in ben.get(f"{held.address}/card.json?note=note-0001").text


def test_the_candidates_last_words_are_waited_for(client):
    held = Held(client)
    with held.host.room(held.address) as lead:
        lead("start")
    with held.candidate.room(held.address) as answer:
        answer("say", text=STRONG)
    client.clock.ms += 46 * 60_000
    client.portal.call(client.app.state.rooms._expire)
    held.mark()
    wait = held.host.get(f"{held.address}/compare")
    assert "A moment for the last words" in wait.text and "<q>" not in wait.text
    with held.candidate.room(held.address) as answer:
        answer("say", text="And I would alert on drift.")
    assert "And I would alert on drift." in held.host.get(f"{held.address}/compare").text
