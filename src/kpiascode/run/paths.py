"""Where a file dataset really lies. Links and ways out of the project are refused, not followed."""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.project import Dataset

PRIVATE: Final = ("packs", "restricted")
"""Folders beside kpiascode.yaml; a stranger's definitions must not publish what lies there."""


@dataclass(frozen=True, slots=True)
class RefusedPath(Exception):
    """A file that is not read; carries the finding."""

    diagnostic: Diagnostic


def data_file(dataset: Dataset, project: Path, data_roots: Sequence[str]) -> Path:
    """Return the file of a dataset: a regular file under the project or a data root, reached without links.

    Raises:
        RefusedPath: for an address, a way outside, a link, or where there is no readable file.
    """
    if "://" in dataset.source:
        raise _refused(dataset, "path-outside-project", "is an address; datasets are files or tables.")
    if any(character in dataset.source for character in "*?["):
        raise _refused(dataset, "pattern-in-path", "is a pattern; a dataset is one file.")
    wanted = Path(os.path.normpath(project / dataset.source))
    roots = [project, *(Path(os.path.normpath(project / root)) for root in data_roots)]
    root = next((root for root in roots if wanted.is_relative_to(root)), None)
    if root is None:
        raise _refused(
            dataset,
            "path-outside-project",
            "lies outside the project folder and its `data_roots`.",
            "Move the file into the project, or name its folder under `data_roots` in kpiascode.yaml.",
        )
    if wanted.is_relative_to(project) and _is_private(wanted.relative_to(project)):
        raise _refused(
            dataset,
            "path-outside-project",
            "lies where only what belongs to persons is kept, which is no data of a project.",
            "Move the file to another folder, if everybody may know what it says.",
        )
    current = root
    for part in wanted.relative_to(root).parts:
        current = current / part
        try:
            mode = os.lstat(current).st_mode
        except PermissionError:
            raise _unreadable(dataset) from None
        except OSError:  # it is not there, or its name is longer than any can be
            raise _refused(
                dataset,
                "missing-data-file",
                "does not exist.",
                "Write it with forward slashes."
                if "\\" in dataset.source
                else "Paths of files are relative to the folder of kpiascode.yaml.",
            ) from None
        if stat.S_ISLNK(mode):
            raise _refused(
                dataset, "symlink-refused", "is reached over a symbolic link; links are not followed."
            )
    if not stat.S_ISREG(mode if wanted != root else 0):
        raise _refused(dataset, "not-a-file", "is no regular file.")
    if not os.access(wanted, os.R_OK):
        raise _unreadable(dataset)
    return wanted


def _is_private(path: Path) -> bool:
    return bool(path.parts) and path.parts[0].lower() in PRIVATE


def _unreadable(dataset: Dataset) -> RefusedPath:
    return _refused(
        dataset, "unreadable-file", "may not be read.", "Give yourself the permission to read it."
    )


def _refused(dataset: Dataset, code: str, what: str, hint: str | None = None) -> RefusedPath:
    return RefusedPath(
        Diagnostic(
            code=code,
            message=f"The file `{dataset.source[:80]}` of dataset `{dataset.name}` {what}",
            place=dataset.source_place,
            hint=hint,
        )
    )
