"""Funnels: the first row of each entity in a period, and the rows of the other steps that follow it."""

from sqlglot import exp

from kpiascode.compile import build
from kpiascode.compile.expressions import LeafNode, tree
from kpiascode.compile.rows import Rows
from kpiascode.compile.scans import Scans
from kpiascode.compile.writer import ENTITY, MOMENT, PERIOD, Placed, Writer
from kpiascode.model.expression import Expression, MeasureValue, Moved
from kpiascode.model.plan import FunnelScan, Scan
from kpiascode.model.project import FunnelStep

PLACE = "place_in_period"
PICKED = "is_picked"


def write_funnel(funnel: FunnelScan, scans: Scans, writer: Writer) -> None:
    """Add the steps of a funnel, one for each of its own and one that counts."""
    dimensions = [writer.labels[name] for name, _ in funnel.dimensions]
    step = _first(funnel, scans, writer, dimensions)
    for number, following in enumerate(funnel.steps[1:], 2):
        step = _next(funnel, following, number, step, writer, dimensions)
    groups = [build.column(name, step) for name in (PERIOD, *dimensions)]
    counts = [
        build.alias(exp.Count(this=build.column(_reached(number), step)), _counted(number))
        for number in range(1, len(funnel.steps) + 1)
    ]
    counted = exp.Select().select(*groups, *counts).from_(build.table([step]))
    name = writer.steps.add(funnel.name, counted.group_by(*(group.copy() for group in groups)))
    for number in range(1, len(funnel.steps) + 1):
        writer.columns[funnel.name, _counted(number)] = Placed(name, _counted(number), tuple(dimensions))


def columns_of(funnel: FunnelScan) -> tuple[str, ...]:
    """Return the columns that the steps of a funnel have beside its dimensions."""
    numbers = range(1, len(funnel.steps) + 1)
    return (PLACE, PICKED, *map(_reached, numbers), *map(_counted, numbers))


def _reached(number: int) -> str:
    return f"reached_{number}"


def _counted(number: int) -> str:
    return f"step_{number}"


def _first(funnel: FunnelScan, scans: Scans, writer: Writer, dimensions: list[str]) -> str:
    """Add the first row of each entity in each period, where it is of the slices that are asked."""
    first = funnel.steps[0]
    nodes = [first.time, first.entity, *funnel.order, *(node for _, node in funnel.dimensions)]
    nodes += [node for node in (first.where, funnel.where) if node is not None]
    rows, period, source = scans.dated(
        Scan(
            name=funnel.name,
            dataset=funnel.dataset,
            time=funnel.time,
            spine=funnel.spine,
            dimensions=(),
            where=first.where,
            measures=(),
            entity=first.entity,
        ),
        nodes,
    )
    entity, moment = source.tree(first.entity), source.tree(first.time)
    order = [exp.Ordered(this=source.tree(node), nulls_first=False) for node in (first.time, *funnel.order)]
    place = exp.Window(
        this=exp.RowNumber(),
        partition_by=[period.copy(), entity.copy()],
        order=exp.Order(expressions=order),
    )
    columns = [
        period,
        build.alias(entity, ENTITY),
        *(build.alias(source.tree(node), writer.labels[name]) for name, node in funnel.dimensions),
        build.alias(moment, _reached(1)),
        build.alias(place, PLACE),
    ]
    kept = [exp.EQ(this=build.column(PLACE, "ranked"), expression=build.whole(1))]
    if funnel.where is not None:
        picked = build.when([(source.tree(funnel.where), build.whole(1))], build.whole(0))
        columns.append(build.alias(picked, PICKED))
        kept.append(exp.EQ(this=build.column(PICKED, "ranked"), expression=build.whole(1)))
    ranked = rows.select(*columns)
    names = (PERIOD, ENTITY, *dimensions, _reached(1))
    select = (
        exp.Select()
        .select(*(build.column(name, "ranked") for name in names))
        .from_(ranked.subquery("ranked"))
        .where(*kept)
    )
    return writer.steps.add(f"{funnel.name}_step_1", select)


def _next(
    funnel: FunnelScan, step: FunnelStep, number: int, before: str, writer: Writer, dimensions: list[str]
) -> str:
    """Add the earliest row of a step that follows the one before, in time."""
    source = writer.rows(step.dataset)
    rows = _rows_of(step, source)
    start, last = build.column(_reached(1), before), build.column(_reached(number - 1), before)
    moment = build.column(MOMENT, "next_rows")
    on = build.all_of(
        [
            build.binary(exp.EQ, build.column(ENTITY, "next_rows"), build.column(ENTITY, before)),
            build.binary(exp.GTE, moment, last),
            build.binary(exp.LT, moment.copy(), _moved(start, funnel, writer)),
        ]
    )
    groups = [
        build.column(name, before)
        for name in (PERIOD, ENTITY, *dimensions, *(_reached(n) for n in range(1, number)))
    ]
    select = (
        exp.Select()
        .select(*groups, build.alias(exp.Min(this=moment.copy()), _reached(number)))
        .from_(build.table([before]))
        .join(rows.subquery("next_rows"), on=on, join_type="left")
        .group_by(*(group.copy() for group in groups))
    )
    return writer.steps.add(f"{funnel.name}_step_{number}", select)


def _rows_of(step: FunnelStep, source: Rows) -> exp.Select:
    nodes: list[Expression] = [step.time, step.entity]
    entity = source.tree(step.entity)
    conditions = [build.not_null(entity)]
    if step.where is not None:
        nodes.append(step.where)
        conditions.append(source.tree(step.where))
    columns = [build.alias(entity.copy(), ENTITY), build.alias(source.tree(step.time), MOMENT)]
    return source.from_clause(nodes).select(*columns).where(*conditions)


def _moved(start: exp.Expr, funnel: FunnelScan, writer: Writer) -> exp.Expr:
    def leaf(node: LeafNode) -> exp.Expr:
        assert isinstance(node, MeasureValue)
        return start

    return tree(Moved(MeasureValue("", ""), funnel.within, funnel.by_day), leaf, writer.dialect)
