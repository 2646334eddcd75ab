"""The SQL dialects for which KPIs are compiled."""

from typing import Final

TITLES: Final = {
    "duckdb": "DuckDB",
    "postgres": "PostgreSQL",
    "sqlite": "SQLite",
    "mysql": "MySQL and MariaDB",
    "clickhouse": "ClickHouse",
    "spark": "Spark",
    "snowflake": "Snowflake",
    "bigquery": "BigQuery",
}
DIALECTS: Final = tuple(TITLES)
