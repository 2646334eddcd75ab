"""T-SQL, as Fabric and SQL Server from 2022 read it: no truth values, and zones by names of its own."""

from typing import Final

from sqlglot import exp

from kpiascode.compile import build
from kpiascode.compile.dialects.constants import as_selects
from kpiascode.compile.dialects.dialect import Dialect
from kpiascode.compile.refusal import CannotCompile
from kpiascode.model.calendar import Duration
from kpiascode.model.expression import Type

NAME: Final = "tsql"
RESERVED: Final = frozenset(
    """
    authorization backup break browse bulk checkpoint clustered coalesce compute contains containstable
    continue convert dbcc deallocate deny disk distributed dump errlvl escape exec exit fillfactor freetext
    freetexttable goto holdlock identity identity_insert identitycol kill lineno load merge national nocheck
    nonclustered nullif off offsets open opendatasource openquery openrowset openxml plan print proc public
    raiserror read readtext reconfigure replication restore restrict revert rowcount rowguidcol rule save
    securityaudit semantickeyphrasetable semanticsimilaritydetailstable semanticsimilaritytable setuser
    shutdown statistics system_user textsize tran try_convert tsequal updatetext waitfor while writetext
    """.split()
)
"""Words that are no names here without brackets, beside those that are quoted everywhere."""


def datediff_big(earlier: exp.Expr, later: exp.Expr) -> exp.Expr:
    """Return the seconds from whole microseconds, which soon are too many for DATEDIFF."""
    elapsed = build.function("DATEDIFF_BIG", exp.Var(this="MICROSECOND"), earlier, later)
    return build.ratio(elapsed, build.whole(1_000_000))


def dateadd(moment: exp.Expr, duration: Duration) -> exp.Expr:
    """Return the moment moved; a month that is too short ends with its last day."""
    unit = exp.Var(this=duration.unit.value.upper())
    return build.function("DATEADD", unit, build.whole(duration.amount), moment)


def only_utc(moment: exp.Expr, from_zone: str | None, zone: str) -> exp.Expr:
    """Return the clock of UTC; other zones have other names here, and other rules in earlier years."""
    for name in (from_zone, zone):
        if name not in (None, "UTC"):
            raise CannotCompile(NAME, f"it knows zones by the names of Windows, and {name} is asked for")
    return build.clock(_in_utc(moment) if from_zone is None else moment)


def utc(instant: exp.Expr) -> exp.Expr:
    return build.clock(_in_utc(instant))


def _in_utc(instant: exp.Expr) -> exp.Expr:
    return build.function("SWITCHOFFSET", instant, build.text("+00:00"))


def hour(moment: exp.Expr, is_instant: bool) -> exp.Expr:
    """Return the start of the hour; of an instant in UTC, since it would be cut at its own offset."""
    return build.hour(_in_utc(moment) if is_instant else moment, is_instant)


def rewrite(node: exp.Expr) -> exp.Expr:
    """Return what stands for a node.

    Clocks have microseconds. Text beyond ASCII is told from that of a code page, a bracket in a pattern is
    one, and blanks at the end of a text are counted. Counts do not overflow.
    """
    match node:
        case exp.Identifier() if node.this.lower() in RESERVED:
            return exp.Identifier(this=node.this, quoted=True)
        case exp.DataType(this=exp.DataType.Type.TIMESTAMP):
            return exp.DataType(this=exp.DataType.Type.DATETIME2, expressions=[_micro()])
        case exp.DataType(this=exp.DataType.Type.TIMESTAMPTZ):
            return exp.DataType(this=exp.DataType.Type.TIMESTAMPTZ, expressions=[_micro()])
        case exp.Like(expression=exp.Literal() as pattern) if "[" in pattern.name:
            return exp.Like(this=node.this, expression=build.text(pattern.name.replace("[", "[[]")))
        case exp.Literal() if node.is_string and not node.name.isascii():
            return exp.National(this=node.name)
        case exp.Length():
            marked = exp.Add(this=build.bracketed(node.this), expression=build.text("."))
            return exp.Paren(this=exp.Sub(this=build.function("LEN", marked), expression=build.whole(1)))
        case exp.Count():
            return build.function("COUNT_BIG", node.this)
        case exp.StddevSamp():
            return build.function("STDEV", node.this)
        case exp.Variance():
            return build.function("VAR", node.this)
        case exp.ApproxDistinct():
            return build.function("APPROX_COUNT_DISTINCT", node.this)
        case exp.Select():
            return as_selects(node)
        case _:
            return node


def _micro() -> exp.DataTypeParam:
    return exp.DataTypeParam(this=build.whole(6))


DIALECT = Dialect(
    name=NAME,
    exact_percentile=False,
    seconds_between=datediff_big,
    local=only_utc,
    utc=utc,
    moved=dateadd,
    hour=hour,
    remainders=frozenset(Type) - {Type.DOUBLE},
    approximates=frozenset({"approx_count_distinct"}),
    truth_values=False,
    rewrite=rewrite,
)
