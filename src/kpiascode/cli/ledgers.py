"""The ledger that a command is about."""

import os
from pathlib import Path

import click

from kpiascode.cli.options import found_project
from kpiascode.cli.text import safe
from kpiascode.pipeline import ledger


def store_of(home: Path, folder: str | None) -> ledger.Store:
    """Return the ledger of a project, or the one that the command line names."""
    return ledger.store_of(home, None if folder is None else Path(os.path.abspath(folder)))


def needed_store(project: str | None, folder: str | None) -> ledger.Store:
    """Return a ledger that is there, or end with exit code 2."""
    store = store_of(found_project(project), folder)
    if not store.exists():
        raise click.UsageError(f"There is no ledger at {store.folder}. `kpi publish` begins one.")
    return store


def needed(project: str | None, folder: str | None) -> ledger.Ledger:
    """Return what a ledger that is there holds; one that is broken ends with its findings."""
    found = ledger.read(needed_store(project, folder))
    assert found is not None, "it is there"
    return found


def refuse_overlap(store: ledger.Store, written: Path) -> None:
    """Refuse to write into the ledger, or to keep it where a build replaces everything.

    Args:
        written: The folder of the site, or a file; absolute.

    Raises:
        click.UsageError: when one lies inside the other.
    """
    kept, place = store.folder.resolve(), written.resolve()
    if kept == place or kept.is_relative_to(place) or place.is_relative_to(kept):
        raise click.UsageError(
            f"{safe(str(written))} and the ledger at {safe(str(store.folder))} must lie apart, since what is "
            "written would destroy the ledger. Choose another place with --output or --ledger."
        )
