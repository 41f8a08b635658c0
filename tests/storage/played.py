"""Sessions that a simulated candidate played, kept as a service keeps them."""

from dataclasses import replace
from datetime import UTC, datetime

from app.candidates import make_candidate
from app.commands.practice import lay_table, play
from app.interview.events import Created, body_of
from app.interview.transcript import transcript_of
from app.scoring.scorer import score_transcript
from app.storage import reports
from app.storage.db import transaction
from app.storage.log import NOTHING_KNOWN, About, Content, Decision, Draft

BEGIN = 1_700_000_000_000
TABLE = lay_table  # takes a second: once for a module


def played(table, name, slug="payment-fraud", seed=0):
    kept = table.cast.question(slug)
    candidate = make_candidate(name, kept.question, table.knowledge.rubric, seed)
    return play(table, slug, candidate)


async def keep(log, table, session, play, *, at=BEGIN, until=None, mode="practice"):
    """Its events, at the times at which they happened; with `until` as many as that."""
    spec = replace(play.session.spec, mode=mode)
    kept = table.cast.question(spec.slug)
    await log.keep_content(
        Content(
            kept.sha256,
            "question",
            spec.slug,
            kept.question.version,
            kept.question.model_dump_json(),
        )
    )
    drafts = [
        Draft(
            event.stream,
            event.type,
            body_of(replace(event, mode=mode) if isinstance(event, Created) else event),
            at=at + ms,
        )
        for event, ms in play.events[:until]
    ]
    about = About(spec.slug, spec.title, mode, spec.persona, spec.minutes, kept.sha256)
    await log.create(session, about, Decision((drafts[0],), "draft", None), actor="host", now=int)
    state = "ended" if until is None else "running"
    await log.append(
        session,
        actor="host",
        cmd=None,
        digest=b"",
        decide=lambda newer, now: Decision(tuple(drafts[1:]), state, None),
        known=NOTHING_KNOWN,
        now=int,
    )


def report_on(engine, table, session, play):
    """As the service makes it when somebody asks for it."""
    question = table.cast.question(play.session.spec.slug).question
    transcript = transcript_of(play.session)
    report = score_transcript(transcript, table.knowledge, question_text=question.prompt)
    now = datetime.fromtimestamp(BEGIN / 1000, UTC)
    with transaction(engine) as db:
        source = reports.add_transcript(db, transcript, name=question.title, now=now)
        kept = reports.add_report(db, source, report, table.knowledge.rubric, now=now)
        reports.link_session(db, session, kept.id)
    return report
