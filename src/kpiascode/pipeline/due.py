"""From a project to what is due. Nothing is computed for it: no engine, no data."""

from datetime import date, datetime

from kpiascode.assess.due import due
from kpiascode.model.due import Due, DueKind
from kpiascode.model.performance import PersonRef
from kpiascode.pipeline.reading import Checked
from kpiascode.render.calendar import NoCalendar, calendar_file
from kpiascode.render.due import WHAT

__all__ = ["WHAT", "Due", "DueKind", "NoCalendar", "as_calendar", "concerns", "is_due"]


def is_due(checked: Checked, day: date, last: date) -> tuple[Due, ...]:
    """Return what is overdue or due up to a last day; of persons what the project was read with."""
    return due(checked.project, checked.restricted, day, last)


def concerns(one: Due, checked: Checked, owner: str | None, unit: str | None) -> bool:
    """Return whether an owner has to do it, and whether it concerns a unit or one beneath it; None: any."""
    who = one.who
    if isinstance(who, PersonRef):
        person = checked.restricted.persons.get(who.person)
        who = None if person is None else person.role
    of_unit = unit is None or not set(one.units).isdisjoint(checked.project.unit_and_below(unit))
    return of_unit and (owner is None or who == owner)


def as_calendar(found: tuple[Due, ...], checked: Checked, as_of: datetime) -> bytes:
    """Return it as iCalendar; the same for the same project and moment.

    Raises:
        NoCalendar: when what makes it is not installed.
    """
    return calendar_file(found, checked.project, checked.restricted, as_of)
