"""Spark: a session in this process, or a server over Spark Connect."""

from collections.abc import Sequence
from typing import Any, Final

from kpiascode.model.catalog import named_like
from kpiascode.model.expression import Type
from kpiascode.run.engines.dbapi import Column, DbApiEngine, Row

SETTINGS: Final = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
}
"""ANSI: an overflow is an error and no other number. A timestamp without zone is a clock."""

_TYPES: Final = {
    **dict.fromkeys(("tinyint", "smallint", "int", "bigint"), Type.INTEGER),
    "float": Type.DOUBLE,
    "double": Type.DOUBLE,
    "string": Type.TEXT,
    "date": Type.DATE,
    "timestamp_ntz": Type.TIMESTAMP,
    "timestamp": Type.INSTANT,
    "boolean": Type.BOOLEAN,
}
_REASONS: Final = {
    "TABLE_OR_VIEW_NOT_FOUND": "a table is missing",
    "ARITHMETIC_OVERFLOW": "a number has more digits than it counts with",
    "NUMERIC_VALUE_OUT_OF_RANGE": "a number has more digits than it counts with",
    "CAST_INVALID_INPUT": "a value does not have the type that it is cast to",
    "OPERATION_CANCELED": "it was stopped",
}


class Spark(DbApiEngine):
    """Spark; `spark://local` for a session in this process, `sc://host:15002` for a server."""

    name = "spark"
    dialect = "spark"
    extra = "spark"

    def _connect(self) -> Any:
        from pyspark.sql import SparkSession

        url = self.url
        if url.scheme == "sc":
            port = url.port or 15002
            token = f"/;token={url.password}" if url.password else ""
            return SparkSession.builder.remote(f"sc://{url.host}:{port}{token}").getOrCreate()
        master = "local[*]" if url.host in (None, "local") else f"spark://{url.host}:{url.port or 7077}"
        return (
            SparkSession.builder.master(url.options.get("master", master))
            .appName("kpiascode")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .getOrCreate()
        )

    def _prepare(self) -> None:
        for name, value in SETTINGS.items():
            self._connection.conf.set(name, value)

    def _columns(self, parts: Sequence[str]) -> tuple[tuple[str, ...], Sequence[Column]] | None:
        schema = parts[-2] if len(parts) > 1 else None
        tables = (
            self._connection.catalog.listTables(schema) if schema else self._connection.catalog.listTables()
        )
        name = named_like(parts[-1], [table.name for table in tables])
        if name is None:
            return None
        qualified = (name,) if schema is None else (schema, name)
        return qualified, self._connection.table(".".join(f"`{part}`" for part in qualified)).dtypes

    def _type(self, kind: str) -> Type:
        return Type.DECIMAL if kind.startswith("decimal") else _TYPES.get(kind, Type.UNKNOWN)

    def _fetch(self, sql: str) -> Sequence[Row]:
        return [tuple(row) for row in self._connection.sql(sql).collect()]

    def _declared(self, kind: str) -> str:
        words = {"VARCHAR": "STRING", "TIMESTAMP": "TIMESTAMP_NTZ", "TIMESTAMP WITH TIME ZONE": "TIMESTAMP"}
        return words.get(kind, kind)

    def load(self, name: str, columns: Sequence[Column], rows: Sequence[Row], *, replace: bool) -> None:
        schema = ", ".join(f"`{column}` {self._declared(kind)}" for column, kind in columns)
        try:
            frame = self._connection.createDataFrame(list(rows), schema)
            frame.write.mode("overwrite" if replace else "error").saveAsTable(name)
        except Exception as error:
            raise self._failed(f"cannot load `{name}`", error) from None

    def _cancel(self) -> None:
        self._connection.interruptAll()

    def _reason(self, error: Exception) -> str | None:
        condition = getattr(error, "getCondition", lambda: None)() or ""
        return next((why for code, why in _REASONS.items() if code in condition), None)

    def close(self) -> None:
        """Leave the session to whoever else uses it in this process."""
