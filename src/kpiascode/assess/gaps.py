"""Where goals, KPIs and units do not meet: what a list of goals does not show of itself."""

from collections.abc import Iterator, Mapping
from datetime import date

from kpiascode.assess.goals import Edges, counted, in_order
from kpiascode.assess.graph import GoalFacts
from kpiascode.model.assessment import Gaps
from kpiascode.model.project import Goal, Kpi, Level, Lifecycle, Project


def find_gaps(project: Project, facts: GoalFacts, day: date) -> Gaps:
    """Return the gaps among what runs on `day`. Goals of persons are none of a unit's."""
    running = {name: goal for name, goal in sorted(project.goals.items()) if _runs(goal, day)}
    edges = counted(project.goals)
    order = in_order(project.goals, edges)
    measured = _measured(project.goals, edges, order)
    with_goal = {goal.org_unit for goal in running.values()}
    return Gaps(
        orphans=tuple(
            name for name, goal in running.items() if not goal.parents and _belongs(project, goal.org_unit)
        ),
        unmeasured=tuple(name for name in running if name not in measured),
        unwanted=tuple(name for name, kpi in sorted(project.kpis.items()) if _unwanted(kpi, facts, running)),
        without_goal=tuple(
            name
            for name, unit in sorted(project.org_units.items())
            if unit.level is not Level.ORGANISATION and name not in with_goal
        ),
        unsupported=tuple(_unsupported(project, running, edges, order)),
    )


def _runs(goal: Goal, day: date) -> bool:
    return goal.person is None and goal.runs_on(day)


def _belongs(project: Project, unit: str) -> bool:
    """Return whether a unit belongs to another one."""
    return len(project.unit_and_above(unit)) > 1


def _measured(goals: Mapping[str, Goal], edges: Edges, order: tuple[str, ...]) -> set[str]:
    """Return the goals that something is measured of, at them or beneath."""
    found: set[str] = set()
    for name in order:
        goal = goals[name]
        if goal.results or goal.milestones or any(child in found for child, _ in edges[name]):
            found.add(name)
    return found


def _unwanted(kpi: Kpi, facts: GoalFacts, running: Mapping[str, Goal]) -> bool:
    needed = any(goal.name in running for goal, _ in facts.needed_by[kpi.name])
    return kpi.status is Lifecycle.ACTIVE and not needed


def _unsupported(
    project: Project, running: Mapping[str, Goal], edges: Edges, order: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the running goals that others lead to, with the units beneath of which none of these is."""
    directly: dict[str, list[str]] = {name: [] for name in project.org_units}
    for name, unit in sorted(project.org_units.items()):
        if unit.parent in directly:
            directly[unit.parent].append(name)
    leading = _leading(project.goals, running, edges, order)
    above = {name: frozenset(project.unit_and_above(name)) for name in project.org_units}
    for name, goal in running.items():
        if not leading.get(name):
            continue
        led = {unit for source in leading[name] for unit in above.get(source, ())}
        without = tuple(unit for unit in directly.get(goal.org_unit, ()) if unit not in led)
        if without:
            yield name, without


def _leading(
    goals: Mapping[str, Goal], running: Mapping[str, Goal], edges: Edges, order: tuple[str, ...]
) -> dict[str, frozenset[str]]:
    """Return by goal the units whose running goals lead to it, over any number of steps."""
    units: dict[str, frozenset[str]] = {}
    for name in order:
        units[name] = frozenset().union(
            *(units[child] for child, _ in edges[name]),
            (goals[child].org_unit for child, _ in edges[name] if child in running),
        )
    return units
