"""An average of averages is the average of nothing, and distinct counts do not add up.

A ratio of totals weighs every row alike. The mean of ratios weighs a day with two orders like a day with
two thousand; a sum of distinct counts counts whoever appears twice, twice.

Looked for: `avg` of a quotient, `avg` of `avg` per something, `sum` of `count(distinct ...)` per something,
distinct counts of different KPIs added up, and the halved sum of two ratios.

Pass: none is found.
Fail: one is.
Inconclusive: never; the expression is declared.
Not applicable: nothing in it is a ratio, an average or a distinct count.

Fix: divide the totals, or count over all rows at once.
"""

from collections.abc import Callable, Iterator
from typing import Final

from kpiascode.assess.probe import Case, Found, Probe, failed, not_applicable, passed
from kpiascode.model.assessment import Criterion
from kpiascode.model.expression import (
    Aggregate,
    Arithmetic,
    Column,
    Constant,
    Expression,
    KpiValue,
    Operator,
    children,
    walk,
)
from kpiascode.model.project import Project

DIVIDE_TOTALS: Final = "Divide the totals instead: `sum(a) / sum(b)`."
COUNTS_TWICE: Final = "Adds up distinct counts, so whoever is in two of them counts twice."
COUNT_AT_ONCE: Final = "Count over all rows at once: one `count(distinct ...)`."


def check(case: Case) -> Found:
    """Return the first average of averages or sum of distinct counts."""
    for reason, fix in _mistakes(case.kpi.expression, case.project):
        return failed(reason, fix)
    if not any(_is_sensitive(node, case.project) for node in walk(case.kpi.expression)):
        return not_applicable("Nothing in it is a ratio, an average or a distinct count.")
    return passed("Averages no averages and adds no distinct counts.")


def _mistakes(expression: Expression, project: Project) -> Iterator[tuple[str, str]]:
    for node in walk(expression):
        match node:
            case Aggregate(function="avg") if node.entity is None and _holds(_is_quotient, node.argument):
                yield "Averages the quotients of single rows, whatever their size.", DIVIDE_TOTALS
            case Aggregate(function="avg") if node.entity and _holds(_is_average, node.argument):
                yield "Averages averages, whatever they are averages of.", DIVIDE_TOTALS
            case Aggregate(function="sum") if node.entity and _holds(_is_distinct, node.argument):
                yield COUNTS_TWICE, COUNT_AT_ONCE
            case Arithmetic(operator=Operator.ADD) if _several(_is_distinct, node, project):
                yield COUNTS_TWICE, COUNT_AT_ONCE
            case Arithmetic(operator=Operator.DIVIDE, right=Constant()) if _several(
                _is_ratio, node.left, project
            ):
                yield "Averages ratios, whatever their denominators.", DIVIDE_TOTALS


def _several(test: Callable[[Expression], bool], total: Expression, project: Project) -> bool:
    return sum(test(term) for term in _terms(total, project)) > 1


def _terms(node: Expression, project: Project) -> list[Expression]:
    """Return the terms of a sum; in place of a KPI its expression."""
    match node:
        case Arithmetic(operator=Operator.ADD, left=left, right=right):
            return [*_terms(left, project), *_terms(right, project)]
        case KpiValue(kpi=name):
            return [project.kpis[name].expression]
        case _:
            return [node]


def _is_sensitive(node: Expression, project: Project) -> bool:
    match node:
        case KpiValue(kpi=name):
            return _is_distinct(project.kpis[name].expression) or _is_ratio(project.kpis[name].expression)
        case Arithmetic(operator=Operator.DIVIDE) | Aggregate(function="avg") | Aggregate(distinct=True):
            return True
        case _:
            return False


def _holds(test: Callable[[Expression], bool], argument: Expression | None) -> bool:
    return argument is not None and any(test(node) for node in walk(argument))


def _is_quotient(node: Expression) -> bool:
    """Return whether something is divided by a column; seconds / 60 is only another unit."""
    return _is_ratio(node) and any(isinstance(part, Column) for part in walk(children(node)[1]))


def _is_average(node: Expression) -> bool:
    return isinstance(node, Aggregate) and node.function == "avg"


def _is_distinct(node: Expression) -> bool:
    return isinstance(node, Aggregate) and node.function == "count" and node.distinct


def _is_ratio(node: Expression) -> bool:
    return isinstance(node, Arithmetic) and node.operator is Operator.DIVIDE


PROBE = Probe(name="adds-up", criterion=Criterion.QUANTIFIABLE, weight=2, gate=False, check=check)
