"""Where things are in the site. Paths are relative to its root; a page one folder down puts `../` before."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from kpiascode.model.assessment import Assessment
from kpiascode.model.performance import Recognition, Thanked
from kpiascode.model.project import Project

INDEX: Final = "index.html"
GOALS: Final = "goals.html"
CHANGES: Final = "changes.html"
GLOSSARY: Final = "glossary.html"


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads to a page of the site; an empty path leads nowhere and is shown as text."""

    text: str
    path: str = ""


def file_name(name: str) -> str:
    """Return a name as part of a path: whatever could leave the folder is written as `%2F` and the like."""
    return quote(name, safe="")


def kpi_page(name: str) -> str:
    return f"kpis/{file_name(name)}.html"


def goal_page(name: str) -> str:
    return f"goals/{file_name(name)}.html"


def unit_page(name: str) -> str:
    return f"units/{file_name(name)}.html"


def owner_page(name: str) -> str:
    return f"owners/{file_name(name)}.html"


def scorecard_page(name: str) -> str:
    return f"scorecards/{file_name(name)}.html"


def data_file(name: str) -> str:
    return f"data/{file_name(name)}.csv"


def up(path: str) -> str:
    """Return what leads from a page back to the root of the site."""
    return "../" * path.count("/")


def kpi_link(assessment: Assessment, name: str) -> Link:
    kpi = assessment.project.kpis.get(name)
    return Link(kpi.title if kpi else name, kpi_page(name) if name in assessment.kpis else "")


def goal_link(assessment: Assessment, name: str) -> Link:
    goal = assessment.project.goals.get(name)
    return Link(goal.title if goal else name, goal_page(name) if name in assessment.goals else "")


def unit_link(project: Project, name: str) -> Link:
    return Link(project.org_units[name].title, unit_page(name)) if name in project.org_units else Link(name)


def scorecard_link(project: Project, name: str) -> Link:
    found = project.scorecards.get(name)
    return Link(found.title, scorecard_page(name)) if found else Link(name)


def owner_link(project: Project, name: str) -> Link:
    return Link(project.owners[name].title, owner_page(name)) if name in project.owners else Link(name)


def thanked_link(project: Project, one: Recognition) -> Link:
    """Return whom a recognition thanks; a person has no page."""
    kind, name = one.to
    match kind:
        case Thanked.OWNER:
            return owner_link(project, name)
        case Thanked.ORG_UNIT:
            return unit_link(project, name)
        case Thanked.PERSON:
            return Link(name)


def owner_title(project: Project, name: str) -> str:
    return project.owners[name].title if name in project.owners else name
