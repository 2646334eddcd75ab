"""From observations to what they mean, and to pages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from kpiascode import __version__, assess, compile, plan, render
from kpiascode.model.assessment import Assessment, Evidence
from kpiascode.model.calendar import Duration, Unit
from kpiascode.model.catalog import UNKNOWN
from kpiascode.model.observation import Question
from kpiascode.model.page import Page
from kpiascode.pipeline.asking import datasets_read, open_session, planned
from kpiascode.pipeline.connection import Connection
from kpiascode.pipeline.reading import Checked
from kpiascode.pipeline.refusals import WrongDefinitions, WrongQuestion

SHOWN_PERIODS: Final = 3
"""How many periods the SQL on a KPI's page asks for: enough to see the pattern."""


def assessment(checked: Checked, as_of: datetime, connection: Connection, commit: str | None) -> Assessment:
    """Return what the numbers of all KPIs mean at `as_of`.

    Raises:
        WrongDefinitions: when a KPI cannot be planned or the data gives no right number.
        EngineError: when the engine fails.
    """
    try:
        return _assessed(checked, as_of, connection, commit)
    except WrongQuestion as refusal:  # nobody asked but the definitions themselves
        raise WrongDefinitions((refusal.diagnostic,), checked.documents.sources) from None


def _assessed(checked: Checked, as_of: datetime, connection: Connection, commit: str | None) -> Assessment:
    project = checked.project
    datasets = {name: plan.datasets_of(name, project.kpis, project) for name in project.kpis}
    dated = tuple(sorted({dataset for names in datasets.values() for dataset in names}))
    asked = [planned(project, question, UNKNOWN) for question in assess.questions(project, as_of)]
    with open_session(checked, datasets_read(asked), connection) as session:
        settled = session.checked
        observed = [
            observation
            for question in assess.questions(settled.project, as_of)
            for observation in session.observe(question)
        ]
        freshness = session.freshness([name for name in dated if name in datasets_read(asked)], as_of)
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
    )


def pages(made: Assessment) -> tuple[Page, ...]:
    """Return the site."""
    return render.render(made, version=__version__)
