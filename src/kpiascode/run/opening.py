"""The engine that a connection means."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from kpiascode.model.project import Dataset
from kpiascode.run.duckdb_engine import EmbeddedDuckDB
from kpiascode.run.engine import Engine, EngineError
from kpiascode.run.engines import connect
from kpiascode.run.engines.url import Url, file_of

EMBEDDED = "duckdb"


def open_engine(
    datasets: Iterable[Dataset],
    *,
    project: Path,
    data_roots: Sequence[str],
    url: Url | None,
    dialect: str | None,
    timeout_seconds: float | None,
    memory_limit: str | None,
) -> Engine:
    """Return the embedded engine over the files of datasets and perhaps a database file, or another one.

    Args:
        dialect: That it must have; None for any.

    Raises:
        RefusedPath, BrokenFile: for a file that may not be read, or does not hold what it should.
        EngineError: when it cannot be opened.
    """
    if url is not None and url.scheme != EMBEDDED:
        engine = connect(url, timeout_seconds=timeout_seconds)
        if dialect not in (None, engine.dialect):
            engine.close()
            raise _another(url, str(dialect))
        return engine
    database = None
    if url is not None:
        if dialect not in (None, EMBEDDED):
            raise _another(url, str(dialect))
        database = file_of(url)
    return EmbeddedDuckDB(
        datasets,
        project=project,
        data_roots=data_roots,
        database=database,
        timeout_seconds=timeout_seconds,
        memory_limit=memory_limit,
    )


def _another(url: Url, dialect: str) -> EngineError:
    return EngineError(url.scheme, f"the engine is declared with another dialect, `{dialect}`", "")
