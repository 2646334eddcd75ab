"""The lines between two markers in a file of somebody else; every byte around them stays as it is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

BEGIN: Final = "# kpiascode begin"
END: Final = "# kpiascode end"
WRITTEN: Final = ": written by `kpi codeowners --write`"
_MARKER: Final = re.compile(
    rf"{re.escape(BEGIN)}(?P<begin>| /.*){re.escape(WRITTEN)}|{re.escape(END)}(?P<end>| /.*)"
)
_BOM: Final = b"\xef\xbb\xbf"


class BrokenMarkers(Exception):
    """Markers that do not go together. `line` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class Parted:
    """A file in three parts, each of lines with their breaks. `ours` is empty without markers."""

    before: Sequence[bytes]
    ours: Sequence[bytes]
    after: Sequence[bytes]

    @property
    def lines_before(self) -> tuple[str, ...]:
        return tuple(map(text_of, self.before))

    def with_block(self, block: Sequence[str]) -> bytes:
        """Return the file with other lines of ours, broken as its first line is; without any, at its end."""
        lines = [*self.before, *self.ours, *self.after]
        crlf = bool(lines) and lines[0].endswith(b"\r\n")
        new_line = b"\r\n" if crlf else b"\n"
        text = new_line.join(line.encode() for line in block)
        if self.ours:
            bom = _BOM if not self.before and self.ours[0].startswith(_BOM) else b""
            return b"".join([*self.before, bom, text, _break(self.ours[-1]), *self.after])
        last = lines[-1] if lines else new_line
        ended = b"" if _break(last) else new_line
        apart = new_line if last.strip() else b""
        return b"".join([*lines, ended, apart, text, _break(last) and new_line])


def parted(content: bytes, key: str) -> Parted:
    """Return a file with the lines of one project apart: other projects of the repository have their own.

    Args:
        key: Of the project; empty, or a path that begins with `/`.

    Raises:
        BrokenMarkers: when it is not plain which lines are ours.
    """
    lines = content.splitlines(keepends=True)
    begun: tuple[int, str] | None = None
    spans: dict[str, tuple[int, int]] = {}
    for number, line in enumerate(map(text_of, lines)):
        if not line.startswith((BEGIN, END)):
            continue
        match = _MARKER.fullmatch(line)
        if match is None:
            raise BrokenMarkers(number + 1, "This line begins like a marker of kpiascode and is none.")
        if match["begin"] is not None:
            name = match["begin"].strip()
            if begun is not None:
                raise BrokenMarkers(
                    number + 1, f"Lines of kpiascode begin inside those of line {begun[0] + 1}."
                )
            if name in spans:
                raise BrokenMarkers(number + 1, "The lines of kpiascode begin a second time.")
            begun = number, name
            continue
        if begun is None or begun[1] != match["end"].strip():
            raise BrokenMarkers(number + 1, "Lines of kpiascode end that did not begin.")
        spans[begun[1]] = begun[0], number + 1
        begun = None
    if begun is not None:
        raise BrokenMarkers(begun[0] + 1, "The lines of kpiascode begin and do not end.")
    start, end = spans.get(key, (len(lines), len(lines)))
    return Parted(before=lines[:start], ours=lines[start:end], after=lines[end:])


def markers(key: str) -> tuple[str, str]:
    """Return the lines around what is ours."""
    behind = f" {key}" if key else ""
    return f"{BEGIN}{behind}{WRITTEN}", f"{END}{behind}"


def text_of(line: bytes) -> str:
    """Return a line to be looked at: without its break, and without what stands around it."""
    return line.removeprefix(_BOM).decode("utf-8", "replace").strip()


def _break(line: bytes) -> bytes:
    return line[len(line.rstrip(b"\r\n")) :]
