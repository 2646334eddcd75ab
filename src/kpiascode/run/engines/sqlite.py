"""SQLite over the standard library: one file, opened read-only."""

import sqlite3
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Context, Decimal
from typing import Any, Final
from urllib.parse import quote

from kpiascode.model.catalog import named_like
from kpiascode.model.expression import Type
from kpiascode.run.engines.dbapi import Column, DbApiEngine, Row
from kpiascode.run.engines.url import file_of
from kpiascode.run.sql_types import quoted_name

_DIGITS: Final = Context(prec=15)
"""A sum of doubles is good for so many digits, and money then comes out as it was put in."""

_KINDS: Final = (
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


class SQLite(DbApiEngine):
    """A file of SQLite; `sqlite:///path.db`."""

    name = "sqlite"
    dialect = "sqlite"
    extra = "sqlite"

    def _connect(self) -> Any:
        file = file_of(self.url, new=self._writes)
        connection = sqlite3.connect(
            f"file:{quote(str(file.absolute()))}?mode={'rwc' if self._writes else 'ro'}",
            uri=True,
            check_same_thread=False,
            isolation_level=None,
        )
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        return connection

    def _prepare(self) -> None:
        if not self._writes:
            self._connection.execute("PRAGMA query_only = ON")
        self._connection.execute("PRAGMA trusted_schema = OFF")
        self._connection.execute("PRAGMA case_sensitive_like = ON")

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
        return [tuple(_told(value) for value in row) for row in rows]

    def _cancel(self) -> None:
        self._connection.interrupt()

    def _reason(self, error: Exception) -> str | None:
        text = str(error)
        if "no such table" in text:
            return "a table is missing"
        if "not a database" in text:
            return "the file is no database of SQLite"
        if "interrupted" in text:
            return "it was stopped"
        if "integer overflow" in text:
            return "a number has more digits than it counts with"
        return None


def _told(value: Any) -> Any:
    """Return a double with the digits that it is good for."""
    if not isinstance(value, float) or value != value or value in (float("inf"), float("-inf")):
        return value
    return _DIGITS.create_decimal(Decimal(value))
