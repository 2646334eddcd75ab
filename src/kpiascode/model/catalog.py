"""What a source really holds: columns and their types."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kpiascode.model.expression import Type


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as the engine knows it.

    Args:
        name: The qualified name, outermost part first, to be quoted part by part. Empty: as declared.
        columns: By name, in the order of the table.
        unusable: The columns that are neither times nor numbers nor texts, with what the engine calls them.
        untimed: The columns that are no time, whatever they are beside that, with what they hold.
        refused: The columns that mean nothing sure, whatever they are used as, with what they hold.
    """

    name: tuple[str, ...]
    columns: Mapping[str, Type]
    unusable: Mapping[str, str] = field(default_factory=dict)
    untimed: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Catalog:
    """Tables by dataset. A dataset that is absent is unknown, and so are its columns."""

    tables: Mapping[str, Table]

    def columns(self, dataset: str) -> Mapping[str, Type] | None:
        """Return the columns of a dataset by name, or None where nothing is known of it."""
        table = self.tables.get(dataset)
        return None if table is None else table.columns

    @property
    def names(self) -> dict[str, tuple[str, ...]]:
        """Return the qualified name of each table by dataset; see `Table.name`."""
        return {dataset: table.name for dataset, table in self.tables.items()}


def named_like(name: str, known: Iterable[str]) -> str | None:
    """Return the name itself, or the only one that differs from it by case alone; else None."""
    alike = [other for other in known if other.lower() == name.lower()]
    if name in alike:
        return name
    return alike[0] if len(alike) == 1 else None


UNKNOWN = Catalog({})
