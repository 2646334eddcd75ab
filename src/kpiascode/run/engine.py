"""What every engine can do. The rest of the product knows no more of them than this."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from kpiascode.model.catalog import Catalog
from kpiascode.model.project import Dataset


class EngineError(Exception):
    """The engine refused, failed or was lost. Not the user's YAML, not our bug.

    `detail` is the engine's own text, or empty. It may hold cells, so only a terminal shows it.
    """

    def __init__(self, engine: str, message: str, detail: str) -> None:
        super().__init__(f"{engine}: {message}")
        self.detail = detail


class QueryTooLarge(EngineError):
    """The engine takes no query as large as this; parts of it may do."""


class Engine(Protocol):
    """An open connection. `dialect` is the SQL that it speaks."""

    @property
    def dialect(self) -> str: ...

    def catalog(self, datasets: Iterable[Dataset]) -> Catalog:
        """Return the columns of the datasets, as far as the engine has them."""
        ...

    def select(self, sql: str) -> Sequence[tuple[Any, ...]]:
        """Return the rows of one SELECT.

        Raises:
            QueryTooLarge: when it may answer parts of it.
            EngineError: when the engine cannot answer.
        """
        ...

    def estimate(self, sql: str) -> int | None:
        """Return how many bytes a SELECT would read, without running it; None where the engine does not tell.

        Raises:
            EngineError: when the engine refuses the SELECT.
        """
        ...

    def close(self) -> None: ...


class Loader(Protocol):
    """An engine that tables can be loaded into."""

    def load(
        self,
        name: str,
        columns: Sequence[tuple[str, str]],
        rows: Sequence[tuple[Any, ...]],
        *,
        replace: bool,
    ) -> None:
        """Make a table and fill it; types come in DuckDB's words.

        Raises:
            EngineError: when there is one already and it may not be replaced, or the engine refuses.
        """
        ...

    def drop(self, name: str) -> None:
        """Drop a table that was loaded, if it is there.

        Raises:
            EngineError: when the engine refuses.
        """
        ...

    def close(self) -> None: ...
