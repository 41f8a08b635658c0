"""A session as a candidate goes through it, from the choice of a question to the report."""

import pytest
from playwright.sync_api import expect

from app.main import create_app
from app.settings import Settings
from tests.browser.conftest import serving
from tests.browser.test_pages import CORNERS, tab_to
from tests.browser.test_room import BUDGET, begin, enter, faults, said, say
from tests.browser.wire import Wire

pytestmark = pytest.mark.browser

START = 1_700_000_000_000
MINUTE = 60_000
REPORT_BUDGET = 40 * 1024
QUESTION = "How many payments do we handle on a day?"
TURNS = (
    "We predict fraud as a binary classification with calibrated probabilities, because the cost of a missed fraud "
    "has to be weighed against the cost of a false block of an honest payer.",
    "Labels come from disputes which arrive months late, so I train only on payments older than 60 days and split by "
    "time, since a random split would leak rings of devices.",
    "The baseline is the rules of today, then gradient boosted trees, because the features are tabular counters.",
)
LATE = "And when the service is slow we fall back to the rules."
NOTE = "- alert on drift of the score each hour, and page the owner"


class Clock:
    """Stands still between the test's turns of it."""

    def __init__(self):
        self.ms = START

    def __call__(self):
        return self.ms


@pytest.fixture(scope="module")
def clock():
    return Clock()


@pytest.fixture(scope="module")
def slow(tmp_path_factory, standards, clock):
    """A server on that clock."""
    database = f"sqlite:///{tmp_path_factory.mktemp('slow')}/pages.db"
    app = create_app(Settings(database=database), standards=standards, clock=clock)
    with serving(app) as address:
        yield address


def write(page, section, text):
    page.fill(f"#doc-{section}", text)
    page.press(f"#doc-{section}", "Tab")
    expect(page.locator("#saved")).to_have_text("Saved")


def finish(page):
    page.click(".controls button:text-is('Finish')")
    page.click("#finish button:text-is('Finish')")
    page.wait_for_url("**/predict")


@pytest.fixture(scope="module")
def played(chromium, address):
    """Addresses of the pages of a session that is over, and of one that waits for its guess."""
    context = chromium.new_context()
    page = context.new_page()
    begin(page, address)
    for text in (QUESTION, *TURNS):
        say(page, text)
        expect(said(page, text)).to_have_count(1)
    write(page, "monitoring", NOTE)
    room = page.url
    finish(page)
    page.locator("input[name=data][value='3.0']").check(force=True)
    page.click("text=Show my marks")
    page.wait_for_url("**/reports/*")
    report = page.url
    begin(page, address)
    finish(page)
    guess = page.url
    begin(page, address)
    context.close()
    return {
        "report": report,
        "predict": guess,
        "delete": f"{room}/delete",
        "list": f"{address}/sessions",
    }


def test_a_whole_session(open_page, address):
    page = open_page()
    wire = Wire(page)
    begin(page, address)
    interviewer = page.locator("#log .interviewer .words")
    say(page, QUESTION)
    expect(interviewer.nth(1)).to_contain_text("40 million")
    say(page, TURNS[0])
    expect(said(page, TURNS[0])).to_have_count(1)
    write(page, "monitoring", NOTE)
    page.fill("#say", "Half a thought")
    page.reload()
    expect(page.locator("#link")).to_have_text("Live")
    assert page.input_value("#say") == "Half a thought"
    assert page.input_value("#doc-monitoring") == NOTE
    expect(interviewer.nth(1)).to_contain_text("40 million")
    wire.cut()
    expect(page.locator("#link")).to_contain_text("Not live")
    say(page, TURNS[1])
    wire.mend(page)
    expect(page.locator("#say")).to_have_value("")
    say(page, TURNS[2])
    expect(said(page, TURNS[2])).to_have_count(1)
    spoken = page.locator("#log .candidate .words")
    assert spoken.all_inner_texts() == [QUESTION, *TURNS]
    page.reload()
    assert spoken.all_inner_texts() == [QUESTION, *TURNS]
    expect(page.locator("#link")).to_have_text("Live")
    finish(page)
    page.locator("input[name=data][value='3.5']").check(force=True)
    page.click("text=Show my marks")
    page.wait_for_url("**/reports/*")
    guess = page.get_by_role("region", name="Guessed and given marks").get_by_role("row")
    expect(guess.filter(has_text="Data")).to_contain_text("3.5")
    page.wait_for_selector("text=Found out") and page.is_visible("text=never asked for")
    quotes = [quote.strip("“”…") for quote in page.locator(".shown q").all_inner_texts()]
    words = " ".join([QUESTION, *TURNS, NOTE])
    assert quotes and all(quote in words for quote in quotes)


def test_from_the_room_to_the_report_by_keyboard(open_page, address):
    page = open_page()
    enter(page, address)
    tab_to(page, "Begin")
    page.keyboard.press("Enter")
    expect(page.locator("#say")).to_be_focused()
    for text in (QUESTION, *TURNS):
        page.keyboard.insert_text(text)
        page.keyboard.press("Enter")
        expect(said(page, text)).to_have_count(1)
        expect(page.locator("#say")).to_have_value("")
    page.keyboard.press("Alt+7")
    page.keyboard.insert_text(NOTE)
    page.keyboard.press("Alt+w")
    expect(page.locator("#saved")).to_have_text("Saved")
    tab_to(page, "Finish")
    page.keyboard.press("Enter")
    expect(page.locator("#finish [data-do=finish]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".controls [data-open=finish]")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_url("**/predict")
    page.locator("summary").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    assert page.is_checked("input[name=requirements][value='0.5']")
    tab_to(page, "Show my marks")
    page.keyboard.press("Enter")
    page.wait_for_url("**/reports/*")
    page.wait_for_selector("text=Your guess and the marks")


@pytest.mark.parametrize("mode", ["practice", "exam"])
def test_what_was_being_written_when_the_time_ran_out_is_marked_late(open_page, slow, clock, mode):
    page = open_page()
    begin(page, slow, mode=mode, minutes="30")
    page.fill("#say", LATE)
    clock.ms += 30 * MINUTE
    expect(page.locator("#clock")).to_have_text("Over")
    expect(page.locator("#ended-words")).to_contain_text("for a minute")
    assert page.input_value("#say") == LATE
    if mode == "exam":
        page.reload()
        expect(page.locator("#link")).to_have_text("Live")
    page.press("#say", "Enter")
    expect(page.locator("#log .turn", has_text=LATE).locator(".tag")).to_have_text("late")
    expect(page.locator("#composer")).to_be_hidden()
    page.click("text=Guess your marks, then see them")
    page.wait_for_url("**/predict")
    page.click("text=Skip this")
    page.wait_for_url("**/reports/*")
    page.wait_for_selector("text=Minutes against the plan")


@pytest.mark.parametrize("scheme, width", CORNERS)
def test_axe_finds_nothing_when_the_room_is_over(open_page, slow, clock, scheme, width):
    page = open_page(color_scheme=scheme, viewport={"width": width, "height": 800})
    begin(page, slow, minutes="30")
    page.fill("#say", LATE)
    clock.ms += 30 * MINUTE
    expect(page.locator("#ended")).to_be_visible()
    assert page.is_visible("#say") and faults(page) == []
    page.press("#say", "Enter")
    expect(page.locator("#composer")).to_be_hidden()
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme, width", CORNERS)
def test_axe_finds_nothing_after_a_session(open_page, played, scheme, width):
    page = open_page(color_scheme=scheme, viewport={"width": width, "height": 800})
    for name, where in played.items():
        page.goto(where)
        if width == 1366:
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert faults(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def test_a_report_of_a_session_is_light(open_page, played):
    page = open_page()
    sizes = []
    page.on("requestfinished", lambda r: sizes.append(r.sizes()["responseBodySize"]))
    page.goto(played["report"], wait_until="networkidle")
    assert len(sizes) >= 3
    assert sum(sizes) <= REPORT_BUDGET


def test_a_room_in_the_middle_is_light(open_page, address):
    page = open_page()
    begin(page, address)
    for text in TURNS:
        say(page, text)
        expect(said(page, text)).to_have_count(1)
    answers = {}
    page.on("response", lambda r: answers.update({r.url: r}))
    page.reload(wait_until="networkidle")
    assert sum(len(answer.body()) for answer in answers.values()) <= BUDGET
