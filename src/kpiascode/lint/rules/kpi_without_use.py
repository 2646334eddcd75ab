"""Nothing uses an active KPI: no goal, no scorecard, no other KPI.

A number that nobody looks at costs upkeep and hides the others. Uses are: a goal measures it or takes it
as target, a scorecard shows it, another KPI is computed from it or names it as counter KPI. Of a KPI whose
name is nearly that of one that does not exist and is used, nothing is said.

Bad:

    kind: kpi
    name: pieces                                            #! kpi-without-use
    dataset: order_lines
    expression: sum(quantity)
    unit: count

Good:

    kind: kpi
    name: pieces
    dataset: order_lines
    expression: sum(quantity)
    unit: count
    ---
    kind: scorecard
    name: warehouse
    sections:
      - {title: Work, kpis: [pieces]}

Fix: put it on a scorecard or into a goal; mark it `status: draft` while it is none of these; or delete
it.
"""

import re
from collections.abc import Iterator
from heapq import nsmallest
from typing import Final

from kpiascode.lint.documents import place_of, uses
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.diagnostic import Severity, did_you_mean, question
from kpiascode.model.project import Lifecycle, Project

WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
LOOKED_UP: Final = 200
"""Of names that no KPI has: among more, a KPI that was renamed is not told from others."""


def check(project: Project) -> Iterator[Finding]:
    """Yield each active KPI without any use but its own."""
    used = {use.kpi for use in uses(project) if (use.kind, use.name) != ("kpi", use.kpi)}
    used |= _named_by_broken(project)
    meant = _meant(used, project)
    for kpi in project.kpis.values():
        if kpi.status is Lifecycle.ACTIVE and kpi.name not in used and question(kpi.name) not in meant:
            yield Finding(
                message=f"Neither a goal nor a scorecard nor another KPI uses `{kpi.name}`.",
                place=place_of(project, kpi, "name"),
                hint="Put it on a scorecard or into a goal, mark it `status: draft`, or delete it.",
            )


def _meant(used: set[str], project: Project) -> set[str | None]:
    """Return what was meant, as a question, by names that no KPI has."""
    names = frozenset(name for kind, name in project.documents if kind == "kpi")
    return {did_you_mean(name, names) for name in nsmallest(LOOKED_UP, used - names)}


def _named_by_broken(project: Project) -> set[str]:
    """Return every word in the expressions of KPIs that could not be read to the end."""
    return {
        word
        for (kind, name), document in project.documents.items()
        if kind == "kpi" and name not in project.kpis
        for word in WORD.findall(str(document.data_at(("expression",))))
    }


RULE = Rule("kpi-without-use", check, Severity.WARNING)
