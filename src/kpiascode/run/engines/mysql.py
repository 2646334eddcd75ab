"""MySQL and MariaDB over PyMySQL."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from kpiascode.model.expression import Type
from kpiascode.run.engine import EngineError
from kpiascode.run.engines.dbapi import TAKEN, Column, DbApiEngine, NoRoom, Row, from_information_schema
from kpiascode.run.engines.url import options_of

_TYPES: Final = {
    **dict.fromkeys(("tinyint", "smallint", "mediumint", "int", "bigint"), Type.INTEGER),
    "decimal": Type.DECIMAL,
    "float": Type.DOUBLE,
    "double": Type.DOUBLE,
    **dict.fromkeys(("char", "varchar", "tinytext", "text", "mediumtext", "longtext"), Type.TEXT),
    "date": Type.DATE,
    "datetime": Type.TIMESTAMP,
    "timestamp": Type.INSTANT,
}
_COLUMNS: Final = """
SELECT table_schema, table_name, column_name, CASE WHEN column_type = 'tinyint(1)' THEN 'boolean'
  ELSE data_type END
FROM information_schema.columns
WHERE lower(table_name) = lower(%s) AND table_schema = coalesce(%s, database())
ORDER BY table_schema, ordinal_position
"""
_IS_TABLE: Final = """
SELECT 1 FROM information_schema.tables
WHERE table_schema = database() AND BINARY table_name = BINARY %s AND table_type = 'BASE TABLE'
"""
_REASONS: Final = {
    1044: "this user may not use that database",
    1050: TAKEN,
    1045: "the user or the password is wrong",
    1049: "there is no such database",
    1059: "a name is longer than it may be",
    1060: "two columns have one name there",
    1118: "a row is larger than it may be",
    1292: "a value does not have the type of its column",
    1366: "a value does not have the type of its column",
    1406: "a text is longer than its column",
    1116: "it joins at most 61 tables",
    1142: "this user may not read it",
    1146: "a table is missing",
    1264: "a number has more digits than it counts with",
    1690: "a number has more digits than it counts with",
    1317: "it was stopped",
    1969: "it took longer than it may",
    2003: "nobody answers there",
    2006: "the connection was lost",
    2013: "the connection was lost",
    3024: "it took longer than it may",
    4003: "it takes at most 64 steps in a query",
}
NOON_IN_BERLIN: Final = "SELECT " + ", ".join(
    f"CAST(CONVERT_TZ('{day} 12:00:00', 'UTC', 'Europe/Berlin') AS CHAR)"
    for day in ("2026-01-01", "2026-07-01")
)
"""Zones that were loaded from files in the newer format are there, and stand still at UTC."""

NOONS: Final = [("2026-01-01 13:00:00", "2026-07-01 14:00:00")]
NO_ZONES: Final = (
    "the server knows no time zones, or wrong ones; its administrator loads them "
    "(mariadb-tzinfo-to-sql, mysql_tzinfo_to_sql)"
)

_FIRST: Final = datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
_LAST: Final = datetime(2038, 1, 19, 3, 14, 7, 999999, tzinfo=UTC)
"""Of a TIMESTAMP, the only type that is a moment and no clock."""

_SHORT: Final = 500
_SEVERAL: Final = 30
"""How many letters a VARCHAR is given, and how many of them have room in a row of 65,535 bytes."""

LOST: Final = frozenset({2006, 2013, 0})
NO_TABLE: Final = 1146
TOO_LARGE: Final = frozenset({1116, 1117, 1436, 4003})


OPTIONS: Final = ("ssl_ca", "ssl_cert", "ssl_key")


class MySQL(DbApiEngine):
    """A MySQL or MariaDB server; `mysql://user:password@host/database`."""

    name = "mysql"
    dialect = "mysql"
    extra = "mysql"
    depth = 2

    def _connect(self) -> Any:
        url, options = self.url, options_of(self.url, OPTIONS)
        import pymysql

        return pymysql.connect(
            host=url.host or "localhost",
            port=url.port or 3306,
            user=url.user,
            password=url.password or "",
            database=url.path or None,
            charset="utf8mb4",
            autocommit=True,
            connect_timeout=10,
            local_infile=False,
            **options,
        )

    def _prepare(self) -> None:
        ((version,),) = self._asked("SELECT version()")
        self._collation = collation(str(version))
        if self._asked(NOON_IN_BERLIN) != NOONS:
            raise EngineError(self.name, NO_ZONES, "")
        for statement in session(str(version), self._timeout, writes=self._writes):
            with self._connection.cursor() as cursor:
                cursor.execute(statement)

    def _columns(self, parts: Sequence[str]) -> tuple[tuple[str, ...], Sequence[Column]] | None:
        schema = parts[-2] if len(parts) > 1 else None
        found = from_information_schema(self._asked(_COLUMNS, parts[-1], schema), parts)
        if found is None:
            self._look_at([part for part in (schema, parts[-1]) if part is not None])
        return found

    def _look_at(self, name: Sequence[str]) -> None:
        """Fail where a table is hidden from this user, of which information_schema does not tell."""
        import pymysql

        try:
            self._asked(f"SELECT 1 FROM {'.'.join(map(self._quoted, name))} LIMIT 0")
        except pymysql.err.Error as error:
            if _code(error) != NO_TABLE:
                raise

    def _type(self, kind: str) -> Type:
        return Type.BOOLEAN if kind == "boolean" else _TYPES.get(kind.lower(), Type.UNKNOWN)

    def load(self, name: str, columns: Sequence[Column], rows: Sequence[Row], *, replace: bool) -> None:
        super().load(name, with_long_texts(columns, rows), rows, replace=replace)

    def _declared(self, kind: str) -> str:
        collated = f"CHARACTER SET utf8mb4 COLLATE {self._collation}"
        words = {
            "VARCHAR": f"VARCHAR({_SHORT}) {collated}",
            "LONGTEXT": f"LONGTEXT {collated}",
            "TIMESTAMP": "DATETIME(6)",
            "TIMESTAMP WITH TIME ZONE": "TIMESTAMP(6) NULL",
        }
        return words.get(kind, kind)

    def _cell(self, value: Any) -> Any:
        if not isinstance(value, datetime) or value.tzinfo is None:
            return value
        if not _FIRST <= value <= _LAST:
            raise NoRoom(
                "a moment before 1970 or after 2038-01-19T03:14:07Z, for which a TIMESTAMP has no room"
            )
        return value.astimezone(UTC).replace(tzinfo=None)

    def _put_in_place(self, loading: str, name: str, *, replace: bool) -> None:
        """Exchange the tables at once, so that who reads finds one, and who loads at the same time, too."""
        if not replace or not self._asked(_IS_TABLE, name):
            super()._put_in_place(loading, name, replace=False)
            return
        table, made, old = map(self._quoted, (name, loading, f"{loading}_old"))
        self._run(f"RENAME TABLE {table} TO {old}, {made} TO {table}")
        self._run(f"DROP TABLE {old}")

    def _cancel(self) -> None:
        other = self._connect()
        try:
            with other.cursor() as cursor:
                cursor.execute(f"KILL QUERY {int(self._connection.thread_id())}")
        finally:
            other.close()

    def _is_lost(self, error: Exception) -> bool:
        import pymysql

        return isinstance(error, pymysql.err.OperationalError | pymysql.err.InterfaceError) and (
            _code(error) in LOST
        )

    def _is_too_large(self, error: Exception) -> bool:
        return is_too_large(error)

    def _reason(self, error: Exception) -> str | None:
        return reason_of(error)


def with_long_texts(columns: Sequence[Column], rows: Sequence[Row]) -> list[Column]:
    """Return the columns, those of texts that no VARCHAR of a row has room for as LONGTEXT."""
    texts = [position for position, (_, kind) in enumerate(columns) if kind == "VARCHAR"]
    long = {
        position
        for position in texts
        if len(texts) > _SEVERAL or any(len(row[position] or "") > _SHORT for row in rows)
    }
    return [
        (column, "LONGTEXT" if position in long else kind) for position, (column, kind) in enumerate(columns)
    ]


def is_too_large(error: Exception) -> bool:
    return _code(error) in TOO_LARGE


def reason_of(error: Exception) -> str | None:
    """Return in words what a failure means; None where that is not known."""
    return _REASONS.get(_code(error))


def _code(error: Exception) -> int:
    code = error.args[0] if error.args else None
    return code if isinstance(code, int) else -1


def collation(version: str) -> str:
    """Return the collation under which texts are equal only where they are the same."""
    return "utf8mb4_nopad_bin" if _is_mariadb(version) else "utf8mb4_0900_bin"


def session(version: str, timeout_seconds: float | None, *, writes: bool) -> list[str]:
    """Return the statements by which a session becomes safe and equal to all others."""
    modes = "ANSI_QUOTES,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,PIPES_AS_CONCAT"
    said = [
        f"SET SESSION sql_mode = '{modes}'",
        "SET SESSION time_zone = '+00:00'",
        f"SET NAMES utf8mb4 COLLATE {collation(version)}",
        *([] if writes else ["SET SESSION TRANSACTION READ ONLY"]),
    ]
    if _is_mariadb(
        version
    ):  # joins by hash, as MySQL does of its own; nested loops took twenty times as long
        said += ["SET SESSION join_cache_level = 8", "SET SESSION join_buffer_size = 16777216"]
    if timeout_seconds is not None and _is_mariadb(version):
        said.append(f"SET SESSION max_statement_time = {max(0.001, timeout_seconds):.3f}")
    elif timeout_seconds is not None:
        said.append(f"SET SESSION max_execution_time = {max(1, int(timeout_seconds * 1000))}")
    return said


def _is_mariadb(version: str) -> bool:
    return "mariadb" in version.lower()
