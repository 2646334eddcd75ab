"""What the user wrote wrong, as a value: a stable code, one sentence, a place and the next step."""

import difflib
import re
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
        veiled: Its lines hold what must not be repeated: no reader is shown them.
    """

    code: str
    message: str
    place: Place
    severity: Severity = Severity.ERROR
    hint: str | None = None
    note: str | None = None
    fix: tuple[Edit, ...] = field(default=(), compare=False)
    veiled: bool = False


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

COMPARED_IN_FULL: Final = 8
"""Of these, how many are compared letter by letter: those that share the most letters."""

LONGEST_COMPARED: Final = 256


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return a question with the nearest known name, or None when none is near."""
    wanted = name.lower()
    names = _by_lower_case(frozenset(known))
    near = difflib.get_close_matches(wanted, _alike(wanted, names), n=1, cutoff=0.6)
    return question(names[near[0]].name) if near else None


def as_name(text: str) -> str:
    """Return the nearest text to one that a name may be: lower-case letters, digits and `_`."""
    return re.sub("[^a-z0-9]+", "_", text.lower()).strip("_")


def question(name: str) -> str:
    """Return the question whether a name was meant."""
    return f"Did you mean `{name}`?"


@dataclass(frozen=True, slots=True)
class _Known:
    """A name, and in bits which letters and pairs of letters it has."""

    name: str
    letters: int


@lru_cache(maxsize=8)
def _by_lower_case(known: frozenset[str]) -> Mapping[str, _Known]:
    """Return the names by what they are in lower case, in the order of the alphabet."""
    names = {name.lower(): name for name in sorted(known, reverse=True)}
    return {lower: _Known(name, _letters(lower)) for lower, name in sorted(names.items())}


def _letters(name: str) -> int:
    bits = 0
    for one, next_one in zip(name, f"{name[1:]} ", strict=False):  # a broken name may be empty
        bits |= 1 << ord(one) % 64 | 1 << 64 + (31 * ord(one) + ord(next_one)) % 256
    return bits


def _alike(name: str, names: Mapping[str, _Known]) -> Sequence[str]:
    """Return the few names that share the most letters with one: comparing them in full takes long."""
    around = _around(name, tuple(names))
    if len(around) <= COMPARED_IN_FULL:
        return around
    wanted = _letters(name[:LONGEST_COMPARED])
    return nsmallest(COMPARED_IN_FULL, around, key=lambda one: (names[one].letters ^ wanted).bit_count())


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
