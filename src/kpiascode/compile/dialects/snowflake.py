"""Snowflake: its own conversion between zones."""

from sqlglot import exp

from kpiascode.compile import build
from kpiascode.compile.dialects.dialect import Dialect
from kpiascode.compile.dialects.duckdb import microseconds


def convert_timezone(moment: exp.Expr, from_zone: str | None, zone: str) -> exp.Expr:
    """Return the clock of `zone`; an instant knows its own."""
    converted = exp.ConvertTimezone(
        source_tz=None if from_zone is None else build.text(from_zone),
        target_tz=build.text(zone),
        timestamp=moment,
    )
    return build.cast(converted, "TIMESTAMP")


DIALECT = Dialect(
    name="snowflake", exact_percentile=True, seconds_between=microseconds, local=convert_timezone
)
