"""What the people of a unit may see, and what of it concerns them.

A project is narrowed down before anything is computed, so that whatever is made of it can tell nothing else.
First goes what they may not see, with everything that is computed from it; it leaves no trace. Then goes what
is other units' business; of that the narrowed project knows where it would be missed (`Audience`).
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from kpiascode.model.definitions import referred
from kpiascode.model.performance import (
    ImprovementPlan,
    Performance,
    Recognition,
    ReviewCycle,
    SubjectOfPlan,
    Thanked,
)
from kpiascode.model.project import Audience, Goal, Kpi, Owner, Project, Scorecard
from kpiascode.model.reaching import reached

_Value = TypeVar("_Value")


def may_see(project: Project, visibility: Iterable[str], unit: str) -> bool:
    """Return whether all people of a unit may see what `visibility` stands at; without any, everybody may."""
    units = set(visibility)
    return not units or not units.isdisjoint(project.unit_and_above(unit))


def seen_by_all_who_see(project: Project, whole: Iterable[str], part: Iterable[str]) -> bool:
    """Return whether everybody who may see the whole may see the part, by their visibilities."""
    units, of_part = tuple(whole), tuple(part)
    if not of_part:
        return True
    return bool(units) and all(may_see(project, of_part, unit) for unit in units)


def shown_to(project: Project, unit: str) -> Project:
    """Return what a project says to the people of a unit and of the units beneath it."""
    visible = _visible(project, unit)
    shown = _relevant(
        visible, unit, frozenset((*project.unit_and_above(unit), *project.unit_and_below(unit)))
    )
    assert shown.audience is not None
    return replace(shown, audience=replace(shown.audience, parted=_parted(visible, frozenset(shown.goals))))


def visible_to(project: Project, unit: str) -> Project:
    """Return what the people of a unit may see of a project, whosever business it is: mostly all of it."""
    visible = _visible(project, unit)
    return project if visible == project else _relevant(visible, unit, frozenset(project.org_units))


def as_shown(project: Project, like: Project) -> Project:
    """Return a project narrowed down for whom another one is."""
    return project if like.audience is None else shown_to(project, like.audience.unit)


# --- what they may see


def _visible(project: Project, unit: str) -> Project:
    """Return the project without what the people of a unit may not see, and without what rests on that."""

    def visible(visibility: Iterable[str]) -> bool:
        return may_see(project, visibility, unit)

    resting: defaultdict[str, list[str]] = defaultdict(list)
    for name, kpi in project.kpis.items():
        for other in referred(kpi):
            resting[other].append(name)
    hidden = (name for name, kpi in project.kpis.items() if not visible(kpi.visibility))
    gone = frozenset(reached(hidden, lambda name: resting[name]))
    kpis = _only(project.kpis, lambda kpi: kpi.name not in gone)
    parents = _parents(project)
    unseen = (
        name
        for name, goal in project.goals.items()
        if not visible(goal.visibility) or not gone.isdisjoint(goal.kpis)
    )
    goals = frozenset(
        reached(unseen, parents.__getitem__)
    )  # what a goal has reached rests on those beneath it
    performance = project.performance
    return replace(
        project,
        kpis=kpis,
        goals=_only(project.goals, lambda goal: goal.name not in goals),
        scorecards=_only(project.scorecards, lambda card: visible(card.visibility)),
        performance=replace(
            performance,
            cycles=_only(performance.cycles, lambda cycle: visible(cycle.visibility)),
            plans=_only(
                performance.plans, lambda plan: visible(plan.visibility) and plan.success.kpi not in gone
            ),
            recognitions=_only(performance.recognitions, lambda one: visible(one.visibility)),
        ),
    )


def _only(some: Mapping[str, _Value], wanted: Callable[[_Value], bool]) -> dict[str, _Value]:
    return {name: value for name, value in some.items() if wanted(value)}


# --- what concerns them


@dataclass(frozen=True, slots=True)
class _Names:
    """What is shown."""

    units: frozenset[str]
    owners: frozenset[str]
    kpis: frozenset[str]
    goals: frozenset[str]
    scorecards: frozenset[str]
    check_ins: frozenset[str]


def _relevant(project: Project, unit: str, line: frozenset[str]) -> Project:
    """Return of a project in which everything may be seen what concerns the people of a unit.

    Args:
        line: The units whose business it is.
    """
    above = frozenset(project.unit_and_above(unit))
    scorecards = _only(
        project.scorecards, lambda card: card.org_unit in line or not above.isdisjoint(card.audiences)
    )
    goals = _goals(project, line)
    kpis = _kpis(project, line, above, _asked(project, line, goals, scorecards.values()))
    performance = _performance(project, line, frozenset(kpis), frozenset(goals))
    owners = _owners(project, kpis.values(), goals.values(), performance)
    names = _Names(
        units=_units(project, line, kpis.values(), goals.values(), scorecards.values(), owners.values()),
        owners=frozenset(owners),
        kpis=frozenset(kpis),
        goals=frozenset(goals),
        scorecards=frozenset(scorecards),
        check_ins=frozenset(performance.check_ins),
    )
    datasets = set(project.with_partners(name for kpi in kpis.values() for name in kpi.datasets))
    return replace(
        project,
        datasets=_only(project.datasets, lambda dataset: dataset.name in datasets),
        kpis={name: _kpi(kpi, names) for name, kpi in kpis.items()},
        goals={name: _goal(goal, names) for name, goal in goals.items()},
        owners=owners,
        org_units=_only(project.org_units, lambda found: found.name in names.units),
        scorecards={name: _scorecard(card, names) for name, card in scorecards.items()},
        performance=_told(performance, names),
        audience=Audience(unit=unit, elsewhere=_elsewhere(project, names)),
        documents={},
        sources={},
        schemas=frozenset(),
    )


def _goals(project: Project, line: frozenset[str]) -> dict[str, Goal]:
    """Return the goals of the units, and those that they lead up to."""
    own = [name for name, goal in project.goals.items() if goal.org_unit in line]
    wanted = frozenset(reached(own, _parents(project).__getitem__))
    return _only(project.goals, lambda goal: goal.name in wanted)


def _parents(project: Project) -> dict[str, list[str]]:
    return {
        name: [parent for parent, _ in goal.parents if parent in project.goals]
        for name, goal in project.goals.items()
    }


def _asked(
    project: Project, line: frozenset[str], goals: Mapping[str, Goal], scorecards: Iterable[Scorecard]
) -> set[str]:
    """Return the KPIs that their goals, scorecards, plans and reviews look at."""
    plans = (
        plan.success.kpi
        for plan in project.performance.plans.values()
        if plan.subject[1]
        in {SubjectOfPlan.GOAL: goals, SubjectOfPlan.ORG_UNIT: line}.get(plan.subject[0], ())
    )
    return {
        *(kpi for goal in goals.values() for kpi in goal.kpis),
        *(kpi for card in scorecards for kpi in card.kpis),
        *(kpi for cycle in _cycles(project, line).values() for kpi in cycle.kpis),
        *plans,
    }


def _cycles(project: Project, line: frozenset[str]) -> dict[str, ReviewCycle]:
    return _only(project.performance.cycles, lambda cycle: not line.isdisjoint(cycle.org_units))


def _kpis(
    project: Project, line: frozenset[str], above: frozenset[str], asked: Collection[str]
) -> dict[str, Kpi]:
    """Return the KPIs that are asked for, apply to the units or are told to them, with all that they show.

    That is what they are computed from, and what must not get worse in return: without it they would look
    better than they are.
    """
    own = (
        name
        for name, kpi in project.kpis.items()
        if name in asked or not line.isdisjoint(kpi.applies_to) or not above.isdisjoint(_promised(kpi))
    )

    def onward(name: str) -> Iterator[str]:
        kpi = project.kpis[name]
        yield from (one for one in (*referred(kpi), *kpi.counter_kpis) if one in project.kpis)

    wanted = frozenset(reached(own, onward))
    return _only(project.kpis, lambda kpi: kpi.name in wanted)


def _promised(kpi: Kpi) -> tuple[str, ...]:
    return kpi.communication.audiences if kpi.communication else ()


def _performance(
    project: Project, line: frozenset[str], kpis: frozenset[str], goals: frozenset[str]
) -> Performance:
    """Return what was done about what is shown; no meetings of two, and nothing that people say of others."""
    told = project.performance
    check_ins = _only(told.check_ins, lambda one: one.goal in goals or one.kpi in kpis)
    cycles = _cycles(project, line)
    home = {name: owner.org_unit for name, owner in project.owners.items()}
    subjects = {
        SubjectOfPlan.KPI: kpis,
        SubjectOfPlan.GOAL: goals,
        SubjectOfPlan.ORG_UNIT: line,
        SubjectOfPlan.PERSON: frozenset[str](),
    }

    def concerns(one: Recognition) -> bool:
        kind, to = one.to
        return (
            home.get(one.by) in line
            or (kind is Thanked.ORG_UNIT and to in line)
            or (kind is Thanked.OWNER and home.get(to) in line)
            or not (goals.isdisjoint(one.goals) and kpis.isdisjoint(one.kpis))
            or any(name in check_ins for name in one.check_ins)
        )

    recognitions = _only(told.recognitions, concerns)
    programs = {one.program for one in recognitions.values()}
    templates = {cycle.template for cycle in cycles.values()}
    return Performance(
        check_ins=check_ins,
        templates=_only(told.templates, lambda template: template.name in templates),
        cycles=cycles,
        plans=_only(
            told.plans, lambda plan: plan.subject[1] in subjects[plan.subject[0]] and plan.success.kpi in kpis
        ),
        programs=_only(told.programs, lambda program: program.name in programs),
        recognitions=recognitions,
    )


def _owners(
    project: Project, kpis: Iterable[Kpi], goals: Iterable[Goal], performance: Performance
) -> dict[str, Owner]:
    """Return who answers for something that is shown, or did it."""
    named = {
        *(name for kpi in kpis for name in (kpi.owner, *(waiver.approved_by for waiver in kpi.waivers))),
        *(goal.owner for goal in goals),
        *(one.by for one in performance.check_ins.values()),
        *(cycle.owner for cycle in performance.cycles.values()),
        *(name for plan in performance.plans.values() for name in _roles(plan)),
        *(program.owner for program in performance.programs.values()),
        *(name for one in performance.recognitions.values() for name in _thanking(one)),
    }
    return _only(project.owners, lambda owner: owner.name in named)


def _roles(plan: ImprovementPlan) -> Iterator[str]:
    yield from (role for role in (plan.owner, plan.hr_reviewer) if role is not None)
    yield from (action.who for action in plan.actions if isinstance(action.who, str))


def _thanking(one: Recognition) -> Iterator[str]:
    yield one.by
    if one.to[0] is Thanked.OWNER:
        yield one.to[1]


def _units(
    project: Project,
    line: frozenset[str],
    kpis: Iterable[Kpi],
    goals: Iterable[Goal],
    scorecards: Iterable[Scorecard],
    owners: Iterable[Owner],
) -> frozenset[str]:
    """Return the units of what is shown, with those that they belong to: each stands where it belongs."""
    named = {
        *line,
        *(goal.org_unit for goal in goals),
        *(card.org_unit for card in scorecards),
        *(owner.org_unit for owner in owners),
    }
    # Of the units that a KPI applies to others are left out, but it applies somewhere.
    named |= {unit for kpi in kpis if named.isdisjoint(kpi.applies_to) for unit in kpi.applies_to}
    return frozenset(above for unit in named for above in project.unit_and_above(unit))


# --- what is left of each


def _kpi(kpi: Kpi, names: _Names) -> Kpi:
    promise = kpi.communication
    return replace(
        kpi,
        applies_to=_kept(kpi.applies_to, names.units),
        counter_kpis=_kept(kpi.counter_kpis, names.kpis),
        communication=promise and replace(promise, audiences=_kept(promise.audiences, names.units)),
        leads=tuple(lead for lead in kpi.leads if lead.kpi in names.kpis),
        derived_from=kpi.derived_from if kpi.derived_from in names.kpis else None,
        revisions=tuple(replace(one, was=_kpi(one.was, names)) for one in kpi.revisions),
        visibility=(),
    )


def _goal(goal: Goal, names: _Names) -> Goal:
    parents = tuple((parent, weight) for parent, weight in goal.parents if parent in names.goals)
    return replace(goal, parents=parents, visibility=())


def _scorecard(card: Scorecard, names: _Names) -> Scorecard:
    sections = (replace(section, kpis=_kept(section.kpis, names.kpis)) for section in card.sections)
    return replace(
        card,
        audiences=_kept(card.audiences, names.units),
        sections=tuple(section for section in sections if section.kpis),
        visibility=(),
    )


def _told(performance: Performance, names: _Names) -> Performance:
    return replace(
        performance,
        cycles={name: _cycle(cycle, names) for name, cycle in performance.cycles.items()},
        plans={name: _plan(plan, names) for name, plan in performance.plans.items()},
        programs={
            name: replace(program, kpis=_kept(program.kpis, names.kpis))
            for name, program in performance.programs.items()
        },
        recognitions={name: _recognition(one, names) for name, one in performance.recognitions.items()},
    )


def _cycle(cycle: ReviewCycle, names: _Names) -> ReviewCycle:
    return replace(
        cycle,
        org_units=_kept(cycle.org_units, names.units),
        kpis=_kept(cycle.kpis, names.kpis),
        visibility=(),
    )


def _plan(plan: ImprovementPlan, names: _Names) -> ImprovementPlan:
    standard = plan.standard
    is_shown = standard is not None and standard[0] in names.goals and standard[1] in names.kpis
    return replace(plan, standard=standard if is_shown else None, visibility=())


def _recognition(one: Recognition, names: _Names) -> Recognition:
    return replace(
        one,
        goals=_kept(one.goals, names.goals),
        kpis=_kept(one.kpis, names.kpis),
        check_ins=_kept(one.check_ins, names.check_ins),
        visibility=(),
    )


def _kept(some: Iterable[str], shown: frozenset[str]) -> tuple[str, ...]:
    return tuple(name for name in some if name in shown)


# --- what would be missed


def _parted(project: Project, shown: frozenset[str]) -> frozenset[str]:
    """Return the goals that are shown beneath which one of the whole project is not.

    That one is another unit's: `visible-beyond-its-parts` says where one that may not be seen counts in one
    that may. Where that was allowed, what would be told is half a sum all the same.
    """
    left_out = [name for name in project.goals if name not in shown]
    above = reached(left_out, _parents(project).__getitem__)
    return shown.intersection(above)


def _elsewhere(project: Project, names: _Names) -> frozenset[str]:
    """Return the KPIs that are shown and that a goal or a scorecard looks at which is not.

    A scorecard may list a KPI that may not be seen: that one says nothing of those it is computed from.
    """
    goals = (goal for name, goal in project.goals.items() if name not in names.goals)
    cards = (card for name, card in project.scorecards.items() if name not in names.scorecards)
    looked_at = {kpi for goal in goals for kpi in goal.kpis} | {kpi for card in cards for kpi in card.kpis}
    behind = {name: list(referred(kpi)) for name, kpi in project.kpis.items()}
    resting = reached(looked_at.intersection(behind), behind.__getitem__)
    return names.kpis.intersection(resting)
