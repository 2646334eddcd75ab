"""A goal measures a KPI, and nobody has said what is done when it goes wrong.

A number that changes nothing is looked at and forgotten. Who acts, by when, is easier to agree on before
it is needed.

Bad:

    kind: kpi
    name: pieces                                            #! missing-act
    dataset: order_lines
    expression: sum(quantity)
    unit: count
    ---
    kind: goal
    name: sell_more
    results:
      - {kpi: pieces, measure: to_date, target: 5000}

Good:

    kind: kpi
    name: pieces
    dataset: order_lines
    expression: sum(quantity)
    unit: count
    act: Two months below plan, sales calls every customer of last year.
    ---
    kind: goal
    name: sell_more
    results:
      - {kpi: pieces, measure: to_date, target: 5000}

Fix: add `act`: from which value on, who does what, by when.
"""

from collections.abc import Iterator

from kpiascode.lint.documents import place_of, uses
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.checking import Preset
from kpiascode.model.diagnostic import Severity
from kpiascode.model.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each KPI that is a result of a goal and has no `act`."""
    measured = {use.kpi for use in uses(project, "goal") if use.role == "result"}
    for kpi in project.kpis.values():
        if kpi.name in measured and not (kpi.act or "").strip():
            yield Finding(
                message=f"Nothing says what is done when `{kpi.name}` goes wrong.",
                place=place_of(project, kpi, "name"),
                hint="Add `act`: from which value on, who does what, by when.",
            )


RULE = Rule("missing-act", check, Severity.WARNING, Preset.STRICT)
