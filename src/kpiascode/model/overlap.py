"""Whether the values of neighbouring periods rest on the same rows, and so are alike whatever happens."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Final

from kpiascode.model.calendar import MONTHS, Calendar, Duration, Grain, Unit
from kpiascode.model.definitions import referred
from kpiascode.model.expression import Cumulative, Rolling, ToDate, walk
from kpiascode.model.project import Kpi
from kpiascode.model.reaching import reached

SECONDS: Final = {
    Unit.SECOND: 1,
    Unit.MINUTE: 60,
    Unit.HOUR: 3600,
    Unit.DAY: 86_400,
    Unit.WEEK: 7 * 86_400,
}
ALL_LENGTHS: Final = (date(2000, 1, 1), date(2008, 1, 1))
"""Years that hold periods of all lengths: leap years, and retail years with a 53rd week."""


def overlapping(kpi: Kpi, kpis: Mapping[str, Kpi], grain: Grain, calendar: Calendar) -> str | None:
    """Return in words what of a KPI overlaps from one period of the grain to the next; None if nothing does.

    It may also lie in a KPI that this one is computed from, or in a rule that held before. A window that is
    no longer than the longest period of the grain counts for none: 30 days of months share a day or two,
    and mostly nothing.
    """
    for rule in _rules_under(kpi, kpis):
        for node in walk(rule.expression):
            match node:
                case Rolling(window=window) if _is_longer(window, grain, calendar):
                    return "windows"
                case Cumulative():
                    return "sums from the beginning"
                case ToDate(unit=unit) if _months(unit) > _months(grain):
                    return "sums to date"
                case _:
                    pass
    return None


def _rules_under(kpi: Kpi, kpis: Mapping[str, Kpi]) -> Iterator[Kpi]:
    for name in reached([kpi.name], lambda name: referred(kpis[name]) if name in kpis else ()):
        yield from kpis[name].rules if name in kpis else ()


def _is_longer(window: Duration, grain: Grain, calendar: Calendar) -> bool:
    """Return whether the window is longer than every period of the grain."""
    if window.unit is Unit.PERIOD:
        return window.amount > 1
    if window.unit in SECONDS:
        return window.amount * SECONDS[window.unit] > longest(calendar, grain) * SECONDS[Unit.DAY]
    return window.amount * _months(window.unit) > _months(grain)


def _months(word: Grain | Unit) -> int:
    """Return how many months it has; 0 of days and weeks."""
    return MONTHS.get(word.value, 0)


@cache
def longest(calendar: Calendar, grain: Grain) -> int:
    """Return the most days that a period of the grain has."""
    return max((period.end - period.start).days for period in calendar.periods(grain, *ALL_LENGTHS))
