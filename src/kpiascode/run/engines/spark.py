"""Spark: a session in this process, with executors here or in a cluster, or a server over Spark Connect."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from kpiascode.model.catalog import named_like
from kpiascode.model.expression import Type
from kpiascode.run.engine import EngineError
from kpiascode.run.engines.dbapi import Column, DbApiEngine, Row
from kpiascode.run.engines.url import folder_of, options_of

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
    """Spark; `spark://local` for a session in this process, `sc://host:15002` for a server.

    `spark://local/folder`: each `name.parquet` there, a file or a folder, is the table `name`.
    """

    name = "spark"
    dialect = "spark"
    extra = "spark"

    def _connect(self) -> Any:
        url = self.url
        options = options_of(url, () if url.scheme == "sc" else ("master",))
        self._folder = self._parquet()

        from pyspark.sql import SparkSession

        if url.scheme == "sc":
            port = url.port or 15002
            token = f"/;token={url.password}" if url.password else ""
            return SparkSession.builder.remote(f"sc://{url.host}:{port}{token}").getOrCreate()
        master = "local[*]" if url.host in (None, "local") else f"spark://{url.host}:{url.port or 7077}"
        return (
            SparkSession.builder.master(options.get("master", master))
            .appName("kpiascode")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .getOrCreate()
        )

    def _prepare(self) -> None:
        for name, value in SETTINGS.items():
            self._connection.conf.set(name, value)

    def _parquet(self) -> Path | None:
        """Return the folder whose Parquet files are the tables; None where the catalogue has them."""
        if not self.url.path:
            return None
        if self.url.scheme == "sc" or self._writes:
            told = (
                "the tables of a folder are only read, and not by a server; leave the folder out of its URL"
            )
            raise EngineError(self.name, told, "")
        return folder_of(self.url).resolve()

    def _columns(self, parts: Sequence[str]) -> tuple[tuple[str, ...], Sequence[Column]] | None:
        if self._folder is not None:
            if len(parts) > 1:
                return None
            files = {file.stem: file for file in sorted(self._folder.glob("*.parquet"))}
            name = named_like(parts[-1], files)
            if name is None:
                return None
            view = self._quoted(name)
            self._connection.read.parquet(f"file://{_as_it_is(files[name])}").createOrReplaceTempView(view)
            return (name,), self._connection.table(view).dtypes
        schema = parts[:-1]
        within = f" IN {'.'.join(map(self._quoted, schema))}" if schema else ""
        tables = self._connection.sql(f"SHOW TABLES{within}").collect()
        name = named_like(parts[-1], [table["tableName"] for table in tables])
        if name is None:
            return None
        qualified = (*schema, name)
        return qualified, self._connection.table(".".join(map(self._quoted, qualified))).dtypes

    def _type(self, kind: str) -> Type:
        return Type.DECIMAL if kind.startswith("decimal") else _TYPES.get(kind, Type.UNKNOWN)

    def _fetch(self, sql: str) -> Sequence[Row]:
        return [tuple(row) for row in self._connection.sql(sql).collect()]

    def _declared(self, kind: str) -> str:
        words = {
            "VARCHAR": "STRING",
            "TIMESTAMP": "TIMESTAMP_NTZ",
            "TIMESTAMP WITH TIME ZONE": "TIMESTAMP_LTZ",
        }
        return words.get(kind, kind)

    def load(self, name: str, columns: Sequence[Column], rows: Sequence[Row], *, replace: bool) -> None:
        schema = ", ".join(f"`{column}` {self._declared(kind)}" for column, kind in columns)
        try:
            frame = self._connection.createDataFrame(list(rows), schema)
            frame.write.mode("overwrite" if replace else "error").saveAsTable(name)
        except Exception as error:
            raise self._failed(f"cannot load `{name}`", error) from None

    def _run(self, sql: str) -> None:
        self._connection.sql(sql)

    def _quoted(self, name: str) -> str:
        return "`" + name.replace("`", "``") + "`"

    def _cancel(self) -> None:
        self._connection.interruptAll()

    def _is_too_large(self, error: Exception) -> bool:
        return "UNABLE_TO_ACQUIRE_MEMORY" in str(error)

    def _reason(self, error: Exception) -> str | None:
        condition = getattr(error, "getCondition", lambda: None)() or ""
        told = [f"[{code}" in str(error) or code in condition for code in _REASONS]
        return next((why for why, is_told in zip(_REASONS.values(), told, strict=True) if is_told), None)

    def close(self) -> None:
        """Leave the session to whoever else uses it in this process."""


def _as_it_is(path: Path) -> str:
    """Return a path of which no sign is a pattern."""
    return re.sub(r"([\[\]{}*?\\])", r"\\\1", str(path))
