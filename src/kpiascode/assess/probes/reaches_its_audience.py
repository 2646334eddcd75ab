"""Does it come to everybody whom it concerns?

It concerns the units that it applies to and the audiences of its `communication`. Counted are the people whom
the publications of the newest told period came to (or, where that was not counted, to whom they were sent),
of the headcount of those units. Never too many: of two channels to the same units the larger counts, and of
people in a larger audience only those who cannot belong to other units.

Where nobody counted, or a headcount is missing, it is asked who has a scorecard that holds it: a scorecard
reaches its own unit, its audiences and every unit beneath them. That is counted in people where every
headcount that is needed is declared, else in units.

Pass: at least 90 % are reached.
Partial: at least 60 %.
Fail: fewer.
Inconclusive: fewer than 5 people were counted somewhere, and it depends on how many.
Not applicable: it names no unit that it concerns.

Fix: put it on a scorecard, add the audience that is missing, or publish it to them as well.
"""

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from kpiascode.assess.probe import Case, Found, Probe, failed, not_applicable, partly, passed, unknown
from kpiascode.assess.sentences import listed, percent, quoted
from kpiascode.assess.told import Count, newest_told, people_reached, units_told
from kpiascode.model.assessment import Criterion, Outcome
from kpiascode.model.ledger import Publication
from kpiascode.model.project import Project

NEARLY_ALL: Final = Decimal("0.9")
MOST: Final = Decimal("0.6")


def check(case: Case) -> Found:
    """Return which share of those whom the KPI concerns it reaches."""
    concerned = _outermost(case)
    if not concerned:
        return not_applicable("It names no unit that it concerns.")
    newest = newest_told(case)
    if newest is not None:
        name, publications = newest
        counted = _people_reached(case, concerned, publications)
        if counted is not None:
            return _by_count(case, concerned, name, *counted)
    return _by_scorecards(case, concerned)


def _by_count(case: Case, concerned: tuple[str, ...], name: str, people: Count, of: int) -> Found:
    units = listed([_title(case.project, unit) for unit in concerned])
    lowest, highest = (_outcome(Decimal(number) / of) for number in (people.least, people.most))
    reason = f"{name} came to {people} of the {of} people that it concerns"
    if lowest is not highest:
        return unknown(f"{reason}, which cannot be told more exactly.")
    reason = f"{reason}, {percent(Decimal(people.least) / of)}." if people.is_exact else f"{reason}."
    fix = f"Publish it to the others of {units} as well."
    match lowest:
        case Outcome.PASS:
            return passed(reason)
        case Outcome.PARTIAL:
            return partly(reason, fix)
        case _:
            return failed(reason, fix)


def _outcome(share: Decimal) -> Outcome:
    if share >= NEARLY_ALL:
        return Outcome.PASS
    return Outcome.PARTIAL if share >= MOST else Outcome.FAIL


def _people_reached(
    case: Case, concerned: tuple[str, ...], publications: tuple[Publication, ...]
) -> tuple[Count, int] | None:
    """Return how many of those concerned were reached, and of how many; None where that was not counted."""
    heads = _headcount(case.project, concerned)
    counts: defaultdict[tuple[str, ...], list[Count]] = defaultdict(list)
    for publication in publications:
        audience = _without_inner(case.project, units_told(case, publication))
        people = people_reached(publication)
        outside = _outside(case.project, audience, concerned)
        if people is not None and audience and outside is not None:
            inside = _headcount(case.project, _meeting(case.project, audience, concerned))
            most = heads if inside is None else inside
            if most is not None:
                kept = Count(max(people.least - outside, 0), max(people.most - outside, 0))
                counts[audience].append(Count(min(kept.least, most), min(kept.most, most)))
    if not heads or not counts:
        return None
    least, most = (
        min(_union(case.project, counts, bound), heads)
        for bound in (lambda one: one.least, lambda one: one.most)
    )
    return Count(least, most), heads


def _union(
    project: Project, counts: dict[tuple[str, ...], list[Count]], bound: Callable[[Count], int]
) -> int:
    """Return how many people were reached at least: audiences that share nobody add up, others do not."""
    largest = sorted(((max(map(bound, found)), audience) for audience, found in counts.items()), reverse=True)
    total, taken = 0, set[str]()
    for number, audience in largest:
        units = {name for unit in audience for name in project.unit_and_below(unit)}
        if not units & taken:
            total += number
            taken |= units
    return total


def _outside(project: Project, audience: tuple[str, ...], concerned: tuple[str, ...]) -> int | None:
    """Return how many people of an audience it does not concern; None where that is not known."""
    outside = 0
    for unit in audience:
        if any(unit in project.unit_and_below(one) for one in concerned):
            continue
        inner = _headcount(project, _meeting(project, (unit,), concerned))
        whole = project.org_units[unit].headcount
        if whole is None or inner is None:
            return None
        outside += max(whole - inner, 0)
    return outside


def _meeting(project: Project, audience: tuple[str, ...], concerned: tuple[str, ...]) -> tuple[str, ...]:
    """Return the units in which an audience and those concerned meet: of two that meet the inner one."""
    inner = [unit for unit in audience if any(unit in project.unit_and_below(one) for one in concerned)]
    outer = [one for one in concerned if any(one in project.unit_and_below(unit) for unit in audience)]
    return _without_inner(project, (*inner, *outer))


def _headcount(project: Project, units: tuple[str, ...]) -> int | None:
    """Return the people of units of which none lies in another; None where one is not declared."""
    heads = [project.org_units[unit].headcount for unit in units]
    return None if None in heads else sum(head or 0 for head in heads)


def _by_scorecards(case: Case, concerned: tuple[str, ...]) -> Found:
    """Return which share of those whom the KPI concerns has a scorecard that holds it."""
    project = case.project
    told = {unit for card in case.scorecards for unit in (card.org_unit, *card.audiences)}
    reached = frozenset(name for unit in told for name in project.unit_and_below(unit))
    share, of_whom = _share_of_people(project, concerned, reached), "people"
    if share is None:
        share, of_whom = _share_of_units(project, concerned, reached), "units"
    if not case.scorecards:
        return failed("Is on no scorecard.", f"Put it on a scorecard of {_title(project, concerned[0])}.")
    reason = f"Its scorecards reach {percent(share)} of the {of_whom} that it concerns."
    if share >= NEARLY_ALL:
        return passed(reason)
    missing = _title(project, _first_missing(project, concerned, reached))
    fix = f"Add {missing} to the audiences of {quoted(case.scorecards[0].title)}."
    return partly(reason, fix) if share >= MOST else failed(reason, fix)


def _outermost(case: Case) -> tuple[str, ...]:
    """Return the units that it concerns, without those that lie in another of them."""
    audiences = case.kpi.communication.audiences if case.kpi.communication else ()
    return _without_inner(case.project, (*case.kpi.applies_to, *audiences))


def _without_inner(project: Project, units: tuple[str, ...]) -> tuple[str, ...]:
    """Return units, each once, without those that lie in another of them."""
    return tuple(
        unit
        for unit in dict.fromkeys(units)
        if not any(above in units for above in project.unit_and_above(unit)[1:])
    )


def _share_of_units(project: Project, concerned: tuple[str, ...], reached: frozenset[str]) -> Decimal:
    units = {name for unit in concerned for name in project.unit_and_below(unit)}
    return Decimal(len(units & reached)) / len(units)


def _share_of_people(project: Project, concerned: tuple[str, ...], reached: frozenset[str]) -> Decimal | None:
    """Return the share of the headcounts; None where one that is needed is not declared, or all are zero."""
    all_people = [project.org_units[unit].headcount for unit in concerned]
    told = [
        project.org_units[unit].headcount
        for whole in concerned
        for unit in project.unit_and_below(whole)
        if unit in reached and (unit == whole or project.org_units[unit].parent not in reached)
    ]
    if None in all_people or None in told:
        return None
    total = sum(people or 0 for people in all_people)
    return min(Decimal(sum(people or 0 for people in told)) / total, Decimal(1)) if total else None


def _first_missing(project: Project, concerned: tuple[str, ...], reached: frozenset[str]) -> str:
    return next(unit for unit in concerned if unit not in reached)


def _title(project: Project, unit: str) -> str:
    return project.org_units[unit].title


PROBE = Probe(
    name="reaches-its-audience",
    criterion=Criterion.COMMUNICATED,
    weight=2,
    gate=False,
    check=check,
    looks_around=True,
)
