"""The four questions of a whole KPI, from definitions, goals and data to the verdict."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from factories import (
    compiled,
    dataset,
    dimension,
    goal,
    kpi,
    months_before_april,
    project,
    result,
    scorecard,
    seen,
)
from ledger_cases import publication

from kpiascode.assess import assess
from kpiascode.model.assessment import Criterion, CriterionAssessment, Grade, KpiAssessment, Outcome
from kpiascode.model.ledger import Publication
from kpiascode.model.observation import Freshness
from kpiascode.model.project import Bounds, Communication, Kpi, Waiver

APRIL_1 = datetime(2026, 4, 1)
VALUES = [f"0.4{n}" for n in range(10)] + ["0.42", "0.44"]
GOOD = kpi(
    "margin",
    dimensions=(dimension("unit"),),
    bounds=Bounds(min=None, max=Decimal(1)),
    act="Review discounts within ten days.",
    communication=Communication(audiences=("acme",), channels=(), lag=timedelta(days=5)),
    examples=2,
    edge_examples=1,
)
GROWTH = goal("growth", result("margin", "0.4"), org_unit="acme")
LOW = goal("low", result("margin", "0.4"), org_unit="retail", parents=("growth",))
MONTHLY = scorecard("monthly", "margin", audiences=("acme",))


def judged(
    margin: Kpi,
    *things: Any,
    slices: Iterable[str] = ("Retail",),
    told: tuple[Publication, ...] | None = None,
    as_of: datetime = APRIL_1,
) -> KpiAssessment:
    orders = dataset("orders", freshness=timedelta(days=1))
    later = ["2026-04", "2026-05", "2026-06"][: as_of.month - 4]
    months = [*months_before_april("margin", *VALUES), *(seen("margin", name, "0.4") for name in later)]
    by_unit = [seen("margin", "2026-03", "0.4", (("unit", value),)) for value in slices]
    fresh = {"orders": Freshness(dataset="orders", latest=datetime(2026, 3, 31), rows=9)}
    known = replace(compiled("margin"), publications=told)
    answer = assess(project(margin, orders, *things), [*months, *by_unit], fresh, known, as_of)
    return answer.kpis["margin"]


def answers(found: KpiAssessment) -> dict[Criterion, CriterionAssessment]:
    return {one.criterion: one for one in found.criteria}


def test_a_good_kpi_is_as_good_as_the_evidence_that_is_not_there() -> None:
    found = judged(GOOD, GROWTH, LOW, MONTHLY)

    assert {one.criterion: (one.grade, one.score) for one in found.criteria} == {
        Criterion.CRUCIAL: (Grade.STRONG, 1),
        Criterion.QUANTIFIABLE: (Grade.STRONG, 1),
        Criterion.COMMUNICATED: (Grade.NO_EVIDENCE, None),
        Criterion.RELEVANT: (Grade.STRONG, 1),
    }
    assert (found.verdict, found.below) == (Grade.NO_EVIDENCE, Criterion.COMMUNICATED)


def test_communicated_says_what_is_missing_and_what_can_be_done_today() -> None:
    on_none = answers(judged(GOOD, GROWTH, LOW))[Criterion.COMMUNICATED]
    on_one = answers(judged(GOOD, GROWTH, LOW, MONTHLY))[Criterion.COMMUNICATED]

    for one in (on_none, on_one):
        assert (
            one.reason == "No publication is recorded, so whether its values were told on time is not known."
        )
        assert one.first_fix == "Tell it with `kpi publish`, which records when and to whom."


def test_a_kpi_fails_to_be_communicated_and_passes_when_its_first_fix_is_done() -> None:
    """Never told; then told each month for three months, to both levels."""
    in_july = datetime(2026, 7, 1)
    months = {
        "2026-05-04T09:00:00": "2026-04",
        "2026-06-03T09:00:00": "2026-05",
        "2026-07-01T00:00:00": "2026-06",
    }
    told = tuple(publication(at, name, audiences=("acme", "retail")) for at, name in months.items())

    before = judged(GOOD, GROWTH, LOW, MONTHLY, told=())
    after = judged(GOOD, GROWTH, LOW, MONTHLY, told=told, as_of=in_july)

    failing = answers(before)[Criterion.COMMUNICATED]
    assert (failing.grade, failing.reason) == (Grade.FAILING, "None of the last 3 months was told.")
    assert failing.first_fix == "Publish 2026-03 with `kpi publish` by 6 April 2026."
    assert (before.verdict, before.below) == (Grade.FAILING, Criterion.COMMUNICATED)
    passing = answers(after)[Criterion.COMMUNICATED]
    assert passing.grade is Grade.STRONG
    assert passing.reason == "Each of 2026-04, 2026-05 and 2026-06 was told within 5 days of its end."


def test_strong_says_what_speaks_for_it() -> None:
    found = answers(judged(GOOD, GROWTH, LOW, MONTHLY))

    assert found[Criterion.CRUCIAL].reason == "Serves “Growth”, a goal of Acme."
    assert found[Criterion.RELEVANT].reason == "By `unit` it has a value for Retail."


def test_a_kpi_without_a_goal_fails_to_be_crucial_and_that_is_the_verdict() -> None:
    found = judged(GOOD, MONTHLY)
    crucial = answers(found)[Criterion.CRUCIAL]

    assert (found.verdict, found.below) == (Grade.FAILING, Criterion.CRUCIAL)
    assert (crucial.reason, crucial.first_fix) == (
        "No goal needs it.",
        "Name it in the results of a goal, or retire it.",
    )


def test_a_waiver_is_told_and_lifts_the_gate() -> None:
    excused = replace(
        GOOD,
        waivers=(
            Waiver(
                probe="serves-a-goal",
                reason="The goals of the year are agreed in May",
                approved_by="cfo",
                expires=date(2026, 6, 1),
            ),
        ),
    )

    crucial = answers(judged(excused, MONTHLY))[Criterion.CRUCIAL]
    gate = crucial.findings[0]

    assert gate.outcome is Outcome.WAIVED
    assert gate.reason == (
        "No goal needs it. Waived by cfo until 1 June 2026: The goals of the year are agreed in May."
    )
    assert (crucial.grade, crucial.score and round(crucial.score, 4)) == (
        Grade.WEAK,
        Decimal("0.4167"),
    )  # 2.5 of 6


def test_every_finding_belongs_to_the_criterion_that_lists_it() -> None:
    for one in judged(GOOD, GROWTH, LOW, MONTHLY).criteria:
        assert one.findings
        assert {finding.criterion for finding in one.findings} == {one.criterion}


@pytest.mark.parametrize(
    ("things", "margin"),
    [
        pytest.param((GROWTH, LOW, MONTHLY), GOOD, id="a good KPI"),
        pytest.param((), kpi("margin"), id="a bare one"),
        pytest.param((goal("low", result("margin", "1"), org_unit="retail"),), GOOD, id="one of a unit only"),
    ],
)
def test_every_reason_is_a_sentence_and_every_fix_says_what_to_do(
    things: tuple[Any, ...], margin: Kpi
) -> None:
    for one in judged(margin, *things).criteria:
        for text in [one.reason, *(f.reason for f in one.findings), *(f.fix for f in one.findings if f.fix)]:
            assert text.endswith(".")
            assert text[0].isupper() or text[0] == "“"
            assert "  " not in text
