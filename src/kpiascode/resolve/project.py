"""From documents to a project: every name resolved, all mistakes at once."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from kpiascode.model.calendar import Calendar, Grain
from kpiascode.model.catalog import UNKNOWN, Catalog
from kpiascode.model.diagnostic import Diagnostic, as_name, circle, in_order, one_of
from kpiascode.model.document import KINDS, Document, Documents
from kpiascode.model.performance import Performance
from kpiascode.model.project import (
    Goal,
    Kpi,
    Level,
    OrgUnit,
    Owner,
    Project,
    Restricted,
    Scorecard,
    Section,
)
from kpiascode.resolve.circles import beyond, circles
from kpiascode.resolve.datasets import Datasets
from kpiascode.resolve.goals import resolve_goal
from kpiascode.resolve.graph import rests_on_sound, settle_graph
from kpiascode.resolve.known import Known
from kpiascode.resolve.kpis import resolve_kpi
from kpiascode.resolve.performance import (
    keeping,
    resolve_check_in,
    resolve_cycle,
    resolve_person,
    resolve_plan,
    resolve_program,
    resolve_recognition,
    resolve_round,
    resolve_series,
    resolve_template,
)
from kpiascode.resolve.reader import Reader
from kpiascode.resolve.settings import DEFAULT, settings

MAX_LEVELS: Final = 50
"""Of goals and of org units. Pages show them as trees."""

RESTRICTED: Final = ("feedback_round", "goal", "improvement_plan", "one_on_one_series", "person")
"""What may name a person, and so may stand in the restricted folder."""

NAME: Final = re.compile("[a-z][a-z0-9_]{0,62}")
_Resolved = TypeVar("_Resolved")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """The project, made of everything that is sound, and what is wrong with the rest.

    `restricted`: what belongs to persons; nothing where no restricted documents were read.
    """

    project: Project
    restricted: Restricted
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
    goals = _each(readers["goal"], lambda reader: resolve_goal(reader, kpis, known, chosen.calendar))
    org_units = _each(readers["org_unit"], lambda reader: _org_unit(reader, known))
    for reader in readers["person"].values():
        keeping(reader, names_person=True)
    project = Project(
        settings=chosen,
        datasets=resolved_datasets,
        kpis=kpis,
        goals=goals,
        owners=_each(readers["owner"], lambda reader: _owner(reader, known)),
        org_units=org_units,
        scorecards=_each(readers["scorecard"], lambda reader: _scorecard(reader, known, kpis)),
        performance=_performance(readers, known, kpis, goals, org_units, chosen.calendar),
        documents=_documents(readers),
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
    restricted = _restricted(documents, known, project, found)
    return Resolution(project=project, restricted=restricted, diagnostics=in_order(found))


def _performance(
    readers: Mapping[str, Mapping[str, Reader]],
    known: Known,
    kpis: Mapping[str, Kpi],
    goals: Mapping[str, Goal],
    org_units: Mapping[str, OrgUnit],
    calendar: Calendar,
) -> Performance:
    """Return what is declared beside KPIs and goals, in the open repository or in the restricted folder."""
    programs = _each(readers["recognition_program"], lambda reader: resolve_program(reader, known))
    return Performance(
        check_ins=_each(readers["check_in"], lambda reader: resolve_check_in(reader, goals, known)),
        templates=_each(readers["review_template"], resolve_template),
        cycles=_each(readers["review_cycle"], lambda reader: resolve_cycle(reader, org_units, known)),
        series=_each(readers["one_on_one_series"], lambda reader: resolve_series(reader, known)),
        plans=_each(
            readers["improvement_plan"], lambda reader: resolve_plan(reader, kpis, goals, known, calendar)
        ),
        rounds=_each(readers["feedback_round"], lambda reader: resolve_round(reader, known)),
        programs=programs,
        recognitions=_each(
            readers["recognition"], lambda reader: resolve_recognition(reader, programs, known)
        ),
    )


def _restricted(documents: Documents, known: Known, project: Project, found: list[Diagnostic]) -> Restricted:
    """Return what belongs to persons: it names what the project declares, and never the other way round."""
    if not documents.restricted:
        return Restricted()
    readers = _by_kind(documents.restricted, found, restricted=True)
    for kind in set(KINDS) - set(RESTRICTED):
        for reader in readers[kind].values():
            reader.report(
                "not-of-a-person",
                f"What stands in the restricted folder belongs to a person, and a {kind} does not.",
                ("kind",),
                f"There stand {one_of(RESTRICTED)}.",
            )
    wider = known.with_names({kind: readers[kind] for kind in RESTRICTED})
    calendar = project.settings.calendar
    goals = _each(readers["goal"], lambda reader: _of_person(reader, project.kpis, wider, calendar))
    _report_parent_cycles(
        readers["goal"],
        {goal.name: tuple(name for name, _ in goal.parents if name in goals) for goal in goals.values()},
        "goal-cycle",
        "leads up to itself",
    )
    return Restricted(
        persons=_each(readers["person"], lambda reader: resolve_person(reader, wider)),
        goals=goals,
        performance=_performance(
            {kind: readers[kind] if kind in RESTRICTED else {} for kind in KINDS},
            wider,
            project.kpis,
            {**project.goals, **goals},
            project.org_units,
            calendar,
        ),
        documents=_documents(readers),
    )


def _of_person(reader: Reader, kpis: Mapping[str, Kpi], known: Known, calendar: Calendar) -> Goal | None:
    if not reader.has("person"):
        reader.report(
            "not-of-a-person",
            "A goal in the restricted folder is one of a person.",
            ("name",),
            "Say `person`, or move it to the open repository.",
        )
        return None
    return resolve_goal(reader, kpis, known, calendar)


def _documents(readers: Mapping[str, Mapping[str, Reader]]) -> dict[tuple[str, str], Document]:
    return {(kind, name): reader.document for kind in KINDS for name, reader in readers[kind].items()}


def _by_kind(
    items: tuple[Document, ...], found: list[Diagnostic], *, restricted: bool = False
) -> dict[str, dict[str, Reader]]:
    readers: dict[str, dict[str, Reader]] = {kind: {} for kind in KINDS}
    for document in items:
        kind, name = document.data.get("kind"), document.data.get("name")
        if isinstance(kind, str) and kind in readers and isinstance(name, str):
            readers[kind].setdefault(name, Reader(document, found, restricted=restricted))
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
    known.check(reader, "org_unit", "visibility")
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
        visibility=reader.texts("visibility"),
        place=reader.place,
    )


def _report_parent_cycles(
    readers: Mapping[str, Reader], parents: Mapping[str, tuple[str, ...]], code: str, verb: str
) -> None:
    """Report each circle of parents once, at the first of its members by name, and what is too deep."""
    for way in circles(parents):
        readers[way[0]].report(
            code,
            f"`{way[0]}` {verb}: {circle(way)}.",
            ("parent",),
            "One of them must stand at the top, without a parent in the circle.",
        )
    for name in beyond(parents, MAX_LEVELS):
        readers[name].report(
            "tree-too-deep",
            f"`{name}` stands more than {MAX_LEVELS} levels below the top.",
            ("parent",),
            "Let it lead to one further up.",
        )
