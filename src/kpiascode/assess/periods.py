"""Which periods are looked at. Complete ones end at or before the day that `as_of` lies in."""

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Final

from kpiascode.model.calendar import Calendar, Duration, Grain, Period, Unit, is_finer
from kpiascode.model.definitions import referred
from kpiascode.model.project import Goal, Kpi, Measured, Project, Result
from kpiascode.model.reaching import reached

HISTORY: Final = {Grain.DAY: 60, Grain.WEEK: 60}
USUAL_HISTORY: Final = 25  # two years of months, and the same month of the year before the first
WATCHED_YEARS: Final = {Grain.DAY: 1, Grain.WEEK: 3, Grain.QUARTER: 10, Grain.FISCAL_QUARTER: 10}
USUALLY_WATCHED: Final = 5
LONGEST_WATCHED: Final = {Grain.YEAR: 30, Grain.FISCAL_YEAR: 30}
BACK: Final = Duration(amount=-1, unit=Unit.PERIOD)
YEAR_BACK: Final = Duration(amount=-1, unit=Unit.YEAR)


def last_complete(calendar: Calendar, grain: Grain, day: date) -> Period | None:
    """Return the last period that ends at or before the first moment of `day`; None before the year 1."""
    return period_before(calendar, calendar.period_holding(day, grain))


def running(calendar: Calendar, grain: Grain, as_of: datetime) -> Period | None:
    """Return the period that `as_of` has begun and not ended; None when it is exactly the start of one."""
    period = calendar.period_holding(as_of.date(), grain)
    return None if datetime.combine(period.start, time.min) == as_of else period


def history(calendar: Calendar, grain: Grain, day: date) -> tuple[Period, ...]:
    """Return the complete periods before `day` that are looked at, oldest first."""
    found: list[Period] = []
    period = last_complete(calendar, grain, day)
    while period is not None and len(found) < HISTORY.get(grain, USUAL_HISTORY):
        found.append(period)
        period = period_before(calendar, period)
    return tuple(reversed(found))


def watched(calendar: Calendar, grain: Grain, day: date) -> tuple[Period, ...]:
    """Return the complete periods before `day` in which signals are looked for, oldest first.

    They begin with a calendar year, so that the first of them, and with it what is locked, stays the same
    for a year at least.
    """
    years = LONGEST_WATCHED.get(grain) or WATCHED_YEARS.get(grain, USUALLY_WATCHED)
    last = last_complete(calendar, grain, day)
    if last is None or day.year <= years:
        return ()
    start = date(day.year - years, 1, 1)
    if last.end <= start:
        return ()
    return tuple(period for period in calendar.periods(grain, start, last.end) if period.start >= start)


def period_before(calendar: Calendar, period: Period) -> Period | None:
    return _shifted(calendar, period, BACK)


def year_before(calendar: Calendar, period: Period) -> Period | None:
    """Return the same period of the year before; None where it has no counterpart (week 53)."""
    return _shifted(calendar, period, YEAR_BACK)


def measured_period(project: Project, goal: Goal, result: Result, day: date) -> Period | None:
    """Return what a result is measured over, seen from the first moment of `day`; None when not yet begun."""
    end = min(day, goal.end)
    match result.measured:
        case Measured.LATEST:
            kpi = project.kpis[result.kpi]
            period = last_known(project, kpi, end, day)
            return period if period is not None and period.start >= goal.start else None
        case Measured.TO_DATE:
            end = _not_cutting(project, result, end)
            return (
                Period(grain=Grain.ALL, name="all", start=goal.start, end=end) if end > goal.start else None
            )


def _not_cutting(project: Project, result: Result, end: date) -> date:
    """Return the last day up to `end` that cuts no row which stands for a whole period in two.

    So sales are held against a monthly budget up to the end of the last month, both of them.
    """
    grains = {grain for name in result.kpis for grain in _whole_grains(project, project.kpis[name])}
    calendar = project.settings.calendar
    while cuts := {start for grain in grains if (start := calendar.period_holding(end, grain).start) < end}:
        end = min(cuts)
    return end


def _whole_grains(project: Project, kpi: Kpi) -> set[Grain]:
    """Return the periods for which rows stand as a whole, for each dataset that the KPI counts rows of."""
    read = {rule.dataset for rule in _rules_under(project, kpi) if rule.dataset is not None}
    grains = (project.datasets[name].time_grain for name in read)
    return {grain for grain in grains if grain is not None}


def last_known(project: Project, kpi: Kpi, end: date, day: date) -> Period | None:
    """Return the last period that ends by `end` and whose cohorts and funnels are over by `day`."""
    calendar, waits = project.settings.calendar, delays(project, kpi)
    period = last_complete(calendar, kpi.grain, end)
    now = datetime.combine(day, time.min)
    while period is not None:
        over = datetime.combine(period.end, time.min)
        if all(calendar.add(over, delay) <= now for delay in waits):
            return period
        period = period_before(calendar, period)
    return None


def delays(project: Project, kpi: Kpi) -> set[Duration]:
    """Return how long after a period its value can be known, for each cohort and funnel that it rests on."""
    found: set[Duration] = set()
    for rule in _rules_under(project, kpi):
        if rule.cohort is not None:
            found.add(rule.cohort.oldest)
        if rule.funnel is not None:
            found.add(rule.funnel.within)
    return found


def _rules_under(project: Project, kpi: Kpi) -> Iterator[Kpi]:
    """Yield every rule of the KPI and of those that it rests on."""
    for name in reached([kpi.name], lambda name: referred(project.kpis[name])):
        yield from project.kpis[name].rules


def sliceable(kpi: Kpi) -> tuple[str, ...]:
    """Return the dimensions that may be asked for: never one that tells a person."""
    return tuple(dimension.name for dimension in kpi.dimensions if not dimension.person)


def _shifted(calendar: Calendar, period: Period, by: Duration) -> Period | None:
    try:
        return calendar.shift(period, by)
    except ValueError:  # before the year 1
        return None


def coarser_readings(project: Project) -> tuple[tuple[str, Grain], ...]:
    """Return the KPIs that a scorecard reads at a coarser grain than their own, with that grain."""
    found = {
        (name, scorecard.grain): None
        for scorecard in project.scorecards.values()
        for name in scorecard.kpis
        if is_finer(project.kpis[name].grain, scorecard.grain)
    }
    return tuple(sorted(found, key=lambda one: (one[0], one[1].value)))
