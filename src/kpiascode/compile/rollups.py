"""Roll-ups: measures made of what one scan has read for several of them."""

from sqlglot import exp

from kpiascode.compile import build
from kpiascode.compile.expressions import LeafNode, aggregate
from kpiascode.compile.writer import ENDS, PERIOD, STARTS, Placed, Writer, named
from kpiascode.model.expression import Aggregate, MeasureValue
from kpiascode.model.plan import RolledMeasure, RollUp

SEGMENT = "segment_name"


class RollUps:
    """Writes roll-ups; the steps that say of which segments a period is made are written once."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self._maps: dict[tuple[str, str], str] = {}

    def write(self, rollup: RollUp) -> None:
        writer = self.writer
        base = next(placed.step for (scan, _), placed in writer.columns.items() if scan == rollup.base)
        select = exp.Select().from_(build.table([base]))
        period = build.column(PERIOD, base)
        if rollup.segments is not None:
            segments = self._made_of(rollup.spine, rollup.segments)
            on = build.binary(exp.EQ, build.column(PERIOD, base), build.column(SEGMENT, segments))
            select = select.join(build.table([segments]), on=on)
            period = build.column(PERIOD, segments)
        groups: list[tuple[exp.Expr, str]] = [(period, PERIOD)]
        groups += [(build.column(key, base), writer.labels[name]) for name, key in rollup.dimensions]
        measures = [build.alias(self._measure(measure, base), measure.name) for measure in rollup.measures]
        step = writer.steps.add(
            f"{rollup.scan}_rolled" if rollup.scan in writer.measured else rollup.scan,
            select.select(*named(groups), *measures).group_by(*(node.copy() for node, _ in groups)),
        )
        dimensions = tuple(name for _, name in groups[1:])
        for measure in rollup.measures:
            writer.columns[rollup.scan, measure.name] = Placed(step, measure.name, dimensions)

    def _made_of(self, spine: str, segments: str) -> str:
        """Add the step that lists the segments of each period."""
        if (spine, segments) not in self._maps:
            whole, part = self.writer.spine_step(spine), self.writer.spine_step(segments)
            since = build.binary(exp.GT, build.column(ENDS, part), build.column(STARTS, whole))
            if any(stretch.start is None for stretch in self.writer.spine(spine).stretches):
                endless = build.is_null(build.column(STARTS, whole))
                since = build.bracketed(build.binary(exp.Or, endless, since))
            inside = build.binary(exp.LTE, build.column(ENDS, part), build.column(ENDS, whole))
            select = (
                exp.Select()
                .select(build.column(PERIOD, whole), build.alias(build.column(PERIOD, part), SEGMENT))
                .from_(build.table([whole]))
                .join(build.table([part]), on=build.binary(exp.And, since, inside))
            )
            self._maps[spine, segments] = self.writer.steps.add(f"{spine}_made_of", select)
        return self._maps[spine, segments]

    def _measure(self, measure: RolledMeasure, base: str) -> exp.Expr:
        def leaf(node: LeafNode) -> exp.Expr:
            assert isinstance(node, MeasureValue)
            return build.column(node.measure, base)

        def together(function: str, part: str) -> exp.Expr:
            node = Aggregate(function, MeasureValue(base, part))
            return aggregate(node, measure.condition, leaf, self.writer.dialect)

        first = measure.parts[0]
        match measure.function:
            case "min" | "max":
                return together(measure.function, first)
            case "avg":
                return build.ratio(together("sum", first), together("sum", measure.parts[1]))
            case "count":
                return build.cast(together("sum", first), "BIGINT")
            case _:
                return together("sum", first)
