"""Who is taken for the candidate, and why."""

import pytest

from app.errors import InvalidInput
from app.transcripts import Speaker, Transcript, Turn, assign_roles, swap_roles

ASKS, ANSWERS, WATCHES, UNKNOWN = (
    Speaker.INTERVIEWER,
    Speaker.CANDIDATE,
    Speaker.OBSERVER,
    Speaker.UNKNOWN,
)
ANSWER = "I would collect labels from chargebacks and train boosted trees on card features. " * 4


def turns(*said):
    return [Turn(UNKNOWN, text, name) for name, text in said]


def roles(*said, speaker=None):
    placed, notes = assign_roles(turns(*said), speaker)
    return {t.name: t.speaker for t in placed}, [n.id for n in notes]


@pytest.mark.parametrize(
    "interviewer, candidate",
    [
        ("Interviewer", "Candidate"),
        ("HOST", "Guest"),
        ("Anna (interviewer)", "Ben"),
        ("Anna", "Me"),
        ("Interviewer 1", "Interviewee"),
        ("assistant", "user"),
        ("Q", "A"),
        ("Anna", "Ben - Candidate"),
    ],
)
def test_labels_decide_even_against_habits(interviewer, candidate):
    found, notes = roles((candidate, "Short? Why? How?"), (interviewer, ANSWER))
    assert found == {interviewer: ASKS, candidate: ANSWERS}
    assert notes == []


def test_without_labels_who_talks_and_is_asked_is_the_candidate():
    found, notes = roles(("Kim", "Design a fraud detector. How would you start?"), ("Lee", ANSWER))
    assert found == {"Kim": ASKS, "Lee": ANSWERS}
    assert notes == ["roles-guessed"]


def test_the_reason_is_shown():
    _, notes = assign_roles(turns(("Kim", "Design a feed. How?"), ("Lee", ANSWER)))
    assert "Lee" in notes[0].message and "% of the words" in notes[0].message
    assert "fewest questions" in notes[0].message and "task" in notes[0].message


def test_questions_count_without_question_marks():
    found, _ = roles(
        ("Kim", "how would you design the feed\nwhat about labels\n" + "and " * 60),
        ("Lee", "so we take clicks and rank them " * 9),
    )
    assert found == {"Kim": ASKS, "Lee": ANSWERS}


def test_a_third_person_watches_unless_they_ask_much():
    said = [("Kim", "What? Why? How? When?"), ("Lee", ANSWER), ("Max", "Thanks.")]
    assert roles(*said)[0] == {"Kim": ASKS, "Lee": ANSWERS, "Max": WATCHES}
    said[2] = ("Max", "What? Why? How?")
    assert roles(*said)[0] == {"Kim": ASKS, "Lee": ANSWERS, "Max": ASKS}


def test_naming_the_candidate_makes_all_others_interviewers():
    said = [("Kim Ito", "How?"), ("Lee", ANSWER), ("Max", "Hm.")]
    assert roles(*said, speaker="kim") == ({"Kim Ito": ANSWERS, "Lee": ASKS, "Max": ASKS}, [])


def test_a_whole_name_wins_over_a_longer_one():
    said = [("Speaker 1", "How?"), ("Speaker 10", ANSWER)]
    assert roles(*said, speaker="speaker 1")[0]["Speaker 1"] is ANSWERS


@pytest.mark.parametrize(
    "name, said", [("Spe", "More than one"), ("Zoe", "Speaker 1, Speaker 2"), ("", "Nobody")]
)
def test_a_name_that_does_not_fit_is_explained(name, said):
    with pytest.raises(InvalidInput, match=said):
        assign_roles(turns(("Speaker 1", "How?"), ("Speaker 2", "So.")), name)


def test_nameless_text_has_no_one_to_choose():
    with pytest.raises(InvalidInput, match="names no speakers"):
        assign_roles(turns((None, ANSWER)), "Sam")


def test_nameless_text_is_the_candidates():
    assert roles((None, ANSWER)) == ({None: ANSWERS}, ["no-speaker-names"])


def test_one_speaker_is_the_candidate():
    assert roles(("Lee", ANSWER)) == ({"Lee": ANSWERS}, ["lone-speaker"])


def test_explicit_roles_stay():
    given = [Turn(ASKS, ANSWER, "Lee"), Turn(ANSWERS, "How?", "Kim"), Turn(WATCHES, "Hm.", None)]
    assert assign_roles(given) == (tuple(given), ())


def test_a_known_interviewer_leaves_the_other_as_candidate():
    placed, _ = assign_roles([Turn(ASKS, ANSWER), Turn(UNKNOWN, "How?", "Kim")])
    assert [t.speaker for t in placed] == [ASKS, ANSWERS]


def test_interviewers_alone_leave_nobody_to_score():
    _, notes = assign_roles([Turn(ASKS, ANSWER, "Lee")])
    assert [n.id for n in notes] == ["no-candidate"]


def test_swapping_twice_changes_nothing():
    transcript = Transcript((Turn(ASKS, "How?"), Turn(ANSWERS, "So."), Turn(WATCHES, "Hm.")))
    assert [t.speaker for t in swap_roles(transcript).turns] == [ANSWERS, ASKS, WATCHES]
    assert swap_roles(swap_roles(transcript)) == transcript


def test_two_who_watch_beside_a_known_pair():
    said = [("Interviewer", "Why? How?"), ("Candidate", ANSWER), ("Kim", "Hm."), ("Max", "Hm.")]
    found, _ = roles(*said)
    assert (found["Kim"], found["Max"]) == (WATCHES, WATCHES)
