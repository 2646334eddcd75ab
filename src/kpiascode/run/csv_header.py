"""The first line of a CSV file: its columns. Needs no engine, so that `kpi check` can read it."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from kpiascode.model.diagnostic import Diagnostic, did_you_mean, one_of
from kpiascode.model.expression import Column, walk
from kpiascode.model.place import Place, Span
from kpiascode.model.project import Dataset

MAX_COLUMNS: Final = 2_000
OTHER_DELIMITERS: Final = ";\t|"
MAX_LENGTH: Final = 1_048_576
"""Of the first line, in characters. What is larger is no table that a person declared."""


class BrokenFile(Exception):
    """A data file that does not hold what it should; carries the finding."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def header(dataset: Dataset, file: Path) -> tuple[str, ...]:
    """Return the column names of a CSV file, from its first line (or numbered, without a header).

    Raises:
        BrokenFile: when there is no header, or a name in it is empty or stands twice; when it is too long;
            when it lacks a declared column; when the declared format cannot be read by anybody, or has a
            comma where the file has another delimiter.
    """
    _check_format(dataset)
    names = _names(dataset, _first_record(dataset, file))
    for declared in dataset.columns:
        if declared not in names:
            raise BrokenFile(
                Diagnostic(
                    code="unknown-column",
                    message=f"`columns` declares `{declared}`, which {file.name} does not have.",
                    place=dataset.place,
                    hint=did_you_mean(declared, names) or f"It has {one_of(names)}.",
                )
            )
    return names


def _names(dataset: Dataset, first: Sequence[str]) -> tuple[str, ...]:
    if len(first) > MAX_COLUMNS:
        what = f"has {len(first):,} columns; at most {MAX_COLUMNS:,} are read."
        raise broken_file(dataset, "too-many-columns", what, 1, "Leave out those that no KPI needs.")
    if not dataset.format.header:
        return tuple(f"column_{number}" for number, _ in enumerate(first, 1))
    names = [name.strip() for name in first]
    if not names:
        raise broken_file(dataset, "malformed-csv", "is empty; its first line names the columns.", 1)
    if "" in names:
        raise broken_file(dataset, "malformed-csv", "has a column without a name in its first line.", 1)
    if twice := _twice(names):
        raise broken_file(dataset, "malformed-csv", f"names the column `{twice[:60]}` twice.", 1)
    return tuple(names)


def _check_format(dataset: Dataset) -> None:
    delimiter, null_text = dataset.format.delimiter, dataset.format.null_text
    if delimiter in '"\r\n' or any(character in null_text for character in f'"\r\n{delimiter}'):
        raise BrokenFile(
            Diagnostic(
                code="invalid-value",
                message=f"The `format` of dataset `{dataset.name}` cannot be read back: a quote or a line "
                "break is no delimiter, and `null_text` holds neither of them nor the delimiter.",
                place=dataset.place,
                hint="Write for example {delimiter: ';', null_text: 'NULL'}.",
            )
        )


def _first_record(dataset: Dataset, file: Path) -> list[str]:
    """Return the values of the first record. What is wrong further down is found when the file is loaded."""
    with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
        head = text.read(MAX_LENGTH)
    if len(head) == MAX_LENGTH and "\n" not in head and "\r" not in head:
        raise broken_file(dataset, "malformed-csv", "has a first line longer than a mebibyte.", 1)
    first = _split(head, dataset.format.delimiter)
    if other := _other_delimiter(dataset, head, first):
        raise _wrong_delimiter(dataset, other)
    if first is None:
        raise broken_file(dataset, "malformed-csv", "has a first line that is no CSV.", 1)
    if any("\udc80" <= character <= "\udcff" for name in first for character in name):
        raise broken_file(dataset, "not-utf8", "is not UTF-8 text.", 1, "Save it as UTF-8.")
    return first


def _split(head: str, delimiter: str) -> list[str] | None:
    """Return the values of the first record; None where it is no CSV."""
    try:
        return next(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


def _other_delimiter(dataset: Dataset, head: str, first: Sequence[str] | None) -> str | None:
    """Return the delimiter that a header has in the place of the comma.

    By the comma it is one name, or no CSV, and by the other it is several names. A name that a definition
    reads as it stands is a name.
    """
    if dataset.format.delimiter != "," or not dataset.format.header or (first and len(first) > 1):
        return None
    if first and _is_read(first[0].strip(), dataset):
        return None
    for delimiter in OTHER_DELIMITERS:
        names = [name.strip() for name in _split(head, delimiter) or ()]
        if 1 < len(names) <= MAX_COLUMNS and "" not in names and _twice(names) is None:
            return delimiter
    return None


def _is_read(name: str, dataset: Dataset) -> bool:
    parts = (part for field in dataset.fields.values() for part in walk(field))
    return name in dataset.columns or any(isinstance(part, Column) and part.column == name for part in parts)


def _wrong_delimiter(dataset: Dataset, delimiter: str) -> BrokenFile:
    written = {"\t": "\\t"}.get(delimiter, delimiter)
    name = {"\t": "a tab"}.get(delimiter, f"`{delimiter}`")
    return BrokenFile(
        Diagnostic(
            code="wrong-delimiter",
            message=f"The first line of the file of dataset `{dataset.name}` is read with `,` between the "
            f"columns, and has {name} there.",
            place=dataset.source_place,
            hint=f'Add `format: {{delimiter: "{written}"}}` to the dataset.',
        )
    )


def _twice(names: Sequence[str]) -> str | None:
    """Return a name that stands twice, be it in another case, which an engine does not tell apart."""
    counts = Counter(name.lower() for name in names)
    return next((name for name in names if counts[name.lower()] > 1), None)


def broken_file(dataset: Dataset, code: str, what: str, line: int, hint: str | None = None) -> BrokenFile:
    return BrokenFile(
        Diagnostic(
            code=code,
            message=f"The file of dataset `{dataset.name}` {what}",
            place=Place(dataset.source, Span(line, 1, line, 1)),
            hint=hint,
            note=f"The dataset is declared at {dataset.place}.",
        )
    )
