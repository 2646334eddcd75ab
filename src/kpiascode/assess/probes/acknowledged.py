"""Sent is not read.

Pass: at least half of its audience opened, attended or viewed it, as a count without names.
Partial: at least a quarter.
Fail: fewer.
Inconclusive: nothing is recorded of it. So far nothing can be, hence this is the answer for every KPI.

Fix: none yet.
"""

from kpiascode.assess.probe import Case, Found, Probe, unknown
from kpiascode.model.assessment import Criterion


def check(case: Case) -> Found:
    """Return that readers are not known."""
    return unknown("No counts of readers are recorded yet, so whether anybody saw it is not known.")


PROBE = Probe(name="acknowledged", criterion=Criterion.COMMUNICATED, weight=1, gate=False, check=check)
