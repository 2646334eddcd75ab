"""SQLite over the standard library: one file, opened read-only."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from decimal import Context, Decimal
from typing import Any, Final
from urllib.parse import quote

from kpiascode.model.catalog import Table, named_like
from kpiascode.model.expression import Type
from kpiascode.run.engine import EngineError
from kpiascode.run.engines.dbapi import TAKEN, Column, DbApiEngine, NoRoom, Row
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

_DAY: Final = "[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]"
_CLOCK: Final = f"{_DAY} [0-2][0-9]:[0-5][0-9]:[0-5][0-9]"
_MICRO: Final = f"{_CLOCK}.{'[0-9]' * 6}"
_FORMS: Final = (Type.DATE, Type.TIMESTAMP, Type.INSTANT)
_FORM: Final = (
    "CASE LENGTH({0}) "
    f"WHEN 10 THEN 1 * ({{0}} GLOB '{_DAY}') "
    f"WHEN 19 THEN 2 * ({{0}} GLOB '{_CLOCK}') "
    f"WHEN 26 THEN 2 * ({{0}} GLOB '{_MICRO}' AND {{0}} NOT GLOB '*.000000') "
    f"WHEN 25 THEN 3 * ({{0}} GLOB '{_CLOCK}+00:00') "
    f"WHEN 32 THEN 3 * ({{0}} GLOB '{_MICRO}+00:00' AND {{0}} NOT GLOB '*.000000+00:00') "
    "ELSE CASE WHEN {0} IS NOT NULL THEN 0 END END"
)
"""Which of the forms a time has whose texts sort, and are equal, as the times do; from 1, and 0 is none."""

_ODD: Final = (
    "times of which not all are written as `2026-01-31`, or all as `2026-01-31 23:30:00`, or all as "
    "`2026-01-31 23:30:00+00:00`"
)

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
    depth = 2

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
        if len(parts) > 1 and parts[-2].lower() != "main":
            return None
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

    def _described(self, name: tuple[str, ...], columns: Sequence[Column]) -> Table:
        return with_seen_times(super()._described(name, columns), self._within)

    mark = "?"

    def _declared(self, kind: str) -> str:
        return "TEXT" if kind == "VARCHAR" else kind

    def _cell(self, value: Any) -> Any:
        match value:
            case Decimal():
                if len(value.normalize(_ALL).as_tuple().digits) > _DIGITS.prec:
                    raise NoRoom(f"a decimal of more than {_DIGITS.prec} digits")
                return float(value)
            case datetime():
                return value.isoformat(sep=" ", timespec="microseconds" if value.microsecond else "seconds")
            case date():
                return value.isoformat()
            case _:
                return value

    def _insert(self, table: str, rows: Sequence[Row], width: int) -> None:
        with self._at_once():
            super()._insert(table, rows, width)

    def _put_in_place(self, loading: str, name: str, *, replace: bool) -> None:
        with self._at_once():
            super()._put_in_place(loading, name, replace=replace)

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        """Do all of it or nothing, and let nobody else write meanwhile."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
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
    if "already a table" in text or "already another table" in text or "to delete view" in text:
        return TAKEN
    if "duplicate column name" in text:
        return "two columns have one name there"
    if "database is locked" in text:
        return "another program writes to it"
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


def with_seen_times(table: Table, ask: Callable[[str], Sequence[Row]]) -> Table:
    """Return a table whose times are what their texts are, since a declared type binds no value.

    A column of one form is of that type. One of several, or of another such as `2026-01-31T23:30:00` or
    seconds since 1970, would lose rows without a word, and is refused.
    """
    sought = [
        column
        for column, kind in table.columns.items()
        if kind in _FORMS or (kind is Type.UNKNOWN and column not in table.unusable)
    ]
    if not sought:
        return table
    forms = [f"{_FORM.format(quoted_name(name))} AS c{place}" for place, name in enumerate(sought)]
    extremes = [f"MIN(c{place}), MAX(c{place})" for place in range(len(sought))]
    rows = f"SELECT {', '.join(forms)} FROM {'.'.join(map(quoted_name, table.name))} LIMIT -1"
    ((*found,),) = ask(f"SELECT {', '.join(extremes)} FROM ({rows})")  # limited: each form is taken once
    columns, untimed, refused = dict(table.columns), dict(table.untimed), dict(table.refused)
    for column, least, most in zip(sought, found[::2], found[1::2], strict=True):
        if least is None:
            continue
        if least == most and least:
            columns[column] = _FORMS[least - 1]
        elif columns[column] is Type.UNKNOWN:
            untimed[column] = _ODD
        else:
            refused[column] = _ODD
    return replace(table, columns=columns, untimed=untimed, refused=refused)


def told(value: Any) -> Any:
    """Return a double with the digits that it is good for."""
    if not isinstance(value, float) or value != value or value in (float("inf"), float("-inf")):
        return value
    if abs(value) >= _TOO_MANY:
        raise EngineError("sqlite", "a number has more digits than it counts with", "")
    return _DIGITS.create_decimal(Decimal(value))
