"""A design question with its hidden world: what is said, what is told when asked, what is pressed.

Written by question_bank/<slug>.yaml; question_bank/README.md tells authors the same in examples.
"""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from app.rubric.rubric import Authored, Slug, Text

StepId = Literal["requirements", "framing", "data", "model", "evaluation", "serving", "monitoring"]
Seniority = Literal["L4", "L5", "L6"]
Status = Literal["draft", "review", "published", "retired"]
Domain = Literal[
    "ads",
    "bots-and-abuse",
    "climate-and-agriculture",
    "education",
    "feeds-and-notifications",
    "finance",
    "gaming",
    "growth-and-marketing",
    "health",
    "industry-and-energy",
    "insurance",
    "language-and-llm",
    "logistics",
    "ml-infrastructure",
    "payments-and-fraud",
    "pricing-and-demand",
    "recommendations",
    "robotics",
    "search",
    "speech",
    "trust-and-safety",
    "vision-and-devices",
]
Long = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=4000)]
Form = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=300)]


class Value(Authored):
    """A number in a fact's answer. `of` are forms that say which quantity is meant, needed where the fact
    holds several of one dimension; `tolerance` is the relative distance that still counts as agreeing; by its `name`
    the question's `sums` know it."""

    amount: float
    unit: Annotated[str, StringConstraints(max_length=40)] = ""
    tolerance: Annotated[float, Field(ge=0, le=5)] = 0.25
    of: tuple[Form, ...] = ()
    name: Slug | None = None


class Fact(Authored):
    """Something true in the question's world, told only when asked.

    `ask` are whole questions as people put them, `forms` the same in the form language. `agrees` and
    `contradicts` are forms of statements that are right and wrong under this fact.
    """

    id: Slug
    step: StepId
    about: Text
    ask: Annotated[tuple[Text, ...], Field(min_length=5)]
    forms: tuple[Form, ...] = ()
    answer: Text
    values: tuple[Value, ...] = ()
    agrees: tuple[Form, ...] = ()
    contradicts: tuple[Form, ...] = ()


class FollowUp(Authored):
    """A prepared push at one criterion: `when` it is missing, only mentioned, or thin (explained without a
    reason). `after` are forms: it fits only once the candidate has said one of them."""

    id: Slug
    criterion: Slug
    when: Literal["missing", "mentioned", "thin"]
    ask: Text
    after: tuple[Form, ...] = ()


class When(Authored):
    """After a minute of the interview, or once a step has been covered, whichever comes first."""

    minute: Annotated[int, Field(ge=1, le=90)] | None = None
    step: StepId | None = None

    @model_validator(mode="after")
    def some(self) -> "When":
        if self.minute is None and self.step is None:
            raise ValueError("name a minute, a step, or both")
        return self


class Twist(Authored):
    """A change of the world in mid-interview."""

    id: Slug
    when: When
    says: Text
    tests: Annotated[tuple[Slug, ...], Field(min_length=1)]


class Trap(Authored):
    """What goes wrong here; `signs` are forms of falling into it, `flag` a fault of the rubric it is a case of,
    `ask` the question that presses it without giving it away."""

    id: Slug
    what: Text
    signs: Annotated[tuple[Form, ...], Field(min_length=1)]
    ask: Text
    flag: Slug | None = None


class Expectation(Authored):
    """What a strong answer says here about one criterion: `says` in a candidate's words, `forms` to know it by."""

    says: Annotated[tuple[Text, ...], Field(min_length=1)]
    forms: Annotated[tuple[Form, ...], Field(min_length=1)]


class Bars(Authored):
    """What the question looks like when answered at each seniority."""

    L4: Long
    L5: Long
    L6: Long


class Reference(Authored):
    """A short strong answer per step; shown only after the candidate has committed."""

    requirements: Long
    framing: Long
    data: Long
    model: Long
    evaluation: Long
    serving: Long
    monitoring: Long


class Source(Authored):
    title: Text
    organisation: Text
    year: Annotated[int, Field(ge=1980, le=2100)]
    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=400)]
    shows: Text


class Question(Authored):
    """Candidates see `title`, the card and `prompt`; nothing else before it is told."""

    model_config = ConfigDict(json_schema_extra={"title": "A question of the bank"})

    slug: Slug
    version: Annotated[int, Field(ge=1, le=1_000_000)]
    status: Status
    title: Text
    prompt: Long
    domain: Domain
    category: Text
    modality: Text
    seniority: Annotated[tuple[Seniority, ...], Field(min_length=1)]
    difficulty: Annotated[int, Field(ge=1, le=5)]
    minutes: Annotated[int, Field(ge=15, le=120)] = 45
    tags: tuple[Slug, ...] = ()
    authors: Annotated[tuple[Text, ...], Field(min_length=1)]
    licence: Text
    words: dict[Slug, tuple[Text, ...]] = {}
    facts: tuple[Fact, ...]
    sums: tuple[Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)], ...] = ()
    follow_ups: tuple[FollowUp, ...]
    twists: tuple[Twist, ...]
    traps: tuple[Trap, ...]
    expects: dict[Slug, Expectation]
    bars: Bars
    reference: Reference
    baseline: Long
    no_ml_when: Long
    sources: tuple[Source, ...]

    @model_validator(mode="before")
    @classmethod
    def _sheet_is_a_mapping(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            raise ValueError("a question is a mapping of fields")
        return value

    def fact(self, id: str) -> Fact:
        return next(fact for fact in self.facts if fact.id == id)

    def follow_up(self, id: str) -> FollowUp:
        return next(follow_up for follow_up in self.follow_ups if follow_up.id == id)
