"""For dialects in which a condition is no value: true and false are 1 and 0 wherever a value stands."""

from typing import Final

from sqlglot import exp

from kpiascode.compile import build

_CONDITIONS: Final = (exp.Predicate, exp.Connector, exp.Not)
_HOLD_CONDITIONS: Final = (exp.Where, exp.Having, exp.Connector, exp.Not)


def with_numbers_for_truth(tree: exp.Expr) -> exp.Expr:
    """Return the tree with 1 and 0 for a condition where a value is needed, and `x = 1` for a value."""
    tree = tree.copy()
    for node in reversed(list(tree.walk())):
        if node.parent is None or not isinstance(node, exp.Condition) or isinstance(node, exp.Paren):
            continue
        is_condition = isinstance(node, _CONDITIONS)
        needs_condition = _needs_condition(node)
        if isinstance(node, exp.Boolean):
            number = build.whole(int(node.this))
            node.replace(exp.EQ(this=number, expression=build.whole(1)) if needs_condition else number)
        elif needs_condition and not is_condition:
            node.replace(build.binary(exp.EQ, node.copy(), build.whole(1)))
        elif is_condition and not needs_condition:
            node.replace(_number(node.copy()))
    return tree


def _needs_condition(node: exp.Expr) -> bool:
    """Return whether a condition must stand where the node stands."""
    while isinstance(node.parent, exp.Paren):
        node = node.parent
    match node.parent:
        case exp.If():
            return node.arg_key == "this"
        case exp.Join():
            return node.arg_key == "on"
        case _:
            return isinstance(node.parent, _HOLD_CONDITIONS)


def _number(condition: exp.Expr) -> exp.Expr:
    """Return 1 where it holds, 0 where it does not, and null where that is unknown."""
    branches = [(condition, build.whole(1)), (build.negated(condition.copy()), build.whole(0))]
    return build.when(branches)
