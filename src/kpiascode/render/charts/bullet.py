"""A bullet graph after Stephen Few: one measure, what it is held against, and the ranges in one hue.

The bar starts at zero. Where zero lies too far away to see a difference, the scale starts elsewhere and the
measure is a dot, since a bar would lie. The ranges, darkest first: missed, within tolerance, as wanted.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from markupsafe import Markup

from kpiascode.render.charts.aim import Aim
from kpiascode.render.charts.scale import Scale, extent
from kpiascode.render.charts.svg import Ink, circle, line, picture, polygon, rectangle

FAR: Final = Decimal("2.5")  # a value may stretch the scale to so many times what it is held against
CLOSE: Final = Decimal("0.06")  # of the largest: differences below are lost on a scale from zero
MARGIN: Final = 6


def bullet(
    value: Decimal | None,
    *,
    label: str,
    aim: Aim | None,
    target: Sequence[Decimal] = (),
    bounds: tuple[Decimal | None, Decimal | None] = (None, None),
    width: int = 160,
    height: int = 26,
) -> Markup:
    """Draw a value against an aim.

    Args:
        value: None draws the ranges without a measure.
        aim: What is expected now; it makes the ranges.
        target: What is to be reached in the end, as thick marks; a mark equal to the aim is the aim's own.
        bounds: What the value can never pass; the scale does not either.
    """
    held = [*target, *(aim.edges if aim else ())]
    low, high, from_zero = domain(value, held, bounds)
    x = Scale(low, high, MARGIN, width - MARGIN)
    middle = height / 2
    top, deep = 3.0, height - 6.0
    shapes = [*_ranges(aim, x, top, deep)]
    if from_zero:
        shapes.append(line(x(Decimal(0)), top - 2, x(Decimal(0)), top + deep + 2, stroke=Ink.SOFT))
    if value is not None:
        shapes.extend(_measure(value, x, middle, height / 3, from_zero=from_zero))
    expected = [end for end in (aim.ends if aim else ()) if end not in target]
    shapes.extend(_mark(x.clipped(end), middle, deep * 0.75, 1.6) for end in expected)
    shapes.extend(_mark(x.clipped(end), middle, deep, 2.6) for end in target)
    return picture(width, height, *shapes, label=label, kind="bullet")


def domain(
    value: Decimal | None, held: Sequence[Decimal], bounds: tuple[Decimal | None, Decimal | None]
) -> tuple[Decimal, Decimal, bool]:
    """Return where the scale begins and ends, and whether the measure is a bar from zero."""
    known = [*held, *([] if value is None else [value])]
    low, high = extent(known)
    largest = max(abs(low), abs(high))
    if known and low * high > 0 and (max(known) - min(known)) < CLOSE * largest:
        room = (high - low) * Decimal("0.6")
        return *_bounded(low - room, high + room, bounds), False
    low, high = min(low, Decimal(0)), max(high, Decimal(0))
    furthest = max((abs(aim) for aim in held), default=Decimal(0)) * FAR
    if furthest and value is not None and abs(value) > furthest:
        low, high = max(low, -furthest), min(high, furthest)
    room = (high - low) / 12
    beyond = [end for end in (low, high) if end or end in held]
    return *_bounded(low - room * (low in beyond), high + room * (high in beyond), bounds), True


def _bounded(
    low: Decimal, high: Decimal, bounds: tuple[Decimal | None, Decimal | None]
) -> tuple[Decimal, Decimal]:
    least, most = bounds
    bottom = low if least is None else max(low, least)
    top = high if most is None else min(high, most)
    return (bottom, top) if bottom < top else (low, high)


def _ranges(aim: Aim | None, x: Scale, top: float, height: float) -> list[Markup]:
    if aim is None:
        return [rectangle(x.start, top, x.end - x.start, height, fill=Ink.LIGHT)]
    tolerance = aim.tolerance
    low = x.low if aim.low is None else aim.low
    high = x.high if aim.high is None else aim.high
    outer = (
        x.low if aim.low is None else aim.low - tolerance,
        x.high if aim.high is None else aim.high + tolerance,
    )
    spans = ((x.low, x.high, Ink.DARK), (*outer, Ink.MIDDLE), (low, high, Ink.LIGHT))
    return [
        rectangle(x.clipped(start), top, x.clipped(end) - x.clipped(start), height, fill=ink)
        for start, end, ink in spans
        if x.clipped(end) - x.clipped(start) > 0
    ]


def _measure(value: Decimal, x: Scale, middle: float, thick: float, *, from_zero: bool) -> list[Markup]:
    at = x.clipped(value)
    shapes = []
    if from_zero:
        zero = x(Decimal(0))
        shapes.append(rectangle(min(zero, at), middle - thick / 2, abs(at - zero), thick, fill=Ink.TRACE))
    elif x.holds(value):
        shapes.append(circle(at, middle, 4.2, fill=Ink.TRACE, stroke=Ink.PAPER))
    if not x.holds(value):
        tip = at + (MARGIN if value > x.high else -MARGIN)
        shapes.append(polygon((at, middle - 7), (tip, middle), (at, middle + 7), fill=Ink.TRACE))
    return shapes


def _mark(at: float, middle: float, long: float, thick: float) -> Markup:
    """Return an upright mark with a light edge, so that it shows on the bar too."""
    half = thick / 2
    edge = rectangle(at - half - 1, middle - long / 2, thick + 2, long, fill=Ink.PAPER)
    return edge + rectangle(at - half, middle - long / 2, thick, long, fill=Ink.INK)
