"""What a goal has come to, in words: milestones, its roll-up, its grade, and what is owed when it is over."""

from decimal import Decimal
from typing import Final

from kpiascode.model.assessment import (
    Account,
    Assessment,
    Attainment,
    GoalAssessment,
    Grading,
    MilestoneAssessment,
    Status,
)
from kpiascode.render.links import goal_link, kpi_link
from kpiascode.render.locales import current
from kpiascode.render.numbers import share
from kpiascode.render.pages.results import slice_words
from kpiascode.render.verdicts import way_words
from kpiascode.render.words import Word, day, listing, plural

OPEN: Final = (Status.NO_DATA, Status.NOT_DUE, Status.NO_TARGET)
"""Of a result without progress: whether it is met is not known either."""

MILESTONE: Final = {
    Status.MET: Word("Done", "●", "good"),
    Status.MISSED: Word("Overdue", "■", "act"),
    Status.NOT_DUE: Word("Not due yet", "○", "none"),
}

ATTAINMENT: Final = {
    Attainment.ON_COURSE: "on course",
    Attainment.PROGRESS: "progress, and not more",
    Attainment.LITTLE: "little of the way",
    Attainment.DELIVERED: "delivered",
    Attainment.NOT_DELIVERED: "not delivered",
    Attainment.UNKNOWN: "not known",
    Attainment.NOT_GRADED: "it is there to learn from",
}

ASKED: Final = {
    Account.POST_MORTEM: "why it was not delivered",
    Account.LEARNING: "what was learnt",
}


def milestone_note(judged: MilestoneAssessment) -> str:
    """Return when it was done, or until when it is to be."""
    done_on, due = judged.milestone.done_on, judged.milestone.due
    if judged.status is Status.MET and done_on is not None:
        late = f", {plural((done_on - due).days, 'day')} late" if done_on > due else ""
        return f"done on {day(done_on)}{late}"
    return f"by {day(due)}"


def total_words(assessed: GoalAssessment) -> str:
    """Return `68 % done, 80 % expected by now`, and of which share, where it is not all."""
    words = way_words(assessed.total_progress, assessed.total_expected)
    if not words or assessed.known == 1:
        return words
    return f"{words}; known of {share(assessed.known)} of the weights"


def tenths(grade: Decimal) -> str:
    """Return `0.7`, with the decimal sign of the locale."""
    return f"{grade:.1f}".replace(".", current().decimal)


def grade_words(grading: Grading) -> tuple[str, str]:
    """Return a grade and what it means; before the end it is one so far."""
    meaning = ATTAINMENT[grading.attainment]
    if grading.attainment is Attainment.NOT_DELIVERED and not grading.final:
        meaning = "not delivered yet"
    if grading.attainment is Attainment.NOT_GRADED:
        return "No grade", meaning
    if grading.grade is None:
        return "Not known", "" if grading.attainment is Attainment.UNKNOWN else meaning
    return tenths(grading.grade), meaning


def unknown_words(assessed: GoalAssessment, assessment: Assessment) -> str:
    """Return of what nothing is known that a goal is graded by; empty where all is."""
    unknown = () if assessed.grading is None else assessed.grading.unknown
    if not unknown:
        return ""
    if assessed.has_parts:
        named = [text for name in unknown for text in _unknown_of(name, assessed, assessment)]
    else:
        named = [goal_link(assessment, name).text for name in unknown]
    return f"nothing is known of {listing(named) if len(named) < 5 else f'{len(named)} parts'}"


def _unknown_of(kpi: str, assessed: GoalAssessment, assessment: Assessment) -> tuple[str, ...]:
    """Return the results for a KPI of which nothing is known, each once: of other slices it may be."""
    title = kpi_link(assessment, kpi).text
    slices = (
        one.result.slice
        for one in assessed.results
        if one.result.kpi == kpi and one.progress is None and one.status in OPEN
    )
    return tuple(f"{title} ({slice_words(key)})" if key else title for key in dict.fromkeys(slices))


def owed_words(grading: Grading, assessment: Assessment) -> str:
    """Return what its owner writes when it is over, or where that stands; empty where nothing is asked."""
    if grading.asked is None:
        return ""
    if grading.given is None:
        return f"Its owner has still to write {ASKED[grading.asked]}, in a check-in at its end."
    said = assessment.project.performance.check_ins[grading.given]
    return f"The check-in of {day(said.as_of)} says {ASKED[grading.asked]}."
