"""Whether the values of months add up to that of the year."""

from collections.abc import Mapping

from kpiascode.model.expression import (
    Aggregate,
    Arithmetic,
    Call,
    Constant,
    Expression,
    KpiValue,
    Negate,
    Operator,
)
from kpiascode.model.project import Kpi


def adds_up(node: Expression, kpis: Mapping[str, Kpi]) -> bool:
    """Return whether it is a sum or a count of rows, or made of such by `+`, `-` and constant factors."""
    match node:
        case Aggregate(function="sum" | "count", distinct=False, entity=None):
            return True
        case KpiValue(name):
            return name in kpis and adds_up(kpis[name].expression, kpis)
        case Negate(operand):
            return adds_up(operand, kpis)
        case Arithmetic(Operator.ADD | Operator.SUBTRACT, left, right):
            return adds_up(left, kpis) and adds_up(right, kpis)
        case Arithmetic(Operator.MULTIPLY, Constant(), other):
            return adds_up(other, kpis)
        case Arithmetic(Operator.MULTIPLY | Operator.DIVIDE, other, Constant()):
            return adds_up(other, kpis)
        case Call("coalesce", (first, *others)):
            return adds_up(first, kpis) and all(_is_zero(other) for other in others)
        case _:
            return False


def _is_zero(node: Expression) -> bool:
    return isinstance(node, Constant) and not isinstance(node.value, bool) and node.value == 0
