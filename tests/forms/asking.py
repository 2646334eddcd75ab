"""What a KPI is, by period and slice, from YAML and rows: the whole way through on DuckDB."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from kpiascode import resolve
from projects import Warehouse, documents, planned, question, sound

Tables = Mapping[str, tuple[str, Sequence[tuple[Any, ...]]]]


def answer(
    texts: Sequence[str],
    tables: Tables,
    kpis: Iterable[str],
    start: str,
    end: str,
    *,
    grain: str = "month",
    as_of: str | None = None,
    by: Iterable[str] = (),
    where: str | None = None,
    calendar: str = "{}",
) -> dict[tuple[str, ...], Decimal | None]:
    """Return values by KPI, period and slice; days are written as ISO dates."""
    with Warehouse(tables) as warehouse:
        project = sound(resolve.resolve(documents(*texts, calendar=calendar), warehouse.catalog))
        asked = question(
            project,
            kpis,
            date.fromisoformat(start),
            date.fromisoformat(end),
            grain=grain,
            as_of=None if as_of is None else datetime.fromisoformat(as_of),
            by=by,
            where=where,
        )
        found = warehouse.observe(planned(project, asked, warehouse.catalog))
    return {(o.kpi, o.period.name, *(str(value) for _, value in o.slice)): rounded(o.value) for o in found}


def series(found: Mapping[tuple[str, ...], Decimal | None], *key: str) -> list[Decimal | None]:
    """Return the values of one KPI (and slice) over the periods."""
    name, *slice_ = key
    return [value for (kpi, _, *own), value in found.items() if kpi == name and own == slice_]


def rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else Decimal(format(value.quantize(Decimal("0.000001")).normalize(), "f"))


def numbers(*values: float | str | None) -> list[Decimal | None]:
    return [None if value is None else Decimal(str(value)) for value in values]
