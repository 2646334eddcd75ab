"""Rows put into a table many at once, for drivers whose `executemany` asks the server once for each."""

from collections.abc import Sequence
from contextlib import closing
from typing import Any

from kpiascode.run.engines.dbapi import Row


def insert_values(
    cursor: Any, table: str, rows: Sequence[Row], *, width: int, mark: str, at_once: int
) -> None:
    """Insert rows, and close the cursor.

    Args:
        width: How many columns there are.
        mark: Where a value is bound.
        at_once: How many values a statement may bind.
    """
    batch = max(1, at_once // width)
    one = f"({', '.join([mark] * width)})"
    with closing(cursor):
        for start in range(0, len(rows), batch):
            part = rows[start : start + batch]
            values = [cell for row in part for cell in row]
            cursor.execute(f"INSERT INTO {table} VALUES {', '.join([one] * len(part))}", values)
