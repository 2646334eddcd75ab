"""ClickHouse: a server over clickhouse-connect, or embedded in this process by chdb."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from kpiascode.model.expression import Type
from kpiascode.run.engines.dbapi import BATCH, Column, DbApiEngine, Row, from_information_schema
from kpiascode.run.engines.url import folder_of, options_of

SETTINGS: Final[Mapping[str, int | str]] = {
    "join_use_nulls": 1,
    "aggregate_functions_null_for_empty": 1,
    "prefer_column_name_to_alias": 1,
    "session_timezone": "UTC",
    "output_format_decimal_trailing_zeros": 1,
    "readonly": 2,
}
"""Without them a row without partner has zeros and empty texts, and a sum of nothing is 0."""

_COLUMNS: Final = """
SELECT database, table, name, type FROM system.columns
WHERE lower(table) = lower({table:String}) AND database = {database:String}
ORDER BY table, position
"""
_KINDS: Final = (
    (r"U?Int\d+", Type.INTEGER),
    (r"Decimal.*", Type.DECIMAL),
    (r"Float\d+", Type.DOUBLE),
    (r"(Fixed)?String(\(\d+\))?", Type.TEXT),
    (r"Date(32)?", Type.DATE),
    (r"DateTime64\(\d\)|DateTime", Type.TIMESTAMP),
    (r"DateTime.*", Type.INSTANT),
    (r"Bool", Type.BOOLEAN),
)
_NULLABLE: Final = ("Nullable(", "LowCardinality(Nullable(", "Variant(")
_REASONS: Final = {
    60: "a table is missing",
    81: "there is no such database",
    159: "it took longer than it may",
    192: "the user or the password is wrong",
    193: "the user or the password is wrong",
    194: "the user or the password is wrong",
    241: "there is not enough memory",
    394: "it was stopped",
    407: "a number has more digits than it counts with",
    497: "this user may not read it",
    516: "the user or the password is wrong",
}


def type_of(kind: str) -> Type:
    """Return our type for one of ClickHouse's, whatever is wrapped around it.

    One with a zone is a moment; without, it is the clock of the session, whose zone is UTC.
    """
    inner = re.sub(r"^(LowCardinality|Nullable)\((.*)\)$", r"\2", kind)
    if inner != kind:
        return type_of(inner)
    return next((found for pattern, found in _KINDS if re.fullmatch(pattern, kind)), Type.UNKNOWN)


def declared(kind: str) -> str:
    """Return ClickHouse's type for one of DuckDB's, null allowed."""
    words = {
        "VARCHAR": "String",
        "BIGINT": "Int64",
        "INTEGER": "Int32",
        "DOUBLE": "Float64",
        "DATE": "Date32",
        "BOOLEAN": "Bool",
        "TIMESTAMP": "DateTime64(6)",
        "TIMESTAMP WITH TIME ZONE": "DateTime64(6, 'UTC')",
    }
    return f"Nullable({words.get(kind, kind.title())})"


class ClickHouse(DbApiEngine):
    """A ClickHouse server; `clickhouse://user:password@host:8123/database`."""

    name = "clickhouse"
    dialect = "clickhouse"
    extra = "clickhouse"
    depth = 2

    def _connect(self) -> Any:
        url, options = self.url, options_of(self.url, ("secure",))
        import clickhouse_connect

        settings = dict(SETTINGS)
        if self._writes:
            del settings["readonly"]
        if self._timeout is not None:
            settings["max_execution_time"] = max(1, int(self._timeout))
        return clickhouse_connect.get_client(
            host=url.host or "localhost",
            port=url.port or (8443 if options.get("secure") == "1" else 8123),
            username=url.user,
            password=url.password or "",
            database=url.path or "default",
            secure=options.get("secure") == "1",
            settings=settings,
            connect_timeout=10,
            query_limit=0,
        )

    def _prepare(self) -> None:
        """Nothing: every query carries its settings."""

    @property
    def _database(self) -> str:
        return self.url.path or "default"

    def _columns(self, parts: Sequence[str]) -> tuple[tuple[str, ...], Sequence[Column]] | None:
        database = parts[-2] if len(parts) > 1 else self._database
        rows = self._connection.query(
            _COLUMNS, parameters={"table": parts[-1], "database": database}
        ).result_rows
        return from_information_schema(rows, parts)

    def _type(self, kind: str) -> Type:
        return type_of(kind)

    def _declared(self, kind: str) -> str:
        return declared(kind)

    def _run(self, sql: str) -> None:
        ordered = " ENGINE = MergeTree ORDER BY tuple()" if sql.startswith("CREATE TABLE") else ""
        self._connection.command(
            sql.replace("ALTER TABLE", "RENAME TABLE").replace(" RENAME TO ", " TO ") + ordered
        )

    def _insert(self, table: str, rows: Sequence[Row], width: int) -> None:
        self._connection.insert(table.strip('"'), list(rows))

    def _fetch(self, sql: str) -> Sequence[Row]:
        return [tuple(row) for row in self._connection.query(sql).result_rows]

    def _reason(self, error: Exception) -> str | None:
        found = re.search(r"(?:Code: |code )(\d+)", str(error))
        if found is None and type(error).__module__.startswith("urllib3"):
            return "nobody answers there"
        return None if found is None else _REASONS.get(int(found[1]))


class EmbeddedClickHouse(DbApiEngine):
    """ClickHouse in this process; `chdb:///folder`, which holds its tables in the database `kpi`."""

    name = "chdb"
    dialect = "clickhouse"
    extra = "chdb"
    depth = 2
    database: Final = "kpi"

    def _connect(self) -> Any:
        options_of(self.url, ())
        folder = str(folder_of(self.url, new=self._writes).absolute()) if self.url.path else None
        from chdb.session import Session

        return Session(folder)

    def _prepare(self) -> None:
        if self._writes or not self.url.path:
            self._connection.query(f"CREATE DATABASE IF NOT EXISTS {self.database}")
        self._connection.query(f"USE {self.database}")

    def _columns(self, parts: Sequence[str]) -> tuple[tuple[str, ...], Sequence[Column]] | None:
        told = re.sub(r"\{(table|database):String\}", r"%s", _COLUMNS)
        database = parts[-2] if len(parts) > 1 else self.database
        return from_information_schema(self._fetch(told % (_quoted(parts[-1]), _quoted(database))), parts)

    def _type(self, kind: str) -> Type:
        return type_of(kind)

    def _declared(self, kind: str) -> str:
        return declared(kind)

    def _run(self, sql: str) -> None:
        ordered = " ENGINE = MergeTree ORDER BY tuple()" if sql.startswith("CREATE TABLE") else ""
        self._connection.query(
            sql.replace("ALTER TABLE", "RENAME TABLE").replace(" RENAME TO ", " TO ") + ordered
        )

    def _insert(self, table: str, rows: Sequence[Row], width: int) -> None:
        for start in range(0, len(rows), BATCH):
            listed = ", ".join(f"({', '.join(map(_literal, row))})" for row in rows[start : start + BATCH])
            self._connection.query(f"INSERT INTO {table} SETTINGS session_timezone = 'UTC' VALUES {listed}")

    def _fetch(self, sql: str) -> Sequence[Row]:
        settings = dict(SETTINGS)
        del settings["readonly"]
        if self._timeout is not None:
            settings["max_execution_time"] = max(1, int(self._timeout))
        listed = ", ".join(f"{name} = {_setting(value)}" for name, value in settings.items())
        form = "JSONCompactStringsEachRowWithNamesAndTypes"
        answer = self._connection.query(f"{sql}\nSETTINGS {listed}", form).bytes().decode()
        lines = [json.loads(line) for line in answer.splitlines()]
        readers = [_reader(kind) for kind in lines[1]]
        nullable = [kind.startswith(_NULLABLE) for kind in lines[1]]
        return [
            tuple(
                None if cell == "ᴺᵁᴸᴸ" and may_be_null else read(cell)
                for cell, read, may_be_null in zip(line, readers, nullable, strict=True)
            )
            for line in lines[2:]
        ]

    def _reason(self, error: Exception) -> str | None:
        found = re.search(r"Code: (\d+)", str(error))
        return None if found is None else _REASONS.get(int(found[1]))


def _reader(kind: str) -> Callable[[str], Any]:
    """Return what reads the cells of a type."""
    match type_of(kind):
        case Type.INTEGER:
            return int
        case Type.DECIMAL:
            return Decimal
        case Type.DOUBLE:
            return float
        case Type.DATE:
            return date.fromisoformat
        case Type.TIMESTAMP | Type.INSTANT:
            return datetime.fromisoformat
        case Type.BOOLEAN:
            return lambda cell: cell == "true"
        case _ if kind.startswith("Variant("):  # of branches whose types have nothing in common but numbers
            return _number
        case _:
            return str


def _number(cell: str) -> Decimal | float:
    return float(cell) if cell in ("inf", "-inf", "nan") else Decimal(cell)


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _setting(value: int | str) -> str:
    return str(value) if isinstance(value, int) else _quoted(value)


def _literal(value: Any) -> str:
    """Return a cell of a row that is loaded; decimals are quoted, since bare ones are read as floats."""
    match value:
        case None:
            return "NULL"
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value)
        case datetime() if value.tzinfo is not None:
            return _quoted(value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" "))
        case datetime():
            return _quoted(value.isoformat(sep=" "))
        case _:
            return _quoted(str(value))
