"""Does everybody whom it concerns have a scorecard that holds it?

It concerns the units that it applies to and the audiences of its `communication`. A scorecard reaches its
own unit, its audiences and every unit beneath them. Counted in people where every headcount that is needed
is declared, else in units.

Pass: at least 90 % are reached.
Partial: at least 60 %.
Fail: fewer.
Inconclusive: never; the scorecards are declared.
Not applicable: it names no unit that it concerns.

Fix: put it on a scorecard, or add the audience that is missing.
"""

from decimal import Decimal
from typing import Final

from kpiascode.assess.probe import Case, Found, Probe, failed, not_applicable, partly, passed
from kpiascode.assess.sentences import percent, quoted
from kpiascode.model.assessment import Criterion
from kpiascode.model.project import Project

NEARLY_ALL: Final = Decimal("0.9")
MOST: Final = Decimal("0.6")


def check(case: Case) -> Found:
    """Return which share of those whom the KPI concerns has a scorecard that holds it."""
    project = case.project
    concerned = _outermost(case)
    if not concerned:
        return not_applicable("It names no unit that it concerns.")
    told = {unit for card in case.scorecards for unit in (card.org_unit, *card.audiences)}
    reached = frozenset(name for unit in told for name in project.unit_and_below(unit))
    share, of_whom = _share_of_people(project, concerned, reached), "people"
    if share is None:
        share, of_whom = _share_of_units(project, concerned, reached), "units"
    if not case.scorecards:
        return failed("Is on no scorecard.", f"Put it on a scorecard of {_title(project, concerned[0])}.")
    reason = f"Its scorecards reach {percent(share)} of the {of_whom} that it concerns."
    if share >= NEARLY_ALL:
        return passed(reason)
    missing = _title(project, _first_missing(project, concerned, reached))
    fix = f"Add {missing} to the audiences of {quoted(case.scorecards[0].title)}."
    return partly(reason, fix) if share >= MOST else failed(reason, fix)


def _outermost(case: Case) -> tuple[str, ...]:
    """Return the units that it concerns, without those that lie in another of them."""
    audiences = case.kpi.communication.audiences if case.kpi.communication else ()
    concerned = dict.fromkeys((*case.kpi.applies_to, *audiences))
    return tuple(
        unit
        for unit in concerned
        if not any(above in concerned for above in case.project.unit_and_above(unit)[1:])
    )


def _share_of_units(project: Project, concerned: tuple[str, ...], reached: frozenset[str]) -> Decimal:
    units = {name for unit in concerned for name in project.unit_and_below(unit)}
    return Decimal(len(units & reached)) / len(units)


def _share_of_people(project: Project, concerned: tuple[str, ...], reached: frozenset[str]) -> Decimal | None:
    """Return the share of the headcounts; None where one that is needed is not declared, or all are zero."""
    all_people = [project.org_units[unit].headcount for unit in concerned]
    told = [
        project.org_units[unit].headcount
        for whole in concerned
        for unit in project.unit_and_below(whole)
        if unit in reached and (unit == whole or project.org_units[unit].parent not in reached)
    ]
    if None in all_people or None in told:
        return None
    total = sum(people or 0 for people in all_people)
    return min(Decimal(sum(people or 0 for people in told)) / total, Decimal(1)) if total else None


def _first_missing(project: Project, concerned: tuple[str, ...], reached: frozenset[str]) -> str:
    return next(unit for unit in concerned if unit not in reached)


def _title(project: Project, unit: str) -> str:
    return project.org_units[unit].title


PROBE = Probe(
    name="reaches-its-audience", criterion=Criterion.COMMUNICATED, weight=2, gate=False, check=check
)
