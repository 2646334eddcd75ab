"""Finds the comments `# kpi: allow <rule>: <reason>` of a file, and the lines that each of them covers.

The reader keeps no comments, so they are looked for in the text: a `#` begins one where it stands in no
scalar. Where scalars stand is asked of the reader, and only for a file that may hold such a comment at all.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from string import ascii_lowercase
from typing import Final, TypeAlias

import yaml

from kpiascode.load.text import LOADER
from kpiascode.model.checking import Allow, NearAllow, RuleName
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.document import Document
from kpiascode.model.place import Place, Span

Point: TypeAlias = tuple[int, int]
"""A line and a column, from 0."""

ALLOW: Final = re.compile(r"#[ \t]{0,8}kpi:[ \t]{0,8}allow(?![\w-])")
"""At the beginning of a comment. What follows is taken apart by hand, in time linear in its length."""

NEAR: Final = re.compile(
    r"#[# \t]{0,8}kpis?[ \t]{0,8}[:-]?[ \t]{0,8}(?P<word>[a-z]{2,12})"
    r"[ \t:=(\[]{1,8}(?P<name>[a-z][a-z-]{1,63})",
    re.IGNORECASE,
)
"""What somebody may have meant for it, where `word` is nearly `allow`."""

WORD: Final = "allow"
PARTS: Final = tuple((WORD[:number], WORD[number:]) for number in range(len(WORD) + 1))
NEAR_WORDS: Final = frozenset(
    {
        *(begin + end[1:] for begin, end in PARTS),
        *(begin + end[1::-1] + end[2:] for begin, end in PARTS),
        *(
            begin + letter + end[skip:]
            for begin, end in PARTS
            for letter in ascii_lowercase
            for skip in (0, 1)
        ),
        *("allowed", "allowing", "disable", "except", "ignore", "noqa", "skip"),
    }
) - {WORD}
"""A letter less, two swapped, another letter, one more; other forms of it; what other tools say instead."""

NAMES: Final = re.compile(r"[ \t,]*[^ \t,]+(?:[ \t]*,[ \t]*[^ \t,]+)*")
"""Names at the beginning of a text, divided by commas."""

MAX_ALLOWS: Final = 500
"""In one file; a comment that names several rules counts as often."""


@dataclass(frozen=True, slots=True)
class Scalars:
    """Where no `#` is a comment, and which lines belong to one text; in the order of the file.

    Args:
        starts, ends: From the first character to just after the last one; of a block, of its text only.
        lines: For each line on which a text of several lines begins or ends: its first and its last line.
    """

    starts: Sequence[Point]
    ends: Sequence[Point]
    lines: dict[int, tuple[int, int]]

    def end_around(self, at: Point) -> Point | None:
        """Return where the scalar ends that holds the point, or None where none does."""
        number = bisect_right(self.starts, at) - 1
        return self.ends[number] if number >= 0 and at < self.ends[number] else None


def allows(
    path: str, text: str, documents: Sequence[Document]
) -> tuple[tuple[Allow, ...], tuple[Diagnostic, ...]]:
    """Return what the comments of a file allow, in its order.

    Args:
        documents: Those of the file. Where it holds none, nothing can be allowed.
    """
    if not documents or not ALLOW.search(text):
        return (), ()
    lines = text.replace("\r\n", "\n").split("\n")
    found: list[Allow] = []
    room = MAX_ALLOWS
    for allow in _allows(path, lines, _scalars(text, lines), documents):
        room -= max(1, len(allow.rules))
        if room < 0:
            message = f"The file allows findings at more than {MAX_ALLOWS} places; the rest is not read."
            hint = "Mend them, or turn the rule off for the file: `check: {paths: [...]}`."
            return tuple(found), (
                Diagnostic(code="too-many-allows", message=message, place=allow.place, hint=hint),
            )
        found.append(allow)
    return tuple(found), ()


def near_allows(path: str, text: str, documents: Sequence[Document]) -> tuple[NearAllow, ...]:
    """Return the comments of a file that look like one that allows, and are none: at most `MAX_ALLOWS`."""
    if not documents or not any(_is_near(match) for match in NEAR.finditer(text)):
        return ()
    lines = text.replace("\r\n", "\n").split("\n")
    return tuple(islice(_near_allows(path, lines, _scalars(text, lines)), MAX_ALLOWS))


def _near_allows(path: str, lines: Sequence[str], scalars: Scalars) -> Iterator[NearAllow]:
    for number, line in enumerate(lines):
        if not NEAR.search(line):
            continue
        column = _comment(line, number, scalars)
        if column is not None and (match := NEAR.match(line, column)) and _is_near(match):
            place = Place(path, Span(number + 1, column + 1, number + 1, len(line.rstrip()) + 1))
            yield NearAllow(match["name"].lower(), place)


def _is_near(match: re.Match[str]) -> bool:
    """Return whether a comment begins nearly, and not exactly, as one that allows."""
    word = match["word"].lower()
    return word in NEAR_WORDS or (word == WORD and not ALLOW.match(match[0]))


def _scalars(text: str, lines: Sequence[str]) -> Scalars:
    starts, ends, together = [], [], {}
    for event in yaml.parse(text, Loader=LOADER):
        if not isinstance(event, yaml.ScalarEvent):
            continue
        begin, stop = event.start_mark, event.end_mark
        assert begin is not None
        assert stop is not None
        start, end = (begin.line, begin.column), (stop.line, stop.column)
        if start == end:
            continue
        last = end[0] - 1 if end[1] == 0 else end[0]
        if last > start[0]:
            together[start[0]] = together[last] = (start[0], last)
        # Behind the `|` of a block a comment may stand; its text begins on the next line.
        starts.append((start[0] + 1, 0) if event.style in ("|", ">") else start)
        ends.append(end)
    return Scalars(starts, ends, together)


def _allows(
    path: str, lines: Sequence[str], scalars: Scalars, documents: Sequence[Document]
) -> Iterator[Allow]:
    whole = dict(_lines_of_kinds(documents))
    following = _following(lines)
    for number, line in enumerate(lines):
        if not ALLOW.search(line):
            continue
        column = _comment(line, number, scalars)
        if column is None or not (match := ALLOW.match(line, column)):
            continue
        alone = not line[:column].strip()
        covered = following[number] if alone else number
        first, last = whole.get(covered) or scalars.lines.get(covered, (covered, covered))
        names, colon, reason = line[match.end() :].partition(":")
        if not colon and (match_of_names := NAMES.match(names)):
            names = match_of_names[0]  # behind them stands a reason that has no colon
        yield Allow(
            rules=tuple(islice(_names(path, names, number, match.end()), MAX_ALLOWS + 1)),
            reason=reason.strip(),
            place=Place(path, Span(number + 1, column + 1, number + 1, len(line.rstrip()) + 1)),
            first=first + 1,
            last=last + 1,
        )


def _lines_of_kinds(documents: Sequence[Document]) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield the line on which a document says its `kind`, and the lines of the whole document."""
    for document in documents:
        if kind := document.keys.get(("kind",)):
            span = document.place().span
            yield kind.line - 1, (span.line - 1, span.end_line - 1)


def _following(lines: Sequence[str]) -> list[int]:
    """Return for each line the next one that is neither empty nor a comment; the last where none is."""
    found, after = [0] * len(lines), len(lines) - 1
    for number in range(len(lines) - 1, -1, -1):
        found[number] = after
        if (stripped := lines[number].strip()) and not stripped.startswith("#"):
            after = number
    return found


def _comment(line: str, number: int, scalars: Scalars) -> int | None:
    """Return the column at which the comment of a line begins, or None where it has none."""
    column = line.find("#")
    while column >= 0:
        end = scalars.end_around((number, column))
        if end is None:
            return column
        if end[0] > number:
            return None
        column = line.find("#", end[1])
    return None


def _names(path: str, names: str, number: int, column: int) -> Iterator[RuleName]:
    for part in names.split(","):
        name = part.strip()
        start = column + len(part) - len(part.lstrip()) + 1
        if name:
            yield RuleName(name, Place(path, Span(number + 1, start, number + 1, start + len(name))))
        column += len(part) + 1
