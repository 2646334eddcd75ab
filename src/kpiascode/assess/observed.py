"""The answers of the engine, so that each is found by what was asked.

Where the data does not reach, an answer says nothing: a count before the first row, or after the last one of
data that is late, is no zero. Such an observation has no value.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from decimal import Decimal
from typing import TypeAlias

from kpiascode.assess.trust import is_late
from kpiascode.model.calendar import Period
from kpiascode.model.definitions import referred
from kpiascode.model.expression import Column, Expression
from kpiascode.model.observation import Freshness, Observation, SliceKey
from kpiascode.model.project import Dataset, Kpi, Project
from kpiascode.model.reaching import reached

Slice: TypeAlias = frozenset[tuple[str, str | None]]
"""A slice without order: `channel, country` and `country, channel` are the same."""


@dataclass(frozen=True, slots=True)
class Observed:
    """Observations by KPI, by period, by slice."""

    values: Mapping[tuple[str, Period], Mapping[Slice, Observation]]

    def at(self, kpi: str, period: Period | None, of: SliceKey = ()) -> Observation | None:
        """Return what was observed; None where nothing was asked or the slice has never been seen."""
        return None if period is None else self.values.get((kpi, period), {}).get(frozenset(of))

    def value(self, kpi: str, period: Period | None, of: SliceKey = ()) -> Decimal | None:
        found = self.at(kpi, period, of)
        return None if found is None else found.value

    def totals(self, kpi: str, periods: Iterable[Period]) -> tuple[Observation, ...]:
        """Return the totals that were observed, in the order of `periods`."""
        found = (self.at(kpi, period) for period in periods)
        return tuple(observation for observation in found if observation is not None)

    def slices(self, kpi: str, period: Period, dimension: str) -> tuple[Observation, ...]:
        """Return the slices by one dimension, in the order of the values, the null slice last."""
        single = (
            (value, observation)
            for of, observation in self.values.get((kpi, period), {}).items()
            for name, value in of
            if len(of) == 1 and name == dimension
        )
        ordered = sorted(single, key=lambda found: (found[0] is None, found[0] or ""))
        return tuple(observation for _, observation in ordered)


def observed(
    observations: Iterable[Observation],
    project: Project,
    datasets: Mapping[str, Iterable[str]],
    freshness: Mapping[str, Freshness],
    as_of: datetime,
) -> Observed:
    """Return what was observed, without a value where the data does not reach.

    Args:
        datasets: By KPI, those that it reads, directly or through other KPIs. Of a KPI that is not there
            values stay as they are.
        freshness: By dataset; of one that is not there nothing is known.
    """
    values: dict[tuple[str, Period], dict[Slice, Observation]] = {}
    reach: dict[str, _Reach] = {}
    for observation in observations:
        name, period = observation.kpi, observation.period
        if name not in reach:
            reach[name] = _reach(project, name, tuple(datasets.get(name, ())), freshness, as_of)
        told = observation if reach[name].holds(period) else replace(observation, value=None)
        values.setdefault((name, period), {})[frozenset(observation.slice)] = told
    return Observed(values)


@dataclass(frozen=True, slots=True)
class _Reach:
    """How far the data behind one KPI reaches.

    Args:
        begins: When its first row is; None where that is not known, the last moment of all without any row.
        promised: Datasets that promise to be fresh, each with its newest row.
    """

    begins: datetime | None
    promised: tuple[tuple[Dataset, datetime | None], ...]
    as_of: datetime

    def holds(self, period: Period) -> bool:
        """Return whether the data tells of a period: it had begun, and was in time when the period ended.

        Data that is in time by `as_of` was so at each end before.
        """
        end = datetime.combine(period.end, time.min)
        begun = self.begins is None or self.begins < end
        return begun and not any(is_late(d, newest, min(end, self.as_of)) for d, newest in self.promised)


def _reach(
    project: Project, kpi: str, names: tuple[str, ...], freshness: Mapping[str, Freshness], as_of: datetime
) -> _Reach:
    known = [(project.datasets[name], freshness[name]) for name in names if name in freshness]
    return _Reach(
        begins=_first_row(project, kpi, [freshness.get(name) for name in names]),
        promised=tuple((dataset, found.latest) for dataset, found in known if dataset.freshness is not None),
        as_of=as_of,
    )


def _first_row(project: Project, kpi: str, behind: Iterable[Freshness | None]) -> datetime | None:
    """Return when the first row of all datasets is: of orders and refunds that of the first order.

    None where that is not known. A KPI that dates its rows by another time than their dataset does may have
    some before that time begins.
    """
    beginnings = [_beginning(one) for one in behind]
    known = [moment for moment in beginnings if moment is not None]
    if not known or len(known) < len(beginnings) or not _dated_as_datasets_are(project, kpi):
        return None
    return min(known)


def _beginning(found: Freshness | None) -> datetime | None:
    if found is None:
        return None
    return datetime.max if found.rows == 0 else found.earliest


def _dated_as_datasets_are(project: Project, kpi: str) -> bool:
    behind = reached([kpi], lambda name: referred(project.kpis[name]))
    return all(_is_own_time(project, rule) for name in behind for rule in project.kpis[name].rules)


def _is_own_time(project: Project, rule: Kpi) -> bool:
    """Return whether a KPI, under one rule, dates its rows by what their dataset says when they were."""
    if rule.dataset is None:
        return True
    if rule.cohort is not None:
        own = _over(rule.cohort.way, project.datasets[rule.cohort.home].time)
        return own is not None and rule.cohort.starts == own
    dataset = project.datasets[rule.dataset]
    return rule.time is None if dataset.valid is not None else rule.time == dataset.time


def _over(way: tuple[str, ...], time: Expression | None) -> Expression | None:
    """Return a time as it is called at the other end of a way; None where that cannot be told."""
    if not way:
        return time
    return replace(time, path=(*way, *time.path)) if isinstance(time, Column) else None
