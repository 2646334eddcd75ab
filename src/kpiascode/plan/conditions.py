"""Conditions as what they ask one by one: joined, taken apart, compared."""

from collections.abc import Iterable

from kpiascode.model.expression import And, Expression


def both(one: Expression | None, other: Expression | None) -> Expression | None:
    return all_of(part for part in (one, other) if part is not None)


def all_of(conditions: Iterable[Expression]) -> Expression | None:
    """Return the conditions joined by `and`; None where there are none."""
    whole: Expression | None = None
    for condition in conditions:
        whole = condition if whole is None else And(whole, condition)
    return whole


def conjuncts(node: Expression | None) -> tuple[Expression, ...]:
    """Return what a condition asks, one by one."""
    match node:
        case None:
            return ()
        case And(left, right):
            return (*conjuncts(left), *conjuncts(right))
        case _:
            return (node,)


def common(conditions: list[Expression | None]) -> tuple[Expression, ...]:
    """Return what all conditions ask, in the order of the first."""
    if not conditions:
        return ()
    rest = [set(conjuncts(condition)) for condition in conditions[1:]]
    return tuple(
        dict.fromkeys(part for part in conjuncts(conditions[0]) if all(part in other for other in rest))
    )
