"""From the worked examples of a project to those that wait to be computed. Loads no engine."""

from collections.abc import Collection
from dataclasses import dataclass, field

from kpiascode.model.catalog import Catalog
from kpiascode.model.diagnostic import Diagnostic, in_order
from kpiascode.model.example import Example
from kpiascode.pipeline.example_keys import ExampleKeys
from kpiascode.pipeline.example_tables import ExampleTables
from kpiascode.pipeline.reading import Checked
from kpiascode.pipeline.store import Store
from kpiascode.pipeline.worked import Worked, read


@dataclass(slots=True)
class Waiting:
    """Examples on their way: read, held by tables once the types of files are known, less those that passed.

    Args:
        unknown: The file datasets whose types nobody has kept.
        tables: None while there are such.
        computing: The examples that are to be computed, once there are tables.
    """

    worked: Worked
    keys: ExampleKeys
    types: Catalog
    unknown: tuple[str, ...]
    tables: ExampleTables | None = None
    computing: tuple[Example, ...] = ()
    diagnostics: list[Diagnostic] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Return whether nothing has to be computed."""
        return self.tables is not None and not self.computing

    @property
    def findings(self) -> tuple[Diagnostic, ...]:
        return in_order(self.diagnostics)

    def learn(self, types: Catalog) -> ExampleTables:
        """Take the types of files that were unknown, and return the tables."""
        self.keys.keep_types(self.unknown, types)
        self.types = Catalog({**self.types.tables, **types.tables})
        self.unknown = ()
        return self._hold()

    def _hold(self) -> ExampleTables:
        tables = self.tables = ExampleTables.of(self.worked, self.types)
        computing = []
        for example in self.worked.examples:
            if example.kpi not in self.worked.asked:
                continue
            if wrong := tuple(tables.wrong_cells(example)):
                self.diagnostics += wrong
            elif not self.keys.has_passed(example, tables):
                computing.append(example)
        self.computing = tuple(computing)
        return tables


def waiting(checked: Checked, kpis: Collection[str], store: Store) -> Waiting:
    """Return the examples of KPIs, as far as it can be told what is to be done with them.

    Args:
        checked: A project; KPIs with errors, and those that rest on them, are left out.
        kpis: Whose examples are asked for.
    """
    worked = read(checked, kpis)
    keys = ExampleKeys(worked, store)
    files = [name for name in worked.datasets if checked.project.datasets[name].is_file]
    kept = keys.types(files)
    found = Waiting(
        worked=worked,
        keys=keys,
        types=Catalog({name: table for name, table in kept.items() if table is not None}),
        unknown=tuple(name for name in files if name not in kept),
        diagnostics=list(worked.diagnostics),
    )
    if worked.examples and not found.unknown:
        found._hold()
    return found
