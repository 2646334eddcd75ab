"""Oracle, from 12.2: a DATE has a clock, an empty text is null, and there are no truth values."""

from typing import Final

from sqlglot import exp

from kpiascode.compile import build
from kpiascode.compile.dialects.constants import as_selects, given
from kpiascode.compile.dialects.dialect import Dialect
from kpiascode.compile.refusal import CannotCompile
from kpiascode.model.calendar import Duration, Unit
from kpiascode.model.expression import Type

NAME: Final = "oracle"
RESERVED: Final = frozenset(
    """
    audit char compress exclusive file identified initial long maxextents minus mlslabel mode modify noaudit
    nocompress nowait number offline online option pctfree prior public raw resource rowid rownum share size
    smallint successful synonym sysdate uid validate varchar2
    """.split()
)
"""Words that are no names here without quotes, beside those that are quoted everywhere."""
_DAYS: Final = {Unit.SECOND: "SECOND", Unit.MINUTE: "MINUTE", Unit.HOUR: "HOUR", Unit.DAY: "DAY"}
_MONTHS: Final = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}
_SECONDS: Final = {"DAY": 86_400, "HOUR": 3_600, "MINUTE": 60, "SECOND": 1}
_LITERALS: Final = {
    exp.DataType.Type.DATE: "DATE",
    exp.DataType.Type.TIMESTAMP: "TIMESTAMP",
    exp.DataType.Type.TIMESTAMPTZ: "TIMESTAMP",
}
_TYPES: Final = {
    exp.DataType.Type.TEXT: "VARCHAR2(4000)",
    exp.DataType.Type.BIGINT: "NUMBER(19)",
    exp.DataType.Type.DOUBLE: "BINARY_DOUBLE",
}


def seconds(earlier: exp.Expr, later: exp.Expr) -> exp.Expr:
    """Return the seconds of `later - earlier`, an interval that gives its parts only."""
    elapsed = exp.Paren(this=exp.Sub(this=later, expression=earlier))
    whole: exp.Expr | None = None
    for part, length in _SECONDS.items():
        found: exp.Expr = exp.Extract(this=exp.Var(this=part), expression=elapsed.copy())
        if length > 1:
            found = build.binary(exp.Mul, found, build.whole(length))
        whole = found if whole is None else exp.Add(this=whole, expression=found)
    assert whole is not None
    return build.double(whole)


def at_time_zone(moment: exp.Expr, from_zone: str | None, zone: str) -> exp.Expr:
    """Return the clock of `zone`: FROM_TZ makes an instant of a clock, AT TIME ZONE shows it elsewhere."""
    if from_zone is not None:
        moment = build.function("FROM_TZ", build.clock(moment), build.text(from_zone))
    return build.clock(exp.AtTimeZone(this=build.bracketed(moment), zone=build.text(zone)))


def utc(instant: exp.Expr) -> exp.Expr:
    return at_time_zone(instant, None, "UTC")


def hour(moment: exp.Expr, is_instant: bool) -> exp.Expr:
    """Return the start of the hour; of an instant in UTC, since it would be cut in its own zone."""
    start = build.function("TRUNC", utc(moment) if is_instant else moment, build.text("HH24"))
    if not is_instant:
        return build.clock(start)
    return build.function("FROM_TZ", build.clock(start), build.text("UTC"))


def moved(moment: exp.Expr, duration: Duration) -> exp.Expr:
    """Return the moment moved; a month that is too short ends with its last day.

    ADD_MONTHS would make the last day of a longer month of the last day of a shorter one, so months are added
    to the first day, and then as many days as there are room for.
    """
    amount, unit = duration.amount, duration.unit
    if unit is Unit.WEEK:
        amount, unit = amount * 7, Unit.DAY
    if unit in _DAYS:
        return exp.Add(this=build.bracketed(moment), expression=_interval(build.whole(amount), _DAYS[unit]))
    first = build.function("TRUNC", moment.copy(), build.text("MM"))
    month = build.function("ADD_MONTHS", first, build.whole(amount * _MONTHS[unit]))
    room = _day(build.function("LAST_DAY", month.copy()))
    day = build.when(
        [(build.binary(exp.LT, _day(moment.copy()), room), _day(moment.copy()))], otherwise=room.copy()
    )
    days = _interval(build.binary(exp.Sub, day, build.whole(1)), "DAY")
    clock = exp.Sub(
        this=build.clock(moment.copy()), expression=build.clock(build.function("TRUNC", moment.copy()))
    )
    start = exp.Add(this=build.clock(month), expression=days)
    return exp.Add(this=start, expression=exp.Paren(this=clock))


def _interval(amount: exp.Expr, unit: str) -> exp.Expr:
    return build.function("NUMTODSINTERVAL", amount, build.text(unit))


def _day(moment: exp.Expr) -> exp.Expr:
    return exp.Extract(this=exp.Var(this="DAY"), expression=moment)


def rewrite(node: exp.Expr) -> exp.Expr:
    """Return what stands for a node.

    Days and moments are literals of the standard, whatever the session takes for a date; a day has no clock.
    """
    match node:
        case exp.Identifier():
            return _named(node)
        case exp.Literal() if _is_empty(node):
            raise CannotCompile(NAME, "an empty text is null there")
        case exp.Trim():
            raise CannotCompile(NAME, "an empty text is null there, and `trim` may leave one")
        case exp.Cast(this=exp.Literal() as literal) if node.to.this in _LITERALS:
            written = build.text(literal.name.replace("+00:00", " +00:00"))
            return exp.Introducer(this=exp.Var(this=_LITERALS[node.to.this]), expression=written)
        case exp.Cast(this=exp.Literal() as literal) if node.to.this is exp.DataType.Type.DECIMAL:
            # A bare number is a decimal here, and a text is read by what the session takes for a point.
            digits = exp.Literal.number(literal.name.removeprefix("-"))
            return exp.Paren(this=exp.Neg(this=digits)) if literal.name.startswith("-") else digits
        case exp.Cast() if node.to.this is exp.DataType.Type.BOOLEAN:
            raise CannotCompile(NAME, "it has no truth values to cast to")
        case exp.Cast() if node.to.this is exp.DataType.Type.DATE and not isinstance(node.this, exp.Null):
            return build.function("TRUNC", node.this)
        case exp.DataType() if node.this in _TYPES:
            return exp.DataType(this=exp.DataType.Type.USERDEFINED, kind=_TYPES[node.this])
        case exp.NullSafeEQ():
            return build.same_or_both_null(node)
        case exp.Variance():
            return build.function("VAR_SAMP", node.this)
        case exp.ApproxDistinct():
            return build.function("APPROX_COUNT_DISTINCT", node.this)
        case exp.Select() if node.args.get("from_") is None:
            return node.from_(build.table(["dual"]))
        case exp.Select():
            values = given(node)
            return node if values is None else as_selects(_with_null_for_empty(node), "dual")
        case _:
            return node


def _with_null_for_empty(select: exp.Select) -> exp.Select:
    """Return rows of constants without an empty name, which stands where there are no periods."""
    select = select.copy()
    for literal in list(select.find_all(exp.Literal)):
        if _is_empty(literal):
            literal.replace(build.null())
    return select


def _is_empty(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and node.is_string and not node.name


def _named(name: exp.Identifier) -> exp.Identifier:
    """Return a name in capitals where only engines want its quotes: as it is without them."""
    needs_quotes = name.this.lower() in RESERVED or name.this.startswith("_")
    if name.meta_get(build.FOLDS) or (needs_quotes and not name.args.get("quoted")):
        return exp.Identifier(this=name.this.upper(), quoted=True)
    return name


DIALECT = Dialect(
    name=NAME,
    exact_percentile=False,
    seconds_between=seconds,
    local=at_time_zone,
    utc=utc,
    moved=moved,
    hour=hour,
    approximates=frozenset({"approx_count_distinct"}),
    as_text=frozenset({Type.TEXT, Type.INTEGER, Type.UNKNOWN}),
    truth_values=False,
    rewrite=rewrite,
)
