"""What goals want of KPIs, as rows of a table."""

from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from kpiascode.model.assessment import Assessment, ResultAssessment
from kpiascode.model.observation import SliceKey
from kpiascode.model.project import Band, Kpi, Measure, Measured, Path, Target, TargetKpi
from kpiascode.render.drawings import against_target, result_progress
from kpiascode.render.judged import band_words
from kpiascode.render.links import Link, goal_link, kpi_link
from kpiascode.render.locales import NBSP
from kpiascode.render.numbers import Amount, amount, declared, declared_difference
from kpiascode.render.sentences import distance, target_note
from kpiascode.render.verdicts import progress_words
from kpiascode.render.words import PATH, STATUS, Word, period

PLAIN: Final = Measure(name="count")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """What a goal wants of a KPI, and how far that is."""

    goal: Link
    kpi: Link
    slice: str
    measured: str
    value: Amount | None
    target: str
    bullet: Markup
    bar: Markup | None
    way: str
    status: Word
    off: str
    terms: str


def result_row(judged: ResultAssessment, assessment: Assessment) -> ResultRow:
    project = assessment.project
    kpi = project.kpis[judged.result.kpi]
    return ResultRow(
        goal=goal_link(assessment, judged.goal),
        kpi=kpi_link(assessment, kpi.name),
        slice=slice_words(judged.result.slice),
        measured=period(judged.period) if judged.period else "no period has ended yet",
        value=None if judged.value is None else amount(judged.value, kpi.unit),
        target=target_note(judged, kpi, project.goals),
        bullet=against_target(kpi, judged, assessment),
        bar=result_progress(judged, kpi.title) if judged.progress is not None else None,
        way=progress_words(judged) or _without_way(judged),
        status=STATUS[judged.status],
        off=distance(judged, kpi),
        terms=_terms(judged, kpi),
    )


def wanted_words(target: Target, kpi: Kpi, assessment: Assessment) -> str:
    """Return a target as it is declared."""
    match target.value:
        case Band():
            return band_words(target.value, kpi)
        case TargetKpi(kpi=name):
            return f"the value of {kpi_link(assessment, name).text}"
        case value:
            return str(declared(value, kpi.unit))


def _terms(judged: ResultAssessment, kpi: Kpi) -> str:
    """Return baseline, way, tolerance and weight, as declared."""
    result = judged.result
    parts = (
        "" if result.baseline is None else f"from {declared(result.baseline, kpi.unit)}",
        PATH[result.path],
        f"tolerance{NBSP}{declared_difference(result.tolerance, kpi.unit)}" if result.tolerance else "",
        "" if result.weight == 1 else f"weight{NBSP}{declared(result.weight, PLAIN)}",
    )
    return ", ".join(part for part in parts if part)


def _without_way(judged: ResultAssessment) -> str:
    if judged.result.path is Path.MAINTAIN:
        return "a level to hold, not a way to go"
    if judged.result.baseline is None and judged.result.measured is Measured.LATEST:
        return "no starting value is declared"
    return "progress is not known"


def slice_words(key: SliceKey) -> str:
    """Return `channel: online`; the null slice is called (none)."""
    return ", ".join(f"{name}: {'(none)' if value is None else value}" for name, value in key)
