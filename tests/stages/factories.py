"""Small believable values of the model, each with what a test wants different."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from kpiascode.model.assessment import Evidence
from kpiascode.model.calendar import Calendar, Grain, Period
from kpiascode.model.expression import Aggregate, Arithmetic, Column, Expression, KpiValue, Operator, Type
from kpiascode.model.observation import Observation, SliceKey
from kpiascode.model.performance import CheckIn, Milestone
from kpiascode.model.place import Place, Span
from kpiascode.model.project import (
    Bounds,
    Commitment,
    Dataset,
    Dimension,
    Direction,
    FileFormat,
    Goal,
    Kpi,
    Level,
    Lifecycle,
    Measure,
    Measured,
    OrgUnit,
    Owner,
    Path,
    Project,
    Result,
    Scorecard,
    Section,
    Settings,
    Target,
    TargetValue,
)

NOWHERE = Place("kpis/acme.yaml", Span(1, 1, 1, 2))
YEAR_2026 = (date(2026, 1, 1), date(2027, 1, 1))
Thing = Dataset | Kpi | Goal | Owner | OrgUnit | Scorecard
T = TypeVar("T")


# --- expressions


def total(column: str) -> Aggregate:
    return Aggregate("sum", Column((), column))


def ratio(one: Expression, other: Expression) -> Arithmetic:
    return Arithmetic(Operator.DIVIDE, one, other)


def plus(one: Expression, other: Expression) -> Arithmetic:
    return Arithmetic(Operator.ADD, one, other)


def value_of(kpi: str) -> KpiValue:
    return KpiValue(kpi)


# --- declarations


def kpi(name: str, **changes: Any) -> Kpi:
    """A monthly percentage of Retail, the higher the better, owned by somebody there."""
    plain = Kpi(
        name=name,
        title=name.replace("_", " ").capitalize(),
        description="Share of net sales left after the cost of the goods sold.",
        owner="controller",
        applies_to=("retail",),
        dataset="orders",
        time=Column((), "ordered_at"),
        expression=ratio(total("margin"), total("net_sales")),
        where=None,
        text="sum(margin) / sum(net_sales)",
        where_text=None,
        grain=Grain.MONTH,
        dimensions=(),
        unit=Measure(name="percent"),
        direction=Direction.HIGHER,
        bounds=Bounds(min=None, max=None),
        counter_kpis=(),
        act=None,
        communication=None,
        status=Lifecycle.ACTIVE,
        examples=0,
        edge_examples=0,
        waivers=(),
        place=NOWHERE,
    )
    return replace(plain, **changes)


def dimension(name: str, *, person: bool = False) -> Dimension:
    return Dimension(name=name, path=name, expression=Column((), name), type=Type.TEXT, person=person)


def dataset(name: str, **changes: Any) -> Dataset:
    plain = Dataset(
        name=name,
        title=name,
        description="",
        source=f"{name}.csv",
        is_file=True,
        primary_key=(),
        time=Column((), "ordered_at"),
        valid=None,
        time_grain=None,
        timezone=None,
        fields={},
        relationships={},
        columns={},
        keys=(),
        format=FileFormat(),
        freshness=None,
        quoted=False,
        place=NOWHERE,
        source_place=NOWHERE,
    )
    return replace(plain, **changes)


def target(value: TargetValue | str, start: date = YEAR_2026[0], end: date | None = None) -> Target:
    number = Decimal(value) if isinstance(value, str) else value
    return Target(start=start, end=end, value=number, reason=None)


def result(of: str, *targets: Target | TargetValue | str, **changes: Any) -> Result:
    """The last complete period against targets; a bare number holds from the start of 2026."""
    plain = Result(
        kpi=of,
        slice=(),
        baseline=None,
        targets=tuple(t if isinstance(t, Target) else target(t) for t in targets),
        tolerance=Decimal(0),
        path=Path.STEPS,
        measured=Measured.LATEST,
        weight=Decimal(1),
        place=NOWHERE,
    )
    numbers = {"baseline", "tolerance", "weight"}
    exact = {key: Decimal(v) if key in numbers and v is not None else v for key, v in changes.items()}
    return replace(plain, **exact)


def goal(name: str, *results: Result, **changes: Any) -> Goal:
    """A goal of Acme for the year 2026."""
    start, end = changes.pop("during", YEAR_2026)
    parents = changes.pop("parents", ())
    plain = Goal(
        name=name,
        title=name.replace("_", " ").capitalize(),
        description="",
        org_unit="acme",
        owner="controller",
        parents=tuple((p, Decimal(1)) if isinstance(p, str) else (p[0], Decimal(p[1])) for p in parents),
        start=start,
        end=end,
        commitment=Commitment.COMMITTED,
        results=results,
        place=NOWHERE,
    )
    return replace(plain, **changes)


def milestone(title: str, due: str, done_on: str | None = None, weight: str = "1") -> Milestone:
    return Milestone(
        title=title,
        due=date.fromisoformat(due),
        done_on=None if done_on is None else date.fromisoformat(done_on),
        weight=Decimal(weight),
        place=NOWHERE,
    )


def check_in(about: str, as_of: str, confidence: int | None = 7, **changes: Any) -> CheckIn:
    """What the controller said of a goal, with nothing in the way."""
    plain = CheckIn(
        name=f"{about}_{as_of.replace('-', '_')}",
        goal=about,
        kpi=None,
        as_of=date.fromisoformat(as_of),
        by="controller",
        confidence=confidence,
        note="",
        decision="",
        blockers=(),
        place=NOWHERE,
    )
    return replace(plain, **changes)


def unit(name: str, level: Level, parent: str | None = None, headcount: int | None = None) -> OrgUnit:
    return OrgUnit(
        name=name,
        title=name.replace("_", " ").capitalize(),
        description="",
        level=level,
        parent=parent,
        headcount=headcount,
        place=NOWHERE,
    )


def owner(name: str, org_unit: str) -> Owner:
    return Owner(
        name=name,
        title=name.capitalize(),
        org_unit=org_unit,
        contact=f"{name}@example.com",
        approvers=(),
        place=NOWHERE,
    )


def scorecard(name: str, *kpis: str, org_unit: str = "retail", audiences: tuple[str, ...] = ()) -> Scorecard:
    return Scorecard(
        name=name,
        title=name.replace("_", " ").capitalize(),
        description="",
        org_unit=org_unit,
        audiences=audiences,
        grain=Grain.MONTH,
        sections=(Section(title="All", kpis=kpis),),
        place=NOWHERE,
    )


ACME = unit("acme", Level.ORGANISATION)
RETAIL = unit("retail", Level.LINE_OF_BUSINESS, "acme")
STORES = unit("stores", Level.DEPARTMENT, "retail")
FINANCE = unit("finance", Level.DEPARTMENT, "acme")


def project(
    *things: Thing, dialects: tuple[str, ...] = ("duckdb",), calendar: Calendar | None = None
) -> Project:
    """Acme with Retail (Stores beneath it) and Finance, a controller in Retail, orders, and what is given."""
    known = (ACME, RETAIL, STORES, FINANCE, owner("controller", "retail"), dataset("orders"), *things)
    return Project(
        settings=Settings(
            name="acme",
            calendar=calendar or Calendar(),
            dialects=dialects,
            data_roots=(),
            engines={},
            default_engine=None,
        ),
        datasets=_named(Dataset, known),
        kpis=_named(Kpi, known),
        goals=_named(Goal, known),
        owners=_named(Owner, known),
        org_units=_named(OrgUnit, known),
        scorecards=_named(Scorecard, known),
    )


def _named(kind: type[T], things: Iterable[Any]) -> dict[str, T]:
    found = {thing.name: thing for thing in things if isinstance(thing, kind)}
    return {name: found[name] for name in sorted(found)}


# --- what came out


def period(name: str, calendar: Calendar | None = None) -> Period:
    found = (calendar or Calendar()).period_named(name)
    assert found is not None, name
    return found


def whole(start: str, end: str) -> Period:
    """The range from `start` to `end` as one period."""
    return Period(grain=Grain.ALL, name="all", start=date.fromisoformat(start), end=date.fromisoformat(end))


def seen(
    of: str, when: str | Period, value: str | None, by: SliceKey = (), *, complete: bool = True
) -> Observation:
    return Observation(
        kpi=of,
        period=period(when) if isinstance(when, str) else when,
        slice=by,
        value=None if value is None else Decimal(value),
        complete=complete,
    )


def months_before_april(of: str, *values: str | None) -> tuple[Observation, ...]:
    """Totals of the last complete months before April 2026, the last value in March."""
    months = (
        Calendar().periods(Grain.MONTH, date(2020, 1, 1), date(2026, 4, 1))[-len(values) :] if values else ()
    )
    return tuple(seen(of, month, value) for month, value in zip(months, values, strict=True))


def evidence(**changes: Any) -> Evidence:
    plain = Evidence(compiled={}, refused={}, sql={}, datasets={}, commit=None)
    return replace(plain, **changes)


def compiled(
    *kpis: str, dialects: tuple[str, ...] = ("duckdb",), datasets: Mapping[str, Any] | None = None
) -> Evidence:
    """Every KPI compiled for every dialect, from orders."""
    return evidence(
        compiled=dict.fromkeys(kpis, dialects), datasets=datasets or dict.fromkeys(kpis, ("orders",))
    )
