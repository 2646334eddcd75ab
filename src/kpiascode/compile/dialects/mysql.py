"""MySQL and MariaDB: clocks are DATETIMEs, with microseconds only where they are asked for."""

from sqlglot import exp

from kpiascode.compile import build
from kpiascode.compile.dialects.dialect import Dialect


def timestampdiff(earlier: exp.Expr, later: exp.Expr) -> exp.Expr:
    """Return the seconds from whole microseconds."""
    unit = exp.Var(this="MICROSECOND")
    elapsed = exp.Anonymous(this="TIMESTAMPDIFF", expressions=[unit, earlier, later])
    return build.ratio(elapsed, build.whole(1_000_000))


def convert_tz(moment: exp.Expr, from_zone: str | None, zone: str) -> exp.Expr:
    """Return the clock of `zone`; an instant is told in the session's zone, which is UTC."""
    source = build.text("+00:00" if from_zone is None else from_zone)
    return exp.Anonymous(this="CONVERT_TZ", expressions=[moment, source, build.text(zone)])


def rewrite(node: exp.Expr) -> exp.Expr:
    """Return what stands for a node: clocks with microseconds, and no zone behind a literal in UTC."""
    match node:
        case exp.Cast(this=exp.Literal() as literal) if node.to.this is exp.DataType.Type.TIMESTAMPTZ:
            return exp.Cast(this=build.text(literal.name.removesuffix("+00:00")), to=_clock())
        case exp.DataType(this=exp.DataType.Type.TIMESTAMP | exp.DataType.Type.TIMESTAMPTZ):
            return _clock()
        case _:
            return node


def _clock() -> exp.DataType:
    size = exp.DataTypeParam(this=build.whole(6))
    return exp.DataType(this=exp.DataType.Type.DATETIME, expressions=[size])


DIALECT = Dialect(
    name="mysql",
    exact_percentile=False,
    seconds_between=timestampdiff,
    local=convert_tz,
    approximates=frozenset(),
    escapes_like=True,
    checks_texts=False,
    rewrite=rewrite,
)
