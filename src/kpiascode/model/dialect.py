"""The SQL dialects for which KPIs are compiled, and how far each has been shown right."""

from enum import Enum
from typing import Final


class Support(Enum):
    """How the SQL of a dialect is tested.

    `EXECUTED`: by the engine itself. `EMULATED`: by another engine that reads the dialect. `COMPILED`: it is
    written by the documentation of the engine and read back, but nothing has computed it.
    """

    EXECUTED = "executed"
    EMULATED = "emulated"
    COMPILED = "compiled only"


TITLES: Final = {
    "duckdb": "DuckDB",
    "postgres": "PostgreSQL",
    "sqlite": "SQLite",
    "mysql": "MySQL and MariaDB",
    "clickhouse": "ClickHouse",
    "spark": "Spark",
    "datafusion": "DataFusion",
    "snowflake": "Snowflake",
    "bigquery": "BigQuery",
    "databricks": "Databricks",
    "redshift": "Redshift",
    "trino": "Trino",
    "athena": "Athena",
    "tsql": "T-SQL (Fabric and SQL Server)",
    "oracle": "Oracle",
}
DIALECTS: Final = tuple(TITLES)
SUPPORT: Final = {
    "duckdb": Support.EXECUTED,
    "postgres": Support.EXECUTED,
    "sqlite": Support.EXECUTED,
    "mysql": Support.EXECUTED,
    "clickhouse": Support.EXECUTED,
    "spark": Support.EXECUTED,
    "datafusion": Support.EXECUTED,
    "snowflake": Support.EMULATED,
    "bigquery": Support.EMULATED,
    "databricks": Support.COMPILED,
    "redshift": Support.COMPILED,
    "trino": Support.COMPILED,
    "athena": Support.COMPILED,
    "tsql": Support.COMPILED,
    "oracle": Support.COMPILED,
}
