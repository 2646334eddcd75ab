"""Goals: how far, and how well, with everything beneath them.

A goal whose period has no day in common with that of a goal above it says nothing of it: it is shown beneath
it, and counts for nothing there. What belongs to a person counts for nothing in any unit's goal, so that the
numbers of a unit are the same wherever they are told.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple, TypeAlias

from kpiascode.assess.grading import grades
from kpiascode.model.assessment import GoalAssessment, MilestoneAssessment, ResultAssessment, Status
from kpiascode.model.performance import CheckIn, Milestone
from kpiascode.model.project import Goal
from kpiascode.model.reaching import reached

WORST_FIRST: Final = (
    Status.MISSED,
    Status.AT_RISK,
    Status.NO_DATA,
    Status.NOT_DUE,
    Status.MET,
    Status.NO_TARGET,
)
ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)

Results: TypeAlias = Mapping[str, tuple[ResultAssessment, ...]]
Edges: TypeAlias = Mapping[str, tuple[tuple[str, Decimal], ...]]
"""By goal what leads to it and counts in it, with the weight there."""


class Part(NamedTuple):
    """What counts in a goal: `known` says of which share of it there is progress, 0 to 1."""

    weight: Decimal
    progress: Decimal | None
    expected: Decimal | None
    known: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A goal with everything beneath it."""

    progress: Decimal | None
    expected: Decimal | None
    known: Decimal


UNKNOWN: Final = Total(progress=None, expected=None, known=ZERO)


def assess_goals(
    goals: Mapping[str, Goal], results: Results, check_ins: Iterable[CheckIn], day: date
) -> dict[str, GoalAssessment]:
    """Judge every goal by its results and milestones, as seen from the first moment of `day`.

    Args:
        results: By goal.
    """
    children, edges = children_of(goals), counted(goals)
    milestones = {
        name: tuple(assess_milestone(name, milestone, day) for milestone in goal.milestones)
        for name, goal in goals.items()
    }
    parts = {name: own_parts(results[name], milestones[name]) for name in goals}
    own = {
        name: worst([*(r.status for r in results[name]), *(m.status for m in milestones[name])])
        for name in goals
    }
    totals, below = _totals(goals, parts, edges), _below(goals, own, children)
    graded = grades(goals, results, milestones, edges, in_order(goals, edges), check_ins, day)
    return {
        name: GoalAssessment(
            goal=name,
            results=results[name],
            milestones=milestones[name],
            progress=_progress(parts[name]),
            expected_progress=_expected(parts[name]),
            status=own[name],
            below=below[name],
            children=children[name],
            total_progress=totals[name].progress,
            total_expected=totals[name].expected,
            known=totals[name].known,
            grading=graded.get(name),
        )
        for name in goals
    }


def assess_milestone(goal: str, milestone: Milestone, day: date) -> MilestoneAssessment:
    """Judge a milestone as seen from the first moment of `day`: what is done on that day is not seen yet."""
    done = milestone.done_on is not None and milestone.done_on < day
    is_due = day > milestone.due
    return MilestoneAssessment(
        goal=goal,
        milestone=milestone,
        progress=ONE if done else ZERO,
        expected_progress=ONE if is_due else None,
        status=Status.MET if done else Status.MISSED if is_due else Status.NOT_DUE,
    )


def worst(statuses: Iterable[Status]) -> Status:
    """Return the worst of them; `NO_TARGET` of none."""
    return min(statuses, key=WORST_FIRST.index, default=Status.NO_TARGET)


# --- the goal graph


def children_of(goals: Mapping[str, Goal]) -> dict[str, tuple[str, ...]]:
    """Return by goal the names of the goals that name it as a parent, in the order of the names.

    A person's goal is nobody's child.
    """
    children: dict[str, list[str]] = {name: [] for name in goals}
    for name in sorted(goals):
        if goals[name].person is None:
            for parent in dict.fromkeys(parent for parent, _ in goals[name].parents):
                children[parent].append(name)
    return {name: tuple(below) for name, below in children.items()}


def counted(goals: Mapping[str, Goal]) -> dict[str, tuple[tuple[str, Decimal], ...]]:
    """Return by goal the goals directly beneath it that count in it, each with its weight there."""
    return {
        parent: tuple(
            (child, sum((weight for name, weight in goals[child].parents if name == parent), ZERO))
            for child in below
            if goals[child].start < goals[parent].end and goals[parent].start < goals[child].end
        )
        for parent, below in children_of(goals).items()
    }


def in_order(goals: Mapping[str, Goal], edges: Edges) -> tuple[str, ...]:
    """Return the goals, each after all that count in it; without what stands on a circle or above one."""
    parents: dict[str, list[str]] = {name: [] for name in goals}
    for parent, below in edges.items():
        for child, _ in below:
            parents[child].append(parent)
    missing = {name: len(edges[name]) for name in goals}
    ready = [name for name in goals if not missing[name]]
    found = []
    while ready:
        child = ready.pop()
        found.append(child)
        for parent in parents[child]:
            missing[parent] -= 1
            if not missing[parent]:
                ready.append(parent)
    return tuple(found)


def _below(
    goals: Mapping[str, Goal], own: Mapping[str, Status], children: Mapping[str, tuple[str, ...]]
) -> dict[str, Status]:
    """Return by goal the worst status at or beneath it; on circles the worst that one gets to."""
    below: dict[str, Status] = {}
    for name in in_order(goals, {name: tuple((c, ONE) for c in some) for name, some in children.items()}):
        below[name] = worst((own[name], *(below[child] for child in children[name])))
    for name in goals:
        if name not in below:
            below[name] = worst(own[goal] for goal in reached([name], children.__getitem__))
    return below


# --- means


def own_parts(
    results: Iterable[ResultAssessment], milestones: Iterable[MilestoneAssessment]
) -> tuple[Part, ...]:
    return (
        *(
            Part(r.result.weight, r.progress, r.expected_progress, ZERO if r.progress is None else ONE)
            for r in results
        ),
        *(Part(m.milestone.weight, m.progress, m.expected_progress, ONE) for m in milestones),
    )


def _totals(
    goals: Mapping[str, Goal], parts: Mapping[str, tuple[Part, ...]], edges: Edges
) -> dict[str, Total]:
    totals = dict.fromkeys(goals, UNKNOWN)
    for name in in_order(goals, edges):
        together = (
            *parts[name],
            *(
                Part(weight, totals[child].progress, totals[child].expected, totals[child].known)
                for child, weight in edges[name]
            ),
        )
        totals[name] = Total(
            progress=_progress(together),
            expected=_expected(together),
            known=_mean((part.weight, part.known) for part in together) or ZERO,
        )
    return totals


def _progress(parts: Iterable[Part]) -> Decimal | None:
    return _mean((part.weight, part.progress) for part in parts if part.progress is not None)


def _expected(parts: Iterable[Part]) -> Decimal | None:
    """Return what is expected of the parts that `_progress` speaks of.

    One of which nothing is expected yet counts as zero beside others; None when nothing is expected at all.
    """
    known = [part for part in parts if part.progress is not None]
    if all(part.expected is None for part in known):
        return None
    return _mean((part.weight, part.expected or ZERO) for part in known)


def _mean(weighted: Iterable[tuple[Decimal, Decimal]]) -> Decimal | None:
    pairs = tuple(weighted)
    total = sum((weight for weight, _ in pairs), ZERO)
    return sum((weight * value for weight, value in pairs), ZERO) / total if total else None
