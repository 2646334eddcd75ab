"""A check-in lies more than a quarter of a year after the end of its goal.

A goal is closed soon after its end. What lies so much later is mostly a slip of the year: until that day no
page shows the check-in and `kpi due` goes on asking for it, and from then on the goal counts as closed by it.

Bad:

    kind: goal
    name: open_a_shop
    period: {from: 2026-07-01, to: 2027-01-01}
    results: []
    milestones: [{title: The shop opens, due: 2026-12-01}]
    ---
    kind: check_in
    name: open_a_shop_november
    goal: open_a_shop
    as_of: 2027-11-30                                       #! check-in-after-goal
    confidence: 7
    note: The lease is signed.

Good:

    kind: goal
    name: open_a_shop
    period: {from: 2026-07-01, to: 2027-01-01}
    results: []
    milestones: [{title: The shop opens, due: 2026-12-01}]
    ---
    kind: check_in
    name: open_a_shop_november
    goal: open_a_shop
    as_of: 2026-11-30
    confidence: 7
    note: The lease is signed.

Fix: correct the day. What is learnt long after a goal belongs to the goal that runs by then, or to a KPI.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.diagnostic import Severity
from kpiascode.model.project import Project

LONGEST: Final = timedelta(days=92)
"""After the end of a goal, for the check-in that closes it."""


def check(project: Project) -> Iterator[Finding]:
    """Yield each check-in on a goal that was over for more than a quarter of a year."""
    for one in project.performance.check_ins.values():
        goal = None if one.goal is None else project.goals.get(one.goal)
        if goal is not None and one.as_of - goal.end > LONGEST:
            days = (one.as_of - goal.end).days
            yield Finding(
                message=f"`{goal.name}` was over for {days:,} days by then: it ends before {goal.end}.",
                place=project.documents["check_in", one.name].place(("as_of",)),
                hint="Correct the day, or check in on the goal that runs by then.",
            )


RULE = Rule("check-in-after-goal", check, Severity.WARNING)
