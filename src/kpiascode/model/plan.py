"""What has to be computed, before any SQL: a small closed algebra.

`Spine`s say which interval each period stands for; `Scan`s and `FunnelScan`s aggregate the rows of those
intervals, and `RollUp`s make measures of what one scan has read for several; `Mean`s and `Value`s combine
what was aggregated; `Proof`s say what must hold for the answer to be right. A `Level` is a set of periods:
the asked ones, or the units inside them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import TypeAlias

from kpiascode.model.calendar import Duration
from kpiascode.model.expression import Aggregate, Expression, MeasureValue
from kpiascode.model.observation import Question
from kpiascode.model.project import AsOf, Dataset, FunnelStep

Bound: TypeAlias = date | datetime
"""A day, a wall clock, or (on an `INSTANT` clock) a UTC moment without its zone written."""


class Clock(Enum):
    """How rows are dated, and so how bounds are written."""

    DAY = "day"
    WALL = "wall"
    INSTANT = "instant"


class Bucket(Enum):
    """By which step rows find their interval: the coarser, the fewer comparisons. `NONE`: each by itself."""

    DAY = "day"
    HOUR = "hour"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The half-open interval of one period. `start` None: from the beginning."""

    period: str
    start: Bound | None
    end: Bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Spine:
    """Which rows count in which period. Stretches may overlap; a period without one has no rows.

    Args:
        stamped: Whether the dated column is (also) a timestamp, so that its own bounds are written as such.
    """

    name: str
    clock: Clock
    bucket: Bucket
    stamped: bool
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """The periods that values are computed for.

    Args:
        name: `periods` for those that are asked.
        units: Their names, each with the name of the period that it is a unit of; asked ones with their own.
    """

    name: str
    units: tuple[tuple[str, str], ...]


# --- which rows of an interval count


@dataclass(frozen=True, slots=True)
class EveryRow:
    """All whose time lies in the interval."""


@dataclass(frozen=True, slots=True)
class LastTime:
    """Those of the last time in the interval at which the dataset has any row."""


@dataclass(frozen=True, slots=True)
class LastOfEach:
    """The last of each key before the interval's end, however old. Rows without key do not count."""

    key: Expression


@dataclass(frozen=True, slots=True)
class HoldingAtEnd:
    """Those that hold at the interval's last instant: the scan's time is their start, `until` their end."""

    until: Expression


Choice: TypeAlias = EveryRow | LastTime | LastOfEach | HoldingAtEnd


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMeasure:
    """One aggregate of a scan; `condition` is what the scan does not already ask of every row."""

    name: str
    aggregate: Aggregate
    condition: Expression | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One pass over the rows of one dataset, grouped by period and dimensions.

    Args:
        time: Dates the rows.
        dimensions: By the names asked.
        where: What every measure asks of a row.
        entity: For two-step aggregates: rows are grouped by it first (null entities are left out), then
            the measures aggregate over the entities.
        parts: The inner aggregates of the first step; the measures refer to them as `MeasureValue`.
        choice: Which rows of an interval count, whatever `where` says of them.
    """

    name: str
    dataset: str
    time: Expression
    spine: str
    dimensions: tuple[tuple[str, Expression], ...]
    where: Expression | None
    measures: tuple[PlannedMeasure, ...]
    entity: Expression | None = None
    parts: tuple[PlannedMeasure, ...] = ()
    choice: Choice = EveryRow()


def choosing(scan: Scan) -> tuple[Expression, ...]:
    """Return the expressions that say which rows count, and when."""
    found: list[Expression | None] = [scan.time, scan.where]
    match scan.choice:
        case LastOfEach(key):
            found.append(key)
        case HoldingAtEnd(until):
            found.append(until)
    return tuple(node for node in found if node is not None)


def taken(scan: Scan) -> tuple[Expression, ...]:
    """Return the expressions that are taken of the rows."""
    found: list[Expression | None] = [*(node for _, node in scan.dimensions), scan.entity]
    for measure in (*scan.measures, *scan.parts):
        found += [measure.aggregate, measure.condition]
    return tuple(node for node in found if node is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledMeasure:
    """A measure made of the parts of a base.

    Args:
        function: `sum`, `count`, `min`, `max`, or `avg` of a sum and a count.
        parts: Measures of the base.
        condition: Over its dimensions, as `MeasureValue`s; None: all.
    """

    name: str
    function: str
    parts: tuple[str, ...]
    condition: Expression | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RollUp:
    """Measures that are rolled up from a scan which has read the rows once for all that need them.

    Args:
        scan: The scan by whose name the measures are known.
        base: The scan that read the rows, by segments of time and by what conditions ask of a row.
        segments: The base's spine, of which each stretch of `spine` is made; None: they are the same.
        dimensions: The names asked, with the base's.
    """

    scan: str
    base: str
    spine: str
    segments: str | None
    dimensions: tuple[tuple[str, str], ...]
    measures: tuple[RolledMeasure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelScan:
    """Entities by their first row of step 1 in a period, and how far they get. Measures: `step_1`, ...

    Args:
        time: Dates the rows of step 1 for the spine.
        steps: With everything that is asked of their rows.
        order: Tells apart first rows of one entity at one time.
        dimensions: Of that first row, by the names asked.
        where: Which first rows count, once they are found.
    """

    name: str
    dataset: str
    time: Expression
    spine: str
    within: Duration
    by_day: bool
    steps: tuple[FunnelStep, ...]
    order: tuple[Expression, ...]
    dimensions: tuple[tuple[str, Expression], ...]
    where: Expression | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """The mean, for each period, of what an expression is for its units; its measure is `mean`.

    Args:
        level: Of the units.
        parent: The level that they are units of.
        dimensions: The names of those by which it differs.
    """

    name: str
    level: str
    parent: str
    expression: Expression
    dimensions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A KPI over the measures of the scans.

    Args:
        seen: Counts of rows; where all are zero, the KPI has not seen the slice. Empty for totals.
        unripe: Periods whose cohort or funnel has not had its time yet.
        formula: The expression as written, for the comment in the SQL.
    """

    kpi: str
    title: str
    formula: str
    expression: Expression
    seen: tuple[MeasureValue, ...]
    unripe: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UniqueKey:
    """No key of the dataset may occur twice; else a row would be counted more than once."""

    dataset: str
    keys: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoOrphans:
    """Every row of the dataset has its partner, since the relationship is `required`."""

    dataset: str
    relationship: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoOverlap:
    """No two rows of one key of the dataset hold at the same time."""

    dataset: str
    keys: tuple[Expression, ...]
    as_of: AsOf


@dataclass(frozen=True, slots=True, kw_only=True)
class OneLastRow:
    """The last row of each key is one row; else a balance would be counted more than once."""

    dataset: str
    scan: str


Proof: TypeAlias = UniqueKey | NoOrphans | NoOverlap | OneLastRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that `compile` needs.

    Args:
        levels: The asked periods first, each other before the levels of its own units.
        means: Each after those that it is made of.
        datasets: Those that are read, by name.
        tables: Their qualified names as the engine knows them; a dataset that is absent is named as declared.
    """

    question: Question
    levels: tuple[Level, ...]
    spines: tuple[Spine, ...]
    scans: tuple[Scan, ...]
    rollups: tuple[RollUp, ...]
    funnels: tuple[FunnelScan, ...]
    means: tuple[Mean, ...]
    values: tuple[Value, ...]
    proofs: tuple[Proof, ...]
    datasets: Mapping[str, Dataset]
    tables: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """SQL with the meaning of its columns, which come in this order: the period, one a dimension, one a
    KPI, one a KPI of `seen` (1 where the KPI has rows), one a proof (how often it is broken).
    """

    dialect: str
    text: str
    plan: Plan
    kpis: tuple[str, ...]
    seen: tuple[str, ...]
    proofs: tuple[Proof, ...]
