"""Snowflake over its own connector."""

import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any, Final

from kpiascode.model.catalog import named_like
from kpiascode.model.expression import Type
from kpiascode.run.engine import EngineError
from kpiascode.run.engines.dbapi import Column, DbApiEngine, Row, from_information_schema
from kpiascode.run.engines.url import options_of
from kpiascode.run.sql_types import quoted_name, quoted_text

OPTIONS: Final = ("warehouse", "role", "authenticator", "private_key_file", "private_key_file_pwd", "token")
SESSION: Final[Mapping[str, str | bool]] = {
    "TIMEZONE": "UTC",
    "TIMESTAMP_TYPE_MAPPING": "TIMESTAMP_NTZ",
    "QUOTED_IDENTIFIERS_IGNORE_CASE": False,
    "ABORT_DETACHED_QUERY": True,
    "CLIENT_TELEMETRY_ENABLED": False,
    "QUERY_TAG": "kpiascode",
}
"""A timestamp without zone is a clock; names are taken as they are quoted; who goes away leaves no query."""

_TYPES: Final = {
    "INTEGER": Type.INTEGER,
    "NUMBER": Type.DECIMAL,
    "FLOAT": Type.DOUBLE,
    "TEXT": Type.TEXT,
    "DATE": Type.DATE,
    "TIMESTAMP_NTZ": Type.TIMESTAMP,
    "TIMESTAMP_LTZ": Type.INSTANT,
    "TIMESTAMP_TZ": Type.INSTANT,
    "BOOLEAN": Type.BOOLEAN,
}
_COLUMNS: Final = """
SELECT table_schema, table_name, column_name,
  CASE WHEN data_type = 'NUMBER' AND numeric_scale = 0 THEN 'INTEGER' ELSE data_type END
FROM {database}information_schema.columns
WHERE LOWER(table_name) = LOWER(%s) AND LOWER(table_schema) = LOWER(COALESCE(%s, CURRENT_SCHEMA()))
ORDER BY table_schema, table_name, ordinal_position
"""
_DATABASES: Final = "SELECT database_name FROM information_schema.databases"
_REASONS: Final = {
    604: "it was stopped",
    606: "no warehouse is chosen; the URL names it by `?warehouse=`",
    630: "it took longer than it may",
    2003: "a table is missing, or this role may not read it",
    2043: "there is no such database or schema, or this role may not use it",
    3001: "this role may not read it",
    100035: "a value does not have the type that it is cast to",
    100038: "a value does not have the type that it is cast to",
    250003: "the connection was lost",
    250005: "the connection was lost",
    251001: "the URL names no account",
    251006: "the URL names no password",
    251008: "the private key cannot be read",
    390100: "the user or the password is wrong",
    390111: "the session is over",
    390112: "the session is over",
    390114: "the session is over",
    390144: "the key is not this user's",
    390201: "there is no such database, schema, warehouse or role, or this user may not use it",
}
_LOST: Final = frozenset({250002, 250003, 250005, 390111, 390112, 390114})
_STATES: Final = {
    "22003": "a number has more digits than it counts with",
    "42501": "this role may not read it",
    "57014": "it was stopped",
}
_TEXTS: Final = {
    "Incorrect username or password": "the user or the password is wrong",
    "JWT token is invalid": "the key is not this user's",
    "does not exist or not authorized": _REASONS[390201],
}
"""What a refused login says: it has one number for all of them."""


class Snowflake(DbApiEngine):
    """Snowflake; `snowflake://user:password@account/database/schema?warehouse=W&role=R`.

    It has no session that only reads: the role must be one that only reads.
    """

    name = "snowflake"
    dialect = "snowflake"
    extra = "snowflake"

    def _connect(self) -> Any:
        from snowflake import connector

        logging.getLogger("snowflake").addHandler(logging.NullHandler())
        url, options = self.url, dict(options_of(self.url, OPTIONS))
        if url.host is None:
            raise EngineError(self.name, _REASONS[251001], "")
        database, _, schema = url.path.partition("/")
        if "private_key_file" in options:
            options.setdefault("authenticator", "SNOWFLAKE_JWT")
        told = {"password": url.password, "database": database, "schema": schema, **options}
        return connector.connect(
            account=url.host,
            user=url.user or "",
            session_parameters=session(self._timeout),
            validate_default_parameters=True,
            login_timeout=30,
            application="kpiascode",
            **{name: value for name, value in told.items() if value},
        )

    def _prepare(self) -> None:
        """Nothing: the session was opened with its settings."""

    def _columns(self, parts: Sequence[str]) -> tuple[tuple[str, ...], Sequence[Column]] | None:
        schema = parts[-2] if len(parts) > 1 else None
        if len(parts) < 3:
            return from_information_schema(
                self._asked(_COLUMNS.format(database=""), parts[-1], schema), parts
            )
        database = named_like(parts[-3], [name for (name,) in self._asked(_DATABASES)])
        if database is None:
            return None
        there = _COLUMNS.format(database=f"{quoted_name(database)}.")
        found = from_information_schema(self._asked(there, parts[-1], schema), parts)
        return None if found is None else ((database, *found[0]), found[1])

    def _type(self, kind: str) -> Type:
        return _TYPES.get(kind, Type.UNKNOWN)

    def _declared(self, kind: str) -> str:
        words = {"TIMESTAMP": "TIMESTAMP_NTZ", "TIMESTAMP WITH TIME ZONE": "TIMESTAMP_TZ"}
        return words.get(kind, kind)

    def _fetch(self, sql: str) -> Sequence[Row]:
        """Return the rows; the query is only watched, so that it has an id by which it can be stopped."""
        with closing(self._connection.cursor()) as cursor:
            cursor.execute_async(sql)
            self._running = cursor.sfqid
            cursor.get_results_from_sfqid(cursor.sfqid)
            return [tuple(row) for row in cursor.fetchall()]

    def _cancel(self) -> None:
        self._connection.cursor().abort_query(self._running)

    def estimate(self, sql: str) -> int | None:
        """Return the bytes of the partitions that are not left out."""
        try:
            with closing(self._connection.cursor()) as cursor:
                cursor.execute(f"EXPLAIN USING JSON {sql}")
                ((told,),) = cursor.fetchall()
        except Exception as error:
            raise self._failed("the query was refused", error) from None
        found = json.loads(told).get("GlobalStats", {}).get("bytesAssigned")
        return found if isinstance(found, int) else None

    def _is_lost(self, error: Exception) -> bool:
        return self._connection.is_closed() or getattr(error, "errno", None) in _LOST

    def _reason(self, error: Exception) -> str | None:
        told = next((why for part, why in _TEXTS.items() if part in str(error)), None)
        number = getattr(error, "errno", None)
        state = getattr(error, "sqlstate", None)
        if number in _REASONS:
            return _REASONS[number]
        if told is None and number in (250001, 290404):
            return "nobody answers there, or there is no such account"
        return told or _STATES.get(str(state))


def session(timeout_seconds: float | None) -> dict[str, str | int | bool]:
    """Return the parameters by which a session becomes safe and equal to all others."""
    if timeout_seconds is None:
        return dict(SESSION)
    return {**SESSION, "STATEMENT_TIMEOUT_IN_SECONDS": max(1, int(timeout_seconds))}


def statements(timeout_seconds: float | None) -> list[str]:
    """Return the same as statements."""
    return [
        f"ALTER SESSION SET {name} = {quoted_text(value) if isinstance(value, str) else str(value).upper()}"
        for name, value in session(timeout_seconds).items()
    ]
