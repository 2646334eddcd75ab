"""The unit that an expression comes to, as far as the units of the KPIs in it tell.

`percent`, `ratio`, `count` and `points` are plain; each unit of time and each currency is a base unit. A
column is of unknown unit, and so is a number written down where it multiplies: 24 may be the hours of a
day. Where it is added or compared it takes the unit of the others.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from kpiascode.model.expression import (
    Aggregate,
    Arithmetic,
    AverageOver,
    Between,
    Call,
    Case,
    Cast,
    Closing,
    CohortSize,
    Comparison,
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
    walk,
)
from kpiascode.model.project import Kpi, Measure

Unit: TypeAlias = tuple[tuple[str, int], ...]
"""Powers of base units, in the order of their names; `()` is a plain number."""

PLAIN: Final[Unit] = ()
TIMES: Final = frozenset({"seconds", "minutes", "hours", "days"})
SAME_UNIT: Final = frozenset({"coalesce", "greatest", "least", "nullif"})
OF_THE_FIRST: Final = frozenset({"abs", "ceil", "floor", "round"})


@dataclass(frozen=True, slots=True)
class Clash:
    """Two parts of a node that need one unit and have two; `part` is the first that differs."""

    node: Expression
    part: Expression
    one: Unit
    other: Unit


def unit_of_measure(measure: Measure) -> Unit:
    """Return the unit that a KPI declares."""
    if measure.currency is not None:
        return ((measure.currency, 1),)
    return ((measure.name, 1),) if measure.name in TIMES else PLAIN


def unit_of(node: Expression, kpis: Mapping[str, Kpi]) -> Unit | None:
    """Return the unit of an expression; None where it is not known or its parts do not go together."""
    if parts := needing_one_unit(node):
        return _common(parts, kpis)
    match node:
        case KpiValue(name):
            return unit_of_measure(kpis[name].unit) if name in kpis else None
        case Aggregate(function="count" | "approx_count_distinct") | Share() | CohortSize() | StepCount():
            return PLAIN
        case Aggregate(argument=argument, entity=entity) if argument is not None and entity is not None:
            return PLAIN if unit_of(argument, kpis) == PLAIN else None
        case Arithmetic(Operator.MULTIPLY, left, right):
            return _product(unit_of(left, kpis), unit_of(right, kpis), 1)
        case Arithmetic(Operator.DIVIDE, left, right):
            return _product(unit_of(left, kpis), unit_of(right, kpis), -1)
        case Call(function, (first, *_)) if function in OF_THE_FIRST:
            return unit_of(first, kpis)
        case Negate(operand) | Cast(operand, _) | Cumulative(operand):
            return unit_of(operand, kpis)
        case Previous(operand, _) | Rolling(operand, _) | ToDate(operand, _) | AverageOver(operand, _):
            return unit_of(operand, kpis)
        case Closing(operand, _) | Opening(operand, _):
            return unit_of(operand, kpis)
        case _:
            return None


def clashes(expression: Expression, kpis: Mapping[str, Kpi]) -> Iterator[Clash]:
    """Yield each place where units meet that do not go together; once each, the outermost first."""
    for node in walk(expression):
        parts = [part for part in needing_one_unit(node) if not is_free(part)]
        known = [(part, unit) for part in parts if (unit := unit_of(part, kpis)) is not None]
        for part, unit in known[1:]:
            first, one = known[0]
            differ = not agree(first, one, unit) and not agree(part, unit, one)
            if differ and can_be_declared(one) == can_be_declared(unit):
                yield Clash(node, part, one, unit)
                break


def needing_one_unit(node: Expression) -> tuple[Expression, ...]:
    """Return the parts of a node that are added up, compared, or stand for each other."""
    match node:
        case Arithmetic(Operator.ADD | Operator.SUBTRACT, left, right):
            return (left, right)
        case Comparison(_, left, right):
            return (left, right)
        case Between(operand, low, high):
            return (operand, low, high)
        case Case(branches, otherwise):
            results = tuple(result for _, result in branches)
            return results if otherwise is None else (*results, otherwise)
        case Call(function, arguments) if function in SAME_UNIT:
            return arguments
        case _:
            return ()


def is_free(node: Expression) -> bool:
    """Return whether it is made of written numbers only, and so takes any unit."""
    return all(isinstance(part, Constant | Negate | Arithmetic) for part in walk(node))


def agree(node: Expression, unit: Unit, other: Unit) -> bool:
    """Return whether the unit of a node is as good as another one.

    A plain number may be one of days where it was counted (the days with a sale) or divided (what is open by
    what is done in a day), since no KPI can declare "for each day".
    """
    return unit == other or (unit == PLAIN and _is_time(other) and _may_be_time(node))


def can_be_declared(unit: Unit) -> bool:
    """Return whether a KPI can have that unit: EUR it can, and EUR / hours it cannot.

    What cannot be declared is declared as something else, so it is compared with its like only.
    """
    return unit == PLAIN or (len(unit) == 1 and unit[0][1] == 1)


def in_words(unit: Unit) -> str:
    """Return a unit in words.

    >>> in_words(()), in_words((("EUR", 1),)), in_words((("EUR", 1), ("hours", -1)))
    ('a plain number', 'EUR', 'EUR / hours')
    """
    if not unit:
        return "a plain number"
    over = [name for name, power in unit for _ in range(power)]
    under = [name for name, power in unit for _ in range(-power)]
    return " / ".join([" * ".join(over) or "1", *under])


def _common(parts: tuple[Expression, ...], kpis: Mapping[str, Kpi]) -> Unit | None:
    """Return the unit that parts share which need one; that of a part is also that of the unknown ones."""
    units = {unit_of(part, kpis) for part in parts if not is_free(part)} - {None}
    return units.pop() if len(units) == 1 else None


def _product(one: Unit | None, other: Unit | None, sign: int) -> Unit | None:
    if one is None or other is None:
        return None
    powers = dict(one)
    for name, power in other:
        powers[name] = powers.get(name, 0) + sign * power
    found = tuple(sorted((name, power) for name, power in powers.items() if power))
    mixes_times = sum(name in TIMES for name, _ in found) > 1
    return None if mixes_times else found


def _is_time(unit: Unit) -> bool:
    return can_be_declared(unit) and any(name in TIMES for name, _ in unit)


def _may_be_time(node: Expression) -> bool:
    return any(
        (isinstance(part, Aggregate) and part.function == "count")
        or (isinstance(part, Arithmetic) and part.operator is Operator.DIVIDE)
        for part in walk(node)
    )
