"""What is usual for a KPI, and what is not: limits of natural variation (XmR), and signals against them."""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from kpiascode.model.calendar import Period
from kpiascode.model.project import SignalRules


class Rule(Enum):
    """Why points are a signal. The numbers are those of the preset that asks the rule."""

    OUTSIDE = "outside"
    """One point outside the limits."""
    RUN = "run"
    """Many points in a row on one side of the mean."""
    NEAR_LIMIT = "near_limit"
    """Three of four in a row, on one side, nearer to the limit than to the mean."""
    TREND = "trend"
    """Many points in a row each higher, or each lower, than the one before."""
    TWO_OF_THREE = "two_of_three"
    """Two of three in a row, on one side, in the outer third."""
    FOUR_OF_FIVE = "four_of_five"
    """Four of five in a row, on one side, outside the inner third."""


class Basis(Enum):
    """What is judged: the value itself, or how far it is from the same period of the year before."""

    VALUE = "value"
    YEAR_DIFFERENCE = "year_difference"


class Hold(Enum):
    """How firm limits are: on trial from 6 points, moving with each point from 12, locked from 24."""

    TRIAL = "trial"
    MOVING = "moving"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The natural limits of a process, in the KPI's unit; unclipped, whatever its bounds are.

    Args:
        range_mean: The mean moving range.
        range_upper: The limit of the moving ranges.
        points: How many points they come from.
    """

    mean: Decimal
    lower: Decimal
    upper: Decimal
    range_mean: Decimal
    range_upper: Decimal
    points: int
    hold: Hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A closed period. `value` None is a gap; `range`: how far the point before is, None after a gap."""

    period: Period
    value: Decimal | None
    range: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """Points that are not noise.

    Args:
        first, last: The first and the last of the points that make it.
        high: Whether it lies above what is usual.
        new: Whether it holds the last or the last but one closed period.
    """

    rule: Rule
    first: Period
    last: Period
    high: bool
    new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Points of one process: from the beginning, or from a declared change, to the next.

    Args:
        reason: Why it begins; None of the first.
        limits: None with too few points.
        signals: In the order of their last points.
    """

    reason: str | None
    points: tuple[Point, ...]
    limits: Limits | None
    signals: tuple[Signal, ...]


class Variation(Enum):
    BETTER = "better"
    WORSE = "worse"
    CHANGED = "changed"
    USUAL = "usual"
    TOO_FEW = "too_few"
    NOT_JUDGED = "not_judged"


class Assurance(Enum):
    MEETS = "meets"
    HIT_OR_MISS = "hit_or_miss"
    MISSES = "misses"
    NO_TARGET = "no_target"
    NOT_JUDGED = "not_judged"


class Standing(Enum):
    """The headline: assurance, variation and trust taken together."""

    ON_TRACK = "on_track"
    WATCH = "watch"
    IMPROVING = "improving"
    ACT = "act"
    CANNOT = "cannot"
    AT_A_COST = "at_a_cost"
    NO_VERDICT = "no_verdict"
    NOT_DUE = "not_due"
    NO_TARGET = "no_target"


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """How a KPI behaves over time.

    Args:
        segments: Oldest first; the newest is the one that judges.
        new: The newest signal that says where it is now; None without one.
        since: The period in which `new` begins.
        correlation: Between each point of the newest segment's baseline and the next; None under 12 points.
        refused: Why it is not judged; None when it is.
    """

    rules: SignalRules
    basis: Basis
    segments: tuple[Segment, ...]
    variation: Variation
    new: Signal | None
    since: Period | None
    assurance: Assurance
    correlation: Decimal | None
    refused: str | None
