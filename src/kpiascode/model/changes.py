"""What a change of definitions does: to meanings, to numbers, to goals, and who has to agree."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from hashlib import sha256
from typing import Any, Final

from kpiascode.model.assessment import Status
from kpiascode.model.calendar import Grain, Period
from kpiascode.model.canonical import as_line
from kpiascode.model.checking import Allow
from kpiascode.model.exact import EXACT
from kpiascode.model.place import Place
from kpiascode.model.project import Measure, Project
from kpiascode.model.signals import Standing


class ChangeClass(Enum):
    """How far a change reaches, from what nobody sees to what nobody could tell. The order is the grade."""

    COSMETIC = "cosmetic"
    METADATA = "metadata"
    COMMUNICATION = "communication"
    OWNERSHIP = "ownership"
    TARGET = "target"
    GOVERNANCE = "governance"
    VALUE = "value-changing"
    INTERPRETATION = "interpretation"
    BREAKING = "breaking"
    HISTORY = "history"
    UNKNOWN = "unknown"


GRADES: Final = {one: grade for grade, one in enumerate(ChangeClass)}


class ChangeKind(Enum):
    """What was changed. The value is the name that people and programs see."""

    # cosmetic
    REFORMATTED = "reformatted"
    REWRITTEN = "rewritten"
    MOVED = "moved"
    # metadata
    TITLE = "title-changed"
    DESCRIPTION = "description-changed"
    DETAILS = "details-changed"
    LIFECYCLE = "lifecycle-changed"
    ADDED = "added"
    REMOVED_UNUSED = "removed"
    DIMENSION_ADDED = "dimension-added"
    EXAMPLE_ADDED = "example-added"
    RULES_TIGHTENED = "rules-tightened"
    UNIT_CHANGED = "org-unit-changed"
    MILESTONE_DONE = "milestone-done"
    # communication
    AUDIENCE = "audience-changed"
    RHYTHM = "rhythm-changed"
    SCORECARD = "scorecard-changed"
    SCORECARD_REMOVED = "scorecard-removed"
    PRESENTATION = "presentation-changed"
    # ownership
    OWNER = "owner-changed"
    APPROVERS = "approvers-changed"
    OWNER_REMOVED = "owner-removed"
    # target
    TARGET_TIGHTENED = "target-tightened"
    TARGET_RELAXED = "target-relaxed"
    TARGET_CHANGED = "target-changed"
    RUNNING_TARGET = "running-target-changed"
    DEADLINE = "deadline-moved"
    TOLERANCE = "tolerance-changed"
    BASELINE = "baseline-changed"
    PATH = "path-changed"
    MEASURED = "measure-changed"
    WEIGHT = "weight-changed"
    COMMITMENT = "commitment-changed"
    GOAL_ADDED = "goal-added"
    GOAL_REMOVED = "goal-removed"
    GOAL_LINKED = "goal-linked"
    RESULT_ADDED = "result-added"
    RESULT_REMOVED = "result-removed"
    MILESTONE_ADDED = "milestone-added"
    MILESTONE_REMOVED = "milestone-removed"
    PLAN_CHANGED = "plan-changed"
    PLAN_REMOVED = "plan-removed"
    OUTCOME = "outcome-changed"
    REWARD = "reward-changed"
    # governance
    SUPPRESSION = "suppression-added"
    BASELINE_GROWN = "baseline-grown"
    RULES_RELAXED = "rules-relaxed"
    EXAMPLE_CHANGED = "example-changed"
    EXAMPLE_REMOVED = "example-removed"
    BOUNDS_LOOSENED = "bounds-loosened"
    FRESHNESS_LOOSENED = "freshness-loosened"
    COUNTER_REMOVED = "counter-kpi-removed"
    PRIVACY_LOWERED = "privacy-lowered"
    CHECK_IN_REWRITTEN = "check-in-rewritten"
    RECORD_REWRITTEN = "record-rewritten"
    ENGINE = "engine-changed"
    DATA_ROOTS = "data-roots-changed"
    # value-changing
    FILTER_NARROWED = "filter-narrowed"
    FILTER_WIDENED = "filter-widened"
    FILTER_CHANGED = "filter-changed"
    AGGREGATION = "aggregation-changed"
    DISTINCT = "distinct-changed"
    CONSTANT = "constant-changed"
    FORMULA = "formula-changed"
    JOIN = "join-changed"
    SOURCE = "source-changed"
    READING = "reading-changed"
    FIELD = "field-changed"
    TIME = "time-changed"
    CALENDAR = "calendar-changed"
    WINDOW = "window-changed"
    NULL_RULE = "null-rule-changed"
    UNIT_CONVERTED = "unit-converted"
    COMPONENTS = "components-changed"
    COHORT = "cohort-changed"
    FUNNEL = "funnel-changed"
    DIMENSION_CHANGED = "dimension-changed"
    INDIRECT = "indirect"
    # interpretation
    UNIT_RELABELLED = "unit-relabelled"
    DIRECTION = "direction-changed"
    SIGNALS = "signals-changed"
    PROCESS = "process-change-dated"
    # breaking
    KPI_REMOVED = "kpi-removed"
    KPI_RENAMED = "kpi-renamed"
    DIMENSION_REMOVED = "dimension-removed"
    GRAIN_COARSENED = "grain-coarsened"
    # history
    REVISION_MOVED = "revision-moved"
    REVISION_REMOVED = "revision-removed"
    REVISION_ADDED = "past-rule-added"
    # unknown
    UNREADABLE = "unreadable"
    UNLISTED = "unlisted"


_FIRST_OF: Final = {
    ChangeKind.REFORMATTED: ChangeClass.COSMETIC,
    ChangeKind.TITLE: ChangeClass.METADATA,
    ChangeKind.AUDIENCE: ChangeClass.COMMUNICATION,
    ChangeKind.OWNER: ChangeClass.OWNERSHIP,
    ChangeKind.TARGET_TIGHTENED: ChangeClass.TARGET,
    ChangeKind.SUPPRESSION: ChangeClass.GOVERNANCE,
    ChangeKind.FILTER_NARROWED: ChangeClass.VALUE,
    ChangeKind.UNIT_RELABELLED: ChangeClass.INTERPRETATION,
    ChangeKind.KPI_REMOVED: ChangeClass.BREAKING,
    ChangeKind.REVISION_MOVED: ChangeClass.HISTORY,
    ChangeKind.UNREADABLE: ChangeClass.UNKNOWN,
}


def _classes() -> Mapping[ChangeKind, ChangeClass]:
    found: dict[ChangeKind, ChangeClass] = {}
    current = ChangeClass.COSMETIC
    for kind in ChangeKind:
        current = _FIRST_OF.get(kind, current)
        found[kind] = current
    return found


CLASSES: Final = _classes()
"""The class of each kind: kinds of one class stand together above."""


class SubjectKind(Enum):
    KPI = "kpi"
    GOAL = "goal"
    SCORECARD = "scorecard"
    DATASET = "dataset"
    OWNER = "owner"
    ORG_UNIT = "org_unit"
    CHECK_IN = "check_in"
    TEMPLATE = "review_template"
    CYCLE = "review_cycle"
    SERIES = "one_on_one_series"
    PLAN = "improvement_plan"
    ROUND = "feedback_round"
    PROGRAM = "recognition_program"
    RECOGNITION = "recognition"
    PROJECT = "project"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is changed. The project itself has an empty name."""

    kind: SubjectKind
    name: str


def declared(project: Project, kind: SubjectKind) -> Mapping[str, Any]:
    """Return what a project declares of a kind, by name."""
    return {
        SubjectKind.KPI: project.kpis,
        SubjectKind.GOAL: project.goals,
        SubjectKind.SCORECARD: project.scorecards,
        SubjectKind.DATASET: project.datasets,
        SubjectKind.OWNER: project.owners,
        SubjectKind.ORG_UNIT: project.org_units,
        SubjectKind.CHECK_IN: project.performance.check_ins,
        SubjectKind.TEMPLATE: project.performance.templates,
        SubjectKind.CYCLE: project.performance.cycles,
        SubjectKind.SERIES: project.performance.series,
        SubjectKind.PLAN: project.performance.plans,
        SubjectKind.ROUND: project.performance.rounds,
        SubjectKind.PROGRAM: project.performance.programs,
        SubjectKind.RECOGNITION: project.performance.recognitions,
        SubjectKind.PROJECT: {},
    }[kind]


class TimeEffect(Enum):
    """Which periods get other values, or another status.

    `FROM_DATE`: none that is over. `RETRO_DATED`: from a date in the past on. `RESTATES`: all there are.
    """

    NONE = "none"
    FROM_DATE = "from-date"
    RETRO_DATED = "retro-dated"
    RESTATES = "restates"


class Proof(Enum):
    """How it is known that values stay as they are; the strongest that holds is told.

    `DATA` is evidence of the periods that were computed and no proof. `UNKNOWN`: they may be others.
    """

    TEXT = "equal-text"
    TREE = "equal-tree"
    CANONICAL = "equal-canonical-form"
    DATA = "equal-on-data"
    UNKNOWN = "unknown"


class Flag(Enum):
    """What a reviewer should not miss beside the kind."""

    RUNNING_PERIOD = "inside-running-period"
    LOOSENED_WITH = "loosened-in-the-same-change"
    NO_EFFECTIVE_DATE = "no-effective-date"
    DRAFT = "draft"
    STANDARD = "standard-of-an-open-plan"


class Role(Enum):
    """Why somebody has to agree.

    `GOAL` owns a goal that is reached, `SPONSOR` the goal above, or answers for the unit above that of a
    plan's owner, `CONSUMER` a KPI that is computed from it, or that rewards look at; `TOP` answers for the
    project.
    """

    OWNER = "owner"
    OWNED_BEFORE = "owner-before"
    GOAL = "goal-owner"
    SPONSOR = "sponsor"
    SCORECARD = "scorecard-owner"
    CONSUMER = "consumer"
    TOP = "top"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approver:
    """An owner who has to agree.

    Args:
        owner: The name.
        handles: How a host calls them, such as `@acme/finance`; empty where no handle is known.
        is_new: Whether only the head knows the owner: a stranger may have written whom it calls.
        roles: Why, each once, in the order of `Role`.
    """

    owner: str
    handles: tuple[str, ...]
    roles: tuple[Role, ...]
    is_new: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What lies downstream, each by name, in order."""

    kpis: tuple[str, ...] = ()
    goals: tuple[str, ...] = ()
    scorecards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of one thing.

    Args:
        part: The way to what was changed, as in the YAML: `where`, `results.sales.target`. Empty: the whole.
        before, after: In canonical words; None where it was not there.
        words: A sentence for people.
        through: What was changed upstream; empty where the thing itself was.
        since: The first day of the periods that are others; None of `NONE` and `RESTATES`.
        place: Of the head; of the base where it is removed. None of what has none.
    """

    kind: ChangeKind
    subject: Subject
    part: str
    before: str | None
    after: str | None
    words: str
    through: tuple[Subject, ...] = ()
    effect: TimeEffect = TimeEffect.NONE
    since: date | None = None
    proof: Proof = Proof.TEXT
    flags: tuple[Flag, ...] = ()
    reach: Reach = field(default_factory=Reach)
    approvers: tuple[Approver, ...] = ()
    place: Place | None = field(default=None, compare=False)

    @property
    def weight(self) -> ChangeClass:
        return CLASSES[self.kind]

    @property
    def is_direct(self) -> bool:
        return not self.through

    @property
    def fingerprint(self) -> str:
        """Return what is the same after every push that leaves the change as it is: twelve letters.

        An approval is given for it. What else the push changes is no part of it.
        """
        told = [
            *(self.kind.value, self.subject.kind.value, self.subject.name, self.part),
            *(self.before, self.after, self.effect.value),
            None if self.since is None else self.since.isoformat(),
        ]
        return sha256(as_line(told).encode()).hexdigest()[:12]


# --- numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuePair:
    """A period that is over under both definitions; None: undefined."""

    period: Period
    before: Decimal | None
    after: Decimal | None
    status_before: Status | None = None
    status_after: Status | None = None

    @property
    def is_changed(self) -> bool:
        return self.before != self.after

    @property
    def difference(self) -> Decimal | None:
        """Return how much more it is; None where one of them is undefined."""
        if self.before is None or self.after is None:
            return None
        return EXACT.subtract(self.after, self.before)

    @property
    def ratio(self) -> Decimal | None:
        """Return the difference as a part of the size of the base; None where that is zero or undefined."""
        difference = self.difference
        if difference is None or not self.before:
            return None
        return EXACT.divide(difference, abs(self.before))


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiNumbers:
    """What a KPI was by both definitions.

    Args:
        pairs: Periods that are over, the oldest first; of `grain`, which both have.
        why_not: Why nothing was computed, in words; None where it was.
        unit_before, unit_after: None where the KPI is not there.
    """

    kpi: str
    grain: Grain
    unit_before: Measure | None
    unit_after: Measure | None
    pairs: tuple[ValuePair, ...] = ()
    why_not: str | None = None

    @property
    def changed(self) -> tuple[ValuePair, ...]:
        return tuple(pair for pair in self.pairs if pair.is_changed)

    @property
    def last(self) -> ValuePair | None:
        return self.pairs[-1] if self.pairs else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """A goal's result whose status is another one.

    Args:
        kpi: What is measured; empty for the goal as a whole.
        slice: Of the KPI; empty for its total.
        by_redefinition: Whether the goal wants the same as before: only what is measured was changed.
    """

    goal: str
    kpi: str
    slice: tuple[tuple[str, str | None], ...]
    before: Status
    after: Status
    by_redefinition: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFlip:
    """A KPI of which a scorecard, which shows it before and after, would say something else."""

    scorecard: str
    kpi: str
    before: Standing
    after: Standing


# --- what may not be changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """What an open plan rests on. It says nothing of the plan.

    Args:
        goal: With the target; None where it is the KPI alone.
        dimensions: By which the KPI is read; those of the target are known from the goal.
        ask: The owner who knows more; None where nobody is told.
    """

    goal: str | None
    kpi: str
    dimensions: tuple[str, ...] = ()
    ask: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A standard that the head changes, and that may not be."""

    code: str
    standard: Standard
    words: str


# --- all of it


@dataclass(frozen=True, slots=True)
class Broken:
    """What could not be read: what is wrong with it, and a hash of what is written there."""

    message: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A project as one side of a comparison.

    Args:
        label: How people call it, such as `main@1a2b3c4`.
        commit: Its whole name; None of a folder.
        allows: The comments that allow findings.
        known: The entries of the baseline of findings.
        unreadable: What is declared and could not be read.
        is_whole: Whether every file could be; else what is missing may be there all the same.
        is_there: Whether there is a project at all; before the first one nothing is declared.
    """

    project: Project
    label: str
    commit: str | None = None
    allows: tuple[Allow, ...] = ()
    known: tuple[str, ...] = ()
    unreadable: Mapping[Subject, Broken] = field(default_factory=dict)
    is_whole: bool = True
    is_there: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Everything that a reviewer is told.

    Args:
        as_of: Periods that end at or before it are over.
        changes: The gravest first.
        numbers: By KPI, of those whose values may be others.
        evaluated: From where values came, in words; None where nothing was computed, and `why_not` says why.
        sql: By KPI, its SQL before and after; None where there is none.
        dialect: Of the SQL.
        held: What is changed and may not be; nothing where nobody looked.
    """

    base: str
    head: str
    base_commit: str | None
    head_commit: str | None
    as_of: datetime
    changes: tuple[Change, ...]
    numbers: Mapping[str, KpiNumbers] = field(default_factory=dict)
    flips: tuple[Flip, ...] = ()
    card_flips: tuple[CardFlip, ...] = ()
    evaluated: str | None = None
    why_not: str | None = None
    sql: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)
    dialect: str = ""
    held: tuple[Held, ...] = ()

    @property
    def gravest(self) -> ChangeClass | None:
        """Return the class of the gravest change; None where nothing was changed."""
        return max((one.weight for one in self.changes), key=GRADES.__getitem__, default=None)

    @property
    def approvers(self) -> tuple[Approver, ...]:
        """Return everybody who has to agree, by name, each once with all roles."""
        roles: dict[str, set[Role]] = {}
        known: dict[str, Approver] = {}
        for one in (approver for change in self.changes for approver in change.approvers):
            roles.setdefault(one.owner, set()).update(one.roles)
            known[one.owner] = one
        return tuple(
            replace(known[name], roles=tuple(role for role in Role if role in roles[name]))
            for name in sorted(roles)
        )
