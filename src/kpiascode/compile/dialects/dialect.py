"""The points at which dialects differ in a way that sqlglot does not know, or gets wrong."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One dialect.

    Args:
        name: Ours and sqlglot's.
        exact_percentile: Whether `PERCENTILE_CONT` is an exact aggregate; else rows are ranked.
        seconds_between: From the earlier and the later timestamp, the seconds as a double.
        local: From a timestamp, the zone it is in (None: it is an instant) and a zone, that zone's clock.
        union: How it asks for the rows of two queries, each once.
    """

    name: str
    exact_percentile: bool
    seconds_between: Callable[[exp.Expr, exp.Expr], exp.Expr]
    local: Callable[[exp.Expr, str | None, str], exp.Expr]
    union: str = "UNION"
