"""The headline of a KPI: what its process delivers, how it varies, and whether the data can be trusted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from kpiascode.model.assessment import DataState, Status, Trust
from kpiascode.model.observation import Observation
from kpiascode.model.project import Direction, Kpi
from kpiascode.model.signals import Assurance, Behaviour, Signal, Standing, Variation

LOOKED_AT: Final = 6
"""Within so many closed periods a counter KPI must not get worse while this one gets better."""

BY_STATUS: Final = {
    Status.MET: Standing.ON_TRACK,
    Status.AT_RISK: Standing.WATCH,
    Status.MISSED: Standing.ACT,
    Status.NO_DATA: Standing.NO_VERDICT,
    Status.NOT_DUE: Standing.NOT_DUE,
    Status.NO_TARGET: Standing.NO_TARGET,
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A KPI at one grain: its closed periods, and how it behaves over them."""

    closed: tuple[Observation, ...]
    behaviour: Behaviour


def standing(
    behaved: Behaviour, status: Status, data: DataState, current: Observation | None, cost: tuple[str, ...]
) -> Standing:
    """Return the headline.

    Where the limits cannot be held against a target (none for a single period, too few points), the status
    of the last period decides, unless the KPI is worse than usual.
    """
    if data.trust is Trust.LATE or current is None or current.value is None:
        return Standing.NO_VERDICT
    if behaved.variation is Variation.WORSE:
        return Standing.ACT
    if cost:
        return Standing.AT_A_COST
    better = behaved.variation is Variation.BETTER
    match behaved.assurance:
        case Assurance.MEETS:
            return Standing.ON_TRACK
        case Assurance.HIT_OR_MISS:
            return Standing.WATCH
        case Assurance.MISSES if better:  # its limits are those of before
            return Standing.ON_TRACK if status is Status.MET else Standing.IMPROVING
        case Assurance.MISSES:
            return Standing.CANNOT
        case Assurance.NO_TARGET | Assurance.NOT_JUDGED:
            return Standing.IMPROVING if better and status is Status.MISSED else BY_STATUS[status]


def cost(kpi: Kpi, kpis: Mapping[str, Kpi], read: Mapping[str, Reading]) -> tuple[str, ...]:
    """Return the counter KPIs that got worse within the same six periods in which this one got better.

    Args:
        read: KPIs as they are read at one grain, by name. A counter KPI that is not read at that grain is not
            compared: among hundreds of days there is always a good one, which says nothing of a bad month.
    """
    own = read[kpi.name]
    since = _lately(own)
    if not _turned(own.behaviour, kpi.direction, good=True, since=since):
        return ()
    return tuple(
        name
        for name in kpi.counter_kpis
        if name in read and _turned(read[name].behaviour, kpis[name].direction, good=False, since=since)
    )


def _lately(reading: Reading) -> date:
    """Return where the last six periods begin."""
    return reading.closed[-LOOKED_AT:][0].period.start if reading.closed else date.max


def _turned(behaved: Behaviour, direction: Direction, *, good: bool, since: date) -> bool:
    """Return whether a signal of the newest process that lasts into the time since then is good, or bad."""
    newest = behaved.segments[-1].signals if behaved.segments else ()
    return any(_good(signal, direction) is good for signal in newest if signal.last.end > since)


def _good(signal: Signal, direction: Direction) -> bool | None:
    """Return whether a signal is an improvement; None where neither side is better."""
    match direction:
        case Direction.HIGHER:
            return signal.high
        case Direction.LOWER:
            return not signal.high
        case Direction.BAND:
            return None
