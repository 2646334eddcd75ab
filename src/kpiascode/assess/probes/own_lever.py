"""A unit that has no goal of its own for a KPI watches it like the weather.

Pass: a goal of a unit that the KPI applies to, or of one beneath it, needs the KPI and is not over.
Partial: only a goal of a unit above does.
Fail: none does.
Inconclusive: never; the goals are declared.

Fix: give the unit a goal with a result on it.
"""

from kpiascode.assess.probe import Case, Found, Probe, failed, partly, passed
from kpiascode.assess.sentences import listed, quoted
from kpiascode.model.assessment import Criterion


def check(case: Case) -> Found:
    """Return which goal of the units that the KPI applies to needs it."""
    project, day = case.project, case.as_of.date()
    goals = [goal for goal, _ in case.goals.needed_by[case.kpi.name] if day < goal.end]
    above = {name for unit in case.kpi.applies_to for name in project.unit_and_above(unit)}
    units = listed([unit.title for unit in case.units] or ["the unit"], "or")
    for goal in goals:
        if goal.org_unit in case.units_and_below:
            unit = project.org_units[goal.org_unit].title
            return passed(f"{unit} answers for it with {quoted(goal.title)}.")
    fix = f"Give {units} a goal with a result on it."
    for goal in goals:
        if goal.org_unit in above:
            unit = project.org_units[goal.org_unit].title
            return partly(f"Only {unit} has a goal that needs it, {quoted(goal.title)}.", fix)
    return failed(f"No goal of {units} needs it.", fix)


PROBE = Probe(name="own-lever", criterion=Criterion.RELEVANT, weight=2, gate=False, check=check)
