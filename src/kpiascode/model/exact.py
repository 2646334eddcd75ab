"""Decimal arithmetic that never rounds unless it is told to, and numbers as they are told."""

from decimal import Context, Decimal
from typing import Final

EXACT: Final = Context(prec=400)
"""More digits than any number of a definition or of an engine has."""


def short(value: Decimal | None) -> str:
    """Return a value with at most twelve digits, as few as say it.

    >>> short(Decimal("0.3333333333333333")), short(Decimal("12.500")), short(None)
    ('0.333333333333', '12.5', 'null')
    """
    if value is None:
        return "null"
    if not value:
        return "0"
    cut = Decimal(f"{value:.12g}").normalize()
    return format(cut, "f") if -12 < cut.adjusted() < 24 else str(cut)
