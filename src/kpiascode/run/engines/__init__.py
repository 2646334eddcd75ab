"""Engines other than the embedded one: each a thin adapter over its driver, which is an extra.

Others are found by the entry point `kpiascode.engines`: its name is the scheme of the URL, and it is called
with the URL, `timeout_seconds` and `writes`.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points
from typing import Final, Protocol

from kpiascode.run.engine import Engine, EngineError, Loader
from kpiascode.run.engines.url import Url

OWN: Final = {
    "postgresql": ("postgres", "Postgres"),
    "postgres": ("postgres", "Postgres"),
    "mysql": ("mysql", "MySQL"),
    "mariadb": ("mysql", "MySQL"),
    "sqlite": ("sqlite", "SQLite"),
    "clickhouse": ("clickhouse", "ClickHouse"),
    "chdb": ("clickhouse", "EmbeddedClickHouse"),
    "spark": ("spark", "Spark"),
    "sc": ("spark", "Spark"),
    "datafusion": ("datafusion", "DataFusion"),
    "snowflake": ("snowflake", "Snowflake"),
    "bigquery": ("bigquery", "BigQuery"),
    "databricks": ("databricks", "Databricks"),
    "trino": ("trino", "Trino"),
    "redshift": ("redshift", "Redshift"),
    "mssql": ("mssql", "MSSQL"),
}
"""By scheme, the module below this package and the class there."""


SQLALCHEMY: Final = "sqlalchemy+"
"""What the scheme of any other database begins with; the rest is SQLAlchemy's name of dialect and driver."""


def schemes() -> tuple[str, ...]:
    """Return the schemes of all engines that could be opened, but for the embedded one's.

    The one that ends with `+` is a beginning.
    """
    others = (entry.name for entry in entry_points(group="kpiascode.engines"))
    return tuple(sorted({*OWN, *others, SQLALCHEMY}))


class Opened(Engine, Loader, Protocol):
    """What answers, and takes tables where it was opened for it."""


def connect(url: Url, *, timeout_seconds: float | None, writes: bool = False) -> Opened:
    """Return an open engine.

    Args:
        writes: Whether tables are going to be loaded; else it is only read.

    Raises:
        EngineError: when there is none of this scheme, or it cannot be opened.
    """
    make: Callable[..., Opened]
    if url.scheme in OWN:
        module, name = OWN[url.scheme]
        make = getattr(import_module(f"{__name__}.{module}"), name)
    elif url.scheme.startswith(SQLALCHEMY):
        make = import_module(f"{__name__}.sqlalchemy").SQLAlchemy
    else:
        found = entry_points(group="kpiascode.engines", name=url.scheme)
        if not found:
            raise EngineError(url.scheme[:20], "there is no engine of this scheme", "")
        make = next(iter(found)).load()
    return make(url, timeout_seconds=timeout_seconds, writes=writes)
