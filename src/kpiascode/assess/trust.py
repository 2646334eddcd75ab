"""Whether the data behind a KPI is as new as was promised."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from kpiascode.model.assessment import DataState, Trust
from kpiascode.model.observation import Freshness, age
from kpiascode.model.project import Dataset, Project


def data_state(
    project: Project, names: tuple[str, ...], freshness: Mapping[str, Freshness], as_of: datetime
) -> DataState:
    """Judge the datasets behind one KPI; one that has no time and promises nothing cannot be late."""
    behind = (project.datasets[name] for name in sorted(names) if name in project.datasets)
    datasets = [d for d in behind if d.time is not None or d.freshness is not None]
    newest = {d.name: freshness[d.name].latest for d in datasets if d.name in freshness}
    late = [d for d in datasets if d.name in newest and is_late(d, newest[d.name], as_of)]
    overdue = [overdue_by(d, moment, as_of) for d in late if (moment := newest[d.name]) is not None]
    promised = bool(datasets) and all(d.freshness is not None and d.name in newest for d in datasets)
    if late:
        trust = Trust.LATE
    else:
        trust = Trust.CURRENT if promised else Trust.UNKNOWN
    return DataState(
        trust=trust,
        latest=min((moment for moment in newest.values() if moment is not None), default=None),
        late_by=max(overdue, default=None),
        late=tuple(dataset.name for dataset in late),
    )


def overdue_by(dataset: Dataset, latest: datetime, as_of: datetime) -> timedelta:
    """Return by how much the newest row is older than promised; zero or less means in time."""
    return age(latest, as_of) - (dataset.freshness or timedelta(0))


def is_late(dataset: Dataset, latest: datetime | None, moment: datetime) -> bool:
    """Return whether the promise was broken at a moment; without any row it is."""
    if dataset.freshness is None:
        return False
    return latest is None or overdue_by(dataset, latest, moment) > timedelta(0)
