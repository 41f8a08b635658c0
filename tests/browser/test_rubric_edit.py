"""The rubric's desk in a browser: without JavaScript, on a phone, in both colour schemes, by keyboard."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from app.main import create_app
from app.settings import Settings
from app.web.standards import Standards
from tests.browser.conftest import serving
from tests.browser.test_pages import CORNERS, RULES, tab_to

pytestmark = pytest.mark.browser
DATA = "3-data.yaml"


@pytest.fixture(scope="module")
def desk(tmp_path_factory, standards):
    """A service whose rubric is its own; the others' stays as it is."""
    folder = tmp_path_factory.mktemp("rubric")
    own = Standards(folder / "content")
    built = standards.knowledge()
    own.renew(built.rubric, built)
    settings = Settings(database=f"sqlite:///{folder}/rubric.db", content=folder / "content")
    with serving(create_app(settings, standards=own)) as address:
        yield f"{address}/rubric/edit"


def edit(page, desk, find, put):
    page.goto(desk)
    page.click(f"a[href*='{DATA}?part=']")
    text = page.input_value("#text")
    assert find in text
    page.fill("#text", text.replace(find, put, 1))
    page.click("text=Save as a draft")
    return text


@pytest.mark.parametrize("javascript", [True, False])
def test_a_criterion_is_changed_checked_and_published(open_page, desk, javascript):
    page = open_page(java_script_enabled=javascript)
    page.set_default_timeout(60_000)  # a check builds the rubric anew
    edit(page, desk, "    why: ", f"    why: In {'blue' if javascript else 'green'}, ")
    page.wait_for_selector("text=Saved as a draft")
    page.click("text=Check all drafts and publish")
    page.wait_for_selector("text=every example gets its depth")
    page.fill("#comment", "Said why.")
    page.click("text=Publish the next version")
    assert page.locator("[role=status]").inner_text().startswith("Version ")
    page.click(f"a[href='/rubric/edit/{DATA}/history']")
    page.wait_for_selector("text=Said why.")
    page.click("text=Show what differs")
    page.wait_for_url("**/diff?*")


def test_what_is_wrong_is_said_beside_the_text_that_is_kept(chromium, desk):
    context = chromium.new_context(viewport={"width": 390, "height": 800})
    page = context.new_page()  # of its own: the console tells of the status 422
    edit(page, desk, "weight: ", "weight: 7")
    alert = page.locator("[role=alert]")
    assert "line " in alert.inner_text() and "to mend, before it can be saved" in alert.inner_text()
    assert "weight: 7" in page.input_value("#text")
    context.close()


@pytest.mark.parametrize("scheme, width", CORNERS)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_page(open_page, desk, scheme, width):
    page = open_page(color_scheme=scheme, viewport={"width": width, "height": 900})
    for address in ("", f"/{DATA}", "/check", f"/{DATA}/history", f"/{DATA}/diff"):
        page.goto(desk + address)
        found = Axe().run(page, options=RULES).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], address
        root = "document.documentElement"
        assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth"), address


def test_the_way_by_keyboard(open_page, desk):
    page = open_page()
    page.goto(f"{desk}/{DATA}?part=nobody")
    tab_to(page, "History")
    page.goto(desk)
    tab_to(page, "Take the files")
