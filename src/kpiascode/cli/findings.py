"""Findings, counted."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from kpiascode.model.diagnostic import Diagnostic, Severity

MORE: Final = "more-findings"
"""The code of a finding that counts others."""


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """Return how many errors and warnings there are, in words; one may stand for others that are not told."""
    found = tuple(diagnostics)
    counts = Counter(d.severity for d in found)
    parts = [
        f"{counts[severity]} {severity.value}{'' if counts[severity] == 1 else 's'}"
        for severity in Severity
        if counts[severity]
    ]
    least = "at least " if any(d.code == MORE for d in found) else ""
    return least + " and ".join(parts)
