"""From a project and the restricted folder to what both say. Nothing else reads that folder."""

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
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
from kpiascode.model.document import KEPT_UNTIL, Document, Documents, Plain, kept_until
from kpiascode.model.project import Restricted
from kpiascode.pipeline import reading
from kpiascode.pipeline.reading import Checked

DEFAULT: Final = "restricted"
"""The folder beside kpiascode.yaml, where nothing else is said."""

SITE: Final = "site-"
"""How the folder of the site begins, and that of one for an audience."""

SERIES: Final = "one_on_one_series"
MADE: Final = (
    (re.compile(r"feedback-([a-z0-9_]+)\.(?:html|md)"), "feedback_round"),
    (re.compile(r"one-on-one-([a-z0-9_]+)\.(?:html|md)"), SERIES),
    (re.compile(r"plan-([a-z0-9_]+)\.(?:html|md)"), "improvement_plan"),
)
"""Artefacts that `kpi pack` makes of a document, and its kind: they bear its name."""

OPEN: Final = re.compile(r"(?:close|recognition|review)-.*")
"""Those that it makes of the open repository alone."""


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
class Standing:
    """What stands in the restricted folder today, as artefacts that were made earlier follow it.

    Args:
        documents: By kind and name; several where one is written twice.
        is_whole: Whether everything there could be read. Else nothing is known to be gone.
        in_the_open: Series of the open repository; None where not all of it could be read.
    """

    documents: Mapping[tuple[str, str], tuple[Document, ...]]
    is_whole: bool
    in_the_open: frozenset[str] | None

    def until(self, file: str, told: date) -> date | None:
        """Return the first day on which an artefact may not be kept any more; None where it already may not.

        It is the earliest of its own and of those of the documents that it is made of, as they stand today: a
        later day than it was made with does not count. None is for one of which such a document is gone.

        Args:
            file: Its name, by which its document is found.
            told: The day that it was made with.
        """
        if OPEN.fullmatch(file):
            return told
        made_of = next(((kind, found[1]) for made, kind in MADE if (found := made.fullmatch(file))), None)
        if made_of is None:  # a list of what is due, which tells of all of them
            return _earliest(told, (one for several in self.documents.values() for one in several))
        own = self.documents.get(made_of, ())
        persons = frozenset(name for one in own for name in _persons(one.data))
        needed = (made_of, *(("person", name) for name in persons))
        if any(self._is_gone(one) for one in needed):
            return None
        quoted = (one for key in needed for one in self.documents.get(key, ()))
        return _earliest(told, (*quoted, *(self._goals(own, persons) if made_of[0] == SERIES else ())))

    def _is_gone(self, document: tuple[str, str]) -> bool:
        if not self.is_whole or document in self.documents:
            return False
        is_series = document[0] == SERIES  # the only kind of which one in the open has artefacts for a pair
        return not is_series or (self.in_the_open is not None and document[1] not in self.in_the_open)

    def _goals(self, series: Iterable[Document], pair: Collection[str]) -> Iterator[Document]:
        """Yield the goals of persons that two may look at when they meet."""
        told = [one.data.get("goals") for one in series]
        named = {name for names in told if isinstance(names, list) for name in names if isinstance(name, str)}
        for (kind, name), documents in self.documents.items():
            if kind == "goal":
                yield from (one for one in documents if name in named or {*_persons(one.data)} & {*pair})


NOBODY_KNOWS: Final = Standing(documents={}, is_whole=False, in_the_open=None)
"""Where the restricted folder is not read: artefacts have their own days."""


def _earliest(day: date, documents: Iterable[Document]) -> date:
    return min((day, *(until for until in map(kept_until, documents) if until is not None)))


def _persons(value: Plain) -> Iterator[str]:
    """Yield the persons that a document names, wherever it does."""
    if isinstance(value, dict):
        if isinstance(person := value.get("person"), str):
            yield person
        value = [*value.values()]
    if isinstance(value, list):
        for one in value:
            yield from _persons(one)


def _standing(documents: Documents, found: RestrictedFiles) -> Standing:
    by_name: dict[tuple[str, str], tuple[Document, ...]] = {}
    for key, document in ((_key(one), one) for one in found.documents):
        by_name[key] = (*by_name.get(key, ()), document)
    series = frozenset(name for kind, name in map(_key, documents.items) if kind == SERIES)
    return Standing(
        documents=by_name,
        is_whole=found.is_whole,
        in_the_open=series if documents.is_whole else None,
    )


def _key(document: Document) -> tuple[str, str]:
    """Return kind and name of a document, as far as it says them."""
    return str(document.data.get("kind")), str(document.data.get("name"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Which files are over, and what says of others that nobody knows; those are never removed."""

    over: tuple[Over, ...]
    unknown: tuple[Diagnostic, ...]
    standing: Standing


def retention(home: Path, source: Source, day: date) -> Retention:
    """Return which restricted files are over on a day. The definitions themselves need not be sound."""
    documents = load.load(home)
    found = _files(home, documents, source)
    over: list[Over] = []
    unknown = list(found.findings)
    for file in found.files:
        until = kept_until(file.documents[0]) if len(file.documents) == 1 and file.is_whole else None
        if until is None:
            unknown += file.findings or (_no_day(file),)
        elif until <= day:
            over.append(Over(path=file.path, kind=_kind(file.documents[0]), until=until))
    return Retention(over=tuple(over), unknown=tuple(unknown), standing=_standing(documents, found))


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
