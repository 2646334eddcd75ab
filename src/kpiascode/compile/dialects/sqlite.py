"""SQLite: no types but those of the values. Days and clocks are ISO texts, which sort as they should."""

from typing import Final

from sqlglot import exp

from kpiascode.compile import build
from kpiascode.compile.dialects.dialect import Dialect
from kpiascode.compile.refusal import CannotCompile
from kpiascode.model.calendar import Duration, Unit
from kpiascode.model.expression import Type

NAME: Final = "sqlite"
DAY_LENGTH: Final = 10
SECONDS_LENGTH: Final = 19
_PER: Final = {Unit.SECOND: "second", Unit.MINUTE: "minute", Unit.HOUR: "hour", Unit.DAY: "day"}
_MONTHS: Final = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}
_TIMES: Final = (exp.DataType.Type.TIMESTAMP, exp.DataType.Type.TIMESTAMPTZ)


def function(name: str, *arguments: exp.Expr) -> exp.Expr:
    """Return a call of a function of SQLite's own; `name` and the formats are written here only."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def cut(text: exp.Expr, start: int, length: int | None = None) -> exp.Expr:
    places = [build.whole(start)] + ([] if length is None else [build.whole(length)])
    return function("SUBSTR", text, *places)


def joined(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    return exp.Paren(this=exp.DPipe(this=left, expression=right, safe=False))


def seconds(earlier: exp.Expr, later: exp.Expr) -> exp.Expr:
    """Return the seconds of two clocks: whole ones as integers, the fraction from its digits."""
    whole = build.binary(exp.Sub, _epoch(later), _epoch(earlier))
    parts = build.binary(exp.Sub, _fraction(later), _fraction(earlier))
    return build.binary(exp.Add, build.double(exp.Paren(this=whole)), exp.Paren(this=parts))


def _epoch(clock: exp.Expr) -> exp.Expr:
    return build.cast(function("STRFTIME", build.text("%s"), clock.copy()), "BIGINT")


def _fraction(clock: exp.Expr) -> exp.Expr:
    return build.double(joined(build.text("0"), cut(clock.copy(), SECONDS_LENGTH + 1)))


def no_zones(moment: exp.Expr, from_zone: str | None, zone: str) -> exp.Expr:
    """Return the clock of an instant in UTC, as which it is written; refuse every other change of zone."""
    if zone == "UTC" and from_zone in (None, "UTC"):
        return function("REPLACE", moment, build.text("+00:00"), build.text(""))
    raise CannotCompile(NAME, f"it knows no time zones, and the clock of {zone} is asked for")


def moved(moment: exp.Expr, duration: Duration) -> exp.Expr:
    """Return the moment moved; a month that is too short ends with its last day."""
    amount, unit = duration.amount, duration.unit
    if unit in _MONTHS:
        months = amount * _MONTHS[unit]
        day = function("DATE", moment.copy(), build.text(f"{months:+d} months"))
        last = function(
            "DATE",
            moment.copy(),
            build.text("start of month"),
            build.text(f"{months + 1:+d} months"),
            build.text("-1 day"),
        )
        return joined(function("MIN", day, last), cut(moment.copy(), DAY_LENGTH + 1))
    if unit is Unit.WEEK:
        amount, unit = amount * 7, Unit.DAY
    step = build.text(f"{amount:+d} {_PER[unit]}")
    if unit is Unit.DAY:
        return joined(function("DATE", moment.copy(), step), cut(moment.copy(), DAY_LENGTH + 1))
    return joined(function("DATETIME", moment.copy(), step), cut(moment.copy(), SECONDS_LENGTH + 1))


def hour(moment: exp.Expr, is_instant: bool) -> exp.Expr:
    """Return the start of the hour, written as its bounds are: an instant with its zone."""
    return joined(cut(moment, 1, 13), build.text(":00:00+00:00" if is_instant else ":00:00"))


def settled(value: exp.Expr) -> exp.Expr:
    """Return a double with the 15 digits that it is good for: 0.1 + 0.2 is 0.3, and may be compared so."""
    digits = build.cast(function("PRINTF", build.text("%.15g"), value.copy()), "DOUBLE")
    return build.when([(build.negated(build.is_null(value)), digits)])


def rewrite(node: exp.Expr) -> exp.Expr:
    """Return what stands for a node: types and functions that SQLite does not have."""
    match node:
        case exp.Cast(this=exp.Null()):
            return build.null()
        case exp.Cast(this=exp.Literal() as literal) if node.to.this is exp.DataType.Type.DATE:
            return literal
        case exp.Cast() if node.to.this is exp.DataType.Type.DATE:
            return cut(node.this, 1, DAY_LENGTH)
        case exp.Cast(this=exp.Literal() as literal) if node.to.this in _TIMES:
            return build.text(f"{literal.name} 00:00:00") if len(literal.name) == DAY_LENGTH else literal
        case exp.Cast() if node.to.this in _TIMES:
            is_day = build.binary(exp.EQ, exp.Length(this=node.this), build.whole(DAY_LENGTH))
            return build.when([(is_day, joined(node.this.copy(), build.text(" 00:00:00")))], node.this.copy())
        case exp.Cast(this=exp.Literal() as literal) if node.to.this is exp.DataType.Type.DECIMAL:
            return (
                exp.Literal.number(literal.name)
                if not literal.name.startswith("-")
                else exp.Neg(this=exp.Literal.number(literal.name[1:]))
            )
        case exp.Round() if (digits := build.literal_of(node.args["decimals"])) < 0:
            power = build.double(build.whole(10**-digits))
            tens = exp.Round(this=build.binary(exp.Div, node.this, power), decimals=build.whole(0))
            return build.binary(exp.Mul, tens, power.copy())
        case exp.StddevSamp() | exp.Variance():
            raise CannotCompile(NAME, "it has neither `stddev` nor `variance`")
        case exp.Select():
            return _with_named_values(node)
        case _:
            return node


def _with_named_values(select: exp.Select) -> exp.Select:
    """Return rows of constants under their names: SQLite calls them `column1`, `column2`, ..."""
    source = select.args.get("from_")
    values = None if source is None else source.this
    if not isinstance(values, exp.Values) or not values.args.get("alias"):
        return select
    alias = values.args["alias"]
    names = [column.name for column in alias.args.get("columns", [])]
    plain = exp.Values(expressions=values.expressions, alias=exp.TableAlias(this=alias.this))
    columns = [
        build.alias(build.column(f"column{number}", alias.name), name) for number, name in enumerate(names, 1)
    ]
    return exp.Select().select(*columns).from_(plain)


DIALECT = Dialect(
    name=NAME,
    exact_percentile=False,
    seconds_between=seconds,
    local=no_zones,
    moved=moved,
    hour=hour,
    settled=settled,
    remainders=frozenset({Type.INTEGER}),
    approximates=frozenset(),
    as_text=frozenset({Type.TEXT, Type.INTEGER, Type.DATE, Type.UNKNOWN}),
    checks_texts=False,
    rewrite=rewrite,
)
