"""The quality gate: what a reader of the report should know, and what cannot be scored at all."""

import re

from app.transcripts import language
from app.transcripts.transcript import Note, Speaker, Transcript

LEAST_WORDS = 60  # contract: under 60 words of the candidate nothing is scored

NOTES = {
    "too-short": "The candidate says too little to be scored.",
    "not-english": "The words are not English; the rubric only knows English.",
    "gibberish": "The words are filler, repeated or random, and mean nothing.",
    "no-candidate": "None of the speakers is the candidate.",
    "no-speaker-names": "The source names no speakers.",
    "lone-speaker": "Only one person is heard.",
    "roles-guessed": "Who is the candidate was guessed, and why.",
    "truncated": "The transcript seems to break off.",
    "times-missing": "There are no times, so pacing cannot be judged.",
    "times-out-of-order": "Times run backwards in places, so pacing is rough.",
}
UNSCORABLE = ("not-english", "gibberish", "no-candidate", "too-short")

BREAKS_OFF = re.compile(
    r"[\[(](?:the )?(?:transcript|recording|audio|file|text) (?:ends|cuts|cut|is cut|stops|breaks|"
    r"truncated|was truncated|is truncated|continues)[^\])\n]{0,60}[\])]\s{0,5}$|"
    r"[\[(](?:truncated|cut off|to be continued)[\])]\s{0,5}$",
    re.IGNORECASE,
)
DANGLING = frozenset(
    "the a an of and or to with because if that for in on by from as but is are was which when "
    "we our my their your its so than then into".split()
)
SENTENCE_END = (".", "?", "!", "…", '"', "”", ")", "]", "'", "’")


def check(transcript: Transcript) -> tuple[Note, ...]:
    """The notes of the words and the times; roles.py adds those about speakers."""
    found = (
        _language_note(transcript),
        _length_note(transcript),
        _truncated_note(transcript),
        _times_note(transcript),
    )
    return tuple(note for note in found if note)


def unscorable_reason(transcript: Transcript) -> str | None:
    """A sentence saying why no score can be given, or None where one can."""
    known = {note.id: note.message for note in (*transcript.notes, *check(transcript))}
    if not any(turn.speaker is Speaker.CANDIDATE for turn in transcript.turns):
        known.setdefault("no-candidate", "None of the speakers is the candidate.")
    return next((known[id] for id in UNSCORABLE if id in known), None)


def candidate_text(transcript: Transcript) -> str:
    return "\n".join(t.text for t in transcript.turns if t.speaker is Speaker.CANDIDATE)


def _language_note(transcript: Transcript) -> Note | None:
    """Judged on the candidate's words; on everybody's where the candidate says next to nothing."""
    text = candidate_text(transcript)
    if len(text) < 100:
        text = "\n".join(turn.text for turn in transcript.turns)
    if language.other_script(text):
        return _not_english("another script")
    words = language.words_in(text)
    if len(words) < 25:
        return _letterless(text)
    if spoken := language.other_language(words):
        return _not_english(spoken)
    if language.gibberish(words):
        return Note(
            "gibberish",
            "These words are filler, repeated or random letters, so there is nothing to judge.",
        )
    return None


def _not_english(spoken: str) -> Note:
    return Note(
        "not-english",
        f"This seems to be in {spoken}. Only English can be scored; a translation can be.",
    )


def _letterless(text: str) -> Note | None:
    """Hundreds of marks without words."""
    if len(text) < 200 or sum(1 for c in text if c.isalpha()) > 0.3 * len(text):
        return None
    return Note("gibberish", "This is mostly marks and numbers, so there is nothing to judge.")


def _length_note(transcript: Transcript) -> Note | None:
    count = len(candidate_text(transcript).split())
    if count >= LEAST_WORDS or Speaker.CANDIDATE not in {t.speaker for t in transcript.turns}:
        return None
    said = "1 word" if count == 1 else f"{count} words"
    return Note(
        "too-short",
        f"The candidate says {said}; a score needs at least {LEAST_WORDS}. If somebody else is "
        "the candidate, name them (--speaker NAME).",
    )


def _truncated_note(transcript: Transcript) -> Note | None:
    """Only on good evidence: a marker, or a hanging last word where sentences end elsewhere."""
    texts = [turn.text.rstrip() for turn in transcript.turns if turn.text.strip()]
    if not texts:
        return None
    last = texts[-1]
    if BREAKS_OFF.search(last[-120:]):
        return Note("truncated", "The transcript says itself that it breaks off before the end.")
    whole = [text for text in texts[:-1] if len(text.split()) >= 8]
    ended = sum(1 for text in whole if text.endswith(SENTENCE_END))
    hanging = last.endswith((",", "-", "–", "—")) or last.split()[-1].lower() in DANGLING
    if hanging and len(whole) >= 3 and ended >= 0.8 * len(whole):
        return Note(
            "truncated",
            "The last turn breaks off in the middle of a sentence, so the "
            "end of the interview may be missing.",
        )
    return None


def _times_note(transcript: Transcript) -> Note | None:
    times = [turn.at for turn in transcript.turns if turn.at is not None]
    if not times:
        return Note("times-missing", "There are no times, so pacing cannot be judged.")
    if any(after < before for before, after in zip(times, times[1:], strict=False)):
        return Note("times-out-of-order", "Some times run backwards, so pacing is only rough.")
    return None
