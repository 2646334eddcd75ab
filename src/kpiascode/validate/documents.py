"""Checks the shape of every document, and that no name is given twice."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final, TypeAlias

from kpiascode.model.diagnostic import Diagnostic, Severity, did_you_mean, in_order, one_of
from kpiascode.model.document import KINDS, Document, Documents
from kpiascode.validate.gate import gate_of
from kpiascode.validate.quoting import with_quotes
from kpiascode.validate.words import found, may_be_repeated, shown

MAX_FINDINGS: Final = 1_000
"""Of one file. Nobody reads more, and each takes long to explain; definitions beyond are only counted."""

GUESSED: Final = frozenset(
    [
        *("ambiguous-scalar", "duplicate-key", "forbidden-character", "invalid-key", "number-too-long"),
        *("text-too-long", "unsupported-yaml"),
    ]
)
"""What is said of a value that could only be guessed. No more is said of that value."""

Point: TypeAlias = tuple[int, int]
Name: TypeAlias = tuple[str, str]
"""A kind and a name."""


def validate(documents: Documents) -> Documents:
    """Return the documents with findings about their shape, at most a thousand to a file.

    Definitions of the wrong shape, with a guessed value, or with a name that was taken move from `items` to
    `broken`. A project file of the wrong shape becomes None.
    """
    guesses = _guesses(documents.diagnostics)
    everything = (*documents.items, *documents.restricted)
    firsts = _firsts(everything)
    findings, broken = list(with_quotes(documents)), list(documents.broken)
    sound: set[int] = set()
    explained: Counter[str] = Counter()
    unexplained: Counter[str] = Counter()
    for document in everything:
        wrong = list(_taken_name(document, firsts))
        if explained[document.path] < MAX_FINDINGS:
            wrong = [*_kind_or_shape(document), *wrong]
            explained[document.path] += len(wrong)
        elif not _has_its_shape(document):
            unexplained[document.path] += 1
            broken.append(document)
            findings += wrong
            continue
        doubtful = _within(document, guesses[document.path]) if document.path in guesses else frozenset()
        findings += _not_told(wrong, doubtful)
        if wrong or doubtful:
            broken.append(document)
        else:
            sound.add(id(document))
    project = documents.project
    if project:
        wrong, doubtful = list(_shape(project, "project")), _within(project, guesses[project.path])
        findings += _not_told(wrong, doubtful)
        project = None if wrong or doubtful else project
    return replace(
        documents,
        project=project,
        items=tuple(one for one in documents.items if id(one) in sound),
        restricted=tuple(one for one in documents.restricted if id(one) in sound),
        broken=tuple(broken),
        diagnostics=tuple(_at_most(MAX_FINDINGS, in_order(findings), unexplained)),
    )


def _kind_or_shape(document: Document) -> Iterator[Diagnostic]:
    kind, kinds = document.data.get("kind"), one_of(KINDS, len(KINDS))
    if "kind" not in document.data:
        place = document.place_of_key((next(iter(document.data), ""),))
        message = "The document does not say its `kind`."
        yield Diagnostic(code="missing-kind", message=message, place=place, hint=f"Kinds are {kinds}.")
    elif isinstance(kind, str) and kind in KINDS:
        yield from _shape(document, kind)
    else:
        what = f"`{shown(kind)}`" if isinstance(kind, str) and may_be_repeated(kind) else found(kind)
        near = did_you_mean(kind, KINDS) if isinstance(kind, str) else None
        message, hint = f"`kind` cannot be {what}.", near or f"Kinds are {kinds}."
        yield Diagnostic(code="unknown-kind", message=message, place=document.place(("kind",)), hint=hint)


def _has_its_shape(document: Document) -> bool:
    kind = document.data.get("kind")
    return isinstance(kind, str) and kind in KINDS and gate_of(kind)(document.data)


def _shape(document: Document, kind: str) -> Iterable[Diagnostic]:
    if gate_of(kind)(document.data):
        return ()
    # jsonschema takes longer to import than a thousand documents to check, and is seldom needed.
    from kpiascode.validate.explain import explain

    return explain(document, kind)


def _name_of(document: Document) -> Name | None:
    kind, name = document.data.get("kind"), document.data.get("name")
    return (kind, name) if isinstance(kind, str) and isinstance(name, str) and kind in KINDS else None


def _firsts(documents: Iterable[Document]) -> Mapping[Name, Document]:
    firsts: dict[Name, Document] = {}
    for document in documents:
        if name := _name_of(document):
            firsts.setdefault(name, document)
    return firsts


def _taken_name(document: Document, firsts: Mapping[Name, Document]) -> Iterator[Diagnostic]:
    name = _name_of(document)
    if name and firsts[name] is not document:
        yield Diagnostic(
            code="duplicate-name",
            message=f"There is another {name[0]} `{shown(name[1])}`.",
            place=document.place(("name",)),
            hint="Rename one of them.",
            note=f"It was first defined at {firsts[name].place(('name',))}.",
        )


def _guesses(diagnostics: Iterable[Diagnostic]) -> defaultdict[str, set[Point]]:
    """Return by path where values were guessed."""
    guesses: defaultdict[str, set[Point]] = defaultdict(set)
    for finding in diagnostics:
        if finding.code in GUESSED:
            guesses[finding.place.path].add(_start(finding))
    return guesses


def _within(document: Document, points: Iterable[Point]) -> frozenset[Point]:
    span = document.place().span
    start, end = (span.line, span.column), (span.end_line, span.end_column)
    return frozenset(point for point in points if start <= point <= end)


def _start(finding: Diagnostic) -> Point:
    return finding.place.span.line, finding.place.span.column


def _not_told(findings: Iterable[Diagnostic], doubtful: frozenset[Point]) -> Iterator[Diagnostic]:
    """Yield the findings but those about a guessed value; a missing key is no value."""
    return (one for one in findings if one.code.startswith("missing") or _start(one) not in doubtful)


def _at_most(
    limit: int, findings: Sequence[Diagnostic], unexplained: Mapping[str, int]
) -> Iterator[Diagnostic]:
    """Yield the first findings of each file, and how many there are besides.

    Args:
        unexplained: By path, how many definitions more are wrong; each has a finding or several.
    """
    for path, group in groupby(findings, lambda finding: finding.place.path):
        ours = list(group)
        yield from ours[:limit]
        rest, wrong = ours[limit:], unexplained.get(path, 0)
        if rest or wrong:
            severities = {finding.severity for finding in rest}
            is_error = wrong or Severity.ERROR in severities
            count = f"at least {len(rest) + wrong:,}" if wrong else f"{len(rest):,}"
            yield Diagnostic(
                code="more-findings",
                message=f"There are {count} more findings in `{path}`.",
                place=(rest or ours[-1:])[0].place,
                severity=Severity.ERROR if is_error else Severity.WARNING,
                hint="Correct those above first.",
            )
