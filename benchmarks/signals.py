"""How often each set of rules is wrong, and how often it finds what is there: the table of docs/signals.md.

    python benchmarks/signals.py [SERIES]

Series of months are thrown with a `random.Random`, so the same number of them gives the same table. They are
noise: normal, with a standard deviation of 1, each month on its own, unless a row says otherwise. Limits and
signals are those of `kpi build`. The numbers are the share of series with a signal.
"""

import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random
from typing import Final

from kpiascode.assess.signals.limits import limits, with_ranges
from kpiascode.assess.signals.rules import signals
from kpiascode.model.calendar import Calendar, Grain
from kpiascode.model.project import SignalRules
from kpiascode.model.signals import Point, Rule

SERIES: Final = 4000
MONTHS: Final = Calendar().periods(Grain.MONTH, date(2020, 1, 1), date(2024, 1, 1))
ALL: Final = frozenset(Rule)
SETS: Final = {
    "outside": (SignalRules.DEFAULT, frozenset({Rule.OUTSIDE})),
    "outside, run": (SignalRules.DEFAULT, frozenset({Rule.OUTSIDE, Rule.RUN})),
    "default": (SignalRules.DEFAULT, ALL),
    "western_electric": (SignalRules.WESTERN_ELECTRIC, ALL),
    "nhs": (SignalRules.NHS, ALL),
}
"""By name: a preset, and those of its rules that count."""


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of series.

    Args:
        make: Throws one.
        baseline: From how many points the limits are made.
        last: A signal counts that holds one of so many points, counted from the last.
    """

    make: Callable[[Random], list[float]]
    baseline: int = 24
    last: int = 24


def noise(dice: Random, count: int, carried: float = 0) -> list[float]:
    """Return values of standard deviation 1, each of which carries on that share of the one before."""
    found = [dice.gauss(0, 1)]
    for _ in range(count - 1):
        found.append(carried * found[-1] + math.sqrt(1 - carried**2) * dice.gauss(0, 1))
    return found


def plain(dice: Random) -> list[float]:
    return noise(dice, 24)


def shifted(dice: Random) -> list[float]:
    """The last six of 24 months lie 2 standard deviations higher."""
    return [value + 2 * (at >= 18) for at, value in enumerate(noise(dice, 24))]


def wave(dice: Random, years: int) -> list[float]:
    """Each year swings 2 standard deviations up and down."""
    return [value + 2 * math.sin(math.tau * at / 12) for at, value in enumerate(noise(dice, 12 * years))]


def against_last_year(dice: Random) -> list[float]:
    """24 differences, from 36 months."""
    values = wave(dice, 3)
    return [value - ago for ago, value in zip(values, values[12:], strict=False)]


def over_twelve_months(dice: Random) -> list[float]:
    """24 means over the last twelve months."""
    values = noise(dice, 35)
    return [sum(values[at : at + 12]) / 12 for at in range(24)]


ROWS: Final = {
    "noise, limits from 24 points": Row(plain),
    "noise, limits from the first 12": Row(plain, baseline=12),
    "noise, limits from the first 6": Row(plain, baseline=6),
    "noise, told of the last point": Row(plain, last=1),
    "a shift by 2 sigma, found within 6 points": Row(shifted, baseline=18, last=6),
    "neighbours correlated by 0.3": Row(lambda dice: noise(dice, 24, 0.3)),
    "neighbours correlated by 0.6": Row(lambda dice: noise(dice, 24, 0.6)),
    "a yearly wave": Row(lambda dice: wave(dice, 2)),
    "a yearly wave, as differences to the year before": Row(against_last_year),
    "means over twelve months (refused)": Row(over_twelve_months),
}


def shares(row: Row, series: int) -> dict[str, float]:
    """Return by set of rules the share of series with a signal."""
    dice = Random(1)
    hits = dict.fromkeys(SETS, 0)
    for _ in range(series):
        found = _signals(row.make(dice), row)
        for name, (preset, counting) in SETS.items():
            hits[name] += bool(found[preset] & counting)
    return {name: count / series for name, count in hits.items()}


def _signals(values: list[float], row: Row) -> Mapping[SignalRules, set[Rule]]:
    """Return by preset the rules that found something."""
    exact = (Decimal(round(value * 1000)) for value in values)
    points = with_ranges(
        [Point(period=month, value=value, range=None) for month, value in zip(MONTHS, exact, strict=False)]
    )
    fresh = frozenset(point.period for point in points[-row.last :])
    found: dict[SignalRules, set[Rule]] = {}
    for preset in SignalRules:
        known = limits(points[: row.baseline], preset)
        assert known is not None
        found[preset] = {signal.rule for signal in signals(points, known, preset, fresh) if signal.new}
    return found


def main(series: int) -> None:
    print(f"| {series:,} series each | " + " | ".join(SETS) + " |")
    print("| --- |" + " --- |" * len(SETS))
    for name, row in ROWS.items():
        found = shares(row, series)
        print(f"| {name} | " + " | ".join(f"{100 * found[one]:.1f} %" for one in SETS) + " |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SERIES)
