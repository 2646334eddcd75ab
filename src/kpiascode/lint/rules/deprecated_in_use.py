"""A KPI on its way out is still used by an active KPI, a goal or a scorecard.

On its last day they would all lose it at once. Whoever uses it has until then to move to what replaces
it.

Bad:

    kind: kpi
    name: pieces
    dataset: order_lines
    expression: sum(quantity)
    unit: count
    status: {deprecated: {since: 2026-01-01, sunset: 2026-06-30}}
    ---
    kind: kpi
    name: pieces_per_order
    expression: pieces / orders                             #! deprecated-in-use

Good:

    kind: kpi
    name: pieces
    dataset: order_lines
    expression: sum(quantity)
    unit: count
    status: {deprecated: {since: 2026-01-01, sunset: 2026-06-30, replaced_by: lines}}
    ---
    kind: kpi
    name: lines
    dataset: order_lines
    expression: count(*)
    unit: count
    ---
    kind: kpi
    name: lines_per_order
    expression: lines / orders

Fix: use the KPI that replaces it.
"""

from collections.abc import Iterator

from kpiascode.lint.documents import Use, uses
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.diagnostic import Severity
from kpiascode.model.project import Lifecycle, Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each use of a deprecated KPI by a goal, a scorecard or an active KPI."""
    for use in uses(project):
        used = project.kpis.get(use.kpi)
        if used is None or used.status is not Lifecycle.DEPRECATED or not _counts(use, project):
            continue
        replacement = project.documents["kpi", use.kpi].data_at(("status", "deprecated", "replaced_by"))
        yield Finding(
            message=f"The {use.kind} `{use.name}` uses `{use.kpi}`, which is deprecated.",
            place=use.place,
            hint=f"Use `{replacement}` instead." if replacement else "Use what replaces it.",
        )


def _counts(use: Use, project: Project) -> bool:
    return use.kind != "kpi" or (
        use.name != use.kpi and use.name in project.kpis and project.kpis[use.name].status is Lifecycle.ACTIVE
    )


RULE = Rule("deprecated-in-use", check, Severity.WARNING)
