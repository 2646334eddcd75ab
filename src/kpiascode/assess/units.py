"""The unit that a formula comes to, as far as the units of the KPIs in it tell."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

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
    Expression,
    KpiValue,
    Negate,
    Opening,
    Operator,
    Previous,
    Rolling,
    Share,
    StepCount,
    ToDate,
)
from kpiascode.model.project import Measure, Project

Unit: TypeAlias = tuple[tuple[str, int], ...]
"""Powers of base units, in the order of their names; `()` is a plain number."""

PLAIN: Final[Unit] = ()
TIMES: Final = frozenset({"seconds", "minutes", "hours", "days"})
ALL_ALIKE: Final = frozenset({"coalesce", "least", "greatest"})
LIKE_FIRST: Final = frozenset({"abs", "round", "nullif"})


@dataclass(frozen=True, slots=True)
class Clash:
    """Two units that cannot be added."""

    one: Unit
    other: Unit

    def __str__(self) -> str:
        return f"{in_words(self.one)} and {in_words(self.other)}"


def unit_of_measure(measure: Measure) -> Unit:
    """Return the base unit; all units of time are one, since a factor may convert them."""
    if measure.currency is not None:
        return ((measure.currency, 1),)
    return (("time", 1),) if measure.name in TIMES else PLAIN


def unit_of(node: Expression, project: Project) -> Unit | Clash | None:
    """Return the unit of a formula; None where a column or a constant factor hides it."""
    match node:
        case KpiValue(kpi=name):
            return unit_of_measure(project.kpis[name].unit)
        case Aggregate(function="count" | "approx_count_distinct") | Share() | CohortSize() | StepCount():
            return PLAIN
        case Arithmetic(operator=Operator.MULTIPLY, left=left, right=right):
            return _combined(unit_of(left, project), unit_of(right, project), 1)
        case Arithmetic(operator=Operator.DIVIDE, left=left, right=right):
            return _combined(unit_of(left, project), unit_of(right, project), -1)
        case Arithmetic(left=left, right=right):
            return _same((left, right), project)
        case Case(branches=branches, otherwise=otherwise):
            ends = () if otherwise is None else (otherwise,)
            return _same((*(result for _, result in branches), *ends), project)
        case Call(function=function, arguments=arguments) if function in ALL_ALIKE:
            return _same(arguments, project)
        case Call(function=function, arguments=(first, *_)) if function in LIKE_FIRST:
            return unit_of(first, project)
        case Negate(operand=operand) | Cast(operand=operand) | Cumulative(operand=operand):
            return unit_of(operand, project)
        case Previous(operand=operand) | Rolling(operand=operand) | ToDate(operand=operand):
            return unit_of(operand, project)
        case Closing(operand=operand) | Opening(operand=operand) | AverageOver(operand=operand):
            return unit_of(operand, project)
        case _:
            return None


def in_words(unit: Unit) -> str:
    """Return a unit in words.

    >>> in_words(()), in_words((("EUR", 1), ("time", -1)))
    ('a plain number', 'EUR per time')
    """
    over = [name if power == 1 else f"{name}^{power}" for name, power in unit if power > 0]
    under = [name if power == -1 else f"{name}^{-power}" for name, power in unit if power < 0]
    if not unit:
        return "a plain number"
    return " per ".join([" ".join(over) or "one", *under])


def _combined(one: Unit | Clash | None, other: Unit | Clash | None, sign: int) -> Unit | Clash | None:
    for side in (one, other):
        if isinstance(side, Clash):
            return side
    if one is None or other is None or isinstance(one, Clash) or isinstance(other, Clash):
        return None
    powers = dict(one)
    for name, power in other:
        powers[name] = powers.get(name, 0) + sign * power
    return tuple(sorted((name, power) for name, power in powers.items() if power))


def _same(nodes: Iterable[Expression], project: Project) -> Unit | Clash | None:
    """Return the unit that all share; a constant takes that of the others."""
    units = [unit_of(node, project) for node in nodes if not isinstance(node, Constant)]
    for unit in units:
        if isinstance(unit, Clash):
            return unit
    known = [unit for unit in units if unit is not None and not isinstance(unit, Clash)]
    for unit in known:
        if unit != known[0]:
            return Clash(known[0], unit)
    return known[0] if known and len(known) == len(units) else None
