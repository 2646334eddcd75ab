"""A past that keeps changing was never measured.

Pass: none of the last six closed periods moved after it was published.
Partial: one did.
Fail: two or more.
Inconclusive: no published values are recorded. So far none can be, hence this is the answer for every KPI.

Fix: none yet.
"""

from kpiascode.assess.probe import Case, Found, Probe, unknown
from kpiascode.model.assessment import Criterion


def check(case: Case) -> Found:
    """Return that published values are not known."""
    return unknown("No published values are recorded yet, so whether its past was restated is not known.")


PROBE = Probe(name="not-restated", criterion=Criterion.QUANTIFIABLE, weight=2, gate=False, check=check)
