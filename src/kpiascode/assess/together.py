"""Everything that is known at `as_of`, judged."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import localcontext

from kpiascode.assess.changes import change
from kpiascode.assess.criteria import assess_criteria, verdict
from kpiascode.assess.gaps import find_gaps
from kpiascode.assess.goals import assess_goals, worst
from kpiascode.assess.graph import goal_facts
from kpiascode.assess.observed import Observed, observed
from kpiascode.assess.parted import without_half_sums
from kpiascode.assess.periods import (
    coarser_readings,
    history,
    period_before,
    running,
    sliceable,
    year_before,
)
from kpiascode.assess.plans import assess_plan
from kpiascode.assess.probe import Case, scorecards_by_kpi
from kpiascode.assess.probes import PROBES
from kpiascode.assess.remembered import remembered
from kpiascode.assess.results import assess_results
from kpiascode.assess.series import closed_series, first_day
from kpiascode.assess.signals import Reading, behaviour, cost, standing
from kpiascode.assess.signals.wanted import wanted
from kpiascode.assess.statistics import EXACT
from kpiascode.assess.trust import data_state
from kpiascode.model.assessment import (
    Assessment,
    Evidence,
    GoalAssessment,
    KpiAssessment,
    ResultAssessment,
    Status,
)
from kpiascode.model.calendar import Grain, last_seen_day
from kpiascode.model.observation import Freshness, Observation
from kpiascode.model.project import Goal, Kpi, Project


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
        known = observed(observations, project, evidence.datasets, freshness, as_of)
        goals = without_half_sums(
            assess_goals(
                project.goals,
                assess_results(project, known, as_of.date()),
                project.performance.check_ins.values(),
                as_of.date(),
            ),
            project.audience,
        )
        facts = goal_facts(project, last_seen_day(as_of))
        complete = _complete(project, known, as_of)
        scorecards = scorecards_by_kpi(project)
        memories = remembered(evidence, project.kpis)
        results = _by_kpi(project, goals)
        begun = {name: first_day(evidence.datasets.get(name, ()), freshness) for name in project.kpis}
        closed = {
            name: closed_series(project, name, kpi.grain, known, begun[name], as_of)
            for name, kpi in project.kpis.items()
        }
        readings = {
            (name, kpi.grain): Reading(
                closed[name],
                behaviour(
                    project,
                    kpi,
                    closed[name],
                    wanted(results[name], project.goals, complete[name][-1:], kpi.direction),
                ),
            )
            for name, kpi in project.kpis.items()
        }
        for name, grain in coarser_readings(project):
            coarse = closed_series(project, name, grain, known, begun[name], as_of)
            # A target for a period of its own grain says nothing of a coarser one.
            readings[name, grain] = Reading(coarse, behaviour(project, project.kpis[name], coarse, None))
        costs = {
            (name, grain): cost(
                project.kpis[name], project.kpis, {n: r for (n, g), r in readings.items() if g is grain}
            )
            for name, grain in readings
            if project.kpis[name].counter_kpis
        }
        kpis = {}
        for name, kpi in sorted(project.kpis.items()):
            case = Case(
                project=project,
                kpi=kpi,
                as_of=as_of,
                history=complete,
                watched=closed,
                breakdown=_breakdown(kpi, complete[name], known),
                data=data_state(project, evidence.datasets.get(name, ()), freshness, as_of),
                goals=facts,
                scorecards=scorecards[name],
                remembered=memories[name],
                evidence=evidence,
            )
            at_a_cost = costs.get((name, kpi.grain), ())
            kpis[name] = _kpi(case, known, results[name], readings[name, kpi.grain], at_a_cost)
        coarser = {
            (name, grain): _read_by(
                grain, kpis[name], project, known, readings[name, grain], costs.get((name, grain), ()), as_of
            )
            for name, grain in coarser_readings(project)
        }
        plans = {
            name: assess_plan(project, plan, known, begun[plan.success.kpi], as_of.date())
            for name, plan in sorted(project.performance.plans.items())
        }
    return Assessment(
        project=project,
        as_of=as_of,
        kpis=kpis,
        goals={name: goals[name] for name in sorted(goals)},
        evidence=evidence,
        freshness={name: freshness[name] for name in sorted(freshness)},
        coarser=coarser,
        gaps=find_gaps(project, facts, last_seen_day(as_of)) if project.audience is None else None,
        plans=plans,
    )


def _read_by(
    grain: Grain,
    own: KpiAssessment,
    project: Project,
    known: Observed,
    reading: Reading,
    at_a_cost: tuple[str, ...],
    as_of: datetime,
) -> KpiAssessment:
    """Return a KPI with its series, and what is compared in it, at a coarser grain than its own."""
    calendar = project.settings.calendar
    kpi = project.kpis[own.kpi]
    complete = tuple(o for o in known.totals(own.kpi, history(calendar, grain, as_of.date())) if o.complete)
    current = complete[-1] if complete else None
    part = known.at(own.kpi, running(calendar, grain, as_of))
    before = period_before(calendar, current.period) if current else None
    a_year_before = year_before(calendar, current.period) if current else None
    return replace(
        own,
        series=_with_part(reading.closed or complete, part),
        current=current,
        part=part,
        previous=change(known.at(own.kpi, before), current, kpi.direction),
        last_year=change(known.at(own.kpi, a_year_before), current, kpi.direction),
        behaviour=reading.behaviour,
        standing=standing(reading.behaviour, own.status, own.data, current, at_a_cost),
        cost=at_a_cost,
    )


def _kpi(
    case: Case,
    known: Observed,
    results: tuple[ResultAssessment, ...],
    reading: Reading,
    at_a_cost: tuple[str, ...],
) -> KpiAssessment:
    kpi, calendar = case.kpi, case.project.settings.calendar
    current = case.series[-1] if case.series else None
    part = known.at(kpi.name, running(calendar, kpi.grain, case.as_of))
    before = period_before(calendar, current.period) if current else None
    a_year_before = year_before(calendar, current.period) if current else None
    criteria = assess_criteria(case, PROBES)
    lowest = verdict(criteria)
    status = status_now(case.project.goals, results, current, case.as_of.date())
    return KpiAssessment(
        kpi=kpi.name,
        series=_with_part(reading.closed or case.series, part),
        current=current,
        part=part,
        previous=change(known.at(kpi.name, before), current, kpi.direction),
        last_year=change(known.at(kpi.name, a_year_before), current, kpi.direction),
        breakdown=case.breakdown,
        results=results,
        status=status,
        data=case.data,
        criteria=criteria,
        verdict=lowest.grade,
        below=lowest.criterion,
        behaviour=reading.behaviour,
        standing=standing(reading.behaviour, status, case.data, current, at_a_cost),
        cost=at_a_cost,
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
    holding = [s for goal, s in of_total if current and goal.runs_on(current.period.start)]
    return worst(holding or (status for goal, status in of_total if day < goal.end))


def _with_part(closed: tuple[Observation, ...], part: Observation | None) -> tuple[Observation, ...]:
    return closed if part is None else (*closed, part)


def _by_kpi(project: Project, goals: Mapping[str, GoalAssessment]) -> dict[str, tuple[ResultAssessment, ...]]:
    """Return by KPI what goals want of it, in the order of their names."""
    found: dict[str, list[ResultAssessment]] = {name: [] for name in project.kpis}
    for _, goal in sorted(goals.items()):
        for result in goal.results:
            found[result.result.kpi].append(result)
    return {name: tuple(results) for name, results in found.items()}


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
