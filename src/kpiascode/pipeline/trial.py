"""KPIs that can be read well and yet never asked: a form that has no meaning at the KPI's own grain."""

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Final

from kpiascode.model.calendar import Duration, Unit
from kpiascode.model.catalog import UNKNOWN
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.expression import AverageOver, KpiValue, Opening, Previous, Rolling, ToDate, walk
from kpiascode.model.observation import Question
from kpiascode.model.project import Kpi, Project

TRIED: Final = date(2025, 1, 15)
"""A day like another; whether an offset or a unit fits a grain does not depend on it."""

NEXT: Final = Duration(amount=1, unit=Unit.PERIOD)


def misfits(project: Project) -> Iterator[Diagnostic]:
    """Yield a finding for each KPI that cannot be asked at its own grain, but one a cause."""
    known: dict[str, bool] = {}
    for kpi in project.kpis.values():
        yield from _tried(kpi, project, known)


def _tried(kpi: Kpi, project: Project, known: dict[str, bool]) -> Iterator[Diagnostic]:
    if kpi.name in known:
        return
    known[kpi.name] = True
    parts = [part for rule in kpi.rules for part in walk(rule.expression)]
    references = [part.kpi for part in parts if isinstance(part, KpiValue)]
    for name in references:
        yield from _tried(project.kpis[name], project, known)
    if not all(known[name] for name in references):
        known[kpi.name] = False
        return
    if not any(isinstance(part, Previous | Rolling | ToDate | Opening | AverageOver) for part in parts):
        return
    from kpiascode import plan  # seldom needed, and it takes a while to import

    try:
        plan.plan(project, _question(kpi, project), UNKNOWN)
    except plan.Unanswerable as refusal:
        known[kpi.name] = False
        yield refusal.diagnostic


def _question(kpi: Kpi, project: Project) -> Question:
    calendar = project.settings.calendar
    first = calendar.period_holding(TRIED, kpi.grain)
    second = calendar.shift(first, NEXT)
    assert second is not None
    return Question(
        kpis=(kpi.name,),
        grain=kpi.grain,
        periods=(first, second),
        as_of=datetime.combine(second.end, time()),
        by=(),
        where=None,
    )
