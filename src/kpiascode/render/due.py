"""What is due, in words."""

from typing import Final

from kpiascode.model.due import DueKind
from kpiascode.model.performance import PersonRef, Role
from kpiascode.model.project import Project, Restricted

WHAT: Final = {
    DueKind.CHECK_IN: "Check-in",
    DueKind.CLOSING: "Closing check-in",
    DueKind.MILESTONE: "Milestone",
    DueKind.DEADLINE: "Deadline",
    DueKind.PLAN_REVIEW: "Review of a plan",
    DueKind.ACTION: "Action",
    DueKind.FEEDBACK: "Feedback closes",
    DueKind.MEETING: "One-on-one",
    DueKind.RETENTION: "Remove (kpi purge)",
}


def who_words(who: Role | None, project: Project, restricted: Restricted) -> str:
    """Return the title of a role or a person; empty where nobody is named."""
    match who:
        case None:
            return ""
        case PersonRef(person=name):
            return restricted.persons[name].title if name in restricted.persons else name
        case name:
            return project.owners[name].title if name in project.owners else name
