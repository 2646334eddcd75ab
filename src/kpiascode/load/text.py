"""Reads the text of one file: first its characters, then its YAML."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import yaml

from kpiascode.load.characters import FORBIDDEN, name_of
from kpiascode.load.construct import Builder, Refused
from kpiascode.load.syntax import syntax_finding
from kpiascode.model.diagnostic import Diagnostic, in_order
from kpiascode.model.document import Document
from kpiascode.model.place import Place, Span

MAX_SIZE: Final = 1_048_576
DIRECTIVE: Final = re.compile("^%", re.MULTILINE)
LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What the text of a file says.

    Args:
        values: How many values it holds.
        is_whole: Whether all of its definitions are among the documents.
    """

    documents: tuple[Document, ...]
    findings: tuple[Diagnostic, ...]
    values: int = 0
    is_whole: bool = False


def load_text(path: str, text: str) -> tuple[tuple[Document, ...], tuple[Diagnostic, ...]]:
    """Return the documents of a file and what is wrong with it.

    A file that is no YAML of ours gives no documents. One with lesser mistakes, such as a key that stands
    twice, gives all of them; the value at the place of such a finding is a guess.
    """
    found = read_text(path, text)
    return found.documents, found.findings


def read_text(path: str, text: str) -> Text:
    """Return the same, and how much it is."""
    text = text.removeprefix("\ufeff")
    if refused := tuple(_unreadable(path, text)):
        return Text(documents=(), findings=in_order(refused))
    lines = text.replace("\r\n", "\n").split("\n")
    builder = Builder(path, lines)
    documents: tuple[Document, ...] = ()
    findings = builder.findings
    is_whole = True
    try:
        for event in _events(text):
            builder.add(event)
        documents = tuple(builder.documents())
    except Refused:
        is_whole = False
    except yaml.YAMLError as error:
        findings = [*findings, syntax_finding(path, lines, error)]
        is_whole = False
    return Text(
        documents=documents,
        findings=in_order(findings),
        values=builder.count,
        is_whole=is_whole and not builder.merged and not any(one.code == "not-a-mapping" for one in findings),
    )


def too_large(path: str) -> Diagnostic:
    """Return the finding for a file that is not read because of its size."""
    message = f"`{path}` is larger than {MAX_SIZE:,} bytes."
    return Diagnostic(code="file-too-large", message=message, place=start_of(path), hint="Split it.")


def start_of(path: str) -> Place:
    """Return the place of a finding about a file as a whole."""
    return Place(path, Span(1, 1, 1, 1))


def _events(text: str) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(text, Loader=LOADER)
    except (ValueError, OverflowError) as error:  # the pure reader calls chr() for "\UFFFFFFFF"
        raise yaml.MarkedYAMLError(context="while scanning a quoted scalar") from error


def _unreadable(path: str, text: str) -> Iterator[Diagnostic]:
    """Yield what must not get as far as the YAML reader."""
    if len(text) > MAX_SIZE:
        yield too_large(path)
        return
    firsts: dict[str, int] = {}
    for hidden in FORBIDDEN.finditer(text):
        firsts.setdefault(hidden[0], hidden.start())
    for character, start in firsts.items():
        message = f"The file holds {name_of(character)}, which no definition may hold."
        yield _at(path, text, start, "forbidden-character", message, "Remove it.")
    if directive := DIRECTIVE.search(text):
        message = "A line that begins with `%` is a directive, which definitions do not have."
        yield _at(
            path, text, directive.start(), "unsupported-yaml", message, "Remove it, or indent the text."
        )


def _at(path: str, text: str, start: int, code: str, message: str, hint: str) -> Diagnostic:
    line, column = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
    place = Place(path, Span(line, column, line, column + 1))
    return Diagnostic(code=code, message=message, place=place, hint=hint)
