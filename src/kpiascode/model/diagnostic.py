"""What the user wrote wrong, as a value: a stable code, one sentence, a place and the next step."""

import difflib
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from heapq import nsmallest
from typing import Final

from kpiascode.model.place import Place, Span


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Edit:
    """A piece of a finding's file, and what takes its place; line breaks are `\\n` whatever the file has."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """A finding.

    Args:
        code: Stable, readable, in kebab case; `kpi explain CODE` tells more.
        message: One sentence that stands alone.
        place: Where the mistake stands; the smallest span that shows it.
        hint: The next step. None where the message already says it.
        note: A second fact, such as where a name was defined before.
        fix: What mends it without another meaning, all of it together; empty where only a person can tell.
    """

    code: str
    message: str
    place: Place
    severity: Severity = Severity.ERROR
    hint: str | None = None
    note: str | None = None
    fix: tuple[Edit, ...] = field(default=(), compare=False)


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the diagnostics by file, line and column, each once."""
    return tuple(
        sorted(
            dict.fromkeys(diagnostics),
            key=lambda d: (d.place.path, d.place.span.line, d.place.span.column, d.code, d.message),
        )
    )


COMPARED: Final = 500
"""Names that a wrong one is compared with. Among more, its neighbours in the alphabet are looked at."""


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return a question with the nearest known name, or None when none is near."""
    wanted = name.lower()
    names = _by_lower_case(frozenset(known))
    near = difflib.get_close_matches(wanted, _around(wanted, tuple(names)), n=1, cutoff=0.6)
    return f"Did you mean `{names[near[0]]}`?" if near else None


@lru_cache(maxsize=8)
def _by_lower_case(known: frozenset[str]) -> Mapping[str, str]:
    """Return the names by what they are in lower case, in the order of the alphabet."""
    names = {name.lower(): name for name in sorted(known, reverse=True)}
    return dict(sorted(names.items()))


def _around(name: str, ordered: Sequence[str]) -> Sequence[str]:
    if len(ordered) <= COMPARED:
        return ordered
    at = bisect_left(ordered, name)
    return ordered[max(0, at - COMPARED // 10) : at + COMPARED // 10]


def one_of(names: Iterable[str], limit: int = 8) -> str:
    """Return the names in a row, sorted, and cut with a count of the rest."""
    all_of_them = tuple(names)
    shown = ", ".join(f"`{name}`" for name in nsmallest(limit, all_of_them))
    return shown if len(all_of_them) <= limit else f"{shown} and {len(all_of_them) - limit} more"


def circle(names: Sequence[str], limit: int = 8) -> str:
    """Return the way around a circle and back to its first name; a long one is cut with a count."""
    first = names[0]
    if len(names) <= limit:
        return " -> ".join([*names, first])
    return " -> ".join([*names[: limit - 1], f"({len(names) - limit:,} more)", names[-1], first])
