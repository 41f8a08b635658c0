"""What the schema of a rubric cannot say: enough forms, no two alike, ids unique. Every problem at once."""

from collections import Counter
from collections.abc import Iterator

from app.concepts.forms import Form, FormError, Phrase, compile_form
from app.concepts.words import Reader
from app.rubric.load import Rubric
from app.rubric.rubric import Criterion, Register, Step

LEAST_FORMS = 25
LEAST_PROBES = 3
LEAST_EXAMPLES = 2
REGISTERS: tuple[Register, ...] = ("textbook", "plain", "hurried", "misheard")
CRITERIA = (45, 60)
CRITERIA_PER_STEP = (6, 10)


def lint_rubric(rubric: Rubric) -> list[str]:
    """One sentence per problem, each naming the step and criterion; empty when all is well."""
    reader = Reader(rubric.lexicon)
    problems = [*_size(rubric), *_ids(rubric)]
    for step in rubric.steps:
        for criterion in step.criteria:
            where = f"{step.id} > {criterion.id}"
            problems += [f"{where}: {p}" for p in _criterion(criterion, reader, rubric)]
    for flag in rubric.flags:
        if flag.unless_met and flag.unless_met not in rubric.criteria:
            problems.append(f"flags > {flag.id}: unless_met names no criterion: {flag.unless_met}")
    return problems


def _size(rubric: Rubric) -> Iterator[str]:
    total = sum(len(step.criteria) for step in rubric.steps)
    if not CRITERIA[0] <= total <= CRITERIA[1]:
        yield f"the rubric has {total} criteria; it should have {CRITERIA[0]} to {CRITERIA[1]}"
    for step in rubric.steps:
        if not CRITERIA_PER_STEP[0] <= len(step.criteria) <= CRITERIA_PER_STEP[1]:
            yield f"{step.id} has {len(step.criteria)} criteria; a step has 6 to 10"
        if not any(criterion.core for criterion in step.criteria):
            yield f"{step.id} has no core criterion"


def _ids(rubric: Rubric) -> Iterator[str]:
    def criteria(step: Step) -> list[str]:
        return [criterion.id for criterion in step.criteria]

    counts = Counter(id for step in rubric.steps for id in criteria(step))
    counts.update(flag.id for flag in rubric.flags)
    for id, count in counts.items():
        if count > 1:
            yield f"the id {id} is used {count} times"


def _criterion(criterion: Criterion, reader: Reader, rubric: Rubric) -> Iterator[str]:
    seen: dict[frozenset[frozenset[str]] | str, str] = {}
    for form in criterion.all_forms():
        try:
            compiled = compile_form(form, reader, rubric.lexicon)
        except FormError as error:
            yield f"{error}"
            continue
        identity = _identity(compiled)
        if identity in seen:
            yield f"'{form}' is the same form as '{seen[identity]}'"
        seen[identity] = form
    for form in (*criterion.opposite, *criterion.lookalike):
        try:
            compile_form(form, reader, rubric.lexicon)
        except FormError as error:
            yield f"{error}"
    if len(seen) < LEAST_FORMS:
        yield f"{len(seen)} forms; {LEAST_FORMS} or more are needed"
    for register in REGISTERS:
        if not criterion.forms.get(register):
            yield f"no {register} forms"
    if len(criterion.probes) < LEAST_PROBES:
        yield f"{len(criterion.probes)} probes; {LEAST_PROBES} are needed"
    for depth, said in criterion.examples.by_depth().items():
        if len(said) < LEAST_EXAMPLES:
            yield f"{len(said)} examples of depth {depth}; {LEAST_EXAMPLES} are needed"
    if len(criterion.examples.nothing) < LEAST_EXAMPLES:
        yield f"{len(criterion.examples.nothing)} examples that score 0; {LEAST_EXAMPLES} are needed"


def _identity(form: Form | Phrase) -> frozenset[frozenset[str]] | str:
    return form.identity if isinstance(form, Form) else form.text
