"""A goal of a department or a team leads to no other goal.

Whatever a unit reaches, nobody above it can see what it is good for, and no roll-up counts it. The goals of
the unit at the top lead nowhere else, and need not.

Bad:

    kind: goal
    name: fewer_returns
    org_unit: care                                          #! orphan-goal
    results:
      - {kpi: return_rate, target: 0.5, path: maintain}
    ---
    kind: org_unit
    name: care
    title: Customer care
    level: department
    parent: acme

Good:

    kind: goal
    name: fewer_returns
    org_unit: care
    parent: delight_customers
    results:
      - {kpi: return_rate, target: 0.5, path: maintain}
    ---
    kind: goal
    name: delight_customers
    results: []
    ---
    kind: org_unit
    name: care
    title: Customer care
    level: department
    parent: acme

Fix: add `parent`, the goal that it helps to reach. Where there is none, one of the two is missing.
"""

from collections.abc import Iterator

from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.checking import Preset
from kpiascode.model.diagnostic import Severity
from kpiascode.model.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each goal without parent whose unit belongs to another one."""
    for goal in project.goals.values():
        unit = project.org_units.get(goal.org_unit)
        if unit is not None and unit.parent is not None and not goal.parents:
            yield Finding(
                message=f"The goal leads to no other one, and `{unit.name}` is not the whole organisation.",
                place=project.documents["goal", goal.name].place(("org_unit",)),
                hint="Add `parent`, the goal that it helps to reach.",
            )


RULE = Rule("orphan-goal", check, Severity.WARNING, Preset.STRICT)
