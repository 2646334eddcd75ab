"""Reads a team's own templates: from a folder that the command line names, and from nowhere else."""

import os
import stat
from pathlib import Path
from typing import Final

import click

from kpiascode.cli.failures import MachineFailure
from kpiascode.cli.text import safe

SUFFIX: Final = ".html.j2"
STYLE: Final = "style.css"
LARGEST: Final = 1_000_000
"""Bytes of one file."""

MOST: Final = 100


def own_templates(folder: Path) -> dict[str, str]:
    """Return the templates and the style sheet that lie in a folder, by name; other files are left alone.

    Raises:
        click.UsageError: when there are none, or one is no regular file, too large or not UTF-8.
    """
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(SUFFIX) or name == STYLE)
        if not names:
            raise click.UsageError(f"{safe(str(folder))} holds no template: no *{SUFFIX} and no {STYLE}.")
        if len(names) > MOST:
            raise click.UsageError(f"{safe(str(folder))} holds more than {MOST} templates.")
        return {name: _text(folder / name) for name in names}
    except OSError as error:
        raise MachineFailure(
            f"cannot read {safe(str(error.filename or folder))}: {error.strerror}"
        ) from error


def _text(file: Path) -> str:
    """Return a file's text; a link, a pipe or a device is refused: it may lead anywhere or never end."""
    if not stat.S_ISREG(file.lstat().st_mode):
        raise click.UsageError(f"{safe(str(file))} is no regular file; templates are not reached by links.")
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with open(os.open(file, flags), "rb") as opened:
        data = opened.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise click.UsageError(f"{safe(str(file))} is larger than {LARGEST // 1_000_000} MB.")
    try:
        return data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise click.UsageError(f"{safe(str(file))} is not UTF-8.") from None
