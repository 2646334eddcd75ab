"""A one-on-one on one page: the agenda of the one who reports first, then only what is new since then."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from kpiascode.model.assessment import Brief
from kpiascode.model.calendar import Calendar, Duration
from kpiascode.model.performance import (
    KEPT,
    Action,
    CheckIn,
    ImprovementPlan,
    OneOnOneSeries,
    PersonRef,
    Role,
    SubjectOfPlan,
)
from kpiascode.model.project import Goal, Project, Restricted
from kpiascode.model.signals import Segment, Signal, Variation
from kpiascode.model.visibility import may_see
from kpiascode.render.charts.lines import Sign
from kpiascode.render.diary import confidence_words
from kpiascode.render.links import owner_title
from kpiascode.render.packs.blocks import Blank, Item, Items, Pack, Paragraph, Section
from kpiascode.render.packs.parts import check_ins_of, more, subject
from kpiascode.render.packs.question import GoalFacts, Told, question
from kpiascode.render.pages.tree import goal_status
from kpiascode.render.usual import sign_of, signal_words
from kpiascode.render.verdicts import progress_words
from kpiascode.render.words import VARIATION, day, period, shortened

NOBODY: Final = Restricted()
FEW: Final = 5
"""Titles after the agenda, up to which each has some lines."""

MOST: Final = 5
MOST_OF_MANY: Final = 3
CROWDED: Final = 12
LONGEST: Final = 140
"""Items of a list, where there are few and where all lists are long; and characters of one item."""

SIGN: Final = {
    Sign.BETTER: VARIATION[Variation.BETTER],
    Sign.WORSE: VARIATION[Variation.WORSE],
    Sign.CHANGED: VARIATION[Variation.CHANGED],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSignal:
    kpi: str
    signal: Signal
    sign: Sign


def since_of(series: OneOnOneSeries, calendar: Calendar, today: date) -> date:
    """Return the day of the last meeting before `today`; of the first one, when it would have been."""
    met = met_before(series, today)
    return met[-1] if met else _one_before(series, calendar, today)


def met_before(series: OneOnOneSeries, today: date) -> tuple[date, ...]:
    """Return the days before `today` on which they met; the first one is told, if no other is."""
    return tuple(one for one in series.met_on or (series.first,) if one < today)


def _one_before(series: OneOnOneSeries, calendar: Calendar, day: date) -> date:
    """Return when they would have met before a day."""
    return calendar.add(day, Duration(amount=-series.every.amount, unit=series.every.unit))


def until_of(
    series: OneOnOneSeries, today: date, restricted: Restricted = NOBODY, goals: Iterable[str] = ()
) -> date:
    """Return the first day on which the brief must be gone: with the first of the documents that it quotes.

    Args:
        goals: Those that it shows.
    """
    pair = (one.person for one in (series.manager, series.report) if isinstance(one, PersonRef))
    quoted = (
        series.keeping,
        *(restricted.persons[name].keeping for name in pair if name in restricted.persons),
        *(restricted.goals[name].keeping for name in goals if name in restricted.goals),
    )
    return min((one.until for one in quoted if one is not None), default=today + KEPT)


def meeting_pack(series: OneOnOneSeries, brief: Brief, due: Collection[str]) -> Pack:
    """Return the page.

    Args:
        due: The goals that are due for a check-in.
    """
    project, restricted = brief.project, brief.restricted
    today, since = brief.as_of.date(), brief.since
    names = _names(series, restricted, project)
    goals, kpis = tuple(brief.goals), tuple(brief.segments)
    signals = new_signals(brief)
    diary = check_ins_of(project, goals, kpis, since, today)
    promises = _promises(series, brief)
    actions = _actions(series, project, restricted, today)
    told = Told(
        goals=tuple(
            _facts(name, brief, due=name in due) for name in goals if today < project.goals[name].end
        ),
        worse=_of(signals, Sign.WORSE, project),
        better=_of(signals, Sign.BETTER, project),
        blockers=_blockers(goals, kpis, project, today),
        overdue=tuple(action.what for action, _ in actions if action.due < today),
    )
    nothing = f"None {'since you last met' if since in met_before(series, today) else f'after {day(since)}'}."
    lines, most = _fitting(goals, (*promises, *actions), signals, diary)
    room = 3 if len(series.sections) < FEW and most == MOST else 1
    return Pack(
        sort="One-on-one",
        title=series.title,
        about=(f"{names[0]} and {names[1]} · new is what came after {day(since)}",),
        private=f"For {names[0]} and {names[1]} only.",
        until=until_of(series, today, restricted, goals),
        sections=(
            Section(
                title=f"What {names[1]} wants to talk about",
                blocks=(Blank("", lines),),
            ),
            *(Section(title=title, blocks=(Blank("", room),), half=True) for title in series.sections),
            Section(title="One question", blocks=(Paragraph(question(told)),)),
            Section(
                title="Goals",
                blocks=(
                    Items(
                        more([_goal_item(n, brief, due=n in due) for n in goals], most),
                        "No goal runs.",
                    ),
                ),
                half=True,
            ),
            Section(
                title="Promised",
                blocks=(
                    Items(
                        more([*promises, *(_action_item(*one, today) for one in actions)], most),
                        "Nothing is open.",
                    ),
                ),
                half=True,
            ),
            Section(
                title="New signals",
                blocks=(
                    Items(
                        more([_signal_item(one, project) for one in signals], most),
                        nothing,
                    ),
                ),
                half=True,
            ),
            Section(
                title="New check-ins",
                blocks=(
                    Items(
                        more([_check_in_item(one, project) for one in diary], most),
                        nothing,
                    ),
                ),
                half=True,
            ),
        ),
        foot=("Notes of the meeting stay on paper: nothing of it is kept by kpiascode.",),
    )


def _fitting(*lists: Sequence[object]) -> tuple[int, int]:
    """Return how many lines the agenda has, the most of all, and how many items each list: it is one page."""
    told = sum(min(len(one), MOST) for one in lists)
    if told > CROWDED:
        return 8, MOST_OF_MANY
    return 10 if told <= CROWDED // 2 else 8, MOST


# --- who, and about what


def _names(series: OneOnOneSeries, restricted: Restricted, project: Project) -> tuple[str, str]:
    return name_of(series.manager, restricted, project), name_of(series.report, restricted, project)


def name_of(role: Role, restricted: Restricted, project: Project) -> str:
    """Return what a role or a person is called."""
    if not isinstance(role, PersonRef):
        return owner_title(project, role)
    found = restricted.persons.get(role.person)
    return role.person if found is None else found.title


def _is(role: Role, other: Role, restricted: Restricted) -> bool:
    """Return whether two are the same: by name, or since a person is that owner; two persons are two."""
    if isinstance(role, PersonRef) and isinstance(other, PersonRef):
        return role == other
    return _role_of(role, restricted) == _role_of(other, restricted) is not None


def _role_of(role: Role, restricted: Restricted) -> str | None:
    if not isinstance(role, PersonRef):
        return role
    found = restricted.persons.get(role.person)
    return None if found is None else found.role


def _both_may_see(
    visibility: Iterable[str], series: OneOnOneSeries, project: Project, restricted: Restricted
) -> bool:
    """Return whether the units of both may see what `visibility` stands at."""
    wanted = tuple(visibility)
    units = (_unit_of(role, project, restricted) for role in (series.manager, series.report))
    return not wanted or all(unit is not None and may_see(project, wanted, unit) for unit in units)


def _unit_of(role: Role, project: Project, restricted: Restricted) -> str | None:
    if isinstance(role, PersonRef):
        person = restricted.persons.get(role.person)
        return None if person is None else person.org_unit
    owner = project.owners.get(role)
    return None if owner is None else owner.org_unit


def goals_of(
    series: OneOnOneSeries, project: Project, restricted: Restricted, today: date, since: date
) -> tuple[str, ...]:
    """Return the goals that they look at: begun, and not done with; those that end first in front.

    One is done with when it was closed by the time they last met, and nothing of it was promised for then.
    What one of the two may not see is left out, as everywhere here: goals, KPIs, plans, and their check-ins.

    Args:
        project: With goals of persons among its own.
    """
    every = check_ins_of(project, project.goals, (), date.min, today)
    newest = {one.goal: one for one in every}
    promised = {one.goal for one in _promised(series, every, project, restricted, since, today)}

    def is_looked_at(goal: Goal) -> bool:
        if series.goals:
            return goal.name in series.goals
        if goal.person is not None:
            return isinstance(series.report, PersonRef) and goal.person == series.report.person
        return goal.owner == _role_of(series.report, restricted)

    found = [
        goal
        for goal in project.goals.values()
        if is_looked_at(goal)
        and goal.start < today
        and (goal.name in promised or not _is_closed(goal, newest.get(goal.name), since))
        and _both_may_see(goal.visibility, series, project, restricted)
    ]
    return tuple(goal.name for goal in sorted(found, key=lambda one: (one.end, one.name)))


def _is_closed(goal: Goal, newest: CheckIn | None, since: date) -> bool:
    """Return whether a goal was over and closed by a check-in when they last met.

    On a person's goal nobody checks in: it is closed with its end.

    Args:
        newest: The last check-in on it; None without any.
    """
    if goal.person is not None:
        return goal.end <= since
    return newest is not None and goal.end <= newest.as_of <= since


def kpis_of(
    series: OneOnOneSeries, goals: Sequence[str], project: Project, restricted: Restricted
) -> tuple[str, ...]:
    """Return the KPIs of the series, then those of its goals, each once."""
    of_goals = (result.kpi for name in goals for result in project.goals[name].results)
    found = dict.fromkeys((*series.kpis, *of_goals))
    return tuple(
        name for name in found if _both_may_see(project.kpis[name].visibility, series, project, restricted)
    )


# --- what is new


def new_signals(brief: Brief) -> tuple[NewSignal, ...]:
    """Return the signals that were not there as of the last meeting, the newest first.

    One that has only grown since then was there. One of which all points were known then is not told either:
    the limits have moved, and not the process.
    """
    found = [
        NewSignal(kpi=name, signal=signal, sign=sign_of(signal, brief.project.kpis[name].direction))
        for name, now in brief.segments.items()
        for signal in _new(now, brief.segments_then[name])
    ]
    return tuple(sorted(found, key=lambda one: (-one.signal.last.end.toordinal(), one.kpi)))


def _new(now: Iterable[Segment], then: Collection[Segment]) -> Iterator[Signal]:
    known = {_key(signal) for segment in then for signal in segment.signals}
    seen = {point.period for segment in then for point in segment.points if point.value is not None}
    for segment in now:
        for signal in segment.signals:
            if _key(signal) not in known and signal.last not in seen:
                yield signal


def _key(signal: Signal) -> tuple[object, ...]:
    return signal.rule, signal.first, signal.high


def _of(some: Sequence[NewSignal], sign: Sign, project: Project) -> tuple[tuple[str, str], ...]:
    """Return the KPIs with such a signal, each once."""
    found = {one.kpi: period(one.signal.last) for one in reversed(some) if one.sign is sign}
    return tuple((project.kpis[name].title, when) for name, when in reversed(found.items()))


def _blockers(
    goals: Sequence[str], kpis: Sequence[str], project: Project, today: date
) -> tuple[tuple[str, str], ...]:
    """Return what the newest check-in of each goal and KPI says to be in the way."""
    newest: dict[str, CheckIn] = {}
    for one in check_ins_of(project, goals, kpis, date.min, today):
        newest[subject(one, project)] = one
    return tuple((_ended(text), title) for title, one in newest.items() for text in one.blockers)


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


# --- what is due, and what was promised


def _facts(name: str, brief: Brief, *, due: bool) -> GoalFacts:
    project = brief.project
    diary = check_ins_of(project, [name], [], date.min, brief.as_of.date())
    return GoalFacts(
        title=project.goals[name].title,
        status=brief.goals[name].stands,
        confidence=tuple(one.confidence for one in diary if one.confidence is not None),
        is_due=due,
    )


def _promises(series: OneOnOneSeries, brief: Brief) -> list[Item]:
    project, today = brief.project, brief.as_of.date()
    every = check_ins_of(project, tuple(brief.goals), tuple(brief.segments), date.min, today)
    return [
        Item(
            text=shortened(one.decision, LONGEST),
            note=f"{subject(one, project)}, {day(one.as_of)}",
            boxed=True,
        )
        for one in _promised(series, every, project, brief.restricted, brief.since, today)
    ]


def _promised(
    series: OneOnOneSeries,
    every: Sequence[CheckIn],
    project: Project,
    restricted: Restricted,
    since: date,
    today: date,
) -> tuple[CheckIn, ...]:
    """Return those with what the one who reports decided for the last meeting, where no later one follows.

    That is after the meeting before it; what is older was talked about then.

    Args:
        every: Check-ins of goals and KPIs in the order of their days.
    """
    if not met_before(series, today):
        return ()
    earlier = met_before(series, since)
    after = earlier[-1] if earlier else _one_before(series, project.settings.calendar, since)
    role = _role_of(series.report, restricted)
    newest = {(one.goal, one.kpi): one.as_of for one in every}
    return tuple(
        one
        for one in every
        if one.decision
        and one.by == role
        and after < one.as_of <= since
        and newest[one.goal, one.kpi] == one.as_of
    )


def _actions(
    series: OneOnOneSeries, project: Project, restricted: Restricted, today: date
) -> list[tuple[Action, ImprovementPlan]]:
    """Return what the one who reports has still to do in plans that run, the first due in front.

    A plan for a person is theirs and that of its owner: of one for somebody else nothing is told here.
    """
    found = [
        (action, plan)
        for plan in project.performance.plans.values()
        if plan.is_open(today) and _is_theirs(plan, series, project, restricted)
        for action in plan.actions
        if _is(action.who, series.report, restricted) and (action.done_on is None or action.done_on > today)
    ]
    return sorted(found, key=lambda one: (one[0].due, one[0].what))


def _is_theirs(
    plan: ImprovementPlan, series: OneOnOneSeries, project: Project, restricted: Restricted
) -> bool:
    kind, name = plan.subject
    if kind is not SubjectOfPlan.PERSON:
        kpi = project.kpis[plan.success.kpi]
        return all(_both_may_see(one.visibility, series, project, restricted) for one in (plan, kpi))
    return series.report == PersonRef(name) and _is(plan.owner, series.manager, restricted)


# --- lines


def _goal_item(name: str, brief: Brief, *, due: bool) -> Item:
    goal, assessed = brief.project.goals[name], brief.goals[name]
    told = progress_words(assessed) or "progress is not defined"
    is_over = goal.end <= brief.as_of.date()
    asked = ("closing check-in due" if is_over else "check-in due") if due else ""
    return Item(
        word=goal_status(assessed),
        lead=goal.title,
        text=told,
        note="; ".join(part for part in (f"until {day(goal.end - timedelta(days=1))}", asked) if part),
        boxed=due,
    )


def _signal_item(one: NewSignal, project: Project) -> Item:
    kpi = project.kpis[one.kpi]
    return Item(word=SIGN[one.sign], lead=kpi.title, text=signal_words(one.signal, kpi))


def _check_in_item(one: CheckIn, project: Project) -> Item:
    sure = "" if one.confidence is None else f"Confidence {confidence_words(one)}. "
    return Item(
        lead=subject(one, project), text=shortened(f"{sure}{one.note}".strip(), LONGEST), note=day(one.as_of)
    )


def _action_item(action: Action, plan: ImprovementPlan, today: date) -> Item:
    late = ", overdue" if action.due < today else ""
    return Item(
        text=shortened(action.what, LONGEST), note=f"{plan.title}, by {day(action.due)}{late}", boxed=True
    )
