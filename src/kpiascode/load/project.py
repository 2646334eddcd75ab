"""Reads a project: its file, and every definition under the paths that it lists."""

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kpiascode.load.comments import allows
from kpiascode.load.files import Refusal, inside, read, yaml_files
from kpiascode.load.text import MAX_SIZE, load_text, start_of, too_large
from kpiascode.model.checking import Allow
from kpiascode.model.diagnostic import Diagnostic, in_order
from kpiascode.model.document import Document, Documents, Where
from kpiascode.model.place import Place, Span

PROJECT_FILE: Final = "kpiascode.yaml"
MAX_FILES: Final = 20_000


@dataclass(frozen=True, slots=True)
class File:
    """What came of one file. `text` is None where it could not be read as text."""

    path: str
    text: str | None
    documents: tuple[Document, ...]
    findings: tuple[Diagnostic, ...]
    allows: tuple[Allow, ...] = ()


def find_project(start: Path) -> Path | None:
    """Return the nearest folder that holds a `kpiascode.yaml`, from `start` upward, or None."""
    start = start.absolute()
    return next((folder for folder in (start, *start.parents) if _holds_project(folder)), None)


def load(folder: Path) -> Documents:
    """Return what the project in `folder` declares, and what of it could not be read.

    Raises:
        FileNotFoundError: There is no `kpiascode.yaml` in `folder`.
    """
    if not _holds_project(folder):
        raise FileNotFoundError(errno.ENOENT, f"There is no {PROJECT_FILE}", str(folder))
    project_file = _read_file(folder, PROJECT_FILE)
    project = project_file.documents[0] if project_file.documents else None
    found = list(_find(folder, project)) if project else []
    paths = sorted({path for path in found if isinstance(path, str)} - {PROJECT_FILE})
    files = [_read_file(folder, path) for path in paths]
    items = tuple(document for file in files for document in file.documents)
    findings = [
        *_project_findings(project_file),
        *(finding for finding in found if isinstance(finding, Diagnostic)),
        *(finding for file in (project_file, *files) for finding in file.findings),
    ]
    if project and not findings and not items and _entries(project):
        findings.append(_no_definitions(project))
    return Documents(
        project=project,
        items=items,
        sources={file.path: file.text for file in (project_file, *files) if file.text is not None},
        diagnostics=in_order(findings),
        allows=tuple(allow for file in (project_file, *files) for allow in file.allows),
    )


def _holds_project(folder: Path) -> bool:
    return os.path.lexists(folder / PROJECT_FILE)


def _read_file(folder: Path, path: str) -> File:
    data = read(folder, path, MAX_SIZE)
    if isinstance(data, Refusal):
        return File(path, None, (), (_finding(data, start_of(path)),))
    if len(data) > MAX_SIZE:
        return File(path, None, (), (too_large(path),))
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        return File(path, None, (), (_not_utf8(path, data, error.start),))
    documents, findings = load_text(path, text)
    allowed, more = allows(path, text, documents)
    return File(path, text, documents, (*findings, *more), allowed)


def _not_utf8(path: str, data: bytes, start: int) -> Diagnostic:
    line_start = data.rfind(b"\n", 0, start) + 1
    line = data.count(b"\n", 0, start) + 1
    column = len(data[line_start:start].decode("utf-8", "replace").removeprefix("\ufeff")) + 1
    return Diagnostic(
        code="not-utf8",
        message=f"Byte {start + 1} of `{path}` is no UTF-8.",
        place=Place(path, Span(line, column, line, column + 1)),
        hint="Save the file as UTF-8.",
    )


def _find(folder: Path, project: Document) -> Iterator[str | Diagnostic]:
    """Yield the paths of all definitions, in no order and perhaps twice, and what hides others."""
    count = 0
    for where, entry in _entries(project):
        path = inside(entry)
        place = project.place(where)
        for found in [path] if isinstance(path, Refusal) else yaml_files(folder, path):
            count += 1
            if count > MAX_FILES:
                message, hint = f"There are more than {MAX_FILES:,} files.", "List fewer folders."
                yield _finding(Refusal(entry, "too-many-files", message, hint), place)
                return
            if isinstance(found, str):
                yield found
            else:
                yield _finding(found, place if found.path in (None, path, entry) else start_of(found.path))


def _entries(project: Document) -> list[tuple[Where, str]]:
    """Return what `paths` lists, as far as it is of the right shape; the rest is for `validate` to say."""
    paths = project.data.get("paths")
    entries = enumerate(paths) if isinstance(paths, list) else ()
    return [(("paths", number), entry) for number, entry in entries if isinstance(entry, str)]


def _project_findings(file: File) -> Iterator[Diagnostic]:
    if not file.documents and not file.findings:
        hint = "Begin it with `version: 1`, `name:` and `paths:`."
        message = f"`{PROJECT_FILE}` is empty."
        yield Diagnostic(code="not-a-mapping", message=message, place=start_of(file.path), hint=hint)
    for other in file.documents[1:]:
        message, hint = (
            f"`{PROJECT_FILE}` holds more than one document.",
            "Move definitions to a file under `paths`.",
        )
        yield Diagnostic(code="unsupported-yaml", message=message, place=other.place(), hint=hint)


def _no_definitions(project: Document) -> Diagnostic:
    return Diagnostic(
        code="no-definitions",
        message="There is no definition under any of the `paths`.",
        place=project.place_of_key(("paths",)),
        hint="Write a KPI into a file that ends in `.yaml` there, or list another folder.",
    )


def _finding(refusal: Refusal, place: Place) -> Diagnostic:
    return Diagnostic(code=refusal.code, message=refusal.message, place=place, hint=refusal.hint)
