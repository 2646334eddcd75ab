"""From our nodes to a sqlglot tree. One meaning a node, by the normative table of the language."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final, TypeAlias, assert_never

from sqlglot import exp

from kpiascode.compile import build
from kpiascode.compile.dialects import Dialect
from kpiascode.compile.kinds import kind_of
from kpiascode.compile.refusal import CannotCompile
from kpiascode.model.expression import (
    Aggregate,
    And,
    Arithmetic,
    AverageOver,
    Between,
    Call,
    Case,
    Cast,
    Closing,
    CohortSize,
    Column,
    Comparator,
    Comparison,
    Constant,
    Cumulative,
    Days,
    DaysOf,
    Expression,
    InPeriods,
    IsNull,
    KpiValue,
    Like,
    Local,
    MeasureValue,
    Moved,
    Name,
    Negate,
    Not,
    OneOf,
    Opening,
    Operator,
    Or,
    Previous,
    Rolling,
    Share,
    Slice,
    Span,
    StepCount,
    ToDate,
    Type,
)

LeafNode: TypeAlias = Column | MeasureValue | DaysOf | InPeriods
Leaf: TypeAlias = Callable[[LeafNode], exp.Expr]
"""Where a column or a measure stands in the query at hand."""

_TYPES: Final = {
    Type.INTEGER: "BIGINT",
    Type.DECIMAL: f"DECIMAL({build.DECIMAL_DIGITS}, {build.DECIMAL_SCALE})",
    Type.DOUBLE: "DOUBLE",
    Type.TEXT: "TEXT",
    Type.DATE: "DATE",
    Type.TIMESTAMP: "TIMESTAMP",
    Type.BOOLEAN: "BOOLEAN",
}
WHOLE: Final = f"DECIMAL({build.DECIMAL_DIGITS}, 0)"
_CALLED: Final = {
    Type.INTEGER: "an integer",
    Type.DECIMAL: "a decimal",
    Type.DOUBLE: "a double",
    Type.DATE: "a date",
    Type.TIMESTAMP: "a timestamp",
    Type.INSTANT: "a timestamp",
    Type.BOOLEAN: "true and false",
    Type.UNKNOWN: "a value of unknown type",
}
_SEVERAL: Final = {Type.DECIMAL: "decimals", Type.DOUBLE: "doubles"}
_ARITHMETIC: Final = {Operator.ADD: exp.Add, Operator.SUBTRACT: exp.Sub, Operator.MULTIPLY: exp.Mul}
_COMPARISONS: Final = {
    Comparator.EQUAL: exp.EQ,
    Comparator.UNEQUAL: exp.NEQ,
    Comparator.LESS: exp.LT,
    Comparator.AT_MOST: exp.LTE,
    Comparator.MORE: exp.GT,
    Comparator.AT_LEAST: exp.GTE,
}
_FUNCTIONS: Final = {
    "abs": exp.Abs,
    "ceil": exp.Ceil,
    "floor": exp.Floor,
    "length": exp.Length,
    "lower": exp.Lower,
    "trim": exp.Trim,
    "upper": exp.Upper,
}
_SECONDS: Final = {"seconds_between": 1, "minutes_between": 60, "hours_between": 3600, "days_between": 86400}


def tree(node: Expression, leaf: Leaf, dialect: Dialect) -> exp.Expr:
    """Return the sqlglot tree of an expression without aggregates.

    Args:
        leaf: Gives the tree of a column or a measure.
    """

    def inner(part: Expression) -> exp.Expr:
        return tree(part, leaf, dialect)

    def settled(part: Expression) -> exp.Expr:
        found = inner(part)
        return dialect.settled(found) if dialect.settled is not None and _is_computed(part) else found

    match node:
        case Column() | MeasureValue() | DaysOf() | InPeriods():
            return leaf(node)
        case Constant(value, _):
            return constant(value)
        case Negate(operand):
            return exp.Neg(this=build.bracketed(inner(operand)))
        case Arithmetic(Operator.DIVIDE, left, right):
            return build.ratio(inner(left), inner(right))
        case Arithmetic(Operator.REMAINDER, left, right):
            _check_remainder(node, dialect)
            return build.remainder(inner(left), inner(right))
        case Arithmetic(operator, left, right):
            return build.binary(_ARITHMETIC[operator], _unwrapped(inner(left), node, dialect), inner(right))
        case Comparison(comparator, left, right):
            sides = [settled(left), settled(right)]
            if comparator not in (Comparator.EQUAL, Comparator.UNEQUAL):
                sides = _ordered(sides, (left, right), dialect)
            return build.binary(_COMPARISONS[comparator], *sides)
        case And(left, right):
            return build.binary(exp.And, inner(left), inner(right))
        case Or(left, right):
            return build.binary(exp.Or, inner(left), inner(right))
        case Not(operand):
            return build.negated(inner(operand))
        case IsNull(operand):
            return exp.Is(this=build.bracketed(inner(operand)), expression=build.null())
        case OneOf(operand, options):
            return exp.In(
                this=build.bracketed(settled(operand)), expressions=[constant(o.value) for o in options]
            )
        case Between(operand, low, high):
            parts = (operand, low, high)
            found, least, most = map(build.bracketed, _ordered([*map(settled, parts)], parts, dialect))
            return exp.Between(this=found, low=least, high=most)
        case Like(operand, pattern):
            literal = pattern.replace("\\", "\\\\") if dialect.escapes_like else pattern
            return exp.Like(this=build.bracketed(inner(operand)), expression=build.text(literal))
        case Case(branches, otherwise):
            fitting = _made_doubles(node, dialect)
            return build.when(
                ((inner(condition), fitting(result, inner(result))) for condition, result in branches),
                None if otherwise is None else fitting(otherwise, inner(otherwise)),
            )
        case Cast(operand, kind):
            return _cast(inner(operand), kind_of(operand), kind, dialect)
        case Local(operand, zone, calendar_zone):
            return dialect.local(inner(operand), zone, calendar_zone)
        case Moved(operand, duration, is_date):
            if duration.amount == 0:
                return inner(operand)
            moved = dialect.moved(inner(operand), duration)
            return build.cast(moved, "DATE") if is_date else moved
        case Call():
            return _call(node, inner, dialect)
        case (
            Span()
            | Name()
            | Slice()
            | KpiValue()
            | Aggregate()
            | Days()
            | Previous()
            | Rolling()
            | ToDate()
            | Cumulative()
            | Closing()
            | Opening()
            | AverageOver()
            | Share()
            | CohortSize()
            | StepCount()
        ):
            raise AssertionError(f"{type(node).__name__} is gone after planning")
        case _:
            assert_never(node)


def _is_computed(node: Expression) -> bool:
    """Return whether something may be a decimal that was computed and is compared."""
    return not isinstance(node, Column | Constant) and kind_of(node) in (Type.DECIMAL, Type.UNKNOWN)


def _unwrapped(value: exp.Expr, of: Expression, dialect: Dialect) -> exp.Expr:
    """Return a value as a decimal where what is made of it could be too large an integer."""
    return build.cast(value, WHOLE) if dialect.wraps and kind_of(of) is Type.INTEGER else value


def _check_remainder(node: Arithmetic, dialect: Dialect) -> None:
    """Refuse a remainder of numbers of which the dialect would give another, or none."""
    kinds = {kind_of(node.left), kind_of(node.right)}
    wrong = next((kind for kind in Type if kind in kinds and kind not in dialect.remainders), None)
    if wrong is not None:
        raise CannotCompile(dialect.name, f"it has no `%` of {_SEVERAL.get(wrong, 'what may be no integer')}")


def _ordered(written: list[exp.Expr], parts: Sequence[Expression | None], dialect: Dialect) -> list[exp.Expr]:
    """Return what is compared by its order: texts by their letters' codes."""
    order = dialect.text_order
    if order is None:
        return written
    kinds = [Type.UNKNOWN if part is None else kind_of(part) for part in parts]
    return [order(one) if kind is Type.TEXT else one for one, kind in zip(written, kinds, strict=True)]


def constant(value: str | int | Decimal | bool | date | datetime | None) -> exp.Expr:
    """Return a literal that reads the same on every engine."""
    match value:
        case None:
            return build.null()
        case bool():
            return exp.Boolean(this=value)
        case int():
            return build.whole(value)
        case Decimal():
            return build.decimal(value)
        case str():
            return build.text(value)
        case datetime():
            return build.wall_clock(value)
        case date():
            return build.day(value)


def _cast(value: exp.Expr, of: Type, to: Type, dialect: Dialect) -> exp.Expr:
    """Return a value as another type.

    Where engines turn a number into an integer, some round, some cut, and some round half to even.
    """
    if to is Type.INTEGER and of not in (Type.INTEGER, Type.TEXT, Type.BOOLEAN):
        value = exp.Round(this=build.cast(value, _TYPES[Type.DECIMAL]), decimals=build.whole(0))
    if of is Type.BOOLEAN and to.is_number:
        value = build.when(
            [(value.copy(), build.whole(1)), (build.negated(value), build.whole(0))]
        )  # PostgreSQL has no cast of its own for it
    if of is Type.TEXT and to is not Type.TEXT and not dialect.checks_texts:
        raise CannotCompile(dialect.name, f"of a text that is not {_CALLED[to]} it makes one, or nothing")
    if to is Type.TEXT and of not in dialect.as_text:
        raise CannotCompile(dialect.name, f"it writes {_CALLED[of]} as a text of its own")
    return build.cast(value, _TYPES[to])


def _made_doubles(node: Case | Call, dialect: Dialect) -> Callable[[Expression, exp.Expr], exp.Expr]:
    """Return what makes a double of a decimal among doubles, where the engine would do the opposite."""

    def fitting(part: Expression, written: exp.Expr) -> exp.Expr:
        return build.double(written) if kind_of(part) is Type.DECIMAL else written

    whole = not dialect.widens_to_double and kind_of(node) is Type.DOUBLE
    return fitting if whole else lambda _, written: written


def _call(node: Call, inner: Callable[[Expression], exp.Expr], dialect: Dialect) -> exp.Expr:
    name = node.function
    fitting = _made_doubles(node, dialect)
    arguments = [fitting(argument, inner(argument)) for argument in node.arguments]
    match name:
        case "coalesce":
            return exp.Coalesce(this=arguments[0], expressions=arguments[1:])
        case "nullif":
            return exp.Nullif(this=arguments[0], expression=arguments[1])
        case "greatest" | "least":
            compared = _ordered(arguments, node.arguments, dialect)
            return _extreme(exp.GTE if name == "greatest" else exp.LTE, compared)
        case "round":
            exact = build.cast(arguments[0], _TYPES[Type.DECIMAL])
            return exp.Round(this=exact, decimals=arguments[1] if len(arguments) == 2 else build.whole(0))
        case _ if name in _SECONDS:
            moments = [
                dialect.utc(found) if kind_of(argument) is Type.INSTANT else build.clock(found)
                for argument, found in zip(node.arguments, arguments, strict=True)
            ]
            seconds = dialect.seconds_between(moments[0], moments[1])
            return seconds if _SECONDS[name] == 1 else build.ratio(seconds, build.whole(_SECONDS[name]))
        case _:
            return _FUNCTIONS[name](this=arguments[0])


def _extreme(comparison: type[exp.Binary], arguments: Sequence[exp.Expr]) -> exp.Expr:
    """Return the largest or smallest argument; null if any is null, whatever the engine's function does."""
    branches = []
    for position, candidate in enumerate(arguments):
        others = [other for at, other in enumerate(arguments) if at != position]
        holds = build.all_of(build.binary(comparison, candidate.copy(), other.copy()) for other in others)
        assert holds is not None
        branches.append((holds, candidate.copy()))
    return build.when(branches)


def aggregate(node: Aggregate, condition: Expression | None, leaf: Leaf, dialect: Dialect) -> exp.Expr:
    """Return the aggregate over the rows where `condition` holds; None keeps all.

    Percentiles are exact here only where the dialect has an exact one.
    """
    both = [part for part in (node.condition, condition) if part is not None]
    keeps = build.all_of(tree(part, leaf, dialect) for part in both)
    argument = None if node.argument is None else tree(node.argument, leaf, dialect)

    def kept(value: exp.Expr) -> exp.Expr:
        return value if keeps is None else build.when([(keeps.copy(), value)])

    if argument is None:
        return build.count_rows() if keeps is None else exp.Count(this=kept(build.whole(1)))
    value = kept(argument)
    match node.function:
        case "sum":
            return exp.Sum(this=_summand(value, node, dialect))
        case "count":
            return exp.Count(this=exp.Distinct(expressions=[value]) if node.distinct else value)
        case "min":
            return exp.Min(this=_ordered([value], [node.argument], dialect)[0])
        case "max":
            return exp.Max(this=_ordered([value], [node.argument], dialect)[0])
        case "avg":
            return build.ratio(exp.Sum(this=_summand(value, node, dialect)), exp.Count(this=value.copy()))
        case "stddev":
            return exp.StddevSamp(this=build.double(value))
        case "variance":
            return exp.Variance(this=build.double(value))
        case "median" | "percentile":
            return _percentile(build.double(value), fraction(node))
        case "approx_count_distinct":
            _check_approximates(node.function, dialect)
            return exp.ApproxDistinct(this=value)
        case "approx_percentile":
            _check_approximates(node.function, dialect)
            at = exp.Literal.number(format(fraction(node), "f"))
            return exp.ApproxQuantile(this=build.double(value), quantile=at)
        case _:
            raise AssertionError(node.function)


def _summand(value: exp.Expr, node: Aggregate, dialect: Dialect) -> exp.Expr:
    return value if node.argument is None else _unwrapped(value, node.argument, dialect)


def _check_approximates(function: str, dialect: Dialect) -> None:
    if function not in dialect.approximates:
        exact = {"approx_count_distinct": "count(distinct x)"}.get(function, "percentile")
        raise CannotCompile(dialect.name, f"it has no `{function}`; `{exact}` is exact")


def fraction(node: Aggregate) -> Decimal:
    """Return which percentile is meant, from 0 to 1."""
    return Decimal("0.5") if node.fraction is None else node.fraction


def _percentile(value: exp.Expr, at: Decimal) -> exp.Expr:
    return exp.WithinGroup(
        this=exp.PercentileCont(this=exp.Literal.number(format(at, "f"))),
        expression=exp.Order(expressions=[exp.Ordered(this=value)]),
    )


def needs_ranking(node: Aggregate, dialect: Dialect) -> bool:
    """Return whether the aggregate has to be taken from ranked rows in this dialect."""
    return node.function in ("median", "percentile") and not dialect.exact_percentile
