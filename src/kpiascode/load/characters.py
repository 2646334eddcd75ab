"""Which characters a definition may hold: none that is invisible, reorders text or drives a terminal."""

import re
import unicodedata
from typing import Final

FORBIDDEN: Final = re.compile(
    "["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters; tab and newline are none here
    "\xad\u061c\u180e\u200b-\u200f\u2060-\u2064\ufeff\ufff9-\ufffb"  # zero width
    "\u2028\u2029\u202a-\u202e\u2066-\u206f"  # line breaks that are none in YAML 1.2; direction of text
    "\ud800-\udfff\ufffe\uffff"  # halves of characters, and no characters at all
    "\U000e0000-\U000e007f"  # tags: text that nobody sees
    "]|\r(?!\n)"
)
"""A carriage return is part of a line break and nothing else."""

CONTROLS: Final = {
    "\x00": "NULL",
    "\x07": "BELL",
    "\x08": "BACKSPACE",
    "\x0b": "VERTICAL TAB",
    "\x0c": "FORM FEED",
    "\r": "CARRIAGE RETURN",
    "\x1b": "ESCAPE",
    "\x7f": "DELETE",
    "\x85": "NEXT LINE",
}


def name_of(character: str) -> str:
    """Return for example `U+202E RIGHT-TO-LEFT OVERRIDE`, which shows what the character itself hides."""
    kinds = {"Cc": "CONTROL CHARACTER", "Cs": "LONE SURROGATE"}
    other = kinds.get(unicodedata.category(character), "UNASSIGNED CHARACTER")
    name = CONTROLS.get(character) or unicodedata.name(character, other)
    return f"U+{ord(character):04X} {name}"


def shown(text: str, limit: int = 60) -> str:
    """Return a text of the user on one line, cut, for a message."""
    line = " ".join(FORBIDDEN.sub("?", text[: 4 * limit]).split())
    return line if len(line) <= limit else f"{line[:limit]}…"
