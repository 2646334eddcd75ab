"""Something is compared with `null`, which is never true.

A comparison with null is unknown, and `where`, `filter` and `case when` keep only what is true. So
`x = null` keeps no row, and `x <> null` keeps none either.

Bad:

    kind: kpi
    name: open_orders
    dataset: order_lines
    expression: count(*)
    where: delivered_on = null                              #! comparison-with-null
    unit: count

Good:

    kind: kpi
    name: open_orders
    dataset: order_lines
    expression: count(*)
    where: delivered_on is null
    unit: count

Fix: write `x is null` or `x is not null`.
"""

from collections.abc import Iterator

from kpiascode.lint.documents import place_in
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.diagnostic import Severity
from kpiascode.model.document import Where
from kpiascode.model.expression import Between, Comparator, Comparison, Constant, Expression, walk
from kpiascode.model.place import Place
from kpiascode.model.project import Dataset, Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each comparison with a written null, where it is written: in a KPI or in a field."""
    for dataset in project.datasets.values():
        for name, field in dataset.fields.items():
            for node in _compared_with_null(field):
                yield _finding(node, _place_in_field(project, dataset, name, node))
    for kpi in project.kpis.values():
        for node in _compared_with_null(kpi.expression):
            yield _finding(node, place_in(project, kpi, "expression", node))
        for node in () if kpi.where is None else _compared_with_null(kpi.where):
            yield _finding(node, place_in(project, kpi, "where", node))


def _compared_with_null(expression: Expression) -> Iterator[Comparison | Between]:
    for node in walk(expression):
        match node:
            case Comparison(_, left, right) if _is_null(left, node) or _is_null(right, node):
                yield node
            case Between(_, low, high) if _is_null(low, node) or _is_null(high, node):
                yield node


def _is_null(side: Expression, around: Expression) -> bool:
    """Return whether `null` is written there. Within a field that is only named, all parts have one place."""
    return isinstance(side, Constant) and side.value is None and side.at != around.at


def _place_in_field(project: Project, dataset: Dataset, name: str, node: Expression) -> Place:
    document = project.documents["dataset", dataset.name]
    where: Where = ("fields", name)
    if isinstance(document.data_at(where), dict):
        where = (*where, "expression")
    return document.place_in_text(where, *node.at)


def _finding(node: Comparison | Between, place: Place) -> Finding:
    unequal = isinstance(node, Comparison) and node.comparator is Comparator.UNEQUAL
    return Finding(
        message="A comparison with `null` is never true.",
        place=place,
        hint="Write `is not null`." if unequal else "Write `is null`.",
    )


RULE = Rule("comparison-with-null", check, Severity.WARNING)
