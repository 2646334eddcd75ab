"""Observations as a Parquet file."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

import duckdb

from kpiascode.model.exact import EXACT
from kpiascode.model.observation import Observation
from kpiascode.run.engine import EngineError
from kpiascode.run.sql_types import quoted_name, quoted_text

WIDTH: Final = 38
SCALE: Final = 12
"""Digits and decimals of the value column; what has more decimals is rounded half to even there."""


class NoRoom(Exception):
    """A value that has more digits than the column of the file can hold."""


def write_parquet(observations: Sequence[Observation], file: Path) -> None:
    """Write one row an observation: kpi, grain, period, from, to, one column a dimension, value, complete.

    Raises:
        NoRoom: when a value is too large for the column.
        OSError: when the file cannot be opened.
        EngineError: when it cannot be written.
    """
    dimensions = tuple(dict.fromkeys(name for o in observations for name, _ in o.slice))
    columns = [
        "kpi VARCHAR",
        "grain VARCHAR",
        "period VARCHAR",
        '"from" DATE',
        '"to" DATE',
        *(f"{quoted_name(name)} VARCHAR" for name in dimensions),
        f"value DECIMAL({WIDTH}, {SCALE})",
        "complete BOOLEAN",
    ]
    rows = [
        (
            o.kpi,
            o.period.grain.value,
            o.period.name,
            o.period.start,
            o.period.end,
            *(dict(o.slice).get(name) for name in dimensions),
            None if o.value is None else _fitted(o.value, o.kpi),
            o.complete,
        )
        for o in observations
    ]
    file.open("wb").close()  # so that the system says what is wrong with the place
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"CREATE TABLE answer ({', '.join(columns)})")
        if rows:
            places = ", ".join("?" for _ in columns)
            connection.executemany(f"INSERT INTO answer VALUES ({places})", rows)
        try:
            connection.execute(f"COPY answer TO {quoted_text(str(file))} (FORMAT parquet)")
        except duckdb.IOException as error:
            raise EngineError("duckdb", f"cannot write {file}; the disk may be full", str(error)) from error


def _fitted(value: Decimal, kpi: str) -> Decimal:
    rounded = value.quantize(Decimal(1).scaleb(-SCALE), context=EXACT)
    if abs(rounded) >= Decimal(10) ** (WIDTH - SCALE):
        raise NoRoom(f"A value of `{kpi}` has more than {WIDTH - SCALE} digits before the point.")
    return rounded
