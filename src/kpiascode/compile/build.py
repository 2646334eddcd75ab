"""The one place where sqlglot trees are made. Nothing here parses text, so nothing can smuggle any in.

sqlglot prints some arguments as they are (`Var`, `Anonymous`, unquoted identifiers), and it prints
`Mul(Add(a, b), c)` without brackets. So trees are built by these functions only: identifiers are quoted where
they need it, texts are literals, units come from an enum, and operands get the brackets that they need.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from sqlglot import exp

from kpiascode.compile.words import RESERVED
from kpiascode.model.calendar import Duration, Unit

PLAIN: Final = re.compile(r"[a-z_][a-z0-9_]*", re.ASCII)
FOLDS: Final = "folds"
"""Marks a name that is quoted only because some engine reserves it: its case is the engine's."""
DECIMAL_DIGITS: Final = 38
DECIMAL_SCALE: Final = 9
"""Of a cast to decimal: the widest that all engines have."""

# sqlglot counts AND and OR among the functions; as operands they need brackets all the same.
_BARE: Final = (exp.Column, exp.Literal, exp.Func, exp.Paren, exp.Null, exp.Boolean, exp.Star, exp.Window)
_KINDS: Final[dict[str, exp.DataType]] = {}
"""Types that have been asked for: sqlglot parses their names, which takes long for what is asked so often."""
_PREDICATES: Final = (
    exp.EQ,
    exp.NEQ,
    exp.LT,
    exp.LTE,
    exp.GT,
    exp.GTE,
    exp.Is,
    exp.In,
    exp.Between,
    exp.Like,
)


def identifier(name: str, *, exact: bool = False) -> exp.Identifier:
    """Return a name, quoted where an engine could read it as something else, or always when `exact`."""
    plain = PLAIN.fullmatch(name.lower()) is not None
    reserved = name.lower() in RESERVED
    node = exp.Identifier(this=name, quoted=exact or reserved or not plain)
    if plain and reserved and not exact:
        node.meta[FOLDS] = True
    return node


def column(name: str, table: str, *, exact: bool = False) -> exp.Column:
    """Return a column of a table or an alias."""
    return exp.Column(this=identifier(name, exact=exact), table=identifier(table))


def table(parts: Sequence[str], alias: str | None = None, *, exact: bool = False) -> exp.Table:
    """Return a table by its qualified name, outermost part first."""
    names = [identifier(part, exact=exact) for part in parts]
    keys = ("this", "db", "catalog")
    named = exp.Table(**dict(zip(keys, reversed(names), strict=False)))
    if alias is not None and alias != parts[-1]:
        named.set("alias", exp.TableAlias(this=identifier(alias)))
    return named


def text(value: str) -> exp.Literal:
    return exp.Literal.string(value)


def whole(value: int) -> exp.Expr:
    literal = exp.Literal.number(str(abs(value)))
    return exp.Neg(this=literal) if value < 0 else literal


def literal_of(node: exp.Expr) -> int:
    """Return the whole number of a literal, which may be negative."""
    return -int(node.name) if isinstance(node, exp.Neg) else int(node.name)


def null() -> exp.Null:
    return exp.Null()


def cast(node: exp.Expr, kind: str) -> exp.Cast:
    """Return `CAST(node AS kind)`; `kind` is one of ours, never a user's word."""
    if kind not in _KINDS:
        _KINDS[kind] = exp.DataType.build(kind)
    return exp.Cast(this=node, to=_KINDS[kind].copy())


def decimal(value: Decimal) -> exp.Expr:
    """Return an exact decimal, quoted, since some engines read a bare one as a float."""
    digits = value.as_tuple()
    scale = max(-int(digits.exponent), 0)
    width = max(len(digits.digits) + max(int(digits.exponent), 0), scale, 1)
    return cast(text(format(value, "f")), f"DECIMAL({width}, {scale})")


def day(value: date) -> exp.Expr:
    return cast(text(value.isoformat()), "DATE")


def clock(node: exp.Expr) -> exp.Expr:
    return cast(node, "TIMESTAMP")


def wall_clock(value: datetime) -> exp.Expr:
    return cast(text(value.isoformat(sep=" ")), "TIMESTAMP")


def instant(value: datetime) -> exp.Expr:
    """Return a moment; `value` is UTC without its zone written."""
    return cast(text(f"{value.isoformat(sep=' ')}+00:00"), "TIMESTAMPTZ")


def double(node: exp.Expr) -> exp.Expr:
    return cast(node, "DOUBLE")


def ratio(top: exp.Expr, bottom: exp.Expr) -> exp.Expr:
    """Return `top / bottom` as a double, null where `bottom` is zero."""
    safe = exp.Nullif(this=double(bottom), expression=whole(0))
    return exp.Div(this=double(top), expression=safe, typed=False, safe=False)


def remainder(top: exp.Expr, bottom: exp.Expr) -> exp.Expr:
    """Return the remainder of a division, null where `bottom` is zero."""
    return exp.Mod(this=bracketed(top), expression=exp.Nullif(this=bottom, expression=whole(0)))


def bracketed(node: exp.Expr) -> exp.Expr:
    """Return the node as an operand: in brackets unless it stands by itself anyway."""
    bare = isinstance(node, _BARE) and not isinstance(node, exp.Connector)
    return node if bare else exp.Paren(this=node)


def binary(kind: type[exp.Binary], left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """Return `left <kind> right`, with the brackets that keep its meaning."""
    chains = isinstance(left, kind) and kind in (exp.Add, exp.Mul, exp.And, exp.Or)
    logic = kind in (exp.And, exp.Or)

    def operand(node: exp.Expr) -> exp.Expr:
        return node if logic and isinstance(node, _PREDICATES) else bracketed(node)

    return kind(this=left if chains else operand(left), expression=operand(right))


def all_of(conditions: Iterable[exp.Expr]) -> exp.Expr | None:
    """Return the conditions joined by AND, or None where there are none."""
    whole_condition: exp.Expr | None = None
    for condition in conditions:
        whole_condition = (
            condition if whole_condition is None else binary(exp.And, whole_condition, condition)
        )
    return whole_condition


def negated(node: exp.Expr) -> exp.Expr:
    return exp.Not(this=bracketed(node))


def is_null(node: exp.Expr) -> exp.Expr:
    return exp.Is(this=bracketed(node), expression=null())


def not_null(node: exp.Expr) -> exp.Expr:
    return exp.Not(this=is_null(node))


def when(branches: Iterable[tuple[exp.Expr, exp.Expr]], otherwise: exp.Expr | None = None) -> exp.Expr:
    """Return `CASE WHEN ... THEN ... ELSE ... END`."""
    ifs = [exp.If(this=condition, true=result) for condition, result in branches]
    return exp.Case(ifs=ifs, default=otherwise)


def alias(node: exp.Expr, name: str) -> exp.Expr:
    return exp.Alias(this=node, alias=identifier(name))


def count_rows() -> exp.Expr:
    return exp.Count(this=exp.Star())


def moved(moment: exp.Expr, duration: Duration) -> exp.Expr:
    """Return a moment that much later, or earlier where the amount is negative."""
    return exp.Add(this=bracketed(moment), expression=interval(duration.amount, duration.unit))


def hour(moment: exp.Expr, is_instant: bool) -> exp.Expr:
    """Return the start of the hour that a moment is in; of an instant the hour in UTC."""
    return exp.TimestampTrunc(this=moment, unit=exp.Var(this="HOUR"))


def interval(amount: int, unit: Unit) -> exp.Expr:
    if unit is Unit.QUARTER:  # which PostgreSQL and Spark do not have
        amount, unit = 3 * amount, Unit.MONTH
    return exp.Interval(this=text(str(amount)), unit=exp.Var(this=unit.value.upper()))


def function(name: str, *arguments: exp.Expr) -> exp.Expr:
    """Return a call of a function that only one engine has; `name` is ours, never a user's word."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def same(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """Return equality that also holds between two nulls."""
    return exp.NullSafeEQ(this=left, expression=right)


def same_or_both_null(node: exp.NullSafeEQ) -> exp.Expr:
    """Return the same in words that every engine has."""
    both_null = binary(exp.And, is_null(node.this.copy()), is_null(node.expression.copy()))
    return binary(exp.Or, exp.EQ(this=node.this, expression=node.expression), both_null)
