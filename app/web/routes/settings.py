"""What is set up: the model endpoint, its budget, and whether it answers."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from app.llm.ledger import Spent
from app.llm.models import JUDGE_PATIENCE
from app.llm.probe import Probed
from app.web.deps import Deps, page
from app.web.views.settings import AccountLine, account_lines

router = APIRouter(prefix="/settings", include_in_schema=False)


@router.get("")
async def show(request: Request, home: Deps) -> Response:
    return await settings_page(request, home, None)


@router.post("/probe")
async def probe(request: Request, home: Deps) -> Response:
    """Asks each model a word; takes as long as the endpoint's timeouts at most."""
    if home.models is None:
        return RedirectResponse("/settings", 303)
    return await settings_page(request, home, await home.models.probe())


@router.get("/probe")
def again() -> Response:
    """Where somebody comes back to the address of an answer."""
    return RedirectResponse("/settings", 303)


async def settings_page(request: Request, home: Deps, probed: Probed | None) -> Response:
    endpoint = home.endpoint
    spent, accounts = await run_in_threadpool(_spent, home)
    return page(
        request,
        "settings/show.html",
        endpoint=endpoint,
        priced=endpoint is not None and endpoint.prices.are_set,
        judge_patience=JUDGE_PATIENCE,
        spent=spent,
        accounts=accounts,
        probed=probed,
    )


def _spent(home: Deps) -> tuple[Spent, list[AccountLine]]:
    if home.ledger is None:
        return Spent(), []
    return home.ledger.spent(), account_lines(home.ledger.today())
