"""What is usual can be said only of what has been seen often enough.

Pass: at least 12 complete periods with a value.
Partial: 6 to 11; limits are then on trial.
Fail: never.
Inconclusive: fewer than 6.

Fix: load older rows, or choose a finer grain.
"""

from typing import Final

from kpiascode.assess.probe import Case, Found, Probe, partly, passed, unknown
from kpiascode.assess.sentences import counted, noun
from kpiascode.model.assessment import Criterion

ENOUGH: Final = 12
TRIAL: Final = 6


def check(case: Case) -> Found:
    """Return how many complete periods have a value."""
    points = sum(observation.value is not None for observation in case.series)
    reason = f"Has values of {counted(points, f'complete {noun(case.kpi.grain)}')}."
    if points >= ENOUGH:
        return passed(reason)
    fix = f"Load older rows, so that {ENOUGH} periods have a value, or choose a finer grain."
    return partly(reason, fix) if points >= TRIAL else unknown(reason, fix)


PROBE = Probe(name="enough-points", criterion=Criterion.QUANTIFIABLE, weight=1, gate=False, check=check)
