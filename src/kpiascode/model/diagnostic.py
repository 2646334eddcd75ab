"""What the user wrote wrong, as a value: a stable code, one sentence, a place and the next step."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from kpiascode.model.place import Place


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """A finding.

    Args:
        code: Stable, readable, in kebab case; `kpi explain CODE` tells more.
        message: One sentence that stands alone.
        place: Where the mistake stands; the smallest span that shows it.
        hint: The next step. None where the message already says it.
        note: A second fact, such as where a name was defined before.
    """

    code: str
    message: str
    place: Place
    severity: Severity = Severity.ERROR
    hint: str | None = None
    note: str | None = None


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the diagnostics by file, line and column, each once."""
    return tuple(
        sorted(
            dict.fromkeys(diagnostics),
            key=lambda d: (d.place.path, d.place.span.line, d.place.span.column, d.code, d.message),
        )
    )


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return a question with the nearest known name, or None when none is near."""
    names = {candidate.lower(): candidate for candidate in sorted(known, reverse=True)}
    near = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.6)
    return f"Did you mean `{names[near[0]]}`?" if near else None


def one_of(names: Iterable[str], limit: int = 8) -> str:
    """Return the names in a row, sorted, and cut with a count of the rest."""
    ordered = sorted(names)
    shown = ", ".join(f"`{name}`" for name in ordered[:limit])
    return shown if len(ordered) <= limit else f"{shown} and {len(ordered) - limit} more"
