"""Every number of the scorer in one value, read from scale.yaml, where each says where it comes from."""

from typing import Annotated

from pydantic import Field, model_validator

from app.rubric.rubric import STEPS, Authored

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]


class DepthCredit(Authored):
    """What a criterion of weight 1 is worth at each depth."""

    mentioned: Positive
    explained: Positive
    justified: Positive
    grounded: Positive

    def of(self, depth: int) -> float:
        return (0.0, self.mentioned, self.explained, self.justified, self.grounded)[depth]


class Substance(Authored):
    """What twenty content words on a step are worth: merely said, and more with a reason or comparison,
    with things of this very problem, and with an amount in the same clause; `unanchored` is the share that
    is left where no criterion was found near by."""

    said: Annotated[float, Field(ge=0)]
    reasoned: Annotated[float, Field(ge=0)]
    tied: Annotated[float, Field(ge=0)]
    counted: Annotated[float, Field(ge=0)]
    unanchored: Share


class Bars(Authored):
    """Points at which a step reaches levels 1 to 4; between two bars the level grows evenly."""

    points: tuple[Positive, Positive, Positive, Positive]

    @model_validator(mode="after")
    def rising(self) -> "Bars":
        if list(self.points) != sorted(set(self.points)):
            raise ValueError("the four bars must rise")
        return self


class Seniority(Authored):
    """The bar of one seniority: an overall, and how many core criteria at depth 3 unprompted."""

    overall: Annotated[float, Field(ge=0, le=100)]
    core_justified: Share
    unprompted: Share


class Scale(Authored):
    depth: DepthCredit
    prompted: Share
    second_span: Annotated[float, Field(ge=0, le=1)]
    marks: Annotated[float, Field(ge=0)]
    judged: dict[str, Positive]
    substance: Substance
    flag: Annotated[float, Field(ge=0)]
    bars: dict[str, Bars]
    step_weights: dict[str, Positive]
    decisions: tuple[float, float, float, float, float]
    seniority: dict[str, Seniority]

    @model_validator(mode="after")
    def every_step(self) -> "Scale":
        tables = (
            ("bars", self.bars),
            ("step_weights", self.step_weights),
            ("judged", self.judged),
        )
        for name, table in tables:
            if set(table) != set(STEPS):
                raise ValueError(f"{name} must name the seven steps")
        return self
