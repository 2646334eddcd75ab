"""Who has to agree to a change: the owners of what it touches, before it and after it.

Owners are taken from both sides, so that no change can remove who would have to approve it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from kpiascode.diff.both import Both
from kpiascode.model.answering import answering
from kpiascode.model.changes import (
    CLASSES,
    GRADES,
    Approver,
    Change,
    ChangeClass,
    ChangeKind,
    Reach,
    Role,
    SubjectKind,
    TimeEffect,
)
from kpiascode.model.handles import handles
from kpiascode.model.project import Level, Project

_OWN: Final = frozenset({Role.OWNER})
_ROLES: Final = {
    ChangeClass.COSMETIC: frozenset[Role](),
    ChangeClass.METADATA: _OWN,
    ChangeClass.COMMUNICATION: _OWN,
    ChangeClass.OWNERSHIP: _OWN,
    ChangeClass.TARGET: _OWN,
    ChangeClass.GOVERNANCE: _OWN,
    ChangeClass.VALUE: _OWN | {Role.GOAL},
    ChangeClass.INTERPRETATION: _OWN | {Role.GOAL},
    ChangeClass.BREAKING: _OWN | {Role.GOAL, Role.SCORECARD, Role.CONSUMER},
    ChangeClass.HISTORY: _OWN | {Role.GOAL},
    ChangeClass.UNKNOWN: _OWN | {Role.GOAL},
}
_SPONSORED: Final = frozenset(
    {
        ChangeKind.TARGET_RELAXED,
        ChangeKind.TARGET_CHANGED,
        ChangeKind.RUNNING_TARGET,
        ChangeKind.DEADLINE,
        ChangeKind.BASELINE,
        ChangeKind.COMMITMENT,
        ChangeKind.GOAL_REMOVED,
        ChangeKind.RESULT_REMOVED,
        ChangeKind.GOAL_LINKED,
        ChangeKind.TOLERANCE,
        ChangeKind.PATH,
        ChangeKind.MEASURED,
        ChangeKind.WEIGHT,
        ChangeKind.MILESTONE_REMOVED,
        ChangeKind.PLAN_CHANGED,
        ChangeKind.PLAN_REMOVED,
        ChangeKind.OUTCOME,
    }
)
"""What makes a goal or a plan easier, or may: who wants the goal above agrees, too."""

_MORE: Final = {
    ChangeKind.LIFECYCLE: frozenset({Role.GOAL}),
    ChangeKind.CHECK_IN_REWRITTEN: frozenset({Role.GOAL}),
    ChangeKind.REWARD: frozenset({Role.CONSUMER}),
}
"""Who has to agree besides those of the class."""


_GRAVE: Final = GRADES[ChangeClass.TARGET]
"""From here on those at the top answer for what nobody else does: nothing grave passes without anybody."""


def approvers(change: Change, both: Both) -> tuple[Approver, ...]:
    """Return who has to agree, by name."""
    found: dict[str, set[Role]] = {}
    for role in Role:
        for owner in _owners(role, change, both):
            found.setdefault(owner, set()).add(role)
    if not found and GRADES[change.weight] >= _GRAVE:
        found = {owner: {Role.TOP} for project in both.sides for owner in _at_the_top(project)}
    return tuple(
        Approver(
            owner=name,
            handles=_handles(name, both),
            roles=tuple(role for role in Role if role in found[name]),
            is_new=name not in both.base.project.owners,
        )
        for name in sorted(found)
    )


def _handles(name: str, both: Both) -> tuple[str, ...]:
    """Return the handles of an owner as they were before the change; its own may be what is changed."""
    for project in both.sides:
        if name in project.owners:
            return handles(project.owners[name])
    return ()


def _owners(role: Role, change: Change, both: Both) -> Iterator[str]:
    base, head = both.sides
    roles = _ROLES[CLASSES[change.kind]]
    if change.effect is not TimeEffect.NONE and change.subject.kind is SubjectKind.DATASET:
        roles = roles | {Role.CONSUMER, Role.GOAL}
    roles = roles | _MORE.get(change.kind, frozenset())
    match role:
        case Role.OWNER if role in roles:
            yield from _owning(change, head)
            if change.kind not in (ChangeKind.OWNER, ChangeKind.OWNER_REMOVED):
                yield from _owning(change, base)
        case Role.OWNED_BEFORE if change.kind in (ChangeKind.OWNER, ChangeKind.OWNER_REMOVED):
            yield from _owning(change, base)
        case Role.GOAL if role in roles:
            for project in both.sides:
                yield from (project.goals[n].owner for n in change.reach.goals if n in project.goals)
        case Role.SPONSOR if change.kind in _SPONSORED:
            for project in both.sides:
                yield from _wanting(change, project)
        case Role.SCORECARD if role in roles:
            for project in both.sides:
                for name in change.reach.scorecards:
                    if name in project.scorecards:
                        yield from project.owners_of(project.scorecards[name].org_unit)
        case Role.CONSUMER if role in roles:
            for project in both.sides:
                yield from (project.kpis[n].owner for n in change.reach.kpis if n in project.kpis)
        case Role.TOP if change.subject.kind is SubjectKind.PROJECT or change.kind is ChangeKind.APPROVERS:
            for project in both.sides:
                yield from _at_the_top(project)
        case _:
            return


def _owning(change: Change, project: Project) -> Iterator[str]:
    """Yield the owners of what is changed itself."""
    name = change.subject.name
    match change.subject.kind:
        case SubjectKind.KPI if name in project.kpis:
            yield project.kpis[name].owner
        case SubjectKind.GOAL if name in project.goals:
            yield project.goals[name].owner
        case SubjectKind.SCORECARD if name in project.scorecards:
            yield from project.owners_of(project.scorecards[name].org_unit)
        case SubjectKind.OWNER if name in project.owners:
            yield name
        case SubjectKind.ORG_UNIT if name in project.org_units:
            yield from project.owners_of(name)
        case SubjectKind.DATASET if name in project.datasets:
            yield from (kpi.owner for kpi in project.kpis.values() if kpi.dataset == name)
        case kind:
            yield from answering(project, kind, name)


def _wanting(change: Change, project: Project) -> Iterator[str]:
    """Yield who wants what is above a goal, or answers for the unit above that of a plan's owner."""
    name = change.subject.name
    match change.subject.kind:
        case SubjectKind.GOAL if name in project.goals:
            parents = (project.goals.get(parent) for parent, _ in project.goals[name].parents)
            yield from (parent.owner for parent in parents if parent is not None)
        case SubjectKind.PLAN if name in project.performance.plans:
            owner = project.owners.get(project.performance.plans[name].owner)
            unit = None if owner is None else project.org_units.get(owner.org_unit)
            above = None if unit is None else unit.parent
            yield from () if above is None else project.owners_of(above)
        case _:
            return


def _at_the_top(project: Project) -> Iterator[str]:
    """Yield the owners of the units above which there is none, or else those nearest to the top."""
    for level in Level:
        found = [
            owner.name
            for owner in project.owners.values()
            if owner.org_unit in project.org_units and project.org_units[owner.org_unit].level is level
        ]
        if found:
            yield from found
            return


def reach_of(change: Change, both: Both) -> Reach:
    """Return what shows or uses what is changed."""
    name = change.subject.name
    match change.subject.kind:
        case SubjectKind.KPI:
            return both.reach([name])
        case SubjectKind.DATASET if change.effect is not TimeEffect.NONE:
            return _with_themselves(both.resting_on(change.subject), both)
        case SubjectKind.GOAL:
            return Reach(goals=tuple(sorted(_below(both, name) - {name})))
        case SubjectKind.PROJECT if change.effect is not TimeEffect.NONE and not name:
            return _with_themselves(both.touched, both)
        case SubjectKind.CHECK_IN:
            told = [side.performance.check_ins.get(name) for side in both.sides]
            return Reach(goals=_names(one.goal for one in told if one), kpis=_names(o.kpi for o in told if o))
        case SubjectKind.PROGRAM if change.kind is ChangeKind.REWARD:
            given = (side.performance.programs.get(name) for side in both.sides)
            return Reach(kpis=_names(kpi for program in given if program for kpi in program.kpis))
        case _:
            return Reach()


def _names(some: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({name for name in some if name is not None}))


def _with_themselves(kpis: tuple[str, ...], both: Both) -> Reach:
    own = both.reach(kpis)
    return replace(own, kpis=tuple(sorted({*kpis, *own.kpis})))


def _below(both: Both, goal: str) -> set[str]:
    """Return the goals that a goal leads to."""
    return {
        parent for project in both.sides if goal in project.goals for parent, _ in project.goals[goal].parents
    }
