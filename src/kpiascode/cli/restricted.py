"""The option `--restricted`: where what belongs to persons is, for the few commands that read it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from kpiascode.cli.recalled import git_of
from kpiascode.cli.text import safe

if TYPE_CHECKING:  # what takes long to import is left to those who need it
    from kpiascode.pipeline.restricted import Source

_Command = TypeVar("_Command", bound=Callable[..., Any])

FOLDER: Final = "KPI_RESTRICTED"
IDENTITY: Final = "KPI_AGE_IDENTITY"


def restricted_option(command: _Command) -> _Command:
    """Add the option for a command that reads the usual folder by itself: see `source`."""
    return click.option(
        "--restricted",
        metavar="DIR",
        help=f"Where what belongs to persons is. Default: {FOLDER}, or restricted/ beside kpiascode.yaml.",
    )(command)


def asked_restricted_option(command: _Command) -> _Command:
    """Add the option for a command that reads the folder only when it is named: see `asked_source`."""
    return click.option(
        "--restricted",
        metavar="DIR",
        help="Look at what belongs to persons in DIR, too.",
    )(command)


def source(given: str | None, home: Path) -> "Source | None":
    """Return the folder that is named, else the one of the environment, else the usual one; None without any.

    Raises:
        click.UsageError: The folder that is named is not there.
    """
    from kpiascode.pipeline.restricted import DEFAULT

    if given is None:
        given = os.environ.get(FOLDER) or None
        if given is not None and not os.path.lexists(given):
            raise click.UsageError(f"{FOLDER}: there is no folder `{safe(given[:80])}`.")
    if given is None and os.path.lexists(home / DEFAULT):
        return _source(home / DEFAULT, home)
    return asked_source(given, home)


def asked_source(given: str | None, home: Path) -> "Source | None":
    """Return the folder that is named; None without any.

    Raises:
        click.UsageError: It is not there.
    """
    if given is None:
        return None
    if not given or not os.path.lexists(given):
        raise click.UsageError(f"--restricted: there is no folder `{safe(given[:80])}`.")
    return _source(Path(os.path.abspath(given)), home)


def _source(folder: Path, home: Path) -> "Source":
    from kpiascode.pipeline.restricted import Source

    key = os.environ.get(IDENTITY) or None
    return Source(
        folder=folder, identity=None if key is None else Path(os.path.abspath(key)), git=git_of(home)
    )
