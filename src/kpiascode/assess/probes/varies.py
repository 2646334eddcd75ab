"""A number that never moves tells nobody anything.

Pass: at least three different values in the last 12 complete periods.
Fail: fewer.
Inconclusive: fewer than 12 complete periods have a value.

Fix: measure something that moves, or retire it.
"""

from typing import Final

from kpiascode.assess.probe import Case, Found, Probe, failed, passed, unknown
from kpiascode.assess.sentences import counted, noun
from kpiascode.model.assessment import Criterion

LOOKED_AT: Final = 12
DIFFERENT: Final = 3


def check(case: Case) -> Found:
    """Return how many different values the last periods had."""
    values = [o.value for o in case.series if o.value is not None][-LOOKED_AT:]
    what = noun(case.kpi.grain)
    if len(values) < LOOKED_AT:
        return unknown(f"Has values of only {counted(len(values), what)}, too few to see whether it varies.")
    different = len(set(values))
    reason = f"Took {counted(different, 'different value')} in the last {counted(LOOKED_AT, what)}."
    if different >= DIFFERENT:
        return passed(reason)
    return failed(reason, "Choose a measure that moves when the work does, or retire it.")


PROBE = Probe(name="varies", criterion=Criterion.RELEVANT, weight=1, gate=False, check=check)
