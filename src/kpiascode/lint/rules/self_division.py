"""A quotient divides something by itself, so it is 1 whatever happens.

Mostly one of the two sides has lost its filter, or was copied and never changed.

Bad:

    kind: kpi
    name: margin
    dataset: order_lines
    expression: sum(margin_amount) / sum(margin_amount)     #! self-division

Good:

    kind: kpi
    name: margin
    dataset: order_lines
    expression: sum(margin_amount) / sum(net_amount)

Fix: correct the numerator or the denominator.
"""

from collections.abc import Iterator

from kpiascode.lint.documents import place_in
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.expression import Arithmetic, Call, Constant, Expression, Operator, walk
from kpiascode.model.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each quotient of two equal sides. White space, brackets and `nullif(x, 0)` make no difference."""
    for kpi in project.kpis.values():
        for node in walk(kpi.expression):
            match node:
                case Arithmetic(Operator.DIVIDE, left, right) if _same(left, right):
                    yield Finding(
                        message="Numerator and denominator are the same, so the quotient is always 1.",
                        place=place_in(project, kpi, "expression", node),
                        hint="Correct one of the two.",
                    )


def _same(numerator: Expression, denominator: Expression) -> bool:
    return not isinstance(numerator, Constant) and numerator == _unguarded(denominator)


def _unguarded(node: Expression) -> Expression:
    match node:
        case Call("nullif", (guarded, Constant(value))) if value == 0:
            return guarded
        case _:
            return node


RULE = Rule("self-division", check)
