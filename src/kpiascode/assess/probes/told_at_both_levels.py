"""The mission says "throughout your organization and department": both must be able to see it.

A scorecard tells its own unit and its audiences. The department is the unit of the owner, or one above it
that is not the whole organisation; where the owner stands at the top, a unit that the KPI applies to.

Pass: the organisation and the department are told.
Partial: one of the two.
Fail: neither.
Inconclusive: never; the scorecards are declared.
Not applicable: there is no level beneath the organisation.

Fix: put it on the scorecard of the level that is missing.
"""

from kpiascode.assess.probe import Case, Found, Probe, failed, not_applicable, partly, passed
from kpiascode.assess.sentences import listed
from kpiascode.model.assessment import Criterion
from kpiascode.model.project import Level, OrgUnit


def check(case: Case) -> Found:
    """Return which of the two levels has a scorecard that holds the KPI."""
    units = case.project.org_units
    departments = _departments(case)
    organisation = [unit for unit in units.values() if unit.level is Level.ORGANISATION]
    if not departments or not organisation:
        return not_applicable("There is only one level to be told.")
    told = {unit for card in case.scorecards for unit in (card.org_unit, *card.audiences)}
    levels = (organisation, departments)
    reached = [next(u for u in level if u.name in told).title for level in levels if _any_told(level, told)]
    missing = [level[0].title for level in levels if not _any_told(level, told)]
    if not missing:
        return passed(f"Is told to {listed(reached)}.")
    fix = f"Put it on a scorecard of {listed(missing)}."
    if reached:
        return partly(f"Is told to {listed(reached)}, but not to {listed(missing)}.", fix)
    return failed(f"Is told neither to {missing[0]} nor to {missing[1]}.", fix)


def _any_told(level: list[OrgUnit], told: set[str]) -> bool:
    return any(unit.name in told for unit in level)


def _departments(case: Case) -> list[OrgUnit]:
    project = case.project
    chain = project.unit_and_above(project.owners[case.kpi.owner].org_unit)
    below_the_top = [u for name in chain if (u := project.org_units[name]).level is not Level.ORGANISATION]
    return below_the_top or [unit for unit in case.units if unit.level is not Level.ORGANISATION]


PROBE = Probe(name="told-at-both-levels", criterion=Criterion.COMMUNICATED, weight=2, gate=False, check=check)
