"""What changed for a reader: definitions, targets, owners, values of closed periods, and what is no noise."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from kpiascode.model.assessment import Assessment
from kpiascode.model.calendar import Grain, Period
from kpiascode.model.ledger import Publication, PublishedValue, Told
from kpiascode.model.project import Kpi
from kpiascode.render.links import Link, kpi_link, owner_link, scorecard_link, thanked_link
from kpiascode.render.numbers import amount, apart
from kpiascode.render.usual import signal_words
from kpiascode.render.words import VARIATION, Word, day, listing, period, sentence

LATELY: Final = timedelta(days=366)
"""What is older than this stands in the history of the repository and in the ledger."""

PLAIN: Final = "plain"
DEFINED: Final = Word("Definition", "◆", PLAIN)
RESTATED: Final = Word("Restated", "◆", "watch")
NEW: Final = Word("New", "+", PLAIN)
NOTE: Final = Word("Note", "“", PLAIN)
THANKS: Final = Word("Thanks", "♥", PLAIN)
ASPECTS: Final = ("formula", "target", "owner")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """One change.

    Args:
        about: The KPI or scorecard.
        text: A sentence.
        source: Where it is recorded: a commit, a publication; empty for what the values say.
    """

    word: Word
    about: Link
    text: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfChanges:
    day: str
    lines: tuple[ChangeLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """A change.

    Args:
        seen: The day as of which it was so: a publication may tell today of what was so in March.
    """

    kpi: str
    on: date
    seen: date
    line: ChangeLine


def changes_of(
    names: Collection[str] | None, assessment: Assessment, *, since: date | None = None
) -> tuple[DayOfChanges, ...]:
    """Return what changed, the newest day first; within a day by name.

    Args:
        names: Of KPIs; None: all, and what was noted of scorecards.
        since: After this day; None: as far back as is shown at all.
    """
    last = assessment.as_of.date()
    first = last - LATELY if last - date.min > LATELY else date.min
    found = [
        change
        for change in _changes(assessment)
        if first <= change.on
        and change.seen <= last
        and (since is None or change.on > since)
        and (names is None or change.kpi in names)
    ]
    days = sorted({change.on for change in found}, reverse=True)
    return tuple(
        DayOfChanges(
            day=day(on),
            lines=tuple(
                change.line
                for change in sorted(found, key=lambda c: (c.line.about.text, c.kpi, c.line.text))
                if change.on == on
            ),
        )
        for on in days
    )


def last_issue(scorecard: str, assessment: Assessment) -> date | None:
    """Return the day on which a scorecard was last published; None where nothing is known of that."""
    told = (p.at.date() for p in assessment.evidence.publications or () if p.scorecard == scorecard)
    return max(told, default=None)


def _changes(assessment: Assessment) -> Iterator[_Change]:
    yield from _committed(assessment)
    yield from _published(assessment)
    yield from _signals(assessment)
    yield from _thanked(assessment)


# --- what the repository remembers


def _committed(assessment: Assessment) -> Iterator[_Change]:
    history = assessment.evidence.history
    if history is None:
        return
    for made in history.changes:
        yield _change(
            assessment,
            made.kpi,
            made.on,
            DEFINED,
            f"{_changed(made.what)}: {made.subject}" if made.subject else f"{_changed(made.what)}.",
            f"commit {made.commit[:7]}" if made.commit else "",
        )
    for name, on in history.released.items():
        if history.since is None or on > history.since:
            yield _change(assessment, name, on, NEW, "It was defined.", "")


def _changed(what: Iterable[str]) -> str:
    return sentence(f"{listing(list(what))} changed").rstrip(".")


# --- what the ledger remembers


def _published(assessment: Assessment) -> Iterator[_Change]:
    publications = assessment.evidence.publications or ()
    values = {value.hash: value for publication in publications for value in publication.values}
    before: dict[str, Told] = {}
    for publication in publications:
        on, seen = publication.at.date(), publication.as_of.date()
        source = f"published on {day(on)}"
        for told in publication.kpis:
            what = _told_differently(before.get(told.kpi), told)
            if what and not _is_committed(told.kpi, assessment):
                yield _change(assessment, told.kpi, on, DEFINED, f"{_changed(what)}.", source, seen)
            before[told.kpi] = told
        for value in publication.values:
            if value.restates is not None:
                was = values.get(value.restates)
                text = _restated(value, was, assessment)
                yield _change(assessment, value.kpi, on, RESTATED, text, source, seen)
        if publication.note:
            yield _noted(publication, assessment)


def _told_differently(before: Told | None, now: Told) -> tuple[str, ...]:
    if before is None:
        return ()
    pairs = ((before.formula, now.formula), (before.targets, now.targets), (before.owner, now.owner))
    return tuple(name for name, (was, is_now) in zip(ASPECTS, pairs, strict=True) if was != is_now)


def _is_committed(kpi: str, assessment: Assessment) -> bool:
    """Return whether the repository tells the changes of a KPI, with reasons; they are not told twice."""
    history = assessment.evidence.history
    return history is not None and any(change.kpi == kpi for change in history.changes)


def _restated(value: PublishedValue, was: PublishedValue | None, assessment: Assessment) -> str:
    kpi = assessment.project.kpis.get(value.kpi)
    when = _period_words(value)
    where = "".join(f", {name} {part if part is not None else '(none)'}" for name, part in value.slice)
    what = f"{when}{where}: {_told_value(value, was, kpi)}"
    if was is not None:
        what += f" instead of {_told_value(was, value, kpi)}"
    by = f" ({value.author})" if value.author else ""
    return f"{sentence(what)} {sentence(value.reason)[:-1]}{by}." if value.reason else sentence(what + by)


def _told_value(value: PublishedValue, other: PublishedValue | None, kpi: Kpi | None) -> str:
    """Return a published value with as many digits as tell it from the other."""
    if value.value is None:
        return "no value"
    if kpi is None:
        return f"{value.value:f} {value.unit}"
    against: Decimal | None = other.value if other else None
    return str(amount(value.value, kpi.unit) if against is None else apart(value.value, against, kpi.unit))


def _period_words(value: PublishedValue) -> str:
    try:
        grain = Grain(value.grain)
    except ValueError:  # of a later version
        return value.period
    return period(Period(grain=grain, name=value.period, start=value.start, end=value.end))


def _noted(publication: Publication, assessment: Assessment) -> _Change:
    card = publication.scorecard
    about = scorecard_link(assessment.project, card) if card else Link("All KPIs")
    line = ChangeLine(word=NOTE, about=about, text=publication.note, source=f"told by {publication.channel}")
    return _Change(kpi="", on=publication.at.date(), seen=publication.as_of.date(), line=line)


# --- what the values say


def _signals(assessment: Assessment) -> Iterator[_Change]:
    for name, assessed in assessment.kpis.items():
        behaviour = assessed.behaviour
        if behaviour.new is None:
            continue
        on = min(behaviour.new.last.end, assessment.as_of.date())  # when it could first be seen
        words = signal_words(behaviour.new, assessment.project.kpis[name])
        earlier = behaviour.since if behaviour.since != behaviour.new.first else None
        text = sentence(f"{words}; it began in {period(earlier)}" if earlier else words)
        yield _change(assessment, name, on, VARIATION[behaviour.variation], text, "")


# --- what people say


def _thanked(assessment: Assessment) -> Iterator[_Change]:
    """Yield the thanks that may be told: of persons only of those who agree on that day.

    Who does not agree any more by now is not in the project (`pipeline.audience.agreed`).
    """
    project, today = assessment.project, assessment.as_of.date()
    for one in project.performance.recognitions.values():
        if one.day <= today and one.may_be_told(today):
            program = project.performance.programs[one.program]
            value = next((value.title for value in program.values if value.name == one.value), "")
            line = ChangeLine(
                word=THANKS,
                about=thanked_link(project, one),
                text=f"{sentence(one.reason)} {sentence(value)}".strip(),
                source=f"says {owner_link(project, one.by).text}",
            )
            yield _Change(kpi="", on=one.day, seen=one.day, line=line)


def _change(
    assessment: Assessment,
    kpi: str,
    on: date,
    word: Word,
    text: str,
    source: str,
    seen: date | None = None,
) -> _Change:
    about = kpi_link(assessment, kpi)
    return _Change(
        kpi=kpi, on=on, seen=seen or on, line=ChangeLine(word=word, about=about, text=text, source=source)
    )
