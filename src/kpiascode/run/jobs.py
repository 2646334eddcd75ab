"""What a guarded engine is asked and what it answers, as values and as JSON.

The child that computes is not trusted: of what it sends, only cells of a few types are taken, and its
failures are words of ours.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final, TypeAlias

from kpiascode.model.expression import Type
from kpiascode.model.place import Place, Span
from kpiascode.model.project import Dataset, FileFormat

MAX_DIGITS: Final = 60
_DECIMAL: Final = re.compile(rf"-?[0-9]{{1,{MAX_DIGITS}}}(\.[0-9]{{1,{MAX_DIGITS}}})?")
_NOWHERE: Final = Place("", Span(0, 0, 0, 0))

Table: TypeAlias = list[tuple[Any, ...]]
"""The rows of one query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be computed over given rows. Tables that are not given have none.

    Args:
        columns: By dataset, the columns of its table with their types in DuckDB's words.
        rows: By dataset; cells that a row has not are null.
        queries: One SELECT each.
    """

    columns: Mapping[str, Mapping[str, str]]
    rows: Mapping[str, Sequence[Mapping[str, Any]]]
    queries: tuple[str, ...]


class Failure(Enum):
    """Why a job has no answer, in words that follow on a colon or `because`."""

    CAST = "a value does not have the type that it is cast to"
    DIGITS = "a number has more digits than it counts with"
    DOOR = "it asks for a file, and none is read"
    MISSING = "a table or function is missing"
    OTHER = "the engine refuses the query"
    MEMORY = "it takes more memory than an example may have"
    TIME = "it takes longer than an example may"
    ENDED = "it takes more time or memory than an example may have"
    LEFT = "too many before it took too much"

    @property
    def is_costly(self) -> bool:
        return self in (Failure.MEMORY, Failure.TIME, Failure.ENDED)


Answer: TypeAlias = tuple[Table, ...] | Failure


class NoAnswer(Exception):
    """What the child sent is not what it may send."""


# --- cells


def told(cell: object) -> Any:
    """Return a cell as JSON; one of a type that is never counted with, as the text that stands for it."""
    match cell:
        case None | bool() | int() | str():
            return cell
        case Decimal():
            return {"decimal": format(cell, "f")}
        case float():
            return {"double": repr(cell)}
        case datetime():
            return {"moment": cell.isoformat()}
        case date():
            return {"day": cell.isoformat()}
        case _:
            return str(cell)


def heard(cell: object) -> Any:
    """Return a cell that came as JSON.

    Raises:
        NoAnswer: for anything that `told` does not make.
    """
    if isinstance(cell, dict) and len(cell) != 1:
        raise NoAnswer("a cell")
    try:
        match cell:
            case None | bool() | str():
                return cell
            case int() if abs(cell) < 10**MAX_DIGITS:
                return cell
            case {"decimal": str(text)} if _DECIMAL.fullmatch(text):
                return Decimal(text)
            case {"double": str(text)} if len(text) < MAX_DIGITS:
                return float(text)
            case {"moment": str(text)}:
                return datetime.fromisoformat(text)
            case {"day": str(text)}:
                return date.fromisoformat(text)
    except ValueError:
        pass
    raise NoAnswer("a cell")


# --- jobs and answers


def written(job: Job) -> bytes:
    rows = {
        name: [{column: told(cell) for column, cell in row.items()} for row in given]
        for name, given in job.rows.items()
    }
    return _line({"columns": job.columns, "rows": rows, "queries": job.queries})


def read(request: Mapping[str, Any]) -> Job:
    rows = {
        name: [{column: heard(cell) for column, cell in row.items()} for row in given]
        for name, given in request["rows"].items()
    }
    return Job(columns=request["columns"], rows=rows, queries=tuple(request["queries"]))


def written_answer(answer: Answer) -> bytes:
    if isinstance(answer, Failure):
        return _line({"failure": answer.name})
    return _line({"tables": [[[told(cell) for cell in row] for row in table] for table in answer]})


def read_answer(line: bytes) -> Answer:
    """Return the answer to a job.

    Raises:
        NoAnswer: for anything else.
    """
    match _loaded(line):
        case {"failure": str(name)} if name in Failure.__members__:
            return Failure[name]
        case {"tables": list(tables)} if all(_is_table(table) for table in tables):
            return tuple([tuple(heard(cell) for cell in row) for row in table] for table in tables)
    raise NoAnswer("an answer")


def _is_table(table: object) -> bool:
    return isinstance(table, list) and all(isinstance(row, list) for row in table)


# --- types of files


def written_files(datasets: Sequence[Dataset], project: str, data_roots: Sequence[str]) -> bytes:
    """Return what there is to know of file datasets, so that the types of their columns can be looked up."""
    files = [
        {
            "name": dataset.name,
            "source": dataset.source,
            "columns": dict(dataset.columns),
            "delimiter": dataset.format.delimiter,
            "header": dataset.format.header,
            "null_text": dataset.format.null_text,
        }
        for dataset in datasets
    ]
    return _line({"files": files, "project": project, "data_roots": list(data_roots)})


def read_files(request: Mapping[str, Any]) -> tuple[Dataset, ...]:
    return tuple(
        Dataset(
            name=file["name"],
            title="",
            description="",
            source=file["source"],
            is_file=True,
            primary_key=(),
            time=None,
            valid=None,
            time_grain=None,
            timezone=None,
            fields={},
            relationships={},
            columns=file["columns"],
            keys=(),
            format=FileFormat(
                delimiter=file["delimiter"], header=file["header"], null_text=file["null_text"]
            ),
            freshness=None,
            quoted=False,
            place=_NOWHERE,
            source_place=_NOWHERE,
        )
        for file in request["files"]
    )


def written_types(types: Mapping[str, Mapping[str, Type]]) -> bytes:
    return _line(
        {"types": {name: {c: kind.value for c, kind in columns.items()} for name, columns in types.items()}}
    )


def read_types(line: bytes) -> dict[str, dict[str, Type]]:
    """Return the types of columns by dataset.

    Raises:
        NoAnswer: for anything else.
    """
    match _loaded(line):
        case {"types": dict(types)} if all(isinstance(columns, dict) for columns in types.values()):
            try:
                return {
                    name: {c: Type(kind) for c, kind in columns.items()} for name, columns in types.items()
                }
            except ValueError:
                pass
    raise NoAnswer("types")


# --- lines


def _line(message: object) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n"


def _loaded(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        raise NoAnswer("a line") from None
