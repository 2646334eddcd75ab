"""Which rows count: the conditions of a KPI, each with where it is written."""

from collections.abc import Iterator
from dataclasses import dataclass

from kpiascode.model.document import Document, Where
from kpiascode.model.expression import Aggregate, And, Expression, Not, Or, walk
from kpiascode.model.place import Place
from kpiascode.model.project import Kpi, Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Keeps rows of `dataset`, which `time` dates, where `expression` is true."""

    dataset: str
    expression: Expression
    time: Expression | None
    document: Document
    where: Where

    def place(self, node: Expression) -> Place:
        """Return the place of a part of it."""
        return self.document.place_in_text(self.where, *node.at)


@dataclass(frozen=True, slots=True)
class Atom:
    """A part of a condition without `and`, `or` and `not`; `negated`: under an odd number of `not`."""

    node: Expression
    negated: bool


def conditions(project: Project, kpi: Kpi) -> Iterator[Condition]:
    """Yield `where`, the filters of the aggregates and the conditions of a funnel's steps."""
    document = project.documents["kpi", kpi.name]
    if kpi.dataset is None:
        return
    of_rows = [(kpi.where, ("where",))]
    of_rows += [
        (node.condition, ("expression",)) for node in walk(kpi.expression) if isinstance(node, Aggregate)
    ]
    for expression, where in of_rows:
        if expression is not None:
            yield Condition(
                dataset=kpi.dataset, expression=expression, time=kpi.time, document=document, where=where
            )
    for position, step in enumerate(kpi.funnel.steps if kpi.funnel is not None else ()):
        if step.where is not None:
            yield Condition(
                dataset=step.dataset,
                expression=step.where,
                time=step.time,
                document=document,
                where=("funnel", "steps", position, "where"),
            )


def atoms(node: Expression, negated: bool = False) -> Iterator[Atom]:
    """Yield what a condition asks of a row, from left to right."""
    match node:
        case And(left, right) | Or(left, right):
            yield from atoms(left, negated)
            yield from atoms(right, negated)
        case Not(operand):
            yield from atoms(operand, not negated)
        case _:
            yield Atom(node, negated)
