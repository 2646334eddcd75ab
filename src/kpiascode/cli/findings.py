"""Findings, counted."""

from collections import Counter
from collections.abc import Iterable

from kpiascode.model.diagnostic import Diagnostic, Severity


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """Return how many errors and warnings there are, in words."""
    counts = Counter(d.severity for d in diagnostics)
    parts = [
        f"{counts[severity]} {severity.value}{'' if counts[severity] == 1 else 's'}"
        for severity in Severity
        if counts[severity]
    ]
    return " and ".join(parts)
