"""A goal does not say why it matters.

A title tells what is wanted. When two goals compete for the same people, only the reasons help, and the
one who wrote them down is not always in the room.

Bad:

    kind: goal
    name: sell_more                                         #! missing-rationale
    results:
      - {kpi: net_sales, measure: to_date, target: 900000}

Good:

    kind: goal
    name: sell_more
    description: Below 900,000 euros the second warehouse does not pay.
    results:
      - {kpi: net_sales, measure: to_date, target: 900000}

Fix: add `description`, in a sentence or two.
"""

from collections.abc import Iterator

from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.checking import Preset
from kpiascode.model.diagnostic import Severity
from kpiascode.model.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each goal without a description."""
    for goal in project.goals.values():
        if not goal.description.strip():
            yield Finding(
                message=f"The goal `{goal.name}` does not say why it matters.",
                place=goal.place,
                hint="Add `description`.",
            )


RULE = Rule("missing-rationale", check, Severity.WARNING, Preset.STRICT)
