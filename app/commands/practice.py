"""`sevenstep practice`: a session in the terminal, or one played on a fast clock by a simulated candidate."""

import argparse
import json
import sys
from dataclasses import dataclass

from app.bank.bank import Kept
from app.candidates import CANDIDATES, make_candidate
from app.candidates.candidate import Candidate
from app.candidates.script import Scripted, json_lines, lines_of
from app.commands.files import read_input
from app.interview.events import Created
from app.interview.move import KINDS, VERDICTS, move_json
from app.interview.persona import DEFAULT, find_personas
from app.interview.session import Session
from app.interview.transcript import transcript_of
from app.live.cast import Cast
from app.live.play import Played, Stage
from app.rubric.shelf import get_rubric
from app.scoring.faces.terminal import to_text
from app.scoring.knowledge import Knowledge
from app.scoring.scorer import score_transcript
from app.settings import content_folder
from app.transcripts import read_transcript
from app.transcripts.transcript import SCHEMA

HELP = "a timed session in the terminal, or one played by a simulated candidate"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "slug", nargs="?", metavar="SLUG", help="the question; without it, one is picked"
    )
    parser.add_argument("--persona", default=DEFAULT, metavar="NAME")
    parser.add_argument("--minutes", type=_minutes, default=45, metavar="N")
    parser.add_argument("--candidate", metavar="NAME", help="a simulated candidate plays")
    parser.add_argument(
        "--script", metavar="FILE", help="the candidate's turns of a transcript are played"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--format", choices=["text", "json"], default="text")
    parser.add_argument("--candidates", action="store_true", help="list the simulated candidates")
    parser.add_argument("--personas", action="store_true", help="list the interviewers")
    parser.add_argument("--moves", action="store_true", help="list the kinds of moves and verdicts")


def _minutes(text: str) -> int:
    minutes = int(text)
    if not 1 <= minutes <= 240:
        raise argparse.ArgumentTypeError("1 to 240 minutes")
    return minutes


def run(options: argparse.Namespace) -> int:
    if options.candidates:
        return _list({name: about for name, (about, _) in CANDIDATES.items()})
    if options.personas:
        return _list(dict.fromkeys(find_personas(content_folder()), ""))
    if options.moves:
        return _list(KINDS | dict.fromkeys(VERDICTS, "verdict"))
    if options.candidate and options.script:
        sys.stderr.write("sevenstep practice: give --candidate or --script, not both.\n")
        return 2
    if options.candidate or options.script:
        if options.slug is None:
            sys.stderr.write("sevenstep practice: name the question to be played.\n")
            return 2
        return _play(options)
    from app.commands.terminal import practise

    return practise(options)


def _list(named: dict[str, str]) -> int:
    for name, about in named.items():
        sys.stdout.write(f"{name}\t{about}\n" if about else f"{name}\n")
    return 0


@dataclass(frozen=True, slots=True)
class Table:
    """What a play needs besides its candidate."""

    cast: Cast
    knowledge: Knowledge

    def created(self, kept: Kept, persona: str, minutes: int | None) -> Created:
        rubric = self.knowledge.rubric
        return Created(
            slug=kept.question.slug,
            title=kept.question.title,
            question_sha256=kept.sha256,
            rubric=rubric.about.id,
            rubric_sha256=rubric.sha256,
            persona=persona,
            mode="practice",
            minutes=minutes,
        )


def lay_table() -> Table:
    content = content_folder()
    knowledge = Knowledge(get_rubric(extra=content))
    return Table(Cast(knowledge, content), knowledge)


def play(
    table: Table,
    slug: str,
    candidate: Candidate,
    *,
    persona: str = DEFAULT,
    minutes: int | None = 45,
) -> Played:
    """A whole session; the same candidate, question and persona give the same session."""
    kept = table.cast.question(slug)
    interviewer = table.cast.interviewer(kept.question, kept.sha256, persona)
    expectations = table.cast.expectations(kept.question, kept.sha256)
    created = table.created(kept, persona, minutes)
    return Stage(interviewer, expectations).play(candidate, created)


def _play(options: argparse.Namespace) -> int:
    table = lay_table()
    question = table.cast.question(options.slug).question
    minutes = options.minutes
    candidate: Candidate
    if options.script:
        name, data = read_input(options.script)
        lines = json_lines(data.decode("utf-8", "replace"))
        candidate = Scripted(lines or lines_of(read_transcript(data, name=name)))
        if lines is None:
            minutes = None
    else:
        candidate = make_candidate(
            options.candidate, question, table.knowledge.rubric, options.seed
        )
    played = play(table, options.slug, candidate, persona=options.persona, minutes=minutes)
    if options.format == "json":
        sys.stdout.write(as_json(played))
    else:
        sys.stdout.write(f"{as_text(played)}\n{report_on(table, played.session)}")
    return 0


def report_on(table: Table, session: Session) -> str:
    """As it is read in a terminal; it says so where too little was said to be scored."""
    assert session.spec is not None
    transcript = transcript_of(session)
    prompt = table.cast.question(session.spec.slug).question.prompt
    report = score_transcript(transcript, table.knowledge, question_text=prompt)
    return to_text(report, transcript, table.knowledge.rubric)


def native(played: Played) -> dict[str, object]:
    """The native transcript; every turn of the interviewer carries its move."""
    session = played.session
    moves = {move.turn: move for move in session.moves if move.turn is not None}
    turns = []
    for number, turn in enumerate(session.turns):
        row: dict[str, object] = {
            "speaker": turn.speaker,
            "name": None,
            "at": round(turn.at_ms / 1000, 1),
            "text": turn.text,
        }
        if number in moves:
            row["move"] = move_json(moves[number])
        if number in played.plants:
            row["plants"] = sorted(played.plants[number])
        turns.append(row)
    spec = session.spec
    return {
        "schema": SCHEMA,
        "question": spec.slug if spec else None,
        "title": spec.title if spec else None,
        "turns": turns,
    }


def as_json(played: Played) -> str:
    return json.dumps(native(played), ensure_ascii=False, indent=1) + "\n"


def as_text(played: Played) -> str:
    out = []
    moves = {move.turn: move for move in played.session.moves if move.turn is not None}
    for number, turn in enumerate(played.session.turns):
        minutes, seconds = divmod(turn.at_ms // 1000, 60)
        kind = f" [{moves[number].kind}]" if number in moves else ""
        out.append(f"{minutes:02d}:{seconds:02d} {turn.speaker.capitalize()}{kind}: {turn.text}")
    return "\n\n".join(out) + "\n"
