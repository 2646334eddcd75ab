"""What somebody has to do by a day."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from kpiascode.model.performance import Role


class DueKind(Enum):
    """What is to be done. `CLOSING`: the check-in at the end of a goal, or after it."""

    CHECK_IN = "check_in"
    CLOSING = "closing_check_in"
    MILESTONE = "milestone"
    DEADLINE = "deadline"
    PLAN_REVIEW = "plan_review"
    ACTION = "action"
    FEEDBACK = "feedback"
    MEETING = "meeting"
    RETENTION = "retention"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Something that is due.

    Args:
        day: The last day on which it is on time.
        kind, of: What is to be done, and the kind and the name of the definition that says so.
        what: The title of what is to be done.
        within: The title of the definition, where that is another.
        who: Who has to do it; None where nobody is named.
        units: The org units that it concerns.
        position: Tells apart what the same definition asks of the same kind.
    """

    day: date
    kind: DueKind
    of: tuple[str, str]
    what: str
    within: str
    who: Role | None
    units: tuple[str, ...]
    position: str = ""
