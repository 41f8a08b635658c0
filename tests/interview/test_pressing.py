import pytest

from app.bank.asking import load_asking
from app.bank.bank import get_question
from app.bank.sheet import FactSheet
from app.interview.coverage import Raised
from app.interview.events import Spoke
from app.interview.pressing import Pressing
from app.interview.session import Session
from app.rubric.shelf import get_rubric


@pytest.fixture(scope="module")
def pressing():
    rubric = get_rubric()
    sheet = FactSheet(get_question("payment-fraud").question, rubric.lexicon, load_asking())
    return Pressing(sheet, rubric)


@pytest.mark.parametrize(
    "said, trapped",
    [
        ("I split the payments randomly into train and test.", True),
        ("I do a random split of the data. Careful work on features follows.", True),
        ("A random split of the payments would be misleading, so I cut by date.", False),
        ("Rather than split the rows randomly I take the last weeks.", False),
        ("It's tempting to shuffle the data into train and test, which is a mistake.", False),
        ("We must not split the payments randomly.", False),
    ],
)
def test_who_names_a_mistake_to_warn_of_it_has_not_made_it(pressing, said, trapped):
    assert ("random-cut" in pressing._signs_in(said)) == trapped


def test_a_note_in_the_document_is_no_bare_statement_even_before_a_turn_follows_it():
    noted = Raised("baseline-first", 1, 1, "boosted trees")
    said = Spoke("candidate", "I take boosted trees.", 0)
    asked = Spoke("interviewer", "What else?", 0)
    assert not Pressing._is_bare(noted, Session(turns=(said,)))
    assert not Pressing._is_bare(noted, Session(turns=(said, asked)))
    assert Pressing._is_bare(
        Raised("baseline-first", 1, 0, "boosted trees"), Session(turns=(said,))
    )
