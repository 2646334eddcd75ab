"""The SQL dialects for which KPIs are compiled."""

from typing import Final

DIALECTS: Final = (
    "duckdb",
    "postgres",
    "snowflake",
    "bigquery",
    "spark",
    "mysql",
    "clickhouse",
    "sqlite",
)
TITLES: Final = {
    "duckdb": "DuckDB",
    "postgres": "PostgreSQL",
    "snowflake": "Snowflake",
    "bigquery": "BigQuery",
    "spark": "Spark",
    "mysql": "MySQL and MariaDB",
    "clickhouse": "ClickHouse",
    "sqlite": "SQLite",
}
