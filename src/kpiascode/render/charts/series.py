"""A row of values over periods, with its gaps."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Point:
    """The value of a period; None is a gap. One that is not `complete` is drawn hollow and unconnected."""

    value: Decimal | None
    complete: bool = True


def runs(values: Sequence[Decimal | None]) -> tuple[tuple[tuple[int, Decimal], ...], ...]:
    """Return the stretches without a gap, each as positions and values.

    >>> runs([Decimal(1), None, Decimal(2), Decimal(3)])
    (((0, Decimal('1')),), ((2, Decimal('2')), (3, Decimal('3'))))
    """
    known = [(at, value) for at, value in enumerate(values) if value is not None]
    stretches = groupby(enumerate(known), key=lambda pair: pair[1][0] - pair[0])
    return tuple(tuple(point for _, point in stretch) for _, stretch in stretches)


def complete_only(points: Sequence[Point]) -> tuple[Decimal | None, ...]:
    return tuple(point.value if point.complete else None for point in points)


def steps(values: Sequence[Decimal | None]) -> tuple[tuple[tuple[float, Decimal], ...], ...]:
    """Return the stretches as steps: each value holds from half a place before to half a place after.

    >>> steps([Decimal(1), Decimal(2)])
    (((-0.5, Decimal('1')), (0.5, Decimal('1')), (0.5, Decimal('2')), (1.5, Decimal('2'))),)
    """
    return tuple(
        tuple(corner for at, value in run for corner in ((at - 0.5, value), (at + 0.5, value)))
        for run in runs(values)
    )
