"""Where what earlier runs found is kept: in the user's cache folder, or where KPI_CACHE_DIR says."""

import os
from pathlib import Path

import click

from kpiascode.pipeline.store import Store

cache_option = click.option(
    "--no-cache",
    "cache",
    is_flag=True,
    flag_value=False,
    default=True,
    help="Neither use nor keep what earlier runs found.",
)


def store(project: Path, *, used: bool) -> Store:
    """Return what earlier runs found; a folder that was asked for and is not used is told."""
    asked = os.environ.get("KPI_CACHE_DIR") or None
    found = Store(_folder(asked) if used else None, project)
    if used and asked is not None and (why := found.unfit) is not None:
        click.echo(f"note: KPI_CACHE_DIR is not used: {why}.", err=True)
    return found


def _folder(asked: str | None) -> Path | None:
    """Return an absolute path, or None where there is no home to keep anything in."""
    if asked is not None:
        return Path(os.path.abspath(asked))
    own = Path(os.environ.get("XDG_CACHE_HOME") or "")
    if own.is_absolute():
        return own / "kpiascode"
    home = Path(os.path.expanduser("~"))
    return home / ".cache" / "kpiascode" if home.is_absolute() else None
