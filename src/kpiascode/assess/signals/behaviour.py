"""How a KPI behaves: its segments with their limits and signals, and what the newest of them says."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import dropwhile, groupby
from typing import Final, assert_never

from kpiascode.assess.periods import year_before
from kpiascode.assess.signals.limits import correlation, limits, with_ranges
from kpiascode.assess.signals.rules import signals
from kpiascode.assess.signals.wanted import Wanted
from kpiascode.model.calendar import Calendar, Period
from kpiascode.model.observation import Observation
from kpiascode.model.overlap import overlapping
from kpiascode.model.project import Direction, Kpi, Project, SignalRules
from kpiascode.model.signals import (
    Assurance,
    Basis,
    Behaviour,
    Limits,
    Point,
    Rule,
    Segment,
    Signal,
    Variation,
)

FRESH: Final = 2
"""A signal is new while it holds one of so many closed periods, counted from the last."""

STRENGTH: Final = {Rule.OUTSIDE: 2, Rule.TREND: 1}
"""Which of the signals that end with one point says how the KPI varies; the others have none."""

DAYS_OF_YEAR: Final = 360
YEAR_OF_WEEKS: Final = timedelta(weeks=52)


def behaviour(project: Project, kpi: Kpi, closed: Sequence[Observation], wanted: Wanted | None) -> Behaviour:
    """Judge the closed periods of a KPI, oldest first, all of one grain.

    Args:
        closed: From the first period on of which its data tells; the same from one day to the next, so that
            what is locked stays locked.
        wanted: The newest target of a single period; None where none holds.
    """
    calendar = project.settings.calendar
    rules = kpi.signals.rules or project.settings.signals
    basis = Basis.YEAR_DIFFERENCE if kpi.signals.seasonal else Basis.VALUE
    refused = _refusal(project, kpi, closed)
    if refused is not None:
        return _unjudged(rules, basis, Variation.NOT_JUDGED, wanted, refused)
    points = _differences(closed, calendar) if kpi.signals.seasonal else _values(closed)
    fresh = frozenset(point.period for point in points[-FRESH:])
    segments = tuple(
        _segment(reason, some, rules, fresh) for reason, some in _cut(points, kpi, basis, calendar)
    )
    newest = segments[-1] if segments else None
    if points and all(point.value is None for point in points[-FRESH:]):
        return replace(
            _unjudged(rules, basis, Variation.NOT_JUDGED, wanted, "Its last periods have no value."),
            segments=segments,
        )
    if newest is None or newest.limits is None:
        return Behaviour(
            rules=rules,
            basis=basis,
            segments=segments,
            variation=Variation.TOO_FEW,
            new=None,
            since=None,
            assurance=Assurance.NO_TARGET if wanted is None else Assurance.NOT_JUDGED,
            correlation=None,
            refused=None,
        )
    if not newest.limits.range_mean:
        why = "The values that its limits would come from do not vary, so what is usual cannot be told."
        return _unjudged(rules, basis, Variation.NOT_JUDGED, wanted, why)
    new = _telling(newest.signals)
    return Behaviour(
        rules=rules,
        basis=basis,
        segments=segments,
        variation=_variation(new, kpi.direction),
        new=new,
        since=_since(new, newest.signals),
        assurance=_assurance(_usual(kpi, newest.limits, basis, closed, calendar), wanted),
        correlation=correlation(newest.points),
        refused=None,
    )


def _unjudged(
    rules: SignalRules, basis: Basis, variation: Variation, wanted: Wanted | None, refused: str
) -> Behaviour:
    return Behaviour(
        rules=rules,
        basis=basis,
        segments=(),
        variation=variation,
        new=None,
        since=None,
        assurance=Assurance.NO_TARGET if wanted is None else Assurance.NOT_JUDGED,
        correlation=None,
        refused=refused,
    )


# --- what is looked at


def _refusal(project: Project, kpi: Kpi, closed: Sequence[Observation]) -> str | None:
    """Return why its points say nothing one by one: neighbours that share rows are alike by construction."""
    grain = closed[-1].period.grain if closed else kpi.grain
    found = overlapping(kpi, project.kpis, grain, project.settings.calendar)
    if found is None:
        return None
    return f"Its {found} share rows with those before, so that no value is a sign of its own."


def _values(closed: Iterable[Observation]) -> tuple[Point, ...]:
    """Return the values from the first one on; what is undefined after it is a gap."""
    since_first = dropwhile(lambda o: o.value is None, closed)
    return tuple(Point(period=o.period, value=o.value, range=None) for o in since_first)


def _differences(closed: Sequence[Observation], calendar: Calendar) -> tuple[Point, ...]:
    """Return how far each value is from that of the same period of the year before."""
    by_period = {o.period: o.value for o in closed}
    pairs = [(o, _year_ago(o.period, by_period, calendar)) for o in closed]
    found = [
        Point(period=o.period, value=None if o.value is None or ago is None else o.value - ago, range=None)
        for o, ago in pairs
    ]
    return tuple(dropwhile(lambda point: point.value is None, found))


def _year_ago(
    period: Period, by_period: Mapping[Period, Decimal | None], calendar: Calendar
) -> Decimal | None:
    counterpart = year_before(calendar, period)
    return None if counterpart is None else by_period.get(counterpart)


def _cut(
    points: Sequence[Point], kpi: Kpi, basis: Basis, calendar: Calendar
) -> Iterator[tuple[str | None, tuple[Point, ...]]]:
    """Yield the points of each process; the period in which one ends still belongs to it.

    Differences begin anew twice: with a change, and a year later, when both sides are of the new process.
    """
    for (process, _), some in groupby(
        points, key=lambda point: _processes(point.period, kpi, basis, calendar)
    ):
        yield kpi.process_changes[process - 1].reason if process else None, tuple(some)


def _processes(period: Period, kpi: Kpi, basis: Basis, calendar: Calendar) -> tuple[int, int]:
    """Return how many changes there had been by the period, and by the one that it is compared with."""
    if basis is Basis.VALUE:
        return _changes(kpi, period.start), 0
    ago = year_before(calendar, period)
    # Week 53 is compared with none, and is a gap among its neighbours.
    return _changes(kpi, period.start), _changes(kpi, ago.start if ago else period.start - YEAR_OF_WEEKS)


def _changes(kpi: Kpi, day: date) -> int:
    return sum(change.start <= day for change in kpi.process_changes)


def _segment(
    reason: str | None, points: tuple[Point, ...], rules: SignalRules, fresh: frozenset[Period]
) -> Segment:
    ranged = with_ranges(points)
    found = limits(ranged, rules)
    told = () if found is None or not found.range_mean else signals(ranged, found, rules, fresh)
    return Segment(reason=reason, points=ranged, limits=found, signals=told)


# --- what it says


def _telling(some: Iterable[Signal]) -> Signal | None:
    """Return the new signal that reaches furthest; of several the strongest, and of those the latest begun.

    Where it is going says more than where it has been: seven falling points above the mean are a fall.
    """
    new = [signal for signal in some if signal.new]
    return max(new, key=lambda s: (s.last.end, STRENGTH.get(s.rule, 0), s.first.end), default=None)


def _since(new: Signal | None, some: Sequence[Signal]) -> Period | None:
    """Return where the newest signal begins, with the signals of its side that it grows out of."""
    if new is None:
        return None
    first = new.first
    for signal in sorted(some, key=lambda s: s.last.end, reverse=True):
        if signal.high is new.high and signal.last.end >= first.start and signal.first.end < first.end:
            first = signal.first
    return first


def _variation(new: Signal | None, direction: Direction) -> Variation:
    if new is None:
        return Variation.USUAL
    match direction:
        case Direction.HIGHER:
            return Variation.BETTER if new.high else Variation.WORSE
        case Direction.LOWER:
            return Variation.WORSE if new.high else Variation.BETTER
        case Direction.BAND:
            return Variation.CHANGED
        case _:
            assert_never(direction)


def _usual(
    kpi: Kpi, found: Limits, basis: Basis, closed: Sequence[Observation], calendar: Calendar
) -> tuple[tuple[Decimal, Decimal], ...]:
    """Return the values that are usual, from and to, as far as they can be.

    Of a seasonal KPI they stand on the values of a year ago, period by period: a target is for the whole
    year, so one good month does not make it met.
    """
    if basis is Basis.VALUE:
        return (kpi.usual(found.lower, found.upper, found.mean),)
    by_period = {o.period: o.value for o in closed}
    last = closed[-1].period
    within = [o.period for o in closed if (last.end - o.period.end).days < DAYS_OF_YEAR]
    ago = (_year_ago(period, by_period, calendar) for period in within)
    return tuple(
        kpi.usual(found.lower + value, found.upper + value, value) for value in ago if value is not None
    )


def _assurance(usual: Sequence[tuple[Decimal, Decimal]], wanted: Wanted | None) -> Assurance:
    """Return whether the process, as it is now, reaches what is wanted."""
    if wanted is None:
        return Assurance.NO_TARGET
    if not usual:
        return Assurance.NOT_JUDGED
    each = {_held(low, high, wanted) for low, high in usual}
    return each.pop() if len(each) == 1 else Assurance.HIT_OR_MISS


def _held(low: Decimal, high: Decimal, wanted: Wanted) -> Assurance:
    above = wanted.low is None or low >= wanted.low
    below = wanted.high is None or high <= wanted.high
    if above and below:
        return Assurance.MEETS
    never = (wanted.low is not None and high < wanted.low) or (wanted.high is not None and low > wanted.high)
    return Assurance.MISSES if never else Assurance.HIT_OR_MISS
