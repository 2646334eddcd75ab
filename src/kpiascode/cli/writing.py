"""Writes a file at once or not at all, and through no link."""

import os
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import click

from kpiascode.cli.failures import MachineFailure
from kpiascode.cli.text import safe

if TYPE_CHECKING:  # what takes long to import is left to those who need it
    from kpiascode.model.project import Project

HEAD: Final = 400
"""How far into a file one looks for what it is, in bytes."""


Ours: TypeAlias = Callable[[bytes], bool]
"""Says by the beginning of a file whether it is one of ours, which may be replaced."""


def replace_file(home: Path, file: Path, data: bytes, *, over: Ours | None = None) -> None:
    """Write a file; one that is there keeps its mode.

    Args:
        home: The project. No link leads a file inside it to another place.
        file: Absolute.
        over: Which files may be replaced, beside those that are empty; None: any that may be written.
    """
    if ".git" in Path(os.path.realpath(file)).parts:
        raise click.UsageError(f"{safe(str(file))} lies in the folder of git, which is git's own.")
    parent = file.parent
    if file.is_relative_to(home) and not parent.resolve().is_relative_to(home.resolve()):
        raise MachineFailure(f"{safe(str(parent))} leads out of the project by a symbolic link.")
    if not parent.is_dir():
        raise MachineFailure(f"there is no folder {safe(str(parent))}.")
    if file.is_symlink() or (file.exists() and not file.is_file()):
        raise MachineFailure(f"{safe(str(file))} is no regular file, so it was not replaced.")
    if over is not None:
        refuse_other(file, over)
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


def chosen_file(output: str | None, called: str) -> Path | None:
    """Return the file that an option names, absolute; None without one.

    Raises:
        click.UsageError: It would be read as a definition.
    """
    if output is None:
        return None
    file = Path(os.path.abspath(output))
    if file.suffix.lower() in (".yaml", ".yml"):
        raise click.UsageError(f"A {called} is no definition: let --output end otherwise than in .yaml.")
    return file


def json_with(word: bytes) -> Ours:
    """Say of a file whether it is JSON that holds a word early."""
    return lambda head: head[:1] == b"{" and word in head


def refuse_other(file: Path, is_ours: Ours) -> None:
    """Refuse to write over a file that holds something else.

    Raises:
        click.UsageError: It is there, it is not empty, and it is none of ours.
    """
    if not file.is_file():
        return
    with file.open("rb") as opened:
        head = opened.read(HEAD).lstrip()
    if head and not is_ours(head):
        raise click.UsageError(f"{safe(str(file))} holds something else, so it was not replaced.")


def refuse_data(home: Path, project: "Project", file: Path) -> None:
    """Refuse to write over the rows of a dataset.

    Raises:
        click.UsageError: A dataset reads that file.
    """
    for dataset in project.datasets.values():
        source = home / dataset.source
        if dataset.is_file and fnmatchcase(os.path.realpath(file), os.path.realpath(source)):
            raise click.UsageError(
                f"{safe(str(file))} holds the rows of dataset `{dataset.name}`, so it was not replaced."
            )
