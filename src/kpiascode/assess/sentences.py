"""Words for findings: plain, short, the same everywhere."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Final

from kpiascode.model.calendar import Grain

TENTH: Final = Decimal("0.1")
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def percent(share: Decimal) -> str:
    """Return a share, cut and not rounded, so that it never reads as more than it is.

    >>> percent(Decimal("0.2399")), percent(Decimal("0.0499")), percent(Decimal("0.1"))
    ('23 %', '4.9 %', '10 %')
    """
    of_hundred = share * 100
    unit = TENTH if of_hundred < 10 and of_hundred % 1 else Decimal(1)
    return f"{of_hundred.quantize(unit, rounding=ROUND_DOWN)} %"


def on_day(day: date) -> str:
    """Return a date in words.

    >>> on_day(date(2026, 11, 6))
    '6 November 2026'
    """
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def quoted(title: str) -> str:
    return f"“{title}”"


def listed(words: Sequence[str], last: str = "and") -> str:
    """Return the words in a row.

    >>> listed(["a", "b", "c"]), listed(["a", "b"], "or")
    ('a, b and c', 'a or b')
    """
    *first, final = words or ("nothing",)
    return f"{', '.join(first)} {last} {final}" if first else final


def counted(count: int, noun: str) -> str:
    """Return a count with its noun.

    >>> counted(1, "month"), counted(0, "month")
    ('1 month', '0 months')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def noun(grain: Grain) -> str:
    """Return what one period of the grain is called."""
    return grain.value.replace("_", " ")


def lasting(time: timedelta) -> str:
    """Return a span in whole days, or in hours where it is shorter.

    >>> lasting(timedelta(days=2, hours=3)), lasting(timedelta(minutes=90)), lasting(timedelta(minutes=5))
    ('2 days', '1 hour', 'less than an hour')
    """
    hours = int(time.total_seconds()) // 3600
    if hours >= 24:
        return counted(hours // 24, "day")
    return counted(hours, "hour") if hours else "less than an hour"


def in_code(words: Sequence[str]) -> str:
    return listed([f"`{word}`" for word in words])
