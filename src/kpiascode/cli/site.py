"""Writing the site: made beside the old one, then put in its place in one step."""

import ctypes
import glob
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import click

from kpiascode.cli.failures import MachineFailure
from kpiascode.cli.text import safe
from kpiascode.model.page import Page

if sys.platform != "win32":
    import fcntl

MARK: Final = ".kpiascode-site"
"""In every folder that `kpi build` wrote. A folder without it belongs to somebody else."""

NOTICE: Final = "Written by `kpi build`, with these files; changes are lost at the next one."
_AT_FDCWD: Final = -100
_RENAME_EXCHANGE: Final = 2


def write_site(target: Path, pages: Iterable[Page]) -> None:
    """Write the pages to a folder; whatever stops it, the old site stays whole until the new one is.

    Raises:
        click.UsageError: when the folder holds something that `kpi build` did not write.
        MachineFailure: when the disk is full or a permission is missing.
    """
    refuse_foreign(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _tidy(target)
        with _new_folder(target) as fresh:
            written = [MARK]
            for page in pages:
                _write(fresh / page.path, page.text)
                written.append(page.path)
            _write(fresh / MARK, "\n".join((NOTICE, *sorted(written), "")))
            _swap(fresh, target)
    except OSError as error:
        kept = "The old site is unchanged." if target.exists() else "Nothing was written."
        raise MachineFailure(f"cannot write {target}: {error.strerror}. {kept}") from error


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())


@contextmanager
def _new_folder(target: Path) -> Iterator[Path]:
    """Yield an empty folder beside the target; what is there in the end is removed."""
    while True:
        fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}.new-", dir=target.parent))
        with _claimed(fresh) as is_mine:
            if not is_mine:  # another build took it for a leftover at once
                continue
            try:
                fresh.chmod(0o755)
                yield fresh
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
            return


@contextmanager
def _claimed(folder: Path) -> Iterator[bool]:
    """Hold a folder, so that no other build tidies it away; yield whether nobody else held it.

    Where the system has no such locks, builds into one folder at once are not kept apart.
    """
    if sys.platform == "win32":
        yield True
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield _is_free(descriptor) and folder.is_dir()
    finally:
        os.close(descriptor)


def _is_free(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


def refuse_foreign(target: Path) -> None:
    """Refuse a folder that is not for the site, before anything is computed for it.

    Raises:
        click.UsageError: when it is a link, a git work tree, or holds what `kpi build` did not write.
    """
    if target.is_symlink():
        raise click.UsageError(f"{target} is a symbolic link; the site is written to a folder of its own.")
    if not target.exists():
        return
    if not target.is_dir():
        raise click.UsageError(f"{target} is no folder.")
    if (target / ".git").exists():
        raise click.UsageError(
            f"{target} is a git work tree, which a build would replace. Choose another folder with --output."
        )
    if not (target / MARK).is_file() and any(target.iterdir()):
        raise click.UsageError(
            f"{target} holds files that `kpi build` did not write. Choose another folder with --output."
        )
    foreign = next(_foreign(target), None)
    if foreign is not None:
        raise click.UsageError(
            f"{safe(str(foreign))} was not written by `kpi build`, and would be lost. Move it elsewhere, or "
            "choose another folder with --output."
        )


def _foreign(target: Path) -> Iterator[Path]:
    """Yield the files of a site that no build wrote; none where an older build left no list."""
    mark = target / MARK
    if not mark.is_file():
        return
    notice, *written = mark.read_text(encoding="utf-8", errors="replace").splitlines()
    if notice != NOTICE:
        return
    known = {target / path for path in written}
    for folder, _, names in os.walk(target):
        yield from (Path(folder, name) for name in sorted(names) if Path(folder, name) not in known)


def _tidy(target: Path) -> None:
    """Remove what a killed build left, and bring back an old site that it had set aside."""
    aside = target.parent / f".{target.name}.old"
    if aside.is_dir() and (aside / MARK).is_file():
        if target.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            aside.rename(target)
    for left in target.parent.glob(f".{glob.escape(target.name)}.new-*"):
        with suppress(OSError), _claimed(left) as is_free:
            if is_free:
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
