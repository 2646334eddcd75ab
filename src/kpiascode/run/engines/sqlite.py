"""SQLite over the standard library: one file, opened read-only."""

import sqlite3
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Context, Decimal
from typing import Any, Final
from urllib.parse import quote

from kpiascode.model.catalog import named_like
from kpiascode.model.expression import Type
from kpiascode.run.engine import EngineError
from kpiascode.run.engines.dbapi import Column, DbApiEngine, Row
from kpiascode.run.engines.url import file_of, options_of
from kpiascode.run.sql_types import quoted_name

_DIGITS: Final = Context(prec=15)
"""A sum of doubles is good for so many digits, and money then comes out as it was put in."""

_ALL: Final = Context(prec=100)
_TOO_MANY: Final = 1e13
"""A double of this size has no room for cents any more."""

_KINDS: Final = (
    ("with time zone", Type.INSTANT),
    ("bool", Type.BOOLEAN),
    ("int", Type.INTEGER),
    ("char", Type.TEXT),
    ("clob", Type.TEXT),
    ("text", Type.TEXT),
    ("decimal", Type.DECIMAL),
    ("numeric", Type.DECIMAL),
    ("real", Type.DOUBLE),
    ("floa", Type.DOUBLE),
    ("doub", Type.DOUBLE),
    ("timestamp", Type.TIMESTAMP),
    ("datetime", Type.TIMESTAMP),
    ("date", Type.DATE),
)


def _of_text(change: Callable[[str], str]) -> Callable[[Any], Any]:
    return lambda value: change(value) if isinstance(value, str) else value


LETTERS: Final = {"LOWER": _of_text(str.lower), "UPPER": _of_text(str.upper)}
"""In the place of SQLite's own, which leave umlauts as they are."""

READ_ONLY: Final = ("PRAGMA query_only = ON",)
PRAGMAS: Final = ("PRAGMA trusted_schema = OFF", "PRAGMA case_sensitive_like = ON")

_TOO_LARGE: Final = (
    "at most 64 tables",
    "parser stack overflow",
    "too many columns",
    "too many terms",
    "too large",
)
"""What SQLite says of a query that is refused for its size alone."""


class SQLite(DbApiEngine):
    """A file of SQLite; `sqlite:///path.db`."""

    name = "sqlite"
    dialect = "sqlite"
    extra = "sqlite"

    def _connect(self) -> Any:
        options_of(self.url, ())
        file = file_of(self.url, new=self._writes)
        connection = sqlite3.connect(
            f"file:{quote(str(file.absolute()))}?mode={'rwc' if self._writes else 'ro'}",
            uri=True,
            check_same_thread=False,
            isolation_level=None,
        )
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        for name, function in LETTERS.items():
            connection.create_function(name, 1, function, deterministic=True)
        return connection

    def _prepare(self) -> None:
        for pragma in (*(() if self._writes else READ_ONLY), *PRAGMAS):
            self._connection.execute(pragma)

    def _columns(self, parts: Sequence[str]) -> tuple[tuple[str, ...], Sequence[Column]] | None:
        names = [
            name for (name,) in self._asked("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
        ]
        name = named_like(parts[-1], names)
        if name is None:
            return None
        described = self._asked(f"PRAGMA table_info({quoted_name(name)})")
        return (name,), [(column, kind) for _, column, kind, *_ in described]

    def _type(self, kind: str) -> Type:
        return next((found for part, found in _KINDS if part in kind.lower()), Type.UNKNOWN)

    mark = "?"

    def _declared(self, kind: str) -> str:
        return "TEXT" if kind == "VARCHAR" else kind

    def _cell(self, value: Any) -> Any:
        match value:
            case Decimal():
                if len(value.normalize(_ALL).as_tuple().digits) > _DIGITS.prec:
                    raise EngineError(self.name, f"a decimal has more than {_DIGITS.prec} digits", "")
                return float(value)
            case datetime():
                return value.isoformat(sep=" ", timespec="microseconds" if value.microsecond else "seconds")
            case date():
                return value.isoformat()
            case _:
                return value

    def _insert(self, table: str, rows: Sequence[Row], width: int) -> None:
        self._connection.execute("BEGIN")
        super()._insert(table, rows, width)
        self._connection.execute("COMMIT")

    def _fetch(self, sql: str) -> Sequence[Row]:
        rows = super()._fetch(sql)
        return [tuple(told(value) for value in row) for row in rows]

    def _cancel(self) -> None:
        self._connection.interrupt()

    def _is_too_large(self, error: Exception) -> bool:
        return is_too_large(error)

    def _reason(self, error: Exception) -> str | None:
        return reason_of(error)


def is_too_large(error: Exception) -> bool:
    return any(part in str(error) for part in _TOO_LARGE)


def reason_of(error: Exception) -> str | None:
    """Return in words what a failure means; None where that is not known."""
    text = str(error)
    if "no such table" in text:
        return "a table is missing"
    if "unable to open" in text:
        return "the file cannot be opened"
    if "not a database" in text:
        return "the file is no database of SQLite"
    if "interrupted" in text:
        return "it was stopped"
    if is_too_large(error):
        return "the query is larger than it takes"
    if "integer overflow" in text:
        return "a number has more digits than it counts with"
    return None


def told(value: Any) -> Any:
    """Return a double with the digits that it is good for."""
    if not isinstance(value, float) or value != value or value in (float("inf"), float("-inf")):
        return value
    if abs(value) >= _TOO_MANY:
        raise EngineError("sqlite", "a number has more digits than it counts with", "")
    return _DIGITS.create_decimal(Decimal(value))
