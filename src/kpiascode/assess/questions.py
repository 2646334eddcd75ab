"""What must be asked of the engine before anything can be judged."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple

from kpiascode.assess.goals import children_of
from kpiascode.assess.periods import (
    coarser_readings,
    history,
    last_known,
    measured_period,
    running,
    sliceable,
    watched,
    year_before,
)
from kpiascode.assess.plans import asked_of
from kpiascode.assess.results import target_in_force
from kpiascode.model.calendar import Grain, Period, is_finer
from kpiascode.model.observation import Question, SliceKey
from kpiascode.model.performance import ImprovementPlan
from kpiascode.model.project import Goal, Kpi, Project, Result, TargetKpi
from kpiascode.model.reaching import reached

GRAINS: Final = tuple(Grain)


class Wanted(NamedTuple):
    """One KPI's part of a question; those that agree in the rest are asked together."""

    kpi: str
    grain: Grain
    by: tuple[str, ...]
    periods: tuple[Period, ...]
    of: SliceKey = ()
    seen_in: tuple[Period, ...] = ()


def questions(project: Project, as_of: datetime) -> tuple[Question, ...]:
    """Return what `assess` needs to know: totals over time, what goals measure, the newest breakdowns."""
    return _together(_wanted(project, as_of), as_of)


def questions_of_plan(project: Project, plan: ImprovementPlan, as_of: datetime) -> tuple[Question, ...]:
    """Return what `plan_alone` needs to know, and nothing else."""
    return _together(_planned(project, plan, as_of), as_of)


def questions_of(
    project: Project, goals: Iterable[str], kpis: Iterable[str], as_of: datetime
) -> tuple[Question, ...]:
    """Return what `goals_alone` and `segments_alone` need to know of these, and nothing else."""
    return _together((*_of_goals(project, goals, as_of), *_of_kpis(project, kpis, as_of)), as_of)


def _of_goals(project: Project, names: Iterable[str], as_of: datetime) -> Iterator[Wanted]:
    """Yield what judges goals: they are judged by what is beneath them as well."""
    for name in reached(names, children_of(project.goals).__getitem__):
        goal = project.goals[name]
        for result in goal.results:
            yield from _measured(project, goal, result, as_of)


def _of_kpis(project: Project, names: Iterable[str], as_of: datetime) -> Iterator[Wanted]:
    for name in names:
        grain = project.kpis[name].grain
        yield Wanted(name, grain, (), _totals(project, grain, as_of))


def _together(every: Iterable[Wanted], as_of: datetime) -> tuple[Question, ...]:
    together: defaultdict[Wanted, list[str]] = defaultdict(list)
    for wanted in sorted(_without_repetition(every), key=_order):
        together[wanted._replace(kpi="")].append(wanted.kpi)
    return tuple(
        Question(
            kpis=tuple(kpis),
            grain=one.grain,
            periods=one.periods,
            as_of=as_of,
            by=one.by,
            of=one.of,
            seen_in=one.seen_in,
        )
        for one, kpis in together.items()
    )


def _without_repetition(wanted: Iterable[Wanted]) -> Iterator[Wanted]:
    """Yield each once, and none whose periods another one of the same KPI and slices asks for as well."""
    alike: defaultdict[Wanted, set[Wanted]] = defaultdict(set)
    for one in wanted:
        alike[one._replace(periods=())].add(one)
    for several in alike.values():
        yield from (o for o in several if not any(set(o.periods) < set(other.periods) for other in several))


def _order(wanted: Wanted) -> tuple[object, ...]:
    days = tuple((period.start, period.end) for period in wanted.periods)
    of = tuple((name, value is None, value or "") for name, value in wanted.of)
    return GRAINS.index(wanted.grain), wanted.by, of, days, wanted.kpi


def _wanted(project: Project, as_of: datetime) -> Iterator[Wanted]:
    grains = {kpi.grain for kpi in project.kpis.values()}
    totals = {grain: _totals(project, grain, as_of) for grain in grains}
    for kpi in project.kpis.values():
        yield Wanted(kpi.name, kpi.grain, (), totals[kpi.grain])
        yield from _breakdowns(project, kpi, as_of)
    for name, grain in coarser_readings(project):
        yield Wanted(name, grain, (), _totals(project, grain, as_of))
    yield from _of_goals(project, project.goals, as_of)
    for plan in project.performance.plans.values():
        yield from _planned(project, plan, as_of)


def _totals(project: Project, grain: Grain, as_of: datetime) -> tuple[Period, ...]:
    """Return the periods whose totals are asked: what is watched, the year before the last, the part one."""
    calendar = project.settings.calendar
    complete = history(calendar, grain, as_of.date())
    counterpart = year_before(calendar, complete[-1]) if complete else None
    part = running(calendar, grain, as_of)
    asked = {*watched(calendar, grain, as_of.date()), *complete, counterpart, part}
    return tuple(sorted((period for period in asked if period is not None), key=lambda period: period.start))


def _breakdowns(project: Project, kpi: Kpi, as_of: datetime) -> Iterator[Wanted]:
    last = last_known(project, kpi, as_of.date(), as_of.date())
    if last is not None:
        for dimension in sliceable(kpi):
            yield Wanted(kpi.name, kpi.grain, (dimension,), (last,))


def _measured(project: Project, goal: Goal, result: Result, as_of: datetime) -> Iterator[Wanted]:
    period = measured_period(project, goal, result, as_of.date())
    if period is None:
        return
    target = target_in_force(result, period)
    of_target = (target.value.kpi,) if target is not None and isinstance(target.value, TargetKpi) else ()
    for name in (result.kpi, *of_target):
        yield from _of_slice(project, name, period.grain, result.slice, (period,), as_of)


def _planned(project: Project, plan: ImprovementPlan, as_of: datetime) -> Iterator[Wanted]:
    test, periods = plan.success, asked_of(project, plan, as_of.date())
    if periods:
        grain = project.kpis[test.kpi].grain
        yield from _of_slice(project, test.kpi, grain, test.slice, periods, as_of)


def _of_slice(
    project: Project, name: str, grain: Grain, of: SliceKey, periods: tuple[Period, ...], as_of: datetime
) -> Iterator[Wanted]:
    """Yield what asks for a slice, `()` for the total, if the KPI can be asked so.

    Which slices are known must not depend on what else is asked, so each is looked for in the same periods:
    those in which the KPI is watched.
    """
    kpi = project.kpis[name]
    if not _can_answer(kpi, grain, tuple(dimension for dimension, _ in of)):
        return
    seen_in = _totals(project, kpi.grain, as_of) if of else ()
    yield Wanted(name, grain, (), periods, tuple(sorted(of, key=lambda part: part[0])), seen_in)


def _can_answer(kpi: Kpi, grain: Grain, by: tuple[str, ...]) -> bool:
    """Return whether the KPI can be asked so; a target KPI may be of coarser grain than what it is for."""
    return set(by) <= set(sliceable(kpi)) and (grain is Grain.ALL or not is_finer(grain, kpi.grain))
