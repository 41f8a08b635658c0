"""How well the scorer agrees with graders, hears paraphrases, and tells the steps apart."""

import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from app.agreement.figures import adjacent, exact, quadratic_kappa
from app.content import read_yaml
from app.rubric.rubric import STEPS
from app.scoring.examples import hear_alone
from app.scoring.knowledge import Knowledge
from app.scoring.report import DECISIONS, Report
from app.scoring.scorer import score_transcript
from app.transcripts import Speaker, Transcript, Turn
from benchmarks import agreement
from benchmarks.corpus import FOLDER, Graded, graded

LINE = DECISIONS.index("lean_yes")


def lines(knowledge: Knowledge, shared: Path | None) -> Iterator[str]:
    yield from graded_lines(knowledge)
    yield from paraphrase_lines(knowledge)
    if shared and (shared / "passages.jsonl").is_file():
        yield from passage_lines(knowledge, shared / "passages.jsonl")


def graded_lines(knowledge: Knowledge) -> Iterator[str]:
    scored = [(row, score_transcript(row.transcript, knowledge)) for row in graded()]
    groups = {
        "all rows": scored,
        "rows that authors could read": [pair for pair in scored if not pair[0].kept_back],
        "rows kept back": [pair for pair in scored if pair[0].kept_back],
    }
    for name, rows in groups.items():
        yield f"Agreement with graders, {name} ({len(rows)})"
        yield from _agreement(rows)


def _agreement(rows: list[tuple[Graded, Report]]) -> Iterator[str]:
    kappas = []
    yield f"  {'':13}    QWK  exact  adjacent    SMD"
    for number, step in enumerate(STEPS):
        truth = [row.levels[step] for row, _ in rows]
        levels = [report.steps[number].level or 0.0 for _, report in rows]
        marks = [round(level) for level in levels]
        pairs = Counter(zip(truth, marks, strict=True))
        kappas.append(quadratic_kappa(pairs))
        yield (
            f"  {step:13} {kappas[-1]:6.2f} {exact(pairs):6.0%} "
            f"{adjacent(pairs):9.0%} "
            f"{agreement.standardised_difference(truth, levels):6.2f}"
        )
    truth = [row.overall for row, _ in rows]
    found = [report.overall or 0.0 for _, report in rows]
    same = statistics.fmean(
        (DECISIONS.index(row.decision) >= LINE)
        == (report.decision is not None and DECISIONS.index(report.decision) >= LINE)
        for row, report in rows
    )
    yield f"  mean QWK {statistics.fmean(kappas):.3f} (0.80), lowest {min(kappas):.3f} (0.65)"
    yield f"  pairs one mark apart in order {agreement.pairs_in_order(truth, found):.1%} (95 %)"
    yield f"  decision on the same side {same:.1%} (85 %)"


def paraphrase_lines(knowledge: Knowledge) -> Iterator[str]:
    """Recall per criterion, and how often another criterion's sentences are credited to it."""
    said = read_yaml(FOLDER / "paraphrases.yaml")
    heard = {
        (name, sentence): {
            finding.criterion for finding in hear_alone(knowledge, sentence).findings
        }
        for name, sentences in said.items()
        for sentence in sentences
    }
    yield f"Paraphrases ({len(heard)} of {len(said)} criteria): recall, credit for others' sentences"
    recalls, falses = [], []
    for name, sentences in said.items():
        id = name.split("/")[1]
        recall = statistics.fmean(id in heard[name, sentence] for sentence in sentences)
        false = statistics.fmean(
            id in found for (other, _), found in heard.items() if other != name
        )
        recalls.append(recall)
        falses.append(false)
        yield f"  {name:44} {recall:6.0%} {false:7.1%}"
    yield (
        f"  mean recall {statistics.fmean(recalls):.1%}, lowest {min(recalls):.0%}; "
        f"mean false credit {statistics.fmean(falses):.2%}, highest {max(falses):.1%}"
    )


def passage_lines(knowledge: Knowledge, path: Path) -> Iterator[str]:
    documents: dict[str, list[dict]] = defaultdict(list)
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        documents[row["doc"]].append(row)
    truth: list[str] = []
    found: list[str] = []
    fell: list[bool] = []
    steady: list[bool] = []
    for passages in documents.values():
        report = _score(passages, knowledge)
        truth += [passage["label"] for passage in passages]
        found += _attributed(report, len(passages))
        before = [step.level or 0.0 for step in report.steps]
        for number, step in enumerate(STEPS):
            kept = [passage for passage in passages if passage["label"] != step]
            if len(passages) - len(kept) < 3 or len(kept) < 3:
                continue
            after = [s.level or 0.0 for s in _score(kept, knowledge).steps]
            if before[number] >= 1:
                fell.append(after[number] <= before[number] - 0.5)
            pairs = enumerate(zip(before, after, strict=True))
            steady += [abs(b - a) <= 0.5 for other, (b, a) in pairs if other != number]
    yield f"Written passages ({len(truth)} of {len(documents)} documents)"
    yield f"  step attribution, macro-F1 {agreement.macro_f1(truth, found, STEPS):.3f} (0.60)"
    if fell and steady:
        yield f"  section removed: that step falls {statistics.fmean(fell):.1%} of {len(fell)} (95 %)"
        yield f"  section removed: other steps within half a level {statistics.fmean(steady):.1%} (95 %)"


def _score(passages: list[dict], knowledge: Knowledge) -> Report:
    turns = tuple(Turn(Speaker.CANDIDATE, passage["text"]) for passage in passages)
    return score_transcript(Transcript(turns, question=passages[0].get("problem")), knowledge)


def _attributed(report: Report, turns: int) -> list[str]:
    """For every turn the step that holds most of its characters."""
    held: list[Counter[str]] = [Counter() for _ in range(turns)]
    for segment in report.segments:
        held[segment.turn][segment.step] += segment.end - segment.start
    return [counter.most_common(1)[0][0] if counter else "other" for counter in held]
