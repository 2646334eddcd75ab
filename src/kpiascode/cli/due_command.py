"""`kpi due`: what somebody has to do, and by when."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import click

from kpiascode.cli.failures import Exit, MachineFailure
from kpiascode.cli.options import found_project, keeping_day, moment, named, project_option, sound
from kpiascode.cli.private import write_private
from kpiascode.cli.restricted import asked_restricted_option, asked_source
from kpiascode.cli.text import aligned, safe
from kpiascode.cli.writing import chosen_file, refuse_other, replace_file
from kpiascode.model.calendar import Duration, Unit
from kpiascode.model.document import kept_until
from kpiascode.model.due import Due
from kpiascode.model.performance import KEPT, PersonRef, Role
from kpiascode.pipeline import due, reading, restricted

TEXT: Final = "text"
JSON: Final = "json"
ICS: Final = "ics"


def _duration(context: click.Context, option: click.Parameter, text: str) -> Duration:
    found = re.fullmatch(r"([0-9]{1,3}) ?(day|week|month|quarter|year)s?", text)
    if found is None:
        raise click.BadParameter("write a number and a unit, such as '14 days' or '1 month'.")
    return Duration(amount=int(found[1]), unit=Unit(found[2]))


@click.command(epilog="Example: kpi due --within '1 month' --owner head_of_sales")
@click.option(
    "--as-of", "as_of", metavar="DATE", help="The day on which it is judged what is overdue. Default: today."
)
@click.option(
    "--within",
    metavar="TIME",
    default="14 days",
    show_default=True,
    callback=_duration,
    help="How far to look ahead.",
)
@click.option("--owner", metavar="NAME", help="Only what this owner has to do.")
@click.option("--org-unit", metavar="NAME", help="Only what concerns this unit, or one beneath it.")
@click.option("--format", "form", type=click.Choice([TEXT, JSON, ICS]), default=TEXT, show_default=True)
@click.option("--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write there.")
@asked_restricted_option
@project_option
def command(
    as_of: str | None,
    within: Duration,
    owner: str | None,
    org_unit: str | None,
    form: str,
    output: str | None,
    restricted: str | None,
    folder: str | None,
) -> int:
    """List what is overdue, then what is due soon.

    These are check-ins and milestones of goals, deadlines of reviews, reviews and actions of open improvement
    plans, feedback windows that close, and one-on-ones. Nothing is computed, so it needs no data.

    With --restricted also what the documents of persons ask for. A file that is written then is one that only
    you may read, in a folder for such files.
    """
    home = found_project(folder)
    target = chosen_file(output, "list")
    checked = _read(home, restricted)
    for name, known, noun in (
        (owner, checked.project.owners, "owner"),
        (org_unit, checked.project.org_units, "org unit"),
    ):
        if name is not None:
            named(name, known, noun)
    settings = checked.project.settings
    now, keeping = moment(as_of, settings), keeping_day(as_of, settings)
    checked = _still_kept(checked, keeping)
    last = settings.calendar.add(now.date(), within)
    found = tuple(
        one for one in due.is_due(checked, now.date(), last) if due.concerns(one, checked, owner, org_unit)
    )
    match form:
        case "ics":
            try:
                told = due.as_calendar(found, checked, now)
            except due.NoCalendar as missing:
                raise MachineFailure(str(missing)) from None
        case "json":
            told = f"{_as_json(found, now.date(), last)}\n".encode()
        case _:
            told = f"{_as_text(found, now.date(), last)}\n".encode()
    if target is None:
        click.echo(told if form == ICS else told.decode(), nl=False)
    elif restricted is None:
        replace_file(home, target, told, over=_is_list)
    else:
        _write_private(target, told, checked, keeping)
    return Exit.CLEAN


def _read(home: Path, given: str | None) -> reading.Checked:
    return sound(restricted.read(home, asked_source(given, home)))


def _still_kept(checked: reading.Checked, day: date) -> reading.Checked:
    return replace(checked, restricted=restricted.without_over(checked.restricted, day))


def _is_list(head: bytes) -> bool:
    """Return whether a file is what this command wrote before."""
    is_json = head.startswith(b"{") and b'"as_of"' in head and b'"due"' in head
    return is_json or head.startswith((b"BEGIN:VCALENDAR", b"On ", b"Nothing is overdue on "))


def _write_private(target: Path, told: bytes, checked: reading.Checked, day: date) -> None:
    """Write a file that only its owner may read, kept no longer than a document or a quarter of a year."""
    if (
        target.name.startswith(".")
        or not re.fullmatch(r"[^\\:]+", target.name)
        or not target.name.isprintable()
    ):
        raise click.UsageError("With --restricted the name of the file is a plain one, such as due.ics.")
    refuse_other(target, _is_list)
    days = map(kept_until, checked.restricted.documents.values())
    until = min((one for one in days if one is not None and one > day), default=day + KEPT)
    write_private(target.parent, {target.name: told.decode()}, {target.name: min(until, day + KEPT)})


# --- what is told


def _as_text(found: Sequence[Due], day: date, last: date) -> str:
    overdue = sum(one.day < day for one in found)
    if not found:
        return f"Nothing is overdue on {day}, and nothing due up to {last}."
    rows = [
        (
            _when(one.day, day),
            one.day.isoformat(),
            due.WHAT[one.kind],
            safe(f"{one.what} ({one.within})" if one.within else one.what),
            safe(_name(one.who) or ""),
        )
        for one in found
    ]
    head = f"On {day}: {overdue} overdue, {len(found) - overdue} due up to {last}."
    return "\n".join((head, "", *aligned(rows, last_right=False)))


def _when(due_on: date, day: date) -> str:
    days = (due_on - day).days
    if not days:
        return "today"
    counted = f"{abs(days):,} {'day' if abs(days) == 1 else 'days'}"
    return f"{counted} overdue" if days < 0 else f"in {counted}"


def _name(who: Role | None) -> str | None:
    return who.person if isinstance(who, PersonRef) else who


def _as_json(found: Sequence[Due], day: date, last: date) -> str:
    told = {
        "as_of": day.isoformat(),
        "until": last.isoformat(),
        "due": [
            {
                "day": one.day.isoformat(),
                "overdue": one.day < day,
                "what": one.kind.value,
                "title": one.what,
                "kind": one.of[0],
                "name": one.of[1],
                "within": one.within or None,
                "owner": None if isinstance(one.who, PersonRef) else one.who,
                "person": one.who.person if isinstance(one.who, PersonRef) else None,
                "org_units": list(one.units),
            }
            for one in found
        ],
    }
    return json.dumps(told, indent=1, ensure_ascii=False)
