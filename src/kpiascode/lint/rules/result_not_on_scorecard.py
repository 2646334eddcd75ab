"""A goal measures a KPI that no scorecard shows.

Those who are to reach it have no page on which they see it move.

Bad:

    kind: kpi
    name: pieces
    dataset: order_lines
    expression: sum(quantity)
    unit: count
    ---
    kind: goal
    name: sell_more
    results:
      - {kpi: pieces, measure: to_date, target: 5000}       #! result-not-on-scorecard

Good:

    kind: kpi
    name: pieces
    dataset: order_lines
    expression: sum(quantity)
    unit: count
    ---
    kind: goal
    name: sell_more
    results:
      - {kpi: pieces, measure: to_date, target: 5000}
    ---
    kind: scorecard
    name: warehouse
    sections:
      - {title: Work, kpis: [pieces]}

Fix: put it on a scorecard of the unit whose goal it is.
"""

from collections.abc import Iterator

from kpiascode.lint.documents import uses
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.checking import Preset
from kpiascode.model.diagnostic import Severity
from kpiascode.model.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each result whose KPI is on no scorecard."""
    used = tuple(uses(project, "goal", "scorecard"))
    shown = {use.kpi for use in used if use.role == "entry"}
    for use in used:
        if use.role == "result" and use.kpi in project.kpis and use.kpi not in shown:
            yield Finding(
                message=f"The goal `{use.name}` measures `{use.kpi}`, and no scorecard shows it.",
                place=use.place,
                hint="Put it on a scorecard of the unit whose goal it is.",
            )


RULE = Rule("result-not-on-scorecard", check, Severity.WARNING, Preset.STRICT)
