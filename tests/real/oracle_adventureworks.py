"""The KPIs of AdventureWorks, by the chart of accounts walked as a tree."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from typing import Final

from .oracle_base import (
    Kpi,
    Measure,
    Number,
    Reach,
    Row,
    Span,
    Table,
    View,
    add,
    count_of,
    day_of_key,
    days,
    difference,
    distinct,
    divided,
    growth,
    last_days,
    last_months,
    mean,
    negative,
    or_zero,
    over,
    per,
    percentile,
    ratio,
    read,
    read_by,
    sample_deviation,
    sum_of,
    table,
    the_span,
    total,
    week_before,
    year_before,
    year_to_date,
)


@cache
def chart() -> dict[str, dict[str, str]]:
    return read_by("AccountKey", "adventureworks/DimAccount.csv")


def leaves(root: str) -> dict[str, int]:
    """Return the accounts without children below `root`, by key, with their effective sign.

    The sign is the product of the operators on the way down, that of `root` itself left out: what the amount
    does to `root`. An account without children is its own leaf.
    """
    (top,) = (key for key, account in chart().items() if account["AccountDescription"] == root)

    def below(key: str, sign: int) -> dict[str, int]:
        children = [child for child, account in chart().items() if account["ParentAccountKey"] == key]
        if not children:
            return {key: sign}
        signs = {"+": 1, "-": -1}
        return {
            leaf: effective
            for child in children
            for leaf, effective in below(child, sign * signs[chart()[child]["Operator"]]).items()
        }

    return below(top, 1)


@cache
def ledger(scenario: str, root: str) -> Table:
    """Return the lines of a scenario that belong to `root`, with their amounts as they count in it."""
    scenarios = read_by("ScenarioKey", "adventureworks/DimScenario.csv")
    organizations = read_by("OrganizationKey", "adventureworks/DimOrganization.csv")
    departments = read_by("DepartmentGroupKey", "adventureworks/DimDepartmentGroup.csv")
    signs = leaves(root)

    def row(line: Mapping[str, str]) -> Row:
        account = chart()[line["AccountKey"]]
        organization = organizations[line["OrganizationKey"]]
        department = departments[line["DepartmentGroupKey"]]
        above = departments.get(department["ParentDepartmentGroupKey"])
        counted = Decimal(line["Amount"]) * signs[line["AccountKey"]]
        return Row(
            day_of_key(line["DateKey"]),
            {
                "organization": organization["OrganizationName"],
                "region": organizations[organization["ParentOrganizationKey"]]["OrganizationName"],
                "department": department["DepartmentGroupName"],
                "parent_department": above["DepartmentGroupName"] if above else None,
                "account": account["AccountDescription"],
                "account_key": line["AccountKey"],
            },
            {
                "plain": Decimal(line["Amount"]),
                "counted": counted,
                "owned": counted * Decimal(organization["PercentageOfOwnership"]),
            },
        )

    return table(
        row(line)
        for line in read("adventureworks/FactFinance.csv")
        if line["AccountKey"] in signs and scenarios[line["ScenarioKey"]]["ScenarioName"] == scenario
    )


@cache
def calls() -> Table:
    counts = ("Calls", "Orders", "AutomaticResponses", "TotalOperators", "IssuesRaised")

    def row(line: Mapping[str, str]) -> Row:
        day = day_of_key(line["DateKey"])
        made = {
            "graded": Decimal(line["ServiceGrade"]) * int(line["Calls"]),
            "seconds": Decimal(line["AverageTimePerIssue"]) * int(line["IssuesRaised"]),
        }
        labels = {"shift": line["Shift"], "wage_type": line["WageType"], "weekday": f"{day:%A}"}
        return Row(day, labels, {count: Decimal(line[count]) for count in counts} | made)

    return table(map(row, read("adventureworks/FactCallCenter.csv")))


@cache
def quotas() -> Table:
    return table(
        Row(
            day_of_key(line["DateKey"]),
            {"employee": line["EmployeeKey"]},
            {"quota": Decimal(line["SalesAmountQuota"])},
        )
        for line in read("adventureworks/FactSalesQuota.csv")
    )


@cache
def answers() -> Table:
    return table(
        Row(
            day_of_key(line["DateKey"]),
            {
                "customer": line["CustomerKey"],
                "category": line["EnglishProductCategoryName"],
                "subcategory": line["EnglishProductSubcategoryName"],
            },
            {},
        )
        for line in read("adventureworks/FactSurveyResponse.csv")
    )


AW_TABLES: Final[dict[str, Callable[[], Table]]] = {
    "gross sales": lambda: ledger("Actual", "Gross Sales"),
    "net sales": lambda: ledger("Actual", "Net Sales"),
    "net sales budget": lambda: ledger("Budget", "Net Sales"),
    "cost of sales": lambda: ledger("Actual", "Total Cost of Sales"),
    "operating expenses": lambda: ledger("Actual", "Operating Expenses"),
    "operating profit": lambda: ledger("Actual", "Operating Profit"),
    "other income": lambda: ledger("Actual", "Other Income and Expense"),
    "taxes": lambda: ledger("Actual", "Taxes"),
    "net income": lambda: ledger("Actual", "Net Income"),
    "calls": calls,
    "quotas": quotas,
    "answers": answers,
}


# --- measures

net_sales = sum_of("net sales", "counted")
net_sales_budget = sum_of("net sales budget", "counted")
gross_sales = sum_of("gross sales", "counted")
cost_of_sales = sum_of("cost of sales", "counted")
gross_profit = difference(net_sales, cost_of_sales)
operating_expenses = sum_of("operating expenses", "counted")
operating_profit = sum_of("operating profit", "counted")
other_income = sum_of("other income", "counted")
taxes = sum_of("taxes", "counted")
net_income = sum_of("net income", "counted")


def net_income_booked(view: View, span: Span) -> Number:
    return add(operating_profit(view, span), other_income(view, span), negative(taxes(view, span)))


def net_income_of_parts(view: View, span: Span) -> Number:
    parts = (operating_profit(view, span), other_income(view, span), negative(taxes(view, span)))
    return sum(map(or_zero, parts), Decimal(0))


def returns(view: View, span: Span) -> Number:
    (account,) = leaves("Returns and Adjustments")
    return total(
        row.numbers["plain"] for row in view.rows("net sales", span) if row.labels["account_key"] == account
    )


def gross_sales_among_net(view: View, span: Span) -> Number:
    accounts = leaves("Gross Sales")
    return total(
        row.numbers["plain"] for row in view.rows("net sales", span) if row.labels["account_key"] in accounts
    )


sum_calls = sum_of("calls", "Calls")
orders_taken = sum_of("calls", "Orders")
calls_per_operator = divided(sum_calls, sum_of("calls", "TotalOperators"))


def calls_without_order(view: View, span: Span) -> Number:
    left = difference(sum_calls, orders_taken)(view, span)
    return None if left is None else max(left, Decimal(0))


def overloaded(view: View, span: Span) -> Number:
    load = calls_per_operator(view, span)
    return Decimal(1 if load is not None and load > 35 else 0)


def busy_shift_share(view: View, span: Span) -> Number:
    shifts = view.numbers("calls", span, "Calls")
    return ratio(Decimal(sum(shift >= 400 for shift in shifts)), Decimal(len(shifts)))


sales_quota = sum_of("quotas", "quota")
quota_of_each = per("quotas", "employee", "quota")


# --- the KPIs by name


def of_calls(measure: Measure, *, exact: bool, reads: tuple[Reach, ...] = (the_span,)) -> Kpi:
    return Kpi(measure, ("calls",), exact, reads)


ADVENTUREWORKS: Final[dict[str, Kpi]] = {
    "gross_sales": Kpi(gross_sales, ("gross sales",)),
    "net_sales": Kpi(net_sales, ("net sales",)),
    "net_sales_budget": Kpi(net_sales_budget, ("net sales budget",)),
    "budget_attainment": Kpi(
        divided(net_sales, net_sales_budget), ("net sales", "net sales budget"), exact=False
    ),
    "cost_of_sales": Kpi(cost_of_sales, ("cost of sales",)),
    "gross_profit": Kpi(gross_profit, ("net sales", "cost of sales")),
    "gross_margin": Kpi(divided(gross_profit, net_sales), ("net sales", "cost of sales"), exact=False),
    "operating_expenses": Kpi(operating_expenses, ("operating expenses",)),
    "operating_profit": Kpi(operating_profit, ("operating profit",)),
    "other_income": Kpi(other_income, ("other income",)),
    "taxes": Kpi(taxes, ("taxes",)),
    "net_income": Kpi(net_income, ("net income",)),
    "net_income_booked": Kpi(net_income_booked, ("operating profit", "other income", "taxes")),
    "net_income_of_parts": Kpi(net_income_of_parts, ("operating profit", "other income", "taxes")),
    "net_margin": Kpi(divided(net_income, net_sales), ("net income", "net sales"), exact=False),
    "return_rate": Kpi(divided(returns, gross_sales_among_net), ("net sales",), exact=False),
    "owned_net_sales": Kpi(sum_of("net sales", "owned"), ("net sales",)),
    "net_sales_year_to_date": Kpi(over(year_to_date, net_sales), ("net sales",), reads=(year_to_date,)),
    "net_sales_12_months": Kpi(over(last_months(12), net_sales), ("net sales",), reads=(last_months(12),)),
    "net_sales_growth": Kpi(growth(net_sales), ("net sales",), exact=False, reads=(the_span, year_before)),
    "calls": of_calls(sum_calls, exact=True),
    "orders_taken": of_calls(orders_taken, exact=True),
    "orders_per_call": of_calls(divided(orders_taken, sum_calls), exact=False),
    "automatic_response_rate": of_calls(
        divided(sum_of("calls", "AutomaticResponses"), sum_calls), exact=False
    ),
    "calls_per_operator": of_calls(calls_per_operator, exact=False),
    "issues_per_call": of_calls(divided(sum_of("calls", "IssuesRaised"), sum_calls), exact=False),
    "abandon_rate": of_calls(divided(sum_of("calls", "graded"), sum_calls), exact=False),
    "seconds_per_issue": of_calls(
        divided(sum_of("calls", "seconds"), sum_of("calls", "IssuesRaised")), exact=False
    ),
    "calls_without_order": of_calls(calls_without_order, exact=True),
    "busiest_shift": of_calls(
        lambda view, span: max(view.numbers("calls", span, "Calls"), default=None), exact=True
    ),
    "quietest_shift": of_calls(
        lambda view, span: min(view.numbers("calls", span, "Calls"), default=None), exact=True
    ),
    "shift_p90": of_calls(
        lambda view, span: percentile(view.numbers("calls", span, "Calls"), Decimal("0.9")), exact=False
    ),
    "shift_spread": of_calls(
        lambda view, span: sample_deviation(view.numbers("calls", span, "Calls")), exact=False
    ),
    "busy_shift_share": of_calls(busy_shift_share, exact=False),
    "overloaded": of_calls(overloaded, exact=True),
    "calls_against_last_week": of_calls(
        difference(sum_calls, over(week_before, sum_calls)), exact=True, reads=(the_span, week_before)
    ),
    "calls_of_28_days": of_calls(over(last_days(28), sum_calls), exact=True, reads=(last_days(28),)),
    "calls_a_day": of_calls(divided(sum_calls, days), exact=False),
    "sales_quota": Kpi(sales_quota, ("quotas",)),
    "salespeople_with_quota": Kpi(distinct("quotas", "employee"), ("quotas",)),
    "quota_per_salesperson": Kpi(
        lambda view, span: mean(quota_of_each(view, span)), ("quotas",), exact=False
    ),
    "quota_coverage": Kpi(divided(net_sales, sales_quota), ("net sales", "quotas"), exact=False),
    "survey_responses": Kpi(count_of("answers"), ("answers",)),
    "survey_respondents": Kpi(distinct("answers", "customer"), ("answers",)),
    "answers_per_respondent": Kpi(
        divided(count_of("answers"), distinct("answers", "customer")), ("answers",), exact=False
    ),
}
