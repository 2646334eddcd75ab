"""One question for a one-on-one, chosen from the facts by a rule and not by chance.

The first of these that holds gives the question; among several goals or KPIs the first in the order of the
brief:

1. A goal whose numbers are on course, while the confidence of its owner fell by two or more since the
   check-in before, or is four or less: they see what the numbers do not show yet.
2. A goal that missed what is expected by now, while confidence is seven or more: the other way round.
3. A signal for the worse since the last meeting.
4. Something in the way that the newest check-in names.
5. An action of a plan that is overdue.
6. A goal that is due for a check-in.
7. A signal for the better: what could others learn from it?
8. Else what would make the time until the next meeting easier.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from kpiascode.model.assessment import Status

FELL: Final = 2
LOW: Final = 4
HIGH: Final = 7
USUAL: Final = "What would make the time until we meet again easier for you?"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalFacts:
    """A goal as a question may ask about it. `confidence`: of its check-ins, the newest last."""

    title: str
    status: Status
    confidence: tuple[int, ...]
    is_due: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The facts of a brief.

    Args:
        worse, better: KPIs with a signal since the last meeting, each with the period in words.
        blockers: Each with the title of what it is in the way of.
        overdue: Actions.
    """

    goals: tuple[GoalFacts, ...]
    worse: tuple[tuple[str, str], ...]
    better: tuple[tuple[str, str], ...]
    blockers: tuple[tuple[str, str], ...]
    overdue: tuple[str, ...]


def question(told: Told) -> str:
    """Return the one question."""
    return next(_questions(told))


def _questions(told: Told) -> Iterator[str]:
    for goal in told.goals:
        if goal.status is Status.MET and (since := _doubt(goal.confidence)):
            yield (
                f"The numbers of “{goal.title}” are on course, and confidence {since}. "
                "What do you see that they do not show yet?"
            )
    for goal in told.goals:
        if goal.status is Status.MISSED and goal.confidence and goal.confidence[-1] >= HIGH:
            yield (
                f"“{goal.title}” misses what is expected by now, and confidence is {goal.confidence[-1]} "
                "of 10. What will be different from now on?"
            )
    for title, when in told.worse:
        yield f"“{title}” is worse than usual ({when}). What has changed, and whose help do you need?"
    for blocker, title in told.blockers:
        yield f"In the way of “{title}” is: {blocker} Who could take it away, and by when?"
    for action in told.overdue:
        yield f"“{action}” is overdue. Is it still the right thing to do, and what does it wait for?"
    for goal in told.goals:
        if goal.is_due:
            yield f"How sure are you that “{goal.title}” will be reached, 0 to 10, and why not one less?"
    for title, when in told.better:
        yield f"“{title}” is better than usual ({when}). What did you do, and who else could do it?"
    yield USUAL


def _doubt(confidence: Sequence[int]) -> str:
    """Return in words that somebody doubts; empty where nobody does."""
    if len(confidence) > 1 and confidence[-2] - confidence[-1] >= FELL:
        return f"fell from {confidence[-2]} to {confidence[-1]}"
    if confidence and confidence[-1] <= LOW:
        return f"is {confidence[-1]} of 10"
    return ""
