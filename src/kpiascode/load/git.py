"""Asks git, run as a program. No repository can make it run anything else, or reach a network."""

import os
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Final

from kpiascode.load.text import MAX_SIZE

SECONDS: Final = 20
MAX_OUTPUT: Final = 33_554_432
MAX_BLOBS: Final = 33_554_432
"""Bytes of all versions of all files together that are read."""

HARMLESS: Final = (
    "--no-pager",
    "--no-optional-locks",
    "--no-replace-objects",
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "protocol.allow=never"),
    *("-c", "log.showSignature=false"),
    *("-c", "log.showRoot=true"),
    *("-c", "i18n.logOutputEncoding=UTF-8"),
)
"""Before the command: no configuration of the repository starts a program."""

ENVIRONMENT: Final = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # unlike `protocol.allow`, no configuration stands above it
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
LOG: Final = ("log", "-z", "--no-color", "--no-show-signature", "--no-notes", "--no-mailmap")
RAW: Final = (
    *("--first-parent", "-m", "--raw", "--no-abbrev", "--no-renames", "--relative"),
    *("--no-ext-diff", "--no-textconv", "--ignore-submodules=all", "-O/dev/null"),
)
FILE_MODES: Final = (b"100644", b"100755")
"""Links and submodules hold no definitions."""

MARK: Final = b"\x01"
MAX_WORDS: Final = 4_096


class GitFailed(Exception):
    """Git could not be asked, or answered nothing; `words` is what it said of it, on one line."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


@dataclass(frozen=True, slots=True)
class Change:
    """A file of a commit: the names of what it held before and after; None where it was not there."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit against its first parent. `message` is its first line where changes are asked for."""

    name: str
    on: date
    is_root: bool
    message: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Git:
    """A repository, by a folder in it.

    Args:
        program: Where git itself lies.
        environment: What it needs to find itself and the user's own configuration, which says what is safe.
    """

    program: str
    environment: Mapping[str, str]
    folder: Path

    def is_shallow(self) -> bool | None:
        """Return whether the beginning of the history is missing; None where there is no repository."""
        said = self._ask("rev-parse", "--is-shallow-repository")
        return None if said is None else said.strip() == b"true"

    def tracked(self, path: str) -> bool | None:
        """Return whether anything at or below a path is tracked; None where there is no repository."""
        said = self._ask("ls-files", "-z", "--cached", "--", f":(literal){path}", most=1, partly=True)
        return None if said is None else bool(said)

    def would_add(self, path: str) -> bool:
        """Return whether a path holds what is neither tracked nor ignored; also where nobody can tell."""
        said = self._ask(
            "ls-files", "-z", "--others", "--exclude-standard", "--", f":(literal){path}", most=1, partly=True
        )
        return said is None or bool(said)

    def ignores(self, path: str) -> bool:
        """Return whether a path is ignored; also False where nobody can tell."""
        return self._ask("check-ignore", "--quiet", "--", path) is not None

    def changes(self, paths: Iterable[str], most: int) -> tuple[Commit, ...] | None:
        """Return the newest commits on the main line that touch YAML files below `paths`, newest first."""
        form = "--format=tformat:%x01%H%x00%ct%x00%P%x00%s"
        specs = [spec for path in paths for spec in _specs(path)]
        said = self._ask(
            *LOG, *RAW, f"--max-count={most}", form, "--end-of-options", "HEAD", "--", *specs, partly=True
        )
        return None if said is None else tuple(_commits(said))

    def messages(self, holding: str, most: int) -> tuple[Commit, ...]:
        """Return the newest commits whose message holds a text, in any case."""
        form = "--format=tformat:%x01%H%x00%ct%x00%P%x00%B"
        finds = ("--fixed-strings", "--regexp-ignore-case", f"--grep={holding}")
        said = self._ask(
            *LOG, "--no-patch", *finds, f"--max-count={most}", form, "--end-of-options", "HEAD", partly=True
        )
        return () if said is None else tuple(_commits(said))

    def texts(self, names: Iterable[str]) -> dict[str, str | None]:
        """Return what blobs hold; None of one that is no text, too large, or not there.

        Those that are beyond what is read of all together are left out.
        """
        wanted = list(dict.fromkeys(names))
        sizes = self._ask("cat-file", "--batch-check", given="".join(f"{name}\n" for name in wanted).encode())
        if sizes is None:
            return {}
        found: dict[str, str | None] = {}
        asked: list[tuple[str, int]] = []
        left = MAX_BLOBS
        for name, line in zip(wanted, sizes.splitlines(), strict=False):
            _, kind, told = (*line.split(), b"", b"")[:3]
            size = int(told) if kind == b"blob" else MAX_SIZE + 1
            if size > MAX_SIZE:
                found[name] = None
                continue
            left -= size
            if left < 0:
                break
            asked.append((name, size))
        given = "".join(f"{name}\n" for name, _ in asked).encode()
        most = sum(size + len(name) + 32 for name, size in asked)
        said = self._ask("cat-file", "--batch", given=given, most=most) if asked else b""
        rest = said or b""
        for name, size in asked:
            start = rest.find(b"\n") + 1
            if start and len(rest) > start + size:
                with suppress(UnicodeDecodeError):
                    found[name] = rest[start : start + size].decode()
                found.setdefault(name, None)
            rest = rest[start + size + 1 :]
        return found

    def _ask(
        self, *arguments: str, given: bytes = b"", most: int = MAX_OUTPUT, partly: bool = False
    ) -> bytes | None:
        """Return what git says; None where it fails, or says more than `most`.

        Args:
            partly: Whether of more than `most` the beginning is returned.
        """
        try:
            with self.asked(*arguments, given=given) as answer:
                said = answer.read(most + 1)
        except GitFailed:
            return None
        return said if len(said) <= most else said[:most] if partly else None

    def answer(self, *arguments: str, given: bytes = b"") -> bytes:
        """Return what git says.

        Raises:
            GitFailed: It ends otherwise than well, or says too much.
        """
        with self.asked(*arguments, given=given) as answer:
            said = answer.read(MAX_OUTPUT + 1)
        if len(said) > MAX_OUTPUT:
            raise GitFailed(f"more than {MAX_OUTPUT:,} bytes were said")
        return said

    @contextmanager
    def asked(self, *arguments: str, given: bytes = b"", seconds: float = SECONDS) -> Iterator[IO[bytes]]:
        """Let what git says be read. If that is not read to its end, git is killed, which is no failure.

        Raises:
            GitFailed: It ends otherwise than well, or takes too long.
        """
        with tempfile.TemporaryFile() as questions, tempfile.TemporaryFile() as complaints:
            questions.write(given)
            questions.seek(0)
            try:
                process = subprocess.Popen(
                    [self.program, *HARMLESS, *arguments],
                    stdin=questions,
                    stdout=subprocess.PIPE,
                    stderr=complaints,
                    cwd=self.folder,
                    env={**self.environment, **ENVIRONMENT},
                )
            except (OSError, ValueError) as error:
                raise GitFailed(f"it cannot be started: {error}") from None
            ending = threading.Timer(seconds, process.kill)
            ending.start()
            try:
                assert process.stdout is not None
                with process.stdout as answer:
                    yield answer
                    is_over = not answer.read(1)
                if is_over and process.wait() != 0:
                    late = f"it was stopped after {seconds:,} seconds"
                    raise GitFailed(_words(complaints) if ending.is_alive() else late)
            finally:
                ending.cancel()
                process.kill()
                process.wait()


def _words(complaints: IO[bytes]) -> str:
    """Return what git complains of, on one line."""
    complaints.seek(0)
    lines = complaints.read(MAX_WORDS).decode("utf-8", "replace").splitlines()
    return " ".join(" ".join(line.removeprefix("fatal: ").split()) for line in lines)


def _specs(path: str) -> Iterator[str]:
    """Yield the patterns of the YAML files that an entry of `paths` names."""
    plain = "".join(f"\\{character}" if character in "*?[]\\" else character for character in path)
    below = "" if path == "." else f"{plain}/"
    for ending in (".yaml", ".yml"):
        yield f":(glob){below}**/*{ending}"
        if path.endswith(ending):
            yield f":(glob){plain}"


def _commits(said: bytes) -> Iterator[Commit]:
    """Yield the commits of a log that are there from head to tail; the last part of a cut one is not."""
    for entry in said.split(b"\0" + MARK) if said.startswith(MARK) else ():
        name, seconds, parents, message, *rest = (*entry.removeprefix(MARK).split(b"\0"), *[b""] * 4)
        if not seconds.isdigit():
            continue
        with suppress(ValueError, OverflowError, OSError):  # of a day that no calendar knows
            yield Commit(
                name=name.decode("ascii", "replace"),
                on=datetime.fromtimestamp(int(seconds), UTC).date(),
                is_root=not parents,
                message=message.decode("utf-8", "replace"),
                changes=tuple(_changes([part for part in rest if part])),
            )


def _changes(parts: list[bytes]) -> Iterator[Change]:
    """Yield the files of a commit from pairs of `:old-mode new-mode old-name new-name status` and a path."""
    for told, path in zip(parts[::2], parts[1::2], strict=False):
        old_mode, new_mode, before, after, *_ = (*told.strip().lstrip(b":").split(b" "), *[b""] * 4)
        with suppress(UnicodeDecodeError):
            yield Change(
                path=path.decode(),
                before=before.decode() if old_mode in FILE_MODES else None,
                after=after.decode() if new_mode in FILE_MODES else None,
            )
