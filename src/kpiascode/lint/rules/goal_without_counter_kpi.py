"""A goal rests on one KPI, and nothing says what must not get worse for it.

Any single number can be moved at the cost of another: faster answers by shorter ones, more orders by
discounts. `counter_kpis` name what would show it.

Bad:

    kind: goal
    name: answer_faster
    results:
      - {kpi: reply_time, target: 24, path: maintain}       #! goal-without-counter-kpi

Good:

    kind: goal
    name: answer_faster
    results:
      - {kpi: reply_time, target: 24, path: maintain}
    ---
    kind: kpi
    name: reply_time
    dataset: order_lines
    expression: avg(reply_hours)
    unit: hours
    direction: lower
    counter_kpis: [return_rate]

Fix: name a counter KPI, or let a second result hold the balance.
"""

from collections.abc import Iterator

from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.checking import Preset
from kpiascode.model.diagnostic import Severity
from kpiascode.model.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each goal that measures one KPI alone, which has no counter KPI."""
    for goal in project.goals.values():
        names = {result.kpi for result in goal.results}
        kpi = project.kpis.get(min(names)) if len(names) == 1 else None
        if kpi is not None and not kpi.counter_kpis:
            yield Finding(
                message=f"The goal rests on `{kpi.name}` alone, which has no counter KPI.",
                place=project.documents["goal", goal.name].place(("results", 0, "kpi")),
                hint="Name in `counter_kpis` what must not get worse.",
            )


RULE = Rule("goal-without-counter-kpi", check, Severity.WARNING, Preset.STRICT)
