"""The rows of a dataset with the many-to-one partners that are asked for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlglot import exp

from kpiascode.compile import build
from kpiascode.compile.dialects import Dialect
from kpiascode.compile.expressions import LeafNode, tree
from kpiascode.model.expression import Column, Expression, Type, ways
from kpiascode.model.plan import Bound, Bucket, Clock, Spine
from kpiascode.model.project import AsOf, Dataset, follow

HELD_UNTIL: Final = "kpi__held_until"
"""Where a row of a relationship by validity has no end of its own: the start of the next of its key."""


class Rows:
    """Where the columns of a dataset stand, and those of what it leads to."""

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

    def leaf(self, node: LeafNode) -> exp.Expr:
        assert isinstance(node, Column)
        return build.column(node.column, self._alias(node.path), exact=self._exact(node))

    def tree(self, node: Expression) -> exp.Expr:
        return tree(node, self.leaf, self.dialect)

    def _alias(self, path: tuple[str, ...]) -> str:
        """Return the alias of what a path leads to; the dataset itself has its own name."""
        return self.dataset.name if not path else "__".join((self.dataset.name, *path))

    def _at(self, path: tuple[str, ...]) -> Dataset:
        found = follow(self.datasets, self.dataset.name, path)
        assert found is not None, "what is compiled is sound"
        return found

    def _exact(self, node: Column) -> bool:
        dataset = self._at(node.path)
        is_told = dataset.name in self.tables  # then the name is spelt as the engine has it
        return dataset.quoted or (is_told and self.dialect.is_exact(node.column))

    def tree_at(self, node: Expression, base: tuple[str, ...]) -> exp.Expr:
        """Return the tree of an expression over what a path leads to."""

        def leaf(part: LeafNode) -> exp.Expr:
            assert isinstance(part, Column)
            return self.leaf(Column((*base, *part.path), part.column, part.type, part.zone))

        return tree(node, leaf, self.dialect)

    def table(self, dataset: Dataset, alias: str) -> exp.Table:
        known = self.tables.get(dataset.name)
        if known is not None:
            return build.table(known, alias, exact=any(map(self.dialect.is_exact, known)))
        parts = (dataset.name,) if dataset.is_file else tuple(dataset.source.split("."))
        return build.table(parts, alias, exact=dataset.quoted)

    def from_ways(self, paths: Sequence[tuple[str, ...]]) -> exp.Select:
        """Return the rows with the partners that the paths lead to, each after those that lead to it."""
        select = exp.Select().from_(self.table(self.dataset, self._alias(())))
        for path in paths:
            relationship = self._at(path[:-1]).relationships[path[-1]]
            conditions = [
                build.binary(exp.EQ, self.tree_at(here, path[:-1]), self.tree_at(there, path))
                for here, there in relationship.keys
            ]
            partner: exp.Expr = self.table(self._at(path), self._alias(path))
            if relationship.as_of is not None:
                conditions += self._holding(relationship.as_of, path)
                if relationship.as_of.valid_to is None:
                    partner = self._until_the_next(path)
            select = select.join(partner, on=build.all_of(conditions), join_type="left")
        return select

    def from_clause(self, nodes: Sequence[Expression]) -> exp.Select:
        """Return the rows with the partners that the expressions reach."""
        return self.from_ways(ways(nodes))

    def _holding(self, as_of: AsOf, path: tuple[str, ...]) -> list[exp.Expr]:
        """Return that a partner holds at the row's time."""
        at = self.tree_at(as_of.at, path[:-1])
        if as_of.valid_to is None:
            until: exp.Expr = build.column(HELD_UNTIL, self._alias(path))
        else:
            until = self.tree_at(as_of.valid_to, path)
        return [
            build.binary(exp.GTE, at, self.tree_at(as_of.valid_from, path)),
            build.bracketed(
                build.binary(exp.Or, build.is_null(until), build.binary(exp.LT, at.copy(), until.copy()))
            ),
        ]

    def _until_the_next(self, path: tuple[str, ...]) -> exp.Expr:
        """Return the partner's table with the start of the next row of each key."""
        relationship = self._at(path[:-1]).relationships[path[-1]]
        assert relationship.as_of is not None
        target = Rows(self.datasets, self.tables, relationship.to, self.dialect)
        start = target.tree(relationship.as_of.valid_from)
        following = exp.Window(
            this=exp.Lead(this=start),
            partition_by=[target.tree(there) for _, there in relationship.keys],
            order=exp.Order(expressions=[exp.Ordered(this=start.copy())]),
        )
        everything = exp.Column(this=exp.Star(), table=build.identifier(target.dataset.name))
        dated = (
            target.from_ways(())
            .select(everything, build.alias(following, HELD_UNTIL))
            .where(build.not_null(start.copy()))
        )
        return dated.subquery(build.identifier(self._alias(path)))


class DatedRows(Rows):
    """The rows of a dataset, dated by a time, as a spine's stretches choose among them."""

    def __init__(
        self,
        datasets: Mapping[str, Dataset],
        tables: Mapping[str, tuple[str, ...]],
        dataset: str,
        dialect: Dialect,
        time: Expression,
    ) -> None:
        super().__init__(datasets, tables, dataset, dialect)
        self._time = time

    def time(self) -> exp.Expr:
        return self.tree(self._time)

    def bucket(self, spine: Spine) -> exp.Expr:
        """Return the step of time by which rows find their period."""
        match spine.bucket:
            case Bucket.DAY:
                return build.cast(self.time(), "DATE") if not self._is_day(spine) else self.time()
            case Bucket.HOUR:
                return self.dialect.hour(self.time(), spine.clock is Clock.INSTANT)
            case Bucket.NONE:
                return self.time()

    def _is_day(self, spine: Spine) -> bool:
        return not spine.stamped and isinstance(self._time, Column) and self._time.type is Type.DATE

    def since(self, spine: Spine) -> list[exp.Expr]:
        """Return the lower bound on the raw time that all stretches share, if they have one."""
        starts = [stretch.start for stretch in spine.stretches]
        if any(start is None for start in starts) or not starts:
            return []
        earliest = min(start for start in starts if start is not None)
        return [build.binary(exp.GTE, self.time(), raw_bound(earliest, spine))]

    def before(self, spine: Spine) -> list[exp.Expr]:
        """Return the upper bound on the raw time that all stretches share."""
        if not spine.stretches:
            return []
        last = max(stretch.end for stretch in spine.stretches)
        return [build.binary(exp.LT, self.time(), raw_bound(last, spine))]


def bound_in(bound: Bound, spine: Spine) -> exp.Expr:
    """Return a bound as the spine's table holds it."""
    if isinstance(bound, datetime):
        return build.instant(bound) if spine.clock is Clock.INSTANT else build.wall_clock(bound)
    return build.day(bound)


def raw_bound(bound: Bound, spine: Spine) -> exp.Expr:
    """Return a bound in the type of the column itself, so that no index or partition is lost to a cast."""
    if not isinstance(bound, datetime) and spine.stamped:
        return build.wall_clock(datetime(bound.year, bound.month, bound.day))
    return bound_in(bound, spine)
