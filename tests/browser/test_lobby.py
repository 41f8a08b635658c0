"""The door of a live room in a real browser: what stands behind a link's #, with scripts and without."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from app.main import create_app
from app.settings import Settings
from app.storage.db import transaction
from app.storage.people import invite
from tests.browser.conftest import serving
from tests.browser.test_pages import RULES

pytestmark = pytest.mark.browser
DOOR_WITHIN = 20_000


@pytest.fixture(scope="module")
def private(tmp_path_factory, standards):
    """A service with a token, and a way to invite people to it."""
    database = f"sqlite:///{tmp_path_factory.mktemp('private')}/people.db"
    app = create_app(Settings(database=database, token="open sesame"), standards=standards)
    home = app.state.home

    def secret_of(role, name):
        with transaction(home.engine) as db:
            return invite(db, role, name, home.now())[1]

    with serving(app) as address:
        yield address, secret_of


@pytest.fixture
def lead(private, open_page):
    address, secret_of = private
    page = open_page()
    page.goto(f"{address}/enter#{secret_of('interviewer', 'Ivy Lund')}", timeout=60_000)
    page.wait_for_url(f"{address}/live")
    return page


def open_lobby(lead):
    """The room's address and a link for the candidate."""
    lead.click("text=Open the room")
    lead.wait_for_url(re.compile(r"/live/\w{32}$"))
    room = lead.url
    lead.goto(f"{room}/lobby")
    lead.click("button[name=role][value=candidate]")
    return room, lead.input_value("#link-address")


def test_a_persons_link_enters_by_itself_and_leaves_no_secret_behind(lead):
    assert lead.input_value("#name") == "Ivy Lund"
    assert lead.evaluate("history.state") is None and "#" not in lead.url
    lead.go_back()
    assert "#" not in lead.url


def test_the_door_works_without_scripts(lead, open_page):
    room, link = open_lobby(lead)
    guest = open_page(java_script_enabled=False)
    guest.goto(link)
    guest.fill("#code", link)
    guest.click("text=Go on")
    guest.fill("#name", "Gus")
    guest.click("text=Ask to come in")
    expect(guest.locator("h1")).to_have_text("You wait to be let in")
    lead.get_by_role("button", name="Admit Gus").click(timeout=DOOR_WITHIN)
    expect(lead.locator("#lobby-people")).to_contain_text("let in, reads the notice")
    expect(guest.locator("h1")).to_have_text("Before you come in", timeout=DOOR_WITHIN)
    guest.check("[name=agreed]")
    guest.click("text=Go in")
    assert guest.url == room
    expect(lead.locator("#lobby-people")).to_contain_text("has agreed", timeout=DOOR_WITHIN)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_of_the_door_passes_axe_also_on_a_phone(lead, open_page, theme):
    phone = {"viewport": {"width": 390, "height": 800}, "color_scheme": theme}
    guest = open_page(**phone)
    lead.emulate_media(color_scheme=theme)
    found = [*looked_at(lead)]
    room, link = open_lobby(lead)
    guest.goto(f"{room}/join")
    found += looked_at(guest)
    guest.goto("about:blank")
    guest.goto(link)
    guest.fill("#name", "Gus")
    found += looked_at(guest)
    guest.click("text=Ask to come in")
    expect(guest.locator("#waiting")).to_be_visible()
    found += looked_at(guest)
    admit = lead.get_by_role("button", name="Admit Gus")
    admit.wait_for(timeout=DOOR_WITHIN)
    found += looked_at(lead)
    admit.click()
    guest.locator("[name=agreed]").wait_for(timeout=DOOR_WITHIN)
    found += looked_at(guest)
    assert found == []


def looked_at(page):
    """What is wrong with the page as it stands."""
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    wrong = Axe().run(page, options=RULES).response["violations"]
    return [(page.url, one["id"]) for one in wrong] + ([(page.url, "too wide")] if wide else [])
