"""A negated condition silently drops the rows that have no partner.

Over a relationship that is not `required`, a row without partner has null in every field of the partner.
A comparison with null is unknown, so `store.name <> 'Outlet'` keeps no row without a store, though none
of them is of the outlet. What is known to have a partner, or asks for null, is not reported.

Bad:

    kind: kpi
    name: lines_elsewhere
    dataset: order_lines
    expression: count(*)
    where: ship_to.country <> 'DE'                          #! null-unsafe-negation
    unit: count

Good:

    kind: kpi
    name: lines_elsewhere
    dataset: order_lines
    expression: count(*)
    where: ship_to.country <> 'DE' or ship_to.country is null
    unit: count

Fix: say what becomes of rows without partner, by `or ... is null` or `coalesce(...)`; or declare the
relationship `required: true`, if every row has one.
"""

from collections.abc import Iterator

from kpiascode.lint.conditions import Atom, Condition, atoms, conditions
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.diagnostic import Severity
from kpiascode.model.expression import (
    Call,
    Case,
    Column,
    Comparator,
    Comparison,
    Constant,
    Expression,
    IsNull,
    Like,
    OneOf,
    Way,
    walk,
    ways,
)
from kpiascode.model.project import Kpi, Project, follow


def check(project: Project) -> Iterator[Finding]:
    """Yield each negated comparison of what is null in rows without partner."""
    for kpi in project.kpis.values():
        found = [(condition, tuple(atoms(condition.expression))) for condition in conditions(project, kpi)]
        for condition, asked in found:
            for atom in asked:
                way = _optional(atom.node, condition, project) if _is_negated(atom) else None
                if way is not None and not _is_told(way, atom, condition, found, project):
                    yield _finding(kpi, condition, atom, way)


def _finding(kpi: Kpi, condition: Condition, atom: Atom, way: Way) -> Finding:
    path = ".".join(way)
    return Finding(
        message=f"Rows without a partner over `{path}` are dropped here, since a comparison with null is "
        "never true.",
        place=condition.place(atom.node),
        hint=f"Add `or ... is null`, or declare `{way[-1]}` as `required: true`, if every row has one.",
    )


def _is_negated(atom: Atom) -> bool:
    match atom.node:
        case Comparison(Comparator.UNEQUAL):
            return not atom.negated
        case Comparison(Comparator.EQUAL) | OneOf() | Like():
            return atom.negated
        case _:
            return False


def _optional(node: Expression, condition: Condition, project: Project) -> Way | None:
    """Return the first way to a partner that a row need not have; None where null cannot come of it."""
    parts = tuple(walk(node))
    if any(isinstance(part, Case | IsNull) or _replaces_null(part) for part in parts):
        return None
    if any(isinstance(part, Constant) and part.value is None for part in parts):
        return None
    return next((way for way in ways([node]) if _is_optional(way, condition, project)), None)


def _is_optional(way: Way, condition: Condition, project: Project) -> bool:
    holder = follow(project.datasets, condition.dataset, way[:-1])
    relationship = None if holder is None else holder.relationships.get(way[-1])
    return relationship is not None and not relationship.required


def _replaces_null(node: Expression) -> bool:
    return isinstance(node, Call) and node.function in ("coalesce", "nullif")


def _is_told(
    way: Way,
    atom: Atom,
    condition: Condition,
    found: list[tuple[Condition, tuple[Atom, ...]]],
    project: Project,
) -> bool:
    """Return whether another test of the same rows asks for null, or needs a partner, on that way."""
    keys = _keys(way, condition, project)
    for other, asked in found:
        if other.dataset != condition.dataset:
            continue
        for one in asked:
            on_the_way = any(
                isinstance(part, Column)
                and (part.path[: len(way)] == way or (part.path, part.column) in keys)
                for part in walk(one.node)
            )
            if one is not atom and on_the_way and not _is_negated(one):
                return True
    return False


def _keys(way: Way, condition: Condition, project: Project) -> frozenset[tuple[Way, str]]:
    """Return the columns that lead to the partner."""
    holder = follow(project.datasets, condition.dataset, way[:-1])
    relationship = None if holder is None else holder.relationships.get(way[-1])
    keys = () if relationship is None else relationship.keys
    return frozenset(((*way[:-1], *own.path), own.column) for own, _ in keys if isinstance(own, Column))


RULE = Rule("null-unsafe-negation", check, Severity.WARNING)
