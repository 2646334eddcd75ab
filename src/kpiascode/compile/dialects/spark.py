"""Spark: sqlglot prints an approximate percentile, so rows are ranked instead."""

from kpiascode.compile.dialects.dialect import Dialect
from kpiascode.compile.dialects.duckdb import microseconds
from kpiascode.compile.dialects.snowflake import convert_timezone
from kpiascode.model.expression import Type

DIALECT = Dialect(
    name="spark",
    exact_percentile=False,
    seconds_between=microseconds,
    local=convert_timezone,
    as_text=frozenset(Type) - {Type.DOUBLE},
    escapes_like=True,
)
