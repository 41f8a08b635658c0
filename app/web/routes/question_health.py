"""How the bank is, and how one question is: coverage, gaps, near-duplicates, the linter, and what sessions say."""

from dataclasses import dataclass, replace

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.bank.card import card_of
from app.bank.experience import BASED_ON, LEAST, Experience
from app.bank.health import Health, Napkin, health, napkin
from app.bank.question import Question
from app.bank.similar import Alike, Pair, similar
from app.concepts.words import Reader
from app.content import Told
from app.rubric.rubric import STEPS
from app.storage.desk import Standing
from app.web.curators import Curator, Editing
from app.web.deps import Deps, Home, in_thread, own, page
from app.web.experiences import experience_of
from app.web.proof import Proofs
from app.web.question_page import question_page
from app.web.routes.questions import opened_by

router = APIRouter(prefix="/questions", include_in_schema=False)


def proofs_of(request: Request) -> Proofs:
    return own(request, "proofs", Proofs)


@dataclass(frozen=True, slots=True)
class BankHealth:
    """`linted` of the questions have been through the linter in this process. Of those whose answers are `shut` to the
    asker only the number of problems is told: the sentences quote what is hidden."""

    health: Health
    linted: int
    titles: dict[str, str]
    sessions: int
    shut: frozenset[str]


@router.get("/health")
async def show(request: Request, home: Deps, asker: Curator, lint: str = "") -> Response:
    opened = await in_thread(opened_by, home, asker)
    view = await in_thread(_bank_health, home, proofs_of(request), opened, run_lint=bool(lint))
    return page(request, "questions/health.html", view=view, steps=STEPS)


def _bank_health(
    home: Home, proofs: Proofs, opened: frozenset[str] | None, *, run_lint: bool
) -> BankHealth:
    """Facts that read alike are shown of `opened` questions only, or of all where that is None."""
    rubric, standings = home.standards.rubric(), home.desk.everything()
    told: dict[str, tuple[Told, ...] | None] = {}
    for slug, standing in standings.items():
        told[slug] = (
            proofs.of(home, standing.latest, home.desk.text(standing))
            if run_lint
            else proofs.known(home, standing.latest)
        )
    questions = {slug: standing.latest.question for slug, standing in standings.items()}
    experienced = experience_of(home)
    found = health(
        questions,
        [card_of(s.latest.question, s.latest.sha256, rubric) for s in standings.values()],
        rubric,
        pairs=[
            pair if opened is None or {pair.slug, pair.other} <= opened else replace(pair, parts=())
            for pair in _alike(questions, Reader(rubric.lexicon))
        ],
        problems={slug: [one.sentence for one in said or ()] for slug, said in told.items()},
        experience=experienced.by_slug,
    )
    linted = sum(said is not None for said in told.values())
    titles = {slug: question.title for slug, question in questions.items()}
    shut = frozenset() if opened is None else frozenset(titles) - opened
    return BankHealth(found, linted, titles, experienced.sessions, shut)


def _alike(questions: dict[str, Question], reader: Reader) -> list[Pair]:
    return similar([q for q in questions.values() if q.status != "retired"], reader)


@dataclass(frozen=True, slots=True)
class Item:
    """A fact or follow-up and what became of it; `separates` is None where there are too few sessions."""

    id: str
    text: str
    asked: int
    landed: str
    separates: float | None


@dataclass(frozen=True, slots=True)
class QuestionHealth:
    experience: Experience
    facts: tuple[Item, ...]
    follow_ups: tuple[Item, ...]
    napkin: Napkin
    problems: tuple[Told, ...]
    pairs: tuple[Pair, ...]


@router.get("/{slug}/health")
async def show_one(request: Request, home: Deps, asker: Editing, slug: str) -> Response:
    standing = await in_thread(home.desk.standing, slug)
    view = await in_thread(_question_health, home, proofs_of(request), standing)
    return question_page(
        request,
        "question_health.html",
        standing,
        "health",
        view=view,
        all_steps=STEPS,
        least=LEAST,
        based_on=BASED_ON,
    )


def _question_health(home: Home, proofs: Proofs, standing: Standing) -> QuestionHealth:
    question, slug = standing.latest.question, standing.slug
    reader = Reader(home.standards.rubric().lexicon)
    experience = experience_of(home).of(slug)
    others = [one.latest.question for s, one in home.desk.everything().items() if s != slug]
    return QuestionHealth(
        experience,
        facts=tuple(_fact(experience, fact.id, fact.about) for fact in question.facts),
        follow_ups=tuple(_follow_up(experience, f.id, f.ask) for f in question.follow_ups),
        napkin=napkin(question, reader),
        problems=proofs.of(home, standing.latest, home.desk.text(standing)),
        pairs=_like(question, others, reader),
    )


def _like(question: Question, others: list[Question], reader: Reader) -> tuple[Pair, ...]:
    """Not the pairs among the others: of thousands those take minutes."""
    if question.status == "retired":
        return ()
    used = (other for other in others if other.status != "retired")
    return tuple(Alike(reader, used).find(question))


def _fact(experience: Experience, id: str, about: str) -> Item:
    found = experience.separation("fact", id)
    return Item(id, about, experience.facts.get(id, 0), "", found.value if found else None)


def _follow_up(experience: Experience, id: str, ask: str) -> Item:
    pushed = experience.follow_ups.get(id)
    found = experience.separation("follow-up", id)
    landed = f"{pushed.landed} of {pushed.judged}" if pushed and pushed.judged else ""
    asked = pushed.asked if pushed else 0
    return Item(id, ask, asked, landed, found.value if found else None)
