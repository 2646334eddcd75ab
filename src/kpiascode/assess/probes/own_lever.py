"""A unit that has no goal of its own for a KPI watches it like the weather.

A lever is a goal of the unit that needs the KPI, or another KPI of the unit that it is computed from. Without
one it is asked how much of the total is the unit's own, where a dimension tells units apart and the slices of
the KPI add up to its total.

Pass: a goal of a unit that the KPI applies to, or of one beneath it, needs the KPI and is not over; somebody
of such a unit owns a KPI that it is computed from; or at least half of the total is theirs.
Partial: only a goal of a unit above needs it, or at least a fifth of the total is theirs.
Fail: none of these.
Inconclusive: never; goals and owners are declared.

Fix: give the unit a goal with a result on it.
"""

import re
from decimal import Decimal
from typing import Final

from kpiascode.assess.probe import Case, Found, Probe, failed, partly, passed
from kpiascode.assess.sentences import listed, percent, quoted
from kpiascode.model.additive import adds_up
from kpiascode.model.assessment import Criterion

HALF: Final = Decimal("0.50")
FIFTH: Final = Decimal("0.20")


def check(case: Case) -> Found:
    """Return by what the units that the KPI applies to can move it."""
    project, day = case.project, case.last_day
    goals = [goal for goal, _ in case.goals.needed_by[case.kpi.name] if day < goal.end]
    above = {name for unit in case.kpi.applies_to for name in project.unit_and_above(unit)}
    units = listed([unit.title for unit in case.units] or ["the unit"], "or")
    for goal in goals:
        if goal.org_unit in case.units_and_below:
            unit = project.org_units[goal.org_unit].title
            return passed(f"{unit} answers for it with {quoted(goal.title)}.")
    for driver in sorted(case.goals.behind[case.kpi.name] - {case.kpi.name}):
        owner = project.owners[project.kpis[driver].owner]
        if owner.org_unit in case.units_and_below:
            unit = project.org_units[owner.org_unit].title
            return passed(f"Is computed from {quoted(project.kpis[driver].title)}, which {unit} owns.")
    fix = f"Give {units} a goal with a result on it."
    share = _own_share(case)
    reason = "" if share is None else f"{percent(share)} of it comes from {units}."
    if share is not None and share >= HALF:
        return passed(reason)
    for goal in goals:
        if goal.org_unit in above:
            unit = project.org_units[goal.org_unit].title
            return partly(f"Only {unit} has a goal that needs it, {quoted(goal.title)}.", fix)
    if share is not None and share >= FIFTH:
        return partly(f"Only {reason}", fix)
    return failed(f"No goal of {units} needs it.", fix)


def _own_share(case: Case) -> Decimal | None:
    """Return the part of the newest total that is of the KPI's own units; None where that cannot be told."""
    last = case.series[-1].value if case.series else None
    if not last or last < 0 or not adds_up(case.kpi.expression, case.project.kpis):
        return None
    everything = case.project.org_units.values()
    unit_of = {_plain(text): unit for unit in everything for text in (unit.name, unit.title)}
    for slices in case.breakdown.values():
        parts = [(unit_of.get(_plain(value or "")), o.value) for o in slices for _, value in o.slice]
        if any(unit is not None for unit, _ in parts) and all((value or 0) >= 0 for _, value in parts):
            own = (v for unit, v in parts if v and unit is not None and unit.name in case.units_and_below)
            return min(sum(own, Decimal(0)) / last, Decimal(1))
    return None


def _plain(text: str) -> str:
    return re.sub(r"\W+", "_", text.casefold())


PROBE = Probe(
    name="own-lever", criterion=Criterion.RELEVANT, weight=2, gate=False, check=check, looks_around=True
)
