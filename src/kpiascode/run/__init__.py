"""A `Query` and an engine to `Observation`s. The only stage that talks to a database."""

from kpiascode.run.answers import BrokenData, freshness, observations
from kpiascode.run.csv_files import BrokenFile
from kpiascode.run.engine import Engine, EngineError
from kpiascode.run.headers import header_catalog
from kpiascode.run.parquet import write_parquet
from kpiascode.run.paths import RefusedPath

__all__ = [
    "BrokenData",
    "BrokenFile",
    "Engine",
    "EngineError",
    "RefusedPath",
    "freshness",
    "header_catalog",
    "observations",
    "write_parquet",
]
