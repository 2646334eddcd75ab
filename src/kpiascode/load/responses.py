"""Reads the export of a feedback round: a CSV file from a form tool, of which nothing is repeated to anybody.

What stands in a cell may be what somebody said in confidence, so a finding names a row and a column and never
what stands there; of a column that nobody knows not even its name. Rows count from 1, the header included, as
spreadsheets count them.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from kpiascode.load.characters import name_of
from kpiascode.model.diagnostic import Diagnostic, one_of
from kpiascode.model.feedback import Response, Responses
from kpiascode.model.folding import caseless
from kpiascode.model.performance import FeedbackRound, Group
from kpiascode.model.place import Place, Span

MAX_BYTES: Final = 33_554_432
MAX_ROWS: Final = 100_000
MAX_COLUMNS: Final = 200
MAX_CELL: Final = 5_000
MAX_FINDINGS: Final = 100
RESPONDENT: Final = "respondent"
GROUP: Final = "group"
MODERATED: Final = "moderated"
LET_THROUGH: Final = "yes"
DELIMITERS: Final = (",", ";")


@dataclass(frozen=True, slots=True)
class Cell:
    """`start`: where it begins in the text."""

    text: str
    start: int


class _Broken(Exception):
    """A file of which nothing more can be read."""

    def __init__(self, code: str, what: str, start: int, hint: str) -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.start = start
        self.hint = hint


def read_responses(
    path: str, data: bytes, asked: FeedbackRound, *, delimiter: str = ",", ignored: Collection[str] = ()
) -> Responses | tuple[Diagnostic, ...]:
    """Return what came back of a round; or what is wrong with the export, and then nothing else.

    Args:
        path: What findings call it.
        data: The whole file, or more than `MAX_BYTES` of it.
        ignored: Columns that are not read.
    """
    try:
        return _Reader(path, _text(data), asked, delimiter, ignored).responses()
    except _Broken as broken:
        text = data[:MAX_BYTES].decode("utf-8-sig", "replace")
        return (_finding(path, text, broken.code, broken.what, broken.start, broken.hint),)


def _text(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise _Broken(
            "file-too-large", f"The export is larger than {MAX_BYTES:,} bytes.", 0, "Export this round alone."
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _Broken("not-utf8", "The export is not UTF-8.", 0, "Export it as UTF-8.") from None
    at = text.find("\0")
    if at >= 0:
        raise _Broken(
            "forbidden-character", f"The export holds {name_of(text[at])}.", at, "Export it as CSV in UTF-8."
        )
    return text


def _finding(path: str, text: str, code: str, what: str, start: int, hint: str) -> Diagnostic:
    line = text.count("\n", 0, start) + 1
    column = start - text.rfind("\n", 0, start)
    place = Place(path, Span(line, column, line, column + 1))
    return Diagnostic(code=code, message=what, place=place, hint=hint, veiled=True)


def as_token(text: str) -> str:
    """Return what a respondent is known by: case, blanks around and what is not seen make no other one.

    >>> as_token(" Ａ-17\\u200b ")
    'a-17'
    """
    plain = "".join(sign for sign in caseless(text) if unicodedata.category(sign) != "Cc")
    return " ".join(plain.split())


# --- rows and cells


def _rows(text: str, delimiter: str) -> Iterator[list[Cell]]:
    """Yield the cells of each row, as RFC 4180 has them; both kinds of line break end a row.

    Raises:
        _Broken: A quote that is not closed, or stands where none may.
    """
    sign = re.escape(delimiter)
    cell = re.compile(rf'"([^"]*(?:""[^"]*)*)"|([^"{sign}\r\n]*)')
    between = re.compile(rf"{sign}|\r\n|\n|\Z")
    at, row = 0, list[Cell]()
    number = 1
    while at < len(text) or row:
        found = cell.match(text, at)
        assert found is not None  # an empty cell, if nothing else
        quoted = found[1]
        if quoted is None and text.startswith('"', at):
            raise _Broken(
                "malformed-csv",
                f"Row {number:,}, column {len(row) + 1}: a quote is not closed.",
                at,
                'Close it; a quote inside a cell is written twice: `""`.',
            )
        row.append(Cell(found[2] if quoted is None else quoted.replace('""', '"'), at))
        if len(row) > MAX_COLUMNS:
            raise _Broken(
                "malformed-csv", f"Row {number:,} has more than {MAX_COLUMNS} columns.", at, "Leave some out."
            )
        if len(row[-1].text) > MAX_CELL:
            raise _Broken(
                "text-too-long",
                f"Row {number:,}, column {len(row)}: the cell has more than {MAX_CELL:,} characters.",
                at,
                "Shorten it.",
            )
        end = between.match(text, found.end())
        if end is None:
            raise _Broken(
                "malformed-csv",
                f"Row {number:,}, column {len(row)}: a quote or a line break stands where none may.",
                found.end(),
                "Put quotes around the whole cell, and write each quote inside twice.",
            )
        at = end.end()
        if end[0] == delimiter:
            continue
        yield row
        row = []
        number += 1


# --- what they mean


class _Reader:
    """Reads the rows of one export, and keeps what is wrong with them."""

    def __init__(
        self, path: str, text: str, asked: FeedbackRound, delimiter: str, ignored: Collection[str]
    ) -> None:
        self.path = path
        self.text = text
        self.asked = asked
        self.delimiter = delimiter
        self.ignored = ignored
        self.findings: list[Diagnostic] = []
        self.groups = {group.value: group for group in asked.groups}
        self.steps = {
            one.name: {str(number): number for number in range(one.scale.low, one.scale.high + 1)}
            for one in asked.questions
            if one.scale is not None
        }
        self.worded = [one.name for one in asked.questions if one.scale is None]

    def responses(self) -> Responses | tuple[Diagnostic, ...]:
        rows = _rows(self.text, self.delimiter)
        header = next(rows, None)
        if header is None:
            raise _Broken(
                "malformed-csv", "The export is empty.", 0, "Its first row holds the names of the columns."
            )
        columns = self._columns(header)
        if self.findings:
            return tuple(self.findings)
        found: list[Response] = []
        tokens: dict[str, int] = {}
        for number, row in enumerate(rows, 2):
            if number - 1 > MAX_ROWS:
                raise _Broken(
                    "too-many-responses",
                    f"The export has more than {MAX_ROWS:,} rows.",
                    row[0].start,
                    "Export this round alone.",
                )
            if len(row) == 1 < len(header) and not row[0].text:
                raise _Broken(
                    "malformed-csv", f"Row {number:,} is empty.", row[0].start, "Take the empty line out."
                )
            if len(row) != len(header):
                raise _Broken(
                    "malformed-csv",
                    f"Row {number:,} has {len(row)} columns, and the header has {len(header)}.",
                    row[0].start,
                    "Put quotes around cells that hold the delimiter or a line break.",
                )
            cells = {name: row[at] for name, at in columns.items()}
            self._token(number, cells[RESPONDENT], tokens)
            if (response := self._response(number, cells)) is not None:
                found.append(response)
            if len(self.findings) >= MAX_FINDINGS:
                break
        if self.findings:
            return tuple(self.findings)
        return Responses(tuple(found), frozenset(tokens))

    def _columns(self, header: Sequence[Cell]) -> dict[str, int]:
        """Return where each column that is read stands."""
        words = self.worded if self.asked.moderated else []
        needed = [RESPONDENT, GROUP, *self.steps, *words, *([MODERATED] if self.asked.moderated else [])]
        names = [cell.text for cell in header]
        known = {*needed, *self.worded, *self.ignored}
        if other := self._other_delimiter(header):
            self._report(
                "wrong-columns",
                "The first row is one single column.",
                header[0],
                f"Its columns are parted by another sign: add --delimiter '{other}'.",
            )
            return {}
        missing = {name.casefold(): name for name in needed if name not in names}
        meant = {at: missing[text.casefold()] for at, text in enumerate(names) if text.casefold() in missing}
        for at, cell in enumerate(header):
            if cell.text not in known:
                self._report(
                    "wrong-columns",
                    f"Row 1, column {at + 1}: no question of `{self.asked.name}` has this name."
                    if at not in meant
                    else f"Row 1, column {at + 1}: this is `{meant[at]}` but for upper and lower case.",
                    cell,
                    "Remove the column, since it could name somebody, or leave it unread with "
                    "--ignore-column."
                    if at not in meant
                    else f"Write it as the round has it: `{meant[at]}`.",
                )
            elif cell.text in names[:at]:
                self._report(
                    "wrong-columns",
                    f"Row 1, column {at + 1}: a column before has the same name.",
                    cell,
                    "Each column has a name of its own.",
                )
        for name in needed:
            if name not in names and name not in meant.values():
                self._report(
                    "wrong-columns",
                    f"The export has no column `{name}`.",
                    header[0],
                    f"The round asks for {one_of(needed, limit=60)}.",
                )
        if not set(self.ignored) <= set(names):
            self._report(
                "wrong-columns",
                "The export has no column of a name that --ignore-column gives.",
                header[0],
                "Names are written as in the first row, upper and lower case too.",
            )
        return {name: names.index(name) for name in needed if name in names}

    def _other_delimiter(self, header: Sequence[Cell]) -> str:
        """Return the sign that parts the columns where ours does not; empty where it does."""
        other = next(sign for sign in DELIMITERS if sign != self.delimiter)
        return other if len(header) == 1 and other in header[0].text else ""

    def _token(self, number: int, cell: Cell, tokens: dict[str, int]) -> None:
        token = as_token(cell.text)
        if not token:
            self._report(
                "wrong-respondent",
                f"Row {number:,}, column `{RESPONDENT}`: it is empty.",
                cell,
                "Each row has a token of its own, by which nobody can be told twice.",
            )
        elif token in tokens:
            self._report(
                "wrong-respondent",
                f"Row {number:,}, column `{RESPONDENT}`: the one of row {tokens[token]:,} stands here again.",
                cell,
                "Keep one answer of each. Upper case, blanks around and what is not seen make no other one.",
            )
        else:
            tokens[token] = number

    def _response(self, number: int, cells: dict[str, Cell]) -> Response | None:
        group = self.groups.get(cells[GROUP].text)
        if group is None:
            self._report(
                "wrong-answer",
                f"Row {number:,}, column `{GROUP}`: the round does not ask such a group.",
                cells[GROUP],
                f"It asks {self._asked()}.",
            )
        answers = {}
        for name, steps in self.steps.items():
            cell = cells[name]
            if cell.text in steps:
                answers[name] = steps[cell.text]
            elif cell.text:
                self._report(
                    "wrong-answer",
                    f"Row {number:,}, column `{name}`: this is no number of the scale.",
                    cell,
                    f"Write a whole number from {min(steps.values())} to {max(steps.values())} and nothing "
                    "else, or leave it empty.",
                )
        if not self.asked.moderated:
            return (
                None if group is None else Response(group=group, answers=answers, texts={}, let_through=False)
            )
        said = cells[MODERATED]
        if said.text not in ("", LET_THROUGH):
            self._report(
                "wrong-answer",
                f"Row {number:,}, column `{MODERATED}`: it is neither `{LET_THROUGH}` nor empty.",
                said,
                f"A moderator writes `{LET_THROUGH}` where the words of a row may be told.",
            )
        texts = {name: words for name in self.worded if (words := cells[name].text.strip())}
        if group is None:
            return None
        return Response(group=group, answers=answers, texts=texts, let_through=said.text == LET_THROUGH)

    def _asked(self) -> str:
        return one_of(group.value for group in Group if group in self.asked.groups)

    def _report(self, code: str, what: str, cell: Cell, hint: str) -> None:
        self.findings.append(_finding(self.path, self.text, code, what, cell.start, hint))
