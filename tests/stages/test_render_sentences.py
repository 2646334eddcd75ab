"""Every sentence of the site is computed: what it says for each case."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from render_fixture import (
    COUNT,
    EUR,
    PERCENT,
    YEAR,
    assessed,
    assessment,
    judged,
    make_kpi,
    make_result,
    months,
    series,
)

from kpiascode.model.assessment import Assessment, Grade, KpiAssessment, ResultAssessment, Status
from kpiascode.model.calendar import Calendar, Grain
from kpiascode.model.project import Band, Direction, Kpi, Measure, Measured, Path, Result, TargetKpi
from kpiascode.model.signals import Standing, Variation
from kpiascode.render.changes import moved
from kpiascode.render.judged import leading
from kpiascode.render.numbers import NBSP
from kpiascode.render.overview import overview
from kpiascode.render.sentences import distance, kpi_sentence, said, target_note, verdict_clause
from kpiascode.render.verdicts import goal_sentence, good_kpi_sentence, progress_words, verdict_words

HIGHER = make_kpi("rate", "Rate", PERCENT, Direction.HIGHER)
LOWER = make_kpi("cost", "Cost", EUR, Direction.LOWER)
AIMED = make_result("rate", Decimal("0.44"), tolerance=Decimal("0.01"))


def written(text: str) -> str:
    return text.replace(NBSP, " ")


@pytest.fixture(scope="module")
def company() -> Assessment:
    return assessment()


def clause(company: Assessment, kpi: Kpi, one: ResultAssessment) -> str:
    return written(str(verdict_clause(one, kpi, company)))


def of(result: Result, status: Status, value: str | None, **numbers: str) -> ResultAssessment:
    return judged("profitable_growth", result, status, value, **numbers)  # type: ignore[arg-type]


# --- what became of a result


@pytest.mark.parametrize(
    ("one", "words"),
    [
        pytest.param(
            of(AIMED, Status.MET, "0.446", expected="0.44", target="0.44"),
            "met its target of 44 % with 0.6 points to spare",
            id="met",
        ),
        pytest.param(
            of(AIMED, Status.MET, "0.44", expected="0.44", target="0.44"),
            "met its target of 44 % exactly",
            id="met exactly",
        ),
        pytest.param(
            of(AIMED, Status.AT_RISK, "0.435", expected="0.44", target="0.44", short_by="0.005"),
            "missed its target of 44 % by 0.5 points; that is within the tolerance of 1 point",
            id="within tolerance",
        ),
        pytest.param(
            of(AIMED, Status.MISSED, "0.426", expected="0.44", target="0.44", short_by="0.014"),
            "missed its target of 44 % by 1.4 points",
            id="missed",
        ),
        pytest.param(
            of(AIMED, Status.MISSED, "0.42", expected="0.43575", target="0.44", short_by="0.01575"),
            "1.6 points behind the 43.6 % expected by now, on the way to 44 % by 31 December 2026",
            id="behind on its way",
        ),
        pytest.param(
            of(AIMED, Status.MET, "0.436", expected="0.43575", target="0.44"),
            "0.03 points ahead of the 43.58 % expected by now, on the way to 44 % by 31 December 2026",
            id="just ahead on its way: as many digits as it takes",
        ),
        pytest.param(
            of(AIMED, Status.MET, "0.43", expected="0.43", target="0.44"),
            "exactly at the 43.0 % expected by now, on the way to 44 % by 31 December 2026",
            id="exactly on its way",
        ),
        pytest.param(
            of(replace(AIMED, path=Path.BY_END), Status.NOT_DUE, "0.40", target="0.44"),
            "has 44 % by 31 December 2026 to reach; nothing is expected before",
            id="not due",
        ),
        pytest.param(
            replace(of(AIMED, Status.NOT_DUE, None), period=None, target=None),
            "is not due yet, since none of its periods has ended",
            id="not begun",
        ),
        pytest.param(
            replace(of(AIMED, Status.NOT_DUE, "0.4"), target=None),
            "has no target for October 2026 yet",
            id="no target there",
        ),
        pytest.param(
            of(AIMED, Status.NO_DATA, None, expected="0.44", target="0.44"),
            "cannot be held against its target of 44 %",
            id="no value",
        ),
        pytest.param(
            replace(
                of(make_result("rate", TargetKpi(kpi="net_sales_budget")), Status.NO_DATA, "1"), target=None
            ),
            "has no target to be held against: Net sales budget has no value there",
            id="the KPI that is its target has no value",
        ),
        pytest.param(
            of(
                make_result("rate", TargetKpi(kpi="net_sales_budget")),
                Status.MET,
                "0.5",
                expected="0.4",
                target="0.4",
            ),
            "met its target of 40.0 % (Net sales budget) with 10.0 points to spare",
            id="another KPI is its target",
        ),
    ],
)
def test_a_result_of_a_rate(company: Assessment, one: ResultAssessment, words: str) -> None:
    assert clause(company, HIGHER, one) == words


BAND = make_result("rate", Band(min=Decimal("0.95"), max=Decimal("1.05")), tolerance=Decimal("0.02"))


@pytest.mark.parametrize(
    ("status", "value", "words", "off"),
    [
        (Status.MET, "1", "stayed inside its band of 95 to 105 %", "inside the band"),
        (
            Status.AT_RISK,
            "0.94",
            "left its band of 95 to 105 % by 1.0 points; that is within the tolerance of 2 points",
            "1.0 points outside",
        ),
        (Status.MISSED, "1.1", "left its band of 95 to 105 % by 5.0 points", "5.0 points outside"),
    ],
)
def test_a_band(company: Assessment, status: Status, value: str, words: str, off: str) -> None:
    one = of(BAND, status, value)

    assert clause(company, HIGHER, one) == words
    assert written(distance(one, HIGHER)) == off
    assert written(target_note(one, HIGHER, company.project.goals)) == "band 95 to 105 %"


@pytest.mark.parametrize(
    ("one", "off", "note"),
    [
        pytest.param(
            of(AIMED, Status.MISSED, "0.42", expected="0.44", target="0.44", short_by="0.02"),
            "2.0 points short",
            "target 44 %",
            id="short of its target",
        ),
        pytest.param(
            of(AIMED, Status.MET, "0.45", expected="0.43", target="0.44"),
            "2.0 points ahead",
            "43.0 % by now, target 44 %",
            id="ahead on its way",
        ),
        pytest.param(
            of(AIMED, Status.MET, "0.45", target="0.44"),
            "1.0 points to spare",
            "target 44 %",
            id="reached before it was due",
        ),
        pytest.param(
            of(AIMED, Status.NOT_DUE, "0.42", target="0.44"), "", "44 % by 31 December 2026", id="not due"
        ),
        pytest.param(of(AIMED, Status.NO_DATA, None), "", "target not known", id="nothing known"),
    ],
)
def test_the_short_words_of_a_table(company: Assessment, one: ResultAssessment, off: str, note: str) -> None:
    assert written(distance(one, HIGHER)) == off
    assert written(target_note(one, HIGHER, company.project.goals)) == note


# --- what a page of a KPI begins with


def shown(company: Assessment, kpi: Kpi, values: str, *results: ResultAssessment) -> str:
    made = assessed(kpi, series(kpi.name, values), results, "SSSS")
    return written(said(kpi_sentence(kpi, made, company)))


def test_value_period_and_target_in_one_sentence(company: Assessment) -> None:
    missed = of(
        make_result("cost", Decimal(50)), Status.MISSED, "55.04", expected="50", target="50", short_by="5.04"
    )

    assert shown(company, LOWER, "52 55.04 57", missed) == (
        "Cost was 55.04 € in October 2026 and missed its target of 50 € by 5.04 €."
    )


def test_a_value_is_told_from_the_target_that_it_missed(company: Assessment) -> None:
    missed = of(AIMED, Status.MISSED, "0.4396", expected="0.44", target="0.44", short_by="0.0004")

    assert shown(company, HIGHER, "0.43 0.4396 0.44", missed) == (
        "Rate was 43.96 % in October 2026 and missed its target of 44 % by 0.04 points."
    )


def test_without_a_goal_it_says_so(company: Assessment) -> None:
    assert shown(company, HIGHER, "0.43 0.44 0.45") == "Rate was 44.0 % in October 2026. It has no target."


def test_a_goal_for_a_slice_is_no_goal_for_the_total(company: Assessment) -> None:
    online = of(
        replace(AIMED, slice=(("channel", "online"),)), Status.MET, "0.5", expected="0.44", target="0.44"
    )

    assert shown(company, HIGHER, "0.43 0.44 0.45", online) == (
        "Rate was 44.0 % in October 2026. No goal asks for its total."
    )


def test_a_missing_value_is_not_a_bad_one(company: Assessment) -> None:
    silent = of(AIMED, Status.NO_DATA, None, expected="0.44", target="0.44")

    assert shown(company, HIGHER, "0.43 - 0.45", silent) == (
        "Rate has no value for October 2026; the last known is 43.0 % for September 2026. "
        "It cannot be held against its target of 44 %."
    )
    assert shown(company, HIGHER, "- - -") == (
        "Rate has no value for October 2026, nor for any period before. It has no target."
    )


def test_before_its_first_period_has_ended(company: Assessment) -> None:
    assert shown(company, HIGHER, "0.45") == "Rate has no complete period yet. It has no target."


def test_a_target_for_a_span_is_told_with_the_span(company: Assessment) -> None:
    (so_far,) = Calendar().periods(Grain.ALL, date(2026, 1, 1), date(2026, 11, 1))
    result = make_result("cost", Decimal(600), measured=Measured.TO_DATE, path=Path.LINEAR)
    ahead = replace(of(result, Status.MET, "480", expected="500", target="600"), period=so_far)

    assert shown(company, LOWER, "52 55.04 57", ahead) == (
        "Cost was 55.04 € in October 2026. From 1 January to 31 October 2026 it came to 480 €, "
        "20.00 € ahead of the 500 € expected by now, on the way to 600 € by 31 December 2026."
    )


def test_the_goal_that_holds_now_leads_and_of_several_the_furthest_off(company: Assessment) -> None:
    before = replace(company.project.goals["kept_promises"], start=date(2025, 1, 1), end=YEAR[0])
    project = replace(company.project, goals={**company.project.goals, "before": before})
    over = replace(
        of(AIMED, Status.MISSED, "0.3", expected="0.44", target="0.44", short_by="0.14"), goal="before"
    )
    near = of(AIMED, Status.MISSED, "0.43", expected="0.44", target="0.44", short_by="0.01")
    far = of(AIMED, Status.MISSED, "0.43", expected="0.45", target="0.45", short_by="0.02")
    made = assessed(HIGHER, series("rate", "0.4 0.43 0.4"), (over, near, far), "SSSS")

    assert leading(made, replace(company, project=project)) is far


# --- changes


@pytest.mark.parametrize(
    ("kpi", "values", "amount", "verdict"),
    [
        pytest.param(HIGHER, "0.43 0.45 0", "+2.0 points", "better", id="a rate changes by points"),
        pytest.param(LOWER, "50 55 0", "+10.0 %", "worse", id="what has a size changes relatively"),
        pytest.param(LOWER, "55 55 0", "unchanged", "", id="not at all"),
        pytest.param(LOWER, "- 55 0", "", "not known", id="against nothing"),
        pytest.param(LOWER, "-50 55 0", "+105 €", "worse", id="no percentages around zero"),
        pytest.param(LOWER, "1 55 0", "+54.00 €", "worse", id="nor of many times"),
        pytest.param(LOWER, "0 55 0", "+55.00 €", "worse", id="nor of nothing"),
        pytest.param(
            make_kpi("band", "Band", COUNT, Direction.BAND),
            "10 11 0",
            "+10.0 %",
            "",
            id="a band knows no better",
        ),
    ],
)
def test_a_change(kpi: Kpi, values: str, amount: str, verdict: str) -> None:
    made = assessed(kpi, series(kpi.name, values.replace("-50", "-50.0")), (), "SSSS")
    assert made.previous is not None

    change = moved(made.previous, kpi.unit)

    assert (written(change.amount), change.verdict, change.since) == (amount, verdict, "September 2026")


# --- several


def standing_so(company: Assessment, **standings: Standing) -> Assessment:
    """Return the company with some KPIs that stand as told, and vary no more than usual."""
    calm = {
        name: replace(
            company.kpis[name],
            standing=standing,
            behaviour=replace(company.kpis[name].behaviour, variation=Variation.USUAL, since=None),
        )
        for name, standing in standings.items()
    }
    return replace(company, kpis={**company.kpis, **calm})


def overview_of(made: Assessment, *names: str) -> str:
    return written(said(overview(names, made)))


def test_an_overview_counts_names_and_adds_up(company: Assessment) -> None:
    names = company.project.scorecards["retail_monthly"].kpis

    assert overview_of(company, *names) == (
        "0 of 10 KPIs with a target are on track, 6 to watch, 1 improving. "
        "Operating result is worse than usual since August 2026. "
        "Refund rate is worse than usual since August 2026. Net promoter score has no verdict."
    )


def test_up_to_two_that_missed_say_by_how_much(company: Assessment) -> None:
    made = standing_so(
        company, refund_rate=Standing.ACT, acquisition_cost=Standing.ACT, orders=Standing.ON_TRACK
    )

    assert overview_of(made, "refund_rate", "acquisition_cost", "orders") == (
        "1 of 3 on track. Refund rate missed its target by 1.1 points. Acquisition cost missed its target by 5.04 €."
    )


def test_what_cannot_meet_its_target_is_told_apart_from_what_missed_it_once(company: Assessment) -> None:
    made = standing_so(company, acquisition_cost=Standing.CANNOT, orders=Standing.AT_A_COST)

    assert overview_of(made, "acquisition_cost", "orders") == (
        "0 of 2 on track. Acquisition cost cannot meet its target as it is. Orders got better at a cost."
    )


def test_three_or_four_are_counted_and_named(company: Assessment) -> None:
    made = standing_so(
        company,
        refund_rate=Standing.CANNOT,
        acquisition_cost=Standing.CANNOT,
        orders=Standing.CANNOT,
    )

    assert overview_of(made, "refund_rate", "acquisition_cost", "orders") == (
        "0 of 3 on track. 3 cannot meet their targets as they are: Refund rate, Acquisition cost and Orders."
    )


def test_many_are_counted_and_the_worst_named(company: Assessment) -> None:
    worse = company.kpis["refund_rate"]
    made = replace(company, kpis={f"k{at}": replace(worse, kpi="refund_rate") for at in range(5)})

    assert overview_of(made, *made.kpis) == (
        "0 of 5 on track. 5 are worse than usual, Refund rate and Refund rate by most."
    )


def test_an_overview_of_nothing(company: Assessment) -> None:
    assert said(overview([], company)) == "No KPI yet."
    assert written(said(overview(["ad_impressions"], company))) == "None of 1 KPI has a target."


def test_the_overview_leads_to_the_kpis_that_it_names(company: Assessment) -> None:
    pieces = overview(["refund_rate"], company)

    assert [(piece.path, piece.tone) for piece in pieces if piece.path] == [("kpis/refund_rate.html", "act")]


# --- goals and grades


def test_a_goal_says_how_far_it_is_and_which_results_missed(company: Assessment) -> None:
    goal = company.project.goals["profitable_growth"]
    titles = {name: kpi.title for name, kpi in company.project.kpis.items()}

    assert written(said(goal_sentence(goal, company.goals[goal.name], titles))) == (
        "58 % done, 83 % expected by now. 2 of 4 results on target. Operating result missed."
    )


def test_a_goal_without_results_speaks_of_those_beneath_it(company: Assessment) -> None:
    goal = company.project.goals["better_retail"]

    assert written(said(goal_sentence(goal, company.goals[goal.name], {}))) == (
        "It has no results of its own; 2 goals lead to it. The worst beneath it: missed."
    )


def test_the_wrong_way_is_not_a_negative_part_done(company: Assessment) -> None:
    back = replace(company.goals["profitable_growth"], progress=Decimal("-0.65"))

    assert written(progress_words(back)) == "65 % the wrong way, 83 % expected by now"
    assert progress_words(replace(back, progress=None)) == ""


def graded(grades: str) -> KpiAssessment:
    return assessed(HIGHER, series("rate", "1 1"), (), grades)


@pytest.mark.parametrize(
    ("grades", "short", "long"),
    [
        ("SSSS", "Strong", "Strong on all four counts."),
        (
            "SSWS",
            "Weak: communicated",
            "Weak, because of how far it is communicated. The lowest of the four decides.",
        ),
        (
            "SNSS",
            "Not enough evidence: quantifiable",
            "Not enough evidence of how well it is defined and measured. The lowest of the four decides.",
        ),
    ],
)
def test_the_verdict_is_the_lowest_of_four(grades: str, short: str, long: str) -> None:
    assert (verdict_words(graded(grades)), good_kpi_sentence(graded(grades))) == (short, long)


def test_every_grade_can_be_the_verdict() -> None:
    assert {graded(f"S{letter}SS").verdict for letter in "SANWF"} == set(Grade)


def test_units_without_a_sign_are_words(company: Assessment) -> None:
    hours = make_kpi("reply", "Reply", Measure(name="hours"), Direction.LOWER)
    one = of(make_result("reply", Decimal(24)), Status.MET, "16.6", expected="24", target="24")

    assert clause(company, hours, one) == "met its target of 24 hours with 7.4 hours to spare"
    assert months(1)[0].name == "2026-11"
