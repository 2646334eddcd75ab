"""The glossary: everything that has a name, from A to Z, with what it means. One searches here."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from kpiascode.model.assessment import Assessment
from kpiascode.model.project import Kpi, Project
from kpiascode.render.links import Link, goal_link, kpi_link, owner_link, scorecard_link, unit_link
from kpiascode.render.numbers import unit
from kpiascode.render.words import GRAIN, LEVEL, listing, plural, shortened, span

LONGEST: Final = 400
"""Characters of a description; the whole of it stands on the page of what it describes."""

OTHERS: Final = "0–9"
"""The heading of what begins with no letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A name with what it means.

    Args:
        kind: What it is.
        name: As definitions call it.
        facts: The rest in few words, such as unit and owner.
        formula: Of a KPI, as it was declared.
    """

    term: Link
    kind: str
    name: str
    description: str
    facts: tuple[Link, ...]
    formula: str


@dataclass(frozen=True, slots=True)
class Letter:
    title: str
    anchor: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GlossaryPage:
    title: str
    about: str
    letters: tuple[Letter, ...]
    number: int


def glossary_page(assessment: Assessment) -> GlossaryPage:
    entries = sorted(
        _entries(assessment), key=lambda entry: (_plain(entry.term.text), entry.kind, entry.name)
    )
    letters = groupby(sorted(entries, key=lambda e: _initial(e) == OTHERS), key=_initial)
    return GlossaryPage(
        title="Glossary",
        about=plural(len(entries), "entry", "entries"),
        letters=tuple(
            Letter(letter.upper(), f"letter-{'other' if letter == OTHERS else letter}", tuple(some))
            for letter, some in letters
        ),
        number=len(entries),
    )


def _plain(text: str) -> str:
    """Return a text without accents and capitals, by which it is sorted."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(part for part in parts if not unicodedata.combining(part)).casefold()


def _initial(entry: Entry) -> str:
    first = _plain(entry.term.text)[:1]
    return first if first.isalpha() else OTHERS


def _entries(assessment: Assessment) -> Iterator[Entry]:
    project = assessment.project
    yield from (_kpi(kpi, assessment) for kpi in project.kpis.values())
    for name, goal in project.goals.items():
        yield Entry(
            term=goal_link(assessment, name),
            kind="Goal",
            name=name,
            description=shortened(goal.description.strip(), LONGEST),
            facts=(
                Link(span(goal.start, goal.end)),
                unit_link(project, goal.org_unit),
                owner_link(project, goal.owner),
            ),
            formula="",
        )
    for name, found in project.org_units.items():
        yield Entry(
            term=unit_link(project, name),
            kind="Unit",
            name=name,
            description=shortened(found.description.strip(), LONGEST),
            facts=(Link(LEVEL[found.level]), *([unit_link(project, found.parent)] if found.parent else [])),
            formula="",
        )
    for name, owner in project.owners.items():
        yield Entry(
            term=owner_link(project, name),
            kind="Owner",
            name=name,
            description="",
            facts=(unit_link(project, owner.org_unit), Link(owner.contact)),
            formula="",
        )
    for name, card in project.scorecards.items():
        yield Entry(
            term=scorecard_link(project, name),
            kind="Scorecard",
            name=name,
            description=shortened(card.description.strip(), LONGEST),
            facts=(Link(f"by {GRAIN[card.grain]}"), unit_link(project, card.org_unit)),
            formula="",
        )


def _kpi(kpi: Kpi, assessment: Assessment) -> Entry:
    project = assessment.project
    return Entry(
        term=kpi_link(assessment, kpi.name),
        kind="KPI",
        name=kpi.name,
        description=shortened(kpi.description.strip(), LONGEST),
        facts=(
            Link(_measured_in(kpi)),
            Link(f"by {GRAIN[kpi.grain]}"),
            owner_link(project, kpi.owner),
            *([Link(f"for {_units(kpi, project)}")] if kpi.applies_to else []),
        ),
        formula=shortened(kpi.text.strip(), LONGEST),
    )


def _measured_in(kpi: Kpi) -> str:
    return f"in {unit(kpi.unit) or 'numbers'}" if kpi.unit.name != "ratio" else "a ratio"


def _units(kpi: Kpi, project: Project) -> str:
    return listing([unit_link(project, name).text for name in kpi.applies_to])
