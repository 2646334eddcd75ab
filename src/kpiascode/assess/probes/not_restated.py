"""A past that keeps changing was never measured.

Looked at: the last six closed periods that were told after they were over, each time that they were told
since, and what they come to today. A difference beyond a billionth of the value is a restatement, whatever
its reason; that one was declared makes it honest, but not measured.

Pass: none of them moved.
Partial: one did.
Fail: two or more.
Inconclusive: there is no ledger, or none of them was looked at a second time yet.

Fix: find out what moved, and tell a period only when its data is complete.
"""

from collections.abc import Iterator
from datetime import datetime, time
from decimal import Decimal
from itertools import pairwise
from typing import Final

from kpiascode.assess.probe import Case, Found, Probe, failed, partly, passed, unknown
from kpiascode.assess.sentences import counted, listed, noun
from kpiascode.assess.told import NO_LEDGER, PUBLISH, cadence, closed_periods, total_told
from kpiascode.model.assessment import Criterion
from kpiascode.model.calendar import Period

LOOKED_AT: Final = 6
TOLERANCE: Final = Decimal("1e-9")


def check(case: Case) -> Found:
    """Return how many of the last periods have another value than they were told with."""
    if case.remembered.told is None:
        return unknown(f"{NO_LEDGER}, so whether its past was restated is not known.", PUBLISH)
    looks = {period.name: list(_looks(case, period)) for period in closed_periods(case, LOOKED_AT)}
    compared = {name: values for name, values in looks.items() if len(values) > 1}
    what = noun(cadence(case))
    if not compared:
        return unknown(
            f"None of the last {counted(len(looks), what)} was looked at again since it was told."
            if any(looks.values())
            else f"None of the last {counted(len(looks), what)} was told after it was over.",
            "Publish each period when it is over: `kpi publish` holds it against what was told before.",
        )
    moved = [name for name, values in compared.items() if any(_moved(a, b) for a, b in pairwise(values))]
    if not moved:
        return passed(f"Of {counted(len(compared), what)} told and looked at again, none has moved.")
    reason = f"{listed(moved)} moved after {'it was' if len(moved) == 1 else 'they were'} told."
    fix = f"Find out what moved {moved[-1]}, and tell a period only when its data is complete."
    return partly(reason, fix) if len(moved) == 1 else failed(reason, fix)


def _looks(case: Case, period: Period) -> Iterator[Decimal | None]:
    """Yield what a period came to each time that it was looked at after it was over.

    A publication that tells newer periods, and not this one, found it as it had been told.
    """
    end = datetime.combine(period.end, time.min)
    seen_from = None
    value: Decimal | None = None
    for telling in case.remembered.told or ():
        now = total_told(case, telling, period.name)
        as_of = telling.publication.as_of
        if as_of < end or (seen_from is None and now is None):
            continue
        before, value = value, value if now is None else now.value
        if seen_from is None or as_of > seen_from or _moved(before, value):
            yield value
        seen_from = max(as_of, seen_from or as_of)
    today = next((o for o in case.series if o.period == period), None)
    if today is not None and seen_from is not None and case.as_of > seen_from:
        yield today.value


def _moved(before: Decimal | None, after: Decimal | None) -> bool:
    """Return whether a value that was told has changed or gone; the first that is told has not."""
    if before is None or after is None:
        return before is not None and after is None
    return abs(after - before) > TOLERANCE * max(abs(before), abs(after))


PROBE = Probe(name="not-restated", criterion=Criterion.QUANTIFIABLE, weight=2, gate=False, check=check)
