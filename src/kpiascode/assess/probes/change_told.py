"""A definition that changes in silence makes two people argue over two numbers.

Pass: every change of formula, target or owner was told within one period.
Partial: at least half of them.
Fail: fewer.
Inconclusive: nothing is recorded of changes told. So far nothing can be, hence this is the answer for every
KPI.

Fix: none yet.
"""

from kpiascode.assess.probe import Case, Found, Probe, unknown
from kpiascode.model.assessment import Criterion


def check(case: Case) -> Found:
    """Return that change notes are not known."""
    return unknown("No change notes are recorded yet, so whether changes of it were told is not known.")


PROBE = Probe(name="change-told", criterion=Criterion.COMMUNICATED, weight=2, gate=False, check=check)
