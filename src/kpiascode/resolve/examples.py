"""The worked examples of a KPI, read: datasets and dimensions that exist, and periods by their names."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from kpiascode.model.diagnostic import Diagnostic, did_you_mean, one_of
from kpiascode.model.document import Plain
from kpiascode.model.example import Example, Expected, Row
from kpiascode.model.project import Kpi, Project
from kpiascode.resolve.reader import Reader

FAILS: Final = "example-fails"


def examples_of(kpi: Kpi, project: Project) -> tuple[tuple[Example, ...], tuple[Diagnostic, ...]]:
    """Return the examples of a KPI that can be read, and what is wrong with the others."""
    found: list[Diagnostic] = []
    document = project.documents["kpi", kpi.name]
    examples = []
    for position in range(kpi.examples):
        reader = Reader(document, found)
        example = Example(
            kpi=kpi.name,
            position=position,
            given=_given(reader, position, project),
            by=_by(reader, position, kpi),
            expected=tuple(_expected(reader, position, project)),
            document=document,
        )
        if not reader.broken:
            examples.append(example)
    return tuple(examples), tuple(found)


def _given(reader: Reader, position: int, project: Project) -> Mapping[str, tuple[Row, ...]]:
    given = {}
    for name in reader.names("examples", position, "given"):
        where = ("examples", position, "given", name)
        if name in project.datasets:
            rows = reader.get(*where)
            given[name] = (
                tuple(row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()
            )
        elif ("dataset", name) in project.documents:
            reader.broken = True  # the dataset has a finding of its own
        else:
            reader.report(
                "unknown-dataset",
                f"The example gives rows of `{name[:60]}`, which is not declared.",
                where,
                did_you_mean(name, project.datasets) or f"There are {one_of(project.datasets)}.",
                at_key=True,
            )
    return given


def _by(reader: Reader, position: int, kpi: Kpi) -> str | None:
    asked = reader.optional("examples", position, "by")
    if asked is None:
        return None
    names = [dimension.name for dimension in kpi.dimensions]
    if asked in names:
        return asked
    for dimension in kpi.dimensions:
        if dimension.path == asked:
            return dimension.name
    reader.report(
        "unknown-dimension",
        f"`{kpi.name}` has no dimension `{asked}`.",
        ("examples", position, "by"),
        did_you_mean(asked, names) or (f"It has {one_of(names)}." if names else "It has no dimensions."),
    )
    return asked


def _expected(reader: Reader, position: int, project: Project) -> Iterator[Expected]:
    sliced = reader.has("examples", position, "by")
    for name in reader.names("examples", position, "expect"):
        where = ("examples", position, "expect", name)
        period = project.settings.calendar.period_named(name)
        value = reader.get(*where)
        if period is None:
            reader.report(
                "invalid-date",
                f"`{name[:40]}` names no period.",
                where,
                "Write for example 2026-01, 2026-Q1, 2026-W05 or FY2026.",
                at_key=True,
            )
        elif isinstance(value, dict) and not sliced:
            reader.report(
                FAILS,
                "The example expects values of slices, and does not say of which dimension.",
                where,
                "Add `by: <dimension>` to the example.",
                at_key=True,
            )
        elif sliced and not isinstance(value, dict):
            reader.report(
                FAILS,
                "The example is `by` a dimension, and expects a value of no slice of it.",
                where,
                "Write for example {online: 0.4}, or leave `by` out.",
            )
        elif isinstance(value, dict):
            for key, expected in value.items():
                place = reader.document.place((*where, key))
                yield Expected(period=period, slice=key, value=_number(expected), place=place)
        else:
            place = reader.document.place(where)
            yield Expected(period=period, slice=None, value=_number(value), place=place)


def _number(value: Plain) -> Decimal | None:
    return Decimal(value) if isinstance(value, int | Decimal) else None
