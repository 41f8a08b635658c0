"""From pieces to turns: the one place where what a speaker said in a row becomes one turn."""

from collections.abc import Iterable

from app.transcripts.decode import clean
from app.transcripts.formats.source import Piece, Reading
from app.transcripts.transcript import Speaker, Turn


def turns_of(reading: Reading) -> tuple[Turn, ...]:
    if reading.as_given:
        return tuple(_turn([piece]) for piece in reading.pieces)
    return tuple(_turn(run) for run in in_a_row(reading.pieces))


def in_a_row(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Pieces of one speaker in a row; one without a name carries on the speaker before."""
    runs: list[list[Piece]] = []
    for piece in pieces:
        if not piece.text.strip():
            continue
        if runs and piece.name in (None, runs[-1][0].name):
            runs[-1].append(piece)
        else:
            runs.append([piece])
    return runs


def _turn(run: list[Piece]) -> Turn:
    """`at` is the first time named in the turn: some sources only stamp a later paragraph."""
    first = run[0]
    return Turn(
        speaker=first.speaker or Speaker.UNKNOWN,
        text=clean(" ".join(piece.text.strip() for piece in run))
        if len(run) > 1
        else clean(first.text),
        name=(clean(first.name).strip() or None) if first.name else None,
        at=next((piece.at for piece in run if piece.at is not None), None),
    )


def ends_at(reading: Reading) -> float | None:
    """The last moment the source names."""
    named = [t for piece in reading.pieces for t in (piece.at, piece.end) if t is not None]
    if reading.ends_at is not None:
        named.append(reading.ends_at)
    return max(named, default=None)
