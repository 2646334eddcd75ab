"""CDNOW by cohorts: customers by the period of their first purchase, and what they are worth as they age.

The customers come from the purchases: a file of the day on which each first bought is written next to a copy of the
purchases. Three customers of April 1997 who never bought are made up, since the file has none.
"""

import shutil
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from .agreement import Expected, assert_same, told_values
from .comparison import Run, Told, number, told_by
from .conftest import write_project
from .oracle_base import periods
from .oracle_cohorts import (
    COHORT_KPIS,
    Age,
    CohortQuestion,
    Customer,
    bought,
    cohort_answers,
    customers,
    is_mature,
    month,
    up_to,
    write_customers,
)

LONG_AFTER = date(1999, 1, 1)
FIRST_QUARTER = (date(1997, 1, 1), date(1997, 4, 1))
FIVE_MONTHS = (date(1997, 1, 1), date(1997, 6, 1))


@pytest.fixture(scope="module")
def project(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = tmp_path_factory.mktemp("cdnow_files")
    (files / "cdnow_cohorts").mkdir()
    shutil.copyfile(data / "cdnow" / "purchases.csv", files / "cdnow_cohorts" / "purchases.csv")
    write_customers(files / "cdnow_cohorts" / "customers.csv")
    return write_project(tmp_path_factory.mktemp("cdnow_cohorts"), "cdnow_cohorts", files)


def ask(kpi: Run, project: Path, names: Sequence[str], question: CohortQuestion) -> list[Told]:
    return told_by(
        kpi(
            *("run", *names, "--project", project, "--grain", question.grain, "--format", "json"),
            *("--from", question.start, "--to", question.end, "--as-of", question.as_of),
            *(("--by", "first_order") if question.by_first_order else ()),
        )
    )


def in_words(question: CohortQuestion) -> str:
    by = " by first order" if question.by_first_order else ""
    return f"{question.grain}{by} as of {question.as_of}"


def of_span(
    grain: str, span: tuple[date, date], as_of: date, *, by_first_order: bool = False
) -> CohortQuestion:
    return CohortQuestion(grain=grain, start=span[0], end=span[1], as_of=as_of, by_first_order=by_first_order)


# --- the product against the oracle


QUESTIONS = [
    of_span("month", FIVE_MONTHS, LONG_AFTER),
    of_span("month", FIRST_QUARTER, LONG_AFTER, by_first_order=True),
    of_span("week", FIRST_QUARTER, LONG_AFTER),
    of_span("quarter", FIVE_MONTHS, LONG_AFTER),
    of_span("all", (date(1997, 1, 15), date(1997, 3, 10)), LONG_AFTER),
    of_span("month", FIVE_MONTHS, date(1997, 8, 1)),
    of_span("week", FIRST_QUARTER, date(1997, 8, 1)),
    of_span("month", FIRST_QUARTER, date(1998, 3, 1), by_first_order=True),
]


@pytest.mark.parametrize("question", QUESTIONS, ids=in_words)
def test_the_product_says_what_the_oracle_says(question: CohortQuestion, kpi: Run, project: Path) -> None:
    told = ask(kpi, project, list(COHORT_KPIS), question)

    by = ("first_order",) if question.by_first_order else ()
    expected: Expected = {}
    for name in COHORT_KPIS:
        expected |= cohort_answers(name, question)
    assert_same(told_values(told, by), expected)


@pytest.mark.parametrize("name", COHORT_KPIS)
def test_a_kpi_alone_says_what_it_says_among_others(name: str, kpi: Run, project: Path) -> None:
    question = of_span("month", FIRST_QUARTER, date(1998, 3, 1), by_first_order=True)

    told = ask(kpi, project, [name], question)

    assert_same(told_values(told, ("first_order",)), cohort_answers(name, question))


def test_thirty_days_are_no_month_when_both_are_asked_at_once(kpi: Run, project: Path) -> None:
    """DuckDB compares intervals as if a month had thirty days, and takes one expression for the other."""
    names = ["bought_after_30_days", "bought_in_month_1"]
    question = of_span("month", FIRST_QUARTER, LONG_AFTER)

    together = told_values(ask(kpi, project, names, question))
    alone = [told_values(ask(kpi, project, [name], question)) for name in names]

    assert together == alone[0] | alone[1]


def test_where_keeps_the_customers_of_one_slice(kpi: Run, project: Path) -> None:
    by = of_span("month", FIRST_QUARTER, LONG_AFTER, by_first_order=True)
    expected: Expected = {
        (name, period, ()): value
        for (name, period, key), value in cohort_answers("lifetime_value_3_months", by).items()
        if key == ("several",)
    }

    told = told_by(
        kpi(
            *("run", "lifetime_value_3_months", "--project", project, "--grain", "month", "--format", "json"),
            *("--from", by.start, "--to", by.end, "--as-of", by.as_of),
            *("--where", "first_order = 'several'"),
        )
    )

    assert_same(told_values(told), expected)


# --- a cohort is told when its last customer is old enough


@pytest.mark.parametrize(
    ("name", "as_of", "told_months"),
    [
        pytest.param("lifetime_value_6_months", "1997-07-31", [], id="six months: the day before"),
        pytest.param("lifetime_value_6_months", "1997-08-01", ["1997-01"], id="six months after January"),
        pytest.param("lifetime_value_6_months", "1997-08-31", ["1997-01"], id="six months: still January"),
        pytest.param("lifetime_value_6_months", "1997-09-01", ["1997-01", "1997-02"], id="and February"),
        pytest.param("lifetime_value_12_months", "1998-01-31", [], id="a year: the day before"),
        pytest.param("lifetime_value_12_months", "1998-02-01", ["1997-01"], id="a year after January"),
        pytest.param("bought_after_30_days", "1997-04-01", [], id="sixty days: the day before"),
        pytest.param("bought_after_30_days", "1997-04-02", ["1997-01"], id="sixty days after January"),
        pytest.param("bought_after_30_days", "1997-04-30", ["1997-01", "1997-02"], id="and February's"),
        pytest.param("bought_in_month_1", "1997-03-31", [], id="two months: the day before"),
        pytest.param("bought_in_month_1", "1997-04-01", ["1997-01"], id="two months after January"),
        pytest.param("new_customers", "1997-02-28", [], id="even the size, for the age says when it is told"),
        pytest.param("new_customers", "1997-03-01", ["1997-01"], id="the size after a month"),
    ],
)
def test_an_immature_cohort_is_null(
    name: str, as_of: str, told_months: list[str], kpi: Run, project: Path
) -> None:
    told = ask(kpi, project, [name], of_span("month", FIRST_QUARTER, date.fromisoformat(as_of)))

    assert [one["period"] for one in told if one["value"] is not None] == told_months


@pytest.mark.parametrize("as_of", ["1997-08-01", "1998-03-01"])
def test_a_period_is_complete_when_its_cohort_is_over(as_of: str, kpi: Run, project: Path) -> None:
    question = of_span("month", FIVE_MONTHS, date.fromisoformat(as_of))

    told = ask(kpi, project, list(COHORT_KPIS), question)

    assert {(one["kpi"], one["period"]): one["complete"] for one in told} == {
        (name, period.name): is_mature(name, period.span, question.as_of)
        for period in periods(question.grain, question.start, question.end)
        for name in COHORT_KPIS
    }


def test_what_a_mature_cohort_is_worth_does_not_change(kpi: Run, project: Path) -> None:
    """January, told when its time has come, is what it is long after: later purchases are of a higher age."""
    january = (date(1997, 1, 1), date(1997, 2, 1))

    (then,) = ask(kpi, project, ["revenue_12_months"], of_span("month", january, date(1998, 2, 1)))
    (now,) = ask(kpi, project, ["revenue_12_months"], of_span("month", january, LONG_AFTER))

    assert number(then["value"]) == number(now["value"]) == Decimal("737291.90")


# --- known cohorts


def test_known_cohorts(kpi: Run, project: Path) -> None:
    names = ["new_customers", "revenue_12_months", "lifetime_value_3_months", "bought_in_month_1"]
    expected = {
        ("new_customers", "1997-01"): Decimal(7846),
        ("new_customers", "1997-02"): Decimal(8476),
        ("new_customers", "1997-03"): Decimal(7248),
        ("new_customers", "1997-04"): Decimal(3),  # without rows, and they count
        ("new_customers", "1997-05"): Decimal(0),  # a count of none is zero
        ("revenue_12_months", "1997-04"): None,  # a sum over no rows
        ("lifetime_value_3_months", "1997-04"): None,  # null divided by three
        ("bought_in_month_1", "1997-04"): Decimal(0),  # none of three came back
        ("bought_in_month_1", "1997-05"): None,  # none of none
    }

    told = ask(kpi, project, names, of_span("month", FIVE_MONTHS, LONG_AFTER))

    found = {(one["kpi"], one["period"]): number(one["value"]) for one in told}
    assert {key: found[key] for key in expected} == expected


def test_the_definitions_have_no_errors(kpi: Run, project: Path) -> None:
    result = kpi("check", "--project", project)

    assert result.exit_code == 0, result.output


# --- the oracle itself


def customer(number: str) -> Customer:
    (found,) = (one for one in customers() if one.number == number)
    return found


@pytest.mark.parametrize(
    ("customer_number", "age", "days"),
    [
        pytest.param(
            "07373", up_to(1), ["1997-01-31"], id="one month after 31 January is 28 February: not within"
        ),
        pytest.param("07373", month(1), ["1997-02-28"], id="but in the month after"),
        pytest.param("08054", up_to(3), ["1997-01-31", "1997-02-20"], id="three months after it is 30 April"),
        pytest.param("00472", COHORT_KPIS["bought_after_30_days"].age, ["1997-02-01"], id="day 30 is in"),
        pytest.param("00197", COHORT_KPIS["bought_after_30_days"].age, [], id="day 60 is not in [30, 60)"),
        pytest.param("90001", up_to(12), [], id="made up: never bought"),
    ],
)
@pytest.mark.usefixtures("data")
def test_what_a_customer_bought_at_an_age(customer_number: str, age: Age, days: list[str]) -> None:
    found = bought(customer(customer_number), age)

    assert [purchase.day.isoformat() for purchase in found] == days


@pytest.mark.usefixtures("data")
def test_cohorts_are_all_customers_and_months_of_age_all_of_a_year() -> None:
    question = of_span("month", FIRST_QUARTER, LONG_AFTER)
    sizes = cohort_answers("new_customers", question).values()

    assert sum(size for size in sizes if isinstance(size, Decimal)) == 23570
    for one in customers()[:500]:
        aged = [purchase for number in range(12) for purchase in bought(one, month(number))]
        assert aged == sorted(bought(one, up_to(12)), key=lambda purchase: purchase.day)
