"""Opens files inside one folder without following links, and finds the YAML files below a folder."""

import errno
import os
import posixpath
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Final, TypeAlias

from kpiascode.load.characters import name_of, shown

MAX_LEVELS: Final = 100
OWN_FOLDERS: Final = frozenset({"packs", "restricted", "site"})
"""Of the project folder: what is written to, and what belongs to persons. They hold no definitions."""

ENDINGS: Final = (".yaml", ".yml")
FLAGS: Final = (
    os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
)
BY_DESCRIPTOR: Final = os.open in os.supports_dir_fd
"""Not on Windows: there each component is looked at before it is opened."""

Opened: TypeAlias = int | Path
"""What `open`, `os.stat` and `os.scandir` take."""

Entry: TypeAlias = "os.DirEntry[str]"


@dataclass(frozen=True, slots=True)
class Folder:
    path: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file is not read. `path` is None where no single file is to blame."""

    path: str | None
    code: str
    message: str
    hint: str


def inside(entry: str) -> str | Refusal:
    """Return a path of the project file in its plain form; `.` is the project folder itself."""
    path = posixpath.normpath(entry)
    leaves = path == ".." or path.startswith(("../", "/")) or PureWindowsPath(entry).drive
    if leaves or "\\" in entry or "://" in entry or not entry.strip() or not entry.isprintable():
        message = f"`{shown(entry)}` is no path inside the project folder."
        hint = "Write it relative to the project folder, with forward slashes."
        return Refusal(entry, "path-outside-project", message, hint)
    return path


def read(root: Path, path: str, limit: int) -> bytes | Refusal:
    """Return the bytes of a regular file; `limit` and one more where it is larger."""
    try:
        with _opened(root, path) as opened:
            if not stat.S_ISREG(os.stat(opened).st_mode):
                return Refusal(
                    path, "not-a-file", f"`{path}` is no regular file.", "Put a file in its place."
                )
            with open(opened, "rb", closefd=not isinstance(opened, int)) as file:
                return file.read(limit + 1)
    except OSError as error:
        return _refusal(path, error)


def yaml_files(root: Path, path: str) -> Iterator[str | Refusal]:
    """Yield the YAML files below a folder, in no order, or the path itself where it is no folder.

    Hidden files and folders are left out, and so are folders of the root that are not for definitions.
    """

    def is_wanted(folder: str, entry: Entry) -> bool:
        if entry.name.startswith(".") or (folder == "." and entry.name in OWN_FOLDERS):
            return False
        return _is_folder(entry) or entry.name.endswith(ENDINGS) or _leads_to_folder(entry)

    return _below(root, path, is_wanted)


def every_file(root: Path, is_left_out: Callable[[str, bool], bool]) -> Iterator[str | Refusal]:
    """Yield whatever lies below a folder and is no folder, hidden or not, in no order.

    Args:
        is_left_out: Says of a path, and whether it is a folder, that nobody looks at it.
    """

    def is_wanted(folder: str, entry: Entry) -> bool:
        return not is_left_out(_joined(folder, entry), _is_folder(entry))

    return _below(root, ".", is_wanted)


def _below(root: Path, path: str, is_wanted: Callable[[str, Entry], bool]) -> Iterator[str | Refusal]:
    folders = [path]
    while folders:
        folder = folders.pop()
        try:
            with _opened(root, folder) as opened:
                if not stat.S_ISDIR(os.stat(opened).st_mode):
                    yield folder
                    continue
                with os.scandir(opened) as entries:
                    found = [_look_at(folder, entry) for entry in entries if is_wanted(folder, entry)]
        except OSError as error:
            yield _refusal(folder, error)
            continue
        yield from (one for one in found if not isinstance(one, Folder))
        folders += [one.path for one in found if isinstance(one, Folder)]


def _look_at(folder: str, entry: Entry) -> str | Folder | Refusal:
    """Return what an entry of a folder is to us."""
    path = _joined(folder, entry)
    if odd := next((character for character in entry.name if not character.isprintable()), None):
        message = f"A name in the folder `{folder}` holds {name_of(odd)}."
        return Refusal(None, "forbidden-character", message, "Rename the file.")
    if entry.is_symlink():
        return _link(path)
    if not _is_folder(entry):
        return path
    if path.count("/") >= MAX_LEVELS:
        message = f"Folders are nested more than {MAX_LEVELS} deep in `{shown(path)}`."
        return Refusal(None, "too-many-files", message, "Move the files up.")
    return Folder(path)


def _joined(folder: str, entry: Entry) -> str:
    return posixpath.normpath(posixpath.join(folder, entry.name))


def _is_folder(entry: Entry) -> bool:
    return entry.is_dir(follow_symlinks=False)


def _leads_to_folder(entry: Entry) -> bool:
    try:
        return entry.is_symlink() and entry.is_dir()
    except OSError:  # a link to itself
        return False


@contextmanager
def _opened(root: Path, path: str) -> Iterator[Opened]:
    """Open each component on the way, none of them through a link."""
    parts = PurePosixPath(path).parts
    if not BY_DESCRIPTOR:
        yield _without_links(root, parts)
        return
    descriptor = os.open(root, os.O_RDONLY)
    try:
        for part in parts:
            above, descriptor = descriptor, os.open(part, FLAGS, dir_fd=descriptor)
            os.close(above)
        yield descriptor
    finally:
        os.close(descriptor)


def _without_links(root: Path, parts: Sequence[str]) -> Path:
    path = root
    for part in parts:
        path /= part
        if path.is_symlink():
            raise OSError(errno.ELOOP, "a link", str(path))
    return path


def _refusal(path: str, error: OSError) -> Refusal:
    match error.errno:
        case errno.ELOOP | errno.EMLINK:
            return _link(path)
        case errno.ENOENT | errno.ENOTDIR | errno.ENAMETOOLONG:
            return Refusal(
                path, "missing-path", f"`{shown(path)}` does not exist.", "Correct the path or create it."
            )
        case errno.ENXIO:
            return Refusal(path, "not-a-file", f"`{path}` is no regular file.", "Put a file in its place.")
        case _:
            reason = (error.strerror or "unknown reason").lower()
            message = f"`{path}` cannot be read: {reason}."
            return Refusal(path, "unreadable-file", message, "Give yourself the right to read it.")


def _link(path: str) -> Refusal:
    message = f"`{path}` is or lies behind a symbolic link, and links are not followed."
    return Refusal(path, "symlink-refused", message, "Put the file itself there.")
