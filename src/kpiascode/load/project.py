"""Reads a project: its file, and every definition under the paths that it lists."""

import errno
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from kpiascode.load.comments import allows, near_allows
from kpiascode.load.files import Refusal, inside, read, yaml_files
from kpiascode.load.text import MAX_SIZE, read_text, start_of, too_large
from kpiascode.model.checking import Allow, NearAllow
from kpiascode.model.diagnostic import Diagnostic, in_order
from kpiascode.model.document import Document, Documents, Where
from kpiascode.model.place import Place, Span

PROJECT_FILE: Final = "kpiascode.yaml"
MAX_FILES: Final = 20_000
MAX_BYTES: Final = 33_554_432
MAX_VALUES: Final = 1_250_000
"""Of all files together. So many take some 430 MiB, whatever they hold, and twenty thousand KPIs fit."""

SCHEMAS: Final = ("schemas/bundle.schema.json", "schemas/project.schema.json")
"""Where `kpi init` puts what editors read."""


@dataclass(frozen=True, slots=True)
class File:
    """What came of one file. `text` is None where it is no text; `values` counts what it holds."""

    path: str
    text: str | None
    documents: tuple[Document, ...]
    findings: tuple[Diagnostic, ...]
    allows: tuple[Allow, ...] = ()
    near_allows: tuple[NearAllow, ...] = ()
    values: int = 0
    is_whole: bool = False


def find_project(start: Path) -> Path | None:
    """Return the nearest folder that holds a `kpiascode.yaml`, from `start` upward, or None."""
    start = start.absolute()
    return next((folder for folder in (start, *start.parents) if _holds_project(folder)), None)


def load(folder: Path, instead: Mapping[str, str] = MappingProxyType({})) -> Documents:
    """Return what the project in `folder` declares, and what of it could not be read.

    Args:
        instead: By path, texts that are read in the place of what files hold.

    Raises:
        FileNotFoundError: There is no `kpiascode.yaml` in `folder`.
    """
    if not _holds_project(folder):
        raise FileNotFoundError(errno.ENOENT, f"There is no {PROJECT_FILE}", str(folder))
    project_file = _read_file(folder, PROJECT_FILE, instead)
    project = project_file.documents[0] if project_file.documents else None
    found = list(_find(folder, project)) if project else []
    paths = sorted({path for path in found if isinstance(path, str)} - {PROJECT_FILE})
    files = tuple(_read_files(folder, paths, instead))
    if project and len(files) < len(paths):
        sources = {} if project_file.text is None else {project_file.path: project_file.text}
        return Documents(
            project=project, items=(), is_whole=False, sources=sources, diagnostics=(_too_large(project),)
        )
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
        is_whole=bool(project)
        and all(file.is_whole for file in files)
        and all(isinstance(path, str) for path in found),
        sources={file.path: file.text for file in (project_file, *files) if file.text is not None},
        schemas=frozenset(path for path in SCHEMAS if (folder / path).is_file()),
        diagnostics=in_order(findings),
        allows=tuple(allow for file in (project_file, *files) for allow in file.allows),
        near_allows=tuple(near for file in (project_file, *files) for near in file.near_allows),
    )


def definition_files(folder: Path) -> tuple[str, ...]:
    """Return the project file and the files below what it lists, whether they can be read or not."""
    project_file = _read_file(folder, PROJECT_FILE, {})
    found = _find(folder, project_file.documents[0]) if project_file.documents else ()
    return PROJECT_FILE, *sorted({path for path in found if isinstance(path, str)} - {PROJECT_FILE})


def _holds_project(folder: Path) -> bool:
    return os.path.lexists(folder / PROJECT_FILE)


def _read_files(folder: Path, paths: Iterable[str], instead: Mapping[str, str]) -> Iterator[File]:
    """Yield the files, as long as all of them together are not too large."""
    size = values = 0
    for path in paths:
        file = _read_file(folder, path, instead)
        size += len(file.text or "")
        values += file.values
        if size > MAX_BYTES or values > MAX_VALUES:
            return
        yield file


def _read_file(folder: Path, path: str, instead: Mapping[str, str]) -> File:
    data = instead[path].encode() if path in instead else read(folder, path, MAX_SIZE)
    if isinstance(data, Refusal):
        return File(path, None, (), (_finding(data, start_of(path)),))
    if len(data) > MAX_SIZE:
        return File(path, None, (), (too_large(path),))
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        return File(path, None, (), (_not_utf8(path, data, error.start),))
    found = read_text(path, text)
    allowed, more = allows(path, text, found.documents)
    return File(
        path=path,
        text=text,
        documents=found.documents,
        findings=(*found.findings, *more),
        allows=allowed,
        near_allows=near_allows(path, text, found.documents),
        values=found.values,
        is_whole=found.is_whole,
    )


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


def _too_large(project: Document) -> Diagnostic:
    return Diagnostic(
        code="project-too-large",
        message=f"The files under `paths` hold more than {MAX_BYTES:,} characters or {MAX_VALUES:,} values.",
        place=project.place_of_key(("paths",)),
        hint="List fewer folders, or make several projects.",
    )


def _finding(refusal: Refusal, place: Place) -> Diagnostic:
    return Diagnostic(code=refusal.code, message=refusal.message, place=place, hint=refusal.hint)
