"""How often each answer of a scale was given, as bars side by side with their numbers."""

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from kpiascode.render.charts.svg import Ink, line, picture, rectangle, words

STEP: Final = 30
BAR: Final = 20
TALL: Final = 34
HEIGHT: Final = 66


def answer_bars(counts: Sequence[int], low: int, *, label: str) -> Markup:
    """Draw the answers of one row; the tallest bar is the most frequent answer of this row alone.

    Args:
        low: The lowest number of the scale.
    """
    most = max(*counts, 1)
    base = HEIGHT - 16
    shapes = [line(0, base, STEP * len(counts), base, stroke=Ink.SOFT)]
    for at, count in enumerate(counts):
        middle = STEP * at + STEP / 2
        tall = TALL * count / most
        if count:
            shapes.append(rectangle(middle - BAR / 2, base - tall, BAR, tall, fill=Ink.TRACE))
        shapes.append(words(middle, base - tall - 4, str(count), size=11, fill=Ink.INK, anchor="middle"))
        shapes.append(words(middle, HEIGHT - 3, str(low + at), size=11, fill=Ink.SOFT, anchor="middle"))
    return picture(STEP * len(counts), HEIGHT, *shapes, label=label, kind="answers")
