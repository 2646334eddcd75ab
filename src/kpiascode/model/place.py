"""Where something stands in a file. Lines and columns count from 1, in characters."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """From the first character to just after the last one."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Place:
    """A span in a file. `path` is relative to the project folder, with forward slashes."""

    path: str
    span: Span

    def __str__(self) -> str:
        return f"{self.path}:{self.span.line}:{self.span.column}"


@dataclass(frozen=True, slots=True)
class TextSpan:
    """The span of a text in YAML, and where its own characters stand.

    `columns` has one entry a line of the text: the line and column in the file at which it begins.
    It is empty where the way from text to file is not one to one (folded scalars, escapes): then only
    the whole span is known.
    """

    span: Span
    lines: tuple[tuple[int, int], ...] = ()

    def within(self, text: str, start: int, end: int) -> Span:
        """Return the span in the file of `text[start:end]`, or the whole span where it is not known."""
        if not self.lines:
            return self.span
        first = text.count("\n", 0, start)
        last = text.count("\n", 0, end)
        if last >= len(self.lines):
            return self.span
        line, column = self.lines[first]
        end_line, end_column = self.lines[last]
        return Span(
            line,
            column + start - (text.rfind("\n", 0, start) + 1),
            end_line,
            end_column + end - (text.rfind("\n", 0, end) + 1),
        )
