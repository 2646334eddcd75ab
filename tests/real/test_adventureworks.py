"""AdventureWorks: the ledger, the call centre, the quotas and the survey, through the command line."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from .comparison import Run, assert_refused, assert_says, number, options, told_by
from .conftest import write_project
from .oracle import Answer, Question, answer
from .questions import ADVENTUREWORKS_QUESTIONS, LEDGER, LEDGER_IS_CLOSED, YEAR_2011, in_words

WHOLE_LEDGER = Question(kpi="net_sales", grain="all", start=LEDGER[0], end=LEDGER[1], as_of=LEDGER_IS_CLOSED)


@pytest.mark.parametrize("question", ADVENTUREWORKS_QUESTIONS, ids=in_words)
def test_the_product_says_what_the_oracle_says(question: Question, kpi: Run, adventureworks: Path) -> None:
    told = told_by(kpi("run", question.kpi, *options(question, adventureworks)))

    assert_says(told, question)


@pytest.mark.parametrize(
    ("account", "amount"),
    [
        pytest.param("Trade Sales", "103781414.04", id="trade sales add to net income"),
        pytest.param("Intercompany Sales", "4704891.15", id="intercompany sales add to net income"),
        pytest.param("Returns and Adjustments", "-3424492.36", id="returns take from net income"),
        pytest.param("Discounts", "-1989317.33", id="discounts take from net income"),
        pytest.param("Standard Cost of Sales", "-28544191.17", id="the standard cost takes from net income"),
        pytest.param("Variances", "-4107007.34", id="variances take from net income"),
        pytest.param("Taxes", "-7243791.57", id="taxes take from net income"),
        pytest.param("Interest Expense", "-225723.59", id="interest expense takes from net income"),
    ],
)
def test_what_an_account_does_to_net_income(
    account: str, amount: str, kpi: Run, adventureworks: Path
) -> None:
    question = Question(
        kpi="net_income", grain="all", by=("account",), start=LEDGER[0], end=LEDGER[1], as_of=LEDGER_IS_CLOSED
    )

    told = told_by(kpi("run", "net_income", *options(question, adventureworks)))

    assert [number(one["value"]) for one in told if one["slice"]["account"] == account] == [Decimal(amount)]


@pytest.mark.parametrize(
    ("name", "amount"),
    [
        pytest.param("gross_sales", "108486305.19", id="gross sales: trade and intercompany sales"),
        pytest.param("net_sales", "103072495.50", id="net sales: gross sales - returns - discounts"),
        pytest.param("cost_of_sales", "32651198.51", id="total cost of sales: standard cost + variances"),
        pytest.param("gross_profit", "70421296.99", id="gross profit: net sales - total cost of sales"),
        pytest.param(
            "operating_profit", "27873472.74", id="operating profit: gross profit - operating expenses"
        ),
        pytest.param("other_income", "50937.46", id="other income: less interest expense"),
        pytest.param("taxes", "7243791.57", id="taxes: as booked"),
        pytest.param("net_income", "20680618.63", id="net income: operating profit + other income - taxes"),
        pytest.param("net_income_of_parts", "20680618.63", id="net income: the same by its parts"),
    ],
)
def test_the_whole_ledger(name: str, amount: str, kpi: Run, adventureworks: Path) -> None:
    (told,) = told_by(kpi("run", name, *options(WHOLE_LEDGER, adventureworks)))

    assert (told["kpi"], told["period"], told["slice"], told["complete"]) == (name, "all", {}, True)
    assert number(told["value"]) == Decimal(amount)


def test_several_kpis_asked_at_once_say_what_each_says_alone(kpi: Run, adventureworks: Path) -> None:
    names = ("net_sales", "gross_margin", "net_income", "net_sales_budget", "budget_attainment", "net_margin")
    questions = [
        Question(
            kpi=name,
            grain="month",
            by=("organization",),
            start=date(2011, 1, 1),
            end=date(2012, 1, 1),
            as_of=LEDGER_IS_CLOSED,
        )
        for name in names
    ]

    told = told_by(kpi("run", *names, *options(questions[0], adventureworks)))

    assert {one["kpi"] for one in told} == set(names)
    for question in questions:
        assert_says([one for one in told if one["kpi"] == question.kpi], question)


def test_the_order_is_stable(kpi: Run, adventureworks: Path) -> None:
    question = Question(
        kpi="net_income",
        grain="quarter",
        by=("organization", "department"),
        start=LEDGER[0],
        end=LEDGER[1],
        as_of=LEDGER_IS_CLOSED,
    )
    words = ["run", "net_income", "net_margin", *options(question, adventureworks)]

    assert kpi(*words).stdout == kpi(*words).stdout


def test_without_from_the_twelve_complete_months_before_as_of_and_its_own(
    kpi: Run, adventureworks: Path
) -> None:
    question = Question(
        kpi="net_sales", grain="month", start=date(2012, 6, 1), end=date(2013, 7, 1), as_of=date(2013, 6, 15)
    )

    told = told_by(
        kpi(
            "run",
            "net_sales",
            "--project",
            adventureworks,
            "--grain",
            "month",
            "--as-of",
            "2013-06-15",
            "--format",
            "json",
        )
    )

    assert_says(told, question)
    assert [one["complete"] for one in told] == [True] * 12 + [False]


@pytest.mark.parametrize(
    ("grain", "start", "end", "periods"),
    [
        pytest.param(
            "month",
            "2011-03-10",
            "2011-05-02",
            ["2011-03", "2011-04", "2011-05"],
            id="into the middle of a month",
        ),
        pytest.param(
            "quarter",
            "2011-02-10",
            "2011-04-01",
            ["2011-Q1"],
            id="to the first day of the next quarter, which is not in it",
        ),
        pytest.param("year", "2011-12-31", "2012-01-02", ["2011", "2012"], id="over a turn of the year"),
    ],
)
def test_from_and_to_are_moved_outward_to_whole_periods(
    grain: str, start: str, end: str, periods: list[str], kpi: Run, adventureworks: Path
) -> None:
    question = Question(
        kpi="net_sales",
        grain=grain,
        start=date.fromisoformat(start),
        end=date.fromisoformat(end),
        as_of=LEDGER_IS_CLOSED,
    )

    told = told_by(kpi("run", "net_sales", *options(question, adventureworks)))

    assert [one["period"] for one in told] == periods
    assert_says(told, question)


def test_a_dimension_may_be_asked_by_its_path_and_is_told_by_its_name(kpi: Run, adventureworks: Path) -> None:
    by_name = Question(
        kpi="net_sales",
        grain="quarter",
        by=("organization",),
        start=YEAR_2011[0],
        end=YEAR_2011[1],
        as_of=LEDGER_IS_CLOSED,
    )
    words = [
        word.replace("organization", "organization.OrganizationName")
        for word in options(by_name, adventureworks)
    ]

    assert_says(told_by(kpi("run", "net_sales", *words)), by_name)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("net_sales", id="net_sales: rows of one dataset"),
        pytest.param("budget_attainment", id="budget_attainment: every KPI that it refers to"),
    ],
)
def test_where_keeps_one_organization(name: str, kpi: Run, adventureworks: Path) -> None:
    question = Question(
        kpi=name, grain="quarter", start=YEAR_2011[0], end=YEAR_2011[1], as_of=LEDGER_IS_CLOSED
    )
    by_organization = Question(
        kpi=name,
        grain="quarter",
        by=("organization",),
        start=YEAR_2011[0],
        end=YEAR_2011[1],
        as_of=LEDGER_IS_CLOSED,
    )
    canada: Answer = {
        (period, ()): value
        for (period, (organization,)), value in answer(by_organization).items()
        if organization == "Canadian Division"
    }

    told = told_by(
        kpi("run", name, *options(question, adventureworks), "--where", "organization = 'Canadian Division'")
    )

    assert_says(told, question, canada)


@pytest.mark.parametrize(
    ("name", "grain"),
    [
        pytest.param("net_sales", "day", id="a monthly KPI by day"),
        pytest.param("net_sales", "week", id="a monthly KPI by week"),
        pytest.param("sales_quota", "month", id="a quarterly KPI by month"),
        pytest.param("calls_against_last_week", "month", id="a week earlier no month begins"),
    ],
)
def test_a_question_that_has_no_answer_is_refused(
    name: str, grain: str, kpi: Run, adventureworks: Path
) -> None:
    question = Question(
        kpi=name, grain=grain, start=date(2014, 5, 1), end=date(2014, 6, 1), as_of=date(2014, 7, 1)
    )

    assert_refused(kpi("run", name, *options(question, adventureworks)))


@pytest.mark.parametrize("name", ["net_sales", "owned_net_sales"])
def test_numbers_written_as_1_7e006_and_as_dot_75_are_exact_or_refused_without_declared_columns(
    name: str, kpi: Run, data: Path, tmp_path: Path
) -> None:
    def undeclared(text: str) -> str:
        return re.sub(r"(?m)^columns: .*\n", "", text)

    project = write_project(tmp_path, "adventureworks", data, undeclared)
    result = kpi("run", name, *options(WHOLE_LEDGER, project))

    if result.exit_code == 0:
        whole = Question(kpi=name, grain="all", start=LEDGER[0], end=LEDGER[1], as_of=LEDGER_IS_CLOSED)
        assert_says(told_by(result), whole)
    else:
        assert_refused(result)


def test_the_definitions_have_no_errors(kpi: Run, adventureworks: Path) -> None:
    result = kpi("check", "--project", adventureworks)

    assert result.exit_code == 0, result.output
