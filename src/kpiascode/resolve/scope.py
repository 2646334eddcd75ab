"""What a name means: a field or column inside an aggregate, another KPI outside, a dimension in a filter."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from kpiascode.model.catalog import named_like
from kpiascode.model.diagnostic import circle, did_you_mean, one_of
from kpiascode.model.expression import (
    Aggregate,
    At,
    AverageOver,
    Call,
    Cast,
    Closing,
    CohortSize,
    Column,
    Cumulative,
    Days,
    Expression,
    KpiValue,
    Name,
    Opening,
    Previous,
    Rolling,
    Share,
    Slice,
    StepCount,
    ToDate,
    Type,
    children,
    rebuild,
    walk,
)
from kpiascode.resolve.habits import WORDS
from kpiascode.resolve.known import Known
from kpiascode.resolve.lexer import ExpressionError
from kpiascode.resolve.parser import depth
from kpiascode.resolve.types import type_of

MAX_NODES: Final = 600
MAX_RESOLVED_DEPTH: Final = 80
MAX_HOPS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSource:
    """A declared field before it is resolved: an expression, or a column of another name."""

    expression: Expression | None
    column: str | None
    type: Type | None


FORMS: Final = (
    Previous,
    Rolling,
    ToDate,
    Cumulative,
    Closing,
    Opening,
    AverageOver,
    Share,
    Days,
    CohortSize,
    StepCount,
)
"""Whatever stands around values or by itself as one, and so never in a row."""


class BrokenName(Exception):
    """The name points at something that has a finding of its own; no second one is due."""


class Scope:
    """The names of one dataset. Fields are resolved when first asked for, each once."""

    def __init__(
        self,
        *,
        dataset: str,
        columns: Mapping[str, Type] | None,
        zone: str | None,
        fields: Mapping[str, FieldSource],
        relationships: Mapping[str, str],
        broken: Collection[str],
        scope_of: Callable[[str], "Scope"],
    ) -> None:
        self.dataset = dataset
        self._columns = columns
        self._zone = zone
        self._fields = fields
        self._relationships = relationships
        self._broken = broken
        self._scope_of = scope_of
        self._resolved: dict[str, Expression] = {}
        self._wrong: dict[str, ExpressionError] = {}
        self._open: list[str] = []

    @property
    def names(self) -> tuple[str, ...]:
        return (*self._fields, *self._relationships, *(self._columns or ()))

    def row(self, node: Expression) -> Expression:
        """Return an expression over rows with every name resolved to columns.

        Raises:
            ExpressionError: for an unknown name, or for an aggregate or time form, which have no place here.
            BrokenName: where a name leads to something that is broken itself.
        """
        try:
            return self._small(self._row(node), node.at)
        except RecursionError:
            raise self._too_large(node.at) from None

    def _row(self, node: Expression) -> Expression:
        match node:
            case Name(parts):
                return self.look_up(parts, node.at)
            case Aggregate():
                raise ExpressionError(
                    "aggregate-of-rows",
                    f"`{node.function}` aggregates rows, and here one row is meant.",
                    node.at,
                    "Aggregate in the KPI's `expression`.",
                )
            case _ if isinstance(node, FORMS):
                raise ExpressionError(
                    "time-form-of-rows",
                    "A time form stands around an aggregate or a KPI, not around rows.",
                    node.at,
                    "Write for example rolling(sum(x), 28 days).",
                )
            case _:
                return rebuild(node, self._row)

    def look_up(self, parts: tuple[str, ...], at: At) -> Expression:
        """Return what a name or path means, down to columns."""
        if len(parts) > MAX_HOPS:
            raise ExpressionError("path-too-long", f"A path has at most {MAX_HOPS} steps.", at)
        first = parts[0]
        if first in self._broken:
            raise BrokenName(first)
        if len(parts) == 1:
            if first in self._fields:
                return _placed(self._field(first, at), at)
            return self._column(first, at)
        if first not in self._relationships:
            raise ExpressionError(
                "unknown-relationship",
                f"Dataset `{self.dataset}` has no relationship `{first}`.",
                (at[0], at[0] + len(first)),
                f"Leave `{first}.` out."
                if first == self.dataset
                else did_you_mean(first, self._relationships)
                or (
                    f"It has {one_of(self._relationships)}."
                    if self._relationships
                    else "It declares no relationships."
                ),
            )
        inner = self._scope_of(self._relationships[first]).look_up(parts[1:], (at[0] + len(first) + 1, at[1]))
        return _placed(_under(inner, first), at)

    def _column(self, name: str, at: At) -> Expression:
        if self._columns is None:
            return Column((), name, Type.UNKNOWN, self._zone, at=at)
        found = named_like(name, self._columns)
        if found is None:
            hint = WORDS.get(name.lower()) or did_you_mean(name, self.names)
            if name in self._relationships:
                hint = f"`{name}` is a relationship: write `{name}.<field>`."
            raise ExpressionError(
                "unknown-column",
                f"Dataset `{self.dataset}` has no field or column `{name}`.",
                at,
                hint or f"It has {one_of(dict.fromkeys(self.names))}.",
            )
        return Column((), found, self._columns[found], self._zone, at=at)

    def field(self, name: str) -> Expression:
        """Return a declared field, resolved. Only here is told what is wrong with it; see `row`."""
        if name in self._broken:
            raise BrokenName(name)
        try:
            return self._field(name, (0, 0))
        except BrokenName:
            if name in self._wrong:
                raise self._wrong[name] from None
            raise

    def _field(self, name: str, at: At) -> Expression:
        if name in self._resolved:
            return self._resolved[name]
        if name in self._wrong:
            raise BrokenName(name)
        if name in self._open:
            way = circle(self._open[self._open.index(name) :])
            raise ExpressionError(
                "field-cycle",
                f"The field `{name}` of `{self.dataset}` is made of itself: {way}.",
                at,
                "A column of the same name is reached by another field name: "
                f'`{name}_raw: {{column: "{name}"}}`.',
            )
        self._open.append(name)
        try:
            self._resolved[name] = self._typed(self._fields[name], name)
        except ExpressionError as error:
            self._wrong[name] = error
            raise BrokenName(name) from None
        finally:
            self._open.pop()
        return self._resolved[name]

    def _typed(self, source: FieldSource, name: str) -> Expression:
        if source.expression is None:
            column = source.column or name
            found = self._column(column, (0, len(column)))
        else:
            found = self.row(source.expression)
        kind = type_of(found)
        if source.type is None or source.type is kind:
            return found
        if isinstance(found, Column) and kind is Type.UNKNOWN:
            return replace(found, type=source.type)
        return Cast(found, source.type, at=found.at)

    def _small(self, node: Expression, at: At) -> Expression:
        if written(node) > MAX_NODES or depth(node) > MAX_RESOLVED_DEPTH:
            raise self._too_large(at)
        return node

    @staticmethod
    def _too_large(at: At) -> ExpressionError:
        return ExpressionError(
            "expression-too-large",
            "With its fields written out, the expression grows beyond what is read.",
            at,
            "Make a view of the innermost fields in the warehouse.",
        )


NOTHING: Final[Mapping[str, int]] = MappingProxyType({})


def written(node: Expression, sizes: Mapping[str, int] = NOTHING) -> int:
    """Return how many parts the expression has in SQL, where `greatest` and `least` repeat their arguments.

    Args:
        sizes: The same of the KPIs that are referred to; 1 where it is not known.
    """
    if isinstance(node, KpiValue):
        return sizes.get(node.kpi, 1)
    inside = sum(written(child, sizes) for child in children(node))
    if isinstance(node, Call) and node.function in ("greatest", "least"):
        inside *= 2 * len(node.arguments) - 1
    return inside + 1


def value(node: Expression, scope: Scope | None, known: Known) -> Expression:
    """Return a KPI's expression with every name resolved.

    Args:
        scope: Of the KPI's dataset; None when it refers to other KPIs only.

    Raises:
        ExpressionError: for a name that means nothing here.
        BrokenName: for one that may be declared where nothing could be read.
    """
    match node:
        case Name((name,)) if name in known.names["kpi"]:
            return KpiValue(name, at=node.at)
        case Name(parts):
            raise _outside(parts, node.at, scope, known)
        case Aggregate():
            if scope is None:
                raise ExpressionError(
                    "aggregate-without-dataset",
                    f"`{node.function}` needs rows, and the KPI names no dataset.",
                    node.at,
                    "Add `dataset: <name>` to the KPI.",
                )
            return _aggregate(node, scope)
        case Closing(operand, per) | Opening(operand, per) if per is not None:
            if scope is None:
                raise ExpressionError(
                    "needs-dataset",
                    "`per` names a field, and the KPI names no dataset.",
                    per.at,
                    "Add `dataset: <name>` to the KPI.",
                )
            return replace(node, operand=value(operand, scope, known), per=scope.row(per))
        case _:
            return rebuild(node, lambda child: value(child, scope, known))


def _aggregate(node: Aggregate, scope: Scope) -> Expression:
    condition = None if node.condition is None else scope.row(node.condition)
    if node.entity is None:
        nested = (
            next((p for p in walk(node.argument) if isinstance(p, Aggregate)), None)
            if node.argument
            else None
        )
        if nested is not None:
            raise ExpressionError(
                "nested-aggregate",
                f"`{nested.function}` stands inside `{node.function}`, which takes rows.",
                nested.at,
                f"Two steps are written {node.function}({nested.function}(x) per key).",
            )
        argument = None if node.argument is None else scope.row(node.argument)
        return replace(node, argument=argument, condition=condition)
    if node.argument is None or node.distinct:
        raise ExpressionError("expression-syntax", "`per` needs one value per entity.", node.at)
    return replace(
        node,
        argument=_per_entity(node.argument, scope),
        condition=condition,
        entity=scope.row(node.entity),
    )


def _per_entity(node: Expression, scope: Scope) -> Expression:
    match node:
        case Aggregate(entity=None):
            return _aggregate(node, scope)
        case Aggregate():
            raise ExpressionError(
                "nested-aggregate",
                "`per` stands in one level only.",
                node.at,
                "Make a view of the inner step in the warehouse.",
            )
        case Name(parts):
            raise ExpressionError(
                "field-outside-aggregate",
                f"`{'.'.join(parts)}` has many values per entity here.",
                node.at,
                f"Aggregate it: max({'.'.join(parts)}).",
            )
        case _ if isinstance(node, FORMS):
            raise ExpressionError(
                "time-form-of-rows",
                "A time form stands around the whole aggregate, not inside it.",
                node.at,
                "Write for example rolling(avg(sum(x) per key), 28 days).",
            )
        case _:
            return rebuild(node, lambda child: _per_entity(child, scope))


def _outside(parts: tuple[str, ...], at: At, scope: Scope | None, known: Known) -> Exception:
    name, kpis = ".".join(parts), known.names["kpi"]
    if scope is not None and (len(parts) > 1 or parts[0].lower() in {n.lower() for n in scope.names}):
        return ExpressionError(
            "field-outside-aggregate",
            f"`{name}` is a field of `{scope.dataset}`, and outside an aggregate it has many values.",
            at,
            f"Aggregate it: sum({name}).",
        )
    if "kpi" in known.unsure:
        return BrokenName(name)
    return ExpressionError(
        "unknown-kpi",
        f"No KPI is called `{name}`.",
        at,
        WORDS.get(name.lower())
        or did_you_mean(name, kpis)
        or (f"A column is aggregated: sum({name})." if scope is not None else f"There are {one_of(kpis)}."),
    )


def condition(node: Expression, dimensions: Collection[str]) -> Expression:
    """Return a filter over dimensions, as `--where` takes it, with its names resolved.

    A dimension is named as the KPI names it, which may be a path.
    """
    match node:
        case Name(parts):
            name = ".".join(parts)
            if name not in dimensions:
                raise ExpressionError(
                    "unknown-dimension",
                    f"`{name}` is no dimension of the KPIs asked.",
                    node.at,
                    did_you_mean(name, dimensions)
                    or (f"There are {one_of(dimensions)}." if dimensions else "They have no dimensions."),
                )
            return Slice(name, at=node.at)
        case _ if isinstance(node, (Aggregate, *FORMS)):
            raise ExpressionError(
                "invalid-filter",
                "A filter compares dimensions with constants.",
                node.at,
                "Write for example channel = 'online'.",
            )
        case _:
            return rebuild(node, lambda child: condition(child, dimensions))


def _under(node: Expression, relationship: str) -> Expression:
    if isinstance(node, Column):
        return replace(node, path=(relationship, *node.path))
    return rebuild(node, lambda child: _under(child, relationship))


def _placed(node: Expression, at: At) -> Expression:
    """Return the node with every part at one place: the name that it was written out for."""
    return replace(rebuild(node, lambda child: _placed(child, at)), at=at)
