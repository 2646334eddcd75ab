"""SQL Server, Azure SQL and Fabric over mssql-python."""

import logging
from collections.abc import Sequence
from contextlib import closing
from typing import Any, Final

from kpiascode.model.expression import Type
from kpiascode.run.engine import EngineError
from kpiascode.run.engines.dbapi import Column, DbApiEngine, Row, from_information_schema
from kpiascode.run.engines.url import options_of
from kpiascode.run.sql_types import quoted_name, quoted_text

OPTIONS: Final = {
    "encrypt": "Encrypt",
    "trust_server_certificate": "TrustServerCertificate",
    "authentication": "Authentication",
    "application_intent": "ApplicationIntent",
}
"""By the option of the URL, the key of the connection string."""

SESSION: Final = (
    "SET QUOTED_IDENTIFIER ON",
    "SET ANSI_NULLS ON",
    "SET ANSI_PADDING ON",
    "SET ANSI_WARNINGS ON",
    "SET ARITHABORT ON",
    "SET CONCAT_NULL_YIELDS_NULL ON",
    "SET NUMERIC_ROUNDABORT OFF",
    "SET DATEFIRST 1",
    "SET DATEFORMAT ymd",
    "SET LOCK_TIMEOUT 10000",
)
"""ARITHABORT: an overflow is an error and no null."""

_TYPES: Final = {
    **dict.fromkeys(("tinyint", "smallint", "int", "bigint"), Type.INTEGER),
    **dict.fromkeys(("decimal", "numeric", "money", "smallmoney"), Type.DECIMAL),
    "real": Type.DOUBLE,
    "float": Type.DOUBLE,
    **dict.fromkeys(("char", "varchar", "nchar", "nvarchar", "text", "ntext"), Type.TEXT),
    "date": Type.DATE,
    **dict.fromkeys(("datetime", "datetime2", "smalldatetime"), Type.TIMESTAMP),
    "datetimeoffset": Type.INSTANT,
    "bit": Type.BOOLEAN,
}
_COLUMNS: Final = """
SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, DATA_TYPE FROM {database}INFORMATION_SCHEMA.COLUMNS
WHERE LOWER(TABLE_NAME) = LOWER(?) AND TABLE_SCHEMA = {schema}
ORDER BY TABLE_SCHEMA, ORDINAL_POSITION
"""
_TEXTS: Final = {
    "Login failed": "the user or the password is wrong",
    "Cannot open database": "there is no such database, or this user may not use it",
    "Invalid object name": "a table is missing",
    "permission was denied": "this user may not read it",
    "Arithmetic overflow": "a number has more digits than it counts with",
    "Conversion failed": "a value does not have the type that it is cast to",
    "Error converting": "a value does not have the type that it is cast to",
    "Lock request time out": "it waited too long for who writes",
}
_REASONS: Final = {
    "Invalid authorization specification": _TEXTS["Login failed"],
    "Base table or view not found": _TEXTS["Invalid object name"],
    "Numeric value out of range": _TEXTS["Arithmetic overflow"],
    "Operation canceled": "it was stopped",
    "Timeout expired": "it took longer than it may",
    "Connection timeout expired": "nobody answers there",
    "Client unable to establish connection": "nobody answers there",
    "Server rejected the connection": "nobody answers there",
    "Communication link failure": "the connection was lost",
    "Connection not open": "the connection was lost",
}
_LOST: Final = frozenset({"Communication link failure", "Connection not open"})
_TOO_LARGE: Final = (
    "ran out of internal resources and could not produce a query plan",
    "ran out of stack space during query optimization",
    "is nested too deeply",
)


class MSSQL(DbApiEngine):
    """SQL Server; `mssql://user:password@host:1433/database`.

    It has no session that only reads, even with `application_intent=ReadOnly`: the user must be one that only
    reads.
    """

    name = "mssql"
    dialect = "tsql"
    extra = "mssql"
    mark = "?"

    def _connect(self) -> Any:
        import mssql_python

        logging.getLogger("mssql_python").addHandler(logging.NullHandler())
        url, options = self.url, options_of(self.url, OPTIONS)
        if url.host is None:
            raise EngineError(self.name, "the URL names no host", "")
        told = {
            "Server": f"tcp:{url.host},{url.port or 1433}",
            "Database": url.path,
            "UID": url.user,
            "PWD": url.password,
            **{OPTIONS[option]: value for option, value in options.items()},
        }
        self._cursor: Any = None
        connection = mssql_python.connect(
            ";".join(f"{key}={braced(value)}" for key, value in told.items() if value),
            autocommit=True,
            timeout=10,
        )
        if self._timeout is not None:
            connection.timeout = max(1, int(self._timeout))
        return connection

    def _prepare(self) -> None:
        self._run("; ".join(SESSION))

    def _columns(self, parts: Sequence[str]) -> tuple[tuple[str, ...], Sequence[Column]] | None:
        database = f"{quoted_name(parts[-3])}." if len(parts) > 2 else ""
        if len(parts) > 1:
            rows = self._asked(_COLUMNS.format(database=database, schema="?"), parts[-1], parts[-2])
        else:
            rows = self._asked(_COLUMNS.format(database="", schema="SCHEMA_NAME()"), parts[-1])
        found = from_information_schema(rows, parts)
        return None if found is None else ((*parts[-3:-2], *found[0]), found[1])

    def _type(self, kind: str) -> Type:
        return _TYPES.get(kind.lower(), Type.UNKNOWN)

    def _declared(self, kind: str) -> str:
        words = {
            "VARCHAR": "NVARCHAR(4000) COLLATE Latin1_General_100_BIN2",
            "DOUBLE": "FLOAT",
            "BOOLEAN": "BIT",
            "TIMESTAMP": "DATETIME2(6)",
            "TIMESTAMP WITH TIME ZONE": "DATETIMEOFFSET(6)",
        }
        return words.get(kind, kind)

    def _rename(self, table: str, name: str) -> None:
        self._run(f"EXEC sp_rename {quoted_text(quoted_name(table))}, {quoted_text(name)}")

    def _fetch(self, sql: str) -> Sequence[Row]:
        with closing(self._connection.cursor()) as cursor:
            self._cursor = cursor
            cursor.execute(sql)
            return [tuple(row) for row in cursor.fetchall()]

    def _cancel(self) -> None:
        """Stop the statement by its handle: the driver itself does so, and has no other name for it."""
        if self._cursor is not None:
            self._cursor.hstmt._cancel()

    def _is_lost(self, error: Exception) -> bool:
        return getattr(error, "driver_error", None) in _LOST

    def _is_too_large(self, error: Exception) -> bool:
        return is_too_large(error)

    def _reason(self, error: Exception) -> str | None:
        return reason_of(error)


def is_too_large(error: Exception) -> bool:
    return any(part in str(error) for part in _TOO_LARGE)


def reason_of(error: Exception) -> str | None:
    """Return in words what a failure means; None where that is not known."""
    if is_too_large(error):
        return "the query is larger than it takes"
    known = next((why for part, why in _TEXTS.items() if part in str(error)), None)
    return known or _REASONS.get(str(getattr(error, "driver_error", None)))


def braced(value: str) -> str:
    """Return a value of a connection string, which ends at no `;` or `}` of its own.

    >>> braced("a;b}c")
    '{a;b}}c}'
    """
    return "{" + value.replace("}", "}}") + "}"
