"""A session in the terminal: the same interviewer, a live clock in the prompt, a report at the end."""

import argparse
import queue
import random
import sys
import threading
from collections.abc import Callable

from app.bank.bank import Shelf
from app.commands.practice import Table, lay_table, report_on
from app.errors import NotFound
from app.interview.commands import (
    Command,
    Create,
    Expire,
    Finish,
    Refused,
    Reply,
    Say,
    Start,
    decide,
)
from app.interview.events import Created, Spoke
from app.interview.policy import Interviewer, Quiet, Said, Trigger
from app.interview.session import Session, apply
from app.live.clock import ServerClock
from app.live.hearing import Hearing
from app.settings import content_folder

LOOK = 0.5  # seconds between two looks at the clock and the silence
HELP = "Write, and send with Enter. /time says the time, /done finishes.\n"


class Terminal:
    """One session. Lines come from a thread, so that the clock runs while somebody thinks."""

    def __init__(self, interviewer: Interviewer, hearing: Hearing, now: Callable[[], int]) -> None:
        self._interviewer = interviewer
        self._hearing = hearing
        self._now = now
        self._active_at = now()
        self.session = Session()

    def run(self, created: Created, lines: "queue.SimpleQueue[str | None]") -> None:
        self._do(Create(created))
        self._do(Start(self._interviewer.pose()))
        while self.session.state == "running":
            try:
                line = lines.get(timeout=LOOK)
            except queue.Empty:
                self._do(Expire(self._interviewer.closing(self.session)))
                self._ask(Quiet((self._now() - self._active_at) / 1000))
                continue
            self._take(line)

    def _take(self, line: str | None) -> None:
        if line is None or line.strip() == "/done":
            self._do(Finish("finished", self._interviewer.closing(self.session)))
        elif line.strip() == "/time":
            self._print(f"[{self._time()}]")
        elif line.strip():
            number = len(self.session.turns)
            self._do(Say(line))
            self._active_at = self._now()
            if len(self.session.turns) > number:
                self._ask(Said(number))

    def _time(self) -> str:
        left = self.session.clock.left(self._now())
        ms = self.session.clock.elapsed(self._now()) if left is None else left
        return f"{ms // 60_000:02d}:{ms // 1000 % 60:02d}" + (" gone" if left is None else " left")

    def _ask(self, trigger: Trigger) -> None:
        if self.session.state != "running":
            return
        coverage = self._hearing.coverage()
        move = self._interviewer.next_move(self.session, coverage, trigger, self._now())
        if move.text or move.answers is not None:
            self._do(Reply(move.chose(len(self.session.turns)), move.text))

    def _do(self, command: Command) -> None:
        now = self._now()
        try:
            made = decide(self.session, command, now)
        except Refused as refusal:
            self._print(f"[{refusal}]")
            return
        for event in made:
            self.session = apply(self.session, event, now)
            if isinstance(event, Spoke):
                self._hearing.hear(len(self.session.turns) - 1, event)
                if event.speaker == "interviewer":
                    self._active_at = now
                    self._print(f"[{self._time()}] Interviewer: {event.text}")

    @staticmethod
    def _print(text: str) -> None:
        sys.stdout.write(f"\n{text}\n\n> ")
        sys.stdout.flush()


def practise(options: argparse.Namespace) -> int:
    """Exit status 0 also where too little was said to be scored: the report says so."""
    table = lay_table()
    slug = options.slug or random.choice(_published())
    terminal, created = _seat(table, slug, options)
    sys.stdout.write(f"{created.title}, {options.minutes} minutes. {HELP}")
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(lines,), daemon=True).start()
    terminal.run(created, lines)
    sys.stdout.write("\n" + report_on(table, terminal.session))
    return 0


def _published() -> list[str]:
    slugs = list(Shelf(content_folder()).published())
    if not slugs:
        raise NotFound("The question bank has no published question.")
    return slugs


def _seat(table: Table, slug: str, options: argparse.Namespace) -> tuple[Terminal, Created]:
    kept = table.cast.question(slug)
    expectations = table.cast.expectations(kept.question, kept.sha256)
    interviewer = table.cast.interviewer(kept.question, kept.sha256, options.persona)
    terminal = Terminal(interviewer, Hearing(expectations), ServerClock().now)
    return terminal, table.created(kept, options.persona, options.minutes)


def _read(lines: "queue.SimpleQueue[str | None]") -> None:
    for line in sys.stdin:
        lines.put(line.rstrip("\n"))
    lines.put(None)
