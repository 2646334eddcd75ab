"""A scorecard shows a KPI that is still a draft.

A draft may change its meaning from one day to the next, and readers of a scorecard cannot tell.

Bad:

    kind: kpi
    name: pieces
    dataset: order_lines
    expression: sum(quantity)
    unit: count
    status: draft
    ---
    kind: scorecard
    name: warehouse
    sections:
      - {title: Work, kpis: [orders, pieces]}               #! draft-on-scorecard

Good:

    kind: kpi
    name: pieces
    dataset: order_lines
    expression: sum(quantity)
    unit: count
    status: draft
    ---
    kind: scorecard
    name: warehouse
    sections:
      - {title: Work, kpis: [orders]}

Fix: take it off the scorecard, or make it `status: active`.
"""

from collections.abc import Iterator

from kpiascode.lint.documents import uses
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.diagnostic import Severity
from kpiascode.model.project import Lifecycle, Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each entry of a scorecard that is a draft."""
    for use in uses(project, "scorecard"):
        kpi = project.kpis.get(use.kpi)
        if kpi is not None and kpi.status is Lifecycle.DRAFT:
            yield Finding(
                message=f"The scorecard `{use.name}` shows `{use.kpi}`, which is still a draft.",
                place=use.place,
                hint="Take it off, or make it `status: active`.",
            )


RULE = Rule("draft-on-scorecard", check, Severity.WARNING)
