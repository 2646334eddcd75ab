"""What a goal has come to, graded from 0.0 to 1.0 as in "Measure What Matters" (John Doerr, 2018).

A result counts by its progress, held between 0 and 1; one without progress (a band, a level to hold) by
whether it is met, and a milestone by whether it was done before the goal ended. A goal without any of its own
is graded by those beneath it. A grade is rounded down, so that it never flatters.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Final

from kpiascode.model.assessment import (
    Account,
    Attainment,
    Grading,
    MilestoneAssessment,
    ResultAssessment,
    Status,
)
from kpiascode.model.performance import CheckIn
from kpiascode.model.project import Commitment, Goal

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)
TENTH: Final = Decimal("0.1")
ON_COURSE: Final = Decimal("0.7")
PROGRESS: Final = Decimal("0.4")
NOISE: Final = Decimal("1e-25")
"""A division that does not end is cut somewhere: what is six tenths, but for that, is no five."""
OPEN: Final = (Status.NO_DATA, Status.NOT_DUE, Status.NO_TARGET)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What a grade is made of.

    Args:
        value: 0 to 1; None when unknown.
        kept: Whether it is all that was wanted; None when unknown.
        name: Of the KPI or of the goal; None of a milestone, of which all is known.
    """

    weight: Decimal
    value: Decimal | None
    kept: bool | None
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Whole:
    """What a goal's parts come to together."""

    exact: Decimal | None
    kept: bool | None
    unknown: tuple[str, ...]


def grades(
    goals: Mapping[str, Goal],
    results: Mapping[str, tuple[ResultAssessment, ...]],
    milestones: Mapping[str, tuple[MilestoneAssessment, ...]],
    beneath: Mapping[str, tuple[tuple[str, Decimal], ...]],
    order: Sequence[str],
    check_ins: Iterable[CheckIn],
    day: date,
) -> dict[str, Grading]:
    """Return by name the grading of every goal that is no person's.

    Args:
        beneath: By goal those that count in it, with their weights.
        order: Each goal after those beneath it.
    """
    accounts = _accounts(goals, check_ins, day)
    wholes: dict[str, _Whole] = {}
    for name in order:
        own = [*map(_of_result, results[name]), *(_of_milestone(m, goals[name]) for m in milestones[name])]
        # What is there to learn from has no grade that others could be graded by.
        wholes[name] = _whole(
            own
            or [
                _Part(weight=weight, value=wholes[child].exact, kept=wholes[child].kept, name=child)
                for child, weight in beneath[name]
                if goals[child].commitment is not Commitment.LEARNING
            ]
        )
    return {
        name: _grading(goal, wholes.get(name, NOTHING), accounts.get(name), day)
        for name, goal in goals.items()
        if goal.person is None
    }


NOTHING: Final = _Whole(exact=None, kept=None, unknown=())


def _of_result(judged: ResultAssessment) -> _Part:
    if judged.progress is not None:
        value: Decimal | None = min(max(judged.progress, ZERO), ONE)
    elif judged.status in OPEN:
        value = None
    else:
        value = ONE if judged.status is Status.MET else ZERO
    # On a straight way a result is met from the first day on, and far from where it is to be.
    kept = None if judged.status in OPEN else judged.status is Status.MET
    return _Part(
        weight=judged.result.weight,
        value=value,
        kept=False if value is not None and value < 1 else kept,
        name=judged.result.kpi,
    )


def _of_milestone(judged: MilestoneAssessment, goal: Goal) -> _Part:
    done_on = judged.milestone.done_on
    done = judged.progress == ONE and done_on is not None and done_on < goal.end
    return _Part(weight=judged.milestone.weight, value=ONE if done else ZERO, kept=done, name=None)


def _whole(parts: Sequence[_Part]) -> _Whole:
    total = sum((part.weight for part in parts), ZERO)
    unknown = tuple(dict.fromkeys(part.name for part in parts if part.value is None and part.name))
    exact = None
    if total and not unknown:
        exact = sum((part.weight * (part.value or ZERO) for part in parts), ZERO) / total
        exact = exact.quantize(NOISE).normalize()
    kept = [part.kept for part in parts]
    return _Whole(
        exact=exact,
        kept=False if False in kept else None if None in kept or not parts else True,
        unknown=unknown,
    )


def _grading(goal: Goal, whole: _Whole, given: str | None, day: date) -> Grading:
    final = day >= goal.end
    exact = None if goal.commitment is Commitment.LEARNING else whole.exact
    attainment = _attainment(goal.commitment, whole)
    asked = {Attainment.NOT_DELIVERED: Account.POST_MORTEM, Attainment.NOT_GRADED: Account.LEARNING}
    return Grading(
        grade=None if exact is None else exact.quantize(TENTH, rounding=ROUND_DOWN),
        exact=exact,
        attainment=attainment,
        unknown=() if goal.commitment is Commitment.LEARNING else whole.unknown,
        final=final,
        asked=asked.get(attainment) if final else None,
        given=given if final and attainment in asked else None,
    )


def _attainment(commitment: Commitment, whole: _Whole) -> Attainment:
    """Return what it has come to; that a promise is not kept is known as soon as one part of it is not."""
    match commitment:
        case Commitment.LEARNING:
            return Attainment.NOT_GRADED
        case Commitment.COMMITTED:
            if whole.kept is False:
                return Attainment.NOT_DELIVERED
            return Attainment.DELIVERED if whole.kept and whole.exact == 1 else Attainment.UNKNOWN
        case Commitment.ASPIRATIONAL:
            if whole.exact is None:
                return Attainment.UNKNOWN
            if whole.exact >= ON_COURSE:
                return Attainment.ON_COURSE
            return Attainment.PROGRESS if whole.exact >= PROGRESS else Attainment.LITTLE


def _accounts(goals: Mapping[str, Goal], check_ins: Iterable[CheckIn], day: date) -> dict[str, str]:
    """Return by goal the first check-in of its end or after it that says something, as far as it is seen."""
    closing = sorted(
        (one.as_of, one.name, one.goal)
        for one in check_ins
        if one.goal is not None
        and one.goal in goals
        and one.note.strip()
        and goals[one.goal].end <= one.as_of <= day
    )
    found: dict[str, str] = {}
    for _, name, goal in closing:
        found.setdefault(goal, name)
    return found
