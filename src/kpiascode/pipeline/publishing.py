"""Publishing: the site, and what the ledger is to remember of it, both or neither."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from kpiascode import resolve
from kpiascode.model.assessment import Assessment
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.exact import EXACT, short
from kpiascode.model.expression import Type
from kpiascode.model.ledger import PublishedValue
from kpiascode.model.page import Page
from kpiascode.model.place import Place, Span
from kpiascode.model.project import Project
from kpiascode.pipeline.judging import Seen, judged, pages
from kpiascode.pipeline.ledger import read
from kpiascode.record import (
    CHANNELS,
    SHOWN,
    Announcement,
    Change,
    Ledger,
    Restatement,
    Segment,
    Store,
    announced,
    extended,
    is_sayable,
    segment_of,
)

__all__ = ["CHANNELS", "Announcement", "Published", "Refused", "Restatement", "is_sayable", "publishing"]

SKEW: Final = timedelta(minutes=5)
"""How far clocks of machines that publish may differ."""

_NOWHERE: Final = Place("", Span(0, 0, 0, 0))


class Refused(Exception):
    """What must not be published so; carries the findings. Nothing was changed."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__(f"{len(diagnostics)} findings")
        self.diagnostics = diagnostics


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What is published.

    Args:
        segments: One for each announcement that the ledger does not know already.
        changes: Closed periods that are told otherwise than before.
    """

    assessment: Assessment
    pages: tuple[Page, ...]
    segments: tuple[Segment, ...]
    changes: tuple[Change, ...]


@contextmanager
def publishing(
    seen: Seen,
    store: Store,
    announcements: Sequence[Announcement],
    templates: Mapping[str, str],
    now: Callable[[], datetime],
) -> Iterator[Published]:
    """Yield what is published, to be shown; once that went well it is in the ledger.

    The ledger is held all the while, so that publishers come one after the other.

    Args:
        templates: A team's own, by name.
        now: Gives the time in UTC.

    Raises:
        Refused: when closed periods have other values than were told, and nobody says why.
        WrongDefinitions: when the ledger is broken.
        WrongTemplate: when one of `templates` makes no page.
        OSError: when the machine refuses; before anything is shown, but for the very last step.
    """
    with store.held():
        found = read(store)
        assert found is not None, "it is held"
        ledger: Ledger = found
        made = judged(seen, ledger.publications)
        at = _moment(now(), ledger)
        doubles = frozenset(
            name
            for name, kpi in seen.project.kpis.items()
            if resolve.type_of(kpi.expression) not in (Type.INTEGER, Type.DECIMAL, Type.UNKNOWN)
        )
        segments: list[Segment] = []
        changes: list[Change] = []
        refused: dict[Diagnostic, None] = {}
        for announcement in announcements:
            drawn = announced(made, announcement, ledger, doubles, at)
            changes += drawn.changes
            if drawn.publication is not None:
                segments.append(segment_of(drawn.publication))
                ledger = extended(ledger, segments[-1].publication)
            elif announcement.restatement is None:
                refused |= {_changed(change, seen.project): None for change in drawn.changes}
        if refused:
            raise Refused(tuple(refused))
        with store.staged(tuple(segments)):
            after = judged(seen, ledger.publications) if segments else made
            yield Published(
                assessment=after,
                pages=pages(after, templates),
                segments=tuple(segments),
                changes=tuple(changes),
            )


def _moment(now: datetime, ledger: Ledger) -> datetime:
    """Return when something is published that comes after all that the ledger knows."""
    moment = now.replace(microsecond=0)
    last = ledger.latest or moment
    if last - moment > SKEW:
        raise Refused(
            (
                Diagnostic(
                    code="clock-behind-ledger",
                    message=f"This machine's clock shows {moment:%Y-%m-%d %H:%M} UTC, and the last "
                    f"publication was made at {last:%Y-%m-%d %H:%M} UTC.",
                    place=_NOWHERE,
                    hint="Set the clock right. A publication follows those that it knows.",
                ),
            )
        )
    return max(moment, last)


def _changed(change: Change, project: Project) -> Diagnostic:
    before, after = change.before, change.after
    if before.unit != after.unit:
        why = "the unit changed"
    elif before.definition != after.definition:
        why = "the definition changed"
    else:
        why = "the data changed"
    return Diagnostic(
        code="closed-period-changed",
        message=f"`{after.kpi}` of {after.period} was published as {_told(before)} and is {_told(after)} "
        f"now: {why}.",
        place=project.kpis[after.kpi].place,
        note=None
        if before.definition == after.definition
        else f"It was computed by definition {before.definition[:SHOWN]}, and is by "
        f"{after.definition[:SHOWN]}.",
        hint="If the new value is right, say so: --restate REASON --author NAME.",
    )


def _told(value: PublishedValue) -> str:
    """Return a value with as many digits as it takes to tell it from the other one."""
    if value.value is None:
        return "undefined"
    is_percent = value.unit == "percent"
    number = EXACT.multiply(value.value, Decimal(100)) if is_percent else value.value
    digits = format(number.normalize(EXACT) if number else Decimal(0), "f")
    return f"{digits if len(digits) <= 40 else short(number)} {'%' if is_percent else value.unit}"
