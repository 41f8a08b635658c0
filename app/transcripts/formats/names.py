"""Which `Label:` at the start of a line is somebody speaking, and which is a heading or a list."""

import re
from collections import Counter
from collections.abc import Iterable

ROLE_WORDS = frozenset(
    "interviewer candidate interviewee host guest moderator speaker applicant recruiter me you "
    "assistant user q a i c panelist mentor coach examiner observer student narrator".split()
)
# Words that head a part of a design answer. "Candidate Generation:" is not a person.
SECTION_WORDS = frozenset(
    "note notes example examples requirement requirements functional nonfunctional goal goals "
    "metric metrics data dataset datasets feature features model models training train evaluation "
    "serving inference monitoring deployment step stage phase part section assumption assumptions "
    "constraint constraints summary pros cons input inputs output outputs latency scale scaling "
    "offline online precision recall generation ranking retrieval filtering engineering pipeline "
    "architecture baseline loss objective objectives label labels labeling labelling problem "
    "question questions prompt topic title date time duration transcript attendees participants "
    "break background context overview conclusion result results solution approach answer idea "
    "option options first second third fourth finally tradeoff tradeoffs trade-off trade-offs "
    "risk risks scope storage database cache api apis service services traffic throughput qps "
    "users business product system design infrastructure logging testing test experiment "
    "experiments experimentation todo warning tip tips caution important edge case cases cold "
    "start feedback loop drift privacy security cost costs budget clarification clarifications "
    "estimate estimates estimation capacity components component high-level level deep dive "
    "wrap-up wrap intro introduction outro music source sources link links url http https "
    "reference references re subject from to cc recording location language kind format".split()
)
PARTICLES = frozenset("de da di der den van von la le el al bin ibn of the and y e du dos".split())
WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*", re.UNICODE)
MAX_LENGTH = 60


def role_word(label: str) -> bool:
    """'Interviewer', 'Speaker 1', 'SPEAKER_00', 'Anna (candidate)'."""
    words = [w.lower() for w in WORD.findall(label[:MAX_LENGTH].replace("_", " "))]
    rest = [w for w in words if not w.isdigit()]
    if not rest or SECTION_WORDS & set(rest):
        return False
    return rest[-1] in ROLE_WORDS or rest[0] in ROLE_WORDS and len(rest[0]) > 3


def like_a_name(label: str) -> bool:
    words = WORD.findall(label)
    if not 0 < len(words) <= 6 or len(label) > MAX_LENGTH:
        return False
    if any(w.lower() in SECTION_WORDS for w in words):
        return False
    return role_word(label) or all(
        not w[0].islower() or w.lower() in PARTICLES for w in words if w[0].isalpha()
    )


def speakers_among(labels: Iterable[str], lines: int) -> frozenset[str]:
    """The labels that name speakers, of a text with so many lines that are not empty."""
    counts = Counter(labels)
    share = sum(counts.values()) / max(lines, 1)
    roles = {label for label in counts if role_word(label)}
    often = 3 if len(roles) > 1 else 2
    sure = roles | {
        label
        for label, count in counts.items()
        if count >= often and (like_a_name(label) or (share >= 0.5 and _handle(label)))
    }
    once = {label for label in counts if label not in sure and like_a_name(label)}
    if roles:
        return frozenset(sure)
    if not sure:
        return frozenset(once if share >= 0.3 else ())
    return frozenset(sure | {n for n in once if len(n.split()) > 1 or len(sure) == 1})


def _handle(label: str) -> bool:
    """'anna' or 'dana_k': lower-case names in a chat."""
    return len(label) <= 20 and " " not in label and label.lower() not in SECTION_WORDS
