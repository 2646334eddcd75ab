"""A bar from zero for one row of a table; the rows share their scale."""

from collections.abc import Iterable
from decimal import Decimal

from markupsafe import Markup

from kpiascode.render.charts.scale import Scale, extent
from kpiascode.render.charts.svg import Ink, line, picture, rectangle


def shared(values: Iterable[Decimal | None]) -> tuple[Decimal, Decimal]:
    """Return a range that holds all values and zero."""
    return extent([Decimal(0), *(value for value in values if value is not None)])


def bar(
    value: Decimal | None, reach: tuple[Decimal, Decimal], *, label: str, width: int = 260, height: int = 18
) -> Markup:
    """Draw a value on the shared range; None draws the zero line alone."""
    x = Scale(*reach, 1, width - 1)
    zero = x(Decimal(0))
    axis = line(zero, 0, zero, height, stroke=Ink.SOFT)
    if value is None:
        return picture(width, height, axis, label=label, kind="bar", stretched=True)
    at = x.clipped(value)
    body = rectangle(min(zero, at), 4, abs(at - zero), height - 8, fill=Ink.TRACE)
    return picture(width, height, body, axis, label=label, kind="bar", stretched=True)
