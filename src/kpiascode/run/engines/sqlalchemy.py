"""Any other database through SQLAlchemy, as long as it speaks a dialect that KPIs are compiled for."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, Final

from kpiascode.model.catalog import Table, named_like
from kpiascode.model.diagnostic import one_of
from kpiascode.model.expression import Type
from kpiascode.run.engine import EngineError
from kpiascode.run.engines import SQLALCHEMY, mssql, mysql, postgres, redshift, snowflake, sqlite
from kpiascode.run.engines.dbapi import Column, DbApiEngine, Row
from kpiascode.run.engines.url import file_of

DIALECTS: Final = {
    "awsathena": "athena",
    "mariadb": "mysql",
    "mssql": "tsql",
    "mysql": "mysql",
    "oracle": "oracle",
    "postgresql": "postgres",
    "redshift": "redshift",
    "snowflake": "snowflake",
    "sqlite": "sqlite",
}
"""By SQLAlchemy's name of a dialect, ours. Of those left out no session can be made equal to all others."""

ORACLE: Final = (
    "ALTER SESSION SET TIME_ZONE = 'UTC'",
    "ALTER SESSION SET NLS_NUMERIC_CHARACTERS = '.,'",
    "ALTER SESSION SET NLS_DATE_FORMAT = 'YYYY-MM-DD HH24:MI:SS'",
    "ALTER SESSION SET NLS_TIMESTAMP_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF6'",
    "ALTER SESSION SET NLS_COMP = BINARY",
    "ALTER SESSION SET NLS_SORT = BINARY",
)
_FIRST: Final = {"oracle": "SET TRANSACTION READ ONLY"}
"""What is said before each query, since it holds for one transaction only."""

_ORACLE_REASONS: Final = {
    "ORA-00942": "a table is missing, or this user may not read it",
    "ORA-01013": "it was stopped",
    "ORA-01017": "the user or the password is wrong",
    "ORA-01031": "this user may not read it",
    "ORA-01426": "a number has more digits than it counts with",
    "ORA-01722": "a value does not have the type that it is cast to",
    "ORA-12170": "nobody answers there",
    "ORA-12514": "there is no such service",
    "ORA-12541": "nobody answers there",
    "DPY-6001": "there is no such service",
    "DPY-6005": "nobody answers there",
    "DPY-4011": "the connection was lost",
}
_KINDS: Final = {
    "Integer": Type.INTEGER,
    "Float": Type.DOUBLE,
    "Numeric": Type.DECIMAL,
    "Date": Type.DATE,
    "String": Type.TEXT,
}
_INSTANTS: Final = ("DATETIMEOFFSET", "TIMESTAMP_TZ", "TIMESTAMP_LTZ")
_STOPS: Final = ("interrupt", "cancel")
"""What drivers call the method that stops a query from another thread."""


class SQLAlchemy(DbApiEngine):
    """A database through SQLAlchemy; `sqlalchemy+oracle+oracledb://user:password@host/?service_name=X`.

    Only read: tables are not loaded through it.
    """

    name = "sqlalchemy"
    extra = "sqlalchemy"
    depth = 2

    def _connect(self) -> Any:
        import sqlalchemy
        from sqlalchemy.exc import NoSuchModuleError
        from sqlalchemy.pool import NullPool

        url, driver = self.url, self.url.scheme.removeprefix(SQLALCHEMY)
        if self._writes:
            raise EngineError(self.name, "tables are not loaded through it; use the database's own tools", "")
        place = url.path
        if driver.partition("+")[0] == "sqlite":
            place = str(file_of(url).absolute())  # SQLAlchemy would make it where there is none
        address = sqlalchemy.URL.create(
            driver, url.user, url.password, url.host, url.port, place or None, url.options
        )
        try:
            engine = sqlalchemy.create_engine(address, poolclass=NullPool, hide_parameters=True)
        except NoSuchModuleError:
            raise EngineError(
                self.name, f"it has no dialect `{driver[:40]}`; its package is missing", ""
            ) from None
        except ImportError as error:
            told = f"the driver that `{driver[:40]}` needs is not installed"
            raise EngineError(self.name, told, str(error)) from None
        found = engine.dialect.name
        if found not in DIALECTS:
            told = f"no KPI is compiled for `{found[:40]}` through it; there are {one_of(DIALECTS, limit=20)}"
            raise EngineError(self.name, told, "")
        self.dialect = DIALECTS[found]
        return engine.connect()

    def _prepare(self) -> None:
        for statement in self._session():
            self._connection.exec_driver_sql(statement)
        self._connection.commit()

    def _session(self) -> Iterator[str]:
        """Yield the statements by which the session becomes safe and equal to all others."""
        match self.dialect:
            case "postgres":
                yield from postgres.session(self._timeout)
            case "redshift":
                yield from redshift.statements(self._timeout)
            case "mysql":
                ((version,),) = self._fetch("SELECT version()")
                if self._fetch(mysql.NOON_IN_BERLIN) != mysql.NOONS:
                    raise EngineError(self.name, mysql.NO_ZONES, "")
                yield from mysql.session(str(version), self._timeout, writes=False)
            case "sqlite":
                yield from (*sqlite.READ_ONLY, *sqlite.PRAGMAS)
            case "snowflake":
                yield from snowflake.statements(self._timeout)
            case "tsql":
                yield from mssql.SESSION
            case "oracle":
                yield from ORACLE
            case _:
                pass

    def _columns(self, parts: Sequence[str]) -> tuple[tuple[str, ...], Sequence[Column]] | None:
        import sqlalchemy

        look = sqlalchemy.inspect(self._connection)
        schema = named_like(parts[-2], look.get_schema_names()) if len(parts) > 1 else None
        if len(parts) > 1 and schema is None:
            return None
        table = named_like(parts[-1], [*look.get_table_names(schema), *look.get_view_names(schema)])
        if table is None:
            return None
        columns = [
            (self._spelled(column["name"]), kind_of(column["type"]))
            for column in look.get_columns(table, schema)
        ]
        name = (table,) if schema is None else (schema, table)
        return tuple(map(self._spelled, name)), columns

    def _described(self, name: tuple[str, ...], columns: Sequence[Column]) -> Table:
        found = super()._described(name, columns)
        match self.dialect:
            case "sqlite":
                return sqlite.with_seen_times(found, self._within)
            case "postgres":
                return postgres.without_folded(found, self._fetch)
            case _:
                return found

    def _spelled(self, name: str) -> str:
        """Return a name as the database has it; SQLAlchemy writes small what some write in capitals."""
        dialect = self._connection.dialect
        return str(dialect.denormalize_name(name)) if dialect.requires_name_normalize else name

    def _type(self, kind: str) -> Type:
        return next((found for found in Type if found.value == kind), Type.UNKNOWN)

    def _declared(self, kind: str) -> str:
        """Return the type itself: no table is made here."""
        return kind

    def _fetch(self, sql: str) -> Sequence[Row]:
        asked = self._connection.execution_options(no_parameters=True)  # so that a `%` is one
        asked.rollback()
        try:
            if self.dialect in _FIRST:
                asked.exec_driver_sql(_FIRST[self.dialect])
            rows = [tuple(row) for row in asked.exec_driver_sql(sql).fetchall()]
        finally:
            with suppress(Exception):
                asked.rollback()
        if self.dialect == "sqlite":
            return [tuple(sqlite.told(value) for value in row) for row in rows]
        return rows

    def _cancel(self) -> None:
        driver = self._connection.connection.driver_connection
        stop = next((getattr(driver, name) for name in _STOPS if hasattr(driver, name)), None)
        if stop is not None:
            stop()

    def _is_lost(self, error: Exception) -> bool:
        return bool(getattr(error, "connection_invalidated", False))

    def _is_too_large(self, error: Exception) -> bool:
        own = getattr(error, "orig", None) or error
        match getattr(self, "dialect", None):
            case "mysql":
                return mysql.is_too_large(own)
            case "sqlite":
                return sqlite.is_too_large(own)
            case "tsql":
                return mssql.is_too_large(own)
            case _:
                return False

    def _reason(self, error: Exception) -> str | None:
        if self._is_lost(error):
            return "the connection was lost"
        own = getattr(error, "orig", None) or error
        match getattr(self, "dialect", None):
            case "mysql":
                return mysql.reason_of(own)
            case "sqlite":
                return sqlite.reason_of(own)
            case "tsql":
                return mssql.reason_of(own)
            case "oracle":
                return next((why for code, why in _ORACLE_REASONS.items() if code in str(own)), None)
            case "postgres" | "redshift":
                return postgres.reason_of_error(own)
            case _:
                return None


def kind_of(found: Any) -> str:
    """Return our word for one of SQLAlchemy's types; where we have none, its own.

    Those of each dialect are made of a few that are common to all, by which they are known.
    """
    names = {kind.__name__ for kind in type(found).__mro__}
    own = type(found).__name__
    if "Boolean" in names or (own == "TINYINT" and getattr(found, "display_width", None) == 1):
        return Type.BOOLEAN.value
    if own == "NUMBER" and found.scale != 0:
        return Type.DECIMAL.value
    if "DateTime" in names:
        of_mysql = ".mysql" in type(found).__module__ and own == "TIMESTAMP"
        has_zone = getattr(found, "timezone", False) or getattr(found, "local_timezone", False)
        is_instant = has_zone or of_mysql or own in _INSTANTS
        return str((Type.INSTANT if is_instant else Type.TIMESTAMP).value)
    return next((str(kind.value) for name, kind in _KINDS.items() if name in names), own)
