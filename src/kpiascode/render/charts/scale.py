"""Where a value lies on a picture, and which round values to write beside it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

STEPS: Final = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear scale from values to pixels; `low` lies at `start`, `high` at `end`."""

    low: Decimal
    high: Decimal
    start: float
    end: float

    def __call__(self, value: Decimal) -> float:
        return self.start + (self.end - self.start) * float((value - self.low) / (self.high - self.low))

    def clipped(self, value: Decimal) -> float:
        """Return the nearest place on the scale."""
        return self(min(max(value, self.low), self.high))

    def holds(self, value: Decimal) -> bool:
        return self.low <= value <= self.high


def extent(values: Iterable[Decimal]) -> tuple[Decimal, Decimal]:
    """Return the smallest and largest value, never equal: a single value gets room on both sides.

    >>> extent([Decimal(5), Decimal(5)])
    (Decimal('4.5'), Decimal('5.5'))
    >>> extent([])
    (Decimal('0'), Decimal('1'))
    """
    known = sorted(values)
    if not known or known[0] == known[-1] == 0:
        return Decimal(0), Decimal(1)
    low, high = known[0], known[-1]
    room = abs(low) / 10
    return (low, high) if low != high else (low - room, high + room)


def with_zero(low: Decimal, high: Decimal) -> tuple[Decimal, Decimal]:
    """Return the range, down (or up) to zero where zero is not much further than the range is long."""
    if 0 < low <= high - low:
        return Decimal(0), high
    if low - high <= high < 0:
        return low, Decimal(0)
    return low, high


def ticks(low: Decimal, high: Decimal, most: int, *, whole: bool = False) -> tuple[Decimal, ...]:
    """Return at most `most` round values, evenly spaced, that reach from `low` or below to `high` or above.

    Args:
        most: At least 3.
        whole: Only whole numbers, as of things that are counted.

    >>> ticks(Decimal("0.399"), Decimal("0.472"), 6)
    (Decimal('0.38'), Decimal('0.40'), Decimal('0.42'), Decimal('0.44'), Decimal('0.46'), Decimal('0.48'))
    """
    power = Decimal(1).scaleb(((high - low) / (most - 1)).adjusted())
    steps = (step * power * ten for ten in (1, 10) for step in STEPS)
    for step in (max(step, Decimal(1)) if whole else step for step in steps):
        if whole and step != step.to_integral_value():
            continue
        first, last = (low / step).__floor__(), -((-high / step).__floor__())
        if last - first < most:
            return tuple(step * at for at in range(first, last + 1))
    raise AssertionError("a step of a hundred times the spacing always fits")


def kept_apart(wanted: Sequence[float], gap: float, top: float, bottom: float) -> tuple[float, ...]:
    """Return places as near to the wanted ones as they can be with `gap` between, in the same order.

    Where all of them need more room than there is, they are spread evenly from `top` on.

    >>> kept_apart([50, 52, 90], 16, 0, 100)
    (43.0, 59.0, 90.0)
    """
    order = sorted(range(len(wanted)), key=lambda at: wanted[at])
    groups: list[tuple[list[int], float]] = []
    for at in order:
        members, start = [at], _within(wanted[at], wanted[at], top, bottom)
        while groups and groups[-1][1] + len(groups[-1][0]) * gap > start:
            members = groups.pop()[0] + members
            length = (len(members) - 1) * gap
            middle = sum(wanted[m] for m in members) / len(members)
            start = _within(middle - length / 2, middle + length / 2, top, bottom)
        groups.append((members, start))
    places = {m: start + n * gap for members, start in groups for n, m in enumerate(members)}
    return tuple(places[at] for at in range(len(wanted)))


def _within(first: float, last: float, top: float, bottom: float) -> float:
    """Return `first`, moved so that both ends lie inside."""
    return max(top, first - max(0.0, last - bottom))
