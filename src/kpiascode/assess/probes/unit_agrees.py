"""Euros for each order are euros, euros for euros are a ratio, euros and dollars do not add up.

The unit is worked out from the units of the KPIs that it is computed from. Columns have none, so most
formulas over columns tell nothing. All units of time are taken as one: seconds / 60 are minutes.

Pass: what is worked out agrees with `unit`.
Fail: it does not.
Inconclusive: a part of the formula has no known unit.

Fix: correct `unit`, or the formula.
"""

from kpiascode.assess.probe import Case, Found, Probe, failed, passed, unknown
from kpiascode.assess.units import Clash, in_words, unit_of, unit_of_measure
from kpiascode.model.assessment import Criterion


def check(case: Case) -> Found:
    """Return whether the unit of the formula is the declared one."""
    declared = unit_of_measure(case.kpi.unit)
    worked_out = unit_of(case.kpi.expression, case.project)
    if isinstance(worked_out, Clash):
        return failed(f"Mixes {worked_out}.", "Convert one of them before they are added or compared.")
    if worked_out is None:
        return unknown("The units of its columns are not declared, so its own cannot be worked out.")
    if worked_out == declared:
        return passed(f"Its formula comes to {in_words(declared)}, as declared.")
    return failed(
        f"Its formula comes to {in_words(worked_out)}, its unit is {in_words(declared)}.",
        "Correct `unit`, or the formula.",
    )


PROBE = Probe(name="unit-agrees", criterion=Criterion.QUANTIFIABLE, weight=1, gate=False, check=check)
