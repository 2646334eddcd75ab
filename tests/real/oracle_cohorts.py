"""Cohorts of CDNOW the slow and obvious way: the customers who start in a period, and what each buys at which age.

Shares nothing with the product: the file is read with `csv`, customers are looked at one by one.
"""

import csv
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from .agreement import Expected, Value
from .oracle_base import Slice, Span, months_later, periods, read

# --- customers


class Purchase(NamedTuple):
    day: date
    units: int
    dollars: Decimal


class Customer(NamedTuple):
    """`first_order`: one disc or several on the first day; None for who registered and never bought."""

    number: str
    started: date
    first_order: str | None
    purchases: Sequence[Purchase]


NEVER_BOUGHT: Final = {
    "90001": date(1997, 4, 1),
    "90002": date(1997, 4, 15),
    "90003": date(1997, 4, 30),
}
"""Made up for the tests: a cohort that has customers and no rows."""


@cache
def customers() -> Sequence[Customer]:
    """Return the customers of the file, each starting on the day of the first purchase, and those made up."""
    found: defaultdict[str, list[Purchase]] = defaultdict(list)
    for line in read("cdnow/purchases.csv"):
        day = date.fromisoformat(line["purchased_on"])
        found[line["customer_id"]].append(Purchase(day, int(line["units"]), Decimal(line["dollars"])))
    assert not found.keys() & NEVER_BOUGHT.keys()
    return [
        *(_customer(number, purchases) for number, purchases in found.items()),
        *(Customer(number, day, None, ()) for number, day in NEVER_BOUGHT.items()),
    ]


def _customer(number: str, purchases: Sequence[Purchase]) -> Customer:
    started = min(purchase.day for purchase in purchases)
    units = sum(purchase.units for purchase in purchases if purchase.day == started)
    return Customer(number, started, "one disc" if units == 1 else "several", purchases)


def write_customers(file: Path) -> None:
    """Write the customers as CSV: number, day of the start, size of the first order."""
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["customer_id", "started_on", "first_order"])
        writer.writerows((one.number, one.started, one.first_order or "") for one in customers())


# --- ages


Length: TypeAlias = tuple[int, str]
"""So many days or months."""


class Age(NamedTuple):
    """From one age to before another."""

    youngest: Length
    oldest: Length


def older(day: date, length: Length) -> date:
    """Return the day on which what starts on `day` has that age; a month stops at its last day."""
    amount, unit = length
    return day + timedelta(days=amount) if unit == "days" else months_later(day, amount)


def up_to(months: int) -> Age:
    return Age((0, "days"), (months, "months"))


def month(number: int) -> Age:
    """Return the age in which the month of that number is lived; the first month is number 0."""
    return Age((number, "months"), (number + 1, "months"))


def bought(customer: Customer, age: Age) -> list[Purchase]:
    """Return the purchases of a customer at that age."""
    begin, end = older(customer.started, age.youngest), older(customer.started, age.oldest)
    return [purchase for purchase in customer.purchases if begin <= purchase.day < end]


# --- measures: over what each customer of a cohort bought, an empty list for who bought nothing


Bought: TypeAlias = Sequence[Sequence[Purchase]]
Measure: TypeAlias = Callable[[Bought], Value]


def size(cohort: Bought) -> Value:
    return Decimal(len(cohort))


def paid(cohort: Bought) -> Decimal | None:
    dollars = [purchase.dollars for purchases in cohort for purchase in purchases]
    return sum(dollars, Decimal(0)) if dollars else None


def paid_by_each(cohort: Bought) -> Value:
    return per_customer(paid(cohort), cohort)


def share_who_bought(cohort: Bought) -> Value:
    return per_customer(Decimal(sum(bool(purchases) for purchases in cohort)), cohort)


def share_who_came_back(cohort: Bought) -> Value:
    """Return the share of those who bought on two days; undefined where nobody bought at all."""
    days = [len({purchase.day for purchase in purchases}) for purchases in cohort if purchases]
    return per_customer(Decimal(sum(count > 1 for count in days)) if days else None, cohort)


def per_customer(number: Decimal | None, cohort: Bought) -> Value:
    return None if number is None or not cohort else float(number / len(cohort))


@dataclass(frozen=True, slots=True)
class CohortKpi:
    """How a KPI over a cohort is worked out; `of` picks its customers, `rows` their purchases."""

    measure: Measure
    age: Age
    of: Callable[[Customer], bool] = lambda customer: True
    rows: Callable[[Purchase], bool] = lambda purchase: True


COHORT_KPIS: Final[dict[str, CohortKpi]] = {
    "new_customers": CohortKpi(size, up_to(1)),
    "revenue_12_months": CohortKpi(paid, up_to(12)),
    "lifetime_value_3_months": CohortKpi(paid_by_each, up_to(3)),
    "lifetime_value_6_months": CohortKpi(paid_by_each, up_to(6)),
    "lifetime_value_12_months": CohortKpi(paid_by_each, up_to(12)),
    "bought_after_30_days": CohortKpi(share_who_bought, Age((30, "days"), (60, "days"))),
    "bought_in_month_1": CohortKpi(share_who_bought, month(1)),
    "bought_in_month_2": CohortKpi(share_who_bought, month(2)),
    "bought_in_month_3": CohortKpi(share_who_bought, month(3)),
    "repeat_rate_6_months": CohortKpi(share_who_came_back, up_to(6)),
    "large_orders_3_months": CohortKpi(paid_by_each, up_to(3), rows=lambda purchase: purchase.units >= 3),
    "value_of_small_starters": CohortKpi(
        paid_by_each, up_to(3), of=lambda customer: customer.first_order == "one disc"
    ),
}


# --- answers


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortQuestion:
    grain: str
    start: date
    end: date
    as_of: date
    by_first_order: bool = False


def is_mature(name: str, span: Span, as_of: date) -> bool:
    """Return whether the last of the cohort has lived through the age of the KPI."""
    return older(span.end, COHORT_KPIS[name].age.oldest) <= as_of


def cohort_answers(name: str, question: CohortQuestion) -> Expected:
    """Return the values of a KPI by period and slice; every slice that starts in any period is in each."""
    found = {
        period: cohort(name, period.span) for period in periods(question.grain, question.start, question.end)
    }
    slices: set[Slice] = (
        {(one.first_order,) for members in found.values() for one in members}
        if question.by_first_order
        else {()}
    )
    return {
        (name, period.name, key): value_of(name, [one for one in members if key in ((), (one.first_order,))])
        if is_mature(name, period.span, question.as_of)
        else None
        for period, members in found.items()
        for key in slices
    }


def cohort(name: str, span: Span) -> list[Customer]:
    """Return the customers who start in the span, and whom the KPI looks at."""
    return [one for one in customers() if span.start <= one.started < span.end and COHORT_KPIS[name].of(one)]


def value_of(name: str, members: Sequence[Customer]) -> Value:
    kpi = COHORT_KPIS[name]
    return kpi.measure([[p for p in bought(one, kpi.age) if kpi.rows(p)] for one in members])
