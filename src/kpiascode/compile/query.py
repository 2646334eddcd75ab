"""From a plan to the text of one query: named steps that read from top to bottom."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

from kpiascode.compile import build
from kpiascode.compile.dialects import DIALECTS, Dialect
from kpiascode.compile.expressions import aggregate, fraction, needs_ranking, tree
from kpiascode.model.catalog import Catalog
from kpiascode.model.expression import Column, DaysOf, Expression, MeasureValue, Type, walk
from kpiascode.model.plan import (
    Bound,
    Bucket,
    Clock,
    NoOrphans,
    Plan,
    PlannedMeasure,
    Proof,
    Query,
    Scan,
    Spine,
    UniqueKey,
)
from kpiascode.model.project import Dataset

PERIOD: Final = "period_name"
STARTS: Final = "starts_at"
ENDS: Final = "ends_at"
ENTITY: Final = "entity_key"


class CannotCompile(Exception):
    """The dialect cannot say the plan exactly."""

    def __init__(self, dialect: str, reason: str) -> None:
        super().__init__(f"{dialect}: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Step:
    """A named part of the query. `alternatives` are joined by UNION ALL, or by UNION when `distinct`."""

    name: str
    alternatives: tuple[exp.Select, ...]
    distinct: bool = False
    compact: bool = False


def compile_plan(plan: Plan, dialect: str) -> Query:
    """Return the plan as one query in a dialect.

    Raises:
        CannotCompile: where the dialect has no exact form for something in the plan.
    """
    try:
        writer = _Writer(plan, DIALECTS[dialect])
        final = writer.final()
        text = _text(writer.steps, final, DIALECTS[dialect])
    except RecursionError:
        raise CannotCompile(dialect, "the expressions are nested too deeply to be written out") from None
    except SqlglotError:
        raise CannotCompile(dialect, "it has no exact form for a part of the plan") from None
    comments = "".join(f"-- {value.kpi}: {' '.join(value.formula.split())}\n" for value in plan.values)
    return Query(
        dialect=dialect,
        text=f"{comments}{text}\n",
        plan=plan,
        kpis=tuple(value.kpi for value in plan.values),
        seen=tuple(value.kpi for value in plan.values if value.seen),
        proofs=plan.proofs,
    )


def newest_row(
    dataset: Dataset,
    datasets: Mapping[str, Dataset],
    catalog: Catalog,
    until: Spine,
    dialect: str,
    zone: str,
) -> str:
    """Return SQL for the newest time of a dataset and for how many rows have one, within a spine's stretch.

    Instants come as the wall clock of `zone`, other times as they are.
    """
    assert dataset.time is not None
    tables = {name: table.name for name, table in catalog.tables.items()}
    rows = _Rows(datasets, tables, dataset.name, DIALECTS[dialect])
    moment = tree(dataset.time, rows.leaf, DIALECTS[dialect])
    newest: exp.Expr = exp.Max(this=moment)
    if until.clock is Clock.INSTANT:
        newest = DIALECTS[dialect].local(newest, None, zone)
    select = (
        rows.from_clause(_paths([dataset.time]))
        .select(
            build.alias(newest, "newest"),
            build.alias(exp.Count(this=moment.copy()), "dated"),
        )
        .where(build.binary(exp.LT, moment.copy(), _raw_bound(until.stretches[0].end, until)))
    )
    return _printed(select, DIALECTS[dialect], pretty=True)


def _text(steps: list[Step], final: exp.Select, dialect: Dialect) -> str:
    parts = []
    for step in steps:
        union = f"\n{dialect.union}\n" if step.distinct else "\nUNION ALL\n"
        body = union.join(_printed(select, dialect, pretty=not step.compact) for select in step.alternatives)
        name = build.identifier(step.name).sql(dialect=dialect.name)
        parts.append(f"{name} AS (\n{_indented(body)}\n)")
    with_clause = f"WITH {', '.join(parts)}\n" if parts else ""
    return with_clause + _printed(final, dialect, pretty=True)


def _printed(node: exp.Expr, dialect: Dialect, *, pretty: bool) -> str:
    return node.sql(
        dialect=dialect.name,
        pretty=pretty,
        comments=False,
        unsupported_level=ErrorLevel.RAISE,
        max_text_width=100,
    )


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


class _Writer:
    """Collects the steps of one query, in the order in which they build on each other."""

    def __init__(self, plan: Plan, dialect: Dialect) -> None:
        self.plan = plan
        self.dialect = dialect
        self.steps: list[Step] = []
        self._spines = {spine.name: spine for spine in plan.spines}
        self._steps_of: dict[str, str] = {}
        self._ranked: dict[tuple[str, str], str] = {}
        self._calendars: dict[tuple[str, Expression, str], str] = {}
        self._names: set[str] = set()
        self._labels = _labels(plan)

    def _add(self, step: Step) -> str:
        self.steps.append(step)
        return step.name

    def _free(self, name: str) -> str:
        """Return the name, or one like it that no dataset and no other step has."""
        taken = self._names | {dataset.lower() for dataset in self.plan.datasets}
        taken |= {
            part.lower() for dataset in self.plan.datasets.values() for part in dataset.source.split(".")
        }
        unique, number = name, 2
        while unique in taken:
            unique, number = f"{name}_{number}", number + 1
        self._names.add(unique)
        return unique

    # --- the last step: values side by side

    def final(self) -> exp.Select:
        dimensions = tuple(self._labels.values())
        spines = {spine.name: self._spine(spine) for spine in self.plan.spines}
        periods = self._asked_periods(spines)
        for scan in self.plan.scans:
            self._scan(scan, spines[scan.spine])
        proofs = self._proofs()
        select = exp.Select().from_(build.table([periods]))
        slices = self._slices(dimensions)
        if slices is not None:
            select = select.join(build.table([slices]), join_type="cross")
        for name in [*self._steps_of.values(), *self._ranked.values()]:
            on: list[exp.Expr] = [
                exp.EQ(this=build.column(PERIOD, name), expression=build.column(PERIOD, periods))
            ]
            if slices is not None:
                on += [build.same(build.column(d, name), build.column(d, slices)) for d in dimensions]
            select = select.join(build.table([name]), on=build.all_of(on), join_type="left")
        if proofs is not None:
            select = select.join(build.table([proofs]), join_type="cross")
        columns: list[exp.Expr] = [build.column(PERIOD, periods)]
        if slices is not None:
            columns += [build.column(dimension, slices) for dimension in dimensions]
        leaf = self._measure_leaf(periods)
        columns += [
            build.alias(tree(value.expression, leaf, self.dialect), value.kpi) for value in self.plan.values
        ]
        columns += [
            build.alias(self._seen(value.seen), f"{value.kpi}__seen")
            for value in self.plan.values
            if value.seen
        ]
        columns += [
            build.column(f"broken_{number}", proofs)
            for number, _ in enumerate(self.plan.proofs, 1)
            if proofs is not None
        ]
        order = [build.column(PERIOD, periods)]
        if slices is not None:
            order += [build.column(dimension, slices) for dimension in dimensions]
        return select.select(*columns).order_by(*(exp.Ordered(this=node.copy()) for node in order))

    def _seen(self, counts: tuple[MeasureValue, ...]) -> exp.Expr:
        leaf = self._measure_leaf("")
        some = [exp.GT(this=leaf(count), expression=build.whole(0)) for count in counts]
        whole = some[0]
        for other in some[1:]:
            whole = build.binary(exp.Or, whole, other)  # type: ignore[assignment]
        return build.when([(whole, build.whole(1))], build.whole(0))

    def _measure_leaf(self, periods: str) -> Callable[[Column | MeasureValue | DaysOf], exp.Expr]:
        def leaf(node: Column | MeasureValue | DaysOf) -> exp.Expr:
            match node:
                case MeasureValue(scan, measure, counts, absent):
                    step = self._ranked.get((scan, measure), self._steps_of[scan])
                    found: exp.Expr = build.column(measure, step)
                    if counts:
                        found = exp.Coalesce(this=found, expressions=[build.whole(0)])
                    if counts and absent:
                        missing = exp.In(
                            this=build.column(PERIOD, periods), expressions=[build.text(p) for p in absent]
                        )
                        found = build.when([(exp.Not(this=missing), found)])
                    return found
                case DaysOf(days):
                    return self._days(days, periods)
                case Column():
                    raise AssertionError("columns stay inside scans")

        return leaf

    def _days(self, days: tuple[tuple[str, int], ...], periods: str) -> exp.Expr:
        lengths = {length for _, length in days}
        if len(lengths) == 1 and len(days) == len(self.plan.question.periods):
            return build.whole(lengths.pop())
        if not days:
            return build.null()
        return build.when(
            (
                exp.EQ(this=build.column(PERIOD, periods), expression=build.text(period)),
                build.whole(length),
            )
            for period, length in days
        )

    def _asked_periods(self, spines: Mapping[str, str]) -> str:
        """Return the step that lists the asked periods: a spine that has them all, else one of its own."""
        names = [period.name for period in self.plan.question.periods]
        for spine in self.plan.spines:
            if [stretch.period for stretch in spine.stretches] == names:
                return spines[spine.name]
        rows = [
            exp.Select().select(build.alias(build.text(name), PERIOD) if first else build.text(name))
            for first, name in ((position == 0, name) for position, name in enumerate(names))
        ]
        return self._add(Step(self._free("asked_periods"), tuple(rows), compact=True))

    def _slices(self, dimensions: tuple[str, ...]) -> str | None:
        if not dimensions:
            return None
        counted = dict.fromkeys(
            self._steps_of[count.scan] for value in self.plan.values for count in value.seen
        )
        selects = tuple(
            exp.Select().select(*(build.column(d, name) for d in dimensions)).from_(build.table([name]))
            for name in counted
        )
        if not selects:
            raise CannotCompile(self.dialect.name, "no KPI of the question has rows to slice")
        if len(selects) == 1:
            selects = (selects[0].distinct(),)
        return self._add(Step(self._free("asked_slices"), selects, distinct=True))

    # --- which rows count in which period

    def _spine(self, spine: Spine) -> str:
        rows = []
        for position, stretch in enumerate(spine.stretches):
            start = None if stretch.start is None else _bound(stretch.start, spine)
            values = [
                (build.text(stretch.period), PERIOD),
                (self._beginning(spine) if start is None else start, STARTS),
                (_bound(stretch.end, spine), ENDS),
            ]
            rows.append(
                exp.Select().select(
                    *(build.alias(node, name) if position == 0 else node for node, name in values)
                )
            )
        if not rows:
            never = [
                build.alias(build.text(""), PERIOD),
                build.alias(self._beginning(spine), STARTS),
                build.alias(self._beginning(spine), ENDS),
            ]
            rows.append(exp.Select().select(*never))
        return self._add(Step(self._free(spine.name), tuple(rows), compact=True))

    @staticmethod
    def _beginning(spine: Spine) -> exp.Expr:
        kind = {Clock.DAY: "DATE", Clock.WALL: "TIMESTAMP", Clock.INSTANT: "TIMESTAMPTZ"}[spine.clock]
        return build.cast(build.null(), kind)

    def _calendar(self, scan: Scan, spine: str) -> str:
        """Add the step that says which day (or hour, or moment) of the data falls in which period."""
        key = (scan.dataset, scan.time, scan.spine)
        if key in self._calendars:
            return self._calendars[key]
        planned = self._spines[scan.spine]
        source = _Source(self.plan, scan, self.dialect)
        moments = (
            source.from_clause([scan.time]).select(build.alias(source.bucket(planned), "moment")).distinct()
        )
        moments = moments.where(*source.bounds(planned))
        inside: exp.Expr | None = build.binary(
            exp.LT, build.column("moment", "moments"), build.column(ENDS, spine)
        )
        since: exp.Expr = build.binary(
            exp.GTE, build.column("moment", "moments"), build.column(STARTS, spine)
        )
        if any(stretch.start is None for stretch in planned.stretches):
            since = build.binary(
                exp.Or, exp.Is(this=build.column(STARTS, spine), expression=build.null()), since
            )
            since = build.bracketed(since)
        assert inside is not None
        select = (
            exp.Select()
            .select(build.column("moment", "moments"), build.column(PERIOD, spine))
            .from_(moments.subquery("moments"))
            .join(build.table([spine]), on=build.binary(exp.And, since, inside))
        )
        name = f"{scan.dataset}_calendar" if spine == "periods" else f"{scan.dataset}_calendar_{spine}"
        self._calendars[key] = self._add(Step(self._free(name), (select,)))
        return self._calendars[key]

    # --- one pass over a dataset

    def _scan(self, scan: Scan, spine: str) -> None:
        calendar = self._calendar(scan, spine)
        source = _Source(self.plan, scan, self.dialect)
        groups: list[tuple[exp.Expr, str]] = [
            (build.column(PERIOD, calendar), PERIOD),
            *((tree(node, source.leaf, self.dialect), self._labels[name]) for name, node in scan.dimensions),
        ]
        rows = source.dated_rows(calendar, self._spines[scan.spine])
        if scan.entity is None:
            self._measured(scan, scan.name, rows, groups, source.leaf)
            return
        entity = tree(scan.entity, source.leaf, self.dialect)
        first = rows.where(exp.Not(this=exp.Is(this=build.bracketed(entity), expression=build.null())))
        keys = [*groups, (entity, ENTITY)]
        select = first.select(*_named(keys)).select(
            *(
                build.alias(aggregate(part.aggregate, part.condition, source.leaf, self.dialect), part.name)
                for part in scan.parts
            )
        )
        step = self._add(
            Step(self._free(f"{scan.name}_each"), (select.group_by(*(node.copy() for node, _ in keys)),))
        )

        def part_leaf(node: Column | MeasureValue | DaysOf) -> exp.Expr:
            assert isinstance(node, MeasureValue)
            return build.column(node.measure, step)

        entities = exp.Select().from_(build.table([step]))
        names: list[tuple[exp.Expr, str]] = [(build.column(name, step), name) for _, name in groups]
        self._measured(scan, scan.name, entities, names, part_leaf)

    def _measured(
        self,
        scan: Scan,
        name: str,
        rows: exp.Select,
        groups: list[tuple[exp.Expr, str]],
        leaf: Callable[[Column | MeasureValue | DaysOf], exp.Expr],
    ) -> None:
        """Add the step that groups the rows, and one more for each percentile that has to be ranked."""
        plain = [m for m in scan.measures if not needs_ranking(m.aggregate, self.dialect)]
        columns = [
            build.alias(aggregate(m.aggregate, m.condition, leaf, self.dialect), m.name) for m in plain
        ]
        select = rows.copy().select(*_named(groups)).select(*columns)
        grouped = select.group_by(*(node.copy() for node, _ in groups))
        self._steps_of[name] = self._add(Step(self._free(name), (grouped,)))
        for measure in scan.measures:
            if needs_ranking(measure.aggregate, self.dialect):
                self._ranked[scan.name, measure.name] = self._rank(scan, measure, rows, groups, leaf)

    def _rank(
        self,
        scan: Scan,
        measure: PlannedMeasure,
        rows: exp.Select,
        groups: list[tuple[exp.Expr, str]],
        leaf: Callable[[Column | MeasureValue | DaysOf], exp.Expr],
    ) -> str:
        """Add the continuous percentile by rank: linear between the two values around it."""
        assert measure.aggregate.argument is not None
        value = build.double(tree(measure.aggregate.argument, leaf, self.dialect))
        conditions = [part for part in (measure.aggregate.condition, measure.condition) if part is not None]
        kept = rows.copy().where(
            exp.Not(this=exp.Is(this=build.bracketed(value.copy()), expression=build.null())),
            *(tree(part, leaf, self.dialect) for part in conditions),
        )
        keys = [node.copy() for node, _ in groups]
        ranked_rows = kept.select(*_named(groups)).select(
            build.alias(value.copy(), "ranked_value"),
            build.alias(
                exp.Window(
                    this=exp.RowNumber(),
                    partition_by=[key.copy() for key in keys],
                    order=exp.Order(expressions=[exp.Ordered(this=value.copy(), nulls_first=False)]),
                ),
                "ranked_at",
            ),
            build.alias(
                exp.Window(this=build.count_rows(), partition_by=[key.copy() for key in keys]), "ranked_of"
            ),
        )
        rank = self._add(Step(self._free(f"{measure.name}_ranked"), (ranked_rows,)))
        place = build.binary(
            exp.Mul,
            exp.Literal.number(format(fraction(measure.aggregate), "f")),
            build.binary(exp.Sub, build.column("ranked_of", rank), build.whole(1)),
        )
        distance = exp.Abs(
            this=build.binary(
                exp.Sub,
                build.binary(exp.Sub, build.column("ranked_at", rank), build.whole(1)),
                build.double(place),
            )
        )
        weight = build.binary(exp.Sub, build.whole(1), distance)
        near = build.when(
            [
                (
                    build.binary(exp.LT, distance.copy(), build.whole(1)),
                    build.binary(exp.Mul, build.column("ranked_value", rank), weight),
                )
            ],
        )
        names = [build.column(name, rank) for _, name in groups]
        select = (
            exp.Select()
            .select(*(node.copy() for node in names))
            .select(build.alias(exp.Sum(this=near), measure.name))
            .from_(build.table([rank]))
            .group_by(*names)
        )
        return self._add(Step(self._free(f"{measure.name}_percentile"), (select,)))

    # --- what must hold for the answer to be right

    def _proofs(self) -> str | None:
        if not self.plan.proofs:
            return None
        counts = [
            build.alias(self._broken(proof), f"broken_{number}")
            for number, proof in enumerate(self.plan.proofs, 1)
        ]
        return self._add(Step(self._free("proofs"), (exp.Select().select(*counts),)))

    def _broken(self, proof: Proof) -> exp.Expr:
        match proof:
            case UniqueKey(dataset=name, keys=keys):
                source = _Rows(self.plan.datasets, self.plan.tables, name, self.dialect)
                trees = [tree(key, source.leaf, self.dialect) for key in keys]
                groups = (
                    source.from_clause(())
                    .select(build.alias(build.count_rows(), "row_count"))
                    .where(
                        *(
                            exp.Not(this=exp.Is(this=build.bracketed(node.copy()), expression=build.null()))
                            for node in trees
                        )
                    )
                    .group_by(*trees)
                    .having(exp.GT(this=build.count_rows(), expression=build.whole(1)))
                )
                counted = exp.Select().select(build.count_rows()).from_(groups.subquery("twice"))
            case NoOrphans(dataset=name, relationship=relationship):
                source = _Rows(self.plan.datasets, self.plan.tables, name, self.dialect)
                _, there = self.plan.datasets[name].relationships[relationship].keys[0]
                path = (relationship,)
                partner = source.tree_at(there, path)
                counted = (
                    source.from_clause([path])
                    .select(build.count_rows())
                    .where(exp.Is(this=build.bracketed(partner), expression=build.null()))
                )
        return counted.subquery()


def _labels(plan: Plan) -> dict[str, str]:
    """Return the column of each dimension asked: its name, unless an engine or another column forbids it."""
    taken = {PERIOD, ENTITY, *(value.kpi for value in plan.values)}
    taken |= {measure.name for scan in plan.scans for measure in (*scan.measures, *scan.parts)}
    labels: dict[str, str] = {}
    for dimension in plan.question.by:
        label = dimension.replace(".", "__")
        while label in taken:
            label = f"{label}_slice"
        taken.add(label)
        labels[dimension] = label
    return labels


def _named(groups: list[tuple[exp.Expr, str]]) -> list[exp.Expr]:
    return [
        node.copy() if isinstance(node, exp.Column) and node.name == name else build.alias(node.copy(), name)
        for node, name in groups
    ]


def _bound(bound: Bound, spine: Spine) -> exp.Expr:
    if isinstance(bound, datetime):
        return build.instant(bound) if spine.clock is Clock.INSTANT else build.wall_clock(bound)
    return build.day(bound)


class _Rows:
    """The rows of a dataset with the many-to-one partners that are asked for."""

    def __init__(
        self,
        datasets: Mapping[str, Dataset],
        tables: Mapping[str, tuple[str, ...]],
        dataset: str,
        dialect: Dialect,
    ) -> None:
        self.datasets = datasets
        self.tables = tables
        self.dataset = datasets[dataset]
        self.dialect = dialect

    def leaf(self, node: Column | MeasureValue | DaysOf) -> exp.Expr:
        assert isinstance(node, Column)
        return build.column(node.column, self._alias(node.path), exact=self._exact(node))

    def _alias(self, path: tuple[str, ...]) -> str:
        """Return the alias of what a path leads to; the dataset itself has its own name."""
        return self.dataset.name if not path else "__".join((self.dataset.name, *path))

    def _at(self, path: tuple[str, ...]) -> Dataset:
        holder = self.dataset
        for step in path:
            holder = self.datasets[holder.relationships[step].to]
        return holder

    def _exact(self, node: Column) -> bool:
        return self._at(node.path).quoted

    def tree_at(self, node: Expression, base: tuple[str, ...]) -> exp.Expr:
        """Return the tree of an expression over what a path leads to."""

        def leaf(part: Column | MeasureValue | DaysOf) -> exp.Expr:
            assert isinstance(part, Column)
            return self.leaf(Column((*base, *part.path), part.column, part.type, part.zone))

        return tree(node, leaf, self.dialect)

    def table(self, dataset: Dataset, alias: str) -> exp.Table:
        known = self.tables.get(dataset.name)
        if known is not None:
            return build.table(known, alias)
        parts = (dataset.name,) if dataset.is_file else tuple(dataset.source.split("."))
        return build.table(parts, alias, exact=dataset.quoted)

    def from_clause(self, paths: Sequence[tuple[str, ...]]) -> exp.Select:
        select = exp.Select().from_(self.table(self.dataset, self._alias(())))
        for path in paths:
            holder = self._at(path[:-1])
            relationship = holder.relationships[path[-1]]
            on = build.all_of(
                build.binary(exp.EQ, self.tree_at(here, path[:-1]), self.tree_at(there, path))
                for here, there in relationship.keys
            )
            select = select.join(self.table(self._at(path), self._alias(path)), on=on, join_type="left")
        return select


class _Source(_Rows):
    """The rows of a scan."""

    def __init__(self, plan: Plan, scan: Scan, dialect: Dialect) -> None:
        super().__init__(plan.datasets, plan.tables, scan.dataset, dialect)
        self.scan = scan

    def from_clause(self, nodes: "list[Expression]") -> exp.Select:  # type: ignore[override]
        """Return the rows with the partners that the expressions reach."""
        return super().from_clause(_paths(nodes))

    def time(self) -> exp.Expr:
        return tree(self.scan.time, self.leaf, self.dialect)

    def bucket(self, spine: Spine) -> exp.Expr:
        """Return the step of time by which rows find their period."""
        match spine.bucket:
            case Bucket.DAY:
                return build.cast(self.time(), "DATE") if not self._is_day(spine) else self.time()
            case Bucket.HOUR:
                return exp.TimestampTrunc(this=self.time(), unit=exp.Var(this="HOUR"))
            case Bucket.NONE:
                return self.time()

    def _is_day(self, spine: Spine) -> bool:
        return not spine.stamped and isinstance(self.scan.time, Column) and self.scan.time.type is Type.DATE

    def bounds(self, spine: Spine) -> list[exp.Expr]:
        """Return the conditions on the raw time that all stretches share, so that engines skip the rest."""
        if not spine.stretches:
            return []
        starts = [stretch.start for stretch in spine.stretches]
        last = max(stretch.end for stretch in spine.stretches)
        below = build.binary(exp.LT, self.time(), _raw_bound(last, spine))
        if any(start is None for start in starts):
            return [below]
        earliest = min(start for start in starts if start is not None)
        return [build.binary(exp.GTE, self.time(), _raw_bound(earliest, spine)), below]

    def dated_rows(self, calendar: str, spine: Spine) -> exp.Select:
        """Return the rows of the scan, each joined to the periods in which it counts."""
        nodes = [
            self.scan.time,
            *(node for _, node in self.scan.dimensions),
            *(node for node in (self.scan.where, self.scan.entity) if node is not None),
        ]
        for measure in (*self.scan.measures, *self.scan.parts):
            nodes.append(measure.aggregate)
            if measure.condition is not None:
                nodes.append(measure.condition)
        select = self.from_clause(nodes).join(
            build.table([calendar]),
            on=build.binary(exp.EQ, self.bucket(spine), build.column("moment", calendar)),
        )
        conditions = self.bounds(spine)
        if self.scan.where is not None:
            kept = tree(self.scan.where, self.leaf, self.dialect)
            conditions += kept.flatten() if isinstance(kept, exp.And) else [kept]
        return select.where(*conditions)


def _raw_bound(bound: Bound, spine: Spine) -> exp.Expr:
    """Return a bound in the type of the column itself, so that no index or partition is lost to a cast."""
    if not isinstance(bound, datetime) and spine.stamped:
        return build.wall_clock(datetime(bound.year, bound.month, bound.day))
    return _bound(bound, spine)


def _paths(nodes: list[Expression]) -> tuple[tuple[str, ...], ...]:
    """Return every relationship path that the expressions walk, each after the paths that lead to it."""
    found: dict[tuple[str, ...], None] = {}
    for node in nodes:
        for part in walk(node):
            if isinstance(part, Column):
                for length in range(1, len(part.path) + 1):
                    found[part.path[:length]] = None
    return tuple(sorted(found, key=len))
