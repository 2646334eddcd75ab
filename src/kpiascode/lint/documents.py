"""Where things stand in the documents that a project was made of."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from kpiascode.model.document import Document, Plain, Where
from kpiascode.model.expression import Expression, KpiValue, walk
from kpiascode.model.place import Place
from kpiascode.model.project import Kpi, Project


def place_of(project: Project, kpi: Kpi, *where: str | int) -> Place:
    """Return the place of the value at `where` of a KPI."""
    return project.documents["kpi", kpi.name].place(where)


def place_in(project: Project, kpi: Kpi, key: Literal["expression", "where"], node: Expression) -> Place:
    """Return the place of a node of one of the KPI's expressions."""
    return project.documents["kpi", kpi.name].place_in_text((key,), *node.at)


def place_of_dimension(project: Project, kpi: Kpi, position: int) -> Place:
    """Return the place of the dimension's path, or of its name where that is the path."""
    document = project.documents["kpi", kpi.name]
    where: Where = ("dimensions", position)
    named = document.data_at((*where, kpi.dimensions[position].name))
    return document.place(where if named is None else (*where, kpi.dimensions[position].name))


def positions(document: Document, *where: str | int) -> range:
    """Return the positions of the list at `where`; none where no list is."""
    found = document.data_at(where)
    return range(len(found)) if isinstance(found, list) else range(0)


def target_values(document: Document, result: int) -> Iterator[Where]:
    """Yield where the targets of one result of a goal stand, in the order of the file."""
    where: Where = ("results", result)
    if document.data_at((*where, "target")) is not None:
        yield (*where, "target")
    for position in positions(document, *where, "targets"):
        yield (*where, "targets", position, "value")


def numbers(document: Document, where: Where) -> Iterator[tuple[Where, Decimal]]:
    """Yield the number at `where`, or the two ends of the band there."""
    for at in (where, (*where, "min"), (*where, "max")):
        found = document.data_at(at)
        if isinstance(found, int | Decimal) and not isinstance(found, bool):
            yield at, Decimal(found)


def texts_of(document: Document) -> Iterator[tuple[Where, str]]:
    """Yield every text of a document, with the way to it."""
    return _texts(document.data, ())


def _texts(value: Plain, where: Where) -> Iterator[tuple[Where, str]]:
    match value:
        case str():
            yield where, value
        case dict():
            for key, inner in value.items():
                yield from _texts(inner, (*where, key))
        case list():
            for position, inner in enumerate(value):
                yield from _texts(inner, (*where, position))
        case _:
            pass


# --- who uses which KPI


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A place where a definition (`kind`, `name`) names a KPI; `role` says as what."""

    kpi: str
    kind: str
    name: str
    role: Literal["reference", "counter KPI", "result", "target", "entry"]
    place: Place


def uses(project: Project, *kinds: Literal["kpi", "goal", "scorecard"]) -> Iterator[Use]:
    """Yield every use of a KPI by a KPI, a goal or a scorecard, in the order of their names.

    Goals and scorecards with findings of their own are read too; a broken KPI's expression cannot be.

    Args:
        kinds: Of what the uses are wanted; without any, of all.
    """
    for (kind, name), document in project.documents.items():
        if kinds and kind not in kinds:
            continue
        match kind:
            case "kpi":
                yield from _by_kpi(project, name, document)
            case "goal":
                for result in positions(document, "results"):
                    yield from _named(document, kind, name, "result", ("results", result, "kpi"))
                    for where in target_values(document, result):
                        yield from _named(document, kind, name, "target", (*where, "kpi"))
            case "scorecard":
                for section in positions(document, "sections"):
                    for entry in positions(document, "sections", section, "kpis"):
                        where = ("sections", section, "kpis", entry)
                        yield from _named(document, kind, name, "entry", where)


def _by_kpi(project: Project, name: str, document: Document) -> Iterator[Use]:
    kpi = project.kpis.get(name)
    for node in walk(kpi.expression) if kpi is not None else ():
        if isinstance(node, KpiValue):
            place = document.place_in_text(("expression",), *node.at)
            yield Use(kpi=node.kpi, kind="kpi", name=name, role="reference", place=place)
    for position in positions(document, "counter_kpis"):
        yield from _named(document, "kpi", name, "counter KPI", ("counter_kpis", position))


def _named(
    document: Document,
    kind: str,
    name: str,
    role: Literal["counter KPI", "result", "target", "entry"],
    where: Where,
) -> Iterator[Use]:
    kpi = document.data_at(where)
    if isinstance(kpi, str):
        yield Use(kpi=kpi, kind=kind, name=name, role=role, place=document.place(where))
