"""Words that stand nowhere else: one for each thing that must stay hidden, so that a leak is found by one look.

A canary is a word of letters and a level with digits that no scorer gives. Which ones a reader may see by now is kept
beside them: a fact that was told is told, from that moment on.
"""

import re
from dataclasses import dataclass, field
from itertools import count

import yaml

from app.content import content_folders

WORD = re.compile(r"qzv[a-z]{6}")
LEVEL = re.compile(r"\b[0-3]\.\d{5}\b")
SLUG = "leak-check"
KEPT = {"facts": 5, "follow_ups": 8, "twists": 2, "traps": 2}


@dataclass
class Canaries:
    """`what` says of each what it stands for; `since` from which record on somebody may have read it, by whom."""

    what: dict[str, str] = field(default_factory=dict)
    since: dict[tuple[str, str, str], int] = field(default_factory=dict)
    numbers: count = field(default_factory=lambda: count(1))

    def word(self, what: str) -> str:
        number, letters = next(self.numbers), ""
        for _ in range(6):
            number, letter = divmod(number, 26)
            letters += chr(ord("a") + letter)
        self.what["qzv" + letters] = what
        return "qzv" + letters

    def level(self, what: str) -> float:
        """From 0 to 4."""
        number = next(self.numbers)
        level = f"{number % 4}.{10_001 + 2 * number:05d}"
        self.what[level] = what
        return float(level)

    def allow(self, session: str, text: str, record: int, who: str = "") -> None:
        """What `text` holds may be read in that session from there on, by one role or by all."""
        for canary in found(text):
            self.since.setdefault((session, canary, who), record)

    def may_be_read(self, session: str, canary: str, record: int, who: str) -> bool:
        known = (self.since.get((session, canary, whose)) for whose in ("", who))
        return any(since is not None and record >= since for since in known)


def found(text: str) -> set[str]:
    return set(WORD.findall(text)) | set(LEVEL.findall(text))


def write_content(folder, canaries: Canaries) -> dict:
    """A question of the test's own, made from one of the bank: few of each kind, every hidden text with its canary."""
    source = next(p / "payment-fraud.yaml" for p in content_folders("question_bank", None))
    question = yaml.safe_load(source.read_text(encoding="utf-8"))
    question |= {kind: question[kind][:most] for kind, most in KEPT.items()}
    question |= {"slug": SLUG, "title": "Is this payment what it seems?"}
    question["traps"] = [
        {
            "id": f"trap-{canaries.word('the id of a trap')}",
            "what": f"They {canaries.word('a trap')} take accuracy.",
            "signs": ["accuracy metric|measure|evaluate"],
            "ask": f"Would {canaries.word('the question of a trap')} do well on that scale?",
        }
    ]
    hidden = {
        "facts": ("answer",),
        "follow_ups": ("ask",),
        "twists": ("says",),
    }
    for kind, texts in hidden.items():
        for entry in question[kind]:
            entry["id"] = f"{kind[0]}-{canaries.word(f'the id of one of the {kind}')}"
            for name in texts:
                entry[name] = f"{entry[name]} It is {canaries.word(f'one of the {kind}')}."
    question["expects"] = {
        criterion: {**expected, "says": [f"{canaries.word('an expectation')} is what they say."]}
        for criterion, expected in list(question["expects"].items())[:6]
    }
    for kind in ("bars", "reference"):
        for name in question[kind]:
            question[kind][name] = f"Not to be read: {canaries.word(kind)} and so on."
    question["baseline"] = f"A rule with {canaries.word('the baseline')} in it."
    question["no_ml_when"] = f"Where {canaries.word('when no model is needed')} holds."
    place = folder / "question_bank"
    place.mkdir(parents=True)
    text = yaml.safe_dump(question, sort_keys=False, allow_unicode=True)
    (place / f"{SLUG}.yaml").write_text(text, encoding="utf-8")
    return question
