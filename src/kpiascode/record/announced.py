"""What a publication adds to the ledger: closed periods that were not told so before, and the newest ones."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import dropwhile
from typing import Any, Final

from kpiascode.model.assessment import Assessment, KpiAssessment
from kpiascode.model.canonical import fingerprint
from kpiascode.model.exact import EXACT
from kpiascode.model.ledger import FEW, People, Publication, PublishedValue, Told
from kpiascode.model.project import Kpi
from kpiascode.record.chained import Ledger, key_of
from kpiascode.record.segments import plain_decimal, run_of, with_hash

NEAR: Final = Decimal("1e-9")
"""How far apart two doubles may be, relative to the larger, and be the same: engines add in any order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restatement:
    """Why closed periods have other values than they were told with, and who says so."""

    reason: str
    author: str


FIRST: Final = Restatement(reason="There was no value when it was told.", author="kpi publish")


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """Who is told, and how.

    Args:
        scorecard: None: all KPIs.
        audiences: None: those of the scorecard.
        recipients, delivered, acknowledged: How many people; None when not counted.
        artefact: SHA-256 of what was sent; None when nothing was.
        restatement: None: values of closed periods must be those that were told.
    """

    scorecard: str | None
    channel: str
    audiences: tuple[str, ...] | None
    recipients: int | None = None
    delivered: int | None = None
    acknowledged: int | None = None
    artefact: str | None = None
    note: str = ""
    restatement: Restatement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A closed period whose value is not the one that was told."""

    before: PublishedValue
    after: PublishedValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """What comes of an announcement.

    Args:
        publication: None when the ledger knows all of it already, or when changes are not told as such.
        changes: Of closed periods.
    """

    publication: Publication | None
    changes: tuple[Change, ...]


def announced(
    made: Assessment, announcement: Announcement, ledger: Ledger, doubles: Collection[str], at: datetime
) -> Announced:
    """Return what a publication adds to the ledger.

    Args:
        at: Now, in UTC, to the second.
        doubles: KPIs whose values are no exact decimals.
    """
    names = _kpis(made, announcement.scorecard)
    values: list[PublishedValue] = []
    changes: list[Change] = []
    is_new = False
    for now, is_newest in _values(made, names, announcement.scorecard):
        before = ledger.told.get(key_of(now))
        if before is None:
            values.append(with_hash(now))
            is_new = True
        elif before.value is None and now.value is not None and before.unit == now.unit:
            values.append(_restated(now, before, FIRST))  # late data: nothing that was told has changed
            is_new = True
        elif not _is_same(before, now, now.kpi in doubles):
            restated = _restated(now, before, announcement.restatement)
            values.append(restated)
            changes.append(Change(before=before, after=restated))
        elif is_newest:  # as it was told: a difference below what counts must not add up
            values.append(with_hash(replace(now, value=before.value)))
    drawn = _publication(made, announcement, ledger, names, values, at)
    is_told = any(run_of(one) == run_of(drawn) for one in ledger.publications)
    refused = bool(changes) and announcement.restatement is None
    again = is_told and not is_new and not changes
    return Announced(publication=None if refused or again else drawn, changes=tuple(changes))


def _publication(
    made: Assessment,
    announcement: Announcement,
    ledger: Ledger,
    names: tuple[str, ...],
    values: list[PublishedValue],
    at: datetime,
) -> Publication:
    cards = made.project.scorecards
    audiences = announcement.audiences
    if audiences is None:
        chosen = [cards[announcement.scorecard]] if announcement.scorecard else cards.values()
        audiences = tuple(unit for card in chosen for unit in card.audiences)
    return Publication(
        hash="",
        at=at,
        as_of=made.as_of,
        commit=made.evidence.commit,
        scorecard=announcement.scorecard,
        channel=announcement.channel,
        audiences=tuple(sorted(set(audiences))),
        recipients=_people(announcement.recipients),
        delivered=_people(announcement.delivered),
        acknowledged=_people(announcement.acknowledged),
        artefact=announcement.artefact,
        note=announcement.note,
        parents=ledger.heads,
        kpis=tuple(_told(made, name) for name in names),
        values=tuple(values),
    )


def _people(number: int | None) -> People | None:
    return None if number is None else People(number=number if number >= FEW else None)


def _kpis(made: Assessment, scorecard: str | None) -> tuple[str, ...]:
    kpis = made.project.kpis if scorecard is None else made.project.scorecards[scorecard].kpis
    return tuple(sorted(kpis))


def _told(made: Assessment, name: str) -> Told:
    return Told(
        kpi=name,
        formula=made.evidence.definitions[name],
        targets=fingerprint(sorted(fingerprint(wanted) for wanted in _wanted(made, name))),
        owner=made.project.kpis[name].owner,
    )


def _wanted(made: Assessment, name: str) -> Iterator[Any]:
    """Yield what goals want of a KPI, without the words."""
    for goal in made.project.goals.values():
        for result in goal.results:
            if result.kpi == name:
                targets = tuple(replace(target, reason=None) for target in result.targets)
                yield goal.start, goal.end, replace(result, targets=targets)


# --- values


def _values(
    made: Assessment, names: tuple[str, ...], scorecard: str | None
) -> Iterator[tuple[PublishedValue, bool]]:
    """Yield the closed periods of KPIs as they are now, without hash, and whether each is the newest.

    Only totals are told: a slice may be as small as one person.
    """
    for name in names:
        own = made.kpis[name]
        yield from _series(made, own, own)
        for (other, grain), coarser in sorted(made.coarser.items(), key=lambda one: one[0][1].value):
            if other == name and (scorecard is None or grain is made.project.scorecards[scorecard].grain):
                yield from _series(made, coarser, own)


def _series(
    made: Assessment, read: KpiAssessment, own: KpiAssessment
) -> Iterator[tuple[PublishedValue, bool]]:
    ended = (one for one in read.series if one.complete and not one.slice)
    closed = list(dropwhile(lambda one: one.value is None, ended))  # before the first, nothing is told
    kpi = made.project.kpis[read.kpi]
    for one in closed:
        is_newest = one is closed[-1]
        yield (
            PublishedValue(
                kpi=kpi.name,
                grain=one.period.grain.value,
                period=one.period.name,
                start=one.period.start,
                end=one.period.end,
                slice=one.slice,
                value=None if one.value is None else Decimal(plain_decimal(one.value)),
                unit=_unit(kpi),
                definition=made.evidence.definitions[kpi.name],
                watermark=own.data.latest,
                status=own.status.value if is_newest and read is own else None,
                hash="",
            ),
            is_newest,
        )


def _unit(kpi: Kpi) -> str:
    return kpi.unit.currency or kpi.unit.name


def _restated(now: PublishedValue, before: PublishedValue, restatement: Restatement | None) -> PublishedValue:
    if restatement is None:
        return now
    return with_hash(replace(now, restates=before.hash, reason=restatement.reason, author=restatement.author))


def _is_same(before: PublishedValue, now: PublishedValue, is_double: bool) -> bool:
    if before.unit != now.unit or before.value is None or now.value is None:
        return (before.unit, before.value) == (now.unit, now.value)
    if not is_double:
        return before.value == now.value
    apart = EXACT.abs(EXACT.subtract(before.value, now.value))
    return apart <= EXACT.multiply(NEAR, max(abs(before.value), abs(now.value)))
