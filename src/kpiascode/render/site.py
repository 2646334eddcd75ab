"""All pages of the site.

A page is one file: its style is inlined, and its content security policy allows nothing else. The page on
which one searches has a script besides, and is whole without it. Templates escape everything; the same
assessment gives the same bytes.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from markupsafe import Markup

from kpiascode.model.assessment import Assessment, Criterion, Grade
from kpiascode.model.page import Page
from kpiascode.model.project import Commitment, Settings, Theme
from kpiascode.render import environment, links
from kpiascode.render.audience import audience, made_for
from kpiascode.render.download import download
from kpiascode.render.drawings import LETTERS, sample
from kpiascode.render.locales import written_in
from kpiascode.render.pages.changes import changes_page
from kpiascode.render.pages.glossary import glossary_page
from kpiascode.render.pages.goal import goal_page
from kpiascode.render.pages.goals import goals_page
from kpiascode.render.pages.index import index_page
from kpiascode.render.pages.kpi import kpi_page
from kpiascode.render.pages.owner import owner_page
from kpiascode.render.pages.scorecard import scorecard_page
from kpiascode.render.pages.unit import unit_page
from kpiascode.render.words import (
    COMMITMENT,
    COMMITMENT_MEANING,
    CRITERION,
    GRADE,
    QUESTION,
    STANDING,
    STANDING_MEANING,
    STATUS,
    STATUS_MEANING,
    VARIATION,
    VARIATION_MEANING,
    moment,
)

GRADES: Final = (Grade.STRONG, Grade.ADEQUATE, Grade.WEAK, Grade.FAILING, Grade.NO_EVIDENCE)
STYLE: Final = "style.css"
NO_PAGES: Final = {"email.html.j2": "the e-mail has not", "pack.html.j2": "documents have not"}
"""Templates of ours in whose place stands no team's own, and what is said of them."""

SEARCH: Final = "search.js"


def render(
    assessment: Assessment, *, version: str, templates: Mapping[str, str] | None = None
) -> tuple[Page, ...]:
    """Return every page of the site, and the numbers of each scorecard as CSV.

    Args:
        version: Of the program, for the provenance at the foot of each page.
        templates: A team's own, by name; each takes the place of ours of that name.

    Raises:
        BrokenTemplate: when one of `templates` makes no page.
    """
    with written_in(assessment.project.settings.locale):
        return tuple(_pages(assessment, _Printer(assessment, version, templates or {})))


def check_templates(own: Mapping[str, str]) -> None:
    """See whether a team's own templates can be read.

    Raises:
        BrokenTemplate: when one cannot.
    """
    _sheet(own)
    templates = _templates(own)
    environment.with_own(templates)
    environment.check_used(templates)


def _templates(own: Mapping[str, str]) -> dict[str, str]:
    for name, has_none in NO_PAGES.items():
        if name in own:
            raise environment.BrokenTemplate(name, 1, f"Only pages have templates of your own; {has_none}.")
    return {name: text for name, text in own.items() if name != STYLE}


def _sheet(own: Mapping[str, str]) -> str:
    """Return the style sheet: a team's own, or ours."""
    sheet = own.get(STYLE, style())
    for number, line in enumerate(sheet.split("\n"), 1):
        if "</" in line or "<!--" in line:
            raise environment.BrokenTemplate(STYLE, number, "A style sheet holds no markup.")
    return sheet


def render_scorecard(assessment: Assessment, name: str, *, version: str) -> Page:
    """Return the page of one scorecard, as it is in the site."""
    scorecard = assessment.project.scorecards[name]
    with written_in(assessment.project.settings.locale):
        content = scorecard_page(scorecard, assessment.read_by(scorecard.grain))
        printer = _Printer(assessment, version, {})
        return printer.page(links.scorecard_page(name), "scorecard.html.j2", content)


def _pages(assessment: Assessment, printer: "_Printer") -> Iterator[Page]:
    project, page = assessment.project, printer.page
    yield page(links.INDEX, "index.html.j2", index_page(assessment))
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
    for name, owner in project.owners.items():
        yield page(links.owner_page(name), "owner.html.j2", owner_page(owner, assessment))
    yield page(links.GOALS, "goals.html.j2", goals_page(assessment))
    yield page(links.CHANGES, "changes.html.j2", changes_page(assessment))
    yield page(links.GLOSSARY, "glossary.html.j2", glossary_page(assessment), script())


class _Printer:
    """Makes pages of templates: what is on all of them is prepared once."""

    def __init__(self, assessment: Assessment, version: str, own: Mapping[str, str]) -> None:
        settings = assessment.project.settings
        templates = _templates(own)
        self.environment = environment.with_own(templates) if templates else environment.ours()
        self.style = themed(_sheet(own), settings.theme)
        self.common = {
            "project": settings.name,
            "logo": logo(settings),
            "as_of": moment(assessment.as_of),
            "commit": assessment.evidence.commit or "",
            "audience": audience(assessment.project),
            "made_for": made_for(assessment.project),
            "version": version,
            "signs": _signs(),
            "style": Markup(self.style),  # it holds nothing that would end it early
        }

    def page(self, path: str, template: str, content: object, script: str = "") -> Page:
        text = environment.rendered(
            self.environment,
            template,
            {
                **self.common,
                "page": content,
                "path": path,
                "base": links.up(path),
                "script": Markup(script),
                "policy": policy(self.style, script),
            },
        )
        return Page(path, text.rstrip("\n") + "\n")


def logo(settings: Settings) -> str:
    """Return what stands at the top of each page."""
    return (settings.theme and settings.theme.logo_text) or settings.name


def themed(sheet: str, theme: Theme | None) -> str:
    """Return the style sheet with the colours of a theme behind it; they are checked, and no other text."""
    if theme is None:
        return sheet
    dark = f"@media screen and (prefers-color-scheme: dark) {{ :root {{ --accent: {theme.accent_dark}; }} }}"
    return (
        f"{sheet}\n:root {{ --accent: {theme.accent}; }}\n{dark}\n"
        "header.site { border-color: var(--accent); }\n"
        'a:not([class^="t-"]) { color: var(--accent); }\n'
    )


@cache
def style() -> str:
    """Return the style sheet that every page carries."""
    return _file(STYLE)


@cache
def script() -> str:
    """Return the script of the page on which one searches."""
    return _file(SEARCH)


def _file(name: str) -> str:
    return (files("kpiascode.render") / "templates" / name).read_text(encoding="utf-8")


def policy(sheet: str, script: str = "") -> str:
    """Return what a browser may do with a page: show it in this style, run this script, and nothing else."""
    scripts = f" script-src {_source(script)};" if script else ""
    return (
        f"default-src 'none'; style-src {_source(sheet)};{scripts} "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _source(inlined: str) -> str:
    return f"'sha256-{b64encode(sha256(inlined.encode()).digest()).decode()}'"


@cache
def _signs() -> dict[str, Any]:
    """Return the words that explain the signs, for the foot of a page."""
    return {
        "statuses": [(word, STATUS_MEANING[status]) for status, word in STATUS.items()],
        "standings": [(word, STANDING_MEANING[standing]) for standing, word in STANDING.items()],
        "commitments": [(COMMITMENT[one], COMMITMENT_MEANING[one]) for one in Commitment],
        "variations": [(word, VARIATION_MEANING[variation]) for variation, word in VARIATION.items()],
        "criteria": [(LETTERS[c], CRITERION[c], QUESTION[c]) for c in Criterion],
        "grades": [(GRADE[grade].text, sample(grade)) for grade in GRADES],
    }
