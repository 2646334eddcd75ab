"""Findings about data: what the rows are like, held against what the definition claims of them."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time
from decimal import ROUND_DOWN, Decimal
from typing import Final

from kpiascode.model.diagnostic import Diagnostic, Severity
from kpiascode.model.document import Document
from kpiascode.model.facts import Facts, Key, PartnerFacts
from kpiascode.model.observation import age
from kpiascode.model.project import Dataset, Project

TENTH: Final = Decimal("0.1")


def lint_facts(project: Project, facts: Sequence[Facts], as_of: datetime) -> Iterator[Diagnostic]:
    """Yield what is wrong with the rows of the datasets; without any row only that there is none."""
    for found in facts:
        dataset = project.datasets[found.dataset]
        document = project.documents["dataset", found.dataset]
        if not found.rows:
            yield _empty(dataset)
            continue
        yield from _keys(found, dataset, document)
        for partner in found.partners:
            yield from _partners(partner, found, dataset, document)
        yield from _times(found, document)
        yield from _freshness(found, dataset, document, as_of)


def _empty(dataset: Dataset) -> Diagnostic:
    return Diagnostic(
        code="empty-dataset",
        severity=Severity.WARNING,
        message=f"`{dataset.name}` has no row at all.",
        place=dataset.source_place,
        hint="Load it, or correct `source`.",
    )


def _keys(found: Facts, dataset: Dataset, document: Document) -> Iterator[Diagnostic]:
    place, names = document.place(("primary_key",)), ", ".join(dataset.primary_key)
    if found.keys is not None and found.keys.repeated:
        count = found.keys.repeated
        yield Diagnostic(
            code="key-not-unique",
            message=f"{count:,} {_agree(count, 'key', 'keys')} of `{dataset.name}` ({names}) "
            f"{_agree(count, 'stands', 'stand')} more than once{_such_as(found.keys.examples, count)}.",
            place=place,
            hint="Remove the duplicates, or extend the primary key.",
        )
    if found.keys is not None and found.keys.null:
        yield Diagnostic(
            code="null-key",
            severity=Severity.WARNING,
            message=f"{_rows(found.keys.null, found)} {_have(found.keys.null)} no value in the primary key "
            f"({names}), so nothing leads there.",
            place=place,
            hint="Complete the data, or leave such rows out.",
        )
    if found.overlaps:
        yield Diagnostic(
            code="validity-overlaps",
            message=f"{found.overlaps:,} {_agree(found.overlaps, 'time', 'times')} two rows of "
            f"`{dataset.name}` with the same key hold at once, so a row would find two partners.",
            place=place,
            hint="Let each row end where the next of its key begins.",
        )


def _partners(
    partner: PartnerFacts, found: Facts, dataset: Dataset, document: Document
) -> Iterator[Diagnostic]:
    relationship = dataset.relationships[partner.relationship]
    place = document.place_of_key(("relationships", partner.relationship))
    alone = partner.lost + partner.keyless
    if relationship.required and alone:
        keyless = f", {partner.keyless:,} of them for want of a key" if partner.keyless else ""
        yield Diagnostic(
            code="required-partner-missing",
            message=f"{_rows(alone, found)} {_have(alone)} no partner over `{partner.relationship}`, "
            f"which is `required`{keyless}{_such_as(partner.examples, None)}.",
            place=place,
            hint=f"Complete `{relationship.to}`, or drop `required`: rows without partner then give null.",
        )
    elif partner.lost:
        yield Diagnostic(
            code="orphan-rows",
            severity=Severity.WARNING,
            message=f"{_rows(partner.lost, found)} {_have(partner.lost)} a key, but no partner over "
            f"`{partner.relationship}`{_such_as(partner.examples, None)}.",
            place=place,
            hint=f"Complete `{relationship.to}`, or correct the keys: what is reached over them is null.",
        )


def _times(found: Facts, document: Document) -> Iterator[Diagnostic]:
    if found.null_times:
        holds = document.data_at(("valid",)) is not None
        what, where = ("`from`", ("valid", "from")) if holds else ("time", ("time",))
        lost = "never holds" if holds else "is in no period"
        yield Diagnostic(
            code="null-time",
            severity=Severity.WARNING,
            message=f"{_rows(found.null_times, found)} {_have(found.null_times)} no {what} "
            f"({document.data_at(where)}): such a row {lost}.",
            place=document.place(where),
            hint="Complete the data, or leave such rows out.",
        )
    if found.empty_spans:
        yield Diagnostic(
            code="empty-span",
            severity=Severity.WARNING,
            message=f"{_rows(found.empty_spans, found)} "
            f"{_agree(found.empty_spans, 'ends no later than it begins', 'end no later than they begin')}.",
            place=document.place(("valid", "to")),
            hint="Correct the data: `to` is the first moment after, and null while a row still holds.",
        )


def _freshness(found: Facts, dataset: Dataset, document: Document, as_of: datetime) -> Iterator[Diagnostic]:
    if found.freshness is None or dataset.freshness is None:
        return
    latest = found.freshness.latest
    if latest is not None and age(latest, as_of) <= dataset.freshness:
        return
    seen = _moment(as_of)
    if latest is None:
        what = f"`{found.dataset}` has no row before {seen}"
        hint = "Load what was before, or look from a later day by `--as-of`."
    else:
        what = f"Seen from {seen}, `{found.dataset}` has its newest row on {_moment(latest)}"
        hint = "Load newer data, or promise less."
    yield Diagnostic(
        code="stale-data",
        severity=Severity.WARNING,
        message=f"{what}, and `freshness` promises {document.data_at(('freshness',))}.",
        place=document.place(("freshness",)),
        hint=hint,
    )


# --- words


def _rows(count: int, found: Facts) -> str:
    return (
        f"{count:,} of {found.rows:,} {_agree(found.rows, 'row', 'rows')} of `{found.dataset}` "
        f"({_share(count, found.rows)})"
    )


def _agree(count: int, one: str, several: str) -> str:
    return one if count == 1 else several


def _have(count: int) -> str:
    return _agree(count, "has", "have")


def _share(count: int, rows: int) -> str:
    """Return a share, cut and not rounded, so that it never reads as more than it is."""
    of_hundred = Decimal(count) * 100 / rows
    if of_hundred < TENTH:
        return "less than 0.1 %"
    unit = TENTH if of_hundred < 10 and of_hundred % 1 else Decimal(1)
    return f"{of_hundred.quantize(unit, rounding=ROUND_DOWN)} %"


def _such_as(examples: Sequence[Key], of: int | None) -> str:
    """Return keys in a row; `of` is how many there are, None where nobody has counted them."""
    if not examples:
        return ""
    *first, last = [f"`{', '.join(part or '(empty)' for part in key)}`" for key in examples]
    listed = f"{', '.join(first)} and {last}" if first else last
    return f": {listed}" if len(examples) == of else f"; keys such as {listed}"


def _moment(moment: datetime) -> str:
    return moment.date().isoformat() if moment.time() == time.min else moment.isoformat(" ", "minutes")
