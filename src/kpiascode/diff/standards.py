"""Whether a change moves what an improvement plan rests on.

What is expected stays while a plan runs: with another target, another way to it or another measure it would
be another plan.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Final

from kpiascode.diff.both import Both
from kpiascode.diff.goals import is_same_wish, results_for
from kpiascode.model.changes import (
    GRADES,
    Change,
    ChangeClass,
    ChangeKind,
    Side,
    Standard,
    Subject,
    SubjectKind,
)

_NO_MEASURE: Final = frozenset({ChangeKind.SIGNALS, ChangeKind.PROCESS, ChangeKind.KPI_RENAMED})
"""How numbers are judged besides targets, and how they are called."""

_NO_TARGET: Final = frozenset({ChangeKind.WEIGHT, ChangeKind.RESULT_ADDED})
_OF_WHOLE_GOAL: Final = frozenset({ChangeKind.DEADLINE, ChangeKind.GOAL_REMOVED, ChangeKind.UNREADABLE})


# --- plans that everybody may read


def of_open_plans(both: Both) -> tuple[Standard, ...]:
    """Return what the plans of the base rest on that are open."""
    found = []
    for plan in both.base.project.performance.plans.values():
        if plan.is_open(both.as_of.date()):
            found.append(Standard(goal=None, kpi=plan.success.kpi))
            found += [] if plan.standard is None else [Standard(goal=plan.standard[0], kpi=plan.standard[1])]
    return tuple(dict.fromkeys(found))


def touches(change: Change, standard: Standard, both: Both) -> bool:
    """Return whether a change is one of a target, or of what it is measured by."""
    name, kind = change.subject.name, change.kind
    match change.subject.kind:
        case SubjectKind.GOAL if name == standard.goal:
            if not change.part.startswith("results."):
                return kind in _OF_WHOLE_GOAL and not change.part.startswith("milestones.")
            kpi = change.part.removeprefix("results.").partition(".")[0].partition("[")[0]
            is_target = change.weight is ChangeClass.TARGET and kind not in _NO_TARGET
            return is_target and kpi == standard.kpi
        case SubjectKind.KPI if GRADES[change.weight] >= GRADES[ChangeClass.VALUE]:
            return kind not in _NO_MEASURE and name in _measures(both, standard)
        case _:
            return False


def _measures(both: Both, standard: Standard) -> Iterator[str]:
    """Yield the KPI, and those that are its target."""
    yield standard.kpi
    for project in both.sides:
        goal = project.goals.get(standard.goal or "")
        for result in () if goal is None else results_for(goal, standard.kpi).values():
            yield from result.kpis


# --- plans that are not for everybody


def moved(base: Side, head: Side, as_of: datetime, given: Collection[Standard]) -> tuple[Standard, ...]:
    """Return what the head changes of that on which plans rest; of what nobody can tell it does."""
    if not given:
        return ()
    both = Both(base, head, as_of)
    found = [one for one in given if _is_moved(both, one)]
    named = {one.kpi for one in found if one.goal is not None}
    return tuple(one for one in found if one.goal is not None or one.kpi not in named)


def _is_moved(both: Both, standard: Standard) -> bool:
    if standard.goal is None:
        return _is_other_measure(both, standard.kpi, standard.dimensions)
    before, after = (project.goals.get(standard.goal) for project in both.sides)
    if before is None:
        return _is_hidden(both, Subject(SubjectKind.GOAL, standard.goal))
    spans = ((goal.start, goal.end, goal.commitment) for goal in (before, after) if goal is not None)
    if after is None or len(set(spans)) > 1:
        return True
    one, other = (results_for(goal, standard.kpi) for goal in (before, after))
    # One more result for the KPI is another target, too.
    if one.keys() != other.keys() or not all(is_same_wish(before, one[key], other[key]) for key in one):
        return True
    dimensions = tuple(name for result in one.values() for name, _ in result.slice)
    return bool(one) and any(_is_other_measure(both, kpi, dimensions) for kpi in _measures(both, standard))


def _is_other_measure(both: Both, name: str, dimensions: Collection[str]) -> bool:
    """Return whether values of a KPI may be others, of any period, or mean something else."""
    before, after = (project.kpis.get(name) for project in both.sides)
    if before is None:
        return _is_hidden(both, Subject(SubjectKind.KPI, name))
    if after is None or both.changed_since(name) is not None:
        return True
    if (before.unit, before.direction, before.grain) != (after.unit, after.direction, after.grain):
        return True
    one, other = ({dimension.name for dimension in kpi.dimensions} for kpi in (before, after))
    gone = one - other
    return any(dimension in gone or dimension in both.other_slices(name) for dimension in dimensions)


def _is_hidden(both: Both, subject: Subject) -> bool:
    """Return whether something may have been there which the base does not show, and is another one now."""
    was, now = both.base.unreadable.get(subject), both.head.unreadable.get(subject)
    if was is not None:
        return now is None or now.text != was.text
    is_there = both.head.project.documents.get((subject.kind.value, subject.name)) is not None
    return is_there and not both.base.is_whole
