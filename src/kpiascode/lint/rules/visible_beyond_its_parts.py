"""Something may be seen by people who may not see what it is computed from.

`visibility` keeps a KPI or a goal from all but some units. What is computed from it says a part of what was
to be kept: a sum and all its parts but one give that one away. So pages for others leave it out as well,
although nobody asked for that; and of a goal they would tell half a sum. Looked at are the KPIs that a KPI
refers to, those of a goal's results and targets, and the goals that lead to a goal; the KPI that tests a
plan, what the plan is about, and the standard that it rests on; and what a recognition says was moved.

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

Fix: give both the same `visibility`, or name and compute from what the same people may see.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kpiascode.lint.documents import positions, uses
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.checking import Preset
from kpiascode.model.definitions import referred
from kpiascode.model.diagnostic import one_of
from kpiascode.model.document import Document, Where
from kpiascode.model.expression import KpiValue, walk
from kpiascode.model.performance import ImprovementPlan, Recognition, SubjectOfPlan
from kpiascode.model.place import Place
from kpiascode.model.project import Goal, Kpi, Project
from kpiascode.model.visibility import seen_by_all_who_see


def check(project: Project) -> Iterator[Finding]:
    """Yield each place where something rests on what not all may see who may see the thing itself."""
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
        document = project.documents["improvement_plan", name]
        yield from _named(project, document, name, plan.visibility, _of_plan(plan))
    for name, one in project.performance.recognitions.items():
        document = project.documents["recognition", name]
        yield from _named(project, document, name, one.visibility, _of_recognition(one, project))


@dataclass(frozen=True, slots=True)
class _Part:
    """A goal or a KPI, and where a plan or a recognition names it; one of the two names is None."""

    goal: str | None
    kpi: str | None
    where: Where


def _of_plan(plan: ImprovementPlan) -> Iterator[_Part]:
    kind, name = plan.subject
    if kind is SubjectOfPlan.GOAL:
        yield _Part(name, None, ("subject", "goal"))
    if kind is SubjectOfPlan.KPI:
        yield _Part(None, name, ("subject", "kpi"))
    if plan.standard is not None:
        goal, kpi = plan.standard
        yield _Part(goal, None, ("standard", "goal"))
        yield _Part(None, kpi, ("standard", "kpi"))
    yield _Part(None, plan.success.kpi, ("success", "kpi"))


def _of_recognition(one: Recognition, project: Project) -> Iterator[_Part]:
    for position, name in enumerate(one.goals):
        yield _Part(name, None, ("goals", position))
    for position, name in enumerate(one.kpis):
        yield _Part(None, name, ("kpis", position))
    for position, name in enumerate(one.check_ins):
        check_in = project.performance.check_ins.get(name)
        if check_in is not None:  # it may be seen by whoever may see what it is on
            yield _Part(check_in.goal, check_in.kpi, ("check_ins", position))


def _named(
    project: Project, document: Document, whole: str, visibility: tuple[str, ...], parts: Iterable[_Part]
) -> Iterator[Finding]:
    for part in parts:
        named: Goal | Kpi | None = None
        if part.goal is not None:
            named = project.goals.get(part.goal)
        elif part.kpi is not None:
            named = project.kpis.get(part.kpi)
        # One that is broken is not there, which is told.
        if named is not None and not seen_by_all_who_see(project, visibility, named.visibility):
            yield Finding(
                message=f"{_seen(whole, visibility)}, names {_seen_only(named)}.",
                place=document.place(part.where),
                hint="Give both the same `visibility`, or do not name it there.",
            )


def _found(
    project: Project, whole: str, visibility: tuple[str, ...], part: Kpi | Goal, place: Place
) -> Iterator[Finding]:
    if not seen_by_all_who_see(project, visibility, part.visibility):
        yield Finding(
            message=f"{_seen(whole, visibility)}, counts on {_seen_only(part)}.",
            place=place,
            hint="Give both the same `visibility`; pages for those who may not see one leave out the other.",
        )


def _seen(whole: str, visibility: tuple[str, ...]) -> str:
    who = f"people of {one_of(visibility)}" if visibility else "everybody"
    return f"`{whole}`, which {who} may see"


def _seen_only(part: Kpi | Goal) -> str:
    return f"`{part.name}`, which only people of {one_of(part.visibility)} may see"


def _parents(document: Document) -> Iterator[tuple[str, Place]]:
    """Yield the goals that a goal leads to, each with its place."""
    several = positions(document, "parent")
    for where in [("parent", position) for position in several] if several else [("parent",)]:
        at: Where = where if isinstance(document.data_at(where), str) else (*where, "goal")
        name = document.data_at(at)
        if isinstance(name, str):
            yield name, document.place(at)


RULE = Rule("visible-beyond-its-parts", check, preset=Preset.MINIMAL)
