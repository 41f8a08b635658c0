"""What scoring costs, beside the floor: tokenising and one pass for the same phrases over the same text."""

import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle
from pathlib import Path

from app.scoring.knowledge import Knowledge
from app.scoring.listen import Listener
from app.scoring.scorer import report_of, score_transcript
from app.transcripts import Speaker, Transcript
from benchmarks.corpus import graded

WORDS = 6_000
FILES = 1_000
TOKEN = re.compile(r"\w+")


def lines(knowledge: Knowledge, files: int = FILES) -> Iterator[str]:
    talk = long_transcript()
    words = sum(len(turn.text.split()) for turn in talk.turns)
    yield f"Cost ({words} words in {len(talk.turns)} turns, one core)"
    score = timed(lambda: score_transcript(talk, knowledge), 15)
    busy = timed(lambda: score_transcript(talk, knowledge), 15, time.process_time)
    name, search = floor(knowledge)
    text = "\n".join(turn.text for turn in talk.turns).lower()
    least = timed(lambda: (TOKEN.findall(text), search(text)), 15)
    yield f"  score, median                {score:8.1f} ms (50); processor time {busy:.1f} ms"
    yield f"  floor, median                {least:8.1f} ms (tokens and one pass with {name})"
    yield f"  score over floor             {score / least:8.1f} x"
    for when, at in (("at turn 10", 10), ("at the end", len(talk.turns) - 1)):
        hear, report = turn_cost(talk, knowledge, at)
        yield f"  hear a turn, {when:15} {hear:8.2f} ms (3); a report then {report:.1f} ms"
    yield from folder_lines(files)
    yield from start_lines()


def long_transcript() -> Transcript:
    """Whole interviews one after another, cut at the turn that reaches WORDS."""
    turns, words = [], 0
    for row in cycle(graded()):
        for turn in row.transcript.turns:
            turns.append(replace(turn, at=None))
            words += len(turn.text.split())
            if words >= WORDS:
                return Transcript(tuple(turns))
    raise AssertionError("an endless loop has ended")


def timed(
    work: Callable[[], object], times: int, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Median milliseconds, after one run that warms the memories."""
    work()
    found = []
    for _ in range(times):
        start = clock()
        work()
        found.append(1000 * (clock() - start))
    return statistics.median(found)


def floor(knowledge: Knowledge) -> tuple[str, Callable[[str], object]]:
    """As many phrases as the rubric has forms, each with the first word of every slot."""
    phrases = sorted(
        {
            " ".join(word.split("|")[0].lstrip("=@") for word in form.split()).lower()
            for _, criterion in knowledge.rubric.criteria.values()
            for form in criterion.all_forms()
        }
    )
    try:
        import ahocorasick_rs
    except ImportError:
        pattern = re.compile("|".join(map(re.escape, phrases)))
        return f"one regular expression of {len(phrases)} phrases", pattern.findall
    automaton = ahocorasick_rs.AhoCorasick(phrases)
    return f"ahocorasick_rs, {len(phrases)} phrases", automaton.find_matches_as_indexes


def turn_cost(talk: Transcript, knowledge: Knowledge, at: int) -> tuple[float, float]:
    """Median ms to hear a candidate's turn near `at` in one live room, and to ask for a report there."""
    near = [n for n in range(len(talk.turns)) if abs(n - at) <= 4]
    costs = []
    for _ in range(5):
        listener = Listener(knowledge)
        for number, turn in enumerate(talk.turns[: max(near) + 1]):
            start = time.perf_counter()
            listener.hear(number, turn)
            if number in near and turn.speaker is Speaker.CANDIDATE:
                costs.append(1000 * (time.perf_counter() - start))
    so_far = replace(talk, turns=talk.turns[: max(near) + 1])
    return statistics.median(costs), timed(lambda: report_of(so_far, knowledge, listener.heard), 5)


def folder_lines(files: int) -> Iterator[str]:
    import json

    rows = [json.dumps(row.transcript.as_native()) for row in graded()]
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{number:04}.json") for number in range(files)]
        for path, row in zip(paths, cycle(rows), strict=False):
            path.write_text(row, "utf-8")
        start = time.perf_counter()
        done = _command("score", "--format", "jsonl", *map(str, paths))
        spent = time.perf_counter() - start
    printed = done.stdout.count(b"\n")
    yield (
        f"  folder of {files} files         {spent:8.1f} s, {files / spent:.0f} a second over "
        f"{os.cpu_count()} cores ({printed} reports)"
    )


def start_lines() -> Iterator[str]:
    talk = long_transcript().as_native()
    with tempfile.TemporaryDirectory() as folder:
        import json

        path = Path(folder, "talk.json")
        path.write_text(json.dumps(talk), "utf-8")
        yield f"  start-up (--help)            {timed(lambda: _command('--help'), 3):8.0f} ms"
        whole = timed(lambda: _command("score", str(path)), 3)
        yield f"  one file from the shell      {whole:8.0f} ms"
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    yield f"  peak memory of a process     {peak:8.0f} MB"


def _command(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "app", *arguments], capture_output=True)
