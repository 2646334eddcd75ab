"""The KPIs of CDNOW; first purchases by the first day of each customer."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
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
    count_of,
    days,
    distinct,
    divided,
    growth,
    last_days,
    last_months,
    mean,
    over,
    per,
    percentile,
    ratio,
    read,
    sample_deviation,
    sum_of,
    table,
    the_span,
    total,
    until_the_end,
    until_the_start,
    year_before,
    year_to_date,
)


@cache
def purchases() -> Table:
    def row(line: Mapping[str, str]) -> Row:
        units = int(line["units"])
        size = "one" if units == 1 else "two or three" if units <= 3 else "four and more"
        return Row(
            date.fromisoformat(line["purchased_on"]),
            {"customer": line["customer_id"], "order_size": size, "units": str(units)},
            {"units": Decimal(units), "dollars": Decimal(line["dollars"])},
        )

    return table(map(row, read("cdnow/purchases.csv")))


CD_TABLES: Final[dict[str, Callable[[], Table]]] = {"purchases": purchases}

revenue = sum_of("purchases", "dollars")
orders = count_of("purchases")
customers = distinct("purchases", "customer")
dollars_of_each = per("purchases", "customer", "dollars")


def mean_order(view: View, span: Span) -> Number:
    return mean(view.numbers("purchases", span, "dollars"))


def free_order_share(view: View, span: Span) -> Number:
    paid = view.numbers("purchases", span, "dollars")
    return ratio(Decimal(paid.count(Decimal(0))), Decimal(len(paid)))


def revenue_in_whole_dollars(view: View, span: Span) -> Number:
    paid = revenue(view, span)
    return None if paid is None else paid.quantize(Decimal(1), rounding=ROUND_HALF_UP)


def first_days(view: View) -> list[date]:
    first: dict[str | None, date] = {}
    for row in view.tables["purchases"].rows:
        first.setdefault(row.labels["customer"], row.day)
    return list(first.values())


def first_purchases(view: View, span: Span) -> Number:
    return Decimal(sum(span.start <= day < span.end for day in first_days(view)))


def customers_so_far(view: View, span: Span) -> Number:
    return Decimal(sum(day < span.end for day in first_days(view)))


def customers_before(view: View, span: Span) -> Number:
    return Decimal(sum(day < span.start for day in first_days(view)))


def orders_of_each(view: View, span: Span) -> list[int]:
    return list(Counter(row.labels["customer"] for row in view.rows("purchases", span)).values())


def repeat_customers(view: View, span: Span) -> Number:
    return total(Decimal(count > 1) for count in orders_of_each(view, span))


def most_orders_of_one(view: View, span: Span) -> Number:
    return max(map(Decimal, orders_of_each(view, span)), default=None)


def of_purchases(measure: Measure, *, exact: bool, reads: tuple[Reach, ...] = (the_span,)) -> Kpi:
    return Kpi(measure, ("purchases",), exact, reads)


CDNOW: Final[dict[str, Kpi]] = {
    "customers": of_purchases(customers, exact=True),
    "orders": of_purchases(orders, exact=True),
    "revenue": of_purchases(revenue, exact=True),
    "average_order_value": of_purchases(divided(revenue, orders), exact=False),
    "mean_order": of_purchases(mean_order, exact=False),
    "median_order_value": of_purchases(
        lambda view, span: percentile(view.numbers("purchases", span, "dollars"), Decimal("0.5")), exact=False
    ),
    "large_order_value": of_purchases(
        lambda view, span: percentile(view.numbers("purchases", span, "dollars"), Decimal("0.9")), exact=False
    ),
    "order_value_spread": of_purchases(
        lambda view, span: sample_deviation(view.numbers("purchases", span, "dollars")), exact=False
    ),
    "largest_order": of_purchases(
        lambda view, span: max(view.numbers("purchases", span, "dollars"), default=None), exact=True
    ),
    "units_per_order": of_purchases(divided(sum_of("purchases", "units"), orders), exact=False),
    "free_order_share": of_purchases(free_order_share, exact=False),
    "revenue_in_whole_dollars": of_purchases(revenue_in_whole_dollars, exact=True),
    "customers_so_far": of_purchases(customers_so_far, exact=True, reads=(until_the_end,)),
    "customers_before": of_purchases(customers_before, exact=True, reads=(until_the_start,)),
    "first_purchases": of_purchases(first_purchases, exact=True, reads=(until_the_end, until_the_start)),
    "dollars_per_customer": of_purchases(lambda view, span: mean(dollars_of_each(view, span)), exact=False),
    "median_dollars_per_customer": of_purchases(
        lambda view, span: percentile(dollars_of_each(view, span), Decimal("0.5")), exact=False
    ),
    "most_orders_of_one": of_purchases(most_orders_of_one, exact=True),
    "repeat_customers": of_purchases(repeat_customers, exact=True),
    "repeat_rate": of_purchases(divided(repeat_customers, customers), exact=False),
    "revenue_3_months": of_purchases(over(last_months(3), revenue), exact=True, reads=(last_months(3),)),
    "active_customers": of_purchases(over(last_days(28), customers), exact=True, reads=(last_days(28),)),
    "revenue_year_to_date": of_purchases(over(year_to_date, revenue), exact=True, reads=(year_to_date,)),
    "revenue_growth": of_purchases(growth(revenue), exact=False, reads=(the_span, year_before)),
    "revenue_a_day": of_purchases(divided(revenue, days), exact=False),
}
