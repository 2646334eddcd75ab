"""MySQL and MariaDB over PyMySQL."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any, Final

from kpiascode.model.expression import Type
from kpiascode.run.engine import EngineError
from kpiascode.run.engines.dbapi import Column, DbApiEngine, from_information_schema

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
_REASONS: Final = {
    1044: "this user may not use that database",
    1045: "the user or the password is wrong",
    1049: "there is no such database",
    1142: "this user may not read it",
    1146: "a table is missing",
    1264: "a number has more digits than it counts with",
    1317: "it was stopped",
    1969: "it took longer than it may",
    2003: "nobody answers there",
    2006: "the connection was lost",
    2013: "the connection was lost",
    3024: "it took longer than it may",
}
LOST: Final = frozenset({2006, 2013, 0})


class MySQL(DbApiEngine):
    """A MySQL or MariaDB server; `mysql://user:password@host/database`."""

    name = "mysql"
    dialect = "mysql"
    extra = "mysql"

    def _connect(self) -> Any:
        import pymysql

        url = self.url
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
        )

    def _prepare(self) -> None:
        ((version,),) = self._asked("SELECT version()")
        is_mariadb = "mariadb" in str(version).lower()
        modes = "ANSI_QUOTES,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,PIPES_AS_CONCAT"
        self._collation = "utf8mb4_nopad_bin" if is_mariadb else "utf8mb4_0900_bin"
        said = [
            f"SET SESSION sql_mode = '{modes}'",
            "SET SESSION time_zone = '+00:00'",
            f"SET NAMES utf8mb4 COLLATE {self._collation}",
            *([] if self._writes else ["SET SESSION TRANSACTION READ ONLY"]),
        ]
        if self._timeout is not None and is_mariadb:
            said.append(f"SET SESSION max_statement_time = {max(0.001, self._timeout):.3f}")
        elif self._timeout is not None:
            said.append(f"SET SESSION max_execution_time = {max(1, int(self._timeout * 1000))}")
        ((converted,),) = self._asked("SELECT CONVERT_TZ('2026-01-01', 'UTC', 'Europe/Berlin')")
        if converted is None:
            raise EngineError(
                self.name,
                "the server knows no time zones; its administrator loads them (mysql_tzinfo_to_sql)",
                "",
            )
        for statement in said:
            with self._connection.cursor() as cursor:
                cursor.execute(statement)

    def _columns(self, parts: Sequence[str]) -> tuple[tuple[str, ...], Sequence[Column]] | None:
        schema = parts[-2] if len(parts) > 1 else None
        return from_information_schema(self._asked(_COLUMNS, parts[-1], schema), parts)

    def _type(self, kind: str) -> Type:
        return Type.BOOLEAN if kind == "boolean" else _TYPES.get(kind.lower(), Type.UNKNOWN)

    def _declared(self, kind: str) -> str:
        text = f"VARCHAR(500) CHARACTER SET utf8mb4 COLLATE {self._collation}"
        words = {"VARCHAR": text, "TIMESTAMP": "DATETIME(6)", "TIMESTAMP WITH TIME ZONE": "TIMESTAMP(6) NULL"}
        return words.get(kind, kind)

    def _cell(self, value: Any) -> Any:
        return value.astimezone(UTC).replace(tzinfo=None) if getattr(value, "tzinfo", None) else value

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

    def _reason(self, error: Exception) -> str | None:
        return _REASONS.get(_code(error))


def _code(error: Exception) -> int:
    code = error.args[0] if error.args else None
    return code if isinstance(code, int) else -1
