"""A line the size of a word: gaps broken, the part period hollow, the last whole one marked."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from markupsafe import Markup

from kpiascode.render.charts.scale import Scale, extent
from kpiascode.render.charts.series import Point, complete_only, runs, steps
from kpiascode.render.charts.svg import Ink, circle, line, path, picture, polyline, shape

MARGIN: Final = 5
FURTHEST: Final = 2  # by how much of the values' range a target may stretch the scale, on either side
NEAREST: Final = Decimal("0.3")  # and the running period, which is low for no other reason than being short


def sparkline(
    points: Sequence[Point],
    *,
    label: str,
    levels: Sequence[Sequence[Decimal | None]] = (),
    width: int = 140,
    height: int = 36,
) -> Markup:
    """Draw the points, and thinly what was aimed at in each of their periods.

    A level, or a running period, so far off that it would flatten the line is an arrowhead on its side.
    """
    complete = complete_only(points)
    values = [value for value in complete if value is not None]
    running = [(at, p.value) for at, p in enumerate(points) if not p.complete and p.value is not None]
    if not values:
        values = [value for _, value in running]
    low, high = extent(values)
    length = high - low

    def stretches(value: Decimal, by: Decimal | int) -> bool:
        return low - length * by <= value <= high + length * by

    aims = [aim for level in levels for aim in level if aim is not None]
    near = [aim for aim in aims if stretches(aim, FURTHEST)]
    begun = [value for _, value in running if stretches(value, NEAREST)]
    y = Scale(*extent([*([low, high] if values else []), *near, *begun]), height - MARGIN, MARGIN)
    step = (width - 2 * MARGIN) / max(1, len(points) - 1)

    def x(at: float) -> float:
        return min(max(MARGIN + at * step, 1.0), width - 1.0)

    targets = (
        polyline(tuple((x(at), y(aim)) for at, aim in stretch), stroke=Ink.SOFT, width=1, dash="3 2")
        for level in levels
        for stretch in steps([aim if aim in near else None for aim in level])
    )
    trace = (
        polyline(tuple((x(at), y(value)) for at, value in run), stroke=Ink.TRACE)
        if len(run) > 1
        else circle(x(run[0][0]), y(run[0][1]), 1.3, fill=Ink.TRACE)
        for run in runs(complete)
    )
    last = [circle(x(at), y(value), 2.8, fill=Ink.INK) for run in runs(complete) for at, value in run][-1:]
    if not values:
        empty = line(MARGIN, height / 2, width - MARGIN, height / 2, stroke=Ink.SOFT, dash="2 4")
        return picture(width, height, empty, label=label, kind="spark")
    part = (
        circle(x(at), y(value), 2.3, fill=Ink.PAPER, stroke=Ink.TRACE)
        for at, value in running
        if y.holds(value)
    )
    off = [aim for level in levels for aim in level[-1:] if aim is not None and not y.holds(aim)]
    arrows = (_arrow(width - 5.0, aim > y.high, height, solid=True) for aim in off)
    hollow = (
        _arrow(x(at), value > y.high, height, solid=False) for at, value in running if not y.holds(value)
    )
    return picture(width, height, *targets, *trace, *part, *last, *arrows, *hollow, label=label, kind="spark")


def _arrow(x: float, above: bool, height: int, *, solid: bool) -> Markup:
    """Return an arrowhead to what lies off the scale; hollow for the running period."""
    foot, tip = (5.5, 1.0) if above else (height - 5.5, height - 1.0)
    ink, edge = (Ink.SOFT, Ink.NONE) if solid else (Ink.PAPER, Ink.TRACE)
    corners = path(((x - 3.5, foot), (x + 3.5, foot), (x, tip)))
    return shape("path", d=f"{corners}Z", fill=ink, stroke=edge)
