"""From the worked examples of KPIs to what is wrong with them: each is computed over its own rows."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from typing import Any, Final

from kpiascode import compile, plan, resolve
from kpiascode.model.catalog import Catalog, Table, named_like
from kpiascode.model.diagnostic import Diagnostic, Severity, did_you_mean, in_order, one_of
from kpiascode.model.document import Plain
from kpiascode.model.example import Example, Expected
from kpiascode.model.expression import Column, KpiValue, Type, walk
from kpiascode.model.observation import Observation, Question
from kpiascode.model.place import Place
from kpiascode.model.plan import Query
from kpiascode.model.project import Dataset, Project
from kpiascode.pipeline.reading import Checked
from kpiascode.run.answers import BrokenData, observations
from kpiascode.run.csv_files import declared_type, type_of
from kpiascode.run.csv_header import BrokenFile
from kpiascode.run.engine import EngineError
from kpiascode.run.file_types import file_types
from kpiascode.run.given import NULL, Misfit, fitted, in_words, type_of_cells
from kpiascode.run.given_tables import GivenTables

TIMEOUT_SECONDS: Final = 10.0
"""For one example. A thousand rows take a few milliseconds."""

FAILS: Final = "example-fails"
CLOSE: Final = Decimal("1e-9")
"""How far, as a part of the expected value, a computed one may be off: no engine divides exactly."""

MANY: Final = Decimal(10) ** 18
ROUNDED: Final = 3
"""Digits after the point from which on an expected value is one that was rounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exampled:
    """How many examples were computed, and what is wrong with them and with the others."""

    computed: int
    diagnostics: tuple[Diagnostic, ...]


def compute(checked: Checked, kpis: Collection[str]) -> Exampled:
    """Compute the examples of KPIs.

    The types of columns come from the examples of all KPIs, so that they do not depend on which are asked.

    Args:
        checked: A project; KPIs with errors, and those that rest on them, are left out.
        kpis: Whose examples are computed.
    """
    project = checked.project
    sound = {name: kpi for name, kpi in project.kpis.items() if kpi.examples and _is_sound(name, checked)}
    found: dict[str, list[Diagnostic]] = {name: [] for name in sound}
    examples: list[Example] = []
    for name, kpi in sound.items():
        read, wrong = resolve.examples_of(kpi, project)
        found[name] += wrong
        examples += read
    tables = _Tables.of(checked, examples)
    stored = []
    for example in examples:
        if wrong := tuple(tables.wrong_cells(example)):
            found[example.kpi] += wrong
        else:
            stored.append(example)
    asked = [example for example in stored if example.kpi in kpis]
    told: list[Diagnostic] = [diagnostic for name in sound if name in kpis for diagnostic in found[name]]
    if asked:
        told += _Run(checked, tables).of(asked)
    return Exampled(computed=len(asked), diagnostics=in_order(told))


def _is_sound(name: str, checked: Checked) -> bool:
    """Return whether no error was found in a KPI and in those that it refers to."""
    errors = [d.place for d in checked.diagnostics if d.severity is Severity.ERROR]
    if not errors:
        return True
    waiting, seen = [name], {name}
    while waiting:
        kpi = checked.project.kpis[waiting.pop()]
        whole = checked.project.documents["kpi", kpi.name].place()
        if any(_within(place, whole) for place in errors):
            return False
        refers = {
            node.kpi for rule in kpi.rules for node in walk(rule.expression) if isinstance(node, KpiValue)
        }
        waiting += sorted(refers - seen)
        seen |= refers
    return True


def _within(place: Place, whole: Place) -> bool:
    return place.path == whole.path and whole.span.line <= place.span.line <= whole.span.end_line


# --- tables


@dataclass(slots=True)
class _Tables:
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
    def of(cls, checked: Checked, examples: Sequence[Example]) -> "_Tables":
        """Return the tables that hold what the examples give and what the definitions read."""
        project = checked.project
        reads = resolve.columns_read(project)
        used = _datasets_used(project, examples)
        files = file_types(
            [project.datasets[name] for name in used],
            project=checked.folder,
            data_roots=project.settings.data_roots,
        )
        catalog = Catalog({**checked.catalog.tables, **files.tables})
        made = cls(project, {name: catalog.columns(name) for name in project.datasets})
        cells = _cells(examples)
        for name in used:
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


def _datasets_used(project: Project, examples: Sequence[Example]) -> tuple[str, ...]:
    """Return the datasets that are given, those that the KPIs count, and all that these lead to."""
    waiting = list(dict.fromkeys(name for example in examples for name in example.given))
    for kpi in dict.fromkeys(example.kpi for example in examples):
        waiting += plan.datasets_of(kpi, project.kpis, project)
    found: dict[str, None] = {}
    while waiting:
        name = waiting.pop()
        if name in found or name not in project.datasets:
            continue
        found[name] = None
        waiting += [relationship.to for relationship in project.datasets[name].relationships.values()]
    return tuple(sorted(found))


# --- computing


class _Run:
    """One engine for all examples. SQL is made once for those that ask the same."""

    def __init__(self, checked: Checked, tables: _Tables) -> None:
        self.checked = checked
        self.tables = tables
        self.catalog = Catalog({**checked.catalog.tables, **tables.catalog.tables})
        self.resolution = resolve.resolve(checked.documents, self.catalog)
        self.queries: dict[Question, Query] = {}

    def of(self, examples: Sequence[Example]) -> Iterator[Diagnostic]:
        """Yield what is wrong with examples of which the rows are right."""
        engine = GivenTables(timeout_seconds=TIMEOUT_SECONDS)
        try:
            told: set[str] = set()
            for example in examples:
                if example.kpi in self.resolution.project.kpis:
                    yield from self._outcome(example, engine)
                elif example.kpi not in told:
                    told.add(example.kpi)
                    yield self._ill_typed(example)
        finally:
            engine.close()

    def _ill_typed(self, example: Example) -> Diagnostic:
        new = self.checked.unknown(self.resolution.diagnostics)
        whole = example.document.place()
        why = next((d for d in new if _within(d.place, whole)), new[0] if new else None)
        return _failed(
            example.place_of_value("given"),
            f"With the given values, the KPI cannot be computed: {'' if why is None else why.message}",
            None if why is None else why.hint,
            None if why is None else f"That is about {why.place}.",
        )

    def _outcome(self, example: Example, engine: GivenTables) -> Iterator[Diagnostic]:
        try:
            found = self._computed(example, engine)
        except plan.Unanswerable as refusal:
            yield _failed(_first(example), refusal.diagnostic.message, _unflagged(refusal.diagnostic.hint))
        except BrokenData as broken:
            for diagnostic in broken.diagnostics:
                message = f"The example cannot be computed: {diagnostic.message}"
                yield _failed(
                    example.place("given"), message, "Give the rows that are needed, each key once."
                )
        except (EngineError, compile.CannotCompile) as error:
            yield _failed(
                example.place("given"),
                f"The example cannot be computed: {error}.",
                "Look for numbers that are too large, and for texts where the KPI needs something else.",
            )
        else:
            for expected in example.expected:
                yield from _mismatch(example, expected, found)

    def _computed(
        self, example: Example, engine: GivenTables
    ) -> dict[tuple[str, str], dict[str | None, Observation]]:
        """Return what comes out, by grain and name of the period, then by slice.

        Raises:
            Unanswerable: for a grain that is too fine.
            BrokenData: when the rows give no right number.
            EngineError: when the engine cannot compute it.
        """
        queries = [self._query(question) for question in _questions(example)]
        for query in queries:
            for name in query.plan.datasets:
                engine.declare(name, self.tables.columns[name])
        for name in example.given:
            engine.declare(name, self.tables.columns[name])
        engine.fill(self.tables.rows(example))
        found: dict[tuple[str, str], dict[str | None, Observation]] = {}
        for query in queries:
            for one in observations(query, engine.select(query.text)):
                slices = found.setdefault((one.period.grain.value, one.period.name), {})
                slices[(one.slice[0][1] or "") if one.slice else None] = one
        return found

    def _query(self, question: Question) -> Query:
        if question not in self.queries:
            made = plan.plan(self.resolution.project, question, self.catalog)
            self.queries[question] = compile.compile_plan(made, "duckdb")
        return self.queries[question]


def _questions(example: Example) -> Iterator[Question]:
    """Yield what is asked: a question for each grain among the periods, seen from the end of the last."""
    periods = {expected.period for expected in example.expected}
    as_of = datetime.combine(max(period.end for period in periods), time())
    for grain in sorted({period.grain for period in periods}, key=lambda grain: grain.value):
        yield Question(
            kpis=(example.kpi,),
            grain=grain,
            periods=tuple(sorted((p for p in periods if p.grain is grain), key=lambda p: p.start)),
            as_of=as_of,
            by=() if example.by is None else (example.by,),
        )


def _mismatch(
    example: Example,
    expected: Expected,
    found: Mapping[tuple[str, str], Mapping[str | None, Observation]],
) -> Iterator[Diagnostic]:
    period = expected.period
    where = period.name if expected.slice is None else f"{period.name}, `{expected.slice[:60]}`"
    slices = found.get((period.grain.value, period.name), {})
    observed = slices.get(expected.slice)
    if observed is None:
        names = [name for name in slices if name is not None]
        yield _failed(
            expected.place,
            f"Expected {_shown(expected.value)} for {where}, and no row is in that slice.",
            did_you_mean(expected.slice or "", names)
            or (f"There are {one_of(names)}." if names else "Give a row of that slice."),
        )
    elif not agrees(expected.value, observed.value):
        yield _failed(
            expected.place,
            f"Expected {_shown(expected.value)} for {where}, computed {_shown(observed.value)}.",
            _next_step(example, expected.value, observed.value),
        )


def agrees(expected: Decimal | None, computed: Decimal | None) -> bool:
    """Return whether a value is the expected one: to the digits written, if they are three or more after the
    point, else exactly.

    >>> agrees(Decimal("0.333"), 1 / Decimal(3)), agrees(Decimal("0.33"), 1 / Decimal(3))
    (True, False)
    """
    if expected is None or computed is None:
        return expected is computed
    apart = abs(expected - computed)
    digits = _decimals(expected)
    half = Decimal(5).scaleb(-digits - 1) if digits >= ROUNDED else Decimal(0)
    return apart <= half + CLOSE * abs(expected)


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def _next_step(example: Example, expected: Decimal | None, computed: Decimal | None) -> str:
    if computed is None:
        return "No row counts there, or it divides by zero: look at the given times and at `where`."
    digits = 0 if expected is None else _decimals(expected)
    if 0 <= digits < ROUNDED and abs(computed) < MANY and round(computed, digits) == expected:
        return f"Write at least {ROUNDED} digits after the point, and as many are compared."
    return f"Correct the example or the KPI; `kpi explain {example.kpi}` shows how it is computed."


def _shown(value: Decimal | None) -> str:
    """Return a value with at most twelve digits, as few as say it."""
    if value is None:
        return "null"
    if not value:
        return "0"
    short = Decimal(f"{value:.12g}").normalize()
    return format(short, "f") if -12 < short.adjusted() < 24 else str(short)


def _first(example: Example) -> Place:
    return example.place("expect", example.expected[0].period.name)


def _unflagged(hint: str | None) -> str | None:
    """Return the hint of a refused question, which speaks of options, in the words of an example."""
    return None if hint is None else hint.replace("--grain ", "periods of grain ")


def _failed(place: Place, message: str, hint: str | None, note: str | None = None) -> Diagnostic:
    return Diagnostic(code=FAILS, message=message, place=place, hint=hint, note=note)
