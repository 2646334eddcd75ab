"""Writes a file at once or not at all, and through no link."""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

import click

from kpiascode.cli.failures import MachineFailure
from kpiascode.cli.text import safe

HEAD: Final = 400
"""How far into a file one looks for what it is, in bytes."""


def replace_file(home: Path, file: Path, data: bytes, *, over: tuple[bytes, ...] = ()) -> None:
    """Write a file; one that is there keeps its mode.

    Args:
        home: The project. No link leads a file inside it to another place.
        file: Absolute.
        over: Words of which one stands early in a file that may be replaced, unless that is empty; none where
            any may.
    """
    parent = file.parent
    if file.is_relative_to(home) and not parent.resolve().is_relative_to(home.resolve()):
        raise MachineFailure(f"{safe(str(parent))} leads out of the project by a symbolic link.")
    if file.is_symlink() or (file.exists() and not file.is_file()):
        raise MachineFailure(f"{safe(str(file))} is no regular file, so it was not replaced.")
    if over and file.exists() and not _holds(file, over):
        raise click.UsageError(f"{safe(str(file))} holds something else, so it was not replaced.")
    mode = stat.S_IMODE(file.stat().st_mode) if file.exists() else 0o644
    if file.exists() and not os.access(file, os.W_OK):
        raise MachineFailure(f"{safe(str(file))} may not be written, so it was not replaced.")
    handle, name = tempfile.mkstemp(dir=parent, prefix=".kpi-", suffix=".tmp")
    try:
        with open(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(name, mode)
        os.replace(name, file)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def _holds(file: Path, words: tuple[bytes, ...]) -> bool:
    with file.open("rb") as opened:
        head = opened.read(HEAD)
    return not head.strip() or (head.lstrip()[:1] == b"{" and any(word in head for word in words))
