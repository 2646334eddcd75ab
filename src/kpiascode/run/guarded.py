"""A guarded engine for what strangers may have written: DuckDB in a child process that can do little else.

The child has no environment, no folder, no open file but two pipes, and limits of memory, time and files. It
gets values and gives values; what it sends is held for what a stranger sends. Where it takes too much it is
ended, and another one goes on with the next job.
"""

import os
import select
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final, Protocol, TypeVar

from kpiascode.model.catalog import Catalog, Table
from kpiascode.model.project import Dataset
from kpiascode.run import limits
from kpiascode.run.engine import EngineError
from kpiascode.run.jobs import (
    Answer,
    Failure,
    Job,
    NoAnswer,
    read_answer,
    read_types,
    written,
    written_files,
)

MAX_ENDED: Final = 3
"""Children that took too much; what is left then stays without an answer."""

MAX_LINE: Final = 16 * 1_048_576
"""Of an answer, in bytes."""

FILES: Final = 20
"""Data files that are looked at in one go."""

BEGINNING: Final = 60.0
"""Seconds until a child is ready, on a slow disk."""

_BEGIN: Final = (
    "import sys; sys.path += sys.argv[2:]\n"
    "from kpiascode.run.limits import limit; limit()\n"
    "from kpiascode.run.child import main; main(int(sys.argv[1]))\n"
)
T = TypeVar("T")


class GuardedEngine(Protocol):
    """What computes jobs over given rows."""

    def types(self, datasets: Sequence[Dataset], *, project: Path, data_roots: Sequence[str]) -> Catalog:
        """Return the columns of file datasets, as `file_types` does."""
        ...

    def answers(self, asked: Iterable[tuple[T, Job]]) -> Iterator[tuple[T, Answer]]:
        """Yield the answer to each job, with what the job was given along, in their order.

        While a job is computed, those after it are asked for.

        Raises:
            EngineError: when there is no engine.
        """
        ...

    def close(self) -> None: ...


def guarded_engine(timeout_seconds: float) -> GuardedEngine:
    """Return an engine that gives up a job after a while."""
    if limits.POSSIBLE and sys.executable:
        return _Guarded(timeout_seconds)
    from kpiascode.run.in_process import InProcess

    return InProcess(timeout_seconds)


class _Guarded:
    """One child at a time."""

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout = timeout_seconds
        self._ended = 0
        self._child = _Child(timeout_seconds)

    def types(self, datasets: Sequence[Dataset], *, project: Path, data_roots: Sequence[str]) -> Catalog:
        tables: dict[str, Table] = {}
        for first in range(0, len(datasets), FILES):
            if self._ended < MAX_ENDED:
                self._child.send(written_files(datasets[first : first + FILES], str(project), data_roots))
                tables |= self._types_heard()
        return Catalog(tables)

    def _types_heard(self) -> dict[str, Table]:
        line = self._child.hear()
        if line is None:
            self._follow()
            return {}
        try:
            found = read_types(line)
        except NoAnswer as why:
            raise _no_answer(why) from None
        return {name: Table(name=(name,), columns=columns) for name, columns in found.items()}

    def answers(self, asked: Iterable[tuple[T, Job]]) -> Iterator[tuple[T, Answer]]:
        waiting: deque[tuple[T, Job]] = deque()
        for tag, job in asked:
            waiting.append((tag, job))
            if self._ended < MAX_ENDED:
                self._child.send(written(job))
            while waiting and (answer := self._heard(waiting, wait=False)) is not None:
                yield waiting.popleft()[0], answer
        while waiting:
            answer = self._heard(waiting, wait=True)
            assert answer is not None
            yield waiting.popleft()[0], answer

    def _heard(self, waiting: Sequence[tuple[T, Job]], *, wait: bool) -> Answer | None:
        """Return the answer to the first job that waits, or None where there is none yet."""
        if self._ended >= MAX_ENDED:
            return Failure.LEFT
        try:
            line = self._child.hear(wait=wait)
        except Empty:
            return None
        if line is None:
            return self._follow([job for _, job in waiting][1:])
        try:
            return read_answer(line)
        except NoAnswer as why:
            raise _no_answer(why) from None

    def _follow(self, left: Sequence[Job] = ()) -> Failure:
        """Let another child go on with the jobs that are left; return why the one before ended."""
        why = Failure.TIME if self._child.was_slow else Failure.ENDED
        self._child.close()
        self._ended += 1
        if self._ended < MAX_ENDED:
            self._child = _Child(self._timeout)
            for job in left:
                self._child.send(written(job))
        return why

    def close(self) -> None:
        self._child.close()


def _no_answer(why: NoAnswer) -> EngineError:
    return EngineError("duckdb", f"the guarded process sent what is not {why}", "")


class _Child:
    """A process that answers lines by lines, in their order. A thread listens to it and ends it in time.

    Args:
        was_slow: Whether it was ended because nothing came for too long.
    """

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout = timeout_seconds
        self._is_ready = False
        self.was_slow = False
        self._sent, self._received, self._since = 1, 0, time.monotonic()
        self._lines: SimpleQueue[bytes | None] = SimpleQueue()
        seconds = str(max(1, round(timeout_seconds)))
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _BEGIN, seconds, *_roots()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=os.sep,
                env={},
                start_new_session=True,
            )
        except OSError as error:
            raise _not_begun(str(error)) from error
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def send(self, line: bytes) -> None:
        """Send a line; where the child has ended, that is heard instead of an answer."""
        assert self._process.stdin is not None
        if self._sent == self._received:
            self._since = time.monotonic()
        self._sent += 1
        with suppress(OSError):
            self._process.stdin.write(line)
            self._process.stdin.flush()

    def hear(self, *, wait: bool = True) -> bytes | None:
        """Return its next answer, None where it has ended.

        Raises:
            Empty: when it has not answered yet, and nobody waits.
            EngineError: when it has not even begun.
        """
        line = self._lines.get(block=wait)
        if not self._is_ready:
            if line != b"ready":
                raise _not_begun("")
            self._is_ready = True
            return self.hear(wait=wait)
        return line

    def _listen(self) -> None:
        assert self._process.stdout is not None
        source = self._process.stdout.fileno()
        rest = bytearray()
        while True:
            patience = self._timeout if self._received else BEGINNING
            is_awaited = self._sent > self._received
            left = self._since + patience - time.monotonic() if is_awaited else patience
            is_there, _, _ = select.select([source], [], [], max(left, 0.0))
            if not is_there and is_awaited and left <= 0:
                self.was_slow = True
                break
            if not is_there:
                continue
            data = os.read(source, 1 << 16)
            *whole, last = data.split(b"\n")
            for part in whole:
                self._received += 1
                self._since = time.monotonic()
                self._lines.put(bytes(rest + part))
                rest.clear()
            rest += last
            if not data or len(rest) > MAX_LINE:
                break
        self._process.kill()
        self._lines.put(None)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._listener.join()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(OSError):
                pipe.close()


def _not_begun(detail: str) -> EngineError:
    return EngineError(
        "duckdb", "the guarded process for examples does not start; --no-examples leaves them out", detail
    )


def _roots() -> list[str]:
    """Return the folders that hold this package and the engine: the child looks nowhere else."""
    found = []
    for name in ("kpiascode", "duckdb"):
        spec = find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        found.append(str(Path(spec.origin).parents[1]))
    return list(dict.fromkeys(found))
