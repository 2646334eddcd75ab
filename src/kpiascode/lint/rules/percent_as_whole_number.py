"""A percent is written as a whole number, so that 44 means 4,400 %.

The values of `unit: percent` are fractions: 0.44 is 44 %, and a tolerance of 0.01 is one percentage point.
Reported are targets, baselines and bounds of 10 (1,000 %) and more, and tolerances of 1 (100 percentage
points) and more, on either side of zero.

Bad:

    kind: goal
    name: fewer_returns
    results:
      - kpi: return_rate
        baseline: 0.05
        target: 0.03
        tolerance: 1                                        #! percent-as-whole-number
    ---
    kind: kpi
    name: return_rate
    dataset: order_lines
    expression: sum(returned) / sum(quantity)
    unit: percent
    direction: lower
    bounds: {min: 0, max: 100}                              #! percent-as-whole-number

Good:

    kind: goal
    name: fewer_returns
    results:
      - kpi: return_rate
        baseline: 0.05
        target: 0.03
        tolerance: 0.01
    ---
    kind: kpi
    name: return_rate
    dataset: order_lines
    expression: sum(returned) / sum(quantity)
    unit: percent
    direction: lower
    bounds: {min: 0, max: 1}

Fix: write the fraction.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from kpiascode.lint.documents import numbers, target_values
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.diagnostic import Severity
from kpiascode.model.document import Document, Where
from kpiascode.model.project import Goal, Kpi, Project

VALUE: Final = Decimal(10)
TOLERANCE: Final = Decimal(1)


def check(project: Project) -> Iterator[Finding]:
    """Yield each number of a percent that is far too large for a fraction, and within the bounds."""
    for kpi in project.kpis.values():
        if _is_percent(kpi):
            document = project.documents["kpi", kpi.name]
            yield from _large(document, ("bounds",), "bound", VALUE)
    for goal in project.goals.values():
        yield from _of_goal(project, goal)


def _of_goal(project: Project, goal: Goal) -> Iterator[Finding]:
    document = project.documents["goal", goal.name]
    for position, result in enumerate(goal.results):
        kpi = project.kpis.get(result.kpi)
        if kpi is None or not _is_percent(kpi):
            continue
        where: Where = ("results", position)
        yield from _large(document, (*where, "baseline"), "baseline", VALUE, kpi)
        for at in target_values(document, position):
            yield from _large(document, at, "target", VALUE, kpi)
        yield from _large(document, (*where, "tolerance"), "tolerance", TOLERANCE)


def _large(
    document: Document, where: Where, called: str, least: Decimal, kpi: Kpi | None = None
) -> Iterator[Finding]:
    """Yield the numbers there that are too large; beyond the bounds of `kpi` they are an error already."""
    for at, number in numbers(document, where):
        if abs(number) >= least and (kpi is None or _is_possible(number, kpi)):
            yield Finding(
                message=f"A {called} of {number} is one of {number * 100:,f} %.",
                place=document.place(at),
                hint=f"A percent is written as a fraction: {number:f} % is {number / 100:f}.",
            )


def _is_percent(kpi: Kpi) -> bool:
    return kpi.unit.name == "percent"


def _is_possible(number: Decimal, kpi: Kpi) -> bool:
    low, high = kpi.bounds.min, kpi.bounds.max
    return (low is None or number >= low) and (high is None or number <= high)


RULE = Rule("percent-as-whole-number", check, Severity.WARNING)
