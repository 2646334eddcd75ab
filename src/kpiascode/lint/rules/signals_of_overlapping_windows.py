"""Signals are set up for a KPI whose neighbouring values share rows, so that none is ever told.

What is usual for a KPI is told by how far each value is from the one before. Where both are made of the same
rows they lie close together whatever happens, and nearly every series without any change would show a signal.
So values over windows longer than their period, sums to date and sums from the beginning are not judged, and
`signals` and `process_changes` of such a KPI, or of one that is computed from it, do nothing.

Bad:

    kind: kpi
    name: order_value_over_a_year
    expression: rolling(net_sales / orders, 12 months)
    unit: {currency: EUR}
    process_changes: [{from: 2026-03-01, reason: New shop}] #! signals-of-overlapping-windows

Good:

    kind: kpi
    name: order_value
    expression: net_sales / orders
    unit: {currency: EUR}
    process_changes: [{from: 2026-03-01, reason: New shop}]

Fix: look for signals in the KPI of the single period, and drop the key here.
"""

from collections.abc import Iterator

from kpiascode.lint.documents import place_of
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.overlap import overlapping
from kpiascode.model.project import Project

KEYS = ("signals", "process_changes")


def check(project: Project) -> Iterator[Finding]:
    """Yield each key about signals of a KPI that is not judged when it is read by its own grain."""
    for kpi in project.kpis.values():
        document = project.documents["kpi", kpi.name]
        keys = [key for key in KEYS if document.data_at((key,)) is not None]
        found = overlapping(kpi, project.kpis, kpi.grain, project.settings.calendar) if keys else None
        if found is None:
            continue
        for key in keys:
            yield Finding(
                message=f"The {found} of `{kpi.name}` share rows with those before, so no signal is told.",
                place=place_of(project, kpi, key),
                hint=f"Look for signals in the KPI of the single {kpi.grain.value.replace('_', ' ')}, "
                f"and drop `{key}` here.",
            )


RULE = Rule("signals-of-overlapping-windows", check)
