"""From a plan to the text of one query: named steps that read from top to bottom."""

from collections.abc import Iterable, Mapping, Sequence

from sqlglot import exp
from sqlglot.errors import SqlglotError

from kpiascode.compile import build
from kpiascode.compile.dialects import DIALECTS
from kpiascode.compile.expressions import Leaf, LeafNode, tree
from kpiascode.compile.funnels import columns_of, write_funnel
from kpiascode.compile.proofs import proof_column, write_proofs
from kpiascode.compile.refusal import CannotCompile
from kpiascode.compile.rollups import RollUps
from kpiascode.compile.rows import DatedRows, raw_bound
from kpiascode.compile.scans import RANKED, Scans
from kpiascode.compile.steps import Steps, printed
from kpiascode.compile.writer import ENTITY, PARENT, PERIOD, Placed, Writer, literal_rows
from kpiascode.model.catalog import Catalog
from kpiascode.model.expression import Column, DaysOf, Expression, InPeriods, MeasureValue, walk
from kpiascode.model.plan import Clock, Level, Mean, Plan, Query, Spine
from kpiascode.model.project import Dataset

UNIT_VALUE = "unit_value"


def compile_plan(plan: Plan, dialect: str) -> Query:
    """Return the plan as one query in a dialect.

    Raises:
        CannotCompile: where the dialect has no exact form for something in the plan.
    """
    writer = Writer(plan, DIALECTS[dialect], Steps(plan.datasets), _labels(plan))
    try:
        final = _Assembly(writer).final()
        text = writer.steps.text(final, DIALECTS[dialect])
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
    dated_by: Expression,
    datasets: Mapping[str, Dataset],
    catalog: Catalog,
    until: Spine,
    dialect: str,
    zone: str,
) -> str:
    """Return SQL for the newest time of a dataset, how many rows have one, and its oldest, in a stretch.

    Instants come as the wall clock of `zone`, other times as they are.
    """
    rows = DatedRows(datasets, catalog.names, dataset.name, DIALECTS[dialect], dated_by)
    newest: exp.Expr = exp.Max(this=rows.time())
    oldest: exp.Expr = exp.Min(this=rows.time())
    if until.clock is Clock.INSTANT:
        newest, oldest = (DIALECTS[dialect].local(one, None, zone) for one in (newest, oldest))
    select = (
        rows.from_clause([dated_by])
        .select(
            build.alias(newest, "newest"),
            build.alias(exp.Count(this=rows.time()), "dated"),
            build.alias(oldest, "oldest"),
        )
        .where(build.binary(exp.LT, rows.time(), raw_bound(until.stretches[0].end, until)))
    )
    return printed(select, DIALECTS[dialect])


class _Assembly:
    """Puts values side by side: for each period and slice, what the scans and the means give."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.plan = writer.plan
        self._levels: dict[str, str] = {}
        self._slice_steps: dict[tuple[str, ...], str] = {}

    def final(self) -> exp.Select:
        """Add every step and return the select that reads them."""
        writer, plan = self.writer, self.plan
        scans = Scans(writer)
        for spine in plan.spines:
            writer.spine_step(spine.name)
        asked = self._level(plan.levels[0])
        for scan in plan.scans:
            scans.write(scan)
        rollups = RollUps(writer)
        for rollup in plan.rollups:
            rollups.write(rollup)
        for funnel in plan.funnels:
            write_funnel(funnel, scans, writer)
        proofs = write_proofs(plan.proofs, scans, writer)
        for mean in plan.means:
            self._mean(mean)
        dimensions = tuple(writer.labels.values())
        select, slices = self._assembled(asked, dimensions, [value.expression for value in plan.values])
        if proofs is not None:
            select = select.join(build.table([proofs]), join_type="cross")
        keys = [build.column(PERIOD, asked)]
        if slices is not None:
            keys += [build.column(dimension, slices) for dimension in dimensions]
        leaf = self._leaf(plan.levels[0])
        columns = [
            *keys,
            *(build.alias(tree(value.expression, leaf, writer.dialect), value.kpi) for value in plan.values),
            *(
                build.column(_seen(value.kpi), slices)
                for value in plan.values
                if value.seen and slices is not None
            ),
            *(
                build.column(proof_column(number), proofs)
                for number, _ in enumerate(plan.proofs, 1)
                if proofs is not None
            ),
        ]
        return select.select(*columns).order_by(*(exp.Ordered(this=node.copy()) for node in keys))

    def _assembled(
        self, level: str, dimensions: tuple[str, ...], expressions: Iterable[Expression]
    ) -> tuple[exp.Select, str | None]:
        """Return every period of a level and slice with the steps that the expressions read joined to it."""
        select = exp.Select().from_(build.table([level]))
        slices = self._slices(dimensions)
        if slices is not None:
            # Not a cross join: without any slice there still is a row that carries the proofs.
            always = exp.EQ(this=build.whole(1), expression=build.whole(1))
            select = select.join(build.table([slices]), on=always, join_type="left")
        joined: dict[str, tuple[str, ...]] = {}
        for expression in expressions:
            for node in walk(expression):
                if isinstance(node, MeasureValue):
                    column = self.writer.columns[node.scan, node.measure]
                    joined.setdefault(column.step, column.dimensions)
        for step, own in joined.items():
            on: list[exp.Expr] = [
                exp.EQ(this=build.column(PERIOD, step), expression=build.column(PERIOD, level))
            ]
            if slices is not None:
                on += [build.same(build.column(name, step), build.column(name, slices)) for name in own]
            select = select.join(build.table([step]), on=build.all_of(on), join_type="left")
        return select, slices

    def _mean(self, mean: Mean) -> None:
        """Add the step that takes the mean over units, after that which has the value of each."""
        writer = self.writer
        units_of = next(level for level in self.plan.levels if level.name == mean.level)
        level = self._level(units_of)
        dimensions = tuple(writer.labels[name] for name in mean.dimensions)
        select, slices = self._assembled(level, dimensions, [mean.expression])
        value = tree(mean.expression, self._leaf(units_of), writer.dialect)
        units = select.select(
            build.alias(build.column(PARENT, level), PERIOD),
            *(build.column(name, slices) for name in dimensions if slices is not None),
            build.alias(value, UNIT_VALUE),
        )
        each = build.column(UNIT_VALUE, "units")
        groups = [build.column(name, "units") for name in (PERIOD, *dimensions)]
        average = build.ratio(exp.Sum(this=each), exp.Count(this=each.copy()))
        averaged = (
            exp.Select()
            .select(*groups, build.alias(average, "mean"))
            .from_(units.subquery("units"))
            .group_by(*(group.copy() for group in groups))
        )
        step = writer.steps.add(mean.name, averaged)
        writer.columns[mean.name, "mean"] = Placed(step, "mean", dimensions)

    def _level(self, level: Level) -> str:
        """Return the step that lists the periods of a level: a spine of just them, or one of its own."""
        if level.name in self._levels:
            return self._levels[level.name]
        names = [unit for unit, _ in level.units]
        if level is self.plan.levels[0]:
            for spine in self.plan.spines:
                if [stretch.period for stretch in spine.stretches] == names:
                    self._levels[level.name] = self.writer.spine_step(spine.name)
                    return self._levels[level.name]
            rows = literal_rows((PERIOD,), [(build.text(name),) for name in names])
            step = self.writer.steps.add("asked_periods", rows)
        else:
            units = [(build.text(unit), build.text(parent)) for unit, parent in level.units]
            units = units or [(build.text(""), build.text(""))]
            rows = literal_rows((PERIOD, PARENT), units)
            step = self.writer.steps.add(f"units_of_{level.name}", rows)
        self._levels[level.name] = step
        return step

    # --- slices

    def _slices(self, dimensions: tuple[str, ...]) -> str | None:
        """Return the step with every combination that any KPI has seen."""
        if not dimensions:
            return None
        if dimensions not in self._slice_steps:
            everything = tuple(self.writer.labels.values())
            if dimensions == everything:
                self._slice_steps[dimensions] = self._all_slices(everything)
            else:
                whole = self._slices(everything)
                assert whole is not None
                some = exp.Select().select(*(build.column(name, whole) for name in dimensions))
                step = self.writer.steps.add("some_slices", some.from_(build.table([whole])).distinct())
                self._slice_steps[dimensions] = step
        return self._slice_steps[dimensions]

    def _all_slices(self, dimensions: tuple[str, ...]) -> str:
        """Add every combination that any KPI has seen in any period, with which KPI it was."""
        counted: dict[str, list[tuple[str, exp.Expr]]] = {}
        kpis = [value.kpi for value in self.plan.values if value.seen]
        for value in self.plan.values:
            for count in value.seen:
                column = self.writer.columns[count.scan, count.measure]
                there = exp.GT(this=build.column(column.name, column.step), expression=build.whole(0))
                counted.setdefault(column.step, []).append((value.kpi, there))
        if not counted:
            raise CannotCompile(self.writer.dialect.name, "no KPI of the question has rows to slice")
        selects = [_flagged(step, dimensions, kpis, seen) for step, seen in counted.items()]
        if len(selects) > 1:
            step = self.writer.steps.add("seen_slices", *selects)
            flags = [(kpi, build.column(_seen(kpi), step)) for kpi in kpis]
            selects = [_largest(step, dimensions, flags)]
        return self.writer.steps.add("asked_slices", *selects)

    # --- what stands in an expression over measures

    def _leaf(self, level: Level) -> Leaf:
        period = build.column(PERIOD, self._level(level))

        def leaf(node: LeafNode) -> exp.Expr:
            match node:
                case MeasureValue(scan, measure, counts):
                    column = self.writer.columns[scan, measure]
                    found: exp.Expr = build.column(column.name, column.step)
                    if counts:
                        found = exp.Coalesce(this=found, expressions=[build.whole(0)])
                    return found
                case DaysOf(days):
                    return self._days(days, period, len(level.units))
                case InPeriods(()):
                    return exp.Boolean(this=False)
                case InPeriods(periods):
                    return _among(period, periods)
                case Column():
                    raise AssertionError("columns stay inside scans")

        return leaf

    def _days(self, days: tuple[tuple[str, int], ...], period: exp.Column, periods: int) -> exp.Expr:
        lengths = {length for _, length in days}
        if len(lengths) == 1 and len(days) == periods:
            return build.whole(lengths.pop())
        if not days:
            return build.null()
        return build.when(
            (exp.EQ(this=period.copy(), expression=build.text(name)), build.whole(length))
            for name, length in days
        )


def _seen(kpi: str) -> str:
    return f"{kpi}__seen"


def _flagged(
    step: str, dimensions: Sequence[str], kpis: Sequence[str], seen: Sequence[tuple[str, exp.Expr]]
) -> exp.Select:
    """Return the slices of a step, each with 1 for every KPI that has seen rows of it there, else 0."""
    flags = []
    for kpi in kpis:
        conditions = [condition for name, condition in seen if name == kpi]
        flag: exp.Expr = build.whole(0)
        if conditions:
            whole = conditions[0]
            for other in conditions[1:]:
                whole = build.binary(exp.Or, whole, other)
            flag = build.when([(whole, build.whole(1))], flag)
        flags.append((kpi, flag))
    return _largest(step, dimensions, flags)


def _largest(step: str, dimensions: Sequence[str], flags: Sequence[tuple[str, exp.Expr]]) -> exp.Select:
    columns = [build.column(name, step) for name in dimensions]
    return (
        exp.Select()
        .select(*columns, *(build.alias(exp.Max(this=flag), _seen(kpi)) for kpi, flag in flags))
        .from_(build.table([step]))
        .group_by(*(column.copy() for column in columns))
    )


def _among(period: exp.Column, names: Sequence[str]) -> exp.Expr:
    return exp.In(this=period.copy(), expressions=[build.text(name) for name in names])


def _labels(plan: Plan) -> dict[str, str]:
    """Return the column of each dimension asked: its name, unless an engine or another column forbids it."""
    taken = {PERIOD, PARENT, UNIT_VALUE, "mean", ENTITY, *RANKED}
    taken |= {column for value in plan.values for column in (value.kpi, _seen(value.kpi))}
    taken |= {proof_column(number) for number, _ in enumerate(plan.proofs, 1)}
    taken |= {column for funnel in plan.funnels for column in columns_of(funnel)}
    taken |= {measure.name for scan in plan.scans for measure in (*scan.measures, *scan.parts)}
    labels: dict[str, str] = {}
    for dimension in plan.question.by:
        label = dimension.replace(".", "__")
        while label in taken:
            label = f"{label}_slice"
        taken.add(label)
        labels[dimension] = label
    return labels
