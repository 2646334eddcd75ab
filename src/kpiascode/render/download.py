"""The numbers of a scorecard as CSV, for a spreadsheet."""

import csv
import unicodedata
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Final

from kpiascode.model.assessment import Assessment, KpiAssessment
from kpiascode.model.observation import Observation
from kpiascode.model.project import Kpi, Scorecard
from kpiascode.render.numbers import plain

HEADER: Final = (
    *("kpi", "title", "owner", "grain", "period", "from", "to"),
    *("dimension", "slice", "value", "unit", "complete"),
)
END: Final = "\r\n"
FORMULA: Final = ("=", "+", "-", "@")
CONTROL: Final = ("\t", "\r", "\n", "\0")


def download(scorecard: Scorecard, assessment: Assessment) -> str:
    """Return one line for each KPI, period and slice; values exact, empty where undefined.

    Slices are there for the last complete period, and never by a dimension that identifies persons.
    """
    lines: list[tuple[str, ...]] = [HEADER]
    for name in scorecard.kpis:
        if name in assessment.kpis and name in assessment.project.kpis:
            lines += _lines(assessment.project.kpis[name], assessment.kpis[name])
    return "".join(map(_written, lines))


def _written(cells: Iterable[str]) -> str:
    """Return a line of CSV. What its end is made of is quoted by every Python, so it ends in both signs."""
    out = StringIO(newline="")
    csv.writer(out, lineterminator=END).writerow(cells)
    return out.getvalue().removesuffix(END) + "\n"


def _lines(kpi: Kpi, assessed: KpiAssessment) -> Iterator[tuple[str, ...]]:
    persons = {dimension.name for dimension in kpi.dimensions if dimension.person}
    yield from (_line(kpi, observed) for observed in assessed.series)
    for dimension, slices in assessed.breakdown.items():
        if dimension not in persons:
            yield from (_line(kpi, observed) for observed in slices)


def _line(kpi: Kpi, observed: Observation) -> tuple[str, ...]:
    period = observed.period
    return (
        *map(text, (kpi.name, kpi.title, kpi.owner, kpi.grain.value, period.name)),
        period.start.isoformat(),
        period.end.isoformat(),
        text(", ".join(name for name, _ in observed.slice)),
        text(", ".join("(none)" if value is None else value for _, value in observed.slice)),
        "" if observed.value is None else plain(observed.value),
        text(kpi.unit.currency or kpi.unit.name),
        "yes" if observed.complete else "no",
    )


def text(cell: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    Some skip the blanks before its first sign, and in Asia its wide form counts as well.

    >>> text("＝1+1")
    "'＝1+1"
    """
    first = unicodedata.normalize("NFKC", cell.lstrip()[:1])
    return f"'{cell}" if cell.startswith(CONTROL) or first.startswith(FORMULA) else cell
