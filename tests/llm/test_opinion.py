"""`sevenstep score --judge llm` against the stand-in: the model's report with the offline one beside it."""

import json
import sqlite3

import pytest
from starlette.testclient import TestClient

from app.cli import main
from app.endpoint import Endpoint
from app.main import create_app
from app.scoring.faces.wording import FAR_APART
from app.scoring.report import Report
from app.scoring.scorer import score_transcript
from app.settings import Settings
from app.storage.reports import REPORT
from tests.llm.conftest import KEY
from tests.llm.interviews import interviews, knowledge


@pytest.fixture(scope="module")
def transcript():
    return interviews()[0]


@pytest.fixture(scope="module")
def file(tmp_path_factory, transcript):
    path = tmp_path_factory.mktemp("talk") / "talk.json"
    path.write_text(json.dumps(transcript.as_native()), "utf-8")
    return path


@pytest.fixture
def score(fake, file, tmp_path, monkeypatch, capsys):
    """Runs the command on the interview; gives (status, standard output, standard error)."""
    for name, value in {
        "LLM_BASE_URL": fake.base_url,
        "LLM_MODEL": "voice",
        "JUDGE_MODEL": "the_judge",
        "LLM_API_KEY": KEY,
        "LLM_TIMEOUTS": "first=5,gap=5,whole=15",
        "DATABASE": str(tmp_path / "kept.db"),
    }.items():
        monkeypatch.setenv(f"SEVENSTEP_{name}", value)

    def run(*options, files=(file,)):
        with pytest.raises(SystemExit) as ended:
            main(["score", *map(str, files), "--judge", "llm", *options])
        told = capsys.readouterr()
        assert KEY not in told.out + told.err
        return ended.value.code, told.out, told.err

    return run


def test_without_an_endpoint_it_says_how_to_set_one(score, monkeypatch):
    monkeypatch.delenv("SEVENSTEP_LLM_BASE_URL")
    status, out, err = score()
    assert (status, out) == (2, "")
    assert "SEVENSTEP_LLM_BASE_URL" in err and "fake-llm" in err


def test_the_report_is_the_judges_and_the_offline_one_is_beside_it(fake, score, transcript, file):
    status, out, err = score("--format", "jsonl")
    report = json.loads(out)
    assert status == 0 and report["rater"] == {"kind": "llm", "name": "the_judge"}
    offline = score_transcript(transcript, knowledge()).as_json()
    assert report["beside"] == json.loads(json.dumps(offline)) and "beside" not in offline
    assert report["file"] == str(file)
    assert "7 of 7 steps, 21 of 21 votes" in err and "about 21 calls" in err
    asked = len(fake.requests)
    again = score("--format", "jsonl")
    assert again[:2] == (status, out) and len(fake.requests) == asked == 21


@pytest.mark.parametrize("face", ["text", "md", "html"])
def test_people_see_both_side_by_side(score, face):
    status, out, _ = score("--format", face)
    assert status == 0
    shown = out.replace("\\_", "_")
    assert "the_judge (llm)" in shown and "offline-1 (offline)" in shown
    assert "Two opinions" in shown and FAR_APART in shown
    assert "more than a level apart on" in " ".join(shown.split())


def test_an_endpoint_that_fails_leaves_the_offline_report(fake, score, transcript):
    fake.fault("401", times=None)
    status, out, err = score("--format", "jsonl")
    report = json.loads(out)
    assert status == 3 and report["rater"]["kind"] == "offline" and "beside" not in report
    assert report["overall"] == score_transcript(transcript, knowledge()).overall
    assert report["notes"][-1]["id"] == "judge-failed"
    assert (
        "does not take the key" in report["notes"][-1]["message"] and "does not take the key" in err
    )


def test_a_failure_that_passes_is_tried_again(fake, score):
    fake.fault("429", times=1)
    status, out, err = score("--format", "jsonl")
    assert status == 0 and json.loads(out)["rater"]["kind"] == "llm"
    assert "Trying again" in err


def test_other_files_are_done_where_one_cannot_be_used(score, file, tmp_path):
    short = tmp_path / "short.txt"
    short.write_text("Candidate: I would look at the labels first.\n")
    files = (tmp_path / "none.txt", file, short)
    status, out, _ = score("--format", "jsonl", files=files)
    missing, good, brief = map(json.loads, out.splitlines())
    assert status == 3 and not missing["scorable"] and "no file" in missing["reason"]
    assert good["scorable"] and good["beside"]["scorable"]
    assert not brief["scorable"] and brief["rater"]["kind"] == "llm" and brief["reason"]


def test_what_is_kept_holds_answers_and_spending_but_no_key(fake, score, tmp_path):
    score("--format", "jsonl")
    with sqlite3.connect(tmp_path / "kept.db") as db:
        (votes,) = db.execute("select count(*) from vote").fetchone()
        (spent,) = db.execute("select sum(tokens_in + tokens_out) from spending").fetchone()
    db.close()
    assert votes == 21 and spent > 10_000
    for path in tmp_path.glob("kept.db*"):
        assert KEY.encode() not in path.read_bytes()


def test_the_settings_page_tells_what_a_file_took_and_links_to_no_report(fake, score, tmp_path):
    score()
    endpoint = Endpoint(fake.base_url, "voice", "the_judge")
    app = create_app(Settings(database=f"sqlite:///{tmp_path}/kept.db", endpoint=endpoint))
    with TestClient(app, base_url="http://localhost:8000") as client:
        page = client.get("/settings").text
    assert "A second opinion on a file" in page
    assert 'href="/reports/' not in page


def test_a_report_with_another_beside_it_can_be_kept(score):
    out = score("--format", "jsonl")[1]
    kept = REPORT.validate_json(out)
    assert isinstance(kept, Report) and isinstance(kept.beside, Report)
    assert json.loads(kept.to_json()) == json.loads(out)
