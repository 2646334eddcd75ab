"""What engines behind a driver of DB-API 2.0 (PEP 249) share: safe sessions, timeouts, told failures."""

import re
import secrets
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeAlias
from urllib.parse import quote

from kpiascode.model.catalog import Catalog, Table, named_like
from kpiascode.model.expression import Type
from kpiascode.model.project import Dataset
from kpiascode.run.engine import EngineError, QueryTooLarge
from kpiascode.run.engines.url import Url
from kpiascode.run.sql_types import quoted_name

Row: TypeAlias = tuple[Any, ...]
BATCH: Final = 5_000
TAKEN: Final = "there is a table or a view of that name already"
STOPPED: Final = ("it was stopped", "it took longer than it may")
"""What engines say of a query that they stopped for its time."""

PATIENCE_SECONDS: Final = 3
_LONGEST: Final = 40
"""Of a name, to leave room for what is put behind it: PostgreSQL cuts at 63 letters."""

Column: TypeAlias = tuple[str, str]
"""A name and the engine's word for its type."""


_NEITHER: Final = re.compile(
    r".*\[\]$|(array|list|map|struct|tuple|nested|row|record|json\w*|variant|object|super|xml|bytea|\w*blob|"
    r"(var)?binary|raw|image|bit|time|interval|geo\w*|point|polygon|line\w*)\b",
    re.IGNORECASE,
)
"""Types that are neither times nor numbers nor texts, whatever engine calls one of its own so."""


class NoRoom(Exception):
    """A value that an engine cannot hold; says what, as in `a decimal of more than 15 digits`."""


class DbApiEngine(ABC):
    """An open connection. Each engine says how it is opened, what it holds and what its failures mean.

    Class attributes:
        name: As errors have it.
        dialect: The SQL that it speaks.
        extra: What to install, as in `kpiascode[extra]`.
        depth: Of how many parts the name of a table is at most, such as database, schema and table.
    """

    name: str
    dialect: str
    extra: str
    depth: int = 3

    def __init__(self, url: Url, *, timeout_seconds: float | None = None, writes: bool = False) -> None:
        """Connect.

        Args:
            writes: Whether tables are going to be loaded; else nothing can be written.

        Raises:
            EngineError: when the driver is not installed, or nobody answers, or not to this user.
        """
        self.url = url
        self._writes = writes
        self._is_stopped = False
        self._timeout = None if timeout_seconds is None else min(timeout_seconds, threading.TIMEOUT_MAX)
        try:
            self._connection = self._connect()
            self._prepare()
        except ImportError:
            told = f"its driver is not installed; install `kpiascode[{self.extra}]`"
            raise EngineError(self.name, told, "") from None
        except EngineError:
            raise
        except Exception as error:
            raise self._failed("cannot connect", error) from None

    # --- what each engine says

    @abstractmethod
    def _connect(self) -> Any:
        """Return the driver's connection."""

    @abstractmethod
    def _prepare(self) -> None:
        """Make the session read-only as far as possible, in UTC, and equal to all others."""

    @abstractmethod
    def _columns(self, parts: Sequence[str]) -> tuple[tuple[str, ...], Sequence[Column]] | None:
        """Return the qualified name of a table and its columns; None where there is none."""

    @abstractmethod
    def _type(self, kind: str) -> Type:
        """Return our type for one of the engine's."""

    @abstractmethod
    def _reason(self, error: Exception) -> str | None:
        """Return in words what a failure of the driver means; None where that is not known."""

    def _cancel(self) -> None:
        """Stop the query that is running, from another thread; here it ends by itself."""
        return

    def _is_lost(self, error: Exception) -> bool:
        """Return whether the connection is gone, so that another try on a new one may do."""
        return False

    def _is_too_large(self, error: Exception) -> bool:
        """Return whether the engine refused a query for its size alone."""
        return False

    @abstractmethod
    def _declared(self, kind: str) -> str:
        """Return the engine's type for one of DuckDB's, null allowed."""

    def _cell(self, value: Any) -> Any:
        """Return a cell as the driver takes it.

        Raises:
            NoRoom: for what the engine cannot hold.
        """
        return value

    mark: str = "%s"
    """Where a value is bound."""

    # --- what all of them do

    def load(self, name: str, columns: Sequence[Column], rows: Sequence[Row], *, replace: bool) -> None:
        """Make a table and fill it, all of it or nothing that could be taken for it.

        Args:
            columns: With their types in DuckDB's words.
            replace: Whether a table of that name may be dropped.

        Raises:
            EngineError: when there is one already, or the engine refuses.
        """
        cells = self._cells(name, columns, rows)
        loading = f"{name[:_LONGEST]}__loading_{secrets.token_hex(4)}"  # of this run alone
        made = self._quoted(loading)
        try:
            if not replace and self._columns((name,)) is not None:
                raise self._is_there(name)
            typed = ", ".join(f"{self._quoted(column)} {self._declared(kind)}" for column, kind in columns)
            self._run(f"CREATE TABLE {made} ({typed})")
            try:
                self._insert(made, cells, len(columns))
                self._count(name, made, len(rows))
                self._put_in_place(loading, name, replace=replace)
            except BaseException:
                with suppress(Exception):
                    self._run(f"DROP TABLE {made}")
                raise
        except EngineError:
            raise
        except Exception as error:
            if self._reason(error) == TAKEN and not replace:
                raise self._is_there(name) from None  # since it was looked for
            raise self._failed(f"cannot load `{name}`", error) from None

    def _is_there(self, name: str) -> EngineError:
        return EngineError(self.name, f"there is a table `{name}` already; --replace drops it", "")

    def _cells(self, name: str, columns: Sequence[Column], rows: Sequence[Row]) -> list[Row]:
        """Return the rows as the driver takes them, or refuse them by the column without room."""
        try:
            return [tuple(map(self._cell, row)) for row in rows]
        except NoRoom:
            pass
        for row in rows:
            for (column, _), value in zip(columns, row, strict=True):
                try:
                    self._cell(value)
                except NoRoom as why:
                    told = f"cannot load `{name}`: its column `{column[:60]}` holds {why}"
                    raise EngineError(self.name, told, "") from None
        raise AssertionError("the same cells are refused twice")

    def _count(self, name: str, table: str, rows: int) -> None:
        """Refuse a table that holds another number of rows than were put into it."""
        ((found,),) = self._fetch(f"SELECT COUNT(*) FROM {table}")
        if int(found) != rows:
            told = f"cannot load `{name}`: of {rows:,} rows {int(found):,} arrived, and nothing was changed"
            raise EngineError(self.name, told, "")

    def _put_in_place(self, loading: str, name: str, *, replace: bool) -> None:
        """Give a whole table its name; one that is there goes only where it may be replaced."""
        if replace:
            self._run(f"DROP TABLE IF EXISTS {self._quoted(name)}")
        self._rename(loading, name)

    def drop(self, name: str) -> None:
        try:
            self._run(f"DROP TABLE IF EXISTS {self._quoted(name)}")
        except Exception as error:
            raise self._failed(f"cannot drop `{name}`", error) from None

    def _quoted(self, name: str) -> str:
        return quoted_name(name)

    def _rename(self, table: str, name: str) -> None:
        self._run(f"ALTER TABLE {self._quoted(table)} RENAME TO {self._quoted(name)}")

    def _run(self, sql: str) -> None:
        cursor = self._connection.cursor()
        try:
            cursor.execute(sql)
        finally:
            cursor.close()

    def _insert(self, table: str, rows: Sequence[Row], width: int) -> None:
        marks = ", ".join([self.mark] * width)
        cursor = self._connection.cursor()
        try:
            for start in range(0, len(rows), BATCH):
                cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", rows[start : start + BATCH])
        finally:
            cursor.close()

    def catalog(self, datasets: Iterable[Dataset]) -> Catalog:
        """Return the tables of the datasets: one of a file is a table of the dataset's name."""
        tables = {}
        for dataset in datasets:
            parts = (dataset.name,) if dataset.is_file else tuple(dataset.source.split("."))
            try:
                found = self._columns(parts) if len(parts) <= self.depth else None
                if found is not None:
                    tables[dataset.name] = self._described(*found)
            except EngineError:
                raise
            except Exception as error:
                raise self._failed(f"cannot look at `{parts[-1]}`", error) from None
        return Catalog(tables)

    def _described(self, name: tuple[str, ...], columns: Sequence[Column]) -> Table:
        """Return a table with what its columns are."""
        types = {column: self._type(kind) for column, kind in columns}
        unusable = {
            column: kind for column, kind in columns if types[column] is Type.UNKNOWN and _NEITHER.match(kind)
        }
        return Table(name=name, columns=types, unusable=unusable)

    def select(self, sql: str) -> Sequence[Row]:
        try:
            return self._within(sql)
        except EngineError:
            raise
        except Exception as error:
            if not self._is_lost(error):
                raise self._failed("the query failed", error) from None
        try:  # a SELECT changes nothing, so it may be asked twice
            with suppress(Exception):
                self._connection.close()
            self._connection = self._connect()
            self._prepare()
            return self._within(sql)
        except EngineError:
            raise
        except Exception as error:
            raise self._failed("the connection was lost, and a second try failed", error) from None

    def estimate(self, sql: str) -> int | None:
        """Return None: most engines do not tell."""
        return None

    def _within(self, sql: str) -> Sequence[Row]:
        """Return the rows, all of them, or stop after the time that is given."""
        answer: SimpleQueue[Sequence[Row] | BaseException] = SimpleQueue()

        def fetch() -> None:
            try:
                answer.put(self._fetch(sql))
            except BaseException as error:
                answer.put(error)

        # Beside, so that Ctrl-C and the timeout end a query of a server that says nothing any more.
        threading.Thread(target=fetch, daemon=True).start()
        try:
            found = answer.get(timeout=self._timeout)
        except Empty:
            self._stop()
            raise self._too_long() from None
        except KeyboardInterrupt:
            self._stop()
            raise
        if isinstance(found, Exception) and self._timeout is not None and self._reason(found) in STOPPED:
            raise self._too_long() from None  # the server was first
        if isinstance(found, BaseException):
            raise found
        return found

    def _too_long(self) -> EngineError:
        told = f"the query took longer than {self._timeout:g} s and was stopped"
        return EngineError(self.name, told, "")

    def _stop(self) -> None:
        """Ask the server to stop, and wait a moment for it, no longer."""
        self._is_stopped = True
        _patiently(self._cancel)

    def _fetch(self, sql: str) -> Sequence[Row]:
        cursor = self._connection.cursor()
        try:
            cursor.execute(sql)
            return [tuple(row) for row in cursor.fetchall()]
        finally:
            with suppress(Exception):
                cursor.close()

    def _asked(self, sql: str, *values: object) -> list[Row]:
        """Return the rows of a question about tables, whose values are bound."""
        cursor = self._connection.cursor()
        try:
            cursor.execute(sql, values)
            return [tuple(row) for row in cursor.fetchall()]
        finally:
            cursor.close()

    def close(self) -> None:
        if self._is_stopped:  # the other thread may still wait for the server, and hold the connection
            _patiently(self._connection.close)
        else:
            with suppress(Exception):
                self._connection.close()

    def _failed(self, what: str, error: Exception) -> EngineError:
        """Return what failed and why, without the engine's own words, which may hold cells and secrets."""
        why = self._reason(error) or type(error).__name__
        detail = str(error)
        for secret in self.url.secrets:
            detail = detail.replace(secret, "***").replace(quote(secret, safe=""), "***")
        kind = QueryTooLarge if self._is_too_large(error) else EngineError
        return kind(self.name, f"{what} ({why})", detail)


def _patiently(do: Callable[[], object]) -> None:
    """Do something that may fail or never end, and wait a moment for it, no longer."""

    def attempt() -> None:
        with suppress(Exception):
            do()

    beside = threading.Thread(target=attempt, daemon=True)
    beside.start()
    beside.join(PATIENCE_SECONDS)


def from_information_schema(
    rows: Sequence[Row], parts: Sequence[str]
) -> tuple[tuple[str, ...], Sequence[Column]] | None:
    """Return the table that is meant among rows of schema, table, column and type, in order.

    The spelling of the declaration is taken where a table has it; else case does not matter.
    """
    tables: dict[tuple[str, ...], list[Column]] = {}
    for schema, table, column, kind in rows:
        tables.setdefault((schema, table), []).append((column, kind))
    name = named_like(parts[-1], [table for _, table in tables])
    found = next((key for key in tables if key[1] == name), None)
    return None if found is None else (found, tables[found])
