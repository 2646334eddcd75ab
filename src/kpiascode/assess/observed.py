"""The answers of the engine, so that each is found by what was asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from kpiascode.model.calendar import Period
from kpiascode.model.observation import Observation, SliceKey

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


def observed(observations: Iterable[Observation]) -> Observed:
    values: dict[tuple[str, Period], dict[Slice, Observation]] = {}
    for observation in observations:
        key = (observation.kpi, observation.period)
        values.setdefault(key, {})[frozenset(observation.slice)] = observation
    return Observed(values)
