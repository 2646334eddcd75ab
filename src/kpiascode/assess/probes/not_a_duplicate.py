"""The loss test: would its goal know less without the KPI?

The only measure of a goal cannot be spared. One that moves exactly together with another measure of the
same goal can: the two tell one thing twice. "Moves together" is Spearman's rank correlation over the
periods that both have; it says nothing about causes.

Pass: the sole measure of a goal, or below 0.80 with every other measure of its goals.
Partial: 0.80 to 0.95 with one of them.
Fail: 0.95 or more with one of them.
Inconclusive: fewer than 12 common periods with one of them, and no duplicate among the rest.
Not applicable: no goal measures it directly.

Fix: keep one of the two as a measure of the goal.
"""

from decimal import ROUND_DOWN, Decimal
from typing import Final

from kpiascode.assess.probe import Case, Found, Probe, failed, not_applicable, partly, passed, unknown
from kpiascode.assess.sentences import quoted
from kpiascode.assess.statistics import rank_correlation
from kpiascode.model.assessment import Criterion
from kpiascode.model.project import Goal

SAME: Final = Decimal("0.95")
CLOSE: Final = Decimal("0.80")
ENOUGH: Final = 12  # common periods
HUNDREDTH: Final = Decimal("0.01")


def check(case: Case) -> Found:
    """Return whether the KPI says what another measure of its goals says already."""
    goals = _measured_goals(case)
    if not goals:
        return not_applicable("No goal that is not over measures it.")
    for goal in goals:
        if {result.kpi for result in goal.results} == {case.kpi.name}:
            return passed(f"{quoted(goal.title)} has no other measure.")
    siblings = sorted({result.kpi for goal in goals for result in goal.results} - {case.kpi.name})
    correlations = {sibling: _moves_together(case, sibling) for sibling in siblings}
    known = {sibling: abs(rho) for sibling, rho in correlations.items() if rho is not None}
    nearest = max(known, key=lambda sibling: known[sibling], default=None)
    if nearest is not None and known[nearest] >= CLOSE:
        return _close(case, nearest, known[nearest])
    if nearest is None or len(known) < len(siblings):
        other = next(sibling for sibling in siblings if sibling not in known)
        title = quoted(case.project.kpis[other].title)
        return unknown(f"Shares fewer than {ENOUGH} comparable periods with {title}.")
    title = quoted(case.project.kpis[nearest].title)
    return passed(f"Moves on its own: rank correlation at most {_shown(known[nearest])}, with {title}.")


def _measured_goals(case: Case) -> list[Goal]:
    """Return the goals with a result of this KPI that are not over."""
    day, name = case.last_day, case.kpi.name
    found = [goal for goal, result in case.goals.needed_by[name] if result.kpi == name and day < goal.end]
    return list({goal.name: goal for goal in found}.values())


def _moves_together(case: Case, sibling: str) -> Decimal | None:
    """Return the correlation; None where there are too few common periods or one of the two never moves."""
    theirs = {o.period: o.value for o in case.history[sibling] if o.value is not None}
    pairs = [(o.value, theirs[o.period]) for o in case.series if o.value is not None and o.period in theirs]
    return rank_correlation(pairs) if len(pairs) >= ENOUGH else None


def _close(case: Case, sibling: str, correlation: Decimal) -> Found:
    title = quoted(case.project.kpis[sibling].title)
    reason = f"Moves together with {title}: rank correlation {_shown(correlation)}."
    if correlation >= SAME:
        return failed(reason, f"Keep either it or {title} as a measure of the goal.")
    return partly(reason, f"Check whether the goal needs both it and {title}.")


def _shown(correlation: Decimal) -> str:
    """Return two digits, cut and not rounded, so that 0.797 does not read as a partial pass."""
    return str(correlation.quantize(HUNDREDTH, rounding=ROUND_DOWN))


PROBE = Probe(name="not-a-duplicate", criterion=Criterion.CRUCIAL, weight=2, gate=False, check=check)
