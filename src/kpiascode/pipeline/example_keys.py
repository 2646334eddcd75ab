"""Which examples have passed before: a key stands for everything that the outcome of an example depends on.

What is kept says no more than that, and which columns of which types files have.
"""

import json
import os
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from kpiascode.model.catalog import Catalog, Table
from kpiascode.model.example import Example
from kpiascode.model.expression import Type
from kpiascode.model.project import Dataset
from kpiascode.pipeline.example_tables import ExampleTables
from kpiascode.pipeline.remembering import program
from kpiascode.pipeline.store import Store, key_of
from kpiascode.pipeline.worked import Worked, datasets_of, rests_on
from kpiascode.run.paths import RefusedPath, data_file

MAX_READ: Final = 1_048_576
"""Of a data file, in bytes: a small CSV file as a whole, or what tells the types of a Parquet file."""

LARGE: Final = b"large"
REFUSED: Final = b"refused"
"""Of such files nobody looks up the types, whatever they hold."""

_MAGIC: Final = b"PAR1"


class ExampleKeys:
    """The keys of a project's examples, and what is kept under them."""

    def __init__(self, worked: Worked, store: Store) -> None:
        self._worked = worked
        self._store = store
        self._project = worked.checked.project
        self._of_kpi: dict[tuple[str, tuple[str, ...]], str] = {}
        self._of_file: dict[str, str | None] = {}

    # --- types of files

    def types(self, datasets: Sequence[str]) -> dict[str, Table | None]:
        """Return the columns of file datasets as far as they are kept; None where nothing can be told."""
        found: dict[str, Table | None] = {}
        for name in datasets:
            key = self._of_file[name] = self._file_key(self._project.datasets[name])
            kept = None if key is None else self._store.get(key)
            if kept is not None:
                found[name] = _table(name, json.loads(kept))
        return found

    def keep_types(self, datasets: Sequence[str], catalog: Catalog) -> None:
        """Keep the columns that were just seen of files whose types were asked for before."""
        for name in datasets:
            key = self._file_key(self._project.datasets[name])
            if key is not None and key == self._of_file[name]:  # else it was written to meanwhile
                columns = catalog.columns(name)
                types = None if columns is None else {column: kind.value for column, kind in columns.items()}
                self._store.put(key, json.dumps(types).encode("ascii"))

    def _file_key(self, dataset: Dataset) -> str | None:
        """Return a key for all that the types of a file depend on; None where that is too much."""
        settings, folder = self._project.settings, self._worked.checked.folder
        try:
            content = _content(data_file(dataset, folder, settings.data_roots))
        except RefusedPath:
            content = REFUSED
        except OSError:
            content = None
        if content is None:
            return None
        declared = [dataset.name, dataset.source, dict(dataset.columns), repr(dataset.format)]
        return key_of("types", program(), _text(declared), content)

    # --- examples

    def has_passed(self, example: Example, tables: ExampleTables) -> bool:
        return self._store.has(self.key(example, tables))

    def keep_passed(self, examples: Sequence[Example], tables: ExampleTables) -> None:
        self._store.add(self.key(example, tables) for example in examples)

    def key(self, example: Example, tables: ExampleTables) -> str:
        around = (example.kpi, tuple(sorted(example.given)))
        if around not in self._of_kpi:
            self._of_kpi[around] = self._definitions(example, tables)
        written = example.document.data_at(("examples", example.position))
        return key_of("example", self._of_kpi[around], _text(written))

    def _definitions(self, example: Example, tables: ExampleTables) -> str:
        """Return a key for the KPI and all that it rests on; other examples and other KPIs are no part."""
        documents = self._project.documents
        kpis = [
            {key: value for key, value in documents["kpi", kpi].data.items() if key != "examples"}
            for kpi in rests_on(example.kpi, self._project)
        ]
        datasets = [
            [documents["dataset", name].data, tables.columns[name], sorted(tables.unsure[name])]
            for name in datasets_of(self._project, [example])
        ]
        calendar = repr(self._project.settings.calendar)
        return key_of(program(), example.kpi, calendar, _text(kpis), _text(datasets))


def _content(file: Path) -> bytes | None:
    """Return what the types of a file come from; None where it is too long to be read for that."""
    with open(file, "rb") as opened:
        size = os.fstat(opened.fileno()).st_size
        if file.suffix.lower() != ".parquet":
            return opened.read(MAX_READ) if size <= MAX_READ else LARGE
        opened.seek(max(size - 8, 0))
        end = opened.read(8)
        length = int.from_bytes(end[:4], "little")
        if len(end) < 8 or end[4:] != _MAGIC or not 0 < length <= min(MAX_READ, size - 8):
            return None
        opened.seek(size - 8 - length)
        return opened.read(length)


def _table(name: str, types: Mapping[str, str] | None) -> Table | None:
    if types is None:
        return None
    return Table(name=(name,), columns={column: Type(kind) for column, kind in types.items()})


def _text(plain: Any) -> str:
    return json.dumps(plain, default=_exact, separators=(",", ":"))


def _exact(number: object) -> dict[str, str]:
    assert isinstance(number, Decimal), number
    return {"decimal": str(number)}
