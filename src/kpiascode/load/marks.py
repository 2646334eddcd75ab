"""Where each key and value of a document stands, worked out only when somebody asks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from kpiascode.model.document import Plain, Where
from kpiascode.model.place import Span, TextSpan

Mark: TypeAlias = tuple[int, int, int, int, str | None]
"""A scalar as PyYAML marks it: line, column, end line, end column, all from 0, and the style."""


@dataclass(slots=True)
class Marks:
    """A mapping or a list. `end` is None in block style: it ends where its last child does."""

    start: tuple[int, int]
    end: tuple[int, int] | None = None
    keys: dict[str, Mark] = field(default_factory=dict)
    children: dict[str | int, "Mark | Marks"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Keys(Mapping[Where, Span]):
    """The span of every key."""

    root: Marks

    def __getitem__(self, where: Where) -> Span:
        parent = _find(self.root, where[:-1]) if where else None
        if not isinstance(parent, Marks) or where[-1] not in parent.keys:
            raise KeyError(where)
        return span_of(parent.keys[str(where[-1])])

    def __iter__(self) -> Iterator[Where]:
        return (where for where in _ways(self.root) if where and isinstance(where[-1], str))

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Values(Mapping[Where, TextSpan]):
    """The span of every value. `data` and the `lines` of the file tell how its text lies in the file."""

    root: Marks
    data: Plain
    lines: Sequence[str]

    def __getitem__(self, where: Where) -> TextSpan:
        found: Mark | Marks = self.root
        value = self.data
        for step in where:
            if not isinstance(found, Marks):
                raise KeyError(where)
            found = found.children[step]
            value = value[step]  # type: ignore[index]
        if isinstance(found, Marks) or not isinstance(value, str) or found[4] == ">":
            return TextSpan(span_of(found))
        begins = _block if found[4] == "|" else _in_line
        return TextSpan(span_of(found), begins(value, found, self.lines))

    def __iter__(self) -> Iterator[Where]:
        return _ways(self.root)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def span_of(marked: Mark | Marks) -> Span:
    """Return the span from the first character to just after the last one."""
    if not isinstance(marked, Marks):
        return Span(marked[0] + 1, marked[1] + 1, marked[2] + 1, marked[3] + 1)
    line, column = marked.start
    last: Mark | Marks = marked
    while isinstance(last, Marks) and last.end is None and last.children:
        last = next(reversed(last.children.values()))
    end = (last.end or last.start) if isinstance(last, Marks) else (last[2], last[3])
    return Span(line + 1, column + 1, end[0] + 1, end[1] + 1)


def _find(root: Marks, where: Where) -> Mark | Marks:
    found: Mark | Marks = root
    for step in where:
        if not isinstance(found, Marks):
            raise KeyError(where)
        found = found.children[step]
    return found


def _ways(marks: Marks, above: Where = ()) -> Iterator[Where]:
    yield above
    for step, child in marks.children.items():
        if isinstance(child, Marks):
            yield from _ways(child, (*above, step))
        else:
            yield (*above, step)


def _in_line(text: str, mark: Mark, lines: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Return where a text without line breaks begins, or nothing where the file does not hold it as it is."""
    line, start, end_line, end, style = mark
    quote = 1 if style else 0
    as_written = lines[line][start + quote : end - quote]
    return ((line + 1, start + quote + 1),) if line == end_line and as_written == text else ()


def _block(text: str, mark: Mark, lines: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Return where each line of a literal block begins, or nothing where the file does not hold it as it is.

    Behind its last line break a text has one more line, an empty one: it stands at the end of the block.
    """
    rows, first_line = text.split("\n"), mark[0] + 1
    filled = next((number for number, row in enumerate(rows) if row), None)
    if filled is None:
        return ()
    indent = len(lines[first_line + filled]) - len(rows[filled])
    in_file = rows if rows[-1] else rows[:-1]
    if [line[indent:] for line in lines[first_line : first_line + len(in_file)]] != in_file:
        return ()
    begins = [(first_line + number + 1, indent + 1) for number in range(len(in_file))]
    if not rows[-1]:
        begins.append((begins[-1][0], indent + 1 + len(in_file[-1])))
    return tuple(begins)
