"""A KPI is better higher, and is made of one that is better lower.

`1 - refund_rate` rises when fewer goods come back, so it is better higher if the rate is better lower.
Where the two directions do not fit, one of them is wrong, and every colour and arrow on the page with it.
Asked are KPIs that rise or fall with one other (over another time, times a number, less than a number),
and sums in `percent`, `ratio` or `points`, which make an index. Sums of money or of counts may well hold
both kinds, and a difference of two KPIs is a gap.

Bad:

    kind: kpi
    name: kept_rate
    expression: 1 - return_rate                             #! direction-conflict
    unit: percent
    direction: higher
    ---
    kind: kpi
    name: return_rate
    dataset: order_lines
    expression: sum(returned) / sum(quantity)
    unit: percent
    direction: higher
    ---
    kind: scorecard
    name: quality
    sections: [{title: Quality, kpis: [kept_rate]}]

Good:

    kind: kpi
    name: kept_rate
    expression: 1 - return_rate
    unit: percent
    direction: higher
    ---
    kind: kpi
    name: return_rate
    dataset: order_lines
    expression: sum(returned) / sum(quantity)
    unit: percent
    direction: lower
    ---
    kind: scorecard
    name: quality
    sections: [{title: Quality, kpis: [kept_rate]}]

Fix: correct the `direction` of one of the two, or turn the part around: `1 - x`.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, TypeAlias

from kpiascode.lint.documents import place_in, place_of
from kpiascode.lint.rule import Finding, Rule
from kpiascode.lint.units import PLAIN, unit_of_measure
from kpiascode.model.diagnostic import Severity
from kpiascode.model.expression import (
    Arithmetic,
    AverageOver,
    Call,
    Closing,
    Constant,
    Cumulative,
    Expression,
    KpiValue,
    Negate,
    Opening,
    Operator,
    Previous,
    Rolling,
    ToDate,
)
from kpiascode.model.project import Direction, Kpi, Project

Pull: TypeAlias = tuple[KpiValue, bool]
"""A KPI, and whether the whole rises with it."""

STEADY: Final = frozenset({"ceil", "coalesce", "floor", "round"})
TURNED: Final = {Direction.HIGHER: Direction.LOWER, Direction.LOWER: Direction.HIGHER}


def check(project: Project) -> Iterator[Finding]:
    """Yield each KPI in an expression that pulls against the direction of the whole."""
    for kpi in project.kpis.values():
        if kpi.direction is Direction.BAND:
            continue
        pulls = tuple(_pulls(kpi.expression))
        if len(pulls) > 1 and (unit_of_measure(kpi.unit) != PLAIN or kpi.unit.name == "count"):
            continue
        for node, rises in pulls:
            part = project.kpis.get(node.kpi)
            if part is None or part.direction is Direction.BAND:
                continue
            if (part.direction if rises else TURNED[part.direction]) is not kpi.direction:
                yield _finding(project, kpi, part, node, rises)


def _finding(project: Project, kpi: Kpi, part: Kpi, node: KpiValue, rises: bool) -> Finding:
    return Finding(
        message=f"This is better {kpi.direction.value} and {'rises' if rises else 'falls'} with "
        f"`{part.name}`, which is better {part.direction.value}.",
        place=place_in(project, kpi, "expression", node),
        hint="Correct the `direction` of one of the two.",
        note=f"The other one is declared at {place_of(project, part, 'direction')}.",
    )


def _pulls(node: Expression) -> Iterator[Pull]:
    """Yield the KPIs with which the whole surely rises or falls; of others nothing is said."""
    match node:
        case KpiValue():
            yield node, True
        case Negate(operand):
            yield from _turned(operand)
        case Arithmetic(Operator.ADD, left, right):
            yield from _pulls(left)
            yield from _pulls(right)
        case Arithmetic(Operator.SUBTRACT, Constant(), right):
            yield from _turned(right)
        case Arithmetic(Operator.SUBTRACT, left, Constant()):
            yield from _pulls(left)
        case Arithmetic(Operator.MULTIPLY, Constant(), factor) if _is_positive(node.left):
            yield from _pulls(factor)
        case Arithmetic(Operator.MULTIPLY | Operator.DIVIDE, factor, Constant()) if _is_positive(node.right):
            yield from _pulls(factor)
        case Previous(operand, _) | Rolling(operand, _) | ToDate(operand, _) | AverageOver(operand, _):
            yield from _pulls(operand)
        case Cumulative(operand) | Closing(operand) | Opening(operand):
            yield from _pulls(operand)
        case Call(function, (operand, *others)) if function in STEADY:
            if all(isinstance(other, Constant) for other in others):
                yield from _pulls(operand)
        case _:
            pass


def _turned(node: Expression) -> Iterator[Pull]:
    yield from ((kpi, not rises) for kpi, rises in _pulls(node))


def _is_positive(node: Expression) -> bool:
    return (
        isinstance(node, Constant)
        and node.type.is_number
        and isinstance(node.value, int | Decimal)
        and node.value > 0
    )


RULE = Rule("direction-conflict", check, Severity.WARNING)
