"""A goal and the goal that it leads to have no day in common.

What is reached after a goal is over, or before it begins, cannot help it: such a goal is left out of the
roll-up. Mostly the parent of another year is meant.

Bad:

    kind: goal
    name: fewer_returns
    parent: delight_customers                               #! goal-outside-parent
    period: {from: 2026-01-01, to: 2026-04-01}
    results:
      - {kpi: return_rate, target: 0.5, path: maintain}
    ---
    kind: goal
    name: delight_customers
    period: {from: 2025-01-01, to: 2026-01-01}
    results: []

Good:

    kind: goal
    name: fewer_returns
    parent: delight_customers
    period: {from: 2026-01-01, to: 2026-04-01}
    results:
      - {kpi: return_rate, target: 0.5, path: maintain}
    ---
    kind: goal
    name: delight_customers
    period: {from: 2026-01-01, to: 2027-01-01}
    results: []

Fix: name the goal that runs at the same time, or correct one of the periods.
"""

from collections.abc import Iterator

from kpiascode.lint.documents import positions
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.diagnostic import Severity
from kpiascode.model.document import Document, Where
from kpiascode.model.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each parent that is over before its child begins, or begins after it is over."""
    for goal in project.goals.values():
        document = project.documents["goal", goal.name]
        for where in _parents(document):
            parent = project.goals.get(str(document.data_at(where)))
            if parent is None or (goal.start < parent.end and parent.start < goal.end):
                continue
            when = "before" if goal.end <= parent.start else "after"
            yield Finding(
                message=f"This goal lies wholly {when} `{parent.name}`, so it does not count there.",
                place=document.place(where),
                hint="Name the goal that runs at the same time, or correct one of the periods.",
                note=f"It goes from {goal.start} to {goal.end}, `{parent.name}` from {parent.start} to "
                f"{parent.end}.",
            )


def _parents(document: Document) -> Iterator[Where]:
    """Yield where the names of the parents stand."""
    listed = positions(document, "parent")
    entries: list[Where] = [("parent", position) for position in listed] or [("parent",)]
    for where in entries:
        yield (*where, "goal") if isinstance(document.data_at(where), dict) else where


RULE = Rule("goal-outside-parent", check, Severity.WARNING)
