"""A KPI that nobody can find is not communicated.

Every scorecard is linked from the index of the site, and every KPI from its scorecards.

Pass: it is on a scorecard.
Fail: it is on none.
Inconclusive: never; the scorecards are declared.

Fix: put it on a scorecard.
"""

from kpiascode.assess.probe import Case, Found, Probe, failed, passed
from kpiascode.assess.sentences import listed, quoted
from kpiascode.model.assessment import Criterion


def check(case: Case) -> Found:
    """Return on which scorecards the KPI stands."""
    if not case.scorecards:
        return failed("Is on no scorecard.", f"Put it on a scorecard of {listed(_units(case), 'or')}.")
    return passed(f"Is on {listed([quoted(scorecard.title) for scorecard in case.scorecards])}.")


def _units(case: Case) -> list[str]:
    return [unit.title for unit in case.units] or ["its unit"]


PROBE = Probe(
    name="findable", criterion=Criterion.COMMUNICATED, weight=1, gate=False, check=check, looks_around=True
)
