"""From the rows of an engine to observations: exact values, every slice in every period, proofs checked."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

from kpiascode.model.calendar import to_zone
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.exact import EXACT
from kpiascode.model.observation import Freshness, Observation, Question, SliceKey
from kpiascode.model.plan import NoOrphans, NoOverlap, OneLastRow, Plan, Proof, Query, UniqueKey, Value
from kpiascode.model.project import Dataset


class BrokenData(Exception):
    """Data for which no right number exists; carries the findings. No value is given."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__("; ".join(d.message for d in diagnostics))
        self.diagnostics = diagnostics


def observations(
    query: Query, rows: Sequence[tuple[Any, ...]], booleans: Collection[str] = ()
) -> tuple[Observation, ...]:
    """Return what the rows say, by KPI, period and slice, in that order.

    Args:
        booleans: The dimensions that are true or false, which some engines tell as 1 and 0.

    Raises:
        BrokenData: when a proof is broken or a value is infinite or not a number.
    """
    question = query.plan.question
    _check_proofs(query, rows)
    wide = len(question.by)
    first_kpi = 1 + wide
    first_seen = first_kpi + len(query.kpis)
    read = [_truth_of if name in booleans else text_of for name in question.by]
    slices = [tuple(of(cell) for of, cell in zip(read, row[1:first_kpi], strict=True)) for row in rows]
    found: list[Observation] = []
    for position, (kpi, planned) in enumerate(zip(query.kpis, query.plan.values, strict=True)):
        if wide:
            flag = first_seen + query.seen.index(kpi) if kpi in query.seen else None
            seen = {key for key, row in zip(slices, rows, strict=True) if flag is not None and row[flag]}
        else:
            seen = {()}
        values = {
            (row[0], key): _value(row[first_kpi + position], query, kpi)
            for key, row in zip(slices, rows, strict=True)
            if key in seen
        }
        found += _ordered(question, planned, seen, values)
    return tuple(found)


def _ordered(
    question: Question,
    planned: Value,
    seen: set[tuple[str | None, ...]],
    values: dict[tuple[str, tuple[str | None, ...]], Decimal | None],
) -> Iterator[Observation]:
    keys = sorted(seen, key=lambda key: tuple((value is None, value or "") for value in key))
    for period in question.periods:
        over = datetime.combine(period.end, time()) <= question.as_of
        for key in keys:
            slice_key: SliceKey = tuple(zip(question.by, key, strict=True))
            yield Observation(
                kpi=planned.kpi,
                period=period,
                slice=slice_key,
                value=values[period.name, key],
                complete=over and period.name not in planned.unripe,
            )


def freshness(dataset: Dataset, row: tuple[Any, ...], timezone: str) -> Freshness:
    """Return how new a dataset is, as the calendar's clocks, from its newest time, its rows, its oldest."""
    newest, rows, oldest = row
    return Freshness(
        dataset=dataset.name,
        latest=_wall_clock(newest, dataset, timezone),
        rows=int(rows),
        earliest=_wall_clock(oldest, dataset, timezone),
    )


def _wall_clock(moment: object, dataset: Dataset, timezone: str) -> datetime | None:
    """Return a moment as the calendar's wall clock; None where there is none."""
    match moment:
        case datetime() if moment.tzinfo is not None:
            return moment.astimezone(ZoneInfo(timezone)).replace(tzinfo=None)
        case datetime() if dataset.timezone not in (None, timezone):
            return to_zone(moment, str(dataset.timezone), timezone)
        case datetime():
            return moment
        case date():
            return datetime.combine(moment, time())
        case str():  # which SQLite has for times
            return _wall_clock(datetime.fromisoformat(moment), dataset, timezone)
        case _:
            return None


def text_of(value: object) -> str | None:
    """Return a slice's value as text: numbers as decimals, dates as ISO 8601, null as None."""
    match value:
        case None | str():
            return value
        case bool():
            return str(value).lower()
        case datetime():
            return value.isoformat(sep=" ")
        case date():
            return value.isoformat()
        case Decimal() | float():
            return _plain(Decimal(repr(value)) if isinstance(value, float) else value)
        case _:
            return str(value)


def _truth_of(value: object) -> str | None:
    return text_of(bool(value) if isinstance(value, int) else value)


def _plain(value: Decimal) -> str:
    """Return a number with no more digits than it needs: of 1.50, not all engines keep the zero."""
    return format(value.normalize(EXACT), "f") if value else "0"


def _value(value: object, query: Query, kpi: str) -> Decimal | None:
    match value:
        case None:
            return None
        case Decimal() if value.is_finite():
            return value
        case int():
            return Decimal(value)
        case float() if isfinite(value):
            return Decimal(repr(value))
        case _:
            place = query.plan.datasets[query.plan.scans[0].dataset].place
            raise BrokenData(
                (
                    Diagnostic(
                        code="not-finite",
                        message=f"KPI `{kpi}` came out as infinity or not-a-number, which is no value.",
                        place=place,
                        hint="The data holds such a number; correct it, or leave it out by `where`.",
                    ),
                )
            )


def _check_proofs(query: Query, rows: Sequence[tuple[Any, ...]]) -> None:
    """Refuse an answer whose proofs are broken; last rows are told only where no partner doubled them."""
    if not rows or not query.proofs:
        return
    counts = rows[0][-len(query.proofs) :]
    found = [(proof, int(count)) for proof, count in zip(query.proofs, counts, strict=True) if count]
    causes = [one for one in found if not isinstance(one[0], OneLastRow)]
    broken = tuple(_finding(proof, count, query.plan) for proof, count in causes or found)
    if broken:
        raise BrokenData(broken)


def _finding(proof: Proof, count: int, plan: Plan) -> Diagnostic:
    match proof:
        case UniqueKey(dataset=name):
            keys = ", ".join(plan.datasets[name].primary_key)
            return Diagnostic(
                code="key-not-unique",
                message=f"{count:,} {'key' if count == 1 else 'keys'} of `{name}` ({keys}) "
                f"{'stands' if count == 1 else 'stand'} more than once, so rows would count more than once.",
                place=plan.datasets[name].place,
                hint="Remove the duplicates, or extend the primary key.",
            )
        case NoOverlap(dataset=name, as_of=as_of):
            apart = "begin at the same time" if as_of.valid_to is None else "hold at the same time"
            return Diagnostic(
                code="validity-overlaps",
                message=f"{count:,} times two rows of `{name}` with the same key {apart}, "
                "so a row would find two partners.",
                place=plan.datasets[name].place,
                hint="Let each row end where the next of its key begins.",
            )
        case OneLastRow(dataset=name):
            return Diagnostic(
                code="last-row-not-unique",
                message=f"{count:,} {'key' if count == 1 else 'keys'} of `{name}` "
                f"{'has' if count == 1 else 'have'} several rows at the last time, so a balance would count "
                "more than once.",
                place=plan.datasets[name].place,
                hint="Take the closing per a finer key, or date the rows more exactly.",
            )
        case NoOrphans(dataset=name, relationship=relationship):
            return Diagnostic(
                code="required-partner-missing",
                message=f"{count:,} {'row' if count == 1 else 'rows'} of `{name}` "
                f"{'has' if count == 1 else 'have'} no partner over `{relationship}`, which is `required`.",
                place=plan.datasets[name].place,
                hint="Complete the data, or drop `required`: rows without partner then give null.",
            )
