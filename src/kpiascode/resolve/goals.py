"""Goals: parents, periods, and targets that hold from a day on."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import TypeAlias

from kpiascode.model.calendar import Calendar
from kpiascode.model.document import Where
from kpiascode.model.project import (
    MONTHLY,
    Band,
    Commitment,
    Direction,
    Goal,
    Kpi,
    Measured,
    Path,
    Result,
    Target,
    TargetKpi,
    TargetValue,
)
from kpiascode.resolve.known import Known
from kpiascode.resolve.performance import keeping, milestones
from kpiascode.resolve.reader import Reader
from kpiascode.resolve.slices import resolve_slice


def resolve_goal(reader: Reader, kpis: Mapping[str, Kpi], known: Known, calendar: Calendar) -> Goal | None:
    """Return the goal, or None after reporting what is wrong with it."""
    known.check(reader, "org_unit", "org_unit")
    known.check(reader, "owner", "owner")
    start, end = reader.date("period", "from"), reader.date("period", "to")
    if start >= end:
        reader.report(
            "empty-period",
            f"The period ends on {end}, which is not after its start.",
            ("period", "to"),
            "Periods are half-open: a year is {from: 2026-01-01, to: 2027-01-01}.",
        )
        return None
    known.check(reader, "org_unit", "visibility")
    known.check(reader, "person", "person")
    kept = keeping(reader, names_person=reader.has("person"))
    done = tuple(milestones(reader, start, end))
    parents = tuple(_parents(reader, known))
    results = tuple(
        result
        for position in range(reader.length("results"))
        if (result := _Results(reader, kpis, known, calendar, start, end).read(position)) is not None
    )
    if reader.broken:
        return None
    return Goal(
        name=reader.name,
        title=reader.text("title"),
        description=reader.text_or("", "description"),
        org_unit=reader.text("org_unit"),
        owner=reader.text("owner"),
        parents=parents,
        start=start,
        end=end,
        commitment=Commitment(reader.text_or("committed", "commitment")),
        results=results,
        milestones=done,
        check_in_every=reader.every("check_in_every") if reader.has("check_in_every") else MONTHLY,
        visibility=reader.texts("visibility"),
        person=reader.optional("person"),
        keeping=kept,
        place=reader.place,
    )


def _parents(reader: Reader, known: Known) -> Iterator[tuple[str, Decimal]]:
    given = reader.get("parent")
    seen: set[str] = set()
    entries: list[Where] = (
        [("parent", position) for position in range(len(given))] if isinstance(given, list) else [("parent",)]
    )
    for where in entries:
        entry = reader.get(*where)
        if entry is None:
            continue
        at = (*where, "goal") if isinstance(entry, dict) else where
        name = reader.text(*at)
        if name not in known.names["goal"]:
            known.report(reader, "goal", name, at)
            continue
        if name in seen:
            reader.report(
                "repeated-parent",
                f"The goal leads to `{name}` twice, and nobody knows with which weight.",
                at,
                "Name each parent once.",
            )
        seen.add(name)
        weight = reader.number(*where, "weight") if isinstance(entry, dict) else None
        yield name, Decimal(1) if weight is None else weight


_Placed: TypeAlias = tuple[Where, Target]


class _Results:
    """Reads the results of one goal."""

    def __init__(
        self,
        reader: Reader,
        kpis: Mapping[str, Kpi],
        known: Known,
        calendar: Calendar,
        start: date,
        end: date,
    ) -> None:
        self.reader = reader
        self.kpis = kpis
        self.known = known
        self.calendar = calendar
        self.start = start
        self.end = end

    def read(self, position: int) -> Result | None:
        reader, where = self.reader, ("results", position)
        name = reader.text(*where, "kpi")
        if name not in self.known.names["kpi"]:
            self.known.report(reader, "kpi", name, (*where, "kpi"))
            return None
        kpi = self.kpis.get(name)
        if kpi is None:
            reader.broken = True
            return None
        baseline = reader.number(*where, "baseline")
        path = Path(reader.text_or("linear", *where, "path"))
        targets = self._targets(where, kpi)
        self._check_sides(where, kpi, baseline, path, targets)
        return Result(
            kpi=name,
            slice=tuple(resolve_slice(reader, where, kpi)),
            baseline=baseline,
            targets=tuple(target for _, target in targets),
            tolerance=reader.number(*where, "tolerance") or Decimal(0),
            path=path,
            measured=Measured(reader.text_or("latest", *where, "measure")),
            weight=Decimal(1) if (weight := reader.number(*where, "weight")) is None else weight,
            place=reader.document.place((*where, "kpi")),
        )

    def _targets(self, where: Where, kpi: Kpi) -> tuple[_Placed, ...]:
        """Return the targets in the order in which they are asked, each with where its value stands."""
        reader = self.reader
        if reader.has(*where, "target") == reader.has(*where, "targets"):
            reader.report(
                "one-target",
                "A result has either `target` or dated `targets`.",
                where,
                "Write `target: 0.44`, or `targets: [{from: 2026-01-01, value: 0.44}]`.",
            )
            return ()
        if reader.has(*where, "target"):
            place = (*where, "target")
            value = self._value(place, kpi)
            if value is None:
                return ()
            return ((place, Target(start=self.start, end=self.end, value=value, reason=None)),)
        return self._dated((*where, "targets"), kpi)

    def _dated(self, where: Where, kpi: Kpi) -> tuple[_Placed, ...]:
        reader = self.reader
        single: list[_Placed] = []
        lasting: list[tuple[Where, date, TargetValue, str | None]] = []
        to_date = Measured(reader.text_or("latest", *where[:-1], "measure")) is Measured.TO_DATE
        for position in range(reader.length(*where)):
            entry: Where = (*where, position)
            place = (*entry, "value")
            value = self._value(place, kpi)
            if value is None:
                continue
            reason = reader.optional(*entry, "reason")
            if reader.has(*entry, "period"):
                name = reader.text(*entry, "period")
                period = self.calendar.period_named(name)
                if period is None:
                    reader.report(
                        "invalid-date",
                        f"`{name[:40]}` names no period.",
                        (*entry, "period"),
                        "Write for example 2026-01, 2026-Q1, 2026-W05 or FY2026.",
                    )
                    continue
                if to_date and (self.start < period.start or period.end < self.end):
                    reader.report(
                        "period-with-to-date",
                        f"`to_date` measures the goal from its start, and {name} is a part of it.",
                        (*entry, "period"),
                        "Leave `measure` out to judge each period by its own target, or write `from`.",
                    )
                target = Target(start=period.start, end=period.end, value=value, reason=reason)
                single.append((place, target))
                continue
            lasting.append((place, reader.date(*entry, "from"), value, reason))
            if len(lasting) > 1 and reason is None:
                reader.report(
                    "missing-reason",
                    "A target that changes needs a `reason`.",
                    entry,
                    "Say in a sentence why it changes, for those who read the scorecard.",
                )
        starts = [start for _, start, _, _ in lasting]
        if any(later <= earlier for earlier, later in pairwise(starts)):
            reader.report(
                "unordered-targets", "Dated targets stand in the order of their days, each day once.", where
            )
            return ()
        ends = [*starts[1:], self.end]
        return (
            *single,
            *(
                (place, Target(start=start, end=max(end, start), value=value, reason=reason))
                for (place, start, value, reason), end in zip(lasting, ends, strict=False)
            ),
        )

    def _value(self, where: Where, kpi: Kpi) -> TargetValue | None:
        reader = self.reader
        if reader.has(*where, "kpi"):
            name = reader.text(*where, "kpi")
            if name not in self.known.names["kpi"]:
                self.known.report(reader, "kpi", name, (*where, "kpi"))
                return None
            if name not in self.kpis:
                reader.broken = True
                return None
            return TargetKpi(kpi=name)
        if isinstance(reader.get(*where), dict):
            low, high = reader.number(*where, "min"), reader.number(*where, "max")
            if kpi.direction is not Direction.BAND:
                reader.report(
                    "target-against-direction",
                    f"`{kpi.name}` is better {kpi.direction.value}, so its target is one number.",
                    where,
                    "A target {min, max} goes with `direction: band`.",
                )
                return None
            if low is None or high is None or low >= high:
                reader.report(
                    "target-on-wrong-side", "`min` lies below `max` in a band.", where, "Swap the two."
                )
                return None
            return Band(min=low, max=high)
        number = reader.number(*where)
        if number is not None and kpi.direction is Direction.BAND:
            reader.report(
                "target-against-direction",
                f"`{kpi.name}` has `direction: band`, so its target has two ends.",
                where,
                "Write `target: {min: 0.95, max: 1.05}`.",
            )
            return None
        return number

    def _check_sides(
        self, where: Where, kpi: Kpi, baseline: Decimal | None, path: Path, targets: tuple[_Placed, ...]
    ) -> None:
        if baseline is None:
            return
        if kpi.direction is Direction.BAND:
            self.reader.report(
                "target-against-direction",
                "A band has no baseline: a value is inside or outside.",
                (*where, "baseline"),
                "Leave `baseline` out.",
                at_key=True,
            )
            return
        for place, target in targets:
            if not isinstance(target.value, Decimal):
                continue
            if target.value == baseline:
                self.reader.report(
                    "baseline-is-target",
                    f"Baseline and target are both {baseline}, so there is nothing to reach.",
                    place,
                    "Use `path: maintain` without a baseline to hold a level.",
                )
                return
            higher = target.value > baseline
            if path is not Path.MAINTAIN and higher != (kpi.direction is Direction.HIGHER):
                self.reader.report(
                    "target-on-wrong-side",
                    f"`{kpi.name}` is better {kpi.direction.value}, but the target {target.value} is worse "
                    f"than the baseline {baseline}.",
                    place,
                    "Swap the two, or correct the KPI's `direction`.",
                )
                return
