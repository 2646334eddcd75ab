"""The rule about signals of a KPI whose neighbouring values share rows."""

import pytest
from surroundings import all_findings, case, findings, kpi, reported, together

from kpiascode.lint.rules import signals_of_overlapping_windows
from kpiascode.model.calendar import Calendar, Grain, retail_year
from kpiascode.model.overlap import overlapping

RULE = signals_of_overlapping_windows.RULE
SEASONAL = "{seasonal: true}"
MONEY = "{currency: EUR}"


def asked(expression: str, grain: str = "month") -> str:
    return kpi(expression, MONEY, grain=grain, signals=SEASONAL)


@pytest.mark.parametrize(
    ("expression", "grain"),
    [
        pytest.param("rolling(sum(net_amount), 12 months)", "month", id="twelve months, each month"),
        pytest.param("rolling(sum(net_amount), 2 months)", "month", id="two months, each month"),
        pytest.param("rolling(sum(net_amount), 2 periods)", "week", id="two periods, whatever they are"),
        pytest.param("rolling(sum(net_amount), 1 month)", "week", id="a month, each week"),
        pytest.param("rolling(sum(net_amount), 8 days)", "week", id="a day more than the week has"),
        pytest.param("rolling(sum(net_amount), 32 days)", "month", id="a day more than any month has"),
        pytest.param("rolling(sum(net_amount), 25 hours)", "day", id="an hour more than the day has"),
        pytest.param("rolling(sum(net_amount), 2 days)", "day", id="two days, each day"),
        pytest.param("rolling(sum(net_amount), 1 year)", "fiscal_quarter", id="a year, each fiscal quarter"),
        pytest.param("to_date(sum(net_amount), year)", "month", id="the year so far, each month"),
        pytest.param("to_date(sum(net_amount), month)", "week", id="the month so far, each week"),
        pytest.param("cumulative(sum(net_amount))", "year", id="all there ever was"),
        pytest.param("sum(net_amount) / rolling(sum(net_amount), 12 months)", "month", id="deep inside"),
        pytest.param("rolling(previous(sum(net_amount), 1 month), 12 months)", "month", id="of another time"),
    ],
)
def test_signals_of_values_that_share_rows_are_found(expression: str, grain: str) -> None:
    assert reported(RULE, asked(expression, grain)) == [SEASONAL]


@pytest.mark.parametrize(
    ("expression", "grain"),
    [
        pytest.param("sum(net_amount)", "month", id="no window"),
        pytest.param("rolling(sum(net_amount), 1 month)", "month", id="the month itself"),
        pytest.param("rolling(sum(net_amount), 1 period)", "day", id="the period itself"),
        pytest.param("rolling(sum(net_amount), 7 days)", "week", id="the week itself"),
        pytest.param("rolling(sum(net_amount), 24 hours)", "day", id="the day itself"),
        pytest.param("rolling(sum(net_amount), 28 days)", "month", id="shorter than the month"),
        pytest.param("rolling(sum(net_amount), 31 days)", "month", id="as long as the longest month"),
        pytest.param("rolling(sum(net_amount), 1 month)", "quarter", id="the last month of a quarter"),
        pytest.param("to_date(sum(net_amount), year)", "year", id="the whole year"),
        pytest.param(
            "to_date(sum(net_amount), fiscal_year)", "year", id="what the year has of the fiscal year"
        ),
        pytest.param("previous(sum(net_amount), 1 year)", "month", id="another month"),
        pytest.param("average_over(sum(net_amount), day)", "month", id="a mean within the month"),
    ],
)
def test_signals_of_values_of_their_own_are_not(expression: str, grain: str) -> None:
    assert reported(RULE, asked(expression, grain)) == []


def test_a_kpi_shares_rows_if_one_that_it_is_computed_from_does() -> None:
    over_a_year = kpi("rolling(net_sales, 12 months)", MONEY, "over_a_year", grain="month")
    share = kpi("net_sales / over_a_year", "percent", "share", grain="month")

    assert reported(RULE, together(kpi("1 - share", signals=SEASONAL), share, over_a_year)) == [SEASONAL]


def test_a_rule_that_held_before_counts_since_its_values_are_in_the_series() -> None:
    before = "[{until: 2025-01-01, reason: Settled, expression: 'rolling(net_sales, 12 months)'}]"

    assert reported(
        RULE, kpi("sum(net_amount)", MONEY, grain="month", signals=SEASONAL, revisions=before)
    ) == [SEASONAL]


def test_a_retail_month_may_have_six_weeks_and_another_fiscal_month_31_days() -> None:
    made = case(asked("rolling(sum(net_amount), 32 days)", "fiscal_month"))
    retail = Calendar(retail=retail_year("4-4-5", "last saturday of january"))
    months = Calendar(fiscal_year_start=4)
    project = made.project

    assert overlapping(project.kpis["asked"], project.kpis, Grain.FISCAL_MONTH, months) == "windows"
    assert overlapping(project.kpis["asked"], project.kpis, Grain.FISCAL_MONTH, retail) is None


def test_without_a_key_about_signals_nothing_is_said() -> None:
    assert reported(RULE, kpi("rolling(net_sales, 12 months)", MONEY, grain="month")) == []


def test_each_key_is_a_finding_that_says_what_to_do() -> None:
    changes = "[{from: 2026-03-01, reason: New shop}]"
    made = case(
        kpi("to_date(net_sales, year)", MONEY, grain="month", signals=SEASONAL, process_changes=changes)
    )

    signals, process_changes = findings(RULE, made)
    assert made.under(process_changes) == changes
    assert signals.message == (
        "The sums to date of `asked` share rows with those before, so no signal is told."
    )
    assert signals.hint == "Look for signals in the KPI of the single month, and drop `signals` here."
    assert process_changes.hint == (
        "Look for signals in the KPI of the single month, and drop `process_changes` here."
    )


def test_it_is_asked_by_default_and_is_an_error() -> None:
    made = case(asked("cumulative(net_sales)"))

    assert RULE.code in {code for code, _ in all_findings(made)}
    assert [found.severity.value for found in findings(RULE, made)] == ["error"]
