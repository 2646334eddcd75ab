"""DuckDB: the reference. What the others change is told against it."""

from typing import Final

from sqlglot import exp

from kpiascode.compile import build
from kpiascode.compile.dialects.dialect import Dialect
from kpiascode.model.calendar import Duration, Unit
from kpiascode.model.expression import Type


def microseconds(earlier: exp.Expr, later: exp.Expr) -> exp.Expr:
    """Return the seconds from whole microseconds, the finest that engines keep."""
    elapsed = exp.TimestampDiff(this=later, expression=earlier, unit=exp.Var(this="MICROSECOND"))
    return build.ratio(elapsed, build.whole(1_000_000))


def at_time_zone(moment: exp.Expr, from_zone: str | None, zone: str) -> exp.Expr:
    """Return the clock of `zone`: `AT TIME ZONE` makes an instant of a clock, and a clock of an instant."""
    if from_zone is not None:
        moment = exp.AtTimeZone(this=build.bracketed(moment), zone=build.text(from_zone))
    return exp.AtTimeZone(this=build.bracketed(moment), zone=build.text(zone))


def in_two_steps(moment: exp.Expr, duration: Duration) -> exp.Expr:
    """Return the moment moved, in two steps where a month could be meant.

    DuckDB (1.5 and 2.0) holds INTERVAL 30 DAY equal to INTERVAL 1 MONTH, so a query that adds both to one
    column computes only one of them.
    """
    per_month = _IN_30_DAYS.get(duration.unit)
    if per_month is None or duration.amount * (7 if duration.unit is Unit.WEEK else 1) % per_month:
        return build.moved(moment, duration)
    step = 1 if duration.amount > 0 else -1
    most = Duration(amount=duration.amount - step, unit=duration.unit)
    return build.moved(build.moved(moment, most), Duration(amount=step, unit=duration.unit))


_IN_30_DAYS: Final = {
    Unit.WEEK: 30,
    Unit.DAY: 30,
    Unit.HOUR: 720,
    Unit.MINUTE: 43_200,
    Unit.SECOND: 2_592_000,
}

DIALECT = Dialect(
    name="duckdb",
    exact_percentile=True,
    seconds_between=microseconds,
    local=at_time_zone,
    moved=in_two_steps,
    as_text=frozenset(Type),
)
