"""What has to be computed, before any SQL: a small closed algebra.

A plan is four steps: `Spine`s say which interval each period stands for, `Scan`s aggregate the rows of those
intervals, `Value`s combine what was aggregated, and `Proof`s say what must hold for the answer to be right.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import TypeAlias

from kpiascode.model.expression import Aggregate, Expression, MeasureValue
from kpiascode.model.observation import Question
from kpiascode.model.project import Dataset

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A KPI over the measures of the scans.

    Args:
        seen: Counts of rows; where all are zero, the KPI has not seen the slice. Empty for totals.
        formula: The expression as written, for the comment in the SQL.
    """

    kpi: str
    title: str
    formula: str
    expression: Expression
    seen: tuple[MeasureValue, ...]


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


Proof: TypeAlias = UniqueKey | NoOrphans


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that `compile` needs.

    Args:
        datasets: Those that are read, by name.
        tables: Their qualified names as the engine knows them; a dataset that is absent is named as declared.
    """

    question: Question
    spines: tuple[Spine, ...]
    scans: tuple[Scan, ...]
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
