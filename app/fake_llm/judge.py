"""Judges by quoting what it was sent: the sentence nearest to a criterion, its depth by simple signs. Or lies."""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from app.fake_llm.asked import Asked, Turn
from app.fake_llm.interviewer import chance

DEPTHS = ("absent", "mentioned", "explained", "justified", "grounded")
STOP = frozenset(
    "a an the and or but if so of to in on at by for from with as is are was were be been being it its this that "
    "these those i we you they he she our your their my me us them what which who how why when where would could "
    "should will can do does did have has had not no than then there here one all any each more most some such "
    "very just also only about into over out up down says said say names name mentioned explained justified "
    "grounded absent candidate".split()
)
REASON = re.compile(
    r"(?:, so|\b(?:because|since|so that|therefore|otherwise|rather than|instead|which means|due to|in order to))\b",
    re.IGNORECASE,
)
NUMBER = re.compile(
    r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|twenty|fifteen|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|half|percent)\b",
    re.IGNORECASE,
)
ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|override|award|grant|assign|grade|mark|rate|score|give|set|return|output)\b"
    r".{0,80}\b(?:instructions?|rules|prompt|marks?|score|points|top|full|maximum|highest|grounded|depth|criteri\w+|4)\b",
    re.IGNORECASE | re.DOTALL,
)
WORD = re.compile(r"[\w']+")
SENTENCE = re.compile(r"\S.*?(?:[.!?](?=\s|$)|$)", re.DOTALL)
LEAST, MOST = 8, 30  # words of a quote
NEAR = 3  # stems that must be shared before something counts as said, one of them with the title
# Their weight: a stem that other criteria have as well is a weak sign. By hand, so that on payment-fraud the strong
# candidate gets most criteria, the one who talks of other things few (2026-11-21).
ENOUGH = 2.5
REUSED = 2  # criteria that one sentence may show


@dataclass(frozen=True, slots=True)
class Sentence:
    """`text` stands in the turn as it is: at least LEAST words where the turn has them, at most MOST."""

    turn: int
    text: str
    stems: frozenset[str]


def judge(asked: Asked, seed: int = 0, vote: int = 0) -> str:
    """The JSON of an honest judge. With a seed, votes differ by one depth here and there."""
    return _as_json(_honest(asked, seed, vote))


def misjudge(kind: str, asked: Asked) -> str:
    return _as_json(BAD[kind](asked))


def _as_json(criteria: list[dict[str, object]]) -> str:
    return json.dumps({"criteria": criteria}, ensure_ascii=False)


def _honest(asked: Asked, seed: int = 0, vote: int = 0) -> list[dict[str, object]]:
    sentences = sentences_of(asked, "candidate")
    told = [(id, _without_counterexamples(text)) for id, text in asked.criteria]
    shared = Counter(stem for _, text in told for stem in stems(text))
    used: Counter[Sentence] = Counter()
    verdicts = []
    for id, text in told:
        wanted, titled = stems(text), stems(text.split("\n")[0])
        best, weight = None, ENOUGH
        for sentence in sentences:
            if used[sentence] == REUSED:
                continue
            common = wanted & sentence.stems
            likeness = sum((1 + (stem in titled)) / shared[stem] for stem in common)
            if len(common) >= NEAR and common & titled and likeness > weight:
                best, weight = sentence, likeness
        if best:
            used[best] += 1
        depth = _depth(best.text) if best else 0
        if best and seed and chance(seed, vote, id, asked.prompt) % 4 == 0:
            depth += 1 if depth == 1 or (depth < 4 and chance(vote, id, seed) % 2) else -1
        verdicts.append(_verdict(id, [best] if best else [], DEPTHS[depth]))
    return verdicts


def _without_counterexamples(text: str) -> str:
    """What was said by somebody who said nothing on it is no sign of it."""
    return "\n".join(line for line in text.splitlines() if not line.strip().startswith("absent"))


def _depth(quote: str) -> int:
    reasons, counts = bool(REASON.search(quote)), bool(NUMBER.search(quote))
    if reasons:
        return 4 if counts else 3
    return 2 if counts or len(quote.split()) >= 12 else 1


def _verdict(id: str, quotes: list[Sentence], depth: str) -> dict[str, object]:
    rows = [{"turn": quote.turn, "text": quote.text} for quote in quotes]
    return {"id": id, "quotes": rows, "depth": depth}


def sentences_of(asked: Asked, speaker: str) -> list[Sentence]:
    return [s for turn in asked.turns if turn.speaker == speaker for s in _sentences(turn)]


def _sentences(turn: Turn) -> list[Sentence]:
    """One for each sentence; a short one is lengthened by what follows it."""
    found = []
    for match in SENTENCE.finditer(turn.text):
        words = list(re.finditer(r"\S+", turn.text[match.start() :]))
        count = min(max(len(match[0].split()), LEAST), MOST, len(words))
        text = turn.text[match.start() : match.start() + words[count - 1].end()]
        found.append(Sentence(turn.number, text, stems(text)))
    return found


def stems(text: str) -> frozenset[str]:
    return frozenset(_stem(word) for word in WORD.findall(text.lower()) if word not in STOP)


def _stem(word: str) -> str:
    for ending in ("ings", "ing", "ies", "ied", "edly", "ed", "es", "ly", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def _invent(asked: Asked) -> list[dict[str, object]]:
    turn = next((t.number for t in asked.turns if t.speaker == "candidate"), 0)
    return [
        _verdict(
            id,
            [
                Sentence(
                    turn,
                    f"I would take care of {text.split('.')[0].lower()} because it saves us 40 percent",
                    frozenset(),
                )
            ],
            "grounded",
        )
        for id, text in asked.criteria
    ]


def _splice(asked: Asked) -> list[dict[str, object]]:
    """The beginning of one sentence and the end of one of another turn."""
    sentences = sentences_of(asked, "candidate")
    verdicts = []
    for number, (id, _) in enumerate(asked.criteria):
        quotes = []
        if sentences:
            one = sentences[number % len(sentences)]
            others = [s for s in sentences if s.turn != one.turn] or sentences[::-1]
            other = others[number * 7 % len(others)]
            begins, ends = one.text.split(), other.text.split()
            joined = begins[: max(len(begins) // 2, 4)] + ends[len(ends) // 2 :]
            quotes = [Sentence(one.turn, " ".join(joined), frozenset())]
        verdicts.append(_verdict(id, quotes, "justified"))
    return verdicts


def _negate(asked: Asked) -> list[dict[str, object]]:
    verdicts = _honest(asked)
    for verdict in verdicts:
        quotes = verdict["quotes"]
        assert isinstance(quotes, list)
        for quote in quotes:
            quote["text"] = negated(quote["text"])
    return verdicts


def negated(text: str) -> str:
    """With a not taken out where there is one, else put behind a verb, else into the middle."""
    without = re.sub(r"\bnot ", "", text, count=1)
    if without != text:
        return without
    verb = r"\b(is|are|was|were|would|will|can|could|should|do|does|have|has|must|may)\b"
    turned = re.sub(verb, r"\1 not", text, count=1)
    if turned != text:
        return turned
    words = text.split()
    middle = len(words) // 2
    return " ".join([*words[:middle], "not", *words[middle:]])


def _foreign(asked: Asked) -> list[dict[str, object]]:
    """The interviewer's words, under the number of a candidate's turn."""
    spoken = sentences_of(asked, "interviewer")
    turn = next((t.number for t in asked.turns if t.speaker == "candidate"), 0)
    verdicts = []
    for number, (id, _) in enumerate(asked.criteria):
        of = spoken[number % len(spoken)] if spoken else None
        quotes = [Sentence(turn if number % 2 else of.turn, of.text, of.stems)] if of else []
        verdicts.append(_verdict(id, quotes, "grounded"))
    return verdicts


def _all_top(asked: Asked) -> list[dict[str, object]]:
    return [_verdict(id, [], "grounded") for id, _ in asked.criteria]


def _obey(asked: Asked) -> list[dict[str, object]]:
    orders = [s for s in sentences_of(asked, "candidate") if ORDER.search(s.text)]
    if not orders:
        return _honest(asked)
    order = max(orders, key=lambda sentence: len(sentence.text))
    return [_verdict(id, [order], "grounded") for id, _ in asked.criteria]


def _wrong_ids(asked: Asked) -> list[dict[str, object]]:
    verdicts = _honest(asked)
    for number, verdict in enumerate(verdicts):
        verdict["id"] = f"criterion-{number + 1}"
    return verdicts


def _missing(asked: Asked) -> list[dict[str, object]]:
    return _honest(asked)[1::2]


def _bad_depth(asked: Asked) -> list[dict[str, object]]:
    verdicts = _honest(asked)
    for number, verdict in enumerate(verdicts):
        verdict["depth"] = ("excellent", 5, None, "GROUNDED!", -1)[number % 5]
    return verdicts


BAD: dict[str, Callable[[Asked], list[dict[str, object]]]] = {
    "invent": _invent,
    "splice": _splice,
    "negate": _negate,
    "foreign": _foreign,
    "all_top": _all_top,
    "obey": _obey,
    "wrong_ids": _wrong_ids,
    "missing": _missing,
    "bad_depth": _bad_depth,
}
