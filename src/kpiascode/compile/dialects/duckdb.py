"""DuckDB: the reference. What the others change is told against it."""

from sqlglot import exp

from kpiascode.compile import build
from kpiascode.compile.dialects.dialect import Dialect


def microseconds(earlier: exp.Expr, later: exp.Expr) -> exp.Expr:
    """Return the seconds from whole microseconds, the finest that engines keep."""
    elapsed = exp.TimestampDiff(this=later, expression=earlier, unit=exp.Var(this="MICROSECOND"))
    return build.ratio(elapsed, build.whole(1_000_000))


def at_time_zone(moment: exp.Expr, from_zone: str | None, zone: str) -> exp.Expr:
    """Return the clock of `zone`: `AT TIME ZONE` makes an instant of a clock, and a clock of an instant."""
    if from_zone is not None:
        moment = exp.AtTimeZone(this=build.bracketed(moment), zone=build.text(from_zone))
    return exp.AtTimeZone(this=build.bracketed(moment), zone=build.text(zone))


DIALECT = Dialect(name="duckdb", exact_percentile=True, seconds_between=microseconds, local=at_time_zone)
