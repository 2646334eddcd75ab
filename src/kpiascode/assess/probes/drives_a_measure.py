"""The link test: does the KPI move what the goal measures?

What a measured KPI is computed from moves it by arithmetic; no statistics are needed. Otherwise `leads` says
which KPI follows it, how much later and in which sense, and the past is held against that: the changes from
period to period (from year to year, where one of the two is seasonal) at the declared lag, by their
correlation and by a permutation test of 2,000 shuffles. Other lags are not searched: who searches finds. Of
several declared leads the worst counts. That two move together does not say that one moves the other.

Pass: a KPI that a running goal measures is computed from it; or declared leads move together as declared, as
chance does in fewer than 5 % of shuffles.
Partial: in the declared sense, but chance does so more often.
Fail: in the opposite sense.
Inconclusive: fewer than 24 pairs of changes, or one of the two never moves.
Not applicable: neither computed from it nor declared.

Fix: drop the lead, or declare what you see.
"""

from decimal import ROUND_DOWN, Decimal
from typing import Final

from kpiascode.assess.probe import Case, Found, Probe, failed, not_applicable, partly, passed, unknown
from kpiascode.assess.sentences import counted, noun, percent, quoted
from kpiascode.assess.statistics import linear_correlation, share_of_chance
from kpiascode.model.assessment import Criterion, Outcome
from kpiascode.model.calendar import Duration, NoSuchPeriod, Period, Unit
from kpiascode.model.project import Kpi, Lead

ENOUGH: Final = 24  # pairs of changes
CHANCE: Final = Decimal("0.05")
HUNDREDTH: Final = Decimal("0.01")
THOUSANDTH: Final = Decimal("0.001")
WORST_FIRST: Final = (Outcome.FAIL, Outcome.PARTIAL, Outcome.INCONCLUSIVE, Outcome.PASS)


def check(case: Case) -> Found:
    """Return whether a KPI of a running goal is computed from this one, or another follows it as declared."""
    day = case.last_day
    for goal, result in case.goals.needed_by[case.kpi.name]:
        measured = case.project.kpis[result.kpi]
        computed = measured.name != case.kpi.name and case.kpi.name in case.goals.behind[measured.name]
        if computed and goal.runs_on(day):
            return passed(f"{quoted(goal.title)} measures {quoted(measured.title)}, computed from it.")
    found = [_follows(case, lead) for lead in case.kpi.leads if lead.kpi in case.project.kpis]
    if not found:
        return not_applicable("No KPI that a running goal measures is computed from it; no lead is declared.")
    return min(found, key=lambda one: WORST_FIRST.index(one.outcome))


def _follows(case: Case, lead: Lead) -> Found:
    """Return whether another KPI follows this one as declared."""
    other = case.project.kpis[lead.kpi]
    title, later = quoted(other.title), _later(lead.lag)
    if other.grain is not case.kpi.grain:
        return unknown(f"{title} is read at another grain, so the two cannot be held against each other.")
    pairs = _pairs(case, other, lead.lag)
    if len(pairs) < ENOUGH:
        shared = f"{counted(len(pairs), 'change')} from {_steps(case.kpi, other)}"
        return unknown(f"Shares {shared} with {title}{later}; {ENOUGH} are needed.")
    correlation = linear_correlation(pairs)
    if correlation is None:
        return unknown(f"It or {title} never moves, so whether they move together cannot be told.")
    shown = correlation.quantize(HUNDREDTH, rounding=ROUND_DOWN)
    sense = "as declared" if lead.sign > 0 else "in the opposite sense, as declared"
    if correlation * lead.sign <= 0:
        return failed(
            f"{title} does not move{later} as declared: correlation {shown} over {len(pairs)} changes.",
            f"Drop the lead to {title}, or find out why it does not follow.",
        )
    chance = share_of_chance(pairs, lead.sign)
    reason = f"{title} moves together with it{later}, {sense}: correlation {shown} over {len(pairs)} changes"
    if chance < CHANCE:
        return passed(f"{reason}; chance comes as near in {_rarely(chance)} of shuffles.")
    return partly(
        f"{reason}, but chance comes as near in {_rarely(chance)} of shuffles.",
        f"Wait for more periods, or drop the lead to {title}.",
    )


def _rarely(chance: Decimal) -> str:
    return percent(chance) if chance >= THOUSANDTH else "less than 0.1 %"


def _later(lag: Duration) -> str:
    return f" {counted(lag.amount, lag.unit.value)} later" if lag.amount else ""


def _steps(one: Kpi, other: Kpi) -> str:
    return "year to year" if _is_seasonal(one, other) else f"{noun(one.grain)} to {noun(one.grain)}"


def _is_seasonal(one: Kpi, other: Kpi) -> bool:
    return one.signals.seasonal or other.signals.seasonal


def _pairs(case: Case, other: Kpi, lag: Duration) -> list[tuple[Decimal, Decimal]]:
    """Return the changes of this KPI, each with that of the other `lag` later."""
    back = Duration(amount=-1, unit=Unit.YEAR if _is_seasonal(case.kpi, other) else Unit.PERIOD)
    theirs = _changes(case, other.name, back)
    found = []
    for period, change in _changes(case, case.kpi.name, back).items():
        later = _shifted(case, period, lag)
        if later is not None and later in theirs:
            found.append((change, theirs[later]))
    return found


def _changes(case: Case, kpi: str, back: Duration) -> dict[Period, Decimal]:
    values = {o.period: o.value for o in case.watched.get(kpi, ()) if o.value is not None}
    found = {}
    for period, value in values.items():
        before = _shifted(case, period, back)
        if before is not None and before in values:
            found[period] = value - values[before]
    return found


def _shifted(case: Case, period: Period, by: Duration) -> Period | None:
    try:
        return case.project.settings.calendar.shift(period, by)
    except (NoSuchPeriod, ValueError):  # 10 days from no month to another; before the year 1
        return None


PROBE = Probe(name="drives-a-measure", criterion=Criterion.CRUCIAL, weight=2, gate=False, check=check)
