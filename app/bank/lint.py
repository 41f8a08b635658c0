"""What the schema of a question cannot say. Everything at once, one sentence per problem."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import combinations
from math import isfinite

from app.bank.asking import Asking
from app.bank.proofread import shown, slow
from app.bank.question import Question
from app.bank.sheet import FactSheet
from app.bank.sums import check_sums
from app.concepts.forms import Form, FormError, Phrase, compile_form
from app.concepts.hits import Index, NumberKinds
from app.matching import alike
from app.rubric.load import Rubric
from app.rubric.rubric import STEPS

WORDS = re.compile(r"[\w']+")
LEAST = {"facts": 10, "follow_ups": 12, "expects": 20, "sources": 2}
TWISTS, TRAPS, FORMS = 2, 4, 3
LONGEST_PROMPT = 120  # words
TODO = "TODO"  # what the template puts where an author is to write
SAME_ASK = 90.0  # letters that two ways of asking share, their words put in order


def lint_question(question: Question, rubric: Rubric, asking: Asking) -> list[str]:
    """One sentence per problem; empty when all is well."""
    problems = [*_sizes(question), *_ids(question), *_names(question, rubric), *_asks(question)]
    problems += [*slow(question), *_unfinished(question), *_no_numbers(question)]
    sheet = _sheet(question, rubric, asking)
    forms, bad_forms = _forms(question, sheet)
    if not bad_forms:
        problems += [*_facts(sheet), *_leaks(question, sheet)]
        problems += [*_twice(question), *_vanishing(question, sheet)]
        problems += _expectations(question, sheet, forms)
        problems += check_sums(question, sheet.reader)
    return [f"{question.slug}: {problem}" for problem in (*problems, *bad_forms)]


def _sizes(question: Question) -> Iterator[str]:
    for field, least in LEAST.items():
        count = len(getattr(question, field))
        if count < least:
            yield f"{count} {field.replace('_', '-')}; {least} are needed"
    if len(question.twists) != TWISTS:
        yield f"{len(question.twists)} twists; {TWISTS} are needed"
    if len(question.traps) < TRAPS:
        yield f"{len(question.traps)} traps; {TRAPS} are needed"
    if len(question.prompt.split()) > LONGEST_PROMPT:
        yield f"the prompt has {len(question.prompt.split())} words; {LONGEST_PROMPT} can be listened to"
    for fact in question.facts:
        if len(fact.forms) < FORMS:
            yield f"facts > {fact.id}: {len(fact.forms)} forms; {FORMS} are needed"


def _unfinished(question: Question) -> Iterator[str]:
    for where, text in shown(question):
        if TODO in text:
            yield f"{where}: is still to be written ({TODO})"


def _no_numbers(question: Question) -> Iterator[str]:
    """YAML has .nan and .inf; nothing can be compared with them."""
    for fact in question.facts:
        if not all(isfinite(value.amount) for value in fact.values):
            yield f"facts > {fact.id}: an amount is no number"


def _ids(question: Question) -> Iterator[str]:
    for field in ("facts", "follow_ups", "twists", "traps"):
        counts = Counter(item.id for item in getattr(question, field))
        for id, count in counts.items():
            if count > 1:
                yield f"{field.replace('_', '-')}: the id {id} is used {count} times"


def _names(question: Question, rubric: Rubric) -> Iterator[str]:
    named = [
        *((f"follow-ups > {f.id}", f.criterion) for f in question.follow_ups),
        *((f"twists > {t.id}", criterion) for t in question.twists for criterion in t.tests),
        *(("expects", criterion) for criterion in question.expects),
    ]
    for where, criterion in named:
        if criterion not in rubric.criteria:
            yield f"{where}: the rubric has no criterion {criterion}"
    flags = {flag.id for flag in rubric.flags}
    for trap in question.traps:
        if trap.flag and trap.flag not in flags:
            yield f"traps > {trap.id}: the rubric has no flag {trap.flag}"
    steps = {
        rubric.criteria[f.criterion][0].id
        for f in question.follow_ups
        if f.criterion in rubric.criteria
    }
    for step in STEPS:
        if step not in steps:
            yield f"no follow-up presses {step}"


def _asks(question: Question) -> Iterator[str]:
    for where, text in (
        *((f"follow-ups > {f.id}", f.ask) for f in question.follow_ups),
        *((f"traps > {t.id}", t.ask) for t in question.traps),
    ):
        if text.count("?") != 1:
            yield f"{where}: asks {text.count('?')} questions; one is asked at a time"
    for fact in question.facts:
        if "?" in fact.answer:
            yield f"facts > {fact.id}: the answer asks something"
    for twist in question.twists:
        if twist.says.count("?") > 1:
            yield f"twists > {twist.id}: asks {twist.says.count('?')} questions"


def _sheet(question: Question, rubric: Rubric, asking: Asking) -> FactSheet:
    """Of the question; where a form of a fact cannot be read, of the question without its facts."""
    try:
        return FactSheet(question, rubric.lexicon, asking)
    except FormError:
        bare = question.model_copy(update={"facts": ()})
        return FactSheet(bare, rubric.lexicon, asking)


def _forms(question: Question, sheet: FactSheet) -> tuple[dict[str, Form | Phrase], list[str]]:
    """text -> form, of those that the sheet does not hold; and a sentence for each that cannot be read."""
    forms: dict[str, Form | Phrase] = {}
    bad: list[str] = []
    is_whole = sheet.question is question
    for where, text in forms_beside_facts(question) if is_whole else all_forms(question):
        try:
            forms[text] = compile_form(text, sheet.reader, sheet.lexicon)
        except FormError as error:
            bad.append(f"{where}: {error}")
    return forms, bad


def all_forms(question: Question) -> Iterator[tuple[str, str]]:
    """(where, form) for every form that the author wrote."""
    for fact in question.facts:
        of = tuple(form for value in fact.values for form in value.of)
        for text in (*fact.forms, *fact.agrees, *fact.contradicts, *of):
            yield f"facts > {fact.id}", text
    yield from forms_beside_facts(question)


def forms_beside_facts(question: Question) -> Iterator[tuple[str, str]]:
    for follow_up in question.follow_ups:
        for text in follow_up.after:
            yield f"follow-ups > {follow_up.id}", text
    for trap in question.traps:
        for text in trap.signs:
            yield f"traps > {trap.id}", text
    for criterion, expected in question.expects.items():
        for text in expected.forms:
            yield f"expects > {criterion}", text


def _vanishing(question: Question, sheet: FactSheet) -> Iterator[str]:
    """A slot of function words alone is left out, and the form finds more than its author meant."""
    for where, text in all_forms(question):
        if text.startswith("="):
            continue
        for slot in text.split():
            choices = slot.split("|")
            if len(choices) > 1 and all(
                not choice.startswith("@") and sheet.reader.term(choice) is None
                for choice in choices
                if choice
            ):
                yield f"{where}: in '{text}' the slot '{slot}' has only function words and vanishes"


def _twice(question: Question) -> Iterator[str]:
    """Ways of asking that are one and the same find nothing that one of them does not."""
    for fact in question.facts:
        ordered = [(ask, " ".join(sorted(WORDS.findall(ask.lower())))) for ask in fact.ask]
        for (one, a), (other, b) in combinations(ordered, 2):
            if alike(a, b) >= SAME_ASK:
                yield f"facts > {fact.id}: '{one}' and '{other}' are one way of asking"


def _facts(sheet: FactSheet) -> Iterator[str]:
    for fact, way, found in sheet.lost():
        other = f"finds {found.id}" if found else "finds no fact, or two as likely"
        yield f"facts > {fact.id}: '{way}' {other}"


def _leaks(question: Question, sheet: FactSheet) -> Iterator[str]:
    """A number of a fact must not stand in what is said unasked."""
    values = sheet.held(sheet.reader.read(""))
    said = [
        ("prompt", question.prompt),
        *((f"follow-ups > {f.id}", f.ask) for f in question.follow_ups),
        *((f"traps > {t.id}", t.ask) for t in question.traps),
        *((f"facts > {f.id} > about", f.about) for f in question.facts),  # where it asks back
    ]
    for where, text in said:
        words = sheet.reader.read(text)
        for spoken in sheet.quantities.find(words):
            if words.numbers[spoken.first] is None:
                continue  # "one night", "half of them" say nothing that was hidden
            for held in values:
                if (
                    held.quantity.dimension == spoken.dimension != "count"
                    and abs(held.quantity.amount - spoken.amount) < 1e-9
                ):
                    yield f"{where}: gives away {held.fact.id}"


def _expectations(
    question: Question, sheet: FactSheet, forms: Mapping[str, Form | Phrase]
) -> Iterator[str]:
    kinds = NumberKinds(sheet.lexicon, sheet.reader)
    for criterion, expected in question.expects.items():
        index = Index([(criterion, forms[text]) for text in expected.forms], kinds)
        for said in expected.says:
            if not index.find(sheet.reader.read(said)):
                yield f"expects > {criterion}: no form finds '{said[:60]}...'"
