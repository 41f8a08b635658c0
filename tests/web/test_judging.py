"""A second opinion as a visitor and a program meet it, with a real endpoint on loopback."""

import re
import sqlite3
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.endpoint import Budget, Endpoint, Prices, Timeouts
from app.fake_llm.server import running
from app.live.judging import CHANGED, SECOND
from app.main import create_app
from app.settings import Settings
from app.web.standards import Standards
from app.web.views.compare import FAR_APART, gap_words, is_far
from tests.web.conftest import SAMPLE, paste, score
from tests.web.test_sessions import ORIGIN, SOCKETS, Page, begin
from tests.web.test_settings import words

ROOT = Path(__file__).resolve().parents[2]
KEY = "sk-canary-judging-0815"
QUICK = Timeouts(connect=2.0, first=2.0, gap=2.0, whole=10.0)
PATIENCE = 90  # seconds; a judging takes two


class Clock:
    def __init__(self):
        self.now = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def fake():
    with running() as fake:
        yield fake


@pytest.fixture
def serve(tmp_path, standards, fake, clock):
    """Clients of services on one database, one after the other."""
    opened = []

    def open_client(with_endpoint=True, at=fake, content=None, **more):
        given = {"key": KEY, "timeouts": QUICK, "prices": Prices(1.0, 2.0), **more}
        endpoint = Endpoint(at.base_url, "speaks", "judges", **given) if with_endpoint else None
        wanted = Settings(database=f"sqlite:///{tmp_path}/a.db", endpoint=endpoint, content=content)
        shelf = standards if content is None else Standards(content)
        app = create_app(wanted, standards=shelf, now=clock)
        client = TestClient(app, base_url="http://localhost:8000", follow_redirects=False)
        client.__enter__()
        opened.append(client)
        return client

    yield open_client
    for client in opened:
        close(client)


def close(client):
    if not client.is_closed:
        client.__exit__(None, None, None)
        client.close()


@pytest.fixture
def client(serve):
    return serve()


@pytest.fixture
def report(client):
    return score(client, SAMPLE)


def ask(client, report):
    asked = client.post(f"{report}/judge")
    assert asked.status_code == 303, asked.text
    return asked.headers["location"]


def watch(client, job, is_there):
    """The job as programs see it, once that is true of it."""
    limit = time.monotonic() + PATIENCE
    while not is_there(found := client.get(f"/api/v1{job}").json()):
        assert time.monotonic() < limit, found
        time.sleep(0.02)
    return found


def until(client, job, state):
    return watch(client, job, lambda found: found["state"] == state)


def test_without_an_endpoint_nothing_is_offered(serve):
    client = serve(with_endpoint=False)
    report = score(client, SAMPLE)
    assert "econd opinion" not in client.get(report).text
    refused = client.post(f"{report}/judge")
    assert refused.status_code == 409 and "No model is set up" in refused.text
    assert client.post(f"/api/v1{report}/judge", json={}).status_code == 409


def test_before_it_starts_it_says_where_words_go_and_what_it_takes(client, report, fake):
    said = words(client.get(report))
    assert f"are sent to 127.0.0.1:{fake.port}" in said and "judged by judges" in said
    assert re.search(r"Questions to the model 21 at most \d+", said)
    assert re.search(r"Tokens [\d,]+ at most [\d,]+ Cost 0\.\d+ at most", said)
    assert fake.requests == []


def test_a_broken_prompt_takes_away_the_offer_and_not_the_report(serve, tmp_path, fake):
    prompt = tmp_path / "content" / "prompts" / "judge" / "step.md"
    prompt.parent.mkdir(parents=True)
    client = serve(content=tmp_path / "content")
    report = score(client, SAMPLE)
    assert f'action="{report}/judge"' in client.get(report).text
    prompt.write_text("no front matter", "utf-8")
    page = client.get(report)
    assert page.status_code == 200 and "of 100" in words(page)
    assert "None can be asked for now. prompts/judge/step.md" in words(page)
    assert f'action="{report}/judge"' not in page.text
    assert client.post(f"{report}/judge").status_code == 422
    prompt.unlink()
    assert f'action="{report}/judge"' in client.get(report).text


def test_a_ledger_that_cannot_be_read_takes_away_the_offer_and_not_the_report(
    client, report, tmp_path
):
    with sqlite3.connect(tmp_path / "a.db") as other:
        other.execute("ALTER TABLE spending RENAME TO away")
    page = client.get(report)
    assert page.status_code == 200 and "None can be asked for now." in words(page)


def test_a_second_opinion_stands_beside_the_report(client, report, fake):
    before = client.get(f"{report}.json").text
    job = ask(client, report)
    done = until(client, job, "done")
    assert done["progress"]["steps_done"] == 7
    assert done["progress"]["votes_done"] == len(fake.requests) == 21
    assert done["progress"]["cost"] > 0
    assert {body["model"] for body in fake.requests} == {"judges"}
    made = f"/reports/{done['result']}"
    judged = client.get(f"{made}.json").json()
    assert judged["rater"] == {"kind": "llm", "name": "judges"}
    assert judged["beside"]["rater"]["kind"] == "offline"
    assert client.get(f"{report}.json").text == before
    page = words(client.get(report))
    assert "judges gives" in page and "See both side by side" in page
    assert f"{made}/compare" in client.get(f"{job}/progress").text
    assert client.get(f"/api/v1{made}").json()["second_opinion_to"] == report.split("/")[-1]
    assert "Second opinion ·" in client.get("/reports").text
    assert "Swap the roles" not in client.get(made).text


def test_both_are_shown_with_their_quotes_and_gaps(client, report):
    made = until(client, ask(client, report), "done")["result"]
    compared = client.get(f"/reports/{made}/compare")
    assert compared.status_code == 200
    offline, judge = (client.get(f"{at}.json").json() for at in (report, f"/reports/{made}"))
    html, said = compared.text, words(compared)
    assert "The offline scorer gives" in said and f"judges {judge['overall']:.0f}" in said
    far = 0
    for one, other in zip(offline["steps"], judge["steps"], strict=True):
        assert f"{one['level']:.1f}" in said and f"{other['level']:.1f}" in said
        for left, right in zip(one["criteria"], other["criteria"], strict=True):
            if None not in (left["depth"], right["depth"]):
                far += abs(left["depth"] - right["depth"]) > 1
    assert far > 0
    assert html.count("More than a level apart: for a person to look at.") == far
    for address in set(re.findall(r'class="quote" href="([^"]+)"', html)):
        page, _, anchor = address.partition("#")
        assert f'id="{anchor}"' in client.get(page).text
    assert client.get(f"{report}/compare").status_code == 404


def test_what_the_judge_could_not_judge_stands_as_such(client, report, fake):
    """Top marks without a single quote: no label counts."""
    fake.fault("all_top", times=None)
    made = until(client, ask(client, report), "done")["result"]
    judged = client.get(f"/reports/{made}.json").json()
    assert {mark["depth"] for step in judged["steps"] for mark in step["criteria"]} == {None}
    assert judged["overall"] is None
    said = words(client.get(f"/reports/{made}/compare"))
    assert "judges – of 100" in said and "judged by one of them only" in said
    assert "not judged" in said and "They agree" not in said
    assert "could not judge enough for a verdict" in words(client.get(report))
    assert client.get(f"/reports/{made}").status_code == 200
    assert client.post(f"/reports/{made}/judge").status_code == 422


@pytest.mark.parametrize(
    ("offline", "judge", "far", "said"),
    [
        (2.0, 2.0, False, "the same"),
        (2.2, 3.2, False, "the model is 1.0 higher"),
        (3.2, 2.1, True, FAR_APART),
        (0.5, 3.0, True, FAR_APART),
        (None, 2.0, False, "judged by one of them only"),
        (None, None, False, "judged by neither"),
    ],
)
def test_the_gap_between_two_is_said_in_words(offline, judge, far, said):
    assert (is_far(offline, judge), gap_words(offline, judge)) == (far, said)


def test_asking_again_shows_what_is_there(client, report, fake):
    job = ask(client, report)
    made = until(client, job, "done")["result"]
    assert ask(client, report) == f"/reports/{made}/compare"
    again = client.post(f"/api/v1{report}/judge", json={})
    assert again.status_code == 202 and again.json()["result"] == made
    assert len(fake.requests) == 21


def test_the_same_words_are_not_paid_for_twice(client, report, fake):
    until(client, ask(client, report), "done")
    other = score(client, SAMPLE)
    assert other != report
    done = until(client, ask(client, other), "done")
    assert done["report"] == other.split("/")[-1]
    assert len(fake.requests) == 21


def test_who_asks_about_the_same_words_gets_an_opinion_of_their_own(client, report, fake):
    fake.fault("hang_before", times=None)
    other = score(client, SAMPLE)
    first, second = ask(client, report), ask(client, other)
    assert first != second
    until(client, first, "running")
    client.post(f"{report}/delete")
    fake.mend()
    done = until(client, second, "done")
    assert done["report"] == other.split("/")[-1]
    assert f"/reports/{done['result']}/compare" in client.get(other).text


CALIBRATION = """
id: %s
version: %d
judge: judges
against: people
steps:
  - {step: data, pairs: 9, method: shift, points: [[0, 4]]}
"""


def test_it_is_offered_again_once_it_would_come_to_something_else(serve, tmp_path, fake):
    content = tmp_path / "content"
    prompt = content / "prompts" / "judge" / "step.md"
    mapped = content / "rubrics" / "calibration" / "mapped.yaml"
    for folder in (prompt.parent, mapped.parent):
        folder.mkdir(parents=True)
    client = serve(content=content)
    report = score(client, SAMPLE)

    def is_offered():
        page = client.get(report)
        assert page.status_code == 200
        return f'action="{report}/judge"' in page.text

    def level(made):
        steps = client.get(f"/reports/{made}.json").json()["steps"]
        return next(step["level"] for step in steps if step["id"] == "data")

    assert is_offered()
    plain = until(client, ask(client, report), "done")["result"]
    assert not is_offered()
    for version in (1, 2):  # maps levels otherwise, so what was answered still holds
        mapped.write_text(CALIBRATION % ("own", version), "utf-8")
        assert is_offered()
        again = until(client, ask(client, report), "done")["result"]
        assert level(again) == 4.0 != level(plain)
        assert not is_offered() and len(fake.requests) == 21
    prompt.write_text((ROOT / "prompts/judge/step.md").read_text("utf-8") + "\nBe fair.\n")
    assert is_offered()
    until(client, ask(client, report), "done")
    assert not is_offered() and len(fake.requests) == 42
    mapped.write_text("id: broken", "utf-8")
    assert not is_offered() and "None can be asked for now." in client.get(report).text


def test_no_opinion_is_given_on_an_opinion(client, report, fake):
    made = until(client, ask(client, report), "done")["result"]
    refused = client.post(f"/api/v1/reports/{made}/judge", json={})
    assert (refused.status_code, refused.json()["error"]["message"]) == (422, SECOND)
    assert f'action="/reports/{made}/judge"' not in client.get(f"/reports/{made}").text
    assert len(fake.requests) == 21


def test_asked_twice_it_runs_once(client, report, fake):
    fake.fault("hang_between", times=None)
    first, second = ask(client, report), ask(client, report)
    assert first == second
    assert "is reading this transcript" in client.get(report).text
    assert f'action="{report}/judge"' not in client.get(report).text


def test_the_page_tells_how_far_it_is_and_can_stop_it(client, report, fake):
    job = ask(client, report)
    page = client.get(job)
    assert 'role="status"' in page.text and 'http-equiv="refresh"' in page.text
    until(client, job, "done")
    finished = client.get(job).text
    assert 'http-equiv="refresh"' not in finished and "judging.js" not in finished
    assert client.get("/judging/none").status_code == 404


def test_cancelled_it_stops_at_once_and_leaves_the_report(client, report, fake):
    fake.fault("hang_before", times=None)
    job = ask(client, report)
    until(client, job, "running")
    began = time.monotonic()
    assert client.post(f"{job}/cancel").headers["location"] == job
    assert "It was cancelled." in client.get(job).text
    fake.mend()
    assert client.get(f"/api/v1{job}").json()["state"] == "cancelled"
    assert time.monotonic() - began < QUICK.first * 5
    again = ask(client, report)
    assert again != job
    assert until(client, again, "done")["result"]


def test_a_program_can_ask_watch_and_cancel(client, report, fake):
    fake.fault("hang_before", times=None)
    asked = client.post(f"/api/v1{report}/judge", json={})
    assert asked.status_code == 202
    job = asked.json()
    assert asked.headers["location"] == f"/api/v1/judging/{job['id']}"
    assert (job["model"], job["result"]) == ("judges", None)
    cancelled = client.delete(asked.headers["location"])
    assert cancelled.json()["state"] == "cancelled"
    assert client.get("/api/v1/judging/none").status_code == 404


@pytest.mark.parametrize(
    ("kind", "said"), [("401", "it does not take the key"), ("404", "it knows no such model")]
)
def test_what_waiting_cannot_mend_fails_at_once_in_plain_words(client, report, fake, kind, said):
    fake.fault(kind, times=None)
    job = ask(client, report)
    assert said in until(client, job, "failed")["error"]
    page = words(client.get(job))
    assert said in page and "The report that is there is untouched." in page
    assert "The last try came to nothing." in words(client.get(report))
    assert client.get(report).status_code == 200


def test_a_spent_budget_is_said(serve, fake):
    client = serve(budget=Budget(day_tokens=20_000))
    report = score(client, SAMPLE)
    assert "may not be enough" in words(client.get(report))
    failed = until(client, ask(client, report), "failed")
    assert "the budget is spent" in failed["error"]
    assert 0 < len(fake.requests) < 21


def test_what_passes_is_waited_for(client, report, fake, clock):
    fake.fault("429_long", times=None)
    job = ask(client, report)
    waiting = watch(client, job, lambda found: found["error"])
    assert waiting["state"] == "queued"
    assert datetime.fromisoformat(waiting["run_at"]) == clock.now + timedelta(seconds=60)
    assert "It is tried again at 09:31:00 UTC." in client.get(job).text
    fake.mend()
    clock.now += timedelta(seconds=61)
    assert until(client, job, "done")["result"]


def test_it_is_given_up_after_five_attempts_in_a_row(client, report, fake, clock):
    fake.fault("500", times=None)
    job = ask(client, report)

    def is_given_up(found):
        clock.now = max(clock.now, datetime.fromisoformat(found["run_at"]))
        return found["state"] == "failed"

    assert "It was tried 5 times." in watch(client, job, is_given_up)["error"]


def test_a_restart_goes_on_where_it_was(serve, fake):
    client = serve()
    report = score(client, SAMPLE)
    job = ask(client, report)
    watch(client, job, lambda found: found["progress"]["votes_done"] >= 4)
    fake.fault("hang_before", times=None)
    sent = len(fake.requests)
    close(client)
    assert sent < 21
    fake.mend()
    again = serve()
    done = until(again, job, "done")
    assert done["progress"]["votes_done"] == 21
    assert len(fake.requests) <= 21 + 4  # two were on their way, and two hung


def test_words_go_to_no_host_but_the_one_that_was_named(serve, fake):
    fake.fault("hang_before", times=None)
    client = serve()
    report = score(client, SAMPLE)
    job = ask(client, report)
    until(client, job, "running")
    close(client)
    with running() as elsewhere:
        moved = serve(at=elsewhere)
        assert until(moved, job, "failed")["error"] == CHANGED
        assert elsewhere.requests == []
        assert until(moved, ask(moved, report), "done")["result"]
        assert len(elsewhere.requests) == 21


def test_deleting_the_report_deletes_all_of_it(client, report, fake):
    made = until(client, ask(client, report), "done")["result"]
    assert client.post(f"{report}/delete").status_code == 303
    assert client.get(f"/reports/{made}").status_code == 404
    fake.clear()
    other = score(client, SAMPLE)
    until(client, ask(client, other), "done")
    assert len(fake.requests) == 21


def test_deleting_the_second_opinion_leaves_the_first(client, report):
    job = ask(client, report)
    made = until(client, job, "done")["result"]
    asking = words(client.get(f"/reports/{made}/delete"))
    assert "the report that it stands beside stays" in asking
    assert client.post(f"/reports/{made}/delete").status_code == 303
    assert client.get(report).status_code == 200
    assert "has been deleted since" in client.get(job).text


def test_deleted_while_it_runs_nothing_is_left(client, report, fake):
    fake.fault("hang_before", times=None)
    job = ask(client, report)
    until(client, job, "running")
    client.post(f"{report}/delete")
    assert client.get(job).status_code == 404
    fake.mend()
    assert client.get("/reports").text.count('class="line"') == 0


def test_what_could_not_be_scored_is_not_sent(client, fake):
    who = paste(client, "Dana: Design search.\nSam: I would start small.")
    report = client.post(who.headers["location"], data={"candidate": "Sam"}).headers["location"]
    assert "Second opinion" not in client.get(report).text
    assert client.post(f"{report}/judge").status_code == 422
    assert fake.requests == []


TURN = (
    "The business goal is to lose less money to fraud without refusing honest payers, because a "
    "refused payer leaves. I frame it as binary classification of a payment at the moment of the "
    "verdict, and start with a simple baseline of three rules before any boosted trees. I would "
    "split by time, since the future must not leak, and watch for drift with an alert."
)


def test_a_session_is_judged_with_its_question_and_takes_all_of_it_along(client, fake):
    session = begin(client)
    with client.websocket_connect(f"{SOCKETS}{session}/socket", headers=ORIGIN) as socket:
        page = Page(socket)
        assert page.send("start")["t"] == "ack"
        assert page.send("say", text=TURN)["t"] == "ack"
        assert page.send("finish")["t"] == "ack"
    client.post(f"{session}/predict", data={})
    report = client.get(f"{session}/report").headers["location"]
    made = until(client, ask(client, report), "done")["result"]
    assert client.get(f"{session}/report").headers["location"] == report
    page = client.get(report).text
    assert "See both side by side" in page and f'action="{session}/branch"' in page
    assert client.get(f"/reports/{made}/compare").status_code == 200
    client.post(f"{session}/delete")
    for address in (report, f"/reports/{made}"):
        assert client.get(address).status_code == 404
