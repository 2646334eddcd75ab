"""KPIs give one name to dimensions of different types, so their slices cannot be put side by side.

KPIs share a dimension when its names are equal, and nothing else tells. A `region` that is a number here
and a text there has no slice in common. Numbers of all kinds are one type here, and so are timestamps.

Bad:

    kind: dataset
    name: order_lines
    source: sales.order_lines
    time: ordered_on
    fields:
      region: {column: region_number, type: integer}
      region_name: {column: region, type: text}
    ---
    kind: kpi
    name: lines
    dataset: order_lines
    expression: count(*)
    dimensions:
      - region                                              #! dimension-type-conflict
    unit: count
    ---
    kind: kpi
    name: pieces
    dataset: order_lines
    expression: sum(quantity)
    dimensions:
      - {region: region_name}                               #! dimension-type-conflict
    unit: count

Good:

    kind: dataset
    name: order_lines
    source: sales.order_lines
    time: ordered_on
    fields:
      region: {column: region_number, type: integer}
      region_name: {column: region, type: text}
    ---
    kind: kpi
    name: lines
    dataset: order_lines
    expression: count(*)
    dimensions: [region]
    unit: count
    ---
    kind: kpi
    name: pieces
    dataset: order_lines
    expression: sum(quantity)
    dimensions: [region, region_name]
    unit: count

Fix: reach the same field, or give one of them another name.
"""

from collections import defaultdict
from collections.abc import Iterator

from kpiascode.lint.dimensions import kind_of
from kpiascode.lint.documents import place_of_dimension
from kpiascode.lint.pairs import conflicts
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.checking import Preset
from kpiascode.model.project import Kpi, Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each dimension of another known type than in the first KPI, by name, that has it, and that."""
    named: defaultdict[str, list[tuple[str, Kpi, int]]] = defaultdict(list)
    for kpi in project.kpis.values():
        for position, dimension in enumerate(kpi.dimensions):
            kind = kind_of(dimension)
            if kind is not None and dimension.expression is not None:
                named[dimension.name].append((kind, kpi, position))
    for name, found in named.items():
        pairs = conflicts(found, lambda one, other: one[0] != other[0])
        for (kind, kpi, position), (other_kind, other, at) in pairs:
            yield Finding(
                message=f"The dimension `{name}` is {kind} here and {other_kind} in `{other.name}`.",
                place=place_of_dimension(project, kpi, position),
                hint="Reach the same field, or give one of them another name.",
                note=f"`{other.name}` declares it at {place_of_dimension(project, other, at)}.",
            )


RULE = Rule("dimension-type-conflict", check, preset=Preset.MINIMAL)
