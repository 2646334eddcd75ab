"""What a dimension is: its kind, the dataset at the end of its path, and the field there."""

from dataclasses import replace
from typing import Final, TypeAlias

from kpiascode.model.expression import Column, Expression, Type, rebuild
from kpiascode.model.project import Dimension, Kpi, Project

Reached: TypeAlias = tuple[str, Expression]
"""The name of a dataset, and a field as it is seen from there."""

CLASSES: Final = {
    Type.INTEGER: "a number",
    Type.DECIMAL: "a number",
    Type.DOUBLE: "a number",
    Type.TEXT: "a text",
    Type.DATE: "a date",
    Type.TIMESTAMP: "a timestamp",
    Type.INSTANT: "a timestamp",
    Type.BOOLEAN: "true or false",
}
"""What slices of a type can be compared with."""


def kind_of(dimension: Dimension) -> str | None:
    """Return what its slices are, in words; None where nothing is known of its column."""
    return CLASSES.get(dimension.type)


def reached(dimension: Dimension, kpi: Kpi, project: Project) -> Reached | None:
    """Return what the path leads to; None where the KPI has no rows or a dataset on the way is broken."""
    field, dataset = dimension.expression, kpi.dataset
    if field is None or dataset is None:
        return None
    steps = field.path if isinstance(field, Column) else dimension.path.split(".")[:-1]
    for step in steps:
        holder = project.datasets.get(dataset)
        if holder is None or step not in holder.relationships:
            return None
        dataset = holder.relationships[step].to
    return dataset, _from(len(steps), field)


def _from(steps: int, node: Expression) -> Expression:
    """Return the expression with that many steps taken off the path of each column."""
    if isinstance(node, Column):
        return replace(node, path=node.path[steps:])
    return rebuild(node, lambda child: _from(steps, child))
