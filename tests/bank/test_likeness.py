"""The likeness of a question to each fact, against the same signs worked out fact by fact and way by way."""

import math
from collections import Counter

import pytest
from hypothesis import given, settings, strategies as st

from app.bank import likeness
from app.bank.asking import load_asking
from app.bank.likeness import Matcher, Wanted, name_of, worth
from app.bank.wording import Gist, Piece

WORDS = "split time label click cost budget what zebra".split()
GROUPS = ("=cost", "=price", "~money", "~when")
IDLE, LOOSE = frozenset({"what"}), frozenset({"cost", "zebra"})
WEIGHTS = load_asking().likeness

groups = st.frozensets(st.sampled_from(GROUPS), max_size=3).map(lambda own: tuple(sorted(own)))
pieces = st.builds(Piece, st.sampled_from(WORDS), groups)
nameless = st.builds(Piece, st.just(""), groups.filter(bool))
gists = st.builds(
    lambda worded, unworded, shapes: Gist((*worded, *unworded), shapes),
    st.lists(pieces, max_size=5, unique_by=lambda piece: piece.stem),
    st.lists(nameless, max_size=2),
    st.frozensets(st.sampled_from(("many", "long")), max_size=2),
)
slots = st.frozensets(st.sampled_from(WORDS), min_size=1, max_size=3)
facts = st.builds(
    Wanted,
    st.lists(gists, min_size=1, max_size=5).map(tuple),
    st.lists(st.lists(slots, min_size=1, max_size=3), max_size=3).map(tuple),
    gists,
)
sheets = st.lists(facts, min_size=1, max_size=4)


@settings(max_examples=60)
@given(sheets, gists)
def test_what_is_gathered_beforehand_is_what_each_fact_says(sheet, asked):
    matcher = Matcher(sheet, IDLE, LOOSE, WEIGHTS)
    assert matcher.probabilities(asked) == pytest.approx(by_hand(sheet, asked, matcher.weight))


@settings(max_examples=30)
@given(sheets, st.lists(gists, min_size=2, max_size=6))
def test_what_was_asked_before_changes_nothing(sheet, asked):
    remembering = Matcher(sheet, IDLE, LOOSE, WEIGHTS)
    forgetful = Matcher(sheet, IDLE, LOOSE, WEIGHTS, memory=1)
    for gist in (*asked, *reversed(asked)):
        new = Matcher(sheet, IDLE, LOOSE, WEIGHTS).probabilities(gist)
        assert remembering.probabilities(gist) == forgetful.probabilities(gist) == new


def test_a_sheet_without_facts_and_a_question_without_words_have_no_likeness():
    something = Gist((Piece("split", ()),), frozenset())
    assert Matcher([], IDLE, LOOSE, WEIGHTS).probabilities(something) == []
    one = Wanted((something,), (), something)
    assert Matcher([one], IDLE, LOOSE, WEIGHTS).probabilities(Gist((), frozenset())) == []


def by_hand(sheet, asked, weight):
    if not asked.pieces:
        return []
    weights = [weight(piece) for piece in asked.pieces]
    total = sum(weights)
    rows = [[said_of(fact, piece) for piece in asked.pieces] for fact in sheet]
    wholes = [sum(column) for column in zip(*rows, strict=True)]
    sums = []
    for fact, row in zip(sheet, rows, strict=True):
        near = sorted((near_to(way, asked, weight) for way in fact.ways), reverse=True)
        seen = list(zip(row, weights, wholes, strict=True))
        alone = sum(w * said / whole for said, w, whole in seen if whole) / total
        odds = sum(
            w * math.log((said + likeness.SMOOTH) / (whole / len(sheet) + likeness.SMOOTH))
            for said, w, whole in seen
        )
        wanted = Counter(shape for way in fact.ways for shape in way.shapes)
        most = max((wanted[shape] for shape in asked.shapes), default=0)
        v = WEIGHTS
        sums.append(
            v.same * (near[0] >= likeness.SAME)
            + v.near * sum(near[: likeness.NEAREST]) / likeness.NEAREST
            + v.alone * alone
            + v.odds * odds
            + v.form * max((filled(form, asked) for form in fact.forms), default=0.0)
            + v.shape * most / len(fact.ways)
            + v.other_shape * (bool(asked.shapes) and not most)
        )
    strangers = sum(
        not whole and piece.stem not in IDLE | LOOSE
        for piece, whole in zip(asked.pieces, wholes, strict=True)
    )
    nothing = WEIGHTS.nothing + WEIGHTS.stranger * min(strangers, likeness.MOST_STRANGERS)
    shares = [math.exp(one) for one in sums]
    return [share / (sum(shares) + math.exp(nothing)) for share in shares]


def said_of(fact, piece):
    ways = len(fact.ways)
    asked = sum(any(piece.stem == own.stem for own in way.pieces) for way in fact.ways)
    found = [0.0]
    if piece.stem and asked:
        found.append(min(1.0, likeness.ONCE + likeness.EACH * asked / ways))
    elif piece.stem:
        if any(piece.stem in slot for form in fact.forms for slot in form):
            found.append(likeness.IN_FORM)
        if any(piece.stem == own.stem for own in fact.answer.pieces):
            found.append(likeness.IN_ANSWER)
    for group in piece.groups:
        asked = sum(any(group in own.groups for own in way.pieces) for way in fact.ways)
        if asked:
            often = min(1.0, likeness.GROUP_ONCE + likeness.EACH * asked / ways)
            found.append(worth(group) * often)
        elif any(group in own.groups for own in fact.answer.pieces):
            found.append(likeness.TOPIC_IN_ANSWER)
    return max(found)


def near_to(way, asked, weight):
    """What the two have in common, of what both have."""
    both = [(piece, weight(piece)) for piece in (*way.pieces, *asked.pieces)]
    common = sum(
        w * max((like(piece, other) for other in others), default=0.0)
        for ones, others in ((way.pieces, asked.pieces), (asked.pieces, way.pieces))
        for piece, w in ((piece, weight(piece)) for piece in ones)
    )
    return common / sum(w for _, w in both)


def like(one, other):
    if name_of(one) == name_of(other):
        return 1.0
    return max((worth(group) for group in {*one.groups} & {*other.groups}), default=0.0)


def filled(form, asked):
    stems = {piece.stem for piece in asked.pieces}
    share = sum(bool(slot & stems) for slot in form) / len(form)
    return share if len(form) > 1 else share * likeness.ONE_SLOT
