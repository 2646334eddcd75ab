"""A definition that changes in silence makes two people argue over two numbers.

Looked at: the commits of the last year that changed formula, target or owner. One is told when, within one
period after it, a publication of the KPI came with a note, or told it with another formula, target or owner
than the publication before. The formula is what the definition of the KPI itself says: expression, filters,
dataset, time, grain and unit.

Pass: every change was told.
Partial: at least half of them.
Fail: fewer.
Inconclusive: there is no git history or no ledger, a change may still be told in time, or the history is cut
off within the last year and holds no change that was not told.
Not applicable: nothing was changed.

Fix: publish with a note that says what changed.
"""

from datetime import date
from typing import Final

from kpiascode.assess.probe import Case, Found, Probe, failed, not_applicable, partly, passed, unknown
from kpiascode.assess.sentences import counted, listed, on_day
from kpiascode.assess.told import NO_LEDGER, cadence
from kpiascode.model.assessment import Criterion
from kpiascode.model.calendar import Duration, Unit
from kpiascode.model.ledger import DefinitionChange

YEAR_BACK: Final = Duration(amount=-1, unit=Unit.YEAR)
SAY_IT: Final = "Say what changed with `kpi publish --note`."


def check(case: Case) -> Found:
    """Return how many of the changes of the last year were told."""
    known = case.remembered
    if not known.has_history:
        return unknown(
            "There is no git history, so whether its definition was changed is not known.",
            "Keep the definitions in a git repository.",
        )
    day = case.as_of.date()
    year_ago = case.project.settings.calendar.add(day, YEAR_BACK)
    changes = [change for change in known.changes if year_ago < change.on]
    is_cut = known.since is not None and known.since > year_ago
    if known.told is None and changes:
        return unknown(f"{NO_LEDGER}, so whether {_named(changes[0])} was told is not known.", SAY_IT)
    told = [change for change in changes if _is_told(case, change)]
    open_ones = [c for c in changes if c not in told and _deadline(case, c) > day]
    due = [change for change in changes if change not in open_ones]
    if len(told) < len(due):
        return _judged(due, told)
    if open_ones:
        until = on_day(_deadline(case, open_ones[-1]))
        return unknown(f"{_named(open_ones[-1], upper=True)} may still be told, until {until}.", SAY_IT)
    if is_cut:
        assert known.since is not None
        return unknown(
            f"What the repository remembers begins on {on_day(known.since)}, within the last year.",
            "Fetch the whole history: `git fetch --unshallow`.",
        )
    if not changes:
        return not_applicable("Neither formula nor target nor owner was changed within a year.")
    return passed(f"{_all(len(changes))} of formula, target or owner within a year was told.")


def _judged(due: list[DefinitionChange], told: list[DefinitionChange]) -> Found:
    silent = next(change for change in due if change not in told)
    reason = f"{_named(silent, upper=True)} was not told within one period."
    if told:
        reason = f"Of {counted(len(due), 'change')} within a year, {len(told)} told. {reason}"
    return partly(reason, SAY_IT) if len(told) * 2 >= len(due) else failed(reason, SAY_IT)


def _all(count: int) -> str:
    return "The only change" if count == 1 else f"Each of {count} changes"


def _named(change: DefinitionChange, *, upper: bool = False) -> str:
    the = "The" if upper else "the"
    commit = f" ({change.commit})" if change.commit else ""
    return f"{the} change of {listed(change.what)} on {on_day(change.on)}{commit}"


def _deadline(case: Case, change: DefinitionChange) -> date:
    """Return the day up to which a change is told in time: as long after it as its period lasts."""
    period = case.project.settings.calendar.period_holding(change.on, cadence(case))
    return change.on + (period.end - period.start)


def _is_told(case: Case, change: DefinitionChange) -> bool:
    before = None
    for telling in case.remembered.told or ():
        differs = before is not None and telling.told != before
        before = telling.told
        in_time = change.on <= telling.at.date() <= _deadline(case, change)
        if in_time and (differs or telling.publication.note.strip()):
            return True
    return False


PROBE = Probe(
    name="change-told", criterion=Criterion.COMMUNICATED, weight=2, gate=False, check=check, looks_around=True
)
