"""Relevant to a unit is what the unit itself looks at.

Pass: it is on a scorecard of a unit that it applies to, or of one beneath it.
Partial: only on a scorecard of another unit that is addressed to one of them, or to one above.
Fail: on none of these.
Inconclusive: never; the scorecards are declared.

Fix: put it on the scorecard of the unit.
"""

from kpiascode.assess.probe import Case, Found, Probe, failed, partly, passed
from kpiascode.assess.sentences import listed, quoted
from kpiascode.model.assessment import Criterion


def check(case: Case) -> Found:
    """Return whether a scorecard of a unit that the KPI applies to holds it."""
    units = listed([unit.title for unit in case.units] or ["its unit"], "or")
    for card in case.scorecards:
        if card.org_unit in case.units_and_below:
            return passed(f"Is on {quoted(card.title)}, of {case.project.org_units[card.org_unit].title}.")
    in_line = {name for unit in case.kpi.applies_to for name in case.project.unit_and_above(unit)}
    fix = f"Put it on a scorecard of {units}."
    for card in case.scorecards:
        if in_line & {card.org_unit, *card.audiences}:
            return partly(f"Is on {quoted(card.title)}, but on no scorecard of {units}.", fix)
    return failed(f"Is on no scorecard of {units}.", fix)


PROBE = Probe(
    name="on-its-scorecard",
    criterion=Criterion.RELEVANT,
    weight=2,
    gate=False,
    check=check,
    looks_around=True,
)
