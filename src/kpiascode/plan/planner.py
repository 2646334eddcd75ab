"""From a question to a plan: forms become intervals, aggregates become measures, one scan serves many."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from kpiascode.model.calendar import is_finer
from kpiascode.model.catalog import Catalog
from kpiascode.model.diagnostic import Diagnostic, did_you_mean, one_of
from kpiascode.model.expression import (
    Aggregate,
    And,
    Column,
    Cumulative,
    Days,
    DaysOf,
    Expression,
    KpiValue,
    MeasureValue,
    Previous,
    Rolling,
    Slice,
    ToDate,
    rebuild,
    walk,
)
from kpiascode.model.observation import Question
from kpiascode.model.plan import (
    NoOrphans,
    Plan,
    PlannedMeasure,
    Proof,
    Scan,
    Spine,
    UniqueKey,
    Value,
)
from kpiascode.model.project import Kpi, Project
from kpiascode.plan.spines import spine
from kpiascode.plan.windows import Form, Frame, MisplacedForm, first_frame, mapped, name_of

COUNTS = "count"


class Unanswerable(Exception):
    """A question that the KPIs cannot answer; carries the finding."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def plan(project: Project, question: Question, catalog: Catalog) -> Plan:
    """Return what must be computed to answer the question.

    Raises:
        Unanswerable: when a KPI cannot be asked at this grain or by these dimensions, or when a time form has
            no meaning there.
    """
    _check(project, question)
    planner = _Planner(project, question)
    values = tuple(planner.value(project.kpis[name]) for name in question.kpis)
    scans = planner.scans()
    datasets = _datasets(project, scans, question)
    return Plan(
        question=question,
        spines=tuple(planner.spines.values()),
        scans=scans,
        values=values,
        proofs=tuple(dict.fromkeys(_proofs(project, scans))),
        datasets={name: project.datasets[name] for name in datasets},
        tables={name: catalog.tables[name].name for name in datasets if name in catalog.tables},
    )


def _check(project: Project, question: Question) -> None:
    asked = [*question.by]
    if question.where is not None:
        asked += [node.dimension for node in walk(question.where) if isinstance(node, Slice)]
    for name in question.kpis:
        kpi = project.kpis[name]
        if is_finer(question.grain, kpi.grain):
            raise Unanswerable(
                Diagnostic(
                    code="grain-too-fine",
                    message=f"`{name}` is read by {kpi.grain.value} at the finest, not by "
                    f"{question.grain.value}.",
                    place=kpi.place,
                    hint=f"Ask for --grain {kpi.grain.value} or coarser.",
                )
            )
        names = [dimension.name for dimension in kpi.dimensions]
        for dimension in asked:
            if dimension not in names:
                raise Unanswerable(
                    Diagnostic(
                        code="unknown-dimension",
                        message=f"`{name}` has no dimension `{dimension}`.",
                        place=kpi.place,
                        hint=did_you_mean(dimension, names)
                        or (f"It has {one_of(names)}." if names else "It has no dimensions."),
                    )
                )


@dataclass(frozen=True, slots=True)
class _ScanKey:
    """Measures that agree in all of this share a scan. `condition` only tells two-step scans apart."""

    dataset: str
    time: Expression
    spine: str
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
        self.spines: dict[str, Spine] = {}
        self._drafts: dict[_ScanKey, _Draft] = {}
        self._counter: dict[str, int] = {}
        self._first = first_frame(question.periods, question.as_of)

    # --- values

    def value(self, kpi: Kpi) -> Value:
        seen: dict[MeasureValue, None] = {}
        try:
            expression = self._planned(kpi.expression, kpi, self._first, "periods", seen)
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
        )

    def _planned(
        self, node: Expression, kpi: Kpi, frame: Frame, name: str, seen: dict[MeasureValue, None]
    ) -> Expression:
        match node:
            case KpiValue(other):
                inner = self.project.kpis[other]
                return self._planned(inner.expression, inner, frame, name, seen)
            case Previous() | Rolling() | ToDate() | Cumulative():
                made, made_name = self._framed(node, frame, name)
                return self._planned(node.operand, kpi, made, made_name, seen)
            case Days():
                days = ((period, window.days) for period, window in frame)
                return DaysOf(tuple((period, count) for period, count in days if count is not None))
            case Aggregate():
                return self._measured(node, kpi, frame, name, seen)
            case _:
                return rebuild(node, lambda child: self._planned(child, kpi, frame, name, seen))

    def _framed(self, form: Form, frame: Frame, name: str) -> tuple[Frame, str]:
        made = mapped(frame, form, self.calendar, self.question.grain)
        made_name = name_of(form) if name == "periods" else f"{name}_{name_of(form)}"
        return made, made_name

    # --- measures

    def _measured(
        self, node: Aggregate, kpi: Kpi, frame: Frame, name: str, seen: dict[MeasureValue, None]
    ) -> Expression:
        rows = _both(kpi.where, self._filter(kpi))
        condition = _both(rows, node.condition)
        absent = tuple(sorted({p.name for p in self.question.periods} - {period for period, _ in frame}))
        if node.entity is None:
            key = self._key(kpi, frame, name, None, None)
            found = self._measure(key, kpi, replace(node, condition=None), condition, absent)
        else:
            key = self._key(kpi, frame, name, node.entity, condition)
            found = self._two_steps(key, kpi, node, condition, absent)
        if self.question.by:
            plain = self._key(kpi, frame, name, None, None)
            seen[self._measure(plain, kpi, Aggregate("count", None), rows, ())] = None
        return found

    def _key(
        self, kpi: Kpi, frame: Frame, name: str, entity: Expression | None, condition: Expression | None
    ) -> _ScanKey:
        assert kpi.dataset is not None
        assert kpi.time is not None
        dataset = self.project.datasets[kpi.dataset]
        by_name = {dimension.name: dimension.expression for dimension in kpi.dimensions}
        dimensions = tuple((name, _known(by_name[name])) for name in self.question.by)
        return _ScanKey(
            dataset.name,
            kpi.time,
            self._spine(frame, name, kpi.time, dataset.name),
            dimensions,
            entity,
            condition,
        )

    def _spine(self, frame: Frame, name: str, time: Expression, dataset: str) -> str:
        made = spine(name, frame, time, self.project.datasets[dataset], self.calendar)
        for known in self.spines.values():
            if replace(known, name="") == replace(made, name=""):
                return known.name
        unique, number = made.name, 2
        while unique in self.spines:
            unique, number = f"{made.name}_{number}", number + 1
        self.spines[unique] = replace(made, name=unique)
        return unique

    def _filter(self, kpi: Kpi) -> Expression | None:
        """Return the question's filter over this KPI's own dimensions."""
        if self.question.where is None:
            return None
        by_name = {dimension.name: dimension.expression for dimension in kpi.dimensions}

        def put(node: Expression) -> Expression:
            if isinstance(node, Slice):
                return _known(by_name[node.dimension])
            return rebuild(node, put)

        return put(self.question.where)

    def _draft(self, key: _ScanKey) -> _Draft:
        if key not in self._drafts:
            base = (
                f"{key.dataset}_by_period" if key.entity is None else f"{key.dataset}_by_{_short(key.entity)}"
            )
            base = base if key.spine == "periods" else f"{base}_{key.spine}"
            self._counter[base] = self._counter.get(base, 0) + 1
            number = self._counter[base]
            self._drafts[key] = _Draft(base if number == 1 else f"{base}_{number}")
        return self._drafts[key]

    def _measure(
        self, key: _ScanKey, kpi: Kpi, node: Aggregate, condition: Expression | None, absent: tuple[str, ...]
    ) -> MeasureValue:
        draft = self._draft(key)
        name = draft.measures.setdefault((node, condition), self._name(draft, kpi, node))
        return MeasureValue(draft.name, name, node.function == COUNTS, absent)

    def _two_steps(
        self, key: _ScanKey, kpi: Kpi, node: Aggregate, condition: Expression | None, absent: tuple[str, ...]
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
        return self._measure(key, kpi, outer, None, absent)

    def _name(self, draft: _Draft, kpi: Kpi, node: Aggregate) -> str:
        if node == Aggregate("count", None) and "row_count" not in draft.measures.values():
            return "row_count"
        taken = set(draft.measures.values())
        number = 1
        while f"{kpi.name}__{number}" in taken:
            number += 1
        return f"{kpi.name}__{number}"

    # --- scans

    def scans(self) -> tuple[Scan, ...]:
        return tuple(self._scan(key, draft) for key, draft in self._drafts.items())

    def _scan(self, key: _ScanKey, draft: _Draft) -> Scan:
        conditions = [condition for _, condition in draft.measures]
        common = _conjuncts(key.condition) if key.entity is not None else _common(conditions)
        return Scan(
            name=draft.name,
            dataset=key.dataset,
            time=key.time,
            spine=key.spine,
            dimensions=key.dimensions,
            where=_all(common),
            measures=tuple(
                PlannedMeasure(
                    name=name,
                    aggregate=node,
                    condition=_all(part for part in _conjuncts(condition) if part not in common),
                )
                for (node, condition), name in draft.measures.items()
            ),
            entity=key.entity,
            parts=tuple(
                PlannedMeasure(name=name, aggregate=node, condition=condition)
                for (node, condition), name in draft.parts.items()
            ),
        )


def _known(node: Expression | None) -> Expression:
    assert node is not None, "a KPI over rows knows its own dimensions"
    return node


def _short(node: Expression) -> str:
    return node.column.lower() if isinstance(node, Column) and node.column.isidentifier() else "entity"


def _both(one: Expression | None, other: Expression | None) -> Expression | None:
    return _all(part for part in (one, other) if part is not None)


def _all(conditions: Iterable[Expression]) -> Expression | None:
    whole: Expression | None = None
    for condition in conditions:
        whole = condition if whole is None else And(whole, condition)
    return whole


def _conjuncts(node: Expression | None) -> tuple[Expression, ...]:
    match node:
        case None:
            return ()
        case And(left, right):
            return (*_conjuncts(left), *_conjuncts(right))
        case _:
            return (node,)


def _common(conditions: list[Expression | None]) -> tuple[Expression, ...]:
    """Return what all conditions ask, in the order of the first."""
    if not conditions:
        return ()
    rest = [set(_conjuncts(condition)) for condition in conditions[1:]]
    return tuple(
        dict.fromkeys(part for part in _conjuncts(conditions[0]) if all(part in other for other in rest))
    )


# --- what the scans rest on


def relationship_paths(scan: Scan) -> tuple[tuple[str, ...], ...]:
    """Return every relationship path that the scan walks, each after the paths that lead to it."""
    found: dict[tuple[str, ...], None] = {}
    for node in _expressions(scan):
        for part in walk(node):
            if isinstance(part, Column):
                for length in range(1, len(part.path) + 1):
                    found[part.path[:length]] = None
    return tuple(sorted(found, key=len))


def _expressions(scan: Scan) -> Iterator[Expression]:
    yield scan.time
    yield from (node for _, node in scan.dimensions)
    yield from (node for node in (scan.where, scan.entity) if node is not None)
    for measure in (*scan.measures, *scan.parts):
        yield measure.aggregate
        if measure.condition is not None:
            yield measure.condition


def _proofs(project: Project, scans: tuple[Scan, ...]) -> Iterator[Proof]:
    for scan in scans:
        for path in relationship_paths(scan):
            holder = scan.dataset
            for step in path[:-1]:
                holder = project.datasets[holder].relationships[step].to
            relationship = project.datasets[holder].relationships[path[-1]]
            yield UniqueKey(dataset=relationship.to, keys=tuple(there for _, there in relationship.keys))
            if relationship.required:
                yield NoOrphans(dataset=holder, relationship=path[-1])


def _datasets(project: Project, scans: tuple[Scan, ...], question: Question) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for scan in scans:
        found[scan.dataset] = None
        for path in relationship_paths(scan):
            holder = scan.dataset
            for step in path:
                holder = project.datasets[holder].relationships[step].to
                found[holder] = None
    return tuple(found)


def datasets_of(kpi: str, kpis: Mapping[str, Kpi], project: Project) -> tuple[str, ...]:
    """Return the datasets that a KPI reads, directly or through other KPIs, by name."""
    found: set[str] = set()
    waiting, done = [kpi], set()
    while waiting:
        name = waiting.pop()
        if name in done:
            continue
        done.add(name)
        current = kpis[name]
        waiting += [node.kpi for node in walk(current.expression) if isinstance(node, KpiValue)]
        if current.dataset is not None:
            found.add(current.dataset)
    return tuple(sorted(found))
