"""What the total of a KPI is computed by, as one hash: two that are equal give equal numbers for equal rows.

Words, owners, places, goals and the order of keys are no part of it, nor are dimensions, but for those that
the expression itself asks for. Rows are not, either: the same definition over other rows keeps its hash.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from kpiascode.model.canonical import fingerprint
from kpiascode.model.expression import Column, Expression, KpiValue, Share, Slice, walk, ways
from kpiascode.model.project import Dataset, Kpi, Project, Relationship, follow

FORMAT: Final = 1
"""Of what the hash is taken of. With another one every hash is another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HashedRule:
    """A rule of a KPI.

    Args:
        until: Intervals that end later have another rule; None of today's.
        hash: Of what the rule itself says, and of the rows that it reads.
        referred: The KPIs whose values it takes, by name.
    """

    until: date | None
    hash: str
    referred: tuple[str, ...]


def rules(kpi: Kpi, project: Project) -> tuple[HashedRule, ...]:
    """Return the rules of a KPI in the order of time, today's as the last."""
    untils = (*(revision.until for revision in kpi.revisions), None)
    ruling = (*(revision.was for revision in kpi.revisions), kpi)
    return tuple(
        HashedRule(
            until=until,
            hash=fingerprint((FORMAT, _rule(rule, project))),
            referred=tuple(sorted(set(_of_rule(rule)))),
        )
        for until, rule in zip(untils, ruling, strict=True)
    )


def definitions(project: Project, names: Iterable[str] | None = None) -> Mapping[str, str]:
    """Return by KPI the hash of everything that its totals are computed by, those it refers to included.

    Args:
        names: Of the KPIs that are asked for; None: all.
    """
    wanted = tuple(project.kpis if names is None else names)
    found: dict[str, str] = {}
    for name in wanted:
        waiting = [name]
        while waiting:
            kpi = project.kpis[waiting[-1]]
            others = sorted(set(referred(kpi)))
            if missing := [other for other in others if other not in found]:
                waiting += missing
                continue
            found[waiting.pop()] = fingerprint(
                (
                    FORMAT,
                    project.settings.calendar,
                    kpi.grain,
                    [_rule(rule, project) for rule in kpi.rules],
                    [revision.until for revision in kpi.revisions],
                    {other: found[other] for other in others},
                )
            )
    return {name: found[name] for name in wanted}


def slicing(project: Project, names: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
    """Return by KPI and dimension the hash of what slices are made by, there and in the KPIs it refers to."""
    found: dict[str, dict[str, str]] = {}

    def of(name: str) -> Mapping[str, str]:
        if name not in found:
            found[name] = {}  # for KPIs that refer to each other, which no sound project has
            kpi = project.kpis[name]
            others = {other: of(other) for other in sorted(set(referred(kpi)))}
            found[name] = {
                one.name: fingerprint(
                    (
                        sorted({fingerprint(_slice(rule, one.name, project)) for rule in kpi.rules}),
                        {other: hashes.get(one.name) for other, hashes in others.items()},
                    )
                )
                for one in kpi.dimensions
            }
        return found[name]

    return {name: of(name) for name in names}


def _slice(rule: Kpi, dimension: str, project: Project) -> Any:
    """Return how a rule slices its rows by a dimension; None where it has no rows of its own."""
    own = next((one.expression for one in rule.dimensions if one.name == dimension), None)
    return None if own is None else [own, [_read(name, [own], project) for name in _datasets(rule)]]


def _datasets(rule: Kpi) -> Iterator[str]:
    """Yield the datasets whose rows a rule slices."""
    if rule.dataset is not None:
        yield rule.dataset
    if rule.funnel is not None:
        yield from (step.dataset for step in rule.funnel.steps)


def referred(kpi: Kpi) -> Iterator[str]:
    """Yield the KPIs whose values a KPI takes, today or under an earlier rule."""
    for rule in kpi.rules:
        yield from _of_rule(rule)


def _of_rule(rule: Kpi) -> Iterator[str]:
    yield from (node.kpi for node in walk(rule.expression) if isinstance(node, KpiValue))


def _rule(rule: Kpi, project: Project) -> Mapping[str, Any]:
    asked = {node.dimension for node in walk(rule.expression) if isinstance(node, Share | Slice)}
    dimensions = {one.name: one.expression for one in rule.dimensions if one.name in asked}
    return {
        "expression": rule.expression,
        "where": rule.where,
        "time": rule.time,
        "cohort": rule.cohort,
        "funnel": rule.funnel,
        "dimensions": dimensions,
        "read": [_read(name, nodes, project) for name, nodes in _reads(rule, dimensions)],
    }


def _reads(
    rule: Kpi, dimensions: Mapping[str, Expression | None]
) -> Iterator[tuple[str, list[Expression | None]]]:
    """Yield each dataset that a rule reads, with the expressions over its rows."""
    if rule.dataset is not None:
        own = [rule.expression, rule.where, rule.time, *dimensions.values()]
        if rule.cohort is not None:
            own += [rule.cohort.starts, rule.cohort.rows, Column(rule.cohort.way, "")]
        yield rule.dataset, own
    if rule.cohort is not None:
        yield rule.cohort.home, [rule.cohort.entity, rule.cohort.where]
    if rule.funnel is not None:
        for step in rule.funnel.steps:
            yield step.dataset, [step.time, step.entity, step.where]


def _read(name: str, nodes: list[Expression | None], project: Project) -> Mapping[str, Any]:
    """Return which rows are read, and which over relationships."""
    found: dict[str, Any] = {"rows": _rows(project.datasets[name])}
    for way in ways([node for node in nodes if node is not None]):
        holder, partner = (follow(project.datasets, name, steps) for steps in (way[:-1], way))
        if holder is not None and partner is not None:
            found[".".join(way)] = [_partner(holder.relationships[way[-1]]), _rows(partner)]
    return found


def _rows(dataset: Dataset) -> Mapping[str, Any]:
    return {
        "source": dataset.source,
        "is_file": dataset.is_file,
        "format": dataset.format,
        "columns": dataset.columns,
        "quoted": dataset.quoted,
        "timezone": dataset.timezone,
        "time_grain": dataset.time_grain,
        "valid": dataset.valid,
    }


def _partner(relationship: Relationship) -> Mapping[str, Any]:
    return {
        "keys": sorted(fingerprint(pair) for pair in relationship.keys),
        "required": relationship.required,
        "as_of": relationship.as_of,
    }
