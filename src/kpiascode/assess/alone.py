"""A plan, some goals or some KPIs, judged without the rest of the project as `assess` judges them with it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import localcontext

from kpiascode.assess.goals import assess_goals
from kpiascode.assess.observed import observed
from kpiascode.assess.plans import assess_plan
from kpiascode.assess.results import assess_results
from kpiascode.assess.series import closed_series, first_day
from kpiascode.assess.signals import behaviour
from kpiascode.assess.statistics import EXACT
from kpiascode.model.assessment import GoalAssessment, PlanAssessment
from kpiascode.model.observation import Freshness, Observation
from kpiascode.model.performance import ImprovementPlan
from kpiascode.model.project import Project
from kpiascode.model.signals import Segment


def plan_alone(
    project: Project,
    plan: ImprovementPlan,
    observations: Iterable[Observation],
    freshness: Mapping[str, Freshness],
    datasets: Mapping[str, Iterable[str]],
    as_of: datetime,
) -> PlanAssessment:
    """Judge a plan by the answers to `questions_of_plan`.

    Args:
        freshness: By dataset.
        datasets: By KPI, those that it reads; of the one that is tested.
    """
    with localcontext(EXACT):
        known = observed(observations, project, datasets, freshness, as_of)
        begun = first_day(datasets[plan.success.kpi], freshness)
        return assess_plan(project, plan, known, begun, as_of.date())


def goals_alone(
    project: Project,
    names: Iterable[str],
    observations: Iterable[Observation],
    freshness: Mapping[str, Freshness],
    datasets: Mapping[str, Iterable[str]],
    as_of: datetime,
) -> dict[str, GoalAssessment]:
    """Judge some goals by the answers to `questions_of`.

    Args:
        freshness: By dataset.
        datasets: By KPI, those that it reads; of all that the goals, and those beneath them, are judged by.
    """
    with localcontext(EXACT):
        known = observed(observations, project, datasets, freshness, as_of)
        day = as_of.date()
        results = assess_results(project, known, day)
        every = assess_goals(project.goals, results, project.performance.check_ins.values(), day)
        return {name: every[name] for name in names}


def segments_alone(
    project: Project,
    names: Iterable[str],
    observations: Iterable[Observation],
    freshness: Mapping[str, Freshness],
    datasets: Mapping[str, Iterable[str]],
    as_of: datetime,
) -> dict[str, tuple[Segment, ...]]:
    """Return by KPI how some vary, with their signals, by the answers to `questions_of`.

    Args:
        freshness: By dataset.
        datasets: By KPI, those that it reads.
    """
    with localcontext(EXACT):
        known = observed(observations, project, datasets, freshness, as_of)
        found = {}
        for name in names:
            kpi, begun = project.kpis[name], first_day(datasets[name], freshness)
            series = closed_series(project, name, kpi.grain, known, begun, as_of)
            found[name] = behaviour(project, kpi, series, None).segments
        return found
