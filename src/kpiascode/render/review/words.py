"""What a review says, whatever it is written in."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from kpiascode.model.changes import (
    GRADES,
    Approver,
    CardFlip,
    Change,
    ChangeClass,
    Flag,
    Flip,
    KpiNumbers,
    Proof,
    Review,
    Subject,
    SubjectKind,
    TimeEffect,
    ValuePair,
)
from kpiascode.model.project import Measure
from kpiascode.render.numbers import amount, apart, relative, signed
from kpiascode.render.words import STANDING, STATUS

SIGNS: Final = {
    ChangeClass.COSMETIC: "⚪",
    ChangeClass.METADATA: "⚪",
    ChangeClass.COMMUNICATION: "🔵",
    ChangeClass.OWNERSHIP: "🔵",
    ChangeClass.TARGET: "🟠",
    ChangeClass.GOVERNANCE: "🟠",
    ChangeClass.VALUE: "🔴",
    ChangeClass.INTERPRETATION: "🔴",
    ChangeClass.BREAKING: "🔴",
    ChangeClass.HISTORY: "🔴",
    ChangeClass.UNKNOWN: "🔴",
}
NOTHING: Final = "No KPI changes."
FLAGS: Final = {
    Flag.RUNNING_PERIOD: "of a period that is running or over",
    Flag.LOOSENED_WITH: "loosened together with what it guards",
    Flag.NO_EFFECTIVE_DATE: "no date from which it holds",
    Flag.DRAFT: "a draft",
    Flag.STANDARD: "an open improvement plan rests on it",
}
PROOFS: Final = {
    Proof.TEXT: "",
    Proof.TREE: "proven: it reads the same",
    Proof.CANONICAL: "proven: it means the same",
    Proof.DATA: "its total is the same in every period that was computed, which is no proof",
    Proof.UNKNOWN: "",
}


def verdict(review: Review) -> str:
    """Return what was changed by class, the gravest first: `1 value-changing, 2 metadata`."""
    counts = Counter(change.weight for change in review.changes)
    found = sorted(counts, key=GRADES.__getitem__, reverse=True)
    return ", ".join(f"{counts[one]} {one.value}" for one in found) or "no changes"


def headline(review: Review) -> str:
    """Return the sentence that a reader must not miss, with the number first; empty without one."""
    grave = [one for one in review.changes if GRADES[one.weight] >= GRADES[ChangeClass.VALUE]]
    for change in sorted(grave, key=lambda one: _importance(one, review), reverse=True):
        told = review.numbers.get(change.subject.name) if change.subject.kind is SubjectKind.KPI else None
        if told is None or told.last is None:
            continue
        pair, name = _worst(told), change.subject.name
        if pair.is_changed:
            return f"{name} of {pair.period.name} would read {from_to(pair, told)}{history(change)}."
    return ""


def _importance(change: Change, review: Review) -> tuple[bool, int, Decimal]:
    """Return what is told first: what was changed itself, then by goals, then by how far values differ."""
    size = _size(review.numbers.get(change.subject.name))
    return change.is_direct, len(change.reach.goals), size


def _worst(told: KpiNumbers) -> ValuePair:
    """Return the newest period that differs; without any the newest."""
    return told.changed[-1] if told.changed else told.pairs[-1]


def _size(told: KpiNumbers | None) -> Decimal:
    if told is None or not told.changed:
        return Decimal(0)
    ratio = _worst(told).ratio
    return Decimal("Infinity") if ratio is None else abs(ratio)


def history(change: Change) -> str:
    match change.effect:
        case TimeEffect.RESTATES:
            return ", and all of its past is restated"
        case TimeEffect.RETRO_DATED:
            return f", and its past from {change.since} on is restated"
        case TimeEffect.FROM_DATE:
            return f", from {change.since} on"
        case TimeEffect.NONE:
            return ""


def effect(change: Change) -> str:
    """Return which periods are concerned, for a cell of a table."""
    match change.effect:
        case TimeEffect.RESTATES:
            return "restated"
        case TimeEffect.RETRO_DATED:
            return f"restated from {_day(change.since)}"
        case TimeEffect.FROM_DATE:
            return f"from {_day(change.since)}"
        case TimeEffect.NONE:
            return "as it was"


def _day(day: date | None) -> str:
    return "?" if day is None else day.isoformat()


def from_to(pair: ValuePair, told: KpiNumbers) -> str:
    """Return `188 € instead of 200 € (−6.0 %)`."""
    if told.unit_before is None:
        return f"{value(pair.after, told.unit_after, None)}"
    if told.unit_after is None:
        return f"nothing instead of {value(pair.before, told.unit_before, None)}"
    after = value(pair.after, told.unit_after, pair.before)
    before = value(pair.before, told.unit_before, pair.after)
    in_points = told.unit_after is not None and told.unit_after.name == "percent"
    share = difference(pair, told) if in_points and pair.difference is not None else percent(pair, told)
    return f"{after} instead of {before}{f' ({share})' if share else ''}"


def value(number: Decimal | None, measure: Measure | None, other: Decimal | None) -> str:
    """Return a value with as many digits as tell it from the other."""
    if number is None or measure is None:
        return "no value"
    if other is None or other == number:
        return str(amount(number, measure))
    return str(apart(number, other, measure))


def difference(pair: ValuePair, told: KpiNumbers) -> str:
    if pair.difference is None or told.unit_after != told.unit_before or told.unit_after is None:
        return "n/a" if pair.is_changed and told.unit_before is not None else ""
    return str(signed(pair.difference, told.unit_after)) if pair.is_changed else "0"


def percent(pair: ValuePair, told: KpiNumbers) -> str:
    """Return the difference relative to the base; `n/a` where the base is zero."""
    if not pair.is_changed or pair.difference is None or told.unit_after != told.unit_before:
        return ""
    if told.unit_after is not None and told.unit_after.name == "percent":
        return ""  # points say it; a percentage of a percentage is read as one
    return "n/a" if pair.ratio is None else relative(pair.ratio)


def subject(one: Subject) -> str:
    match one.kind:
        case SubjectKind.PROJECT:
            return one.name or "kpiascode.yaml"
        case SubjectKind.KPI:
            return one.name
        case kind:
            return f"{kind.value.replace('_', ' ')} {one.name}"


def flip(one: Flip) -> str:
    why = ", merely by the redefinition" if one.by_redefinition else ""
    before, after = STATUS[one.before].text.lower(), STATUS[one.after].text.lower()
    slices = ", ".join(f"{name}={'null' if value is None else value}" for name, value in one.slice)
    what = f", {one.kpi}{f'[{slices}]' if slices else ''}" if one.kpi else " as a whole"
    return f"goal {one.goal}{what}: {before} → {after}{why}"


def all_flips(review: Review) -> list[str]:
    """Return what goals and scorecards would say otherwise, a line each."""
    return [*map(flip, review.flips), *map(card_flip, review.card_flips)]


def card_flip(one: CardFlip) -> str:
    before, after = STANDING[one.before].text.lower(), STANDING[one.after].text.lower()
    return f"scorecard {one.scorecard}, {one.kpi}: {before} → {after}"


def flags(change: Change) -> str:
    told = [FLAGS[flag] for flag in change.flags]
    proof = PROOFS[change.proof]
    return "; ".join([*told, proof] if proof else told)


def people(some: Iterable[Approver]) -> list[str]:
    """Return owners by their handles, or by their names where there are none."""
    found: dict[str, None] = {}
    for one in some:
        found |= dict.fromkeys(one.handles or (one.owner,))
    return list(found)


def where_from(review: Review) -> str:
    """Return where values came from, or why there are none."""
    if review.evaluated is None and review.numbers:
        return "values not evaluated: see each KPI"
    if review.evaluated is not None:
        return f"values from {review.evaluated}"
    return f"values not evaluated: {review.why_not}" if review.why_not else "no values to compare"
