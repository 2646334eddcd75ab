"""Databricks over its own connector: a warehouse, or a cluster."""

import logging
from collections.abc import Sequence
from contextlib import closing
from typing import Any, Final

from kpiascode.model.expression import Type
from kpiascode.run.engine import EngineError
from kpiascode.run.engines.dbapi import Column, DbApiEngine, Row, from_information_schema
from kpiascode.run.engines.inserting import insert_values
from kpiascode.run.engines.url import options_of

OPTIONS: Final = ("http_path", "auth_type")
WAREHOUSE: Final = {"TIMEZONE": "UTC", "ANSI_MODE": "true"}
CLUSTER: Final = {"spark.sql.session.timeZone": "UTC", "spark.sql.ansi.enabled": "true"}
"""The same by other names; a cluster takes those of a warehouse without a word, and does nothing."""

_WAREHOUSE_PATHS: Final = ("/warehouses/", "/endpoints/")
_PARAMETERS: Final = 250
_TYPES: Final = {
    **dict.fromkeys(("tinyint", "smallint", "int", "bigint", "byte", "short", "long"), Type.INTEGER),
    "float": Type.DOUBLE,
    "double": Type.DOUBLE,
    **dict.fromkeys(("string", "char", "varchar"), Type.TEXT),
    "date": Type.DATE,
    "timestamp_ntz": Type.TIMESTAMP,
    "timestamp": Type.INSTANT,
    "boolean": Type.BOOLEAN,
}
_REASONS: Final = {
    "TABLE_OR_VIEW_NOT_FOUND": "a table is missing",
    "INSUFFICIENT_PERMISSIONS": "this user may not read it",
    "PERMISSION_DENIED": "this user may not read it",
    "NO_SUCH_CATALOG_EXCEPTION": "there is no such catalog",
    "SCHEMA_NOT_FOUND": "there is no such schema",
    "ARITHMETIC_OVERFLOW": "a number has more digits than it counts with",
    "NUMERIC_VALUE_OUT_OF_RANGE": "a number has more digits than it counts with",
    "CAST_INVALID_INPUT": "a value does not have the type that it is cast to",
    "OPERATION_CANCELED": "it was stopped",
    "QUERY_EXECUTION_TIMEOUT_EXCEEDED": "it took longer than it may",
}
_HTTP: Final = {
    401: "the token is wrong or over",
    403: "the token is wrong, or this user may not use the warehouse",
    404: "there is no warehouse or cluster at this `http_path`",
}
_UNREACHED: Final = ("RequestError", "MaxRetryDurationError", "SessionAlreadyClosedError")


class Databricks(DbApiEngine):
    """Databricks; `databricks://token:TOKEN@host/catalog/schema?http_path=/sql/1.0/warehouses/ID`.

    It has no session that only reads: the user must be one that only reads.
    """

    name = "databricks"
    dialect = "databricks"
    extra = "databricks"
    mark = "?"

    def _connect(self) -> Any:
        import pyarrow  # noqa: F401 - without it the connector tells clocks from instants no more
        from databricks import sql

        logging.getLogger("databricks").addHandler(logging.NullHandler())
        url, options = self.url, options_of(self.url, OPTIONS)
        path = options.get("http_path")
        if not path or url.host is None:
            raise EngineError(self.name, "the URL names no `?http_path=` of a warehouse or cluster", "")
        is_warehouse = any(part in path for part in _WAREHOUSE_PATHS)
        session = dict(WAREHOUSE if is_warehouse else CLUSTER)
        if self._timeout is not None and is_warehouse:
            session["STATEMENT_TIMEOUT"] = str(max(1, int(self._timeout)))
        catalog, _, schema = url.path.partition("/")
        told = {
            "access_token": url.password,
            "auth_type": options.get("auth_type"),
            "catalog": catalog,
            "schema": schema,
        }
        self._cursor: Any = None
        return sql.connect(
            server_hostname=url.host,
            http_path=path,
            session_configuration=session,
            user_agent_entry="kpiascode",
            enable_telemetry=False,
            **{name: value for name, value in told.items() if value},
        )

    def _prepare(self) -> None:
        asked = "SELECT current_timezone(), current_catalog(), current_schema()"
        ((zone, self._catalog, self._schema),) = self._fetch(asked)
        if zone not in ("UTC", "Etc/UTC"):
            raise EngineError(self.name, "its session cannot be set to the time zone UTC", "")

    def _columns(self, parts: Sequence[str]) -> tuple[tuple[str, ...], Sequence[Column]] | None:
        """Ask the metastore, since not every catalog has an information_schema."""
        catalog = parts[-3] if len(parts) > 2 else self._catalog
        schema = parts[-2] if len(parts) > 1 else self._schema
        with closing(self._connection.cursor()) as cursor:
            cursor.columns(catalog_name=catalog, schema_name=schema, table_name=parts[-1])
            rows = [tuple(row)[1:6] for row in cursor.fetchall()]
        # `_` in a name stands for any sign when it is asked for
        there = [
            (own_schema, table, column, kind)
            for own_schema, table, column, _, kind in rows
            if own_schema.lower() == schema.lower()
        ]
        found = from_information_schema(there, parts)
        return None if found is None else ((catalog, *found[0]), found[1])

    def _type(self, kind: str) -> Type:
        word = kind.lower().partition("(")[0]
        return Type.DECIMAL if word in ("decimal", "dec", "numeric") else _TYPES.get(word, Type.UNKNOWN)

    def _declared(self, kind: str) -> str:
        words = {"VARCHAR": "STRING", "TIMESTAMP": "TIMESTAMP_NTZ", "TIMESTAMP WITH TIME ZONE": "TIMESTAMP"}
        return words.get(kind, kind)

    def _quoted(self, name: str) -> str:
        return "`" + name.replace("`", "``") + "`"

    def _insert(self, table: str, rows: Sequence[Row], width: int) -> None:
        cursor = self._connection.cursor()
        insert_values(cursor, table, rows, width=width, mark=self.mark, at_once=_PARAMETERS)

    def _fetch(self, sql: str) -> Sequence[Row]:
        with closing(self._connection.cursor()) as cursor:
            self._cursor = cursor
            cursor.execute(sql)
            return [tuple(row) for row in cursor.fetchall()]

    def _cancel(self) -> None:
        if self._cursor is not None:
            self._cursor.cancel()

    def _is_lost(self, error: Exception) -> bool:
        """Return whether the server was not reached; what it refused stays refused."""
        return type(error).__name__ in _UNREACHED and _http_code(error) is None

    def _reason(self, error: Exception) -> str | None:
        known = next((why for code, why in _REASONS.items() if f"[{code}" in str(error)), None)
        if known is not None:
            return known
        code = _http_code(error)
        if code in _HTTP:
            return _HTTP[code]
        return "nobody answers there, or the connection was lost" if self._is_lost(error) else None


def _http_code(error: Exception) -> int | None:
    context = getattr(error, "context", None)
    code = context.get("http-code") if isinstance(context, dict) else None
    return code if isinstance(code, int) else None
