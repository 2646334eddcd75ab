"""The page of a goal: how far it is, where it stands in the tree, what it wants of which KPI."""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from kpiascode.model.assessment import Assessment
from kpiascode.model.project import Band, Commitment, Goal, Kpi, Result, Target, TargetKpi
from kpiascode.render.drawings import way_done
from kpiascode.render.judged import band_words
from kpiascode.render.links import Link, goal_link, kpi_link, owner_link, unit_link
from kpiascode.render.numbers import declared
from kpiascode.render.pages.results import ResultRow, result_row, slice_words
from kpiascode.render.pages.tree import GoalNode, goal_forest, goal_status
from kpiascode.render.sentences import Sentence
from kpiascode.render.verdicts import goal_sentence, progress_words
from kpiascode.render.words import COMMITMENT, STATUS, Word, day, span

MEANING = {
    Commitment.COMMITTED: "it is expected to be reached",
    Commitment.ASPIRATIONAL: "most of the way is already good",
    Commitment.LEARNING: "it is there to find something out",
}


@dataclass(frozen=True, slots=True)
class Step:
    """A target that replaced another."""

    kpi: Link
    slice: str
    since: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalPage:
    title: str
    description: str
    unit: Link
    owner: Link
    span: str
    commitment: str
    sentence: Sentence
    status: Word
    beneath: Word | None
    bar: Markup | None
    progress: str
    parents: tuple[Link, ...]
    tree: tuple[GoalNode, ...]
    results: tuple[ResultRow, ...]
    steps: tuple[Step, ...]
    place: str


def goal_page(goal: Goal, assessment: Assessment) -> GoalPage:
    project, assessed = assessment.project, assessment.goals[goal.name]
    titles = {name: kpi.title for name, kpi in project.kpis.items()}
    words = progress_words(assessed)
    return GoalPage(
        title=goal.title,
        description=goal.description.strip(),
        unit=unit_link(project, goal.org_unit),
        owner=owner_link(project, goal.owner),
        span=span(goal.start, goal.end),
        commitment=f"{COMMITMENT[goal.commitment]}: {MEANING[goal.commitment]}",
        sentence=goal_sentence(goal, assessed, titles),
        status=goal_status(assessed),
        beneath=STATUS[assessed.below]
        if assessed.results and assessed.below is not assessed.status
        else None,
        bar=way_done(assessed.progress, assessed.expected_progress, goal.title, words) if words else None,
        progress=words,
        parents=tuple(goal_link(assessment, name) for name, _ in goal.parents),
        tree=_family(goal, assessment),
        results=tuple(result_row(judged, assessment) for judged in assessed.results),
        steps=tuple(_steps(goal, assessment)),
        place=f"{goal.place.path}, line {goal.place.span.line}",
    )


def _family(goal: Goal, assessment: Assessment) -> tuple[GoalNode, ...]:
    """Return the way up by first parents, the goal, and all goals beneath it."""
    goals = assessment.project.goals
    above, name = [goal.name], goal.parents[0][0] if goal.parents else None
    while name is not None and name in goals and name not in above:
        above.append(name)
        name = goals[name].parents[0][0] if goals[name].parents else None
    beneath = {goal.name}
    grown = True
    while grown:
        more = {n for n, g in goals.items() if any(parent in beneath for parent, _ in g.parents)} - beneath
        beneath |= more
        grown = bool(more)
    family = {*above, *beneath}
    return goal_forest(assessment, lambda name: name in family, here=goal.name)


def _steps(goal: Goal, assessment: Assessment) -> Iterator[Step]:
    """Yield the targets of results that have more than one, in the order in which they hold."""
    project = assessment.project
    for result in goal.results:
        if len(result.targets) > 1 and result.kpi in project.kpis:
            yield from (_step(result, target, assessment) for target in result.targets)


def _step(result: Result, target: Target, assessment: Assessment) -> Step:
    kpi = assessment.project.kpis[result.kpi]
    return Step(
        kpi=kpi_link(assessment, kpi.name),
        slice=slice_words(result.slice),
        since=day(target.start),
        value=_wanted(target, kpi, assessment),
        reason=target.reason or "",
    )


def _wanted(target: Target, kpi: Kpi, assessment: Assessment) -> str:
    match target.value:
        case Band():
            return band_words(target.value, kpi)
        case TargetKpi(kpi=name):
            return f"the value of {kpi_link(assessment, name).text}"
        case value:
            return str(declared(value, kpi.unit))
