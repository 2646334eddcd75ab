"""Snowflake as fakesnow has it: its SQL is rewritten for DuckDB, and DuckDB computes.

Of the rewriting one step is left out: it casts whatever is summed to a double, for the sake of texts that are summed.
Snowflake sums a NUMBER as a NUMBER, and no text is ever summed here.
"""

from collections.abc import Sequence
from typing import Any

import fakesnow.transforms
import snowflake.connector
from emulators.wire import serve

COLUMNS = """
SELECT column_name, CASE WHEN data_type = 'NUMBER' AND numeric_scale = 0 THEN 'INTEGER' ELSE data_type END
FROM information_schema.columns
WHERE table_name = %s AND table_schema = CURRENT_SCHEMA()
ORDER BY ordinal_position
"""


class FakeSnow:
    """A warehouse in memory."""

    def __init__(self) -> None:
        self._connection = snowflake.connector.connect(database="EMULATED", schema="PUBLIC")

    def load(self, name: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]]) -> None:
        self.drop(name)
        typed = ", ".join(f"{quoted(column)} {kind}" for column, kind in columns)
        self._asked(f"CREATE TABLE {quoted(name)} ({typed})")
        if rows:
            row = f"({', '.join(['%s'] * len(columns))})"
            cells = [cell for cells in rows for cell in cells]
            self._asked(f"INSERT INTO {quoted(name)} VALUES {', '.join([row] * len(rows))}", cells)

    def columns(self, name: str) -> list[tuple[str, str]] | None:
        return self._asked(COLUMNS, [name]) or None

    def select(self, sql: str) -> list[tuple[Any, ...]]:
        return self._asked(sql)

    def drop(self, name: str) -> None:
        self._asked(f"DROP TABLE IF EXISTS {quoted(name)}")

    def _asked(self, sql: str, cells: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.execute(sql, cells)
            return cursor.fetchall()


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


if __name__ == "__main__":
    fakesnow.transforms.numeric_agg_implicit_cast = lambda expression: expression
    with fakesnow.patch():
        serve(FakeSnow)
