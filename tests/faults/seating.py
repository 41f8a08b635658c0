"""Live rooms with everybody in their seat, written straight into the database: where a fault or a load begins."""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.bank.bank import get_question
from app.interview.commands import Start, decide
from app.interview.events import Created
from app.interview.leading import Consent, Drive, Join
from app.interview.persona import DEFAULT
from app.interview.session import MINUTE, Session, apply
from app.live.clock import ServerClock
from app.live.room import SYSTEM, draft
from app.rubric.shelf import get_rubric
from app.storage.db import migrate, open_database, open_log, transaction
from app.storage.log import DRAFT, MAIN, STAFF, About, Content, Decision
from app.storage.tickets import add_guest

MINUTES = 30
POSE = "Design a system that finds fraudulent payments. Where do you begin?"
COOKIE = "sevenstep-room"
STREAMS_OF = {"candidate": (MAIN,), "interviewer": (MAIN, STAFF), "observer": (MAIN,)}
NAMES = {"candidate": "Sam", "interviewer": "Dana", "observer": "Robin"}


@dataclass(frozen=True)
class Wanted:
    """`left` is what is left of the time (ms) when the room begins, None for all of it."""

    left: int | None = None
    driver: str = "human"
    roles: tuple[str, ...] = ("candidate", "interviewer", "observer")


@dataclass(frozen=True)
class Seated:
    """A room that runs: by role, who is in it and the secret of their cookie."""

    session: str
    guests: dict[str, str]
    secrets: dict[str, str]
    due_at: int | None
    is_driven: bool

    def cookie(self, role: str) -> str:
        return f"{COOKIE}={self.secrets[role]}"


async def seat(url: str, wanted: Sequence[Wanted]) -> list[Seated]:
    """On SQLite nobody may serve the file meanwhile."""
    engine = open_database(url)
    migrate(engine)
    log = await open_log(url)
    now = ServerClock(await log.wall()).now
    kept = get_question("payment-fraud", None)
    question, rubric = kept.question, get_rubric()
    content = question.model_dump_json(by_alias=True)
    await log.keep_content(
        Content(kept.sha256, "question", question.slug, question.version, content)
    )
    about = About(question.slug, question.title, "live", DEFAULT, MINUTES, kept.sha256)

    async def create(wish: Wanted) -> tuple[str, Created]:
        id = secrets.token_hex(16)
        created = Created(
            slug=question.slug,
            title=question.title,
            question_sha256=kept.sha256,
            rubric=rubric.about.id,
            rubric_sha256=rubric.sha256,
            persona=DEFAULT,
            mode="live",
            minutes=MINUTES,
            spent_ms=0 if wish.left is None else MINUTES * MINUTE - wish.left,
        )
        first = Decision((draft(created),), DRAFT, None)
        await log.create(id, about, first, actor=SYSTEM, now=now)
        return id, created

    async def begin(
        wish: Wanted, id: str, created: Created, came: dict[str, tuple[str, str]]
    ) -> Seated:
        guests = {role: guest for role, (guest, _) in came.items()}
        receipt = await log.append(
            id,
            actor=SYSTEM,
            cmd=None,
            digest=b"",
            decide=lambda _, at: opened(created, wish, guests, at),
            known=(1, 0),
            now=now,
        )
        due = opened(created, wish, guests, receipt.events[0].at).due_at
        held = {role: secret for role, (_, secret) in came.items()}
        return Seated(id, guests, held, due, wish.driver != "human")

    made = await asyncio.gather(*map(create, wanted))
    came: list[dict[str, tuple[str, str]]] = []
    with transaction(engine) as db:
        for wish, (id, _) in zip(wanted, made, strict=True):
            came.append({})
            for role in wish.roles:
                at = datetime.now(UTC)
                guest, secret = add_guest(db, id, role, NAMES[role], None, None, at, "admitted")
                came[-1][role] = guest.id, secret
    seated = await asyncio.gather(
        *(begin(wish, *one, guests) for wish, one, guests in zip(wanted, made, came, strict=True))
    )
    await log.close()
    engine.dispose()
    return seated


def opened(created: Created, wish: Wanted, guests: dict[str, str], at: int) -> Decision:
    """Everybody has come and agreed, and the question is posed."""
    session = apply(Session(), created, at)
    made = []
    for command in (
        *(Join(guests[role], role, NAMES[role]) for role in wish.roles),
        *(Consent(guests[role]) for role in wish.roles),
        *((Drive(wish.driver),) if wish.driver != "human" else ()),
        Start(POSE),
    ):
        for event in decide(session, command, at):
            session = apply(session, event, at)
            made.append(draft(event))
    return Decision(tuple(made), session.state, session.clock.due_at)
