"""How definitions are written down: their lines as they stand in the file."""

from collections.abc import Iterator, Mapping, Sequence

from kpiascode.model.document import Document, Where
from kpiascode.model.project import Project


def lines_of(sources: Mapping[str, str], path: str) -> Sequence[str]:
    """Return the lines of a file without their breaks; none where it was not read."""
    return sources.get(path, "").replace("\r\n", "\n").split("\n")


def written(project: Project) -> Iterator[tuple[Document, Sequence[str]]]:
    """Yield each definition with the lines of its file, in the order of files and of lines."""
    found = sorted(project.documents.values(), key=lambda one: (one.path, one.place().span.line))
    path, lines = "", lines_of({}, "")
    for document in found:
        if document.path not in project.sources:
            continue
        if document.path != path:
            path, lines = document.path, lines_of(project.sources, document.path)
        yield document, lines


def is_in_brackets(document: Document, where: Where, lines: Sequence[str]) -> bool:
    """Return whether a value stands in a list or mapping with brackets, in which lines mean nothing."""
    spans = (document.values[where[:length]].span for length in range(len(where)))
    return any(lines[span.line - 1][span.column - 1 : span.column] in ("[", "{") for span in spans)
