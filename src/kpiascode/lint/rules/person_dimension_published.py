"""A number about one person would be published.

A dimension marked `person: true` tells persons apart. It can be asked for on the command line, and no
page shows it. A goal's slice over it is a number about one person all the same, and so is the dimension
where it is listed again without the mark: under the same name by a KPI that refers to the first, or by a
KPI that reaches the same field, or one that is made of it. So is a KPI that picks its rows by a name.

Bad:

    kind: kpi
    name: lines
    dataset: order_lines
    expression: count(*)
    dimensions: [{agent: agent.name, person: true}]
    unit: count
    ---
    kind: kpi
    name: lines_last_year
    expression: previous(lines, 1 year)
    dimensions:
      - agent                                               #! person-dimension-published
    unit: count
    ---
    kind: kpi
    name: lines_of_kim
    dataset: order_lines
    expression: count(*)
    where: agent.name = 'Kim'                               #! person-dimension-published
    unit: count
    ---
    kind: goal
    name: more_lines
    results:
      - kpi: lines
        slice: {agent: Kim}                                 #! person-dimension-published
        target: 100
        path: maintain

Good:

    kind: kpi
    name: lines
    dataset: order_lines
    expression: count(*)
    dimensions: [{agent: agent.name, person: true}, {team: agent.team}]
    unit: count
    ---
    kind: kpi
    name: lines_last_year
    expression: previous(lines, 1 year)
    dimensions: [team]
    unit: count
    ---
    kind: goal
    name: more_lines
    results:
      - kpi: lines
        slice: {team: north}
        target: 100
        path: maintain

Fix: slice by a team or a unit, or mark the dimension: `{agent: agent.name, person: true}`.
"""

from collections.abc import Iterator, Mapping

from kpiascode.lint.dimensions import Reached, reached
from kpiascode.lint.documents import place_of_dimension
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.checking import Preset
from kpiascode.model.expression import (
    Column,
    Comparator,
    Comparison,
    Constant,
    Expression,
    KpiValue,
    Like,
    OneOf,
    walk,
)
from kpiascode.model.project import Dimension, Goal, Kpi, Project, follow


def check(project: Project) -> Iterator[Finding]:
    """Yield each unmarked dimension that tells persons apart, and each slice of a goal over a marked one."""
    fields = _fields_of_persons(project)
    columns = _columns_of_persons(fields)
    for kpi in project.kpis.values():
        yield from _picked(kpi, project, columns)
        for position, dimension in enumerate(kpi.dimensions):
            marked = None if dimension.person else _marked_in(dimension, kpi, project, fields, columns)
            if marked is not None:
                yield Finding(
                    message=f"The dimension `{dimension.name}` tells persons apart, as `{marked}` says, and "
                    "without the mark it is published.",
                    place=place_of_dimension(project, kpi, position),
                    hint=f"Leave it out, or mark it: {_marked(dimension)}.",
                )
    for goal in project.goals.values():
        yield from _slices(project, goal)


def _fields_of_persons(project: Project) -> Mapping[Reached, str]:
    """Return every field that a KPI marks, with the first KPI that does."""
    found: dict[Reached, str] = {}
    for kpi in project.kpis.values():
        for dimension in kpi.dimensions:
            field = reached(dimension, kpi, project) if dimension.person else None
            if field is not None:
                found.setdefault(field, kpi.name)
    return found


def _columns_of_persons(fields: Mapping[Reached, str]) -> Mapping[tuple[str, str], str]:
    """Return the columns that such fields are made of, each with its dataset and the KPI that marks it."""
    return {
        (dataset, node.column): kpi
        for (dataset, field), kpi in fields.items()
        for node in walk(field)
        if isinstance(node, Column) and not node.path
    }


def _column(node: Expression, kpi: Kpi, project: Project) -> tuple[str, str] | None:
    """Return the dataset and the name of a column of a KPI's rows."""
    if not isinstance(node, Column) or kpi.dataset is None:
        return None
    holder = follow(project.datasets, kpi.dataset, node.path)
    return None if holder is None else (holder.name, node.column)


def _picked(kpi: Kpi, project: Project, columns: Mapping[tuple[str, str], str]) -> Iterator[Finding]:
    """Yield where a KPI counts the rows of one person: by a name that is written down."""
    for key, root in (("expression", kpi.expression), ("where", kpi.where)):
        for node in () if root is None else walk(root):
            match node:
                case Comparison(Comparator.EQUAL, Constant(), one) | Comparison(
                    Comparator.EQUAL, one, Constant()
                ):
                    pass
                case OneOf(operand=one) | Like(operand=one):
                    pass
                case _:
                    continue
            marked = columns.get(_column(one, kpi, project) or ("", ""))
            if marked is not None:
                yield Finding(
                    message=f"It picks persons by name, whom `{marked}` tells apart, so this is about them.",
                    place=project.documents["kpi", kpi.name].place((key,)),
                    hint="Pick a team or a unit.",
                )


def _marked_in(
    dimension: Dimension,
    kpi: Kpi,
    project: Project,
    fields: Mapping[Reached, str],
    columns: Mapping[tuple[str, str], str],
) -> str | None:
    """Return the KPI that marks the dimension; None where none does."""
    for node in walk(kpi.expression):
        other = project.kpis.get(node.kpi) if isinstance(node, KpiValue) else None
        if other is not None and dimension.name in _persons(other):
            return other.name
    field = reached(dimension, kpi, project)
    if field is not None and field in fields:
        return fields[field]
    parts = () if dimension.expression is None else walk(dimension.expression)
    made_of = (columns.get(_column(node, kpi, project) or ("", "")) for node in parts)
    return next((name for name in made_of if name is not None), None)


def _marked(dimension: Dimension) -> str:
    return f"{{{dimension.name.rpartition('.')[2]}: {dimension.path}, person: true}}"


def _persons(kpi: Kpi) -> frozenset[str]:
    return frozenset(dimension.name for dimension in kpi.dimensions if dimension.person)


def _slices(project: Project, goal: Goal) -> Iterator[Finding]:
    document = project.documents["goal", goal.name]
    for position, result in enumerate(goal.results):
        kpi = project.kpis.get(result.kpi)
        for name, _ in result.slice:
            if kpi is not None and name in _persons(kpi):
                yield Finding(
                    message=f"`{name}` of `{kpi.name}` tells persons apart, so this is about one person.",
                    place=document.place_of_key(("results", position, "slice", name)),
                    hint="Slice by a team or a unit.",
                )


RULE = Rule("person-dimension-published", check, preset=Preset.MINIMAL)
