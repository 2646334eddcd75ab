"""What can be known of file datasets without reading them whole."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from kpiascode.model.catalog import Catalog, Table
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.expression import Type
from kpiascode.model.project import Dataset
from kpiascode.run.csv_header import BrokenFile, header
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


def header_catalog(
    datasets: Iterable[Dataset], *, project: Path, data_roots: Sequence[str]
) -> tuple[Catalog, tuple[Diagnostic, ...]]:
    """Return the columns of the CSV datasets by their first lines, and what is wrong with the files.

    Types are those declared under `columns`; the others are unknown. Parquet files are only looked for.
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
        except (RefusedPath, BrokenFile) as refused:
            found.append(refused.diagnostic)
    return Catalog(tables), tuple(found)


def _type(declared: str | None) -> Type:
    if declared is None:
        return Type.UNKNOWN
    return _DECLARED.get(declared, Type.DECIMAL if declared.startswith("decimal") else Type.UNKNOWN)
