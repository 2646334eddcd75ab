"""The only place that joins the stages. Each function reads as one sentence about a project."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Final

from kpiascode import __version__, assess, compile, lint, load, plan, render, resolve, run, validate
from kpiascode.model.assessment import Assessment, Evidence
from kpiascode.model.calendar import Duration, Grain, Period, Unit
from kpiascode.model.catalog import UNKNOWN, Catalog
from kpiascode.model.diagnostic import Diagnostic, Severity, in_order
from kpiascode.model.document import Documents
from kpiascode.model.expression import Expression
from kpiascode.model.observation import Freshness, Observation, Question
from kpiascode.model.page import Page
from kpiascode.model.place import Place, Span
from kpiascode.model.plan import Plan, Query
from kpiascode.model.project import Project
from kpiascode.run.duckdb_engine import EmbeddedDuckDB

NOWHERE: Final = Place("", Span(0, 0, 0, 0))
"""The place of what was typed on the command line."""

SHOWN_PERIODS: Final = 3
"""How many periods the SQL on a KPI's page asks for: enough to see the pattern."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A project as far as it could be understood, and everything that is wrong with it."""

    folder: Path
    documents: Documents
    project: Project
    catalog: Catalog
    diagnostics: tuple[Diagnostic, ...]

    @property
    def has_errors(self) -> bool:
        return any(d.severity is Severity.ERROR for d in self.diagnostics)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Which engine answers.

    Args:
        database: An existing DuckDB file, opened read-only; None for file datasets only.
        memory_limit: Of the embedded engine, such as `2GB`; None for its default.
    """

    database: Path | None = None
    timeout_seconds: float | None = None
    memory_limit: str | None = None


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


class WrongQuestion(Exception):
    """A question that has no answer, whatever the data: carries the finding."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class WrongDefinitions(Exception):
    """Definitions or data that give no right number: carries the findings."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__(f"{len(diagnostics)} findings")
        self.diagnostics = diagnostics


find_project = load.find_project
PROJECT_FILE = load.PROJECT_FILE
EngineError = run.EngineError


# --- understanding a project


def read(folder: Path) -> Checked:
    """Return the project of a folder: loaded, validated and resolved against the headers of its files."""
    documents = validate.validate(load.load(folder))
    first = resolve.resolve(documents)
    catalog, refused = run.header_catalog(
        first.project.datasets.values(), project=folder, data_roots=first.project.settings.data_roots
    )
    resolution = resolve.resolve(documents, catalog) if catalog.tables else first
    return Checked(
        folder=folder,
        documents=documents,
        project=resolution.project,
        catalog=catalog,
        diagnostics=in_order((*documents.diagnostics, *resolution.diagnostics, *refused)),
    )


def check(folder: Path) -> Checked:
    """Return the project of a folder with every finding: about shape, references and meaning."""
    checked = read(folder)
    return replace(checked, diagnostics=in_order((*checked.diagnostics, *lint.lint(checked.project))))


# --- asking


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
            periods=_periods(project, ask, grain),
            as_of=ask.as_of,
            by=tuple(_dimension(project, names, asked) for asked in ask.by),
            where=None if ask.where is None else _filter(project, names, ask.where),
        )
        for grain, names in by_grain.items()
    )


def _periods(project: Project, ask: Ask, grain: Grain) -> tuple[Period, ...]:
    calendar = project.settings.calendar
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
            raise _wrong("empty-range", f"The range from {ask.start} to {end} is empty.", None)
        return calendar.periods(Grain.ALL, ask.start, end)
    own = calendar.period_holding(ask.as_of.date(), grain)
    end = ask.end or (own.start if ask.as_of == datetime.combine(own.start, time()) else own.end)
    if ask.start is not None:
        if ask.start >= end:
            end = calendar.period_holding(ask.start, grain).end
        return calendar.periods(grain, ask.start, end)
    last = calendar.period_holding(end, grain)
    before = calendar.period_holding(ask.end or own.start, grain)
    earliest = calendar.shift(before, Duration(amount=-12, unit=Unit.PERIOD))
    assert earliest is not None
    return calendar.periods(grain, earliest.start, max(end, last.start))


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


def _wrong(code: str, message: str, hint: str | None) -> WrongQuestion:
    return WrongQuestion(Diagnostic(code=code, message=message, place=NOWHERE, hint=hint))


def plans(checked: Checked, ask: Ask, catalog: Catalog = UNKNOWN) -> Iterator[Plan]:
    """Yield a plan for each grain among the KPIs asked.

    Raises:
        WrongQuestion: when the KPIs cannot be asked so.
    """
    for question in questions(checked.project, ask):
        yield _planned(checked.project, question, catalog)


def _planned(project: Project, question: Question, catalog: Catalog) -> Plan:
    try:
        return plan.plan(project, question, catalog)
    except plan.Unanswerable as refusal:
        raise WrongQuestion(refusal.diagnostic) from None


def queries(checked: Checked, ask: Ask, dialect: str) -> tuple[Query, ...]:
    """Return the SQL that answers, in a dialect, one query for each grain.

    Raises:
        WrongQuestion: when the KPIs cannot be asked so, or the dialect cannot say it exactly.
    """
    catalog = checked.catalog if dialect == "duckdb" else UNKNOWN
    try:
        return tuple(compile.compile_plan(made, dialect) for made in plans(checked, ask, catalog))
    except compile.CannotCompile as refusal:
        raise _wrong("cannot-compile", str(refusal), "Leave the dialect out, or change the KPI.") from None


# --- answering


def answer(checked: Checked, ask: Ask, connection: Connection) -> tuple[Observation, ...]:
    """Return what the KPIs were, by KPI, period and slice.

    Raises:
        WrongQuestion: when they cannot be asked so.
        WrongDefinitions: when the data gives no right number.
        EngineError: when the engine fails.
    """
    asked = list(plans(checked, ask))
    with _engine(checked, _datasets(asked), connection) as session:
        found: dict[str, list[Observation]] = {}
        for question in questions(session.checked.project, ask):
            for observation in session.observe(question):
                found.setdefault(observation.kpi, []).append(observation)
    return tuple(observation for kpi in ask.kpis for observation in found.get(kpi, []))


def _datasets(made: Sequence[Plan]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for one in made for name in one.datasets))


@dataclass(slots=True)
class _Session:
    """An open engine and the project as it looks from there, with every type known."""

    checked: Checked
    engine: run.Engine

    def observe(self, question: Question) -> tuple[Observation, ...]:
        query = compile.compile_plan(
            _planned(self.checked.project, question, self.checked.catalog), self.engine.dialect
        )
        try:
            return run.observations(query, self.engine.select(query.text))
        except run.BrokenData as broken:
            raise WrongDefinitions(broken.diagnostics) from None

    def freshness(self, names: Sequence[str], as_of: datetime) -> dict[str, Freshness]:
        project, catalog = self.checked.project, self.checked.catalog
        found = {}
        for name in names:
            if project.datasets[name].time is None:
                continue
            sql = compile.newest_row(
                project.datasets[name], project.datasets, catalog, as_of, self.engine.dialect
            )
            rows = self.engine.select(sql)
            found[name] = run.freshness(project.datasets[name], rows[0], project.settings.calendar.timezone)
        return found

    def __enter__(self) -> "_Session":
        return self

    def __exit__(self, *_: object) -> None:
        self.engine.close()


def _engine(checked: Checked, datasets: Sequence[str], connection: Connection) -> _Session:
    """Open the engine over the datasets that are needed, and resolve the project against what it holds.

    Raises:
        WrongDefinitions: when a file cannot be read or a definition does not fit its data.
    """
    project = checked.project
    wanted = [project.datasets[name] for name in datasets]
    try:
        engine = EmbeddedDuckDB(
            wanted,
            project=checked.folder,
            data_roots=project.settings.data_roots,
            database=connection.database,
            timeout_seconds=connection.timeout_seconds,
            memory_limit=connection.memory_limit,
        )
    except run.RefusedPath as refused:
        raise WrongDefinitions((refused.diagnostic,)) from None
    except run.BrokenFile as broken:
        raise WrongDefinitions((broken.diagnostic,)) from None
    try:
        found = engine.catalog(wanted)
        missing = tuple(
            Diagnostic(
                code="missing-table",
                message=f"The engine has no table `{dataset.source}`, which dataset `{dataset.name}` names.",
                place=dataset.place,
                hint="Name a file (.csv, .parquet), or give the database by --engine duckdb:///path.duckdb.",
            )
            for dataset in wanted
            if dataset.name not in found.tables
        )
        catalog = Catalog({**checked.catalog.tables, **found.tables})
        resolution = resolve.resolve(checked.documents, catalog)
        known = {(d.code, d.place) for d in checked.diagnostics}
        new = tuple(d for d in resolution.diagnostics if (d.code, d.place) not in known)
        if missing or new:
            raise WrongDefinitions(in_order((*missing, *new)))
    except BaseException:
        engine.close()
        raise
    return _Session(replace(checked, project=resolution.project, catalog=catalog), engine)


write_parquet = run.write_parquet


# --- judging and showing


def assessment(checked: Checked, as_of: datetime, connection: Connection, commit: str | None) -> Assessment:
    """Return what the numbers of all KPIs mean at `as_of`.

    Raises:
        WrongDefinitions: when the data gives no right number.
        EngineError: when the engine fails.
    """
    project = checked.project
    datasets = {name: plan.datasets_of(name, project.kpis, project) for name in project.kpis}
    dated = tuple(sorted({dataset for names in datasets.values() for dataset in names}))
    asked = [_planned(project, question, UNKNOWN) for question in assess.questions(project, as_of)]
    with _engine(checked, _datasets(asked), connection) as session:
        settled = session.checked
        observed = [
            observation
            for question in assess.questions(settled.project, as_of)
            for observation in session.observe(question)
        ]
        freshness = session.freshness([name for name in dated if name in _datasets(asked)], as_of)
    evidence = _evidence(settled, as_of, datasets, commit)
    return assess.assess(settled.project, observed, freshness, evidence, as_of)


def _evidence(
    checked: Checked, as_of: datetime, datasets: Mapping[str, tuple[str, ...]], commit: str | None
) -> Evidence:
    project, calendar = checked.project, checked.project.settings.calendar
    sql: dict[tuple[str, str], str] = {}
    refused: dict[tuple[str, str], str] = {}
    for name, kpi in project.kpis.items():
        own = calendar.period_holding(as_of.date(), kpi.grain)
        first = calendar.shift(own, Duration(amount=-SHOWN_PERIODS, unit=Unit.PERIOD))
        assert first is not None
        question = Question(
            kpis=(name,),
            grain=kpi.grain,
            periods=calendar.periods(kpi.grain, first.start, own.start),
            as_of=as_of,
        )
        for dialect in project.settings.dialects:
            try:
                sql[name, dialect] = compile.compile_plan(_planned(project, question, UNKNOWN), dialect).text
            except compile.CannotCompile as refusal:
                refused[name, dialect] = refusal.reason
            except WrongQuestion as refusal:
                refused[name, dialect] = str(refusal)
    return Evidence(
        compiled={
            name: tuple(d for d in project.settings.dialects if (name, d) in sql) for name in project.kpis
        },
        refused=refused,
        sql=sql,
        datasets=datasets,
        commit=commit,
    )


def pages(made: Assessment) -> tuple[Page, ...]:
    """Return the site."""
    return render.render(made, version=__version__)
