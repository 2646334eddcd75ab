"""What is wanted of a single period: the newest target that the limits can be held against."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kpiascode.assess.goals import WORST_FIRST
from kpiascode.model.assessment import ResultAssessment
from kpiascode.model.observation import Observation
from kpiascode.model.project import Band, Direction, Goal, Measured


@dataclass(frozen=True, slots=True)
class Wanted:
    """The values that are wanted of a single period: at least `low`, at most `high`; None: no such end."""

    low: Decimal | None
    high: Decimal | None


def wanted(
    results: Iterable[ResultAssessment],
    goals: Mapping[str, Goal],
    newest: Sequence[Observation],
    direction: Direction,
) -> Wanted | None:
    """Return what goals want of the total in the newest closed period, the result in the worst state first.

    A target for a whole span (`to_date`) says nothing of a single period. None where nothing is wanted.

    Args:
        newest: One observation, or none.
    """
    asked = [
        result
        for result in results
        for current in newest
        if not result.result.slice
        and result.result.measured is Measured.LATEST
        and goals[result.goal].runs_on(current.period.start)
    ]
    worst_first = sorted(asked, key=lambda r: (WORST_FIRST.index(r.status), -(r.short_by or 0), r.goal))
    found = (_of(result, direction) for result in worst_first)
    return next((one for one in found if one is not None), None)


def _of(result: ResultAssessment, direction: Direction) -> Wanted | None:
    if result.target is not None and isinstance(result.target.value, Band):
        return Wanted(result.target.value.min, result.target.value.max)
    number = result.expected if result.expected is not None else result.target_value
    if number is None:
        return None
    match direction:
        case Direction.HIGHER:
            return Wanted(number, None)
        case Direction.LOWER:
            return Wanted(None, number)
        case Direction.BAND:
            return Wanted(number, number)
