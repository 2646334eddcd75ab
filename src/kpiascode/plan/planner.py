"""From a question to a plan: forms become intervals, aggregates become measures, one scan serves many."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from kpiascode.model.calendar import Grain
from kpiascode.model.catalog import Catalog
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.expression import (
    Aggregate,
    Arithmetic,
    AverageOver,
    Case,
    Closing,
    CohortSize,
    Column,
    Cumulative,
    Days,
    DaysOf,
    Expression,
    InPeriods,
    IsNull,
    KpiValue,
    MeasureValue,
    Not,
    Opening,
    Operator,
    Previous,
    Rolling,
    Share,
    Slice,
    StepCount,
    ToDate,
    below,
    rebuild,
    walk,
)
from kpiascode.model.naming import free
from kpiascode.model.observation import Question
from kpiascode.model.plan import (
    Choice,
    EveryRow,
    FunnelScan,
    HoldingAtEnd,
    LastOfEach,
    LastTime,
    Level,
    Mean,
    Plan,
    PlannedMeasure,
    Scan,
    Spine,
    Value,
)
from kpiascode.model.project import Dataset, Funnel, FunnelStep, Kpi, Project
from kpiascode.plan import reads
from kpiascode.plan.conditions import all_of, both, common, conjuncts
from kpiascode.plan.refusals import Unanswerable, check
from kpiascode.plan.sharing import shared
from kpiascode.plan.sight import Balance, Sight
from kpiascode.plan.spines import spine
from kpiascode.plan.windows import Form, Frame, MisplacedForm, first_frame, midnight, refuse_many, units_of

COUNTS: Final = ("count", "approx_count_distinct")
ASKED: Final = "periods"


def plan(project: Project, question: Question, catalog: Catalog) -> Plan:
    """Return what must be computed to answer the question.

    Raises:
        Unanswerable: when a KPI cannot be asked at this grain or by these dimensions, or when a form has no
            meaning there.
    """
    check(project, question)
    planner = _Planner(project, question)
    values = tuple(planner.value(project.kpis[name]) for name in question.kpis)
    funnels = tuple(planner.funnels.values())
    scans, rollups, spines = shared(planner.scans(), planner.spines)
    datasets = reads.datasets(project, scans, funnels)
    return Plan(
        question=question,
        levels=tuple(planner.levels.values()),
        spines=spines,
        scans=scans,
        rollups=rollups,
        funnels=funnels,
        means=tuple(planner.means.values()),
        values=values,
        proofs=reads.proofs(project, scans, funnels),
        datasets={name: project.datasets[name] for name in datasets},
        tables={name: catalog.tables[name].name for name in datasets if name in catalog.tables},
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of a dataset, how they are dated and chosen, and what its dimensions are over them."""

    dataset: str
    time: Expression
    choice: Choice
    dimensions: tuple[tuple[str, Expression], ...]


@dataclass(frozen=True, slots=True)
class _ScanKey:
    """Measures that agree in all of this share a scan. `condition` only tells two-step scans apart."""

    dataset: str
    time: Expression
    spine: str
    choice: Choice
    dimensions: tuple[tuple[str, Expression], ...]
    entity: Expression | None
    condition: Expression | None


@dataclass(slots=True)
class _Draft:
    """A scan while its measures are collected, each once: the aggregate and its whole condition."""

    name: str
    measures: dict[tuple[Aggregate, Expression | None], str] = field(default_factory=dict)
    parts: dict[tuple[Aggregate, Expression | None], str] = field(default_factory=dict)


class _Planner:
    def __init__(self, project: Project, question: Question) -> None:
        self.project = project
        self.question = question
        self.calendar = project.settings.calendar
        asked = tuple((period.name, period.name) for period in question.periods)
        self.levels: dict[str, Level] = {ASKED: Level(name=ASKED, units=asked)}
        self._parents: dict[str, str] = {}
        self.spines: dict[str, Spine] = {}
        self.funnels: dict[tuple[object, ...], FunnelScan] = {}
        self.means: dict[tuple[object, ...], Mean] = {}
        self._drafts: dict[_ScanKey, _Draft] = {}
        self._names: set[str] = set()
        self._unripe: set[str] = set()
        self._first = Sight(
            level=ASKED,
            grain=question.grain,
            frame=first_frame(question.periods, question.as_of),
            whole=lambda: first_frame(question.periods, datetime.max),
            name=ASKED,
        )

    def _free(self, name: str) -> str:
        unique = free(name, self._names)
        self._names.add(unique)
        return unique

    # --- values

    def value(self, kpi: Kpi) -> Value:
        seen: dict[MeasureValue, None] = {}
        self._unripe.clear()
        try:
            expression = self._kpi(kpi, self._first, seen)
        except MisplacedForm as error:
            raise Unanswerable(
                Diagnostic(code=error.code, message=str(error), place=kpi.place, hint=error.hint)
            ) from None
        return Value(
            kpi=kpi.name,
            title=kpi.title,
            formula=kpi.text,
            expression=expression,
            seen=tuple(seen) if self.question.by else (),
            unripe=tuple(sorted(self._unripe)),
        )

    def _kpi(self, kpi: Kpi, sight: Sight, seen: dict[MeasureValue, None]) -> Expression:
        """Return the KPI, for each period by the rule that is in force at the end of its interval."""
        if not kpi.revisions:
            return self._ruled(kpi, sight, seen)
        ruled: list[tuple[Kpi, list[str]]] = []
        for name, window in sight.frame:
            rule = kpi.ruling(window.end)
            names = next((names for known, names in ruled if known is rule), None)
            if names is None:
                ruled.append((rule, names := []))
            names.append(name)
        if len(ruled) < 2:
            return self._ruled(ruled[0][0] if ruled else kpi, sight, seen)
        return Case(
            tuple(
                (
                    InPeriods(tuple(names)),
                    self._ruled(rule, sight.only(frozenset(names), f"{kpi.name}_{number}"), seen),
                )
                for number, (rule, names) in enumerate(ruled, 1)
            ),
            None,
        )

    def _ruled(self, rule: Kpi, sight: Sight, seen: dict[MeasureValue, None]) -> Expression:
        """Return the KPI by one rule, null where its entities have not all had their time."""
        ripe = self._ripe(sight, rule)
        return _where_there(ripe, sight, self._planned(rule.expression, rule, ripe, seen))

    def _through(
        self, form: Form, kpi: Kpi, sight: Sight, balance: Balance | None, seen: dict[MeasureValue, None]
    ) -> Expression:
        """Return what a form stands around over the intervals that it gives, null where it gives none."""
        made = sight.through(form, self.calendar)
        if balance is not None:
            made = replace(made, balance=balance)
        return _where_there(made, sight, self._planned(form.operand, kpi, made, seen))

    def _planned(
        self, node: Expression, kpi: Kpi, sight: Sight, seen: dict[MeasureValue, None]
    ) -> Expression:
        match node:
            case KpiValue(other):
                return self._kpi(self.project.kpis[other], sight, seen)
            case Previous() | Rolling() | ToDate() | Cumulative():
                return self._through(node, kpi, sight, None, seen)
            case Closing(operand, per):
                return self._planned(operand, kpi, replace(sight, balance=Balance(per)), seen)
            case Opening(_, per):
                return self._through(node, kpi, sight, Balance(per), seen)
            case AverageOver():
                return self._averaged(node, kpi, sight, seen)
            case Share(operand, dimension):
                whole = replace(sight, free=sight.free | {dimension})
                return Arithmetic(
                    Operator.DIVIDE,
                    self._planned(operand, kpi, sight, seen),
                    self._planned(operand, kpi, whole, seen),
                )
            case Days():
                days = ((period, window.days) for period, window in sight.frame)
                return DaysOf(tuple((period, count) for period, count in days if count is not None))
            case CohortSize():
                return self._cohort_size(kpi, sight, seen)
            case StepCount(step):
                return self._stepped(step, kpi, sight, seen)
            case Aggregate():
                return self._aggregated(node, kpi, sight, seen)
            case _:
                return rebuild(node, lambda child: self._planned(child, kpi, sight, seen))

    # --- averages over units

    def _averaged(
        self, node: AverageOver, kpi: Kpi, sight: Sight, seen: dict[MeasureValue, None]
    ) -> MeasureValue:
        grain = Grain(node.unit.value)
        refuse_many(sight.frame, node.unit, self.calendar)
        units = [
            (name, f"{name} {unit.period.name}", unit)
            for name, window in sight.frame
            for unit in units_of(window, node.unit, self.calendar, sight.grain)
            if unit.period is not None
        ]
        level = self._level(f"{sight.name}_{grain.value}s", tuple((unit, name) for name, unit, _ in units))
        self._parents.setdefault(level.name, sight.level)
        frame: Frame = tuple((name, window) for _, name, window in units)
        inner = Sight(
            level=level.name,
            grain=grain,
            frame=frame,
            whole=lambda: tuple((name, replace(window, cut=window.end)) for name, window in frame),
            name=level.name,
            balance=sight.balance,
            averaged=True,
            free=sight.free,
        )
        expression = self._planned(node.operand, kpi, inner, seen)
        key = (level.name, sight.level, expression, sight.free)
        if key not in self.means:
            self.means[key] = Mean(
                name=self._free(f"{kpi.name}_over_{grain.value}s"),
                level=level.name,
                parent=sight.level,
                expression=expression,
                dimensions=tuple(name for name in self.question.by if name not in sight.free),
            )
        return MeasureValue(self.means[key].name, "mean")

    def _level(self, name: str, units: tuple[tuple[str, str], ...]) -> Level:
        known = next((level for level in self.levels.values() if level.units == units), None)
        if known is not None:
            return known
        unique = free(name, self.levels)
        self.levels[unique] = Level(name=unique, units=units)
        return self.levels[unique]

    # --- measures

    def _aggregated(
        self, node: Aggregate, kpi: Kpi, sight: Sight, seen: dict[MeasureValue, None]
    ) -> Expression:
        asked = both(kpi.where, self._filter(kpi, sight))
        if kpi.cohort is not None:
            asked = both(kpi.cohort.rows, asked)
        rows = self._rows(kpi, sight)
        return self._measured(node, kpi, rows, asked, sight, seen)

    def _measured(
        self,
        node: Aggregate,
        kpi: Kpi,
        rows: _Rows,
        asked: Expression | None,
        sight: Sight,
        seen: dict[MeasureValue, None],
    ) -> MeasureValue:
        condition = both(asked, node.condition)
        if node.entity is None:
            key = self._key(rows, sight, None, None)
            found = self._measure(key, kpi, replace(node, condition=None), condition)
        else:
            key = self._key(rows, sight, node.entity, condition)
            found = self._two_steps(key, kpi, node, condition)
        if self.question.by and not sight.free:
            # A slice that was emptied before the last time has been seen all the same, and is empty.
            whole = replace(rows, choice=EveryRow()) if isinstance(rows.choice, LastTime) else rows
            plain = self._key(whole, sight, None, None)
            seen[self._measure(plain, kpi, Aggregate("count", None), asked)] = None
        return found

    def _rows(self, kpi: Kpi, sight: Sight) -> _Rows:
        """Return which rows an aggregate of the KPI is taken over."""
        assert kpi.dataset is not None
        dataset = self.project.datasets[kpi.dataset]
        time, choice = _chosen(kpi, dataset, sight)
        return _Rows(
            dataset.name,
            time,
            choice,
            self._sliced(kpi, sight),
        )

    def _sliced(self, kpi: Kpi, sight: Sight) -> tuple[tuple[str, Expression], ...]:
        """Return the dimensions that are asked for, without those that are left free."""
        by_name = _dimensions(kpi)
        return tuple((name, by_name[name]) for name in self.question.by if name not in sight.free)

    def _key(
        self, rows: _Rows, sight: Sight, entity: Expression | None, condition: Expression | None
    ) -> _ScanKey:
        return _ScanKey(
            rows.dataset,
            rows.time,
            self._spine(rows.dataset, rows.time, sight),
            rows.choice,
            rows.dimensions,
            entity,
            condition,
        )

    def _spine(self, dataset: str, time: Expression, sight: Sight) -> str:
        read = self.project.datasets[dataset]
        frame = sight.frame
        if read.time_grain is not None:
            frame = sight.whole()
            self._check_whole(read, read.time_grain, frame)
        made = spine(sight.name, frame, time, self.calendar)
        for known in self.spines.values():
            if replace(known, name="") == replace(made, name=""):
                return known.name
        name = self._free(made.name)
        self.spines[name] = replace(made, name=name)
        return name

    def _check_whole(self, dataset: Dataset, grain: Grain, frame: Frame) -> None:
        """Refuse intervals that cut a row's own period in two."""
        for _, window in frame:
            for bound in (window.start, window.end):
                if bound is None:
                    continue
                if midnight(self.calendar.period_holding(bound.date(), grain).start) != bound:
                    raise MisplacedForm(
                        "cuts-a-whole",
                        f"A row of `{dataset.name}` stands for a whole {grain.value}, and the interval "
                        f"{'to' if bound == window.end else 'from'} {bound.date()} cuts one in two.",
                        f"Ask for a grain and a range of whole {grain.value}s.",
                    )

    def _filter(self, kpi: Kpi, sight: Sight) -> Expression | None:
        """Return the question's filter over this KPI's own dimensions, without what is left free."""
        by_name = _dimensions(kpi)

        def put(node: Expression) -> Expression:
            if isinstance(node, Slice):
                return by_name[node.dimension]
            return rebuild(node, put)

        kept = []
        for part in conjuncts(self.question.where):
            named = {node.dimension for node in walk(part) if isinstance(node, Slice)}
            if not named & sight.free:
                kept.append(put(part))
            elif not named <= sight.free:
                free = ", ".join(f"`{name}`" for name in sorted(named & sight.free))
                raise MisplacedForm(
                    "filter-not-separable",
                    f"A share leaves {free} free, and the filter mixes it with other dimensions.",
                    "Join the conditions on each dimension by `and`.",
                )
        return all_of(kept)

    def _draft(self, key: _ScanKey) -> _Draft:
        if key not in self._drafts:
            base = (
                f"{key.dataset}_by_period" if key.entity is None else f"{key.dataset}_by_{_short(key.entity)}"
            )
            base = base if key.spine == ASKED else f"{base}_{key.spine}"
            self._drafts[key] = _Draft(self._free(base))
        return self._drafts[key]

    def _measure(
        self, key: _ScanKey, kpi: Kpi, node: Aggregate, condition: Expression | None
    ) -> MeasureValue:
        draft = self._draft(key)
        name = draft.measures.setdefault((node, condition), self._name(draft, kpi, node))
        return MeasureValue(draft.name, name, node.function in COUNTS)

    def _two_steps(
        self, key: _ScanKey, kpi: Kpi, node: Aggregate, condition: Expression | None
    ) -> MeasureValue:
        draft = self._draft(key)

        def inner(part: Expression) -> Expression:
            if not isinstance(part, Aggregate):
                return rebuild(part, inner)
            own = (replace(part, condition=None), part.condition)
            name = draft.parts.setdefault(own, f"part_{len(draft.parts) + 1}")
            return MeasureValue(draft.name, name)

        assert node.argument is not None
        outer = replace(node, argument=inner(node.argument), condition=None, entity=None)
        return self._measure(key, kpi, outer, None)

    def _name(self, draft: _Draft, kpi: Kpi, node: Aggregate) -> str:
        if node == Aggregate("count", None) and "row_count" not in draft.measures.values():
            return "row_count"
        taken = set(draft.measures.values())
        number = 1
        while f"{kpi.name}__{number}" in taken:
            number += 1
        return f"{kpi.name}__{number}"

    # --- entities

    def _ripe(self, sight: Sight, rule: Kpi) -> Sight:
        """Return it for the periods whose entities have all had their time by now."""
        if rule.cohort is not None:
            after = rule.cohort.oldest
        elif rule.funnel is not None:
            after = rule.funnel.within
        else:
            return sight

        def ripe(window_end: datetime) -> bool:
            try:
                return self.calendar.add(window_end, after) <= self.question.as_of
            except ValueError:
                return False

        names = frozenset(name for name, window in sight.frame if ripe(window.end))
        if len(names) == len(sight.frame):
            return sight
        self._unripe |= self._asked_periods(sight.level, {name for name, _ in sight.frame} - names)
        return sight.only(names, "ripe")

    def _asked_periods(self, level: str, units: set[str]) -> set[str]:
        """Return the asked periods that units of a level belong to."""
        while level != ASKED:
            units = {parent for unit, parent in self.levels[level].units if unit in units}
            level = self._parents[level]
        return units

    def _cohort_size(self, kpi: Kpi, sight: Sight, seen: dict[MeasureValue, None]) -> MeasureValue:
        cohort = kpi.cohort
        assert cohort is not None
        asked = self._filter(kpi, sight)
        rows = _Rows(
            cohort.home,
            below(cohort.starts, cohort.way),
            EveryRow(),
            tuple((name, below(node, cohort.way)) for name, node in self._sliced(kpi, sight)),
        )
        known: Expression = Not(IsNull(cohort.entity))
        entities = both(both(known, cohort.where), None if asked is None else below(asked, cohort.way))
        node = Aggregate("count", cohort.entity, distinct=True)
        return self._measured(node, kpi, rows, entities, sight, seen)

    def _stepped(self, step: int, kpi: Kpi, sight: Sight, seen: dict[MeasureValue, None]) -> MeasureValue:
        funnel = kpi.funnel
        assert funnel is not None
        assert kpi.dataset is not None
        assert kpi.time is not None
        order, dimensions = tuple(_dimensions(kpi).values()), self._sliced(kpi, sight)
        spine_name = self._spine(kpi.dataset, kpi.time, sight)
        where = self._filter(kpi, sight)
        steps = _asked_of(funnel, kpi)
        key = (funnel.within, steps, spine_name, kpi.time, order, dimensions, where)
        if key not in self.funnels:
            self.funnels[key] = FunnelScan(
                name=self._free(
                    f"{kpi.name}_funnel" if spine_name == ASKED else f"{kpi.name}_funnel_{spine_name}"
                ),
                dataset=kpi.dataset,
                time=kpi.time,
                spine=spine_name,
                within=funnel.within,
                by_day=funnel.by_day,
                steps=steps,
                order=order,
                dimensions=dimensions,
                where=where,
            )
        name = self.funnels[key].name
        if self.question.by and not sight.free:
            seen[MeasureValue(name, "step_1", True)] = None
        return MeasureValue(name, f"step_{step}", True)

    # --- scans

    def scans(self) -> tuple[Scan, ...]:
        return tuple(self._scan(key, draft) for key, draft in self._drafts.items())

    def _scan(self, key: _ScanKey, draft: _Draft) -> Scan:
        conditions = [condition for _, condition in draft.measures]
        shared = conjuncts(key.condition) if key.entity is not None else common(conditions)
        return Scan(
            name=draft.name,
            dataset=key.dataset,
            time=key.time,
            spine=key.spine,
            dimensions=key.dimensions,
            where=all_of(shared),
            measures=tuple(
                PlannedMeasure(
                    name=name,
                    aggregate=node,
                    condition=all_of(part for part in conjuncts(condition) if part not in shared),
                )
                for (node, condition), name in draft.measures.items()
            ),
            entity=key.entity,
            parts=tuple(
                PlannedMeasure(name=name, aggregate=node, condition=condition)
                for (node, condition), name in draft.parts.items()
            ),
            choice=key.choice,
        )


def _where_there(made: Sight, sight: Sight, value: Expression) -> Expression:
    """Return the value, null for periods of which nothing is left, whatever would stand in for it."""
    if len(made.frame) == len(sight.frame):
        return value
    return Case(((InPeriods(tuple(name for name, _ in made.frame)), value),), None)


def _chosen(kpi: Kpi, dataset: Dataset, sight: Sight) -> tuple[Expression, Choice]:
    """Return what dates the rows, and which of those in an interval count."""
    if kpi.cohort is not None:
        return kpi.cohort.starts, EveryRow()
    if dataset.valid is not None and (sight.balance is not None or sight.averaged):
        return dataset.valid.start, HoldingAtEnd(dataset.valid.end)
    time = _known(kpi.time)
    match sight.balance:
        case None:
            return time, EveryRow()
        case Balance(None):
            return time, LastTime()
        case Balance(per):
            return time, LastOfEach(_known(per))


def _asked_of(funnel: Funnel, kpi: Kpi) -> tuple[FunnelStep, ...]:
    """Return the steps with the KPI's own `where` on those that read its dataset."""
    return tuple(
        replace(step, where=both(kpi.where, step.where)) if step.dataset == kpi.dataset else step
        for step in funnel.steps
    )


def _dimensions(kpi: Kpi) -> dict[str, Expression]:
    """Return what each dimension of a KPI is over its rows."""
    return {dimension.name: _known(dimension.expression) for dimension in kpi.dimensions}


def _known(node: Expression | None) -> Expression:
    assert node is not None, "a KPI over rows knows its own dimensions and its time"
    return node


def _short(node: Expression) -> str:
    return node.column.lower() if isinstance(node, Column) and node.column.isidentifier() else "entity"
