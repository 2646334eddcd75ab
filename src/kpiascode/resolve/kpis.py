"""KPIs: what a document says about one, under today's rule and under those that held before."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from kpiascode.model.calendar import Grain, is_finer
from kpiascode.model.project import (
    Bounds,
    Communication,
    Direction,
    Kpi,
    Lead,
    Lifecycle,
    Measure,
    ProcessChange,
    Revision,
    SignalRules,
    SignalSettings,
    Waiver,
)
from kpiascode.resolve.datasets import Datasets
from kpiascode.resolve.keys import Keys
from kpiascode.resolve.known import Known
from kpiascode.resolve.reader import Reader
from kpiascode.resolve.rule import Rule, resolve_rule


def resolve_kpi(reader: Reader, datasets: Datasets, known: Known) -> Kpi | None:
    """Return the KPI, or None after reporting what is wrong with it. References are not followed here."""
    known.check(reader, "owner", "owner")
    known.check(reader, "org_unit", "applies_to")
    known.check(reader, "kpi", "counter_kpis")
    known.check(reader, "kpi", "derived_from")
    known.check(reader, "kpi", "status", "deprecated", "replaced_by")
    for position in range(reader.length("leads")):
        known.check(reader, "kpi", "leads", position, "kpi")
    known.check(reader, "org_unit", "communication", "audiences")
    known.check(reader, "org_unit", "visibility")
    rule = resolve_rule(Keys(reader), datasets, known)
    if reader.broken or rule is None:
        return None
    kpi = _under(rule, reader)
    _check_time_grain(kpi, reader, datasets)
    revisions = tuple(_revisions(reader, datasets, known))
    return None if reader.broken else replace(kpi, revisions=revisions)


def _under(rule: Rule, reader: Reader) -> Kpi:
    """Return the KPI with a rule; what the rule does not say is the same under each."""
    return Kpi(
        name=reader.name,
        title=reader.text("title"),
        description=reader.text("description"),
        owner=reader.text("owner"),
        applies_to=reader.texts("applies_to"),
        dataset=rule.dataset,
        time=rule.time,
        expression=rule.expression,
        where=rule.where,
        text=rule.text,
        where_text=rule.where_text,
        cohort=rule.cohort,
        funnel=rule.funnel,
        grain=Grain(reader.text("grain")),
        dimensions=rule.dimensions,
        unit=_unit(reader),
        direction=Direction(reader.text("direction")),
        bounds=Bounds(min=reader.number("bounds", "min"), max=reader.number("bounds", "max")),
        counter_kpis=reader.texts("counter_kpis"),
        act=reader.optional("act"),
        communication=_communication(reader),
        status=_lifecycle(reader),
        examples=reader.length("examples"),
        edge_examples=sum(_is_edge(reader, position) for position in range(reader.length("examples"))),
        waivers=tuple(_waivers(reader)),
        process_changes=_process_changes(reader),
        leads=tuple(_leads(reader)),
        derived_from=reader.optional("derived_from"),
        signals=_signals(reader),
        visibility=reader.texts("visibility"),
        place=reader.place,
    )


def _revisions(reader: Reader, datasets: Datasets, known: Known) -> Iterator[Revision]:
    earlier: date | None = None
    for position in range(reader.length("revisions")):
        until = reader.date("revisions", position, "until")
        if earlier is not None and until <= earlier:
            reader.report(
                "revisions-out-of-order",
                f"The rule until {until} stands after the one until {earlier}.",
                ("revisions", position, "until"),
                "List them from the earliest `until` to the latest, each once.",
            )
        earlier = until
        rule = resolve_rule(Keys(reader, position), datasets, known)
        if rule is not None and not reader.broken:
            was = _under(rule, reader)
            _check_time_grain(was, reader, datasets)
            yield Revision(until=until, reason=reader.text("revisions", position, "reason"), was=was)


def _check_time_grain(kpi: Kpi, reader: Reader, datasets: Datasets) -> None:
    whole = None if kpi.dataset is None else datasets.readers[kpi.dataset].optional("time_grain")
    if whole is not None and is_finer(kpi.grain, Grain(whole)):
        reader.report(
            "finer-than-time-grain",
            f"A row of `{kpi.dataset}` stands for a whole {whole}, and the KPI is read by {kpi.grain.value}.",
            ("grain",),
            f"Set `grain: {whole}` or coarser.",
        )


def _unit(reader: Reader) -> Measure:
    name = reader.optional("unit")
    if name is not None:
        return Measure(name=name)
    return Measure(name="currency", currency=reader.text("unit", "currency"))


def _communication(reader: Reader) -> Communication | None:
    if not reader.has("communication"):
        return None
    return Communication(
        audiences=reader.texts("communication", "audiences"),
        channels=reader.texts("communication", "channels"),
        lag=reader.duration("communication", "lag"),
    )


def _lifecycle(reader: Reader) -> Lifecycle:
    status = reader.get("status")
    if isinstance(status, dict):
        return Lifecycle.DEPRECATED
    return Lifecycle(status) if isinstance(status, str) else Lifecycle.ACTIVE


def _is_edge(reader: Reader, position: int) -> bool:
    """Return whether a worked example shows an edge: no rows at all, or an undefined value."""
    given = reader.get("examples", position, "given")
    expect = reader.get("examples", position, "expect")
    empty = isinstance(given, dict) and all(rows == [] for rows in given.values())
    return empty or (isinstance(expect, dict) and None in expect.values())


def _waivers(reader: Reader) -> Iterator[Waiver]:
    for position in range(reader.length("waivers")):
        yield Waiver(
            probe=reader.text("waivers", position, "probe"),
            reason=reader.text("waivers", position, "reason"),
            approved_by=reader.text("waivers", position, "approved_by"),
            expires=date.fromisoformat(reader.text("waivers", position, "expires")),
        )


def _process_changes(reader: Reader) -> tuple[ProcessChange, ...]:
    """Return them by day, whatever their order in the file."""
    found = (
        ProcessChange(
            start=reader.date("process_changes", position, "from"),
            reason=reader.text("process_changes", position, "reason"),
        )
        for position in range(reader.length("process_changes"))
    )
    return tuple(sorted(found, key=lambda change: change.start))


def _leads(reader: Reader) -> Iterator[Lead]:
    for position in range(reader.length("leads")):
        yield Lead(
            kpi=reader.text("leads", position, "kpi"),
            lag=reader.every("leads", position, "lag"),
            sign=1 if reader.text("leads", position, "sign") == "positive" else -1,
        )


def _signals(reader: Reader) -> SignalSettings:
    rules = reader.optional("signals", "rules")
    return SignalSettings(
        rules=None if rules is None else SignalRules(rules), seasonal=reader.flag("signals", "seasonal")
    )
