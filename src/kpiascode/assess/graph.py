"""Which goals fall with which KPI: the goal graph, with its weights, from the roots down."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from kpiascode.assess.goals import children_of
from kpiascode.model.expression import KpiValue, walk
from kpiascode.model.project import Goal, Kpi, Project, Result, TargetKpi

ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """A running root goal, and the share of it that falls when a KPI is taken away."""

    root: Goal
    share: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalFacts:
    """What the goal graph says of every KPI, each by the KPI's name.

    A result needs the KPI that it measures, the KPI that gives its target, and all that these are
    computed from.

    Args:
        stakes: The running root goals that it carries a part of, the greatest share first.
        needed_by: The results that need it, each with its goal.
        behind: Every KPI that it is computed from, and itself.
    """

    stakes: Mapping[str, tuple[Stake, ...]]
    needed_by: Mapping[str, tuple[tuple[Goal, Result], ...]]
    behind: Mapping[str, frozenset[str]]


def goal_facts(project: Project, day: date) -> GoalFacts:
    """Return the facts for the goals that run on `day`."""
    behind = behind_each(project.kpis)
    shares = shares_of_roots(project.goals, day)
    totals = _total_weights(project.goals)
    needed_by: dict[str, list[tuple[Goal, Result]]] = {name: [] for name in project.kpis}
    carried: dict[str, defaultdict[str, Decimal]] = {name: defaultdict(Decimal) for name in project.kpis}
    for goal in project.goals.values():
        for result in goal.results:
            for kpi in sorted(_needs(result, behind)):
                needed_by[kpi].append((goal, result))
                for root, share in shares[goal.name].items():
                    carried[kpi][root] += share * _part(result.weight, totals[goal.name])
    return GoalFacts(
        stakes={name: _greatest_first(project, carried[name]) for name in project.kpis},
        needed_by={name: tuple(results) for name, results in needed_by.items()},
        behind=behind,
    )


def behind_each(kpis: Mapping[str, Kpi]) -> dict[str, frozenset[str]]:
    """Return by KPI the names of all KPIs that it is computed from, and its own."""
    direct = {
        name: {node.kpi for node in walk(kpi.expression) if isinstance(node, KpiValue)}
        for name, kpi in kpis.items()
    }
    return {name: _reachable(name, direct) for name in kpis}


def shares_of_roots(goals: Mapping[str, Goal], day: date) -> dict[str, dict[str, Decimal]]:
    """Return by goal which share of each root that runs on `day` it makes up.

    The results of a goal and the goals beneath it share it by weight. From several parents the shares add up.
    """
    children = children_of(goals)
    totals = _total_weights(goals)
    shares: dict[str, dict[str, Decimal]] = {
        name: {name: Decimal(1)} if not goal.parents and goal.start <= day < goal.end else {}
        for name, goal in goals.items()
    }
    missing_parents = {name: len({parent for parent, _ in goal.parents}) for name, goal in goals.items()}
    ready = [name for name, count in missing_parents.items() if not count]
    while ready:  # from parents to children; what stands on a cycle never becomes ready
        parent = ready.pop()
        for child in children[parent]:
            weight = sum((weight for name, weight in goals[child].parents if name == parent), ZERO)
            for root, share in shares[parent].items():
                part = share * _part(weight, totals[parent])
                shares[child][root] = shares[child].get(root, ZERO) + part
            missing_parents[child] -= 1
            if not missing_parents[child]:
                ready.append(child)
    return shares


def _total_weights(goals: Mapping[str, Goal]) -> dict[str, Decimal]:
    """Return by goal the weights of its results and of the goals directly beneath it."""
    totals = {name: sum((result.weight for result in goal.results), ZERO) for name, goal in goals.items()}
    for goal in goals.values():
        for parent, weight in goal.parents:
            totals[parent] += weight
    return totals


def _part(weight: Decimal, total: Decimal) -> Decimal:
    return weight / total if total else ZERO


def _needs(result: Result, behind: Mapping[str, frozenset[str]]) -> set[str]:
    targets = [t.value.kpi for t in result.targets if isinstance(t.value, TargetKpi)]
    return {name for kpi in (result.kpi, *targets) for name in behind[kpi]}


def _reachable(start: str, edges: Mapping[str, Iterable[str]]) -> frozenset[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting.extend(edges[current])
    return frozenset(found)


def _greatest_first(project: Project, carried: Mapping[str, Decimal]) -> tuple[Stake, ...]:
    stakes = (Stake(root=project.goals[root], share=share) for root, share in carried.items())
    return tuple(sorted(stakes, key=lambda stake: (-stake.share, stake.root.name)))
