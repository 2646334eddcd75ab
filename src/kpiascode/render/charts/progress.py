"""How much of the way is done, with a mark where it should be by now."""

from decimal import Decimal
from typing import Final

from markupsafe import Markup

from kpiascode.render.charts.scale import Scale
from kpiascode.render.charts.svg import Ink, picture, polygon, rectangle

EDGE: Final = 7


def progress_bar(
    done: Decimal | None, expected: Decimal | None, *, label: str, width: int = 320, height: int = 22
) -> Markup:
    """Draw progress on a track from nothing to the whole; what lies outside ends in an arrow.

    Args:
        done: 1 is the whole; None draws the track alone.
        expected: None draws no mark.
    """
    x = Scale(Decimal(0), Decimal(1), EDGE, width - EDGE)
    middle = height / 2
    shapes = [rectangle(x.start, middle - 5, x.end - x.start, 10, fill=Ink.MIDDLE)]
    if done is not None:
        shapes.append(rectangle(x.start, middle - 3, x.clipped(done) - x.start, 6, fill=Ink.TRACE))
        if not x.holds(done):
            at, tip = (x.end, width) if done > 1 else (x.start, 0)
            shapes.append(polygon((at, middle - 6), (tip, middle), (at, middle + 6), fill=Ink.TRACE))
    if expected is not None:
        at = x.clipped(expected)
        shapes.append(rectangle(at - 2.3, middle - 9, 4.6, 18, fill=Ink.PAPER))
        shapes.append(rectangle(at - 1.3, middle - 9, 2.6, 18, fill=Ink.INK))
    return picture(width, height, *shapes, label=label, kind="progress")
