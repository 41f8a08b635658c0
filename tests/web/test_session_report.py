import pytest

from app.bank.bank import get_question
from app.interview.events import Chose, Created, Ended, Predicted, Spoke, Started, Worded
from app.interview.session import fold
from app.scoring.scorer import score_transcript
from app.transcripts.transcript import Speaker, Transcript, Turn
from app.web.templating import render
from app.web.views.report import report_view
from app.web.views.session_report import check_words, compared, session_report
from app.web.views.words import LEVEL_MEANING, LEVELS

TALK = (
    (0, "interviewer", "Design the system that looks at a payment and settles it.", False),
    (20, "candidate", "How many payments a day do we see, and how rare is fraud?", False),
    (40, "interviewer", "Forty million a day.", False),
    (
        60,
        "candidate",
        "The business goal is to lose less money to fraud without refusing honest payers, because "
        "a refused payer leaves. I frame it as binary classification of a payment at the moment of "
        "the verdict, and start with a simple baseline of three rules before any boosted trees.",
        False,
    ),
    (120, "interviewer", "How do you weigh the two mistakes?", False),
    (
        140,
        "candidate",
        "A missed fraud costs us the amount of the payment, a false alarm costs us the fee and "
        "some customers, so I set the threshold by expected cost, because the two differ widely.",
        False,
    ),
    (200, "interviewer", "Which alert wakes somebody up?", False),
    (230, "candidate", "Let us leave that aside for the moment and talk of something else.", False),
    (260, "interviewer", "Have you thought about late labels?", True),
)
MOVES = (
    Chose("answer", "said", answers=1, turn=2, facts=("volume",)),
    Chose("press", "said", answers=3, turn=4, criterion="cost-of-errors"),
    Chose("press", "quiet", answers=5, turn=6, criterion="alerts-and-owners"),
    Chose("hint", "hint", turn=8),
    Chose("press", "said", follow_up="accuracy-trap"),
)


@pytest.fixture(scope="module")
def played(standards):
    return made(standards)


def made(standards, guesses=None, wordings=()):
    question = get_question("payment-fraud").question
    created = Created(
        "payment-fraud", question.title, "q", "seven-step", "r", "neutral", "practice", 45
    )
    events = [
        created,
        Started(),
        *(Spoke(who, text, at * 1000, hint) for at, who, text, hint in TALK),
    ]
    events += [*MOVES, Ended("finished")]
    events += wordings
    if guesses:
        events.append(Predicted(guesses))
    session = fold([(event, 1_000 * n) for n, event in enumerate(events)])
    transcript = Transcript(
        tuple(Turn(Speaker(who), text, at=float(at)) for at, who, text, _ in TALK)
    )
    knowledge = standards.knowledge()
    report = score_transcript(transcript, knowledge)
    rubric = knowledge.rubric
    return session_report("s1", session, question, report, rubric, transcript), (
        report_view(report, transcript, rubric, transcript_at="")
    )


def test_facts_are_told_apart_by_whether_they_were_asked_for(played):
    view, _ = played
    assert [(line.about, line.at) for line in view.asked] == [("Payments per day", 40.0)]
    assert "Payments per day" not in {line.about for line in view.never}
    assert len(view.never) > 20


def test_a_push_is_answered_by_words_that_meet_it(played):
    view, _ = played
    assert [(push.at, push.answered) for push in view.pushes] == [(120.0, True), (200.0, False)]
    assert view.ducked == 1


def test_hints_and_traps_are_named(played):
    view, _ = played
    assert view.hints == ((260.0, "Have you thought about late labels?"),)
    assert len(view.traps) == 1


def test_minutes_stand_beside_their_budget(played):
    view, _ = played
    assert [step.budget for step in view.times] == [6, 5, 8, 8, 7, 5, 3]
    assert all(0 <= step.spent_width <= 1000 and 0 < step.budget_x <= 1000 for step in view.times)
    assert "Never touched" in view.all_touched


@pytest.mark.parametrize(
    "guessed, given, words",
    [
        (2.0, 2.4, "as you thought"),
        (3.0, 1.5, "1.5 lower than you thought"),
        (1.0, 3.0, "2 higher than you thought"),
        (None, 2.0, "no guess"),
        (2.0, None, "not judged"),
    ],
)
def test_a_guess_is_compared_in_words(guessed, given, words):
    assert compared(guessed, given) == words


def test_a_skipped_guess_leaves_no_table(played, standards):
    assert played[0].guesses == ()
    assert made(standards, {"data": None})[0].guesses == ()
    assert len(made(standards, {"data": 2.0})[0].guesses) == 7


def test_the_reference_is_on_the_page_of_a_session_only(played):
    view, report = played
    given = {
        "view": report,
        "name": "A session",
        "levels": list(zip(LEVELS, LEVEL_MEANING, strict=True)),
    }
    alone = render("reports/_report.html", **given)
    whole = render("reports/_report.html", **given, played=view)
    assert view.baseline[:20] not in alone
    assert all(text[:20] in whole for text in (view.baseline, view.reference[0][1]))
    assert 'action="/sessions/s1/branch"' in whole


def worded(turn, by, *checks, **more):
    return Worded(turn, by, "voice/moves/press", 2, "p" * 64, "speaks", checks=checks, **more)


def test_who_worded_the_interviewers_lines_is_told_for_audit(standards):
    wordings = [
        worded(2, "model", "ok", tokens_in=900, tokens_out=30, cost=0.0042, first_ms=310),
        worded(4, "model", "leak", "ok", first_ms=500, whole_ms=900, cut=True),
        worded(6, "script", "slow"),
        worded(99, "script", "slow"),
    ]
    view, report = made(standards, wordings=wordings)
    assert [(line.at, line.by, line.tokens) for line in view.lines] == [
        (40.0, "speaks", 930),
        (120.0, "speaks", 0),
        (200.0, "the script", 0),
    ]
    given = {
        "view": report,
        "name": "A session",
        "levels": list(zip(LEVELS, LEVEL_MEANING, strict=True)),
    }
    html = render("reports/_report.html", **given, played=view)
    for words in (
        "2 of 3 were worded by a model",
        "it tells what has not been asked for, then: in order",
        "its first word did not come in time",
        "cut short",
        "310 ms",
        "0.0042",
        "voice/moves/press, version 2",
    ):
        assert words in html
    assert "Who worded" not in render("reports/_report.html", **given, played=made(standards)[0])


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ("ok", "in order"),
        (
            "praise number",
            "it praises or agrees where it must not; it holds a number that was not given",
        ),
        ("from-a-later-version", "from-a-later-version"),
    ],
)
def test_a_check_is_said_in_words(check, said):
    assert check_words(check) == said
