"""Whether a file that a project is made of has changed: told by size and times, without its content."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from kpiascode.load import definition_files
from kpiascode.pipeline.reading import Checked
from kpiascode.pipeline.remembering import data_files

Stamps: TypeAlias = Mapping[str, tuple[int, int, int] | None]
"""By file its size, when it was changed, and which file it is; None where there is none."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How the files were when they were read.

    Args:
        definitions: With the files of the folder beside them.
        data: Of the datasets.
    """

    definitions: Stamps
    data: Stamps


def definitions(folder: Path, beside: Path | None) -> Stamps:
    """Return how the project file and the definitions are now; taken before they are read.

    Args:
        beside: A folder of templates.
    """
    names = () if beside is None else _names(beside)
    return _stamps(
        (*(str(folder / path) for path in definition_files(folder)), *(f"{beside}/{name}" for name in names))
    )


def data(checked: Checked) -> Stamps:
    """Return how the data files are now; taken before their values are read."""
    return _stamps(data_files(checked))


def now(folder: Path, beside: Path | None, seen: Seen) -> Seen:
    """Return how the same data files are now, and the definitions with those that came."""
    return Seen(definitions(folder, beside), _stamps(seen.data))


def _names(folder: Path) -> tuple[str, ...]:
    try:
        return tuple(sorted(os.listdir(folder)))
    except OSError:
        return ()


def _stamps(files: Iterable[str]) -> Stamps:
    return {file: _stamp(file) for file in files}


def _stamp(file: str) -> tuple[int, int, int] | None:
    try:
        found = os.lstat(file)
    except (OSError, ValueError):
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino
