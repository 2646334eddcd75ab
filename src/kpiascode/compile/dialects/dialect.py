"""The points at which dialects differ in a way that sqlglot does not know, or gets wrong."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from kpiascode.compile import build
from kpiascode.model.calendar import Duration
from kpiascode.model.expression import Type


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One dialect.

    Args:
        name: Ours.
        exact_percentile: Whether `PERCENTILE_CONT` is an exact aggregate; else rows are ranked.
        seconds_between: From the earlier and the later timestamp, the seconds as a double.
        local: From a timestamp, the zone it is in (None: it is an instant) and a zone, that zone's clock.
        moved: From a moment and a duration, the moment that much later.
        utc: From an instant, the clock of UTC. By default a cast, where the session's zone is UTC.
        hour: From a moment and whether it is an instant, the start of the hour (in UTC) that it is in.
        approximates: The approximate aggregates that it has.
        as_text: What is the same text here as elsewhere.
        checks_texts: Whether a text that is no number or time is an error when it is cast to one.
        escapes_like: Whether a backslash in a pattern of LIKE takes away the meaning of what follows.
        truth_values: Whether true and false are values; else they are 1 and 0, and no condition is a column.
        widens_to_double: Whether a double and a decimal, as alternatives of each other, become doubles.
        wraps: Whether an integer that is too large becomes another one; then sums and products are decimals.
        settled: From a computed decimal the number that is meant, where decimals are doubles; None elsewhere.
        remainders: Of which numbers `%` is the remainder. UNKNOWN is among them where it would fail, and not
            lie, for those that are missing.
        text_order: From a text, what is ordered by the codes of its letters; None where texts are anyway.
        folds: What the engine makes of a name without quotes; None where the case of names does not matter.
        prints_like: The dialect of sqlglot that prints it; None where that has our name.
        rewrite: From a node of a finished tree, what stands for it here; None where all is well as it is.
    """

    name: str
    exact_percentile: bool
    seconds_between: Callable[[exp.Expr, exp.Expr], exp.Expr]
    local: Callable[[exp.Expr, str | None, str], exp.Expr]
    moved: Callable[[exp.Expr, Duration], exp.Expr] = build.moved
    utc: Callable[[exp.Expr], exp.Expr] = build.clock
    hour: Callable[[exp.Expr, bool], exp.Expr] = build.hour
    approximates: frozenset[str] = frozenset({"approx_count_distinct", "approx_percentile"})
    as_text: frozenset[Type] = frozenset({Type.TEXT, Type.INTEGER, Type.DECIMAL, Type.DATE, Type.UNKNOWN})
    checks_texts: bool = True
    escapes_like: bool = False
    truth_values: bool = True
    widens_to_double: bool = True
    wraps: bool = False
    settled: Callable[[exp.Expr], exp.Expr] | None = None
    remainders: frozenset[Type] = frozenset(Type)
    text_order: Callable[[exp.Expr], exp.Expr] | None = None
    folds: Callable[[str], str] | None = None
    prints_like: str | None = None
    rewrite: Callable[[exp.Expr], exp.Expr] | None = None

    @property
    def printer(self) -> str:
        """Return sqlglot's name of it."""
        return self.prints_like or self.name

    def is_exact(self, name: str) -> bool:
        """Return whether a name, as the engine told it, is only found in quotes."""
        return self.folds is not None and self.folds(name) != name
