"""Where everything is a key indicator, nothing is.

Counted on the shortest scorecard that holds the KPI.

Pass: at most 7 KPIs.
Partial: 8 to 12.
Fail: more.
Inconclusive: never.
Not applicable: it is on no scorecard; other probes tell that.

Fix: move what is looked up, and not watched, to a scorecard of its own.
"""

from typing import Final

from kpiascode.assess.probe import Case, Found, Probe, failed, not_applicable, partly, passed
from kpiascode.assess.sentences import quoted
from kpiascode.model.assessment import Criterion

FEW: Final = 7
MANY: Final = 12


def check(case: Case) -> Found:
    """Return how many KPIs share its shortest scorecard."""
    if not case.scorecards:
        return not_applicable("It is on no scorecard.")
    shortest = min(case.scorecards, key=lambda scorecard: len(scorecard.kpis))
    title, count = quoted(shortest.title), len(shortest.kpis)
    fix = f"Keep at most {FEW} KPIs on {title} and move the others to a scorecard of their own."
    if count == 1:
        return passed(f"Is the only KPI on {title}.")
    reason = f"Is one of {count} KPIs on {title}."
    if count <= FEW:
        return passed(reason)
    return partly(reason, fix) if count <= MANY else failed(reason, fix)


PROBE = Probe(
    name="one-of-few", criterion=Criterion.CRUCIAL, weight=1, gate=False, check=check, looks_around=True
)
