"""The scorecard as Markdown. Whatever people wrote or said is escaped: it is words, never markup."""

from collections.abc import Iterator

from app.rubric.load import Rubric
from app.scoring.cards import Card, CardStep, Cited, Machine
from app.scoring.faces import wording
from app.scoring.faces.markdown import QUOTE, escaped

UNJUDGED = "could not be judged"
DIFFERS = "The decision that was entered is another than the computed one."


def card_markdown(card: Card, rubric: Rubric) -> str:
    return "\n".join(_lines(card, rubric)) + "\n"


def level(value: float | None) -> str:
    return UNJUDGED if value is None else f"{value:g} {wording.level_word(value)}"


def between(step: CardStep) -> str:
    """The raters' own marks in one word: one level, a range, or that nobody could judge."""
    if step.low is None or step.high is None:
        return UNJUDGED
    judged = sum(level is not None for level in step.given)
    some = f" ({judged} of {len(step.given)} judged)" if judged < len(step.given) else ""
    range_ = f"{step.low:g}" if step.low == step.high else f"{step.low:g} to {step.high:g}"
    return range_ + some


def _lines(card: Card, rubric: Rubric) -> Iterator[str]:
    yield from (f"# Scorecard: {escaped(card.interview.title)}", "")
    yield from _about(card)
    yield from ("", "## Decision", "")
    yield from _decision(card)
    yield from ("", "## Levels", "")
    judge = " Model |" if card.judge else ""
    yield f"| Step | Final | Raters' own | Offline scorer |{judge} |"
    yield "| --- | --- | --- | --- |" + (" --- |" if card.judge else "") + " --- |"
    for step in card.steps:
        far = "more than a level from the scorer" if step.apart else ""
        second = f" {level(step.judge)} |" if card.judge else ""
        yield (
            f"| {step.title} | {level(step.level)} | {between(step)} "
            f"| {level(step.machine)} |{second} {far} |"
        )
    yield from ("", "## Who judged what", "")
    for place, name in enumerate(card.raters):
        marks = ", ".join(f"{step.title} {level(step.given[place])}" for step in card.steps)
        yield f"- {escaped(name)}, on their own: {marks}"
    yield f"- {escaped(card.settled_by)}, the final marks, {card.settled_at}"
    yield f"- {_machine(card.machine)}"
    if card.judge:
        yield f"- {_machine(card.judge)}"
    for step in card.steps:
        yield from _step(step)
    if card.flags:
        titles = {flag.id: flag.title for flag in rubric.flags}
        yield from ("", "## Worth a second look", "")
        for flag in card.flags:
            yield f"- **{titles.get(flag.id, flag.id).rstrip('.')}.** {flag.why}"
            yield f"  - “{escaped(wording.shortened(flag.quote, QUOTE))}” (turn {flag.turn})"
    if card.notes:
        yield from ("", "## Notes", "")
        for note in card.notes:
            yield f"- {wording.clock(note.at)} {escaped(note.name)}: {escaped(note.text)}"
    used = card.rubric
    named = f"{used.id}, version {used.version} ({used.sha256[:12]})"
    yield from ("", f"*Under {named}.*")


def _about(card: Card) -> Iterator[str]:
    interview = card.interview
    planned = f" of {interview.minutes} minutes" if interview.minutes else ""
    yield f"- Question: {escaped(interview.question or interview.title)}"
    if interview.started:
        yield f"- Held: {interview.started}, {wording.clock(interview.seconds)}{planned}"
    for person in interview.people:
        yield f"- {person.role.capitalize()}: {escaped(person.name)}"


def _decision(card: Card) -> Iterator[str]:
    if card.chosen:
        yield f"**{escaped(card.settled_by)} decided: {wording.VERDICTS[card.chosen]}.**"
    else:
        yield "No decision was entered."
    if card.summary:
        yield from ("", escaped(card.summary))
    yield ""
    if card.overall is None or card.decision is None:
        yield "Too few steps could be judged to compute an overall."
    else:
        yield (
            f"Computed from the final levels: {card.overall:.0f} of 100, "
            f"{wording.VERDICTS[card.decision]} for a senior (L5) engineer."
        )
        if card.chosen and card.chosen != card.decision:
            yield DIFFERS


def _machine(machine: Machine) -> str:
    name = escaped(wording.visible(machine.rater.name))
    what = "the offline scorer" if machine.rater.kind == "offline" else "a language model"
    if machine.overall is None or machine.decision is None:
        return f"{name} ({what}): no overall"
    return f"{name} ({what}): {machine.overall:.0f} of 100, {wording.VERDICTS[machine.decision]}"


def _step(step: CardStep) -> Iterator[str]:
    yield from ("", f"## {step.title}: {level(step.level)}", "")
    if step.reason:
        yield from (escaped(step.reason), "")
    for criterion in step.criteria:
        given = ", ".join(map(wording.depth_word, criterion.given))
        machine = wording.depth_word(criterion.machine)
        yield f"- {criterion.title.rstrip('.')}: {given} by raters in their order, {machine} by the scorer"
    if not step.evidence:
        yield "Nothing was quoted on this step."
    yield from (_quote(quote) for quote in step.evidence)


def _quote(quote: Cited) -> str:
    said = escaped(wording.shortened(quote.quote, QUOTE))
    at = wording.clock(quote.at)
    place = f"turn {quote.turn}, {at}" if at else f"turn {quote.turn}"
    heard = "" if quote.title is None else f": {quote.title.rstrip('.')}"
    return f"- “{said}” ({place}{heard})"
