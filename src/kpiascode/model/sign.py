"""Whether an expression can be negative, as far as it can be told without its data."""

from decimal import Decimal

from kpiascode.model.expression import (
    Aggregate,
    Arithmetic,
    AverageOver,
    Call,
    Case,
    Cast,
    Closing,
    CohortSize,
    Constant,
    Cumulative,
    Days,
    Expression,
    Opening,
    Operator,
    Previous,
    Rolling,
    Share,
    StepCount,
    ToDate,
)


def never_negative(expression: Expression) -> bool:
    """Return whether no data makes it negative. Of columns and other KPIs that is not known: False."""
    match expression:
        case Constant(value):
            return isinstance(value, int | Decimal) and not isinstance(value, bool) and value >= 0
        case Days() | CohortSize() | StepCount():
            return True
        case Aggregate("count" | "approx_count_distinct" | "stddev" | "variance"):
            return True
        case Aggregate(argument=argument):
            return argument is not None and never_negative(argument)
        case Call("abs" | "length"):
            return True
        case Call("round" | "ceil" | "floor" | "nullif", (first, *_)):
            return never_negative(first)
        case Call("coalesce" | "greatest" | "least", arguments):
            return all(map(never_negative, arguments))
        case Arithmetic(Operator.SUBTRACT):
            return False
        case Arithmetic(_, left, right):
            return never_negative(left) and never_negative(right)
        case Case(branches, otherwise):
            return all(never_negative(then) for _, then in branches) and (
                otherwise is None or never_negative(otherwise)
            )
        case Cast(operand) | Previous(operand) | Rolling(operand) | ToDate(operand) | Cumulative(operand):
            return never_negative(operand)
        case Closing(operand) | Opening(operand) | AverageOver(operand) | Share(operand):
            return never_negative(operand)
        case _:
            return False
