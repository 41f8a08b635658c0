"""Who may open a question's guide, who may change it, and under which name they do."""

from typing import Annotated

from fastapi import Depends

from app.errors import SevenstepError
from app.storage.db import transaction
from app.storage.revisions import Author, answers_shown
from app.web.deps import Deps, Home
from app.web.principal import Asker, Principal

LOCAL = "somebody at this machine"
NOT_CURATING = (
    "Curators change questions and the rubric. Ask for an invitation as one: "
    "sevenstep invite curator NAME."
)
NOT_READING = "The guide of a question is for curators and interviewers."


class NotCurating(SevenstepError):
    """Known here, but not as somebody who may."""

    status = 403


def curating(asker: Asker) -> Principal:
    if not asker.may_curate:
        raise NotCurating(NOT_CURATING)
    return asker


def guiding(asker: Asker) -> Principal:
    """Also those who lead interviews: they hold the guide in their hands."""
    if not (asker.may_curate or asker.may_lead):
        raise NotCurating(NOT_READING)
    return asker


Curator = Annotated[Principal, Depends(curating)]
Guide = Annotated[Principal, Depends(guiding)]


def author_of(asker: Principal) -> Author:
    """As the journal names them."""
    if asker.person is not None:
        return Author(asker.person.name, asker.person.id)
    return Author("the owner" if asker.sees_all else LOCAL)


def may_see_answers(home: Home, asker: Principal, slug: str) -> bool:
    """Where one person curates and practises, each question is opened on purpose, and then counts as seen before."""
    if not asker.is_alone:
        return True
    with transaction(home.engine) as db:
        return slug in answers_shown(db)


class AnswersFirst(SevenstepError):
    """Somebody alone on a machine has not asked for this question's answers yet."""

    status = 409


def seeing_answers(home: Deps, asker: Guide, slug: str) -> Principal:
    if not may_see_answers(home, asker, slug):
        raise AnswersFirst(
            f"This holds the answers to a question that you may want to practise. Open them on its page first: "
            f"/questions/{slug:.60}"
        )
    return asker


def editing(asker: Annotated[Principal, Depends(seeing_answers)]) -> Principal:
    if not asker.may_curate:
        raise NotCurating(NOT_CURATING)
    return asker


Reading = Annotated[Principal, Depends(seeing_answers)]  # of a route with a slug
Editing = Annotated[Principal, Depends(editing)]
