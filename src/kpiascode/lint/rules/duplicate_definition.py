"""Two active KPIs are the same number under two names.

They say the same until somebody corrects one of them. Then two pages differ, and nobody knows which is
right. Only what is equal beyond doubt is reported: the same expression over the same rows, dated by the
same time, under the same earlier rules. White space makes no difference. Both are reported, since which of
them is the copy only a person can tell; a KPI whose expression is nothing but another one is reported alone.

Bad:

    kind: kpi
    name: lines
    dataset: order_lines
    expression: count(*)                                    #! duplicate-definition
    unit: count
    ---
    kind: kpi
    name: positions
    dataset: order_lines
    expression: count( * )                                  #! duplicate-definition
    unit: count

Good:

    kind: kpi
    name: lines
    dataset: order_lines
    expression: count(*)
    unit: count
    ---
    kind: kpi
    name: returned_lines
    dataset: order_lines
    expression: count(*) filter (where returned > 0)
    unit: count

Fix: keep one. Mark the other as deprecated until nobody uses it:
`status: {deprecated: {since: 2026-01-01, sunset: 2026-06-30, replaced_by: lines}}`.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator

from kpiascode.lint.documents import place_of
from kpiascode.lint.pairs import doubles
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.diagnostic import Severity
from kpiascode.model.expression import KpiValue
from kpiascode.model.project import Kpi, Lifecycle, Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each active KPI that is only another one, and all that are equal."""
    equal: defaultdict[Hashable, list[Kpi]] = defaultdict(list)
    for kpi in project.kpis.values():
        if kpi.status is not Lifecycle.ACTIVE:
            continue
        same = project.kpis.get(kpi.expression.kpi) if isinstance(kpi.expression, KpiValue) else None
        if same is None or kpi.revisions or same.status is not Lifecycle.ACTIVE:
            equal[_definition(kpi)].append(kpi)
        elif same is not kpi:
            yield _finding(project, kpi, same)
    for kpis in equal.values():
        yield from (_finding(project, kpi, same) for kpi, same in doubles(kpis))


def _finding(project: Project, kpi: Kpi, same: Kpi) -> Finding:
    return Finding(
        message=f"`{kpi.name}` is the same number as `{same.name}`.",
        place=place_of(project, kpi, "expression"),
        hint="Keep one, and mark the other as deprecated until nobody uses it.",
        note=f"The other one is defined at {place_of(project, same, 'expression')}.",
    )


def _definition(kpi: Kpi) -> Hashable:
    """Return all that the value depends on."""
    rules = tuple(
        (rule.dataset, rule.time, rule.where, rule.expression, rule.cohort, rule.funnel) for rule in kpi.rules
    )
    return (rules, tuple(revision.until for revision in kpi.revisions))


RULE = Rule("duplicate-definition", check, Severity.WARNING)
