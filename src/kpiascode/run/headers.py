"""What can be known of file datasets without reading them whole."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from kpiascode.model.catalog import Catalog, Table
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.expression import Type
from kpiascode.model.project import Dataset
from kpiascode.run.csv_header import BrokenFile, broken_file, header
from kpiascode.run.paths import RefusedPath, data_file

_DECLARED = {
    "integer": Type.INTEGER,
    "double": Type.DOUBLE,
    "text": Type.TEXT,
    "date": Type.DATE,
    "timestamp": Type.TIMESTAMP,
    "instant": Type.INSTANT,
    "boolean": Type.BOOLEAN,
}

MAGIC: Final = {b"PAR1", b"PARE"}
"""What a Parquet file begins and ends with; the second is that of an encrypted one."""


def header_catalog(
    datasets: Iterable[Dataset], *, project: Path, data_roots: Sequence[str]
) -> tuple[Catalog, tuple[Diagnostic, ...]]:
    """Return the columns of the CSV datasets by their first lines, and what is wrong with the files.

    Types are those declared under `columns`; the others are unknown. Of Parquet files both ends are read.
    """
    tables = {}
    found = []
    for dataset in datasets:
        if not dataset.is_file:
            continue
        try:
            file = data_file(dataset, project, data_roots)
            if file.suffix.lower() == ".csv":
                columns = {name: _type(dataset.columns.get(name)) for name in header(dataset, file)}
                tables[dataset.name] = Table(name=(dataset.name,), columns=columns)
            elif file.suffix.lower() == ".parquet" and not _is_parquet(file):
                raise broken_file(dataset, "malformed-parquet", "is no Parquet file.", 1)
        except (RefusedPath, BrokenFile) as refused:
            found.append(refused.diagnostic)
    return Catalog(tables), tuple(found)


def _is_parquet(file: Path) -> bool:
    """Return whether a file has both ends of a Parquet file, and room for the footer that it tells of."""
    with file.open("rb") as content:
        begin = content.read(4)
        size = content.seek(0, os.SEEK_END)
        if size < 12 or begin not in MAGIC:
            return False
        content.seek(-8, os.SEEK_END)
        end = content.read(8)
    return end[4:] == begin and 0 < int.from_bytes(end[:4], "little") <= size - 12


def _type(declared: str | None) -> Type:
    if declared is None:
        return Type.UNKNOWN
    return _DECLARED.get(declared, Type.DECIMAL if declared.startswith("decimal") else Type.UNKNOWN)
