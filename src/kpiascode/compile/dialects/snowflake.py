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


def hour(moment: exp.Expr, is_instant: bool) -> exp.Expr:
    """Return the start of the hour; of an instant in UTC, since it would be cut at its own offset."""
    if is_instant:
        moment = exp.ConvertTimezone(target_tz=build.text("UTC"), timestamp=moment)
    return build.hour(moment, is_instant)


def utc(instant: exp.Expr) -> exp.Expr:
    return convert_timezone(instant, None, "UTC")


def rewrite(node: exp.Expr) -> exp.Expr:
    """Return what stands for a node: clocks without zone whatever the session takes TIMESTAMP for.

    A name in quotes for the sake of other engines is in capitals, as the table has it.
    """
    match node:
        case exp.Identifier() if node.meta_get(build.FOLDS):
            return exp.Identifier(this=node.this.upper(), quoted=True)
        case exp.DataType(this=exp.DataType.Type.TIMESTAMP):
            return exp.DataType(this=exp.DataType.Type.TIMESTAMPNTZ)
        case _:
            return node


DIALECT = Dialect(
    name="snowflake",
    exact_percentile=True,
    folds=str.upper,
    seconds_between=microseconds,
    local=convert_timezone,
    utc=utc,
    hour=hour,
    rewrite=rewrite,
)
