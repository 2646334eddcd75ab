"""What a part of a planned expression is, as far as that is known: how it is written depends on that."""

from collections.abc import Iterable

from kpiascode.model.expression import (
    And,
    Arithmetic,
    Between,
    Call,
    Case,
    Cast,
    Column,
    Comparison,
    Constant,
    Expression,
    InPeriods,
    IsNull,
    Like,
    Local,
    Moved,
    Negate,
    Not,
    OneOf,
    Operator,
    Or,
    Type,
)

_OF_FUNCTIONS = {
    "length": Type.INTEGER,
    "lower": Type.TEXT,
    "round": Type.DECIMAL,
    "trim": Type.TEXT,
    "upper": Type.TEXT,
}


def kind_of(node: Expression) -> Type:
    """Return the type of a sound expression; UNKNOWN where nothing is known of what it is made of."""
    match node:
        case Constant(_, kind) | Column(_, _, kind) | Cast(_, kind):
            return kind
        case Local():
            return Type.TIMESTAMP
        case Moved(operand, _, is_date):
            return Type.DATE if is_date else kind_of(operand)
        case Negate(operand):
            return kind_of(operand)
        case Arithmetic(Operator.DIVIDE):
            return Type.DOUBLE
        case Arithmetic(_, left, right):
            return _widest([left, right])
        case And() | Or() | Not() | Comparison() | IsNull() | OneOf() | Between() | Like() | InPeriods():
            return Type.BOOLEAN
        case Case(branches, otherwise):
            results = [result for _, result in branches]
            return _widest(results if otherwise is None else [*results, otherwise])
        case Call("abs" | "ceil" | "floor" | "nullif", arguments):
            return kind_of(arguments[0])
        case Call("coalesce" | "greatest" | "least", arguments):
            return _widest(arguments)
        case Call(function):
            return _OF_FUNCTIONS.get(function, Type.DOUBLE)
        case _:
            return Type.UNKNOWN


def _widest(nodes: Iterable[Expression]) -> Type:
    """Return the type that holds all; of what is no number the first that is known."""
    kinds = {kind_of(node): None for node in nodes if not _is_null(node)}
    for kind in (Type.UNKNOWN, Type.DOUBLE, Type.DECIMAL):
        if kind in kinds:
            return kind
    return next(iter(kinds), Type.UNKNOWN)


def _is_null(node: Expression) -> bool:
    return isinstance(node, Constant) and node.value is None
