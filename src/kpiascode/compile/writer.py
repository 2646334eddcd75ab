"""What the parts of a query share while it is written: its steps, and where each measure stands in them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlglot import exp

from kpiascode.compile import build
from kpiascode.compile.dialects import Dialect
from kpiascode.compile.rows import DatedRows, Rows, bound_in
from kpiascode.compile.steps import Steps
from kpiascode.model.expression import Expression
from kpiascode.model.plan import Clock, Plan, Spine

PERIOD: Final = "period_name"
PARENT: Final = "parent_name"
STARTS: Final = "starts_at"
ENDS: Final = "ends_at"
ENTITY: Final = "entity_key"
MOMENT: Final = "moment"


@dataclass(frozen=True, slots=True)
class Placed:
    """A measure's step, its column there, and the columns of the dimensions that it is grouped by."""

    step: str
    name: str
    dimensions: tuple[str, ...]


@dataclass(slots=True)
class Writer:
    """One query under construction.

    Args:
        labels: By dimension the column that it has in every step.
        columns: By scan and measure where it stands.
        measured: The scans that have a step of their own.
    """

    plan: Plan
    dialect: Dialect
    steps: Steps
    labels: dict[str, str]
    columns: dict[tuple[str, str], Placed] = field(default_factory=dict)
    measured: set[str] = field(default_factory=set)
    _spines: dict[str, str] = field(default_factory=dict)

    def rows(self, dataset: str) -> Rows:
        return Rows(self.plan.datasets, self.plan.tables, dataset, self.dialect)

    def dated(self, dataset: str, time: Expression) -> DatedRows:
        return DatedRows(self.plan.datasets, self.plan.tables, dataset, self.dialect, time)

    def spine(self, name: str) -> Spine:
        return next(spine for spine in self.plan.spines if spine.name == name)

    def spine_step(self, name: str) -> str:
        """Return the step that lists the stretches of a spine."""
        if name not in self._spines:
            self._spines[name] = self.steps.add(name, _stretches(self.spine(name)))
        return self._spines[name]


def _stretches(spine: Spine) -> exp.Select:
    never = build.cast(
        build.null(), {Clock.DAY: "DATE", Clock.WALL: "TIMESTAMP", Clock.INSTANT: "TIMESTAMPTZ"}[spine.clock]
    )
    rows: list[tuple[exp.Expr, exp.Expr, exp.Expr]] = [
        (
            build.text(stretch.period),
            never.copy() if stretch.start is None else bound_in(stretch.start, spine),
            bound_in(stretch.end, spine),
        )
        for stretch in spine.stretches
    ]
    rows = rows or [(build.text(""), never.copy(), never.copy())]
    return literal_rows((PERIOD, STARTS, ENDS), rows)


def literal_rows(names: Sequence[str], rows: Sequence[Sequence[exp.Expr]]) -> exp.Select:
    """Return rows of constants. As VALUES: engines take long over thousands of SELECTs in a UNION."""
    columns = [build.identifier(name) for name in names]
    values = exp.Values(
        expressions=[exp.Tuple(expressions=list(row)) for row in rows],
        alias=exp.TableAlias(this=build.identifier("given"), columns=columns),
    )
    return exp.Select().select(*(build.column(name, "given") for name in names)).from_(values)


def named(groups: Sequence[tuple[exp.Expr, str]]) -> list[exp.Expr]:
    """Return columns under their names."""
    return [
        node.copy() if isinstance(node, exp.Column) and node.name == name else build.alias(node.copy(), name)
        for node, name in groups
    ]
