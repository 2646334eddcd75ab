"""What ledger and repository remember, parted by KPI once, so that each probe finds its own."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from kpiascode.model.assessment import Evidence
from kpiascode.model.ledger import DefinitionChange, Mention, Publication, PublishedValue, Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What a publication says of one KPI.

    Args:
        at: When it was, a wall clock in UTC.
        totals: By grain and name of the period.
    """

    publication: Publication
    at: datetime
    told: Told
    totals: Mapping[tuple[str, str], PublishedValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What is remembered of one KPI.

    Args:
        told: The oldest first; None without a ledger.
        changes, mentions: The newest first; empty also where there is no repository.
        has_history: Whether there is a repository.
        since: The day before which it remembers nothing; None when it remembers everything.
        released: The day of the commit that brought the KPI; None where that is not remembered.
    """

    told: tuple[Telling, ...] | None
    changes: tuple[DefinitionChange, ...]
    mentions: tuple[Mention, ...]
    has_history: bool
    since: date | None
    released: date | None


def remembered(evidence: Evidence, kpis: Iterable[str]) -> dict[str, Remembered]:
    """Return what is remembered of each KPI."""
    history = evidence.history
    told: defaultdict[str, list[Telling]] = defaultdict(list)
    for publication in evidence.publications or ():
        for telling in _tellings(publication):
            told[telling.told.kpi].append(telling)
    changes: defaultdict[str, list[DefinitionChange]] = defaultdict(list)
    mentions: defaultdict[str, list[Mention]] = defaultdict(list)
    for change in () if history is None else history.changes:
        changes[change.kpi].append(change)
    for mention in () if history is None else history.mentions:
        mentions[mention.kpi].append(mention)
    return {
        name: Remembered(
            told=None
            if evidence.publications is None
            else tuple(sorted(told[name], key=lambda telling: telling.at)),
            changes=tuple(changes[name]),
            mentions=tuple(mentions[name]),
            has_history=history is not None,
            since=None if history is None else history.since,
            released=None if history is None else history.released.get(name),
        )
        for name in kpis
    }


def _tellings(publication: Publication) -> Iterable[Telling]:
    at = publication.at
    wall = at if at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None)
    totals: defaultdict[str, dict[tuple[str, str], PublishedValue]] = defaultdict(dict)
    for value in publication.values:
        if not value.slice:
            totals[value.kpi][value.grain, value.period] = value
    for told in publication.kpis:
        yield Telling(publication=publication, at=wall, told=told, totals=totals[told.kpi])
