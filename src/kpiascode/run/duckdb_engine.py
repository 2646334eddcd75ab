"""Embedded DuckDB: files are opened, then every door is closed, then only our own SELECTs run."""

import tempfile
import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from pathlib import Path
from typing import Any, Final, TypeAlias

import duckdb

from kpiascode.model.catalog import Catalog, Table
from kpiascode.model.project import Dataset
from kpiascode.run.csv_files import load_csv, malformed
from kpiascode.run.csv_header import broken_file
from kpiascode.run.engine import EngineError
from kpiascode.run.paths import data_file
from kpiascode.run.sql_types import is_unusable, quoted_name, quoted_text, type_of

ATTACHED: Final = "source"
NOTHING: Final = '"NULL"'
"""DuckDB's type of a column without any value, which fits everywhere."""

"""The name under which an existing database is attached: never as the main one, whose macros could take the
place of `sum`."""

_Settings: TypeAlias = "dict[str, str | int | float | list[str]]"

_CLOSED: Final[_Settings] = {
    "allow_community_extensions": False,
    "allow_persistent_secrets": False,
    "allow_unsigned_extensions": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
}

GUARDED: Final[_Settings] = {
    **_CLOSED,
    "max_temp_directory_size": "0B",
    "memory_limit": "512MB",
    "threads": 1,
}
"""The same for what strangers may have written: nothing is spilled to a disk."""

_REASONS: Final[Mapping[type[duckdb.Error], str]] = {
    duckdb.OutOfMemoryException: "there is not enough memory; --memory-limit sets how much it may take",
    duckdb.PermissionException: "it asks for a file, and only the declared ones are read",
    duckdb.CatalogException: "a table or function is missing",
    duckdb.OutOfRangeException: "a number has more digits than it counts with",
    duckdb.ConversionException: "a value does not have the type that it is cast to",
}


class EmbeddedDuckDB:
    """DuckDB in this process, over the declared files and perhaps one database file, read-only."""

    dialect = "duckdb"

    def __init__(
        self,
        datasets: Iterable[Dataset],
        *,
        project: Path,
        data_roots: Sequence[str],
        database: Path | None = None,
        timeout_seconds: float | None = None,
        memory_limit: str | None = None,
        guarded: bool = False,
    ) -> None:
        """Open the engine and read the files.

        Args:
            guarded: Whether it may take little memory and nothing of a disk.

        Raises:
            RefusedPath: for a file that may not be read.
            BrokenFile: for a file that does not hold what it should.
            EngineError: when DuckDB cannot open the database.
        """
        self._timeout = None if timeout_seconds is None else min(timeout_seconds, threading.TIMEOUT_MAX)
        self._spilled = (
            None if guarded else tempfile.TemporaryDirectory(prefix="kpiascode-", ignore_cleanup_errors=True)
        )
        self._connection = duckdb.connect(":memory:", config=dict(GUARDED if guarded else _CLOSED))
        self._tables: dict[str, tuple[str, ...]] = {}
        try:
            self._connection.execute("SET TimeZone = 'UTC'")
            self._connection.execute("SET enable_progress_bar = false")
            if self._spilled is not None:
                self._connection.execute(f"SET temp_directory = {quoted_text(self._spilled.name)}")
            if memory_limit is not None:
                self._connection.execute(f"SET memory_limit = {quoted_text(memory_limit)}")
            if database is not None:
                self._attach(database)
            files = [dataset for dataset in datasets if dataset.is_file]
            found = {d.name: data_file(d, project, data_roots) for d in files}
            parquet = [str(file) for file in found.values() if file.suffix.lower() == ".parquet"]
            if parquet:
                listed = ", ".join(quoted_text(path) for path in sorted(set(parquet)))
                self._connection.execute(f"SET allowed_paths = [{listed}]")
            for dataset in files:
                self._read(dataset, found[dataset.name])
            self._connection.execute("SET enable_external_access = false")
            self._connection.execute("SET lock_configuration = true")
        except duckdb.Error as error:
            self._connection.close()
            raise EngineError("duckdb", "cannot be set up as asked", str(error)) from error
        except BaseException:
            self.close()
            raise

    def _attach(self, database: Path) -> None:
        try:
            self._connection.execute(f"ATTACH {quoted_text(str(database))} AS {ATTACHED} (READ_ONLY)")
        except duckdb.Error as error:
            raise _failed(f"cannot open the database {database.name}", error) from error

    def _read(self, dataset: Dataset, file: Path) -> None:
        self._tables[dataset.name] = (dataset.name,)
        try:
            if file.suffix.lower() == ".parquet":
                self._view_parquet(dataset, file)
            else:
                load_csv(self._connection, dataset, file)
        except duckdb.Error as error:
            broken = malformed(dataset, error) if isinstance(error, duckdb.InvalidInputException) else None
            if broken is None:
                raise _failed(f"cannot read the file of dataset `{dataset.name}`", error) from error
            raise broken from None

    def _view_parquet(self, dataset: Dataset, file: Path) -> None:
        """Look at a Parquet file where it lies; small integers are widened, so that products fit."""
        source = f"read_parquet({quoted_text(str(file))}, hive_partitioning=false)"
        try:
            columns = self._connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
        except duckdb.InvalidInputException:
            raise broken_file(dataset, "malformed-parquet", "is no Parquet file.", 1) from None
        selected = ", ".join(
            f"CAST({quoted_name(name)} AS BIGINT) AS {quoted_name(name)}"
            if kind in ("TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT", "UINTEGER")
            else quoted_name(name)
            for name, kind, *_ in columns
        )
        self._connection.execute(
            f"CREATE VIEW {quoted_name(dataset.name)} AS SELECT {selected} FROM {source}"
        )

    def catalog(self, datasets: Iterable[Dataset]) -> Catalog:
        tables = {}
        for dataset in datasets:
            name = self._tables.get(dataset.name) or self._attached_name(dataset)
            if name is not None:
                tables[dataset.name] = self._table(name)
        return Catalog(tables)

    def _attached_name(self, dataset: Dataset) -> tuple[str, ...] | None:
        """Return the qualified name of a table of the attached database, matched without case."""
        if dataset.is_file:
            return None
        parts = dataset.source.split(".")
        if len(parts) > 2:
            return None  # there is no other database
        schema = parts[-2] if len(parts) > 1 else "main"
        rows = self._connection.execute(
            "SELECT schema_name, table_name FROM (SELECT database_name, schema_name, table_name FROM "
            "duckdb_tables() UNION ALL SELECT database_name, schema_name, view_name FROM duckdb_views()) "
            "WHERE database_name = ? AND lower(schema_name) = lower(?) AND lower(table_name) = lower(?)",
            [ATTACHED, schema, parts[-1]],
        ).fetchall()
        return None if not rows else (ATTACHED, rows[0][0], rows[0][1])

    def _table(self, name: tuple[str, ...]) -> Table:
        qualified = ".".join(quoted_name(part) for part in name)
        try:
            described = self._connection.execute(f"DESCRIBE SELECT * FROM {qualified}").fetchall()
        except duckdb.Error as error:
            raise _failed(f"cannot look at `{name[-1]}`", error) from error
        return Table(
            name=name,
            columns={column: type_of(kind) for column, kind, *_ in described},
            unusable={column: kind for column, kind, *_ in described if is_unusable(kind)},
        )

    def contents(self, dataset: Dataset) -> tuple[Sequence[tuple[str, str]], Sequence[tuple[Any, ...]]]:
        """Return the columns of a file, with their types in DuckDB's words, and all of its rows.

        A column without any value is of type `NOTHING`.
        """
        table = ".".join(quoted_name(part) for part in self._tables[dataset.name])
        described = self._connection.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()
        columns = [(name, kind) for name, kind, *_ in described]
        instants = [kind == "TIMESTAMP WITH TIME ZONE" for _, kind in columns]
        selected = ", ".join(  # an instant as such needs a library that is not ours
            f"{quoted_name(name)} AT TIME ZONE 'UTC'" if is_instant else quoted_name(name)
            for (name, _), is_instant in zip(columns, instants, strict=True)
        )
        rows = self._connection.execute(f"SELECT {selected} FROM {table}").fetchall()
        return columns, [tuple(map(_with_zone, row, instants)) for row in rows] if any(instants) else rows

    def select(self, sql: str) -> Sequence[tuple[Any, ...]]:
        statement = one_select(self._connection, sql)
        with ThreadPoolExecutor(max_workers=1) as beside:  # so that Ctrl-C and the timeout reach a long query
            answer = beside.submit(lambda: self._connection.execute(statement).fetchall())
            try:
                return answer.result(self._timeout)
            except TimeoutError as error:
                self._connection.interrupt()
                stopped = f"the query took longer than {self._timeout:g} s and was stopped"
                raise EngineError("duckdb", stopped, "") from error
            except KeyboardInterrupt:
                self._connection.interrupt()
                raise
            except duckdb.Error as error:
                raise _failed("the query failed", error) from error

    def estimate(self, sql: str) -> int | None:
        """Return None: it does not tell."""
        return None

    def close(self) -> None:
        self._connection.close()
        if self._spilled is not None:
            self._spilled.cleanup()


def _with_zone(cell: Any, is_instant: bool) -> Any:
    return cell.replace(tzinfo=UTC) if is_instant and cell is not None else cell


def one_select(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    """Return the statement of a question: there is one, and it is a SELECT."""
    statements = connection.extract_statements(sql)
    assert len(statements) == 1, "one question is one statement"
    assert statements[0].type == duckdb.StatementType.SELECT, "only SELECTs are run"
    return statements[0]


def _failed(what: str, error: duckdb.Error) -> EngineError:
    """Return what failed and why, without the engine's own text, which may hold the content of cells."""
    why = next((reason for kind, reason in _REASONS.items() if isinstance(error, kind)), None)
    return EngineError(
        "duckdb", f"{what} ({why or type(error).__name__.removesuffix('Exception')})", str(error)
    )
