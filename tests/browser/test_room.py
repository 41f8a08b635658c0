import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.test_pages import CORNERS, RULES
from tests.browser.wire import Wire

pytestmark = pytest.mark.browser

BUDGET = 60 * 1024
QUESTION = "How many payments a day do we see?"


def enter(page, address, *, mode="practice", minutes="45"):
    """The room of a new session."""
    page.goto(f"{address}/practise")
    page.check(f"input[name=mode][value={mode}]", force=True)
    page.check(f"input[name=minutes][value='{minutes}']", force=True)
    page.click("button[name=slug][value=payment-fraud]")
    page.wait_for_url("**/sessions/*")
    expect(page.locator("#link")).to_have_text("Live")


def begin(page, address, **chosen):
    enter(page, address, **chosen)
    page.click("button:text-is('Begin')")
    expect(page.locator("#log .interviewer")).to_have_count(1)


def said(page, text):
    return page.locator("#log .candidate .words", has_text=re.compile(f"^{re.escape(text)}$"))


def say(page, text):
    page.fill("#say", text)
    page.press("#say", "Enter")


def test_from_a_question_to_the_report(open_page, address):
    page = open_page()
    enter(page, address)
    assert not page.is_visible(".asked") and not page.is_visible("#say")
    page.click("button:text-is('Begin')")
    expect(page.locator(".asked")).to_be_visible()
    expect(page.locator("#say")).to_be_focused()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator("#log .turn")).to_have_count(3)
    expect(page.locator("#say")).to_have_value("")
    page.fill("#doc-data", "- labels come 45 days late")
    page.press("#doc-data", "Tab")
    expect(page.locator("#saved")).to_have_text("Saved")
    page.click("button:text-is('Finish')")
    page.click("#finish button:text-is('Finish')")
    page.wait_for_url("**/predict")
    page.locator("input[name=data][value='2.0']").check(force=True)
    page.click("text=Show my marks")
    page.wait_for_url("**/reports/*")
    page.wait_for_selector("text=Minutes against the plan")


def test_a_line_breaks_with_shift_and_the_question_mark_can_be_typed(open_page, address):
    page = open_page()
    begin(page, address)
    page.focus("#say")
    page.keyboard.type("Two lines?")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("Here")
    assert not page.is_visible("#keys")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#log .candidate .words")).to_have_text("Two lines?\nHere")


def test_keys_lead_around_the_room(open_page, address):
    page = open_page()
    begin(page, address)
    page.focus("#log-box")
    page.keyboard.press("?")
    page.wait_for_selector("#keys")
    page.uncheck("#question-key")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert not page.is_visible("#keys")
    for keys, id in (("Alt+2", "doc-framing"), ("Alt+w", "say"), ("Alt+l", "log-box")):
        page.keyboard.press(keys)
        expect(page.locator(f"#{id}")).to_be_focused()
    page.keyboard.press("Alt+q")
    assert page.is_hidden("#question-body")


def test_the_order_of_the_keyboard_is_prompt_document_conversation_composer(open_page, address):
    page = open_page()
    begin(page, address)
    page.focus(".fold")
    order = []
    for _ in range(16):
        page.keyboard.press("Tab")
        order.append(page.evaluate("document.activeElement.id"))
    wanted = ["doc-requirements", "doc-monitoring", "log-box", "say", "send"]
    assert [id for id in order if id in wanted] == wanted


@pytest.mark.parametrize("comes_back", ["the page", "a reload"])
def test_what_was_said_without_a_line_arrives_once(open_page, address, comes_back):
    page = open_page()
    wire = Wire(page)
    begin(page, address)
    wire.cut()
    expect(page.locator("#link")).to_contain_text("Not live")
    say(page, "Said in a tunnel.")
    page.fill("#doc-model", "- trees first")
    page.press("#doc-model", "Tab")
    expect(page.locator("#sending")).to_contain_text("Kept here")
    expect(page.locator("#saved")).to_have_text("Kept here until connected")
    if comes_back == "a reload":
        page.reload()
    assert page.input_value("#say") == "Said in a tunnel."
    assert page.input_value("#doc-model") == "- trees first"
    page.focus("#say")
    page.keyboard.press("End")
    page.keyboard.type(" And then")
    wire.mend(page)
    expect(page.locator("#say")).to_have_value("And then")
    expect(said(page, "Said in a tunnel.")).to_have_count(1)
    expect(page.locator("#saved")).to_have_text("Saved")
    page.reload()
    expect(said(page, "Said in a tunnel.")).to_have_count(1)
    assert page.input_value("#doc-model") == "- trees first"
    assert page.input_value("#say") == "And then"


def test_a_lost_answer_doubles_nothing(open_page, address):
    page = open_page()
    wire = Wire(page)
    begin(page, address)
    wire.swallows_acks = True
    say(page, "Was this heard?")
    expect(page.locator("#link")).to_contain_text("Not live")
    assert page.input_value("#say") == "Was this heard?"
    wire.mend(page)
    expect(page.locator("#say")).to_have_value("")
    expect(said(page, "Was this heard?")).to_have_count(1)


def test_two_tabs_show_and_send_the_same(open_page, address):
    first = open_page()
    wire = Wire(first.context)
    begin(first, address)
    second = first.context.new_page()
    second.goto(first.url)
    expect(second.locator("#link")).to_have_text("Live")
    say(second, "From the second tab.")
    for page in (first, second):
        expect(said(page, "From the second tab.")).to_have_count(1)
        expect(page.locator("#say")).to_have_value("")
    second.fill("#doc-serving", "- 50 ms")
    second.press("#doc-serving", "Tab")
    expect(first.locator("#doc-serving")).to_have_value("- 50 ms")
    wire.cut()
    say(first, "While both were cut.")
    wire.mend(first, second)
    for page in (first, second):
        expect(said(page, "While both were cut.")).to_have_count(1)
        expect(page.locator("#say")).to_have_value("")


def test_a_tab_that_sends_the_save_of_another_shows_it(open_page, address):
    first = open_page()
    begin(first, address)
    second = first.context.new_page()
    Wire(second).is_down = True
    second.goto(first.url)
    second.fill("#doc-serving", "- 50 ms")
    second.press("#doc-serving", "Tab")
    expect(first.locator("#doc-serving")).to_have_value("- 50 ms")
    expect(first.locator("#saved")).to_have_text("Saved")


def test_what_is_refused_stays_in_the_composer(open_page, address):
    page = open_page()
    begin(page, address)
    page.evaluate(
        "() => { const say = document.getElementById('say'); say.value = 'x '.repeat(10500);"
        "say.dispatchEvent(new Event('input')); say.form.requestSubmit() }"
    )
    expect(page.locator("#sending")).to_contain_text("send it in parts")
    assert len(page.input_value("#say")) > 20_000


def test_the_clock_pauses_takes_five_minutes_more_and_hides(open_page, address):
    page = open_page()
    begin(page, address)
    clock = page.locator("#clock")
    expect(clock).to_have_text(re.compile("^44:5"))
    page.click(".controls button:text-is('Pause')")
    expect(clock).to_have_text("Paused")
    expect(page.locator("#send")).to_be_disabled()
    page.click(".start button:text-is('Resume')")
    page.click("text=+5 min")
    expect(clock).to_have_text(re.compile("^49:"))
    page.click("#hide-clock")
    expect(clock).to_have_text("Hidden")
    page.reload()
    expect(clock).to_have_text("Hidden")


def test_practice_fills_the_stepper_and_gives_hints(open_page, address):
    page = open_page()
    begin(page, address)
    say(
        page, "I split by time, since a random split would leak rings of devices into the test set."
    )
    expect(page.locator("#stepper .fill").first).to_be_attached()
    page.click("text=Ask for a hint")
    expect(page.locator("#log .tag").first).to_have_text("hint")


def test_an_exam_shows_the_time_and_nothing_else(open_page, address):
    page = open_page()
    begin(page, address, mode="exam", minutes="30")
    say(page, QUESTION)
    expect(page.locator("#log .turn")).to_have_count(3)
    assert page.locator("#stepper .state, #stepper .fill").count() == 0
    assert page.locator("[data-do=hint], [data-do=pause], [data-do=extend]").count() == 0
    expect(page.locator("#clock")).to_have_text(re.compile("^29:5"))


def test_without_a_clock_time_is_counted_up(open_page, address):
    page = open_page()
    begin(page, address, minutes="untimed")
    expect(page.locator("#clock")).to_have_text(re.compile("^00:0"))
    assert page.locator("[data-do=extend]").count() == 0


@pytest.mark.parametrize("scheme, width", CORNERS)
def test_axe_finds_nothing_in_any_state(open_page, address, scheme, width):
    page = open_page(color_scheme=scheme, viewport={"width": width, "height": 800})
    enter(page, address)
    assert faults(page) == []
    page.click("button:text-is('Begin')")
    say(page, QUESTION)
    expect(page.locator("#log .turn")).to_have_count(3)
    assert faults(page) == []
    page.click("text=Keys")
    assert faults(page) == []
    page.keyboard.press("Escape")
    page.click(".controls button:text-is('Pause')")
    expect(page.locator("#clock")).to_have_text("Paused")
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def faults(page):
    found = Axe().run(page, options=RULES).response["violations"]
    return [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in found]


def test_a_phone_has_three_tabs(open_page, address):
    page = open_page(viewport={"width": 390, "height": 800})
    begin(page, address)
    page.wait_for_selector("#say") and not page.is_visible("#doc-data")
    page.click("role=tab[name=Document]")
    page.wait_for_selector("#doc-data") and not page.is_visible("#say")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".asked")
    expect(page.locator("#tab-question")).to_be_focused()
    page.keyboard.press("Alt+w")
    expect(page.locator("#say")).to_be_focused()


def test_a_room_is_light(open_page, address):
    page = open_page()
    enter(page, address)
    sizes = {}
    page.on("response", lambda r: sizes.update({r.url: r}))
    page.reload(wait_until="networkidle")
    bodies = [len(r.body()) for r in sizes.values()]
    assert len(bodies) >= 10
    assert sum(bodies) <= BUDGET


def test_without_javascript_what_was_said_can_be_read(open_page, address):
    page = open_page()
    begin(page, address)
    say(page, QUESTION)
    expect(said(page, QUESTION)).to_have_count(1)
    still = open_page(java_script_enabled=False)
    still.goto(page.url)
    expect(still.locator("noscript p")).to_be_visible()
    assert still.is_visible(f"text={QUESTION}") and not still.is_visible("#send")


def test_sessions_are_listed_resumed_exported_and_deleted(open_page, address):
    page = open_page()
    begin(page, address)
    room = page.url
    id = room.rsplit("/", 1)[1]
    page.goto(f"{address}/sessions")
    page.click(f"a.line[href$='{id}']")
    page.wait_for_url(room)
    page.goto(f"{address}/sessions")
    with page.expect_download() as download:
        page.click(f"a[href='/sessions/{id}/bundle']")
    bundle = download.value.path()
    page.click(f"a[href='/sessions/{id}/delete']")
    page.click("text=Delete it")
    page.wait_for_url(f"{address}/sessions")
    assert page.locator(f"a[href='/sessions/{id}/bundle']").count() == 0
    page.set_input_files("#bundle", bundle)
    page.click("text=Import it")
    page.wait_for_url(re.compile("/sessions/(?!import)"))
    expect(page.locator("#clock")).to_have_text("Paused")
    expect(page.locator("#log .interviewer")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/practise", "/sessions"])
def test_axe_finds_nothing_on_the_pages_around(open_page, address, path, scheme):
    page = open_page(color_scheme=scheme, viewport={"width": 390, "height": 800})
    page.goto(f"{address}{path}")
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
