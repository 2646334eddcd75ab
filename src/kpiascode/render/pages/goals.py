"""The page of all goals: what leads to what, how far each is, how sure its owner is, and what is missing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from markupsafe import Markup

from kpiascode.model.assessment import Assessment, Gaps, GoalAssessment, Status
from kpiascode.model.calendar import last_seen_day
from kpiascode.model.performance import CheckIn
from kpiascode.render.diary import confidence_words, last_confidence
from kpiascode.render.drawings import way_done
from kpiascode.render.graded import grade_words, total_words
from kpiascode.render.links import Link, goal_link, kpi_link, unit_link
from kpiascode.render.pages.goal import Above, parents_of
from kpiascode.render.pages.tree import goal_about, goal_status, results_met, status_beneath
from kpiascode.render.sentences import Piece, Sentence
from kpiascode.render.verdicts import progress_words
from kpiascode.render.words import STATUS, Word, day, plural

DEEPEST: Final = 5
LISTED: Final = 12  # of one kind of gap, before the others are folded
TOLD: Final = (Status.MISSED, Status.AT_RISK, Status.NO_DATA, Status.NOT_DUE, Status.MET)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalRow:
    """A goal in the graph.

    Args:
        under: The weight of its line to the goal under which it stands; empty where that says nothing.
        also: The other goals that it leads to.
        bar: Of its own results and milestones; None when their progress is not defined.
        total: How far it is with everything beneath it; empty where nothing leads to it.
        confidence: Of the last check-in, with its day in `said`; empty where nobody has checked in.
    """

    link: Link
    about: str
    depth: int
    under: str
    also: tuple[Above, ...]
    status: Word
    beneath: Word | None
    met: str
    bar: Markup | None
    progress: str
    total: str
    confidence: str
    said: str
    grade: str
    grade_note: str


@dataclass(frozen=True, slots=True)
class GapLine:
    """What is missing; `without` are the units of which a goal misses something."""

    link: Link
    without: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """One kind of what is missing."""

    title: str
    meaning: str
    lines: tuple[GapLine, ...]
    folded: tuple[GapLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalsPage:
    """All goals.

    Args:
        running: Trees in which a goal runs.
        others: Trees that are over, or have not begun.
        gaps: None where they are not told.
    """

    title: str
    sentence: Sentence
    running: tuple[GoalRow, ...]
    others: tuple[GoalRow, ...]
    gaps: tuple[Gap, ...] | None


def goals_page(assessment: Assessment) -> GoalsPage:
    today = last_seen_day(assessment.as_of)
    gaps = None if assessment.gaps is None else tuple(_gaps(assessment.gaps, assessment))
    said = last_confidence(assessment)
    running: list[GoalRow] = []
    others: list[GoalRow] = []
    for tree in _trees(assessment):
        runs = any(assessment.project.goals[name].runs_on(today) for name, _, _ in tree)
        rows = (_row(name, parent, depth, assessment, said.get(name)) for name, parent, depth in tree)
        (running if runs else others).extend(rows)
    return GoalsPage(
        title="Goals",
        sentence=_sentence(assessment, today, gaps),
        running=tuple(running),
        others=tuple(others),
        gaps=gaps,
    )


def _trees(assessment: Assessment) -> Iterator[list[tuple[str, str | None, int]]]:
    """Yield the goals with the parent under which each stands and its depth: each once, tree by tree."""
    goals = {name: assessment.project.goals[name] for name in assessment.goals}
    under: defaultdict[str | None, list[str]] = defaultdict(list)
    for name, goal in goals.items():
        under[next((parent for parent, _ in goal.parents if parent in goals), None)].append(name)
    for root in under[None]:
        tree: list[tuple[str, str | None, int]] = []
        waiting: list[tuple[str, str | None, int]] = [(root, None, 0)]
        while waiting:
            name, parent, depth = waiting.pop()
            tree.append((name, parent, depth))
            waiting += [(child, name, depth + 1) for child in reversed(under.get(name, []))]
        yield tree


def _row(name: str, parent: str | None, depth: int, assessment: Assessment, said: CheckIn | None) -> GoalRow:
    goal, assessed = assessment.project.goals[name], assessment.goals[name]
    words = progress_words(assessed)
    above = dict(zip((parent for parent, _ in goal.parents), parents_of(goal, assessment), strict=True))
    grade, meaning = ("", "") if assessed.grading is None else grade_words(assessed.grading)
    so_far = "so far: " if assessed.grading is not None and not assessed.grading.final and meaning else ""
    return GoalRow(
        link=goal_link(assessment, name),
        about=goal_about(goal, assessment.project),
        depth=min(depth, DEEPEST),
        under=above[parent].weight if parent is not None else "",
        also=tuple(one for other, one in above.items() if other != parent),
        status=goal_status(assessed),
        beneath=status_beneath(assessed),
        met=results_met(assessed),
        bar=way_done(assessed.progress, assessed.expected_progress, goal.title, words) if words else None,
        progress=words,
        total=_total(assessed),
        confidence="" if said is None else confidence_words(said),
        said="" if said is None else day(said.as_of),
        grade=grade,
        grade_note=f"{so_far}{meaning}",
    )


def _total(assessed: GoalAssessment) -> str:
    if assessed.parted or not assessed.children:
        return ""
    return total_words(assessed)


def _sentence(assessment: Assessment, today: date, gaps: tuple[Gap, ...] | None) -> Sentence:
    """Return how many goals run, how they stand, and how much is missing between them."""
    running = [
        assessment.goals[name]
        for name, goal in assessment.project.goals.items()
        if name in assessment.goals and goal.runs_on(today)
    ]
    if not running:
        return (Piece("No goal runs."),)
    counted = [(status, sum(one.stands is status for one in running)) for status in TOLD]
    pieces = [Piece(f"{plural(len(running), 'goal runs', 'goals run')}: ")]
    for position, (status, number) in enumerate(entry for entry in counted if entry[1]):
        pieces.append(Piece(", " if position else ""))
        pieces.append(Piece(f"{number} {STATUS[status].text.lower()}", STATUS[status].tone))
    missing = sum(len(gap.lines) + len(gap.folded) for gap in gaps or ())
    told = f". {plural(missing, 'gap')} between goals, KPIs and units." if missing else "."
    return tuple(piece for piece in (*pieces, Piece(told)) if piece.text)


# --- what is missing


def _gaps(gaps: Gaps, assessment: Assessment) -> Iterator[Gap]:
    """Yield the kinds of gaps of which there are any."""
    project = assessment.project
    kinds = (
        (
            "Goals that lead to no other goal",
            "Their unit belongs to another one, and nothing says what they are good for there.",
            _goals(gaps.orphans, assessment),
        ),
        (
            "Goals without a measure",
            "They have no result and no milestone, and neither has any goal beneath them.",
            _goals(gaps.unmeasured, assessment),
        ),
        (
            "Goals to which a unit leads nothing",
            "Others lead to them; of these units directly beneath, no running goal does.",
            tuple(
                GapLine(goal_link(assessment, name), tuple(unit_link(project, unit) for unit in units))
                for name, units in gaps.unsupported
            ),
        ),
        (
            "Units without a goal of their own",
            "None of their own goals runs.",
            tuple(GapLine(unit_link(project, name)) for name in gaps.without_goal),
        ),
        (
            "Measures without a goal",
            "No running goal needs these KPIs. One that is only watched can be sound.",
            tuple(GapLine(kpi_link(assessment, name)) for name in gaps.unwanted),
        ),
    )
    for title, meaning, lines in kinds:
        if lines:
            yield Gap(title, meaning, lines[:LISTED], lines[LISTED:])


def _goals(names: Iterable[str], assessment: Assessment) -> tuple[GapLine, ...]:
    return tuple(GapLine(goal_link(assessment, name)) for name in names)
