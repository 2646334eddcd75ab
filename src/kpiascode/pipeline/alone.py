"""From definitions to what a plan, or some goals and KPIs, mean.

Nothing else is asked, since a warehouse is paid by the question.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time

from kpiascode import assess, plan
from kpiascode.model.assessment import Assessment, Brief, Evidence
from kpiascode.model.observation import Question
from kpiascode.model.performance import ImprovementPlan
from kpiascode.model.project import Project, Restricted
from kpiascode.pipeline.connection import Connection
from kpiascode.pipeline.judging import answered
from kpiascode.pipeline.reading import Checked


def judged_plan(
    checked: Checked, one: ImprovementPlan, as_of: datetime, connection: Connection
) -> Assessment:
    """Return what became of an improvement plan. Only the KPI of its test is computed, nothing else judged.

    Raises:
        WrongDefinitions: when the KPI cannot be planned or the data gives no right number.
        EngineError: when the engine fails.
    """
    project = checked.project

    def wanted(known: Project) -> tuple[Question, ...]:
        return assess.questions_of_plan(known, one, as_of)

    dated = plan.datasets_of(one.success.kpi, project.kpis, project)
    with answered(checked, wanted, dated, as_of, connection) as found:
        settled = found.session.checked.project
    datasets = {one.success.kpi: dated}
    of_plan = assess.plan_alone(settled, one, found.observations, found.freshness, datasets, as_of)
    return Assessment(
        project=joined(settled, checked.restricted),
        as_of=as_of,
        kpis={},
        goals={},
        evidence=Evidence(compiled={}, refused={}, sql={}, datasets={}, commit=None),
        freshness=found.freshness,
        plans={one.name: of_plan},
    )


def briefed(
    checked: Checked,
    goals: Sequence[str],
    kpis: Sequence[str],
    as_of: datetime,
    since: date,
    connection: Connection,
) -> Brief:
    """Return what two people look at. Only that is computed, nothing else judged.

    Args:
        goals: Those of persons among them.

    Raises:
        WrongDefinitions: when a KPI cannot be planned or the data gives no right number.
        EngineError: when the engine fails.
    """
    project, restricted = checked.project, checked.restricted
    last = datetime.combine(since, time())

    def wanted(known: Project) -> tuple[Question, ...]:
        return assess.questions_of(joined(known, restricted), goals, kpis, as_of)

    def wanted_then(known: Project) -> tuple[Question, ...]:
        return assess.questions_of(known, (), kpis, last)

    asked = {name for question in (*wanted(project), *wanted_then(project)) for name in question.kpis}
    datasets = {name: plan.datasets_of(name, project.kpis, project) for name in asked}
    dated = sorted({dataset for names in datasets.values() for dataset in names})
    with answered(checked, wanted, dated, as_of, connection) as now:
        settled = joined(now.session.checked.project, restricted)
    with answered(checked, wanted_then, dated, last, connection) as then:
        pass
    return Brief(
        project=settled,
        restricted=restricted,
        as_of=as_of,
        since=since,
        goals=assess.goals_alone(settled, goals, now.observations, now.freshness, datasets, as_of),
        segments=assess.segments_alone(settled, kpis, now.observations, now.freshness, datasets, as_of),
        segments_then=assess.segments_alone(settled, kpis, then.observations, then.freshness, datasets, last),
    )


def joined(project: Project, restricted: Restricted) -> Project:
    """Return a project with goals and plans of persons among its own: to be judged, never to be rendered."""
    performance = project.performance
    return replace(
        project,
        goals={**project.goals, **restricted.goals},
        performance=replace(performance, plans={**performance.plans, **restricted.performance.plans}),
    )
