"""A name ends in the unit, which is declared already.

A KPI that is one day told in days instead of hours needs a new name then, and everything that refers to it
a change.

Bad:

    kind: kpi
    name: first_reply_hours                                 #! unit-in-name
    dataset: order_lines
    expression: avg(hours_to_reply)
    unit: hours

Good:

    kind: kpi
    name: first_reply
    dataset: order_lines
    expression: avg(hours_to_reply)
    unit: hours

Fix: take the unit out of the name. Every page shows it beside the number.
"""

from collections.abc import Iterator

from kpiascode.lint.documents import place_of
from kpiascode.lint.naming import unit_in_name
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.checking import Preset
from kpiascode.model.diagnostic import Severity
from kpiascode.model.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each KPI whose name ends in its own unit."""
    for kpi in project.kpis.values():
        unit = kpi.unit.currency or kpi.unit.name
        if unit_in_name(kpi.name) == unit:
            yield Finding(
                message=f"The name ends in the unit, {unit}.",
                place=place_of(project, kpi, "name"),
                hint="Take it out; the unit stands in `unit`.",
            )


RULE = Rule("unit-in-name", check, Severity.WARNING, Preset.STRICT)
