"""The rules that find signals in one segment, and the presets that combine them.

A rule says of each window of points in a row whether it is a signal; windows that share points are one.
A gap ends a row, and so does a point exactly on the line that it is held against.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Final, TypeAlias

from kpiascode.assess.signals.limits import D2
from kpiascode.model.calendar import Period
from kpiascode.model.project import SignalRules
from kpiascode.model.signals import Limits, Point, Rule, Signal

Line: TypeAlias = Callable[[Limits], Decimal]
"""How far from the mean something lies."""


@dataclass(frozen=True, slots=True)
class Beyond:
    """`least` of `window` points in a row lie beyond a line, on the same side of the mean.

    Args:
        together: Whether all points of the window must lie on that side.
    """

    rule: Rule
    window: int
    least: int
    line: Line
    together: bool = False


@dataclass(frozen=True, slots=True)
class Trend:
    """`window` points in a row, each higher than the one before, or each lower."""

    rule: Rule
    window: int


def _to_limit(limits: Limits) -> Decimal:
    return limits.upper - limits.mean


def _halfway(limits: Limits) -> Decimal:
    """Nearer to the limit than to the mean: 1.33 mean ranges, or 1.5 sigma."""
    return _to_limit(limits) / 2


def _two_thirds(limits: Limits) -> Decimal:
    return _to_limit(limits) * 2 / 3


def _one_sigma(limits: Limits) -> Decimal:
    return limits.range_mean / D2


def _two_sigma(limits: Limits) -> Decimal:
    return 2 * limits.range_mean / D2


def _mean(limits: Limits) -> Decimal:
    return Decimal(0)


OUTSIDE: Final = Beyond(Rule.OUTSIDE, 1, 1, _to_limit)

PRESETS: Final[Mapping[SignalRules, tuple[Beyond | Trend, ...]]] = {
    SignalRules.DEFAULT: (
        OUTSIDE,
        Beyond(Rule.RUN, 8, 8, _mean),
        Beyond(Rule.NEAR_LIMIT, 4, 3, _halfway),
    ),
    SignalRules.NHS: (
        OUTSIDE,
        Beyond(Rule.RUN, 7, 7, _mean),
        Trend(Rule.TREND, 7),
        Beyond(Rule.TWO_OF_THREE, 3, 2, _two_thirds, together=True),
    ),
    SignalRules.WESTERN_ELECTRIC: (
        OUTSIDE,
        Beyond(Rule.TWO_OF_THREE, 3, 2, _two_sigma),
        Beyond(Rule.FOUR_OF_FIVE, 5, 4, _one_sigma),
        Beyond(Rule.RUN, 8, 8, _mean),
    ),
}


def signals(
    points: Sequence[Point], limits: Limits, rules: SignalRules, fresh: frozenset[Period]
) -> tuple[Signal, ...]:
    """Return the signals of a segment, in the order of their last points.

    Args:
        fresh: The periods that make a signal new.
    """
    values = [None if point.value is None else point.value - limits.mean for point in points]
    sides = {True: values, False: [None if value is None else -value for value in values]}
    found = (
        Signal(
            rule=rule.rule,
            first=points[first].period,
            last=points[last].period,
            high=high,
            new=any(points[at].period in fresh for at in range(first, last + 1)),
        )
        for rule in PRESETS[rules]
        for high, distances in sides.items()
        for first, last in _merged(rule, _windows(rule, distances, limits))
    )
    return tuple(sorted(found, key=lambda signal: (signal.last.end, signal.first.end)))


def _windows(
    rule: Beyond | Trend, distances: Sequence[Decimal | None], limits: Limits
) -> Iterator[tuple[int, int]]:
    """Yield the first and the last telling point of each window that is a signal.

    Args:
        distances: How far each point is from the mean, on the side that is looked at; None is a gap.
    """
    starts = range(len(distances) - rule.window + 1)
    match rule:
        case Beyond():
            line = rule.line(limits)
            held = [one is not None and (one > 0 or not rule.together) for one in distances]
            beyond = [one is not None and one > line for one in distances]
            for start in starts:
                end = start + rule.window
                told = [at for at in range(start, end) if beyond[at]]
                if len(told) >= rule.least and all(held[start:end]):
                    yield told[0], told[-1]
        case Trend():
            neighbours = pairwise(distances)
            rises = [one is not None and other is not None and one < other for one, other in neighbours]
            for start in starts:
                end = start + rule.window - 1
                if all(rises[start:end]):
                    yield start, end


def _merged(rule: Beyond | Trend, windows: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield windows that share a point as one; also points outside that follow each other."""
    apart = 1 if rule.window > 1 else 2
    current: tuple[int, int] | None = None
    for first, last in windows:
        if current is not None and first < current[1] + apart:
            current = (current[0], max(current[1], last))
            continue
        if current is not None:
            yield current
        current = (first, last)
    if current is not None:
        yield current
