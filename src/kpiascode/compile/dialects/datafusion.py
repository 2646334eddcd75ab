"""DataFusion: PostgreSQL's grammar, Arrow's types. What is no SQL type is reached by `arrow_cast`."""

from decimal import Decimal

from sqlglot import exp

from kpiascode.compile import build
from kpiascode.compile.dialects.dialect import Dialect


def microseconds(earlier: exp.Expr, later: exp.Expr) -> exp.Expr:
    """Return the seconds from whole microseconds: what clocks are counted in."""
    elapsed = build.binary(exp.Sub, build.cast(later, "BIGINT"), build.cast(earlier, "BIGINT"))
    return build.ratio(elapsed, build.whole(1_000_000))


def to_local_time(moment: exp.Expr, from_zone: str | None, zone: str) -> exp.Expr:
    """Return the clock of `zone`. A clock is cast as one of that zone, while an instant stays what it is."""
    if from_zone is not None:
        moment = _in_zone(moment, from_zone)
    return build.function("TO_LOCAL_TIME", _in_zone(moment, zone))


def hour(moment: exp.Expr, is_instant: bool) -> exp.Expr:
    """Return the start of the hour; of an instant in UTC, whatever zone its column has."""
    return build.hour(_in_zone(moment, "UTC") if is_instant else moment, is_instant)


def _in_zone(moment: exp.Expr, zone: str) -> exp.Expr:
    return build.function("ARROW_CAST", moment, build.text(f'Timestamp(Microsecond, Some("{zone}"))'))


def rewrite(node: exp.Expr) -> exp.Expr:
    """Return what stands for a node: clocks in microseconds, and instants that know that they are UTC."""
    match node:
        case exp.Cast() if node.to.this is exp.DataType.Type.TIMESTAMPTZ:
            return _in_zone(node.this, "UTC")
        case exp.DataType(this=exp.DataType.Type.TIMESTAMP):
            size = exp.DataTypeParam(this=build.whole(6))
            return exp.DataType(this=exp.DataType.Type.TIMESTAMP, expressions=[size])
        case exp.Nullif(this=exp.Cast(to=exp.DataType(this=exp.DataType.Type.DOUBLE)) as bottom):
            # NULLIF takes -0 for something else than 0, as `=` does not; plus zero it is 0.
            return exp.Nullif(this=_plus_zero(bottom), expression=node.expression)
        case exp.Nullif():
            found = build.binary(exp.EQ, node.this.copy(), node.expression)
            return build.when([(found, build.null())], otherwise=node.this)
        case exp.Round():
            return _rounded(node.this, build.literal_of(node.args["decimals"]))
        case exp.ApproxDistinct():
            return build.function("APPROX_DISTINCT", node.this)
        case exp.ApproxQuantile():
            return build.function("APPROX_PERCENTILE_CONT", node.this, node.args["quantile"])
        case _:
            return node


def _plus_zero(number: exp.Expr) -> exp.Expr:
    return exp.Add(this=number, expression=build.whole(0))


def _rounded(exact: exp.Expr, digits: int) -> exp.Expr:
    """Return a decimal rounded by a cast, half away from zero.

    What ROUND makes of a decimal has fewer digits than its type says, and is equal to nothing. A bare cast is
    taken off again where it is compared with a constant, so zero is added.
    """
    if digits >= 0:
        return _kept(exact, f"DECIMAL({build.DECIMAL_DIGITS}, {digits})")
    power = Decimal(10) ** -digits
    small = build.binary(exp.Mul, exact, build.decimal(1 / power))
    return build.binary(exp.Mul, _kept(small, f"DECIMAL({build.DECIMAL_DIGITS}, 0)"), build.decimal(power))


def _kept(value: exp.Expr, kind: str) -> exp.Expr:
    return exp.Paren(this=_plus_zero(build.cast(value, kind)))


DIALECT = Dialect(
    name="datafusion",
    exact_percentile=False,
    seconds_between=microseconds,
    local=to_local_time,
    hour=hour,
    escapes_like=True,
    widens_to_double=False,
    prints_like="postgres",
    wraps=True,
    rewrite=rewrite,
)
