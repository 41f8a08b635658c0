"""A live interview in two browsers: the interviewer's room and the candidate's."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.test_pages import RULES
from tests.browser.wire import Wire

pytestmark = pytest.mark.browser

LEAD_BUDGET, CANDIDATE_BUDGET = 90 * 1024, 60 * 1024
DOOR_WITHIN = 60_000
AT_THE_DOOR = "#at-the-door button"
PARTS = re.compile(r"/static/(?:lead|live|lobby|notes|panes|hotkeys|captions|quiet)\.")


def open_room(page, address, name="Ana Ruiz"):
    page.goto(f"{address}/live")
    page.select_option("#slug", "payment-fraud")
    page.fill("#name", name)
    page.click("text=Open the room", timeout=DOOR_WITHIN)
    page.wait_for_url(re.compile(r"/live/\w{32}$"))
    expect(page.locator("#link")).to_have_text("Live")


def come_in(lead, page, role="candidate", name="Sam Okafor", door=AT_THE_DOOR):
    """By a link; let in from the line on top of the room or from the list, and agreed to the notice."""
    lead.click(f"button[name=role][value={role}]")
    expect(lead.locator("#made h3")).to_contain_text(role)
    page.goto(lead.input_value("#link-address"))
    page.fill("input[name=name]", name)
    page.click("main form .button >> nth=0")
    page.wait_for_url(lead.url)
    lead.locator(door, has_text="Admit").click(timeout=DOOR_WITHIN)
    page.check("input[name=agreed]", timeout=DOOR_WITHIN)
    page.click("form[action$=consent] .button:not(.quiet)")
    expect(page.locator("#link")).to_have_text("Live")


@pytest.fixture
def room(open_page, address):
    """Both are in, and the interview has begun."""
    lead, candidate = open_page(), open_page()
    open_room(lead, address)
    come_in(lead, candidate)
    expect(lead.locator("#ready")).to_contain_text("has agreed")
    lead.click("button:text-is('Begin')")
    expect(candidate.locator("#log .turn")).to_have_count(1)
    return lead, candidate


def say(page, text):
    page.fill("#say", text)
    page.press("#say", "Enter")
    expect(page.locator("#say")).to_have_value("")


def asked(page, text):
    return page.locator("#log .interviewer .words", has_text=text)


def test_from_the_link_to_the_marks(room):
    lead, candidate = room
    say(candidate, "How many payments a day do we see?")
    lead.click("#tell-now-volume")
    expect(asked(candidate, "40 million")).to_be_visible()
    expect(lead.locator("#facts-told")).to_contain_text("1/")
    say(candidate, "We train trees on a random split and report accuracy.")
    lead.click("#edit-1")
    words = lead.input_value("#say")
    assert words.endswith("?")
    lead.locator("#say").press("End")
    lead.keyboard.type(" Please.")
    lead.keyboard.press("Enter")
    expect(asked(candidate, f"{words} Please.")).to_be_visible()
    expect(lead.locator("#about")).to_be_hidden()
    expect(lead.locator("#suggestions ol .say").first).not_to_have_text(words)
    dismissed = lead.locator("#suggestions ol .say").first.inner_text()
    lead.click("#dismiss-1")
    expect(lead.locator("#suggestions")).not_to_contain_text(dismissed)
    lead.click("#cover-of-monitoring > summary")
    lead.click("#mark-drift")
    expect(lead.locator("#mark-drift")).to_contain_text("by you")
    candidate.fill("#doc-data", "- disputes as labels")
    candidate.press("#doc-data", "Tab")
    expect(lead.locator("#mirror-data mark")).to_have_text("- disputes as labels")
    lead.click("#tab-side-twists")
    lead.click("#twists button:text-is('Release') >> nth=0")
    expect(asked(candidate, "legal")).to_be_visible()
    expect(lead.locator("#twists")).to_contain_text("released")
    lead.click("#tab-side-notes")
    lead.fill("#note", "knows the trade")
    lead.press("#note", "Enter")
    expect(lead.locator("#notes")).to_contain_text("knows the trade")
    assert "knows the trade" not in candidate.content()
    lead.click("button:text-is('Finish')")
    lead.click("#finish button:text-is('Finish')")
    lead.wait_for_url("**/marks")
    expect(candidate.locator("#ended-words")).to_contain_text("Thank you")
    assert candidate.get_attribute("#after a", "href").endswith("/feedback")


def test_the_room_is_led_by_keys(room):
    lead, candidate = room
    say(candidate, "I would begin with the business goal, because all else follows from it.")
    expect(lead.locator("#suggestions button").first).to_be_visible()
    lead.focus("#log-box")
    lead.keyboard.press("5")
    expect(lead.locator("#step-evaluation")).to_have_attribute("aria-pressed", "true")
    lead.keyboard.press("5")
    expect(lead.locator("#step-evaluation")).to_have_attribute("aria-pressed", "false")
    lead.keyboard.press("b")
    expect(lead.locator("#notes .bookmark")).to_contain_text("all else follows from it")
    lead.keyboard.press("n")
    lead.keyboard.type("bsafp?1")
    expect(lead.locator("#note")).to_have_value("bsafp?1")
    lead.keyboard.press("Enter")
    expect(lead.locator("#notes .note")).to_have_count(2)
    lead.keyboard.press("Escape")
    lead.keyboard.press("f")
    expect(candidate.locator("#quiet .at")).to_have_text(re.compile("0[45]:"))
    expect(lead.locator("[data-until]")).to_have_count(1)
    lead.keyboard.press("f")
    expect(candidate.locator("#quiet .at")).to_have_count(0)
    lead.keyboard.press("s")
    expect(lead.locator("#use-1")).to_be_focused()
    lead.keyboard.press("Enter")
    expect(candidate.locator("#log .interviewer")).to_have_count(2)
    lead.keyboard.press("p")
    expect(candidate.locator("#clock")).to_have_text("Paused")
    expect(lead.locator("#clock")).to_have_text("Paused")  # the key now means the other thing
    lead.keyboard.press("p")
    expect(candidate.locator("#clock")).not_to_have_text("Paused")
    lead.keyboard.press("a")
    expect(lead.locator("#say")).to_be_focused()
    lead.keyboard.press("Escape")
    lead.keyboard.press("?")
    expect(lead.locator("#keys")).to_be_visible()
    lead.uncheck("#single-keys")
    lead.keyboard.press("Escape")
    lead.keyboard.press("n")
    expect(lead.locator("#note")).not_to_be_focused()
    lead.keyboard.press("Alt+n")
    expect(lead.locator("#note")).to_be_focused()


def test_what_changes_beside_a_text_takes_neither_its_words_nor_the_focus(room):
    lead, candidate = room
    lead.fill("#note", "half a tho")
    lead.fill("#say", "And how would")
    lead.click("#cover-of-data > summary")
    lead.focus("#mark-label-source")
    say(candidate, "Labels come from disputes because customers complain, and they come late.")
    expect(lead.locator("#mark-label-source")).to_contain_text("heard")
    expect(lead.locator("#mark-label-source")).to_be_focused()
    assert lead.get_attribute("#cover-of-data", "open") is not None
    assert lead.input_value("#note") == "half a tho"
    assert lead.input_value("#say") == "And how would"
    lead.reload()
    assert lead.input_value("#note") == "half a tho"
    assert lead.input_value("#say") == "And how would"


def test_what_is_noted_and_asked_without_a_line_arrives_once(room):
    lead, candidate = room
    wire = Wire(lead)
    lead.reload()
    expect(lead.locator("#link")).to_have_text("Live")
    wire.cut()
    expect(lead.locator("#link")).to_contain_text("Not live")
    lead.fill("#note", "noted in a tunnel")
    lead.press("#note", "Enter")
    lead.fill("#say", "Asked in a tunnel?")
    lead.press("#say", "Enter")
    wire.mend(lead)
    expect(asked(candidate, "Asked in a tunnel?")).to_have_count(1)
    expect(lead.locator("#notes .note")).to_have_count(1)
    expect(lead.locator("#say")).to_have_value("")


def test_captions_are_pasted_by_name(room):
    lead, candidate = room
    lead.click("text=Paste captions")
    lead.fill("#caption-lines", "Sam Okafor: It ranks by risk.\nAna: And then?")
    lead.click("text=Take them in")
    expect(lead.locator("#caption-words")).to_have_text("2 turns taken in.")
    expect(candidate.locator("#log .tag:text-is('caption')")).to_have_count(2)


def test_an_observer_is_shown_the_other_side_when_it_is_opened(room, open_page):
    lead, _ = room
    olga = open_page()
    lead.click("button:text-is('People')")
    come_in(lead, olga, "observer", "Olga", door="#people button")
    expect(olga.locator("#coverage")).to_have_count(0)
    lead.click("#observers-switch")
    expect(olga.locator("#coverage")).to_be_visible()
    expect(olga.locator("#coverage button:not(:disabled)")).to_have_count(0)
    expect(lead.locator("#observers-switch")).to_have_attribute("aria-pressed", "true")
    lead.click("#observers-switch")
    expect(olga.locator("#coverage")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_both_pages_pass_axe_also_on_a_phone(room, theme):
    lead, candidate = room
    say(candidate, "How late do labels come? I would use trees, because they are quick.")
    expect(lead.locator("#suggestions button").first).to_be_visible()
    for page in room:
        page.emulate_media(color_scheme=theme)
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, found.generate_report()
    lead.set_viewport_size({"width": 390, "height": 844})
    for part in ("coverage", "document", "ask", "talk"):
        lead.click(f"#tab-{part}")
        expect(lead.locator(f"#{part}")).to_be_visible()
        assert lead.evaluate("document.documentElement.scrollWidth") <= 390
    found = Axe().run(lead, options=RULES)
    assert found.violations_count == 0, found.generate_report()


def test_the_pages_stay_small(room):
    for page, budget in zip(room, (LEAD_BUDGET, CANDIDATE_BUDGET), strict=True):
        sizes = {}
        page.on("response", lambda r, sizes=sizes: sizes.update({r.url: r}))
        page.reload(wait_until="networkidle")
        is_own = budget == CANDIDATE_BUDGET
        counted = {
            url: len(answer.body())
            for url, answer in sizes.items()
            if is_own or PARTS.search(url) or "/static/" not in url
        }
        assert len(counted) >= 9
        assert sum(counted.values()) <= budget, counted
