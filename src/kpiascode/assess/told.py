"""What the ledger says of one KPI: which periods were told, when, and to how many."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from kpiascode.assess.periods import delays, last_complete, period_before
from kpiascode.assess.probe import Case
from kpiascode.assess.remembered import Telling
from kpiascode.model.calendar import Grain, Period, is_finer, to_utc
from kpiascode.model.ledger import FEW, People, Publication, PublishedValue

NO_LEDGER: Final = "No publication is recorded"
PUBLISH: Final = "Tell it with `kpi publish`, which records when and to whom."


def cadence(case: Case) -> Grain:
    """Return how often the KPI is told: at its own grain, or the coarser one of its scorecards."""
    grains = [card.grain for card in case.scorecards]
    if not grains or any(not is_finer(case.kpi.grain, grain) for grain in grains):
        return case.kpi.grain
    finest = grains[0]
    for grain in grains:
        finest = grain if is_finer(grain, finest) else finest
    return finest


def total_told(case: Case, telling: Telling, period: str) -> PublishedValue | None:
    return telling.totals.get((cadence(case).value, period))


# --- periods


def closed_periods(case: Case, most: int) -> tuple[Period, ...]:
    """Return the last periods of the cadence that are over, with their cohorts and funnels, oldest first.

    Those before the KPI had its first value, or was brought by a commit, are not among them.
    """
    calendar = case.project.settings.calendar
    begins = _begins(case)
    found: list[Period] = []
    period = last_complete(calendar, cadence(case), case.as_of.date())
    while period is not None and begins is not None and period.end > begins and len(found) < most:
        if over(case, period) <= case.as_of:
            found.append(period)
        period = period_before(calendar, period)
    return tuple(reversed(found))


def _begins(case: Case) -> date | None:
    """Return the day from which the KPI is known to be there; None without any value."""
    series = case.watched.get(case.kpi.name) or case.series
    first = next((o.period.start for o in series if o.value is not None), None)
    released = case.remembered.released
    if first is None or released is None:
        return first
    return max(first, released)


def over(case: Case, period: Period) -> datetime:
    """Return when a period is over with the cohorts and funnels that began in it; a local wall clock."""
    end = datetime.combine(period.end, time.min)
    calendar = case.project.settings.calendar
    return max((calendar.add(end, delay) for delay in delays(case.project, case.kpi)), default=end)


def due(case: Case, period: Period, lag: timedelta) -> datetime:
    """Return the local moment by which a period was promised to be told."""
    return over(case, period) + lag


def in_utc(case: Case, local: datetime) -> datetime:
    return to_utc(local, case.project.settings.calendar.timezone)


def newest_told(case: Case) -> tuple[str, tuple[Publication, ...]] | None:
    """Return the newest closed period that was told, with all publications of it; None without one."""
    grain = cadence(case).value
    by_period: dict[tuple[date, str], list[Publication]] = {}
    for telling in case.remembered.told or ():
        for (of, name), value in telling.totals.items():
            if of == grain and value.end <= case.as_of.date():
                by_period.setdefault((value.end, name), []).append(telling.publication)
    if not by_period:
        return None
    newest = max(by_period)
    return newest[1], tuple(by_period[newest])


def units_told(case: Case, publication: Publication) -> tuple[str, ...]:
    """Return the units that a publication was for: its audiences; without any, the unit of its scorecard."""
    card = case.project.scorecards.get(publication.scorecard or "")
    units = publication.audiences or (() if card is None else (card.org_unit,))
    return tuple(unit for unit in units if unit in case.project.org_units)


# --- people


@dataclass(frozen=True, slots=True)
class Count:
    """At least and at most so many people: a count of few is not told more exactly."""

    least: int
    most: int

    def __add__(self, other: "Count") -> "Count":
        return Count(self.least + other.least, self.most + other.most)

    @property
    def is_exact(self) -> bool:
        return self.least == self.most

    def __str__(self) -> str:
        return str(self.least) if self.is_exact else f"fewer than {self.most + 1}"


def count(people: People) -> Count:
    return Count(0, FEW - 1) if people.number is None else Count(people.number, people.number)


def people_reached(publication: Publication) -> Count | None:
    """Return to how many it came; where that was not counted, to how many it was sent; None: neither was."""
    people = publication.delivered or publication.recipients
    return None if people is None else count(people)
