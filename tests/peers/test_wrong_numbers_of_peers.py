"""Wrong numbers that other tools of this kind were seen to give: here each is a case with the right one.

Every function tells what a peer answers, why that is wrong, and what is right: both computed by hand, on data
so small that it can be done, and never the same number.
"""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kpiascode import resolve
from kpiascode.cli.main import main
from kpiascode.run.answers import BrokenData
from projects import PEOPLE, Warehouse, documents, kpi, planned, question, sound

Tables = Mapping[str, tuple[str, Sequence[tuple[Any, ...]]]]
Answer = dict[str, Any]
LATER = date(2200, 1, 1)


@dataclass(frozen=True)
class Shop:
    """Tables and the definitions over them; `shop("sales", ...)` asks for values."""

    tables: Tables
    texts: tuple[str, ...]
    calendar: str = "{}"

    def together(
        self,
        *kpis: str,
        days: tuple[str, str],
        grain: str,
        by: Sequence[str] = (),
        where: str | None = None,
        as_of: date = LATER,
    ) -> dict[str, Answer]:
        """Return by KPI the values; their key is the period, and after it the slice."""
        start, end = map(date.fromisoformat, days)
        with Warehouse(self.tables) as tables:
            made = documents(*self.texts, calendar=self.calendar)
            project = sound(resolve.resolve(made, tables.catalog))
            asked = question(project, kpis, start, end, grain=grain, as_of=as_of, by=by, where=where)
            found: dict[str, Answer] = {name: {} for name in kpis}
            for one in tables.observe(planned(project, asked, tables.catalog)):
                key = " ".join([one.period.name, *(value or "(none)" for _, value in one.slice)])
                found[one.kpi][key] = one.value
        return found

    def __call__(self, name: str, **asked: Any) -> Answer:
        return self.together(name, **asked)[name]


SALES = """
kind: dataset
name: sales
source: sales
time: day
"""


def sales(rows: Mapping[str, int], *kpis: str) -> Shop:
    """Return a shop with one sale a day, and the KPI `revenue` beside those given."""
    days = [(date.fromisoformat(day), amount) for day, amount in rows.items()]
    revenue = kpi("revenue", "sum(amount)", dataset="sales")
    return Shop({"sales": ("day DATE, amount BIGINT", days)}, (SALES, revenue, *kpis))


# Windows and ranges


def test_a_window_of_30_days_covers_30_days() -> None:
    """Peers join `day between today - 30 and today`: both ends are in, and the window covers 31 days."""
    shop = sales(
        {"2026-01-01": 1000, "2026-01-02": 100, "2026-01-31": 1},
        kpi("window", "rolling(revenue, 30 days)"),
    )

    found = shop("window", days=("2026-01-30", "2026-02-02"), grain="day")

    assert (
        found
        == {
            "2026-01-30": 1100,  # 1 to 30 January: 1000 + 100. The 31 days of a peer: the same, nothing lies before
            "2026-01-31": 101,  # 2 to 31 January: 100 + 1. A peer: 1101
            "2026-02-01": 1,  # 3 January to 1 February. A peer: 101
        }
    )


def test_a_range_of_dates_does_not_cut_the_rows_of_a_rolling_window() -> None:
    """Peers filter the rows by the dates asked and then roll, so that the window sees only those dates."""
    shop = sales(
        {"2026-01-05": 5000, "2026-01-10": 100, "2026-02-03": 7}, kpi("window", "rolling(revenue, 28 days)")
    )

    found = shop("window", days=("2026-02-03", "2026-02-05"), grain="day")

    assert found == {
        "2026-02-03": 107,  # 7 January to 3 February: 100 + 7. A peer: 7
        "2026-02-04": 107,  # 8 January to 4 February. A peer: 7
    }


def test_a_range_of_dates_does_not_take_the_period_before_from_a_comparison() -> None:
    """Peers filter first, so that the first period asked has nothing to be compared with: null."""
    shop = sales(
        {"2025-02-14": 150, "2026-01-31": 200, "2026-02-01": 300},
        kpi("month_on_month", "revenue / previous(revenue, 1 month)", grain="month"),
        kpi("year_on_year", "revenue / previous(revenue, 1 year)", grain="month"),
    )

    found = shop.together("month_on_month", "year_on_year", days=("2026-02-01", "2026-03-01"), grain="month")

    assert found == {
        "month_on_month": {"2026-02": 1.5},  # 300 / 200. A peer: null
        "year_on_year": {"2026-02": 2},  # 300 / 150. A peer: null
    }


def test_a_window_of_days_at_month_grain_ends_with_the_month() -> None:
    """Peers roll over months that were summed before: the 7 days become the month, or its first day alone."""
    shop = sales(
        {"2026-01-01": 5, "2026-01-24": 1000, "2026-01-25": 20, "2026-01-31": 3, "2026-02-28": 4},
        kpi("last_days", "rolling(revenue, 7 days)", grain="month"),
    )

    found = shop("last_days", days=("2026-01-01", "2026-04-01"), grain="month")

    assert found == {
        "2026-01": 23,  # 25 to 31 January: 20 + 3. A peer: 1028 (the month) or 5 (its first day)
        "2026-02": 4,  # 22 to 28 February
        "2026-03": None,  # 25 to 31 March: no rows
    }


def test_the_month_before_a_gap_is_not_the_row_before() -> None:
    """Peers take `lag(revenue) over (order by month)`: the row before March is January, and growth is +50 %."""
    shop = sales(
        {"2026-01-15": 200, "2026-03-15": 300},
        kpi("before", "previous(revenue, 1 month)", grain="month"),
        kpi("growth", "revenue / previous(revenue, 1 month) - 1", grain="month"),
    )

    found = shop.together("before", "growth", days=("2026-01-01", "2026-05-01"), grain="month")

    assert found == {
        "before": {"2026-01": None, "2026-02": 200, "2026-03": None, "2026-04": 300},
        # A peer: {January: null, March: 0.5}, and February and April are missing.
        "growth": {"2026-01": None, "2026-02": None, "2026-03": None, "2026-04": None},
    }


def test_the_group_before_a_gap_is_not_the_row_before() -> None:
    """The same by slice: a peer compares online's March with its January, and store's February with online's."""
    rows = [
        (date(2026, 1, 5), "online", 10),
        (date(2026, 2, 5), "store", 8),
        (date(2026, 3, 5), "online", 30),
        (date(2026, 3, 6), "store", 4),
    ]
    shop = Shop(
        {"sales": ("day DATE, channel VARCHAR, amount BIGINT", rows)},
        (
            SALES,
            kpi(
                "growth",
                "sum(amount) / previous(sum(amount), 1 month)",
                dataset="sales",
                dimensions="[channel]",
            ),
        ),
    )

    found = shop("growth", days=("2026-02-01", "2026-04-01"), grain="month", by=["channel"])

    assert found == {
        "2026-02 online": None,  # nothing in February
        "2026-02 store": None,  # nothing in January. A peer without partition: 8 / 10
        "2026-03 online": None,  # nothing in February. A peer: 30 / 10 = 3
        "2026-03 store": 0.5,  # 4 / 8
    }


def test_a_cumulative_value_at_month_grain_is_that_of_the_last_day() -> None:
    """Peers compute it by day and keep, of each month, the value of its first day."""
    shop = sales(
        {"2026-01-01": 10, "2026-01-20": 5, "2026-02-01": 100, "2026-02-14": 1},
        kpi("so_far", "cumulative(revenue)"),
        kpi("this_year", "to_date(revenue, year)"),
    )

    found = shop.together("so_far", "this_year", days=("2026-01-01", "2026-04-01"), grain="month")

    everything = {"2026-01": 15, "2026-02": 116, "2026-03": 116}  # a peer: 10, 115, 116
    assert found == {"so_far": everything, "this_year": everything}


# Conversions


def test_conversions_are_counted_by_visitor_and_not_by_visit() -> None:
    """Peers divide conversion events by base events: four orders over six visits, a rate of 0.67.

    Of four visitors, three bought within 7 days of their first visit: 0.75. Ann came three times and bought
    once, Bob came once and bought twice, Cy bought at the last moment of the window, Di after it.
    """
    visits = [
        ("ann", datetime(2026, 1, 1, 9)),
        ("ann", datetime(2026, 1, 2, 9)),
        ("ann", datetime(2026, 1, 3, 9)),
        ("bob", datetime(2026, 1, 5, 9)),
        ("cy", datetime(2026, 1, 31, 9)),
        ("di", datetime(2026, 1, 10, 9)),
    ]
    orders = [
        ("ann", datetime(2026, 1, 4, 12)),
        ("bob", datetime(2026, 1, 5, 9)),  # at the same time counts
        ("bob", datetime(2026, 1, 6, 12)),
        ("cy", datetime(2026, 2, 7, 8, 59, 59)),  # before 7 days are over, beyond the end of the month
        ("di", datetime(2026, 1, 17, 9)),  # 7 days later to the second: too late
        ("eve", datetime(2026, 1, 8, 9)),  # bought without a visit
    ]
    shop = Shop(
        {
            "visits": ("visitor_id VARCHAR, at TIMESTAMP, page VARCHAR", [(*row, "home") for row in visits]),
            "orders": (
                "visitor_id VARCHAR, at TIMESTAMP, status VARCHAR",
                [(*row, "paid") for row in orders],
            ),
        },
        (
            "kind: dataset\nname: visits\nsource: visits\ntime: at",
            "kind: dataset\nname: orders\nsource: orders\ntime: at",
            *(
                kpi(
                    name,
                    expression,
                    dataset="visits",
                    grain="month",
                    funnel="""
  entity: visitor_id
  within: 7 days
  steps:
    - {where: "page = 'home'"}
    - {dataset: orders, where: "status = 'paid'"}""",
                )
                for name, expression in {
                    "visitors": "step(1)",
                    "buyers": "step(2)",
                    "conversion": "step(2) / step(1)",
                }.items()
            ),
        ),
    )

    found = shop.together(
        "visitors", "buyers", "conversion", days=("2026-01-01", "2026-02-01"), grain="month"
    )

    # A peer: the 4 orders in the window (Ann, Bob, Bob, Cy) over 6 visits, 0.67.
    assert found == {
        "visitors": {"2026-01": 4},
        "buyers": {"2026-01": 3},
        "conversion": {"2026-01": 0.75},
    }


# Joins

ORDERS = """
kind: dataset
name: orders
source: orders
primary_key: [id]
time: day
relationships:
  customer: {to: customers, keys: {customer_id: id}}
---
kind: dataset
name: lines
source: lines
time: order.day
relationships:
  order: {to: orders, keys: {order_id: id}}
---
kind: dataset
name: customers
source: customers
primary_key: [id]
time: since
"""

# Order 1 has three lines, order 2 has one, order 3 has none. Order 3 is of customer 99, whom nobody knows;
# customer 3 ordered nothing. The ids of orders are ids of customers too, so a join on `id` finds partners.
ORDERED: Tables = {
    "orders": (
        "id BIGINT, customer_id BIGINT, day DATE, shipping DECIMAL(9,2), total DECIMAL(9,2)",
        [
            (1, 2, date(2026, 1, 5), 10, 10),
            (2, 1, date(2026, 1, 6), 20, 20),
            (3, 99, date(2026, 1, 7), 30, 90),
        ],
    ),
    "lines": ("order_id BIGINT, pieces BIGINT", [(1, 4), (1, 5), (1, 7), (2, 4)]),
    "customers": (
        "id BIGINT, country VARCHAR, since DATE, credit BIGINT",
        [
            (1, "DE", date(2026, 1, 1), 100),
            (2, "FR", date(2026, 1, 2), 50),
            (3, "IT", date(2026, 1, 3), 7),
        ],
    ),
}
JANUARY: Mapping[str, Any] = {"days": ("2026-01-01", "2026-02-01"), "grain": "month"}


def ordered(*kpis: str) -> Shop:
    return Shop(ORDERED, (ORDERS, *kpis))


COUNTRY = "[{country: customer.country}]"
COUNTRY_OF_LINES = "[{country: order.customer.country}]"


def test_a_sum_is_not_multiplied_by_the_lines_of_an_order() -> None:
    """Peers join orders to their lines and then sum: order 1 counts three times, order 3 not at all."""
    shop = ordered(
        kpi("shipping", "sum(shipping)", dataset="orders", dimensions=COUNTRY),
        kpi("pieces", "sum(pieces)", dataset="lines", dimensions=COUNTRY_OF_LINES),
        kpi("shipping_per_piece", "shipping / pieces", dimensions="[country]"),
    )

    total = shop.together("shipping", "pieces", "shipping_per_piece", **JANUARY)
    by_country = shop.together("shipping", "pieces", "shipping_per_piece", by=["country"], **JANUARY)

    assert total == {
        "shipping": {"2026-01": 60},  # 10 + 20 + 30. A peer: 3 * 10 + 20 = 50, or 80 with order 3
        "pieces": {"2026-01": 20},  # 4 + 5 + 7 + 4
        "shipping_per_piece": {"2026-01": 3},  # 60 / 20. A peer: 50 / 20 = 2.5
    }
    assert by_country == {
        "shipping": {"2026-01 DE": 20, "2026-01 FR": 10, "2026-01 (none)": 30},  # a peer: FR 30
        "pieces": {"2026-01 DE": 4, "2026-01 FR": 16},
        "shipping_per_piece": {
            "2026-01 DE": 5,  # 20 / 4
            "2026-01 FR": 0.625,  # 10 / 16. A peer: 30 / 16
            "2026-01 (none)": None,  # 30 / nothing
        },
    }


def test_a_relationship_to_many_is_refused_instead_of_doubled() -> None:
    """Peers that are told `orders.line -> lines.order_id` multiply; here nothing is answered."""
    shop = Shop(
        ORDERED,
        (
            """
kind: dataset
name: orders
source: orders
time: day
relationships:
  line: {to: lines, keys: {id: order_id}}
---
kind: dataset
name: lines
source: lines
primary_key: [order_id]
""",
            kpi("shipping", "sum(shipping)", dataset="orders", dimensions="[{pieces: line.pieces}]"),
        ),
    )

    with pytest.raises(BrokenData, match="1 key of `lines`"):
        shop("shipping", by=["pieces"], **JANUARY)
    assert shop("shipping", **JANUARY) == {"2026-01": 60}  # the total walks no relationship


@pytest.mark.parametrize(
    ("expression", "right", "of_a_peer"),
    [
        pytest.param("avg(total)", 40, 80 / 4, id="average: (10 + 20 + 90) / 3, not (3 * 10 + 20) / 4"),
        pytest.param("median(total)", 20, 10, id="median of 10, 20, 90, not of 10, 10, 10, 20"),
        pytest.param("percentile(total, 0.75)", 55, 12.5, id="between 20 and 90, not between 10 and 20"),
        pytest.param("count(*)", 3, 4, id="three orders, not four lines"),
    ],
)
def test_an_average_and_a_median_do_not_weigh_orders_by_their_lines(
    expression: str, right: float, of_a_peer: float
) -> None:
    """Peers take them over the joined rows, so an order with three lines weighs three times."""
    shop = ordered(
        kpi("order_value", expression, dataset="orders", dimensions=COUNTRY),
        kpi("pieces", "sum(pieces)", dataset="lines", dimensions=COUNTRY_OF_LINES),
    )

    found = shop.together("order_value", "pieces", **JANUARY)

    assert found["order_value"] == {"2026-01": right}
    assert right != of_a_peer


def test_a_ratio_across_two_datasets_is_answered_by_what_they_share() -> None:
    """Peers refuse it, or join row to row: every order of a channel then carries the whole cost of the channel."""
    shop = Shop(
        {
            "orders": (
                "day DATE, channel VARCHAR, total BIGINT",
                [(date(2026, 1, d), channel, 60) for d, channel in [(1, "web"), (2, "web"), (3, "shop")]],
            ),
            "spend": (
                "paid_on DATE, medium VARCHAR, cost BIGINT",
                [
                    (date(2026, 1, d), medium, cost)
                    for d, medium, cost in [(1, "web", 20), (2, "web", 6), (9, "web", 4), (9, "mail", 6)]
                ],
            ),
        },
        (
            "kind: dataset\nname: orders\nsource: orders\ntime: day",
            "kind: dataset\nname: spend\nsource: spend\ntime: paid_on",
            kpi("revenue", "sum(total)", dataset="orders", dimensions="[channel]"),
            kpi("cost", "sum(cost)", dataset="spend", dimensions="[{channel: medium}]"),
            kpi("return_on_spend", "revenue / cost", dimensions="[channel]"),
        ),
    )

    assert shop("return_on_spend", **JANUARY) == {"2026-01": 5}  # 180 / 36
    assert shop("return_on_spend", by=["channel"], **JANUARY) == {
        "2026-01 mail": None,  # a cost without revenue keeps its row
        "2026-01 shop": None,  # and revenue without cost
        "2026-01 web": 4,  # 120 / 30. A peer: 2 orders meet 3 payments, 360 / 60; or 120 / (2 * 30)
    }


def test_a_total_does_not_depend_on_the_dataset_that_is_asked() -> None:
    """Peers build one join around the dataset asked first: from customers the order of nobody is lost, from
    orders the customer without orders."""
    revenue = kpi("revenue", "sum(total)", dataset="orders", dimensions=COUNTRY)
    credit = kpi("credit", "sum(credit)", dataset="customers", dimensions="[country]")
    shop = ordered(revenue, credit)
    right = {
        "revenue": {"2026-01": 120},  # 10 + 20 + 90. A peer from customers: 30
        "credit": {"2026-01": 157},  # 100 + 50 + 7. A peer from orders: 150
    }

    assert shop.together("revenue", "credit", **JANUARY) == right
    assert shop.together("credit", "revenue", **JANUARY) == right
    assert {name: shop(name, **JANUARY) for name in right} == right
    assert shop.together("revenue", "credit", by=["country"], **JANUARY) == {
        "revenue": {"2026-01 DE": 20, "2026-01 FR": 10, "2026-01 (none)": 90},  # together 120
        "credit": {"2026-01 DE": 100, "2026-01 FR": 50, "2026-01 IT": 7},  # together 157
    }


def test_a_join_is_on_the_keys_declared_and_not_on_columns_of_one_name() -> None:
    """Peers that guess join `orders.id = customers.id`: order 1 lands in DE and order 3 in IT, or, where the
    ids differ, nearly all revenue lands on null."""
    shop = ordered(kpi("revenue", "sum(total)", dataset="orders", dimensions=COUNTRY))

    found = shop("revenue", by=["country"], **JANUARY)

    # A peer: DE 10, FR 20, IT 90.
    assert found == {"2026-01 DE": 20, "2026-01 FR": 10, "2026-01 (none)": 90}


# Far from today


FAR: Mapping[str, Callable[[int, int, int], Any]] = {
    "DATE": date,
    "TIMESTAMP": lambda year, month, day: datetime(year, month, day, 12),
    "TIMESTAMPTZ": lambda year, month, day: datetime(year, month, day, 12, tzinfo=UTC),
}


@pytest.mark.parametrize("calendar", ["{}", "{timezone: Europe/London}", "{timezone: America/New_York}"])
@pytest.mark.parametrize("kind", FAR)
def test_time_does_not_begin_in_2000_nor_end_soon(kind: str, calendar: str) -> None:
    """Peers have a table of days that begins in 2000 (or a range that begins there by default): what is older
    is in no period, and cumulative values begin too low."""
    rows = [
        (FAR[kind](1899, 12, 31), 1),
        (FAR[kind](1969, 12, 31), 2),
        (FAR[kind](1999, 12, 31), 4),
        (FAR[kind](2000, 1, 1), 8),
        (FAR[kind](2100, 2, 28), 16),  # 2100 has no 29 February
    ]
    shop = Shop(
        {"sales": (f"day {kind}, amount BIGINT", rows)},
        (
            SALES,
            kpi("revenue", "sum(amount)", dataset="sales"),
            kpi("so_far", "cumulative(sum(amount))", dataset="sales"),
            kpi("century_before", "previous(sum(amount), 100 years)", dataset="sales"),
        ),
        calendar,
    )

    by_year = shop.together("revenue", "so_far", days=("1899-01-01", "2101-01-01"), grain="year")

    assert {year: v for year, v in by_year["revenue"].items() if v is not None} == {
        "1899": 1,
        "1969": 2,
        "1999": 4,
        "2000": 8,
        "2100": 16,
    }
    assert len(by_year["revenue"]) == 202
    so_far = by_year["so_far"]
    # A peer: 8 in 2000, and 24 in 2100.
    assert [so_far[year] for year in ("1899", "1968", "1969", "2000", "2099", "2100")] == [
        1,
        1,
        3,
        15,
        15,
        31,
    ]
    assert shop("century_before", days=("1999-01-01", "2001-01-01"), grain="year") == {
        "1999": 1,
        "2000": None,
    }
    assert shop("revenue", days=("2100-02-01", "2100-03-02"), grain="month") == {
        "2100-02": 16,
        "2100-03": None,
    }


def test_london_was_an_hour_ahead_at_the_end_of_1969_and_an_instant_there_is_in_1970() -> None:
    """Peers that know today's rules only put 23:30 UTC of 31 December 1969 into 1969; in London it was 00:30."""
    moments = [
        (datetime(1969, 12, 31, 22, 59, tzinfo=UTC), 1),  # 23:59 in London
        (datetime(1969, 12, 31, 23, 30, tzinfo=UTC), 2),  # 00:30 on 1 January
    ]
    shop = Shop(
        {"sales": ("day TIMESTAMPTZ, amount BIGINT", moments)},
        (SALES, kpi("revenue", "sum(amount)", dataset="sales")),
        "{timezone: Europe/London}",
    )

    found = shop("revenue", days=("1969-12-31", "1970-01-02"), grain="day")

    assert found == {"1969-12-31": 1, "1970-01-01": 2}


def test_old_and_far_rows_come_through_the_command_line(tmp_path: Path) -> None:
    """The same from files, as people ask: a range that begins in 1899 is not cut, and ages are exact."""
    (tmp_path / "kpiascode.yaml").write_text("version: 1\nname: far\npaths: [kpis.yaml]\n")
    texts = [SALES.replace("source: sales", "source: sales.csv"), PEOPLE]
    texts.append(kpi("revenue", "sum(amount)", dataset="sales"))
    texts.append(kpi("age", "max(days_between(day, date '2026-01-01'))", dataset="sales", unit="days"))
    (tmp_path / "kpis.yaml").write_text("\n---\n".join(text.strip("\n") for text in texts) + "\n")
    (tmp_path / "sales.csv").write_text("day,amount\n1899-12-31,1\n1969-12-31,2\n2100-01-01,4\n")
    asked = ["revenue", "age", "--grain", "all", "--from", "1899-01-01", "--to", "2100-01-02"]

    result = CliRunner().invoke(
        main, ["run", *asked, "--as-of", "2101-01-01", "--format", "csv", "--project", str(tmp_path)]
    )

    assert result.exit_code == 0, result.output
    values = {row["kpi"]: float(row["value"]) for row in csv.DictReader(result.stdout.splitlines())}
    # From 31 December 1899 to 1 January 2026: 126 years of 365 days, 31 leap days (1904 to 2024), and one day.
    assert values == {"revenue": 7, "age": 126 * 365 + 31 + 1}


# One by one and together


def test_a_batch_gives_what_each_question_gives() -> None:
    """Peers share work between metrics of a batch: filters of one reach another, a join that one of them needs
    drops rows of all, and slices that only one has seen appear as zero in the others."""
    shop = ordered(
        kpi("all_orders", "count(*)", dataset="orders", dimensions=COUNTRY),
        kpi("large", "count(*)", dataset="orders", dimensions=COUNTRY, where="total >= 20"),
        kpi("known", "sum(total) filter (where customer.country is not null)", dataset="orders", dimensions=COUNTRY),
        kpi("share_of_large", "large / all_orders", dimensions="[country]"),
        kpi("before", "previous(count(*), 1 month)", dataset="orders", dimensions=COUNTRY),
        kpi("pieces", "sum(pieces)", dataset="lines", dimensions=COUNTRY_OF_LINES),
        kpi("members", "count(*)", dataset="customers", dimensions="[country]"),
    )  # fmt: skip
    totals = {
        "all_orders": {"2026-01": 3},
        "large": {"2026-01": 2},  # 20 and 90
        "known": {"2026-01": 30},  # 10 + 20
        "share_of_large": {"2026-01": pytest.approx(Decimal(2) / 3)},
        "before": {"2026-01": 0},
        "pieces": {"2026-01": 20},
        "members": {"2026-01": 3},
    }
    slices = {
        "all_orders": {"2026-01 DE": 1, "2026-01 FR": 1, "2026-01 (none)": 1},
        "large": {"2026-01 DE": 1, "2026-01 (none)": 1},
        "known": {"2026-01 DE": 20, "2026-01 FR": 10, "2026-01 (none)": None},
        "share_of_large": {"2026-01 DE": 1, "2026-01 FR": 0, "2026-01 (none)": 1},
        "before": {},
        "pieces": {"2026-01 DE": 4, "2026-01 FR": 16},
        "members": {"2026-01 DE": 1, "2026-01 FR": 1, "2026-01 IT": 1},
    }

    assert shop.together(*totals, **JANUARY) == totals
    assert shop.together(*reversed(totals), **JANUARY) == totals
    assert {name: shop(name, **JANUARY) for name in totals} == totals
    assert shop.together(*slices, by=["country"], **JANUARY) == slices
    assert {name: shop(name, by=["country"], **JANUARY) for name in slices} == slices
