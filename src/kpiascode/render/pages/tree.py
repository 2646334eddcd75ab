"""Goals as a tree, on every page that shows some of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from markupsafe import Markup

from kpiascode.model.assessment import Assessment, GoalAssessment, Status
from kpiascode.model.project import Goal, Project
from kpiascode.render.drawings import way_done
from kpiascode.render.links import Link, goal_link, unit_link
from kpiascode.render.verdicts import progress_words
from kpiascode.render.words import COMMITMENT, STATUS, Word, plural, span

NOT_TOLD: Final = Word("Not told here", "–", "none")
"""Of a goal that has only others beneath it, not all of which are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalNode:
    """A goal in a tree.

    Args:
        bar: None when progress is not defined.
        met: How many of its results are on target, and of its milestones done.
        beneath: The worst status at or beneath it, where that is another than its own.
        also: Its parents apart from the one under which it stands.
        is_under: Whether it stands under one of its parents.
        here: Whether the page is about it.
    """

    link: Link
    about: str
    bar: Markup | None
    progress: str
    met: str
    status: Word
    beneath: Word | None
    also: tuple[Link, ...]
    is_under: bool
    here: bool
    depth: int
    children: tuple["GoalNode", ...]


def goal_forest(
    assessment: Assessment, keep: Callable[[str], bool], here: str | None = None
) -> tuple[GoalNode, ...]:
    """Return the goals that are kept as trees, each under the first of its parents that is kept too."""
    project = assessment.project
    kept = {name: None for name in assessment.goals if name in project.goals and keep(name)}
    under: dict[str | None, list[str]] = {}
    for name in kept:
        parents = [parent for parent, _ in project.goals[name].parents if parent in kept]
        under.setdefault(parents[0] if parents else None, []).append(name)

    def node(name: str, parent: str | None, depth: int) -> GoalNode:
        children = tuple(node(child, name, depth + 1) for child in under.get(name, ()))
        shown = goal_node(name, assessment, children=children, depth=depth, under=parent)
        return replace(shown, here=name == here)

    return tuple(node(name, None, 0) for name in under.get(None, ()))


def goal_node(
    name: str, assessment: Assessment, *, children: tuple[GoalNode, ...], depth: int, under: str | None
) -> GoalNode:
    project, goal, assessed = assessment.project, assessment.project.goals[name], assessment.goals[name]
    words = progress_words(assessed)
    return GoalNode(
        link=goal_link(assessment, name),
        about=goal_about(goal, project),
        bar=way_done(assessed.progress, assessed.expected_progress, goal.title, words) if words else None,
        progress=words,
        met=results_met(assessed),
        status=goal_status(assessed),
        beneath=status_beneath(assessed),
        also=tuple(goal_link(assessment, parent) for parent, _ in goal.parents if parent != under),
        is_under=under is not None,
        here=False,
        depth=min(depth, 5),
        children=children,
    )


def goal_about(goal: Goal, project: Project) -> str:
    """Return whose it is, when it runs, and how firmly it is meant."""
    unit = unit_link(project, goal.org_unit).text
    return " · ".join((unit, span(goal.start, goal.end), COMMITMENT[goal.commitment]))


def goal_status(assessed: GoalAssessment) -> Word:
    """Return how it stands; nothing of what has only others beneath it, not all of which are shown."""
    return NOT_TOLD if assessed.parted and not assessed.has_parts else STATUS[assessed.stands]


def status_beneath(assessed: GoalAssessment) -> Word | None:
    """Return the worst status at or beneath it, where that is another than its own."""
    differs = assessed.has_parts and assessed.below is not assessed.status
    return STATUS[assessed.below] if differs else None


def results_met(assessed: GoalAssessment) -> str:
    parts = []
    if assessed.results:
        met = sum(result.status is Status.MET for result in assessed.results)
        parts.append(f"{met} of {plural(len(assessed.results), 'result')} on target")
    if assessed.milestones:
        done = sum(found.status is Status.MET for found in assessed.milestones)
        parts.append(f"{done} of {plural(len(assessed.milestones), 'milestone')} done")
    return ", ".join(parts) or "no results of its own"
