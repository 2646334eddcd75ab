"""Goals: how far, and how well, with everything beneath them."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from kpiascode.model.assessment import GoalAssessment, ResultAssessment, Status
from kpiascode.model.project import Goal

WORST_FIRST: Final = (
    Status.MISSED,
    Status.AT_RISK,
    Status.NO_DATA,
    Status.NOT_DUE,
    Status.MET,
    Status.NO_TARGET,
)
ZERO: Final = Decimal(0)


def assess_goals(
    goals: Mapping[str, Goal], results: Mapping[str, tuple[ResultAssessment, ...]]
) -> dict[str, GoalAssessment]:
    """Judge every goal by its results; `results` has them by goal."""
    children = children_of(goals)
    own = {name: worst(result.status for result in results[name]) for name in goals}
    return {
        name: GoalAssessment(
            goal=name,
            results=results[name],
            progress=_progress(results[name]),
            expected_progress=_expected_progress(results[name]),
            status=own[name],
            below=worst(own[goal] for goal in _subtree(name, children)),
            children=children[name],
        )
        for name in goals
    }


def worst(statuses: Iterable[Status]) -> Status:
    """Return the worst of them; `NO_TARGET` of none."""
    return min(statuses, key=WORST_FIRST.index, default=Status.NO_TARGET)


def children_of(goals: Mapping[str, Goal]) -> dict[str, tuple[str, ...]]:
    """Return by goal the names of the goals that name it as a parent, in the order of the names."""
    children: dict[str, list[str]] = {name: [] for name in goals}
    for name in sorted(goals):
        for parent in dict.fromkeys(parent for parent, _ in goals[name].parents):
            children[parent].append(name)
    return {name: tuple(below) for name, below in children.items()}


def _subtree(goal: str, children: Mapping[str, tuple[str, ...]]) -> set[str]:
    found: set[str] = set()
    waiting = [goal]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting.extend(children[current])
    return found


def _progress(results: tuple[ResultAssessment, ...]) -> Decimal | None:
    return _mean((r.result.weight, r.progress) for r in results if r.progress is not None)


def _expected_progress(results: tuple[ResultAssessment, ...]) -> Decimal | None:
    """Return what is expected of the results that `progress` speaks of.

    One of which nothing is expected yet counts as zero beside others; None when nothing is expected at all.
    """
    known = [r for r in results if r.progress is not None]
    if all(r.expected_progress is None for r in known):
        return None
    return _mean((r.result.weight, r.expected_progress or ZERO) for r in known)


def _mean(weighted: Iterable[tuple[Decimal, Decimal]]) -> Decimal | None:
    pairs = tuple(weighted)
    total = sum((weight for weight, _ in pairs), ZERO)
    return sum((weight * value for weight, value in pairs), ZERO) / total if total else None
