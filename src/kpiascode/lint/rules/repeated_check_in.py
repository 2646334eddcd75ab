"""Two check-ins speak of the same goal or KPI, as of the same day.

How sure its owner is on that day has then two answers, and pages show one of them. Nothing says which.

Bad:

    kind: check_in
    name: orders_march
    kpi: orders
    as_of: 2026-04-01                                       #! repeated-check-in
    note: The spring range sells.
    ---
    kind: check_in
    name: orders_march_again
    kpi: orders
    as_of: 2026-04-01                                       #! repeated-check-in
    note: It sells at a discount.

Good:

    kind: check_in
    name: orders_march
    kpi: orders
    as_of: 2026-04-01
    note: The spring range sells, at a discount.

Fix: make one of the two, or write the day that the other has seen.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from kpiascode.lint.pairs import doubles
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.diagnostic import Severity
from kpiascode.model.performance import CheckIn
from kpiascode.model.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each check-in on what another one speaks of, as of the same day."""
    alike: defaultdict[tuple[str | None, str | None, date], list[CheckIn]] = defaultdict(list)
    for one in project.performance.check_ins.values():
        alike[one.goal, one.kpi, one.as_of].append(one)
    for same in alike.values():
        for one, other in doubles(same):
            yield Finding(
                message=f"`{other.name}` speaks of `{one.goal or one.kpi}` as of the same day.",
                place=project.documents["check_in", one.name].place(("as_of",)),
                hint="Make one of the two, or write the day that the other has seen.",
                note=f"It stands at {other.place}.",
            )


RULE = Rule("repeated-check-in", check, Severity.WARNING)
