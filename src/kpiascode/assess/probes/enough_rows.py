"""A rate over few cases is mostly chance.

Counted is what a rate is divided by: rows, distinct things, the size of a cohort, the first step of a funnel.
The median of the last 12 complete periods is taken. A quotient of amounts, such as a margin, has no number of
cases.

Pass: at least 30 cases in a period.
Partial: at least 10.
Fail: fewer.
Inconclusive: they could not be counted.
Not applicable: it is no rate over a count.

Fix: read it at a coarser grain.
"""

from decimal import Decimal
from typing import Final

from kpiascode.assess.denominators import denominator_of
from kpiascode.assess.probe import Case, Found, Probe, failed, not_applicable, partly, passed, unknown
from kpiascode.assess.sentences import noun
from kpiascode.assess.statistics import median
from kpiascode.model.assessment import Criterion

ENOUGH: Final = 30
SOME: Final = 10


def check(case: Case) -> Found:
    """Return of how many cases the rate is taken in most periods."""
    if denominator_of(case.kpi, case.project.kpis) is None:
        return not_applicable("It is no rate over a count.")
    cases = case.evidence.cases.get(case.kpi.name)
    if not cases:
        return unknown("The cases that it is a rate of could not be counted.")
    middle = median(cases)
    what = noun(case.kpi.grain)
    reason = f"Half of its {what}s have {_shown(middle)} cases or fewer."
    fix = f"Read it at a coarser grain than the {what}, or add cases."
    if middle >= ENOUGH:
        return passed(f"In half of its {what}s it is a rate of {_shown(middle)} cases or more.")
    return partly(reason, fix) if middle >= SOME else failed(reason, fix)


def _shown(number: Decimal) -> str:
    return f"{number.normalize():f}"


PROBE = Probe(name="enough-rows", criterion=Criterion.QUANTIFIABLE, weight=1, gate=False, check=check)
