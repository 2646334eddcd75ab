"""Told too late is not told.

Looked at: the last three periods that are over and should have been told by now, in the rhythm of the
scorecards that hold the KPI. A period counts as told when `kpi publish` recorded its value, whoever it went
to. A period that may still be told in time is left out until it is.

Pass: each of the three was told within the `lag` that its `communication` promises.
Partial: two of them.
Fail: one of them; none is a gate: communicated then fails.
Inconclusive: there is no ledger, nobody promised by when, or the KPI is younger than three periods.

Fix: publish the next period in time.
"""

from datetime import datetime, timedelta
from typing import Final

from kpiascode.assess.probe import Case, Found, Probe, failed, partly, passed, unknown
from kpiascode.assess.sentences import counted, lasting, listed, noun, on_day
from kpiascode.assess.told import (
    NO_LEDGER,
    PUBLISH,
    cadence,
    closed_periods,
    due,
    in_utc,
)
from kpiascode.model.assessment import Criterion, Outcome
from kpiascode.model.calendar import Period

LOOKED_AT: Final = 3
NEARLY: Final = 2


def check(case: Case) -> Found:
    """Return how many of the last three periods were told in time."""
    told = case.remembered.told
    if told is None:
        return unknown(f"{NO_LEDGER}, so whether its values were told on time is not known.", PUBLISH)
    rhythm = cadence(case)
    first: dict[str, datetime] = {}
    for telling in told:
        for grain, name in telling.totals:
            if grain == rhythm.value:
                first.setdefault(name, telling.at)
    lag = case.kpi.communication.lag if case.kpi.communication else None
    periods = closed_periods(case, LOOKED_AT + 1)
    if lag is not None:
        periods = tuple(p for p in periods if p.name in first or due(case, p, lag) <= case.as_of)
    periods = periods[-LOOKED_AT:]
    what = noun(rhythm)
    if len(periods) < LOOKED_AT:
        return unknown(
            f"Has {counted(len(periods), what)} that should have been told by now; {LOOKED_AT} are needed.",
        )
    if not any(period.name in first for period in periods):
        return failed(f"None of the last {counted(LOOKED_AT, what)} was told.", _next(case, periods, lag))
    if lag is None:
        return unknown("Nobody promised by when its values are told.", "Add a `lag` to its `communication`.")
    return _judged(case, periods, first, lag)


def _judged(case: Case, periods: tuple[Period, ...], first: dict[str, datetime], lag: timedelta) -> Found:
    late = [
        period.name
        for period in periods
        if period.name not in first or first[period.name] > in_utc(case, due(case, period, lag))
    ]
    in_time = [period.name for period in periods if period.name not in late]
    within = f"within {lasting(lag)} of its end"
    if not late:
        return passed(f"Each of {listed(in_time)} was told {within}.")
    fix = _next(case, periods, lag)
    if not in_time:
        return failed(f"None of {listed(late)} was told {within}.", fix)
    reason = f"{_were(in_time)} told {within}, {listed(late)} not."
    if len(in_time) >= NEARLY:
        return partly(reason, fix)
    return Found(Outcome.FAIL, reason, fix, short_of_gate=True)


def _were(names: list[str]) -> str:
    return f"{listed(names)} {'was' if len(names) == 1 else 'were each'}"


def _next(case: Case, periods: tuple[Period, ...], lag: timedelta | None) -> str:
    """Return what to publish by when: the first period that can still be told in time."""
    period, calendar = periods[-1], case.project.settings.calendar
    if lag is None:
        return f"Publish {period.name} with `kpi publish`, and promise a `lag` in its `communication`."
    while due(case, period, lag) <= case.as_of:
        period = calendar.period_holding(period.end, period.grain)
    return f"Publish {period.name} with `kpi publish` by {on_day(due(case, period, lag).date())}."


PROBE = Probe(
    name="published-on-time",
    criterion=Criterion.COMMUNICATED,
    weight=3,
    gate=True,
    check=check,
    looks_around=True,
)
