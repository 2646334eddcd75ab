"""Colours as `#rrggbb`, and whether text in one can be read on another (WCAG 2, 1.4.3)."""

from enum import Enum
from typing import Final

READABLE: Final = 4.5
"""The least contrast of text of any size with its ground."""


class Ground(Enum):
    """What text stands on: by the names of the style sheet, the paler first."""

    LIGHT = ("#ffffff", "#f6f8fa")
    DARK = ("#121417", "#1a1e24")


def contrast(one: str, other: str) -> float:
    """Return how far two colours are apart: 1 for equal ones, 21 for black and white."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def least_contrast(colour: str, ground: Ground) -> float:
    return min(contrast(colour, below) for below in ground.value)


def readable(colour: str, ground: Ground) -> str:
    """Return the nearest colour that can be read: itself, or mixed with as little black or white as it takes.

    >>> readable("#7a1f5c", Ground.LIGHT)
    '#7a1f5c'
    """
    end = 0 if ground is Ground.LIGHT else 255
    mixed = (_mixed(colour, end, step) for step in range(256))
    return next(found for found in mixed if least_contrast(found, ground) >= READABLE)


def _mixed(colour: str, end: int, step: int) -> str:
    parts = (part + (end - part) * step / 255 for part in _parts(colour))
    return "#" + "".join(f"{round(part):02x}" for part in parts)


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


def _luminance(colour: str) -> float:
    red, green, blue = (
        c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4
        for c in (part / 255 for part in _parts(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
