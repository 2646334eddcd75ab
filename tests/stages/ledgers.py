"""Publications and ledgers for tests, each with what a test wants different."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from kpiascode.model.ledger import Publication, PublishedValue, Told
from kpiascode.pipeline.ledger import Audit, audited
from kpiascode.record import Store, segment_of
from kpiascode.record.segments import with_hash

NEW_YEAR = datetime(2026, 1, 2, 8, 30, tzinfo=UTC)
DEFINITION = "d" * 64


def value(number: str | None = "14.5", period: str = "2025-12", **changes: Any) -> PublishedValue:
    """Net sales of a month, in euros."""
    year, month = int(period[:4]), int(period[5:])
    plain = PublishedValue(
        kpi="net_sales",
        grain="month",
        period=period,
        start=date(year, month, 1),
        end=date(year + month // 12, month % 12 + 1, 1),
        slice=(),
        value=None if number is None else Decimal(number),
        unit="EUR",
        definition=DEFINITION,
        watermark=datetime(2025, 12, 31, 23, 5),
        status=None,
        hash="",
    )
    return with_hash(replace(plain, **changes))


def restated(before: PublishedValue, number: str, **changes: Any) -> PublishedValue:
    told = {"restates": before.hash, "reason": "A late invoice", "author": "Ann"} | changes
    return value(number, before.period, **told)


def publication(*values: PublishedValue, **changes: Any) -> Publication:
    """A publication on the site, on the second of January, with the hash that it gets."""
    names = {one.kpi for one in values} | {"net_sales"}
    plain = Publication(
        hash="",
        at=NEW_YEAR,
        as_of=datetime(2026, 1, 1),
        commit="0123abc",
        scorecard=None,
        channel="site",
        audiences=("company",),
        recipients=None,
        delivered=None,
        acknowledged=None,
        artefact=None,
        note="",
        parents=(),
        kpis=tuple(Told(kpi=n, formula=DEFINITION, targets="e" * 64, owner="finance") for n in sorted(names)),
        values=values,
    )
    return segment_of(replace(plain, **changes)).publication


def after(*parents: Publication, values: Iterable[PublishedValue] = (), **changes: Any) -> Publication:
    """A publication that knew others."""
    return publication(*values, parents=tuple(sorted(one.hash for one in parents)), **changes)


def write(folder: Path, *publications: Publication) -> Mapping[str, Path]:
    """Write publications as they are kept; return their files by hash."""
    files = {}
    for one in publications:
        segment = segment_of(one)
        file = folder / segment.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(segment.data)
        files[one.hash] = file
    return files


def audit(folder: Path) -> Audit:
    return audited(Store(folder=folder, told_as="ledger"))


def messages(folder: Path) -> list[str]:
    return [finding.message for finding in audit(folder).findings]
