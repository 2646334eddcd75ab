"""A project with other names for some of its KPIs: a KPI that is only renamed changes nobody's values."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from kpiascode.model.expression import Expression, KpiValue, rebuild
from kpiascode.model.performance import CheckIn, ImprovementPlan, Performance, SubjectOfPlan
from kpiascode.model.project import Goal, Kpi, Project, Scorecard, Target, TargetKpi

_T = TypeVar("_T")


def with_new_names(project: Project, names: Mapping[str, str]) -> Project:
    """Return the project in which KPIs are called by their new names wherever they are named."""
    kpis = (_kpi(kpi, names) for kpi in project.kpis.values())
    documents = {
        (kind, names.get(name, name) if kind == "kpi" else name): document
        for (kind, name), document in project.documents.items()
    }
    return replace(
        project,
        kpis=_sorted({kpi.name: kpi for kpi in kpis}),
        goals={name: _goal(goal, names) for name, goal in project.goals.items()},
        scorecards={name: _scorecard(card, names) for name, card in project.scorecards.items()},
        performance=_performance(project.performance, names),
        documents=documents,
    )


def _sorted(some: dict[str, _T]) -> dict[str, _T]:
    return {name: some[name] for name in sorted(some)}


def _kpi(kpi: Kpi, names: Mapping[str, str]) -> Kpi:
    return replace(
        kpi,
        name=names.get(kpi.name, kpi.name),
        expression=_expression(kpi.expression, names),
        counter_kpis=tuple(names.get(name, name) for name in kpi.counter_kpis),
        leads=tuple(replace(lead, kpi=names.get(lead.kpi, lead.kpi)) for lead in kpi.leads),
        derived_from=None if kpi.derived_from is None else names.get(kpi.derived_from, kpi.derived_from),
        revisions=tuple(replace(one, was=_kpi(one.was, names)) for one in kpi.revisions),
    )


def _expression(node: Expression, names: Mapping[str, str]) -> Expression:
    if isinstance(node, KpiValue):
        return replace(node, kpi=names.get(node.kpi, node.kpi))
    return rebuild(node, lambda child: _expression(child, names))


def _goal(goal: Goal, names: Mapping[str, str]) -> Goal:
    return replace(
        goal,
        results=tuple(
            replace(
                result,
                kpi=names.get(result.kpi, result.kpi),
                targets=tuple(_target(target, names) for target in result.targets),
            )
            for result in goal.results
        ),
    )


def _target(target: Target, names: Mapping[str, str]) -> Target:
    if not isinstance(target.value, TargetKpi):
        return target
    return replace(target, value=TargetKpi(kpi=names.get(target.value.kpi, target.value.kpi)))


def _scorecard(card: Scorecard, names: Mapping[str, str]) -> Scorecard:
    sections = tuple(
        replace(section, kpis=tuple(names.get(name, name) for name in section.kpis))
        for section in card.sections
    )
    return replace(card, sections=sections)


# --- what people do about KPIs


def _performance(declared: Performance, names: Mapping[str, str]) -> Performance:
    def listed(some: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: replace(one, kpis=tuple(names.get(kpi, kpi) for kpi in one.kpis))
            for name, one in some.items()
        }

    return replace(
        declared,
        check_ins={name: _check_in(one, names) for name, one in declared.check_ins.items()},
        cycles=listed(declared.cycles),
        series=listed(declared.series),
        plans={name: _plan(one, names) for name, one in declared.plans.items()},
        programs=listed(declared.programs),
        recognitions=listed(declared.recognitions),
    )


def _check_in(one: CheckIn, names: Mapping[str, str]) -> CheckIn:
    return one if one.kpi is None else replace(one, kpi=names.get(one.kpi, one.kpi))


def _plan(plan: ImprovementPlan, names: Mapping[str, str]) -> ImprovementPlan:
    kind, about = plan.subject
    goal, kpi = plan.standard or ("", "")
    return replace(
        plan,
        subject=(kind, names.get(about, about) if kind is SubjectOfPlan.KPI else about),
        standard=None if plan.standard is None else (goal, names.get(kpi, kpi)),
        success=replace(plan.success, kpi=names.get(plan.success.kpi, plan.success.kpi)),
    )
