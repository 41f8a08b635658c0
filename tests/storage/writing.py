"""Short ways to write to a log, for tests."""

from hashlib import sha256

from app.storage.log import RUNNING, About, Content, Decision, Draft

QUESTION = Content(sha256(b"q").hexdigest(), "question", "parking", 1, '{"title": "Parking"}')
ABOUT = About("parking", "Parking", "practice", "calm", 45, QUESTION.sha256)
S = "0123456789abcdef0123456789abcdef"


def said(*words, stream="main"):
    return tuple(Draft(stream, "turn", {"text": word}) for word in words)


def running(*drafts, due_at=None):
    return Decision(drafts, RUNNING, due_at)


def always(*drafts, state=RUNNING, due_at=None):
    """A decision that does not depend on what came before."""
    return lambda newer, now: Decision(drafts, state, due_at)


HELLO = said("hello")


async def begin(log, session=S, *, first=HELLO, at=1_000, due_at=None):
    return await log.create(
        session, ABOUT, running(*first, due_at=due_at), actor="host", now=lambda: at
    )


async def send(
    log, *drafts, session=S, actor="sam", cmd=None, digest=b"", decide=None, known=(0, 0), at=2_000
):
    return await log.append(
        session,
        actor=actor,
        cmd=cmd,
        digest=digest,
        decide=decide or always(*drafts),
        known=known,
        now=lambda: at,
    )


def numbers(events):
    return [(event.stream, event.seq) for event in events]


def words(events):
    return [event.body["text"] for event in events]
