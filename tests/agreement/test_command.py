"""`sevenstep agreement` as a script meets it: figures by step, bad lines named, a judge fitted."""

import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.agreement.calibration import load_calibration
from app.agreement.figures import FIGURES
from app.cli import main
from tests.agreement.ratings_of import text_of

# Two raters, five talks, two steps; the second rater could not judge one.
GIVEN = [
    (f"talk-{n}", rater, step, level)
    for step, levels in {
        "serving": [(0, 0), (1, 2), (2, 2), (3, 1), (4, 4)],
        "data": [(1, 1), (2, 2), (3, 3), (4, 4), (2, None)],
    }.items()
    for n, both in enumerate(levels)
    for rater, level in zip(("ann", "llm"), both, strict=True)
]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "agreement.md"


@pytest.fixture
def agreement(tmp_path, capsys):
    """Run the command on lines of ratings: (exit status, what it printed, what it complained of)."""

    def run(lines, *options: object):
        path = tmp_path / "ratings.jsonl"
        path.write_text(lines if isinstance(lines, str) else text_of(lines), "utf-8")
        with pytest.raises(SystemExit) as left:
            main(["agreement", str(path), *map(str, options)])
        printed = capsys.readouterr()
        return int(left.value.code or 0), printed.out, printed.err

    return run


def many(count: int):
    """One judge that is half a level too generous, in one step."""
    for n in range(count):
        level = 1 + n % 3
        yield f"talk-{n}", "people", "data", level
        yield f"talk-{n}", "org/Model:7b", "data", level + 0.5


def test_json_holds_every_figure_by_step_in_the_rubrics_order(agreement):
    status, out, _ = agreement(GIVEN, "--format", "json")
    found = json.loads(out)
    assert status == 0
    assert found["raters"] == ["ann", "llm"]
    assert [step["id"] for step in found["steps"]] == ["data", "serving"]
    data, serving = found["steps"]
    assert (data["n"], data["skipped"]) == (4, 1)
    assert [data[name] for name in FIGURES] == [1.0] * len(FIGURES)
    assert (serving["exact"], serving["adjacent"]) == (0.6, 0.8)
    assert serving["quadratic_kappa"] == pytest.approx(1 - 1 / 3.8, abs=1e-4)
    assert found["overall"]["n"] == 9
    for row in (*found["steps"], found["overall"]):
        assert set(row["intervals"]) == set(FIGURES)
        low, high = row["intervals"]["exact"]
        assert 0 <= low <= row["exact"] <= high <= 1


def test_the_same_ratings_give_the_same_bytes_in_any_order_of_lines(agreement):
    _, out, _ = agreement(GIVEN, "--format", "json")
    assert agreement(GIVEN[::-1], "--format", "json")[1] == out
    _, text, _ = agreement(GIVEN)
    assert agreement(GIVEN[::-1])[1] == text


def test_below_100_items_the_interval_comes_first(agreement):
    few = agreement(GIVEN)[1].splitlines()
    assert "(.60)" in next(line for line in few if line.startswith("serving"))
    enough = [(f"{n}-{item}", *rest) for n in range(20) for item, *rest in GIVEN]
    lines = agreement(enough)[1].splitlines()
    assert " .60 (" in next(line for line in lines if line.startswith("serving"))


def test_figures_that_are_not_defined_are_null_or_a_dash(agreement):
    same = [(f"talk-{n}", rater, "data", 2) for n in range(3) for rater in ("ann", "bob")]
    found = json.loads(agreement(same, "--format", "json")[1])["overall"]
    assert found["exact"] == 1.0 and found["kappa"] is None and found["alpha"] is None
    assert agreement(same)[1].count("  -") >= 3


def test_more_than_two_raters_say_how_they_were_put_together(agreement):
    third = [(item, "zoe", step, level) for item, rater, step, level in GIVEN if rater == "ann"]
    assert "mean over all pairs" in agreement(GIVEN + third)[1]
    assert "mean over all pairs" not in agreement(GIVEN)[1]


def test_bad_lines_are_named_the_others_are_done_and_the_status_is_3(agreement):
    text = text_of(GIVEN) + 'nonsense\n{"item": "a", "rater": "b", "step": "data", "level": 9}\n'
    status, out, err = agreement(text, "--format", "json")
    assert status == 3
    assert f"line {len(GIVEN) + 1}: " in err and f"line {len(GIVEN) + 2}: " in err
    assert out == agreement(GIVEN, "--format", "json")[1]


def test_of_very_many_bad_lines_the_first_are_named(agreement):
    status, out, err = agreement("nonsense\n" * 5000)
    assert status == 3 and not out
    assert len(err.splitlines()) < 30 and "4980 more" in err


@pytest.mark.parametrize("text", ["", "\n\n", text_of(GIVEN[::2])])
def test_without_a_second_rater_there_is_nothing_to_say(agreement, text):
    status, out, err = agreement(text)
    assert (status, out) == (3, "") and "two raters" in err


def test_a_dash_is_standard_input(monkeypatch, capsys):
    data = io.BytesIO(text_of(GIVEN).encode())
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=data))
    with pytest.raises(SystemExit) as left:
        main(["agreement", "-", "--format", "json"])
    assert not left.value.code
    assert json.loads(capsys.readouterr().out)["overall"]["n"] == 9


def test_a_file_that_is_not_there_is_3(tmp_path, capsys):
    with pytest.raises(SystemExit) as left:
        main(["agreement", str(tmp_path / "absent.jsonl")])
    assert left.value.code == 3 and "absent.jsonl" in capsys.readouterr().err


def test_a_judge_is_fitted_and_its_file_is_found_where_it_belongs(agreement, tmp_path):
    folder = tmp_path / "rubrics" / "calibration"
    folder.mkdir(parents=True)
    out = folder / "model.yaml"
    fit = ("--fit", "org/Model:7b", "--against", "people", "--out", out)
    status, said, _ = agreement(many(40), *fit, "--date", "2026-11-21", "--version", 3)
    assert status == 0 and "40 pairs" in said
    found = load_calibration(tmp_path, "org/Model:7b")
    assert (found.id, found.version, str(found.made)) == ("org-model-7b", 3, "2026-11-21")
    assert found.level("data", 2.5) == 2.0 and found.total_pairs == 40


def test_the_day_is_today_and_an_id_can_be_given(agreement, tmp_path):
    out = tmp_path / "c.yaml"
    before = datetime.now(UTC).date()
    fit = ("--fit", "org/Model:7b", "--against", "people", "--out", out, "--id", "mine")
    assert agreement(many(100), *fit)[0] == 0
    text = out.read_text("utf-8")
    assert 'id: "mine"' in text and "isotonic" in text
    assert any(f"made: {day}" in text for day in (before, datetime.now(UTC).date()))


def test_what_is_there_is_not_written_over(agreement, tmp_path):
    out = tmp_path / "c.yaml"
    out.write_text("mine", "utf-8")
    fit = ("--fit", "org/Model:7b", "--against", "people", "--out", out)
    status, _, err = agreement(many(40), *fit)
    assert status == 1 and "c.yaml" in err and out.read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (text_of(many(29)), "29"),
        (text_of(many(40)) + "nonsense\n", "mend"),
        (text_of(many(40)).replace('"data"', '"dat"'), "no step"),
        (text_of(many(40)).replace('"people"', '"persons"'), "'people'"),
    ],
    ids=["too few", "a bad line", "no such step", "no such rater"],
)
def test_what_cannot_be_fitted_writes_nothing_and_says_why(agreement, tmp_path, lines, says):
    out = tmp_path / "c.yaml"
    fit = ("--fit", "org/Model:7b", "--against", "people", "--out", out)
    status, said, err = agreement(lines, *fit)
    assert (status, said) == (3, "") and says in err
    assert not out.exists()


def test_steps_with_too_few_pairs_are_named(agreement, tmp_path):
    few = [(item, rater, "model", level) for item, rater, _, level in many(5)]
    fit = ("--fit", "org/Model:7b", "--against", "people", "--out", tmp_path / "c.yaml")
    status, said, _ = agreement([*many(40), *few], *fit)
    assert status == 0 and "model" in said and "not fitted: 5 of the 30" in said


@pytest.mark.parametrize(
    "options",
    [
        ("--fit", "llm"),
        ("--against", "ann", "--out", "x.yaml"),
        ("--fit", "ann", "--against", "ann", "--out", "x.yaml"),
        ("--format", "yaml"),
        ("--date", "yesterday"),
        ("--version", "0"),
        ("--id", "No Slug"),
    ],
)
def test_wrong_usage_is_2(agreement, options):
    status, out, err = agreement(GIVEN, *options)
    assert (status, out) == (2, "") and err


def test_the_page_shows_what_is_printed(agreement):
    blocks = dict(re.findall(r"^```(json|text)\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S))
    assert agreement(blocks["json"]) == (0, blocks["text"], "")


def test_the_page_tells_every_figure(agreement):
    rows = re.findall(r"^\| `(\w+)` \|", PAGE.read_text("utf-8"), re.M)
    assert tuple(rows) == FIGURES
