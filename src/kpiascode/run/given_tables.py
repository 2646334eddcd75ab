"""Tables of given rows on embedded DuckDB: no file is opened, and cells are bound, never written into SQL."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import duckdb

from kpiascode.run.csv_files import quoted_name
from kpiascode.run.duckdb_engine import EmbeddedDuckDB
from kpiascode.run.engine import EngineError

MEMORY_LIMIT: Final = "512MB"
MAX_BOUND: Final = 5_000
"""Cells in one statement."""


class GivenTables(EmbeddedDuckDB):
    """The engine over tables that are filled anew for each example."""

    def __init__(self, *, timeout_seconds: float) -> None:
        super().__init__(
            (), project=Path(), data_roots=(), timeout_seconds=timeout_seconds, memory_limit=MEMORY_LIMIT
        )
        self._columns_of: dict[str, tuple[str, ...]] = {}
        self._filled: set[str] = set()

    def declare(self, dataset: str, columns: Mapping[str, str]) -> None:
        """Make the table of a dataset, unless there is one.

        Args:
            columns: With their types in DuckDB's words; no two names are alike but for case.

        Raises:
            EngineError: when the engine cannot make it.
        """
        if dataset in self._columns_of:
            return
        made = columns or {"nothing": "INTEGER"}
        typed = ", ".join(f"{quoted_name(name)} {kind}" for name, kind in made.items())
        try:
            self._connection.execute(f"CREATE TABLE {quoted_name(dataset)} ({typed})")
        except duckdb.Error as error:
            raise EngineError("duckdb", f"no table can be made for `{dataset}`", str(error)) from error
        self._columns_of[dataset] = tuple(made)

    def fill(self, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """Replace what the tables hold. Tables that are not named are empty; cells that are not are null.

        Raises:
            EngineError: when there is not enough memory, or a cell does not fit after all.
        """
        try:
            for dataset in self._filled:
                self._connection.execute(f"DELETE FROM {quoted_name(dataset)}")
            self._filled = {dataset for dataset, given in rows.items() if given}
            for dataset in self._filled:
                self._insert(dataset, rows[dataset])
        except duckdb.Error as error:
            raise EngineError("duckdb", "the given rows cannot be stored", str(error)) from error

    def _insert(self, dataset: str, rows: Sequence[Mapping[str, Any]]) -> None:
        columns = self._columns_of[dataset]
        named = [name for name in columns if any(name in row for row in rows)] or [columns[0]]
        listed = ", ".join(quoted_name(name) for name in named)
        step = max(1, MAX_BOUND // len(named))
        for first in range(0, len(rows), step):
            some = rows[first : first + step]
            marks = ", ".join([f"({', '.join('?' * len(named))})"] * len(some))
            cells = [row.get(name) for row in some for name in named]
            self._connection.execute(f"INSERT INTO {quoted_name(dataset)} ({listed}) VALUES {marks}", cells)
