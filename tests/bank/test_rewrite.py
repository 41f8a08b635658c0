"""A field is changed in place: what is read differs in it alone, and every other character stays."""

from copy import deepcopy

import pytest

from app.bank.bank import find_questions
from app.bank.rewrite import set_fields
from app.content import parse_yaml, read_nodes, read_text
from app.errors import InvalidContent

QUESTIONS = find_questions()
LONG = "Imagine a shop: it sells lamps, and # signs. " * 8 + "Say so."
TEXTS = (
    "Short",
    "With: a colon # and a sign",
    "- looks like a list",
    "yes",
    "{braces}",
    'He said "no" and it\'s \\ fine',
    LONG,
    "First paragraph " * 12 + "ends.\n\nSecond one " * 3 + "ends.",
    "Two  spaces and\ttabs",
    "<script>alert(1)</script> &amp; {{ 7*7 }}",
    "Zeichen: ü 漢字 😀 \u2028 \x85 ok",
    "12",
    "@at %percent `tick !bang *star &and |pipe >more",
    "ends with colon:",
)
SMALL = """\
# A comment on top
slug: lamp-shop   # the name
version: 3
title: 'Sell lamps'  # short
prompt: >-  # spoken
  You sell lamps in
  a small shop.

# about the kind
domain: ads
tags:   # kept in order
  # the first
  - bright   # well lit
  - dark

  - cheap
authors: [Ann, "Bob B"]
facts:
  - id: stock
    answer: Nine lamps. # nine
  - {id: price, answer: Five, about: x}
bars:
  L4: knows lamps
"""


def around(before, after):
    """The first and the last place where they differ, as lines of the first."""
    one, other = before.splitlines(True), after.splitlines(True)
    first = next(i for i, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1])
    pairs = enumerate(zip(reversed(one), reversed(other), strict=False))
    return first, len(one) - next(i for i, pair in pairs if pair[0] != pair[1])


@pytest.mark.parametrize("slug", sorted(QUESTIONS))
def test_every_question_of_the_bank_is_changed_in_one_place_only(slug):
    text = read_text(QUESTIONS[slug])
    value = parse_yaml(text, slug)
    fact, follow_up = value["facts"][2]["id"], value["follow_ups"][-1]["id"]
    changes = {
        "title": "Another title: shorter",
        "prompt": LONG,
        "status": "review",
        "version": value["version"] + 1,
        "domain": "gaming",
        "seniority": ["L4"],
        "difficulty": 2,
        "minutes": 30,
        "tags": ["one", "two-three"],
        "authors": ["Ann, of the night shift", "Bob"],
        f"facts/{fact}/answer": "It is 14: no more.",
        f"follow_ups/{follow_up}/ask": LONG + " Why?",
    }
    alone = ("prompt", f"facts/{fact}/answer", "tags", f"follow_ups/{follow_up}/ask")
    for path in alone[sorted(QUESTIONS).index(slug) % 2 :: 2]:  # by turns: each takes its time
        new = changes[path]
        expected = deepcopy(value)
        node = expected
        for part in path.split("/")[:-1]:
            node = (
                next(i for i in node if i["id"] == part) if isinstance(node, list) else node[part]
            )
        node[path.split("/")[-1]] = new
        changed = set_fields(text, {path: new})
        assert parse_yaml(changed, slug) == expected, path
        first, last = around(text, changed)
        assert first >= line_of(text, path) and last <= line_behind(text, path), path
    together = parse_yaml(set_fields(text, changes), slug)
    assert together["title"] == changes["title"] and together["minutes"] == 30
    assert set_fields(text, {name: value[name] for name in ("title", "prompt", "tags")}) == text


def node_at(text, path):
    node = read_nodes(text, "x")
    for part in path.split("/"):
        if node.kind == "list":
            node = next(item for item in node.items if item.text_of("id") == part)
        else:
            node = node.get(part)
    return node


def line_of(text, path):
    return node_at(text, path).line - 1


def line_behind(text, path):
    return text.rstrip("\n").count("\n", 0, node_at(text, path).end - 1) + 1


@pytest.mark.parametrize("value", TEXTS, ids=lambda value: value[:12])
@pytest.mark.parametrize(
    "path",
    [
        "title",
        "prompt",
        "domain",
        "category",
        "facts/stock/answer",
        "facts/price/answer",
        "bars/L4",
    ],
)
def test_any_text_is_written_so_that_it_is_read_again(path, value):
    changed = set_fields(SMALL, {path: value})
    read = parse_yaml(changed, "small")
    for part in path.split("/"):
        read = next(i for i in read if i["id"] == part) if isinstance(read, list) else read[part]
    assert read == value
    for comment in (
        "on top",
        "the name",
        "about the kind",
        "kept in order",
        "the first",
        "well lit",
    ):
        assert f"# {comment}" in changed or f" {comment}" in changed
    if path != "facts/stock/answer":
        assert "# nine" in changed
    assert "# spoken" in changed or value in (TEXTS[8], TEXTS[10])


def test_items_that_stay_keep_their_lines():
    changed = set_fields(SMALL, {"tags": ["dark", "bright", "new"]})
    kept = "  # the first\n  - dark\n  - bright   # well lit\n  - new\nauthors"
    assert kept in changed
    assert set_fields(SMALL, {"tags": []}).count("tags:") == 1


def test_a_field_that_is_missing_gets_its_place():
    changed = set_fields(SMALL, {"minutes": 30, "status": "draft"})
    assert "version: 3\nstatus: draft\ntitle: 'Sell lamps'" in changed
    assert "domain: ads\nminutes: 30\ntags:" in changed
    assert set_fields("slug: a\ntags:\nfacts: []\n", {"tags": ["b"]}).splitlines()[1] == "tags: [b]"


def test_line_ends_and_a_byte_order_mark_are_kept():
    text = "\ufeff" + SMALL.replace("\n", "\r\n")
    changed = set_fields(text, {"title": "New", "prompt": LONG, "minutes": 20})
    assert changed.startswith("\ufeff#") and changed.count("\r\n") == changed.count("\n")
    assert parse_yaml(changed, "x")["prompt"] == LONG


def test_quotes_stay_as_they_were():
    assert "title: 'Buy ''lamps'  # short" in set_fields(SMALL, {"title": "Buy 'lamps"})
    assert 'authors: [Ann, "Bob, B"]' in set_fields(SMALL, {"authors": ["Ann", "Bob, B"]})


@pytest.mark.parametrize(
    ("text", "changes", "told"),
    [
        (SMALL, {"facts": []}, "no field that can be set by itself"),
        (SMALL, {"facts/none/answer": "x"}, "hold no none"),
        (SMALL, {"reference/data": "x"}, "is missing"),
        (SMALL, {"slug": "other"}, "no field that can be set by itself"),
        (SMALL, {"../../etc": "other"}, "no field that can be set by itself"),
        ("- a\n", {"title": "x"}, "no mapping"),
        ("a: &x 1\nb: *x\n", {"title": "x"}, "alias"),
        ("a: [", {"title": "x"}, "not valid YAML"),
        ("", {"title": "x"}, "empty"),
        ("title: {a: b}\n", {"title": "x"}, "list or a mapping"),
        ("{slug: a}", {"title": "x"}, "add it in the YAML"),
    ],
)
def test_what_cannot_be_changed_is_refused(text, changes, told):
    with pytest.raises(InvalidContent, match=told):
        set_fields(text, changes)


def test_json_is_yaml_too():
    assert set_fields('{"title": "a", "tags": ["b"]}', {"title": "c: d", "tags": ["e"]}) == (
        '{"title": "c: d", "tags": [e]}'
    )
