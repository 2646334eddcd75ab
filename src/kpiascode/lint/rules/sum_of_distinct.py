"""Distinct counts are added up, so that what is in two of them counts twice.

A customer who buys online and in a store is one customer, and two in `sum(count(distinct customer_id) per
channel)`; one who buys in two months is two in the sum of the months. Counted at once, each is one. The
mean of distinct counts is no sum of them, and is not reported.

Bad:

    kind: kpi
    name: buyers
    dataset: order_lines
    expression: sum(count(distinct customer_id) per channel)  #! sum-of-distinct
    unit: count
    ---
    kind: kpi
    name: buyers_of_two_months
    expression: buyers_of_a_month + previous(buyers_of_a_month, 1 month)  #! sum-of-distinct
    unit: count
    ---
    kind: kpi
    name: buyers_of_a_month
    dataset: order_lines
    expression: count(distinct customer_id)
    unit: count

Good:

    kind: kpi
    name: buyers
    dataset: order_lines
    expression: count(distinct customer_id)
    unit: count
    ---
    kind: kpi
    name: buyers_of_two_months
    dataset: order_lines
    expression: rolling(count(distinct customer_id), 2 months)
    unit: count

Fix: count at once, by `count(distinct x)` over all rows or `rolling(count(distinct x), 2 months)`.
"""

from collections import Counter
from collections.abc import Iterator

from kpiascode.lint.documents import place_in
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.diagnostic import Severity
from kpiascode.model.expression import (
    Aggregate,
    Arithmetic,
    Call,
    Expression,
    KpiValue,
    Operator,
    Previous,
    children,
)
from kpiascode.model.project import Kpi, Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each sum of distinct counts per entity, and each of one distinct count over several periods."""
    for kpi in project.kpis.values():
        for node in _sums(kpi.expression):
            if isinstance(node, Aggregate):
                yield Finding(
                    message="Distinct counts are added up, so that what is in two groups counts twice.",
                    place=place_in(project, kpi, "expression", node),
                    hint="Write `count(distinct x)` over all rows.",
                )
            elif _adds_periods(node, project):
                yield Finding(
                    message="Distinct counts of periods are added up, so that what is in two of them counts "
                    "twice.",
                    place=place_in(project, kpi, "expression", node),
                    hint="Count over all of them at once: rolling(x, 2 months).",
                )


def _sums(node: Expression) -> Iterator[Expression]:
    """Yield each sum of distinct counts per entity, and each whole chain of `+` that is nobody's factor."""
    match node:
        case Aggregate("sum", argument, entity=entity) if entity is not None and _counts(argument, entity):
            yield node
        case Arithmetic(Operator.ADD):
            yield node
            for term in _terms(node):
                yield from _sums(term)
        case Arithmetic(Operator.MULTIPLY | Operator.DIVIDE, left, right):
            for side in (left, right):
                for term in _terms(side):
                    yield from _sums(term)
        case _:
            for child in children(node):
                yield from _sums(child)


def _counts(argument: Expression | None, entity: Expression) -> bool:
    """Return whether it is a distinct count of something else than the entity itself."""
    return isinstance(argument, Aggregate) and _is_distinct(argument) and argument.argument != entity


def _is_distinct(node: Aggregate) -> bool:
    return (node.function == "count" and node.distinct) or node.function == "approx_count_distinct"


def _terms(node: Expression) -> tuple[Expression, ...]:
    match node:
        case Arithmetic(Operator.ADD, left, right):
            return (*_terms(left), *_terms(right))
        case _:
            return (node,)


def _adds_periods(node: Expression, project: Project) -> bool:
    counted = Counter(base for term in _terms(node) if (base := _base(term, project)) is not None)
    return any(times > 1 for times in counted.values())


def _base(term: Expression, project: Project) -> Expression | None:
    """Return the distinct count that a term is, of whichever period; None where it is none."""
    match term:
        case Previous(operand, _) | Call("coalesce", (operand, *_)):
            return _base(operand, project)
        case Aggregate():
            return term if _is_distinct(term) else None
        case KpiValue(name):
            return term if _is_count(project.kpis.get(name)) else None
        case _:
            return None


def _is_count(kpi: Kpi | None) -> bool:
    return kpi is not None and isinstance(kpi.expression, Aggregate) and _is_distinct(kpi.expression)


RULE = Rule("sum-of-distinct", check, Severity.WARNING)
