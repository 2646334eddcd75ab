"""Amazon Redshift over its own connector."""

import logging
from collections.abc import Sequence
from contextlib import closing
from typing import Any, Final

from kpiascode.model.expression import Type
from kpiascode.run.engines.dbapi import Column, DbApiEngine, Row, from_information_schema
from kpiascode.run.engines.inserting import insert_values
from kpiascode.run.engines.postgres import reason_of
from kpiascode.run.engines.url import options_of

OPTIONS: Final = (
    "sslmode",
    "iam",
    "region",
    "profile",
    "cluster_identifier",
    "is_serverless",
    "serverless_work_group",
)
SESSION: Final = (
    "SET timezone TO 'UTC'",
    "SET datestyle TO 'ISO, YMD'",
    "SET enable_case_sensitive_identifier TO true",
    "SET query_group TO 'kpiascode'",
)
"""Without the third, a quoted name is one of small letters, whatever its table is called."""

_FLAGS: Final = frozenset({"iam", "is_serverless"})
_PARAMETERS: Final = 30_000
_TYPES: Final = {
    **dict.fromkeys(("smallint", "integer", "bigint"), Type.INTEGER),
    "numeric": Type.DECIMAL,
    "real": Type.DOUBLE,
    "double precision": Type.DOUBLE,
    "character varying": Type.TEXT,
    "character": Type.TEXT,
    "text": Type.TEXT,
    "date": Type.DATE,
    "timestamp without time zone": Type.TIMESTAMP,
    "timestamp with time zone": Type.INSTANT,
    "boolean": Type.BOOLEAN,
}
_COLUMNS: Final = """
SELECT table_schema, table_name, column_name, data_type FROM svv_columns
WHERE LOWER(table_name) = LOWER(?) AND table_schema = {schema}
ORDER BY table_schema, ordinal_position
"""
"""It holds late-binding views, too, which information_schema leaves out."""

_LOST: Final = ("connection is closed", "BrokenPipe", "communication error", "connection time out")


class Redshift(DbApiEngine):
    """Redshift; `redshift://user:password@host:5439/database`, or by IAM with `?iam=true`.

    It has no session that only reads: the user must be one that only reads.
    """

    name = "redshift"
    dialect = "redshift"
    extra = "redshift"
    mark = "?"

    def _connect(self) -> Any:
        import redshift_connector

        logging.getLogger("redshift_connector").addHandler(logging.NullHandler())
        url, options = self.url, options_of(self.url, OPTIONS)
        told = {
            "host": url.host,
            "port": url.port,
            "password": url.password,
            **{key: value.lower() in ("true", "1") for key, value in options.items() if key in _FLAGS},
            **{key: value for key, value in options.items() if key not in _FLAGS},
        }
        if told.get("iam") and url.user is not None:
            told["db_user"] = url.user
        connection = redshift_connector.connect(
            user=url.user or "",
            database=url.path or "dev",
            application_name="kpiascode",
            **{name: value for name, value in told.items() if value is not None},
        )
        connection.autocommit = True
        return connection

    def _prepare(self) -> None:
        for statement in statements(self._timeout):
            self._run(statement)
        ((self._process,),) = self._asked("SELECT pg_backend_pid()")

    def _cursor(self) -> Any:
        """Return a cursor that takes no `%` of a query for a place of a value."""
        cursor = self._connection.cursor()
        cursor.paramstyle = "qmark"
        return cursor

    def _asked(self, sql: str, *values: object) -> list[Row]:
        with closing(self._cursor()) as cursor:
            cursor.execute(sql, values or None)
            return [tuple(row) for row in cursor.fetchall()]

    def _fetch(self, sql: str) -> Sequence[Row]:
        return self._asked(sql)

    def _columns(self, parts: Sequence[str]) -> tuple[tuple[str, ...], Sequence[Column]] | None:
        if len(parts) > 2 and parts[-3].lower() != (self.url.path or "dev").lower():
            return None  # it reads no other database
        if len(parts) > 1:
            rows = self._asked(_COLUMNS.format(schema="?"), parts[-1], parts[-2])
        else:
            rows = self._asked(_COLUMNS.format(schema="current_schema()"), parts[-1])
        return from_information_schema(rows, parts)

    def _type(self, kind: str) -> Type:
        return _TYPES.get(kind.partition("(")[0].strip(), Type.UNKNOWN)

    def _declared(self, kind: str) -> str:
        words = {
            "VARCHAR": "VARCHAR(65535)",
            "DOUBLE": "DOUBLE PRECISION",
            "TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ",
        }
        return words.get(kind, kind)

    def _insert(self, table: str, rows: Sequence[Row], width: int) -> None:
        cursor = self._cursor()
        insert_values(cursor, table, rows, width=width, mark=self.mark, at_once=_PARAMETERS)

    def _cancel(self) -> None:
        other = self._connect()
        with closing(other), closing(other.cursor()) as cursor:
            cursor.execute(f"CANCEL {int(self._process)}")

    def _is_lost(self, error: Exception) -> bool:
        return isinstance(error, OSError) or any(part in str(error) for part in _LOST)

    def _reason(self, error: Exception) -> str | None:
        told = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
        if self._is_lost(error):
            return "nobody answers there, or the connection was lost"
        return reason_of(str(told.get("C", "")))


def statements(timeout_seconds: float | None) -> list[str]:
    """Return the statements by which a session becomes equal to all others."""
    if timeout_seconds is None:
        return list(SESSION)
    return [*SESSION, f"SET statement_timeout TO {max(1, int(timeout_seconds * 1000))}"]
