"""What earlier runs found, kept in a folder of the user: bytes by key, and keys of what has passed.

Nothing there is needed: a folder or a file that is not as it should be is as if it were empty, and may be
removed at any time. Nothing there is trusted further than the folder's owner can be: whoever else could write
to it could say that something has passed.
"""

import json
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

from kpiascode import __version__

MAX_ENTRY: Final = 16 * 1_048_576
MAX_FOLDER: Final = 256 * 1_048_576
"""Of all files, in bytes; beyond it the longest unused are removed."""

MAX_PASSED: Final = 50_000
"""How many keys of what passed are kept; beyond it those that were asked for longest ago go first."""

PASSED: Final = "passed"
_READ: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_FOLDER: Final = _READ | getattr(os, "O_DIRECTORY", 0)
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
BY_DESCRIPTOR: Final = os.open in os.supports_dir_fd and hasattr(os, "geteuid")
"""Not on Windows, where nothing is kept."""


class Unfit(Exception):
    """A folder in which nothing is kept; says why."""


def key_of(*parts: bytes | str) -> str:
    """Return one key for the parts, in their order; `("a", "bc")` and `("ab", "c")` differ."""
    digest = sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()


@dataclass(slots=True)
class Store:
    """A folder of earlier results, for one run. Two runs at once do not disturb each other.

    Args:
        folder: Absolute; made when something is kept. None: nothing is kept.
        project: Absolute; what lies inside comes with the definitions, hence is not trusted.
    """

    folder: Path | None
    project: Path
    _passed: dict[str, None] | None = field(default=None, init=False)
    _asked: dict[str, None] = field(default_factory=dict, init=False)
    _is_tidy: bool = field(default=False, init=False)

    @property
    def unfit(self) -> str | None:
        """Return why the folder is not used, or None where it is or does not exist yet."""
        try:
            with self._opened():
                return None
        except FileNotFoundError:
            return None
        except Unfit as why:
            return str(why)
        except OSError as error:
            return f"it cannot be opened ({(error.strerror or 'unknown reason').lower()})"

    def get(self, key: str) -> bytes | None:
        """Return what was kept under a key of `key_of`; None where that is nothing, or not whole."""
        assert _is_key(key), key
        return self._read(key)

    def put(self, key: str, data: bytes) -> None:
        """Keep bytes, unless they are too many or the folder cannot be written to."""
        assert _is_key(key), key
        self._write(key, data)

    def has(self, key: str) -> bool:
        """Return whether a key was added by this or an earlier run."""
        if self._passed is None:
            self._passed = self._read_passed()
        if key not in self._passed:
            return False
        self._asked[key] = None
        return True

    def add(self, keys: Iterable[str]) -> None:
        """Keep the keys of what has passed, beside those that are kept by now."""
        new = dict.fromkeys(keys)
        assert all(_is_key(key) for key in new), new
        if not new:
            return
        kept = self._read_passed()
        recent = {**self._asked, **new}
        whole = [*(key for key in kept if key not in recent), *recent][-MAX_PASSED:]
        self._passed = dict.fromkeys(whole)
        self._write(PASSED, "\n".join(whole).encode("ascii"))

    def _read_passed(self) -> dict[str, None]:
        data = self._read(PASSED)
        return {} if data is None else dict.fromkeys(data.decode("ascii").split())

    # --- files

    def _read(self, name: str) -> bytes | None:
        try:
            with self._opened() as folder:
                descriptor = os.open(name, _READ, dir_fd=folder)
                with open(descriptor, "rb") as file:
                    if not _is_own(os.fstat(descriptor), stat.S_ISREG):
                        return None
                    whole = file.read(MAX_ENTRY + 1_024)
                data = _checked(name, whole)
                if data is not None:
                    os.utime(name, dir_fd=folder, follow_symlinks=False)
                return data
        except (OSError, Unfit):
            return None

    def _write(self, name: str, data: bytes) -> None:
        if self.folder is None or len(data) > MAX_ENTRY:
            return
        made = f".{name}-{os.urandom(8).hex()}"
        with suppress(OSError, Unfit):
            self._make()
            with self._opened() as folder:
                try:
                    with open(os.open(made, _NEW, 0o600, dir_fd=folder), "wb") as file:
                        file.write(_header(name, data) + data)
                    os.replace(made, name, src_dir_fd=folder, dst_dir_fd=folder)
                except BaseException:
                    with suppress(OSError):
                        os.unlink(made, dir_fd=folder)
                    raise
                if not self._is_tidy:
                    self._is_tidy = True
                    _tidy(folder)

    def _make(self) -> None:
        """Make the folder, unless it would be one that is not used."""
        if self.folder is None or not BY_DESCRIPTOR:
            return
        self._outside()
        os.makedirs(self.folder.parent, mode=0o700, exist_ok=True)
        with suppress(FileExistsError):
            os.mkdir(self.folder, mode=0o700)

    def _outside(self) -> None:
        assert self.folder is not None
        if Path(os.path.realpath(self.folder)).is_relative_to(os.path.realpath(self.project)):
            raise Unfit("it lies inside the project, so that whoever may change the project could fill it")

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """Open the folder, if it is one that only its owner can write to.

        Raises:
            Unfit, OSError: where it is not.
        """
        if self.folder is None or not BY_DESCRIPTOR:
            raise Unfit("nothing is kept here")
        self._outside()
        if self.folder.is_symlink():
            raise Unfit("it is a symbolic link, and links are not followed")
        descriptor = os.open(self.folder, _FOLDER)
        try:
            if not _is_own(os.fstat(descriptor), stat.S_ISDIR):
                raise Unfit("somebody else owns it or may write to it; it should be yours alone (mode 700)")
            yield descriptor
        finally:
            os.close(descriptor)


def _is_key(key: str) -> bool:
    return re.fullmatch("[0-9a-f]{64}", key) is not None


def _is_own(found: os.stat_result, is_kind: Callable[[int], bool]) -> bool:
    others_write = stat.S_IWGRP | stat.S_IWOTH
    return is_kind(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & others_write


def _header(name: str, data: bytes) -> bytes:
    told = {"name": name, "kpiascode": __version__, "sha256": sha256(data).hexdigest()}
    return json.dumps(told).encode("ascii") + b"\n"


def _checked(name: str, whole: bytes) -> bytes | None:
    """Return the bytes behind the header; None where they are of another file or version, cut or changed."""
    header, _, data = whole.partition(b"\n")
    return data if header + b"\n" == _header(name, data) else None


def _tidy(folder: int) -> None:
    """Remove what was unused for longest, until the rest is small enough."""
    with os.scandir(folder) as entries:
        found = [(entry.stat(follow_symlinks=False), entry.name) for entry in entries]
    files = sorted(
        (seen.st_mtime_ns, seen.st_size, name) for seen, name in found if not stat.S_ISDIR(seen.st_mode)
    )
    whole = sum(size for _, size, _ in files)
    for _, size, name in files:
        if whole <= MAX_FOLDER:
            break
        whole -= size
        with suppress(OSError):
            os.unlink(name, dir_fd=folder)
