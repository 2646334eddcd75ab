"""A KPI keeps rows by a written date, though the rows are dated already.

The period that is asked decides which rows count. A date in the condition cuts a second time: periods
beyond it are empty, and one day a KPI says nothing for a reason that nobody remembers. Only comparisons of
what dates the rows are reported, in `where`, in a `filter` and in `sum(case when ... then x else 0 end)`;
another date, such as that of a first order, may pick a group of
customers.

Bad:

    kind: kpi
    name: lines_this_year
    dataset: order_lines
    expression: count(*)
    where: ordered_on >= date '2026-01-01'                  #! hard-coded-date
    unit: count

Good:

    kind: kpi
    name: lines_this_year
    dataset: order_lines
    expression: to_date(count(*), year)
    unit: count

Fix: leave the condition out, and ask for the periods (`--from 2026-01-01`), or use `to_date`, `rolling`
or `previous`. A rule that changed on a day is one of the `revisions`.
"""

import re
from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Final

from kpiascode.lint.conditions import Condition, atoms, conditions
from kpiascode.lint.documents import place_in
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.diagnostic import Severity
from kpiascode.model.expression import (
    Aggregate,
    Between,
    Case,
    Cast,
    Comparison,
    Constant,
    Expression,
    Local,
    OneOf,
    walk,
)
from kpiascode.model.place import Place
from kpiascode.model.project import Kpi, Project

DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T].*)?")


def check(project: Project) -> Iterator[Finding]:
    """Yield each comparison of the time of the rows with a written day or moment."""
    for kpi in project.kpis.values():
        for condition in conditions(project, kpi):
            node = _fixed(condition)
            if node is not None:
                yield _finding(condition.place(node))
        for node in _in_cases(kpi):
            yield _finding(place_in(project, kpi, "expression", node))


def _finding(place: Place) -> Finding:
    return Finding(
        message="The rows are kept by a written date, and periods beyond it are empty.",
        place=place,
        hint="Leave it out: the period that is asked keeps the rows.",
    )


def _fixed(condition: Condition) -> Expression | None:
    """Return the first comparison of a condition with a written day; both ends of a range are one finding."""
    time = None if condition.time is None else _plain(condition.time)
    nodes = (atom.node for atom in atoms(condition.expression))
    return None if time is None else next((node for node in nodes if _is_fixed(node, time)), None)


def _in_cases(kpi: Kpi) -> Iterator[Expression]:
    """Yield the like of aggregates over `case when ... then x else 0 end`, which keep rows as a filter does.

    With two results that count, it is a rate that changed.
    """
    time = None if kpi.time is None else _plain(kpi.time)
    for aggregate in walk(kpi.expression):
        match aggregate:
            case Aggregate(argument=Case(((asked, _),), otherwise)) if time and _is_nothing(otherwise):
                nodes = (atom.node for atom in atoms(asked))
                yield from islice((node for node in nodes if _is_fixed(node, time)), 1)


def _is_nothing(otherwise: Expression | None) -> bool:
    return otherwise is None or (isinstance(otherwise, Constant) and otherwise.value in (None, 0))


def _is_fixed(node: Expression, time: Expression) -> bool:
    match node:
        case Comparison(_, left, right):
            sides = (left, right)
            return any(_plain(side) == time for side in sides) and any(map(_is_day, sides))
        case Between(operand, low, high):
            return _plain(operand) == time and (_is_day(low) or _is_day(high))
        case OneOf(operand, options):
            return _plain(operand) == time and any(map(_is_day, options))
        case _:
            return False


def _plain(node: Expression) -> Expression:
    """Return what is dated, without casts and changes of the zone."""
    return _plain(node.operand) if isinstance(node, Cast | Local) else node


def _is_day(node: Expression) -> bool:
    match _plain(node):
        case Constant(date()):
            return True
        case Constant(str() as text):
            return DAY.fullmatch(text) is not None
        case _:
            return False


RULE = Rule("hard-coded-date", check, Severity.WARNING)
