"""From observations to what they mean, and to pages."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from kpiascode import __version__, assess, compile, plan, render, resolve
from kpiascode.model.assessment import Assessment, Evidence
from kpiascode.model.calendar import Duration, Unit
from kpiascode.model.catalog import UNKNOWN
from kpiascode.model.definitions import definitions as hashes_of
from kpiascode.model.diagnostic import Diagnostic, Severity
from kpiascode.model.document import Documents
from kpiascode.model.ledger import History, Publication
from kpiascode.model.observation import Freshness, Observation, Question
from kpiascode.model.page import Page
from kpiascode.model.place import Place, Span
from kpiascode.model.project import Project
from kpiascode.pipeline.asking import Session, datasets_of, open_session, planned
from kpiascode.pipeline.audience import shown_evidence
from kpiascode.pipeline.connection import Connection
from kpiascode.pipeline.counting import cases_behind
from kpiascode.pipeline.reading import Checked
from kpiascode.pipeline.refusals import WrongDefinitions, WrongQuestion, WrongTemplate

SHOWN_PERIODS: Final = 3
"""How many periods the SQL on a KPI's page asks for: enough to see the pattern."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of a project at a moment: everything that it is judged by."""

    project: Project
    observations: tuple[Observation, ...]
    freshness: Mapping[str, Freshness]
    evidence: Evidence
    as_of: datetime


def assessment(
    checked: Checked,
    as_of: datetime,
    connection: Connection,
    commit: str | None,
    history: History | None = None,
    publications: tuple[Publication, ...] | None = None,
) -> Assessment:
    """Return what the numbers of all KPIs mean at `as_of`: `seen`, then `judged`, which tell the rest."""
    return judged(seen(checked, as_of, connection, commit, history), publications)


def judged(found: Seen, publications: tuple[Publication, ...] | None) -> Assessment:
    """Return what the numbers of all KPIs mean.

    Args:
        publications: What the ledger remembers; None without one.
    """
    evidence = shown_evidence(replace(found.evidence, publications=publications), found.project)
    return assess.assess(found.project, found.observations, found.freshness, evidence, found.as_of)


def seen(
    checked: Checked, as_of: datetime, connection: Connection, commit: str | None, history: History | None
) -> Seen:
    """Return what is known at `as_of`, but for what was published.

    Args:
        history: What the repository remembers; None outside one.

    Raises:
        WrongDefinitions: when a KPI cannot be planned or the data gives no right number.
        EngineError: when the engine fails.
    """
    project = checked.project
    datasets = {name: plan.datasets_of(name, project.kpis, project) for name in project.kpis}
    dated = sorted({dataset for names in datasets.values() for dataset in names})

    def wanted(known: Project) -> tuple[Question, ...]:
        return assess.questions(known, as_of)

    with answered(checked, wanted, dated, as_of, connection) as found:
        cases = cases_behind(found.session, as_of)
    settled = found.session.checked
    return Seen(
        project=settled.project,
        observations=found.observations,
        freshness=found.freshness,
        evidence=replace(_evidence(settled, as_of, datasets, commit), history=history, cases=cases),
        as_of=as_of,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the engine said, while its session is open. `freshness`: of the datasets that were read."""

    session: Session
    observations: tuple[Observation, ...]
    freshness: Mapping[str, Freshness]


@contextmanager
def answered(
    checked: Checked,
    wanted: Callable[[Project], tuple[Question, ...]],
    dated: Sequence[str],
    as_of: datetime,
    connection: Connection,
) -> Iterator[Answers]:
    """Ask what a project wants to know, of the project as it is once the types of its data are known.

    Raises:
        WrongDefinitions: when a KPI cannot be planned or the data gives no right number.
        EngineError: when the engine fails.
    """
    try:
        read = datasets_of(checked.project, wanted(checked.project))
        with open_session(checked, read, connection) as session:
            yield Answers(
                session=session,
                observations=tuple(
                    observation
                    for question in wanted(session.checked.project)
                    for observation in session.observe(question)
                ),
                freshness=session.freshness([name for name in dated if name in read], as_of),
            )
    except WrongQuestion as refusal:  # nobody asked but the definitions themselves
        raise WrongDefinitions((refusal.diagnostic,), checked.documents.sources) from None


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
                sql[name, dialect] = compile.compile_plan(planned(project, question, UNKNOWN), dialect).text
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
        definitions=definitions(checked.documents),
    )


def definitions(documents: Documents) -> Mapping[str, str]:
    """Return by KPI the hash of how it is computed; whatever the data has for columns, it is the same."""
    return hashes_of(resolve.resolve(documents).project)


def check_templates(templates: Mapping[str, str]) -> None:
    """See whether a team's own templates can be read, before anything is computed for them.

    Raises:
        WrongTemplate: when one cannot.
    """
    try:
        render.check_templates(templates)
    except render.BrokenTemplate as broken:
        raise _wrong_template(broken, templates) from None


def pages(made: Assessment, templates: Mapping[str, str] | None = None) -> tuple[Page, ...]:
    """Return the site.

    Args:
        templates: A team's own, by name; each takes the place of ours of that name.

    Raises:
        WrongTemplate: when one of `templates` makes no page.
    """
    try:
        return render.render(made, version=__version__, templates=templates)
    except render.BrokenTemplate as broken:
        raise _wrong_template(broken, templates or {}) from None


def _wrong_template(broken: render.BrokenTemplate, templates: Mapping[str, str]) -> WrongTemplate:
    lines = templates[broken.name].split("\n")
    text = lines[broken.line - 1].rstrip() if broken.line <= len(lines) else ""
    begin = len(text) - len(text.lstrip()) + 1
    place = Place(broken.name, Span(broken.line, begin, broken.line, len(text) + 1))
    message = f"The template makes no page: {broken.reason}"
    return WrongTemplate(
        Diagnostic(
            code="broken-template",
            message=message if message.endswith((".", "!", "?")) else f"{message}.",
            place=place,
            severity=Severity.ERROR,
        ),
        templates,
    )
