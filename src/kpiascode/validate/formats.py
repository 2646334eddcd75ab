"""What JSON Schema leaves open: which days exist, and that a pattern is about the whole text."""

import re
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Final

DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def is_date(text: str) -> bool:
    """Return whether a text is a day of the calendar, as year, month and day."""
    if not DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


FORMATS: Final[dict[str, Callable[[str], bool]]] = {"date": is_date}


@cache
def pattern(text: str) -> re.Pattern[str]:
    """Return a pattern for `fullmatch`: `$` alone would let a line break at the end pass."""
    return re.compile(text, re.ASCII)
