"""The cut test: how much of a root goal falls when the KPI is taken away.

The results of a goal and the goals beneath it share the goal by weight; along each way from the root down
the shares multiply, and over several ways they add up. A KPI that carries next to nothing is watched for
other reasons than the goal.

Pass: at least 10 % of a root goal that runs now.
Partial: at least 5 %.
Fail: less, or no such goal.
Inconclusive: never; the goals are declared.

Fix: give the KPI more weight, or measure the goal by fewer KPIs.
"""

from decimal import Decimal
from typing import Final

from kpiascode.assess.probe import Case, Found, Probe, failed, partly, passed, unknown
from kpiascode.assess.sentences import percent, quoted
from kpiascode.model.assessment import Criterion

MUCH: Final = Decimal("0.10")
SOME: Final = Decimal("0.05")


def check(case: Case) -> Found:
    """Return the greatest share of a running root goal that the KPI carries."""
    audience = case.project.audience
    every = case.goals.stakes[case.kpi.name]
    stakes = [stake for stake in every if audience is None or stake.root.name not in audience.parted]
    if len(stakes) < len(every) and not (stakes and stakes[0].share >= MUCH):
        root = quoted(every[0].root.title)
        return unknown(f"Goals that are not shown here lead to {root} as well, so its share is not told.")
    if not stakes:
        return failed("Carries no part of a goal that runs now.", "Name it in the results of a goal.")
    root = quoted(stakes[0].root.title)
    reason = f"Carries {percent(stakes[0].share)} of {root}."
    fix = f"Give it more weight on the way to {root}, or measure that goal by fewer KPIs."
    if stakes[0].share >= MUCH:
        return passed(reason)
    return partly(reason, fix) if stakes[0].share >= SOME else failed(reason, fix)


PROBE = Probe(
    name="carries-weight", criterion=Criterion.CRUCIAL, weight=2, gate=False, check=check, looks_around=True
)
