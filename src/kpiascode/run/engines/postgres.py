"""PostgreSQL over psycopg 3."""

from collections.abc import Sequence
from typing import Any, Final

from kpiascode.model.expression import Type
from kpiascode.run.engines.dbapi import PATIENCE_SECONDS, Column, DbApiEngine, from_information_schema
from kpiascode.run.engines.url import options_of

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
SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, NULL)
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE lower(c.relname) = lower(%s) AND c.relkind IN ('r', 'v', 'm', 'f', 'p')
  AND a.attnum > 0 AND NOT a.attisdropped
  AND n.nspname = ANY (CASE WHEN %s::text IS NULL THEN current_schemas(false) ELSE ARRAY[%s::name] END)
ORDER BY array_position(current_schemas(false), n.nspname), n.nspname, a.attnum
"""
"""Not from information_schema, which hides what this user may not read: that is told as what it is."""

_REASONS: Final = {
    "08": "the connection failed",
    "28": "the user or the password is wrong",
    "3D": "there is no such database",
    "42501": "this user may not read it",
    "42P01": "a table is missing",
    "57014": "it was stopped",
    "57P01": "the server was shut down",
    "53": "the server has no room for it",
    "22003": "a number has more digits than it counts with",
    "22P02": "a value does not have the type that it is cast to",
}


OPTIONS: Final = ("sslmode", "sslrootcert", "sslcert", "sslkey")


class Postgres(DbApiEngine):
    """A PostgreSQL server; `postgresql://user:password@host/database`."""

    name = "postgres"
    dialect = "postgres"
    extra = "postgres"

    def _connect(self) -> Any:
        url, options = self.url, options_of(self.url, OPTIONS)
        import psycopg

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
        schema = parts[-2] if len(parts) > 1 else None
        return from_information_schema(self._asked(_COLUMNS, parts[-1], schema, schema), parts)

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
    if type(error).__name__ != "OperationalError":
        return None
    text = str(error)
    if "password authentication failed" in text or "no password supplied" in text:
        return _REASONS["28"]
    if "does not exist" in text:
        return _REASONS["3D"]
    return "nobody answers there, or the connection was lost"


def reason_of(state: str) -> str | None:
    """Return in words what an SQLSTATE means; None where that is not known."""
    return next((why for code, why in _REASONS.items() if state.startswith(code)), None)
