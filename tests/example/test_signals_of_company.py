"""What the example company shows of signals: one real signal is raised, one false alarm is not."""

from datetime import datetime
from itertools import pairwise
from pathlib import Path
from statistics import fmean

import pytest

from kpiascode.cli.options import connection
from kpiascode.model.assessment import Assessment, KpiAssessment
from kpiascode.model.signals import Rule, Standing, Variation
from kpiascode.pipeline import judging, reading

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def company() -> Assessment:
    checked = reading.check(ROOT)
    asked = connection(None, None, None, checked.project.settings)
    return judging.assessment(checked, datetime(2026, 1, 1), asked, None)


def values(kpi: KpiAssessment) -> list[float]:
    """Return the complete months; none of these KPIs has a gap."""
    return [float(o.value) for o in kpi.series if o.complete and o.value is not None]


def usual(months: list[float]) -> tuple[float, float, float]:
    """Return mean and natural limits of the first two years, by the textbook."""
    base = months[:24]
    mean, distance = fmean(base), fmean(abs(b - a) for a, b in pairwise(base))
    return mean - 2.66 * distance, mean, mean + 2.66 * distance


def test_a_real_signal_is_raised_the_refunds_of_the_autumn_of_2025(company: Assessment) -> None:
    refunds = company.kpis["refund_rate"]
    low, mean, high = usual(values(refunds))

    october, november, december = values(refunds)[-3:]
    assert october > high
    assert all(nearer - mean > high - nearer for nearer in (november, december))  # three of the last four
    assert all(low < month < high for month in (november, december))  # which a single look would not tell
    assert {s.rule for s in refunds.behaviour.segments[-1].signals} == {Rule.OUTSIDE, Rule.NEAR_LIMIT}
    assert refunds.behaviour.since is not None
    assert refunds.behaviour.since.name == "2025-10"
    assert (refunds.behaviour.variation, refunds.standing) == (Variation.WORSE, Standing.ACT)


def test_a_false_alarm_is_not_raised_the_baskets_that_fell_three_months_in_a_row(company: Assessment) -> None:
    baskets = company.kpis["cross_category_rate"]
    low, _, high = usual(values(baskets))

    september, october, november, december = values(baskets)[-4:]
    assert september > october > november > december  # on a chart with arrows: down, down, down
    assert all(low < month < high for month in (october, november, december))
    assert (baskets.behaviour.variation, baskets.behaviour.new) == (Variation.USUAL, None)


def test_the_limits_are_those_of_the_textbook(company: Assessment) -> None:
    for name in ("refund_rate", "cross_category_rate", "payment_days", "operating_costs"):
        [segment] = company.kpis[name].behaviour.segments
        assert segment.limits is not None
        found = (segment.limits.lower, segment.limits.mean, segment.limits.upper)
        assert tuple(map(float, found)) == pytest.approx(usual(values(company.kpis[name])))
