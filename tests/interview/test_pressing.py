from app.interview.coverage import Raised
from app.interview.events import Spoke
from app.interview.pressing import Pressing
from app.interview.session import Session


def test_a_note_in_the_document_is_no_bare_statement_even_before_a_turn_follows_it():
    noted = Raised("baseline-first", 1, 1, "boosted trees")
    said = Spoke("candidate", "I take boosted trees.", 0)
    asked = Spoke("interviewer", "What else?", 0)
    assert not Pressing._is_bare(noted, Session(turns=(said,)))
    assert not Pressing._is_bare(noted, Session(turns=(said, asked)))
    assert Pressing._is_bare(
        Raised("baseline-first", 1, 0, "boosted trees"), Session(turns=(said,))
    )
