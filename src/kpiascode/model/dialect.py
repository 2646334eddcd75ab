"""The SQL dialects for which KPIs are compiled."""

from typing import Final

DIALECTS: Final = ("duckdb", "postgres", "snowflake", "bigquery", "spark")
TITLES: Final = {
    "duckdb": "DuckDB",
    "postgres": "PostgreSQL",
    "snowflake": "Snowflake",
    "bigquery": "BigQuery",
    "spark": "Spark",
}
