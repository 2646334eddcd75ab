"""A KPI keeps rows by a written date, though the rows are dated already.

The period that is asked decides which rows count. A date in the condition cuts a second time: periods
beyond it are empty, and one day a KPI says nothing for a reason that nobody remembers. Only comparisons of
what dates the rows are reported; another date, such as that of a first order, may pick a group of
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
from typing import Final

from kpiascode.lint.conditions import atoms, conditions
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.diagnostic import Severity
from kpiascode.model.expression import Between, Cast, Comparison, Constant, Expression, Local, OneOf
from kpiascode.model.project import Project

DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T].*)?")


def check(project: Project) -> Iterator[Finding]:
    """Yield each comparison of the time of the rows with a written day or moment."""
    for kpi in project.kpis.values():
        for condition in conditions(project, kpi):
            for atom in atoms(condition.expression):
                if condition.time is not None and _is_fixed(atom.node, _plain(condition.time)):
                    yield Finding(
                        message="The rows are kept by a written date, and periods beyond it are empty.",
                        place=condition.place(atom.node),
                        hint="Leave it out: the period that is asked keeps the rows.",
                    )


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
