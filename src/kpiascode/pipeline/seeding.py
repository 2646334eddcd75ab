"""From the files of a project to tables of an engine."""

from collections.abc import Iterator, Sequence
from contextlib import closing

from kpiascode.model.project import Dataset
from kpiascode.pipeline.connection import Connection
from kpiascode.pipeline.reading import Checked
from kpiascode.pipeline.refusals import WrongDefinitions
from kpiascode.run.csv_header import BrokenFile
from kpiascode.run.duckdb_engine import EmbeddedDuckDB
from kpiascode.run.engines import connect
from kpiascode.run.paths import RefusedPath


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
        for dataset in datasets:
            columns, rows = read.contents(dataset)
            engine.load(dataset.name, columns, rows, replace=replace)
            yield dataset.name, len(rows)


def drop(tables: Sequence[str], connection: Connection) -> None:
    """Drop tables that were loaded.

    Raises:
        EngineError: when the engine fails.
    """
    assert connection.url is not None
    with closing(connect(connection.url, timeout_seconds=None, writes=True)) as engine:
        for table in tables:
            engine.drop(table)
