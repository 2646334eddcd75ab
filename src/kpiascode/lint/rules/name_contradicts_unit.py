"""A KPI is called by one unit and declared in another.

Whoever reads `reply_hours` takes 3 for three hours, and it is three days. Asked are a name that ends in a
unit of time, in a currency or in `pct`, and a title that ends in such as `in hours` or `(EUR)`. Only what
excludes each other is reported: hours and days, EUR and USD, percent and money.

Bad:

    kind: kpi
    name: first_reply_hours                                 #! name-contradicts-unit
    dataset: order_lines
    expression: avg(days_to_reply)
    unit: days

Good:

    kind: kpi
    name: first_reply_hours
    dataset: order_lines
    expression: avg(hours_to_reply)
    unit: hours

Fix: correct the `unit`, the expression or the name.
"""

from collections.abc import Iterator

from kpiascode.lint.documents import place_of
from kpiascode.lint.naming import unit_in_name, unit_in_title
from kpiascode.lint.rule import Finding, Rule
from kpiascode.lint.units import TIMES
from kpiascode.model.diagnostic import Severity
from kpiascode.model.project import Measure, Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each KPI whose name or title ends in a unit that excludes its own."""
    for kpi in project.kpis.values():
        unit = kpi.unit.currency or kpi.unit.name
        for key, found in (("name", unit_in_name(kpi.name)), ("title", unit_in_title(kpi.title))):
            if found is not None and _excludes(found, kpi.unit):
                yield Finding(
                    message=f"The {key} says {found}, and the unit is {unit}.",
                    place=place_of(project, kpi, key),
                    hint=f"Correct the {key}, the `unit` or the expression.",
                )
                break


def _excludes(found: str, unit: Measure) -> bool:
    if found == "percent":
        return unit.currency is not None or unit.name in TIMES or unit.name == "count"
    if found in TIMES:
        return unit.name in TIMES and unit.name != found
    return unit.currency is not None and unit.currency != found


RULE = Rule("name-contradicts-unit", check, Severity.WARNING)
