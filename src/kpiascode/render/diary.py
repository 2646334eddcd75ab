"""Check-ins: what those who answer for goals and KPIs saw, decided, and had in their way."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from kpiascode.model.assessment import Assessment
from kpiascode.model.performance import CheckIn
from kpiascode.model.project import Goal
from kpiascode.render.charts.confidence import Confidence, confidence_chart
from kpiascode.render.links import Link, goal_link, kpi_link, owner_link
from kpiascode.render.words import day, last_day, listing


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A check-in. `about` None: the page says what it is about; an empty `confidence`: nobody said."""

    day: str
    by: Link
    about: Link | None
    confidence: str
    note: str
    decision: str
    blockers: tuple[str, ...]


def check_ins(assessment: Assessment, keep: Callable[[CheckIn], bool]) -> tuple[CheckIn, ...]:
    """Return those that were seen by now, the newest first."""
    today = assessment.as_of.date()
    found = (
        one for one in assessment.project.performance.check_ins.values() if one.as_of <= today and keep(one)
    )
    return tuple(sorted(found, key=lambda one: (one.as_of, one.name), reverse=True))


def last_confidence(assessment: Assessment) -> dict[str, CheckIn]:
    """Return by goal the last check-in that was seen by now."""
    newest = check_ins(assessment, lambda one: one.goal is not None)
    return {one.goal: one for one in reversed(newest) if one.goal is not None}


def entries(found: Iterable[CheckIn], assessment: Assessment, *, named: bool) -> tuple[Entry, ...]:
    """Return check-ins as a page shows them; `named` with what they are about."""
    return tuple(
        Entry(
            day=day(one.as_of),
            by=owner_link(assessment.project, one.by),
            about=_about(one, assessment) if named else None,
            confidence=confidence_words(one),
            note=one.note.strip(),
            decision=one.decision.strip(),
            blockers=one.blockers,
        )
        for one in found
    )


def _about(one: CheckIn, assessment: Assessment) -> Link:
    return kpi_link(assessment, one.kpi or "") if one.goal is None else goal_link(assessment, one.goal)


def confidence_words(one: CheckIn) -> str:
    return "" if one.confidence is None else f"{one.confidence} of 10"


def confidence_over_time(goal: Goal, found: Iterable[CheckIn]) -> Markup | None:
    """Draw what was said of a goal, once for a wide page and once for a narrow one; None of nothing.

    Of two on one day the last in the order of the names is drawn; the diary has both.
    """
    said = sorted((one.as_of, one.name, one.confidence) for one in found if one.confidence is not None)
    points = tuple((on, list(same)[-1][2]) for on, same in groupby(said, key=lambda one: one[0]))
    if not points:
        return None
    start, end = min(goal.start, points[0][0]), max(goal.end, points[-1][0])
    drawing = Confidence(points=points, start=start, end=end, first=day(start), last=last_day(end))
    told = [f"{number} of 10 on {day(on)}" for on, number in points]
    label = f"How sure the owner of {goal.title} was: {listing(told)}"
    return Markup(
        confidence_chart(drawing, label=label, width=680, height=170, kind="chart wide")
        + confidence_chart(drawing, label=label, width=358, height=150, kind="chart narrow")
    )
