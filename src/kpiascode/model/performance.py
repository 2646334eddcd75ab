"""What people do about KPIs and goals: check-ins, reviews, meetings, plans, feedback, thanks.

What belongs to a person stands in `Restricted` (`model/project.py`). Spans are half-open.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import Final, TypeAlias

from kpiascode.model.calendar import Duration
from kpiascode.model.place import Place

# --- who


@dataclass(frozen=True, slots=True)
class PersonRef:
    """A person of the restricted folder, by name."""

    person: str


Role: TypeAlias = str | PersonRef
"""The name of an owner, or a person."""


class LawfulBasis(Enum):
    """Why data of a person may be kept: article 6 (1) of the GDPR."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTERESTS = "legitimate_interests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """Why data of a person are kept, and until when: `until` is the first day on which they may not be."""

    purpose: str
    basis: LawfulBasis
    until: date


KEPT: Final = timedelta(days=90)
"""How long a file that is made of persons may be kept, where no document says another day."""


# --- goals


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """What is done or not done. `due`: by the end of that day. `done_on` None: it is not done."""

    title: str
    due: date
    done_on: date | None
    weight: Decimal
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn:
    """What those who answer for a goal or a KPI saw, and decided.

    Args:
        goal, kpi: What it is about; one of them is None.
        as_of: Everything before this day was seen.
        confidence: 0 to 10, that the goal will be reached; None of a KPI where nobody said.
    """

    name: str
    goal: str | None
    kpi: str | None
    as_of: date
    by: str
    confidence: int | None
    note: str
    decision: str
    blockers: tuple[str, ...]
    place: Place = field(compare=False)


# --- reviews


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    title: str
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Competency:
    """What a unit is to be good at. `weight`: of 100."""

    title: str
    description: str
    weight: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewTemplate:
    name: str
    title: str
    description: str
    sections: tuple[Questions, ...]
    competencies: tuple[Competency, ...]
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """`due`: by the end of that day."""

    title: str
    due: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewCycle:
    """A span after which units look at their goals and KPIs together.

    Args:
        org_units: Those that are reviewed.
        kpis: Looked at in every unit, besides those of its goals and scorecards.
        visibility: The units whose people may see it; empty: everybody.
    """

    name: str
    title: str
    owner: str
    start: date
    end: date
    template: str
    org_units: tuple[str, ...]
    kpis: tuple[str, ...]
    deadlines: tuple[Deadline, ...]
    visibility: tuple[str, ...]
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOnOneSeries:
    """Two who meet again and again.

    Args:
        first: The day of the first meeting.
        met_on: The days on which they met, the earliest first.
        sections: Titles after the agenda of the one who reports.
        goals, kpis: What they look at; no goals: those that the one who reports answers for.
        keeping: None where both are roles.
    """

    name: str
    title: str
    manager: Role
    report: Role
    every: Duration
    first: date
    met_on: tuple[date, ...]
    sections: tuple[str, ...]
    goals: tuple[str, ...]
    kpis: tuple[str, ...]
    keeping: Keeping | None
    place: Place = field(compare=False)


# --- improvement plans


class SubjectOfPlan(Enum):
    KPI = "kpi"
    GOAL = "goal"
    ORG_UNIT = "org_unit"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """`due`: by the end of that day. `done_on` None: it is not done."""

    what: str
    who: Role
    due: date
    done_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SuccessTest:
    """The KPI is there in the last `periods` complete periods of its grain that lie in the plan.

    Args:
        slice: As of a result of a goal.
        at_least, at_most: In the KPI's unit; one of them is None.
    """

    kpi: str
    slice: tuple[tuple[str, str | None], ...]
    at_least: Decimal | None
    at_most: Decimal | None
    periods: int


class PlanResult(Enum):
    SUCCEEDED = "succeeded"
    NOT_REACHED = "not_reached"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    result: PlanResult
    day: date
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImprovementPlan:
    """What is done about something that is not good enough.

    Args:
        subject: Its kind, and its name.
        current, required: Where it stands, and what is expected, in words.
        standard: The goal and the KPI of the target that it rests on; None where it rests on none.
        changed_on: From then on the process is another one; None where nothing was changed at once.
        opened_with_employee, hr_reviewer, keeping: Of a plan for a person; else None.
        visibility: The units whose people may see it; empty: everybody.
    """

    name: str
    title: str
    owner: str
    subject: tuple[SubjectOfPlan, str]
    opened_on: date
    ends_on: date
    trigger: str
    current: str
    required: str
    standard: tuple[str, str] | None
    actions: tuple[Action, ...]
    support: str
    reviews: tuple[date, ...]
    changed_on: date | None
    success: SuccessTest
    outcome: Outcome | None
    opened_with_employee: date | None
    hr_reviewer: str | None
    visibility: tuple[str, ...]
    keeping: Keeping | None
    place: Place = field(compare=False)

    def is_open(self, day: date) -> bool:
        """Return whether it runs on a day: begun, and neither ended nor closed."""
        end = self.ends_on if self.outcome is None else min(self.ends_on, self.outcome.day)
        return self.opened_on <= day < end


# --- feedback


class Group(Enum):
    """Who answers, as seen from whom it is about."""

    SELF = "self"
    MANAGER = "manager"
    PEERS = "peers"
    REPORTS = "reports"
    PARTNERS = "partners"
    CUSTOMERS = "customers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Whole numbers, both ends included. `labels`: what each means, the lowest first; or none."""

    low: int
    high: int
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackQuestion:
    """`scale` None: it is answered in words."""

    name: str
    title: str
    scale: Scale | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackRound:
    """Questions that groups answer about a unit or a person.

    Args:
        about: The name of a unit, or a person.
        k: Of how many at least something is told.
        moderated: Whether answers in words are told that a moderator has let through; else none is.
        keeping: None where it is about a unit.
    """

    name: str
    title: str
    owner: str
    about: Role
    start: date
    end: date
    groups: tuple[Group, ...]
    questions: tuple[FeedbackQuestion, ...]
    k: int
    moderated: bool
    keeping: Keeping | None
    place: Place = field(compare=False)


# --- thanks


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    name: str
    title: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionProgram:
    """For what people thank each other. `start`, `end`: when; None: always. `kpis`: what rewards look at."""

    name: str
    title: str
    owner: str
    description: str
    values: tuple[Value, ...]
    start: date | None
    end: date | None
    budget_note: str
    kpis: tuple[str, ...]
    place: Place = field(compare=False)


class Thanked(Enum):
    OWNER = "owner"
    ORG_UNIT = "org_unit"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """Thanks to a role, a unit, or a person who agreed to be named.

    Args:
        to: Its kind, and its name; of a person a handle.
        consent_on, withdrawn_on: Of a person, from when and until when they are named.
        visibility: The units whose people may see it; empty: everybody.
    """

    name: str
    program: str
    to: tuple[Thanked, str]
    consent_on: date | None
    withdrawn_on: date | None
    by: str
    day: date
    value: str
    reason: str
    goals: tuple[str, ...]
    kpis: tuple[str, ...]
    check_ins: tuple[str, ...]
    visibility: tuple[str, ...]
    place: Place = field(compare=False)

    def may_be_told(self, seen: date) -> bool:
        """Return whether it may be shown on a day: a person is named while they agree."""
        if self.to[0] is not Thanked.PERSON:
            return True
        agreed = self.consent_on is not None and self.consent_on <= seen
        return agreed and (self.withdrawn_on is None or seen < self.withdrawn_on)


# --- together


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of whom restricted documents speak. `title`: their name. `role`: the owner that they are."""

    name: str
    title: str
    org_unit: str
    role: str | None
    contact: str
    keeping: Keeping
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """What a project declares beside KPIs and goals; each mapping in the order of the names."""

    check_ins: Mapping[str, CheckIn] = field(default_factory=dict)
    templates: Mapping[str, ReviewTemplate] = field(default_factory=dict)
    cycles: Mapping[str, ReviewCycle] = field(default_factory=dict)
    series: Mapping[str, OneOnOneSeries] = field(default_factory=dict)
    plans: Mapping[str, ImprovementPlan] = field(default_factory=dict)
    rounds: Mapping[str, FeedbackRound] = field(default_factory=dict)
    programs: Mapping[str, RecognitionProgram] = field(default_factory=dict)
    recognitions: Mapping[str, Recognition] = field(default_factory=dict)
