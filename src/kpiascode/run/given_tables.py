"""Tables of given rows on embedded DuckDB: no file is opened, and cells are bound, never written into SQL."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import duckdb

from kpiascode.run.duckdb_engine import GUARDED, one_select
from kpiascode.run.jobs import Answer, Failure, Job, Table
from kpiascode.run.sql_types import quoted_name

MAX_BOUND: Final = 5_000
"""Cells in one statement."""

_FAILURES: Final[Mapping[type[duckdb.Error], Failure]] = {
    duckdb.OutOfMemoryException: Failure.MEMORY,
    duckdb.InterruptException: Failure.TIME,
    duckdb.PermissionException: Failure.DOOR,
    duckdb.CatalogException: Failure.MISSING,
    duckdb.OutOfRangeException: Failure.DIGITS,
    duckdb.ConversionException: Failure.CAST,
}


class GivenTables:
    """The engine over tables that are filled anew for each job."""

    def __init__(self) -> None:
        self._connection = duckdb.connect(":memory:", config=dict(GUARDED))
        self._columns_of: dict[str, tuple[str, ...]] = {}
        self._filled: set[str] = set()
        for setting in (
            "TimeZone = 'UTC'",
            "enable_progress_bar = false",
            "enable_external_access = false",
            "lock_configuration = true",
        ):
            self._connection.execute(f"SET {setting}")

    def answer(self, job: Job) -> Answer:
        """Return the rows of each query, or why there are none."""
        try:
            for dataset, columns in job.columns.items():
                self._declare(dataset, columns)
            self._fill(job.rows)
            return tuple(self._select(sql) for sql in job.queries)
        except duckdb.Error as error:
            return next((why for kind, why in _FAILURES.items() if isinstance(error, kind)), Failure.OTHER)

    def interrupt(self) -> None:
        """Let the query that is running end; from another thread."""
        self._connection.interrupt()

    def close(self) -> None:
        self._connection.close()

    def _declare(self, dataset: str, columns: Mapping[str, str]) -> None:
        """Make the table of a dataset, unless there is one. No two columns are alike but for case."""
        if dataset in self._columns_of:
            return
        made = columns or {"nothing": "INTEGER"}
        typed = ", ".join(f"{quoted_name(name)} {kind}" for name, kind in made.items())
        self._connection.execute(f"CREATE TABLE {quoted_name(dataset)} ({typed})")
        self._columns_of[dataset] = tuple(made)

    def _fill(self, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """Replace what the tables hold. Tables that are not named are empty; cells that are not are null."""
        for dataset in self._filled:
            self._connection.execute(f"DELETE FROM {quoted_name(dataset)}")
        self._filled = {dataset for dataset, given in rows.items() if given}
        for dataset in self._filled:
            self._insert(dataset, rows[dataset])

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

    def _select(self, sql: str) -> Table:
        return self._connection.execute(one_select(self._connection, sql)).fetchall()
