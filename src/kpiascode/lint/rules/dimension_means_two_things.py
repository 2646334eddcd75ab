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
    dimensions: [{country: ship_to.country}]
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

from collections.abc import Iterator

from kpiascode.lint.dimensions import kind_of, reached
from kpiascode.lint.documents import place_of_dimension
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.diagnostic import Severity
from kpiascode.model.expression import Expression
from kpiascode.model.project import Kpi, Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each dimension that reaches another field than the first of its name at the same dataset."""
    firsts: dict[tuple[str, str], tuple[Expression, Kpi, int]] = {}
    for kpi in project.kpis.values():
        for position, dimension in enumerate(kpi.dimensions):
            found = reached(dimension, kpi, project)
            if found is None:
                continue
            dataset, field = found
            first, other, at = firsts.setdefault((dimension.name, dataset), (field, kpi, position))
            kinds = {kind_of(dimension), kind_of(other.dimensions[at])} - {None}
            if first != field and len(kinds) < 2:
                yield Finding(
                    message=f"The dimension `{dimension.name}` is another field of `{dataset}` here "
                    f"(`{dimension.path}`) than in `{other.name}` (`{other.dimensions[at].path}`).",
                    place=place_of_dimension(project, kpi, position),
                    hint="Reach the same field, or give one of them another name.",
                    note=f"`{other.name}` declares it at {place_of_dimension(project, other, at)}.",
                )


RULE = Rule("dimension-means-two-things", check, Severity.WARNING)
