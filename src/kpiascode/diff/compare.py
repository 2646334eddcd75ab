"""All changes between two projects, with whom they reach and who has to agree, the gravest first."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from kpiascode.diff.agreement import approvers, reach_of
from kpiascode.diff.both import Both
from kpiascode.diff.goals import changes_of_goal
from kpiascode.diff.kpis import changes_of_kpi, renamed
from kpiascode.diff.making import change
from kpiascode.diff.others import (
    added,
    changes_of_dataset,
    changes_of_owner,
    changes_of_scorecard,
    changes_of_settings,
    changes_of_unit,
    removed,
)
from kpiascode.diff.performance import KINDS
from kpiascode.diff.renaming import with_new_names
from kpiascode.diff.standards import of_open_plans, touches
from kpiascode.diff.words import told
from kpiascode.model.changes import (
    GRADES,
    Change,
    ChangeClass,
    ChangeKind,
    Flag,
    Proof,
    Side,
    Subject,
    SubjectKind,
    TimeEffect,
    declared,
)
from kpiascode.model.performance import ImprovementPlan
from kpiascode.model.project import Goal, Kpi, Lifecycle, Project

_Compared = Callable[[Both, str], Iterator[Change]]
_NOUNS: Final[Mapping[SubjectKind, tuple[str, _Compared]]] = {
    SubjectKind.GOAL: ("goal", changes_of_goal),
    SubjectKind.SCORECARD: ("scorecard", changes_of_scorecard),
    SubjectKind.DATASET: ("dataset", changes_of_dataset),
    SubjectKind.OWNER: ("owner", changes_of_owner),
    SubjectKind.ORG_UNIT: ("org unit", changes_of_unit),
    **KINDS,
}
_GUARDED: Final = GRADES[ChangeClass.OWNERSHIP]
"""From here on a guard that is loosened in the same change is told."""

_RECORDS: Final = frozenset({ChangeKind.CHECK_IN_REWRITTEN, ChangeKind.RECORD_REWRITTEN})
"""Of the class of guards, and none."""


def compare(base: Side, head: Side, as_of: datetime) -> tuple[Change, ...]:
    """Return everything that the head changes of the base.

    Args:
        as_of: The moment from which it is told what is over.
    """
    gone = set(base.project.kpis) - set(head.project.kpis)
    new = set(head.project.kpis) - set(base.project.kpis)
    names = renamed(Both(base, head, as_of), gone, new) if gone and new else {}
    was = replace(base, project=with_new_names(base.project, names)) if names else base
    both = Both(was, head, as_of)
    found = [
        *_unreadable(both),
        *(changes_of_settings(both) if base.is_there else ()),
        *_kpis(both, names, base.project),
        *(change for kind in _NOUNS for change in _things(both, kind)),
    ]
    told_of = _unread(both)
    kept = [one for one in found if one.subject not in told_of or one.kind is ChangeKind.UNREADABLE]
    complete = [_with_people(one, both) for one in kept]
    return tuple(sorted(_flagged(list(_with_plans(complete, both))), key=_order))


def _order(change: Change) -> tuple[Any, ...]:
    subject = change.subject
    return (
        -GRADES[change.weight],
        bool(change.through),
        subject.kind.value,
        subject.name,
        change.part,
        change.kind.value,
    )


# --- KPIs


def _kpis(both: Both, names: Mapping[str, str], base: Project) -> Iterator[Change]:
    before, after = (project.kpis for project in both.sides)
    old_names = {new: old for old, new in names.items()}
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            if both.head.is_whole:
                yield _removed(before[name])
        elif name not in before:
            if both.base.is_whole:
                yield added(SubjectKind.KPI, name, after[name], "KPI")
        elif _differs(both, name, old_names):
            if name in old_names:
                yield _renamed(base.kpis[old_names[name]], after[name])
            yield from changes_of_kpi(both, name)


def _differs(both: Both, name: str, old_names: Mapping[str, str]) -> bool:
    """Return whether there may be anything to tell of a KPI that both have."""
    base, head = (project.kpis[name] for project in both.sides)
    return (
        name in old_names
        or name in both.suspects
        or both.is_rewritten("kpi", name)
        or base.place.path != head.place.path
    )


def _removed(kpi: Kpi) -> Change:
    subject = Subject(SubjectKind.KPI, kpi.name)
    if kpi.status is not Lifecycle.ACTIVE:
        words = f"`{kpi.title}`, which was {told(kpi.status)}, is gone."
        return change(ChangeKind.REMOVED_UNUSED, subject, "", kpi.title, None, words, kpi.place)
    return change(
        ChangeKind.KPI_REMOVED,
        subject,
        "",
        kpi.title,
        None,
        f"`{kpi.title}` is gone, without having been deprecated before.",
        kpi.place,
        effect=TimeEffect.RESTATES,
        proof=Proof.UNKNOWN,
    )


def _renamed(before: Kpi, after: Kpi) -> Change:
    subject, names = Subject(SubjectKind.KPI, after.name), (before.name, after.name)
    words = f"`{before.name}` is called `{after.name}` now. What knows the old name no longer finds it."
    return change(ChangeKind.KPI_RENAMED, subject, "name", *names, words, after.place)


# --- all other things


def _things(both: Both, kind: SubjectKind) -> Iterator[Change]:
    noun, changes_of = _NOUNS[kind]
    before, after = (declared(project, kind) for project in both.sides)
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            if both.head.is_whole:
                yield _running(removed(kind, name, before[name], noun), before[name], both)
        elif name not in before:
            if both.base.is_whole:
                yield _running(added(kind, name, after[name], noun), after[name], both)
        elif both.is_rewritten(kind.value, name) or before[name].place.path != after[name].place.path:
            yield from changes_of(both, name)


def _running(change: Change, thing: Any, both: Both) -> Change:
    """Return a change; that a goal comes or goes after it began, or that a plan goes, is flagged."""
    today = both.as_of.date()
    if isinstance(thing, Goal) and thing.start <= today:
        return replace(change, effect=TimeEffect.RETRO_DATED, since=thing.start, flags=(Flag.RUNNING_PERIOD,))
    if isinstance(thing, ImprovementPlan) and change.after is None and thing.opened_on <= today:
        return replace(change, kind=ChangeKind.PLAN_REMOVED, flags=(Flag.RUNNING_PERIOD,))
    return change


# --- what could not be read


def _unread(both: Both) -> frozenset[Subject]:
    return frozenset({*both.base.unreadable, *both.head.unreadable})


def _unreadable(both: Both) -> Iterator[Change]:
    for subject in sorted(_unread(both), key=lambda one: (one.kind.value, one.name)):
        was, now = both.base.unreadable.get(subject), both.head.unreadable.get(subject)
        if was is not None and now is not None and was.text == now.text:
            continue  # it is as broken as it was
        known = now or was
        assert known is not None, "it is of one side"
        side = "either side" if was and now else "the base" if was else "the head"
        yield Change(
            kind=ChangeKind.UNREADABLE,
            subject=subject,
            part="",
            before=None if was is None else was.text,
            after=None if now is None else now.text,
            words=f"It could not be read on {side}, so nobody can tell what was changed: {known.message}",
            effect=TimeEffect.RESTATES,
            proof=Proof.UNKNOWN,
        )


# --- with whom it reaches


def _with_people(change: Change, both: Both) -> Change:
    reached = replace(change, reach=reach_of(change, both))
    return replace(reached, approvers=approvers(reached, both))


def _with_plans(changes: Iterable[Change], both: Both) -> Iterator[Change]:
    """Yield the changes; one that moves what an open plan rests on is flagged."""
    standards = of_open_plans(both)
    for one in changes:
        is_moved = any(touches(one, standard, both) for standard in standards)
        yield replace(one, flags=(*one.flags, Flag.STANDARD)) if is_moved else one


def _flagged(changes: list[Change]) -> list[Change]:
    """Return the changes; a guard that is loosened together with what it guards is flagged."""
    if not any(
        GRADES[one.weight] >= _GUARDED and one.weight is not ChangeClass.GOVERNANCE for one in changes
    ):
        return changes
    return [
        replace(one, flags=(*one.flags, Flag.LOOSENED_WITH))
        if one.weight is ChangeClass.GOVERNANCE and one.kind not in _RECORDS
        else one
        for one in changes
    ]
