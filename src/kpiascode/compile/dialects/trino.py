"""Trino: clocks have milliseconds unless told otherwise, and instants keep the zone that they came in."""

from typing import Final

from sqlglot import exp

from kpiascode.compile import build
from kpiascode.compile.dialects.dialect import Dialect
from kpiascode.model.calendar import Duration

MICROSECONDS_AT: Final = 21
"""Where they stand in `2026-01-31 23:30:00.123456`."""


def microseconds(earlier: exp.Expr, later: exp.Expr) -> exp.Expr:
    """Return the seconds from whole microseconds: of whole seconds, and of the digits behind them."""
    whole = build.function("DATE_DIFF", build.text("second"), _second(earlier), _second(later))
    parts = build.binary(exp.Sub, _digits(later), _digits(earlier))
    counted = build.binary(exp.Mul, whole, build.whole(1_000_000))
    return build.ratio(build.binary(exp.Add, counted, parts), build.whole(1_000_000))


def _second(clock: exp.Expr) -> exp.Expr:
    return build.function("DATE_TRUNC", build.text("second"), clock.copy())


def _digits(clock: exp.Expr) -> exp.Expr:
    text = build.cast(clock.copy(), "TEXT")
    digits = exp.Substring(this=text, start=build.whole(MICROSECONDS_AT), length=build.whole(6))
    return build.cast(digits, "BIGINT")


def at_timezone(moment: exp.Expr, from_zone: str | None, zone: str) -> exp.Expr:
    """Return the clock of `zone`: WITH_TIMEZONE makes an instant of a clock, AT_TIMEZONE shows it."""
    if from_zone is not None:
        moment = build.function("WITH_TIMEZONE", build.clock(moment), build.text(from_zone))
    return build.clock(_shown_in(moment, zone))


def _shown_in(instant: exp.Expr, zone: str) -> exp.Expr:
    return build.function("AT_TIMEZONE", instant, build.text(zone))


def in_utc(instant: exp.Expr) -> exp.Expr:
    return at_timezone(instant, None, "UTC")


def hour(moment: exp.Expr, is_instant: bool) -> exp.Expr:
    """Return the start of the hour; of an instant in UTC, since it would be cut in its own zone."""
    return build.hour(_shown_in(moment, "UTC") if is_instant else moment, is_instant)


def moved(moment: exp.Expr, duration: Duration) -> exp.Expr:
    """Return the moment moved; a month that is too short ends with its last day."""
    unit = build.text(duration.unit.value)
    return build.function("DATE_ADD", unit, build.whole(duration.amount), moment)


def rewrite(node: exp.Expr) -> exp.Expr:
    """Return what stands for a node: clocks with microseconds."""
    match node:
        case exp.DataType(this=exp.DataType.Type.TIMESTAMP | exp.DataType.Type.TIMESTAMPTZ as kind):
            size = exp.DataTypeParam(this=build.whole(6))
            return exp.DataType(this=kind, expressions=[size])
        case _:
            return node


DIALECT = Dialect(
    name="trino",
    exact_percentile=False,
    seconds_between=microseconds,
    local=at_timezone,
    moved=moved,
    utc=in_utc,
    hour=hour,
    rewrite=rewrite,
)
