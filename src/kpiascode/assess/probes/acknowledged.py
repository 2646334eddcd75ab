"""Sent is not read.

Counted over the publications of the newest period that was told, where both are counted: whom it came to,
and who opened, attended or viewed it. Counts only, no names.

Pass: at least half of them.
Partial: at least a quarter.
Fail: fewer.
Inconclusive: there is no ledger, its channels count no readers, or the counts are too small to be told.

Fix: publish with counts of readers, or ask why it is not read.
"""

from decimal import Decimal
from typing import Final

from kpiascode.assess.probe import Case, Found, Probe, failed, partly, passed, unknown
from kpiascode.assess.sentences import percent
from kpiascode.assess.told import NO_LEDGER, PUBLISH, Count, count, newest_told, people_reached
from kpiascode.model.assessment import Criterion, Outcome

HALF: Final = Decimal("0.50")
QUARTER: Final = Decimal("0.25")
ASK: Final = "Ask those who did not open it what they would need, or tell it where they look."


def check(case: Case) -> Found:
    """Return which share of those whom the newest period came to acknowledged it."""
    if case.remembered.told is None:
        return unknown(f"{NO_LEDGER}, so whether anybody saw it is not known.", PUBLISH)
    newest = newest_told(case)
    if newest is None:
        return unknown("None of its periods was told yet, so nobody can have seen it.", PUBLISH)
    name, around = newest
    counts = [
        (count(p.acknowledged), people)
        for p in around
        if p.acknowledged is not None and (people := people_reached(p)) is not None
    ]
    seen = sum((seen for seen, _ in counts), Count(0, 0))
    people = sum((people for _, people in counts), Count(0, 0))
    if not people.most:
        return unknown(
            f"For {name} no channel counted who saw it.",
            "Publish with `--recipients` and `--acknowledged` where a channel can count them.",
        )
    lowest = _outcome(Decimal(seen.least) / people.most)
    highest = _outcome(Decimal(min(seen.most, people.most)) / max(people.least, 1))
    reason = f"Of {people} people, {seen} acknowledged {name}"
    if lowest is not highest:
        return unknown(f"{reason}, which cannot be told more exactly.")
    reason = (
        f"{reason}, {percent(min(Decimal(seen.least) / people.least, Decimal(1)))}."
        if (seen.is_exact and people.is_exact)
        else f"{reason}."
    )
    match lowest:
        case Outcome.PASS:
            return passed(reason)
        case Outcome.PARTIAL:
            return partly(reason, ASK)
        case _:
            return failed(reason, ASK)


def _outcome(share: Decimal) -> Outcome:
    if share >= HALF:
        return Outcome.PASS
    return Outcome.PARTIAL if share >= QUARTER else Outcome.FAIL


PROBE = Probe(
    name="acknowledged",
    criterion=Criterion.COMMUNICATED,
    weight=1,
    gate=False,
    check=check,
    looks_around=True,
)
