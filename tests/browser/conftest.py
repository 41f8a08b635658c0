import shutil
import socket
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import sync_playwright

from app.main import create_app
from app.settings import Settings
from app.web.standards import Standards

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
SAMPLE = (Path(__file__).parents[1] / "web" / "sample.vtt").read_text(encoding="utf-8")


class Ready(uvicorn.Server):
    """Tells the waiting test when it accepts connections."""

    def __init__(self, config):
        super().__init__(config)
        self.is_up = threading.Event()

    async def startup(self, sockets=None):
        await super().startup(sockets=sockets)
        self.is_up.set()


@contextmanager
def serving(app):
    """The address of a real server on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Ready(uvicorn.Config(app, log_level="warning", access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        assert server.is_up.wait(30)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(30)


@pytest.fixture(scope="package")
def standards():
    """Building the rubric's index takes seconds; all servers share one."""
    return Standards(None)


@pytest.fixture(scope="package")
def address(tmp_path_factory, standards):
    database = f"sqlite:///{tmp_path_factory.mktemp('browser')}/pages.db"
    with serving(create_app(Settings(database=database), standards=standards)) as address:
        yield address


@pytest.fixture(scope="package")
def chromium():
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no chromium on this machine (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium):
    """Pages that may ask nobody else, and whose console must stay silent; `answers` are statuses that are wanted."""
    contexts, complaints = [], []

    def ours_only(route):
        if route.request.url.startswith(("http://127.0.0.1:", "data:")):
            route.continue_()
        else:
            complaints.append(f"asked for {route.request.url}")
            route.abort()

    def noted(text, answers):
        if not any(f"a status of {status} " in text for status in answers):
            complaints.append(text)

    def open_one(*, answers=(), **wishes):
        context = chromium.new_context(**{"viewport": {"width": 1366, "height": 900}, **wishes})
        contexts.append(context)
        context.route("**/*", ours_only)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda m: m.type == "error" and noted(m.text, answers))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="package")
def made(chromium, address):
    """Addresses of every page, with one report that all read-only tests share."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{address}/score")
    page.fill("#text", SAMPLE)
    page.click("text=Read the transcript")
    page.wait_for_url("**/score/*")
    who = page.url
    page.click("text=Score it")
    page.wait_for_url("**/reports/*")
    report = page.url
    context.close()
    return {
        "home": address,
        "score": f"{address}/score",
        "who": who,
        "report": report,
        "transcript": f"{report}/transcript",
        "delete": f"{report}/delete",
        "reports": f"{address}/reports",
        "rubric": f"{address}/rubric",
        "step": f"{address}/rubric/monitoring",
        "missing": f"{address}/nowhere",
    }
