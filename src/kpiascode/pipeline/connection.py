"""Which engine answers. It comes from the command line or the environment, never from the repository."""

from dataclasses import dataclass

from kpiascode.run.engines import schemes
from kpiascode.run.engines.url import Url, WrongUrl, read_url

__all__ = ["Connection", "Url", "WrongUrl", "known_schemes", "read_url"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Which engine answers.

    Args:
        url: Of an existing database, which is only read; None for file datasets only, on embedded DuckDB.
        dialect: That the project declares the engine to have; None where it was not declared.
        memory_limit: Of the embedded engine, such as `2GB`; None for its default.
    """

    url: Url | None = None
    dialect: str | None = None
    timeout_seconds: float | None = None
    memory_limit: str | None = None


def known_schemes() -> tuple[str, ...]:
    """Return the schemes of all engines that could be opened."""
    return ("duckdb", *schemes())
