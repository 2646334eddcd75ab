"""A scorecard shows more than twelve KPIs.

Nobody keeps so many in mind, and the two that matter this month drown in the rest.

Bad:

    kind: scorecard
    name: everything
    sections:                                               #! too-many-kpis-on-scorecard
      - {title: One, kpis: [orders, net_sales, sales_tax, return_rate, delivery_time]}
      - {title: Two, kpis: [reply_time, sales_in_dollars, kpi_1, kpi_2, kpi_3]}
      - {title: Three, kpis: [kpi_4, kpi_5, kpi_6]}
    ---
    kind: kpi
    name: kpi_1
    expression: orders + 1
    ---
    kind: kpi
    name: kpi_2
    expression: orders + 2
    ---
    kind: kpi
    name: kpi_3
    expression: orders + 3
    ---
    kind: kpi
    name: kpi_4
    expression: orders + 4
    ---
    kind: kpi
    name: kpi_5
    expression: orders + 5
    ---
    kind: kpi
    name: kpi_6
    expression: orders + 6

Good:

    kind: scorecard
    name: everything
    sections:
      - {title: One, kpis: [orders, net_sales, sales_tax, return_rate, delivery_time]}

Fix: keep what is decided upon, and make a page of its own for the rest.
"""

from collections.abc import Iterator
from typing import Final

from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.checking import Preset
from kpiascode.model.diagnostic import Severity
from kpiascode.model.project import Project

MOST: Final = 12


def check(project: Project) -> Iterator[Finding]:
    """Yield each scorecard with too many KPIs; one that is shown twice counts once."""
    for card in project.scorecards.values():
        if len(card.kpis) > MOST:
            yield Finding(
                message=f"This page shows {len(card.kpis)} KPIs, more than {MOST}.",
                place=project.documents["scorecard", card.name].place_of_key(("sections",)),
                hint="Keep what is decided upon.",
            )


RULE = Rule("too-many-kpis-on-scorecard", check, Severity.WARNING, Preset.STRICT)
