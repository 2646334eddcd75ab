"""What is usual for a KPI, in words: its range, how it varies, what that means for its target."""

from decimal import Decimal
from typing import Final

from kpiascode.model.assessment import KpiAssessment
from kpiascode.model.project import Direction, Kpi
from kpiascode.model.signals import (
    Assurance,
    Basis,
    Behaviour,
    Hold,
    Limits,
    Rule,
    Segment,
    Signal,
    Standing,
    Variation,
)
from kpiascode.render.charts.lines import Sign
from kpiascode.render.numbers import amount, signed
from kpiascode.render.words import GRAIN, RULE, VARIATION, listing, period, plural

TOO_ALIKE: Final = 0.3
"""From this correlation of neighbours on, limits may be too tight."""


def newest(behaved: Behaviour) -> Segment | None:
    """Return the segment that judges; None where nothing is judged."""
    return behaved.segments[-1] if behaved.segments and behaved.segments[-1].limits else None


def variation_sentence(behaved: Behaviour) -> str:
    """Return how it varies, as a sentence: `Worse than usual since August 2026.`"""
    since = "" if behaved.since is None else f" since {period(behaved.since)}"
    match behaved.variation:
        case Variation.BETTER | Variation.WORSE:
            return f"{VARIATION[behaved.variation].text}{since}."
        case Variation.CHANGED:
            high = behaved.new is not None and behaved.new.high
            if behaved.new is not None and behaved.new.rule is Rule.TREND:
                return f"{'Rising' if high else 'Falling'}{since}."
            side = "higher" if high else "lower"
            return f"{side.capitalize()} than usual{since}."
        case Variation.USUAL:
            return "No unusual change."
        case Variation.TOO_FEW:
            return "There are too few periods to tell what is usual."
        case Variation.NOT_JUDGED:
            return behaved.refused or "What is usual cannot be told."


def assurance_sentence(behaved: Behaviour) -> str:
    """Return what its usual range means for its target; empty where that cannot be told."""
    match behaved.assurance:
        case Assurance.MEETS:
            return "All of its usual range meets the target."
        case Assurance.HIT_OR_MISS:
            return "The target lies inside its usual range, so a miss now and then is built in."
        case Assurance.MISSES:
            return "The target lies outside its usual range: change the process, or the target."
        case Assurance.NO_TARGET | Assurance.NOT_JUDGED:
            return ""


def standing_note(assessed: KpiAssessment) -> str:
    """Return in a few words why the headline is what it is; empty where the word says it all."""
    behaved = assessed.behaviour
    match assessed.standing:
        case Standing.ON_TRACK if behaved.assurance is Assurance.MEETS:
            return "reliably meets its target"
        case Standing.WATCH if behaved.assurance is Assurance.HIT_OR_MISS:
            return "hit or miss"
        case Standing.CANNOT:
            return "change the process, or the target"
        case Standing.ACT if behaved.variation is Variation.WORSE:
            return "worse than usual"
        case Standing.ON_TRACK if behaved.assurance is Assurance.MISSES:
            return "better than usual"
        case Standing.NO_VERDICT if assessed.data.late:
            return "data is late"
        case Standing.NO_VERDICT:
            has_value = assessed.current is not None and assessed.current.value is not None
            return "nothing to compare with" if has_value else "no value"
        case _:
            return ""


def limits_sentence(kpi: Kpi, assessed: KpiAssessment) -> str:
    """Return the usual range with what it comes from, or why there is none."""
    behaved = assessed.behaviour
    segment = newest(behaved)
    if segment is None or segment.limits is None:
        return variation_sentence(behaved)
    found = segment.limits
    periods = plural(found.points, GRAIN[segment.points[0].period.grain])
    source = {
        Hold.TRIAL: f"on trial, from {periods} only",
        Hold.MOVING: f"from all {periods}, locked from 24 on",
        Hold.LOCKED: f"locked, from the {periods} since {period(segment.points[0].period)}",
    }[found.hold]
    why = "" if segment.reason is None else f" Begun anew: {segment.reason.rstrip('. ')}."
    alike = behaved.correlation is not None and behaved.correlation > TOO_ALIKE
    tight = " Neighbouring values are alike, so the range may be too tight." if alike else ""
    return f"{_range(kpi, found, behaved.basis)} ({source}).{why}{tight}"


def _range(kpi: Kpi, found: Limits, basis: Basis) -> str:
    if basis is Basis.YEAR_DIFFERENCE:
        ends = f"{signed(found.lower, kpi.unit)} to {signed(found.upper, kpi.unit)}"
        return f"Usual against the year before: {ends}"
    lower, upper = clipped(kpi, found)
    return (
        f"Usual: {amount(lower, kpi.unit)} to {amount(upper, kpi.unit)}, mean {amount(found.mean, kpi.unit)}"
    )


def clipped(kpi: Kpi, found: Limits) -> tuple[Decimal, Decimal]:
    """Return the limits as they are drawn."""
    return kpi.usual(found.lower, found.upper, found.mean)


def signal_words(signal: Signal, kpi: Kpi) -> str:
    """Return what a signal is: `August to October 2026: higher, three of four nearer to ...`."""
    first, last = period(signal.first), period(signal.last)
    when = first if first == last else f"{first} to {last}"
    return f"{when}: {'high' if signal.high else 'low'}, {RULE[signal.rule]}"


def sign_of(signal: Signal, direction: Direction) -> Sign:
    match direction:
        case Direction.HIGHER:
            return Sign.BETTER if signal.high else Sign.WORSE
        case Direction.LOWER:
            return Sign.WORSE if signal.high else Sign.BETTER
        case Direction.BAND:
            return Sign.CHANGED


def cost_sentence(assessed: KpiAssessment, titles: list[str]) -> str:
    """Return what got worse in return; empty where nothing did."""
    return f"It got better at the cost of {listing(titles)}." if assessed.cost else ""
