"""An expression as text again, in the language, with the brackets that it needs and no more."""

from datetime import date, datetime
from decimal import Decimal
from typing import Final, assert_never

from kpiascode.model.calendar import Duration
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
    Not,
    OneOf,
    Opening,
    Operator,
    Or,
    Previous,
    Rolling,
    Scalar,
    Share,
    Slice,
    Span,
    StepCount,
    ToDate,
)

_LOOSEST: Final = 0
_OR, _AND, _NOT, _COMPARED, _SUM, _PRODUCT, _SIGN, _TIGHTEST = range(1, 9)


def spelled(node: Expression) -> str:
    """Return the text of an expression.

    What only a plan has is told in words close to it: a measure by its scan, a local clock by `at`.
    """
    return _inside(node, _LOOSEST)


def _inside(node: Expression, needed: int) -> str:
    text, strength = _parts(node)
    return text if strength >= needed else f"({text})"


def _parts(node: Expression) -> tuple[str, int]:
    """Return the text and how tightly it holds together."""
    match node:
        case Or(left, right):
            return f"{_inside(left, _OR)} or {_inside(right, _OR + 1)}", _OR
        case And(left, right):
            return f"{_inside(left, _AND)} and {_inside(right, _AND + 1)}", _AND
        case Not(IsNull(operand)):
            return f"{_inside(operand, _SUM)} is not null", _COMPARED
        case Not(operand):
            return f"not {_inside(operand, _NOT)}", _NOT
        case Comparison(comparator, left, right):
            return f"{_inside(left, _SUM)} {comparator.value} {_inside(right, _SUM)}", _COMPARED
        case IsNull(operand):
            return f"{_inside(operand, _SUM)} is null", _COMPARED
        case OneOf(operand, options):
            listed = ", ".join(_inside(option, _LOOSEST) for option in options)
            return f"{_inside(operand, _SUM)} in ({listed})", _COMPARED
        case Between(operand, low, high):
            bounds = f"{_inside(low, _SUM)} and {_inside(high, _SUM)}"
            return f"{_inside(operand, _SUM)} between {bounds}", _COMPARED
        case Like(operand, pattern):
            return f"{_inside(operand, _SUM)} like {_constant(pattern)}", _COMPARED
        case Arithmetic(Operator.ADD | Operator.SUBTRACT as operator, left, right):
            return f"{_inside(left, _SUM)} {operator.value} {_inside(right, _SUM + 1)}", _SUM
        case Arithmetic(operator, left, right):
            return f"{_inside(left, _PRODUCT)} {operator.value} {_inside(right, _PRODUCT + 1)}", _PRODUCT
        case Moved(operand, duration, _):
            sign = "+" if duration.amount >= 0 else "-"
            return f"{_inside(operand, _SUM)} {sign} {_length(duration)}", _SUM
        case Negate(operand):
            return f"-{_inside(operand, _SIGN + 1)}", _SIGN
        case _:
            return _closed(node), _TIGHTEST


def _closed(node: Expression) -> str:
    """Return the text of what needs no brackets anywhere."""
    match node:
        case Constant(value, _):
            return _constant(value)
        case Span(duration):
            return _length(duration)
        case Name(parts):
            return ".".join(parts)
        case Column(path, column):
            return ".".join((*path, column))
        case Slice(dimension):
            return dimension
        case KpiValue(kpi):
            return kpi
        case Case(branches, otherwise):
            whens = " ".join(
                f"when {spelled(condition)} then {spelled(value)}" for condition, value in branches
            )
            return f"case {whens}{'' if otherwise is None else f' else {spelled(otherwise)}'} end"
        case Cast(operand, kind):
            return f"cast({spelled(operand)} as {kind.value})"
        case Local(operand, _, calendar_zone):
            return f"{_inside(operand, _TIGHTEST)} at {calendar_zone}"
        case Call(function, arguments):
            return f"{function}({', '.join(map(spelled, arguments))})"
        case Aggregate():
            return _aggregate(node)
        case Days():
            return "days()"
        case CohortSize():
            return "cohort_size()"
        case StepCount(step):
            return f"step({step})"
        case Previous(operand, length):
            return f"previous({spelled(operand)}, {_length(length)})"
        case Rolling(operand, length):
            return f"rolling({spelled(operand)}, {_length(length)})"
        case ToDate(operand, unit):
            return f"to_date({spelled(operand)}, {unit.value})"
        case AverageOver(operand, unit):
            return f"average_over({spelled(operand)}, {unit.value})"
        case Cumulative(operand):
            return f"cumulative({spelled(operand)})"
        case Closing(operand, per) | Opening(operand, per):
            form = "closing" if isinstance(node, Closing) else "opening"
            return f"{form}({spelled(operand)}{'' if per is None else f', per {spelled(per)}'})"
        case Share(operand, dimension):
            return f"share({spelled(operand)}, of {dimension})"
        case MeasureValue(scan, measure):
            return f"{scan}.{measure}"
        case DaysOf():
            return "days()"
        case InPeriods(periods):
            listed = ", ".join(periods[:3]) + (f" and {len(periods) - 3} more" if len(periods) > 3 else "")
            return f"period in ({listed})"
        case (
            Or()
            | And()
            | Not()
            | Comparison()
            | IsNull()
            | OneOf()
            | Between()
            | Like()
            | Arithmetic()
            | Moved()
            | Negate()
        ):
            raise AssertionError(f"{type(node).__name__} has operands in the open")
        case _:
            assert_never(node)


def _aggregate(node: Aggregate) -> str:
    argument = "*" if node.argument is None else spelled(node.argument)
    distinct = "distinct " if node.distinct else ""
    per = "" if node.entity is None else f" per {spelled(node.entity)}"
    fraction = "" if node.fraction is None else f", {node.fraction}"
    kept = "" if node.condition is None else f" filter (where {spelled(node.condition)})"
    return f"{node.function}({distinct}{argument}{per}{fraction}){kept}"


def _length(duration: Duration) -> str:
    amount = abs(duration.amount)
    return f"{amount} {duration.unit.value}{'' if amount == 1 else 's'}"


def _constant(value: Scalar) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case datetime():
            return f"timestamp '{value.isoformat(sep=' ')}'"
        case date():
            return f"date '{value.isoformat()}'"
        case Decimal():
            return format(value, "f")
        case int():
            return str(value)
