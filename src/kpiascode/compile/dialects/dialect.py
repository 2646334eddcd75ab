"""The points at which dialects differ in a way that sqlglot does not know, or gets wrong."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from kpiascode.compile import build
from kpiascode.model.calendar import Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One dialect.

    Args:
        name: Ours.
        exact_percentile: Whether `PERCENTILE_CONT` is an exact aggregate; else rows are ranked.
        seconds_between: From the earlier and the later timestamp, the seconds as a double.
        local: From a timestamp, the zone it is in (None: it is an instant) and a zone, that zone's clock.
        moved: From a moment and a duration, the moment that much later.
        approximates: The approximate aggregates that it has.
        prints_like: The dialect of sqlglot that prints it; None where that has our name.
        rewrite: From a node of a finished tree, what stands for it here; None where all is well as it is.
    """

    name: str
    exact_percentile: bool
    seconds_between: Callable[[exp.Expr, exp.Expr], exp.Expr]
    local: Callable[[exp.Expr, str | None, str], exp.Expr]
    moved: Callable[[exp.Expr, Duration], exp.Expr] = build.moved
    approximates: frozenset[str] = frozenset({"approx_count_distinct", "approx_percentile"})
    prints_like: str | None = None
    rewrite: Callable[[exp.Expr], exp.Expr] | None = None

    @property
    def printer(self) -> str:
        """Return sqlglot's name of it."""
        return self.prints_like or self.name
