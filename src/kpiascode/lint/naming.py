"""Units that a name or a title ends in."""

import re
from typing import Final

UNITS: Final = {
    "seconds": "seconds",
    "minutes": "minutes",
    "hours": "hours",
    "days": "days",
    "percent": "percent",
    "pct": "percent",
    "euro": "EUR",
    "euros": "EUR",
    **{code.lower(): code for code in ("EUR", "USD", "GBP", "CHF", "JPY", "SEK", "NOK", "DKK", "PLN", "CZK")},
}
"""By word, as a KPI declares them. Words with another meaning, such as `points`, are left out."""

SPANS: Final = frozenset(
    {"last", "past", "previous", "next", "within", "rolling", "trailing", "per", "after"}
)
"""What makes of `days` a span of time: the downtime of the last seven days may be one in minutes."""

TITLE_END: Final = re.compile(r"(?:\bin (\w+)|\((?:in )?(\w+)\))$")


def unit_in_name(name: str) -> str | None:
    """Return the unit that a name ends in; None where there is none, or a number of it makes a span.

    >>> unit_in_name("reply_hours"), unit_in_name("downtime_30_days"), unit_in_name("days")
    ('hours', None, None)
    """
    *before, last = name.split("_")
    if not before or any(word.isdecimal() or word in SPANS for word in before):
        return None
    return UNITS.get(last)


def unit_in_title(title: str) -> str | None:
    """Return the unit that a title ends in.

    >>> unit_in_title("Time to reply, in hours"), unit_in_title("Sales (EUR)"), unit_in_title("Open days")
    ('hours', 'EUR', None)
    """
    match = TITLE_END.search(title.strip().lower())
    return None if match is None else UNITS.get(match[1] or match[2])
