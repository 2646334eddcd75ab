"""Reads the project in an archive, member by member: none is extracted by the library itself.

An archive may be a stranger's. It is read within limits, and only regular files that the project needs are
written.
"""

import gzip
import lzma
import posixpath
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Final, cast

from kpiascode.load.characters import shown
from kpiascode.load.placing import MAX_FILE, MAX_PATH, NoProject, Placed, Unavailable, Wanted, definitions
from kpiascode.load.project import PROJECT_FILE

ARCHIVES: Final = (".tar", ".tar.gz", ".tgz", ".zip")
MAX_MEMBERS: Final = 100_000
MAX_UNPACKED: Final = 2_147_483_648
"""Bytes that a packed archive may hold, whether they are needed or not."""

MAX_HEADER: Final = 8_388_608
"""Bytes that a library may ask for at once: the list of what is in a zip, the headers of a tar."""

BROKEN: Final = (
    *(tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError),
    *(ValueError, KeyError, IndexError, OverflowError, RuntimeError, gzip.BadGzipFile),
)
"""What the standard library raises about an archive that is none, is encrypted or nests too deep."""

BEFORE: Final = re.compile(r"^(?:\./)+")
UNPACK: Final = "Unpack it yourself, and give the folder."


@dataclass(frozen=True, slots=True)
class Member:
    """What an archive holds at a path: a file, a folder, a link with its target, or something else."""

    path: str
    size: int
    kind: str
    target: str
    open: Callable[[], IO[bytes]]


class Bounded:
    """A file of which nobody reads much at once, nor anything beyond a limit."""

    def __init__(self, file: IO[bytes] | gzip.GzipFile) -> None:
        self._file = file

    def read(self, size: int | None = -1) -> bytes:
        asked = MAX_HEADER + 1 if size is None or size < 0 else size
        if asked > MAX_HEADER + 1:
            raise _too_large()
        content = self._file.read(asked)
        if len(content) > MAX_HEADER:
            raise _too_large()
        return content

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence == 0 and offset < 0:
            raise tarfile.ReadError
        if offset > MAX_UNPACKED:
            raise _too_large()
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True


def _bounded(file: IO[bytes] | gzip.GzipFile) -> IO[bytes]:
    """Return a bounded file for the libraries, which need no more of a file than this."""
    return cast("IO[bytes]", Bounded(file))


def unpack(archive: Path, placed: Placed) -> None:
    """Write the definitions of the one project of an archive.

    Raises:
        NoProject: There is none.
        Unavailable: It is broken, too large, or holds what would lie outside.
    """
    with _told(archive):
        top = _top(archive)
        _place(archive, top, Wanted({PROJECT_FILE}), placed, is_data=False)
        file = placed.folder / PROJECT_FILE
        if not file.is_symlink():
            wanted = definitions(file.read_bytes()).without({PROJECT_FILE})
            _place(archive, top, wanted, placed, is_data=False)


def data_from(archive: Path, wanted: Wanted, placed: Placed) -> list[str]:
    """Write data files; return those that Git LFS keeps elsewhere."""
    with _told(archive):
        return _place(archive, _top(archive), wanted, placed, is_data=True)


@contextmanager
def _told(archive: Path) -> Iterator[None]:
    try:
        yield
    except BROKEN:
        raise Unavailable(
            f"`{shown(archive.name)}` is broken, encrypted, or no archive of that kind.",
            f"Pack it again as {', '.join(ARCHIVES)}. {UNPACK}",
        ) from None


def _top(archive: Path) -> str:
    """Return where the project lies in an archive: the folder of the `kpiascode.yaml` nearest to the top."""
    found: dict[str, int] = {}
    for member in _members(archive):
        if posixpath.basename(member.path) == PROJECT_FILE and member.kind != "folder":
            found[posixpath.dirname(member.path)] = member.path.count("/")
    if not found:
        raise NoProject(f"There is no {PROJECT_FILE} in `{shown(archive.name)}`.", "Pack the project folder.")
    least = min(found.values())
    tops = sorted(top for top, depth in found.items() if depth == least)
    if len(tops) > 1:
        named = ", ".join(f"`{shown(top)}`" for top in tops[:3])
        raise Unavailable(
            f"`{shown(archive.name)}` holds {len(tops):,} projects: {named}.", "Pack one of them alone."
        )
    return tops[0]


def _place(archive: Path, top: str, wanted: Wanted, placed: Placed, *, is_data: bool) -> list[str]:
    folders: set[str] = set()
    links: list[tuple[str, str]] = []
    pointers: list[str] = []
    roots = set(wanted.below)
    for member in _members(archive):
        path = member.path.removeprefix(f"{top}/") if top else member.path
        if path == member.path and top:
            continue
        folders.update(_above(path), [path] if member.kind == "folder" else ())
        placed.make_roots(path, roots)
        if member.kind == "folder" or not (wanted.hides(path) or wanted.goes_on_below(path)):
            continue
        if member.kind == "link":
            placed.check(path)
            links.append((path, member.target))
        elif wanted.holds(path):
            placed.check(path)
            if member.kind != "file":
                raise Unavailable(f"`{shown(path)}` is no regular file there.", "Put a file in its place.")
            if not _write(member, path, placed, is_data=is_data):
                pointers.append(path)
    for path, target in links:
        way = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        placed.link(path, to_folder=way in folders or way == "." or way.startswith(("..", "/")))
    return pointers


def _above(path: str) -> Iterator[str]:
    while path := posixpath.dirname(path):
        yield path


def _write(member: Member, path: str, placed: Placed, *, is_data: bool) -> bool:
    if member.size > MAX_FILE and not is_data:
        placed.write_too_large(path, MAX_FILE + 1)
        return True
    placed.take(member.size)
    with member.open() as content:
        return placed.write(path, member.size, content.read, is_data=is_data)


def _members(archive: Path) -> Iterator[Member]:
    """Yield what an archive holds, each while it can be opened."""
    members = _of_zip(archive) if archive.name.lower().endswith(".zip") else _of_tar(archive)
    for count, member in enumerate(members):
        if count >= MAX_MEMBERS:
            raise Unavailable(
                f"`{shown(archive.name)}` holds more than {MAX_MEMBERS:,} files.",
                "Pack the project folder alone.",
            )
        if len(member.path) > MAX_PATH:
            raise Unavailable(
                f"A name in `{shown(archive.name)}` is longer than {MAX_PATH:,} characters.", UNPACK
            )
        if member.path.startswith("/") or "/../" in f"/{member.path}/":
            raise Unavailable(
                f"`{shown(archive.name)}` holds what would lie outside of it: `{shown(member.path)}`.",
                "Pack the project folder by its name.",
            )
        if member.path:
            yield member


def _plain(name: str) -> str:
    """Return a name without `./` before and `/` behind, as packers write them.

    >>> _plain("./acme/kpis/"), _plain("./")
    ('acme/kpis', '')
    """
    if len(name) > MAX_PATH:
        return name
    name = BEFORE.sub("", name)
    return "" if name == "." else name.rstrip("/") or name


def _of_tar(archive: Path) -> Iterator[Member]:
    is_packed = not archive.name.lower().endswith(".tar")
    with (
        gzip.open(archive, "rb") if is_packed else open(archive, "rb") as file,
        tarfile.open(fileobj=_bounded(file), mode="r:", encoding="utf-8") as tar,
    ):
        last = -1
        while info := tar.next():
            if info.offset <= last or info.size < 0:  # a header that leads back would be read for ever
                raise tarfile.ReadError
            last = info.offset
            tar.members = []  # type: ignore[attr-defined]  # or it remembers all
            yield Member(
                _plain(info.name), info.size, _kind(info), info.linkname, partial(_opened, tar, info)
            )


def _kind(info: tarfile.TarInfo) -> str:
    if info.isreg() and not info.issparse():
        return "file"
    return "folder" if info.isdir() else "link" if info.issym() else "other"


def _opened(tar: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    file = tar.extractfile(info)
    if file is None:
        raise tarfile.ReadError
    return file


def _of_zip(archive: Path) -> Iterator[Member]:
    with open(archive, "rb") as file, zipfile.ZipFile(_bounded(file)) as packed:
        for info in packed.infolist():
            mode = info.external_attr >> 16
            is_link = stat.S_ISLNK(mode)
            target = ""
            if is_link and info.file_size <= MAX_PATH:
                target = packed.read(info).decode("utf-8", "replace")
            is_file = stat.S_IFMT(mode) in (0, stat.S_IFREG)
            kind = "folder" if info.is_dir() else "link" if is_link else "file" if is_file else "other"
            yield Member(_plain(info.orig_filename), info.file_size, kind, target, partial(packed.open, info))


def _too_large() -> Unavailable:
    return Unavailable("The archive is too large, or holds a list that is.", UNPACK)
