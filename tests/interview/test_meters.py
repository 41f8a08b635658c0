"""How much the interviewer talks, and which of their turns lead, on sentences of leading.yaml."""

from pathlib import Path

import pytest
import yaml

from app.bank.asking import load_asking
from app.bank.bank import get_question
from app.bank.sheet import FactSheet
from app.interview.clock import InterviewClock
from app.interview.events import Chose, Spoke
from app.interview.meters import leading, talk_ratio
from app.interview.pressing import Pressing
from app.interview.session import MINUTE, Session
from app.rubric.shelf import get_rubric

EXAMPLES = yaml.safe_load((Path(__file__).parent / "leading.yaml").read_text("utf-8"))
SAID = Spoke(
    "candidate",
    "I would train a model on labels, with boosted trees, features from the history, and choose a threshold on a "
    "validation set.",
    0,
)


@pytest.fixture(scope="module")
def pressing_for():
    rubric = get_rubric()

    def built(slug):
        question = get_question(slug).question
        return Pressing(FactSheet(question, rubric.lexicon, load_asking(None)), rubric)

    return built


@pytest.fixture(scope="module")
def pressing(pressing_for):
    return pressing_for("payment-fraud")


def asked(text, *moves):
    return Session(turns=(SAID, Spoke("interviewer", text, 1)), moves=moves)


@pytest.mark.parametrize("text", EXAMPLES["leading"])
def test_a_turn_that_leads_is_noticed_with_its_reason(pressing, text):
    (lead,) = leading(pressing, asked(text))
    assert lead.turn == 1 and len(lead.why.split()) > 3


@pytest.mark.parametrize("text", EXAMPLES["neutral"])
def test_a_turn_that_leaves_it_open_is_not(pressing, text):
    assert leading(pressing, asked(text)) == ()


def test_of_sentences_that_it_was_not_made_for_it_notices_nearly_half(pressing):
    """Measured: 9 of 20. It is to be quiet rather than wrong."""
    noticed = sum(bool(leading(pressing, asked(text))) for text in EXAMPLES["unseen"])
    assert noticed >= 8


def test_questions_that_authors_wrote_for_other_problems_seldom_count(pressing):
    """Measured: 5 of 802 sentences that no author meant to lead."""
    texts = [
        text
        for slug in ("news-feed", "ad-click", "delivery-eta", "photo-search", "similar-listings")
        for question in [get_question(slug).question]
        for text in (*(f.ask for f in question.follow_ups), *(t.ask for t in question.traps))
    ]
    noticed = sum(bool(leading(pressing, asked(text))) for text in texts)
    assert len(texts) > 150 and noticed <= 0.02 * len(texts)


def test_what_the_author_wrote_for_this_problem_never_leads(pressing):
    question = pressing.question
    probes = [probe for _, c in pressing.rubric.criteria.values() for probe in c.probes]
    texts = [f.ask for f in question.follow_ups] + [t.ask for t in question.traps] + probes
    assert not [text for text in texts if leading(pressing, asked(text))]


def test_only_a_person_leads(pressing):
    text = "Wouldn't you use a graph?"
    assert leading(pressing, asked(text))
    by_script = Chose("press", "quiet", turn=1)
    assert leading(pressing, asked(text, by_script)) == ()
    fact = Chose("answer", "human", turn=1, facts=("volume",))
    assert leading(pressing, asked("You have forty million payments, right?", fact)) == ()


def test_a_term_may_be_taken_up_once_the_candidate_has_named_it(pressing):
    question = "How would you handle calibration?"
    (lead,) = leading(pressing, asked(question))
    assert lead.why == "it names what the candidate had not said: calibrate"
    said = Spoke("candidate", "The scores must be calibrated.", 0)
    assert leading(pressing, Session(turns=(said, Spoke("interviewer", question, 1)))) == ()


def test_a_word_that_only_looks_like_a_term_is_none(pressing):
    assert leading(pressing, asked("What is their reaction?")) == ()


# talk -------------------------------------------------------------------------------------------
def test_talk_is_counted_in_words_of_people_all_told_and_lately():
    words = lambda n: " ".join(["word"] * n)  # noqa: E731
    session = Session(
        turns=(
            Spoke("interviewer", words(50), 0),
            Spoke("candidate", words(90), MINUTE),
            Spoke("interviewer", words(10), 2 * MINUTE),
            Spoke("candidate", words(30), 9 * MINUTE),
            Spoke("interviewer", words(20), 10 * MINUTE, via="caption"),
            Spoke("interviewer", words(99), 10 * MINUTE),
        ),
        moves=(
            Chose("pose", "start", turn=0),
            Chose("press", "human", turn=2),
            Chose("press", "quiet", turn=5),
        ),
        last_at=11 * MINUTE,
        clock=InterviewClock(None).started(0),
    )
    ratio = talk_ratio(session)
    assert (ratio.interviewer, ratio.candidate) == (30, 120)
    assert ratio.share == 0.2
    assert (ratio.lately_interviewer, ratio.lately_candidate) == (20, 30)
    assert ratio.lately == 0.4


def test_before_anybody_spoke_there_is_no_share():
    ratio = talk_ratio(Session())
    assert ratio.share is None and ratio.lately is None
