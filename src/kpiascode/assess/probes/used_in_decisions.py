"""A KPI that never led to a decision is decoration.

A decision is a commit whose message names the KPI and has a line that begins with `Decision:`, on any branch
that was merged. It counts in the running period and in those before it, in the rhythm of the scorecards.

Pass: one within the last two periods.
Partial: one within the last four.
Fail: none.
Inconclusive: there is no git history, it is cut off too early, or the KPI is younger than two periods.

Fix: write down what was decided.
"""

from typing import Final

from kpiascode.assess.probe import Case, Found, Probe, failed, partly, passed, unknown
from kpiascode.assess.sentences import counted, noun, on_day, quoted
from kpiascode.assess.told import cadence
from kpiascode.model.assessment import Criterion
from kpiascode.model.calendar import Duration, Unit
from kpiascode.model.ledger import Mention

RECENT: Final = 2
AT_ALL: Final = 4


def check(case: Case) -> Found:
    """Return whether a decision of the last periods names the KPI."""
    known, calendar, rhythm = case.remembered, case.project.settings.calendar, cadence(case)
    write = (
        f"Write what was decided into a commit message that names `{case.kpi.name}`, "
        "on a line that begins with `Decision:`."
    )
    if not known.has_history:
        return unknown("There is no git history, so whether it is used in decisions is not known.", write)
    running = calendar.period_holding(case.as_of.date(), rhythm)
    recent, oldest = (
        calendar.shift(running, Duration(amount=-back, unit=Unit.PERIOD)) for back in (RECENT, AT_ALL)
    )
    if recent is None or oldest is None:
        return unknown("Has no earlier periods to look at.")
    mentions = [m for m in known.mentions if oldest.start <= m.on < running.end]
    for mention in mentions[:1]:
        said = f"A decision of {on_day(mention.on)} names it{_words(mention)}."
        if mention.on >= recent.start:
            return passed(said)
        return partly(f"{said} Since then none does.", write)
    if known.released is not None and known.released > recent.start:
        return unknown(
            f"Was brought on {on_day(known.released)}, less than {counted(RECENT, noun(rhythm))} ago."
        )
    if known.since is not None and known.since > oldest.start:
        return unknown(
            f"What the repository remembers begins on {on_day(known.since)}, and holds no decision by it.",
            write,
        )
    return failed(f"No decision of the last {counted(AT_ALL, noun(rhythm))} names it.", write)


def _words(mention: Mention) -> str:
    """Return what was decided; nothing for those who are not told."""
    return f": {quoted(mention.decision)} ({mention.commit})" if mention.decision else ""


PROBE = Probe(name="used-in-decisions", criterion=Criterion.CRUCIAL, weight=2, gate=False, check=check)
