"""A model's words in the room: greyed while they come, then a turn; cut by who goes on; the script where it fails."""

import re

import pytest
from playwright.sync_api import expect

from app.endpoint import Endpoint, Timeouts
from app.fake_llm.server import running
from app.main import create_app
from app.settings import Settings
from tests.browser.conftest import serving
from tests.browser.test_pages import CORNERS
from tests.browser.test_room import faults, said, say

pytestmark = pytest.mark.browser
ASKS = "How many payments a day do we see?"
ASKS_MORE = "What is the latency budget?"
TOLD = re.compile("40 million")
PACE = 2.5  # words a second: slow enough to do something meanwhile
FAILS = Timeouts(connect=2.0, first=2.0, gap=2.0, whole=30.0)


@pytest.fixture(scope="module")
def fake():
    with running(pace=PACE) as fake:
        yield fake


@pytest.fixture(scope="module")
def voiced(tmp_path_factory, standards, fake):
    """The address of a service whose endpoint is the stand-in; each new one is asked about anew."""
    database = f"sqlite:///{tmp_path_factory.mktemp('voice')}/voice.db"
    endpoint = Endpoint(fake.base_url, "fake", "fake", timeouts=FAILS)
    app = create_app(Settings(database=database, endpoint=endpoint), standards=standards)
    with serving(app) as address:
        yield address


@pytest.fixture(autouse=True)
def mended(fake, voiced, chromium):
    """The model answers, and is asked again where it was left alone."""
    fake.clear()
    page = chromium.new_page()
    page.goto(f"{voiced}/settings")
    page.click("form[action='/settings/probe'] button")
    page.wait_for_load_state()
    page.close()


def choose(page, address):
    page.goto(f"{address}/practise")
    page.check("input[name=voice][value=model]")
    if page.locator("input[name=agree]").count():
        page.check("input[name=agree]")
    page.click("button[name=slug][value=payment-fraud]")


def begin(page, address):
    choose(page, address)
    page.wait_for_url("**/sessions/*")
    expect(page.locator("#link")).to_have_text("Live")
    page.click("button:text-is('Begin')")
    expect(page.locator("#log .interviewer")).to_have_count(1)


def turn(page, n):
    """The words of a turn, once it is committed."""
    page.locator(f"#turn-{n}").wait_for(timeout=60_000)
    return page.locator(f"#turn-{n} .words")


def words(page, n):
    """Until so many words of the draft are to be seen."""
    page.wait_for_function(
        "n => (document.querySelector('.draft .words')?.textContent ?? '').split(' ').length >= n",
        arg=n,
    )
    return page.locator(".draft .words").text_content()


def test_where_words_go_is_said_and_asked_once(open_page, voiced, fake, address):
    page = open_page(viewport={"width": 390, "height": 900})
    host = fake.base_url.split("/")[2]
    page.goto(f"{address}/practise")  # a service without an endpoint
    assert page.locator("input[name=voice]").count() == 0
    page.goto(f"{voiced}/practise")
    page.wait_for_selector(f"text=is sent to {host}") and not page.is_visible("[name=agree]")
    choose(page, voiced)
    page.wait_for_url("**/sessions/*")
    expect(page.locator("#voice")).to_contain_text(host)
    page.goto(f"{voiced}/practise")
    assert page.is_checked("[name=voice][value=model]") and not page.locator("[name=agree]").count()


def test_a_draft_grows_greyed_and_becomes_the_turn(open_page, voiced):
    page = open_page()
    begin(page, voiced)
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("#link")).to_have_text("Live")
    page.evaluate(
        """() => { window.seen = []; new MutationObserver(() => seen.push(
          [document.querySelectorAll('#log .draft').length, document.querySelectorAll('#log .turn').length])
        ).observe(document.getElementById('log'), { childList: true, subtree: true, characterData: true }) }"""
    )
    say(page, ASKS)
    early = words(page, 3)
    assert words(other, 3).startswith(early[:10])
    draft = page.locator(".draft")
    assert draft.get_attribute("aria-hidden") == "true" and draft.get_attribute("id") is None
    expect(page.locator("#doing")).to_have_text("The interviewer is speaking.")
    page.focus("#say")
    page.keyboard.type("While you sp")
    grown = words(page, 6)
    assert grown.startswith(early.rstrip()) and len(grown) > len(early)
    page.keyboard.type("eak")
    expect(turn(page, 2)).to_have_text(TOLD)
    expect(page.locator(".draft")).to_have_count(0)
    assert page.input_value("#say") == "While you speak"
    expect(page.locator("#doing")).to_have_text("The interviewer is listening.")
    # never both, and never a moment without either, between the first word and the turn
    seen = page.evaluate("seen")
    first = next(n for n, (drafts, _) in enumerate(seen) if drafts)
    assert all(turns == 3 for _, turns in seen[first:]), seen
    expect(other.locator(".draft")).to_have_count(0)
    expect(other.locator("#turn-2 .words")).to_have_text(TOLD)


def test_sending_cuts_it_short_and_keeps_what_was_told(open_page, voiced, fake):
    page = open_page()
    begin(page, voiced)
    say(page, ASKS)
    words(page, 3)
    say(page, "Let me first say who uses it.")
    expect(said(page, "Let me first say who uses it.")).to_have_count(1)
    expect(page.locator("#say")).to_have_value("")
    turns = page.locator("#log .turn:not(.draft)")
    expect(turns.nth(2)).to_have_class(re.compile("interviewer"))
    expect(turns.nth(2).locator(".words")).to_have_text(TOLD)
    expect(turns.nth(3)).to_have_class(re.compile("candidate"))
    page.reload()
    expect(turns.nth(2).locator(".words")).to_have_text(TOLD)
    expect(turns.nth(3).locator(".words")).to_have_text("Let me first say who uses it.")


def test_a_fault_in_the_middle_is_said_once_and_it_comes_back(open_page, voiced, fake):
    page = open_page(viewport={"width": 390, "height": 800})
    begin(page, voiced)
    fake.fault("reset", times=None)
    say(page, ASKS)
    expect(turn(page, 2)).to_have_text(TOLD)
    expect(page.locator("#notice")).to_contain_text("the scripted interviewer goes on")
    assert page.locator("#turn-2 .words").evaluate(
        "e => e.getBoundingClientRect().bottom <= document.getElementById('log-box').getBoundingClientRect().bottom"
    )
    expect(page.locator(".draft")).to_have_count(0)
    page.reload()
    expect(page.locator("#link")).to_have_text("Live")
    expect(page.locator("#voice")).to_be_visible()
    expect(page.locator("#voice")).to_contain_text("Scripted for now")
    assert faults(page) == []
    fake.mend()
    say(page, ASKS_MORE)
    expect(turn(page, 4)).to_contain_text("80 milliseconds")
    expect(page.locator("#notice")).to_have_text("The model words the lines again.")
    expect(page.locator("#voice")).to_contain_text("words the lines")


@pytest.mark.parametrize("scheme, width", CORNERS)
def test_axe_finds_nothing_while_it_speaks(open_page, voiced, fake, scheme, width, tmp_path):
    page = open_page(color_scheme=scheme, viewport={"width": width, "height": 800})
    page.goto(f"{voiced}/practise")
    page.check("input[name=voice][value=model]")
    assert faults(page) == []
    begin(page, voiced)
    fake.fault("hang_between", times=None)  # it stands still for as long as the look takes
    say(page, ASKS)
    words(page, 2)
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
