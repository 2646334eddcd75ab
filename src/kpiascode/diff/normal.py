"""The normal form of an expression: two that have the same one give the same values, whatever the data.

A false equality would hide a change, so only what is proven is rewritten, each rewrite by itself: with nulls
in the three-valued logic of SQL, with the types that DuckDB compares in, and with what doubles do. Where a
type decides and is not known, nothing is rewritten. An error is no value: of `a and b` either may fail first.

Compare normal forms by `model/canonical.fingerprint` and not by `==`, for which 1.0 and 1.00 are the same;
as text they are not.

Not recognised, though often equal:

* the order of three summands or factors: doubles are not associative, and decimals overflow elsewhere;
* `a and (a or b)`, distribution, `x and false`: what is dropped could ask for a partner that must exist;
* `not (x < 1)` and `x >= 1` of doubles or unknown types: engines differ about what is not a number;
* lists and `between` of constants of several lengths over decimals: each has a type of its own;
* a condition in `where` and the same in `filter (where ...)`: the former also says which slices there are;
* `sum(1)`, `avg` as a ratio, `case` as a filter: they differ without rows, or in type;
* `12 months` and `1 year` under a retail calendar, `24 hours` and `1 day` anywhere.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from hashlib import sha256
from typing import Any, Final, TypeAlias, TypeVar

from kpiascode.model.calendar import Duration, Unit
from kpiascode.model.expression import (
    Aggregate,
    And,
    Arithmetic,
    Between,
    Call,
    Case,
    Cast,
    Column,
    Comparator,
    Comparison,
    Constant,
    Expression,
    InPeriods,
    IsNull,
    Like,
    Local,
    Moved,
    Negate,
    Node,
    Not,
    OneOf,
    Operator,
    Or,
    Previous,
    Rolling,
    Type,
    rebuild,
)
from kpiascode.model.project import AsOf, Cohort, Dataset, Funnel, Kpi, Project, Relationship, Validity

Joined: TypeAlias = And | Or

TRUE: Final = Constant(True, Type.BOOLEAN)
FALSE: Final = Constant(False, Type.BOOLEAN)
SMALL: Final = 2**31
"""Whole numbers below are of one type in DuckDB."""

_OPPOSITE: Final = {
    Comparator.EQUAL: Comparator.UNEQUAL,
    Comparator.UNEQUAL: Comparator.EQUAL,
    Comparator.LESS: Comparator.AT_LEAST,
    Comparator.AT_LEAST: Comparator.LESS,
    Comparator.MORE: Comparator.AT_MOST,
    Comparator.AT_MOST: Comparator.MORE,
}
_FLIPPED: Final = {Comparator.MORE: Comparator.LESS, Comparator.AT_LEAST: Comparator.AT_MOST}
_EITHER_WAY: Final = (Comparator.EQUAL, Comparator.UNEQUAL)
_LENGTHS: Final = (
    {Unit.SECOND: 1, Unit.MINUTE: 60, Unit.HOUR: 3600},
    {Unit.DAY: 1, Unit.WEEK: 7},
    {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12},
    {Unit.FISCAL_MONTH: 1, Unit.FISCAL_QUARTER: 3, Unit.FISCAL_YEAR: 12},
)
"""Units that are so many of the first, whatever they are added to: a day is not always 24 hours."""
_YEARS: Final = (Unit.YEAR, Unit.FISCAL_YEAR)
_T = TypeVar("_T", bound=Node)


def normal(node: Expression, *, retail: bool = True) -> Expression:
    """Return the normal form of a resolved expression.

    Args:
        retail: Whether the calendar may be a retail one, whose years are not twelve months.
    """
    return _Normal(retail).of(node)


# --- whole projects


def normal_project(project: Project) -> Project:
    """Return the project with the normal form of every expression that a value is computed by."""
    retail = project.settings.calendar.retail is not None

    def form(node: Expression) -> Expression:
        return normal(node, retail=retail)

    return replace(
        project,
        datasets={name: _dataset(dataset, form) for name, dataset in project.datasets.items()},
        kpis={name: _kpi(kpi, form, retail) for name, kpi in project.kpis.items()},
    )


_Form: TypeAlias = Callable[[Expression], Expression]


def _perhaps(node: Expression | None, form: _Form) -> Expression | None:
    return None if node is None else form(node)


def _kept(condition: Expression | None, form: _Form) -> Expression | None:
    """Return which rows are kept: `true` keeps all, as no condition does."""
    found = _perhaps(condition, form)
    return None if found == TRUE else found


def _kpi(kpi: Kpi, form: _Form, retail: bool) -> Kpi:
    return replace(
        kpi,
        expression=form(kpi.expression),
        where=_kept(kpi.where, form),
        time=_perhaps(kpi.time, form),
        dimensions=tuple(replace(one, expression=_perhaps(one.expression, form)) for one in kpi.dimensions),
        cohort=None if kpi.cohort is None else _cohort(kpi.cohort, form, retail),
        funnel=None if kpi.funnel is None else _funnel(kpi.funnel, form, retail),
        revisions=tuple(replace(one, was=_kpi(one.was, form, retail)) for one in kpi.revisions),
    )


def _cohort(cohort: Cohort, form: _Form, retail: bool) -> Cohort:
    return replace(
        cohort,
        starts=form(cohort.starts),
        rows=form(cohort.rows),
        oldest=_duration(cohort.oldest, retail),
        entity=form(cohort.entity),
        where=_kept(cohort.where, form),
    )


def _funnel(funnel: Funnel, form: _Form, retail: bool) -> Funnel:
    steps = (
        replace(step, time=form(step.time), entity=form(step.entity), where=_kept(step.where, form))
        for step in funnel.steps
    )
    return replace(funnel, within=_duration(funnel.within, retail), steps=tuple(steps))


def _dataset(dataset: Dataset, form: _Form) -> Dataset:
    valid = dataset.valid
    return replace(
        dataset,
        valid=None if valid is None else Validity(start=form(valid.start), end=form(valid.end)),
        relationships={name: _relationship(one, form) for name, one in dataset.relationships.items()},
    )


def _relationship(relationship: Relationship, form: _Form) -> Relationship:
    return replace(
        relationship,
        keys=tuple((form(here), form(there)) for here, there in relationship.keys),
        as_of=None if relationship.as_of is None else _as_of(relationship.as_of, form),
    )


def _as_of(as_of: AsOf, form: _Form) -> AsOf:
    return AsOf(at=form(as_of.at), valid_from=form(as_of.valid_from), valid_to=_perhaps(as_of.valid_to, form))


# --- one expression


@dataclass(slots=True)
class _Normal:
    """Makes the normal form from the inside out. What it returns is not changed by it any more."""

    retail: bool
    _keys: dict[int, tuple[Node, str]] = field(default_factory=dict)

    def of(self, node: Expression) -> Expression:
        match node:
            case And() | Or() | Not() | Comparison() | OneOf() | Between():
                return self._truth(node, True)
            case Constant():
                return node
        match rebuild(node, self.of):
            case Negate() as found:
                return _negative(found)
            case Arithmetic(Operator.ADD | Operator.MULTIPLY) as found:
                return self._swapped(found)
            case Case() as found:
                return _without_else_null(found)
            case Call("coalesce") as found:
                return _flat_coalesce(found)
            case Aggregate() as found:
                return _of_all_rows(_count_of_rows(found))
            case Moved() as found:
                return replace(found, duration=_duration(found.duration, self.retail))
            case Previous() as found:
                return replace(found, offset=_duration(found.offset, self.retail))
            case Rolling() as found:
                return replace(found, window=_duration(found.window, self.retail))
            case found:
                return found

    # --- conditions

    def _truth(self, node: Expression, holds: bool) -> Expression:
        """Return the normal form of a condition, or of its negation.

        `not` moves inwards: De Morgan and `not not` are exact in three-valued logic.
        """
        match node:
            case Not(operand):
                return _as_condition(self._truth(operand, not holds))
            case And() | Or():
                kind = And if isinstance(node, And) == holds else Or
                return self._joined(kind, [self._truth(part, holds) for part in _parts(type(node), node)])
            case Comparison():
                return self._compared(rebuild(node, self.of), holds)
            case OneOf():
                return self._among(rebuild(node, self.of), holds)
            case Between():
                return self._between(rebuild(node, self.of), holds)
            case Constant(bool() as value, Type.BOOLEAN):
                return TRUE if value == holds else FALSE
            case _:
                found = self.of(node)
                return found if holds else Not(found)

    def _joined(self, kind: type[Joined], conditions: Iterable[Expression]) -> Expression:
        """Return conditions joined in one order, each once.

        `and` and `or` are associative, commutative and idempotent in three-valued logic; `true` changes no
        `and`, `false` no `or`. They are joined in halves, so that a long chain is not deep.
        """
        neutral = TRUE if kind is And else FALSE
        parts = [part for one in conditions for part in _parts(kind, one) if part != neutral]
        unique = {self._key(part): part for part in self._gathered(kind, parts)}
        ordered = [unique[key] for key in sorted(unique)]
        return _as_condition(_halves(kind, ordered)) if ordered else neutral

    def _gathered(self, kind: type[Joined], parts: Iterable[Expression]) -> Iterator[Expression]:
        """Yield conditions with equalities of one operand in an `or` as one list; with `and`, those of `<>`.

        `x in (a, b)` is `x = a or x = b`, null where x is null, as long as all are compared in one type.
        """
        groups: dict[tuple[str, object], tuple[Expression, list[Constant]]] = {}
        for part in parts:
            listed = _listed(part, holds=kind is Or)
            alike = None if listed is None else _alike(*listed)
            if listed is None or alike is None:
                yield part
            else:
                groups.setdefault((self._key(listed[0]), alike), (listed[0], []))[1].extend(listed[1])
        for operand, options in groups.values():
            yield self._membership(operand, options, holds=kind is Or)

    def _compared(self, node: Expression, holds: bool) -> Expression:
        """Return a comparison or its negation, `a > b` as `b < a`, the sides of `=` and `<>` in one order.

        Both sides are compared in one type, whichever stands first. `not a = b` is `a <> b` everywhere; of an
        order the same is said only where nothing can be not a number.
        """
        assert isinstance(node, Comparison)
        comparator, left, right = node.comparator, node.left, node.right
        if not holds and comparator not in _EITHER_WAY and not (_is_ordered(left) and _is_ordered(right)):
            return Not(self._compared(node, True))
        comparator = comparator if holds else _OPPOSITE[comparator]
        if comparator in _FLIPPED:
            comparator, left, right = _FLIPPED[comparator], right, left
        if comparator in _EITHER_WAY:
            left, right = self._in_order(left, right)
        return Comparison(comparator, left, right)

    def _between(self, node: Expression, holds: bool) -> Expression:
        """Return `low <= x and x <= high` where that compares in the types that `between` does."""
        assert isinstance(node, Between)
        if not isinstance(node.low, Constant) or not isinstance(node.high, Constant):
            return node if holds else Not(node)
        if _alike(node.operand, [node.low, node.high]) is None:
            return node if holds else Not(node)
        ends = (
            Comparison(Comparator.AT_MOST, node.low, node.operand),
            Comparison(Comparator.AT_MOST, node.operand, node.high),
        )
        return self._joined(And if holds else Or, [self._compared(end, holds) for end in ends])

    def _among(self, node: Expression, holds: bool) -> Expression:
        """Return a list in one order, each option once; lists of one option are comparisons."""
        assert isinstance(node, OneOf)
        if _alike(node.operand, node.options) is not None:
            return self._membership(node.operand, node.options, holds)
        found = OneOf(node.operand, self._ordered(node.options))
        return found if holds else Not(found)

    def _membership(self, operand: Expression, options: Iterable[Constant], holds: bool) -> Expression:
        unique = self._ordered(options)
        if len(unique) == 1:
            return self._compared(Comparison(Comparator.EQUAL, operand, unique[0]), holds)
        return OneOf(operand, unique) if holds else Not(OneOf(operand, unique))

    # --- values

    def _swapped(self, node: Arithmetic) -> Expression:
        """Return two summands or factors in one order: that is exact even for doubles."""
        left, right = self._in_order(node.left, node.right)
        return Arithmetic(node.operator, left, right)

    # --- one order for all

    def _in_order(self, *nodes: _T) -> list[_T]:
        return sorted(nodes, key=self._key)

    def _ordered(self, options: Iterable[Constant]) -> tuple[Constant, ...]:
        unique = {self._key(option): option for option in options}
        return tuple(unique[key] for key in sorted(unique))

    def _key(self, node: Node) -> str:
        """Return a hash of a node, made of those of its parts, so that each is looked at once."""
        known = self._keys.get(id(node))
        if known is None:
            kind: Any = type(node)
            told = tuple(self._told(getattr(node, name)) for name in _compared(kind))
            known = self._keys[id(node)] = (node, sha256(repr((kind.__name__, told)).encode()).hexdigest())
        return known[1]

    def _told(self, value: object) -> object:
        match value:
            case Node():
                return self._key(value)
            case tuple():
                return tuple(map(self._told, value))
            case _:
                return value


# --- single rewrites of values


def _negative(node: Negate) -> Expression:
    """Return `-` of a number as a negative number, as `in (-1)` has it: it is written the same in SQL."""
    match node.operand:
        case Constant(bool()):
            return node
        case Constant(int() as value, kind) if value > 0:
            return Constant(-value, kind)
        case Constant(Decimal() as value, kind) if value > 0:
            return Constant(value.copy_negate(), kind)
        case _:
            return node


def _without_else_null(node: Case) -> Case:
    """Return `case` without `else null`, which it means anyway; null has no type of its own."""
    match node.otherwise:
        case Constant(None):
            return replace(node, otherwise=None)
        case _:
            return node


def _flat_coalesce(node: Call) -> Call:
    """Return the first value of all, where the inner one does not change the type that all become."""
    inner = [
        part.arguments if isinstance(part, Call) and part.function == "coalesce" else (part,)
        for part in node.arguments
    ]
    flat = tuple(part for parts in inner for part in parts)
    kinds = {_kind(part) for part in flat}
    return replace(node, arguments=flat) if len(kinds) == 1 and kinds <= _UNCHANGED else node


def _count_of_rows(node: Aggregate) -> Aggregate:
    """Return `count(1)` as `count(*)`: a constant is in every row, but for null."""
    match node:
        case Aggregate("count", Constant(value), False, entity=None) if value is not None:
            return replace(node, argument=None)
        case _:
            return node


def _of_all_rows(node: Aggregate) -> Aggregate:
    """Return an aggregate without `filter (where true)`, which keeps all rows."""
    return replace(node, condition=None) if node.condition == TRUE else node


def _duration(duration: Duration, retail: bool) -> Duration:
    """Return a duration in the longest unit that gives a whole number of the same length."""
    for lengths in _LENGTHS:
        if duration.unit not in lengths:
            continue
        total = duration.amount * lengths[duration.unit]
        for unit, length in reversed(lengths.items()):
            even = unit not in _YEARS or duration.unit is unit or not retail
            if total % length == 0 and even:
                return Duration(amount=total // length, unit=unit)
    return duration


# --- what is known of a node


def _parts(kind: type[Expression], node: Expression) -> Iterator[Expression]:
    """Yield what a chain of `and` or of `or` joins, from left to right, however long it is."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, And | Or) and isinstance(part, kind):
            waiting += (part.right, part.left)
        else:
            yield part


def _halves(kind: type[Joined], parts: list[Expression]) -> Expression:
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return kind(_halves(kind, parts[:middle]), _halves(kind, parts[middle:]))


def _as_condition(node: Expression) -> Expression:
    """Return a node as true or false: a column of unknown type may be a number, which `and` alone turns."""
    return node if _kind(node) is Type.BOOLEAN else And(node, TRUE)


def _listed(part: Expression, *, holds: bool) -> tuple[Expression, tuple[Constant, ...]] | None:
    """Return an operand and the constants that it is one of, or if not `holds` of which it is none."""
    wanted = Comparator.EQUAL if holds else Comparator.UNEQUAL
    match part if holds or not isinstance(part, Not) else part.operand:
        case Comparison(comparator, Constant() as option, operand) | Comparison(
            comparator, operand, Constant() as option
        ) if comparator is wanted and not isinstance(operand, Constant):
            return operand, (option,)
        case OneOf(operand, options) if holds or isinstance(part, Not):
            return operand, options
        case _:
            return None


def _alike(operand: Expression, options: Iterable[Constant]) -> object:
    """Return the one type in which DuckDB compares the operand with each constant, None if there are several.

    A list and `between` are compared in one type for all, and a decimal of another length can change what
    that is.
    """
    kinds = {_written(option, _kind(operand)) for option in options}
    return kinds.pop() if len(kinds) == 1 else None


def _written(option: Constant, beside: Type) -> object:
    """Return the type of a constant in DuckDB, None where it is not known how it is compared."""
    match option.value:
        case bool():
            return Type.BOOLEAN if beside is Type.BOOLEAN else None
        case str():
            return Type.TEXT if beside in (Type.TEXT, Type.UNKNOWN) else None
        case datetime():
            return Type.TIMESTAMP if beside is Type.TIMESTAMP else None
        case date():
            return Type.DATE if beside is Type.DATE else None
        case int() as value if beside.is_number and abs(value) < SMALL:
            return (Type.INTEGER, value < 0, len(str(abs(value)))) if beside is Type.DECIMAL else Type.INTEGER
        case Decimal() as value if beside.is_number:
            digits = value.as_tuple()
            return (Type.DECIMAL, len(digits.digits), digits.exponent)
        case _:
            return None


def _is_ordered(node: Expression) -> bool:
    """Return whether of two values that are not null one is less, or they are equal: doubles have NaN."""
    return _kind(node) not in (Type.UNKNOWN, Type.DOUBLE)


_UNCHANGED: Final = {Type.INTEGER, Type.DOUBLE, Type.TEXT, Type.DATE, Type.BOOLEAN}
"""Types in which nothing is lost on the way to a wider one. A decimal may lose digits."""


def _kind(node: Expression) -> Type:
    """Return the type of a node where that is plain to see."""
    match node:
        case Constant(_, kind) | Column(_, _, kind) | Cast(_, kind):
            return kind
        case And() | Or() | Not() | Comparison() | IsNull() | OneOf() | Between() | Like() | InPeriods():
            return Type.BOOLEAN
        case Local():
            return Type.TIMESTAMP
        case Moved(operand, _, is_date):
            return Type.DATE if is_date else _kind(operand)
        case Call("lower" | "upper" | "trim"):
            return Type.TEXT
        case Call("length") | Aggregate("count"):
            return Type.INTEGER
        case Aggregate("sum" | "min" | "max", Node() as argument):
            return _kind(argument)
        case _:
            return Type.UNKNOWN


@cache
def _compared(kind: Any) -> tuple[str, ...]:
    """Return the fields of a kind of node that take part in equality."""
    return tuple(one.name for one in fields(kind) if one.compare)
