"""What `load` reads: plain data with the place of every key and every value."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Final, TypeAlias

from kpiascode.model.checking import Allow, NearAllow
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.place import Place, Span, TextSpan

KINDS: Final = (
    *("check_in", "dataset", "feedback_round", "goal", "improvement_plan", "kpi", "one_on_one_series"),
    *("org_unit", "owner", "person", "recognition", "recognition_program", "review_cycle"),
    *("review_template", "scorecard"),
)
"""What a definition can be, by name. `project` is a kind as well, but only of `kpiascode.yaml`."""

KEPT_UNTIL: Final = "retention_until"
"""The key of the first day on which what belongs to a person may not be kept."""

DAY: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")

Plain: TypeAlias = "str | int | Decimal | bool | list[Plain] | dict[str, Plain] | None"
"""A YAML value. Integers are `int`, other numbers `Decimal` (exactly as written), dates stay text."""

Where: TypeAlias = tuple[str | int, ...]
"""The way to a value in a document: keys and list positions from 0. `()` is the document itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One YAML document whose root is a mapping."""

    path: str
    data: dict[str, Plain]
    keys: Mapping[Where, Span] = field(compare=False)
    values: Mapping[Where, TextSpan] = field(compare=False)

    def place(self, where: Where = ()) -> Place:
        """Return the place of the value at `where`, or of the nearest thing above it that exists."""
        while where and where not in self.values:
            where = where[:-1]
        return Place(self.path, self.values[where].span)

    def place_of_key(self, where: Where) -> Place:
        """Return the place of the key at `where`; of the value, where it has no key (list items)."""
        span = self.keys.get(where)
        return Place(self.path, span) if span else self.place(where)

    def place_in_text(self, where: Where, start: int, end: int) -> Place:
        """Return the place of the characters `start` to `end` of the text at `where`."""
        text = self.data_at(where)
        if where not in self.values or not isinstance(text, str):
            return self.place(where)
        return Place(self.path, self.values[where].within(text, start, end))

    def data_at(self, where: Where) -> Plain:
        """Return the value at `where`, or None where there is none."""
        value: Plain = self.data
        for step in where:
            match value, step:
                case dict(), str() if step in value:
                    value = value[step]
                case list(), int() if step < len(value):
                    value = value[step]
                case _:
                    return None
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """All that was read of a project.

    Args:
        project: The document of `kpiascode.yaml`; None when it could not be read.
        items: The definitions, in the order of path and position in the file.
        broken: Definitions that `validate` found to be of the wrong shape. They are used no further, but
            their names stay known, so that one mistake is one finding.
        restricted: The definitions of the restricted folder; empty unless it was asked for.
        is_whole: Whether every definition could be read; else there are names that nobody knows.
        sources: The text of each file by path, for the snippets of messages.
        schemas: Those that `kpi init` writes for editors, as far as they are there.
        diagnostics: What could not be read.
        allows: The comments that allow findings, in the order of path and line.
        near_allows: Those that look like one, and allow nothing.
    """

    project: Document | None
    items: tuple[Document, ...]
    broken: tuple[Document, ...] = ()
    restricted: tuple[Document, ...] = ()
    is_whole: bool = True
    sources: Mapping[str, str] = field(compare=False, default_factory=dict)
    schemas: frozenset[str] = frozenset()
    diagnostics: tuple[Diagnostic, ...] = ()
    allows: tuple[Allow, ...] = ()
    near_allows: tuple[NearAllow, ...] = ()

    def only(self, is_needed: Callable[[Document], bool]) -> "Documents":
        """Return those that are needed; of the others the names stay known."""
        left = (one for one in self.items if not is_needed(one))
        return replace(self, items=tuple(filter(is_needed, self.items)), broken=(*self.broken, *left))


def kept_until(document: Document) -> date | None:
    """Return the first day on which a document may not be kept; None where it does not say it."""
    told = document.data.get(KEPT_UNTIL)
    if not isinstance(told, str) or DAY.fullmatch(told) is None:
        return None
    try:
        return date.fromisoformat(told)
    except ValueError:
        return None
