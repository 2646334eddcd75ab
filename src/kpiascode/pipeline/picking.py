"""A slice as definitions name it, as the condition that its rows meet."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from kpiascode.model.expression import (
    And,
    Comparator,
    Comparison,
    Constant,
    Expression,
    IsNull,
    Not,
    Slice,
    Type,
)
from kpiascode.model.observation import SliceKey


def picking(of: SliceKey, types: Mapping[str, Type]) -> Expression | None:
    """Return the condition; None where no row meets it, since a dimension holds nothing of that sort.

    Args:
        of: Not `()`.
        types: By dimension.
    """
    parts: list[Expression] = []
    for dimension, value in of:
        part = _one(Slice(dimension), value, types[dimension])
        if part is None:
            return None
        parts.append(part)
    return _all(parts)


def _all(parts: Iterable[Expression]) -> Expression:
    first, *others = parts
    for other in others:
        first = And(first, other)
    return first


def _one(named: Slice, value: str | None, type_: Type) -> Expression | None:
    if value is None:
        return IsNull(named)
    if type_ is Type.BOOLEAN:
        return named if value == "true" else Not(named) if value == "false" else None
    constant = _constant(value, type_)
    return None if constant is None else Comparison(Comparator.EQUAL, named, constant)


def _constant(value: str, type_: Type) -> Constant | None:
    try:
        match type_:
            case Type.INTEGER | Type.DECIMAL | Type.DOUBLE:
                number = Decimal(value)
                return Constant(number, Type.DECIMAL) if number.is_finite() else None
            case Type.DATE:
                return Constant(date.fromisoformat(value), Type.DATE)
            case Type.TIMESTAMP:
                return Constant(datetime.fromisoformat(value), Type.TIMESTAMP)
            case _:
                return Constant(value, Type.TEXT)
    except (ValueError, InvalidOperation):
        return None
