"""Whether raters agree, laid out: per step, over time, pair by pair, and people against the machine."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, combinations

from app.agreement.figures import Figure, figures_of
from app.agreement.measure import Agreement, Interval, measure
from app.agreement.ratings import Rating, Ratings
from app.errors import InvalidInput
from app.rubric.rubric import STEPS
from app.storage.ratings import GivenLevels

SHOWN = {
    "exact": "Exact",
    "adjacent": "Adjacent",
    "kappa": "Kappa",
    "quadratic_kappa": "Quadratic kappa",
    "alpha": "Alpha",
}
MANY = 100  # sessions; with fewer the interval says more than the point
DRAWS = 300  # the command draws more; a page is waited for
PEOPLE = "people"
PAIRS = 40  # of raters, those with most in common first
WIDTH, HEIGHT = 600, 160
LABEL = 18  # height of a line's name


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure with the interval in which it lies 19 times in 20; both empty where not defined."""

    point: str
    interval: str
    is_sure: bool


@dataclass(frozen=True, slots=True)
class Row:
    """`items` are sessions, `n` pairs of levels; the cells follow SHOWN."""

    title: str
    items: int
    n: int
    skipped: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Short:
    """A row without intervals: one month, or one pair of raters."""

    title: str
    items: int
    n: int
    points: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """Points of one figure over the months, for a polyline, and where its name stands."""

    name: str
    points: str
    dots: tuple[tuple[float, float], ...]
    label: float


@dataclass(frozen=True, slots=True)
class MachineRows:
    """People against one machine rater."""

    rater: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class AgreementView:
    """`sessions` were marked by somebody, `doubly` by two or more. Without any of those `rows` are empty."""

    sessions: int
    doubly: int
    raters: tuple[str, ...]
    rows: tuple[Row, ...]
    months: tuple[Short, ...]
    lines: tuple[Line, ...]
    pairs: tuple[Short, ...]
    machines: tuple[MachineRows, ...]


def agreement_view(given: Sequence[GivenLevels], titles: dict[str, str]) -> AgreementView:
    """Takes seconds where there is much: the intervals draw all of it again and again."""
    people = [one for one in given if one.kind == "person"]
    by_session: dict[str, list[GivenLevels]] = defaultdict(list)
    for one in people:
        by_session[one.session].append(one)
    months = _months(by_session)
    return AgreementView(
        sessions=len(by_session),
        doubly=sum(len(marks) > 1 for marks in by_session.values()),
        raters=tuple(sorted({one.rater for one in people})),
        rows=_rows(ratings_of(people), titles),
        months=months,
        lines=_lines(months),
        pairs=_pairs(people),
        machines=tuple(_machines(given, titles)),
    )


def ratings_of(given: Iterable[GivenLevels]) -> Ratings:
    """As `sevenstep agreement` reads them: a session is an item."""
    return Ratings(
        tuple(
            Rating(item=one.session, rater=one.rater, step=step, level=one.levels.get(step))
            for one in given
            for step in STEPS
        ),
        (),
    )


def _rows(ratings: Ratings, titles: dict[str, str]) -> tuple[Row, ...]:
    try:
        measured = measure(ratings, DRAWS)
    except InvalidInput:
        return ()
    steps = [(titles.get(step, step), measured.steps[step]) for step in STEPS]
    return tuple(_row(title, found) for title, found in [("Over all", measured.overall), *steps])


def _row(title: str, found: Agreement) -> Row:
    is_sure = found.items >= MANY
    cells = (
        Cell(_short(found.figures[name]), _between(found.intervals[name]), is_sure)
        for name in SHOWN
    )
    return Row(title, found.items, found.n, found.skipped, tuple(cells))


def _short(figure: Figure) -> str:
    return (
        "" if figure is None else f"{round(figure, 2) + 0.0:.2f}"
    )  # + 0.0: no minus before a nought


def _between(interval: Interval | None) -> str:
    return "" if interval is None else f"{_short(interval[0])} to {_short(interval[1])}"


def _months(by_session: dict[str, list[GivenLevels]]) -> tuple[Short, ...]:
    """Sessions that two or more marked, by the month of their first marks."""
    months: dict[str, list[GivenLevels]] = defaultdict(list)
    for marks in by_session.values():
        if len(marks) > 1:
            month = datetime.fromtimestamp(marks[0].at / 1000, UTC).strftime("%Y-%m")
            months[month] += marks
    return tuple(_short_row(month, marks) for month, marks in sorted(months.items()))


def _pairs(people: Sequence[GivenLevels]) -> tuple[Short, ...]:
    by_rater: dict[str, dict[str, GivenLevels]] = defaultdict(dict)
    for one in people:
        by_rater[one.rater][one.session] = one
    found = []
    for here, there in combinations(sorted(by_rater), 2):
        both = by_rater[here].keys() & by_rater[there].keys()
        if both:
            marks = [by_rater[rater][session] for rater in (here, there) for session in both]
            found.append(_short_row(f"{here} and {there}", marks))
    return tuple(sorted(found, key=lambda row: (-row.items, row.title))[:PAIRS])


def _short_row(title: str, marks: Sequence[GivenLevels]) -> Short:
    items = ratings_of(marks).by_item()
    units = Counter(chain.from_iterable(items.values()))
    figures = figures_of(units)
    n = 0
    for unit, times in units.items():
        known = sum(level is not None for level in unit)
        n += times * known * (known - 1) // 2
    return Short(title, len(items), n, tuple(_short(figures[name]) for name in SHOWN))


def _lines(months: Sequence[Short]) -> tuple[Line, ...]:
    """Shares of exact and adjacent agreement, 0 to 1; a line needs two months."""
    if len(months) < 2:
        return ()
    apart = WIDTH / (len(months) - 1)
    lines: list[Line] = []
    for place, name in enumerate(list(SHOWN)[:2]):
        known = [(n, row.points[place]) for n, row in enumerate(months) if row.points[place]]
        dots = tuple((round(n * apart, 1), round(HEIGHT * (1 - float(p)), 1)) for n, p in known)
        if len(dots) > 1:
            points = " ".join(f"{x},{y}" for x, y in dots)
            label = dots[-1][1]
            if lines and abs(label - lines[-1].label) < LABEL:
                label = max(0.0, lines[-1].label - LABEL)  # adjacent is never below exact
            lines.append(Line(SHOWN[name], points, dots, label))
    return tuple(lines)


def _machines(given: Sequence[GivenLevels], titles: dict[str, str]) -> Iterable[MachineRows]:
    """Each person's marks of a session stand beside the machine's as one item: people are no single rater, so that
    they are given one name here, and an item for each of them."""
    machines: dict[str, dict[str, GivenLevels]] = defaultdict(dict)
    for one in given:
        if one.kind != "person":
            machines[one.rater][one.session] = one
    for rater, sessions in sorted(machines.items()):
        ratings = []
        for one in given:
            if one.kind == "person" and one.session in sessions:
                item = f"{one.session} {one.rater}"[:500]
                for name, levels in ((PEOPLE, one.levels), (rater, sessions[one.session].levels)):
                    ratings += [
                        Rating(item=item, rater=name, step=step, level=levels.get(step))
                        for step in STEPS
                    ]
        rows = _rows(Ratings(tuple(ratings), ()), titles)
        if rows:
            yield MachineRows(rater, rows)
