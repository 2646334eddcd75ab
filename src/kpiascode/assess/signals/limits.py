"""The natural limits of a process, from its own moving ranges.

The chart is the XmR chart (individuals and moving ranges); constants and names are those of D. J. Wheeler,
*Understanding Variation* (SPC Press, 1993): 2.66 is 3 / d2 and 3.268 is D4, both for ranges of two points.
"""

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate, pairwise
from typing import Final

from kpiascode.model.project import SignalRules
from kpiascode.model.signals import Hold, Limits, Point

TO_LIMIT: Final = Decimal("2.66")  # mean moving ranges from the mean to a limit
TO_RANGE_LIMIT: Final = Decimal("3.268")
SCREENED: Final = Decimal("3.267")  # ranges beyond are outliers to the NHS preset
D2: Final = Decimal("1.128")  # a mean moving range is so many standard deviations

TRIAL: Final = 6
MOVING: Final = 12
LOCKED: Final = 24


def limits(points: Sequence[Point], rules: SignalRules) -> Limits | None:
    """Return the limits of one segment; None with fewer than six values or fewer than five ranges.

    From 24 values on the first 24 are the baseline, so that later points cannot move what they are judged by.
    """
    baseline = _baseline(points)
    values = [point.value for point in baseline if point.value is not None]
    ranges = [point.range for point in baseline if point.range is not None]
    if len(values) < TRIAL or len(ranges) < TRIAL - 1:
        return None
    mean = sum(values, Decimal(0)) / len(values)
    range_mean = _range_mean(ranges, rules)
    return Limits(
        mean=mean,
        lower=mean - TO_LIMIT * range_mean,
        upper=mean + TO_LIMIT * range_mean,
        range_mean=range_mean,
        range_upper=TO_RANGE_LIMIT * range_mean,
        points=len(values),
        hold=Hold.LOCKED if len(values) == LOCKED else Hold.MOVING if len(values) >= MOVING else Hold.TRIAL,
    )


def with_ranges(values: Sequence[Point]) -> tuple[Point, ...]:
    """Return the points of one segment with their moving ranges: none across a gap, none of the first."""
    before = (None, *(point.value for point in values))
    return tuple(
        Point(
            period=point.period,
            value=point.value,
            range=None if point.value is None or previous is None else abs(point.value - previous),
        )
        for previous, point in zip(before, values, strict=False)
    )


def correlation(points: Sequence[Point]) -> Decimal | None:
    """Return how far each baseline value goes with the next, -1 to 1; None under 12 values or without spread.

    Values on both sides of a gap are not neighbours. Above 0.3 the limits may be too tight: neighbours are
    alike for another reason than the process.
    """
    baseline = _baseline(points)
    values = [point.value for point in baseline if point.value is not None]
    if len(values) < MOVING:
        return None
    mean = sum(values, Decimal(0)) / len(values)
    distances = [None if point.value is None else point.value - mean for point in baseline]
    spread = sum((one**2 for one in distances if one is not None), Decimal(0))
    neighbours = ((one, other) for one, other in pairwise(distances) if one is not None and other is not None)
    together = sum((one * other for one, other in neighbours), Decimal(0))
    return together / spread if spread else None


def _baseline(points: Sequence[Point]) -> tuple[Point, ...]:
    """Return the points up to the 24th value, with the gaps among them."""
    counts = accumulate(point.value is not None for point in points)
    return tuple(point for point, count in zip(points, counts, strict=True) if count <= LOCKED)


def _range_mean(ranges: Sequence[Decimal], rules: SignalRules) -> Decimal:
    mean = sum(ranges, Decimal(0)) / len(ranges)
    if rules is not SignalRules.NHS:
        return mean
    kept = [one for one in ranges if one <= SCREENED * mean]
    return sum(kept, Decimal(0)) / len(kept)
