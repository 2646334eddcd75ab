"""Which engine answers. It comes from the command line or the environment, never from the repository."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Which engine answers.

    Args:
        database: An existing DuckDB file, opened read-only; None for file datasets only.
        memory_limit: Of the embedded engine, such as `2GB`; None for its default.
    """

    database: Path | None = None
    timeout_seconds: float | None = None
    memory_limit: str | None = None
