"""The nodes of an expression. One closed union, compared and hashed by value.

The parser leaves every name as a `Name`; `resolve` puts what it stands for in its place: a `Column` inside
an aggregate, a `KpiValue` outside, a `Slice` where dimensions are meant. `at` holds the first and the last
offset in the text and takes no part in equality, so that white space is no change.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from operator import attrgetter
from typing import Any, Final, TypeAlias, cast, get_args

from kpiascode.model.calendar import Duration, Unit

At: TypeAlias = tuple[int, int]
Scalar: TypeAlias = str | int | Decimal | bool | date | datetime | None


class Type(Enum):
    """What a value is. `TIMESTAMP` is a wall clock without zone, `INSTANT` a moment with one."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    DOUBLE = "double"
    TEXT = "text"
    DATE = "date"
    TIMESTAMP = "timestamp"
    INSTANT = "instant"
    BOOLEAN = "boolean"
    UNKNOWN = "unknown"

    @property
    def is_number(self) -> bool:
        return self in (Type.INTEGER, Type.DECIMAL, Type.DOUBLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    at: At = field(default=(0, 0), compare=False, repr=False)


# --- leaves


@dataclass(frozen=True, slots=True)
class Constant(Node):
    value: Scalar
    type: Type


@dataclass(frozen=True, slots=True)
class Span(Node):
    """A duration, as in `t + 3 days`."""

    duration: Duration


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A name as written, not yet resolved: `status`, `product.category`."""

    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column(Node):
    """A physical column, reached over relationships: `("ship_to", "country")`, `name`.

    `zone` is the zone of its wall clock, for timestamps; None is the calendar's own.
    """

    path: tuple[str, ...]
    column: str
    type: Type = field(default=Type.UNKNOWN, compare=False)
    zone: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Slice(Node):
    """The value of a dimension, as in `--where "channel = 'online'"`."""

    dimension: str


@dataclass(frozen=True, slots=True)
class KpiValue(Node):
    """Another KPI, over the interval that it is given. Its type is known once all KPIs are resolved."""

    kpi: str
    type: Type = field(default=Type.DOUBLE, compare=False)


# --- rows and values alike


@dataclass(frozen=True, slots=True)
class Negate(Node):
    operand: "Expression"


class Operator(Enum):
    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"
    REMAINDER = "%"


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    operator: Operator
    left: "Expression"
    right: "Expression"


class Comparator(Enum):
    EQUAL = "="
    UNEQUAL = "<>"
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    comparator: Comparator
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class And(Node):
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Or(Node):
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Not(Node):
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class IsNull(Node):
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class OneOf(Node):
    """`x in (constants)`."""

    operand: "Expression"
    options: tuple[Constant, ...]


@dataclass(frozen=True, slots=True)
class Between(Node):
    """`low <= x and x <= high`, both ends included, as in SQL."""

    operand: "Expression"
    low: "Expression"
    high: "Expression"


@dataclass(frozen=True, slots=True)
class Like(Node):
    """Exact match of a pattern with `%` and `_`; case and accents count."""

    operand: "Expression"
    pattern: str


@dataclass(frozen=True, slots=True)
class Case(Node):
    """The first branch whose condition is true; unknown is not true. `otherwise` None means null."""

    branches: tuple[tuple["Expression", "Expression"], ...]
    otherwise: "Expression | None"


@dataclass(frozen=True, slots=True)
class Cast(Node):
    operand: "Expression"
    type: Type


@dataclass(frozen=True, slots=True)
class Local(Node):
    """A timestamp as the calendar's wall clock shows it. `zone` is where it comes from; None: an instant."""

    operand: "Expression"
    zone: str | None
    calendar_zone: str


@dataclass(frozen=True, slots=True)
class Moved(Node):
    """A date or timestamp plus a duration; the amount may be negative."""

    operand: "Expression"
    duration: Duration
    is_date: bool


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A scalar function of the closed table (`resolve/functions.py`)."""

    function: str
    arguments: tuple["Expression", ...]


# --- aggregates


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """One value from the rows of an interval.

    Args:
        function: `sum`, `count`, `avg`, `min`, `max`, `median`, `percentile`, `stddev`, `variance`,
            `approx_count_distinct`, `approx_percentile`.
        argument: None for `count(*)`.
        fraction: Of a percentile, between 0 and 1.
        condition: The `filter (where ...)`; None keeps all rows.
        entity: Of the two-step form `avg(sum(x) per customer_id)`; the argument then holds aggregates.
    """

    function: str
    argument: "Expression | None"
    distinct: bool = False
    fraction: Decimal | None = None
    condition: "Expression | None" = None
    entity: "Expression | None" = None


# --- time forms: each maps the interval that it is given to another


@dataclass(frozen=True, slots=True)
class Days(Node):
    """The days in the interval; of a part period those elapsed."""


@dataclass(frozen=True, slots=True)
class Previous(Node):
    operand: "Expression"
    offset: Duration


@dataclass(frozen=True, slots=True)
class Rolling(Node):
    operand: "Expression"
    window: Duration


@dataclass(frozen=True, slots=True)
class ToDate(Node):
    operand: "Expression"
    unit: Unit


@dataclass(frozen=True, slots=True)
class Cumulative(Node):
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Closing(Node):
    """A balance: over the rows of the last time in the interval, or with `per` over each key's last rows."""

    operand: "Expression"
    per: "Expression | None" = None


@dataclass(frozen=True, slots=True)
class Opening(Node):
    """The closing of the interval before."""

    operand: "Expression"
    per: "Expression | None" = None


@dataclass(frozen=True, slots=True)
class AverageOver(Node):
    """The mean of the values that the units of the interval have; null ones do not count."""

    operand: "Expression"
    unit: Unit


# --- other forms around values


@dataclass(frozen=True, slots=True)
class Share(Node):
    """The operand over the same with a dimension left free."""

    operand: "Expression"
    dimension: str


@dataclass(frozen=True, slots=True)
class CohortSize(Node):
    """The entities of the KPI's `cohort` that start in the interval."""


@dataclass(frozen=True, slots=True)
class StepCount(Node):
    """The entities that begin the KPI's `funnel` in the interval and get to a step, counted from 1."""

    step: int


# --- in a plan, in the place of aggregates and forms


@dataclass(frozen=True, slots=True)
class MeasureValue(Node):
    """A measure of a scan, in the same period and slice.

    Args:
        counts: Whether it counts, so that no rows mean 0 and not null.
    """

    scan: str
    measure: str
    counts: bool = False


@dataclass(frozen=True, slots=True)
class DaysOf(Node):
    """The days in each period's interval; a period that is not listed has none, and null days."""

    days: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class InPeriods(Node):
    """Whether the period is one of these."""

    periods: tuple[str, ...]


Expression: TypeAlias = (
    Constant
    | Span
    | Name
    | Column
    | Slice
    | KpiValue
    | Negate
    | Arithmetic
    | Comparison
    | And
    | Or
    | Not
    | IsNull
    | OneOf
    | Between
    | Like
    | Case
    | Cast
    | Local
    | Moved
    | Call
    | Aggregate
    | Days
    | Previous
    | Rolling
    | ToDate
    | Cumulative
    | Closing
    | Opening
    | AverageOver
    | Share
    | CohortSize
    | StepCount
    | MeasureValue
    | DaysOf
    | InPeriods
)


def _inner_fields(kind: type[Node]) -> tuple[str, ...]:
    """Return the fields of a node that hold one expression, or perhaps none."""
    return tuple(f.name for f in fields(kind) if f.type in ("Expression", "Expression | None"))


def _getter(kind: type[Node]) -> Callable[[Any], tuple["Expression", ...]]:
    """Return what gives the children of a kind of node. Walking is hot: this is made once."""
    names = _inner_fields(kind)
    optional = any(f.type == "Expression | None" for f in fields(kind))
    match names:
        case _ if kind is Case:
            return _of_case
        case _ if kind is OneOf:
            return lambda node: (node.operand, *node.options)
        case _ if kind is Call:
            return lambda node: node.arguments
        case ():
            return lambda node: ()
        case _ if optional:
            return lambda node: tuple(value for name in names if (value := getattr(node, name)) is not None)
        case (name,):
            return lambda node: (getattr(node, name),)
        case _:
            return attrgetter(*names)


def _of_case(node: "Case") -> tuple["Expression", ...]:
    inner = tuple(part for branch in node.branches for part in branch)
    return inner if node.otherwise is None else (*inner, node.otherwise)


_INNER_FIELDS: Final = {kind: _inner_fields(kind) for kind in get_args(Expression)}
_CHILDREN: Final = {kind: _getter(kind) for kind in get_args(Expression)}


def children(node: Expression) -> tuple[Expression, ...]:
    """Return the expressions directly inside, from left to right."""
    return _CHILDREN[type(node)](node)


def walk(node: Expression) -> Iterator[Expression]:
    """Yield the node and everything inside it, outermost first, from left to right."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        if inner := _CHILDREN[type(current)](current):
            stack += inner[::-1]


def rebuild(node: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """Return the node with each direct child replaced by what `change` gives for it.

    It is the same object where nothing changes.
    """
    changed: dict[str, Any] = {}
    match node:
        case Case(branches, otherwise):
            changed["branches"] = tuple((change(condition), change(result)) for condition, result in branches)
            changed["otherwise"] = None if otherwise is None else change(otherwise)
        case OneOf(operand, _):
            changed["operand"] = change(operand)
        case Call(_, arguments):
            changed["arguments"] = tuple(change(argument) for argument in arguments)
        case _:
            for name in _INNER_FIELDS[type(node)]:
                value = getattr(node, name)
                if value is not None and (new := change(value)) is not value:
                    changed[name] = new
    return cast(Expression, replace(cast(Any, node), **changed)) if changed else node


Way: TypeAlias = tuple[str, ...]
"""The relationships that are walked one after the other."""


def ways(nodes: Sequence[Expression]) -> tuple[Way, ...]:
    """Return every way that the expressions walk, each after the ways that lead to it."""
    found: dict[Way, None] = {}
    for node in nodes:
        for part in walk(node):
            if isinstance(part, Column):
                for length in range(1, len(part.path) + 1):
                    found[part.path[:length]] = None
    return tuple(sorted(found, key=len))


def below(node: Expression, way: Way) -> Expression:
    """Return an expression over what a way leads to; all of its columns begin with that way."""
    if isinstance(node, Column):
        return replace(node, path=node.path[len(way) :])
    return rebuild(node, lambda child: below(child, way))
