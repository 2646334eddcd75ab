"""Gives a side of a comparison as a folder that `load` reads: a revision, a folder or an archive.

No checkout, index or ref is touched: blobs are read as they were committed, without attributes and filters.
"""

import os
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from kpiascode.load.archives import ARCHIVES, data_from, unpack
from kpiascode.load.characters import shown
from kpiascode.load.git import FILE_MODES, Git, GitFailed
from kpiascode.load.placing import (
    MAX_DATA,
    MAX_FILE,
    MAX_PATH,
    MAX_TOTAL,
    NoProject,
    Placed,
    Unavailable,
    Wanted,
    data,
    definitions,
)
from kpiascode.load.project import PROJECT_FILE

__all__ = ["NoProject", "Side", "Unavailable", "add_data", "is_revision", "merge_base", "side_of"]

MAX_ENTRIES: Final = 1_000_000
MAX_LISTING: Final = 268_435_456
"""Files of a revision below the project folder, and bytes that naming them takes."""

MAX_LINE: Final = MAX_PATH + 80
LISTING_SECONDS: Final = 60
COPYING_SECONDS: Final = 300
LINK: Final = b"120000"
WORD: Final = re.compile(r"(?!-)[^\s:?*\[\\\x00-\x1f\x7f]{1,255}")
PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")
COMMIT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
OWNED: Final = re.compile(r"dubious ownership in repository at '([^'\n]+)'")
NO_PROJECT: Final = "Name a revision that holds the project, or compare folders."
WHOLE: Final = "With GitHub's actions/checkout set `fetch-depth: 0`, in GitLab `GIT_DEPTH: 0`."


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a comparison.

    Args:
        folder: Holds `kpiascode.yaml`.
        label: `main@1a2b3c4`, or the path as it was given.
        commit: The full name, of a revision.
        archive: Where it was unpacked from.
        data: Whether data files are there, too.
        pointers: Data files that are kept elsewhere by Git LFS, so that they are not there.
    """

    folder: Path
    label: str
    commit: str | None = None
    archive: Path | None = None
    data: bool = False
    pointers: tuple[str, ...] = ()


def is_revision(word: str) -> bool:
    """Return whether a word names a revision: no folder with a project, and no archive."""
    return not _is_project(word) and not _is_archive(word)


def side_of(word: str, git: Git | None, into: Path, commit: str | None = None) -> Side:
    """Return a side with its definitions. Only what `load` reads is there, and what it refuses as a link.

    Args:
        word: A folder that holds a project, an archive, or else a revision.
        git: The repository, by the project folder; None without a git.
        into: An empty folder of its own, or where one is made. A folder that is given is not copied.
        commit: Of a revision, what is read in its place: the merge base.

    Raises:
        NoProject: A revision or an archive without any project there.
        Unavailable: It cannot be had.
    """
    if _is_project(word):
        return Side(folder=Path(word), label=word, data=True)
    if _is_archive(word):
        placed = _placed(into)
        unpack(Path(word), placed)
        return Side(folder=placed.folder, label=word, archive=Path(word))
    repository = _there(git)
    found = commit or _commit(repository, word)
    label = found[:7] if found.startswith(word.lower()) else f"{word}@{found[:7]}"
    tree = _tree(repository, found, label)
    placed = _placed(into)
    _place_definitions(repository, tree, label, placed)
    return Side(folder=placed.folder, label=label, commit=found)


def add_data(side: Side, git: Git | None, sources: Iterable[str]) -> Side:
    """Return a side with the data files that its datasets name, too, as far as they are there.

    Raises:
        Unavailable: They cannot be had, or are too large.
    """
    if side.data:
        return side
    wanted = data(sources)
    wanted = wanted.without({path for path in wanted.files if os.path.lexists(side.folder / path)})
    placed = Placed(side.folder, side.folder.parent / "nowhere", room=MAX_DATA)
    if side.archive is not None:
        pointers = data_from(side.archive, wanted, placed)
    else:
        repository = _there(git)
        tree = _tree(repository, side.commit or "", side.label)
        pointers = _place(repository, tree, wanted, placed, is_data=True)
    return replace(side, data=True, pointers=tuple(sorted(pointers)))


def merge_base(git: Git | None, base: str, head: str | None) -> str:
    """Return the commit at which two revisions parted; the first that git tells, where there are several.

    Args:
        head: None for what is checked out.

    Raises:
        Unavailable: There is none, or the beginning of the history that would say so is not here.
    """
    repository = _there(git)
    ours, theirs = _commit(repository, base), _commit(repository, "HEAD" if head is None else head)
    try:
        said = repository.answer("merge-base", "--end-of-options", ours, theirs).decode().split()
    except GitFailed as failure:
        if failure.words:
            raise _refused(repository, failure) from None
        said = []
    if said and (said[0] in (ours, theirs) or not _is_cut(repository, ours, theirs, said[0])):
        return said[0]
    names = f"`{base}` and `{'HEAD' if head is None else head}`"
    if repository.is_shallow():
        raise Unavailable(
            f"This clone is shallow: the commit at which {names} parted may not be in it.",
            f"Run `git fetch --unshallow`. {WHOLE}",
        )
    raise Unavailable(f"{names} have no history in common.", "Compare with a commit that both come from.")


def _is_cut(git: Git, ours: str, theirs: str, base: str) -> bool:
    """Return whether in a shallow clone another commit, nearer than `base`, may be common to both.

    It could be reached only over commits that are no ancestors of `base`. If the parents of all those are
    here, there is none.
    """
    if not git.is_shallow():
        return False
    ends = ("rev-list", "--max-parents=0", "--max-count=1", ours, theirs, f"^{base}", "--")
    try:
        return bool(git.answer(*ends))
    except GitFailed as failure:
        raise _refused(git, failure) from None


def _is_project(word: str) -> bool:
    return bool(word) and os.path.lexists(os.path.join(word, PROJECT_FILE))


def _is_archive(word: str) -> bool:
    return word.lower().endswith(ARCHIVES) and os.path.isfile(word)


def _placed(into: Path) -> Placed:
    placed = Placed(into / "project", into / "nowhere", room=MAX_TOTAL)
    placed.folder.mkdir(parents=True)
    placed.nowhere.mkdir()
    return placed


def _there(git: Git | None) -> Git:
    if git is None:
        raise Unavailable("There is no git to ask for a revision.", "Install git, or compare folders.")
    return git


# --- words


def _commit(git: Git, word: str) -> str:
    """Return the full name of the commit that a word names."""
    if not WORD.fullmatch(word) or not word.isprintable() or "^{/" in word:
        raise Unavailable(
            f"`{shown(word)}` is no revision, and no folder or archive with a project.",
            "Write a branch, a tag or a commit, as `main`, `origin/main` or `1a2b3c4`.",
        )
    if word.startswith(("./", "../", "/", "~")) and not os.path.isdir(word):
        raise Unavailable(f"There is no folder or archive `{shown(word)}` with a project.", NO_PROJECT)
    if ".." in word:
        raise Unavailable(
            f"`{shown(word)}` is a range of revisions.",
            "Write two revisions: what to compare with, then the changed one.",
        )
    found, words = _resolved(git, word)
    if found is None:
        raise _unknown(git, word, words)
    return found


def _resolved(git: Git, word: str) -> tuple[str | None, str]:
    """Return the commit of a word, or None and what git complains of."""
    try:
        said = git.answer("rev-parse", "--verify", "--end-of-options", f"{word}^{{commit}}")
    except GitFailed as failure:
        return None, failure.words
    name = said.decode("ascii", "replace").strip()
    return (name, "") if COMMIT.fullmatch(name) else (None, "")


def _unknown(git: Git, word: str, words: str) -> Unavailable:
    """Return why a revision is not there, and the command that brings it."""
    shallow = git.is_shallow()
    if shallow is None:
        return _refused(git, _failure(git) or GitFailed(words))
    if word in ("HEAD", "@"):
        return Unavailable("There is no commit yet.", "Commit the project, or compare folders.")
    if "ambiguous" in words and re.fullmatch(r"[0-9a-fA-F]{4,}", word):
        return Unavailable(f"`{word}` is the beginning of several names.", "Write more of the name.")
    if word.lower().endswith(ARCHIVES):
        return Unavailable(f"There is no file `{shown(word)}`.", "Correct the path of the archive.")
    reason = f"There is no revision `{shown(word)}` here."
    if os.path.isdir(word):
        reason = f"`{shown(word)}` is a folder without {PROJECT_FILE}, and no revision either."
    if _resolved(git, f"refs/remotes/origin/{word}")[0]:
        return Unavailable(reason, f"Write `origin/{word}`.")
    return Unavailable(reason, _fetch(git, word, is_shallow=shallow))


def _fetch(git: Git, word: str, *, is_shallow: bool) -> str:
    """Return what brings a revision that is not here."""
    try:
        remotes = git.answer("remote").decode("utf-8", "replace").split()
    except GitFailed:
        remotes = []
    whole = f" {WHOLE}" if is_shallow else ""
    if not remotes:
        return "`git branch --all` and `git tag` list what there is."
    remote, _, branch = word.partition("/")
    if remote not in remotes or not branch:
        remote, branch = ("origin" if "origin" in remotes else remotes[0]), word
    if not PLAIN.fullmatch(branch) or not PLAIN.fullmatch(remote):  # `main~3`, or nothing for a shell
        return f"Run `git fetch {'--unshallow' if is_shallow else '--all'}`.{whole}"
    if COMMIT.fullmatch(word):
        return f"Run `git fetch {remote} {word}`.{whole}"
    if re.fullmatch(r"[0-9a-f]{7,39}", word):
        return f"Run `git fetch {'--unshallow' if is_shallow else '--all'}`, or write the full name.{whole}"
    there = f"{remote}/{branch}"
    then = "" if there == word else f", and write `{there}`"
    return f"Run `git fetch {remote} {branch}:refs/remotes/{there}`{then}.{whole}"


def _failure(git: Git) -> GitFailed | None:
    try:
        git.answer("rev-parse", "--git-dir")
    except GitFailed as failure:
        return failure
    return None


def _refused(git: Git, failure: GitFailed) -> Unavailable:
    """Return why git says nothing of a repository."""
    words = failure.words
    if owned := OWNED.search(words):
        command = f"git config --global --add safe.directory {shlex.quote(owned[1])}"
        return Unavailable(
            "The repository belongs to somebody else, so that git does not read it.",
            f"If you trust it, run `{shown(command, 200)}`.",
        )
    if "not a git repository" in words:
        return Unavailable(
            "The project lies in no git repository.", "Compare folders or archives instead of revisions."
        )
    if _is_partial(git):
        return _partial()
    return Unavailable(
        f"Git refuses: {shown(words, 200) or 'it ended without a word'}.", "Try `git fsck` there."
    )


def _is_partial(git: Git) -> bool:
    try:
        return bool(
            git.answer("config", "--get-regexp", r"^(remote\..*\.promisor|extensions\.partialclone)$")
        )
    except GitFailed:
        return False


def _partial() -> Unavailable:
    return Unavailable(
        "This is a partial clone, and files of that revision are not in it; nothing is fetched unasked.",
        "Run `git fetch --refetch --no-filter`, or clone without `--filter`.",
    )


# --- trees


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, link or submodule of a revision. `path` is below the project folder."""

    mode: bytes
    name: str
    path: str


def _tree(git: Git, commit: str, label: str) -> str:
    """Return the name of the tree that is the project folder of a commit."""
    try:
        prefix = os.fsdecode(git.answer("rev-parse", "--show-prefix")).removesuffix("\n").rstrip("/")
        git.answer("cat-file", "-e", f"{commit}^{{tree}}")  # in a partial clone not even that may be here
        told = git.answer("cat-file", "--batch-check", given=os.fsencode(f"{commit}:{prefix}\n")).split()
    except GitFailed as failure:
        raise _refused(git, failure) from None
    if told[1:2] == [b"tree"]:
        return told[0].decode("ascii")
    where = f" in `{shown(prefix)}`" if prefix else ""
    raise NoProject(f"There is no {PROJECT_FILE}{where} at {label}.", NO_PROJECT)


def _place_definitions(git: Git, tree: str, label: str, placed: Placed) -> None:
    _place(git, tree, Wanted({PROJECT_FILE}), placed, (PROJECT_FILE,))
    file = placed.folder / PROJECT_FILE
    if file.is_symlink():
        return
    if not file.is_file():
        raise NoProject(f"There is no {PROJECT_FILE} in the project folder at {label}.", NO_PROJECT)
    _place(git, tree, definitions(file.read_bytes()).without({PROJECT_FILE}), placed)


def _place(
    git: Git, tree: str, wanted: Wanted, placed: Placed, paths: Sequence[str] = (), *, is_data: bool = False
) -> list[str]:
    """Put what is wanted of a tree into the folder; return the data files that Git LFS keeps elsewhere."""
    files: list[Entry] = []
    links: list[Entry] = []
    roots = set(wanted.below)
    for entry in _entries(git, tree, paths):
        placed.make_roots(entry.path, roots)
        if entry.mode in FILE_MODES:
            if wanted.holds(entry.path):
                placed.check(entry.path)
                files.append(entry)
        elif wanted.hides(entry.path) or wanted.goes_on_below(entry.path):
            placed.check(entry.path)
            if entry.mode != LINK:
                raise Unavailable(
                    f"`{shown(entry.path)}` is a submodule, whose files are not part of this repository.",
                    "Compare folders in which the submodules are checked out.",
                )
            links.append(entry)
    pointers = _copy(git, files, placed, is_data=is_data)
    for entry, to_folder in zip(links, _lead_to_folders(git, tree, links), strict=True):
        placed.link(entry.path, to_folder=to_folder)
    return pointers


def _entries(git: Git, tree: str, paths: Sequence[str]) -> Iterator[Entry]:
    """Yield the files, links and submodules of a tree; `paths` limits them, if there are any."""
    count = size = 0
    rest = b""
    listing = ("--literal-pathspecs", "ls-tree", "-r", "-z", "--full-tree", tree, "--", *paths)
    try:
        with git.asked(*listing, seconds=LISTING_SECONDS) as answer:
            while piece := answer.read(65_536):
                size += len(piece)
                *lines, rest = (rest + piece).split(b"\0")
                count += len(lines)
                longest = max(map(len, (*lines, rest)))
                if count > MAX_ENTRIES or size > MAX_LISTING or longest > MAX_LINE:
                    raise Unavailable(
                        f"The project folder holds more than {MAX_ENTRIES:,} files in that revision, or names"
                        " that are too long.",
                        "Check the revision out yourself, and give the folder.",
                    )
                for line in lines:
                    told, _, path = line.partition(b"\t")
                    mode, _, name = told.split(b" ")
                    yield Entry(mode, name.decode("ascii"), path.decode("utf-8", "surrogateescape"))
    except GitFailed as failure:
        raise _refused(git, failure) from None


def _copy(git: Git, files: Sequence[Entry], placed: Placed, *, is_data: bool) -> list[str]:
    """Write blobs to files, one after the other as git gives them."""
    asked = "".join(f"{entry.name}\n" for entry in files).encode()
    pointers: list[str] = []
    try:
        told = git.answer("cat-file", "--batch-check", given=asked).splitlines() if files else []
        sizes = [_size(line) for line in told]
        if len(sizes) != len(files):
            raise GitFailed("it told of fewer files than it was asked for")
        small = []
        for entry, size in zip(files, sizes, strict=True):
            if size > MAX_FILE and not is_data:
                placed.write_too_large(entry.path, MAX_FILE + 1)
                continue
            placed.take(size)
            small.append((entry, size))
        asked = "".join(f"{entry.name}\n" for entry, _ in small).encode()
        with git.asked("cat-file", "--batch", given=asked, seconds=COPYING_SECONDS) as answer:
            for entry, size in small:
                if _size(answer.readline(256)) != size:
                    raise GitFailed("a file is not as large as it was told to be")
                if not placed.write(entry.path, size, answer.read, is_data=is_data):
                    pointers.append(entry.path)
                answer.read(1)
    except GitFailed as failure:
        raise _refused(git, failure) from None
    return pointers


def _size(line: bytes) -> int:
    """Return the size in what `cat-file` tells of a blob."""
    _, kind, *more = (*line.split(), b"", b"")
    if kind == b"missing":
        raise GitFailed("a file of the revision is missing")
    if kind != b"blob" or not more[0].isdigit():
        raise GitFailed("a file of the revision is no file")
    return int(more[0])


def _lead_to_folders(git: Git, tree: str, links: Sequence[Entry]) -> list[bool]:
    """Return of each link whether it leads to a folder, or out of the project, where that is not known."""
    if not links:
        return []
    asked = "".join(f"{tree}:{entry.path}\n" for entry in links).encode()
    try:
        said = git.answer("cat-file", "--batch-check", "--follow-symlinks", given=asked)
    except GitFailed as failure:
        raise _refused(git, failure) from None
    found = []
    while said:
        line, _, said = said.partition(b"\n")
        first, kind, *_ = (*line.split(), b"", b"")
        if first in (b"symlink", b"dangling", b"loop", b"notdir") and kind.isdigit():
            found.append(first == b"symlink")
            said = said[int(kind) + 1 :]
        else:
            found.append(kind == b"tree")
    return found if len(found) == len(links) else [True] * len(links)
