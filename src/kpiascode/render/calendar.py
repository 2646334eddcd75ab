"""What is due as iCalendar (RFC 5545): one event for a whole day each. The library is an extra."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from kpiascode import __version__
from kpiascode.model.calendar import to_utc
from kpiascode.model.due import Due, DueKind
from kpiascode.model.project import Project, Restricted
from kpiascode.render.due import WHAT, who_words

HOW: Final = "A calendar file needs icalendar: pip install 'kpiascode[calendar]'"


class NoCalendar(Exception):
    """What makes calendar files is not there. Carries what to do."""


def calendar_file(found: Iterable[Due], project: Project, restricted: Restricted, as_of: datetime) -> bytes:
    """Return a calendar in which each thing that is due is an event on its day.

    An event keeps its name (UID) when its day moves, so that a calendar that takes the file again moves it.

    Raises:
        NoCalendar: when the library is not installed.
    """
    library = _library()
    stamp = to_utc(as_of, project.settings.calendar.timezone).replace(tzinfo=UTC)
    made = library.Calendar()
    made.add("prodid", f"-//kpiascode//kpi due {__version__}//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", _plain(f"{project.settings.name}: what is due"))
    for one in found:
        event = library.Event()
        event.add("uid", uid(one, project))
        event.add("dtstamp", stamp)
        event.add("dtstart", one.day)
        event.add("dtend", one.day + timedelta(days=1))
        event.add("transp", "TRANSPARENT")  # nobody is busy all day because of it
        event.add("summary", _plain(f"{WHAT[one.kind]}: {one.what}"))
        event.add("description", "\n".join(map(_plain, _lines(one, project, restricted))))
        made.add_component(event)
    text: bytes = made.to_ical()
    return text


def uid(one: Due, project: Project) -> str:
    """Return the name of an event: of what asks for it, and not of its day."""
    kind = DueKind.CHECK_IN if one.kind is DueKind.CLOSING else one.kind  # of a goal there is one at a time
    what = "\x1f".join((project.settings.name, kind.value, *one.of, one.position))
    return f"{sha256(what.encode()).hexdigest()[:32]}@kpiascode"


def _lines(one: Due, project: Project, restricted: Restricted) -> list[str]:
    lines = [one.within, who_words(one.who, project, restricted)]
    return [line for line in (*lines, f"{one.of[0]} {one.of[1]}") if line]


def _plain(text: str) -> str:
    """Return text on one line, without control characters; what else has a meaning the library writes out."""
    return "".join(character if character.isprintable() else " " for character in text)


def _library() -> Any:
    try:
        import icalendar
    except ImportError:
        raise NoCalendar(f"{HOW}.") from None
    return icalendar
