"""Told too late is not told.

Pass: each of the last three periods was published within the promised lag.
Partial: two of them.
Fail: fewer; none of them is a gate: communicated then fails.
Inconclusive: nothing is recorded of what was published. So far nothing can be, hence this is the answer for
every KPI.

Fix: none yet.
"""

from kpiascode.assess.probe import Case, Found, Probe, unknown
from kpiascode.model.assessment import Criterion


def check(case: Case) -> Found:
    """Return that publications are not known."""
    return unknown("No publications are recorded yet, so whether its values were told on time is not known.")


PROBE = Probe(name="published-on-time", criterion=Criterion.COMMUNICATED, weight=3, gate=True, check=check)
