import json
import re

import pytest
from jinja2 import meta

from app.rubric.shelf import get_rubric
from app.scoring.knowledge import Knowledge
from app.scoring.scorer import score_transcript
from app.transcripts import read_transcript
from app.web.pages import report_page
from app.web.templating import TEMPLATES, environment
from tests.web.conftest import SAMPLE, paste, score


def test_the_first_page_offers_what_there_is_to_do(client):
    page = client.get("/").text
    assert 'href="/score"' in page and "None yet" in page


def test_pasted_text_leads_over_who_is_who_to_a_report(client):
    who = paste(client, SAMPLE, question="Design a parking predictor")
    page = client.get(who.headers["location"]).text
    assert "WebVTT" in page and "Dana Ruiz" in page and "says 8" in page
    assert re.search(r'value="Sam Okafor" required checked', page)
    report = client.post(who.headers["location"], data={"candidate": "Sam Okafor"})
    shown = client.get(report.headers["location"]).text
    assert "of 100" in shown and "What would have raised it most" in shown
    assert "Design a parking predictor" in shown


def test_an_uploaded_file_keeps_its_name(client):
    sent = client.post("/score", data={"text": ""}, files={"file": ("mock.vtt", SAMPLE.encode())})
    assert "mock.vtt" in client.get(sent.headers["location"]).text


def test_what_cannot_be_read_comes_back_filled(client):
    back = paste(client, "Only a few words.", question="my question", speaker="Nobody")
    assert back.status_code == 422
    assert "Only a few words." in back.text and "my question" in back.text
    assert 'role="alert"' in back.text
    assert "Paste a transcript" in paste(client, "").text


def test_the_other_person_can_be_chosen_or_swapped(client):
    who = paste(client, SAMPLE).headers["location"]
    for choice in ({"candidate": "Dana Ruiz"}, {"candidate": "Sam Okafor", "swap": "yes"}):
        report = client.post(who, data=choice).headers["location"]
        words = client.get(f"/api/v1{report}/transcript").json()
        roles = {turn["name"]: turn["speaker"] for turn in words["turns"]}
        assert roles == {"Dana Ruiz": "candidate", "Sam Okafor": "interviewer"}


def test_too_few_words_get_a_kind_page(client):
    report = score(client, "Dana: Design parking.\nSam: I would use a model for that.", "Sam")
    page = client.get(report).text
    assert "could not be scored" in page and "at least 60" in page and "--speaker" not in page


def test_every_quote_leads_to_its_marked_words(client, report):
    shown, words = client.get(report).text, client.get(f"{report}/transcript").text
    links = set(re.findall(rf'href="{report}/transcript#([^"]+)"', shown))
    assert len(links) > 10
    assert {link for link in links if f'id="{link}"' not in words} == set()


def test_the_marks_do_not_change_the_words(client, report):
    page = client.get(f"{report}/transcript").text
    said = re.findall(r'<p class="said">(.*?)</p>', page, re.DOTALL)
    turns = client.get(f"/api/v1{report}/transcript").json()["turns"]
    plain = [re.sub(r"</?mark[^>]*>", "", text) for text in said]
    unescaped = [t.replace("&#39;", "'").replace("&#34;", '"').replace("&amp;", "&") for t in plain]
    assert unescaped == [turn["text"] for turn in turns]


def test_downloads_hold_the_same_report(client, report):
    as_json = client.get(f"{report}.json")
    assert json.loads(as_json.text)["overall"] > 40
    assert "attachment" in as_json.headers["content-disposition"]
    assert client.get(f"{report}.md").status_code == 200


def test_a_swap_and_a_rescore_are_new_versions(client, report):
    swapped = client.post(f"{report}/swap").headers["location"]
    again = client.post(f"{swapped}/rescore").headers["location"]
    assert len({report, swapped, again}) == 3
    assert "an earlier report" in client.get(again).text
    assert client.get(report).status_code == 200
    back = client.post(f"{again}/swap").headers["location"]
    assert (
        client.get(f"{back}.json").json()["overall"]
        == client.get(f"{report}.json").json()["overall"]
    )


def test_a_report_is_deleted_after_a_question(client, report):
    assert "Delete this report?" in client.get(f"{report}/delete").text
    assert client.post(f"{report}/delete").headers["location"] == "/reports"
    assert client.get(report).status_code == 404
    assert "None yet" in client.get("/reports").text


def test_the_rubric_can_be_read(client):
    assert "Monitoring" in client.get("/rubric").text
    assert "What it sounds like" in client.get("/rubric/monitoring").text
    assert client.get("/rubric/nothing").status_code == 404


def test_the_theme_is_remembered_and_the_way_back_is_ours(client):
    chosen = client.post("/theme", data={"theme": "dark", "back": "/score"})
    assert chosen.headers["location"] == "/score"
    assert 'data-theme="dark"' in client.get("/").text
    assert client.post("/theme", data={"back": "//evil.example"}).headers["location"] == "/"
    assert "data-theme" not in client.get("/").text


@pytest.mark.parametrize("path", ["/nowhere", "/reports/none", "/score/none", "/reports/x.json"])
def test_what_is_not_here_is_said_on_a_page(client, path):
    answer = client.get(path)
    assert answer.status_code == 404 and "<h1>Not found</h1>" in answer.text


def test_health_and_the_icon(client):
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200
    assert client.get("/favicon.ico").headers["content-type"] == "image/svg+xml"


def test_files_with_their_hash_are_kept_by_the_browser(client):
    address = re.search(r"/static/site\.css\?v=\w+", client.get("/").text).group()
    assert "immutable" in client.get(address).headers["cache-control"]
    assert client.get("/static/site.css").headers["cache-control"] == "no-cache"
    assert client.get("/").headers["cache-control"] == "no-store"


def test_a_report_is_one_file_without_anything_to_load():
    transcript = read_transcript(SAMPLE.encode(), name="a.vtt")
    knowledge = Knowledge(get_rubric())
    page = report_page(score_transcript(transcript, knowledge), transcript, knowledge.rubric)
    assert not re.search(r'(?:src|href)="(?!#|/score)', page)
    for link in re.findall(r'href="#([^"]+)"', page):
        assert f'id="{link}"' in page


def test_a_transcript_without_times_shows_the_order(client):
    plain = re.sub(r"\d\d:\d\d:\d\d\.000 --> \S+\n<v ([^>]+)>", r"\1: ", SAMPLE)
    report = score(client, plain.removeprefix("WEBVTT\n"))
    assert "Where the words went" in client.get(report).text


def test_templates_name_only_what_they_are_given():
    for path in TEMPLATES.rglob("*.html"):
        parsed = environment().parse(path.read_text(encoding="utf-8"))
        assert "request" not in meta.find_undeclared_variables(parsed), path
        environment().get_template(str(path.relative_to(TEMPLATES)))
