"""What the dialects do not share. Everything else is one tree that sqlglot prints for each."""

from typing import Final

from kpiascode.compile.dialects import (
    bigquery,
    clickhouse,
    duckdb,
    mysql,
    postgres,
    snowflake,
    spark,
    sqlite,
)
from kpiascode.compile.dialects.dialect import Dialect

DIALECTS: Final[dict[str, Dialect]] = {
    dialect.name: dialect
    for dialect in (
        duckdb.DIALECT,
        postgres.DIALECT,
        snowflake.DIALECT,
        bigquery.DIALECT,
        spark.DIALECT,
        mysql.DIALECT,
        clickhouse.DIALECT,
        sqlite.DIALECT,
    )
}

__all__ = ["DIALECTS", "Dialect"]
