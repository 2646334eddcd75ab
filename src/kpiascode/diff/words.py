"""Values of definitions in words, the same wherever they are the same."""

import re
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar

from kpiascode.model.calendar import Duration
from kpiascode.model.canonical import as_line
from kpiascode.model.project import Band, Measure, TargetKpi

_T = TypeVar("_T")
_U = TypeVar("_U")


def told(value: Any) -> str | None:
    """Return a value as canonical text; None stays None.

    >>> told(Decimal("0.30")), told(("a", "b")), told(())
    ('0.3', 'a, b', '')
    """
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value.normalize(), "f")
        case Band(min=least, max=most):
            return f"{told(least)} to {told(most)}"
        case TargetKpi(kpi=kpi):
            return f"the KPI {kpi}"
        case Measure(name=name, currency=currency):
            return currency or name
        case Enum():
            return str(value.value)
        case date():
            return value.isoformat()
        case timedelta():
            return _length(value)
        case Duration(amount=amount, unit=unit):
            return f"{amount} {unit.value}{'' if abs(amount) == 1 else 's'}"
        case str():
            return value
        case dict():
            return as_line({str(key): told(inner) for key, inner in value.items()})
        case tuple() | list() | frozenset():
            return ", ".join(str(told(one)) for one in value)
        case _ if is_dataclass(value):
            parts = {one.name: told(getattr(value, one.name)) for one in fields(value) if one.compare}
            return "; ".join(f"{name.replace('_', ' ')}: {text}" for name, text in parts.items() if text)
        case _:
            return str(value)


def _length(value: timedelta) -> str:
    days, rest = divmod(value, timedelta(days=1))
    if not rest:
        return f"{days} day{'' if days == 1 else 's'}"
    hours = value.total_seconds() / 3600
    return f"{hours:g} hour{'' if hours == 1 else 's'}"


def quoted(value: Any) -> str:
    """Return a value in quotes for a sentence, or `nothing`."""
    text = told(value)
    return "nothing" if text is None or text == "" else f"`{text}`"


def names(some: Iterable[str]) -> str:
    """Return names in quotes, as `a`, `b` and `c`."""
    listed = [f"`{name}`" for name in sorted(some)]
    if len(listed) < 2:
        return "".join(listed)
    return f"{', '.join(listed[:-1])} and {listed[-1]}"


def from_to(what: str, before: Any, after: Any) -> str:
    """Return one sentence of a change of one value."""
    if told(before) in (None, ""):
        return f"{what} is {quoted(after)}; there was none."
    if told(after) in (None, ""):
        return f"{what} was {quoted(before)}; there is none now."
    return f"{what} was {quoted(before)} and is {quoted(after)}."


def added_and_gone(what: str, before: Iterable[str], after: Iterable[str]) -> str:
    """Return one sentence on members of a list.

    >>> added_and_gone("Counter KPIs", ["a", "b"], ["b", "c"])
    'Counter KPIs: `c` is new, `a` is gone.'
    """
    one, other = set(before), set(after)
    new, gone = other - one, one - other
    parts = (
        f"{names(new)} {'is' if len(new) == 1 else 'are'} new" if new else "",
        f"{names(gone)} {'is' if len(gone) == 1 else 'are'} gone" if gone else "",
    )
    told_of = ", ".join(part for part in parts if part)
    return f"{what}: {told_of or 'the order is another one'}."


def on_one_line(text: str) -> str:
    """Return an expression on one line; what stands in quotes stays as it is.

    >>> on_one_line("sum( a )\\n  filter (where b = 'x  y')")
    "sum( a ) filter (where b = 'x  y')"
    """
    parts = text.strip().split("'")
    return "'".join(re.sub(r"\s+", " ", part) if at % 2 == 0 else part for at, part in enumerate(parts))


def pair(of: Callable[[_T], _U], before: _T, after: _T) -> tuple[_U, _U]:
    """Return the same of both sides."""
    return of(before), of(after)
