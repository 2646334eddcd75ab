"""What the numbers mean: status, change, progress, and the four criteria with their evidence."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum

from kpiascode.model.calendar import Grain, Period
from kpiascode.model.ledger import History, Publication
from kpiascode.model.observation import Freshness, Observation, SliceKey
from kpiascode.model.performance import Milestone
from kpiascode.model.project import Project, Restricted, Result, Target
from kpiascode.model.signals import Behaviour, Limits, Point, Segment, Standing

# --- against targets


class Status(Enum):
    """Of a value against its target. `NOT_DUE`: nothing is expected yet. `NO_TARGET`: nobody asked."""

    MET = "met"
    AT_RISK = "at_risk"
    MISSED = "missed"
    NO_DATA = "no_data"
    NOT_DUE = "not_due"
    NO_TARGET = "no_target"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultAssessment:
    """One result of a goal, judged.

    Args:
        goal: The goal's name.
        result: As declared.
        period: The measured period; None when none has ended yet.
        value: None when undefined.
        target: The declared target in force in that period; None where a target KPI has no value or no
            target holds there.
        target_value: The number to reach: of a target KPI its value. None for a band, or when undefined.
        expected: Expected by now, in the KPI's unit, at the end of the measured period; None when nothing
            is expected yet (`by_end`), for a band, or when undefined.
        progress: (value - baseline) / (target - baseline), unclipped; None when undefined or a band.
        expected_progress: The same for `expected`.
        short_by: How far the value is on the missing side of what is expected, or outside its band, in the
            KPI's unit; None when it is not missing or nothing is expected.
    """

    goal: str
    result: Result
    period: Period | None
    value: Decimal | None
    target: Target | None
    target_value: Decimal | None
    expected: Decimal | None
    progress: Decimal | None
    expected_progress: Decimal | None
    short_by: Decimal | None
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneAssessment:
    """One milestone of a goal, judged. What is done on the day of `as_of` is not seen yet.

    Args:
        progress: 1 when done, else 0.
        expected_progress: 1 once the day after `due` has begun; None before, when nothing is expected yet.
        status: MET when done, if late; MISSED when overdue; else NOT_DUE.
    """

    goal: str
    milestone: Milestone
    progress: Decimal
    expected_progress: Decimal | None
    status: Status


class Attainment(Enum):
    """What a goal has come to, in the words of its commitment: three are of an aspirational one, two of a
    committed one. `NOT_GRADED`: it is there to learn from."""

    ON_COURSE = "on_course"
    PROGRESS = "progress"
    LITTLE = "little"
    DELIVERED = "delivered"
    NOT_DELIVERED = "not_delivered"
    UNKNOWN = "unknown"
    NOT_GRADED = "not_graded"


class Account(Enum):
    """What an owner writes when a goal is over: why a promise was not kept, or what was learnt."""

    POST_MORTEM = "post_mortem"
    LEARNING = "learning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grading:
    """What a goal has come to; before its end, what it comes to so far.

    Args:
        grade: 0.0 to 1.0 in tenths, rounded down; None when unknown, and of a goal to learn from.
        exact: The same, not rounded.
        unknown: The KPIs of the results of which nothing is known; where it has no results and milestones of
            its own, the names of such goals beneath it.
        final: Whether the goal is over.
        asked: What its owner writes about it, once it is over; None where nothing is asked.
        given: The check-in of the end, or after it, whose note says that; None where there is none yet.
    """

    grade: Decimal | None
    exact: Decimal | None
    attainment: Attainment
    unknown: tuple[str, ...]
    final: bool
    asked: Account | None
    given: str | None

    @property
    def owed(self) -> Account | None:
        """Return what its owner has still to write; None where nothing is missing."""
        return self.asked if self.given is None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalAssessment:
    """A goal with its results and milestones; means are by weight, and of what is known.

    A goal beneath it counts in `total_progress` with its own total, by the weight of its edge; one whose
    period has no day in common with this goal's says nothing of it and is left out, and so is a person's.

    Args:
        progress: Of its own results and milestones.
        expected_progress: Of those that `progress` speaks of; one of which nothing is expected yet counts as
            zero beside others.
        status: The worst of its own results and milestones, by MISSED, AT_RISK, NO_DATA, NOT_DUE, MET.
        below: The same over these and all goals beneath it.
        children: Names of the goals that name it as a parent.
        total_progress: Of its results, its milestones and the goals directly beneath it.
        total_expected: The same for what is expected.
        known: The share of all weights that `total_progress` speaks of, 0 to 1.
        grading: None of a person's goal: nothing computes a rating of a person.
        parted: Whether goals beneath it are not shown to those whom this is told; then `below` is its own
            status, there is no total, and no grading where it has no results and milestones.
    """

    goal: str
    results: tuple[ResultAssessment, ...]
    milestones: tuple[MilestoneAssessment, ...]
    progress: Decimal | None
    expected_progress: Decimal | None
    status: Status
    below: Status
    children: tuple[str, ...]
    total_progress: Decimal | None
    total_expected: Decimal | None
    known: Decimal
    grading: Grading | None
    parted: bool = False

    @property
    def has_parts(self) -> bool:
        """Return whether it has results or milestones of its own."""
        return bool(self.results or self.milestones)

    @property
    def stands(self) -> Status:
        """Return its own status; of a goal without results and milestones the worst of those beneath it."""
        return self.status if self.has_parts else self.below


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """Where goals, KPIs and units do not meet, on the last day that is seen; all by name.

    Args:
        orphans: Running goals of units that belong to another one, which lead to no other goal.
        unmeasured: Running goals without result or milestone, at them or beneath.
        unwanted: Active KPIs that no running goal needs.
        without_goal: Lines of business, departments and teams none of whose own goals run.
        unsupported: Running goals that others lead to, each with the units directly beneath its own of which
            no running goal leads to it.
    """

    orphans: tuple[str, ...]
    unmeasured: tuple[str, ...]
    unwanted: tuple[str, ...]
    without_goal: tuple[str, ...]
    unsupported: tuple[tuple[str, tuple[str, ...]], ...]


# --- improvement plans


class PlanVerdict(Enum):
    """Of the success test of a plan. `TOO_FEW`: fewer periods have ended in the plan than it asks for."""

    PASSED = "passed"
    NOT_YET = "not_yet"
    NOT_PASSED = "not_passed"
    NO_DATA = "no_data"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """A period that a success test looks at. `reached` None: it has no value."""

    period: Period
    value: Decimal | None
    reached: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """How a KPI behaved over some complete periods in a row.

    Args:
        mean: Of all its values; None without any.
        limits: The natural ones; None with too few points, and where points say nothing one by one.
    """

    points: tuple[Point, ...]
    mean: Decimal | None
    limits: Limits | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAssessment:
    """What the numbers say of an improvement plan.

    Args:
        tested: The last complete periods that lie in the plan, as many as its test asks for or as there are,
            the earliest first.
        over: Whether the plan is over, or was closed.
        cut: From this day on it is after.
        before: The periods that start before `cut`, of one process; `after`: those that start from then on.
        better: Whether the mean moved to the side that the test wants; None when not known, or not at all.
        signal: Whether the values after, held against the limits before, are a sign of that, and no noise;
            None without such limits.
        unfit: Why nothing is told of what is usual; None where it is.
        agrees: Whether the test says what the declared outcome says; None without one, of a plan that was
            stopped, and where the test cannot tell.
    """

    plan: str
    verdict: PlanVerdict
    tested: tuple[Tested, ...]
    over: bool
    cut: date
    before: Stretch
    after: Stretch
    better: bool | None
    signal: bool | None
    unfit: str | None
    agrees: bool | None


# --- over time


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A complete period against an earlier complete one.

    Args:
        difference: after - before, in the KPI's unit; None when either is undefined.
        relative: difference / |before|; None when that is undefined.
        better: Whether the direction calls it better; None when equal, undefined, or a band.
    """

    before: Observation
    after: Observation
    difference: Decimal | None
    relative: Decimal | None
    better: bool | None


class Trust(Enum):
    """How far the newest number can be relied on."""

    CURRENT = "current"
    LATE = "late"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataState:
    """Freshness of the datasets behind a KPI.

    Args:
        latest: The oldest of the newest moments of its datasets; None without rows.
        late_by: How much later than promised, at most; None when current, when nothing was promised, and
            when what is late has no row at all.
        late: Names of the datasets that are late.
    """

    trust: Trust
    latest: datetime | None
    late_by: timedelta | None
    late: tuple[str, ...]


# --- the four criteria


class Criterion(Enum):
    CRUCIAL = "crucial"
    QUANTIFIABLE = "quantifiable"
    COMMUNICATED = "communicated"
    RELEVANT = "relevant"


class Grade(Enum):
    """From best to worst; `NO_EVIDENCE` is not a pass and not a fail."""

    STRONG = "strong"
    ADEQUATE = "adequate"
    NO_EVIDENCE = "not enough evidence"
    WEAK = "weak"
    FAILING = "failing"


class Outcome(Enum):
    PASS = "pass"
    PARTIAL = "partial"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "not_applicable"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one probe found on one KPI.

    Args:
        probe: Its stable name.
        weight: How much it counts within its criterion.
        gate: A failed gate makes the criterion fail, whatever else holds.
        reason: One plain sentence with the evidence in it.
        fix: What to do first to pass; None when it passed or nothing can be done.
    """

    probe: str
    criterion: Criterion
    outcome: Outcome
    weight: int
    gate: bool
    reason: str
    fix: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionAssessment:
    """One of the four questions, answered.

    Args:
        score: Weighted mean of what could be judged, 0 to 1; None when too little could.
        reason: The finding that decides the grade, as a sentence.
        first_fix: The fix that helps most; None when nothing is missing.
    """

    criterion: Criterion
    grade: Grade
    score: Decimal | None
    findings: tuple[Finding, ...]
    reason: str
    first_fix: str | None


# --- together


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiAssessment:
    """Everything that is known of a KPI at `as_of`.

    Args:
        series: Totals at its own grain, oldest first, complete periods and then the part one: of some years,
            or from where its data begins.
        current: The last complete period; None when there is none.
        part: The running period; None when `as_of` starts a period.
        previous: Against the period before `current`; None when that was not observed.
        last_year: Against the same period of the year before.
        breakdown: By dimension name, its slices in `current`, in the order of the values.
        results: What goals want of it, judged.
        status: The worst of those of `results` that ask for its total and whose goal holds the start of
            `current`; without such, of those whose goal is not over; `NO_TARGET` without any.
        criteria: The four, in the order of `Criterion`.
        verdict: The lowest of the four.
        below: The criterion that makes it the lowest.
        behaviour: What is usual for it, and what is not.
        standing: The headline: what is usual held against the target, with trust in the data.
        cost: The counter KPIs that got worse while this one got better.
    """

    kpi: str
    series: tuple[Observation, ...]
    current: Observation | None
    part: Observation | None
    previous: Change | None
    last_year: Change | None
    breakdown: Mapping[str, tuple[Observation, ...]]
    results: tuple[ResultAssessment, ...]
    status: Status
    data: DataState
    criteria: tuple[CriterionAssessment, ...]
    verdict: Grade
    below: Criterion
    behaviour: Behaviour
    standing: Standing
    cost: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known beside definitions and values.

    Args:
        compiled: By KPI, the dialects into which it was compiled.
        refused: By KPI and dialect, why it could not be.
        sql: By KPI and dialect, the text.
        datasets: By KPI, the datasets that it reads, directly or through other KPIs.
        commit: The commit of the definitions; None when not known.
        definitions: By KPI, the hash of everything that its values are computed by.
        publications: What was published, the oldest first; None without a ledger.
        history: What the repository remembers; None outside one.
        cases: By rate, of how many cases it was taken in each of its last complete periods.
    """

    compiled: Mapping[str, tuple[str, ...]]
    refused: Mapping[tuple[str, str], str]
    sql: Mapping[tuple[str, str], str]
    datasets: Mapping[str, tuple[str, ...]]
    commit: str | None
    definitions: Mapping[str, str] = field(default_factory=dict)
    publications: tuple[Publication, ...] | None = None
    history: History | None = None
    cases: Mapping[str, tuple[Decimal, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What `render` shows. All mappings are by name and in the order of the names.

    Args:
        coarser: KPIs as the scorecards of a coarser grain read them: the series and what follows from it.
        gaps: None where nobody looked for them, as of a part of a project.
    """

    project: Project
    as_of: datetime
    kpis: Mapping[str, KpiAssessment]
    goals: Mapping[str, GoalAssessment]
    evidence: Evidence
    freshness: Mapping[str, Freshness]
    coarser: Mapping[tuple[str, Grain], KpiAssessment] = field(default_factory=dict)
    gaps: Gaps | None = None
    plans: Mapping[str, PlanAssessment] = field(default_factory=dict)

    def read_by(self, grain: Grain) -> "Assessment":
        """Return the same with every KPI as a scorecard of this grain reads it: at the coarser of the two."""
        readings = {name: self.coarser.get((name, grain), kpi) for name, kpi in self.kpis.items()}
        return replace(self, kpis=readings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Private:
    """What belongs to persons, judged. No page of the site is made of it: `render` takes an `Assessment`.

    Args:
        judged: The project with goals and plans of persons among its own.
    """

    restricted: Restricted
    judged: Assessment


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """The goals and KPIs that two people look at when they meet, judged. All mappings are by name.

    Args:
        project: With goals and plans of persons among its own.
        since: When they last met.
        segments: How the KPIs vary.
        segments_then: The same as of when they last met.
    """

    project: Project
    restricted: Restricted
    as_of: datetime
    since: date
    goals: Mapping[str, GoalAssessment]
    segments: Mapping[str, tuple[Segment, ...]]
    segments_then: Mapping[str, tuple[Segment, ...]]


def observation_key(observation: Observation) -> tuple[str, Period, SliceKey]:
    """Return what makes an observation the only one of its kind."""
    return observation.kpi, observation.period, observation.slice
