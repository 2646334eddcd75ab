"""BigQuery over Google's client. It has jobs and no session, so each job carries the settings."""

import logging
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from kpiascode.model.catalog import named_like
from kpiascode.model.expression import Type
from kpiascode.run.engine import EngineError
from kpiascode.run.engines.dbapi import Column, DbApiEngine, Row
from kpiascode.run.engines.url import options_of

OPTIONS: Final = ("location", "maximum_bytes_billed")

_TYPES: Final = {
    "INTEGER": Type.INTEGER,
    "INT64": Type.INTEGER,
    "NUMERIC": Type.DECIMAL,
    "BIGNUMERIC": Type.DECIMAL,
    "FLOAT": Type.DOUBLE,
    "FLOAT64": Type.DOUBLE,
    "STRING": Type.TEXT,
    "DATE": Type.DATE,
    "DATETIME": Type.TIMESTAMP,
    "TIMESTAMP": Type.INSTANT,
    "BOOLEAN": Type.BOOLEAN,
    "BOOL": Type.BOOLEAN,
}
_REASONS: Final = {
    "accessDenied": "this user may not read it",
    "bytesBilledLimitExceeded": "it would read more than `maximum_bytes_billed`",
    "notFound": "a table is missing",
    "quotaExceeded": "the project has used up what it may",
    "rateLimitExceeded": "the project asks more often than it may",
    "resourcesExceeded": "the query takes more than it may",
    "stopped": "it was stopped",
    "timeout": "it took longer than it may",
}
_TOO_LARGE: Final = ("query is too complex", "query is too large", "query text is too long")
_NUMERIC_DIGITS: Final = 29
_NUMERIC_SCALE: Final = 9


class BigQuery(DbApiEngine):
    """BigQuery; `bigquery://project/dataset?location=EU&maximum_bytes_billed=10000000000`.

    Who asks is found in Google's own ways, such as `gcloud auth application-default login`. A job that reads
    cannot be kept from writing: the role must be one that only reads.
    """

    name = "bigquery"
    dialect = "bigquery"
    extra = "bigquery"

    def _connect(self) -> Any:
        from google.cloud import bigquery

        logging.getLogger("google").addHandler(logging.NullHandler())
        options = options_of(self.url, OPTIONS)
        if self.url.host is None:
            raise EngineError(self.name, "the URL names no project", "")
        if not options.get("maximum_bytes_billed", "1").isdigit():
            raise EngineError(self.name, "`maximum_bytes_billed` is a number of bytes", "")
        self._job: Any = None
        return bigquery.Client(project=self.url.host, location=options.get("location"))

    def _prepare(self) -> None:
        """Nothing: every job carries its settings."""

    def _settings(self, **more: object) -> Any:
        from google.cloud import bigquery

        settings = bigquery.QueryJobConfig(use_legacy_sql=False, **more)
        settings.connection_properties = [bigquery.ConnectionProperty("time_zone", "UTC")]
        if self.url.path:
            settings.default_dataset = f"{self.url.host}.{self.url.path}"
        if "maximum_bytes_billed" in self.url.options:
            settings.maximum_bytes_billed = int(self.url.options["maximum_bytes_billed"])
        if self._timeout is not None:
            settings.job_timeout_ms = max(1, int(self._timeout * 1000))
        return settings

    def _columns(self, parts: Sequence[str]) -> tuple[tuple[str, ...], Sequence[Column]] | None:
        if len(parts) < 2 and not self.url.path:
            return None
        dataset = parts[-2] if len(parts) > 1 else self.url.path
        project = parts[-3] if len(parts) > 2 else str(self.url.host)
        found = self._table(project, dataset, parts[-1])
        if found is None:
            return None
        columns = [
            (column.name, "ARRAY" if column.mode == "REPEATED" else column.field_type)
            for column in found.schema
        ]
        return (project, dataset, found.table_id), columns

    def _table(self, project: str, dataset: str, name: str) -> Any:
        """Return the table of that name, or the only one that differs by case; None where there is none."""
        from google.api_core.exceptions import NotFound

        try:
            return self._connection.get_table(f"{project}.{dataset}.{name}")
        except NotFound:
            pass
        try:
            names = [table.table_id for table in self._connection.list_tables(f"{project}.{dataset}")]
        except NotFound:
            return None
        alike = named_like(name, names)
        return None if alike is None else self._connection.get_table(f"{project}.{dataset}.{alike}")

    def _type(self, kind: str) -> Type:
        return _TYPES.get(kind, Type.UNKNOWN)

    def _fetch(self, sql: str) -> Sequence[Row]:
        self._job = self._connection.query(sql, job_config=self._settings())
        return [tuple(row.values()) for row in self._job.result()]

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def estimate(self, sql: str) -> int | None:
        """Return the bytes of a dry run, which is what would be billed without a cache."""
        try:
            settings = self._settings(dry_run=True, use_query_cache=False)
            found = self._connection.query(sql, job_config=settings).total_bytes_processed
        except Exception as error:
            raise self._failed("the query was refused", error) from None
        return None if found is None else int(found)

    def load(self, name: str, columns: Sequence[Column], rows: Sequence[Row], *, replace: bool) -> None:
        """Fill a table by one job, which is done wholly or not at all."""
        from google.cloud import bigquery

        settings = bigquery.LoadJobConfig(
            schema=[bigquery.SchemaField(column, self._declared(kind)) for column, kind in columns],
            write_disposition="WRITE_TRUNCATE" if replace else "WRITE_EMPTY",
        )
        names = [column for column, _ in columns]
        lines = [dict(zip(names, map(self._cell, row), strict=True)) for row in rows]
        try:
            if not replace and self._columns((name,)) is not None:
                raise EngineError(self.name, f"there is a table `{name}` already; --replace drops it", "")
            job = self._connection.load_table_from_json(lines, self._path(name), job_config=settings)
            job.result()
        except EngineError:
            raise
        except Exception as error:
            raise self._failed(f"cannot load `{name}`", error) from None

    def drop(self, name: str) -> None:
        try:
            self._connection.delete_table(self._path(name), not_found_ok=True)
        except Exception as error:
            raise self._failed(f"cannot drop `{name}`", error) from None

    def _path(self, name: str) -> str:
        if not self.url.path:
            raise EngineError(self.name, "the URL names no dataset that tables could be loaded into", "")
        return f"{self.url.host}.{self.url.path}.{name}"

    def _declared(self, kind: str) -> str:
        words = {
            "VARCHAR": "STRING",
            "BIGINT": "INT64",
            "INTEGER": "INT64",
            "DOUBLE": "FLOAT64",
            "TIMESTAMP": "DATETIME",
            "BOOLEAN": "BOOL",
            "TIMESTAMP WITH TIME ZONE": "TIMESTAMP",
        }
        if not kind.startswith("DECIMAL("):
            return words.get(kind, kind)
        width, scale = map(int, kind.removeprefix("DECIMAL(").removesuffix(")").split(","))
        fits = scale <= _NUMERIC_SCALE and width - scale <= _NUMERIC_DIGITS
        return "NUMERIC" if fits else "BIGNUMERIC"

    def _cell(self, value: Any) -> Any:
        """Return a cell as JSON has it: decimals as texts, so that no digit is lost."""
        match value:
            case Decimal():
                return format(value, "f")
            case datetime() | date():
                return value.isoformat()
            case _:
                return value

    def _is_lost(self, error: Exception) -> bool:
        from google.api_core.exceptions import ServiceUnavailable
        from google.auth.exceptions import TransportError

        return isinstance(error, ServiceUnavailable | TransportError | ConnectionError) or (
            type(error).__module__.startswith("requests") and type(error).__name__ == "ConnectionError"
        )

    def _is_too_large(self, error: Exception) -> bool:
        return any(part in str(error) for part in _TOO_LARGE)

    def _reason(self, error: Exception) -> str | None:
        if type(error).__name__ == "DefaultCredentialsError":
            return "no credentials of Google are here; run gcloud auth application-default login"
        if type(error).__name__ == "RefreshError":
            return "the credentials of Google are wrong or over"
        if type(error).__name__ in ("TransportError", "ConnectionError", "RetryError"):
            return "nobody answers there, or the connection was lost"
        if self._is_too_large(error):
            return "the query is larger than it takes"
        told = [one.get("reason") for one in getattr(error, "errors", None) or () if isinstance(one, dict)]
        known = next((_REASONS[reason] for reason in told if reason in _REASONS), None)
        code = getattr(error, "code", None)
        return known or {
            401: "the credentials of Google are wrong or over",
            403: _REASONS["accessDenied"],
            404: _REASONS["notFound"],
        }.get(code if isinstance(code, int) else -1)
