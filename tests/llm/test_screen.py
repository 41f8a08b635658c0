"""What of a reply may be shown, and when: word by word where it may be said, else sentence by sentence."""

import pytest

from app.commands.practice import lay_table
from app.fake_llm.interviewer import phrase
from app.llm.allowed import background_of
from app.llm.breaches import BREACHES, count_asks
from tests.llm.moments import PHRASINGS, authored, played, screened, sheet_of

ACCEPTED = 0.85  # of phrasings that people found natural
HONEST = 0.95
VOLUME = {"kind": "answer", "fact": "volume"}
SYSTEM = {"kind": "answer", "fact": "current-system"}
PRESS = {"kind": "press", "follow_up": "is-ml-missing"}


@pytest.fixture(scope="module")
def table():
    return lay_table()


def background(table, slug):
    return background_of(sheet_of(table, slug), table.knowledge.rubric)


def verdict(table, reply, **item):
    moment = authored(table, {"slug": "payment-fraud", "said": "How is that?", **item})
    return screened(background(table, moment.slug), moment, reply)


def test_natural_phrasings_are_let_through(table):
    refused = []
    for item in PHRASINGS:
        moment = authored(table, item)
        found, _ = screened(background(table, moment.slug), moment, item["as"])
        if found.breaches:
            refused.append((found.breaches, item["as"]))
    assert len(PHRASINGS) >= 60
    assert len(PHRASINGS) - len(refused) >= ACCEPTED * len(PHRASINGS), refused


@pytest.mark.parametrize(
    ("slug", "candidate", "persona"),
    [
        ("payment-fraud", "typical", "probing"),
        ("photo-search", "questions-only", "neutral"),
        ("delivery-eta", "contradicts", "stress"),
        ("support-assistant", "rubric-puller", "silent"),
    ],
)
def test_honest_phrasings_of_a_played_session_are_let_through(table, slug, candidate, persona):
    moments = list(played(table, slug, candidate, persona))
    assert len(moments) > 10
    refused = []
    for seed, moment in enumerate(moments):
        found, shown = screened(background(table, slug), moment, phrase(moment.move.text, seed))
        if found.breaches:
            refused.append((found.breaches, found.text))
        assert all(found.text.startswith(seen) for seen in shown)
    assert len(moments) - len(refused) >= HONEST * len(moments), refused


def test_words_of_the_script_are_shown_as_they_come(table):
    text = (
        "Okay. With the rules we lose 11 basis points of the money moved, and they stop 0.6 "
        "percent of good payments."
    )
    found, shown = verdict(table, text, kind="answer", fact="rules-performance")
    assert not found.breaches
    late = max(n * 5 - len(seen) for n, seen in enumerate(shown, start=1))
    assert late < 40  # never more than a few words behind


def test_a_word_that_nobody_has_said_waits_for_its_sentence(table):
    text = (
        "A layer of some 300 hand-written rules with allow and deny lists, maintained by the "
        "risk team. Nothing in it is learned."
    )
    found, shown = verdict(table, text, kind="answer", fact="current-system")
    assert not found.breaches
    before, after = text[: text.index("maintained")], text[: text.index("Nothing")]
    assert any(seen == before.rstrip() for seen in shown)
    assert not any(len(before) < len(seen) < len(after.rstrip()) for seen in shown)


@pytest.mark.parametrize(
    ("breach", "reply", "item"),
    [
        ("empty", " \n", VOLUME),
        ("markup", "**About 40 million payments** on an ordinary day.", VOLUME),
        ("script", "About 40 million payments on an ordinary day 🙂", VOLUME),
        ("role", "As an AI I can say: about 40 million payments on an ordinary day.", VOLUME),
        ("leak", "About 40 million payments on an ordinary day. That is around 3,000 a second on a Friday evening.",
         VOLUME),
        ("number", "About 41 million payments on an ordinary day.", VOLUME),
        ("number", "About forty-one million payments on an ordinary day.", VOLUME),
        ("praise", "That's a sharp way to put it. A colleague says that another fifty rules would do just as well. "
         "What is your answer?", PRESS),
        ("marks", "You get full marks for that. A colleague says that another fifty rules would do just as well. "
         "What is your answer?", PRESS),
        ("questions", "A colleague says that another fifty rules would do just as well. What is your answer? And how "
         "would you measure that?", PRESS),
        ("questions", "A colleague says that another fifty rules would do just as well. What is your answer? Tell me "
         "about your colleague.", PRESS),
        ("question", "About 40 million payments on an ordinary day. What does that tell you?",
         VOLUME),
        ("answers", "A colleague says that another fifty rules would do just as well. What is your answer? For "
         "example, rules do not learn.", PRESS),
        ("contradiction", "A layer of some 300 hand-written rules with allow and deny lists, kept by the risk team. "
         "All of it is learned.", SYSTEM),
        ("contradiction", "The payee cannot spend it seconds after we approve. Of what is stolen we get back about 10 "
         "percent.", {"kind": "answer", "fact": "finality"}),
        ("contradiction", "With the rules we lose 0.6 percent of good payments, and they stop 11 basis points of the "
         "money moved. We take it back: scratch that.", {"kind": "answer", "fact": "rules-performance"}),
        ("missing", "About 40 million.", VOLUME),
        ("missing", "With the rules we lose 11 basis points of the money moved.",
         {"kind": "answer", "fact": "rules-performance"}),
        ("missing", "A colleague says that another fifty rules would do just as well.",
         PRESS),
        ("invented", "About 40 million payments on an ordinary day. Most of them come from shops abroad.",
         VOLUME),
        ("long", "About 40 million payments on an ordinary day" + ", and then on the day after that one" * 10
         + ".", VOLUME),
    ],
)  # fmt: skip
def test_each_breach_is_found_and_never_seen_as_a_whole(table, breach, reply, item):
    found, shown = verdict(table, reply, **item)
    assert breach in found.breaches
    assert not any(seen and seen == " ".join(reply.split()) for seen in shown)


def test_what_is_found_has_a_sentence(table):
    assert all(text and text[0].islower() and not text.endswith(".") for text in BREACHES.values())


def test_a_contradiction_is_held_before_its_sentence_ends(table):
    """The first words are the script's; what turns them round is never on the screen."""
    reply = "The payee can never spend it. Of what is stolen we get back about 10 percent."
    found, shown = verdict(table, reply, kind="answer", fact="finality")
    assert found.breaches
    assert not any("never" in seen for seen in shown)


def test_nothing_is_shown_once_a_sentence_was_turned_down(table):
    reply = (
        "I love that. With the rules we lose 11 basis points of the money moved, and they "
        "stop 0.6 percent of good payments."
    )
    found, shown = verdict(table, reply, kind="answer", fact="rules-performance")
    assert "praise" in found.breaches
    assert max(map(len, shown)) <= len("I")


def test_a_reply_in_quotation_marks_is_taken_out_of_them(table):
    found, shown = verdict(
        table, '"About 40 million payments on an ordinary day."', kind="answer", fact="volume"
    )
    assert found.breaches == () and found.text == "About 40 million payments on an ordinary day."
    assert set(shown) == {""}


def test_a_flood_is_cut_off_before_it_ends(table):
    moment = authored(
        table, {"slug": "payment-fraud", "said": "How many?", "kind": "answer", "fact": "volume"}
    )
    found, shown = screened(background(table, moment.slug), moment, "and so on and so on " * 500)
    assert found.breaches and max(map(len, shown)) < 50


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("About 40 million a day.", 0),
        ("How would you notice?", 1),
        ("How and why would that help?", 1),
        ("If you could change one thing, what would it be?", 1),
        ("What do you log, and who reads it?", 2),
        ("Walk me through that.", 1),
        ("Walk me through that. And what breaks?", 2),
        ("Tell me what breaks", 1),
        ("Also, how would you store it", 1),
        ("What the board reads is a share of members.", 0),
    ],
)
def test_questions_are_counted_with_and_without_their_mark(text, count):
    assert count_asks(text) == count
