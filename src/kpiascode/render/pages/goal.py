"""The page of a goal: how far it is, where it stands in the tree, what it wants of which KPI."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from markupsafe import Markup

from kpiascode.model.assessment import Assessment, GoalAssessment, Grading
from kpiascode.model.calendar import Calendar, Grain, Period
from kpiascode.model.project import Commitment, Goal, Result, Target
from kpiascode.model.reaching import reached
from kpiascode.render.audience import told_place
from kpiascode.render.diary import Entry, check_ins, confidence_over_time, entries
from kpiascode.render.drawings import way_done
from kpiascode.render.graded import (
    MILESTONE,
    grade_words,
    milestone_note,
    owed_words,
    total_words,
    unknown_words,
)
from kpiascode.render.links import Link, goal_link, kpi_link, owner_link, unit_link
from kpiascode.render.locales import NBSP
from kpiascode.render.numbers import declared
from kpiascode.render.pages.results import PLAIN, ResultRow, result_row, slice_words, wanted_words
from kpiascode.render.pages.tree import GoalNode, goal_forest, goal_status, status_beneath
from kpiascode.render.sentences import Sentence
from kpiascode.render.verdicts import goal_sentence, progress_words
from kpiascode.render.words import COMMITMENT, Word, day, period, span

MEANING = {
    Commitment.COMMITTED: "it is expected to be reached",
    Commitment.ASPIRATIONAL: "most of the way is already good",
    Commitment.LEARNING: "it is there to find something out",
}

FIRST: Final = "the first target"
UNTOLD: Final = "no reason is told"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A target in the history of its result.

    Args:
        only: The one period for which it is; None where it holds until the next.
        is_first: Whether it is the first of those that hold until the next.
    """

    target: Target
    only: Period | None
    is_first: bool

    @property
    def for_only(self) -> str:
        """Return `for March 2026 only`; empty where it holds until the next."""
        return "" if self.only is None else f"for {period(self.only)} only"

    @property
    def reason(self) -> str:
        """Return why it is so, as declared or as its place tells; empty where one period needs none."""
        untold = FIRST if self.is_first else UNTOLD
        return self.target.reason or ("" if self.only else untold)


@dataclass(frozen=True, slots=True)
class Step:
    """A target of a result that has several; `only` is empty where it holds until the next."""

    kpi: Link
    slice: str
    since: str
    value: str
    only: str
    reason: str


@dataclass(frozen=True, slots=True)
class Above:
    """A goal that it leads to; `weight` is empty where it is the only one, and counts like the others."""

    link: Link
    weight: str


@dataclass(frozen=True, slots=True)
class MilestoneRow:
    title: str
    note: str
    weight: str
    word: Word


@dataclass(frozen=True, slots=True)
class GradeFigure:
    """A grade with what it means, of what nothing is known, and what is owed for it."""

    name: str
    value: str
    note: str
    owed: str


@dataclass(frozen=True, slots=True)
class Total:
    """How far it is with everything beneath it; where that is not told, `words` say why."""

    bar: Markup | None
    words: str


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
    parted: bool
    bar: Markup | None
    progress: str
    total: Total | None
    grade: GradeFigure | None
    parents: tuple[Above, ...]
    tree: tuple[GoalNode, ...]
    results: tuple[ResultRow, ...]
    steps: tuple[Step, ...]
    milestones: tuple[MilestoneRow, ...]
    confidence: Markup | None
    diary: tuple[Entry, ...]
    place: str


def goal_page(goal: Goal, assessment: Assessment) -> GoalPage:
    project, assessed = assessment.project, assessment.goals[goal.name]
    titles = {name: kpi.title for name, kpi in project.kpis.items()}
    words = progress_words(assessed)
    said = check_ins(assessment, lambda one: one.goal == goal.name)
    return GoalPage(
        title=goal.title,
        description=goal.description.strip(),
        unit=unit_link(project, goal.org_unit),
        owner=owner_link(project, goal.owner),
        span=span(goal.start, goal.end),
        commitment=f"{COMMITMENT[goal.commitment]}: {MEANING[goal.commitment]}",
        sentence=goal_sentence(goal, assessed, titles),
        status=goal_status(assessed),
        beneath=status_beneath(assessed),
        parted=assessed.parted,
        bar=way_done(assessed.progress, assessed.expected_progress, goal.title, words) if words else None,
        progress=words,
        total=_total(goal, assessed),
        grade=None if assessed.grading is None else _grade(assessed.grading, assessed, assessment),
        parents=parents_of(goal, assessment),
        tree=_family(goal, assessment),
        results=tuple(result_row(judged, assessment) for judged in assessed.results),
        steps=tuple(_steps(goal, assessment)),
        milestones=tuple(
            MilestoneRow(
                found.milestone.title,
                milestone_note(found),
                "" if found.milestone.weight == 1 else weight_words(found.milestone.weight),
                MILESTONE[found.status],
            )
            for found in assessed.milestones
        ),
        confidence=confidence_over_time(goal, said),
        diary=entries(said, assessment, named=False),
        place=told_place(goal.place, project),
    )


def parents_of(goal: Goal, assessment: Assessment) -> tuple[Above, ...]:
    """Return the goals that it leads to, with their weights where there are several, or one that is not 1."""
    weighed = len(goal.parents) > 1 or any(weight != 1 for _, weight in goal.parents)
    return tuple(
        Above(goal_link(assessment, name), weight_words(weight) if weighed else "")
        for name, weight in goal.parents
    )


def weight_words(weight: Decimal) -> str:
    return f"weight{NBSP}{declared(weight, PLAIN)}"


def _total(goal: Goal, assessed: GoalAssessment) -> Total | None:
    """Return the roll-up of a goal to which others lead; of one without it is its own progress."""
    if assessed.parted:
        return Total(None, "Goals of other units lead to it as well, so it is not told here.")
    if not assessed.children:
        return None
    words = total_words(assessed)
    if not words:
        return Total(None, "Nothing is known of its progress yet.")
    return Total(
        way_done(assessed.total_progress, assessed.total_expected, f"{goal.title} with all beneath", words),
        words,
    )


def _grade(grading: Grading, assessed: GoalAssessment, assessment: Assessment) -> GradeFigure:
    value, meaning = grade_words(grading)
    notes = (meaning, unknown_words(assessed, assessment))
    return GradeFigure(
        name="Grade" if grading.final else "Grade so far",
        value=value,
        note="; ".join(note for note in notes if note),
        owed=owed_words(grading, assessment),
    )


def _family(goal: Goal, assessment: Assessment) -> tuple[GoalNode, ...]:
    """Return the way up by first parents, the goal, and all goals beneath it."""
    goals = assessment.project.goals
    above, name = [goal.name], goal.parents[0][0] if goal.parents else None
    while name is not None and name in goals and name not in above:
        above.append(name)
        name = goals[name].parents[0][0] if goals[name].parents else None
    beneath = reached(
        [goal.name], lambda one: assessment.goals[one].children if one in assessment.goals else ()
    )
    family = {*above, *beneath}
    return goal_forest(assessment, lambda name: name in family, here=goal.name)


def _steps(goal: Goal, assessment: Assessment) -> Iterator[Step]:
    """Yield the targets of results that have more than one, in the order of time."""
    project = assessment.project
    for result in goal.results:
        if len(result.targets) > 1 and result.kpi in project.kpis:
            yield from (_step(result, held, assessment) for held in in_time(result, goal, assessment))


def _step(result: Result, held: Held, assessment: Assessment) -> Step:
    kpi = assessment.project.kpis[result.kpi]
    return Step(
        kpi=kpi_link(assessment, kpi.name),
        slice=slice_words(result.slice),
        since=day(held.target.start),
        value=wanted_words(held.target, kpi, assessment),
        only=held.for_only,
        reason=held.reason,
    )


# --- targets in the order of time


def in_time(result: Result, goal: Goal, assessment: Assessment) -> tuple[Held, ...]:
    """Return the targets of a result in the order of their first days.

    What is for one period goes before in a result, and stands behind what begins on the same day here.
    """
    calendar = assessment.project.settings.calendar
    spans = [_span(target, calendar) for target in result.targets]
    lasting = _first_lasting(result.targets, spans, goal.end)
    singles = [span if position < lasting else None for position, span in enumerate(spans)]
    first = singles.index(None) if None in singles else -1
    held = (
        Held(target=target, only=single, is_first=position == first)
        for position, (target, single) in enumerate(zip(result.targets, singles, strict=True))
    )
    return tuple(sorted(held, key=lambda one: (one.target.start, one.only is not None)))


def _first_lasting(targets: Sequence[Target], spans: Sequence[Period | None], end: date) -> int:
    """Return at which position those begin that hold until the next: behind all that are for one period.

    A result does not say which are which, and need not: they follow each other up to the end of the goal, and
    each but the first has a reason. What can be read both ways holds on the same days either way; of periods
    of one length, each another, none is taken for the first that lasts.
    """
    first = len(targets)
    if targets and targets[-1].end in (end, targets[-1].start):
        first -= 1
        while first and targets[first - 1].end == targets[first].start and targets[first].reason:
            first -= 1
    grains = {None if span is None else span.grain for span in spans}
    is_row = len(grains) == 1 and None not in grains and len(set(spans)) == len(spans)
    return len(targets) if first and is_row else first


def _span(target: Target, calendar: Calendar) -> Period | None:
    """Return the period on whose days it holds; None where these are no period."""
    for grain in Grain:
        with suppress(ValueError, OverflowError):  # a year, of a day at the end of all days
            found = None if grain is Grain.ALL else calendar.period_holding(target.start, grain)
            if found is not None and (found.start, found.end) == (target.start, target.end):
                return found
    return None
