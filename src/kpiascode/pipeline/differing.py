"""Two versions of a project: read from wherever they are, compared, and both computed over the same data."""

import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kpiascode import diff, load, resolve, validate
from kpiascode.load import revision
from kpiascode.load.git import Git
from kpiascode.model.canonical import fingerprint
from kpiascode.model.changes import Broken, Review, Side, Standard, Subject, SubjectKind, declared
from kpiascode.model.diagnostic import Diagnostic, in_order
from kpiascode.model.document import Document, Documents, Plain
from kpiascode.model.project import Project, Settings
from kpiascode.pipeline import holding
from kpiascode.pipeline.connection import Connection
from kpiascode.pipeline.ruling import known_findings
from kpiascode.resolve import Resolution

if TYPE_CHECKING:  # it needs an engine, and is left to those who compute
    from kpiascode.pipeline.numbering import Version

Unavailable = revision.Unavailable
WORKING: Final = "working tree"
NOWHERE: Final = Path()
NOTHING: Final = Documents(project=None, items=())


@dataclass(frozen=True, kw_only=True)
class End:
    """One end of a comparison, as it was read; it is understood when somebody asks.

    Args:
        folder: Of its definitions.
        data: Where data files lie that it may be computed over: those of the head.
    """

    label: str
    commit: str | None
    folder: Path
    data: Path
    documents: Documents

    @cached_property
    def resolution(self) -> Resolution:
        return resolve.resolve(self.documents)

    @cached_property
    def settings(self) -> Settings:
        """Return the project file alone."""
        return resolve.resolve(replace(self.documents, items=(), broken=())).project.settings

    @property
    def project(self) -> Project:
        return self.resolution.project

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        return in_order((*self.documents.diagnostics, *self.resolution.diagnostics))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """Both ends. `no_data` says why the data of the head cannot be had; None where it can."""

    base: End
    head: End
    no_data: str | None


@contextmanager
def ends(
    home: Path, base: str, head: str | None, git: Git | None, *, exactly: bool, with_data: bool
) -> Iterator[Ends]:
    """Yield both ends; what is not in a folder is laid into one of its own for as long.

    Args:
        home: The project folder.
        base, head: A revision, a folder or an archive; as head None: the project folder as it is.
        exactly: Whether a revision is taken as base itself, and not where the head parted from it.
        with_data: Whether the data files of the head are needed, too.

    Raises:
        Unavailable: One of them cannot be had.
    """
    with tempfile.TemporaryDirectory(prefix="kpi-diff-") as made:
        above = Path(made)
        for name in ("base", "head"):
            (above / name).mkdir()
        commit = None
        is_parted = head is None or revision.is_revision(head)
        if revision.is_revision(base) and is_parted and not exactly:
            commit = revision.merge_base(git, base, head)
        one = _base(base, git, above / "base", commit)
        if head is None:
            other = revision.Side(folder=home, label=WORKING, data=True)
        else:
            other = revision.side_of(head, git, above / "head")
        documents = _documents(other.folder)
        no_data = None
        if with_data:
            try:
                other = revision.add_data(other, git, _sources(documents))
            except Unavailable as unavailable:
                no_data = unavailable.reason
        yield Ends(
            no_data=no_data,
            base=_end(one, _documents(one.folder) if one.folder != NOWHERE else NOTHING, other.folder),
            head=_end(other, documents, other.folder),
        )


def _base(word: str, git: Git | None, into: Path, commit: str | None) -> revision.Side:
    """Return the base; a revision without a project is one in which nothing is declared yet."""
    try:
        return revision.side_of(word, git, into, commit)
    except revision.NoProject:
        if not revision.is_revision(word):
            raise
        return revision.Side(folder=NOWHERE, label=word, commit=commit)


def _documents(folder: Path) -> Documents:
    return validate.validate(load.load(folder))


def _sources(documents: Documents) -> Iterator[str]:
    for document in (*documents.items, *documents.broken):
        source = document.data.get("source")
        if document.data.get("kind") == "dataset" and isinstance(source, str):
            yield source


def _end(side: revision.Side, documents: Documents, data: Path) -> End:
    return End(
        label=side.label,
        commit=side.commit,
        folder=side.folder,
        data=data,
        documents=documents,
    )


def reviewed(
    found: Ends,
    as_of: datetime,
    connection: Connection | None,
    dialect: str,
    why_not: str | None,
    *,
    trusted: bool,
    standards: Collection[Standard] = (),
) -> Review:
    """Return what the head changes, with the numbers of both where an engine may be asked.

    Args:
        connection: None: nothing is computed.
        dialect: Of the SQL that is shown.
        why_not: Why nothing is computed.
        trusted: Whether the head may read data outside its folder where the base may not.
        standards: What may not be changed.
    """
    review = Review(
        base=found.base.label,
        head=found.head.label,
        base_commit=found.base.commit,
        head_commit=found.head.commit,
        as_of=as_of,
        changes=(),
        dialect=dialect,
        why_not=why_not,
    )
    if _is_same(found.base.documents, found.head.documents):
        return review
    sides = _sides(found)
    changes = diff.compare(*sides, as_of)
    if not changes:
        return review
    review = replace(review, changes=changes, held=holding.held(diff.moved(*sides, as_of, standards)))
    if found.no_data is not None and connection is not None and connection.url is None:
        connection, review = None, replace(review, why_not=found.no_data)
    from kpiascode.pipeline.numbering import numbers

    roots = None if trusted else found.base.project.settings.data_roots
    before, after = (_version(end, roots) for end in (found.base, found.head))
    return numbers(review, before, after, connection)


def _is_same(one: Documents, other: Documents) -> bool:
    """Return whether the same is written on both sides, so that nothing has to be understood."""
    told = [
        (
            None if documents.project is None else documents.project.data,
            [(document.path, document.data) for document in (*documents.items, *documents.broken)],
            [(allow.rules, allow.reason, allow.place) for allow in documents.allows],
        )
        for documents in (one, other)
    ]
    return told[0] == told[1] and one.is_whole and other.is_whole and not _has_baseline(other)


def _has_baseline(documents: Documents) -> bool:
    checking = None if documents.project is None else documents.project.data.get("check")
    return isinstance(checking, dict) and "baseline" in checking


def _version(end: End, roots: Sequence[str] | None) -> "Version":
    """Return what is computed of an end.

    Args:
        roots: The only folders outside the project that data may lie in; None: those that it names itself.
    """
    from kpiascode.pipeline.numbering import Version

    documents = end.documents
    if roots is not None and documents.project is not None:
        named = documents.project.data.get("data_roots")
        kept: list[Plain] = [root for root in named if root in roots] if isinstance(named, list) else []
        data = {**documents.project.data, "data_roots": kept}
        documents = replace(documents, project=replace(documents.project, data=data))
    return Version(folder=end.data, documents=documents, project=end.project)


def _sides(found: Ends) -> tuple[Side, Side]:
    """Return both sides; a file that is broken alike on both hides nothing from either."""
    base, head = _side(found.base), _side(found.head)
    files = [
        {
            subject: broken
            for subject, broken in side.unreadable.items()
            if subject.kind is SubjectKind.PROJECT
        }
        for side in (base, head)
    ]
    if files[0] == files[1]:
        return replace(base, is_whole=True), replace(head, is_whole=True)
    return base, head


def _side(end: End) -> Side:
    return Side(
        project=end.project,
        label=end.label,
        commit=end.commit,
        allows=end.documents.allows,
        known=known_findings(end.folder, end.documents, end.project),
        unreadable=dict(_unreadable(end)),
        is_whole=end.documents.is_whole or end.documents.project is None,
        is_there=end.documents.project is not None,
    )


def _unreadable(end: End) -> Iterator[tuple[Subject, Broken]]:
    """Yield what is declared and cannot be compared, with what is wrong with it."""
    kinds = {kind.value: kind for kind in SubjectKind}
    told: Sequence[Diagnostic] = end.diagnostics
    for document in (*end.documents.items, *end.documents.broken):
        kind, name = document.data.get("kind"), document.data.get("name")
        if isinstance(kind, str) and kind in kinds and isinstance(name, str):
            subject = Subject(kinds[kind], name)
            if name not in declared(end.project, subject.kind):
                yield subject, Broken(_why(document, told), fingerprint(document.data))
    if not end.documents.is_whole:
        for one in end.documents.diagnostics:
            path = one.place.path
            text = fingerprint(end.documents.sources.get(path, one.message))
            yield Subject(SubjectKind.PROJECT, path), Broken(one.message, text)


def _why(document: Document, told: Sequence[Diagnostic]) -> str:
    whole = document.place()
    first, last = whole.span.line, whole.span.end_line
    for one in told:
        if one.place.path == document.path and first <= one.place.span.line <= last:
            return one.message
    return "What it rests on is broken."
