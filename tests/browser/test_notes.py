"""An interviewer's notes and keys, where a hand goes astray."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_live import come_in, open_room

pytestmark = pytest.mark.browser


@pytest.fixture
def lead(open_page, address):
    page = open_page()
    open_room(page, address)
    come_in(page, open_page())
    expect(page.locator("#ready")).to_contain_text("has agreed")
    page.click("button:text-is('Begin')")
    expect(page.locator("#log .turn")).to_have_count(1)
    return page


def note(page, text):
    page.fill("#note", text)
    page.press("#note", "Enter")
    expect(page.locator("#notes .words", has_text=text)).to_be_visible()


def edit(page, text):
    page.locator("#notes .note", has_text=text).locator("button").click()


def test_what_was_changed_of_a_note_is_kept_when_another_is_taken_up(lead):
    lead.click("#tab-side-notes")
    note(lead, "knows the trade")
    note(lead, "asks for numbers")
    edit(lead, "knows the trade")
    lead.fill("#note", "knows the trade, and its limits")
    edit(lead, "knows the trade")
    expect(lead.locator("#note")).to_have_value("knows the trade, and its limits")
    edit(lead, "asks for numbers")
    expect(lead.locator("#note")).to_have_value("asks for numbers")
    expect(lead.locator("#notes .words", has_text="and its limits")).to_be_visible()
    expect(lead.locator("#notes .note")).to_have_count(2)


def test_a_letter_with_shift_is_no_key(lead):
    lead.focus("#log-box")
    lead.keyboard.press("Shift+P")
    lead.keyboard.press("Shift+B")
    lead.keyboard.press("b")
    expect(lead.locator("#notes .bookmark")).to_have_count(1)
    expect(lead.locator("#clock")).not_to_have_text("Paused")
    lead.keyboard.press("?")
    expect(lead.locator("#keys")).to_be_visible()
