"""The curators' pages: a question is found, edited, reviewed, published, and nobody's text is lost."""

import html
import os
import re

import pytest

from app.bank.bank import find_questions
from app.storage.db import transaction
from app.storage.files import replace_file
from app.storage.people import invite
from app.storage.revisions import Author, append
from tests.web.conftest import NOW

SLUG = "payment-fraud"
TEXT = find_questions()[SLUG].read_text("utf-8")
HERE = f"/questions/{SLUG}"


@pytest.fixture
def desk(client):
    """A client for whom the answers are open."""
    assert client.post(f"{HERE}/answers").status_code == 303
    return client


def base_of(page):
    return re.search(r'name="base" value="([0-9a-f]{64})"', page)[1]


def save(client, text, slug=SLUG, base=None, **more):
    base = base or base_of(client.get(f"/questions/{slug}/yaml").text)
    return client.post(f"/questions/{slug}/yaml", data={"text": text, "base": base, **more})


def step(client, action, slug=SLUG, **more):
    base = base_of(client.get(f"/questions/{slug}").text)
    data = {"action": action, "base": base, **more}
    return client.post(f"/questions/{slug}/status", data=data)


def titled(title):
    return re.sub(r"(?m)^title: .*$", f"title: {title}", TEXT, count=1)


def as_person(client, role):
    with transaction(client.app.state.home.engine) as db:
        secret = invite(db, role, role.capitalize(), NOW)[1]
    return {"authorization": f"Bearer {secret}"}


# the list ------------------------------------------------------------------------------------------
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
def test_the_list_says_how_many_questions_are_read_and_other_pages_do_not_wait(
    serve, tmp_path, monkeypatch
):
    """A pipe among the files is one that takes as long to read as the test wants."""
    monkeypatch.setattr("app.storage.desk.FEW", 1)
    monkeypatch.setattr("app.web.routes.questions.PATIENCE", 0)
    folder = tmp_path / "content" / "question_bank"
    folder.mkdir(parents=True)
    pipe, text = folder / "aa.yaml", TEXT.replace(f"slug: {SLUG}", "slug: aa", 1)
    os.mkfifo(pipe)
    client = serve(content=tmp_path / "content")
    waiting = client.get("/questions?text=fraud")
    assert waiting.status_code == 503 and waiting.headers["refresh"] == "5"
    assert f"0 of {len(find_questions()) + 1} so far" in waiting.text
    assert client.get(HERE).status_code == client.get("/").status_code == 200
    with pipe.open("w") as writing:
        writing.write(text)
        replace_file(pipe, text)
    client.app.state.home.desk.everything()
    assert 'href="/questions/aa"' in client.get("/questions?text=aa").text


def test_a_change_is_in_the_list_at_once(desk):
    for path in ("/questions?domain=payments-and-fraud", "/questions?text=wholly"):
        assert "Wholly renamed" not in desk.get(path).text
    save(desk, titled("Wholly renamed"))
    for path in ("/questions?domain=payments-and-fraud", "/questions?text=wholly"):
        found = desk.get(path).text
        assert "Wholly renamed" in found and "draft waits" in found
    step(desk, "published")
    assert "draft waits" not in desk.get("/questions?text=wholly").text


def test_the_list_narrows_by_its_address_and_forgives_a_typo(client):
    assert "New question" in client.get("/questions").text
    assert f'href="{HERE}"' in client.get("/questions?domain=payments-and-fraud").text
    found = client.get("/questions?text=fraduulent+paymnets").text
    assert f'href="{HERE}"' in found
    narrowed = client.get("/questions?domain=ads&order=title").text
    assert f'href="{HERE}"' not in narrowed and 'href="/questions/ad-click"' in narrowed
    assert 'aria-current="true"' in narrowed
    assert "No question fits" in client.get("/questions?text=zzzzqqq").text


@pytest.mark.parametrize("files", [True, False], ids=["files", "journal"])
def test_a_question_whose_draft_cannot_be_read_any_more_is_there_for_everybody(
    serve, tmp_path, files
):
    """The draft is of a time when the schema let more pass."""
    client = serve(token="open sesame", content=tmp_path / "content" if files else None)
    client.app.state.home.desk.comment(SLUG, "As it is given.", author=Author("Ada"))
    with transaction(client.app.state.home.engine) as db:
        append(
            db,
            "question",
            SLUG,
            f"{TEXT}\nno-longer-known: 1\n",
            base=2,
            version=1,
            status="draft",
            action="edited",
            author=Author("Ada"),
            now=NOW,
        )
    for role in ("interviewer", "curator"):
        client.headers.update(as_person(client, role))
        assert f'href="{HERE}"' in client.get("/questions?text=payment").text
        assert client.get(HERE).status_code == 200
    assert save(client, titled("It goes on")).status_code == 303
    assert "draft waits" in client.get("/questions?text=goes").text


def test_whatever_stands_in_the_address_is_shown_inert(client):
    page = client.get("/questions", params={"text": "<script>alert(1)</script>", "tag": '"><b>'})
    assert page.status_code == 200 and "<script>alert" not in page.text and '"><b>' not in page.text


# the guide -----------------------------------------------------------------------------------------
def test_answers_are_opened_on_purpose_and_the_question_is_then_seen_before(client):
    shut = client.get(HERE).text
    assert "Show me the answers" in shut and "80 milliseconds" not in shut
    for path in ("edit", "yaml", "history", "try", "source", "diff"):
        assert client.get(f"{HERE}/{path}").status_code == 409
    before = client.get("/practise").text
    assert client.post(f"{HERE}/answers").status_code == 303
    opened = client.get(HERE).text
    assert "Show me the answers" not in opened and "Told when asked" in opened
    after = client.get("/practise").text
    assert after.count("seen before") == before.count("seen before") + 1


def test_a_candidate_of_the_house_has_no_guide_and_an_interviewer_cannot_change_it(serve):
    client = serve(token="open sesame")
    curator, interviewer = as_person(client, "curator"), as_person(client, "interviewer")
    assert "Told when asked" in client.get(HERE, headers=curator).text
    guide = client.get(HERE, headers=interviewer).text
    assert "Told when asked" in guide and f"{HERE}/edit" not in guide
    for path in ("edit", "yaml", "history", "try", "diff"):
        assert client.get(f"{HERE}/{path}", headers=interviewer).status_code == 403
    assert client.get(f"{HERE}/yaml", headers=curator).status_code == 200
    assert client.get("/questions/new", headers=interviewer).status_code == 403


# editing -------------------------------------------------------------------------------------------
def test_a_field_is_changed_and_the_rest_of_the_text_stays(desk):
    page = desk.get(f"{HERE}/edit").text
    data = {"base": base_of(page), "title": "A new title", "seniority": ["L5", "L6"]}
    data |= {"comment": "shorter", "facts/latency/answer": "Ninety milliseconds, at the most."}
    assert desk.post(f"{HERE}/edit", data=data).status_code == 303
    text = desk.get(f"{HERE}/source").text
    changed = [line for line in text.splitlines() if line not in TEXT.splitlines()]
    assert any("A new title" in line for line in changed) and len(changed) <= 4
    assert "shorter" in desk.get(f"{HERE}/history").text


def test_two_curators_on_different_fields_both_get_what_they_wrote(desk):
    base = base_of(desk.get(f"{HERE}/edit").text)
    first = desk.post(f"{HERE}/edit", data={"base": base, "title": "Ada's", "seniority": "L5"})
    assert first.status_code == 303
    second = {"base": base, "category": "Bob's", "title": "Stop fraudulent payments in a wallet"}
    late = desk.post(f"{HERE}/edit", data={**second, "seniority": ["L5", "L6"]})
    assert late.status_code == 409
    text = textarea(late.text)
    assert "Bob's" in text and "somebody at this machine changed this" in late.text.lower()
    assert 'class="diff"' in late.text
    assert save(desk, text, base=base_of(late.text)).status_code == 303
    assert "Bob's" in desk.get(f"{HERE}/source").text


def textarea(page):
    return html.unescape(re.search(r"<textarea id=\"text\".*?>\n?(.*?)</textarea>", page, re.S)[1])


def test_the_later_of_two_is_shown_the_others_text_and_keeps_their_own(desk):
    base = base_of(desk.get(f"{HERE}/yaml").text)
    assert save(desk, titled("The first"), base=base).status_code == 303
    late = save(desk, titled("The second"), base=base, comment="my reasons")
    assert late.status_code == 409
    assert textarea(late.text) == titled("The second") and "my reasons" in late.text
    assert "The first" in desk.get(f"{HERE}/source").text
    on_purpose = save(desk, textarea(late.text), base=base_of(late.text))
    assert on_purpose.status_code == 303
    assert "The second" in desk.get(f"{HERE}/source").text


def test_what_is_no_question_is_not_saved_and_not_lost(desk):
    broken = titled("x").replace("difficulty: 4", "difficulty: 17")
    page = save(desk, broken)
    assert page.status_code == 422 and textarea(page.text) == broken
    assert "difficulty" in page.text and re.search(r'data-line="\d+"', page.text)
    assert desk.get(f"{HERE}/source").text == TEXT


def test_problems_are_told_by_line_while_one_writes(desk):
    good = desk.post(f"{HERE}/check", data={"text": TEXT})
    assert "Nothing is wrong with it" in good.text
    number = TEXT.splitlines().index("difficulty: 4") + 1
    bad = desk.post(f"{HERE}/check", data={"text": TEXT.replace("difficulty: 4", "difficulty: 17")})
    assert f'data-line="{number}"' in bad.text


def test_a_text_is_previewed_as_a_candidate_and_as_an_interviewer(desk):
    data = {"text": titled("Not saved yet")}
    candidate = desk.post(f"{HERE}/preview", data={**data, "as": "candidate"}).text
    interviewer = desk.post(f"{HERE}/preview", data={**data, "as": "interviewer"}).text
    assert "Not saved yet" in candidate and "Told when asked" not in candidate
    assert "Not saved yet" in interviewer and "Told when asked" in interviewer


# review --------------------------------------------------------------------------------------------
def test_a_draft_is_reviewed_and_published_and_candidates_get_it_only_then(desk):
    assert save(desk, titled("Reviewed by two")).status_code == 303
    assert "Reviewed by two" not in desk.get("/practise").text
    assert "draft waits" in desk.get("/questions?text=reviewed").text
    assert step(desk, "submitted").status_code == 303
    assert step(desk, "published", comment="good").status_code == 303
    assert "Reviewed by two" in desk.get("/practise").text
    told = desk.get(f"{HERE}/history").text
    assert [word in told for word in ("published", "sent to review", "edited", "good")] == [
        True
    ] * 4
    assert "version: 2" in desk.get(f"{HERE}/source").text
    assert step(desk, "published").status_code == 409
    assert step(desk, "nonsense").status_code == 422


def test_a_question_with_problems_is_not_published(desk):
    two = re.sub(r"(?m)^prompt: .*(?:\n  .*)*", "prompt: " + "Design it. " * 80, TEXT, count=1)
    assert save(desk, two).status_code == 303
    page = step(desk, "published")
    assert page.status_code == 422 and "It is not published" in page.text
    assert "Design it. Design it." not in desk.get("/practise").text
    assert step(desk, "discard").status_code == 303
    assert desk.get(f"{HERE}/source").text == TEXT


def test_an_older_text_is_read_compared_and_restored(desk):
    save(desk, titled("The second"))
    save(desk, titled("The third"))
    assert "The second" in desk.get(f"{HERE}/history/2").text
    diff = desk.get(f"{HERE}/diff?before=2&after=3").text
    assert "<del>" in diff and "<ins>" in diff
    base = base_of(desk.get(f"{HERE}/yaml").text)
    back = desk.post(f"{HERE}/restore", data={"number": "2", "base": base})
    assert back.status_code == 303
    assert "The second" in desk.get(f"{HERE}/source").text
    assert desk.get(f"{HERE}/history/99").status_code == 404


def test_a_comment_stands_in_the_history(desk):
    said = "<b>Who</b> counts the labels?"
    assert desk.post(f"{HERE}/comment", data={"comment": said}).status_code == 303
    page = desk.get(f"{HERE}/history").text
    assert html.escape(said) in page and said not in page
    assert desk.post(f"{HERE}/comment", data={"comment": " "}).status_code == 422


# new ones and trying -------------------------------------------------------------------------------
def test_a_new_question_begins_from_the_template_or_from_another(client):
    made = client.post("/questions/new", data={"slug": "toll-fraud", "title": "Toll fraud"})
    assert made.headers["location"] == "/questions/toll-fraud/edit"
    assert client.get("/questions/toll-fraud/edit").status_code == 200
    assert "toll-fraud" not in client.get("/practise").text
    assert "TODO" in client.get("/questions/toll-fraud/source").text
    again = client.post("/questions/new", data={"slug": "toll-fraud", "title": "Toll fraud"})
    assert again.status_code == 422 and "already" in again.text
    copy = {"slug": "wallet-two", "title": "The second wallet", "based_on": SLUG}
    assert client.post("/questions/new", data=copy).status_code == 409  # not shown yet
    client.post(f"{HERE}/answers")
    assert client.post("/questions/new", data=copy).status_code == 303
    assert "The second wallet" in client.get("/questions/wallet-two/source").text


@pytest.mark.parametrize("slug", ["../up", "a/b", "", "Con", "con", "a" * 60, "x%00y", "%2e%2e"])
def test_a_slug_that_is_no_plain_word_makes_nothing(client, slug):
    made = client.post("/questions/new", data={"slug": slug, "title": "A title"})
    assert made.status_code == 422 and 'role="alert"' in made.text
    assert client.get(f"/questions/{slug or '%20'}/edit").status_code in (404, 409)


def test_a_draft_is_tried_for_two_minutes_and_by_simulated_candidates(desk):
    save(desk, titled("Only a draft"))
    mine = desk.post(f"{HERE}/try", data={"who": "me"})
    assert mine.headers["location"].startswith("/sessions/")
    assert "Only a draft" in desk.get(mine.headers["location"]).text
    strong = desk.post(f"{HERE}/try", data={"who": "strong"}).text
    weak = desk.post(f"{HERE}/try", data={"who": "keyword-dropper"}).text
    marks = [int(re.search(r"candidate: (\d+) of 100", page)[1]) for page in (strong, weak)]
    assert marks[0] > marks[1] + 30
    assert desk.post(f"{HERE}/try", data={"who": "nobody"}).status_code == 404


# in and out ----------------------------------------------------------------------------------------
def packed(texts):
    from app.bank.parcel import to_zip

    return to_zip(texts)


def plan_of(client, name, data):
    return client.post("/questions/import", files={"file": (name, data)})


def ticked(page):
    return re.findall(r'name="take" value="([^"]+)" checked', page)


def test_an_import_shows_what_it_would_do_and_then_does_just_that(desk):
    mended = (
        find_questions()["ad-click"].read_text("utf-8").replace("difficulty: 4", "difficulty: 5")
    )
    copied = TEXT.replace(f"slug: {SLUG}", "slug: wallet-copy", 1)
    parcel = packed({"ad-click": mended, SLUG: TEXT, "wallet-copy": copied, "broken": "slug: ["})
    plan = plan_of(desk, "many.zip", parcel).text
    for told in ("Changed", "Much like one that is here", "Not usable", "Here already"):
        assert told in plan, told
    assert desk.get("/questions/wallet-copy").status_code == 404
    assert [one.partition(":")[0] for one in ticked(plan)] == ["ad-click"]
    done = desk.post("/questions/import/write", data={"take": ticked(plan), "as_drafts": "yes"})
    assert "1 imported" in done.text
    desk.post("/questions/ad-click/answers")
    assert "difficulty: 5" in desk.get("/questions/ad-click/source").text
    assert "imported" in desk.get("/questions/ad-click/history").text
    assert "difficulty 5" not in desk.get("/practise?q=auction").text  # a draft


def test_what_was_changed_after_the_plan_is_left_as_it_is(desk):
    plan = plan_of(desk, "one.yaml", titled("Imported").encode()).text
    save(desk, titled("By hand meanwhile"))
    done = desk.post("/questions/import/write", data={"take": ticked(plan)}).text
    assert "0 imported" in done and "Somebody else" in done
    assert "By hand meanwhile" in desk.get(f"{HERE}/source").text


def test_an_import_can_keep_the_status_that_it_comes_with(desk):
    plan = plan_of(desk, "one.yaml", titled("At once").encode()).text
    assert "published" in desk.post("/questions/import/write", data={"take": ticked(plan)}).text
    assert "At once" in desk.get("/practise").text


@pytest.mark.parametrize(
    ("name", "data"),
    [("notes.txt", b"hello"), ("many.zip", b"PK\x03\x04no zip"), ("list.json", b"[1,"), ("", b"")],
)
def test_what_cannot_be_imported_is_said_in_a_sentence(desk, name, data):
    page = plan_of(desk, name, data)
    assert page.status_code in (200, 422) and "Traceback" not in page.text
    assert 'role="alert"' in page.text or "Not usable" in page.text


def test_an_export_comes_back_as_nothing_new(desk):
    assert "Export" in desk.get("/questions/export").text
    for row in desk.get("/questions/export?format=csv&domain=ads").text.splitlines()[1:]:
        desk.post(f"/questions/{row.partition(',')[0]}/answers")
    for format in ("zip", "json"):
        sent = desk.get(f"/questions/export?format={format}&domain=ads")
        assert sent.headers["content-disposition"].endswith(f'questions.{format}"')
        plan = plan_of(desk, f"questions.{format}", sent.content).text
        assert "Here already" in plan and not ticked(plan), format
    table = desk.get("/questions/export?format=csv").text
    assert table.splitlines()[0].startswith("slug,version,status")
    assert "Told when asked" not in table and "80 milliseconds" not in table


# past scores ---------------------------------------------------------------------------------------
def test_a_draft_is_held_against_what_was_scored(desk):
    assert "Nothing has been scored here yet" in desk.get(f"{HERE}/rescore").text


# health --------------------------------------------------------------------------------------------
def test_the_health_of_the_bank_and_of_a_question_are_told(desk):
    save(desk, titled("A draft"))
    page = desk.get("/questions/health").text
    assert "Coverage" in page and "0 of" in page
    one = desk.get(f"{HERE}/health").text
    assert (
        "Nobody has been asked this question here yet" in one and "Nothing is wrong with it" in one
    )
    assert "1 of" in desk.get("/questions/health").text


def test_what_is_wrong_is_not_quoted_of_a_question_whose_answers_are_hidden(serve, tmp_path):
    text = find_questions()["ad-click"].read_text("utf-8")
    own = tmp_path / "content" / "question_bank" / "ad-click.yaml"
    own.parent.mkdir(parents=True)
    own.write_text(
        re.sub(r"(?m)^(    answer: ).*$", r"\1What do you think?", text, count=1), "utf-8"
    )
    page = serve(content=tmp_path / "content").get("/questions/health?lint=all").text
    assert "to mend; which, is told" in page and "asks something" not in page


# what was wrong once -------------------------------------------------------------------------------
def test_a_slip_in_a_form_does_not_hide_that_somebody_else_was_first(desk):
    base = base_of(desk.get(f"{HERE}/edit").text)
    theirs = {"base": base, "title": "What Bob calls it", "seniority": ["L5", "L6"]}
    assert desk.post(f"{HERE}/edit", data=theirs).status_code == 303
    mine = {**theirs, "title": "What Ada calls it", "minutes": "abc", "comment": "my reasons"}
    slip = desk.post(f"{HERE}/edit", data=mine)
    assert slip.status_code == 422 and base_of(slip.text) == base and "my reasons" in slip.text
    again = desk.post(f"{HERE}/edit", data={**mine, "minutes": "45"})
    assert again.status_code == 409
    assert "What Bob calls it" in desk.get(f"{HERE}/source").text


def test_a_step_that_comes_too_late_keeps_its_comment(desk):
    base = base_of(desk.get(HERE).text)
    save(desk, titled("Meanwhile"))
    data = {"action": "retired", "base": base, "comment": "no longer asked"}
    late = desk.post(f"{HERE}/status", data=data)
    assert late.status_code == 409 and "no longer asked" in late.text
    assert "Meanwhile" in late.text and "Traceback" not in late.text


def test_a_form_in_which_nothing_was_changed_saves_nothing(desk):
    page = desk.get(f"{HERE}/edit").text
    sent = {"base": base_of(page), "seniority": ["L6", "L5"]}
    for name, value in re.findall(r'<input id="f-[^"]*" name="([^"]+)" value="([^"]*)"', page):
        sent[name] = html.unescape(value)
    for name, value in re.findall(r'<textarea id="f-.*?name="([^"]+)".*?>(.*?)</textarea>', page):
        sent[name] = html.unescape(value)
    assert len(sent) > 40
    assert desk.post(f"{HERE}/edit", data=sent).status_code == 303
    assert desk.get(f"{HERE}/source").text == TEXT
    assert "Nothing has been changed here yet" in desk.get(f"{HERE}/history").text


def test_an_author_with_a_comma_stays_one(desk):
    page = desk.get(f"{HERE}/edit").text
    data = {"base": base_of(page), "seniority": ["L5", "L6"]}
    one = re.sub(r"(?m)^authors: .*$", 'authors: ["Smith, Jr.", Ann]', TEXT, count=1)
    assert save(desk, one).status_code == 303
    data["base"] = base_of(desk.get(f"{HERE}/edit").text)
    assert desk.post(f"{HERE}/edit", data={**data, "authors": "Smith, Jr., Ann, Bo"}).is_redirect
    assert 'authors: ["Smith, Jr.", Ann, Bo]' in desk.get(f"{HERE}/source").text


def test_a_question_of_more_than_a_megabyte_is_taken_or_refused_in_words(desk):
    large = TEXT + "# " + "x" * 1_200_000 + "\n"
    assert save(desk, large).status_code == 303
    too_large = save(desk, TEXT + "# " + "x" * 2_100_000 + "\n")
    assert too_large.status_code in (400, 413, 422) and "Traceback" not in too_large.text


def test_empty_entries_are_added_to_the_text_on_the_screen(desk):
    base = base_of(desk.get(f"{HERE}/yaml").text)
    for part, told in (
        ("facts", "new-fact"),
        ("follow_ups", "new-push"),
        ("twists", "new-twist"),
        ("traps", "new-trap"),
        ("expects", "states-scale"),
        ("sources", "https://example.org/"),
    ):
        sent = {"text": titled("On the screen"), "base": base, "part": part}
        page = desk.post(f"{HERE}/add", data=sent)
        assert page.status_code == 200 and "not saved yet" in page.text
        text = textarea(page.text)
        assert told in text and "On the screen" in text and base_of(page.text) == base
        if part != "expects":  # which a question has once for a criterion
            assert save(desk, text, base=base).status_code == 303, part
            assert step(desk, "discard").status_code == 303
            base = base_of(desk.get(f"{HERE}/yaml").text)
    assert desk.post(f"{HERE}/add", data={"text": TEXT, "part": "slug"}).status_code == 422
    assert "follow_ups" in desk.get("/questions/help").text


def test_an_empty_template_is_filled_part_by_part(client):
    client.post("/questions/new", data={"slug": "toll-fraud", "title": "Toll fraud"})
    here = "/questions/toll-fraud"
    text = client.get(f"{here}/source").text
    for part in ("facts", "follow_ups", "twists", "traps", "expects", "sources"):
        text = textarea(client.post(f"{here}/add", data={"text": text, "part": part}).text)
    assert save(client, text, slug="toll-fraud").status_code == 303
    assert "Saved as a draft" in client.get(f"{here}/yaml?saved=1").text


def test_a_copy_is_published_only_on_purpose(desk):
    copy = {"slug": "wallet-two", "title": "The second wallet", "based_on": SLUG}
    assert desk.post("/questions/new", data=copy).status_code == 303
    refused = step(desk, "published", slug="wallet-two", comment="first")
    assert refused.status_code == 422 and "reads like" in refused.text and "first" in refused.text
    assert "The second wallet" not in desk.get("/practise").text
    assert step(desk, "published", slug="wallet-two", anyway="yes").status_code == 303
    assert "The second wallet" in desk.get("/practise").text
