"""The first page, the theme, and what a machine asks: alive, ready."""

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from app.storage import reports
from app.storage.db import transaction
from app.web.access import local
from app.web.deps import Deps, page
from app.web.metrics import Metrics
from app.web.readiness import Readiness
from app.web.templating import static_folder
from app.web.views.words import DECISIONS

router = APIRouter(include_in_schema=False)
LATEST = 5
A_YEAR = 365 * 24 * 3600


@router.get("/")
def home(request: Request, home: Deps) -> Response:
    with transaction(home.engine) as db:
        latest = reports.list_reports(db, limit=LATEST)
    return page(request, "home.html", latest=latest, decisions=DECISIONS)


@router.post("/theme")
async def theme(request: Request) -> Response:
    form = await request.form(max_files=0, max_fields=5)
    chosen = str(form.get("theme", "auto"))
    response = RedirectResponse(local(str(form.get("back", "/"))), 303)
    if chosen in ("light", "dark"):
        response.set_cookie("theme", chosen, max_age=A_YEAR, httponly=True, samesite="strict")
    else:
        response.delete_cookie("theme")
    return response


@router.get("/favicon.ico")
def favicon() -> Response:
    return FileResponse(static_folder() / "icon.svg", media_type="image/svg+xml")


@router.get("/healthz")
def healthz() -> Response:
    return PlainTextResponse("ok\n")


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    readiness: Readiness = request.app.state.readiness
    is_ready, about = await readiness.look()
    return PlainTextResponse(f"{about}\n", 200 if is_ready else 503)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    told: Metrics = request.app.state.metrics
    return Response(told.told(), media_type=CONTENT_TYPE_LATEST)
