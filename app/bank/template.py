"""A new question's text: from the template, or from a question that is there.

What comes out is a draft. The schema holds for it, so that pages and lists can show it; the linter's demands, the words
TODO among them, are for review and for what is published.
"""

import re
from pathlib import Path

from app.bank.rewrite import set_fields
from app.bank.slug import wrong_slug
from app.content import content_folders, read_text
from app.errors import InvalidContent

TEMPLATE = "_template.yaml"
# What stands for a new part of a question, under its key.
PARTS = {
    "facts": """\
  - id: new-fact
    step: data  # requirements, framing, data, model, evaluation, serving or monitoring
    about: "TODO: what it is about"
    ask:
      - TODO one?
      - TODO two?
      - TODO three?
      - TODO four?
      - TODO five?
    forms: []  # - labels|labelled how|come|get long|late|delay
    answer: "TODO: the answer"
    values: []  # - {amount: 80, unit: ms}
""",
    "follow_ups": """\
  - id: new-push
    criterion: states-scale
    when: missing  # or mentioned, or thin
    ask: "TODO: one question?"
""",
    "twists": """\
  - id: new-twist
    when: {minute: 25}  # or {step: model}, or both
    says: "TODO: what changes, and what you want to hear about it."
    tests: [states-scale]
""",
    "traps": """\
  - id: new-trap
    what: "TODO: what goes wrong here"
    signs: [random|shuffled split|holdout]
    ask: "TODO: the question that presses it?"
""",
    "expects": """\
  states-scale:
    says:
      - "TODO: a sentence that a strong candidate says here"
    forms: [million|thousand|many day|second|users]
""",
    "sources": """\
  - title: "TODO: the title"
    organisation: "TODO: who published it"
    year: 2026
    url: https://example.org/
    shows: "TODO: what it shows"
""",
}


def blank(slug: str, title: str, extra: Path | None = None) -> str:
    """The template with its comments; they say what each part is for. Raises InvalidContent for a wrong slug."""
    for shelf in content_folders("question_bank", extra):
        path = shelf / TEMPLATE
        if path.is_file():
            return _named(read_text(path), slug, {"title": title})
    raise InvalidContent([f"{TEMPLATE} is missing from the question bank"])


def from_existing(text: str, slug: str, title: str) -> str:
    """A question to begin from, as version 1 and a draft; its comments stay."""
    return _named(text, slug, {"title": title, "version": 1, "status": "draft"})


def _named(text: str, slug: str, changes: dict[str, object]) -> str:
    if wrong := wrong_slug(slug):
        raise InvalidContent([wrong])
    return set_fields(text, {**changes, "slug": slug}, slug_too=True)


def with_part(text: str, part: str) -> str:
    """The text with one more entry of `part` (a key of PARTS), to be filled in; as it was where it has no such key.
    Nothing else is changed, so that it may be a text with faults."""
    found = re.search(rf"(?m)^{part}:[^\n]*\n?", text)
    if found is None:
        return text
    rest = text[found.end() :]
    after = re.search(r"(?m)^(?=[^\s#-])|\Z", rest)
    own = rest[: after.start() if after else len(rest)]
    kept = re.sub(
        r"(?:[ \t]*(?:#[^\n]*)?\n)*\Z", "", own
    )  # comments at the end are about what follows
    kept = kept + "\n" if kept and not kept.endswith("\n") else kept
    return text[: found.start()] + f"{part}:\n" + kept + PARTS[part] + rest[len(kept) :]
