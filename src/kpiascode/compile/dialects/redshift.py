"""Redshift: sqlglot prints a difference of clocks that it does not have; months are added by DATEADD."""

from sqlglot import exp

from kpiascode.compile import build
from kpiascode.compile.dialects.dialect import Dialect
from kpiascode.compile.dialects.duckdb import at_time_zone
from kpiascode.model.calendar import Duration
from kpiascode.model.expression import Type


def datediff(earlier: exp.Expr, later: exp.Expr) -> exp.Expr:
    """Return the seconds from whole microseconds."""
    elapsed = build.function("DATEDIFF", exp.Var(this="MICROSECOND"), earlier, later)
    return build.ratio(elapsed, build.whole(1_000_000))


def dateadd(moment: exp.Expr, duration: Duration) -> exp.Expr:
    """Return the moment moved; a month that is too short ends with its last day."""
    unit = exp.Var(this=duration.unit.value.upper())
    return build.function("DATEADD", unit, build.whole(duration.amount), moment)


def rewrite(node: exp.Expr) -> exp.Expr:
    """Return what stands for a node: equality of nulls without an operator, and texts that have a type.

    The columns of a SELECT of bare texts have none there, and do not compare.
    """
    match node:
        case exp.NullSafeEQ():
            return build.same_or_both_null(node)
        case exp.Literal() if node.is_string and isinstance(node.parent, exp.Tuple):
            return build.cast(build.text(node.name), "TEXT")
        case _:
            return node


DIALECT = Dialect(
    name="redshift",
    exact_percentile=False,
    seconds_between=datediff,
    local=at_time_zone,
    moved=dateadd,
    remainders=frozenset(Type) - {Type.DOUBLE},
    approximates=frozenset({"approx_count_distinct"}),
    escapes_like=True,
    rewrite=rewrite,
)
