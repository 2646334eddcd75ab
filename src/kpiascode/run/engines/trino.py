"""Trino over its own client."""

import logging
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from kpiascode.model.expression import Type
from kpiascode.run.engine import EngineError
from kpiascode.run.engines.dbapi import Column, DbApiEngine, Row, from_information_schema
from kpiascode.run.engines.inserting import insert_values
from kpiascode.run.engines.url import options_of
from kpiascode.run.sql_types import quoted_name

OPTIONS: Final = ("token", "verify")
_PARAMETERS: Final = 2_000
_TLS_PORTS: Final = (443, 8443)
_TYPES: Final = {
    **dict.fromkeys(("tinyint", "smallint", "integer", "bigint"), Type.INTEGER),
    "decimal": Type.DECIMAL,
    "real": Type.DOUBLE,
    "double": Type.DOUBLE,
    **dict.fromkeys(("varchar", "char"), Type.TEXT),
    "date": Type.DATE,
    "boolean": Type.BOOLEAN,
}
_COLUMNS: Final = """
SELECT table_schema, table_name, column_name, data_type FROM {catalog}.information_schema.columns
WHERE table_schema = lower(?) AND table_name = lower(?)
ORDER BY ordinal_position
"""
_REASONS: Final = {
    "TABLE_NOT_FOUND": "a table is missing",
    "SCHEMA_NOT_FOUND": "there is no such schema",
    "CATALOG_NOT_FOUND": "there is no such catalog",
    "PERMISSION_DENIED": "this user may not read it",
    "NUMERIC_VALUE_OUT_OF_RANGE": "a number has more digits than it counts with",
    "INVALID_CAST_ARGUMENT": "a value does not have the type that it is cast to",
    "EXCEEDED_TIME_LIMIT": "it took longer than it may",
    "USER_CANCELED": "it was stopped",
    "ADMINISTRATIVELY_KILLED": "it was stopped",
    "QUERY_TEXT_TOO_LARGE": "the query is larger than it takes",
    "QUERY_HAS_TOO_MANY_STAGES": "the query is larger than it takes",
}
_TOO_LARGE: Final = frozenset({"QUERY_TEXT_TOO_LARGE", "QUERY_HAS_TOO_MANY_STAGES"})
_UNREACHED: Final = frozenset({"TrinoConnectionError", "Http502Error", "Http503Error", "Http504Error"})


class Trino(DbApiEngine):
    """Trino; `trino://user:password@host:8443/catalog/schema`.

    It has no session that only reads: the user must be one that only reads.
    """

    name = "trino"
    dialect = "trino"
    extra = "trino"
    mark = "?"

    def _connect(self) -> Any:
        from trino import dbapi
        from trino.auth import BasicAuthentication, JWTAuthentication

        logging.getLogger("trino").addHandler(logging.NullHandler())
        url, options = self.url, options_of(self.url, OPTIONS)
        if url.host is None:
            raise EngineError(self.name, "the URL names no host", "")
        auth = None
        if "token" in options:
            auth = JWTAuthentication(options["token"])
        elif url.password is not None:
            auth = BasicAuthentication(url.user or "", url.password)
        is_secure = auth is not None or url.port in _TLS_PORTS
        session = {}
        if self._timeout is not None:
            session["query_max_run_time"] = f"{max(1, int(self._timeout * 1000))}ms"
        catalog, _, schema = url.path.partition("/")
        self._cursor: Any = None
        return dbapi.connect(
            host=url.host,
            port=url.port or (443 if is_secure else 8080),
            user=url.user or "kpiascode",
            source="kpiascode",
            catalog=catalog or None,
            schema=schema or None,
            http_scheme="https" if is_secure else "http",
            auth=auth,
            verify=options.get("verify", True),
            timezone="UTC",
            session_properties=session,
        )

    def _prepare(self) -> None:
        """Ask something, since nothing was said to the server yet."""
        self._asked("SELECT 1")

    def _columns(self, parts: Sequence[str]) -> tuple[tuple[str, ...], Sequence[Column]] | None:
        default_catalog, _, default_schema = self.url.path.partition("/")
        catalog = parts[-3] if len(parts) > 2 else default_catalog
        schema = parts[-2] if len(parts) > 1 else default_schema
        if not catalog or not schema:
            return None
        rows = self._asked(_COLUMNS.format(catalog=quoted_name(catalog)), schema, parts[-1])
        found = from_information_schema(rows, parts)
        return None if found is None else ((catalog, *found[0]), found[1])

    def _type(self, kind: str) -> Type:
        word = kind.partition("(")[0]
        if word.partition(" ")[0] == "timestamp":
            return Type.INSTANT if kind.endswith("with time zone") else Type.TIMESTAMP
        return _TYPES.get(word, Type.UNKNOWN)

    def _declared(self, kind: str) -> str:
        words = {"TIMESTAMP": "TIMESTAMP(6)", "TIMESTAMP WITH TIME ZONE": "TIMESTAMP(6) WITH TIME ZONE"}
        return words.get(kind, kind)

    def _cell(self, value: Any) -> Any:
        is_instant = isinstance(value, datetime) and value.tzinfo is not None
        return value.astimezone(ZoneInfo("UTC")) if is_instant else value

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
        return type(error).__name__ in _UNREACHED

    def _is_too_large(self, error: Exception) -> bool:
        return getattr(error, "error_name", None) in _TOO_LARGE

    def _reason(self, error: Exception) -> str | None:
        if self._is_lost(error):
            return "nobody answers there, or the connection was lost"
        if str(error).startswith("error 401"):
            return "the user or the password is wrong"
        if str(error).startswith("error 403"):
            return "this user may not ask it"
        return _REASONS.get(str(getattr(error, "error_name", None)))
