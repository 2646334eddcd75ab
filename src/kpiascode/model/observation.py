"""What was asked and what came out."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import TypeAlias

from kpiascode.model.calendar import Grain, Period
from kpiascode.model.expression import Expression

SliceKey: TypeAlias = tuple[tuple[str, str | None], ...]
"""Dimension and value, in the order asked; `()` is the total, a value of None the null slice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which values are wanted.

    Args:
        kpis: Names, in the order of the answer.
        grain: One for all of them.
        periods: Whole periods of that grain.
        as_of: A wall-clock moment in the calendar's zone; rows at or after it are not seen.
        by: Dimension names to slice by; empty asks for totals.
        where: A condition over dimensions (`Slice` nodes); None asks for everything.
        of: One slice alone, in the place of `by`: there in every period by the rules for no rows, once it was
            seen in `seen_in`, and in none otherwise.
        seen_in: Periods of the grain of the KPIs, which is one.
    """

    kpis: tuple[str, ...]
    grain: Grain
    periods: tuple[Period, ...]
    as_of: datetime
    by: tuple[str, ...] = ()
    where: Expression | None = None
    of: SliceKey = ()
    seen_in: tuple[Period, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """The value of one KPI in one period and slice.

    Args:
        value: In the KPI's own unit; None means undefined, never zero.
        complete: False while the period, its cohort or its funnel is not over at `as_of`.
    """

    kpi: str
    period: Period
    slice: SliceKey
    value: Decimal | None
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """The moments that a dataset knows, as wall clocks in the calendar's zone; None: it has no rows.

    Args:
        latest: The newest.
        earliest: The oldest; None also where it was not asked for.
    """

    dataset: str
    latest: datetime | None
    rows: int
    earliest: datetime | None = None


def age(latest: datetime, as_of: datetime) -> timedelta:
    """Return how old the newest row is; one dated as a day, hence midnight, counts until that day ends."""
    seen_until = latest + timedelta(days=1) if latest.time() == time.min else latest
    return as_of - seen_until
