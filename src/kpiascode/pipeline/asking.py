"""From a question to observations, or to the SQL that would answer it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Final

from kpiascode import compile, plan, resolve
from kpiascode.model.calendar import Calendar, Duration, Grain, Period, Unit
from kpiascode.model.catalog import UNKNOWN, Catalog
from kpiascode.model.diagnostic import Diagnostic, in_order, one_of
from kpiascode.model.expression import Column, Expression, Slice, Type, walk
from kpiascode.model.observation import Freshness, Observation, Question
from kpiascode.model.place import Place, Span
from kpiascode.model.plan import Plan, Query
from kpiascode.model.project import Dataset, Project
from kpiascode.model.visibility import as_shown
from kpiascode.pipeline.connection import Connection
from kpiascode.pipeline.picking import picking
from kpiascode.pipeline.reading import Checked
from kpiascode.pipeline.refusals import WrongDefinitions, WrongQuestion
from kpiascode.run import parquet
from kpiascode.run.answers import BrokenData, freshness, observations
from kpiascode.run.csv_header import BrokenFile
from kpiascode.run.engine import Engine, QueryTooLarge
from kpiascode.run.file_types import file_types
from kpiascode.run.opening import open_engine
from kpiascode.run.paths import RefusedPath

NOWHERE: Final = Place("", Span(0, 0, 0, 0))
"""The place of what was typed on the command line."""

MAX_PERIODS: Final = 10_000
"""How many periods are asked at once: 27 years of days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A question as people put it; what is None has a default.

    Args:
        grain: None: each KPI's own.
        start: None: twelve complete periods before `as_of`.
        end: None: the end of the period that holds `as_of`.
        where: A condition over dimensions, as text.
    """

    kpis: tuple[str, ...]
    as_of: datetime
    grain: Grain | None = None
    start: date | None = None
    end: date | None = None
    by: tuple[str, ...] = ()
    where: str | None = None


def questions(project: Project, ask: Ask) -> tuple[Question, ...]:
    """Return the question, one for each grain among the KPIs asked.

    Raises:
        WrongQuestion: for an empty range, or a filter that cannot be read.
    """
    by_grain: dict[Grain, list[str]] = {}
    for name in ask.kpis:
        by_grain.setdefault(ask.grain or project.kpis[name].grain, []).append(name)
    return tuple(
        Question(
            kpis=tuple(names),
            grain=grain,
            periods=_periods(project.settings.calendar, ask, grain),
            as_of=ask.as_of,
            by=tuple(dict.fromkeys(_dimension(project, names, asked) for asked in ask.by)),
            where=None if ask.where is None else _filter(project, names, ask.where),
        )
        for grain, names in by_grain.items()
    )


def _periods(calendar: Calendar, ask: Ask, grain: Grain) -> tuple[Period, ...]:
    try:
        periods = _periods_of(calendar, ask, grain)
    except ValueError as error:
        raise _wrong("date-out-of-range", str(error), None) from None
    if len(periods) > MAX_PERIODS:
        raise _wrong(
            "too-many-periods",
            f"From {periods[0].start} to {periods[-1].end} there are {len(periods):,} periods, and at most "
            f"{MAX_PERIODS:,} are asked at once.",
            "Ask for a shorter range or a coarser --grain.",
        )
    return periods


def _periods_of(calendar: Calendar, ask: Ask, grain: Grain) -> tuple[Period, ...]:
    """Return the periods that are asked for; a `ValueError` where the calendar ends."""
    if ask.start is not None and ask.end is not None and ask.start >= ask.end:
        raise _wrong(
            "empty-range", f"The range from {ask.start} to {ask.end} is empty.", "--to is not included."
        )
    if grain is Grain.ALL:
        if ask.start is None:
            raise _wrong(
                "missing-range", "`--grain all` needs to know where it begins.", "Add --from 2026-01-01."
            )
        end = ask.end or ask.as_of.date()
        if ask.start >= end:
            raise _wrong(
                "empty-range",
                f"The range from {ask.start} to {end} is empty.",
                "Add --to, or an earlier --from.",
            )
        return calendar.periods(Grain.ALL, ask.start, end)
    own = calendar.period_holding(ask.as_of.date(), grain)
    end = ask.end or (own.start if ask.as_of == datetime.combine(own.start, time()) else own.end)
    if ask.start is not None:
        if ask.start >= end:
            end = calendar.period_holding(ask.start, grain).end
        return calendar.periods(grain, ask.start, end)
    before = calendar.period_holding(ask.end or own.start, grain)
    earliest = calendar.shift(before, Duration(amount=-12, unit=Unit.PERIOD))
    assert earliest is not None
    return calendar.periods(grain, earliest.start, end)


def _dimension(project: Project, kpis: Sequence[str], asked: str) -> str:
    """Return the name of a dimension that was asked for by its name or its path."""
    for name in kpis:
        for dimension in project.kpis[name].dimensions:
            if dimension.name == asked:
                return asked
    for name in kpis:
        for dimension in project.kpis[name].dimensions:
            if dimension.path == asked:
                return dimension.name
    return asked


def _filter(project: Project, kpis: Sequence[str], text: str) -> Expression:
    names = [{d.name for d in project.kpis[name].dimensions} for name in kpis]
    try:
        return resolve.filter_over(text, set.intersection(*names) if names else set())
    except resolve.ExpressionError as error:
        raise _wrong(error.code, f"--where: {error.message}", error.hint) from None


def _check_filter(project: Project, kpis: Sequence[str], where: Expression) -> None:
    """Refuse a filter that does not fit what the dimensions of a KPI hold, as far as that is known."""
    for name in kpis:
        types = {dimension.name: dimension.type for dimension in project.kpis[name].dimensions}
        if not all(part.dimension in types for part in walk(where) if isinstance(part, Slice)):
            continue  # the plan says which dimension is missing
        try:
            resolve.check_filter(where, types)
        except resolve.ExpressionError as error:
            raise _wrong(error.code, f"--where: {error.message}", error.hint) from None


def _wrong(code: str, message: str, hint: str | None) -> WrongQuestion:
    return WrongQuestion(Diagnostic(code=code, message=message, place=NOWHERE, hint=hint))


def plans(checked: Checked, ask: Ask, catalog: Catalog = UNKNOWN) -> Iterator[Plan]:
    """Yield a plan for each grain among the KPIs asked.

    Raises:
        WrongQuestion: when the KPIs cannot be asked so.
    """
    for question in questions(checked.project, ask):
        yield planned(checked.project, question, catalog)


def planned(project: Project, question: Question, catalog: Catalog) -> Plan:
    if question.where is not None:
        _check_filter(project, question.kpis, question.where)
    try:
        return plan.plan(project, question, catalog)
    except plan.Unanswerable as refusal:
        raise WrongQuestion(refusal.diagnostic) from None


def with_file_types(checked: Checked, ask: Ask) -> Checked:
    """Return the project as it looks where the types of files are known, as far as they are quick to see.

    So that SQL which is shown is that which `kpi run` asks: days of an instant are those of the calendar's
    zone only where it is known to be one.

    Raises:
        WrongQuestion: when the KPIs cannot be asked so.
        WrongDefinitions: when a definition does not fit its data.
    """
    project = checked.project
    wanted = [project.datasets[name] for name in datasets_read(list(plans(checked, ask)))]
    types = file_types(wanted, project=checked.folder, data_roots=project.settings.data_roots)
    if not types.tables:
        return checked
    named = {name: replace(table, name=(name,)) for name, table in types.tables.items()}
    catalog = Catalog({**checked.catalog.tables, **named})
    resolution = resolve.resolve(checked.documents, catalog)
    if new := checked.unknown(resolution.diagnostics):
        raise WrongDefinitions(in_order(new), checked.documents.sources)
    return replace(checked, project=resolution.project, catalog=catalog)


def queries(checked: Checked, ask: Ask, dialect: str) -> tuple[Query, ...]:
    """Return the SQL that answers, in a dialect, one query for each grain.

    Raises:
        WrongQuestion: when the KPIs cannot be asked so, or the dialect cannot say it exactly.
    """
    catalog = checked.catalog if dialect == "duckdb" else UNKNOWN
    project = checked.project
    return tuple(query(project, question, catalog, dialect) for question in questions(project, ask))


def query(project: Project, question: Question, catalog: Catalog, dialect: str) -> Query:
    """Return the SQL of a question in a dialect.

    Raises:
        WrongQuestion: when the KPIs cannot be asked so, or the dialect cannot say it exactly.
    """
    try:
        return compile.compile_plan(planned(project, question, catalog), dialect)
    except compile.CannotCompile as refusal:
        refused = _refused(project, question, catalog, dialect) if len(question.kpis) > 1 else ()
        whose = f" It refuses {one_of(refused)}." if refused else ""
        raise _wrong(
            "cannot-compile",
            f"{str(refusal).removesuffix('.')}.{whose}",
            "Leave such KPIs out, or ask another engine or dialect.",
        ) from None


def _refused(project: Project, question: Question, catalog: Catalog, dialect: str) -> tuple[str, ...]:
    """Return the KPIs of a question that a dialect cannot say, each asked alone."""
    found = []
    for kpi in question.kpis:
        try:
            compile.compile_plan(planned(project, replace(question, kpis=(kpi,)), catalog), dialect)
        except compile.CannotCompile:
            found.append(kpi)
    return tuple(found)


# --- answering


def answer(checked: Checked, ask: Ask, connection: Connection) -> tuple[Observation, ...]:
    """Return what the KPIs were, by KPI, period and slice.

    Raises:
        WrongQuestion: when they cannot be asked so.
        WrongDefinitions: when the data gives no right number.
        EngineError: when the engine fails.
    """
    asked = list(plans(checked, ask))
    with open_session(checked, datasets_read(asked), connection) as session:
        found: dict[str, list[Observation]] = {}
        for question in questions(session.checked.project, ask):
            for observation in session.observe(question):
                found.setdefault(observation.kpi, []).append(observation)
    return tuple(observation for kpi in ask.kpis for observation in found.get(kpi, []))


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A query as the engine would be asked it. `bytes_read` is None where the engine does not tell."""

    query: Query
    dialect: str
    bytes_read: int | None


def statements(checked: Checked, ask: Ask, connection: Connection) -> tuple[Statement, ...]:
    """Return what `answer` would ask, and of the engine only its tables' columns and its estimates.

    Raises:
        WrongQuestion: when they cannot be asked so.
        WrongDefinitions: when a definition does not fit the data.
        EngineError: when the engine fails.
    """
    asked = list(plans(checked, ask))
    with open_session(checked, datasets_read(asked), connection) as session:
        made = [session.query(question) for question in questions(session.checked.project, ask)]
        return tuple(
            Statement(query=one, dialect=session.engine.dialect, bytes_read=session.engine.estimate(one.text))
            for one in made
        )


def datasets_of(project: Project, asked: Iterable[Question]) -> tuple[str, ...]:
    """Return the datasets that questions read, before an engine is opened.

    Raises:
        WrongQuestion: when the KPIs cannot be asked so.
    """
    by = (replace(one, by=tuple(name for name, _ in one.of), of=()) if one.of else one for one in asked)
    return datasets_read([planned(project, one, UNKNOWN) for one in by])


def datasets_read(made: Sequence[Plan]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for one in made for name in one.datasets))


@dataclass(slots=True)
class Session:
    """An open engine and the project as it looks from there, with every type known."""

    checked: Checked
    engine: Engine
    _by: dict[Question, tuple[Observation, ...]] = field(default_factory=dict)

    def query(self, question: Question) -> Query:
        """Return the question in the engine's SQL.

        Raises:
            WrongQuestion: when the KPIs cannot be asked so, or the engine's SQL cannot say it exactly.
        """
        return query(self.checked.project, question, self.checked.catalog, self.engine.dialect)

    def observe(self, question: Question) -> tuple[Observation, ...]:
        """Return the answer to a question.

        Raises:
            WrongQuestion: when the KPIs cannot be asked so, or the engine's SQL cannot say it exactly.
            WrongDefinitions: when the data gives no right number.
            EngineError: when the engine fails.
        """
        if question.of:
            return self._of_slice(question)
        query = self.query(question)
        try:
            rows = self.engine.select(query.text)
        except QueryTooLarge:  # a KPI's values are the same with others and without
            if len(question.kpis) == 1:
                raise
            half = len(question.kpis) // 2
            parts = (replace(question, kpis=kpis) for kpis in (question.kpis[:half], question.kpis[half:]))
            return tuple(observation for part in parts for observation in self.observe(part))
        try:
            return observations(query, rows, _booleans(self.checked.project, question))
        except BrokenData as broken:
            raise WrongDefinitions(broken.diagnostics, self.checked.documents.sources) from None

    def _of_slice(self, question: Question) -> tuple[Observation, ...]:
        """Return the answer of one slice. Those of the same dimensions are asked together.

        One without rows in these periods is asked alone, by its rows, so that a count of none is zero. What
        has no row in `seen_in` either is no slice, so that a misspelt one has no value.
        """
        asked = replace(question, of=(), seen_in=())
        by = tuple(name for name, _ in question.of)
        found = [one for one in self._sliced(replace(asked, by=by)) if one.slice == question.of]
        for name in sorted({*question.kpis} - {one.kpi for one in found}):
            kpi = self.checked.project.kpis[name]
            own = replace(asked, kpis=(name,))
            picked = picking(question.of, {one.name: one.type for one in kpi.dimensions})
            known = self._sliced(replace(own, grain=kpi.grain, periods=question.seen_in, by=by))
            if picked is not None and any(one.slice == question.of for one in known):
                alone = self.observe(replace(own, where=picked))
                found += (replace(observation, slice=question.of) for observation in alone)
        return tuple(found)

    def _sliced(self, question: Question) -> tuple[Observation, ...]:
        """Return the answer by dimensions, which several slices may want."""
        if question not in self._by:
            self._by[question] = self.observe(question)
        return self._by[question]

    def freshness(self, names: Sequence[str], as_of: datetime) -> dict[str, Freshness]:
        """Return how new the datasets are that date their rows."""
        project, calendar = self.checked.project, self.checked.project.settings.calendar
        found = {}
        for name in names:
            dataset = project.datasets[name]
            dated_by = dataset.time if dataset.valid is None else dataset.valid.start
            if dated_by is None:
                continue
            until = plan.until(as_of, dated_by, calendar)
            sql = compile.newest_row(
                dataset,
                dated_by,
                project.datasets,
                self.checked.catalog,
                until,
                self.engine.dialect,
                calendar.timezone,
            )
            found[name] = freshness(dataset, self.engine.select(sql)[0], calendar.timezone)
        return found

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self.engine.close()


def _booleans(project: Project, question: Question) -> frozenset[str]:
    """Return the dimensions of a question that are true or false."""
    dimensions = (dimension for kpi in question.kpis for dimension in project.kpis[kpi].dimensions)
    return frozenset(one.name for one in dimensions if one.type is Type.BOOLEAN)


def open_session(checked: Checked, datasets: Sequence[str], connection: Connection) -> Session:
    """Open the engine over the datasets that are needed, and resolve the project against what it holds.

    Raises:
        WrongDefinitions: when a file cannot be read or a definition does not fit its data.
    """
    project = checked.project
    wanted = [project.datasets[name] for name in datasets]
    try:
        engine = open_engine(
            wanted,
            project=checked.folder,
            data_roots=project.settings.data_roots,
            url=connection.url,
            dialect=connection.dialect,
            timeout_seconds=connection.timeout_seconds,
            memory_limit=connection.memory_limit,
        )
    except (RefusedPath, BrokenFile) as refused:
        raise WrongDefinitions((refused.diagnostic,), checked.documents.sources) from None
    try:
        found = engine.catalog(wanted)
        missing = tuple(
            Diagnostic(
                code="missing-table",
                message=f"The engine has no table `{_table_of(dataset)}` for dataset `{dataset.name}`.",
                place=dataset.source_place,
                hint=_found_by(dataset, connection),
            )
            for dataset in wanted
            if dataset.name not in found.tables
        )
        catalog = Catalog({**checked.catalog.tables, **found.tables})
        resolution = resolve.resolve(checked.documents, catalog)
        settled = as_shown(resolution.project, checked.project)
        new = checked.unknown(resolution.diagnostics)
        unusable = tuple(_unusable(settled, found))
        if missing or new or unusable:
            raise WrongDefinitions(in_order((*missing, *new, *unusable)), checked.documents.sources)
    except BaseException:
        engine.close()
        raise
    return Session(replace(checked, project=settled, catalog=catalog), engine)


def _found_by(dataset: Dataset, connection: Connection) -> str:
    """Return what helps where a table is missing."""
    if dataset.is_file:
        return "Load its file there, by `kpi seed`."
    if connection.url is None:
        return (
            "Name a file (.csv, .parquet), or give the database by --engine, as in "
            "`--engine duckdb:///path.duckdb`."
        )
    return "Name it as it is called there, as in `schema.table`, and give this user the right to read it."


def _table_of(dataset: Dataset) -> str:
    """Return the table that a dataset is in an engine: a file is loaded under the dataset's name."""
    return dataset.name if dataset.is_file else dataset.source


def _unusable(project: Project, catalog: Catalog) -> Iterator[Diagnostic]:
    """Yield the columns that definitions take for what they cannot be, such as a time, a number or a key."""
    keys = _key_columns(project)
    for name, read in resolve.columns_read(project).items():
        table = catalog.tables.get(name)
        if table is None:
            continue
        for column, held in table.refused.items():
            if column in read.types:
                yield _unfit(project.datasets[name], f"Column `{column[:60]}` of `{name}` holds {held}.")
        for column, held in table.untimed.items():
            if column in read.times:
                told = f"Column `{column[:60]}` of `{name}` is used as a time, and holds {held}."
                yield _unfit(project.datasets[name], told)
        for column, kind in table.unusable.items():
            used = (
                "a time"
                if column in read.times
                else "a number"
                if column in read.numbers
                else "a key"
                if (name, column) in keys
                else None
            )
            if used is not None:
                told = f"Column `{column[:60]}` of `{name}` is used as {used}, and holds {kind[:40]}."
                yield _unfit(project.datasets[name], told)


def _unfit(dataset: Dataset, told: str) -> Diagnostic:
    return Diagnostic(
        code="unusable-column-type",
        message=told,
        place=dataset.source_place,
        hint="Cast it in a view, and name that as `source`.",
    )


def _key_columns(project: Project) -> set[tuple[str, str]]:
    """Return by dataset the columns over which relationships lead."""
    found = set()
    for dataset in project.datasets.values():
        for relationship in dataset.relationships.values():
            for here, there in relationship.keys:
                found |= {(dataset.name, one.column) for one in walk(here) if isinstance(one, Column)}
                found |= {(relationship.to, one.column) for one in walk(there) if isinstance(one, Column)}
    return found


def write_parquet(observations: Sequence[Observation], file: Path) -> None:
    """Write the answer as a Parquet file.

    Raises:
        WrongQuestion: when a value has more digits than its column.
        OSError, EngineError: when the file cannot be written.
    """
    try:
        parquet.write_parquet(observations, file)
    except parquet.NoRoom as refusal:
        raise _wrong("number-too-wide", str(refusal), "Ask for --format csv or json.") from None
