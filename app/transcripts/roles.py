"""Who is the candidate: by label, else by who talks, who asks and who sets the task."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.errors import InvalidInput
from app.transcripts.transcript import Note, Speaker, Transcript, Turn

LABELS = {
    Speaker.INTERVIEWER: frozenset(
        "interviewer host moderator recruiter examiner panelist mentor coach assistant q i "
        "interviewers assessor".split()
    ),
    Speaker.CANDIDATE: frozenset(
        "candidate interviewee me applicant guest you a c user student".split()
    ),
    Speaker.OBSERVER: frozenset("observer shadow notetaker narrator".split()),
}
WORD = re.compile(r"[\w'’]+")
SENTENCE_END = re.compile(r"[.!?\n]")
ASKING = re.compile(
    r"^(?:so |and |okay |ok |but |well |great |now )?(?:what|how|why|where|which|when|who|can you|"
    r"could you|would you|do you|did you|are you|is there|tell me|walk me|let's say|suppose)\b",
    re.IGNORECASE,
)
TASK = re.compile(
    r"\b(?:design an?|design the|how would you (?:design|build|approach)|build an?|"
    r"i(?:'d| would) like you to|your task|today'?s? (?:question|problem)|walk me through|"
    r"i want you to)\b",
    re.IGNORECASE,
)
TASK_TURNS = 12  # the task is set in the first turns; later "design a" is the answer itself
OFTEN = 0.5  # an observer who asks at least half as much as the interviewer is one too

Key = tuple[Speaker, str | None]


@dataclass(frozen=True, slots=True)
class Habits:
    """How one speaker speaks, over the whole transcript."""

    words: int
    turns: int
    questions: int
    sets_task: bool

    @property
    def asking(self) -> float:
        """Questions for each hundred words."""
        return 100 * self.questions / max(self.words, 1)


def assign_roles(
    turns: Sequence[Turn], speaker: str | None = None
) -> tuple[tuple[Turn, ...], tuple[Note, ...]]:
    """The turns with roles, and notes saying how they were found."""
    keys = list(dict.fromkeys(_key(turn) for turn in turns))
    if speaker is not None:
        chosen = _named(keys, speaker)
        roles = {k: Speaker.CANDIDATE if k in chosen else Speaker.INTERVIEWER for k in keys}
        return _with(turns, roles), ()
    if all(key[0] is not Speaker.UNKNOWN for key in keys):
        return tuple(turns), _alone_note(turns, keys)
    if all(key == (Speaker.UNKNOWN, None) for key in keys):
        return _with(turns, {k: Speaker.CANDIDATE for k in keys}), (NAMELESS,)
    return _guessed(turns, keys)


def swap_roles(transcript: Transcript) -> Transcript:
    """Interviewer and candidate exchanged, for when the guess was wrong."""
    other = {
        Speaker.CANDIDATE: Speaker.INTERVIEWER,
        Speaker.INTERVIEWER: Speaker.CANDIDATE,
    }
    turns = tuple(replace(t, speaker=other.get(t.speaker, t.speaker)) for t in transcript.turns)
    return replace(transcript, turns=turns)


NAMELESS = Note(
    "no-speaker-names",
    "The file names no speakers, so all of it is scored as the candidate's words.",
)


def _key(turn: Turn) -> Key:
    """Who it is: the role where the source gave one, and the name."""
    return turn.speaker, turn.name


def _label(key: Key) -> str:
    return key[1] or str(key[0])


def _with(turns: Sequence[Turn], roles: dict[Key, Speaker]) -> tuple[Turn, ...]:
    return tuple(replace(turn, speaker=roles.get(_key(turn), turn.speaker)) for turn in turns)


def _named(keys: list[Key], speaker: str) -> set[Key]:
    """The keys of `--speaker`: the whole name, else the only name that begins so."""
    wanted = speaker.strip().casefold()
    labels = list(dict.fromkeys(_label(key) for key in keys if key != (Speaker.UNKNOWN, None)))
    exact = [label for label in labels if label.casefold() == wanted]
    found = exact or [label for label in labels if wanted and label.casefold().startswith(wanted)]
    if len(found) == 1 or exact:
        return {key for key in keys if _label(key) in found}
    if not labels:
        raise InvalidInput("This transcript names no speakers, so none can be chosen.")
    listed = ", ".join(labels[:20])
    if found:
        raise InvalidInput(
            f"More than one speaker begins with {speaker!r:.60}: {', '.join(found)}."
        )
    raise InvalidInput(f"Nobody here is called {speaker!r:.60}; the speakers are {listed}.")


def by_label(key: Key) -> Speaker:
    """The role a label says by itself: 'Interviewer 2', 'Anna (candidate)', 'Me'."""
    if key[0] is not Speaker.UNKNOWN or key[1] is None:
        return key[0]
    words = [w.lower() for w in WORD.findall(key[1].replace("_", " ")) if not w.isdigit()]
    for role, labels in LABELS.items():
        if len(words) == 1 and words[0] in labels:
            return role
        if any(len(w) > 4 and w in labels for w in words):
            return role
    return Speaker.UNKNOWN


def _guessed(turns: Sequence[Turn], keys: list[Key]) -> tuple[tuple[Turn, ...], tuple[Note, ...]]:
    roles = {key: by_label(key) for key in keys}
    people = [key for key in keys if key != (Speaker.UNKNOWN, None)]
    habits = _habits(turns, people)
    notes: list[Note] = []
    if Speaker.CANDIDATE not in roles.values():
        open_keys = [key for key in people if roles[key] is Speaker.UNKNOWN]
        if open_keys:
            candidate = _likeliest(open_keys, habits)
            others_labelled = len(open_keys) == 1 and len(people) > 1
            roles[candidate] = Speaker.CANDIDATE
            if len(people) > 1 and not others_labelled:
                notes.append(_reason(candidate, habits))
    _seat_the_rest(roles, people, habits)
    placed = _with(turns, roles)
    return placed, (*notes, *_alone_note(placed, keys))


def _habits(turns: Sequence[Turn], people: list[Key]) -> dict[Key, Habits]:
    said: dict[Key, list[str]] = {key: [] for key in people}
    setters: set[Key] = set()
    for n, turn in enumerate(turns):
        said.setdefault(_key(turn), []).append(turn.text)
        if n < TASK_TURNS and TASK.search(turn.text):
            setters.add(_key(turn))
    return {
        key: Habits(
            words=sum(len(text.split()) for text in said[key]),
            turns=len(said[key]),
            questions=sum(_questions(text) for text in said[key]),
            sets_task=key in setters,
        )
        for key in people
    }


def _questions(text: str) -> int:
    """By question mark, else by how a sentence begins: raw speech recognition has no marks."""
    marked = text.count("?")
    return marked or sum(1 for s in SENTENCE_END.split(text) if ASKING.match(s.strip()))


def _likeliest(keys: list[Key], habits: dict[Key, Habits]) -> Key:
    """Talking most weighs twice; asking least, longest turns and not setting the task once."""
    everyone = habits.values()
    total = max(sum(h.words for h in everyone), 1)
    least = min(h.asking for h in everyone)
    longest = max(1.0, *(h.words / h.turns for h in everyone), 1.0)
    one_setter = sum(1 for h in everyone if h.sets_task) == 1

    def candidacy(key: Key) -> float:
        own = habits[key]
        return (
            2 * own.words / total
            + (own.asking == least)
            + own.words / own.turns / longest
            - (own.sets_task and one_setter)
        )

    return max(keys, key=candidacy)


def _reason(candidate: Key, habits: dict[Key, Habits]) -> Note:
    own = habits[candidate]
    others = [h for key, h in habits.items() if key != candidate]
    share = round(100 * own.words / max(sum(h.words for h in habits.values()), 1))
    reasons = [f"says {share} % of the words"]
    if all(own.asking < other.asking for other in others):
        reasons.append("asks the fewest questions")
    if not own.sets_task and any(other.sets_task for other in others):
        reasons.append("is given the task by somebody else")
    return Note(
        "roles-guessed",
        f"{_label(candidate)} was taken for the candidate, who {_listed(reasons)}. "
        "If that is wrong, name the candidate (--speaker NAME).",
    )


def _listed(reasons: list[str]) -> str:
    return " and ".join([", ".join(reasons[:-1]), reasons[-1]] if reasons[:-1] else reasons)


def _seat_the_rest(roles: dict[Key, Speaker], people: list[Key], habits: dict[Key, Habits]) -> None:
    """Who asks most is the interviewer; others watch, unless they ask about as much."""
    rest = [key for key in people if roles[key] is Speaker.UNKNOWN]
    if not rest:
        return
    known = [habits[k].questions for k in people if roles[k] is Speaker.INTERVIEWER]
    most = max([*known, *(habits[key].questions for key in rest)])
    if not known:
        roles[max(rest, key=lambda key: habits[key].questions)] = Speaker.INTERVIEWER
    for key in rest:
        if roles[key] is Speaker.UNKNOWN:
            asks = habits[key].questions
            asks_much = asks >= 3 and asks >= OFTEN * most
            roles[key] = Speaker.INTERVIEWER if asks_much else Speaker.OBSERVER


def _alone_note(turns: Sequence[Turn], keys: list[Key]) -> tuple[Note, ...]:
    """A transcript of the candidate alone is scored; without a candidate nothing is."""
    roles = {turn.speaker for turn in turns if turn.text.strip()}
    if roles <= {Speaker.CANDIDATE, Speaker.UNKNOWN} and Speaker.CANDIDATE in roles:
        names = {key[1] for key in keys} - {None}
        who = f"Only {names.pop()}" if len(names) == 1 else "Only the candidate"
        return (
            Note(
                "lone-speaker",
                f"{who} is heard, and is scored without the interviewer's "
                "side: what was asked for and what came unprompted cannot be told apart.",
            ),
        )
    if roles and Speaker.CANDIDATE not in roles:
        return (
            Note(
                "no-candidate",
                "None of the speakers is the candidate; name one "
                "(--speaker NAME) to have them scored.",
            ),
        )
    return ()
