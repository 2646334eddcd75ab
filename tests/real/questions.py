"""Every question that is put to the product and to the oracle: KPI, grain, slices, days and `as_of`."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from .oracle import Question

ORGANIZATION, REGION, DEPARTMENT = ("organization",), ("region",), ("department",)
ORGANIZATION_DEPARTMENT: Final = ("organization", "department")

# The ledger reaches from 2010-12-29 to 2013-12-28. February, April and June 2011 have no line: theirs are
# dated on the first of the month after. December 2013 has lines, but neither sales nor taxes.
LEDGER: Final = (date(2010, 12, 1), date(2014, 1, 1))
YEAR_2011: Final = (date(2011, 1, 1), date(2012, 1, 1))
YEAR_2012: Final = (date(2012, 1, 1), date(2013, 1, 1))
YEAR_2013: Final = (date(2013, 1, 1), date(2014, 1, 1))
TWO_FISCAL_YEARS: Final = (date(2011, 7, 1), date(2013, 7, 1))
FROM_A_DAY_WITH_LINES_TO_ANOTHER: Final = (date(2011, 1, 29), date(2012, 3, 30))
LEDGER_IS_CLOSED: Final = date(2014, 1, 1)

# The call centre has the thirty days from 2014-05-01, a Thursday, to 2014-05-30, a Friday.
AROUND_MAY_2014: Final = (date(2014, 4, 28), date(2014, 6, 3))
WEEKS_AROUND_MAY_2014: Final = (date(2014, 4, 21), date(2014, 6, 16))
LAST_DAYS_OF_MAY_2014: Final = (date(2014, 5, 22), date(2014, 6, 1))
MAY_2014: Final = (date(2014, 5, 1), date(2014, 6, 1))
AFTER_THE_CALLS: Final = date(2014, 7, 1)

QUARTERS_OF_QUOTAS: Final = (date(2010, 10, 1), date(2014, 1, 1))
SURVEY: Final = (date(2012, 2, 27), date(2012, 4, 30))

PURCHASES: Final = (date(1997, 1, 1), date(1998, 7, 1))
FIRST_QUARTER_1997: Final = (date(1997, 1, 1), date(1997, 4, 1))
FEBRUARY_1998: Final = (date(1998, 2, 1), date(1998, 3, 1))
HALF_YEAR_1998: Final = (date(1998, 1, 1), date(1998, 7, 1))
AROUND_THE_PURCHASES: Final = (date(1996, 10, 1), date(1998, 12, 31))
AFTER_THE_PURCHASES: Final = date(1999, 1, 1)

Shape = tuple[str, tuple[str, ...], tuple[date, date]]


def ask(kpis: Iterable[str], shapes: Iterable[Shape], as_of: date) -> tuple[Question, ...]:
    return tuple(
        Question(kpi=kpi, grain=grain, by=by, start=start, end=end, as_of=as_of)
        for kpi in kpis
        for grain, by, (start, end) in shapes
    )


def in_words(question: Question) -> str:
    """Return the question as the name of a test."""
    by = f" by {' and '.join(question.by)}" if question.by else ""
    grain = "all" if question.grain == "all" else f"each {question.grain}"
    return f"{question.kpi} of {grain}{by} from {question.start} to {question.end} as of {question.as_of}"


PROFIT_AND_LOSS: Final = ask(
    (
        "net_sales",
        "net_sales_budget",
        "budget_attainment",
        "cost_of_sales",
        "gross_profit",
        "gross_margin",
        "operating_profit",
        "other_income",
        "taxes",
        "net_income",
        "net_income_booked",
        "net_income_of_parts",
        "net_margin",
    ),
    (
        ("month", (), LEDGER),
        ("month", ORGANIZATION, YEAR_2011),
        ("month", DEPARTMENT, YEAR_2013),
        ("quarter", ORGANIZATION_DEPARTMENT, YEAR_2012),
        ("fiscal_quarter", (), TWO_FISCAL_YEARS),
        ("year", REGION, LEDGER),
        ("all", ORGANIZATION, FROM_A_DAY_WITH_LINES_TO_ANOTHER),
    ),
    LEDGER_IS_CLOSED,
)

LEDGER_BY_OTHER_WAYS: Final = (
    *ask(
        ("operating_expenses",),
        (
            ("month", ("parent_department",), YEAR_2011),
            ("year", ("parent_department", "department"), LEDGER),
            ("fiscal_year", ORGANIZATION, TWO_FISCAL_YEARS),
        ),
        LEDGER_IS_CLOSED,
    ),
    *ask(("return_rate",), (("month", (), LEDGER), ("quarter", REGION, LEDGER)), LEDGER_IS_CLOSED),
    *ask(("owned_net_sales",), (("month", (), LEDGER), ("year", ORGANIZATION, LEDGER)), LEDGER_IS_CLOSED),
    *ask(
        ("net_sales_year_to_date", "net_sales_12_months", "net_sales_growth"),
        (("month", (), LEDGER), ("quarter", ORGANIZATION, YEAR_2013)),
        LEDGER_IS_CLOSED,
    ),
    *ask(("gross_sales", "net_sales", "net_income"), (("year", ("account",), LEDGER),), LEDGER_IS_CLOSED),
)

LEDGER_IN_A_PART_PERIOD: Final = (
    *ask(
        ("net_sales", "gross_margin", "net_income", "net_sales_year_to_date", "net_sales_12_months"),
        (
            ("month", (), (date(2011, 3, 1), date(2011, 6, 1))),
            ("quarter", ORGANIZATION, (date(2011, 1, 1), date(2011, 7, 1))),
        ),
        date(2011, 5, 15),
    ),
    *ask(
        ("net_sales_growth",),
        (
            ("month", (), (date(2012, 3, 1), date(2012, 6, 1))),
            ("year", (), (date(2012, 1, 1), date(2013, 1, 1))),
        ),
        date(2012, 5, 31),
    ),
)

CALL_CENTRE: Final = ask(
    (
        "calls",
        "orders_taken",
        "orders_per_call",
        "automatic_response_rate",
        "calls_per_operator",
        "issues_per_call",
        "abandon_rate",
        "seconds_per_issue",
        "calls_without_order",
        "busiest_shift",
        "quietest_shift",
        "shift_p90",
        "shift_spread",
        "busy_shift_share",
        "overloaded",
        "calls_against_last_week",
        "calls_of_28_days",
        "calls_a_day",
    ),
    (
        ("day", (), AROUND_MAY_2014),
        ("day", ("shift", "wage_type"), LAST_DAYS_OF_MAY_2014),
        ("week", ("shift",), WEEKS_AROUND_MAY_2014),
    ),
    AFTER_THE_CALLS,
) + ask(
    (
        "calls",
        "orders_per_call",
        "automatic_response_rate",
        "calls_per_operator",
        "issues_per_call",
        "abandon_rate",
        "seconds_per_issue",
        "shift_p90",
        "shift_spread",
        "calls_a_day",
    ),
    (("month", ("wage_type",), AROUND_MAY_2014), ("all", ("weekday",), MAY_2014)),
    AFTER_THE_CALLS,
)

QUOTAS_AND_SURVEY: Final = (
    *ask(
        ("sales_quota", "salespeople_with_quota", "quota_per_salesperson", "quota_coverage"),
        (
            ("quarter", (), QUARTERS_OF_QUOTAS),
            ("year", (), QUARTERS_OF_QUOTAS),
            ("fiscal_year", (), TWO_FISCAL_YEARS),
        ),
        LEDGER_IS_CLOSED,
    ),
    *ask(("sales_quota",), (("quarter", ("employee",), YEAR_2011),), LEDGER_IS_CLOSED),
    *ask(
        ("survey_responses", "survey_respondents", "answers_per_respondent"),
        (
            ("day", (), SURVEY),
            ("week", ("category",), SURVEY),
            ("month", ("category",), YEAR_2012),
            ("all", ("category", "subcategory"), SURVEY),
        ),
        LEDGER_IS_CLOSED,
    ),
)

ADVENTUREWORKS_QUESTIONS: Final = (
    PROFIT_AND_LOSS + LEDGER_BY_OTHER_WAYS + LEDGER_IN_A_PART_PERIOD + CALL_CENTRE + QUOTAS_AND_SURVEY
)

DAILY: Final = (
    "customers",
    "orders",
    "revenue",
    "average_order_value",
    "order_value_spread",
    "largest_order",
    "revenue_in_whole_dollars",
    "active_customers",
    "revenue_growth",
    "revenue_a_day",
)
MONTHLY: Final = (
    "mean_order",
    "median_order_value",
    "large_order_value",
    "units_per_order",
    "free_order_share",
    "customers_so_far",
    "dollars_per_customer",
    "median_dollars_per_customer",
    "most_orders_of_one",
    "repeat_customers",
    "repeat_rate",
    "revenue_3_months",
)
PART_PERIODS: Final = (
    "customers",
    "orders",
    "revenue",
    "repeat_rate",
    "revenue_3_months",
    "revenue_year_to_date",
    "revenue_growth",
    "revenue_a_day",
    "active_customers",
)

CDNOW_QUESTIONS: Final = (
    *ask(
        DAILY,
        (
            ("day", (), FEBRUARY_1998),
            ("week", ("order_size",), HALF_YEAR_1998),
            ("month", (), PURCHASES),
            ("quarter", ("order_size",), AROUND_THE_PURCHASES),
            ("all", (), HALF_YEAR_1998),
        ),
        AFTER_THE_PURCHASES,
    ),
    *ask(
        MONTHLY,
        (
            ("month", (), PURCHASES),
            ("month", ("order_size",), FIRST_QUARTER_1997),
            ("quarter", (), AROUND_THE_PURCHASES),
            ("all", ("order_size",), HALF_YEAR_1998),
        ),
        AFTER_THE_PURCHASES,
    ),
    *ask(
        ("customers_before", "first_purchases"),
        (("month", (), AROUND_THE_PURCHASES), ("month", ("order_size",), PURCHASES)),
        AFTER_THE_PURCHASES,
    ),
    *ask(
        ("revenue_year_to_date",),
        (
            ("week", (), (date(1997, 12, 1), date(1998, 2, 1))),
            ("month", ("order_size",), PURCHASES),
            ("quarter", (), PURCHASES),
            ("year", (), PURCHASES),
        ),
        AFTER_THE_PURCHASES,
    ),
    *ask(("revenue_in_whole_dollars",), (("day", (), PURCHASES),), AFTER_THE_PURCHASES),
    *ask(("customers", "orders", "revenue"), (("quarter", ("units",), HALF_YEAR_1998),), AFTER_THE_PURCHASES),
    *ask(
        PART_PERIODS,
        (("month", (), (date(1998, 4, 1), date(1998, 7, 1))), ("quarter", ("order_size",), HALF_YEAR_1998)),
        date(1998, 6, 16),
    ),
    *ask(
        tuple(kpi for kpi in PART_PERIODS if kpi not in MONTHLY),
        (("week", (), (date(1998, 5, 25), date(1998, 6, 22))),),
        date(1998, 6, 18),
    ),
)
