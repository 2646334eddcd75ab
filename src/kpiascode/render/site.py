"""All pages of the site.

A page is one file: its style is inlined, it has no script, and its content security policy allows nothing
else. Templates are ours alone and escape everything; the same assessment gives the same bytes.
"""

from base64 import b64encode
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from kpiascode.model.assessment import Assessment, Criterion, Grade
from kpiascode.model.page import Page
from kpiascode.render import links
from kpiascode.render.download import download
from kpiascode.render.drawings import LETTERS, sample
from kpiascode.render.pages.goal import goal_page
from kpiascode.render.pages.index import index_page
from kpiascode.render.pages.kpi import kpi_page
from kpiascode.render.pages.scorecard import scorecard_page
from kpiascode.render.pages.unit import unit_page
from kpiascode.render.words import CRITERION, GRADE, QUESTION, STATUS, STATUS_MEANING, moment

GRADES: Final = (Grade.STRONG, Grade.ADEQUATE, Grade.WEAK, Grade.FAILING, Grade.NO_EVIDENCE)


def render(assessment: Assessment, *, version: str) -> tuple[Page, ...]:
    """Return every page of the site, and the numbers of each scorecard as CSV.

    Args:
        version: Of the program, for the provenance at the foot of each page.
    """
    return tuple(_pages(assessment, version))


def _pages(assessment: Assessment, version: str) -> Iterator[Page]:
    project = assessment.project

    def page(path: str, template: str, content: object) -> Page:
        return Page(path, _html(template, path, content, assessment, version))

    yield page("index.html", "index.html.j2", index_page(assessment))
    for name, scorecard in project.scorecards.items():
        read = assessment.read_by(scorecard.grain)
        yield page(links.scorecard_page(name), "scorecard.html.j2", scorecard_page(scorecard, read))
        yield Page(links.data_file(name), download(scorecard, read))
    for name, kpi in project.kpis.items():
        if name in assessment.kpis:
            yield page(links.kpi_page(name), "kpi.html.j2", kpi_page(kpi, assessment))
    for name, goal in project.goals.items():
        if name in assessment.goals:
            yield page(links.goal_page(name), "goal.html.j2", goal_page(goal, assessment))
    for name, unit in project.org_units.items():
        yield page(links.unit_page(name), "unit.html.j2", unit_page(unit, assessment))


def _html(template: str, path: str, content: object, assessment: Assessment, version: str) -> str:
    text = (
        _environment()
        .get_template(template)
        .render(
            page=content,
            base=links.up(path),
            project=assessment.project.settings.name,
            as_of=moment(assessment.as_of),
            commit=assessment.evidence.commit or "",
            version=version,
            signs=_signs(),
            style=Markup(style()),  # ours, and free of what would end it early
            policy=policy(),
        )
    )
    return text.rstrip("\n") + "\n"


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("kpiascode.render"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def style() -> str:
    """Return the style sheet that every page carries."""
    return (files("kpiascode.render") / "templates" / "style.css").read_text(encoding="utf-8")


def policy() -> str:
    """Return what a browser may do with a page: show it in our style, and nothing else."""
    digest = b64encode(sha256(style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )


@cache
def _signs() -> dict[str, Any]:
    """Return the words that explain the signs, for the foot of a page."""
    return {
        "statuses": [(word, STATUS_MEANING[status]) for status, word in STATUS.items()],
        "criteria": [(LETTERS[c], CRITERION[c], QUESTION[c]) for c in Criterion],
        "grades": [(GRADE[grade].text, sample(grade)) for grade in GRADES],
    }
