"""An average is taken of averages, so that small groups weigh as much as large ones.

The mean of two stores' margins is the margin of no company: a store with ten orders counts like one with
ten thousand. What is asked for is nearly always the quotient of the totals.

Looked for are `avg(avg(x) per k)`, and the sum of KPIs that are averages or quotients, divided by their
number. KPIs with the same denominator may be averaged.

Bad:

    kind: kpi
    name: delivery_days
    dataset: order_lines
    expression: avg(avg(days_to_arrive) per order_id)       #! average-of-averages
    unit: days

Good:

    kind: kpi
    name: delivery_days
    dataset: order_lines
    expression: avg(days_to_arrive)
    unit: days

Fix: average all rows at once, or divide the totals: `sum(a) / sum(b)`.
"""

from collections.abc import Iterator
from typing import TypeAlias

from kpiascode.lint.documents import place_in
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.diagnostic import Severity
from kpiascode.model.expression import (
    Aggregate,
    Arithmetic,
    Constant,
    Expression,
    KpiValue,
    Operator,
    walk,
)
from kpiascode.model.project import Kpi, Project

Weights: TypeAlias = tuple[object, ...]
"""What the denominator of a KPI is, and over which rows."""


def check(project: Project) -> Iterator[Finding]:
    """Yield each average of averages per entity, and each mean of KPIs that are averages themselves."""
    for kpi in project.kpis.values():
        for node in walk(kpi.expression):
            match node:
                case Aggregate("avg", argument) if node.entity is not None and _averages(argument):
                    message = "An average of averages weighs every group alike, however many rows it has."
                case Arithmetic(Operator.DIVIDE, total, Constant(number)) if _is_mean(total, number, project):
                    message = "The mean of averages weighs each of them alike, however much lies behind it."
                case _:
                    continue
            yield Finding(
                message=message,
                place=place_in(project, kpi, "expression", node),
                hint="Average all rows at once, or divide the totals: sum(a) / sum(b).",
            )


def _averages(argument: Expression | None) -> bool:
    return argument is not None and any(
        isinstance(part, Aggregate) and part.function == "avg" for part in walk(argument)
    )


def _is_mean(total: Expression, number: object, project: Project) -> bool:
    """Return whether as many KPIs as `number` are added up that have denominators, and not all the same."""
    terms = _terms(total)
    weights = {_weights(project.kpis.get(term.kpi)) if isinstance(term, KpiValue) else None for term in terms}
    return len(terms) == number and len(weights) > 1 and None not in weights


def _terms(node: Expression) -> tuple[Expression, ...]:
    match node:
        case Arithmetic(Operator.ADD, left, right):
            return (*_terms(left), *_terms(right))
        case _:
            return (node,)


def _weights(kpi: Kpi | None) -> Weights | None:
    """Return what a KPI divides by; None where it is no average and no quotient."""
    if kpi is None:
        return None
    rows = (kpi.dataset, kpi.where, kpi.time)
    match kpi.expression:
        case Aggregate("avg", argument, condition=condition, entity=entity):
            return (*rows, argument, condition, entity)
        case Arithmetic(Operator.DIVIDE, _, denominator) if not isinstance(denominator, Constant):
            return (*rows, denominator)
        case _:
            return None


RULE = Rule("average-of-averages", check, Severity.WARNING)
