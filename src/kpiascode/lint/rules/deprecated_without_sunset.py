"""A KPI is deprecated, and nothing says until when it stays.

Whoever uses it cannot plan the move, and what is on its way out for ever never goes.

Bad:

    kind: kpi
    name: pieces
    dataset: order_lines
    expression: sum(quantity)
    unit: count
    status: {deprecated: {since: 2026-01-01}}               #! deprecated-without-sunset

Good:

    kind: kpi
    name: pieces
    dataset: order_lines
    expression: sum(quantity)
    unit: count
    status: {deprecated: {since: 2026-01-01, sunset: 2026-06-30}}

Fix: add `sunset`, the day on which it goes.
"""

from collections.abc import Iterator

from kpiascode.lint.documents import place_of
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.diagnostic import Severity
from kpiascode.model.project import Lifecycle, Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each deprecated KPI without a last day."""
    for kpi in project.kpis.values():
        sunset = project.documents["kpi", kpi.name].data_at(("status", "deprecated", "sunset"))
        if kpi.status is Lifecycle.DEPRECATED and sunset is None:
            yield Finding(
                message=f"`{kpi.name}` is deprecated, and nothing says until when it stays.",
                place=place_of(project, kpi, "status"),
                hint="Write `status: {deprecated: {since: 2026-01-01, sunset: 2026-06-30}}`.",
            )


RULE = Rule("deprecated-without-sunset", check, Severity.WARNING)
