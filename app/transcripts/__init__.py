"""What was said: transcripts in any format, with roles and notes on their quality."""

from app.transcripts.formats import FORMATS
from app.transcripts.quality import NOTES, unscorable_reason
from app.transcripts.read import read_transcript
from app.transcripts.roles import assign_roles, swap_roles
from app.transcripts.transcript import Note, Speaker, Transcript, Turn

__all__ = [
    "FORMATS",
    "NOTES",
    "Note",
    "Speaker",
    "Transcript",
    "Turn",
    "assign_roles",
    "read_transcript",
    "swap_roles",
    "unscorable_reason",
]
