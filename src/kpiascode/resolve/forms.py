"""Where a form has a meaning: which may stand inside which, and what a KPI must declare for it."""

from dataclasses import dataclass
from typing import Final

from kpiascode.model.calendar import Unit
from kpiascode.model.diagnostic import did_you_mean, one_of
from kpiascode.model.expression import (
    Aggregate,
    AverageOver,
    Closing,
    CohortSize,
    Expression,
    KpiValue,
    Opening,
    Share,
    StepCount,
    children,
    walk,
)
from kpiascode.resolve.lexer import ExpressionError
from kpiascode.resolve.scope import FORMS

UNITS_OF_AVERAGES: Final = tuple(unit for unit in Unit if unit.value in {
    "day", "week", "month", "quarter", "year", "fiscal_month", "fiscal_quarter", "fiscal_year"
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a KPI declares beside its expression.

    Args:
        dimensions: Their names.
        valid: Whether the rows of its dataset hold for spans.
        cohort: Whether it counts rows by age.
        steps: How many its funnel has; 0 without one.
    """

    dimensions: tuple[str, ...]
    valid: bool
    cohort: bool
    steps: int


def check_forms(expression: Expression, around: Surroundings) -> None:
    """Refuse a form that has no meaning where it stands.

    Raises:
        ExpressionError: at the first such form.
    """
    for node in walk(expression):
        match node:
            case Closing(operand, per) | Opening(operand, per):
                _check_balance(node, operand, per, around)
            case AverageOver(_, unit) if unit not in UNITS_OF_AVERAGES:
                raise ExpressionError(
                    "invalid-unit",
                    f"`average_over` has no unit `{unit.value}`.",
                    node.at,
                    "Use day, week, month, quarter, or a fiscal one.",
                )
            case Share(operand, dimension):
                _check_share(node, operand, dimension, around)
            case CohortSize() if not around.cohort:
                raise ExpressionError(
                    "cohort-not-declared",
                    "`cohort_size()` counts the entities of a cohort, and the KPI declares none.",
                    node.at,
                    "Add for example `cohort: {entity: customer_id, starts: customer.acquired_at, "
                    "age: 12 months}`.",
                )
            case StepCount(step) if step > around.steps:
                raise _no_step(node, around)
            case _:
                pass


def _check_balance(
    node: Expression, operand: Expression, per: Expression | None, around: Surroundings
) -> None:
    inside = tuple(walk(operand))
    misplaced = next((part for part in inside if isinstance(part, FORMS)), None)
    if misplaced is not None:
        raise ExpressionError(
            "form-misplaced",
            "A balance is taken of rows of one moment, so no other form stands inside it.",
            misplaced.at,
            "Put the form around it, as in previous(closing(sum(x)), 1 year).",
        )
    if not any(isinstance(part, Aggregate | KpiValue) for part in inside):
        raise ExpressionError(
            "form-misplaced", "A balance needs an aggregate, as in closing(sum(x)).", node.at
        )
    if around.cohort:
        raise ExpressionError(
            "form-misplaced", "A cohort counts rows by age, which a balance has not.", node.at
        )
    if per is None:
        return
    if around.valid:
        raise ExpressionError(
            "form-misplaced",
            "The rows of this dataset say themselves how long they hold, so there is no last one per key.",
            per.at,
            "Leave out `per`.",
        )
    other = next((part for part in inside if isinstance(part, KpiValue)), None)
    if other is not None:
        raise ExpressionError(
            "form-misplaced",
            f"`per` is a field of this KPI's own rows, and `{other.kpi}` may have others.",
            other.at,
            f"Put the `per` into `{other.kpi}`, or write out its aggregates.",
        )


def _check_share(node: Expression, operand: Expression, dimension: str, around: Surroundings) -> None:
    if dimension not in around.dimensions:
        known = around.dimensions
        raise ExpressionError(
            "unknown-dimension",
            f"The KPI has no dimension `{dimension}`.",
            node.at,
            did_you_mean(dimension, known)
            or (f"It has {one_of(known)}." if known else f"Add `dimensions: [{dimension}]`."),
        )
    if not any(isinstance(part, Aggregate | KpiValue | CohortSize | StepCount) for part in walk(operand)):
        raise ExpressionError("form-misplaced", "A share needs an aggregate or a KPI.", node.at)


def _no_step(node: StepCount, around: Surroundings) -> ExpressionError:
    if around.steps:
        return ExpressionError(
            "no-such-step", f"The funnel has {around.steps} steps, and no step {node.step}.", node.at
        )
    return ExpressionError(
        "funnel-not-declared",
        "`step` counts the entities of a funnel, and the KPI declares none.",
        node.at,
        "Add for example `funnel: {entity: visitor_id, within: 7 days, steps: [{where: ...}, {...}]}`.",
    )


def needs_time(node: Expression, *, valid: bool) -> bool:
    """Return whether an aggregate stands where only a time says which rows count.

    Args:
        valid: Whether rows hold for spans, which balances and averages read.
    """
    if isinstance(node, Aggregate):
        return True
    if valid and isinstance(node, Closing | Opening | AverageOver):
        return False
    return any(needs_time(child, valid=valid) for child in children(node))
