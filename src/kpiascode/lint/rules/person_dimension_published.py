"""A number about one person would be published.

A dimension marked `person: true` tells persons apart. It can be asked for on the command line, and no
page shows it. A goal's slice over it is a number about one person all the same, and so is the dimension
where it is listed again without the mark: under the same name by a KPI that refers to the first, or by a
KPI that reaches the same field, or one that is made of it. So is a KPI that picks its rows by a name: one
that compares what tells persons apart with a text or a number that is written down, or leaves one person out,
today or under a rule of `revisions`, by `where`, in a step of a funnel or in a cohort. That there is a name
at all names nobody: `is not null`, and a comparison with an empty text.

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

Fix: slice by a team or a unit, or mark the dimension: `{agent: agent.name, person: true}`. If it is nobody's
name, such as the one of a test account, allow it and say so: `# kpi: allow person-dimension-published: ...`.
"""

from collections.abc import Iterator, Mapping

from kpiascode.lint.dimensions import Reached, reached
from kpiascode.lint.documents import place_of_dimension
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.checking import Preset
from kpiascode.model.document import Where
from kpiascode.model.expression import (
    Aggregate,
    And,
    Between,
    Call,
    Case,
    Column,
    Comparison,
    Constant,
    Expression,
    IsNull,
    KpiValue,
    Like,
    Not,
    OneOf,
    Or,
    children,
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


def _column(node: Expression, dataset: str | None, project: Project) -> tuple[str, str] | None:
    """Return the dataset and the name of a column that is reached from a dataset."""
    if not isinstance(node, Column) or dataset is None:
        return None
    holder = follow(project.datasets, dataset, node.path)
    return None if holder is None else (holder.name, node.column)


def _picked(kpi: Kpi, project: Project, columns: Mapping[tuple[str, str], str]) -> Iterator[Finding]:
    """Yield where a KPI counts the rows of one person, or of all but one: by a name that is written down."""
    document = project.documents["kpi", kpi.name]
    looked_at: set[tuple[str, Expression]] = set()
    for where, dataset, root in _texts(kpi):
        if (dataset, root) in looked_at:
            continue  # a revision that says nothing else here
        looked_at.add((dataset, root))
        marked = _names_somebody(root, dataset, project, columns)
        if marked is not None:
            yield Finding(
                message=f"It picks persons by name, whom `{marked}` tells apart, so this is about them.",
                place=document.place(where),
                hint="Pick a team or a unit.",
            )


def _texts(kpi: Kpi) -> Iterator[tuple[Where, str, Expression]]:
    """Yield what decides which rows count, under each rule, with where it stands and on which dataset."""
    for position, rule in enumerate(kpi.rules):
        above: Where = ("revisions", position - 1) if position else ()
        found: list[tuple[Where, str | None, Expression | None]] = [
            (("expression",), rule.dataset, rule.expression),
            (("where",), rule.dataset, rule.where),
            (("time",), rule.dataset, rule.time),
        ]
        if rule.cohort is not None:
            found += [
                (("cohort", "where"), rule.cohort.home, rule.cohort.where),
                (("cohort", "entity"), rule.cohort.home, rule.cohort.entity),
                (("cohort", "starts"), rule.dataset, rule.cohort.starts),
            ]
        for number, step in enumerate(() if rule.funnel is None else rule.funnel.steps):
            key: Where = ("funnel", "steps", number)
            found += [
                ((*key, "where"), step.dataset, step.where),
                ((*key, "entity"), step.dataset, step.entity),
                ((*key, "time"), step.dataset, step.time),
            ]
        for where, dataset, root in found:
            if dataset is not None and root is not None:
                yield (*above, *where), dataset, root


def _names_somebody(
    root: Expression, dataset: str, project: Project, columns: Mapping[tuple[str, str], str]
) -> str | None:
    """Return the KPI that marks whom an expression compares with something written down; None: nobody."""
    for node in walk(root):
        parts = [part for one in _compared(node) for part in _handed_on(one)]
        if not (isinstance(node, Like) or any(map(_is_name, parts))):
            continue
        for part in parts:
            marked = columns.get(_column(part, dataset, project) or ("", ""))
            if marked is not None:
                return marked
    return None


def _compared(node: Expression) -> tuple[Expression, ...]:
    """Return what a node compares with each other; nothing where it compares nothing."""
    match node:
        case Comparison() | OneOf() | Between() | Like() | Call("nullif"):
            return children(node)
        case _:
            return ()


def _handed_on(node: Expression) -> Iterator[Expression]:
    """Yield the leaves of which a value is made, so that it tells apart whom they do.

    A number of them, the length of a name and whether something holds tell no person apart.
    """
    match node:
        case Column() | Constant():
            yield node
        case Case(branches, otherwise):
            for result in (*(result for _, result in branches), *([] if otherwise is None else [otherwise])):
                yield from _handed_on(result)
        case Aggregate(function, argument):
            if function in ("min", "max") and argument is not None:
                yield from _handed_on(argument)
        case Call("length") | Comparison() | And() | Or() | Not() | IsNull() | OneOf() | Between() | Like():
            pass
        case _:
            for child in children(node):
                yield from _handed_on(child)


def _is_name(node: Expression) -> bool:
    """Return whether something is written down that somebody may be called by: an empty text is nobody."""
    return isinstance(node, Constant) and node.value is not None and bool(str(node.value).strip())


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
    made_of = (columns.get(_column(node, kpi.dataset, project) or ("", "")) for node in parts)
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
