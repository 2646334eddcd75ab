"""A target, or a baseline, is a number that its KPI can never have.

`bounds` say what can never be true. A target beyond them is never reached, and a baseline beyond them
never was; mostly a percent was written as 44 where 0.44 is meant. The bounds of a KPI that adds up over
time are those of its periods, so they say nothing of `measure: to_date`.

Bad:

    kind: kpi
    name: margin
    dataset: order_lines
    expression: sum(margin_amount) / sum(net_amount)
    unit: percent
    bounds: {min: -1, max: 1}
    ---
    kind: goal
    name: earn_more
    results:
      - kpi: margin
        baseline: 0.41
        target: 44                                          #! target-outside-bounds

Good:

    kind: kpi
    name: margin
    dataset: order_lines
    expression: sum(margin_amount) / sum(net_amount)
    unit: percent
    bounds: {min: -1, max: 1}
    ---
    kind: goal
    name: earn_more
    results:
      - kpi: margin
        baseline: 0.41
        target: 0.44

Fix: correct the number, or the `bounds` of the KPI.
"""

from collections.abc import Iterator
from decimal import Decimal

from kpiascode.lint.documents import numbers, place_of, target_values
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.additive import adds_up
from kpiascode.model.document import Document
from kpiascode.model.project import Goal, Kpi, Measured, Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each number of a goal's results that lies outside the bounds of the KPI."""
    for goal in project.goals.values():
        yield from _of_goal(project, goal)


def _of_goal(project: Project, goal: Goal) -> Iterator[Finding]:
    document = project.documents["goal", goal.name]
    for position, result in enumerate(goal.results):
        kpi = project.kpis.get(result.kpi)
        if kpi is None or _are_inverted(kpi):
            continue
        if result.measured is Measured.TO_DATE and adds_up(kpi.expression, project.kpis):
            continue
        baseline = ("results", position, "baseline")
        for where in (baseline, *target_values(document, position)):
            called = "baseline" if where == baseline else "target"
            yield from _outside(project, kpi, document, where, called)


def _outside(
    project: Project, kpi: Kpi, document: Document, where: tuple[str | int, ...], called: str
) -> Iterator[Finding]:
    for at, number in numbers(document, where):
        bound = _broken_bound(kpi, number)
        if bound is None:
            continue
        fraction = kpi.unit.name == "percent" and abs(number) > 1
        yield Finding(
            message=f"The {called} {number} lies {bound} of `{kpi.name}`, so it can never be true.",
            place=document.place(at),
            hint=f"A percent is written as a fraction: {number} % is {number / 100}."
            if fraction
            else "Correct the number, or the `bounds` of the KPI.",
            note=f"The bounds are declared at {place_of(project, kpi, 'bounds')}.",
        )


def _broken_bound(kpi: Kpi, number: Decimal) -> str | None:
    low, high = kpi.bounds.min, kpi.bounds.max
    if low is not None and number < low:
        return f"below the least value, {low},"
    if high is not None and number > high:
        return f"above the greatest value, {high},"
    return None


def _are_inverted(kpi: Kpi) -> bool:
    low, high = kpi.bounds.min, kpi.bounds.max
    return low is not None and high is not None and low > high


RULE = Rule("target-outside-bounds", check)
