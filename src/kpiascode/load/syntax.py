"""Says in our own words where and why a text is no YAML."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import yaml

from kpiascode.load.characters import shown
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.place import Place, Span

Point: TypeAlias = tuple[int, int]
"""A line and a column, from 0."""

LONGEST_KEY: Final = 1024
SEEN: Final = 200
"""How much of a line is looked at to quote it; less of it is shown."""
ESCAPE_HINT: Final = r"In double quotes write `\\` for `\`, or use single quotes."
QUOTE_HINT: Final = "Put the whole text in quotes."
ENDED_BY_COMMENT: Final = re.compile(r"( *)(- +)*[\w\"']+: +[^\s#|>\"'\[{].*?\s#")
ALIGN_HINT: Final = "Indent keys of one mapping, and items of one list, alike."


@dataclass(frozen=True, slots=True)
class Said:
    """`at` is None where the reader stopped."""

    message: str
    hint: str
    at: Point | None = None
    note: str | None = None


def syntax_finding(path: str, lines: Sequence[str], error: yaml.YAMLError) -> Diagnostic:
    """Return the one finding for a file that is no YAML, at the place of the mistake where it can be told."""
    stopped = _point(getattr(error, "problem_mark", None)) or (0, 0)
    began = _point(getattr(error, "context_mark", None)) or stopped
    context, problem = getattr(error, "context", None) or "", getattr(error, "problem", None) or ""
    said = _say(context, problem, lines, began, stopped)
    last = (len(lines) - 1, len(lines[-1]))  # libyaml ends on the line after the last one
    line, column = min(said.at or stopped, last)
    place = Place(path, Span(line + 1, column + 1, line + 1, column + 2))
    return Diagnostic(code="yaml-syntax", message=said.message, place=place, hint=said.hint, note=said.note)


def _say(context: str, problem: str, lines: Sequence[str], began: Point, stopped: Point) -> Said:
    opening, character = _character(lines, began), _character(lines, stopped)
    if character == "\t" and "quoted" not in context:
        return Said("A tab stands where YAML wants blanks.", "Indent with blanks.")
    first = began if "scanning an a" in context else stopped
    indent = lines[first[0]][: first[1]] if first[0] < len(lines) else ""
    if indent and not indent.strip() and "\u00a0" in indent + character:
        return Said("The indentation holds U+00A0 NO-BREAK SPACE, which is no blank.", "Indent with blanks.")
    if indent and not indent.strip() and _ended_by_comment(lines, first):
        hint = "Write `|` behind the key, and the text on lines of its own, without the comment."
        return Said("The comment on the line above has ended the text, which goes on here.", hint, first)
    if "start any token" in problem:
        return Said(
            f"A text without quotes cannot begin with `{character}`.", f"Write `{_quoted(lines, stopped)}`."
        )
    if "mapping values" in problem:
        return _unexpected_colon(lines, stopped)
    if "quoted scalar" in context and ("end of stream" in problem or "document indicator" in problem):
        return Said(
            f"The text that begins here has no closing `{opening}`.", f"Add `{opening}` at its end.", began
        )
    if "quoted scalar" in context:
        return Said("The text in double quotes holds a `\\` that begins no known escape.", ESCAPE_HINT)
    if "flow sequence" in context or "flow mapping" in context:
        closing = "]" if opening == "[" else "}"
        note = f"Reading stopped at line {stopped[0] + 1}, column {stopped[1] + 1}."
        hint = f"Close it with `{closing}`, and put a text that holds a comma or a colon in quotes."
        return Said(f"The `{opening}` that opens here is not closed by a `{closing}`.", hint, began, note)
    if "simple key" in context:
        return _no_colon(lines, began)
    if "block scalar" in context or "scanning an a" in context or "tag" in context + problem:
        return Said(
            f"A text without quotes cannot begin with `{opening}`.",
            f"Write `{_quoted(lines, began)}`.",
            began,
        )
    if "block mapping" in context:
        return _no_key(lines, stopped, character)
    if "block collection" in context or "document start" in problem:
        return Said("This line does not line up with the lines above it.", ALIGN_HINT)
    if "node content" in problem:
        if not character:
            return Said(
                "The file ends where a value is expected.", "Close the bracket or brace that is open."
            )
        return Said(f"A value is expected here, but there is `{character}`.", QUOTE_HINT)
    if "not allowed" in problem:
        return Said(
            f"`{character}` cannot stand here.", "Begin a list on a line of its own; put a text in quotes."
        )
    return Said(
        "The YAML cannot be read any further here.", "Look for a missing quote, bracket or indentation."
    )


def _ended_by_comment(lines: Sequence[str], at: Point) -> bool:
    above = lines[at[0] - 1][:SEEN] if at[0] else ""
    ended = ENDED_BY_COMMENT.match(above)
    return ended is not None and len(ended[1]) < at[1]


def _unexpected_colon(lines: Sequence[str], at: Point) -> Said:
    line, column = at
    before = lines[line][:column]
    if ": " in before:
        start = before.index(": ") + 2
        return Said("A text without quotes holds a `: `.", f"Write `{_quoted(lines, (line, start))}`.")
    if len(before) > LONGEST_KEY:
        return _no_colon(lines, (line, 0))
    above = max((number for number in range(line) if lines[number].strip()), default=line)
    text = lines[above]
    if above < line and ":" not in text and not text.lstrip().startswith(("-", "#")):
        start = len(text) - len(text.lstrip())
        return _no_colon(lines, (above, start))
    start = len(before) - len(before.lstrip(" -"))
    return Said("This key does not line up with the keys above it.", ALIGN_HINT, (line, start))


def _no_colon(lines: Sequence[str], at: Point) -> Said:
    if len(lines[at[0]]) > LONGEST_KEY:
        return Said(f"A key is longer than {LONGEST_KEY} characters.", "Shorten it.", at)
    key, _, value = shown(lines[at[0]][at[1] :], 40).partition(" ")
    return Said("This line has no `:` after its key.", f"Write `{key}: {value or '...'}`.", at)


def _no_key(lines: Sequence[str], at: Point, character: str) -> Said:
    line, column = at
    if character == ":":
        return Said("There is no key before this `:`.", "Write one, or put the text in quotes.")
    if character and character in "]}":
        return Said(
            f"This `{character}` closes nothing that was opened.", "Remove it, or put the text in quotes."
        )
    if line < len(lines) and lines[line][:column].strip():
        hint = "Put the whole text in quotes; double a single quote that stands inside single quotes."
        return Said("Behind the closing quote the text goes on.", hint)
    return Said("This line does not line up with the keys above it.", ALIGN_HINT)


def _point(mark: yaml.Mark | None) -> Point | None:
    return None if mark is None else (mark.line, mark.column)


def _character(lines: Sequence[str], at: Point) -> str:
    line, column = at
    return lines[line][column : column + 1] if line < len(lines) else ""


def _quoted(lines: Sequence[str], at: Point) -> str:
    """Return the rest of the line in quotes, without a comment; in brackets up to where the value ends."""
    before, rest = lines[at[0]][: at[1]], lines[at[0]][at[1] :][:SEEN]
    is_in_brackets = max(map(before.rfind, "[{")) > max(map(before.rfind, "]}"))
    end = re.search(r"\s*(\s#|[,\]}])" if is_in_brackets else r"\s+#", rest)
    text = shown(rest[: end.start()] if end else rest, 40)
    return f"'{text}'" if '"' in text or "\\" in text else f'"{text}"'
