"""What a team declared, resolved: every name points at something that exists."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Final, TypeAlias

from kpiascode.model.calendar import Calendar, Duration, Grain, Unit
from kpiascode.model.checking import Checking
from kpiascode.model.document import Document
from kpiascode.model.expression import Expression, Type
from kpiascode.model.locale import Locale
from kpiascode.model.performance import Keeping, Milestone, Performance, Person
from kpiascode.model.place import Place
from kpiascode.model.reaching import reached
from kpiascode.model.sign import never_negative

# --- data


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFormat:
    delimiter: str = ","
    header: bool = True
    null_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOf:
    """The partner is the row that was valid at a time: `valid_from <= at < valid_to`.

    All three are of one type, a date or a wall clock of the calendar.

    Args:
        at: Over the dataset that has the relationship.
        valid_from: Over the dataset that it leads to.
        valid_to: The same; where it is null the row still holds. None: a row holds until the next of its key.
    """

    at: Expression
    valid_from: Expression
    valid_to: Expression | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """Many rows of the dataset belong to one row of `to`.

    Args:
        keys: Pairs of an expression over this dataset and the one over `to` that it equals.
        required: A row without partner is an error of the data, instead of a null.
        as_of: Which of several rows of one key is the partner; None where there is one a key.
    """

    name: str
    to: str
    keys: tuple[tuple[Expression, Expression], ...]
    required: bool
    as_of: AsOf | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """The span for which a row holds, half-open. `end` null: it still does. Both are of one type."""

    start: Expression
    end: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A table, a view or a file.

    Args:
        source: As declared: a file under the project or a data root, or a table name.
        time: The default time of its KPIs; None when each KPI must name its own.
        valid: The span for which each row holds; balances read it, in the place of a time.
        time_grain: The period for which one row stands as a whole; None where it stands for its own moment.
        timezone: The zone of its timestamps without zone; None means the calendar's.
        fields: Computed fields and renamed columns, resolved down to columns.
        columns: Declared types of a file's columns, where the inferred ones are not wanted.
        keys: The primary key, resolved down to columns; empty when none is declared.
        freshness: How old its newest row may be; None when it promises nothing.
    """

    name: str
    title: str
    description: str
    source: str
    is_file: bool
    primary_key: tuple[str, ...]
    time: Expression | None
    valid: Validity | None
    time_grain: Grain | None
    timezone: str | None
    fields: Mapping[str, Expression]
    relationships: Mapping[str, Relationship]
    columns: Mapping[str, str]
    keys: tuple[Expression, ...]
    format: FileFormat
    freshness: timedelta | None
    quoted: bool
    place: Place = field(compare=False)
    source_place: Place = field(compare=False)


def follow(datasets: Mapping[str, Dataset], start: str, way: Iterable[str]) -> Dataset | None:
    """Return the dataset that a way leads to; None where something on the way is broken."""
    holder = datasets.get(start)
    for step in way:
        relationship = None if holder is None else holder.relationships.get(step)
        holder = None if relationship is None else datasets.get(relationship.to)
    return holder


# --- KPIs


class Direction(Enum):
    HIGHER = "higher"
    LOWER = "lower"
    BAND = "band"


class Lifecycle(Enum):
    DRAFT = "draft"
    ACTIVE = "active"
    DEPRECATED = "deprecated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """The unit of a KPI: `percent`, `count`, `ratio`, `points`, `seconds` ... `days`, or `currency`."""

    name: str
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What can never be true of a KPI, in its own unit."""

    min: Decimal | None
    max: Decimal | None

    def hold(self, number: Decimal) -> bool:
        """Return whether the KPI can have this value."""
        return (self.min is None or self.min <= number) and (self.max is None or number <= self.max)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """A way to slice a KPI. None as expression: the KPI refers to others, which each know their own."""

    name: str
    path: str
    expression: Expression | None
    type: Type
    person: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Communication:
    """What was promised. `lag`: how long after the end of a period its value is told."""

    audiences: tuple[str, ...]
    channels: tuple[str, ...]
    lag: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Rows count by the age of their entity, in the period in which the entity starts.

    Args:
        starts: When an entity starts, over the KPI's dataset.
        rows: Which rows count: those of an entity that counts, at the right age. Over the KPI's dataset.
        oldest: The age before which rows count.
        way: The relationships that lead to the dataset which holds `starts`; empty: the KPI's own does.
        home: That dataset.
        entity: What starts, over that dataset.
        where: Which entities count, over that dataset; None: all.
    """

    starts: Expression
    rows: Expression
    oldest: Duration
    way: tuple[str, ...]
    home: str
    entity: Expression
    where: Expression | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelStep:
    """The rows that make a step. All expressions are over its own dataset. `where` None keeps all.

    `time` is of a type that all steps of the funnel share.
    """

    dataset: str
    time: Expression
    entity: Expression
    where: Expression | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """Entities that go through steps in order.

    Args:
        within: From the first step, before when the others must have come.
        by_day: Whether the times are days without a clock.
    """

    within: Duration
    by_day: bool
    steps: tuple[FunnelStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessChange:
    """From `start` on the process is another one: what was usual before says nothing of it."""

    start: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """Another KPI follows this one `lag` later: in the same sense (`sign` 1) or in the opposite one (-1)."""

    kpi: str
    lag: Duration
    sign: int


class SignalRules(Enum):
    """A set of rules that tell a signal from noise."""

    DEFAULT = "default"
    NHS = "nhs"
    WESTERN_ELECTRIC = "western_electric"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalSettings:
    """How signals of a KPI are looked for.

    Args:
        rules: None: those of the project.
        seasonal: Whether it is judged by its difference to the same period of the year before.
    """

    rules: SignalRules | None = None
    seasonal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A rule that held for intervals that end no later than `until`. `was`: the KPI under that rule."""

    until: date
    reason: str
    was: "Kpi"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """One measure with its meaning.

    Args:
        revisions: Rules that held before, the earliest first.
        process_changes: Days from which limits of normal variation begin anew, the earliest first.
        leads: The KPIs that it announces.
        derived_from: The KPI of which it is a variant that differs by filter only.
        dataset: None when it refers to other KPIs only.
        time: Dates the rows of its aggregates; None only without dataset.
        where: Keeps the rows of its own aggregates; None keeps all.
        text: The expression as written, for people.
        direction: Which way is better.
        examples: How many worked examples it carries, and how many of them have an empty period.
        visibility: The units whose people may see it; empty: everybody.
    """

    name: str
    title: str
    description: str
    owner: str
    applies_to: tuple[str, ...]
    dataset: str | None
    time: Expression | None
    expression: Expression
    where: Expression | None
    text: str
    where_text: str | None
    grain: Grain
    dimensions: tuple[Dimension, ...]
    unit: Measure
    direction: Direction
    bounds: Bounds
    counter_kpis: tuple[str, ...]
    act: str | None
    communication: Communication | None
    status: Lifecycle
    examples: int
    edge_examples: int
    waivers: tuple["Waiver", ...]
    place: Place = field(compare=False)
    cohort: Cohort | None = None
    funnel: Funnel | None = None
    revisions: tuple[Revision, ...] = ()
    process_changes: tuple[ProcessChange, ...] = ()
    leads: tuple[Lead, ...] = ()
    derived_from: str | None = None
    signals: SignalSettings = field(default_factory=SignalSettings)
    visibility: tuple[str, ...] = ()

    @property
    def rules(self) -> "tuple[Kpi, ...]":
        """Return the KPI under today's rule and under each that held before."""
        return (self, *(revision.was for revision in self.revisions))

    @property
    def datasets(self) -> tuple[str, ...]:
        """Return the datasets whose rows its rules count, without those that these lead to."""
        found: dict[str, None] = {}
        for rule in self.rules:
            found |= {} if rule.dataset is None else {rule.dataset: None}
            found |= {} if rule.cohort is None else {rule.cohort.home: None}
            found |= {} if rule.funnel is None else dict.fromkeys(step.dataset for step in rule.funnel.steps)
        return tuple(found)

    @property
    def possible(self) -> Bounds:
        """Return what can be true of it: what `bounds` say; without a minimum, no count is below zero."""
        is_counted = self.bounds.min is None and all(never_negative(rule.expression) for rule in self.rules)
        return replace(self.bounds, min=Decimal(0)) if is_counted else self.bounds

    def usual(self, lower: Decimal, upper: Decimal, seen: Decimal) -> tuple[Decimal, Decimal]:
        """Return a usual range as it is told and judged: what can never be is not usual either.

        Args:
            seen: A value, or the mean of some, that it had: so far it can be, whatever `bounds` say.
        """
        least = lower if self.possible.min is None else min(self.possible.min, seen)
        most = upper if self.possible.max is None else max(self.possible.max, seen)
        return min(max(lower, least), most), max(min(upper, most), least)

    def ruling(self, end: datetime) -> "Kpi":
        """Return the KPI under the rule in force for an interval that ends at `end`."""
        midnights = ((datetime.combine(revision.until, time()), revision) for revision in self.revisions)
        return next((revision.was for midnight, revision in midnights if end <= midnight), self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A probe that is knowingly not met, until `expires`."""

    probe: str
    reason: str
    approved_by: str
    expires: date


# --- goals

MONTHLY: Final = Duration(amount=1, unit=Unit.MONTH)
"""How often an owner checks in where nothing else is said."""


class Commitment(Enum):
    COMMITTED = "committed"
    ASPIRATIONAL = "aspirational"
    LEARNING = "learning"


class Path(Enum):
    """How a target is to be reached over the goal's period."""

    LINEAR = "linear"
    STEPS = "steps"
    BY_END = "by_end"
    MAINTAIN = "maintain"


class Measured(Enum):
    """`latest`: the last complete period of the grain. `to_date`: the goal's period so far, as one."""

    LATEST = "latest"
    TO_DATE = "to_date"


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A target to stay inside; both ends belong to it."""

    min: Decimal
    max: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetKpi:
    """The target is another KPI's value at the same period and slice."""

    kpi: str


TargetValue: TypeAlias = Decimal | Band | TargetKpi


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A target that holds for periods that start in `[start, end)`.

    Where two hold, the earlier in the list does: targets for one period stand before those that last.
    """

    start: date
    end: date
    value: TargetValue
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a goal wants of a KPI, in the KPI's own unit.

    Args:
        slice: Which slice of it; dimension to value, empty for the total. A value of None is the null slice.
        baseline: Where it stood at the start; None when not told.
        tolerance: How far on the missing side still counts as `at_risk` and not as `missed`.
        weight: Share among the goal's results, as declared; not normalised.
    """

    kpi: str
    slice: tuple[tuple[str, str | None], ...]
    baseline: Decimal | None
    targets: tuple[Target, ...]
    tolerance: Decimal
    path: Path
    measured: Measured
    weight: Decimal
    place: Place = field(compare=False)

    @property
    def kpis(self) -> tuple[str, ...]:
        """Return the KPI and those that are its targets."""
        targets = (target.value.kpi for target in self.targets if isinstance(target.value, TargetKpi))
        return (self.kpi, *targets)


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """Half-open in time: `start` belongs to it, `end` does not.

    Args:
        parents: Goal names with weights.
        check_in_every: How often its owner checks in.
        visibility: The units whose people may see it; empty: everybody.
        person: Whose it is, in the restricted folder; None of a unit.
        keeping: Of a person's; else None.
    """

    name: str
    title: str
    description: str
    org_unit: str
    owner: str
    parents: tuple[tuple[str, Decimal], ...]
    start: date
    end: date
    commitment: Commitment
    results: tuple[Result, ...]
    place: Place = field(compare=False)
    milestones: tuple[Milestone, ...] = ()
    check_in_every: Duration = MONTHLY
    visibility: tuple[str, ...] = ()
    person: str | None = None
    keeping: Keeping | None = None

    @property
    def kpis(self) -> tuple[str, ...]:
        """Return the KPIs that it looks at, those that are targets included."""
        return tuple(kpi for result in self.results for kpi in result.kpis)

    def runs_on(self, day: date) -> bool:
        return self.start <= day < self.end


# --- people and pages


class Level(Enum):
    ORGANISATION = "organisation"
    LINE_OF_BUSINESS = "line_of_business"
    DEPARTMENT = "department"
    TEAM = "team"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgUnit:
    name: str
    title: str
    description: str
    level: Level
    parent: str | None
    headcount: int | None
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    name: str
    title: str
    org_unit: str
    contact: str
    approvers: tuple[str, ...]
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    title: str
    kpis: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """A page of KPIs. `visibility`: the units whose people may see it; empty: everybody."""

    name: str
    title: str
    description: str
    org_unit: str
    audiences: tuple[str, ...]
    grain: Grain
    sections: tuple[Section, ...]
    place: Place = field(compare=False)
    visibility: tuple[str, ...] = ()

    @property
    def kpis(self) -> tuple[str, ...]:
        """Return the KPIs in the order of the page, each once."""
        return tuple(dict.fromkeys(kpi for section in self.sections for kpi in section.kpis))


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """What the repository may say of an engine. Never a connection: that comes from outside."""

    dialect: str
    timeout: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """What makes the pages a house's own.

    Args:
        accent: The colour of links and of the line under the head, on white.
        accent_dark: The same on black.
        logo_text: Stands at the top of each page in the place of the project's name; None: that name.
    """

    accent: str
    accent_dark: str
    logo_text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The project file."""

    name: str
    calendar: Calendar
    dialects: tuple[str, ...]
    data_roots: tuple[str, ...]
    engines: Mapping[str, EngineSettings]
    default_engine: str | None
    signals: SignalRules = SignalRules.DEFAULT
    locale: Locale = Locale.EN
    theme: Theme | None = None
    check: Checking = field(default_factory=Checking)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """For whom a project was narrowed down: the people of a unit, and of the units beneath it.

    Args:
        parted: Goals beneath which some are left out, as they are other units'. What would be added up over
            all of them is not told.
        elsewhere: KPIs that goals or scorecards which are left out look at, as they are other units'. Whether
            anybody uses them cannot be judged.
    """

    unit: str
    parted: frozenset[str] = frozenset()
    elsewhere: frozenset[str] = frozenset()


def unit_and_above(units: Mapping[str, OrgUnit], unit: str) -> tuple[str, ...]:
    """Return a unit and the units that it belongs to, the nearest first; also where they go in a circle."""
    chain = []
    current: str | None = unit
    while current is not None and current in units and current not in chain:
        chain.append(current)
        current = units[current].parent
    return tuple(chain)


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Everything that is declared, by name; each mapping in the order of the names.

    Args:
        audience: For whom it was narrowed down (`model/visibility.py`); None: it is whole.
        documents, sources, schemas: What it was made of: `Documents` says what they are.
    """

    settings: Settings
    datasets: Mapping[str, Dataset]
    kpis: Mapping[str, Kpi]
    goals: Mapping[str, Goal]
    owners: Mapping[str, Owner]
    org_units: Mapping[str, OrgUnit]
    scorecards: Mapping[str, Scorecard]
    performance: Performance = field(default_factory=Performance)
    audience: Audience | None = None
    documents: Mapping[tuple[str, str], Document] = field(compare=False, default_factory=dict)
    sources: Mapping[str, str] = field(compare=False, default_factory=dict)
    schemas: frozenset[str] = field(compare=False, default=frozenset())

    def unit_and_above(self, unit: str) -> tuple[str, ...]:
        """Return the unit and the units that it belongs to, the nearest first."""
        return unit_and_above(self.org_units, unit)

    def owners_of(self, unit: str) -> tuple[str, ...]:
        """Return the owners of a unit, or of the nearest one above that has any."""
        for name in self.unit_and_above(unit):
            if found := tuple(owner.name for owner in self.owners.values() if owner.org_unit == name):
                return found
        return ()

    def with_partners(self, datasets: Iterable[str]) -> tuple[str, ...]:
        """Return datasets, as far as there are such, and all that relationships lead to from there."""
        return reached(
            (name for name in datasets if name in self.datasets),
            lambda name: (
                one.to for one in self.datasets[name].relationships.values() if one.to in self.datasets
            ),
        )

    def unit_and_below(self, unit: str) -> tuple[str, ...]:
        """Return the unit and every unit that belongs to it, by name."""
        return tuple(name for name in self.org_units if unit in self.unit_and_above(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Restricted:
    """What belongs to persons, by name; never a part of a `Project`, so no page of the site is made of it.

    Args:
        goals: Of persons; their parents are goals of the project.
        performance: Plans for persons, and what else names one.
    """

    persons: Mapping[str, Person] = field(default_factory=dict)
    goals: Mapping[str, Goal] = field(default_factory=dict)
    performance: Performance = field(default_factory=Performance)
    documents: Mapping[tuple[str, str], Document] = field(compare=False, default_factory=dict)
