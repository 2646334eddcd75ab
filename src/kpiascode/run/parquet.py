"""Observations as a Parquet file."""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Final

import duckdb

from kpiascode.model.observation import Observation
from kpiascode.run.csv_files import quoted_name, quoted_text

SCALE: Final = 12
"""Decimals of the value column, DECIMAL(38, 12); doubles are rounded half to even there."""


def write_parquet(observations: Sequence[Observation], file: Path) -> None:
    """Write one row an observation: kpi, grain, period, from, to, one column a dimension, value, complete."""
    dimensions = tuple(dict.fromkeys(name for o in observations for name, _ in o.slice))
    columns = [
        "kpi VARCHAR",
        "grain VARCHAR",
        "period VARCHAR",
        '"from" DATE',
        '"to" DATE',
        *(f"{quoted_name(name)} VARCHAR" for name in dimensions),
        f"value DECIMAL(38, {SCALE})",
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
            None if o.value is None else o.value.quantize(Decimal(1).scaleb(-SCALE), ROUND_HALF_EVEN),
            o.complete,
        )
        for o in observations
    ]
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"CREATE TABLE answer ({', '.join(columns)})")
        if rows:
            places = ", ".join("?" for _ in columns)
            connection.executemany(f"INSERT INTO answer VALUES ({places})", rows)
        connection.execute(f"COPY answer TO {quoted_text(str(file))} (FORMAT parquet)")
