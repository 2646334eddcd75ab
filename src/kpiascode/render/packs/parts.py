"""What several documents hold: goals, KPIs, check-ins, plans, targets as rows and lines."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from kpiascode.model.assessment import Assessment, GoalAssessment
from kpiascode.model.performance import CheckIn, ImprovementPlan
from kpiascode.model.project import Goal, Project
from kpiascode.render.diary import confidence_words
from kpiascode.render.drawings import way_done
from kpiascode.render.graded import MILESTONE, grade_words, milestone_note, total_words, unknown_words
from kpiascode.render.links import owner_title
from kpiascode.render.packs.blocks import Cell, Column, Item, Table
from kpiascode.render.pages.goal import in_time
from kpiascode.render.pages.results import result_row, slice_words, wanted_words
from kpiascode.render.pages.tree import goal_status, status_beneath
from kpiascode.render.plans import outcome_words, plan_line
from kpiascode.render.verdicts import progress_words
from kpiascode.render.words import COMMITMENT, day, sentence, span

# --- goals


def goal_table(names: Sequence[str], assessment: Assessment, caption: str) -> Table:
    """Return goals with how far they are, what is expected, and their grade."""
    return Table(
        caption=caption,
        columns=(
            Column("Goal", wide=4),
            Column("Status", wide=2),
            Column("Progress", wide=3),
            Column("Grade"),
        ),
        rows=tuple(_goal_row(assessment.project.goals[name], assessment) for name in names),
        empty="No goal of its own ran in this time.",
    )


def _goal_row(goal: Goal, assessment: Assessment) -> tuple[Cell, ...]:
    assessed = assessment.goals[goal.name]
    about = (
        owner_title(assessment.project, goal.owner),
        COMMITMENT[goal.commitment],
        span(goal.start, goal.end),
    )
    return (
        Cell(text=goal.title, note=" · ".join(about)),
        Cell(word=goal_status(assessed), note=_beneath(assessed)),
        progress_cell(assessed, goal.title),
        grade_cell(assessed, assessment),
    )


def _beneath(assessed: GoalAssessment) -> str:
    word = status_beneath(assessed)
    return "" if word is None else f"at or beneath it: {word.text.lower()}"


def progress_cell(assessed: GoalAssessment, title: str) -> Cell:
    if not assessed.has_parts:
        return _total_cell(assessed, title)
    words = progress_words(assessed)
    if not words:
        return Cell(text="not defined")
    return Cell(text=words, picture=way_done(assessed.progress, assessed.expected_progress, title, words))


def _total_cell(assessed: GoalAssessment, title: str) -> Cell:
    """Return how far a goal is by those beneath it alone, in the words of the page of all goals."""
    words = "" if assessed.parted or not assessed.children else total_words(assessed)
    if not words:
        return Cell(text="not defined")
    text = f"With all beneath: {words}"
    return Cell(text=text, picture=way_done(assessed.total_progress, assessed.total_expected, title, text))


def grade_cell(assessed: GoalAssessment, assessment: Assessment) -> Cell:
    """Return the grade and what it means; before the end it is one so far."""
    grading = assessed.grading
    if grading is None:
        return Cell(text="none", note="nothing grades a person")
    grade, meaning = grade_words(grading)
    so_far = "" if grading.final or grading.grade is None else "so far"
    parts = (meaning, so_far, unknown_words(assessed, assessment))
    return Cell(text=grade, note=", ".join(part for part in parts if part))


def result_table(names: Sequence[str], assessment: Assessment, caption: str) -> Table:
    """Return what goals ask of which KPI, and their milestones."""
    return Table(
        caption=caption,
        columns=(
            Column("Result", wide=4),
            Column("Value", is_number=True, wide=2),
            Column("Target", wide=2),
            Column("Status", wide=2),
        ),
        rows=tuple(row for name in names for row in _result_rows(name, assessment)),
        empty="They ask nothing of a KPI.",
    )


def _result_rows(name: str, assessment: Assessment) -> Iterator[tuple[Cell, ...]]:
    goal, assessed = assessment.project.goals[name], assessment.goals[name]
    for judged in assessed.results:
        row = result_row(judged, assessment)
        what = f"{row.kpi.text} ({row.slice})" if row.slice else row.kpi.text
        yield (
            Cell(text=what, note=goal.title),
            Cell(text=str(row.value) if row.value else "no value", note=row.measured),
            Cell(text=row.target),
            Cell(word=row.status, note=row.off),
        )
    for found in assessed.milestones:
        done = milestone_note(found) if found.progress else "not done"
        yield (
            Cell(text=found.milestone.title, note=f"Milestone of {goal.title}"),
            Cell(text=done),
            Cell(text=f"by {day(found.milestone.due)}"),
            Cell(word=MILESTONE[found.status]),
        )


def steps(names: Iterable[str], assessment: Assessment, since: date | None = None) -> Table:
    """Return the targets of goals that replaced others, with their reasons.

    Args:
        since: Those alone that took the place of another since then; None: all of results that have several.
    """
    project = assessment.project
    rows = tuple(
        row
        for name in names
        if name in project.goals
        for row in _steps(project.goals[name], assessment, since)
    )
    return Table(
        caption="How targets changed",
        columns=(
            Column("KPI", wide=4),
            Column("From", wide=2),
            Column("Target", wide=2),
            Column("Reason", wide=3),
        ),
        rows=rows,
        empty="No target changed.",
    )


def _steps(goal: Goal, assessment: Assessment, since: date | None) -> Iterator[tuple[Cell, ...]]:
    for result in goal.results:
        kpi = assessment.project.kpis[result.kpi]
        if len(result.targets) < 2:
            continue
        first, *others = in_time(result, goal, assessment)
        for held in (first, *others):
            start = held.target.start
            is_new = held is not first and start < assessment.as_of.date()
            if since is None or (is_new and since <= start):
                what = f"{kpi.title} ({slice_words(result.slice)})" if result.slice else kpi.title
                yield (
                    Cell(text=what, note=goal.title),
                    Cell(text=day(start)),
                    Cell(text=wanted_words(held.target, kpi, assessment), note=held.for_only),
                    Cell(text=held.reason),
                )


# --- check-ins


def check_ins_of(
    project: Project, goals: Iterable[str], kpis: Iterable[str], after: date, until: date
) -> tuple[CheckIn, ...]:
    """Return the check-ins on some goals and KPIs that saw more than `after`, and no more than `until`."""
    of_goals, of_kpis = set(goals), set(kpis)
    found = (
        one
        for one in project.performance.check_ins.values()
        if after < one.as_of <= until and (one.goal in of_goals or one.kpi in of_kpis)
    )
    return tuple(sorted(found, key=lambda one: (one.as_of, one.goal or "", one.kpi or "", one.name)))


def check_in_table(some: Sequence[CheckIn], project: Project, empty: str) -> Table:
    return Table(
        caption="Check-ins and decisions",
        columns=(
            Column("Check-in", wide=3),
            Column("Confidence", is_number=True, wide=1),
            Column("What was said", wide=3),
            Column("Decided", wide=3),
        ),
        rows=tuple(_check_in_row(one, project) for one in some),
        empty=empty,
    )


def _check_in_row(one: CheckIn, project: Project) -> tuple[Cell, ...]:
    return (
        Cell(text=subject(one, project), note=f"{day(one.as_of)}, {owner_title(project, one.by)}"),
        Cell(text=confidence_words(one) or "–"),
        Cell(text=one.note, note="".join(f"In the way: {sentence(text)} " for text in one.blockers).rstrip()),
        Cell(text=one.decision or "nothing"),
    )


def subject(one: CheckIn, project: Project) -> str:
    """Return what a check-in is about."""
    if one.goal is not None:
        return project.goals[one.goal].title if one.goal in project.goals else one.goal
    name = one.kpi or ""
    return project.kpis[name].title if name in project.kpis else name


# --- plans


def plan_table(some: Sequence[ImprovementPlan], assessment: Assessment) -> Table:
    return Table(
        caption="Improvement plans",
        columns=(
            Column("Plan", wide=3),
            Column("Test", wide=3),
            Column("So far", wide=4),
        ),
        rows=tuple(_plan_row(plan, assessment) for plan in some),
        empty="No plan ran in this time.",
    )


def _plan_row(plan: ImprovementPlan, assessment: Assessment) -> tuple[Cell, ...]:
    shown, assessed = plan_line(plan, assessment), assessment.plans[plan.name]
    told = outcome_words(plan, assessed, assessment)
    return (
        Cell(text=plan.title, note=f"{shown.owner.text} · until {shown.until}"),
        Cell(text=shown.test),
        Cell(text=shown.so_far, word=shown.word, note=told),
    )


# --- people


def percent(weight: Decimal) -> str:
    return f"{weight.normalize():f} of 100"


def more(items: Sequence[Item], most: int) -> tuple[Item, ...]:
    """Return so many of them at most, and say how many more there are."""
    if len(items) <= most:
        return tuple(items)
    return (*items[:most], Item(text=f"and {len(items) - most} more"))
