"""The mission says "throughout your organization and department": both must be told.

A publication tells its audiences; those of the last three closed periods are looked at. Without a ledger it
is asked who could see it: a scorecard tells its own unit and its audiences. The department is the unit of the
owner, or one above it that is not the whole organisation; where the owner stands at the top, a unit that the
KPI applies to.

Pass: the organisation and the department are told.
Partial: one of the two.
Fail: neither.
Inconclusive: never; without a ledger the scorecards are declared.
Not applicable: there is no level beneath the organisation.

Fix: tell the level that is missing, or put it on a scorecard of it.
"""

from typing import Final

from kpiascode.assess.probe import Case, Found, Probe, failed, not_applicable, partly, passed
from kpiascode.assess.sentences import listed
from kpiascode.assess.told import closed_periods, total_told, units_told
from kpiascode.model.assessment import Criterion
from kpiascode.model.project import Level, OrgUnit

LOOKED_AT: Final = 3


def check(case: Case) -> Found:
    """Return which of the two levels is told the KPI."""
    units = case.project.org_units
    departments = _departments(case)
    organisation = [unit for unit in units.values() if unit.level is Level.ORGANISATION]
    if not departments or not organisation:
        return not_applicable("There is only one level to be told.")
    published = _published(case)
    if published is None:
        told = {unit for card in case.scorecards for unit in (card.org_unit, *card.audiences)}
        is_told, fix = "Is told", "Put it on a scorecard of {}."
    else:
        told = published
        is_told, fix = "Was told", "Publish it to {}: `kpi publish` with `--audience`."
    levels = (organisation, departments)
    reached = [next(u for u in level if u.name in told).title for level in levels if _any_told(level, told)]
    missing = [level[0].title for level in levels if not _any_told(level, told)]
    if not missing:
        return passed(f"{is_told} to {listed(reached)}.")
    if reached:
        return partly(
            f"{is_told} to {listed(reached)}, but not to {listed(missing)}.", fix.format(listed(missing))
        )
    return failed(f"{is_told} neither to {missing[0]} nor to {missing[1]}.", fix.format(listed(missing)))


def _published(case: Case) -> set[str] | None:
    """Return the units that were told one of the last periods; None without a ledger."""
    if case.remembered.told is None:
        return None
    names = [period.name for period in closed_periods(case, LOOKED_AT)]
    return {
        unit
        for telling in case.remembered.told
        if any(total_told(case, telling, name) for name in names)
        for unit in units_told(case, telling.publication)
    }


def _any_told(level: list[OrgUnit], told: set[str]) -> bool:
    return any(unit.name in told for unit in level)


def _departments(case: Case) -> list[OrgUnit]:
    project = case.project
    chain = project.unit_and_above(project.owners[case.kpi.owner].org_unit)
    below_the_top = [u for name in chain if (u := project.org_units[name]).level is not Level.ORGANISATION]
    return below_the_top or [unit for unit in case.units if unit.level is not Level.ORGANISATION]


PROBE = Probe(
    name="told-at-both-levels",
    criterion=Criterion.COMMUNICATED,
    weight=2,
    gate=False,
    check=check,
    looks_around=True,
)
