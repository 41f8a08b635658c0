"""The built-in rubric made ready once, and one report of a short interview."""

import pytest

from app.rubric.shelf import get_rubric
from app.scoring.knowledge import Knowledge
from app.scoring.scorer import score_transcript
from app.transcripts import Speaker, Transcript, Turn

ASKED = "Design a system that flags fraudulent card payments."
SAID = (
    "I would start with the goal. We lose two percent of revenue to fraud, so the business wants "
    "fewer losses without turning honest people away. I would frame it as binary classification, "
    "because a payment is either fraudulent or not, and predict the probability of a chargeback.",
    "I assume nobody needs monitoring. Labels come from chargebacks, which arrive after sixty days, "
    "so recent payments have no labels yet. I would split by time and never at random, because a "
    "random split leaks the future. Accuracy is ninety nine percent, so the model is good.",
)


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return Knowledge(get_rubric())


@pytest.fixture(scope="session")
def transcript() -> Transcript:
    turns = [Turn(Speaker.INTERVIEWER, ASKED, "Dana", 0.0)]
    turns += [
        Turn(Speaker.CANDIDATE, text, "Sam", at)
        for text, at in zip(SAID, (21.0, 3725.0), strict=True)
    ]
    return Transcript(tuple(turns), question="payment-fraud")


@pytest.fixture(scope="session")
def report(transcript, knowledge):
    return score_transcript(transcript, knowledge)
