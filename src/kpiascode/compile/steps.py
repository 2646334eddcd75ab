"""The named steps of a query, each with a name of its own, and how they are written out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlglot import exp
from sqlglot.errors import ErrorLevel

from kpiascode.compile import build
from kpiascode.compile.dialects import Dialect
from kpiascode.compile.dialects.truth import with_numbers_for_truth
from kpiascode.model.naming import free
from kpiascode.model.project import Dataset

LONGEST_NAME: Final = 56
"""Of a step, with room for a number: MySQL refuses names of more than 64 letters, PostgreSQL cuts at 63."""


@dataclass(frozen=True, slots=True)
class Step:
    """A named part of the query. `alternatives` are joined by UNION ALL."""

    name: str
    alternatives: tuple[exp.Select, ...]


@dataclass(slots=True)
class Steps:
    """The steps so far, in the order in which they build on each other."""

    datasets: Mapping[str, Dataset]
    found: list[Step] = field(default_factory=list)
    _names: set[str] = field(default_factory=set)

    def add(self, name: str, *alternatives: exp.Select) -> str:
        """Add a step and return its name: the given one, or one like it that no dataset and no step has."""
        unique = self._free(name)
        self.found.append(Step(unique, alternatives))
        return unique

    def _free(self, name: str) -> str:
        if not self._names:
            for dataset in self.datasets.values():
                self._names |= {dataset.name.lower(), *(part.lower() for part in dataset.source.split("."))}
        unique = free(name[:LONGEST_NAME], self._names)
        self._names.add(unique)
        return unique

    def text(self, final: exp.Select, dialect: Dialect) -> str:
        """Return the whole query."""
        parts = []
        for step in self.found:
            body = "\nUNION ALL\n".join(printed(select, dialect) for select in step.alternatives)
            name = printed(build.identifier(step.name), dialect)
            parts.append(f"{name} AS (\n{_indented(body)}\n)")
        with_clause = f"WITH {', '.join(parts)}\n" if parts else ""
        return with_clause + printed(final, dialect)


def printed(node: exp.Expr, dialect: Dialect) -> str:
    """Return a tree as text.

    Raises:
        SqlglotError: where the dialect has no form for a part of it.
    """
    if not dialect.truth_values:
        node = with_numbers_for_truth(node)
    if dialect.rewrite is not None:
        node = rewritten(node, dialect.rewrite)
    return node.sql(
        dialect=dialect.printer,
        pretty=True,
        comments=False,
        unsupported_level=ErrorLevel.RAISE,
        max_text_width=100,
    )


def rewritten(tree: exp.Expr, rewrite: Callable[[exp.Expr], exp.Expr]) -> exp.Expr:
    """Return the tree with what stands for each node, from the outside in, also within what was put there."""
    whole = tree.copy()
    waiting = [whole]
    while waiting:
        node = waiting.pop()
        new = rewrite(node)
        if new is not node:
            whole = new if node is whole else whole
            node.replace(new)
        waiting.extend(new.iter_expressions())
    return whole


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
