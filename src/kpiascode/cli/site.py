"""Writing the site: made beside the old one, then put in its place in one step."""

import ctypes
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import click

from kpiascode.cli.failures import MachineFailure
from kpiascode.model.page import Page

MARK: Final = ".kpiascode-site"
"""In every folder that `kpi build` wrote. A folder without it belongs to somebody else."""

_AT_FDCWD: Final = -100
_RENAME_EXCHANGE: Final = 2


def write_site(target: Path, pages: Iterable[Page]) -> None:
    """Write the pages to a folder; whatever stops it, the old site stays whole until the new one is.

    Raises:
        click.UsageError: when the folder holds something that `kpi build` did not write.
        MachineFailure: when the disk is full or a permission is missing.
    """
    _refuse_foreign(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _tidy(target)
        fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}.new-", dir=target.parent))
    except OSError as error:
        raise MachineFailure(f"cannot write beside {target}: {error.strerror}.") from error
    try:
        fresh.chmod(0o755)
        for page in pages:
            file = fresh / page.path
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("w", encoding="utf-8", newline="") as out:
                out.write(page.text)
                out.flush()
                os.fsync(out.fileno())
        (fresh / MARK).write_text(
            "Written by `kpi build`; changes are lost at the next one.\n", encoding="utf-8"
        )
        _swap(fresh, target)
    except OSError as error:
        raise MachineFailure(
            f"cannot write {target}: {error.strerror}. The old site is unchanged."
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _refuse_foreign(target: Path) -> None:
    if target.is_symlink():
        raise click.UsageError(f"{target} is a symbolic link; the site is written to a folder of its own.")
    if not target.exists():
        return
    if not target.is_dir():
        raise click.UsageError(f"{target} is no folder.")
    if not (target / MARK).is_file() and any(target.iterdir()):
        raise click.UsageError(
            f"{target} holds files that `kpi build` did not write. Choose another folder with --output."
        )


def _tidy(target: Path) -> None:
    """Remove what a killed build left, and bring back an old site that it had set aside."""
    aside = target.parent / f".{target.name}.old"
    if aside.is_dir():
        if target.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            aside.rename(target)
    for left in target.parent.glob(f".{target.name}.new-*"):
        shutil.rmtree(left, ignore_errors=True)


def _swap(fresh: Path, target: Path) -> None:
    if not target.exists():
        fresh.rename(target)
        return
    if _exchanged(fresh, target):
        return
    aside = target.parent / f".{target.name}.old"
    target.rename(aside)
    fresh.rename(target)
    shutil.rmtree(aside, ignore_errors=True)


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two folders in one system call where the system has it; return whether it did."""
    if not sys.platform.startswith("linux"):
        return False
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    done: int = renameat2(
        _AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), ctypes.c_uint(_RENAME_EXCHANGE)
    )
    return done == 0
