"""The four criteria at a glance: two letters each, over a bar as long as the grade is good."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from markupsafe import Markup

from kpiascode.render.charts.svg import Ink, line, picture, rectangle, words

TILE: Final = 27
GAP: Final = 4
HEIGHT: Final = 27


class Level(Enum):
    """How full the bar is; `FAILED` fills the whole tile, `UNKNOWN` has a dashed line."""

    FULL = 3
    MOST = 2
    LITTLE = 1
    FAILED = 0
    UNKNOWN = -1


TONES: Final = {Level.FULL: Ink.GOOD, Level.MOST: Ink.GOOD, Level.LITTLE: Ink.WATCH, Level.UNKNOWN: Ink.SOFT}


@dataclass(frozen=True, slots=True)
class Mark:
    letters: str
    level: Level


def grades(marks: Sequence[Mark], *, label: str) -> Markup:
    """Draw the marks side by side."""
    width = len(marks) * (TILE + GAP) - GAP
    tiles = (shape for at, mark in enumerate(marks) for shape in _tile(mark, at * (TILE + GAP)))
    return picture(width, HEIGHT, *tiles, label=label, kind="grades")


def _tile(mark: Mark, left: int) -> tuple[Markup, ...]:
    middle = left + TILE / 2
    if mark.level is Level.FAILED:
        return (
            rectangle(left, 0, TILE, HEIGHT, fill=Ink.ACT),
            words(middle, 16, mark.letters, size=13, fill=Ink.PAPER, anchor="middle", weight=700),
        )
    tone = TONES[mark.level]
    letters = words(middle, 16, mark.letters, size=13, fill=tone, anchor="middle", weight=600)
    if mark.level is Level.UNKNOWN:
        return letters, line(left, 24, left + TILE, 24, stroke=Ink.SOFT, width=1.5, dash="2 3")
    return (
        letters,
        rectangle(left, 22, TILE, 4, fill=Ink.MIDDLE),
        rectangle(left, 22, TILE * mark.level.value / 3, 4, fill=tone),
    )
