"""Options that several commands share, and what they mean."""

import os
import re
import sys
from collections.abc import Callable, Mapping, Sized
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar
from zoneinfo import ZoneInfo

import click

from kpiascode.cli.engine_urls import own_file, url_of, variable
from kpiascode.cli.failures import Exit
from kpiascode.cli.text import safe
from kpiascode.model.calendar import Grain
from kpiascode.model.diagnostic import did_you_mean, one_of
from kpiascode.pipeline.connection import Connection, Url, WrongUrl, known_schemes, read_url
from kpiascode.pipeline.home import PROJECT_FILE, find_project

if TYPE_CHECKING:  # what takes long to import is left to those who need it
    from kpiascode.model.project import Project, Settings
    from kpiascode.pipeline import reading

_Command = TypeVar("_Command", bound=Callable[..., Any])
_Value = TypeVar("_Value")

GRAINS = [grain.value for grain in Grain]
YEARS: Final = range(1000, 9000)
MAX_SECONDS: Final = 7 * 24 * 60 * 60
URL_HINT: Final = "Write duckdb:///path/to/file.duckdb, or postgresql://user@host/database."


def project_option(command: _Command) -> _Command:
    return click.option(
        "--project",
        "folder",
        type=click.Path(file_okay=False),
        metavar="DIR",
        help="The folder of kpiascode.yaml; default: the nearest upward from here.",
    )(command)


def ledger_option(command: _Command) -> _Command:
    return click.option(
        "--ledger",
        "ledger_folder",
        type=click.Path(file_okay=False),
        metavar="DIR",
        help="The folder of the ledger; default: ledger/ beside kpiascode.yaml.",
    )(command)


def as_of_option(command: _Command) -> _Command:
    return click.option(
        "--as-of",
        "as_of",
        metavar="DATE",
        help="Look from this moment: rows at or after it are not seen. Default: today.",
    )(command)


def templates_option(command: _Command) -> _Command:
    return click.option(
        "--templates",
        type=click.Path(exists=True, file_okay=False),
        metavar="DIR",
        help="Your own templates; each takes the place of the one of its name.",
    )(command)


def audience_option(command: _Command) -> _Command:
    return click.option(
        "--audience",
        metavar="UNIT",
        help="Only what the people of this org unit may see, and what concerns them.",
    )(command)


def engine_options(command: _Command) -> _Command:
    command = click.option(
        "--engine",
        metavar="NAME|URL",
        help="A declared engine, or a URL such as duckdb:///path/to/file.duckdb (only read).",
    )(command)
    command = click.option(
        "--timeout",
        type=click.FloatRange(min=0.1, max=MAX_SECONDS),
        metavar="SECONDS",
        help="Stop a query after this long.",
    )(command)
    return click.option(
        "--memory-limit", metavar="SIZE", callback=_size, help="Of the embedded engine, such as 2GB."
    )(command)


def _size(context: click.Context, option: click.Parameter, text: str | None) -> str | None:
    if text is None or re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,3})? ?[KMGT]i?B", text, re.IGNORECASE):
        return text
    raise click.BadParameter("write a number and a unit, such as 512MB or 2GB.")


def found_project(folder: str | None) -> Path:
    """Return the folder of the project, or end with exit code 2 when there is none."""
    if folder is not None:
        path = Path(os.path.abspath(folder))
        if not (path / PROJECT_FILE).is_file():
            raise click.UsageError(f"{folder} holds no {PROJECT_FILE}. `kpi init` makes one.")
        return path
    here = find_project(Path.cwd())
    if here is None:
        raise click.UsageError(
            f"No {PROJECT_FILE} here or in a folder above. `kpi init` makes one; --project names its folder."
        )
    return here


def sound(checked: "reading.Checked") -> "reading.Checked":
    """Return the project when it has no errors; else show them and end with exit code 1."""
    if not checked.has_errors:
        return checked
    from kpiascode.cli.findings import summary
    from kpiascode.cli.formats.full import printed

    click.echo(printed(checked.diagnostics, checked.documents.sources), err=True)
    click.echo(f"\n{summary(checked.diagnostics)}. Nothing was computed.", err=True)
    raise click.exceptions.Exit(Exit.FINDINGS)


def named(name: str, known: Mapping[str, _Value], noun: str, more: str = "") -> _Value:
    """Return what a name stands for, or end with exit code 2 and say what there is.

    Args:
        more: What is said besides, whatever the name.
    """
    if name in known:
        return known[name]
    there = f"There are {one_of(known)}." if known else "There is none."
    hint = " ".join(part for part in (did_you_mean(name, known) or there, more) if part)
    raise click.UsageError(f"There is no {noun} `{safe(name[:60])}`. {hint}")


def for_audience(checked: "reading.Checked", unit: str | None) -> "reading.Checked":
    """Return the project as far as it may be shown to the people of a unit, or the whole of it for None."""
    if unit is None:
        return checked
    named(unit, sound(checked).project.org_units, "org unit")
    from kpiascode.pipeline.audience import narrowed

    return narrowed(checked, unit)


def moment(text: str | None, settings: "Settings") -> datetime:
    """Return `--as-of` as wall clock in the calendar's zone. A date is its first moment."""
    zone = ZoneInfo(settings.calendar.timezone)
    if text is None:
        return datetime.combine(datetime.now(UTC).astimezone(zone).date(), time())
    try:
        found = datetime.fromisoformat(text)
        local = found if found.tzinfo is None else found.astimezone(zone).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise click.UsageError(f"--as-of {text[:40]!r} is no date or moment; write 2026-01-31.") from None
    _check_year("--as-of", local)
    return local


def keeping_day(text: str | None, settings: "Settings") -> date:
    """Return the day on which it is asked what may still be kept: that of `--as-of`, or today if later."""
    return max(moment(text, settings), moment(None, settings)).date()


def day(option: str, text: str | None) -> date | None:
    """Return a day of the command line, or None where none was given."""
    if text is None:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"{option} {text[:40]!r} is no date; write 2026-01-31.") from None
    _check_year(option, found)
    return found


def _check_year(option: str, day: date) -> None:
    """Refuse what leaves no room for periods before and after."""
    if day.year not in YEARS:
        raise click.UsageError(
            f"{option} lies in the year {day.year}; choose one from {YEARS[0]} to {YEARS[-1]}."
        )


def chosen_kpis(names: tuple[str, ...], project: "Project") -> tuple[str, ...]:
    """Return the KPIs named, or all of them."""
    for name in names:
        if name not in project.kpis:
            hint = did_you_mean(name, project.kpis) or f"There are {one_of(project.kpis)}."
            raise click.UsageError(f"There is no KPI `{name[:60]}`. {hint}")
    return tuple(dict.fromkeys(names)) or tuple(project.kpis)


def connection(
    engine: str | None, timeout: float | None, memory_limit: str | None, settings: "Settings"
) -> Connection:
    """Return the engine that the command line or the project chooses, in this order.

    A connection never comes from the repository: a declared engine has its URL in the environment or in the
    user's own file.
    """
    if engine is not None and not engine.strip():
        raise click.UsageError("--engine is empty; it takes the name of a declared engine, or a URL.")
    name = engine or settings.default_engine
    url = engine if engine is not None and ":" in engine else None
    declared = None
    if url is None and name is not None:
        if name not in settings.engines:
            hint = did_you_mean(name, settings.engines) or "Declare it under `engines`, or give a URL."
            raise click.UsageError(f"There is no engine `{name[:60]}`. {hint}")
        declared = settings.engines[name]
        url = url_of(name)
    if url is None and declared is not None and declared.dialect != "duckdb":
        raise click.UsageError(
            f"Engine `{name}` needs a connection: set {variable(str(name))} to its URL, or write it into "
            f"{own_file()}."
        )
    seconds = timeout
    if seconds is None and declared is not None and declared.timeout is not None:
        seconds = declared.timeout.total_seconds()
    return Connection(
        url=None if url is None else _url(url),
        dialect=None if declared is None else declared.dialect,
        timeout_seconds=seconds,
        memory_limit=memory_limit,
    )


def _url(text: str) -> Url:
    """Return an address, or end with wrong usage that repeats nothing of it: it may hold a password."""
    try:
        url = read_url(text)
    except WrongUrl as wrong:
        raise click.UsageError(f"{wrong} {URL_HINT}") from None
    known = known_schemes()
    begins = tuple(scheme for scheme in known if scheme.endswith("+"))
    if url.scheme in begins or not (url.scheme in known or url.scheme.startswith(begins)):
        raise click.UsageError(
            f"There is no engine for `{url.scheme[:20]}`; there are {one_of(known, limit=20)}. {URL_HINT}"
        )
    if url.scheme == "duckdb" and (url.host or not url.path):
        raise click.UsageError(f"The URL of the engine names no file. {URL_HINT}")
    return url


def counted(things: Sized, noun: str) -> str:
    """Return how many there are, as `1 goal` or `2 goals`."""
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"


def progress(text: str) -> None:
    """Say what is going on, on a terminal only."""
    if sys.stderr is not None and sys.stderr.isatty():
        click.echo(text, err=True)
