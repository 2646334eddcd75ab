"""A result of a goal: what was measured, against what is wanted by now."""

from datetime import date, timedelta
from decimal import Decimal

from kpiascode.assess.observed import Observed
from kpiascode.assess.periods import measured_period
from kpiascode.model.assessment import ResultAssessment, Status
from kpiascode.model.calendar import Period
from kpiascode.model.project import (
    Band,
    Direction,
    Goal,
    Measured,
    Path,
    Project,
    Result,
    Target,
    TargetKpi,
    TargetValue,
)

ZERO = Decimal(0)


def assess_results(
    project: Project, observed: Observed, day: date
) -> dict[str, tuple[ResultAssessment, ...]]:
    """Judge by goal its results as seen from the first moment of `day`."""
    return {
        name: tuple(assess_result(project, goal, result, observed, day) for result in goal.results)
        for name, goal in project.goals.items()
    }


def assess_result(
    project: Project, goal: Goal, result: Result, observed: Observed, day: date
) -> ResultAssessment:
    """Judge one result as seen from the first moment of `day`."""
    direction = project.kpis[result.kpi].direction
    period = measured_period(project, goal, result, day)
    declared = None if period is None else target_in_force(result, period)
    value = observed.value(result.kpi, period, result.slice)
    wanted = _number(declared, period, result, observed)
    due = _due(goal, result, declared, wanted, period, day)
    target_value = wanted if isinstance(wanted, Decimal) else None
    expected = due if isinstance(due, Decimal) else None
    start = _start(result, direction, target_value)
    missing = None if value is None or due is None else missing_by(value, due, direction)

    if period is None:
        status = Status.NOT_DUE if day < goal.end else Status.NO_DATA
    elif declared is None:
        status = Status.NOT_DUE
    elif value is None or wanted is None:
        status = Status.NO_DATA
    elif missing is None:
        reached = missing_by(value, wanted, direction) <= 0
        status = Status.MET if reached else Status.NOT_DUE
    else:
        status = judge(missing, result.tolerance)

    return ResultAssessment(
        goal=goal.name,
        result=result,
        period=period,
        value=value,
        target=None if wanted is None else declared,
        target_value=target_value,
        expected=expected,
        progress=progress(value, baseline=start, target=target_value),
        expected_progress=progress(expected, baseline=start, target=target_value),
        short_by=missing if missing is not None and missing > 0 else None,
        status=status,
    )


def target_in_force(result: Result, period: Period) -> Target | None:
    """Return the target that holds where `period` starts; of the goal's period so far, on its last day."""
    day = period.start if result.measured is Measured.LATEST else period.end - timedelta(days=1)
    holding = (
        target
        for target in result.targets
        if target.start <= day and (target.end is None or day < target.end)
    )
    return next(holding, None)


def missing_by(value: Decimal, wanted: Decimal | Band, direction: Direction) -> Decimal:
    """Return how far `value` is on the missing side of `wanted`; zero or less means reached."""
    match wanted, direction:
        case Band(min=low, max=high), _:
            return max(low - value, value - high)
        case Decimal(), Direction.HIGHER:
            return wanted - value
        case Decimal(), Direction.LOWER:
            return value - wanted
        case Decimal(), Direction.BAND:
            return abs(value - wanted)


def judge(missing: Decimal, tolerance: Decimal) -> Status:
    """Return the status of a value that misses what is expected by `missing`.

    >>> judge(Decimal("0.01"), Decimal("0.01")).name
    'AT_RISK'
    """
    if missing <= 0:
        return Status.MET
    return Status.AT_RISK if missing <= tolerance else Status.MISSED


def progress(value: Decimal | None, *, baseline: Decimal | None, target: Decimal | None) -> Decimal | None:
    """Return how much of the way from baseline to target lies behind, unclipped: 1.2 is a fifth too far.

    None when one of the three is unknown, and when there is no way to go.
    """
    if value is None or baseline is None or target is None or baseline == target:
        return None
    return (value - baseline) / (target - baseline)


def _start(result: Result, direction: Direction, target: Decimal | None) -> Decimal | None:
    """Return where the way to the target begins; None where there is no way.

    What is to be held has none, wherever it stood, nor has a band. What is better lower does not begin at
    nothing, which would be the best of all. And where a target lies on the worse side of the start, as a loss
    that is not to be exceeded, what goes wrong would count as a way that is done.
    """
    if result.path is Path.MAINTAIN or direction is Direction.BAND:
        return None
    if result.baseline is None and direction is Direction.LOWER:
        return None
    start = _baseline(result)
    if start is None or target is None or missing_by(start, target, direction) <= 0:
        return None
    return start


def _baseline(result: Result) -> Decimal | None:
    if result.baseline is None and result.measured is Measured.TO_DATE:
        return ZERO
    return result.baseline


def _number(
    declared: Target | None, period: Period | None, result: Result, observed: Observed
) -> Decimal | Band | None:
    """Return what the declared target comes to in that period; None where a target KPI has no value."""
    wanted: TargetValue | None = None if declared is None else declared.value
    if isinstance(wanted, TargetKpi):
        return observed.value(wanted.kpi, period, result.slice)
    return wanted


def _due(
    goal: Goal,
    result: Result,
    declared: Target | None,
    wanted: Decimal | Band | None,
    period: Period | None,
    day: date,
) -> Decimal | Band | None:
    """Return what is expected by the end of the measured period; None while nothing is."""
    if declared is None or wanted is None or period is None:
        return None
    if result.path is Path.BY_END:
        return wanted if day >= goal.end else None
    baseline = _baseline(result)
    # Another KPI's value is already what is expected of that period.
    if result.path is not Path.LINEAR or isinstance(declared.value, TargetKpi) or baseline is None:
        return wanted
    if isinstance(wanted, Band):
        return wanted
    elapsed, total = (period.end - goal.start).days, (goal.end - goal.start).days
    return baseline + (wanted - baseline) * elapsed / total
