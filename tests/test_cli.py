"""The command line as a script meets it: exit codes, one line per file, the same bytes everywhere."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli import main
from app.commands import score
from app.transcripts import FORMATS

SAID = (
    "I would start with the goal. We lose two percent of revenue to fraud, so fewer losses is what "
    "counts. The labels come from chargebacks, which arrive after sixty days, so recent payments "
    "have none. I would split by time, because a random split leaks the future, and measure recall "
    "at a fixed precision. After the launch I would watch the drift of the scores every day."
)
TALK = f"Dana: Design a system that flags fraudulent payments.\nSam: {SAID}\n"


@pytest.fixture
def talk(tmp_path) -> Path:
    path = tmp_path / "talk.txt"
    path.write_text(TALK, "utf-8")
    return path


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return int(left.value.code or 0)


def shell(*arguments: str, stdin: bytes | None = None, **environment: str):
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        input=stdin,
        capture_output=True,
        env={**os.environ, **environment},
        cwd=Path(__file__).parents[1],
        timeout=120,
    )


@pytest.mark.parametrize("face", ["text", "json", "jsonl", "md", "html"])
def test_every_face_is_printed(face, talk, capsys):
    assert run("score", "--format", face, talk) == 0
    assert "two percent of revenue" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nonsense",),
        ("score",),
        ("score", "--format", "pdf", "x"),
        ("score", "--as", "no-such-format", "x"),
        ("score", "--judge", "llm", "x"),
        ("parse",),
        ("rubric", "burn"),
    ],
)
def test_wrong_usage_is_2(arguments, capsys):
    assert run(*arguments) == 2
    assert capsys.readouterr().err


def test_what_cannot_be_used_is_3(talk, tmp_path, capsys):
    assert run("score", "--format", "json", tmp_path / "absent.txt") == 3
    assert json.loads(capsys.readouterr().out)["scorable"] is False
    assert run("parse", tmp_path / "absent.txt") == 3
    assert run("rubric", "show", "no-such-rubric") == 3
    assert run("score", "--rubric", "no-such-rubric", talk) == 3


def test_jsonl_is_one_line_per_file_in_order_also_for_what_cannot_be_read(talk, tmp_path, capsys):
    broken, short = tmp_path / "broken.vtt", tmp_path / "short.txt"
    broken.write_bytes(b"\x00\xff\xfe\x01" * 50)
    short.write_text("Dana: Hello?\nSam: Hello.\n", "utf-8")
    files = [tmp_path / "absent.json", talk, broken, tmp_path, short, talk]
    assert run("score", "--format", "jsonl", *files) == 3
    lines = capsys.readouterr().out.splitlines()
    reports = [json.loads(line) for line in lines]
    assert [report["file"] for report in reports] == [str(file) for file in files]
    assert [report["scorable"] for report in reports] == [False, True, False, False, False, True]
    for report in reports:
        assert (report["reason"] is None) == report["scorable"]
        assert len(report["steps"]) == 7
        if not report["scorable"]:
            assert report["overall"] is report["decision"] is report["seniority"] is None
            assert report["segments"] == [] and all(s["level"] is None for s in report["steps"])


def test_many_files_over_the_cores_give_what_one_by_one_gives(talk, tmp_path, capsys):
    files = [talk, tmp_path / "absent"] * (score.PARALLEL_FROM // 2)
    assert run("score", "--format", "jsonl", *files) == 3
    together = capsys.readouterr().out.splitlines()
    run("score", "--format", "jsonl", talk, tmp_path / "absent")
    assert together == capsys.readouterr().out.splitlines() * (score.PARALLEL_FROM // 2)


def test_the_speaker_named_is_the_candidate(talk, capsys):
    assert run("parse", talk, "--speaker", "Dana") == 0
    turns = json.loads(capsys.readouterr().out)["turns"]
    assert [turn["speaker"] for turn in turns if turn["name"] == "Dana"] == ["candidate"]
    assert run("score", "--format", "json", "--speaker", "Dana", talk) == 3
    assert json.loads(capsys.readouterr().out)["scorable"] is False


def test_parse_prints_the_native_form_with_format_and_notes(talk, capsys):
    assert run("parse", talk) == 0
    printed = json.loads(capsys.readouterr().out)
    assert {"schema", "question", "title", "turns", "format", "notes"} <= set(printed)
    assert printed["format"] in FORMATS
    assert printed["turns"][1]["text"] == SAID


def test_parse_lists_its_formats(capsys):
    assert run("parse", "--formats") == 0
    assert capsys.readouterr().out.split() == [*FORMATS]


def test_evidence_is_the_transcripts_own_words(talk, capsys):
    run("parse", talk)
    turns = json.loads(capsys.readouterr().out)["turns"]
    run("score", "--format", "json", talk)
    report = json.loads(capsys.readouterr().out)
    marks = [mark for step in report["steps"] for mark in step["criteria"]]
    quotes = [quote for mark in marks for quote in mark["evidence"]]
    assert quotes
    for quote in quotes:
        turn = turns[quote["turn"]]
        assert turn["speaker"] == "candidate"
        assert turn["text"][quote["start"] : quote["end"]] == quote["quote"]


def test_standard_input_is_a_file_named_dash():
    done = shell("score", "--format", "jsonl", "-", stdin=TALK.encode())
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["file"] == "-"


def test_the_bytes_do_not_depend_on_hash_seed_or_locale(talk):
    settings = [("0", "C"), ("1", "C.UTF-8"), ("4242", "POSIX"), ("random", "tr_TR.UTF-8")]
    printed = {
        shell("score", "--format", face, str(talk), PYTHONHASHSEED=seed, LC_ALL=locale).stdout
        for seed, locale in settings
        for face in ["json"]
    }
    assert len(printed) == 1 and printed.pop().startswith(b"{")


def test_a_reader_that_goes_away_is_no_error(talk):
    command = f"{sys.executable} -m app score --format text {talk} {talk} {talk} | head -1"
    done = subprocess.run(
        command, shell=True, capture_output=True, cwd=Path(__file__).parents[1], timeout=120
    )
    assert b"Traceback" not in done.stderr


def test_the_rubric_can_be_listed_and_shown(capsys):
    assert run("rubric", "list") == 0
    assert capsys.readouterr().out.startswith("seven-step\t")
    assert run("rubric", "show") == 0
    assert "(core)" in capsys.readouterr().out


def test_whole_interviews_get_the_same_bytes_whatever_the_hash_seed(tmp_path):
    """Ties between equally near words once fell by the order of a set."""
    graded = Path(__file__).parent / "corpus" / "authored.jsonl"
    files = []
    for number, line in enumerate(graded.read_text("utf-8").splitlines()[:10]):
        turns = [
            {"speaker": turn["speaker"], "at": turn["t"], "text": turn["text"]}
            for turn in json.loads(line)["turns"]
        ]
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps({"question": None, "turns": turns}), "utf-8")
        files.append(str(path))
    printed = {
        subprocess.run(
            [sys.executable, "-m", "app", "score", "--format", "jsonl", *files],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2", "3")
    }
    assert len(printed) == 1


# practice ---------------------------------------------------------------------------------------
MOVE = {"kind", "facts", "follow_up", "criterion", "verdict", "twist"}


def test_practice_lists_candidates_personas_and_moves(capsys):
    for option in ("--candidates", "--personas", "--moves"):
        assert run("practice", option) == 0
    listed = capsys.readouterr().out
    for name in ("strong", "silent", "rubric-puller", "neutral", "press", "agree"):
        assert re.search(rf"^{name}\b", listed, re.MULTILINE)


def test_practice_with_a_candidate_prints_the_native_transcript(capsys):
    assert run("practice", "payment-fraud", "--candidate", "typical", "--format", "json") == 0
    first = capsys.readouterr().out
    played = json.loads(first)
    assert played["question"] == "payment-fraud"
    speakers = {turn["speaker"] for turn in played["turns"]}
    assert speakers == {"candidate", "interviewer"}
    moves = [turn["move"] for turn in played["turns"] if "move" in turn]
    assert moves and all(set(move) == MOVE for move in moves)
    assert any(turn.get("plants") for turn in played["turns"])
    assert run("practice", "payment-fraud", "--candidate", "typical", "--format", "json") == 0
    assert capsys.readouterr().out == first
    other = ("--candidate", "typical", "--format", "json", "--seed", "1")
    assert run("practice", "payment-fraud", *other) == 0
    assert capsys.readouterr().out != first


def test_practice_plays_a_script_at_its_times(capsys, tmp_path):
    script = tmp_path / "turns.jsonl"
    rows = [
        {"at": 12.0, "text": "How many payments per second at the busiest moment?"},
        {"at": 40.0, "text": "I would start with a simple baseline."},
    ]
    script.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    assert run("practice", "payment-fraud", "--script", script, "--format", "json") == 0
    turns = json.loads(capsys.readouterr().out)["turns"]
    said = [(turn["at"], turn["text"]) for turn in turns if turn["speaker"] == "candidate"]
    assert said == [(row["at"], row["text"]) for row in rows]
    answer = next(turn for turn in turns if turn.get("move", {}).get("kind") == "answer")
    assert answer["move"]["facts"] == ["peak-rate"]


def test_a_played_session_is_read_with_its_report(capsys):
    assert run("practice", "payment-fraud", "--candidate", "strong") == 0
    read = capsys.readouterr().out
    said, report = read.rsplit("Interviewer [end]:", 1)
    assert "Candidate:" in said
    assert all(step in report for step in ("requirements", "monitoring")) and "of 100" in report


@pytest.mark.parametrize(
    "arguments",
    [("payment-fraud", "--candidate", "nobody"), ("no-such-question", "--candidate", "strong")],
)
def test_practice_names_what_there_is(arguments, capsys):
    assert run("practice", *arguments) != 0
    assert "There is" in capsys.readouterr().err


@pytest.fixture
def invited(tmp_path, capsys):
    """What `invite` prints with these arguments."""

    def invite(*arguments: str) -> tuple[int, str, str]:
        status = run("invite", *arguments, "--database", tmp_path / "people.db")
        said = capsys.readouterr()
        return status, said.out, said.err

    return invite


def test_an_invitation_is_a_link_with_its_secret_behind_the_hash(invited):
    status, out, err = invited("interviewer", "Dana\u202e", "--host-url", "https://hire.example/")
    assert status == 0
    assert re.fullmatch(r"https://hire\.example/enter#[\w-]{43}\n", out)
    assert "Dana" in err and "\u202e" not in err and out.partition("#")[2].strip() not in err
    assert out != invited("interviewer", "Dana")[1]


def test_who_was_invited_is_listed_and_taken_back(invited):
    invited("curator", "Ada")
    id, role, name, state = invited("--list")[1].strip().split("\t")
    assert (role, name) == ("curator", "Ada") and state.startswith("since")
    assert invited("--revoke", id)[0] == 0
    assert invited("--list")[1].endswith("revoked\n")
    assert invited("--revoke", "nobody")[0] == 3


@pytest.mark.parametrize("arguments", [(), ("admin",), ("admin", "Ada", "--list"), ("boss", "B")])
def test_an_invitation_needs_one_thing_to_do(invited, arguments):
    assert invited(*arguments)[0] == 2


def test_a_person_without_a_name_is_not_invited(invited):
    status, out, err = invited("admin", "\u200b ")
    assert (status, out) == (3, "") and "needs a name" in err
