"""A change between two periods, in words."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from kpiascode.model.assessment import Change
from kpiascode.model.project import Measure
from kpiascode.render.numbers import relative, signed
from kpiascode.render.words import period

RATES: Final = frozenset({"percent", "points", "ratio"})
MANIFOLD: Final = 10  # times the value before


@dataclass(frozen=True, slots=True)
class Moved:
    """A change: how much, whether that is better, and since when. `amount` is empty when it is not known."""

    amount: str
    verdict: str
    since: str


def moved(change: Change, measure: Measure) -> Moved:
    """Return a change: of rates the difference, else relative to the value before, unless that misleads."""
    since = period(change.before.period)
    if change.difference is None:
        return Moved("", "not known", since)
    if not change.difference:
        return Moved("unchanged", "", since)
    verdict = {True: "better", False: "worse", None: ""}[change.better]
    if change.relative is None or measure.name in RATES or _misleads(change, change.relative):
        return Moved(str(signed(change.difference, measure)), verdict, since)
    return Moved(relative(change.relative), verdict, since)


def _misleads(change: Change, ratio: Decimal) -> bool:
    """Return whether a relative change says little: a value is negative, or many times the one before."""
    values = (change.before.value, change.after.value)
    return abs(ratio) >= MANIFOLD or any(value is not None and value < 0 for value in values)
