"""Goals as a tree, on every page that shows some of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from markupsafe import Markup

from kpiascode.model.assessment import Assessment, GoalAssessment, Status
from kpiascode.render.drawings import way_done
from kpiascode.render.links import Link, goal_link, unit_link
from kpiascode.render.verdicts import progress_words
from kpiascode.render.words import COMMITMENT, STATUS, Word, plural, span


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalNode:
    """A goal in a tree.

    Args:
        bar: None when progress is not defined.
        met: How many of its results are on target.
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
    kept = [name for name in assessment.goals if name in project.goals and keep(name)]
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
        about=" · ".join(
            (unit_link(project, goal.org_unit).text, span(goal.start, goal.end), COMMITMENT[goal.commitment])
        ),
        bar=way_done(assessed.progress, assessed.expected_progress, goal.title, words) if words else None,
        progress=words,
        met=results_met(assessed),
        status=goal_status(assessed),
        beneath=STATUS[assessed.below]
        if assessed.results and assessed.below is not assessed.status
        else None,
        also=tuple(goal_link(assessment, parent) for parent, _ in goal.parents if parent != under),
        is_under=under is not None,
        here=False,
        depth=min(depth, 5),
        children=children,
    )


def goal_status(assessed: GoalAssessment) -> Word:
    """Return its own status; of a goal without results the worst of those beneath it."""
    return STATUS[assessed.status if assessed.results else assessed.below]


def results_met(assessed: GoalAssessment) -> str:
    if not assessed.results:
        return "no results of its own"
    met = sum(result.status is Status.MET for result in assessed.results)
    return f"{met} of {plural(len(assessed.results), 'result')} on target"
