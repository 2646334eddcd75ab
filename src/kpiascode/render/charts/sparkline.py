"""A line the size of a word: gaps broken, the part period hollow, the last whole one marked."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from markupsafe import Markup

from kpiascode.render.charts.lines import Sign, sign_mark
from kpiascode.render.charts.scale import Scale, extent
from kpiascode.render.charts.series import Point, complete_only, runs, steps
from kpiascode.render.charts.svg import Ink, circle, line, path, picture, polyline, rectangle, shape


@dataclass(frozen=True, slots=True)
class Usual:
    """The range that is usual from one place on."""

    start: int
    lower: Decimal
    upper: Decimal


MARGIN: Final = 5
FURTHEST: Final = 2  # by how much of the values' range a target may stretch the scale, on either side
NEAREST: Final = Decimal("0.3")  # and the running period, which is low for no other reason than being short


def sparkline(
    points: Sequence[Point],
    *,
    label: str,
    levels: Sequence[Sequence[Decimal | None]] = (),
    usual: Usual | None = None,
    sign: Sign | None = None,
    width: int = 140,
    height: int = 36,
) -> Markup:
    """Draw the points, what is usual behind them, and thinly what was aimed at in each of their periods.

    A level, or a running period, so far off that it would flatten the line is an arrowhead on its side.
    """
    complete = complete_only(points)
    running = [(at, p.value) for at, p in enumerate(points) if not p.complete and p.value is not None]
    begun = [value for _, value in running]
    known = [value for value in complete if value is not None] or begun
    if not known:
        nothing = line(MARGIN, height / 2, width - MARGIN, height / 2, stroke=Ink.SOFT, dash="2 4")
        return picture(width, height, nothing, label=label, kind="spark")
    aims = [aim for level in levels for aim in level if aim is not None]
    edges = [] if usual is None else [usual.lower, usual.upper]
    y = Scale(*_reach([*known, *edges], aims, begun), height - MARGIN, MARGIN)
    step = (width - 2 * MARGIN) / max(1, len(points) - 1)

    def x(at: float) -> float:
        return min(max(MARGIN + at * step, 1.0), width - 1.0)

    shapes = (
        *_usual(usual, x, y, width),
        *_levels(levels, x, y, width, height),
        *_trace(complete, x, y, sign),
        *_running(running, x, y, height),
    )
    return picture(width, height, *shapes, label=label, kind="spark")


def _reach(
    known: Sequence[Decimal], aims: Sequence[Decimal], begun: Sequence[Decimal]
) -> tuple[Decimal, Decimal]:
    """Return the range of the values, with what else is near enough to be drawn beside them."""
    low, high = extent(known)

    def near(value: Decimal, by: Decimal | int) -> bool:
        return low - (high - low) * by <= value <= high + (high - low) * by

    aimed = (aim for aim in aims if near(aim, FURTHEST))
    return extent([low, high, *aimed, *(value for value in begun if near(value, NEAREST))])


def _levels(
    levels: Sequence[Sequence[Decimal | None]],
    x: Callable[[float], float],
    y: Scale,
    width: int,
    height: int,
) -> Iterator[Markup]:
    for level in levels:
        for stretch in steps([None if aim is None or not y.holds(aim) else aim for aim in level]):
            corners = tuple((x(at), y(aim)) for at, aim in stretch)
            yield polyline(corners, stroke=Ink.SOFT, width=1, dash="3 2")
        for aim in level[-1:]:
            if aim is not None and not y.holds(aim):
                yield _arrow(width - 5.0, height, above=aim > y.high, fill=Ink.SOFT, stroke=Ink.NONE)


def _usual(usual: Usual | None, x: Callable[[float], float], y: Scale, width: int) -> Iterator[Markup]:
    if usual is not None:
        left, top = x(usual.start - 0.5), y(usual.upper)
        yield rectangle(left, top, width - 1.0 - left, y(usual.lower) - top, fill=Ink.MIDDLE)


def _trace(
    values: Sequence[Decimal | None], x: Callable[[float], float], y: Scale, sign: Sign | None
) -> Iterator[Markup]:
    stretches = runs(values)
    for run in stretches:
        places = tuple((x(at), y(value)) for at, value in run)
        if len(run) > 1:
            yield polyline(places, stroke=Ink.TRACE)
        else:
            yield circle(*places[0], 1.3, fill=Ink.TRACE)
    for run in stretches[-1:]:
        at, value = run[-1]
        yield (
            circle(x(at), y(value), 2.8, fill=Ink.INK)
            if sign is None
            else sign_mark(x(at), y(value), sign, 3.4)
        )


def _running(
    running: Sequence[tuple[int, Decimal]], x: Callable[[float], float], y: Scale, height: int
) -> Iterator[Markup]:
    for at, value in running:
        if y.holds(value):
            yield circle(x(at), y(value), 2.3, fill=Ink.PAPER, stroke=Ink.TRACE)
        else:
            yield _arrow(x(at), height, above=value > y.high, fill=Ink.PAPER, stroke=Ink.TRACE)


def _arrow(x: float, height: int, *, above: bool, fill: Ink, stroke: Ink) -> Markup:
    """Return an arrowhead to what lies off the scale."""
    foot, tip = (5.5, 1.0) if above else (height - 5.5, height - 1.0)
    corners = path(((x - 3.5, foot), (x + 3.5, foot), (x, tip)))
    return shape("path", d=f"{corners}Z", fill=fill, stroke=stroke)
