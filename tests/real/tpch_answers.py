"""The rows of a published query as what the KPIs that restate it are to answer."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import product
from typing import Any

import duckdb

from .agreement import Expected, Value
from .tpch_queries import Restated


def published(query: Restated, connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return the rows of the published query."""
    found = connection.execute(query.sql)
    columns = [column[0] for column in found.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def restated(query: Restated, rows: Sequence[Mapping[str, Any]]) -> Expected:
    """Return rows of the query as values by KPI, period and slice."""
    return {
        (kpi, "all" if query.year is None else str(row[query.year]), tuple(row[c] for c in query.by)): value(
            row[column], percent=column in query.percent
        )
        for row in rows
        for column, kpi in query.kpis.items()
    }


def completed(found: Expected) -> Expected:
    """Return the answers with null wherever a slice of one year has no row in another, as sums over no rows are."""
    kpis, periods, slices = {key[0] for key in found}, {key[1] for key in found}, {key[2] for key in found}
    nothing: Expected = dict.fromkeys(product(kpis, periods, slices))
    return nothing | found


def value(cell: object, *, percent: bool = False) -> Value:
    if isinstance(cell, float):
        return cell / 100 if percent else cell
    assert cell is None or isinstance(cell, int | Decimal), cell
    assert not percent, f"{cell} is exact, and a hundredth of it would not be"
    return None if cell is None else Decimal(cell)
