"""Which goals fall with which KPI: the goal graph, with its weights, from the roots down."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from kpiascode.assess.goals import Edges, counted
from kpiascode.model.expression import KpiValue, walk
from kpiascode.model.project import Goal, Kpi, Project, Result
from kpiascode.model.reaching import reached

ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """A running root goal, and the share of it that falls when a KPI is taken away."""

    root: Goal
    share: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalFacts:
    """What the goal graph says of every KPI, each by the KPI's name.

    A result needs the KPI that it measures, the KPI that gives its target, and all that these are computed
    from. Goals of persons say nothing here.

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
    totals = _total_weights(project.goals, counted(project.goals))
    needed_by: dict[str, list[tuple[Goal, Result]]] = {name: [] for name in project.kpis}
    carried: dict[str, defaultdict[str, Decimal]] = {name: defaultdict(Decimal) for name in project.kpis}
    for goal in project.goals.values():
        for result in () if goal.person else goal.results:
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
    return {name: frozenset(reached([name], direct.__getitem__)) for name in kpis}


def shares_of_roots(goals: Mapping[str, Goal], day: date) -> dict[str, dict[str, Decimal]]:
    """Return by goal which share of each root that runs on `day` it makes up.

    The results and milestones of a goal and the goals beneath it share it by weight, as in its roll-up. From
    several parents the shares add up.
    """
    edges = counted(goals)
    totals = _total_weights(goals, edges)
    shares: dict[str, dict[str, Decimal]] = {
        name: {name: Decimal(1)} if _is_root(goal) and goal.runs_on(day) else {}
        for name, goal in goals.items()
    }
    missing_parents = Counter(child for below in edges.values() for child, _ in below)
    ready = [name for name in goals if not missing_parents[name]]
    while ready:  # from parents to children; what stands on a cycle never becomes ready
        parent = ready.pop()
        for child, weight in edges[parent]:
            for root, share in shares[parent].items():
                part = share * _part(weight, totals[parent])
                shares[child][root] = shares[child].get(root, ZERO) + part
            missing_parents[child] -= 1
            if not missing_parents[child]:
                ready.append(child)
    return shares


def _is_root(goal: Goal) -> bool:
    return not goal.parents and goal.person is None


def _total_weights(goals: Mapping[str, Goal], edges: Edges) -> dict[str, Decimal]:
    """Return by goal the weights of its results, of its milestones and of the goals directly beneath it."""
    return {
        name: sum(
            (
                *(result.weight for result in goal.results),
                *(milestone.weight for milestone in goal.milestones),
                *(weight for _, weight in edges[name]),
            ),
            ZERO,
        )
        for name, goal in goals.items()
    }


def _part(weight: Decimal, total: Decimal) -> Decimal:
    return weight / total if total else ZERO


def _needs(result: Result, behind: Mapping[str, frozenset[str]]) -> set[str]:
    return {name for kpi in result.kpis for name in behind[kpi]}


def _greatest_first(project: Project, carried: Mapping[str, Decimal]) -> tuple[Stake, ...]:
    stakes = (Stake(root=project.goals[root], share=share) for root, share in carried.items())
    return tuple(sorted(stakes, key=lambda stake: (-stake.share, stake.root.name)))
