"""Puts what a project needs of a revision or an archive into a folder, where `load` reads it.

Names and sizes come from strangers. Nothing is written outside of the folder, nothing through a link, and
nothing without a limit.
"""

import os
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from kpiascode.load.characters import name_of, shown
from kpiascode.load.files import ENDINGS, OWN_FOLDERS, inside
from kpiascode.load.project import MAX_FILES, PROJECT_FILE, SCHEMAS
from kpiascode.load.text import MAX_SIZE, load_text

MAX_FILE: Final = 8_388_608
"""Bytes of a definition or a baseline. None is read that is larger, so that no more of it is written."""

MAX_TOTAL: Final = 134_217_728
"""Bytes of all definitions together; `load` takes fewer, but counts characters."""

MAX_DATA: Final = 2_147_483_648
"""Bytes of all data files together."""

MAX_PATH: Final = 1_024
MAX_NAME: Final = 255
PIECE: Final = 1_048_576
POINTER: Final = b"version https://git-lfs.github.com/spec/"
MAX_POINTER: Final = 1_024
SEPARATORS: Final = "\\" if os.sep == "/" else "\\:"
"""What parts a path on some system, and would lead out of the folder there."""


class Unavailable(Exception):
    """A side of a comparison cannot be had: why, as a sentence, and what to do about it."""

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


class NoProject(Unavailable):
    """The revision or the archive is there, and there is no project in it."""


class Wanted:
    """Which paths of a project are needed.

    Args:
        files: Each of them by its path.
        below: Files and folders as `paths` lists them; `.` is the project folder itself.
        but: Files that are there already.
    """

    def __init__(
        self, files: Iterable[str], below: Iterable[str] = (), but: Collection[str] = frozenset()
    ) -> None:
        self._but = but
        self.files = frozenset(files)
        self.below = frozenset(below)
        self._names = sorted(self.files | self.below)

    def holds(self, path: str) -> bool:
        """Return whether a file at a path is needed."""
        return path not in self._but and (
            path in self.files or path in self.below or (path.endswith(ENDINGS) and self.goes_on_below(path))
        )

    def hides(self, path: str) -> bool:
        """Return whether a needed file lies at a path, or would lie behind a link there."""
        way = f"{path}/"
        at = bisect_left(self._names, way)
        return self.holds(path) or (at < len(self._names) and self._names[at].startswith(way))

    def goes_on_below(self, path: str) -> bool:
        """Return whether `load` comes by a path on its way down from an entry of `paths`."""
        while True:
            above, _, name = path.rpartition("/")
            if name.startswith("."):
                return False
            if above in self.below:
                return True
            if not above:
                return "." in self.below and name not in OWN_FOLDERS
            path = above

    def without(self, paths: Collection[str]) -> "Wanted":
        """Return the same but for files that are there already."""
        return Wanted(self.files, self.below, paths)


def definitions(project: bytes) -> Wanted:
    """Return what a project needs, by what its file says."""
    files = {PROJECT_FILE, *SCHEMAS}
    try:
        text = project.decode().removeprefix("\ufeff") if len(project) <= MAX_SIZE else ""
    except UnicodeDecodeError:
        text = ""
    documents, _ = load_text(PROJECT_FILE, text)
    said = documents[0].data if documents else {}
    listed, check = said.get("paths"), said.get("check")
    baseline = check.get("baseline") if isinstance(check, dict) else None
    return Wanted(files.union(_inside([baseline])), _inside(listed if isinstance(listed, list) else ()))


def data(sources: Iterable[str]) -> Wanted:
    """Return the data files of datasets, as far as they are files inside the project."""
    return Wanted(path for path in _inside(sources) if path != ".")


def _inside(paths: Iterable[object]) -> Iterable[str]:
    for path in paths:
        plain = inside(path) if isinstance(path, str) else None
        if isinstance(plain, str) and len(plain.encode()) <= MAX_PATH:
            yield plain


@dataclass(slots=True)
class Placed:
    """A folder that is being filled. Links are made at last: nothing can be written through one.

    Args:
        folder: What becomes the project folder.
        nowhere: An empty folder for links to lead to.
        room: Bytes that may still be written.
        files: Files that may still be written.
    """

    folder: Path
    nowhere: Path
    room: int
    files: int = MAX_FILES
    _made: set[str] = field(default_factory=set)

    def check(self, path: str) -> None:
        """Refuse a file by its name, or because there are too many."""
        check(path)
        self.files -= 1
        if self.files < 0:
            raise Unavailable(
                f"More than {MAX_FILES:,} files would be needed.", "List fewer folders in `paths`."
            )

    def take(self, size: int) -> None:
        """Take so many bytes of the room that is left."""
        self.room -= size
        if self.room < 0:
            raise Unavailable(
                "The files that are needed are too large together.",
                "Check the revision out or unpack the archive yourself, and give the folder.",
            )

    def write(self, path: str, size: int, read: Callable[[int], bytes], *, is_data: bool) -> bool:
        """Write a new file; return whether it is one, and not the word of Git LFS where it is kept.

        Args:
            is_data: Whether it may be kept elsewhere. Then it is read, but not written.
        """
        if is_data and size <= MAX_POINTER:
            content = _all(path, size, read)
            if content.startswith(POINTER):
                return False
            with self._new(path) as file:
                file.write(content)
            return True
        with self._new(path) as file:
            while size > 0:
                piece = _all(path, min(size, PIECE), read)
                file.write(piece)
                size -= len(piece)
        return True

    def write_too_large(self, path: str, size: int) -> None:
        """Write a file that `load` refuses as it would refuse the real one, and that takes no room."""
        with self._new(path) as file:
            file.truncate(size)

    def link(self, path: str, *, to_folder: bool) -> None:
        """Put a link where one is. It leads to nothing; `load` does not follow it anyway."""
        above, _, name = path.rpartition("/")
        target = self.nowhere if to_folder else self.nowhere / "nothing"
        try:
            os.symlink(target, self.make(above) / name, target_is_directory=to_folder)
        except FileExistsError:
            if not (self.folder / path).is_symlink():
                raise _twice(path) from None
        except (OSError, NotImplementedError):  # Windows asks for a privilege
            raise Unavailable(
                f"`{shown(path)}` is a symbolic link, and links are not followed.",
                "Put the file itself there.",
            ) from None

    def make_roots(self, path: str, roots: set[str]) -> None:
        """Make the folders of `paths` that are there, since something lies at a path in them."""
        while roots and (path := path.rpartition("/")[0]):
            if path in roots:
                check(path)
                self.make(path)
                roots.remove(path)

    def make(self, path: str) -> Path:
        """Make a folder and those above it, none of them behind a link."""
        current = self.folder
        if path in self._made:
            return current / path
        for part in path.split("/") if path else ():
            current /= part
            try:
                current.mkdir()
            except FileExistsError:
                if current.is_symlink() or not current.is_dir():
                    raise _twice(path) from None
        self._made.add(path)
        return current

    def _new(self, path: str) -> IO[bytes]:
        above, _, name = path.rpartition("/")
        try:
            return open(self.make(above) / name, "xb")
        except FileExistsError:
            raise _twice(path) from None


def check(path: str) -> None:
    """Refuse a path that no system, or not every system, takes for one below the project folder."""
    odd = next((character for character in path if not character.isprintable()), None)
    if odd is not None:
        raise _renamed(f"A file name holds {name_of(odd)}: `{shown(path)}`.")
    parts = path.split("/")
    if any(part in ("", ".", "..") or part.lower() == ".git" for part in parts):
        raise _renamed(f"`{shown(path)}` is no path inside a project.")
    if any(part.endswith((" ", ".")) for part in parts):
        raise _renamed(f"A name in `{shown(path)}` ends with a space or a full stop.")
    if any(separator in path for separator in SEPARATORS):
        raise _renamed(f"`{shown(path)}` holds a character that parts a path on some systems.")
    if len(path.encode()) > MAX_PATH or any(len(part.encode()) > MAX_NAME for part in parts):
        raise _renamed(f"`{shown(path)}` is longer than {MAX_PATH:,} bytes, or a name in it than {MAX_NAME}.")


def _all(path: str, size: int, read: Callable[[int], bytes]) -> bytes:
    content = read(size)
    if len(content) != size:
        raise Unavailable(f"`{shown(path)}` ends too early.", "Fetch or pack it again.")
    return content


def _renamed(reason: str) -> Unavailable:
    return Unavailable(reason, "Rename the file, or compare folders.")


def _twice(path: str) -> Unavailable:
    return Unavailable(
        f"`{shown(path)}` is there twice, or in names that differ in nothing but capitals here.",
        "Rename one of them.",
    )
