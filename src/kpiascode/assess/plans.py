"""Improvement plans: whether their success test is passed, and whether the process is another one since.

The test looks at the last so many complete periods of its KPI's grain that lie in the plan: they start on or
after the day on which it began (the day of the change, where one is told), and end by the end of the plan,
the day of its outcome, or the day of `as_of`, whichever is first. It is passed when all of them are there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from itertools import dropwhile
from typing import Final

from kpiascode.assess.observed import Observed
from kpiascode.assess.periods import delays, last_complete, period_before
from kpiascode.assess.signals.limits import LOCKED, limits, with_ranges
from kpiascode.assess.signals.rules import signals
from kpiascode.model.assessment import PlanAssessment, PlanVerdict, Stretch, Tested
from kpiascode.model.calendar import Period
from kpiascode.model.overlap import overlapping
from kpiascode.model.performance import ImprovementPlan, Outcome, PlanResult, SuccessTest
from kpiascode.model.project import Kpi, Project
from kpiascode.model.signals import Point

ZERO: Final = Decimal(0)
NOTHING: Final = Stretch(points=(), mean=None, limits=None)


def assess_plan(
    project: Project, plan: ImprovementPlan, known: Observed, begun: date | None, day: date
) -> PlanAssessment:
    """Judge a plan as seen from the first moment of `day`.

    Args:
        begun: The first day on which all data behind its KPI is there; None where that is not known.
    """
    kpi = project.kpis[plan.success.kpi]
    end = _end(plan, day)
    over = _outcome(plan, day) is not None or plan.ends_on <= day
    verdict, tested = _test(project, kpi, plan, known, end, day, over=over)
    cut, unfit = cut_of(plan), _unfit(project, kpi)
    before = _stretch(project, kpi, plan, known, begun, periods_before(project, plan, day))
    after = _stretch(project, kpi, plan, known, begun, periods_after(project, plan, day))
    return PlanAssessment(
        plan=plan.name,
        verdict=verdict,
        tested=tested,
        over=over,
        cut=cut,
        before=before if unfit is None else replace(before, limits=None),
        after=after if unfit is None else replace(after, limits=None),
        better=_better(plan.success, before, after) if unfit is None else None,
        signal=_signal(project, kpi, plan.success, before, after) if unfit is None else None,
        unfit=unfit,
        agrees=_agrees(verdict, _outcome(plan, day)),
    )


def asked_of(project: Project, plan: ImprovementPlan, day: date) -> tuple[Period, ...]:
    """Return the periods whose values a plan is judged by, the earliest first, one behind the other."""
    wanted = (
        *periods_before(project, plan, day),
        *periods_after(project, plan, day),
        *_complete(project, plan, _end(plan, day)),
    )
    if not wanted:
        return ()
    first, last = min(period.start for period in wanted), max(period.end for period in wanted)
    return project.settings.calendar.periods(wanted[0].grain, first, last)


def cut_of(plan: ImprovementPlan) -> date:
    """Return the day from which on it is after."""
    return plan.changed_on or plan.opened_on


# --- the success test


def _end(plan: ImprovementPlan, day: date) -> date:
    outcome = _outcome(plan, day)
    return min(plan.ends_on, day, day if outcome is None else outcome.day)


def _outcome(plan: ImprovementPlan, day: date) -> Outcome | None:
    """Return what was declared, if that was by `day`."""
    return plan.outcome if plan.outcome is not None and plan.outcome.day <= day else None


def _test(
    project: Project,
    kpi: Kpi,
    plan: ImprovementPlan,
    known: Observed,
    end: date,
    day: date,
    *,
    over: bool,
) -> tuple[PlanVerdict, tuple[Tested, ...]]:
    complete = _complete(project, plan, end)
    ripe = [period for period in complete if _is_ripe(project, kpi, period, day)]
    tested = tuple(_tested(plan.success, known, period) for period in ripe[-plan.success.periods :])
    if len(tested) < plan.success.periods:
        return PlanVerdict.TOO_FEW, tested
    if any(one.value is None for one in tested):
        return PlanVerdict.NO_DATA, tested
    if all(one.reached for one in tested):
        return PlanVerdict.PASSED, tested
    waits = len(ripe) < len(complete)  # a cohort that is not old enough may still pass it
    return PlanVerdict.NOT_PASSED if over and not waits else PlanVerdict.NOT_YET, tested


def _complete(project: Project, plan: ImprovementPlan, end: date) -> tuple[Period, ...]:
    """Return the periods that lie in the plan and end by `end`."""
    return _between(project, project.kpis[plan.success.kpi], cut_of(plan), end)


def _between(project: Project, kpi: Kpi, start: date, end: date) -> tuple[Period, ...]:
    """Return the whole periods of a KPI's grain that start at or after a day and end by another."""
    if end <= start:
        return ()
    covering = project.settings.calendar.periods(kpi.grain, start, end)
    return tuple(period for period in covering if start <= period.start and period.end <= end)


def _is_ripe(project: Project, kpi: Kpi, period: Period, day: date) -> bool:
    """Return whether the cohorts and funnels of a period are over by `day`."""
    calendar, now = project.settings.calendar, datetime.combine(day, time.min)
    closed = datetime.combine(period.end, time.min)
    return all(calendar.add(closed, wait) <= now for wait in delays(project, kpi))


def _tested(test: SuccessTest, known: Observed, period: Period) -> Tested:
    value = known.value(test.kpi, period, test.slice)
    return Tested(period=period, value=value, reached=None if value is None else reaches(test, value))


def reaches(test: SuccessTest, value: Decimal) -> bool:
    """Return whether a value is there; exactly there is there."""
    enough = test.at_least is None or value >= test.at_least
    return enough and (test.at_most is None or value <= test.at_most)


def _agrees(verdict: PlanVerdict, outcome: Outcome | None) -> bool | None:
    if outcome is None or outcome.result is PlanResult.STOPPED:
        return None
    succeeded = outcome.result is PlanResult.SUCCEEDED
    match verdict:
        case PlanVerdict.PASSED:
            return succeeded
        case PlanVerdict.NOT_PASSED:
            return not succeeded
        case PlanVerdict.NOT_YET | PlanVerdict.NO_DATA | PlanVerdict.TOO_FEW:
            return None


# --- before and after


def periods_before(project: Project, plan: ImprovementPlan, day: date) -> tuple[Period, ...]:
    """Return the last 24 complete periods that start before the cut, of the process that ran until then.

    As many as make locked limits. The period in which the cut lies still belongs to the process before.
    """
    kpi, cut = project.kpis[plan.success.kpi], cut_of(plan)
    known = (change.start for change in kpi.process_changes if change.start < min(cut, day))
    since = max(known, default=date.min)
    found: list[Period] = []
    period = last_complete(project.settings.calendar, kpi.grain, day)
    while period is not None and period.start >= cut:
        period = period_before(project.settings.calendar, period)
    while period is not None and period.start >= since and len(found) < LOCKED:
        found.append(period)
        period = period_before(project.settings.calendar, period)
    return tuple(reversed(found))


def periods_after(project: Project, plan: ImprovementPlan, day: date) -> tuple[Period, ...]:
    """Return the complete periods from the cut on, until the next declared change of the process.

    Beyond the end of the plan as far as it takes 24 of them: then their limits are locked.
    """
    kpi, cut = project.kpis[plan.success.kpi], cut_of(plan)
    until = min((change.start for change in kpi.process_changes if change.start > cut), default=date.max)
    every = [period for period in _between(project, kpi, cut, day) if period.start < until]
    within = sum(period.end <= plan.ends_on for period in every)
    return tuple(every[: max(within, LOCKED)])


def _stretch(
    project: Project,
    kpi: Kpi,
    plan: ImprovementPlan,
    known: Observed,
    begun: date | None,
    periods: Sequence[Period],
) -> Stretch:
    every = _points(plan.success, known, begun, periods)
    points = with_ranges(tuple(dropwhile(lambda point: point.value is None, every)))
    values = [point.value for point in points if point.value is not None]
    return Stretch(
        points=points,
        mean=sum(values, ZERO) / len(values) if values else None,
        limits=limits(points, kpi.signals.rules or project.settings.signals),
    )


def _points(
    test: SuccessTest, known: Observed, begun: date | None, periods: Sequence[Period]
) -> Iterator[Point]:
    """Yield what was observed from where the data begins on: a count before the first row is no zero."""
    for period in periods:
        found = known.at(test.kpi, period, test.slice)
        if begun is None or period.start >= begun:
            value = None if found is None or not found.complete else found.value
            yield Point(period=period, value=value, range=None)


def _unfit(project: Project, kpi: Kpi) -> str | None:
    """Return why two stretches of its values cannot be held against each other."""
    found = overlapping(kpi, project.kpis, kpi.grain, project.settings.calendar)
    if found is not None:
        return f"Its {found} share rows with those before, so that no value is a sign of its own."
    if kpi.signals.seasonal:
        return "It moves with the seasons, so that values before and after are not alike anyway."
    return None


def _better(test: SuccessTest, before: Stretch, after: Stretch) -> bool | None:
    if before.mean is None or after.mean is None or before.mean == after.mean:
        return None
    return (after.mean > before.mean) is _upward(test)


def _signal(project: Project, kpi: Kpi, test: SuccessTest, before: Stretch, after: Stretch) -> bool | None:
    if before.limits is None or not before.limits.range_mean or not after.points:
        return None
    rules = kpi.signals.rules or project.settings.signals
    found = signals(after.points, before.limits, rules, frozenset())
    return any(signal.high is _upward(test) for signal in found)


def _upward(test: SuccessTest) -> bool:
    return test.at_least is not None
