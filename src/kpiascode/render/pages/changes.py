"""The page of what changed: by day, the newest first."""

from dataclasses import dataclass

from kpiascode.model.assessment import Assessment
from kpiascode.render.sentences import Piece, Sentence
from kpiascode.render.whatchanged import LATELY, DayOfChanges, changes_of
from kpiascode.render.words import day, plural


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesPage:
    """What changed.

    Args:
        limits: How far back it reaches, and what it cannot know, in sentences.
    """

    title: str
    sentence: Sentence
    days: tuple[DayOfChanges, ...]
    limits: str


def changes_page(assessment: Assessment) -> ChangesPage:
    days = changes_of(None, assessment)
    number = sum(len(one.lines) for one in days)
    lead = (
        f"{plural(number, 'change')} on {plural(len(days), 'day')}, the last on {days[0].day}."
        if days
        else "Nothing that is recorded has changed."
    )
    return ChangesPage(
        title="What changed", sentence=(Piece(lead),), days=days, limits=" ".join(_limits(assessment))
    )


def _limits(assessment: Assessment) -> list[str]:
    evidence = assessment.evidence
    told = [f"What is older than {LATELY.days} days is left out."]
    if evidence.history is None:
        told.append("The definitions are in no git repository, so their changes are not known.")
    elif evidence.history.since is not None:
        told.append(f"The history of the definitions is known from {day(evidence.history.since)} on.")
    is_part = assessment.project.audience is not None
    if not evidence.publications:
        what = "Nothing of what is shown here" if is_part else "Nothing"
        told.append(f"{what} was published yet, so no value can have been restated.")
    if is_part:
        told.append("How targets change stands on the pages of their goals.")
    return told
