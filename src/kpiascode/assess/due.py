"""What is due on a day, and soon after it.

What can be done late (a check-in, a milestone, an action, a meeting, the end of a retention) is told until it
is done. What passes by itself (a deadline, the day of a review, the end of a feedback window) is told up to
its day.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from kpiascode.model.calendar import Calendar, Duration
from kpiascode.model.document import kept_until
from kpiascode.model.due import Due, DueKind
from kpiascode.model.performance import (
    CheckIn,
    FeedbackRound,
    ImprovementPlan,
    OneOnOneSeries,
    PersonRef,
    ReviewCycle,
    Role,
    SubjectOfPlan,
)
from kpiascode.model.project import Goal, Project, Restricted

ONE_DAY = timedelta(days=1)


def due(project: Project, restricted: Restricted, day: date, last: date) -> tuple[Due, ...]:
    """Return what is overdue on `day`, or due from it to `last`, both included; the earliest first.

    Args:
        restricted: Of what belongs to persons; empty, unless that was asked for. Of what may not be kept any
            more only that is told.
    """
    found = (one for one in _all(project, restricted, day, last) if one.day <= last)
    kinds = tuple(DueKind)
    return tuple(sorted(found, key=lambda one: (one.day, kinds.index(one.kind), one.of, one.position)))


def _all(project: Project, restricted: Restricted, day: date, last: date) -> Iterator[Due]:
    """Yield what has to be done by some day; of what has begun by the last one that is asked for."""
    open_, private = project.performance, restricted.performance
    said = last_check_ins((*open_.check_ins.values(), *private.check_ins.values()), day)
    for goal in (*project.goals.values(), *restricted.goals.values()):
        if goal.start <= last and goal.person is None:
            yield from _check_in(goal, said.get(goal.name), project.settings.calendar, day)
        if goal.start <= last:
            yield from _milestones(goal, day)
    for cycle in (*open_.cycles.values(), *private.cycles.values()):
        yield from _deadlines(cycle, day)
    for plan in (*open_.plans.values(), *private.plans.values()):
        if plan.is_open(day):
            yield from _of_plan(plan, project, restricted, day)
    for found in (*open_.rounds.values(), *private.rounds.values()):
        if found.start <= last and day < found.end:
            yield _closing_window(found, project, restricted)
    for series in (*open_.series.values(), *private.series.values()):
        yield _meeting(series, project, restricted, day)
    for (kind, name), document in restricted.documents.items():
        if (until := kept_until(document)) is not None:
            yield _retention(kind, name, until)


# --- goals


def last_check_ins(found: Iterable[CheckIn], day: date) -> dict[str, date]:
    """Return by goal up to which day it was last checked in on, as far as that is seen on `day`."""
    last: dict[str, date] = {}
    for one in found:
        if one.goal is not None and one.as_of <= day:
            last[one.goal] = max(one.as_of, last.get(one.goal, one.as_of))
    return last


def next_check_in(goal: Goal, last: date | None, calendar: Calendar, day: date) -> date | None:
    """Return on which day somebody is to check in on a goal; None once that was done at its end.

    While it runs that is so long after the last check-in, or after its start, and at its end at the latest.
    When it is over what remains is one check-in that has seen all of it.

    Args:
        last: Up to which day it was last checked in on.
    """
    if last is not None and last >= goal.end:
        return None
    if day >= goal.end:
        return goal.end
    begun = goal.start if last is None else max(last, goal.start)
    return min(later(calendar, begun, goal.check_in_every), goal.end)


def later(calendar: Calendar, day: date, every: Duration) -> date:
    """Return the day that lies so much later; the last day of all where there is none."""
    try:
        return calendar.add(day, every)
    except ValueError:
        return date.max


def _check_in(goal: Goal, last: date | None, calendar: Calendar, day: date) -> Iterator[Due]:
    """Yield the next check-in on a unit's goal. A person's is talked about, and that is not written."""
    of, units = ("goal", goal.name), (goal.org_unit,)
    when = next_check_in(goal, last, calendar, day)
    if when is not None:
        kind = DueKind.CLOSING if when == goal.end else DueKind.CHECK_IN
        yield Due(day=when, kind=kind, of=of, what=goal.title, within="", who=goal.owner, units=units)


def _milestones(goal: Goal, day: date) -> Iterator[Due]:
    of, units = ("goal", goal.name), (goal.org_unit,)
    for position, milestone in enumerate(goal.milestones):
        if milestone.done_on is None or milestone.done_on > day:
            yield Due(
                day=milestone.due,
                kind=DueKind.MILESTONE,
                of=of,
                what=milestone.title,
                within=goal.title,
                who=goal.owner,
                units=units,
                position=str(position),
            )


# --- reviews, plans, feedback, meetings


def _deadlines(cycle: ReviewCycle, day: date) -> Iterator[Due]:
    for position, deadline in enumerate(cycle.deadlines):
        if deadline.due >= day:
            yield Due(
                day=deadline.due,
                kind=DueKind.DEADLINE,
                of=("review_cycle", cycle.name),
                what=deadline.title,
                within=cycle.title,
                who=cycle.owner,
                units=cycle.org_units,
                position=str(position),
            )


def _of_plan(plan: ImprovementPlan, project: Project, restricted: Restricted, day: date) -> Iterator[Due]:
    of = ("improvement_plan", plan.name)
    units = _units(project, restricted, plan.owner, _unit_of_subject(plan, project))
    for review in plan.reviews:
        if review >= day:
            yield Due(
                day=review,
                kind=DueKind.PLAN_REVIEW,
                of=of,
                what=plan.title,
                within="",
                who=plan.owner,
                units=units,
                position=review.isoformat(),
            )
    for position, action in enumerate(plan.actions):
        if action.done_on is None or action.done_on > day:
            yield Due(
                day=action.due,
                kind=DueKind.ACTION,
                of=of,
                what=action.what,
                within=plan.title,
                who=action.who,
                units=tuple(dict.fromkeys((*_units(project, restricted, action.who), *units))),
                position=str(position),
            )


def _unit_of_subject(plan: ImprovementPlan, project: Project) -> str | None:
    kind, name = plan.subject
    if kind is SubjectOfPlan.ORG_UNIT:
        return name
    goal = project.goals.get(name) if kind is SubjectOfPlan.GOAL else None
    return None if goal is None else goal.org_unit


def _closing_window(found: FeedbackRound, project: Project, restricted: Restricted) -> Due:
    about = None if isinstance(found.about, PersonRef) else found.about
    return Due(
        day=found.end - ONE_DAY,
        kind=DueKind.FEEDBACK,
        of=("feedback_round", found.name),
        what=found.title,
        within="",
        who=found.owner,
        units=_units(project, restricted, found.owner, about),
    )


def _meeting(series: OneOnOneSeries, project: Project, restricted: Restricted, day: date) -> Due:
    met = [one for one in series.met_on if one <= day]
    return Due(
        day=later(project.settings.calendar, max(met), series.every) if met else series.first,
        kind=DueKind.MEETING,
        of=("one_on_one_series", series.name),
        what=series.title,
        within="",
        who=series.manager,
        units=tuple(
            dict.fromkeys(
                (
                    *_units(project, restricted, series.manager),
                    *_units(project, restricted, series.report),
                )
            )
        ),
    )


def _units(
    project: Project, restricted: Restricted, who: Role, besides: str | None = None
) -> tuple[str, ...]:
    """Return the unit of a role or a person, and another one."""
    found = restricted.persons.get(who.person) if isinstance(who, PersonRef) else project.owners.get(who)
    unit = None if found is None else found.org_unit
    return tuple(dict.fromkeys(one for one in (unit, besides) if one is not None))


# --- what may not be kept for ever


def _retention(kind: str, name: str, until: date) -> Due:
    return Due(
        day=until - ONE_DAY,
        kind=DueKind.RETENTION,
        of=(kind, name),
        what=f"{kind} {name}",
        within="",
        who=None,
        units=(),
    )
