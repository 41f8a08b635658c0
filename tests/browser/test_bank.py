"""A curator at work in a real browser: finds, writes, is told what is wrong, publishes, meets another's change."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from app.bank.bank import find_questions
from app.main import create_app
from app.settings import Settings
from tests.browser.conftest import serving
from tests.browser.test_pages import CORNERS, RULES

pytestmark = pytest.mark.browser
HERE = "/questions/payment-fraud"
TEXT = find_questions()["payment-fraud"].read_text("utf-8")


@pytest.fixture(scope="module")
def bank(tmp_path_factory, standards):
    """The address of a service whose questions are files of its own."""
    folder = tmp_path_factory.mktemp("bank")
    settings = Settings(database=f"sqlite:///{folder}/bank.db", content=folder / "content")
    with serving(create_app(settings, standards=standards)) as address:
        yield address


def opened(page, bank):
    """With the answers shown."""
    page.goto(f"{bank}{HERE}")
    show = page.locator("text=Show me the answers")
    if show.count():
        show.click()
        page.wait_for_selector("text=Told when asked")


def saved(page):
    with page.expect_navigation():
        page.click("text=Save as a draft")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_question_is_begun_tried_reviewed_and_published(open_page, bank, javascript):
    page = open_page(java_script_enabled=javascript, answers=(422,))
    opened(page, bank)
    slug = "toll-fraud" if javascript else "toll-fraud-two"
    page.goto(f"{bank}/questions")
    page.click("text=New question")
    page.fill("#title", f"Toll fraud, {slug}")
    page.fill("#slug", slug)
    page.select_option("#based_on", "payment-fraud")
    page.click("text=Begin >> nth=-1")
    page.wait_for_url(f"**/{slug}/edit")
    page.fill(
        "#f-prompt",
        "Lorries pay a toll by the mile. Some find ways not to. Design what notices it.",
    )
    saved(page)
    page.click("nav[aria-label='This question'] >> text=Try")
    page.click("button:has-text('A strong candidate')")
    page.wait_for_selector("#tried-head:has-text('of 100')")
    page.click("nav[aria-label='This question'] >> text=Guide")
    page.click("text=Send to review")
    page.wait_for_selector("text=Send back")
    page.fill("#step-comment", "Read by two of us.")
    page.click("button:text-is('Publish')")
    page.check("text=It is another question all the same")
    page.click("button:text-is('Publish')")
    page.wait_for_selector("text=Retire")
    page.goto(f"{bank}/practise")
    assert page.locator(".line-name", has_text=re.compile(f"Toll fraud, {slug}(?!-)")).count() == 1
    page.goto(f"{bank}/questions/{slug}/history")
    page.wait_for_selector("text=Read by two of us.")


def test_problems_are_told_by_line_while_one_writes_and_a_line_is_gone_to(open_page, bank):
    page = open_page(answers=(422,))
    opened(page, bank)
    page.goto(f"{bank}{HERE}/yaml")
    page.wait_for_selector("text=Nothing is wrong with it")
    page.fill("#text", TEXT.replace("difficulty: 4", "difficulty: 17"))
    told = page.locator("#proof [data-line]")
    told.first.wait_for()
    told.first.focus()
    page.keyboard.press("Enter")
    chosen = page.evaluate(
        "(() => { const t = document.getElementById('text');"
        " return t.value.slice(t.selectionStart, t.selectionEnd); })()"
    )
    assert chosen == "difficulty: 17"
    page.click("text=Save as a draft")
    page.wait_for_selector("[role=alert]")
    assert "difficulty: 17" in page.input_value("#text")
    page.fill("#text", TEXT)
    page.wait_for_selector("text=Nothing is wrong with it")


def test_the_later_of_two_sees_both_texts_and_decides(open_page, bank):
    ada, bob = open_page(), open_page(answers=(409,))
    opened(ada, bank)
    for page in (ada, bob):
        page.goto(f"{bank}{HERE}/edit")
    ada.fill("#f-title", "What Ada calls it")
    saved(ada)
    bob.fill("#f-title", "What Bob calls it")
    saved(bob)
    assert "changed this while you were writing" in bob.inner_text("[role=alert]")
    assert "What Bob calls it" in bob.input_value("#text")
    assert "What Ada" in bob.inner_text(".diff") and bob.locator(".diff ins").count()
    saved(bob)
    bob.goto(f"{bank}{HERE}/history")
    bob.click("text=Show what differs")
    bob.wait_for_selector(".diff")
    assert "What Ada" in bob.inner_text(".diff")
    bob.goto(f"{bank}{HERE}")
    bob.click("text=Discard the draft")
    bob.wait_for_selector("text=Retire")


def test_the_list_is_walked_by_keys_and_narrowed_without_script(open_page, bank):
    page = open_page()
    page.goto(f"{bank}/questions")
    page.keyboard.press("/")
    page.keyboard.type("fruad")
    page.keyboard.press("Enter")
    page.wait_for_url("**text=fruad**")
    page.keyboard.press("j")
    assert "fraud" in page.evaluate("document.activeElement.innerText").lower()
    page.keyboard.press("Enter")
    page.wait_for_url("**/questions/*fraud*")
    plain = open_page(java_script_enabled=False)
    plain.goto(f"{bank}/questions")
    plain.click("nav.facets >> text=ads")
    assert plain.locator("nav.facets a[aria-current]").count() == 1
    assert "ad-click" in plain.content()


@pytest.mark.parametrize("scheme, width", CORNERS)
def test_axe_finds_nothing_and_nothing_runs_over(open_page, bank, scheme, width):
    page = open_page(color_scheme=scheme, viewport={"width": width, "height": 900})
    opened(page, bank)
    told = {}
    for path in ("", "/edit", "/yaml", "/try", "/history", "/health", "/rescore", "/diff"):
        page.goto(f"{bank}{HERE}{path}")
        told[path] = _complaints(page)
    for path in ("", "/new", "/import", "/export", "/health"):
        page.goto(f"{bank}/questions{path}")
        told[f"/questions{path}"] = _complaints(page)
    assert {path: said for path, said in told.items() if said} == {}


def test_axe_finds_nothing_on_what_comes_of_a_form(open_page, bank, tmp_path):
    """The plan of an import and what it wrote, a try, both previews: pages that no address leads to."""
    files = {
        "payment-fraud.yaml": TEXT.replace("a digital wallet", "a digital purse", 1),
        "twin.yaml": re.sub(r"slug: .*", "slug: twin", TEXT, count=1),
        "broken.yaml": "slug: broken\ntitle: [\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    page = open_page(color_scheme="dark", viewport={"width": 390, "height": 900})
    page.set_default_timeout(60_000)  # a whole session is played
    opened(page, bank)
    told = {}
    page.goto(f"{bank}/questions/import")
    page.set_input_files("#file", [str(tmp_path / name) for name in files])
    page.click("text=Show what would change")
    page.wait_for_selector("text=Nothing is written yet")
    told["plan"] = _complaints(page)
    page.click("text=Import what is ticked")
    page.wait_for_selector("h1:has-text('imported')")
    told["imported"] = _complaints(page)
    page.goto(f"{bank}{HERE}/try")
    page.click("button:has-text('A strong candidate')")
    page.wait_for_selector("#tried-head")
    told["tried"] = _complaints(page)
    for who in ("a candidate", "an interviewer"):
        page.goto(f"{bank}{HERE}/yaml")
        with page.context.expect_page() as shown:
            page.click(f"text=Preview as {who}")
        shown.value.wait_for_load_state()
        told[who] = _complaints(shown.value)
    assert {path: said for path, said in told.items() if said} == {}


def _complaints(page):
    found = [v["id"] for v in Axe().run(page, options=RULES).response["violations"]]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("runs over the side")
    return found


def test_the_guide_prints_without_its_tools(open_page, bank):
    page = open_page()
    opened(page, bank)
    page.goto(f"{bank}{HERE}")
    page.emulate_media(media="print")
    assert not page.is_visible("nav[aria-label='This question']")
    page.wait_for_selector("text=Told when asked")
    assert re.search(r"80 milliseconds", page.inner_text("main"))
