"""From a project and the restricted folder to what both say. Nothing else reads that folder."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from kpiascode import load, validate
from kpiascode.load.files import Refusal, inside
from kpiascode.load.git import Git
from kpiascode.load.restricted import (
    HEAD,
    NOWHERE,
    RestrictedFile,
    RestrictedFiles,
    load_restricted,
    veiled,
    wrong_folder,
)
from kpiascode.model.diagnostic import Diagnostic, in_order
from kpiascode.model.document import KEPT_UNTIL, Document, Documents, kept_until
from kpiascode.model.project import Restricted
from kpiascode.pipeline import reading
from kpiascode.pipeline.reading import Checked

DEFAULT: Final = "restricted"
"""The folder beside kpiascode.yaml, where nothing else is said."""

SITE: Final = "site-"
"""How the folder of the site begins, and that of one for an audience."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where restricted documents are.

    Args:
        folder: Absolute.
        identity: The file of the keys by which encrypted ones are read.
        git: Who may be asked about the repository of the project; None where there is no git.
    """

    folder: Path
    identity: Path | None
    git: Git | None


def read(home: Path, source: Source | None) -> Checked:
    """Return a project as `reading.read` does, with what belongs to persons where a source is given."""
    if source is None:
        return reading.read(home)
    documents = load.load(home)
    found = _files(home, documents, source)
    checked = reading.understood(
        home,
        validate.validate(
            replace(
                documents,
                restricted=found.documents,
                is_whole=documents.is_whole and found.is_whole,
                diagnostics=(*documents.diagnostics, *found.diagnostics),
            )
        ),
    )
    return replace(checked, diagnostics=in_order(map(veiled, checked.diagnostics)))


def alone(home: Path, project: Documents, source: Source) -> Documents:
    """Return the restricted documents, of their shape, with what is wrong with any of them.

    Args:
        project: Says where the folder may not lie. Nothing else of it counts, so no definition there can take
            the place of a restricted one.
    """
    found = _files(home, project, source)
    documents = validate.validate(
        Documents(
            project=None,
            items=(),
            restricted=found.documents,
            is_whole=found.is_whole,
            diagnostics=found.diagnostics,
        )
    )
    return replace(documents, diagnostics=tuple(map(veiled, documents.diagnostics)))


def check(home: Path, source: Source, baseline: Path | None = None) -> Checked:
    """Return the same with every finding, as `reading.check` does."""
    return reading.judged(read(home, source), baseline)


def kept(checked: Checked, day: date) -> Checked:
    """Return what was read, with an error for each document that may not be kept on a day any more."""
    over = (_over(document, day) for document in checked.restricted.documents.values())
    found = tuple(finding for finding in over if finding is not None)
    return replace(checked, diagnostics=in_order((*checked.diagnostics, *found))) if found else checked


def without_over(found: Restricted, day: date) -> Restricted:
    """Return what may still be kept on a day; of the rest the documents remain, which say until when."""

    def only(things: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: thing
            for name, thing in things.items()
            if thing.keeping is None or thing.keeping.until > day
        }

    performance = found.performance
    return replace(
        found,
        persons=only(found.persons),
        goals=only(found.goals),
        performance=replace(
            performance,
            plans=only(performance.plans),
            series=only(performance.series),
            rounds=only(performance.rounds),
        ),
    )


def _over(document: Document, day: date) -> Diagnostic | None:
    until = kept_until(document)
    if until is None or until > day:
        return None
    return Diagnostic(
        code="retention-over",
        message=f"The document may be kept until {until}, which is over.",
        place=document.place((KEPT_UNTIL,)),
        hint="`kpi purge --remove` removes it. Nothing is made of it until then.",
        veiled=True,
    )


# --- what is over


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """A file whose document may not be kept any more. `path` is relative to the restricted folder."""

    path: str
    kind: str
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Which files are over, and what says of others that nobody knows; those are never removed."""

    over: tuple[Over, ...]
    unknown: tuple[Diagnostic, ...]


def retention(home: Path, source: Source, day: date) -> Retention:
    """Return which restricted files are over on a day. The definitions themselves need not be sound."""
    found = _files(home, load.load(home), source)
    over: list[Over] = []
    unknown = list(found.findings)
    for file in found.files:
        until = kept_until(file.documents[0]) if len(file.documents) == 1 and file.is_whole else None
        if until is None:
            unknown += file.findings or (_no_day(file),)
        elif until <= day:
            over.append(Over(path=file.path, kind=_kind(file.documents[0]), until=until))
    return Retention(over=tuple(over), unknown=tuple(unknown))


def _no_day(file: RestrictedFile) -> Diagnostic:
    place = file.documents[0].place() if file.documents else None
    return Diagnostic(
        code="keeping-not-told",
        message="The file does not say until when it may be kept.",
        place=place or replace(NOWHERE, path=f"{HEAD}{file.path}"),
        hint=f"Write a document into it that says `{KEPT_UNTIL}`, or remove it.",
        veiled=True,
    )


def _kind(document: Document) -> str:
    kind = document.data.get("kind")
    return kind if isinstance(kind, str) and kind in validate.KINDS else "document"


# --- which folders


def _files(home: Path, documents: Documents, source: Source) -> RestrictedFiles:
    """Return the files of the restricted folder, if it is where what belongs to persons may lie."""
    refused = (*wrong_folder(source.folder), *_misplaced(home, documents, source.folder))
    refused = refused or tuple(_in_git(home, source))
    if refused:
        return RestrictedFiles(files=(), findings=refused)
    return load_restricted(source.folder, source.identity)


def _misplaced(home: Path, documents: Documents, folder: Path) -> Iterator[Diagnostic]:
    """Yield why what lies in a folder would be read by, or shown to, everybody."""
    real, root = Path(os.path.realpath(folder)), Path(os.path.realpath(home))
    hint = "Move it elsewhere, and out of the history of the open repository."
    if root.is_relative_to(real):
        yield _wrong("restricted-folder-misplaced", "The restricted folder holds the whole project.", hint)
        return
    if real.is_relative_to(root) and f"{real.relative_to(root).parts[0]}-".startswith(SITE):
        yield _wrong("restricted-folder-misplaced", "The restricted folder lies in the site.", hint)
    listed = None if documents.project is None else documents.project.data.get("paths")
    for entry in listed if isinstance(listed, list) else ():
        path = inside(entry) if isinstance(entry, str) else "."
        if isinstance(path, Refusal) or (path == "." and real == root / DEFAULT):
            continue  # where definitions are looked for in the whole project, this folder is left out
        if real.is_relative_to(root / path):
            message = "The restricted folder lies under `paths`, where everybody's definitions are."
            yield _wrong("restricted-folder-misplaced", message, hint)
            return


def _in_git(home: Path, source: Source) -> Iterator[Diagnostic]:
    """Yield why what lies in a folder would come into the open repository, or that nobody can say that."""
    real, root = os.path.realpath(source.folder), Path(os.path.realpath(home))
    trees = (above for above in (root, *root.parents) if (above / ".git").exists())
    if not any(Path(real).is_relative_to(tree) for tree in trees):
        return
    tracked = None if source.git is None else source.git.tracked(real)
    code = "restricted-folder-in-git"
    if source.git is None or tracked is None:
        message = (
            "Nobody can say whether the restricted folder is in the open repository: git cannot be asked."
        )
        yield _wrong(code, message, "Install git, or move the folder out of the repository.")
    elif tracked:
        message = "The open repository tracks the restricted folder, or files in it."
        yield _wrong(
            code, message, "Move it elsewhere, and out of the history: whoever has a copy can read it."
        )
    elif not source.git.ignores(f"{real}/any.yaml") or source.git.would_add(real):
        message = "The open repository does not ignore the restricted folder."
        yield _wrong(code, message, "Write its path into `.gitignore`, or move it out of the repository.")


def _wrong(code: str, message: str, hint: str) -> Diagnostic:
    return Diagnostic(code=code, message=message, place=NOWHERE, hint=hint)
