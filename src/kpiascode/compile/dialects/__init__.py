"""What the dialects do not share. Everything else is one tree that sqlglot prints for each."""

from typing import Final

from kpiascode.compile.dialects import (
    athena,
    bigquery,
    clickhouse,
    databricks,
    datafusion,
    duckdb,
    mysql,
    oracle,
    postgres,
    redshift,
    snowflake,
    spark,
    sqlite,
    trino,
    tsql,
)
from kpiascode.compile.dialects.dialect import Dialect

DIALECTS: Final[dict[str, Dialect]] = {
    dialect.name: dialect
    for dialect in (
        duckdb.DIALECT,
        postgres.DIALECT,
        sqlite.DIALECT,
        mysql.DIALECT,
        clickhouse.DIALECT,
        spark.DIALECT,
        datafusion.DIALECT,
        snowflake.DIALECT,
        bigquery.DIALECT,
        databricks.DIALECT,
        redshift.DIALECT,
        trino.DIALECT,
        athena.DIALECT,
        tsql.DIALECT,
        oracle.DIALECT,
    )
}

__all__ = ["DIALECTS", "Dialect"]
