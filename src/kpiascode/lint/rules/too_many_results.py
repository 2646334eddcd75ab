"""A goal wants more than five things at once.

What is to be reached in eight ways is a list of everything, and says nothing about what comes first.

Bad:

    kind: goal
    name: better_everywhere
    results:                                                #! too-many-results
      - {kpi: orders, measure: to_date, target: 5000}
      - {kpi: net_sales, measure: to_date, target: 900000}
      - {kpi: sales_tax, measure: to_date, target: 90000}
      - {kpi: return_rate, target: 0.5, path: maintain}
      - {kpi: delivery_time, target: 2, path: maintain}
      - {kpi: reply_time, target: 24, path: maintain}

Good:

    kind: goal
    name: better_everywhere
    results:
      - {kpi: orders, measure: to_date, target: 5000}
      - {kpi: return_rate, target: 0.5, path: maintain}

Fix: keep those without which the goal would not be reached, or make two goals of it.
"""

from collections.abc import Iterator
from typing import Final

from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.checking import Preset
from kpiascode.model.diagnostic import Severity
from kpiascode.model.project import Project

MOST: Final = 5


def check(project: Project) -> Iterator[Finding]:
    """Yield each goal with too many results."""
    for goal in project.goals.values():
        if len(goal.results) > MOST:
            yield Finding(
                message=f"This goal has {len(goal.results)} results, more than {MOST}.",
                place=project.documents["goal", goal.name].place_of_key(("results",)),
                hint="Keep those without which it would not be reached.",
            )


RULE = Rule("too-many-results", check, Severity.WARNING, Preset.STRICT)
