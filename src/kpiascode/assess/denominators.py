"""What a rate is divided by, as a KPI that counts it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from kpiascode.model.expression import (
    Aggregate,
    Arithmetic,
    Call,
    CohortSize,
    Constant,
    Expression,
    KpiValue,
    Operator,
    StepCount,
)
from kpiascode.model.project import Kpi, Project

RATES: Final = frozenset({"percent", "ratio", "points"})
"""Units in which a share of cases is told."""

LIKE_FIRST: Final = frozenset({"round", "coalesce", "nullif", "abs"})


def denominators(project: Project) -> dict[str, Kpi]:
    """Return by rate the KPI that counts its cases; a quotient of amounts has none."""
    found = {name: denominator_of(kpi, project.kpis) for name, kpi in project.kpis.items()}
    return {name: kpi for name, kpi in found.items() if kpi is not None}


def denominator_of(kpi: Kpi, kpis: Mapping[str, Kpi]) -> Kpi | None:
    """Return the KPI that counts the cases of a rate; None where it is none."""
    if kpi.unit.name not in RATES:
        return None
    match _divided_by(_without_factors(kpi.expression)):
        case KpiValue(name) if _is_count(kpis[name].expression):
            return replace(kpis[name], grain=kpi.grain, dimensions=(), revisions=())
        case None:
            return None
        case node if kpi.dataset is not None and _is_count(node):
            return replace(kpi, expression=node, dimensions=(), revisions=())
        case _:
            return None


def _divided_by(node: Expression) -> Expression | None:
    match node:
        case Arithmetic(Operator.DIVIDE, _, right):
            return _without_factors(right)
        case Aggregate(function="avg", entity=None):
            return replace(node, function="count")
        case _:
            return None


def _without_factors(node: Expression) -> Expression:
    """Return what is left without constants and without what keeps nulls and zeros away."""
    match node:
        case Call(function, (first, *_)) if function in LIKE_FIRST:
            return _without_factors(first)
        case Arithmetic(_, other, Constant()):
            return _without_factors(other)
        case Arithmetic(Operator.ADD | Operator.SUBTRACT | Operator.MULTIPLY, Constant(), other):
            return _without_factors(other)
        case _:
            return node


def _is_count(node: Expression) -> bool:
    match node:
        case Aggregate(function="count" | "approx_count_distinct", entity=None):
            return True
        case CohortSize() | StepCount():
            return True
        case _:
            return False
