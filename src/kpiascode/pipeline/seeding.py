"""From the files of a project to tables of an engine."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Final

from kpiascode import resolve
from kpiascode.model.catalog import Catalog
from kpiascode.model.expression import Type
from kpiascode.model.project import Dataset
from kpiascode.pipeline.connection import Connection
from kpiascode.pipeline.reading import Checked
from kpiascode.pipeline.refusals import WrongDefinitions
from kpiascode.run.csv_header import BrokenFile
from kpiascode.run.duckdb_engine import NOTHING, EmbeddedDuckDB
from kpiascode.run.engines import connect
from kpiascode.run.paths import RefusedPath

_TEXT: Final = "VARCHAR"
_NUMBER: Final = "DECIMAL(38,9)"
_TIME: Final = "TIMESTAMP"
_TRIED: Final = {_TEXT: Type.TEXT, _NUMBER: Type.DECIMAL, _TIME: Type.TIMESTAMP, "BOOLEAN": Type.BOOLEAN}
"""What a column without values may be, by its type in DuckDB's words."""


def files_of(checked: Checked) -> tuple[Dataset, ...]:
    """Return the datasets that are files."""
    return tuple(dataset for dataset in checked.project.datasets.values() if dataset.is_file)


def seed(
    checked: Checked, datasets: Sequence[Dataset], connection: Connection, *, replace: bool
) -> Iterator[tuple[str, int]]:
    """Load files into the engine, one after the other; yield the name of each table and how many rows it has.

    Raises:
        WrongDefinitions: when a file cannot be read. Nothing was loaded then.
        EngineError: when the engine fails; what was yielded is there, and nothing of the rest.
    """
    assert connection.url is not None
    try:
        read = EmbeddedDuckDB(
            datasets,
            project=checked.folder,
            data_roots=checked.project.settings.data_roots,
            memory_limit=connection.memory_limit,
        )
    except (RefusedPath, BrokenFile) as refused:
        raise WrongDefinitions((refused.diagnostic,), checked.documents.sources) from None
    with closing(read), closing(connect(connection.url, timeout_seconds=None, writes=True)) as engine:
        empty = _Empty(checked, read.catalog(datasets))
        for dataset in datasets:
            described, rows = read.contents(dataset)
            columns = [
                (column, empty.kind(dataset.name, column) if kind == NOTHING else kind)
                for column, kind in described
            ]
            engine.load(dataset.name, columns, rows, replace=replace)
            yield dataset.name, len(rows)


class _Empty:
    """Columns without any value, which a table must give a type: one that the definitions have a use for."""

    def __init__(self, checked: Checked, catalog: Catalog) -> None:
        self.checked = checked
        self.catalog = catalog
        self._reads = resolve.columns_read(checked.project)

    def kind(self, dataset: str, column: str) -> str:
        """Return the type of a column in DuckDB's words."""
        read = self._reads[dataset]
        if column in read.times:
            chosen = _TIME
        elif column in read.numbers:
            chosen = _NUMBER
        elif column in read.types:
            chosen = min(_TRIED, key=lambda kind: self._misfits(self._with(dataset, column, kind)))
        else:
            chosen = _TEXT
        self.catalog = self._with(dataset, column, chosen)
        return chosen

    def _with(self, dataset: str, column: str, kind: str) -> Catalog:
        table = self.catalog.tables[dataset]
        changed = replace(table, columns={**table.columns, column: _TRIED[kind]})
        return Catalog({**self.catalog.tables, dataset: changed})

    def _misfits(self, catalog: Catalog) -> int:
        """Return how many definitions would not fit their data."""
        known = Catalog({**self.checked.catalog.tables, **catalog.tables})
        return len(self.checked.unknown(resolve.resolve(self.checked.documents, known).diagnostics))


def drop(tables: Sequence[str], connection: Connection) -> None:
    """Drop tables that were loaded.

    Raises:
        EngineError: when the engine fails.
    """
    assert connection.url is not None
    with closing(connect(connection.url, timeout_seconds=None, writes=True)) as engine:
        for table in tables:
            engine.drop(table)
