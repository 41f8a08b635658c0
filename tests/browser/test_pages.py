import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import SAMPLE

pytestmark = pytest.mark.browser

PAGES = ("home", "score", "who", "report", "transcript", "delete", "reports", "rubric", "step")
BUDGET = 40 * 1024
RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}
# Colours do not hang on the width, nor the layout on the colours: two looks see both of each.
CORNERS = [("light", 1366), ("dark", 390)]


def make_report(page, address):
    page.goto(address)
    page.click("text=Score a transcript")
    page.fill("#text", SAMPLE)
    page.click("text=Read the transcript")
    page.wait_for_url("**/score/*")
    assert page.is_checked("input[value='Sam Okafor']")
    page.click("text=Score it")
    page.wait_for_url("**/reports/*")
    page.wait_for_selector("text=What would have raised it most")


@pytest.mark.parametrize("javascript", [True, False])
def test_from_pasted_text_to_the_marked_words(open_page, address, javascript):
    page = open_page(java_script_enabled=javascript)
    make_report(page, address)
    quote = page.locator(".shown .quote").first
    said = quote.locator("q").inner_text().strip("“”")
    quote.click()
    page.wait_for_url("**/transcript#t*")
    marked = page.locator(f"mark[id='{page.url.partition('#')[2]}']")
    assert marked.is_visible()
    assert said.startswith(marked.inner_text().split("\n")[0])


def test_the_whole_way_by_keyboard(open_page, address):
    page = open_page()
    page.goto(f"{address}/score")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "text"
    page.keyboard.insert_text(SAMPLE)
    tab_to(page, "Read the transcript")
    page.keyboard.press("Enter")
    page.wait_for_url("**/score/*")
    tab_to(page, "Score it")
    page.keyboard.press("Enter")
    page.wait_for_url("**/reports/*")
    report = page.url
    tab_to(page, "The numbers, and what the levels mean")
    page.keyboard.press("Enter")
    page.wait_for_selector("table")
    tab_to(page, page.locator(".shown .quote").first.inner_text()[:40])
    page.keyboard.press("Enter")
    page.wait_for_url(f"{report}/transcript#*")


def tab_to(page, text, presses=80):
    for _ in range(presses):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText || ''").startswith(text):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
            assert outline == "3px"
            return
    raise AssertionError(f"{text!r} was not reached by {presses} presses of Tab")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [*PAGES, "problem"])
def test_axe_finds_nothing(open_page, made, scheme, name):
    page = open_page(color_scheme=scheme)
    if name == "problem":
        page.set_content("")  # a 422 is an error in the console, so the page is put together here
        answer = page.request.post(f"{made['home']}/score", multipart={"text": "too little"})
        page.goto(made["score"])
        page.evaluate(
            "html => document.querySelector('main').innerHTML = "
            "new DOMParser().parseFromString(html, 'text/html').querySelector('main').innerHTML",
            answer.text(),
        )
    else:
        page.goto(made[name])
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in found] == []


@pytest.mark.parametrize("width", [390, 320])
@pytest.mark.parametrize("name", PAGES)
def test_a_phone_never_scrolls_sideways(open_page, made, name, width):
    page = open_page(viewport={"width": width, "height": 800})
    page.goto(made[name])
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_report_is_light(open_page, made):
    page = open_page()
    sizes = []
    page.on("requestfinished", lambda r: sizes.append(r.sizes()["responseBodySize"]))
    page.goto(made["report"], wait_until="networkidle")
    assert len(sizes) >= 3
    assert sum(sizes) <= BUDGET


def test_the_theme_is_chosen_by_a_button(open_page, made):
    page = open_page(color_scheme="light")
    page.goto(made["report"])
    page.click("button:text-is('Dark')")
    page.wait_for_url(made["report"])
    assert page.get_attribute("html", "data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 22, 20)"


def test_print_shows_what_is_folded_and_hides_the_tools(open_page, made):
    page = open_page()
    page.goto(made["report"])
    page.emulate_media(media="print")
    assert not page.is_visible(".top") and not page.is_visible(".tools")
    assert page.locator("details table").first.bounding_box()["height"] > 50


def test_a_hostile_transcript_runs_nothing(open_page, address):
    page = open_page()
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    evil = "<img src=https://evil.example/p onerror=alert(1)><script>alert(2)</script>"
    page.goto(f"{address}/score")
    page.fill("#text", SAMPLE.replace("free parking space", evil).replace("Dana", evil[:9]))
    page.click("text=Read the transcript")
    page.wait_for_url("**/score/*")
    page.click("text=Score it")
    page.wait_for_url("**/reports/*")
    page.click("text=Read the transcript")
    page.wait_for_url("**/transcript")
    page.wait_for_selector("mark")
