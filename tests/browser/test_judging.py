"""A second opinion in the browser: asked for, watched, compared; and the settings page."""

import time

import pytest
from axe_playwright_python.sync_playwright import Axe

from app.endpoint import Endpoint, Prices, Timeouts
from app.fake_llm.server import running
from app.main import create_app
from app.settings import Settings
from tests.browser.conftest import SAMPLE, serving
from tests.browser.test_pages import RULES

pytestmark = pytest.mark.browser
KEY = "sk-canary-browser-1234"
PATIENT = Timeouts(connect=5.0, first=3.0, gap=3.0, whole=10.0)


@pytest.fixture
def fake():
    with running() as fake:
        yield fake


@pytest.fixture
def with_endpoint(tmp_path, standards, fake):
    endpoint = Endpoint(
        fake.base_url, "speaks", "judges", key=KEY, timeouts=PATIENT, prices=Prices(0.15, 0.6)
    )
    settings = Settings(database=f"sqlite:///{tmp_path}/a.db", endpoint=endpoint)
    with serving(create_app(settings, standards=standards)) as address:
        yield address


def scored(page, address):
    page.goto(f"{address}/score")
    page.fill("#text", SAMPLE)
    page.click("text=Read the transcript")
    page.wait_for_url("**/score/*")
    page.click("text=Score it")
    page.wait_for_url("**/reports/*")
    return page.url


def hold(fake, after):
    """From that many requests on, the endpoint says nothing."""
    limit = time.monotonic() + 60
    while len(fake.requests) < after:
        assert time.monotonic() < limit
        time.sleep(0.005)
    fake.fault("hang_before", times=None)


def is_clean(page):
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:120]) for v in found] == []
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("wishes", [{}, {"viewport": {"width": 390, "height": 800}}])
def test_asked_for_by_keyboard_watched_and_compared(open_page, with_endpoint, fake, wishes):
    page = open_page(color_scheme="dark" if wishes else "light", **wishes)
    report = scored(page, with_endpoint)
    is_clean(page)
    page.get_by_role("button", name="Ask for a second opinion").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/judging/*")
    hold(fake, 5)
    page.wait_for_selector("text=/[1-9] of 21/")
    assert page.get_by_role("progressbar").get_attribute("max") == "21"
    is_clean(page)
    page.get_by_role("button", name="Cancel").focus()
    fake.mend()
    seen = page.get_by_role("link", name="See both side by side")
    seen.wait_for(timeout=120_000)
    assert page.evaluate("document.activeElement.id") == "title"
    assert page.get_by_role("status").inner_text() == "judges has given its opinion."
    is_clean(page)
    seen.click()
    page.wait_for_url("**/compare")
    page.wait_for_selector("h1:has-text('Two opinions, side by side')")
    page.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
    is_clean(page)
    page.goto(report)
    page.wait_for_selector("text=See both side by side")
    is_clean(page)


def test_without_javascript_it_comes_all_the_same(open_page, with_endpoint, fake):
    page = open_page(java_script_enabled=False)
    scored(page, with_endpoint)
    page.click("text=Ask for a second opinion")
    page.wait_for_url("**/judging/*")
    page.get_by_role("link", name="See both side by side").wait_for(timeout=120_000)
    page.click("text=See both side by side")
    page.wait_for_selector("text=Between them")


def test_it_is_cancelled_by_a_button(open_page, with_endpoint, fake):
    fake.fault("hang_before", times=None)
    page = open_page()
    report = scored(page, with_endpoint)
    page.click("text=Ask for a second opinion")
    page.wait_for_url("**/judging/*")
    page.click("text=Cancel")
    page.wait_for_selector("text=It was cancelled.")
    page.click("text=Back to the report")
    page.wait_for_url(report)


def test_the_settings_page_asks_and_says_what_it_heard(open_page, with_endpoint, fake):
    page = open_page()
    page.goto(f"{with_endpoint}/settings")
    is_clean(page)
    page.click("text=Ask it now")
    page.wait_for_selector("text=It works.")
    is_clean(page)
    fake.fault("empty", times=None)
    page.click("text=Ask it now")
    page.wait_for_selector("text=It does not work.")
    is_clean(page)
    assert KEY not in page.content()


def test_without_an_endpoint_the_settings_page_is_whole(open_page, address):
    page = open_page(viewport={"width": 390, "height": 800})
    page.goto(address)
    page.click("footer >> text=Settings")
    page.wait_for_url("**/settings")
    page.wait_for_selector("text=sevenstep fake-llm")
    is_clean(page)
