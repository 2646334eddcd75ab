"""What of a formula or a filter was changed, in the words of the taxonomy."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from kpiascode.diff.normal import normal
from kpiascode.model.canonical import fingerprint
from kpiascode.model.changes import ChangeKind
from kpiascode.model.expression import (
    Aggregate,
    And,
    AverageOver,
    Call,
    Closing,
    Column,
    Comparator,
    Comparison,
    Constant,
    Cumulative,
    Expression,
    KpiValue,
    Opening,
    Previous,
    Rolling,
    ToDate,
    Type,
    rebuild,
    walk,
)
from kpiascode.model.spelling import spelled

Mask = Callable[[Expression], Expression]


@dataclass(frozen=True, slots=True)
class Told:
    """A kind of change with a sentence."""

    kind: ChangeKind
    words: str


def filter_change(before: Expression | None, after: Expression | None) -> Told:
    """Return how a filter was changed; both are not the same."""
    one, other = _conjuncts(before), _conjuncts(after)
    added, gone = other.keys() - one.keys(), one.keys() - other.keys()
    if not gone:
        return Told(ChangeKind.FILTER_NARROWED, f"Only rows with {_listed(other, added)} count now.")
    if not added:
        return Told(ChangeKind.FILTER_WIDENED, f"Rows count now whether {_listed(one, gone)} holds or not.")
    return Told(
        ChangeKind.FILTER_CHANGED,
        f"Rows count with {_listed(other, added)}, no longer with {_listed(one, gone)}.",
    )


def _conjuncts(node: Expression | None) -> dict[str, str]:
    """Return the conditions that must all hold, by their normal form, as they are told."""
    found: dict[str, str] = {}
    waiting = [] if node is None else [normal(node)]
    while waiting:
        match waiting.pop():
            case And(left, right):
                waiting += [right, left]
            case part:
                found[fingerprint(part)] = spelled(_facing(part))
    return found


def _facing(node: Expression) -> Expression:
    """Return a comparison with its constant on the right, as people write it."""
    match node:
        case Comparison(comparator, Constant() as left, right) if not isinstance(right, Constant):
            return Comparison(_TURNED.get(comparator, comparator), right, left)
        case _:
            return node


_TURNED: Final = {
    Comparator.LESS: Comparator.MORE,
    Comparator.MORE: Comparator.LESS,
    Comparator.AT_MOST: Comparator.AT_LEAST,
    Comparator.AT_LEAST: Comparator.AT_MOST,
}


def _listed(conditions: dict[str, str], some: set[str]) -> str:
    return " and ".join(f"`{text}`" for condition, text in conditions.items() if condition in some)


def formula_change(before: Expression, after: Expression) -> Told:
    """Return how an expression was changed; both have another normal form.

    What is masked on both sides and leaves them the same is what was changed.
    """
    if _equal(before, after, _without_filters):
        return _of_filters(before, after)
    for kind, mask, words in _MASKS:
        if _equal(before, after, mask):
            if kind is ChangeKind.CONSTANT:
                return Told(kind, _of_constants(before, after))
            return Told(kind, _of_distinct(before, after) if kind is ChangeKind.DISTINCT else words)
    if _kpis(before) != _kpis(after):
        return Told(ChangeKind.COMPONENTS, _of_components(_kpis(before), _kpis(after)))
    return Told(ChangeKind.FORMULA, "It is computed by another expression.")


def _equal(before: Expression, after: Expression, mask: Mask) -> bool:
    return fingerprint(normal(mask(before))) == fingerprint(normal(mask(after)))


def _of_distinct(before: Expression, after: Expression) -> str:
    one, other = (
        sum(isinstance(part, Aggregate) and part.distinct for part in walk(node)) for node in (before, after)
    )
    if one < other:
        return "Each value counts once, where all of them counted."
    if one > other:
        return "All values count, where each counted once."
    return "Other values count once only."


def _of_filters(before: Expression, after: Expression) -> Told:
    """Return how the conditions of aggregates were changed, which are all that differs."""
    pairs = zip(_conditions(before), _conditions(after), strict=True)
    found = [filter_change(one, other) for one, other in pairs if _conjuncts(one) != _conjuncts(other)]
    kinds = {told.kind for told in found}
    words = " ".join(dict.fromkeys(told.words for told in found))
    return Told(kinds.pop() if len(kinds) == 1 else ChangeKind.FILTER_CHANGED, words)


def _conditions(node: Expression) -> Iterator[Expression | None]:
    yield from (part.condition for part in walk(normal(node)) if isinstance(part, Aggregate))


def _kpis(node: Expression) -> frozenset[str]:
    return frozenset(part.kpi for part in walk(node) if isinstance(part, KpiValue))


def _of_constants(before: Expression, after: Expression) -> str:
    """Return which constants were exchanged; they stand where they stood."""
    one, other = Counter(_constants(before)), Counter(_constants(after))
    new, old = (
        ", ".join(f"`{text}`" for text in sorted(some.elements())) for some in (other - one, one - other)
    )
    return f"{new} stands in the place of {old}." if new and old else "Constants changed places."


def _constants(node: Expression) -> Iterator[str]:
    for part in walk(node):
        match part:
            case Constant():
                yield spelled(part)
            case Aggregate(fraction=fraction) if fraction is not None:
                yield str(fraction)
            case _:
                pass


def _of_components(before: frozenset[str], after: frozenset[str]) -> str:
    added = " and ".join(f"`{name}`" for name in sorted(after - before))
    gone = " and ".join(f"`{name}`" for name in sorted(before - after))
    if added and gone:
        return f"It is computed from {added} in the place of {gone}."
    return f"It is computed from {added}, too." if added else f"It is no longer computed from {gone}."


# --- masks


def _everywhere(change: Callable[[Expression], Expression]) -> Mask:
    def masked(node: Expression) -> Expression:
        return change(rebuild(node, masked))

    return masked


def _unfiltered(node: Expression) -> Expression:
    return replace(node, condition=None) if isinstance(node, Aggregate) else node


def _indistinct(node: Expression) -> Expression:
    return replace(node, distinct=False) if isinstance(node, Aggregate) else node


def _same_function(node: Expression) -> Expression:
    return replace(node, function="sum", fraction=None) if isinstance(node, Aggregate) else node


def _same_constant(node: Expression) -> Expression:
    match node:
        case Constant():
            return Constant(0, Type.INTEGER)
        case Aggregate():
            return replace(node, fraction=None)
        case _:
            return node


def _unwindowed(node: Expression) -> Expression:
    match node:
        case Previous() | Rolling() | ToDate() | Cumulative() | Closing() | Opening() | AverageOver():
            return node.operand
        case _:
            return node


def _nulls_kept(node: Expression) -> Expression:
    match node:
        case Call("coalesce" | "nullif", (first, *_)):
            return first
        case _:
            return node


def _same_way(node: Expression) -> Expression:
    return replace(node, path=()) if isinstance(node, Column) else node


_without_filters: Final = _everywhere(_unfiltered)
_MASKS: Final = (
    (
        ChangeKind.DISTINCT,
        _everywhere(_indistinct),
        "",
    ),
    (ChangeKind.AGGREGATION, _everywhere(_same_function), "Rows are put together by another function."),
    (ChangeKind.CONSTANT, _everywhere(_same_constant), "A constant is another one."),
    (ChangeKind.WINDOW, _everywhere(_unwindowed), "It looks at another span of time."),
    (ChangeKind.NULL_RULE, _everywhere(_nulls_kept), "What is missing, or zero, counts in another way."),
    (ChangeKind.JOIN, _everywhere(_same_way), "A column is reached over another relationship."),
)
