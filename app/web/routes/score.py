"""Paste or upload, check who is who, get the report."""

from dataclasses import dataclass

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData, UploadFile

from app.errors import InvalidInput
from app.storage import reports
from app.storage.db import transaction
from app.storage.reports import KeptTranscript
from app.transcripts import FORMATS
from app.transcripts.read import BYTES_LIMIT
from app.web.bodies import LIMIT
from app.web.deps import Deps, Home, in_thread, page
from app.web.private import scored_alone
from app.web.scoring import keep_transcript, score_kept
from app.web.views.speakers import SETTLED, cast, guess_of, people_of
from app.web.views.words import for_page

router = APIRouter(include_in_schema=False, dependencies=[Depends(scored_alone)])
QUESTION_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class Filled:
    """The form as it was sent, to come back when it cannot be used."""

    text: str = ""
    question: str = ""
    speaker: str = ""


@router.get("/score")
def form(request: Request) -> Response:
    return page(request, "score/form.html", filled=Filled(), problem=None)


@router.post("/score")
async def read(request: Request, home: Deps) -> Response:
    """A file wins over pasted text."""
    async with request.form(max_files=1, max_fields=10, max_part_size=LIMIT) as sent:
        filled = Filled(_field(sent, "text"), _field(sent, "question"), _field(sent, "speaker"))
        file = sent.get("file")
        name, data = None, filled.text.encode("utf-8", "replace")
        if isinstance(file, UploadFile) and file.filename:
            name, data = file.filename, await file.read(BYTES_LIMIT + 1)
    try:
        kept: KeptTranscript = await in_thread(
            keep_transcript,
            home,
            data,
            name=name,
            question=filled.question[:QUESTION_LIMIT].strip(),
            speaker=filled.speaker.strip(),
        )
    except InvalidInput as error:
        said = str(error) if data.strip() else "Paste a transcript or choose a file first."
        return page(
            request, "score/form.html", status=error.status, filled=filled, problem=for_page(said)
        )
    return RedirectResponse(f"/score/{kept.id}", 303)


def _field(sent: FormData, name: str) -> str:
    value = sent.get(name, "")
    return value if isinstance(value, str) else ""


@router.get("/score/{id}")
def who(request: Request, id: str, home: Deps) -> Response:
    kept = _kept(home, id)
    transcript = kept.transcript
    return page(
        request,
        "score/who.html",
        kept=kept,
        format=FORMATS[transcript.format].about if transcript.format in FORMATS else "",
        people=people_of(transcript),
        guess=guess_of(transcript),
        notes=[for_page(note.message) for note in transcript.notes if note.id not in SETTLED],
    )


@router.post("/score/{id}")
async def confirm(request: Request, id: str, home: Deps) -> Response:
    sent = await request.form(max_files=0, max_fields=10)
    kept: KeptTranscript = await in_thread(_kept, home, id)
    candidate = _field(sent, "candidate")
    if _field(sent, "swap"):
        people = people_of(kept.transcript)
        candidate = next((p.label for p in people if p.role != "candidate"), candidate)
    chosen = cast(kept.transcript, candidate)
    report = await in_thread(score_kept, home, kept, as_cast=chosen)
    return RedirectResponse(f"/reports/{report.id}", 303)


def _kept(home: Home, id: str) -> KeptTranscript:
    with transaction(home.engine) as db:
        return reports.get_transcript(db, id)
