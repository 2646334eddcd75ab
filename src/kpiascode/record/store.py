"""The folder of the ledger: files that are written once, whole, and never opened for writing again.

A file is written under a name that readers pass over, and linked to its own name once every byte of it is on
the disk. So whoever looks sees all of a publication or nothing, whatever stops the writer.
"""

import errno
import os
import re
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kpiascode.model.diagnostic import Diagnostic
from kpiascode.record.segments import Segment, broken

if sys.platform != "win32":
    import fcntl

MAX_SEGMENTS: Final = 100_000
MAX_SEGMENT: Final = 268_435_456
"""Of one publication, in bytes: a million values."""

ATTRIBUTES: Final = ".gitattributes"
_UNTOUCHED: Final = b"* -text\n"  # git must not turn line ends around: the name of a file is its hash
_NEW: Final = ".new-"
_YEAR: Final = re.compile(r"[0-9]{4}")
_NO_LINKS: Final = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)
_READ: Final = (
    os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
)
_WRITE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class File:
    """A file of the ledger, not read yet. `path`: under its folder."""

    folder: str
    name: str

    @property
    def path(self) -> str:
        return f"{self.folder}/{self.name}"


class Unreadable(Exception):
    """A file that is not read, whatever it holds."""


@dataclass(frozen=True, slots=True)
class Store:
    """A folder. `told_as`: how findings name it."""

    folder: Path
    told_as: str

    def exists(self) -> bool:
        return os.path.lexists(self.folder)

    def files(self) -> tuple[tuple[File, ...], tuple[Diagnostic, ...]]:
        """Return the files of publications, and what does not belong there. Hidden ones are no part of it."""
        found: list[File] = []
        foreign: list[Diagnostic] = []
        if not stat.S_ISDIR(os.lstat(self.folder).st_mode):
            return (), (broken(self.told_as, 0, "The ledger is no folder; links are not followed."),)
        for year in sorted(os.scandir(self.folder), key=lambda entry: entry.name):
            if year.name.startswith("."):
                continue
            if not year.is_dir(follow_symlinks=False) or not _YEAR.fullmatch(year.name):
                foreign.append(self._foreign(year.name))
                continue
            for entry in sorted(os.scandir(year.path), key=lambda entry: entry.name):
                if entry.name.startswith("."):
                    continue
                if not entry.is_file(follow_symlinks=False) or not entry.name.endswith(".jsonl"):
                    foreign.append(self._foreign(f"{year.name}/{entry.name}"))
                    continue
                found.append(File(year.name, entry.name))
        if len(found) > MAX_SEGMENTS:
            foreign.append(broken(self.told_as, 0, f"There are more than {MAX_SEGMENTS:,} files."))
        return tuple(found[:MAX_SEGMENTS]), tuple(foreign)

    def _foreign(self, path: str) -> Diagnostic:
        return broken(
            f"{self.told_as}/{path}",
            0,
            "It is no publication, and nothing else lies in the ledger.",
            hint="Move it to another folder.",
        )

    def read(self, file: File) -> bytes:
        """Return the bytes of a file.

        Raises:
            Unreadable: of what is no regular file, or too large.
            OSError: when the machine refuses.
        """
        try:
            descriptor = os.open(self.folder / file.path, _READ)
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise Unreadable("It is a link, and links are not followed.") from None
            raise
        with open(descriptor, "rb") as opened:
            seen = os.fstat(descriptor)
            if not stat.S_ISREG(seen.st_mode):
                raise Unreadable("It is no regular file.")
            if seen.st_size > MAX_SEGMENT:
                raise Unreadable(f"It has {seen.st_size:,} bytes, and none has more than {MAX_SEGMENT:,}.")
            data = opened.read(MAX_SEGMENT + 1)
        if len(data) > MAX_SEGMENT:
            raise Unreadable(f"It has more than {MAX_SEGMENT:,} bytes.")
        return data

    # --- writing

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the ledger, so that publishers come one after the other; the folder is made if need be.

        Where the system has no such locks, nobody waits, and what is told twice at once shows as a repeat.
        """
        _make(self.folder)
        if sys.platform == "win32":
            yield
            return
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            with suppress(OSError):  # a file system without locks
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            _tidy(self.folder)
            if not os.path.lexists(self.folder / ATTRIBUTES):
                with _written(self.folder, _UNTOUCHED) as new:
                    _linked(new, self.folder / ATTRIBUTES)
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def staged(self, segments: tuple[Segment, ...]) -> Iterator[None]:
        """Write publications so that only their names are missing; give them when the block ends well."""
        with _all_written(self.folder, segments) as staged:
            yield
            for new, segment in staged:
                _linked(new, self.folder / segment.path)


@contextmanager
def _all_written(folder: Path, segments: tuple[Segment, ...]) -> Iterator[list[tuple[Path, Segment]]]:
    if not segments:
        yield []
        return
    first, *rest = segments
    home = (folder / first.path).parent
    _make(home)
    with _written(home, first.data) as new, _all_written(folder, tuple(rest)) as others:
        yield [(new, first), *others]


@contextmanager
def _written(folder: Path, data: bytes) -> Iterator[Path]:
    """Write a file that readers pass over, with every byte on the disk; it is gone in the end."""
    new = folder / f"{_NEW}{secrets.token_hex(8)}"
    descriptor = os.open(new, _WRITE, 0o644)
    try:
        if sys.platform != "win32":
            with suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_EX)
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
        yield new
    finally:
        os.close(descriptor)
        with suppress(OSError):
            os.unlink(new)


def _linked(new: Path, final: Path) -> None:
    """Give a written file its own name. One that is there has the same content: the name is its hash."""
    try:
        os.link(new, final)
    except FileExistsError:
        return
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        os.rename(new, final)
    _settle(final.parent)


def _make(folder: Path) -> None:
    """Make a folder and those above it, each entry on the disk."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        with suppress(FileExistsError):
            os.mkdir(one)
        _settle(one.parent)


def _settle(folder: Path) -> None:
    """Bring the entries of a folder to the disk."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _tidy(folder: Path) -> None:
    """Remove what killed publishers left: nobody holds it any more."""
    for left in (*folder.glob(f"{_NEW}*"), *folder.glob(f"[0-9]*/{_NEW}*")):
        with suppress(OSError):
            descriptor = os.open(left, _READ)
            try:
                if sys.platform != "win32":
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.unlink(left)
            finally:
                os.close(descriptor)
