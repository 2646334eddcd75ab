"""Cohorts and funnels: entities that start and age, entities that go through steps."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from kpiascode.model.calendar import Duration, Unit
from kpiascode.model.expression import (
    And,
    Column,
    Comparator,
    Comparison,
    Expression,
    IsNull,
    Moved,
    Not,
    Type,
    below,
    walk,
)
from kpiascode.model.project import Cohort, Dimension, Funnel, FunnelStep
from kpiascode.resolve.datasets import Datasets
from kpiascode.resolve.known import Known
from kpiascode.resolve.parser import UNITS
from kpiascode.resolve.reader import Broken, Reader
from kpiascode.resolve.scope import Scope
from kpiascode.resolve.types import type_of

LENGTHS: Final = (
    Unit.SECOND,
    Unit.MINUTE,
    Unit.HOUR,
    Unit.DAY,
    Unit.WEEK,
    Unit.MONTH,
    Unit.QUARTER,
    Unit.YEAR,
)
_DURATION: Final = re.compile(r"([0-9]{1,6}) ?([a-z]+)")


def resolve_cohort(
    reader: Reader,
    scope: Scope,
    datasets: Datasets,
    dimensions: Sequence[Dimension],
    time: Expression | None,
) -> Cohort | None:
    """Return the cohort; None where none is declared, or after reporting what is wrong with it."""
    if not reader.has("cohort"):
        return None
    if reader.has("funnel"):
        reader.report(
            "cohort-and-funnel",
            "A KPI has a cohort or a funnel, not both.",
            ("funnel",),
            "Make two KPIs.",
            at_key=True,
        )
        return None
    entity = _path(reader, scope, datasets, "cohort", "entity")
    starts = datasets.time(reader, scope, "cohort", "starts")
    where = datasets.condition(reader, scope, "cohort", "where") if reader.has("cohort", "where") else None
    ages = _ages(reader)
    if entity is None or starts is None or time is None or ages is None or reader.broken:
        return None
    way = _way(starts)
    home = _home(scope.dataset, way, datasets)
    home_entity = _at_home(entity, scope.dataset, way, datasets)
    if home_entity is None:
        reader.report(
            "cohort-entity-elsewhere",
            f"`starts` is held by `{home}`, and nothing says which row of it an entity is.",
            ("cohort", "entity"),
            f"Name the key that leads over `{way[-1]}`, or a field reached through it.",
        )
        return None
    if where is not None and not _starts_with(where, way):
        reader.report(
            "cohort-of-rows",
            f"`where` of a cohort picks entities, so it speaks of what is reached through `{'.'.join(way)}`.",
            ("cohort", "where"),
            "Rows are picked by the `where` of the KPI.",
        )
    for position, dimension in enumerate(dimensions):
        if dimension.expression is not None and not _starts_with(dimension.expression, way):
            reader.report(
                "cohort-of-rows",
                f"`{dimension.name}` is of the rows, and a cohort is sliced by what its entities are.",
                ("dimensions", position),
                f"Use a dimension that is reached through `{'.'.join(way)}`.",
            )
    counted: Expression = Not(IsNull(entity))
    for part in (where, *_aged(time, starts, ages, datasets)):
        counted = counted if part is None else And(counted, part)
    return Cohort(
        starts=starts,
        rows=counted,
        oldest=ages[1],
        way=way,
        home=home,
        entity=home_entity,
        where=None if where is None or reader.broken else below(where, way),
    )


def _aged(
    time: Expression, starts: Expression, ages: tuple[Duration, Duration], datasets: Datasets
) -> tuple[Expression, Expression]:
    """Return that a row's time lies between two ages, on the wall clock."""
    row, start = datasets.wall((time, starts), *ages)
    is_date = type_of(start) is Type.DATE
    youngest, oldest = (Moved(start, age, is_date) for age in ages)
    return Comparison(Comparator.AT_LEAST, row, youngest), Comparison(Comparator.LESS, row, oldest)


def _path(reader: Reader, scope: Scope, datasets: Datasets, *where: str | int) -> Expression | None:
    try:
        return datasets.row(reader, scope, reader.expression(*where), *where)
    except Broken:
        return None


def _ages(reader: Reader) -> tuple[Duration, Duration] | None:
    if isinstance(reader.get("cohort", "age"), str):
        oldest = _duration(reader, "cohort", "age")
        return None if oldest is None else (Duration(amount=0, unit=oldest.unit), oldest)
    youngest = _duration(reader, "cohort", "age", "from")
    oldest = _duration(reader, "cohort", "age", "to")
    if youngest is None or oldest is None:
        return None
    if _least_days(oldest) <= _least_days(youngest):
        reader.report(
            "empty-range",
            "The age ends before it begins, so no row counts.",
            ("cohort", "age", "to"),
            "`from` is included, `to` is not.",
        )
        return None
    return youngest, oldest


def _least_days(duration: Duration) -> float:
    days = {
        Unit.SECOND: 1 / 86400,
        Unit.MINUTE: 1 / 1440,
        Unit.HOUR: 1 / 24,
        Unit.DAY: 1,
        Unit.WEEK: 7,
        Unit.MONTH: 30.4,
        Unit.QUARTER: 91.3,
        Unit.YEAR: 365.2,
    }
    return duration.amount * days[duration.unit]


def _duration(reader: Reader, *where: str | int) -> Duration | None:
    """Return a duration in the unit in which it is written, since a month has no fixed length."""
    text = reader.optional(*where) or ""
    match = _DURATION.fullmatch(text.strip())
    unit = None if match is None else UNITS.get(match[2])
    if match is None or unit not in LENGTHS:
        reader.report(
            "invalid-duration", f"`{text[:40]}` is no duration.", where, "Write for example `12 months`."
        )
        return None
    return Duration(amount=int(match[1]), unit=unit)


def _way(node: Expression) -> tuple[str, ...]:
    """Return the relationships that all columns of an expression have in common."""
    paths = [part.path for part in walk(node) if isinstance(part, Column)]
    common = paths[0] if paths else ()
    for path in paths[1:]:
        same = [one == other for one, other in zip(common, path, strict=False)]
        common = common[: same.index(False) if False in same else len(same)]
    return common


def _home(holder: str, way: Sequence[str], datasets: Datasets) -> str:
    for step in way:
        holder = datasets.readers[holder].text("relationships", step, "to")
    return holder


def _starts_with(node: Expression, way: tuple[str, ...]) -> bool:
    return all(part.path[: len(way)] == way for part in walk(node) if isinstance(part, Column))


def _at_home(entity: Expression, holder: str, way: tuple[str, ...], datasets: Datasets) -> Expression | None:
    """Return the entity over the dataset that holds `starts`: itself, or the key that it is there."""
    if _starts_with(entity, way):
        return below(entity, way)
    *before, last = way
    holder = _home(holder, before, datasets)
    reader = datasets.readers[holder]
    keys = reader.names("relationships", last, "keys")
    if len(keys) != 1 or not _starts_with(entity, tuple(before)):
        return None
    (here,) = keys
    there = reader.text("relationships", last, "keys", here)
    target = datasets.scope(reader.text("relationships", last, "to"))
    own = datasets.scope(holder).look_up((here,), (0, len(here)))
    return target.look_up((there,), (0, len(there))) if below(entity, tuple(before)) == own else None


def resolve_funnel(
    reader: Reader, scope: Scope, datasets: Datasets, known: Known, time: Expression | None
) -> Funnel | None:
    """Return the funnel; None where none is declared, or after reporting what is wrong with it."""
    if not reader.has("funnel"):
        return None
    within = _duration(reader, "funnel", "within")
    found = [
        _step(reader, scope, datasets, known, time, position)
        for position in range(reader.length("funnel", "steps"))
    ]
    steps = [step for step in found if step is not None]
    if within is None or len(steps) < len(found) or reader.broken:
        return None
    if within.amount == 0:
        reader.report(
            "invalid-duration", "Nothing comes within no time.", ("funnel", "within"), "Write `7 days`."
        )
        return None
    first = type_of(steps[0].entity)
    for position, step in enumerate(steps):
        kind = type_of(step.entity)
        if (
            Type.UNKNOWN not in (first, kind)
            and kind is not first
            and not (kind.is_number and first.is_number)
        ):
            reader.report(
                "type-mismatch",
                f"The entity is {first.value} in the first step and {kind.value} here.",
                ("funnel", "steps", position),
                "Cast one of them in a field.",
            )
    clocks = datasets.wall([step.time for step in steps], within)
    return Funnel(
        within=within,
        by_day=all(type_of(clock) is Type.DATE for clock in clocks),
        steps=tuple(replace(step, time=clock) for step, clock in zip(steps, clocks, strict=True)),
    )


def _step(
    reader: Reader, scope: Scope, datasets: Datasets, known: Known, time: Expression | None, position: int
) -> FunnelStep | None:
    where: tuple[str | int, ...] = ("funnel", "steps", position)
    name = reader.text_or(scope.dataset, *where, "dataset")
    if position == 0 and name != scope.dataset:
        reader.report(
            "funnel-begins-elsewhere",
            f"A funnel begins with rows of the KPI's own dataset, `{scope.dataset}`.",
            (*where, "dataset"),
            f"Set `dataset: {name}` on the KPI, or leave it out here.",
        )
        return None
    known.check(reader, "dataset", *where, "dataset")
    if name not in datasets.readers:
        reader.broken = True
        return None
    there = datasets.scope(name)
    if reader.has(*where, "time"):
        dated = datasets.time(reader, there, *where, "time")
    else:
        dated = time if name == scope.dataset else datasets.own_time(name)
        if dated is None:
            reader.report(
                "missing-time",
                f"Dataset `{name}` has no `time`, so nothing says when this step comes.",
                where,
                "Add `time: <field>` to the step.",
            )
    key = (*where, "entity") if reader.has(*where, "entity") else ("funnel", "entity")
    entity = _path(reader, there, datasets, *key)
    kept = datasets.condition(reader, there, *where, "where") if reader.has(*where, "where") else None
    if dated is None or entity is None:
        return None
    return FunnelStep(dataset=name, time=dated, entity=entity, where=kept)
