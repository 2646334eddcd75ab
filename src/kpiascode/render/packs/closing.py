"""What became of the goals of a cycle: grades, what was believed on the way, what is owed, what goes on."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

from kpiascode.model.assessment import Assessment, Attainment, Grading
from kpiascode.model.performance import CheckIn, ReviewCycle
from kpiascode.model.project import Goal, Project
from kpiascode.model.visibility import seen_by_all_who_see
from kpiascode.render.graded import ASKED, ATTAINMENT
from kpiascode.render.links import owner_title, unit_link
from kpiascode.render.packs.blocks import Block, Cell, Column, Pack, Paragraph, Section, Table
from kpiascode.render.packs.parts import (
    check_ins_of,
    goal_table,
    grade_cell,
    progress_cell,
    steps,
)
from kpiascode.render.pages.tree import goal_status
from kpiascode.render.words import COMMITMENT, Word, day, listing, plural, sentence, span

SURE: Final = 7
UNSURE: Final = 4
JUDGED: Final = (
    "“So it was” holds what came against the confidence of the last check-in before the end, and not of the "
    f"one that closes the goal: {SURE} and more is sure, {UNSURE} and less is unsure, what lies between was "
    "open."
)
OWED: Final = Word("Owed", "■", "act")
GIVEN: Final = Word("Given", "●", "good")
GOOD: Final = (Attainment.DELIVERED, Attainment.ON_COURSE)


def closing_pack(cycle: ReviewCycle, assessment: Assessment) -> Pack:
    """Return the report on the goals that ended in a cycle."""
    project = assessment.project
    line = line_of(cycle, project)
    units = listing([unit_link(project, unit).text for unit in cycle.org_units])
    over, hidden = told_to_all(ended(cycle, line, project), cycle, project)
    running, _ = told_to_all(going_on(cycle, line, project), cycle, project)
    return Pack(
        sort="Close of a cycle",
        title=cycle.title,
        about=(
            f"{span(cycle.start, cycle.end)} · run by {owner_title(project, cycle.owner)}",
            f"{units}, with those beneath them and those that they belong to",
        ),
        lead=_lead(over, assessment),
        sections=(
            Section(title="What was reached", blocks=(_grades(over, assessment),)),
            Section(title="What was believed, and what came", blocks=tuple(_beliefs(over, assessment))),
            Section(title="What is owed, and what was given", blocks=(_owed(over, assessment),)),
            Section(title="How their targets changed", blocks=(steps(over, assessment),)),
            Section(
                title="What goes on", blocks=(goal_table(running, assessment, "Goals that are not over"),)
            ),
        ),
        foot=(
            "A grade is 0.0 to 1.0 in tenths, rounded down. Committed goals expect 1.0; of aspirational ones "
            "0.7 and more is on course. Goals are graded, and nobody is.",
            *((_hidden_words(hidden),) if hidden else ()),
        ),
    )


def line_of(cycle: ReviewCycle, project: Project) -> frozenset[str]:
    """Return the units of the cycle, those beneath them, and those that they belong to."""
    return frozenset(
        name
        for unit in cycle.org_units
        for name in (*project.unit_and_above(unit), *project.unit_and_below(unit))
    )


def ended(cycle: ReviewCycle, line: frozenset[str], project: Project) -> tuple[str, ...]:
    """Return the goals whose period ended in the cycle, its last moment included, by unit and name."""
    return _sorted(
        g for g in project.goals.values() if g.org_unit in line and cycle.start < g.end <= cycle.end
    )


def going_on(cycle: ReviewCycle, line: frozenset[str], project: Project) -> tuple[str, ...]:
    """Return the goals that run when the cycle has ended."""
    return _sorted(g for g in project.goals.values() if g.org_unit in line and g.runs_on(cycle.end))


def told_to_all(names: Sequence[str], cycle: ReviewCycle, project: Project) -> tuple[tuple[str, ...], int]:
    """Return the goals that everybody may see who may see the cycle, and how many others there are."""
    shown = tuple(
        name
        for name in names
        if seen_by_all_who_see(project, cycle.visibility, project.goals[name].visibility)
    )
    return shown, len(names) - len(shown)


def _hidden_words(number: int) -> str:
    told = plural(number, "goal that ended is", "goals that ended are")
    return f"{told} not shown here, since not everybody who may see this cycle may see them."


def _sorted(goals: Iterable[Goal]) -> tuple[str, ...]:
    found = sorted(goals, key=lambda goal: (goal.end, goal.org_unit, goal.name))
    return tuple(goal.name for goal in found)


def _lead(over: Sequence[str], assessment: Assessment) -> str:
    if not over:
        return "No goal ended in this time."
    gradings = [found for name in over if (found := assessment.goals[name].grading) is not None]
    good = sum(grading.attainment in GOOD for grading in gradings)
    learnt = sum(grading.attainment is Attainment.NOT_GRADED for grading in gradings)
    unknown = sum(grading.attainment is Attainment.UNKNOWN for grading in gradings)
    owed = sum(grading.owed is not None for grading in gradings)
    parts = [
        f"{good} delivered or on course",
        f"{learnt} to learn from" if learnt else "",
        f"{unknown} not known" if unknown else "",
    ]
    told = f"Of {plural(len(over), 'goal')} that ended, {listing([part for part in parts if part])}."
    if not owed:
        return told
    notes = plural(owed, "note of a check-in is", "notes of check-ins are")
    return f"{told} {notes} owed: why it was not delivered, or what was learnt."


def _grades(names: Sequence[str], assessment: Assessment) -> Table:
    project = assessment.project
    return Table(
        caption="Goals that ended",
        columns=(
            Column("Goal", wide=4),
            Column("Final grade", wide=2),
            Column("Status", wide=2),
            Column("Progress", wide=3),
        ),
        rows=tuple(
            (
                Cell(text=project.goals[name].title, note=_about(project.goals[name], project)),
                grade_cell(assessment.goals[name], assessment),
                Cell(word=goal_status(assessment.goals[name])),
                progress_cell(assessment.goals[name], project.goals[name].title),
            )
            for name in names
        ),
        empty="No goal ended in this time.",
    )


def _about(goal: Goal, project: Project) -> str:
    unit = unit_link(project, goal.org_unit).text
    return " · ".join((unit, owner_title(project, goal.owner), COMMITMENT[goal.commitment]))


# --- what was believed


def _beliefs(names: Sequence[str], assessment: Assessment) -> Iterator[Block]:
    """Yield what was believed of the goals on which somebody checked in, and the names of the others."""
    project, until = assessment.project, assessment.as_of.date()
    diaries = {
        name: [
            one for one in check_ins_of(project, [name], [], date.min, until) if one.confidence is not None
        ]
        for name in names
    }
    yield Table(
        caption="Confidence over the check-ins, 0 to 10, and what came",
        columns=(
            Column("Goal", wide=4),
            Column("Confidence", wide=2),
            Column("What came", wide=2),
            Column("So it was", wide=3),
        ),
        rows=tuple(
            (
                Cell(text=project.goals[name].title),
                Cell(text=" → ".join(str(one.confidence) for one in told)),
                Cell(text=_came(assessment.goals[name].grading)),
                Cell(text=foresight(told, project.goals[name], assessment.goals[name].grading)),
            )
            for name, told in diaries.items()
            if told
        ),
        empty="Nobody said how sure they were.",
    )
    if any(diaries.values()):
        yield Paragraph(JUDGED, "soft")
    silent = [project.goals[name].title for name, told in diaries.items() if not told]
    if silent and len(silent) < len(names):
        yield Paragraph(f"Nobody checked in on {listing([f'“{title}”' for title in silent])}.", "soft")


def _came(grading: Grading | None) -> str:
    return "" if grading is None else ATTAINMENT[grading.attainment]


def foresight(told: Sequence[CheckIn], goal: Goal, grading: Grading | None) -> str:
    """Return whether those who answered for a goal saw what came, in the last check-in before its end."""
    before = [one.confidence for one in told if one.as_of < goal.end and one.confidence is not None]
    if grading is None or not before or grading.attainment in (Attainment.NOT_GRADED, Attainment.UNKNOWN):
        return "cannot be said"
    is_good, last = grading.attainment in GOOD, before[-1]
    if last >= SURE:
        return "as they thought" if is_good else "less than they thought"
    if last <= UNSURE:
        return "more than they thought" if is_good else "as they thought"
    return "open to the end"


# --- what is owed


def _owed(names: Sequence[str], assessment: Assessment) -> Table:
    rows = tuple(_owed_row(name, assessment) for name in names if _asked(name, assessment))
    return Table(
        caption="What owners write when a goal is over",
        columns=(Column("Goal", wide=3), Column("State", wide=2), Column("What they wrote", wide=5)),
        rows=rows,
        empty="Nothing is owed.",
    )


def _asked(name: str, assessment: Assessment) -> bool:
    grading = assessment.goals[name].grading
    return grading is not None and grading.asked is not None


def _owed_row(name: str, assessment: Assessment) -> tuple[Cell, ...]:
    goal, grading = assessment.project.goals[name], assessment.goals[name].grading
    assert grading is not None
    assert grading.asked is not None
    given = None if grading.given is None else assessment.project.performance.check_ins.get(grading.given)
    asked = ASKED[grading.asked]
    if given is None:
        owner = owner_title(assessment.project, goal.owner)
        return (
            Cell(text=goal.title),
            Cell(word=OWED, note=owner),
            Cell(text=f"{sentence(asked)[:-1]}: not written yet"),
        )
    return (
        Cell(text=goal.title),
        Cell(word=GIVEN, note=day(given.as_of)),
        Cell(text=given.note, note=sentence(asked)[:-1]),
    )
