"""Texts of users where there is no markup that could keep them apart from ours: one line, and harmless."""

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from kpiascode.render.words import shortened

LINE: Final = 120
"""How long a name may be."""

PASSAGE: Final = 400
"""How long a sentence may be."""

BLOCKS: Final = "▁▂▃▄▅▆▇█"
GAP: Final = "·"
JOINERS: Final = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
_BLANKS: Final = re.compile(r"[ \t-\r\x85\u2028\u2029]+")
_ISOLATE: Final = "\N{FIRST STRONG ISOLATE}"
_END: Final = "\N{POP DIRECTIONAL ISOLATE}"


def line(text: str, most: int = LINE) -> str:
    """Return a text as one line without any character that is not seen.

    What is written from right to left is kept in itself, so that it moves nothing around it.
    """
    short = shortened(seen(_BLANKS.sub(" ", text).strip()), most)
    turned = any(unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in short)
    return f"{_ISOLATE}{short}{_END}" if turned else short


def seen(text: str) -> str:
    """Return a text with a sign in the place of each character that is not seen."""
    return "".join(character if _is_seen(character) else "\N{REPLACEMENT CHARACTER}" for character in text)


def passage(text: str) -> str:
    return line(text, PASSAGE)


def part(text: str) -> str:
    """Return a part of a sentence, with the blanks at its ends."""
    inner = text.strip(" ")
    return text.replace(inner, passage(inner)) if inner else text


def _is_seen(character: str) -> bool:
    return character.isprintable() or unicodedata.category(character) == "Zs" or character in JOINERS


def blocks(values: Sequence[Decimal | None]) -> str:
    """Return a history as signs of the height of its values, on a scale of its own.

    >>> blocks([Decimal(1), None, Decimal(2), Decimal(3)])
    '▁·▅█'
    """
    known = [value for value in values if value is not None]
    if not known:
        return ""
    least, reach = min(known), max(known) - min(known)
    top = len(BLOCKS) - 1
    return "".join(
        GAP if value is None else BLOCKS[round((value - least) / reach * top) if reach else top // 2]
        for value in values
    )
