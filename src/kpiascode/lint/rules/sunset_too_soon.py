"""A KPI goes less than four weeks after it was deprecated, or before.

Who reads a page once a month has then not yet seen that it goes.

Bad:

    kind: kpi
    name: pieces
    dataset: order_lines
    expression: sum(quantity)
    unit: count
    status:
      deprecated:
        since: 2026-01-01
        sunset: 2026-01-15                                  #! sunset-too-soon

Good:

    kind: kpi
    name: pieces
    dataset: order_lines
    expression: sum(quantity)
    unit: count
    status:
      deprecated:
        since: 2026-01-01
        sunset: 2026-06-30

Fix: set `sunset` later, so that everybody who uses the KPI has time to move.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from kpiascode.lint.documents import place_of
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.diagnostic import Severity
from kpiascode.model.project import Project

GRACE: Final = 28


def check(project: Project) -> Iterator[Finding]:
    """Yield each last day that lies too near to the first one of the deprecation."""
    for kpi in project.kpis.values():
        document = project.documents["kpi", kpi.name]
        since, sunset = (document.data_at(("status", "deprecated", key)) for key in ("since", "sunset"))
        if not isinstance(since, str) or not isinstance(sunset, str):
            continue
        days = (date.fromisoformat(sunset) - date.fromisoformat(since)).days
        if days < GRACE:
            told = "before it is deprecated" if days < 0 else f"{days} {'day' if days == 1 else 'days'} later"
            yield Finding(
                message=f"`{kpi.name}` is deprecated since {since} and goes {told}.",
                place=place_of(project, kpi, "status", "deprecated", "sunset"),
                hint=f"Leave at least {GRACE} days.",
            )


RULE = Rule("sunset-too-soon", check, Severity.WARNING)
