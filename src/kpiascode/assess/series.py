"""The closed periods of a KPI in which signals are looked for."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from kpiascode.assess.observed import Observed
from kpiascode.assess.periods import watched
from kpiascode.model.calendar import Grain
from kpiascode.model.observation import Freshness, Observation
from kpiascode.model.project import Project


def first_day(datasets: Iterable[str], freshness: Mapping[str, Freshness]) -> date | None:
    """Return the first day on which all data behind a KPI is there; None where that is not known.

    Without any row it is still to come, and no day before the last of all is it.
    """
    known = [freshness[name] for name in datasets if name in freshness]
    if known and all(found.rows == 0 for found in known):
        return date.max
    moments = (found.earliest for found in known)
    return max((moment.date() for moment in moments if moment is not None), default=None)


def closed_series(
    project: Project, kpi: str, grain: Grain, known: Observed, begun: date | None, as_of: datetime
) -> tuple[Observation, ...]:
    """Return the closed periods in which signals are looked for: those that the data has from their start.

    A count before the first row is no zero, and the period of the first row is mostly a part.

    Args:
        begun: When the data begins; None where that is not known.
    """
    periods = watched(project.settings.calendar, grain, as_of.date())
    whole = [period for period in periods if begun is None or period.start >= begun]
    return tuple(found for found in known.totals(kpi, whole) if found.complete)
