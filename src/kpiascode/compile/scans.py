"""Scans: the rows of a dataset joined to the periods in which they count, and aggregated."""

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias, assert_never

from sqlglot import exp

from kpiascode.compile import build
from kpiascode.compile.expressions import LeafNode, aggregate, fraction, needs_ranking, tree
from kpiascode.compile.rows import DatedRows
from kpiascode.compile.writer import ENDS, ENTITY, MOMENT, PERIOD, STARTS, Placed, Writer, named
from kpiascode.model.expression import Expression, MeasureValue
from kpiascode.model.plan import (
    Bucket,
    Choice,
    Clock,
    EveryRow,
    HoldingAtEnd,
    LastOfEach,
    LastTime,
    PlannedMeasure,
    Scan,
    Spine,
    choosing,
    taken,
)

Groups: TypeAlias = list[tuple[exp.Expr, str]]
LAST_KEY = "last_key"
COPIES = "copies"
RANKED: Final = ("ranked_value", "ranked_at", "ranked_of")


class Scans:
    """Writes scans; steps that several of them share are written once."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self._calendars: dict[tuple[str, Expression, str, Choice], str] = {}
        self._moments: dict[tuple[str, Expression, str, Choice], str] = {}

    def dated(self, scan: Scan, nodes: Sequence[Expression]) -> tuple[exp.Select, exp.Column, DatedRows]:
        """Return the rows that a scan asks for, each joined to its periods, and the column of the period.

        Args:
            nodes: What is going to be read of the rows beside what chooses them.
        """
        source = self.writer.dated(scan.dataset, scan.time)
        rows, period, conditions = self._chosen(scan, source, [*choosing(scan), *nodes])
        if scan.where is not None:
            kept = source.tree(scan.where)
            conditions += kept.flatten() if isinstance(kept, exp.And) else [kept]
        if scan.entity is not None:
            conditions.append(build.not_null(source.tree(scan.entity)))
        return rows.where(*conditions), period, source

    def write(self, scan: Scan) -> None:
        self.writer.measured.add(scan.name)
        rows, period, source = self.dated(scan, taken(scan))
        groups: Groups = [
            (period, PERIOD),
            *((source.tree(node), self.writer.labels.get(name, name)) for name, node in scan.dimensions),
        ]
        if scan.entity is None:
            self._measured(scan, rows, groups, source.leaf)
            return
        entity = source.tree(scan.entity)
        keys = [*groups, (entity, ENTITY)]
        select = rows.select(*named(keys)).select(
            *(
                build.alias(
                    aggregate(part.aggregate, part.condition, source.leaf, self.writer.dialect), part.name
                )
                for part in scan.parts
            )
        )
        step = self.writer.steps.add(f"{scan.name}_each", select.group_by(*(node.copy() for node, _ in keys)))

        def part_leaf(node: LeafNode) -> exp.Expr:
            assert isinstance(node, MeasureValue)
            return build.column(node.measure, step)

        entities = exp.Select().from_(build.table([step]))
        names: Groups = [(build.column(name, step), name) for _, name in groups]
        self._measured(scan, entities, names, part_leaf)

    def copies(self, scan: Scan) -> tuple[str, str]:
        """Return the steps with the last moment of each key, and with how many rows each moment has."""
        assert isinstance(scan.choice, LastOfEach)
        key = (scan.dataset, scan.time, scan.spine, scan.choice)
        return self._calendars[key], self._moments[key]

    # --- which rows count in which period

    def _chosen(
        self, scan: Scan, source: DatedRows, nodes: Sequence[Expression]
    ) -> tuple[exp.Select, exp.Column, list[exp.Expr]]:
        """Return the rows, each joined to its periods, the column of the period, and what bounds them."""
        spine = self.writer.spine(scan.spine)
        rows = source.from_clause(nodes)
        match scan.choice:
            case EveryRow():
                calendar = self._calendar(scan, source, spine)
                on = build.binary(exp.EQ, source.bucket(spine), build.column(MOMENT, calendar))
                bounds = [*source.since(spine), *source.before(spine)]
            case LastTime():
                calendar = self._calendar(scan, source, spine)
                on = build.binary(exp.EQ, source.time(), build.column(MOMENT, calendar))
                bounds = [*source.since(spine), *source.before(spine)]
            case LastOfEach(key):
                calendar = self._last_of_each(scan, source, spine)
                on = build.binary(
                    exp.And,
                    build.binary(exp.EQ, source.time(), build.column(MOMENT, calendar)),
                    build.binary(exp.EQ, source.tree(key), build.column(LAST_KEY, calendar)),
                )
                bounds = source.before(spine)
            case HoldingAtEnd(until):
                calendar = self.writer.spine_step(scan.spine)
                ends = _raw_column(ENDS, calendar, spine)
                until_end = source.tree(until)
                holds = build.binary(
                    exp.Or, build.is_null(until_end), build.binary(exp.GTE, until_end.copy(), ends.copy())
                )
                begun = build.binary(exp.LT, source.time(), ends)
                on = build.binary(exp.And, begun, build.bracketed(holds))
                bounds = source.before(spine)
            case _:
                assert_never(scan.choice)
        return rows.join(build.table([calendar]), on=on), build.column(PERIOD, calendar), bounds

    def _calendar(self, scan: Scan, source: DatedRows, spine: Spine) -> str:
        """Add the step that says which day (or hour, or moment) of the data falls in which period.

        For balances only the last one of each period is kept.
        """
        last = isinstance(scan.choice, LastTime)
        key = (scan.dataset, scan.time, scan.spine, scan.choice)
        if key in self._calendars:
            return self._calendars[key]
        table = self.writer.spine_step(scan.spine)
        raw = last or spine.bucket is Bucket.NONE
        moments = (
            source.from_clause([scan.time])
            .select(build.alias(source.time() if last else source.bucket(spine), MOMENT))
            .distinct()
            .where(*source.since(spine), *source.before(spine))
        )
        moment = build.column(MOMENT, "moments")
        limits = [
            _raw_column(name, table, spine) if raw else build.column(name, table) for name in (STARTS, ENDS)
        ]
        since = build.binary(exp.GTE, moment, limits[0])
        if any(stretch.start is None for stretch in spine.stretches):
            since = build.bracketed(build.binary(exp.Or, build.is_null(build.column(STARTS, table)), since))
        inside = build.binary(exp.And, since, build.binary(exp.LT, moment.copy(), limits[1]))
        period = build.column(PERIOD, table)
        select = (
            exp.Select()
            .select(build.alias(exp.Max(this=moment.copy()), MOMENT) if last else moment.copy(), period)
            .from_(moments.subquery("moments"))
            .join(build.table([table]), on=inside)
        )
        if last:
            select = select.group_by(period.copy())
        name = f"{scan.dataset}_{'closing' if last else 'calendar'}"
        name = name if scan.spine == "periods" else f"{name}_{scan.spine}"
        self._calendars[key] = self.writer.steps.add(name, select)
        return self._calendars[key]

    def _last_of_each(self, scan: Scan, source: DatedRows, spine: Spine) -> str:
        """Add the steps with the last moment of each key before the end of each period."""
        key = (scan.dataset, scan.time, scan.spine, scan.choice)
        if key in self._calendars:
            return self._calendars[key]
        assert isinstance(scan.choice, LastOfEach)
        table = self.writer.spine_step(scan.spine)
        entity, time = source.tree(scan.choice.key), source.time()
        moments = (
            source.from_clause([scan.time, scan.choice.key])
            .select(
                build.alias(entity, LAST_KEY),
                build.alias(time, MOMENT),
                build.alias(build.count_rows(), COPIES),
            )
            .where(build.not_null(entity.copy()), *source.before(spine))
            .group_by(entity.copy(), time.copy())
        )
        suffix = "" if scan.spine == "periods" else f"_{scan.spine}"
        held = self.writer.steps.add(f"{scan.dataset}_moments{suffix}", moments)
        groups = [build.column(PERIOD, table), build.column(LAST_KEY, held)]
        last = (
            exp.Select()
            .select(*groups, build.alias(exp.Max(this=build.column(MOMENT, held)), MOMENT))
            .from_(build.table([held]))
            .join(
                build.table([table]),
                on=build.binary(exp.LT, build.column(MOMENT, held), _raw_column(ENDS, table, spine)),
            )
            .group_by(*(group.copy() for group in groups))
        )
        self._moments[key] = held
        self._calendars[key] = self.writer.steps.add(f"{scan.dataset}_last{suffix}", last)
        return self._calendars[key]

    # --- aggregates

    def _measured(
        self, scan: Scan, rows: exp.Select, groups: Groups, leaf: Callable[[LeafNode], exp.Expr]
    ) -> None:
        """Add the step that groups the rows, and one more for each percentile that has to be ranked."""
        writer = self.writer
        plain = [m for m in scan.measures if not needs_ranking(m.aggregate, writer.dialect)]
        columns = [
            build.alias(aggregate(m.aggregate, m.condition, leaf, writer.dialect), m.name) for m in plain
        ]
        select = rows.copy().select(*named(groups)).select(*columns)
        step = writer.steps.add(scan.name, select.group_by(*(node.copy() for node, _ in groups)))
        dimensions = tuple(name for _, name in groups[1:])
        for measure in scan.measures:
            ranked = needs_ranking(measure.aggregate, writer.dialect)
            own = self._rank(measure, rows, groups, leaf) if ranked else step
            writer.columns[scan.name, measure.name] = Placed(own, measure.name, dimensions)

    def _rank(
        self,
        measure: PlannedMeasure,
        rows: exp.Select,
        groups: Groups,
        leaf: Callable[[LeafNode], exp.Expr],
    ) -> str:
        """Add the continuous percentile by rank: linear between the two values around it."""
        dialect = self.writer.dialect
        ranked_value, ranked_at, ranked_of = RANKED
        assert measure.aggregate.argument is not None
        value = build.double(tree(measure.aggregate.argument, leaf, dialect))
        conditions = [part for part in (measure.aggregate.condition, measure.condition) if part is not None]
        kept = rows.copy().where(
            build.not_null(value.copy()), *(tree(part, leaf, dialect) for part in conditions)
        )
        keys = [node.copy() for node, _ in groups]
        ranked_rows = kept.select(*named(groups)).select(
            build.alias(value.copy(), ranked_value),
            build.alias(
                exp.Window(
                    this=exp.RowNumber(),
                    partition_by=[key.copy() for key in keys],
                    order=exp.Order(expressions=[exp.Ordered(this=value.copy(), nulls_first=False)]),
                ),
                ranked_at,
            ),
            build.alias(
                exp.Window(this=build.count_rows(), partition_by=[key.copy() for key in keys]), ranked_of
            ),
        )
        rank = self.writer.steps.add(f"{measure.name}_ranked", ranked_rows)
        place = build.binary(
            exp.Mul,
            exp.Literal.number(format(fraction(measure.aggregate), "f")),
            build.binary(exp.Sub, build.column(ranked_of, rank), build.whole(1)),
        )
        distance = exp.Abs(
            this=build.binary(
                exp.Sub,
                build.binary(exp.Sub, build.column(ranked_at, rank), build.whole(1)),
                build.double(place),
            )
        )
        weight = build.binary(exp.Sub, build.whole(1), distance)
        near = build.when(
            [
                (
                    build.binary(exp.LT, distance.copy(), build.whole(1)),
                    build.binary(exp.Mul, build.column(ranked_value, rank), weight),
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
        return self.writer.steps.add(f"{measure.name}_percentile", select)


def _raw_column(name: str, table: str, spine: Spine) -> exp.Expr:
    """Return a bound of the spine's table in the type of the dated column itself."""
    column = build.column(name, table)
    return build.cast(column, "TIMESTAMP") if spine.stamped and spine.clock is Clock.DAY else column
