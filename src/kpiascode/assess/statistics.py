"""Statistics in exact decimals."""

from collections.abc import Sequence
from decimal import Context, Decimal
from typing import Final

EXACT: Final = Context(prec=50)  # digits, whatever the caller's context: the same answer everywhere
SHUFFLES: Final = 2_000
WORD: Final = 0xFFFFFFFFFFFFFFFF


def rank_correlation(pairs: Sequence[tuple[Decimal, Decimal]]) -> Decimal | None:
    """Return Spearman's rho, -1 to 1; equal values share their mean rank. None when one side never moves.

    >>> rank_correlation([(Decimal(1), Decimal(10)), (Decimal(2), Decimal(40)), (Decimal(3), Decimal(90))])
    Decimal('1')
    """
    ones, others = _ranks([one for one, _ in pairs]), _ranks([other for _, other in pairs])
    product = sum(one * other for one, other in zip(ones, others, strict=True))
    spread = sum(one * one for one in ones) * sum(other * other for other in others)
    return Decimal(product) / Decimal(spread).sqrt() if spread else None


def median(values: Sequence[Decimal]) -> Decimal:
    """Return the middle of the values, of which there is at least one.

    >>> median([Decimal(9), Decimal(1), Decimal(4)]), median([Decimal(1), Decimal(2)])
    (Decimal('4'), Decimal('1.5'))
    """
    ordered = sorted(values)
    return (ordered[len(ordered) // 2] + ordered[(len(ordered) - 1) // 2]) / 2


def linear_correlation(pairs: Sequence[tuple[Decimal, Decimal]]) -> Decimal | None:
    """Return Pearson's r, -1 to 1; None when one side never moves.

    >>> linear_correlation([(Decimal(1), Decimal(9)), (Decimal(2), Decimal(7)), (Decimal(3), Decimal(5))])
    Decimal('-1')
    """
    ones, others = _around_mean([one for one, _ in pairs]), _around_mean([other for _, other in pairs])
    spread = _products(ones, ones) * _products(others, others)
    return _products(ones, others) / spread.sqrt() if spread else None


def share_of_chance(pairs: Sequence[tuple[Decimal, Decimal]], sign: int) -> Decimal:
    """Return how often shuffled pairs move together as much, in the sense of `sign`: a permutation test's p.

    The shuffles are the same each time.
    """
    ones, others = _around_mean([one for one, _ in pairs]), _around_mean([other for _, other in pairs])
    seen = sign * _products(ones, others)
    dice = _Dice(len(pairs))
    as_much = 1  # the pairs as they are
    for _ in range(SHUFFLES - 1):
        for last in range(len(others) - 1, 0, -1):
            other = dice.below(last + 1)
            others[last], others[other] = others[other], others[last]
        as_much += sign * _products(ones, others) >= seen
    return Decimal(as_much) / SHUFFLES


class _Dice:
    """Numbers that look like chance and are the same each time (splitmix64)."""

    def __init__(self, seed: int) -> None:
        self._state = seed

    def below(self, limit: int) -> int:
        self._state = (self._state + 0x9E3779B97F4A7C15) & WORD
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & WORD
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & WORD
        return (mixed ^ (mixed >> 31)) % limit


def _around_mean(values: Sequence[Decimal]) -> list[Decimal]:
    """Return how far each value is from the mean, times their number: without a division, so exactly."""
    total = sum(values, Decimal(0))
    return [value * len(values) - total for value in values]


def _products(ones: Sequence[Decimal], others: Sequence[Decimal]) -> Decimal:
    return sum((one * other for one, other in zip(ones, others, strict=True)), Decimal(0))


def _ranks(values: Sequence[Decimal]) -> list[int]:
    """Return how far above the middle each value ranks, in half ranks: whole numbers that add up to zero."""
    ordered = sorted(values)
    first = {value: position for position, value in reversed(list(enumerate(ordered)))}
    last = {value: position for position, value in enumerate(ordered)}
    return [first[value] + last[value] - (len(values) - 1) for value in values]
