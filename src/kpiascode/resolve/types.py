"""What an expression is: number, text, date, boolean. Wrong mixtures are refused where they stand."""

from dataclasses import replace
from typing import Final

from kpiascode.model.calendar import Duration, Unit
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
    Node,
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
    rebuild,
    walk,
)
from kpiascode.resolve.functions import ELAPSED
from kpiascode.resolve.lexer import ExpressionError

_CLOCK_UNITS = (Unit.SECOND, Unit.MINUTE, Unit.HOUR)


def type_of(node: Expression) -> Type:
    """Return the type of a resolved expression; UNKNOWN where nothing is known of its columns.

    Raises:
        ExpressionError: `type-mismatch`, at the part that does not fit.
    """
    match node:
        case Constant(_, kind) | Column(_, _, kind) | KpiValue(_, kind):
            return kind
        case Slice() | Name():
            return Type.UNKNOWN
        case Days() | CohortSize() | StepCount():
            return Type.INTEGER
        case InPeriods():
            return Type.BOOLEAN
        case Negate(operand):
            return _number(operand, "`-`")
        case Arithmetic():
            return _arithmetic(node)
        case And(left, right) | Or(left, right):
            _boolean(left)
            return _boolean(right)
        case Not(operand):
            return _boolean(operand)
        case IsNull(operand):
            type_of(operand)
            return Type.BOOLEAN
        case Comparison(_, left, right):
            _comparable(type_of(left), right)
            return Type.BOOLEAN
        case OneOf(operand, options):
            kind = type_of(operand)
            for option in options:
                _comparable(kind, option)
            return Type.BOOLEAN
        case Between(operand, low, high):
            kind = type_of(operand)
            _comparable(kind, low)
            _comparable(kind, high)
            return Type.BOOLEAN
        case Like(operand, _):
            kind = type_of(operand)
            if kind not in (Type.TEXT, Type.UNKNOWN):
                raise _mismatch(operand, f"`like` compares texts, and this is {_called(kind)}.")
            return Type.BOOLEAN
        case Case(branches, otherwise):
            for condition, _ in branches:
                _boolean(condition)
            results = [result for _, result in branches]
            return _common([*results, otherwise] if otherwise is not None else results)
        case Cast(operand, kind):
            type_of(operand)
            return kind
        case Local(operand, _, _):
            type_of(operand)
            return Type.TIMESTAMP
        case Moved(operand, _, is_date):
            return Type.DATE if is_date else type_of(operand)
        case MeasureValue() | DaysOf():
            return Type.UNKNOWN
        case Call():
            return _call(node)
        case Aggregate():
            return _aggregate(node)
        case Previous(operand, _) | Rolling(operand, _) | ToDate(operand, _) | Cumulative(operand):
            return type_of(operand)
        case Closing(operand, _) | Opening(operand, _):
            return type_of(operand)
        case AverageOver(operand, _):
            _number(operand, "`average_over`")
            return Type.DOUBLE
        case Share(operand, _):
            _number(operand, "`share`")
            return Type.DOUBLE
        case Span():
            raise _mismatch(node, "A duration stands only after `+` or `-`, as in `ordered_at + 3 days`.")


def with_local_days(node: Expression, calendar_zone: str) -> Expression:
    """Return the expression with timestamps as the calendar's wall clock wherever that makes a difference.

    That is where a day, a text or a clock is taken of them, and where they meet timestamps of another zone
    or constants. Elapsed time within one zone needs no such turn and keeps the hours of a clock change.
    """
    inner = rebuild(node, lambda child: with_local_days(child, calendar_zone))

    def local(side: Expression) -> Expression:
        clock = _clock(side, calendar_zone)
        if clock == CALENDAR:
            return side
        return Local(side, None if clock == INSTANT else clock, calendar_zone, at=side.at)

    def meet(*sides: Expression) -> bool:
        return len({_clock(side, calendar_zone) for side in sides if _has_clock(side)}) > 1

    match inner:
        case Arithmetic(operator, left, Span(duration)):
            sign = 1 if operator is Operator.ADD else -1
            moved = Duration(amount=sign * duration.amount, unit=duration.unit)
            return Moved(left, moved, type_of(left) is Type.DATE, at=inner.at)
        case Cast(operand, Type.DATE | Type.TEXT | Type.TIMESTAMP):
            return replace(inner, operand=local(operand))
        case Comparison(_, left, right) if meet(left, right):
            return replace(inner, left=local(left), right=local(right))
        case Between(operand, low, high) if meet(operand, low, high):
            return replace(inner, operand=local(operand), low=local(low), high=local(high))
        case OneOf(operand, options) if meet(operand, *options):
            return replace(inner, operand=local(operand))
        case Call(_, arguments) if meet(*arguments):
            return replace(inner, arguments=tuple(map(local, arguments)))
        case Case(branches, otherwise) if meet(*_results(inner)):
            return replace(
                inner,
                branches=tuple((condition, local(result)) for condition, result in branches),
                otherwise=None if otherwise is None else local(otherwise),
            )
        case _:
            return inner


def with_even_decimals(node: Expression) -> Expression:
    """Return the expression with decimals that are alternatives of each other cast to one scale.

    Else DuckDB gives 0.13 for `coalesce(sum(a), 0.125)`: two decimals become one that has room for all whole
    digits of the wider, at the cost of the other's fraction.
    """
    if not any(isinstance(part, Case | Call) for part in walk(node)):
        return node
    inner = rebuild(node, with_even_decimals)

    def even(part: Expression) -> Expression:
        exact = isinstance(part, Constant) or type_of(part) is not Type.DECIMAL
        return part if exact else Cast(part, Type.DECIMAL, at=part.at)

    def uneven(parts: tuple[Expression, ...]) -> bool:
        return len({part for part in parts if type_of(part) is Type.DECIMAL}) > 1

    match inner:
        case Call("coalesce" | "greatest" | "least", arguments) if uneven(arguments):
            return replace(inner, arguments=tuple(map(even, arguments)))
        case Case(branches, otherwise) if uneven(_results(inner)):
            return replace(
                inner,
                branches=tuple((condition, even(result)) for condition, result in branches),
                otherwise=None if otherwise is None else even(otherwise),
            )
        case _:
            return inner


CALENDAR: Final = "the calendar's"
INSTANT: Final = "an instant's"


def _has_clock(node: Expression) -> bool:
    """Return whether it is a moment of some clock; a date is its midnight in the calendar's zone."""
    return type_of(node) in (Type.TIMESTAMP, Type.INSTANT, Type.DATE)


def _clock(node: Expression, calendar_zone: str) -> str:
    """Return whose clock a timestamp shows: a zone's, the calendar's, or none, for an instant."""
    match node:
        case Column(_, _, Type.INSTANT):
            return INSTANT
        case Column(_, _, Type.TIMESTAMP, str() as zone) if zone != calendar_zone:
            return zone
        case Moved(operand) | Aggregate("min" | "max", Node() as operand):
            return _clock(operand, calendar_zone)
        case Previous(operand) | Rolling(operand) | ToDate(operand) | Cumulative(operand):
            return _clock(operand, calendar_zone)
        case Closing(operand) | Opening(operand):
            return _clock(operand, calendar_zone)
        case Call("coalesce" | "greatest" | "least" | "nullif") | Case():
            parts = node.arguments if isinstance(node, Call) else _results(node)
            clocks = (_clock(part, calendar_zone) for part in parts if _has_clock(part))
            return next(clocks, CALENDAR)
        case _:
            return CALENDAR


def _results(node: Case) -> tuple[Expression, ...]:
    results = tuple(result for _, result in node.branches)
    return results if node.otherwise is None else (*results, node.otherwise)


def _called(kind: Type) -> str:
    return {
        Type.INTEGER: "a number",
        Type.DECIMAL: "a number",
        Type.DOUBLE: "a number",
        Type.TEXT: "a text",
        Type.DATE: "a date",
        Type.TIMESTAMP: "a timestamp",
        Type.INSTANT: "a timestamp",
        Type.BOOLEAN: "true or false",
        Type.UNKNOWN: "of unknown type",
    }[kind]


def _mismatch(node: Expression, message: str, hint: str | None = None) -> ExpressionError:
    return ExpressionError("type-mismatch", message, node.at, hint)


def _number(node: Expression, who: str) -> Type:
    return _is_number(type_of(node), node, who)


def _is_number(kind: Type, node: Expression, who: str) -> Type:
    if kind is not Type.UNKNOWN and not kind.is_number:
        raise _mismatch(node, f"{who} needs a number, and this is {_called(kind)}.")
    return kind


def _boolean(node: Expression) -> Type:
    kind = type_of(node)
    if kind not in (Type.BOOLEAN, Type.UNKNOWN):
        raise _mismatch(
            node, f"A condition is needed here, and this is {_called(kind)}.", "Compare it, such as `x > 0`."
        )
    return Type.BOOLEAN


def wider(one: Type, other: Type) -> Type:
    """Return the type of number that holds both."""
    for kind in (Type.UNKNOWN, Type.DOUBLE, Type.DECIMAL):
        if kind in (one, other):
            return kind
    return Type.INTEGER


def _arithmetic(node: Arithmetic) -> Type:
    sign = node.operator.value
    if isinstance(node.left, Span):
        raise _mismatch(node.left, "A duration stands on the right side, as in `ordered_at + 3 days`.")
    left = type_of(node.left)
    if isinstance(node.right, Span):
        unit = node.right.duration.unit
        if node.operator not in (Operator.ADD, Operator.SUBTRACT):
            raise _mismatch(node.right, f"`{sign}` takes no duration.")
        if left not in (Type.DATE, Type.TIMESTAMP, Type.INSTANT, Type.UNKNOWN):
            raise _mismatch(node.left, f"A duration is added to a date or timestamp, not to {_called(left)}.")
        if left is Type.DATE and unit in _CLOCK_UNITS:
            raise _mismatch(node.right, "A date has no clock.", "Cast it: cast(x as timestamp) + 3 hours.")
        if unit not in (*_CLOCK_UNITS, Unit.DAY, Unit.WEEK):
            raise _mismatch(node.right, f"`{unit.value}` has no fixed length; use days.")
        return left
    right = type_of(node.right)
    times = (Type.DATE, Type.TIMESTAMP, Type.INSTANT)
    if left in times and right in times:
        raise _mismatch(
            node,
            f"`{sign}` of two moments has no unit.",
            "Use days_between(earlier, later), or hours_, minutes_, seconds_between.",
        )
    _is_number(left, node.left, f"`{sign}`")
    _is_number(right, node.right, f"`{sign}`")
    if node.operator is Operator.DIVIDE:
        return Type.DOUBLE
    return wider(left, right)


def _comparable(one: Type, right: Expression) -> None:
    other = type_of(right)
    if Type.UNKNOWN in (one, other) or one is other or (one.is_number and other.is_number):
        return
    if {one, other} <= {Type.TIMESTAMP, Type.INSTANT}:
        return
    hint = None
    if Type.DATE in (one, other) and {one, other} & {Type.TIMESTAMP, Type.INSTANT}:
        hint = "Say which is meant: cast(t as date) is the local day, cast(d as timestamp) its midnight."
    elif Type.TEXT in (one, other):
        hint = "Texts stand in single quotes, numbers do not; dates are written date '2026-01-31'."
    raise _mismatch(right, f"{_called(one).capitalize()} is compared with {_called(other)}.", hint)


def _common(nodes: list[Expression]) -> Type:
    found = Type.UNKNOWN
    for node in nodes:
        kind = type_of(node)
        if isinstance(node, Constant) and node.value is None:
            continue
        if found is Type.UNKNOWN:
            found = kind
        elif kind is Type.UNKNOWN or kind is found:
            continue
        elif kind.is_number and found.is_number:
            found = wider(found, kind)
        elif {kind, found} == {Type.TIMESTAMP, Type.INSTANT}:
            found = Type.TIMESTAMP
        else:
            raise _mismatch(node, f"This is {_called(kind)} where the others are {_called(found)}.")
    return found


def _call(node: Call) -> Type:
    name, arguments = node.function, list(node.arguments)
    match name:
        case "abs" | "ceil" | "floor":
            return _number(arguments[0], f"`{name}`")
        case "round":
            _number(arguments[0], "`round`")
            if len(arguments) == 2:
                digits = arguments[1]
                digits = digits.operand if isinstance(digits, Negate) else digits
                if not (
                    isinstance(digits, Constant) and isinstance(digits.value, int) and digits.value <= 12
                ):
                    raise _mismatch(arguments[1], "`round` takes a whole number of digits, at most 12.")
            return Type.DECIMAL
        case "length" | "lower" | "upper" | "trim":
            kind = type_of(arguments[0])
            if kind not in (Type.TEXT, Type.UNKNOWN):
                raise _mismatch(arguments[0], f"`{name}` takes a text, and this is {_called(kind)}.")
            return Type.INTEGER if name == "length" else Type.TEXT
        case "coalesce" | "greatest" | "least":
            return _common(arguments)
        case "nullif":
            _common(arguments)
            return type_of(arguments[0])
        case _ if name in ELAPSED:
            for argument in arguments:
                kind = type_of(argument)
                if kind not in (Type.DATE, Type.TIMESTAMP, Type.INSTANT, Type.UNKNOWN):
                    raise _mismatch(argument, f"`{name}` takes dates or timestamps, not {_called(kind)}.")
            return Type.DOUBLE
        case _:
            raise AssertionError(name)


def _aggregate(node: Aggregate) -> Type:
    if node.condition is not None:
        _boolean(node.condition)
    if node.argument is None:
        return Type.INTEGER
    kind = type_of(node.argument)
    match node.function:
        case "count" | "approx_count_distinct":
            return Type.INTEGER
        case "min" | "max":
            if kind is Type.BOOLEAN:
                raise _mismatch(node.argument, f"`{node.function}` has no meaning for true and false.")
            return kind
        case "sum":
            return _number(node.argument, "`sum`")
        case _:
            _number(node.argument, f"`{node.function}`")
            return Type.DOUBLE


def has_aggregate(node: Expression) -> bool:
    """Return whether an aggregate stands anywhere inside."""
    return any(isinstance(part, Aggregate) for part in walk(node))


def first(node: Expression, *kinds: type) -> Expression | None:
    """Return the first part of one of the kinds, outermost first; None where there is none."""
    return next((part for part in walk(node) if isinstance(part, kinds)), None)
