"""The budget of 2011 as a target: what the goal says of the ledger, against the oracle."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from kpiascode.model.assessment import Assessment, ResultAssessment, Status
from kpiascode.pipeline import judging, reading
from kpiascode.pipeline.connection import Connection

from .oracle import budget_2011_to_date

DAYS = [date(2011, 3, 1), date(2011, 8, 1), date(2012, 1, 1), date(2013, 6, 1)]


@pytest.fixture(scope="module")
def judged(adventureworks: Path) -> dict[date, Assessment]:
    checked = reading.check(adventureworks)
    assert not checked.has_errors
    return {
        day: judging.assessment(checked, datetime(day.year, day.month, day.day), Connection(), None)
        for day in DAYS
    }


def results(assessment: Assessment) -> dict[tuple[str, ...], ResultAssessment]:
    return {
        tuple(str(value) for _, value in one.result.slice): one
        for one in assessment.goals["budget_2011"].results
    }


@pytest.mark.parametrize("day", DAYS, ids=str)
@pytest.mark.parametrize("organization", [(), ("Canadian Division",), ("Southwest Division",)], ids=str)
def test_sales_so_far_are_held_against_the_budget_so_far(
    judged: dict[date, Assessment], day: date, organization: tuple[str, ...]
) -> None:
    expected = budget_2011_to_date(day)[organization]
    found = results(judged[day])[organization]

    assert found.value == expected.net_sales
    assert found.target_value == expected.budget
    assert found.expected == expected.budget, "the other KPI already says what is expected so far"
    assert found.progress == pytest.approx(expected.attainment, rel=Decimal("1e-20"))
    assert found.status is (Status.MET if expected.net_sales >= expected.budget else Status.MISSED)


def test_before_the_goal_begins_nothing_is_due(adventureworks: Path) -> None:
    checked = reading.check(adventureworks)
    early = judging.assessment(checked, datetime(2011, 1, 1), Connection(), None)

    assert {one.status for one in results(early).values()} == {Status.NOT_DUE}
