"""Where a candidate's words are put as a question to the interviewer, mark or not, lead-in or not.

Wider than app/concepts/questions.py, which guards the scorer against taking a design for a question: whoever sits
before an interviewer and begins a short sentence with "how many" or "what's the" wants to be told.
"""

import re

ASKING = r"(?:what|how|who|whom|whose|where|when|which|why)"
LEAD = re.compile(
    r"^(?:(?:so|and|but|then|now|ok|okay|well|first|firstly|also|maybe|um|uh|er|alright|all right|right|great|hi|hello|"
    r"sure|thanks|just|sorry|yeah|yes|next|another|one|more|last|quick|question|thing|of all|another one|to start|"
    r"perhaps|please)[\s,:.-]+)+",
    re.IGNORECASE,
)
PRONOUN = (
    r"(?:we|you|i|it|they|there|he|she|this|that|these|those|anybody|anyone|somebody|someone|people|users|the|our|"
    r"your|my)"
)
# "what's the ...", "how many ...", "who pays ...": nothing else begins so
HEAD = re.compile(
    rf"^(?:{ASKING}['’]?s\s|(?:what|who|which|where|how|when|why)\s+(?:is|are|was|were|does|did)\s|"
    r"how\s+(?!(?:we|you|i|it|they|to|the|this|that|our|your|these|those|about)\b)\w+|"
    r"(?:what|which)\s+(?:kind|kinds|sort|sorts|type|types|about|if)\b|"
    r"what\s+(?:share|fraction|percentage|percent|proportion|number|part|portion)\s+of\b|"
    r"who\s+\w+(?:s|ed)\b|who\s+(?:will|would|can|has|have)\b|"
    r"what\s+(?:happens|goes|counts|drives|makes|do|did|can|could|should|would|will|has)\b)",
    re.IGNORECASE,
)
# "what metric are we", "which languages do we": an auxiliary before its subject
INVERTED = re.compile(
    rf"^(?:to |with |for |in |at |on |by |after |within |from )?{ASKING}\s+(?!(?:we|i|you|they|it)\b)"
    r"(?:[\w'’-]+\s+){0,5}?(?:is|are|was|were|do|does|did|can|could|should|would|will|have|has|am)\s+"
    rf"(?:{PRONOUN}|\w+s)\b",
    re.IGNORECASE,
)
# "do competitors react", "can users appeal", "are there limits", "has it been tried", "any constraints"
YES_OR_NO = re.compile(
    rf"^(?:(?:do|does|did|is|are|was|were|can|could|should|shall|would|will|may|must|has|have|am)\s+{PRONOUN}\b|"
    r"(?:does|did|is|are|was|were|has)\s+(?!not\b|n['’]t)\w+|"
    r"do\s+(?!not\b|the\b|this\b|that\b|a\b)(?:[\w'’-]+\s+){0,2}\w+s\s+\w+|"
    r"(?:can|could|should|will|would)\s+(?!(?:not|be|also|then|just|have|only|even|still|use)\b)\w+\s+\w+|"
    r"(?:any|anything|anyone|anybody)\s+\w+)",
    re.IGNORECASE,
)
SHORT_WORDS = 26  # a longer run is a speech, however it begins
# where a question begins behind a lead-in, without a mark before it
INSIDE = re.compile(
    rf"\b(?:{ASKING}['’]s\s+(?:the|our|your|my|in|a)\b|"
    r"(?:what|where|who)\s+(?:is|are)\s+(?:the|our|we|your|my|there)\b|"
    rf"(?:what|where|how|who|when)\s+(?:do|does|did|can|could|should|will|would)\s+{PRONOUN}\b|"
    r"how\s+(?:many|much|often|big|large|fast|quickly|long|far|accurate|good)\s+(?:[\w'’-]+\s+){0,4}?"
    r"(?:do|does|did|is|are|can|could|will|would|should|have|has)\b|"
    r"(?:what|which)\s+\w+\s+(?:do|does|did|are|can|should)\s+(?:we|i|you|they)\b|"
    r"(?:(?:do|does|did|are|can|could|have|has)\s+(?:we|there|you|users|i)|is\s+there)\b)",
    re.IGNORECASE,
)
LEAD_WORDS = 12  # a longer run before the question is a thought of its own
NO_LEAD = re.compile(
    r"\b(?:depends?|on|of|so|nor|as|know|see|decides?|about|whether|than|that|which|is|are|to|if|by|for|and|with|"
    r"because)\s*$",
    re.IGNORECASE,
)

# "I would measure how many ...": a plan has its question inside, and asks nobody
PLAN = re.compile(
    r"\b(?:(?:i|we)(?:['’](?:d|ll)|\s+(?:would|will|should|must|also|then|have to))(?!\s+(?:like|love)\b)"
    r"|then\s+(?:i|we)|let(?:['’]s| us))\s+(?:\w+\s+){0,2}?"
    r"(?:track|measure|monitor|log|count|look|check|watch|record|report|compare|estimate|compute|show|plot|test|"
    r"evaluate|store|predict)\w*(?:\s+(?:at|out|for|on|into))?\s*$"
    r"|\b(?:shows|tells|says|tracks|measures|counts|predicts|reports)(?:\s+(?:us|me))?\s*$",
    re.IGNORECASE,
)

# "for new users do we know ...": what stands before belongs to the question
PREPOSED = re.compile(r"^(?:for|in|on|with|at|of|from|when|if)\s", re.IGNORECASE)


def asks(text: str) -> bool:
    """Whether the whole of `text` is a question, by how it begins."""
    bare = bare_of(text)
    if len(bare.split()) > SHORT_WORDS or not bare:
        return False
    if PREPOSED.match(bare) and question_inside(bare) is not None:
        return True
    return bool(HEAD.match(bare) or INVERTED.match(bare) or YES_OR_NO.match(bare)) and not (
        _goes_on(bare)
    )


def bare_of(text: str) -> str:
    return LEAD.sub("", text.strip()).strip()


# "how often it is shown decides ...", "what is shown is ...": a clause that is the subject of another
AS_SUBJECT = re.compile(
    rf"^{ASKING}\b.*\b(?:depends on|matters|decides|determines|is what|is a question|is up to|is the question)\b",
    re.IGNORECASE,
)


def _goes_on(bare: str) -> bool:
    return bool(AS_SUBJECT.match(bare))


def question_inside(text: str) -> int | None:
    """Where behind a short lead-in a question begins: "before I start what's the budget"."""
    for match in INSIDE.finditer(text):
        before = text[: match.start()]
        if not before.strip() or len(before.split()) > LEAD_WORDS:
            continue
        if PLAN.search(before) and not text.rstrip().endswith("?"):
            continue
        if before.rstrip().endswith(",") or not NO_LEAD.search(before):
            if len(text[match.start() :].split()) <= SHORT_WORDS:
                return match.start()
    return None
