"""Goals beneath which some are not shown: nothing is told of them that would be half a sum."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from kpiascode.model.assessment import GoalAssessment
from kpiascode.model.project import Audience


def without_half_sums(
    goals: Mapping[str, GoalAssessment], audience: Audience | None
) -> dict[str, GoalAssessment]:
    """Return goals as they may be told to an audience: of parted ones only what is their own."""
    parted = frozenset[str]() if audience is None else audience.parted
    return {name: _own(goal) if name in parted else goal for name, goal in goals.items()}


def _own(goal: GoalAssessment) -> GoalAssessment:
    return replace(
        goal,
        below=goal.status,
        total_progress=None,
        total_expected=None,
        known=Decimal(0),
        grading=goal.grading if goal.has_parts else None,  # else it is graded by those beneath
        parted=True,
    )
