"""The guarded engine in this process, where the system cannot limit another one."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from kpiascode.model.catalog import Catalog
from kpiascode.model.project import Dataset
from kpiascode.run.file_types import file_types
from kpiascode.run.given_tables import GivenTables
from kpiascode.run.jobs import Answer, Job

T = TypeVar("T")


class InProcess:
    """An engine without doors, stopped when it takes too long."""

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout = timeout_seconds
        self._tables = GivenTables()

    def types(self, datasets: Sequence[Dataset], *, project: Path, data_roots: Sequence[str]) -> Catalog:
        return file_types(datasets, project=project, data_roots=data_roots, guarded=True)

    def answers(self, asked: Iterable[tuple[T, Job]]) -> Iterator[tuple[T, Answer]]:
        for tag, job in asked:
            clock = threading.Timer(self._timeout, self._tables.interrupt)
            clock.start()
            try:
                answer = self._tables.answer(job)
            finally:
                clock.cancel()
            yield tag, answer

    def close(self) -> None:
        self._tables.close()
