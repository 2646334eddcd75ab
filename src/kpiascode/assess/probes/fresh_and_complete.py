"""A number that is late or has holes cannot be relied on, however well it is defined.

Holes are counted in the last twelve complete periods, from the first value on: a young KPI is not to blame
for the time before it.

Pass: its data is as new as promised, and at least 95 % of the periods have a value.
Partial: as new as promised, and at least 80 %.
Fail: late, or fewer.
Inconclusive: nobody promised how new the data must be, or it has not been run.

Fix: load the late dataset, declare `freshness`, or fill the holes.
"""

from decimal import Decimal
from itertools import dropwhile
from typing import Final

from kpiascode.assess.probe import Case, Found, Probe, failed, partly, passed, unknown
from kpiascode.assess.sentences import counted, in_code, lasting, noun
from kpiascode.model.assessment import Criterion, Trust

NEARLY_ALL: Final = Decimal("0.95")
MOST: Final = Decimal("0.80")
LOOKED_AT: Final = 12


def check(case: Case) -> Found:
    """Return whether the data is current and how many of the last periods have a value."""
    since_first = list(dropwhile(lambda o: o.value is None, case.series))[-LOOKED_AT:]
    if case.data.trust is Trust.LATE:
        late = in_code(case.data.late)
        by = "" if case.data.late_by is None else f" by {lasting(case.data.late_by)}"
        return failed(f"Its data is late{by}: {late}.", f"Load {late} as often as `freshness` promises.")
    if not since_first:
        return unknown("Has no value of a complete period yet.")
    given = sum(observation.value is not None for observation in since_first)
    has = f"Has a value in {given} of the last {counted(len(since_first), noun(case.kpi.grain))}"
    share = Decimal(given) / len(since_first)
    if share < MOST:
        return failed(f"{has}.", "Find out why the other periods have no value, and load what is missing.")
    if case.data.trust is Trust.UNKNOWN:
        return unknown(
            f"{has}, but nobody promised how new its data must be.", "Declare `freshness` on its datasets."
        )
    if share < NEARLY_ALL:
        return partly(f"{has}; its data is current.", "Load the rows of the periods without a value.")
    return passed(f"{has}; its data is current.")


PROBE = Probe(name="fresh-and-complete", criterion=Criterion.QUANTIFIABLE, weight=2, gate=False, check=check)
