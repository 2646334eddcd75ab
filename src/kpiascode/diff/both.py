"""The two projects side by side: names of both, what depends on what, and what their values rest on."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Final

from kpiascode.diff.normal import normal_project
from kpiascode.model.calendar import Grain
from kpiascode.model.changes import Reach, Side, Subject, SubjectKind
from kpiascode.model.definitions import HashedRule, definitions, referred, rules, slicing
from kpiascode.model.project import Project
from kpiascode.model.reaching import reached

GRAINS: Final = [grain for grain in Grain if grain is not Grain.ALL]
"""By which a KPI is read: its own and those behind it."""

ALWAYS: Final = date.min
"""As a beginning: since there is data."""

VALUES: Final = (
    *("expression", "where", "dataset", "time", "grain", "dimensions"),
    *("cohort", "funnel", "revisions"),
)
"""What of a KPI's document its total is computed by."""


@dataclass(frozen=True)
class Both:
    """Two projects and the day from which they are looked at.

    Args:
        as_of: Periods that end at or before it are over.
    """

    base: Side
    head: Side
    as_of: datetime
    _since: dict[str, date | None] = field(default_factory=dict)
    _upstream: dict[str, tuple[Subject, ...]] = field(default_factory=dict)
    _reach: dict[frozenset[str], Reach] = field(default_factory=dict)

    @property
    def sides(self) -> tuple[Project, Project]:
        return self.base.project, self.head.project

    @cached_property
    def normal(self) -> tuple[Project, Project]:
        """Return both projects with every expression in its normal form, of the KPIs that may differ."""
        one, other = (normal_project(_of(project, self.suspects)) for project in self.sides)
        return one, other

    @cached_property
    def hashes(self) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """Return by KPI, of those that may differ, the hash of its definition in normal form."""
        one, other = (definitions(side, self.suspects & side.kpis.keys()) for side in self.normal)
        return one, other

    @cached_property
    def suspects(self) -> frozenset[str]:
        """Return the KPIs whose values may be others: what they rest on was written differently."""
        base, head = self.sides
        if base.settings.calendar != head.settings.calendar and self.base.is_there:
            return frozenset({*base.kpis, *head.kpis})
        changed = {name for name in {*base.kpis, *head.kpis} if self.is_rewritten("kpi", name, VALUES)}
        datasets = {name for name in {*base.datasets, *head.datasets} if self.is_rewritten("dataset", name)}
        if datasets:
            changed |= {name for side in self.sides for name in _over(side, datasets)}
        return frozenset(self._downstream(changed))

    def is_rewritten(self, kind: str, name: str, keys: Iterable[str] | None = None) -> bool:
        """Return whether a document, or some of its keys, says something else, wherever it stands.

        What is not compared by documents counts as rewritten.
        """
        one, other = (side.documents.get((kind, name)) for side in self.sides)
        if one is None or other is None:
            return True
        if keys is None:
            return one.data != other.data
        return any(one.data.get(key) != other.data.get(key) for key in keys)

    @cached_property
    def slicing(self) -> tuple[Mapping[str, Mapping[str, str]], Mapping[str, Mapping[str, str]]]:
        """Return by KPI and dimension, of those that may differ, the hash of what slices are made by."""
        one, other = (slicing(side, self.suspects & side.kpis.keys()) for side in self.normal)
        return one, other

    # --- values

    def other_slices(self, name: str) -> tuple[str, ...]:
        """Return the dimensions, which both sides of a KPI have, whose slices may hold other rows."""
        if name not in self.suspects:
            return ()
        one, other = (side.get(name, {}) for side in self.slicing)
        return tuple(sorted(name for name in one.keys() & other.keys() if one[name] != other[name]))

    def is_touched(self, name: str) -> bool:
        """Return whether totals or slices of a KPI, which both sides have, may be others."""
        return self.changed_since(name) is not None or bool(self.other_slices(name))

    def same_values(self, name: str) -> bool:
        """Return whether it is proven that a KPI, which both have, has the same totals for the same rows."""
        if name not in self.suspects:
            return True
        one, other = self.hashes
        return one[name] == other[name]

    def changed_since(self, name: str) -> date | None:
        """Return from when on the totals of a KPI may be others; None when they stay, `ALWAYS` for all."""
        if name not in self._since:
            self._since[name] = ALWAYS  # for KPIs that refer to each other, which no sound project has
            self._since[name] = self._first_difference(name)
        return self._since[name]

    def _first_difference(self, name: str) -> date | None:
        if any(name not in project.kpis for project in self.sides):
            return ALWAYS
        if self.same_values(name):
            return None
        base, head = self.normal
        one, other = base.kpis[name], head.kpis[name]
        if base.settings.calendar != head.settings.calendar or one.grain is not other.grain:
            return ALWAYS
        return min(self._differences(rules(one, base), rules(other, head)), default=None)

    def _differences(self, one: tuple[HashedRule, ...], other: tuple[HashedRule, ...]) -> Iterator[date]:
        """Yield where spans begin in which another rule holds, or a KPI that it refers to is another."""
        ends = sorted({rule.until for rule in (*one, *other) if rule.until is not None})
        for start, end in zip((ALWAYS, *ends), (*ends, None), strict=True):
            before, after = _ruling(one, end), _ruling(other, end)
            if before.hash != after.hash:
                yield start
                continue
            for kpi in after.referred:
                since = self.changed_since(kpi)
                if since is not None and (end is None or since < end):
                    yield max(start, since)

    def closed_until(self, grain: Grain) -> date:
        """Return the latest end of a period that is over, by a grain or a coarser one."""
        calendar = self.head.project.settings.calendar
        if grain is Grain.ALL:
            return self.as_of.date()
        coarser = GRAINS[GRAINS.index(grain) :]
        return max(calendar.period_holding(self.as_of.date(), one).start for one in coarser)

    # --- what lies downstream

    @cached_property
    def _users(self) -> Mapping[str, set[str]]:
        """Return by KPI those that take its values, on either side."""
        users: dict[str, set[str]] = {}
        for project in self.sides:
            for name, kpi in project.kpis.items():
                for other in referred(kpi):
                    users.setdefault(other, set()).add(name)
        return users

    def _downstream(self, names: Iterable[str]) -> set[str]:
        """Return the KPIs and all that take their values."""
        return set(reached(names, lambda name: self._users.get(name, ())))

    @cached_property
    def _shown(self) -> tuple[Mapping[str, set[str]], Mapping[str, set[str]]]:
        """Return by KPI the goals that look at it, and the scorecards that show it."""
        goals: dict[str, set[str]] = {}
        scorecards: dict[str, set[str]] = {}
        for project in self.sides:
            for name, goal in project.goals.items():
                for kpi in goal.kpis:
                    goals.setdefault(kpi, set()).add(name)
            for name, card in project.scorecards.items():
                for kpi in card.kpis:
                    scorecards.setdefault(kpi, set()).add(name)
        return goals, scorecards

    def reach(self, kpis: Iterable[str]) -> Reach:
        """Return what shows or uses one of the KPIs, today or before; the KPIs themselves are left out."""
        given = frozenset(kpis)
        if given not in self._reach:
            self._reach[given] = self._reached(given)
        return self._reach[given]

    def _reached(self, given: frozenset[str]) -> Reach:
        reached = self._downstream(given)
        goals, scorecards = ({one for kpi in reached for one in by.get(kpi, ())} for by in self._shown)
        return Reach(
            kpis=tuple(sorted(reached - given)),
            goals=tuple(sorted(goals)),
            scorecards=tuple(sorted(scorecards)),
        )

    def resting_on(self, subject: Subject) -> tuple[str, ...]:
        """Return the KPIs, of those that both sides have, that what was changed touches directly, by name."""
        return tuple(name for name in self.touched if subject in self.upstream(name))

    @cached_property
    def touched(self) -> tuple[str, ...]:
        """Return the KPIs, of those that both sides have, of which something may be another, by name."""
        base, head = self.sides
        shared = self.suspects & base.kpis.keys() & head.kpis.keys()
        return tuple(sorted(name for name in shared if self.is_touched(name)))

    def upstream(self, name: str) -> tuple[Subject, ...]:
        """Return what a KPI rests on directly that was changed."""
        if name not in self._upstream:
            self._upstream[name] = self._changed_upstream(name)
        return self._upstream[name]

    def _changed_upstream(self, name: str) -> tuple[Subject, ...]:
        base, head = self.sides
        found: list[Subject] = []
        if base.settings.calendar != head.settings.calendar:
            found.append(Subject(SubjectKind.PROJECT, ""))
        kpis = {other for side in self.sides for other in referred(side.kpis[name])}
        found += (Subject(SubjectKind.KPI, other) for other in sorted(kpis) if self.is_touched(other))
        read = {one for side in self.sides for one in side.with_partners(side.kpis[name].datasets)}
        found += (
            Subject(SubjectKind.DATASET, one) for one in sorted(read) if self.is_rewritten("dataset", one)
        )
        return tuple(found)


def _ruling(given: tuple[HashedRule, ...], end: date | None) -> HashedRule:
    """Return the rule for a span that ends with `end`; None: that of today."""
    if end is None:
        return given[-1]
    return next((rule for rule in given[:-1] if rule.until is not None and end <= rule.until), given[-1])


def _of(project: Project, names: frozenset[str]) -> Project:
    """Return a project with some KPIs and those that they refer to."""
    kpis = project.kpis
    wanted = set(reached(names & kpis.keys(), lambda name: referred(kpis[name])))
    return replace(project, kpis={name: kpi for name, kpi in kpis.items() if name in wanted})


def _over(project: Project, datasets: set[str]) -> Iterator[str]:
    """Yield the KPIs that read one of the datasets, or could over relationships."""
    for name, kpi in project.kpis.items():
        if datasets.intersection(project.with_partners(kpi.datasets)):
            yield name
