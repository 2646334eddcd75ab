"""The first line of a CSV file: its columns. Needs no engine, so that `kpi check` can read it."""

import csv
from pathlib import Path

from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.place import Place, Span
from kpiascode.model.project import Dataset


class BrokenFile(Exception):
    """A data file that does not hold what it should; carries the finding."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def header(dataset: Dataset, file: Path) -> tuple[str, ...]:
    """Return the column names of a CSV file, from its first line (or numbered, without a header).

    Raises:
        BrokenFile: when there is no header, or a name in it is empty or stands twice.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            first = next(csv.reader(lines, delimiter=dataset.format.delimiter, strict=True), [])
    except UnicodeDecodeError:
        raise broken_file(dataset, "not-utf8", "is not UTF-8 text.", 1, "Save it as UTF-8.") from None
    except csv.Error:
        raise broken_file(dataset, "malformed-csv", "has a first line that is no CSV.", 1) from None
    if not dataset.format.header:
        return tuple(f"column_{number}" for number, _ in enumerate(first, 1))
    names = [name.strip() for name in first]
    if not names:
        raise broken_file(dataset, "malformed-csv", "is empty; its first line names the columns.", 1)
    if "" in names:
        raise broken_file(dataset, "malformed-csv", "has a column without a name in its first line.", 1)
    lower = [name.lower() for name in names]
    twice = next((name for name, key in zip(names, lower, strict=True) if lower.count(key) > 1), None)
    if twice is not None:
        raise broken_file(dataset, "malformed-csv", f"names the column `{twice[:60]}` twice.", 1)
    return tuple(names)


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
