"""Something may be seen by people who may not see what it is computed from.

`visibility` keeps a KPI or a goal from all but some units. What is computed from it says a part of what was
to be kept: a sum and all its parts but one give that one away. So pages for others leave it out as well,
although nobody asked for that; and of a goal they would tell half a sum. Looked at are the KPIs that a KPI
refers to, those of a goal's results and targets, the goals that lead to a goal, and the KPI that tests a
plan.

Bad:

    kind: kpi
    name: pay
    dataset: order_lines
    expression: sum(pay)
    unit: {currency: EUR}
    visibility: [acme]
    ---
    kind: kpi
    name: sales_after_pay
    expression: net_sales - pay                             #! visible-beyond-its-parts
    unit: {currency: EUR}
    ---
    kind: goal
    name: cheap
    visibility: [acme]
    results: [{kpi: pay, target: 100, path: maintain}]
    ---
    kind: goal
    name: growth
    results: [{kpi: net_sales, target: 100, path: maintain}]
    ---
    kind: goal
    name: cheap_growth
    parent: growth                                          #! visible-beyond-its-parts
    visibility: [acme]
    results: [{kpi: net_sales, target: 100, path: maintain}]

Good:

    kind: kpi
    name: pay
    dataset: order_lines
    expression: sum(pay)
    unit: {currency: EUR}
    visibility: [acme]
    ---
    kind: kpi
    name: sales_after_pay
    expression: net_sales - pay
    unit: {currency: EUR}
    visibility: [acme]
    ---
    kind: goal
    name: growth
    visibility: [acme]
    results: [{kpi: net_sales, target: 100, path: maintain}]
    ---
    kind: goal
    name: cheap_growth
    parent: growth
    visibility: [acme]
    results: [{kpi: net_sales, target: 100, path: maintain}]

Fix: give both the same `visibility`, or compute it from what the same people may see.
"""

from collections.abc import Iterator

from kpiascode.lint.documents import positions, uses
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.checking import Preset
from kpiascode.model.definitions import referred
from kpiascode.model.diagnostic import one_of
from kpiascode.model.document import Document, Where
from kpiascode.model.expression import KpiValue, walk
from kpiascode.model.place import Place
from kpiascode.model.project import Goal, Kpi, Project
from kpiascode.model.visibility import seen_by_all_who_see


def check(project: Project) -> Iterator[Finding]:
    """Yield each place where something is computed from what not all may see who may see the thing itself."""
    kpis, goals = project.kpis, project.goals
    for use in uses(project, "kpi", "goal"):
        whole = (kpis if use.kind == "kpi" else goals).get(use.name)
        part = kpis.get(use.kpi)
        if use.role in ("reference", "result", "target") and whole is not None and part is not None:
            yield from _found(project, whole.name, whole.visibility, part, use.place)
    for name, kpi in kpis.items():
        if kpi.revisions:
            now = {node.kpi for node in walk(kpi.expression) if isinstance(node, KpiValue)}
            place = project.documents["kpi", name].place(("revisions",))
            for other in sorted({one for rule in kpi.revisions for one in referred(rule.was)} - now):
                yield from _found(project, name, kpi.visibility, kpis[other], place)
    for name, goal in goals.items():
        for parent, place in _parents(project.documents["goal", name]):
            if parent in goals:
                yield from _found(project, parent, goals[parent].visibility, goal, place)
    for name, plan in project.performance.plans.items():
        place = project.documents["improvement_plan", name].place(("success", "kpi"))
        yield from _found(project, name, plan.visibility, kpis[plan.success.kpi], place)


def _found(
    project: Project, whole: str, visibility: tuple[str, ...], part: Kpi | Goal, place: Place
) -> Iterator[Finding]:
    if not seen_by_all_who_see(project, visibility, part.visibility):
        who = f"people of {one_of(visibility)}" if visibility else "everybody"
        yield Finding(
            message=f"`{whole}`, which {who} may see, counts on `{part.name}`, which only people of "
            f"{one_of(part.visibility)} may see.",
            place=place,
            hint="Give both the same `visibility`; pages for those who may not see one leave out the other.",
        )


def _parents(document: Document) -> Iterator[tuple[str, Place]]:
    """Yield the goals that a goal leads to, each with its place."""
    several = positions(document, "parent")
    for where in [("parent", position) for position in several] if several else [("parent",)]:
        at: Where = where if isinstance(document.data_at(where), str) else (*where, "goal")
        name = document.data_at(at)
        if isinstance(name, str):
            yield name, document.place(at)


RULE = Rule("visible-beyond-its-parts", check, preset=Preset.MINIMAL)
