"""Scans that read the same rows are read once: by segments of time and what conditions ask, then rolled up.

A sum, a count, a minimum, a maximum and an average can be put together from those of parts; a median or a
count of distinct values cannot, and keeps its own scan. It pays where intervals overlap or are many, and
where many measures ask for different rows (measured by `benchmarks/run.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final, TypeAlias

from kpiascode.model.expression import (
    Aggregate,
    And,
    Case,
    Column,
    Comparator,
    Comparison,
    Constant,
    Expression,
    IsNull,
    MeasureValue,
    Not,
    OneOf,
    Or,
    Type,
)
from kpiascode.model.naming import free
from kpiascode.model.plan import (
    Bound,
    Bucket,
    EveryRow,
    PlannedMeasure,
    RolledMeasure,
    RollUp,
    Scan,
    Spine,
    Stretch,
)
from kpiascode.plan.conditions import all_of, common, conjuncts

PARTS: Final = {
    "sum": ("sum",),
    "count": ("count",),
    "min": ("min",),
    "max": ("max",),
    "avg": ("sum", "count"),
}
MOST_KEYS: Final = 12
FEWEST_MEASURES: Final = 10
MEASURES_PER_KEY: Final = 2.5

_Group: TypeAlias = tuple[object, ...]


def shared(
    scans: Sequence[Scan], spines: Mapping[str, Spine]
) -> tuple[tuple[Scan, ...], tuple[RollUp, ...], tuple[Spine, ...]]:
    """Return the scans with those put together that gain by it, the roll-ups of these, and all spines."""
    groups: dict[_Group, list[Scan]] = {}
    for scan in scans:
        if isinstance(scan.choice, EveryRow) and scan.entity is None:
            spine = spines[scan.spine]
            groups.setdefault((scan.dataset, scan.time, spine.clock, spine.stamped), []).append(scan)
    found: list[Scan] = list(scans)
    rollups: list[RollUp] = []
    all_spines = dict(spines)
    for group in groups.values():
        base = _Base(group, spines)
        if not base.pays:
            continue
        name = free(f"{group[0].dataset}_once", {scan.name for scan in found})
        if base.segments is not None:
            segments = free(f"{group[0].dataset}_segments", all_spines)
            all_spines[segments] = replace(base.segments, name=segments)
            base.segments = all_spines[segments]
        rollups += base.rollups(name)
        rest = [_holistic(scan) for scan in group]
        kept = {scan.name: scan for scan in rest if scan.measures}
        found = [kept.get(scan.name, scan) for scan in found if scan not in group or scan.name in kept]
        found.append(base.scan(name))
    return tuple(found), tuple(rollups), tuple(all_spines.values())


def _is_distributive(measure: PlannedMeasure) -> bool:
    return measure.aggregate.function in PARTS and not measure.aggregate.distinct


def _holistic(scan: Scan) -> Scan:
    """Return the scan with the measures that must see their rows themselves."""
    return replace(scan, measures=tuple(m for m in scan.measures if not _is_distributive(m)))


@dataclass(slots=True)
class _Keys:
    """What the base is grouped by beside time: a name and an expression over rows each."""

    dimensions: dict[Expression, str] = field(default_factory=dict)
    conditions: dict[Expression, str] = field(default_factory=dict)
    constants: dict[Column, dict[object, Constant]] = field(default_factory=dict)
    codes: dict[Column, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.conditions) + len(self.codes)

    def columns(self) -> tuple[tuple[str, Expression], ...]:
        coded = ((name, self._code(column)) for column, name in self.codes.items())
        plain = ((name, node) for node, name in (*self.dimensions.items(), *self.conditions.items()))
        return (*plain, *coded)

    def _code(self, column: Column) -> Expression:
        """Return 1, 2, ... for the constants that the column is compared with, 0 for the rest, null for null.

        So there are few groups, however many values the column has.
        """
        branches = tuple(
            (Comparison(Comparator.EQUAL, column, constant), Constant(number, Type.INTEGER))
            for number, constant in enumerate(self.constants[column].values(), 1)
        )
        unknown = (IsNull(column), Constant(None, Type.UNKNOWN))
        return Case((*branches, unknown), Constant(0, Type.INTEGER))

    def see(self, node: Expression) -> None:
        """Take note of what a condition asks."""
        match node:
            case And(left, right) | Or(left, right):
                self.see(left)
                self.see(right)
            case Not(operand):
                self.see(operand)
            case Comparison(
                Comparator.EQUAL | Comparator.UNEQUAL, Column() as column, Constant() as constant
            ) if constant.value is not None:
                self._take(column, constant)
            case OneOf(Column() as column, options):
                for option in options:
                    self._take(column, option)
            case IsNull(Column() as column):
                self._take(column, None)
            case _:
                self.conditions.setdefault(node, f"condition__{len(self.conditions) + 1}")

    def _take(self, column: Column, constant: Constant | None) -> None:
        if column not in self.codes:
            name = f"{column.column.lower()}__code" if column.column.isidentifier() else "column__code"
            self.codes[column] = free(name, self.codes.values())
        known = self.constants.setdefault(column, {})
        if constant is not None:
            known.setdefault(_same(constant), constant)

    def rewritten(self, node: Expression, base: str) -> Expression:
        """Return a condition over the base's columns."""
        match node:
            case And(left, right):
                return And(self.rewritten(left, base), self.rewritten(right, base))
            case Or(left, right):
                return Or(self.rewritten(left, base), self.rewritten(right, base))
            case Not(operand):
                return Not(self.rewritten(operand, base))
            case _ if node in self.conditions:
                return MeasureValue(base, self.conditions[node])
            case Comparison(comparator, Column() as column, Constant() as constant):
                return Comparison(
                    comparator, MeasureValue(base, self.codes[column]), self._number(column, constant)
                )
            case IsNull(Column() as column):
                return IsNull(MeasureValue(base, self.codes[column]))
            case OneOf(Column() as column, options):
                numbers = tuple(self._number(column, option) for option in options)
                return OneOf(MeasureValue(base, self.codes[column]), numbers)
            case _:
                raise AssertionError(node)

    def _number(self, column: Column, constant: Constant) -> Constant:
        return Constant(list(self.constants[column]).index(_same(constant)) + 1, Type.INTEGER)


def _same(constant: Constant) -> object:
    """Return what two constants share that mean the same: 1 and 1.0, but not 1 and true or '1'."""
    return ("number" if constant.type.is_number else constant.type, constant.value)


class _Base:
    """A group of scans as one that reads for all of them."""

    def __init__(self, group: Sequence[Scan], spines: Mapping[str, Spine]) -> None:
        self.group = group
        measures = [(scan, m) for scan in group for m in scan.measures if _is_distributive(m)]
        used = tuple(dict.fromkeys(scan.spine for scan, _ in measures))
        self.where = common([_whole(scan, m) for scan, m in measures])
        self.keys = _Keys()
        self.parts: dict[tuple[str, Expression | None], str] = {}
        conditioned = 0
        for scan, measure in measures:
            for name, node in scan.dimensions:
                self.keys.dimensions.setdefault(
                    node, free(name.replace(".", "__"), self.keys.dimensions.values())
                )
            rest = self._rest(scan, measure)
            conditioned += rest is not None
            if rest is not None:
                self.keys.see(rest)
            for function in PARTS[measure.aggregate.function]:
                part = (function, measure.aggregate.argument)
                self.parts.setdefault(part, f"part__{len(self.parts) + 1}")
        overlaps = any(_overlaps(spines[name]) for name in used)
        many = conditioned >= max(FEWEST_MEASURES, MEASURES_PER_KEY * len(self.keys))
        self.pays = len(self.keys) <= MOST_KEYS and (len(used) > 1 or overlaps or many)
        self.segments: Spine | None = None
        if self.pays and (len(used) > 1 or overlaps):
            self.segments = _segments([spines[name] for name in used])

    def _rest(self, scan: Scan, measure: PlannedMeasure) -> Expression | None:
        """Return what a measure asks of rows beyond what all of them ask."""
        return all_of(part for part in conjuncts(_whole(scan, measure)) if part not in self.where)

    def scan(self, name: str) -> Scan:
        """Return the one scan."""
        first = self.group[0]
        return Scan(
            name=name,
            dataset=first.dataset,
            time=first.time,
            spine=first.spine if self.segments is None else self.segments.name,
            dimensions=self.keys.columns(),
            where=all_of(self.where),
            measures=tuple(
                PlannedMeasure(name=part, aggregate=Aggregate(function, argument), condition=None)
                for (function, argument), part in self.parts.items()
            ),
        )

    def rollups(self, base: str) -> list[RollUp]:
        """Return what each scan of the group makes of it."""
        found = []
        for scan in self.group:
            measures = tuple(self._rolled(scan, m, base) for m in scan.measures if _is_distributive(m))
            if measures:
                found.append(
                    RollUp(
                        scan=scan.name,
                        base=base,
                        spine=scan.spine,
                        segments=None if self.segments is None else self.segments.name,
                        dimensions=tuple(
                            (name, self.keys.dimensions[node]) for name, node in scan.dimensions
                        ),
                        measures=measures,
                    )
                )
        return found

    def _rolled(self, scan: Scan, measure: PlannedMeasure, base: str) -> RolledMeasure:
        function, argument = measure.aggregate.function, measure.aggregate.argument
        rest = self._rest(scan, measure)
        return RolledMeasure(
            name=measure.name,
            function=function,
            parts=tuple(self.parts[part, argument] for part in PARTS[function]),
            condition=None if rest is None else self.keys.rewritten(rest, base),
        )


def _whole(scan: Scan, measure: PlannedMeasure) -> Expression | None:
    return all_of(
        (*conjuncts(scan.where), *conjuncts(measure.condition), *conjuncts(measure.aggregate.condition))
    )


# --- segments of time


def _overlaps(spine: Spine) -> bool:
    ordered = sorted(spine.stretches, key=lambda stretch: stretch.end)
    return any(later.start is None or later.start < earlier.end for earlier, later in pairwise(ordered))


def _segments(spines: Sequence[Spine]) -> Spine:
    """Return the shortest stretches of which those of all spines are made."""
    stretches = [stretch for spine in spines for stretch in spine.stretches if not _is_empty(stretch)]
    bounds: list[Bound] = sorted(
        {bound for stretch in stretches for bound in (stretch.start, stretch.end) if bound is not None}
    )
    starts: list[Bound | None] = [None, *bounds]
    at = {bound: position for position, bound in enumerate(starts)}
    covered = [0] * (len(starts) + 1)
    for stretch in stretches:
        covered[at[stretch.start]] += 1
        covered[at[stretch.end]] -= 1
    found: list[Stretch] = []
    depth = 0
    for position, start in enumerate(starts[:-1]):
        depth += covered[position]
        if depth:
            found.append(Stretch(period=str(len(found) + 1), start=start, end=bounds[position]))
    buckets = {spine.bucket for spine in spines}
    finest = next(bucket for bucket in (Bucket.NONE, Bucket.HOUR, Bucket.DAY) if bucket in buckets)
    return replace(spines[0], name="", bucket=finest, stretches=tuple(found))


def _is_empty(stretch: Stretch) -> bool:
    """Return whether nothing can lie in it, as in a period that has not begun."""
    return stretch.start is not None and stretch.end <= stretch.start
