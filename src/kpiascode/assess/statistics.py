"""Statistics in exact decimals."""

from collections.abc import Sequence
from decimal import Decimal


def rank_correlation(pairs: Sequence[tuple[Decimal, Decimal]]) -> Decimal | None:
    """Return Spearman's rho, -1 to 1; equal values share their mean rank. None when one side never moves.

    >>> rank_correlation([(Decimal(1), Decimal(10)), (Decimal(2), Decimal(40)), (Decimal(3), Decimal(90))])
    Decimal('1')
    """
    ones, others = _ranks([one for one, _ in pairs]), _ranks([other for _, other in pairs])
    product = sum(one * other for one, other in zip(ones, others, strict=True))
    spread = sum(one * one for one in ones) * sum(other * other for other in others)
    return Decimal(product) / Decimal(spread).sqrt() if spread else None


def _ranks(values: Sequence[Decimal]) -> list[int]:
    """Return how far above the middle each value ranks, in half ranks: whole numbers that add up to zero."""
    ordered = sorted(values)
    first = {value: position for position, value in reversed(list(enumerate(ordered)))}
    last = {value: position for position, value in enumerate(ordered)}
    return [first[value] + last[value] - (len(values) - 1) for value in values]
