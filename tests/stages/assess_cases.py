"""One KPI with what is known of it, for the tests of the probes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from factories import compiled, dimension, kpi, months_before_april, project, seen

from kpiascode.assess.graph import goal_facts
from kpiascode.assess.probe import Case, Found, scorecards_by_kpi
from kpiascode.assess.probes import PROBES
from kpiascode.assess.remembered import remembered
from kpiascode.model.assessment import DataState, Evidence, Outcome, Trust
from kpiascode.model.calendar import Calendar, last_seen_day
from kpiascode.model.ledger import History, Publication
from kpiascode.model.project import Kpi

APRIL_1 = datetime(2026, 4, 1)
MARGIN = kpi("margin")
BY_NAME = {probe.name: probe for probe in PROBES}

Values = Sequence[str | None]


def case(
    *things: Any,
    of: Kpi = MARGIN,
    values: Values = (),
    others: Mapping[str, Values] | None = None,
    slices: Mapping[str, str | None] | None = None,
    trust: Trust = Trust.CURRENT,
    known: Evidence | None = None,
    told: Sequence[Publication] | None = None,
    history: History | None = None,
    calendar: Calendar | None = None,
    dialects: tuple[str, ...] = ("duckdb",),
) -> Case:
    """The KPI on 1 April 2026.

    Args:
        values: Of its last complete months, the last one in March.
        others: The same of other KPIs.
        slices: By unit, its values in March.
        told: What the ledger holds; None without one.
        history: What the repository remembers.
    """
    if slices is not None:
        of = replace(of, dimensions=(dimension("unit"),))
    everything = project(*things, of, dialects=dialects, calendar=calendar)
    series = dict.fromkeys(everything.kpis, ()) | {
        name: months_before_april(name, *seen_values)
        for name, seen_values in {of.name: values, **(others or {})}.items()
    }
    by_unit = {value: seen(of.name, "2026-03", v, (("unit", value),)) for value, v in (slices or {}).items()}
    late = ("orders",) if trust is Trust.LATE else ()
    evidence = replace(
        known or compiled(of.name, dialects=dialects),
        publications=None if told is None else tuple(told),
        history=history,
    )
    return Case(
        project=everything,
        kpi=of,
        as_of=APRIL_1,
        history=series,
        watched=series,
        breakdown={} if slices is None else {"unit": tuple(by_unit.values())},
        data=DataState(trust=trust, latest=None, late_by=timedelta(1) if late else None, late=late),
        goals=goal_facts(everything, last_seen_day(APRIL_1)),
        scorecards=scorecards_by_kpi(everything)[of.name],
        remembered=remembered(evidence, everything.kpis)[of.name],
        evidence=evidence,
    )


def example(probe: str, outcome: str, reason: str, given: Case, *, id: str, fix: str | None = None) -> Any:  # noqa: A002
    return pytest.param(probe, Outcome(outcome), reason, given, fix, id=f"{probe}: {id}")


def ask(probe: str, given: Case) -> Found:
    return BY_NAME[probe].check(given)


def check_example(probe: str, outcome: Outcome, reason: str, given: Case, fix: str | None) -> None:
    """Without an expected fix it is enough that one is there, if there is something to do."""
    found = ask(probe, given)

    assert (found.outcome, found.reason) == (outcome, reason)
    if fix is not None:
        assert found.fix == fix
    assert (found.fix is not None) >= (outcome in (Outcome.FAIL, Outcome.PARTIAL))
    assert (found.fix is None) >= (outcome in (Outcome.PASS, Outcome.NOT_APPLICABLE))
