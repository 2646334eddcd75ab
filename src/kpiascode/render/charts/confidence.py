"""How sure the owner of a goal was, from one check-in to the next: 0 to 10 over the time of the goal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from markupsafe import Markup

from kpiascode.render.charts.scale import Scale
from kpiascode.render.charts.svg import Ink, circle, line, picture, polyline, width_of, words

SIZE: Final = 12.5
LEFT: Final = 30
RIGHT: Final = 12
TOP: Final = 22
BOTTOM: Final = 26
MARKS: Final = (0, 5, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confidence:
    """What is to be drawn.

    Args:
        points: The days, the earliest first, with what was said on them.
        start, end: The first day and the day after the last.
        first, last: What is written at the two ends.
    """

    points: tuple[tuple[date, int], ...]
    start: date
    end: date
    first: str
    last: str


def confidence_chart(drawing: Confidence, *, label: str, width: int, height: int, kind: str) -> Markup:
    """Draw a line from check-in to check-in, with each number above its point where there is room."""
    right, bottom = width - RIGHT, height - BOTTOM
    x = Scale(Decimal(0), Decimal((drawing.end - drawing.start).days), LEFT + 8, right - 8)
    y = Scale(Decimal(0), Decimal(10), bottom, TOP)
    places = tuple(
        (x.clipped(Decimal((day - drawing.start).days)), y(Decimal(said))) for day, said in drawing.points
    )
    shapes = [
        *(line(LEFT, y(Decimal(mark)), right, y(Decimal(mark)), stroke=Ink.LINE) for mark in MARKS),
        *(
            words(LEFT - 8, y(Decimal(mark)) + 4, str(mark), size=SIZE, fill=Ink.SOFT, anchor="end")
            for mark in MARKS
        ),
        words(LEFT, height - 6, drawing.first, size=SIZE, fill=Ink.SOFT),
        words(right, height - 6, drawing.last, size=SIZE, fill=Ink.SOFT, anchor="end"),
    ]
    if len(places) > 1:
        shapes.append(polyline(places, stroke=Ink.TRACE, width=2))
    shapes += [circle(px, py, 4, fill=Ink.TRACE, stroke=Ink.PAPER) for px, py in places]
    shapes += _numbers(drawing.points, places)
    return picture(width, height, *shapes, label=label, kind=kind)


def _numbers(points: Sequence[tuple[date, int]], places: Sequence[tuple[float, float]]) -> list[Markup]:
    """Return the numbers above their points: the last, and before it those that it leaves room for."""
    shown: list[Markup] = []
    free = float("inf")
    for (_, said), (px, py) in reversed(list(zip(points, places, strict=True))):
        half = width_of(str(said), SIZE) / 2
        if px + half < free:
            shown.append(words(px, py - 9, str(said), size=SIZE, fill=Ink.INK, anchor="middle"))
            free = px - half - 4
    return shown
