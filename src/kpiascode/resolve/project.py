"""From documents to a project: every name resolved, all mistakes at once."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from kpiascode.model.calendar import Grain
from kpiascode.model.catalog import UNKNOWN, Catalog
from kpiascode.model.diagnostic import Diagnostic, as_name, circle, in_order
from kpiascode.model.document import Document, Documents
from kpiascode.model.project import Kpi, Level, OrgUnit, Owner, Project, Scorecard, Section
from kpiascode.resolve.circles import circles
from kpiascode.resolve.datasets import Datasets
from kpiascode.resolve.goals import resolve_goal
from kpiascode.resolve.graph import rests_on_sound, settle_graph
from kpiascode.resolve.known import Known
from kpiascode.resolve.kpis import resolve_kpi
from kpiascode.resolve.reader import Reader
from kpiascode.resolve.settings import DEFAULT, settings

KINDS = ("dataset", "goal", "kpi", "org_unit", "owner", "scorecard")
NAME: Final = re.compile("[a-z][a-z0-9_]{0,62}")
_Resolved = TypeVar("_Resolved")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """The project, made of everything that is sound, and what is wrong with the rest."""

    project: Project
    diagnostics: tuple[Diagnostic, ...]


def resolve(documents: Documents, catalog: Catalog = UNKNOWN) -> Resolution:
    """Return the project that the documents declare.

    Args:
        catalog: Columns and types of the datasets, as far as they are known. Columns of a dataset that is
            unknown are taken as written.
    """
    found: list[Diagnostic] = []
    readers = _by_kind(documents.items, found)
    known = _known(documents, readers)
    chosen = DEFAULT if documents.project is None else settings(Reader(documents.project, found))
    datasets = Datasets(
        readers=readers["dataset"],
        known=known,
        catalog=catalog,
        calendar=chosen.calendar,
    )
    resolved_datasets = _each(readers["dataset"], datasets.resolve)
    built = _each(readers["kpi"], lambda reader: resolve_kpi(reader, datasets, known))
    for name, kpi in built.items():
        readers["kpi"][name].broken |= not rests_on_sound(kpi, resolved_datasets)
    kpis = settle_graph(built, readers["kpi"])
    project = Project(
        settings=chosen,
        datasets=resolved_datasets,
        kpis=kpis,
        goals=_each(readers["goal"], lambda reader: resolve_goal(reader, kpis, known, chosen.calendar)),
        owners=_each(readers["owner"], lambda reader: _owner(reader, known)),
        org_units=_each(readers["org_unit"], lambda reader: _org_unit(reader, known)),
        scorecards=_each(readers["scorecard"], lambda reader: _scorecard(reader, known, kpis)),
        documents={(kind, name): reader.document for kind in KINDS for name, reader in readers[kind].items()},
        sources=documents.sources,
        schemas=documents.schemas,
    )
    _report_parent_cycles(
        readers["org_unit"],
        {unit.name: (unit.parent,) if unit.parent else () for unit in project.org_units.values()},
        "org-unit-cycle",
        "belongs to itself",
    )
    _report_parent_cycles(
        readers["goal"],
        {goal.name: tuple(name for name, _ in goal.parents) for goal in project.goals.values()},
        "goal-cycle",
        "leads up to itself",
    )
    return Resolution(project=project, diagnostics=in_order(found))


def _by_kind(items: tuple[Document, ...], found: list[Diagnostic]) -> dict[str, dict[str, Reader]]:
    readers: dict[str, dict[str, Reader]] = {kind: {} for kind in KINDS}
    for document in items:
        kind, name = document.data.get("kind"), document.data.get("name")
        if isinstance(kind, str) and kind in readers and isinstance(name, str):
            readers[kind].setdefault(name, Reader(document, found))
    return {kind: dict(sorted(by_name.items())) for kind, by_name in readers.items()}


def _known(documents: Documents, readers: Mapping[str, Mapping[str, Reader]]) -> Known:
    """Return the names of all that exists. A broken definition may say its name without its kind.

    One that is no name counts as the name that it is to become, so that only it has a finding.
    """
    names = {kind: set(readers[kind]) for kind in KINDS}
    unsure = set() if documents.is_whole else set(KINDS)
    for document in documents.broken:
        kind, name = document.data.get("kind"), document.data.get("name")
        kinds = (kind,) if isinstance(kind, str) and kind in KINDS else KINDS
        for possible in kinds:
            if isinstance(name, str):
                names[possible].add(name if NAME.fullmatch(name) else as_name(name[:64]))
            else:
                unsure.add(possible)
    return Known(names={kind: frozenset(names[kind]) for kind in KINDS}, unsure=frozenset(unsure))


def _each(readers: Mapping[str, Reader], build: Callable[[Reader], _Resolved | None]) -> dict[str, _Resolved]:
    built = ((name, build(reader)) for name, reader in readers.items())
    return {name: value for name, value in built if value is not None}


def _owner(reader: Reader, known: Known) -> Owner | None:
    known.check(reader, "org_unit", "org_unit")
    if reader.broken:
        return None
    return Owner(
        name=reader.name,
        title=reader.text("title"),
        org_unit=reader.text("org_unit"),
        contact=reader.text("contact"),
        approvers=reader.texts("approvers"),
        place=reader.place,
    )


def _org_unit(reader: Reader, known: Known) -> OrgUnit | None:
    if reader.has("parent"):
        known.check(reader, "org_unit", "parent")
    if reader.broken:
        return None
    return OrgUnit(
        name=reader.name,
        title=reader.text("title"),
        description=reader.text_or("", "description"),
        level=Level(reader.text("level")),
        parent=reader.optional("parent"),
        headcount=reader.whole("headcount"),
        place=reader.place,
    )


def _scorecard(reader: Reader, known: Known, kpis: Mapping[str, Kpi]) -> Scorecard | None:
    known.check(reader, "org_unit", "org_unit")
    known.check(reader, "org_unit", "audiences")
    sections = []
    for position in range(reader.length("sections")):
        known.check(reader, "kpi", "sections", position, "kpis")
        names = reader.texts("sections", position, "kpis")
        sections.append(
            Section(
                title=reader.text("sections", position, "title"),
                kpis=tuple(name for name in names if name in kpis),
            )
        )
    if reader.broken:
        return None
    return Scorecard(
        name=reader.name,
        title=reader.text("title"),
        description=reader.text_or("", "description"),
        org_unit=reader.text("org_unit"),
        audiences=reader.texts("audiences"),
        grain=Grain(reader.text_or("month", "grain")),
        sections=tuple(sections),
        place=reader.place,
    )


def _report_parent_cycles(
    readers: Mapping[str, Reader], parents: Mapping[str, tuple[str, ...]], code: str, verb: str
) -> None:
    """Report each circle of parents once, at the first of its members by name."""
    for way in circles(parents):
        readers[way[0]].report(
            code,
            f"`{way[0]}` {verb}: {circle(way)}.",
            ("parent",),
            "One of them must stand at the top, without a parent in the circle.",
        )
