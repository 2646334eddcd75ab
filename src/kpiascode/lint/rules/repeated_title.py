"""Two KPIs have the same title, so nobody can tell them apart on a page.

People read titles, not names. Case and spacing make no difference; a deprecated KPI may share the title
of the one that replaces it.

Bad:

    kind: kpi
    name: sales_booked
    title: Sales                                            #! repeated-title
    dataset: order_lines
    expression: sum(booked_amount)
    unit: {currency: EUR}
    ---
    kind: kpi
    name: sales_shipped
    title: Sales                                            #! repeated-title
    dataset: order_lines
    expression: sum(shipped_amount)
    unit: {currency: EUR}

Good:

    kind: kpi
    name: sales_booked
    title: Sales, booked
    dataset: order_lines
    expression: sum(booked_amount)
    unit: {currency: EUR}
    ---
    kind: kpi
    name: sales_shipped
    title: Sales, shipped
    dataset: order_lines
    expression: sum(shipped_amount)
    unit: {currency: EUR}

Fix: say in the title what makes the difference.
"""

from collections import defaultdict
from collections.abc import Iterator

from kpiascode.lint.documents import place_of
from kpiascode.lint.pairs import doubles
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.diagnostic import Severity
from kpiascode.model.project import Kpi, Lifecycle, Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each KPI whose title another one has too."""
    titled: defaultdict[str, list[Kpi]] = defaultdict(list)
    for kpi in project.kpis.values():
        if kpi.status is not Lifecycle.DEPRECATED:
            titled[" ".join(kpi.title.casefold().split())].append(kpi)
    for kpis in titled.values():
        for kpi, other in doubles(kpis):
            yield Finding(
                message=f"`{other.name}` has the title `{kpi.title}` too.",
                place=place_of(project, kpi, "title"),
                hint="Say in the title what makes the difference.",
                note=f"The other one stands at {place_of(project, other, 'title')}.",
            )


RULE = Rule("repeated-title", check, Severity.WARNING)
