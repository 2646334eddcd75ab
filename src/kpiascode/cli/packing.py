"""What the commands of `kpi pack` share: their options, the names that they take, and where they write."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

from kpiascode.cli.ledgers import refuse_overlap, store_of
from kpiascode.cli.options import (
    as_of_option,
    engine_options,
    found_project,
    keeping_day,
    moment,
    named,
    project_option,
    sound,
)
from kpiascode.cli.private import PACKS, refuse_public, write_private
from kpiascode.cli.restricted import source
from kpiascode.cli.text import safe
from kpiascode.model.project import Project, Restricted, Settings
from kpiascode.pipeline import packing, reading, restricted

_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The project, and the folder that is written to; both absolute."""

    home: Path
    target: Path


def output_options(command: _Command) -> _Command:
    """Add where documents are written, and in which form."""
    command = click.option(
        "--format",
        "form",
        type=click.Choice(packing.FORMS),
        default=packing.BOTH,
        show_default=True,
    )(command)
    command = click.option(
        "--output",
        type=click.Path(file_okay=False),
        metavar="DIR",
        help=f"A folder for you alone; default: {PACKS}/ beside kpiascode.yaml.",
    )(command)
    return project_option(command)


def computed_options(command: _Command) -> _Command:
    """Add what a command takes that computes KPIs, after where it writes."""
    return output_options(as_of_option(engine_options(command)))


def place_of(folder: str | None, output: str | None, ledger_folder: str | None = None) -> Place:
    """Return where the project is and where documents go, before anything is computed for them.

    Raises:
        click.UsageError: The folder is not for private files.
    """
    home = found_project(folder)
    target = Path(os.path.abspath(output)) if output else home / PACKS
    refuse_public(target)
    refuse_overlap(store_of(home, ledger_folder), target)
    return Place(home=home, target=target)


def write(place: Place, packed: packing.Packed) -> None:
    """Write the documents, readable by their owner alone, and say where they are."""
    here = Path.cwd()
    for path in write_private(place.target, packed.files, packed.until):
        click.echo(safe(str(path.relative_to(here) if path.is_relative_to(here) else path)))


# --- when


def at_the_end(given: str | None, end: date, settings: Settings) -> str | None:
    """Return the moment of the command line; without one the end of a cycle, unless that lies ahead."""
    if given is not None:
        return given
    return end.isoformat() if end <= moment(None, settings).date() else None


# --- what belongs to persons


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a name stands for, and the project that it was found in."""

    checked: reading.Checked
    value: Any


def with_persons(home: Path, where: restricted.Source, as_of: str | None) -> reading.Checked:
    """Return the project with what belongs to persons, or show its findings: also what may not be kept."""
    checked = restricted.check(home, where)
    if not checked.has_errors:
        checked = restricted.kept(checked, keeping_day(as_of, checked.project.settings))
    return sound(checked)


def found_with_persons(
    place: Place,
    name: str,
    given: str | None,
    as_of: str | None,
    *,
    of: Callable[[Project | Restricted], Mapping[str, Any]],
    noun: str,
) -> Found:
    """Return what a name stands for in the open repository, or in the restricted folder.

    That folder is read only where it is named, or the name is not in the open repository. Nothing is said of
    what may stand in a folder that was not read.

    Args:
        of: Where such names stand.
    """
    where = source(given, place.home)
    if given is None or where is None:
        checked = sound(reading.check(place.home))
        known = of(checked.project)
        if where is None or name in known:
            more = "What names a person stands in a restricted folder, and none is given: --restricted DIR."
            return Found(checked=checked, value=named(name, known, noun, more))
    checked = with_persons(place.home, where, as_of)
    known = {**of(checked.project), **of(checked.restricted)}
    return Found(checked=checked, value=named(name, known, noun))
