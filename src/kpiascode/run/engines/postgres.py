"""PostgreSQL over psycopg 3."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from kpiascode.model.catalog import Table, named_like
from kpiascode.model.expression import Type
from kpiascode.run.engines.dbapi import (
    PATIENCE_SECONDS,
    TAKEN,
    Column,
    DbApiEngine,
    Row,
    from_information_schema,
)
from kpiascode.run.engines.url import options_of
from kpiascode.run.sql_types import quoted_name, quoted_text

_TYPES: Final = {
    "smallint": Type.INTEGER,
    "integer": Type.INTEGER,
    "bigint": Type.INTEGER,
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
SELECT n.nspname, c.relname, a.attname,
  format_type(CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END, NULL)
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid
JOIN pg_type AS t ON t.oid = a.atttypid
WHERE lower(c.relname) = lower(%s) AND c.relkind IN ('r', 'v', 'm', 'f', 'p')
  AND a.attnum > 0 AND NOT a.attisdropped
  AND CASE WHEN %s::text IS NULL THEN n.nspname = ANY (current_schemas(false))
    ELSE lower(n.nspname) = lower(%s) END
ORDER BY array_position(current_schemas(false), n.nspname), n.nspname, a.attnum
"""
"""Not from information_schema, which hides what this user may not read: that is told as what it is."""

_FOLDED: Final = """
SELECT a.attname, CASE WHEN l.collisdeterministic THEN '`citext`, of which different texts are equal'
    ELSE 'texts of a collation that is not deterministic, by which different ones are equal' END
FROM pg_attribute AS a
JOIN pg_type AS t ON t.oid = a.atttypid
JOIN pg_collation AS l ON l.oid = a.attcollation
WHERE a.attrelid = {table}::regclass AND a.attnum > 0 AND NOT a.attisdropped AND (NOT l.collisdeterministic
  OR format_type(CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END, NULL) ~ '(^|[.])citext$')
"""

_REASONS: Final = {
    "08": "the connection failed",
    "28": "the user or the password is wrong",
    "3D": "there is no such database",
    "42501": "this user may not read it",
    "42809": TAKEN,
    "42P01": "a table is missing",
    "42P07": TAKEN,
    "23505": "another program makes the same table",
    "55P03": "another program holds the table",
    "57014": "it was stopped",
    "57P01": "the server was shut down",
    "53": "the server has no room for it",
    "22021": "a text holds a sign that it cannot store",
    "42701": "two columns have one name there",
    "54011": "it has more columns than a table may have",
    "22003": "a number has more digits than it counts with",
    "22P02": "a value does not have the type that it is cast to",
}


_TLS: Final = {
    "server does not support SSL": "the server has no TLS, and `sslmode` wants it",
    "root certificate file": "the file of `sslrootcert` is not there",
    "certificate verify failed": "the server's certificate is not one that `sslrootcert` vouches for",
    "does not match host name": "the server's certificate is for another host",
    "invalid sslmode": "`sslmode` is no mode of libpq, such as `verify-full`",
    "private key file": "the file of `sslkey` cannot be used",
    "could not read certificate file": "the file of `sslcert` cannot be used",
    "could not load": "a file of a certificate or a key cannot be used",
    "SSL error": "the server's TLS and this one's do not go together",
}
"""What libpq says of TLS, the more special first."""

OPTIONS: Final = ("sslmode", "sslrootcert", "sslcert", "sslkey")


class Postgres(DbApiEngine):
    """A PostgreSQL server; `postgresql://user:password@host/database`."""

    name = "postgres"
    dialect = "postgres"
    extra = "postgres"

    def _connect(self) -> Any:
        url, options = self.url, options_of(self.url, OPTIONS)
        import psycopg

        logging.getLogger("psycopg").addHandler(logging.NullHandler())
        guards = ["-c TimeZone=UTC", "-c lock_timeout=10s"]
        guards += [] if self._writes else ["-c default_transaction_read_only=on"]
        if self._timeout is not None:
            guards.append(f"-c statement_timeout={max(1, int(self._timeout * 1000))}")
        return psycopg.connect(
            host=url.host,
            port=url.port,
            user=url.user,
            password=url.password,
            dbname=url.path or None,
            autocommit=True,
            connect_timeout=10,
            options=" ".join(guards),
            prepare_threshold=None,
            **options,
        )

    def _prepare(self) -> None:
        self._connection.execute("SET DateStyle = 'ISO, YMD'")

    def _columns(self, parts: Sequence[str]) -> tuple[tuple[str, ...], Sequence[Column]] | None:
        if len(parts) > 2 and parts[-3] != self._connection.info.dbname:
            return None  # it reads no other database
        schema = parts[-2] if len(parts) > 1 else None
        rows = self._asked(_COLUMNS, parts[-1], schema, schema)
        if schema is not None:
            meant = named_like(schema, {found for found, *_ in rows})
            rows = [row for row in rows if row[0] == meant]
        return from_information_schema(rows, parts)

    def _described(self, name: tuple[str, ...], columns: Sequence[Column]) -> Table:
        return without_folded(super()._described(name, columns), self._fetch)

    def _put_in_place(self, loading: str, name: str, *, replace: bool) -> None:
        with self._connection.transaction():
            super()._put_in_place(loading, name, replace=replace)

    def _type(self, kind: str) -> Type:
        return _TYPES.get(kind, Type.UNKNOWN)

    def _declared(self, kind: str) -> str:
        words = {"VARCHAR": "TEXT", "DOUBLE": "DOUBLE PRECISION", "TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ"}
        return words.get(kind, kind)

    def _cancel(self) -> None:
        self._connection.cancel_safe(timeout=PATIENCE_SECONDS)

    def _is_lost(self, error: Exception) -> bool:
        return bool(self._connection.closed)

    def _reason(self, error: Exception) -> str | None:
        return reason_of_error(error)


def without_folded(table: Table, ask: Callable[[str], Sequence[Row]]) -> Table:
    """Return a table that refuses the columns of which different texts are equal."""
    named = quoted_text(".".join(map(quoted_name, table.name)))
    return replace(table, refused=dict(ask(_FOLDED.format(table=named))))


def session(timeout_seconds: float | None) -> list[str]:
    """Return the statements by which a session of another driver becomes what `_connect` makes of ours."""
    said = [
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
        "SET TimeZone = 'UTC'",
        "SET DateStyle = 'ISO, YMD'",
        "SET lock_timeout = '10s'",
    ]
    if timeout_seconds is not None:
        said.append(f"SET statement_timeout = {max(1, int(timeout_seconds * 1000))}")
    return said


def reason_of_error(error: Exception) -> str | None:
    """Return in words what a failure of a driver means; one that found no server has no SQLSTATE."""
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    if state:
        return reason_of(state)
    text = str(error)
    if "cannot contain NUL" in text:
        return _REASONS["22021"]
    if type(error).__name__ != "OperationalError":
        return None
    if (tls := next((why for part, why in _TLS.items() if part in text), None)) is not None:
        return tls
    if "password authentication failed" in text or "no password supplied" in text:
        return _REASONS["28"]
    if "does not exist" in text:
        return _REASONS["3D"]
    return "nobody answers there, or the connection was lost"


def reason_of(state: str) -> str | None:
    """Return in words what an SQLSTATE means; None where that is not known."""
    return next((why for code, why in _REASONS.items() if state.startswith(code)), None)
