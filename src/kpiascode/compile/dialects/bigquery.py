"""BigQuery: `PERCENTILE_CONT` is a window function only, and clocks are DATETIMEs."""

from typing import Final

from sqlglot import exp

from kpiascode.compile import build
from kpiascode.compile.dialects.dialect import Dialect
from kpiascode.model.calendar import Duration, Unit
from kpiascode.model.expression import Type

NUMERIC_SCALE: Final = 9
NUMERIC_DIGITS: Final = 29
"""Behind the point of a NUMERIC, and before it."""
_UNITS: Final = {Unit.WEEK: (7, Unit.DAY), Unit.QUARTER: (3, Unit.MONTH)}


def datetime_diff(earlier: exp.Expr, later: exp.Expr) -> exp.Expr:
    """Return the seconds between two DATETIMEs, from whole microseconds."""
    elapsed = exp.DatetimeDiff(this=later, expression=earlier, unit=exp.Var(this="MICROSECOND"))
    return build.ratio(elapsed, build.whole(1_000_000))


def datetime_in_zone(moment: exp.Expr, from_zone: str | None, zone: str) -> exp.Expr:
    """Return the clock of `zone`: TIMESTAMP(clock, zone) is an instant, DATETIME(instant, zone) a clock."""
    if from_zone is not None:
        moment = exp.Timestamp(this=moment, zone=build.text(from_zone))
    return exp.Datetime(this=moment, expression=build.text(zone))


def moved(moment: exp.Expr, duration: Duration) -> exp.Expr:
    """Return the moment moved: its intervals are of integers, not of texts, and of days or months."""
    times, unit = _UNITS.get(duration.unit, (1, duration.unit))
    step = exp.Interval(this=build.whole(duration.amount * times), unit=exp.Var(this=unit.value.upper()))
    return exp.Add(this=build.bracketed(moment), expression=step)


def hour(moment: exp.Expr, is_instant: bool) -> exp.Expr:
    """Return the start of the hour: TIMESTAMP_TRUNC is for instants, DATETIME_TRUNC for clocks."""
    if is_instant:
        return build.hour(moment, is_instant)
    return exp.DatetimeTrunc(this=moment, unit=exp.Var(this="HOUR"))


def rewrite(node: exp.Expr) -> exp.Expr:
    """Return what stands for a node: what has more digits than a NUMERIC is a BIGNUMERIC."""
    match node:
        case exp.DataType(this=exp.DataType.Type.DECIMAL, expressions=[width, scale]):
            digits, behind = int(width.name), int(scale.name)
            if behind > NUMERIC_SCALE or digits - behind > NUMERIC_DIGITS:
                return exp.DataType(this=exp.DataType.Type.BIGDECIMAL)
            return node
        case _:
            return node


DIALECT = Dialect(
    name="bigquery",
    exact_percentile=False,
    seconds_between=datetime_diff,
    local=datetime_in_zone,
    moved=moved,
    hour=hour,
    remainders=frozenset(Type) - {Type.DOUBLE},
    approximates=frozenset({"approx_count_distinct"}),
    as_text=frozenset({Type.TEXT, Type.INTEGER, Type.DATE, Type.UNKNOWN}),
    escapes_like=True,
    rewrite=rewrite,
)
