"""A KPI is deprecated, and nothing says what to use instead.

Those who use it find out for themselves, each in another way. Where nothing takes its place, a comment
that allows this finding says so.

Bad:

    kind: kpi
    name: pieces
    dataset: order_lines
    expression: sum(quantity)
    unit: count
    status: {deprecated: {since: 2026-01-01, sunset: 2026-06-30}}  #! deprecated-without-replacement

Good:

    kind: kpi
    name: pieces
    dataset: order_lines
    expression: sum(quantity)
    unit: count
    status: {deprecated: {since: 2026-01-01, sunset: 2026-06-30, replaced_by: orders}}

Fix: add `replaced_by`.
"""

from collections.abc import Iterator

from kpiascode.lint.documents import place_of
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.checking import Preset
from kpiascode.model.diagnostic import Severity
from kpiascode.model.project import Lifecycle, Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each deprecated KPI without one that takes its place."""
    for kpi in project.kpis.values():
        other = project.documents["kpi", kpi.name].data_at(("status", "deprecated", "replaced_by"))
        if kpi.status is Lifecycle.DEPRECATED and other is None:
            yield Finding(
                message=f"`{kpi.name}` is deprecated, and nothing says what to use instead.",
                place=place_of(project, kpi, "status"),
                hint="Add `replaced_by`, or allow it with the reason why nothing takes its place.",
            )


RULE = Rule("deprecated-without-replacement", check, Severity.WARNING, Preset.STRICT)
