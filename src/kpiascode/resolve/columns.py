"""The columns of each dataset that the definitions read, and as what."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from kpiascode.model.expression import (
    Aggregate,
    Arithmetic,
    Between,
    Call,
    Cast,
    Column,
    Comparison,
    Constant,
    Expression,
    Local,
    Moved,
    Negate,
    OneOf,
    Type,
    children,
    walk,
)
from kpiascode.model.project import Dataset, Kpi, Project, follow

TIMES: Final = (Type.DATE, Type.TIMESTAMP, Type.INSTANT)
OF_NUMBERS: Final = ("sum", "avg", "median", "percentile", "approx_percentile", "stddev", "variance")
_Read: TypeAlias = "tuple[str, Expression | None, bool]"
"""A dataset, an expression over it, and whether that is a time."""


@dataclass(slots=True)
class ColumnsRead:
    """What is read of a dataset: types by column, as far as told, and what is read as a time or a number."""

    types: dict[str, Type] = field(default_factory=dict)
    times: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)


def columns_read(project: Project) -> dict[str, ColumnsRead]:
    """Return by dataset what any sound definition reads of it."""
    found = {name: ColumnsRead() for name in project.datasets}
    for dataset in project.datasets.values():
        for read in _of_dataset(dataset):
            _add(project, found, *read)
    for kpi in project.kpis.values():
        for rule in kpi.rules:
            for read in _of_rule(rule):
                _add(project, found, *read)
    return found


def _add(
    project: Project, found: dict[str, ColumnsRead], dataset: str, node: Expression | None, is_time: bool
) -> None:
    if node is None:
        return
    times = {id(part) for part in _times(node)} | ({id(node)} if is_time else set())
    numbers = {id(part) for part in _numbers(node)}
    for part in walk(node):
        if not isinstance(part, Column):
            continue
        holder = follow(project.datasets, dataset, part.path)
        if holder is None:
            continue
        read = found[holder.name]
        known = read.types.get(part.column, Type.UNKNOWN)
        read.types[part.column] = part.type if known is Type.UNKNOWN else known
        if id(part) in times:
            read.times.add(part.column)
        if id(part) in numbers:
            read.numbers.add(part.column)


def _times(node: Expression) -> Iterator[Expression]:
    """Yield the parts that must be times to have a meaning where they stand."""
    for part in walk(node):
        match part:
            case Moved() | Local():
                yield from children(part)
            case Call(function, arguments) if function.endswith("_between"):
                yield from arguments
            case Comparison() | Between() | OneOf() | Call() if any(
                isinstance(c, Constant | Cast) and c.type in TIMES for c in children(part)
            ):
                yield from children(part)
            case _:
                pass


def _numbers(node: Expression) -> Iterator[Expression]:
    """Yield the parts that must be numbers to have a meaning where they stand."""
    for part in walk(node):
        match part:
            case Arithmetic() | Negate():
                yield from children(part)
            case Aggregate(function, argument) if function in OF_NUMBERS and argument is not None:
                yield argument
            case Comparison() | Between() if any(
                isinstance(child, Constant) and child.type.is_number for child in children(part)
            ):
                yield from children(part)
            case _:
                pass


def _of_dataset(dataset: Dataset) -> Iterator[_Read]:
    name = dataset.name
    yield name, dataset.time, True
    yield from ((name, node, False) for node in (*dataset.fields.values(), *dataset.keys))
    if dataset.valid is not None:
        yield name, dataset.valid.start, True
        yield name, dataset.valid.end, True
    for relationship in dataset.relationships.values():
        for here, there in relationship.keys:
            yield name, here, False
            yield relationship.to, there, False
        if relationship.as_of is not None:
            yield name, relationship.as_of.at, True
            yield relationship.to, relationship.as_of.valid_from, True
            yield relationship.to, relationship.as_of.valid_to, True


def _of_rule(rule: Kpi) -> Iterator[_Read]:
    if rule.dataset is not None:
        yield rule.dataset, rule.time, True
        for node in (rule.expression, rule.where, *(d.expression for d in rule.dimensions)):
            yield rule.dataset, node, False
        if rule.cohort is not None:
            yield rule.dataset, rule.cohort.starts, True
            yield rule.dataset, rule.cohort.rows, False
    if rule.cohort is not None:
        yield rule.cohort.home, rule.cohort.entity, False
        yield rule.cohort.home, rule.cohort.where, False
    if rule.funnel is not None:
        for step in rule.funnel.steps:
            yield step.dataset, step.time, True
            yield step.dataset, step.entity, False
            yield step.dataset, step.where, False
