"""Logs with a fault built in. The checker is worth something as long as it finds each of them."""

from dataclasses import replace

from app.storage.log import ENDED, RUNNING, Decision, Draft, Receipt


class Mutant:
    """Everything as the real log does it, but for what a subclass spoils."""

    breaks = ""

    def __init__(self, log):
        self._log = log
        self._calls = 0

    def __getattr__(self, name):
        return getattr(self._log, name)

    def now_and_then(self, every=5):
        self._calls += 1
        return self._calls % every == 0


class ForgetsWhatItDid(Mutant):
    """A command that comes again is done again."""

    breaks = "I1"

    async def append(self, session, *, cmd, **rest):
        self._calls += 1
        return await self._log.append(session, cmd=cmd and f"{cmd}#{self._calls}", **rest)

    async def history(self, session, known=(0, 0)):
        events = await self._log.history(session, known)
        return [replace(event, cmd=event.cmd and event.cmd.split("#")[0]) for event in events]


class AcknowledgesFirst(Mutant):
    """Some answers are given before the commit, and the commit never comes."""

    breaks = "I1"

    async def append(self, session, *, decide, **rest):
        if not self.now_and_then():
            return await self._log.append(session, decide=decide, **rest)
        made = []

        def promise(newer, now):
            made.append(decide(newer, now))
            return Decision((), RUNNING, None)

        receipt = await self._log.append(session, decide=promise, **rest)
        if not made or not made[0].drafts:
            return receipt
        sample = (await self._log.history(session))[-1]
        return Receipt(tuple(replace(sample, eid="0" * 32) for _ in made[0].drafts))


class StoresHalf(Mutant):
    """The first event of a command is stored, the others are not; nobody is told."""

    breaks = "I2"

    async def append(self, session, *, decide, **rest):
        if not self.now_and_then():
            return await self._log.append(session, decide=decide, **rest)

        def half(newer, now):
            whole = decide(newer, now)
            return replace(whole, drafts=whole.drafts[:1])

        await self._log.append(session, decide=half, **rest)
        raise ConnectionError("the answer is lost")


class StoresWhatItRefused(Mutant):
    breaks = "I2"

    async def append(self, session, *, decide, **rest):
        refusal = []

        def insist(newer, now):
            try:
                return decide(newer, now)
            except Exception as error:
                refusal.append(error)
                return Decision((Draft("main", "turn.committed", {}),), ENDED, None)

        receipt = await self._log.append(session, decide=insist, **rest)
        if refusal:
            raise refusal[0]
        return receipt


class LosesTheHead(Mutant):
    breaks = "I3"

    async def head(self, session):
        head = await self._log.head(session)
        return replace(head, main=head.main - 1)


class TurnsTheClockBack(Mutant):
    breaks = "I3"

    async def history(self, session, known=(0, 0)):
        events = await self._log.history(session, known)
        return [
            replace(event, at=event.at - 60_000) if n % 5 == 4 else event
            for n, event in enumerate(events)
        ]


class HidesTheBeginning(Mutant):
    """A reader who comes late does not get what was said before."""

    breaks = "I4"

    async def read(self, session, stream, after=0, limit=200):
        return await self._log.read(session, stream, after or 3, limit)


class SaysThingsTwice(Mutant):
    breaks = "I4"

    async def read(self, session, stream, after=0, limit=200):
        events = await self._log.read(session, stream, after, limit)
        return events[:1] + events if self.now_and_then() else events


class TellsTheCandidate(Mutant):
    """What staff wrote goes out with the rest."""

    breaks = "I4"

    async def read(self, session, stream, after=0, limit=200):
        events = await self._log.read(session, stream, after, limit)
        return await self._log.read(session, "staff", after, 1) + events


class StopsEarly(Mutant):
    """The last events are never handed out."""

    breaks = "I5"

    async def read(self, session, stream, after=0, limit=200):
        events = await self._log.read(session, stream, after, limit)
        return [event for event in events if event.type != "session.ended"]


class EndsTwice(Mutant):
    """The guard looks at what the session was, not at what it is."""

    breaks = "I6"

    async def append(self, session, *, decide, **rest):
        def blind(newer, now):
            return decide(tuple(e for e in newer if e.type != "session.ended"), now)

        return await self._log.append(session, decide=blind, **rest)


class EndsEarly(Mutant):
    """The deadline is looked up with a clock that is ahead."""

    breaks = "I6"

    async def append(self, session, *, decide, **rest):
        return await self._log.append(
            session, decide=lambda newer, now: decide(newer, now + 60 * 60_000), **rest
        )

    async def history(self, session, known=(0, 0)):
        events = await self._log.history(session, known)
        return [
            replace(event, body={"due_at": event.body["due_at"] + 60 * 60_000})
            if event.type == "session.created"
            else event
            for event in events
        ]


class KeepsAnotherDeadline(Mutant):
    breaks = "I7"

    async def append(self, session, *, decide, **rest):
        def other(newer, now):
            decision = decide(newer, now)
            return replace(decision, due_at=9_999) if decision.drafts else decision

        return await self._log.append(session, decide=other, **rest)


class AnswersTwice(Mutant):
    breaks = "I9"

    async def append(self, session, *, decide, **rest):
        def again(newer, now):
            decision = decide(newer, now)
            return replace(decision, drafts=decision.drafts + decision.drafts[-1:])

        return await self._log.append(session, decide=again, **rest)


MUTANTS = Mutant.__subclasses__()
