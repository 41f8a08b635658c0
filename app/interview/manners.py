"""What good manners forbid whoever interviews: words of praise, and how runs of words and amounts are compared."""

import re

from app.concepts.quantities import Quantity

RUN = 5  # words of a fact's answer in a row that are no chance
SMALL = 12  # counts up to this are anybody's
TITLE = 3  # words of a criterion's title below which it is ordinary speech
QUOTED = re.compile(r'"[^"]*"|“[^”]*”')
WORD = re.compile(r"[\w']+")
PRAISING = (
    r"good|great|nice|excellent|perfect|awesome|amazing|fantastic|brilliant|wonderful|superb|impressive|"
    r"interesting|clever|smart|lovely|cool|correct|exactly|outstanding|solid"
)
PRAISE = re.compile(
    rf"(?:^|[.!?]\s+)(?:{PRAISING})\b(?=\s*(?:[.,!;]|$|\w+[.,!]))"
    rf"|(?:\b(?:that's|that is|it's|it is|this is|(?:that|this|it) (?:sounds|looks|seems)|you are|you're|what an?)|"
    rf"(?:^|[.!?]\s+)(?:sounds|looks|seems))\s+(?:an?\s+)?"
    rf"(?:very\s+|really\s+|quite\s+|so\s+)?(?:{PRAISING})\b(?!\s+\w+\s+\w)"
    r"|\b(?:that's|that is|you're|you are)\s+(?:\w+ly\s+)?right\b"
    r"|\b(?:well (?:done|put|said|thought|reasoned)|good (?:point|job|work|answer|idea|thinking|question|choice|catch)|"
    r"(?:nice|great|excellent|strong|solid|interesting) (?:point|job|work|answer|idea|thinking|question|choice|one|"
    r"approach|design|thought|opening|start|beginning|reasoning|observation|instinct)|"
    r"i (?:really )?(?:like|love) (?:that|this|it|how|your)|on the right track|"
    r"doing (?:well|great|fine)|impressed|bravo|kudos|spot on|keep it up|"
    r"(?:exactly|just|precisely) (?:what|how|as) (?:i|we|one)(?:['’]d| would)|couldn['’]?t have (?:put|said|done))\b",
    re.IGNORECASE,
)


def words(text: str) -> list[str]:
    return WORD.findall(text.lower())


def runs_of(text: str) -> set[tuple[str, ...]]:
    all_words = words(text)
    return {tuple(all_words[i : i + RUN]) for i in range(len(all_words) - RUN + 1)}


def same(one: Quantity, other: Quantity) -> bool:
    if one.dimension != other.dimension:
        return False
    return abs(one.amount - other.amount) <= 1e-6 * abs(other.amount)
