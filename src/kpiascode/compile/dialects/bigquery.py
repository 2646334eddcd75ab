"""BigQuery: `PERCENTILE_CONT` is a window function only, and clocks are DATETIMEs."""

from sqlglot import exp

from kpiascode.compile import build
from kpiascode.compile.dialects.dialect import Dialect


def datetime_diff(earlier: exp.Expr, later: exp.Expr) -> exp.Expr:
    """Return the seconds between two DATETIMEs, from whole microseconds."""
    elapsed = exp.DatetimeDiff(this=later, expression=earlier, unit=exp.Var(this="MICROSECOND"))
    return build.ratio(elapsed, build.whole(1_000_000))


def datetime_in_zone(moment: exp.Expr, from_zone: str | None, zone: str) -> exp.Expr:
    """Return the clock of `zone`: TIMESTAMP(clock, zone) is an instant, DATETIME(instant, zone) a clock."""
    if from_zone is not None:
        moment = exp.Timestamp(this=moment, zone=build.text(from_zone))
    return exp.Datetime(this=moment, expression=build.text(zone))


DIALECT = Dialect(
    name="bigquery",
    exact_percentile=False,
    seconds_between=datetime_diff,
    local=datetime_in_zone,
    approximates=frozenset({"approx_count_distinct"}),
)
