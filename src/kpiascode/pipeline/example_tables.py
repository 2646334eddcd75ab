"""The tables that hold the given rows of examples: which columns they have, and of which types."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kpiascode import resolve
from kpiascode.model.catalog import Catalog, Table, named_like
from kpiascode.model.diagnostic import Diagnostic, did_you_mean, one_of
from kpiascode.model.document import Plain
from kpiascode.model.example import Example
from kpiascode.model.expression import Column, Type, walk
from kpiascode.model.project import Dataset, Project
from kpiascode.pipeline.worked import Worked
from kpiascode.resolve.examples import FAILS
from kpiascode.run.csv_header import BrokenFile
from kpiascode.run.given import NULL, Misfit, fitted, in_words, type_of_cells
from kpiascode.run.sql_types import declared_type, type_of


@dataclass(slots=True)
class ExampleTables:
    """The tables of the datasets: which columns they have, and of which types in DuckDB's words.

    Args:
        given: By dataset, the spelling of a given column and the column that is meant.
    """

    project: Project
    known: Mapping[str, Collection[str] | None]
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    given: dict[str, dict[str, str]] = field(default_factory=dict)
    unsure: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, worked: Worked, files: Catalog) -> "ExampleTables":
        """Return the tables that hold what the examples give and what the definitions read.

        Args:
            files: The columns of data files, as far as their types are known.
        """
        project = worked.checked.project
        reads = resolve.columns_read(project)
        catalog = Catalog({**worked.checked.catalog.tables, **files.tables})
        made = cls(project, {name: catalog.columns(name) for name in project.datasets})
        cells = _cells(worked.examples)
        for name in worked.datasets:
            made._add(project.datasets[name], reads[name], catalog.columns(name), cells.get(name, {}))
        return made

    def _add(
        self,
        dataset: Dataset,
        read: resolve.ColumnsRead,
        known: Mapping[str, Type] | None,
        cells: Mapping[str, Sequence[Plain]],
    ) -> None:
        names: dict[str, Type] = {}
        for column, kind in [*(known or {}).items(), *read.types.items()]:
            same = named_like(column, names)
            if same is None:
                names[column] = kind
            elif names[same] is Type.UNKNOWN:
                names[same] = kind
        meant = {}
        for column in cells:
            same = named_like(column, names)
            if same is not None:
                meant[column] = same
            elif known is None and column not in dataset.fields:
                names[column] = Type.UNKNOWN
                meant[column] = column
        self.given[dataset.name] = meant
        self.columns[dataset.name] = {}
        self.unsure[dataset.name] = set()
        for column, kind in names.items():
            held = [cell for spelled, like in meant.items() if like == column for cell in cells[spelled]]
            if column in dataset.columns:
                found = _declared(dataset, column)
            else:
                found = type_of_cells(
                    kind, held, is_time=column in read.times, is_number=column in read.numbers
                )
                if kind is Type.UNKNOWN and not held:
                    self.unsure[dataset.name].add(column)
            self.columns[dataset.name][column] = found

    @property
    def catalog(self) -> Catalog:
        """Return the tables for `resolve`; of columns whose type nothing tells, it is unknown."""
        return Catalog(
            {
                name: Table(
                    name=(name,),
                    columns={
                        column: Type.UNKNOWN if column in self.unsure[name] else type_of(kind)
                        for column, kind in columns.items()
                    },
                )
                for name, columns in self.columns.items()
            }
        )

    def wrong_cells(self, example: Example) -> Iterator[Diagnostic]:
        """Yield what is wrong with the rows of an example."""
        for name, rows in example.given.items():
            for position, row in enumerate(rows):
                seen: dict[str, str] = {}
                for column, cell in row.items():
                    where = ("given", name, position, column)
                    meant = self.given[name].get(column)
                    if meant is None:
                        yield self._unknown(example, name, column, where)
                    elif meant in seen:
                        yield Diagnostic(
                            code=FAILS,
                            message=f"`{column[:60]}` and `{seen[meant][:60]}` are the same column.",
                            place=example.place(*where),
                            hint="Give it once.",
                        )
                    elif not self._fits(cell, self.columns[name][meant]):
                        yield self._misfit(example, name, meant, where)
                    seen.setdefault(meant or column, column)

    @staticmethod
    def _fits(cell: Plain, kind: str) -> bool:
        try:
            fitted(cell, kind)
        except Misfit:
            return False
        return True

    def _unknown(self, example: Example, name: str, column: str, where: tuple[str | int, ...]) -> Diagnostic:
        names = self.columns[name]
        computed = self.project.datasets[name].fields.get(column)
        if computed is None:
            hint = did_you_mean(column, names) or (f"It has {one_of(names)}." if names else None)
        else:
            made_of = {part.column for part in walk(computed) if isinstance(part, Column) and not part.path}
            hint = f"It is a field, which is computed; give the columns behind it: {one_of(made_of)}."
        return Diagnostic(
            code="unknown-column",
            message=f"Dataset `{name}` has no column `{column[:60]}`.",
            place=example.place(*where),
            hint=hint,
        )

    def _misfit(self, example: Example, name: str, column: str, where: tuple[str | int, ...]) -> Diagnostic:
        kind = self.columns[name][column]
        declared = self.project.datasets[name].columns.get(column)
        holds = in_words(kind) if declared is None else f"{declared} as declared"
        return Diagnostic(
            code=FAILS,
            message=f"The value does not fit column `{column[:60]}` of `{name}`, which holds {holds}.",
            place=example.place_of_value(*where),
            hint='Numbers stand without quotes, times as 2026-01-31 or "2026-01-31 12:00:00".',
        )

    def rows(self, example: Example) -> dict[str, list[dict[str, Any]]]:
        """Return the rows of an example as parameters."""
        return {
            name: [
                {
                    (meant := self.given[name][column]): fitted(cell, self.columns[name][meant])
                    for column, cell in row.items()
                }
                for row in rows
            ]
            for name, rows in example.given.items()
        }


def _declared(dataset: Dataset, column: str) -> str:
    try:
        return declared_type(dataset, column, dataset.columns[column])
    except BrokenFile:  # told when the file is read
        return NULL


def _cells(examples: Sequence[Example]) -> dict[str, dict[str, list[Plain]]]:
    """Return all cells that are given, without nulls, by dataset and column as spelled."""
    found: dict[str, dict[str, list[Plain]]] = {}
    for example in examples:
        for name, rows in example.given.items():
            columns = found.setdefault(name, {})
            for row in rows:
                for column, cell in row.items():
                    held = columns.setdefault(column, [])
                    if cell is not None:
                        held.append(cell)
    return found
