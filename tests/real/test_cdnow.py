"""CDNOW: purchases of the customers of one quarter, through the command line."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from .comparison import Run, assert_refused, assert_says, number, options, told_by
from .oracle import Question
from .questions import AFTER_THE_PURCHASES, CDNOW_QUESTIONS, PURCHASES, in_words

WHOLE_FILE = Question(
    kpi="orders", grain="all", start=PURCHASES[0], end=PURCHASES[1], as_of=AFTER_THE_PURCHASES
)


@pytest.mark.parametrize("question", CDNOW_QUESTIONS, ids=in_words)
def test_the_product_says_what_the_oracle_says(question: Question, kpi: Run, cdnow: Path) -> None:
    told = told_by(kpi("run", question.kpi, *options(question, cdnow)))

    assert_says(told, question)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("orders", "69659", id="orders: every row, also the same purchase twice on a day"),
        pytest.param("customers", "23570", id="customers: each once"),
        pytest.param("customers_so_far", "23570", id="customers so far: all of them"),
        pytest.param("revenue", "2500315.63", id="revenue: to the last cent"),
        pytest.param("repeat_customers", "11662", id="repeat customers: more than one order in all the time"),
        pytest.param("most_orders_of_one", "217", id="most orders: customer 14048"),
    ],
)
def test_the_whole_file(name: str, expected: str, kpi: Run, cdnow: Path) -> None:
    (told,) = told_by(kpi("run", name, *options(WHOLE_FILE, cdnow)))

    assert (told["kpi"], told["period"], told["slice"], told["complete"]) == (name, "all", {}, True)
    assert number(told["value"]) == Decimal(expected)


@pytest.mark.parametrize(
    ("day", "dollars", "rounded"),
    [
        pytest.param("1997-05-16", "2838.50", "2839", id="2838.50 is 2839, not the even 2838"),
        pytest.param("1998-01-22", "1744.50", "1745", id="1744.50 is 1745, not the even 1744"),
        pytest.param("1998-05-04", "2298.50", "2299", id="2298.50 is 2299, not the even 2298"),
    ],
)
def test_half_a_dollar_is_rounded_away_from_zero(
    day: str, dollars: str, rounded: str, kpi: Run, cdnow: Path
) -> None:
    start = date.fromisoformat(day)
    question = Question(
        kpi="revenue",
        grain="day",
        start=start,
        end=start.replace(day=start.day + 1),
        as_of=AFTER_THE_PURCHASES,
    )

    told = told_by(kpi("run", "revenue", "revenue_in_whole_dollars", *options(question, cdnow)))

    assert {one["kpi"]: number(one["value"]) for one in told} == {
        "revenue": Decimal(dollars),
        "revenue_in_whole_dollars": Decimal(rounded),
    }


def test_several_kpis_asked_at_once_say_what_each_says_alone(kpi: Run, cdnow: Path) -> None:
    names = (
        "customers",
        "first_purchases",
        "median_order_value",
        "repeat_rate",
        "revenue_3_months",
        "revenue_growth",
    )
    questions = [
        Question(
            kpi=name,
            grain="month",
            by=("order_size",),
            start=PURCHASES[0],
            end=PURCHASES[1],
            as_of=AFTER_THE_PURCHASES,
        )
        for name in names
    ]

    told = told_by(kpi("run", *names, *options(questions[0], cdnow)))

    assert {one["kpi"] for one in told} == set(names)
    for question in questions:
        assert_says([one for one in told if one["kpi"] == question.kpi], question)


@pytest.mark.parametrize(
    ("name", "grain"),
    [
        pytest.param("repeat_rate", "week", id="a monthly KPI by week"),
        pytest.param("first_purchases", "quarter", id="a month earlier no quarter begins"),
    ],
)
def test_a_question_that_has_no_answer_is_refused(name: str, grain: str, kpi: Run, cdnow: Path) -> None:
    question = Question(
        kpi=name, grain=grain, start=PURCHASES[0], end=PURCHASES[1], as_of=AFTER_THE_PURCHASES
    )

    assert_refused(kpi("run", name, *options(question, cdnow)))


def test_the_definitions_have_no_errors(kpi: Run, cdnow: Path) -> None:
    result = kpi("check", "--project", cdnow)

    assert result.exit_code == 0, result.output
