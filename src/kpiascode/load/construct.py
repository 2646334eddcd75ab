"""Builds plain data from YAML events, one at a time and without recursion, within budgets."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NoReturn, TypeAlias

from yaml import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from kpiascode.load.characters import FORBIDDEN, name_of, shown
from kpiascode.load.marks import Keys, Mark, Marks, Values, span_of
from kpiascode.load.scalars import Unclear, read_plain
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.document import Document, Plain
from kpiascode.model.place import Place

Event: TypeAlias = Any  # yaml.Event; its stubs call every mark optional

NO_BREAK: Final = "\u00a0"
NO_BREAK_SAID: Final = (
    "The indentation holds U+00A0 NO-BREAK SPACE, which is no blank.",
    "Indent with blanks.",
)
MAX_DEPTH: Final = 32
MAX_EVENTS: Final = 50_000
MAX_TEXT: Final = 65_536
PLAIN_HINT: Final = "Definitions have no anchors, aliases or tags. If it is meant as text, put it in quotes."


class Refused(Exception):
    """The last finding is one after which the rest of the file has no meaning, or would cost too much."""


class Builder:
    """Takes the events of one file. To it a file is a list of documents, so that no root is special.

    `count` is how many values it held; `merged`, whether two definitions stand in one document.
    """

    def __init__(self, path: str, lines: Sequence[str]) -> None:
        self.findings: list[Diagnostic] = []
        self.count = 0
        self.merged = False
        self._path = path
        self._lines = lines
        self._outer: list[tuple[Any, Marks]] = []
        self._data: Any = []
        self._marks = Marks((0, 0))
        self._run_together: set[int] = set()
        self._key: str | None = None
        self._wants_key = False

    def add(self, event: Event) -> None:
        """Take the next event.

        Raises:
            Refused: The file is not to be read any further.
        """
        self.count += 1
        if self.count > MAX_EVENTS:
            raise self._refused(event, "too-many-values", "The file holds too many values.", "Split it.")
        kind = type(event)
        if kind is ScalarEvent:
            self._scalar(event)
        elif kind is MappingStartEvent:
            self._start(event, {})
        elif kind is SequenceStartEvent:
            self._start(event, [])
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            self._end(event)
        elif kind is AliasEvent:
            raise self._refused(
                event, "unsupported-yaml", f"`*{shown(event.anchor)}` is an alias.", PLAIN_HINT
            )

    def documents(self) -> Iterator[Document]:
        """Yield the documents whose root is a mapping; each other that is not empty becomes a finding.

        Of two that run together nobody knows which keys are whose, so they are left out.
        """
        for data, marks in zip(self._data, self._marks.children.values(), strict=True):
            if id(marks) in self._run_together:
                continue
            if isinstance(marks, Marks) and isinstance(data, dict):
                values = Values(marks, data, self._lines)
                yield Document(path=self._path, data=data, keys=Keys(marks), values=values)
            elif data is not None:
                message = "A definition is a mapping of keys to values, and this is none."
                self._report(marks, "not-a-mapping", message, "Begin it with `kind:` and `name:`.")

    def _scalar(self, event: Event) -> None:
        start, end, style, text = event.start_mark, event.end_mark, event.style, event.value
        mark: Mark = (start.line, start.column, end.line, end.column, style)
        if event.tag is not None or event.anchor is not None:
            self._refuse_properties(event)
        if style == '"' and (hidden := FORBIDDEN.search(text)):
            message = f"The text holds {name_of(hidden[0])}, which no definition may hold."
            self._report(mark, "forbidden-character", message, "Remove it.")
            text = FORBIDDEN.sub("\ufffd", text)
        elif style == "|" or style == ">":
            mark = self._without_blank_end(mark)
        if len(text) > MAX_TEXT:
            self._report(
                mark, "text-too-long", f"The text is longer than {MAX_TEXT} characters.", "Shorten it."
            )
        value = text if style else self._read(text, mark)
        if self._wants_key:
            self._take_key(text, value, mark)
        else:
            self._put(value, mark)

    def _start(self, event: Event, data: Plain) -> None:
        if self._wants_key:
            hint = "A text that begins with a bracket or a brace needs quotes."
            raise self._refused(event, "invalid-key", "A key must be a text, not a list or a mapping.", hint)
        if event.tag is not None or event.anchor is not None:
            self._refuse_properties(event)
        if len(self._outer) >= MAX_DEPTH:
            message = f"Values are nested more than {MAX_DEPTH} deep here."
            raise self._refused(event, "nested-too-deep", message, "Write it flatter.")
        marks = Marks((event.start_mark.line, event.start_mark.column))
        self._put(data, marks)
        self._outer.append((self._data, self._marks))
        self._data, self._marks, self._wants_key = data, marks, type(data) is dict

    def _end(self, event: Event) -> None:
        start, end = event.start_mark, event.end_mark
        if end.column > start.column:  # a bracket or a brace; a block ends without a character of its own
            self._marks.end = (end.line, end.column)
        self._data, self._marks = self._outer.pop()
        self._wants_key = type(self._data) is dict

    def _put(self, value: Plain, marks: Mark | Marks) -> None:
        if self._key is None:
            self._marks.children[len(self._data)] = marks
            self._data.append(value)
        else:
            self._marks.children[self._key] = marks
            self._data[self._key] = value
            self._key, self._wants_key = None, True

    def _take_key(self, text: str, value: Plain, mark: Mark) -> None:
        if not isinstance(value, str):
            what = "nothing" if value is None else "a truth value" if isinstance(value, bool) else "a number"
            message = f"The key `{shown(text)}` is {what}; keys are texts."
            self._report(mark, "invalid-key", message, f'Write `"{shown(text)}"`.')
        if text.startswith(NO_BREAK):
            self._report(mark, "forbidden-character", *NO_BREAK_SAID)
            text = text.lstrip(f" {NO_BREAK}") or text
        if text in self._marks.keys:
            self._twice(text, mark)
        else:
            self._marks.keys[text] = mark
        self._key, self._wants_key = text, False

    def _twice(self, text: str, mark: Mark) -> None:
        """Report a key that stands twice. With a second `kind` a definition begins, and its keys go on."""
        if id(self._marks) in self._run_together:
            return
        note = f"It was first defined at line {self._marks.keys[text][0] + 1}."
        message = f"The key `{shown(text)}` stands here twice."
        hint = "Keep one of them."
        if len(self._outer) == 1 and text in ("kind", "name"):
            self.merged = True
            if text == "kind":
                self._run_together.add(id(self._marks))
                hint = "If another definition begins here, write `---` on a line above it."
        self._report(mark, "duplicate-key", message, hint, note)

    def _read(self, text: str, mark: Mark) -> Plain:
        value = read_plain(text)
        if not isinstance(value, Unclear):
            return value
        self._report(mark, value.code, value.message, value.hint)
        return text

    def _without_blank_end(self, mark: Mark) -> Mark:
        """Return a block scalar's mark up to its last character; YAML counts the lines after it, too."""
        line, column, end_line, end_column, style = mark
        if end_column == 0:
            end_line -= 1
        while end_line > line and not self._lines[end_line].strip():
            end_line -= 1
        return line, column, end_line, len(self._lines[end_line]), style

    def _refuse_properties(self, event: Event) -> NoReturn:
        """Refuse the anchor or the tag before a value, which may have been meant as text."""
        if event.anchor is not None:
            raise self._refused(
                event, "unsupported-yaml", f"`&{shown(event.anchor)}` is an anchor.", PLAIN_HINT
            )
        tag = shown(event.tag.replace("tag:yaml.org,2002:", "!!"))
        raise self._refused(event, "unsupported-yaml", f"`{tag}` is a tag.", PLAIN_HINT)

    def _refused(self, event: Event, code: str, message: str, hint: str) -> Refused:
        start, end = event.start_mark, event.end_mark
        self._report((start.line, start.column, end.line, end.column, None), code, message, hint)
        return Refused(code)

    def _report(
        self, mark: Mark | Marks, code: str, message: str, hint: str, note: str | None = None
    ) -> None:
        place = Place(self._path, span_of(mark))
        self.findings.append(Diagnostic(code=code, message=message, place=place, hint=hint, note=note))
