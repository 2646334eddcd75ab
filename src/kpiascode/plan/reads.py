"""What a plan reads: datasets, relationships, and what must hold of them for the answer to be right."""

from collections.abc import Iterator, Mapping, Sequence

from kpiascode.model.definitions import referred
from kpiascode.model.expression import Expression, Way, ways
from kpiascode.model.plan import (
    FunnelScan,
    LastOfEach,
    NoOrphans,
    NoOverlap,
    OneLastRow,
    Proof,
    Scan,
    UniqueKey,
    choosing,
    taken,
)
from kpiascode.model.project import Dataset, Kpi, Project, follow
from kpiascode.model.reaching import reached


def of_funnel(funnel: FunnelScan) -> Iterator[tuple[str, tuple[Expression, ...]]]:
    """Yield each step's dataset and the expressions over its rows."""
    for position, step in enumerate(funnel.steps):
        found = [step.time, step.entity, step.where]
        if position == 0:
            found += [funnel.time, *funnel.order, *(node for _, node in funnel.dimensions), funnel.where]
        yield step.dataset, tuple(node for node in found if node is not None)


def everything(
    scans: Sequence[Scan], funnels: Sequence[FunnelScan]
) -> Iterator[tuple[str, tuple[Expression, ...]]]:
    """Yield each dataset that is read with the expressions over its rows."""
    for scan in scans:
        yield scan.dataset, (*choosing(scan), *taken(scan))
    for funnel in funnels:
        yield from of_funnel(funnel)


def proofs(project: Project, scans: Sequence[Scan], funnels: Sequence[FunnelScan]) -> tuple[Proof, ...]:
    """Return what must hold of the data that is read, each once."""
    found: dict[Proof, None] = {}
    for dataset, nodes in everything(scans, funnels):
        for way in ways(nodes):
            holder = _led_to(project, dataset, way[:-1])
            relationship = holder.relationships[way[-1]]
            keys = tuple(there for _, there in relationship.keys)
            if relationship.as_of is None:
                found[UniqueKey(dataset=relationship.to, keys=keys)] = None
            else:
                found[NoOverlap(dataset=relationship.to, keys=keys, as_of=relationship.as_of)] = None
            if relationship.required:
                found[NoOrphans(dataset=holder.name, relationship=way[-1])] = None
    for scan in scans:
        if isinstance(scan.choice, LastOfEach):
            found[OneLastRow(dataset=scan.dataset, scan=scan.name)] = None
    return tuple(found)


def datasets(project: Project, scans: Sequence[Scan], funnels: Sequence[FunnelScan]) -> tuple[str, ...]:
    """Return the datasets that are read, those that are reached over relationships included."""
    found: dict[str, None] = {}
    for dataset, nodes in everything(scans, funnels):
        found[dataset] = None
        for way in ways(nodes):
            found[_led_to(project, dataset, way).name] = None
    return tuple(found)


def _led_to(project: Project, dataset: str, way: Way) -> Dataset:
    found = follow(project.datasets, dataset, way)
    assert found is not None, "what is planned is sound"
    return found


def datasets_of(kpi: str, kpis: Mapping[str, Kpi], project: Project) -> tuple[str, ...]:
    """Return the datasets whose rows a KPI counts, directly or through other KPIs, by name."""
    behind = reached([kpi], lambda name: referred(kpis[name]))
    return tuple(sorted({dataset for name in behind for dataset in kpis[name].datasets}))
