"""What differs between two versions, in a few words and line by line."""

from app.bank.bank import get_question
from app.bank.changes import MOST_LINES, SHOWN, diff, in_words
from app.bank.question import Question

OLD = get_question("wake-word").question


def changed(**fields):
    return Question.model_validate({**OLD.model_dump(), **fields})


def test_every_kind_of_change_has_its_words():
    facts = [fact.model_dump() for fact in OLD.facts]
    facts[0]["answer"] = "Something else."
    new = changed(
        title="Other",
        version=2,
        facts=[*facts[:-1], facts[-1] | {"id": "brand-new"}],
        traps=tuple(reversed(OLD.traps)),
        no_ml_when="Whenever a button will do.",
    )
    assert in_words(OLD, new) == [
        "version 1 to 2" if OLD.version == 1 else f"version {OLD.version} to 2",
        "title",
        f"1 fact changed ({facts[0]['id']})",
        "1 fact new (brand-new)",
        f"1 fact gone ({facts[-1]['id']})",
        "traps in another order",
        "when no ML is needed",
    ]
    assert in_words(OLD, OLD) == []


def test_a_diff_is_bounded():
    assert diff("a\nb\n", "a\nc\n", "it") == [
        "--- it now",
        "+++ it then",
        "@@ -1,2 +1,2 @@",
        " a",
        "-b",
        "+c",
    ]
    many = "\n".join(map(str, range(2_000)))
    assert len(diff(many, many.replace("1", "x"), "it")) == SHOWN + 1
    assert "too many" in diff("\n" * MOST_LINES, "a\n", "it")[0]
