"""Publications and commits by hand, for the tests of what ledger and repository say of a KPI."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from factories import period

from kpiascode.model.ledger import (
    DefinitionChange,
    History,
    Mention,
    People,
    Publication,
    PublishedValue,
    Told,
)

Value = str | None


def publication(
    at: str,
    *periods: str,
    of: str = "margin",
    values: Mapping[str, Value] | None = None,
    audiences: tuple[str, ...] = ("retail",),
    scorecard: str | None = "monthly",
    recipients: int | None = None,
    delivered: int | None = None,
    acknowledged: int | None = None,
    note: str = "",
    formula: str = "f",
    targets: str = "t",
    owner: str = "controller",
) -> Publication:
    """The margin, told at a moment in UTC and as it is seen then.

    Args:
        periods: Those that are told, each with the value 0.4.
        values: More of them.
    """
    told = {**dict.fromkeys(periods, "0.4"), **(values or {})}
    moment = datetime.fromisoformat(at)
    return Publication(
        hash=f"{at} {audiences} {recipients}",
        at=moment.replace(tzinfo=UTC),
        as_of=datetime(moment.year, moment.month, moment.day),
        commit=None,
        scorecard=scorecard,
        channel="email",
        audiences=audiences,
        recipients=people(recipients),
        delivered=people(delivered),
        acknowledged=people(acknowledged),
        artefact=None,
        note=note,
        parents=(),
        kpis=(Told(kpi=of, formula=formula, targets=targets, owner=owner),),
        values=tuple(_value(of, name, value) for name, value in told.items()),
    )


def people(number: int | None) -> People | None:
    """As the ledger keeps it: fewer than five are not told."""
    return None if number is None else People(number=number if number >= 5 else None)


def _value(of: str, name: str, value: Value) -> PublishedValue:
    known = period(name)
    return PublishedValue(
        kpi=of,
        grain=known.grain.value,
        period=name,
        start=known.start,
        end=known.end,
        slice=(),
        value=None if value is None else Decimal(value),
        unit="percent",
        definition="f",
        watermark=None,
        status=None,
        hash=f"{of} {name} {value}",
    )


def changed(on: str, *what: str, of: str = "margin") -> DefinitionChange:
    return DefinitionChange(
        kpi=of,
        on=date.fromisoformat(on),
        commit="abc1234",
        what=what or ("formula",),
        subject="Count returns",
    )


def decided(on: str, decision: str = "cut the discounts", of: str = "margin") -> Mention:
    return Mention(kpi=of, on=date.fromisoformat(on), commit="abc1234", decision=decision)


def repository(
    *things: DefinitionChange | Mention, since: str | None = None, released: str | None = "2020-01-01"
) -> History:
    """What is remembered, in the order that is given; of the margin the day of its release."""
    return History(
        since=None if since is None else date.fromisoformat(since),
        released={} if released is None else {"margin": date.fromisoformat(released)},
        changes=tuple(thing for thing in things if isinstance(thing, DefinitionChange)),
        mentions=tuple(thing for thing in things if isinstance(thing, Mention)),
    )
