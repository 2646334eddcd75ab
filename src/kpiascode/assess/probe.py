"""What a probe is, what it may look at, and what it may find."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from kpiascode.assess.graph import GoalFacts
from kpiascode.assess.remembered import Remembered
from kpiascode.model.assessment import Criterion, DataState, Evidence, Outcome
from kpiascode.model.calendar import last_seen_day
from kpiascode.model.observation import Observation
from kpiascode.model.project import Kpi, OrgUnit, Project, Scorecard


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One KPI with everything that is known of it at `as_of`.

    Args:
        history: Totals of every KPI, by name: complete periods only, oldest first.
        watched: The same over all the years in which signals are looked for.
        breakdown: By dimension, the slices of this KPI in its last complete period.
        scorecards: Those that hold it, in the order of the names.
        remembered: What ledger and repository say of it.
    """

    project: Project
    kpi: Kpi
    as_of: datetime
    history: Mapping[str, tuple[Observation, ...]]
    watched: Mapping[str, tuple[Observation, ...]]
    breakdown: Mapping[str, tuple[Observation, ...]]
    data: DataState
    goals: GoalFacts
    scorecards: tuple[Scorecard, ...]
    remembered: Remembered
    evidence: Evidence

    @property
    def series(self) -> tuple[Observation, ...]:
        """Return the complete periods of this KPI, oldest first."""
        return self.history[self.kpi.name]

    @property
    def last_day(self) -> date:
        """Return the last day of which something is seen."""
        return last_seen_day(self.as_of)

    @property
    def is_used_elsewhere(self) -> bool:
        """Return whether goals or scorecards look at it that are left out, as they are other units'."""
        audience = self.project.audience
        return audience is not None and self.kpi.name in audience.elsewhere

    @property
    def units(self) -> tuple[OrgUnit, ...]:
        """Return the units whose line of business it describes, as declared."""
        return tuple(self.project.org_units[name] for name in self.kpi.applies_to)

    @property
    def units_and_below(self) -> frozenset[str]:
        """Return the names of those units and of every unit that belongs to them."""
        project = self.project
        return frozenset(name for unit in self.kpi.applies_to for name in project.unit_and_below(unit))


def scorecards_by_kpi(project: Project) -> dict[str, tuple[Scorecard, ...]]:
    holding: dict[str, list[Scorecard]] = {name: [] for name in project.kpis}
    for scorecard in project.scorecards.values():
        for kpi in scorecard.kpis:
            holding[kpi].append(scorecard)
    return {name: tuple(cards) for name, cards in holding.items()}


@dataclass(frozen=True, slots=True)
class Found:
    """An outcome, the evidence for it in one sentence, and what to do first, if anything can be done.

    Args:
        short_of_gate: Whether it is a fail of which the gate of its probe says nothing.
    """

    outcome: Outcome
    reason: str
    fix: str | None = None
    short_of_gate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One question whose answer is evidence for a criterion.

    Args:
        name: Stable; waivers refer to it.
        weight: How much it counts within its criterion.
        gate: Failing it fails the criterion.
        looks_around: Whether a goal or a scorecard of any unit could make the answer a better one.
    """

    name: str
    criterion: Criterion
    weight: int
    gate: bool
    check: Callable[[Case], Found]
    looks_around: bool = False


def passed(reason: str) -> Found:
    return Found(Outcome.PASS, reason)


def partly(reason: str, fix: str) -> Found:
    return Found(Outcome.PARTIAL, reason, fix)


def failed(reason: str, fix: str) -> Found:
    return Found(Outcome.FAIL, reason, fix)


def unknown(reason: str, fix: str | None = None) -> Found:
    """Return that the evidence is missing: neither a pass nor a fail."""
    return Found(Outcome.INCONCLUSIVE, reason, fix)


def not_applicable(reason: str) -> Found:
    """Return that the question makes no sense here; it then counts nowhere."""
    return Found(Outcome.NOT_APPLICABLE, reason)
