"""Text of a user or of a cell on its way to a terminal or a log: harmless, and aligned as it is seen."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

_BREAK: Final = "\N{ZERO WIDTH SPACE}"
_COMMAND: Final = re.compile(r"##(?=[A-Za-z]*\[)")
"""`##[group]` of GitHub, `##vso[...]` of Azure and `##teamcity[...]` are acted on anywhere in a line."""


def safe(text: str) -> str:
    """Return text without anything that a terminal or a CI log would act on."""
    shown = "".join(
        character
        if character.isprintable() or unicodedata.category(character) == "Zs"
        else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )
    shown = _COMMAND.sub(f"##{_BREAK}", shown)
    return shown.replace("::", f":{_BREAK}:") if shown.lstrip().startswith("::") else shown


def aligned(rows: Sequence[Sequence[str]], *, last_right: bool) -> list[str]:
    """Return the rows as lines whose columns stand below each other.

    Args:
        last_right: The last column holds numbers, which end at the same place.
    """
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [cell + " " * (room - width(cell)) for cell, room in zip(row, widths, strict=True)]
        if last_right:
            cells[-1] = " " * (widths[-1] - width(row[-1])) + row[-1]
        lines.append("  ".join(cells).rstrip())
    return lines


def width(text: str) -> int:
    """Return how many columns of a terminal the text takes."""
    return sum(_width(character) for character in text)


def _width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
