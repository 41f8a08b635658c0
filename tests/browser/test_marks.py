"""After a live interview: a whole form of marks by eight keys, pages that fit and read well, a card on paper."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from app.main import create_app
from app.settings import Settings
from tests.browser.conftest import serving
from tests.browser.test_pages import RULES
from tests.web.live.held import Held, service

pytestmark = pytest.mark.browser

BUDGET = (
    90 * 1024
)  # bytes of the longest of these pages for a short interview, styles and scripts left out


class Over:
    """An interview that is over, and a browser for each of its people."""

    def __init__(self, address, held, open_page):
        self.address, self.held, self.open_page = address, held, open_page

    def page(self, who="host", path="", **wishes):
        person = self.held.others.get(who) or getattr(self.held, who)
        page = self.open_page(**wishes)
        page.context.add_cookies(
            [
                {"name": name, "value": value, "domain": "127.0.0.1", "path": place}
                for (name, place), value in person.jar.items()
            ]
        )
        page.goto(f"{self.address}{path if path == '/agreement' else self.held.address + path}")
        return page


@pytest.fixture
def over(tmp_path, standards, open_page):
    """Nobody has marked yet."""
    with service(tmp_path, standards) as client:
        held = Held(client, ("Ben", "interviewer")).talk()
    settings = Settings(database=f"sqlite:///{tmp_path}/live.db")
    with serving(create_app(settings, standards=standards)) as address:
        yield Over(address, held, open_page)


def mark(page, keys="3232x11"):
    for key in keys:
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare")


def settle(page):
    for box in page.locator("textarea[name^=reason]").all():
        box.fill("Named, but only after I asked twice.")
    page.check("[name=decision][value=lean_yes]", force=True)
    page.click("text=Settle the marks")
    page.wait_for_url("**/card")


def test_from_eight_keys_to_a_card_on_paper(over):
    page = over.page()
    page.wait_for_url("**/marks")
    expect(page.locator(".keys")).to_be_visible()
    for key in "3232x14":
        page.keyboard.press(key)
    expect(page.locator("#keep")).to_be_focused()
    chosen = page.locator("input[name^='level.']:checked")
    assert [box.get_attribute("value") for box in chosen.all()] == [*"3232", "none", *"14"]
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare")

    step = page.locator(".mark[data-machine]:not([data-machine=''])").first
    far, near = ("4", "0") if float(step.get_attribute("data-machine")) < 2 else ("0", "4")
    step.locator(f"[name^='level.'][value='{far}']").check(force=True)
    expect(step.locator(".why")).to_have_class(re.compile("needed"))
    step.locator(f"[name^='level.'][value='{near}']").check(force=True)
    expect(step.locator("[data-wants]")).to_have_text("if you like")

    box = page.locator("textarea[name='reason.data']")
    box.fill("Knew the delay of labels.")
    page.reload()
    expect(box).to_have_value("Knew the delay of labels.")

    settle(page)
    assert page.locator(".tools").first.is_visible()
    page.emulate_media(media="print")
    assert not any(part.is_visible() for part in page.locator(".tools").all())
    expect(page.get_by_role("heading", name="Leaning yes")).to_be_visible()
    assert page.pdf().startswith(b"%PDF")


def test_every_page_reads_well_in_both_themes_and_on_a_phone(over):
    found = []
    host = over.page("host", "/marks")
    look(found, "/marks", host)
    mark(host)
    ben = over.page("Ben", "/marks")
    mark(ben, "1234321")
    look(found, "/compare", ben)
    settle(ben)
    for box in ben.locator("[name=parts]").all():
        box.check()
    ben.click("text=Share and make a link")
    expect(ben.locator("#shared-link")).to_have_value(re.compile("/join#"))
    look(found, "/card", ben)
    for who, path in (("candidate", "/shared"), ("candidate", "/feedback"), ("host", "/agreement")):
        look(found, path, over.page(who, path))
    assert found == []


def look(found, name, page):
    """Axe in both themes, no sideways scrolling, and no page too heavy."""
    assert len(page.content()) < BUDGET, name
    for scheme, width in (("light", 1366), ("dark", 390)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        rules = Axe().run(page, options=RULES).response["violations"]
        found += [(name, scheme, width, r["id"], r["nodes"][0]["html"][:120]) for r in rules]
        found += [(name, width, f"{wide} px too wide")] if wide > 0 else []
