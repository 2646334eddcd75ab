"""KPIs give one name to different fields of one dataset.

KPIs share a dimension when its names are equal. Two KPIs are then shown side by side by `country`, and
one is sliced by the country and the other by the region of the same places. The same field reached on
another way, such as `ship_to.country` and `bill_to.country`, is one meaning. Fields of different types
are an error of their own.

Bad:

    kind: kpi
    name: lines
    dataset: order_lines
    expression: count(*)
    dimensions:
      - {country: ship_to.country}                          #! dimension-means-two-things
    unit: count
    ---
    kind: kpi
    name: pieces
    dataset: order_lines
    expression: sum(quantity)
    dimensions:
      - {country: ship_to.region}                           #! dimension-means-two-things
    unit: count

Good:

    kind: kpi
    name: lines
    dataset: order_lines
    expression: count(*)
    dimensions: [{country: ship_to.country}]
    unit: count
    ---
    kind: kpi
    name: pieces
    dataset: order_lines
    expression: sum(quantity)
    dimensions: [{country: ship_to.country}, {region: ship_to.region}]
    unit: count

Fix: reach the same field, or give one of them another name.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import TypeAlias

from kpiascode.lint.dimensions import kind_of, reached
from kpiascode.lint.documents import place_of_dimension
from kpiascode.lint.pairs import conflicts
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.diagnostic import Severity
from kpiascode.model.expression import Expression
from kpiascode.model.project import Kpi, Project

Reached: TypeAlias = tuple[Expression, Kpi, int]
"""A field, and the KPI and the position of the dimension that reaches it."""


def check(project: Project) -> Iterator[Finding]:
    """Yield each dimension that reaches another field than the first of its name at the dataset, and that."""
    named: defaultdict[tuple[str, str], list[Reached]] = defaultdict(list)
    for kpi in project.kpis.values():
        for position, dimension in enumerate(kpi.dimensions):
            found = reached(dimension, kpi, project)
            if found is not None:
                dataset, field = found
                named[dimension.name, dataset].append((field, kpi, position))
    for (name, dataset), found_there in named.items():
        for (_, kpi, position), (_, other, at) in conflicts(found_there, _differ):
            yield Finding(
                message=f"The dimension `{name}` is another field of `{dataset}` here "
                f"(`{kpi.dimensions[position].path}`) than in `{other.name}` "
                f"(`{other.dimensions[at].path}`).",
                place=place_of_dimension(project, kpi, position),
                hint="Reach the same field, or give one of them another name.",
                note=f"`{other.name}` declares it at {place_of_dimension(project, other, at)}.",
            )


def _differ(one: Reached, other: Reached) -> bool:
    """Return whether it is another field, of the same type as far as that is known."""
    kinds = {kind_of(kpi.dimensions[position]) for _, kpi, position in (one, other)} - {None}
    return one[0] != other[0] and len(kinds) < 2


RULE = Rule("dimension-means-two-things", check, Severity.WARNING)
