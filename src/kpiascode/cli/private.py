"""Writing what belongs to a pair: a folder and files that only their owner may read, and git leaves alone.

A mark in the folder lists what was written, each with the first day on which it may not be there any more.
"""

import os
import re
import stat
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Final

import click

from kpiascode.cli.failures import MachineFailure
from kpiascode.cli.recalled import git_of
from kpiascode.cli.site import MARK as SITE_MARK
from kpiascode.cli.text import safe
from kpiascode.pipeline.home import PROJECT_FILE

if sys.platform != "win32":
    import fcntl

PACKS: Final = "packs"
"""The folder beside kpiascode.yaml, where nothing else is said."""

SITE: Final = "site-"
"""How the folder of the site begins, and that of one for an audience."""

MARK: Final = ".kpiascode-private"
NOTICE: Final = "Written by `kpi pack`: each file with the day on which `kpi purge` removes it."
IGNORE: Final = ".gitignore"
IGNORED: Final = "*\n"
NO_DAY: Final = "-"
MAX_MARK: Final = 4_194_304
ELSEWHERE: Final = "Choose another folder with --output."
_LEFT: Final = re.compile(r"\.[0-9a-f]{16}\.new")
"""What a killed run leaves of a file."""

_READ: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
_BY_DESCRIPTOR: Final = os.open in os.supports_dir_fd and hasattr(os, "geteuid")
"""Not on Windows, where files have no modes and lie under the user's own folder."""


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder that is opened: whoever puts a link in its place later does not lead us elsewhere."""

    path: Path
    descriptor: int | None

    def way(self, name: str) -> str:
        return name if self.descriptor is not None else str(self.path / name)

    def has(self, name: str) -> bool:
        try:
            os.stat(self.way(name), dir_fd=self.descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True


def write_private(
    folder: Path, files: Mapping[str, str], until: Mapping[str, date] = MappingProxyType({})
) -> tuple[Path, ...]:
    """Write files that only their owner may read, whatever the umask, and return where they are.

    Args:
        folder: Made where it is not there, for its owner alone and ignored by git.
        files: Texts by plain names of files.
        until: By file the first day on which it may not be there any more; one that is missing has none.

    Raises:
        click.UsageError: The folder is not for private files, or holds such a file of somebody else.
        MachineFailure: The disk is full or a permission is missing.
    """
    assert all(map(_is_plain, files)), sorted(files)
    refuse_public(folder)
    try:
        _make(folder)
        with _opened(folder) as opened:
            known = _read_mark(opened)
            _refuse_foreign(opened, known, files)
            _tidy(opened)
            _write(opened, IGNORE, IGNORED)
            # The mark comes first: a file that it does not list would be nobody's, and never be removed.
            _write(opened, MARK, _mark({**(known or {}), **{name: until.get(name) for name in files}}))
            for name, text in files.items():
                _write(opened, name, text)
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise MachineFailure(f"cannot write to {safe(str(folder))}: {reason}.") from error
    return tuple(folder / name for name in files)


def private_files(folder: Path) -> Mapping[str, date | None]:
    """Return the private files in a folder that are there, with the day on which each is to be removed.

    Raises:
        click.UsageError: The folder is a link or not its owner's alone, or its mark cannot be read.
    """
    _refuse_link(folder)
    if not os.path.lexists(folder / MARK):
        return {}
    with _opened(folder) as opened:
        return {name: day for name, day in (_read_mark(opened) or {}).items() if opened.has(name)}


def left_files(folder: Path) -> tuple[str, ...]:
    """Return what killed runs left of files in a folder; `remove_private` removes it with anything else.

    No mark lists it, and the folder may have none yet. Where nobody can say whether a run writes it just now,
    as on Windows, nothing is returned.

    Raises:
        click.UsageError: As of `private_files`.
        MachineFailure: A permission is missing.
    """
    _refuse_link(folder)
    try:
        if not folder.is_dir() or not _left(folder):
            return ()
        with _opened(folder) as opened:
            return () if opened.descriptor is None else _left(opened.descriptor)
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise MachineFailure(f"cannot look into {safe(str(folder))}: {reason}.") from error


def remove_private(folder: Path, names: Collection[str]) -> None:
    """Remove files that the mark of a folder lists, and what killed runs left there.

    Raises:
        click.UsageError: As of `private_files`.
        MachineFailure: A permission is missing.
    """
    _refuse_link(folder)
    with _opened(folder) as opened:
        known = dict(_read_mark(opened) or {})
        assert all(name in known for name in names), sorted(names)
        try:
            _tidy(opened)
            for name in names:
                with suppress(FileNotFoundError):
                    os.unlink(opened.way(name), dir_fd=opened.descriptor)
                del known[name]
                _write(opened, MARK, _mark(known))
        except OSError as error:
            reason = error.strerror or "unknown reason"
            raise MachineFailure(f"cannot remove from {safe(str(folder))}: {reason}.") from error


# --- which folders


def refuse_public(folder: Path) -> None:
    """Refuse a folder that is not for private files, before anything is computed for it.

    Raises:
        click.UsageError: It is a link, in a site, in git, open to others, or holds other things.
    """
    shown = safe(str(folder))
    _refuse_link(folder)
    if folder.exists() and not folder.is_dir():
        raise click.UsageError(f"{shown} is no folder. {ELSEWHERE}")
    real = Path(os.path.realpath(folder))
    for above in (real, *real.parents):
        is_site = f"{above.name}-".startswith(SITE) and (above.parent / PROJECT_FILE).exists()
        if is_site or (above / SITE_MARK).exists():
            raise click.UsageError(
                f"{shown} is or lies in the folder of a site, which is published. {ELSEWHERE}"
            )
    if (folder / ".git").exists():
        raise click.UsageError(
            f"{shown} is a git work tree, and what belongs to a pair is never in git. {ELSEWHERE}"
        )
    if _is_tracked(real):
        raise click.UsageError(
            f"Git tracks files in {shown}, and what belongs to a pair is never in git. {ELSEWHERE}"
        )
    if not folder.is_dir():
        return
    _refuse_shared(folder, os.stat(folder))
    if not os.path.lexists(folder / MARK) and not all(map(_is_begun, folder.iterdir())):
        raise click.UsageError(f"{shown} holds files that `kpi pack` did not write. {ELSEWHERE}")


def _is_begun(file: Path) -> bool:
    """Return whether a run wrote a file that was killed before it had written the mark."""
    return bool(_LEFT.fullmatch(file.name)) or _is_ignore(file)


def _is_ignore(file: Path) -> bool:
    """Return whether a file is the one by which git leaves a folder alone: written anew, nothing is lost."""
    if file.name != IGNORE or file.is_symlink() or not file.is_file():
        return False
    return file.stat().st_size == len(IGNORED) and file.read_bytes() == IGNORED.encode()


def _refuse_link(folder: Path) -> None:
    if folder.is_symlink():
        raise click.UsageError(
            f"{safe(str(folder))} is a symbolic link; what belongs to a pair is kept in a folder of its own."
        )


def _refuse_shared(folder: Path, found: os.stat_result) -> None:
    shown = safe(str(folder))
    if not _BY_DESCRIPTOR:
        return
    if found.st_uid != os.geteuid():
        raise click.UsageError(f"{shown} belongs to somebody else. {ELSEWHERE}")
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise click.UsageError(
            f"Others may look into {shown}, and names of files tell something, too. Run `chmod 700` on it."
        )


def _is_tracked(real: Path) -> bool:
    """Return whether a git work tree around a folder tracks anything in it, or the folder itself."""
    above = next((one for one in real.parents if one.is_dir()), real)
    git = git_of(above)
    return git is not None and bool(git.tracked(real.relative_to(above).as_posix()))


def _is_plain(name: str) -> bool:
    return name.isprintable() and not name.startswith(".") and not set(name) & set("/\\:") and name != ""


# --- files


def _make(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.mkdir(folder, 0o700)
        folder.chmod(0o700)  # a umask may have taken from it what its owner needs


@contextmanager
def _opened(folder: Path) -> Iterator[_Folder]:
    """Open a folder for one run at a time: two at once would forget each other's files."""
    if not _BY_DESCRIPTOR:
        yield _Folder(folder, None)
        return
    descriptor = os.open(folder, _READ | getattr(os, "O_DIRECTORY", 0))
    try:
        _refuse_shared(folder, os.fstat(descriptor))
        with suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield _Folder(folder, descriptor)
    finally:
        os.close(descriptor)


def _write(folder: _Folder, name: str, text: str) -> None:
    """Put a file in its place at once: it is never there in part, nor with the rights of an older one."""
    made = f".{os.urandom(8).hex()}.new"
    try:
        descriptor = os.open(folder.way(made), _NEW, 0o600, dir_fd=folder.descriptor)
        with open(descriptor, "w", encoding="utf-8", newline="") as out:
            if _BY_DESCRIPTOR:
                os.fchmod(descriptor, 0o600)
            out.write(text)
            out.flush()
            os.fsync(descriptor)
        os.replace(
            folder.way(made),
            folder.way(name),
            src_dir_fd=folder.descriptor,
            dst_dir_fd=folder.descriptor,
        )
    except BaseException:
        with suppress(OSError):
            os.unlink(folder.way(made), dir_fd=folder.descriptor)
        raise


def _tidy(folder: _Folder) -> None:
    """Remove what killed runs left: nobody else writes here now, and no mark lists it."""
    if folder.descriptor is None:
        return
    for name in _left(folder.descriptor):
        os.unlink(name, dir_fd=folder.descriptor)


def _left(folder: Path | int) -> tuple[str, ...]:
    return tuple(sorted(filter(_LEFT.fullmatch, os.listdir(folder))))


def _refuse_foreign(folder: _Folder, known: Mapping[str, date | None] | None, files: Collection[str]) -> None:
    """Refuse to write over what is not ours: in a folder that we did not make, over anything at all."""
    is_ours = known is not None or _is_ignore(folder.path / IGNORE)
    ours = {*(known or {}), *((IGNORE,) if is_ours else ())}
    for name in (IGNORE, *files):
        if name not in ours and folder.has(name):
            raise click.UsageError(
                f"{safe(str(folder.path / name))} was not written by `kpi pack`, and would be lost. Move it "
                "elsewhere, or choose another folder with --output."
            )


# --- the mark


def _mark(files: Mapping[str, date | None]) -> str:
    lines = (f"{day or NO_DAY} {name}" for name, day in sorted(files.items()))
    return "\n".join((NOTICE, *lines, ""))


def _read_mark(folder: _Folder) -> Mapping[str, date | None] | None:
    """Return what the mark of a folder lists; None where there is none."""
    if not folder.has(MARK):
        return None
    try:
        descriptor = os.open(folder.way(MARK), _READ, dir_fd=folder.descriptor)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise ValueError
            text = file.read(MAX_MARK + 1).decode()
        return _listed(text)
    except (OSError, ValueError):
        raise click.UsageError(
            f"{safe(str(folder.path / MARK))} is no list of `kpi pack`, so nobody knows what may be removed "
            "there. Move the folder elsewhere."
        ) from None


def _listed(text: str) -> Mapping[str, date | None]:
    notice, *lines, end = text.split("\n")
    if notice != NOTICE or end or len(text) > MAX_MARK:
        raise ValueError
    found: dict[str, date | None] = {}
    for line in lines:
        day, blank, name = line.partition(" ")
        if not blank or not _is_plain(name):
            raise ValueError
        found[name] = None if day == NO_DAY else date.fromisoformat(day)
    return found
