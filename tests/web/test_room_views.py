import re

import pytest

from app.web.templating import environment, render
from app.web.views import room

STEPS = (("requirements", 6), ("framing", 5), ("data", 8), ("monitoring", 3))


@pytest.mark.parametrize(
    "heard, state, fill",
    [
        (room.Covered(0, 8), "not yet", 0),
        (room.Covered(0, 8, touched=True), "touched", 0),
        (room.Covered(1, 8), "partly", 25),
        (room.Covered(4, 8), "covered", 100),
        (room.Covered(3, 7), "partly", 86),
    ],
)
def test_a_step_says_in_words_how_much_is_covered(heard, state, fill):
    step = room.stepper([("data", 8)], minutes=45, covered={"data": heard})[0]
    assert (step.state, step.fill) == (state, fill)


@pytest.mark.parametrize(
    "minutes, planned", [(45, [6, 5, 8, 3]), (90, [12, 10, 16, 6]), (30, [4, 3, 5, 2])]
)
def test_the_plan_stretches_with_the_time(minutes, planned):
    assert [step.minutes for step in room.stepper(STEPS, minutes=minutes)] == planned


def test_without_a_clock_the_plan_is_the_rubrics():
    assert [s.minutes for s in room.stepper(STEPS, minutes=None)] == [6, 5, 8, 3]


def test_an_exam_shows_minutes_and_nothing_that_was_heard():
    steps = room.stepper(STEPS, minutes=45, covered={"data": room.Covered(8, 8)}, now="data")
    shown = {mode: render("rooms/_stepper.html", steps=steps, mode=mode) for mode in MODES}
    assert "covered" in shown["practice"] and 'class="fill"' in shown["practice"]
    assert "covered" not in shown["exam"] and 'class="fill"' not in shown["exam"]
    assert all('aria-current="step"' in html for html in shown.values())


MODES = ("practice", "exam")


def test_words_of_people_cannot_become_markup():
    turn = room.RoomTurn(3, "candidate", "<script>alert(1)</script>\n\n2 < 3", 192_000, late=True)
    html = room.turn_fragment(turn)["html"]
    assert "<script>" not in html and "2 &lt; 3" in html
    assert "03:12" in html and "late" in html and 'id="turn-3"' in html


def test_a_fragment_and_the_page_show_a_turn_alike():
    turn = room.RoomTurn(0, "interviewer", "Design it.", 0, hint=True)
    assert room.turn_fragment(turn)["html"] in page(turns=(turn,))


def test_the_page_says_where_it_stands():
    html = page(state="running", left=600_000, seq=7, eid="abc")
    for part in ('data-seq="7"', 'data-eid="abc"', 'data-left="600000"', ">10:00<", "<noscript>"):
        assert part in html


@pytest.mark.parametrize("state, hidden", [("draft", True), ("running", False), ("ended", False)])
def test_the_prompt_waits_for_the_clock(state, hidden):
    shown = re.search(r'<p class="asked"([^>]*)>', page(state=state))[1]
    assert ("hidden" in shown) == hidden


def test_an_exam_has_no_pause_no_hint_and_no_more_time():
    assert all(f'data-do="{what}"' in page() for what in ("pause", "extend", "hint"))
    exam = page(mode="exam")
    assert not any(f'data-do="{what}"' in exam for what in ("pause", "extend", "hint"))


def test_without_a_clock_the_time_spent_is_shown():
    html = page(minutes=None, left=None, spent=61_000)
    assert ">01:01<" in html and "Time spent" in html and 'data-do="extend"' not in html


def test_what_was_written_comes_back_to_its_section():
    parts = room.sections(room.stepper(STEPS, minutes=45), {"data": ("\n- 2 < 3", 9)})
    html = page(sections=parts)
    assert 'id="doc-data" data-section="data" data-base="9"' in html
    assert "\n\n- 2 &lt; 3</textarea>" in html


def test_nothing_is_styled_or_scripted_inside_the_page():
    for name in ("rooms", "practise", "sessions"):
        for template in environment().list_templates():
            if template.startswith(name):
                text = environment().loader.get_source(environment(), template)[0]
                assert not re.search(r'\sstyle=|\son\w+="|<script(?! type="module" src=)', text)


def page(**changes):
    given = {
        "id": "s1",
        "title": "A size that fits",
        "prompt": "Design it.",
        "about": ("Shopping",),
        "persona": "Neutral",
        "mode": "practice",
        "state": "running",
        "minutes": 45,
        "left": 2_700_000,
        "spent": 0,
        "seq": 0,
        "eid": "",
        "stepper": room.stepper(STEPS, minutes=45),
        "turns": (),
        "sections": (),
    }
    view = room.RoomView(**{**given, **changes})
    return render("rooms/room.html", theme="auto", path="/sessions/s1", room=view)
