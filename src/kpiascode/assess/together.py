"""Everything that is known at `as_of`, judged."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Context, localcontext
from typing import Final

from kpiascode.assess.changes import change
from kpiascode.assess.criteria import assess_criteria, verdict
from kpiascode.assess.goals import assess_goals, worst
from kpiascode.assess.graph import goal_facts
from kpiascode.assess.observed import Observed, observed
from kpiascode.assess.periods import coarser_readings, history, period_before, running, sliceable, year_before
from kpiascode.assess.probe import Case, scorecards_by_kpi
from kpiascode.assess.probes import PROBES
from kpiascode.assess.results import assess_result
from kpiascode.assess.trust import data_state
from kpiascode.model.assessment import (
    Assessment,
    Evidence,
    GoalAssessment,
    KpiAssessment,
    ResultAssessment,
    Status,
)
from kpiascode.model.calendar import Grain
from kpiascode.model.observation import Freshness, Observation
from kpiascode.model.project import Goal, Kpi, Project

EXACT: Final = Context(prec=50)  # digits, whatever the caller's context: the same answer everywhere


def assess(
    project: Project,
    observations: Iterable[Observation],
    freshness: Mapping[str, Freshness],
    evidence: Evidence,
    as_of: datetime,
) -> Assessment:
    """Judge every KPI and goal by the answers to `questions`, in any order.

    Args:
        freshness: By dataset.
        as_of: A wall-clock moment in the calendar's zone; the one that was given to `questions`.
    """
    with localcontext(EXACT):
        known = observed(observations)
        goals = assess_goals(project.goals, _results(project, known, as_of.date()))
        facts = goal_facts(project, last_seen_day(as_of))
        complete = _complete(project, known, as_of)
        scorecards = scorecards_by_kpi(project)
        kpis = {}
        for name, kpi in sorted(project.kpis.items()):
            case = Case(
                project=project,
                kpi=kpi,
                as_of=as_of,
                history=complete,
                breakdown=_breakdown(kpi, complete[name], known),
                data=data_state(project, evidence.datasets.get(name, ()), freshness, as_of),
                goals=facts,
                scorecards=scorecards[name],
                evidence=evidence,
            )
            kpis[name] = _kpi(case, known, goals)
    return Assessment(
        project=project,
        as_of=as_of,
        kpis=kpis,
        goals={name: goals[name] for name in sorted(goals)},
        evidence=evidence,
        freshness={name: freshness[name] for name in sorted(freshness)},
        coarser={
            (name, grain): _read_by(grain, kpis[name], project, known, as_of)
            for name, grain in coarser_readings(project)
        },
    )


def last_seen_day(as_of: datetime) -> date:
    """Return the last day of which something is seen: at the first moment of January it is in December."""
    return (as_of - timedelta(microseconds=1)).date()


def _read_by(
    grain: Grain, own: KpiAssessment, project: Project, known: Observed, as_of: datetime
) -> KpiAssessment:
    """Return a KPI with its series, and what is compared in it, at a coarser grain than its own."""
    calendar = project.settings.calendar
    direction = project.kpis[own.kpi].direction
    complete = tuple(o for o in known.totals(own.kpi, history(calendar, grain, as_of.date())) if o.complete)
    current = complete[-1] if complete else None
    part = known.at(own.kpi, running(calendar, grain, as_of))
    before = period_before(calendar, current.period) if current else None
    a_year_before = year_before(calendar, current.period) if current else None
    return replace(
        own,
        series=complete if part is None else (*complete, part),
        current=current,
        part=part,
        previous=change(known.at(own.kpi, before), current, direction),
        last_year=change(known.at(own.kpi, a_year_before), current, direction),
    )


def _kpi(case: Case, known: Observed, goals: Mapping[str, GoalAssessment]) -> KpiAssessment:
    kpi, calendar = case.kpi, case.project.settings.calendar
    current = case.series[-1] if case.series else None
    part = known.at(kpi.name, running(calendar, kpi.grain, case.as_of))
    before = period_before(calendar, current.period) if current else None
    a_year_before = year_before(calendar, current.period) if current else None
    results = tuple(r for name in sorted(goals) for r in goals[name].results if r.result.kpi == kpi.name)
    criteria = assess_criteria(case, PROBES)
    lowest = verdict(criteria)
    return KpiAssessment(
        kpi=kpi.name,
        series=case.series if part is None else (*case.series, part),
        current=current,
        part=part,
        previous=change(known.at(kpi.name, before), current, kpi.direction),
        last_year=change(known.at(kpi.name, a_year_before), current, kpi.direction),
        breakdown=case.breakdown,
        results=results,
        status=status_now(case.project.goals, results, current, case.as_of.date()),
        data=case.data,
        criteria=criteria,
        verdict=lowest.grade,
        below=lowest.criterion,
    )


def status_now(
    goals: Mapping[str, Goal],
    results: Iterable[ResultAssessment],
    current: Observation | None,
    day: date,
) -> Status:
    """Return the worst status of the total, by the goals whose period holds the start of `current`.

    A goal that ended before it says nothing of it any more. Where no goal holds it, those count that are
    not over, even if nothing is expected yet.
    """
    of_total = [(goals[r.goal], r.status) for r in results if not r.result.slice]
    holding = [s for goal, s in of_total if current and goal.start <= current.period.start < goal.end]
    return worst(holding or (status for goal, status in of_total if day < goal.end))


def _results(project: Project, known: Observed, day: date) -> dict[str, tuple[ResultAssessment, ...]]:
    return {
        name: tuple(assess_result(project, goal, result, known, day) for result in goal.results)
        for name, goal in project.goals.items()
    }


def _breakdown(
    kpi: Kpi, complete: tuple[Observation, ...], known: Observed
) -> dict[str, tuple[Observation, ...]]:
    """Return the slices of the last complete period, by each dimension that may be asked for."""
    return {
        dimension: known.slices(kpi.name, complete[-1].period, dimension) if complete else ()
        for dimension in sliceable(kpi)
    }


def _complete(project: Project, known: Observed, as_of: datetime) -> dict[str, tuple[Observation, ...]]:
    """Return by KPI its totals of complete periods, oldest first; the running one is never among them."""
    grains = {kpi.grain for kpi in project.kpis.values()}
    periods = {grain: history(project.settings.calendar, grain, as_of.date()) for grain in grains}
    return {
        name: tuple(found for found in known.totals(name, periods[kpi.grain]) if found.complete)
        for name, kpi in project.kpis.items()
    }
