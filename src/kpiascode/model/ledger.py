"""What was told to whom, and when: the published values of KPIs, as they stood then."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from kpiascode.model.observation import SliceKey

FEW = 5
"""Counts of people below this are not told: "fewer than five"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """A count of people, never their names. None: fewer than `FEW`."""

    number: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedValue:
    """One value as it was published.

    Args:
        period: The name of the period, such as `2026-10`; `start` and `end` are its days, half-open.
        value: None when it was undefined.
        unit: A currency, or the name of the unit.
        definition: Hash of everything that the value is computed by.
        watermark: The newest moment of the data behind it; None when not known.
        status: Against its target, as `Status` names it; None of a period that is not the newest.
        hash: Of this very line.
        restates: The hash of the value that it replaces; None of the first.
        reason: Why it was restated; None of the first.
        author: Who restated it; None of the first.
    """

    kpi: str
    grain: str
    period: str
    start: date
    end: date
    slice: SliceKey
    value: Decimal | None
    unit: str
    definition: str
    watermark: datetime | None
    status: str | None
    hash: str
    restates: str | None = None
    reason: str | None = None
    author: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a KPI was when it was published: what a reader of a change wants to know.

    Args:
        formula: Hash of how it is computed; the same as `PublishedValue.definition`.
        targets: Hash of what goals want of it.
        owner: The owner's name.
    """

    kpi: str
    formula: str
    targets: str
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One act of publishing: one segment of the ledger.

    Args:
        hash: Of the segment, which is its name.
        at: When, in UTC.
        as_of: From when the values are seen; a wall clock of the calendar's zone.
        commit: Of the definitions; None when not known.
        scorecard: Its name; None when all KPIs were published together.
        channel: `site`, `email`, `chat`, `pdf`, `meeting`.
        audiences: Names of org units.
        recipients, delivered, acknowledged: None when not counted.
        artefact: SHA-256 of what was sent; None when not told.
        note: What was said of changes; empty when nothing.
        parents: Hashes of the segments that were there and had no child yet.
    """

    hash: str
    at: datetime
    as_of: datetime
    commit: str | None
    scorecard: str | None
    channel: str
    audiences: tuple[str, ...]
    recipients: People | None
    delivered: People | None
    acknowledged: People | None
    artefact: str | None
    note: str
    parents: tuple[str, ...]
    kpis: tuple[Told, ...]
    values: tuple[PublishedValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionChange:
    """A commit that changed a KPI for its readers.

    Args:
        on: The day of the commit, in UTC.
        commit, subject: The commit and the first line of its message; both empty where they are not told.
        what: Some of `formula`, `target`, `owner`, in this order.
    """

    kpi: str
    on: date
    commit: str
    what: tuple[str, ...]
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A commit whose message names a KPI and says what was decided (`Decision: ...`).

    `commit` and `decision` are empty where they are not told.
    """

    kpi: str
    on: date
    commit: str
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What the repository remembers, newest first; from `since` on, where a shallow clone ends.

    Args:
        since: None when the whole history is there.
        released: By KPI, the day of the commit that brought it.
    """

    since: date | None
    released: dict[str, date]
    changes: tuple[DefinitionChange, ...]
    mentions: tuple[Mention, ...]
