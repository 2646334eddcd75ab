"""What types the columns of files have, where that can be seen in a moment."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from kpiascode.model.catalog import UNKNOWN, Catalog, Table
from kpiascode.model.project import Dataset
from kpiascode.run.csv_header import BrokenFile
from kpiascode.run.duckdb_engine import EmbeddedDuckDB
from kpiascode.run.engine import EngineError
from kpiascode.run.paths import RefusedPath, data_file

MAX_SIZE: Final = 1_048_576
"""Of a CSV file, in bytes. Its types come from all of its rows, hence larger ones take too long to ask."""


def file_types(
    datasets: Iterable[Dataset], *, project: Path, data_roots: Sequence[str], guarded: bool = False
) -> Catalog:
    """Return the columns of Parquet files and small CSV files; of what cannot be read nothing is known."""
    quick = [dataset for dataset in datasets if _is_quick(dataset, project, data_roots)]
    try:
        return _types(quick, project, data_roots, guarded)
    except (RefusedPath, BrokenFile, EngineError):
        tables: dict[str, Table] = {}
        for dataset in quick:
            with suppress(RefusedPath, BrokenFile, EngineError):
                tables |= _types([dataset], project, data_roots, guarded).tables
        return Catalog(tables)


def _types(datasets: Sequence[Dataset], project: Path, data_roots: Sequence[str], guarded: bool) -> Catalog:
    if not datasets:
        return UNKNOWN
    engine = EmbeddedDuckDB(datasets, project=project, data_roots=data_roots, guarded=guarded)
    try:
        return engine.catalog(datasets)
    finally:
        engine.close()


def _is_quick(dataset: Dataset, project: Path, data_roots: Sequence[str]) -> bool:
    if not dataset.is_file:
        return False
    try:
        file = data_file(dataset, project, data_roots)
    except RefusedPath:
        return False
    return file.suffix.lower() == ".parquet" or file.stat().st_size <= MAX_SIZE
