"""What a judged result says about its numbers: what it is held against, how far off it is, what to draw."""

from datetime import timedelta
from decimal import Decimal

from kpiascode.model.assessment import Assessment, KpiAssessment, ResultAssessment, Status
from kpiascode.model.calendar import Period
from kpiascode.model.project import Band, Direction, Kpi, Measured, Path, Target
from kpiascode.render.charts.aim import Aim
from kpiascode.render.numbers import Amount, declared

NOTHING = Decimal(0)


def leading(assessed: KpiAssessment, assessment: Assessment) -> ResultAssessment | None:
    """Return the result of the total that decides the KPI's status; None without one.

    Of several with that status it is one of a goal that holds the current period, then the furthest off.
    """
    goals, current = assessment.project.goals, assessed.current

    def rank(result: ResultAssessment) -> tuple[bool, bool, Decimal]:
        goal = goals.get(result.goal)
        holds = goal is not None and current is not None and goal.runs_on(current.period.start)
        is_over = goal is not None and goal.end <= assessment.as_of.date()
        return holds, not is_over, shortfall(result) or NOTHING

    deciding = (r for r in assessed.results if not r.result.slice and r.status is assessed.status)
    return max(deciding, key=rank, default=None)


def shortfall(judged: ResultAssessment) -> Decimal | None:
    """Return how far the value is on the missing side, of a band outside it; None when it is not missing."""
    if judged.short_by is not None or judged.value is None:
        return judged.short_by
    match judged.target:
        case Target(value=Band(min=least, max=most)) if judged.status in (Status.MISSED, Status.AT_RISK):
            return max(least - judged.value, judged.value - most)
        case _:
            return None


def relative_shortfall(judged: ResultAssessment) -> Decimal:
    """Return the shortfall as a share of what is expected, to order KPIs of different units."""
    missing = shortfall(judged)
    if missing is None:
        return NOTHING
    match judged.target:
        case Target(value=Band(max=most)):
            against: Decimal | None = most
        case _:
            against = judged.expected
    return missing / abs(against) if against else missing


def is_of_current(judged: ResultAssessment, assessed: KpiAssessment) -> bool:
    """Return whether it speaks of the very value that the KPI shows, and not of a span or another grain."""
    return assessed.current is not None and judged.period == assessed.current.period


def is_on_a_way(judged: ResultAssessment) -> bool:
    """Return whether something else than the target itself is expected by now."""
    return judged.expected is not None and judged.expected != judged.target_value


def band(judged: ResultAssessment) -> Band | None:
    return judged.target.value if judged.target and isinstance(judged.target.value, Band) else None


def aim(judged: ResultAssessment, direction: Direction) -> Aim | None:
    """Return what the value is held against now; None when nothing is expected or known."""
    tolerance = judged.result.tolerance
    inside = band(judged)
    if inside is not None:
        return Aim(low=inside.min, high=inside.max, tolerance=tolerance)
    if judged.expected is None:
        return None
    higher = direction is Direction.HIGHER
    return Aim(
        low=judged.expected if higher else None,
        high=None if higher else judged.expected,
        tolerance=tolerance,
    )


def marks(judged: ResultAssessment) -> tuple[Decimal, ...]:
    """Return the target itself, or both ends of a band."""
    inside = band(judged)
    if inside is not None:
        return inside.min, inside.max
    return () if judged.target_value is None else (judged.target_value,)


def target_words(judged: ResultAssessment, kpi: Kpi) -> str | None:
    """Return `44 %` or `0.95 to 1.05`; None when the target has no number."""
    inside = band(judged)
    if inside is not None:
        return band_words(inside, kpi)
    return None if judged.target_value is None else str(target_amount(judged.target_value, kpi))


def band_words(inside: Band, kpi: Kpi) -> str:
    """Return `95 to 105 %`: the unit once."""
    low, high = declared(inside.min, kpi.unit), declared(inside.max, kpi.unit)
    return f"{low.number} to {high}"


def target_amount(value: Decimal, kpi: Kpi) -> Amount:
    return declared(value, kpi.unit)


def at_any_time(judged: ResultAssessment) -> bool:
    """Return whether the target can be drawn beside single periods: `to_date` speaks of their sum."""
    return judged.result.measured is Measured.LATEST


def wanted_in(judged: ResultAssessment, period: Period) -> Target | None:
    """Return the declared target that holds for a period: at its start, or for `to_date` on its last day."""
    day = period.start if at_any_time(judged) else period.end - timedelta(days=1)
    return next(
        (
            target
            for target in judged.result.targets
            if target.start <= day and (target.end is None or day < target.end)
        ),
        None,
    )


def declared_target(judged: ResultAssessment) -> Target | None:
    """Return what was declared for the measured period, whether it has a number there or not."""
    return None if judged.period is None else wanted_in(judged, judged.period)


def has_line(judged: ResultAssessment) -> bool:
    return judged.result.path is Path.LINEAR and at_any_time(judged) and judged.result.baseline is not None
