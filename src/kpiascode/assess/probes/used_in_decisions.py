"""A KPI that never led to a decision is decoration.

Pass: a decision cites it within the last two periods.
Partial: within the last four.
Fail: none does.
Inconclusive: no check-ins are recorded. So far none can be, hence this is the answer for every KPI.

Fix: none yet.
"""

from kpiascode.assess.probe import Case, Found, Probe, unknown
from kpiascode.model.assessment import Criterion


def check(case: Case) -> Found:
    """Return that decisions are not known."""
    return unknown("No check-ins are recorded yet, so whether it is used in decisions is not known.")


PROBE = Probe(name="used-in-decisions", criterion=Criterion.CRUCIAL, weight=2, gate=False, check=check)
