"""Euros and dollars, or a share and days, are added, compared or declared as one another.

`+`, `-`, comparisons, `least`, `greatest`, `coalesce`, `nullif` and the branches of `case` need one unit;
`*` and `/` combine: EUR / EUR is a plain number, EUR / count is EUR. `percent`, `ratio`, `count` and
`points` are plain, each unit of time and each currency is its own. The result must be the declared
`unit`, and a KPI that gives a target must have the unit of the KPI that it is for. Only units that are
known are compared: columns have none, nor has a written factor (24 may be the hours of a day) nor what no
KPI can declare (EUR / hours). A count, or a quotient, may be one of days.

Bad:

    kind: kpi
    name: sales_everywhere
    expression: net_sales + sales_in_dollars                #! unit-mismatch
    unit: {currency: EUR}
    ---
    kind: kpi
    name: sales_per_order
    expression: net_sales / orders
    unit: percent                                           #! unit-mismatch

Good:

    kind: kpi
    name: sales_with_tax
    expression: net_sales + sales_tax
    unit: {currency: EUR}
    ---
    kind: kpi
    name: sales_per_order
    expression: net_sales / orders
    unit: {currency: EUR}

Fix: correct the `unit` or the formula. Convert money in the rows, by a relationship to a dataset of
rates; convert times by a factor, such as `reply_hours / 24`.
"""

from collections.abc import Iterator

from kpiascode.lint.documents import place_in, place_of, target_values
from kpiascode.lint.rule import Finding, Rule
from kpiascode.lint.units import (
    PLAIN,
    TIMES,
    Clash,
    Unit,
    agree,
    can_be_declared,
    clashes,
    in_words,
    unit_of,
    unit_of_measure,
)
from kpiascode.model.checking import Preset
from kpiascode.model.expression import Arithmetic, Between, Call, Comparison
from kpiascode.model.project import Goal, Kpi, Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each clash within an expression, each unit that is not its own, each target of another unit."""
    for kpi in project.kpis.values():
        within = [_clash(project, kpi, clash) for clash in clashes(kpi.expression, project.kpis)]
        yield from within or _declared(project, kpi)
    for goal in project.goals.values():
        yield from _targets(project, goal)


def _clash(project: Project, kpi: Kpi, clash: Clash) -> Finding:
    pair = isinstance(clash.node, Arithmetic | Comparison)
    units = f"{in_words(clash.one)} and {in_words(clash.other)}"
    return Finding(
        message=f"{_needs_one(clash)} needs one unit, and here are {units}.",
        place=place_in(project, kpi, "expression", clash.node if pair else clash.part),
        hint=_remedy(clash.one, clash.other),
    )


def _needs_one(clash: Clash) -> str:
    match clash.node:
        case Arithmetic(operator=operator):
            return f"`{operator.value}`"
        case Comparison(comparator=comparator):
            return f"`{comparator.value}`"
        case Between():
            return "`between`"
        case Call(function=function):
            return f"`{function}`"
        case _:
            return "`case`"


def _remedy(one: Unit, other: Unit) -> str:
    if PLAIN in (one, other) or not (can_be_declared(one) and can_be_declared(other)):
        return "Correct the formula, or the `unit` of a KPI in it."
    if all(name in TIMES for name, _ in (*one, *other)):
        return "Convert one of them by a factor: hours / 24 are days."
    if any(name in TIMES for name, _ in (*one, *other)):
        return "Correct the formula, or the `unit` of a KPI in it."
    return "Convert one of them in the rows, by a relationship to a dataset of rates."


def _declared(project: Project, kpi: Kpi) -> Iterator[Finding]:
    declared, found = unit_of_measure(kpi.unit), unit_of(kpi.expression, project.kpis)
    if found is None or not can_be_declared(found) or agree(kpi.expression, found, declared):
        return
    yield Finding(
        message=f"The expression comes to {in_words(found)}, and the declared unit is {_name(kpi)}.",
        place=place_of(project, kpi, "unit"),
        hint=f"Write {_as_declared(found)}, or correct the expression.",
    )


def _targets(project: Project, goal: Goal) -> Iterator[Finding]:
    document = project.documents["goal", goal.name]
    for position, result in enumerate(goal.results):
        for where in target_values(document, position):
            kpi = project.kpis.get(result.kpi)
            target = project.kpis.get(str(document.data_at((*where, "kpi"))))
            if kpi is None or target is None or unit_of_measure(kpi.unit) == unit_of_measure(target.unit):
                continue
            units = f"{_name(target)}, and `{kpi.name}` in {_name(kpi)}"
            yield Finding(
                message=f"The target `{target.name}` is in {units}.",
                place=document.place((*where, "kpi")),
                hint="Name a KPI of the same unit.",
            )


def _name(kpi: Kpi) -> str:
    return kpi.unit.currency or kpi.unit.name


def _as_declared(unit: Unit) -> str:
    if unit == PLAIN:
        return "a plain unit (percent, ratio, count, points)"
    [(name, _)] = unit
    return f"`unit: {name}`" if name in TIMES else f"`unit: {{currency: {name}}}`"


RULE = Rule("unit-mismatch", check, preset=Preset.MINIMAL)
