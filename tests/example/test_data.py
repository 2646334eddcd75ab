"""The example company's data: made by its generator, sound, and telling the story that its README tells."""

import csv
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

import pytest

DATA = Path(__file__).parents[2] / "kpis" / "data"
BERLIN = ZoneInfo("Europe/Berlin")
NEW_WAREHOUSE = date(2024, 9, 1)
NEW_PACKAGING = date(2025, 8, 1)
EXTRACT = date(2026, 1, 1)

Row = Mapping[str, str]

PRIMARY_KEYS = {
    "budget": ("month", "sales_channel"),
    "contacts": ("contact_id",),
    "customers": ("customer_id",),
    "expenses": ("booked_on", "sales_channel", "cost_type"),
    "marketing_spend": ("spent_on", "channel"),
    "order_lines": ("order_id", "line"),
    "orders": ("order_id",),
    "places": ("place_id",),
    "products": ("product_id",),
    "returns": ("return_id",),
    "stock_counts": ("counted_on", "store_id"),
    "stores": ("store_id",),
    "surveys": ("survey_id",),
}
REFERENCES = [
    ("contacts", ("order_id",), "orders"),
    ("customers", ("home_place_id",), "places"),
    ("order_lines", ("order_id",), "orders"),
    ("order_lines", ("product_id",), "products"),
    ("orders", ("bill_place_id",), "places"),
    ("orders", ("customer_id",), "customers"),
    ("orders", ("ship_place_id",), "places"),
    ("orders", ("store_id",), "stores"),
    ("returns", ("order_id", "line"), "order_lines"),
    ("stock_counts", ("store_id",), "stores"),
    ("stores", ("place_id",), "places"),
    ("surveys", ("order_id",), "orders"),
]


@cache
def rows(name: str) -> tuple[Row, ...]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def orders() -> Mapping[str, Row]:
    return {row["order_id"]: row for row in rows("orders")}


@cache
def categories() -> Mapping[str, str]:
    return {row["product_id"]: row["category"] for row in rows("products")}


def key(row: Row, columns: Iterable[str]) -> tuple[str, ...]:
    return tuple(row[column] for column in columns)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local_day(text: str) -> date:
    """Return the day in Berlin of a timestamp, which the files hold in UTC."""
    return moment(text).astimezone(BERLIN).date()


def net(line: Row) -> Decimal:
    return int(line["quantity"]) * Decimal(line["unit_price"]) * (1 - Decimal(line["discount"]))


def sales(keep: Callable[[Row], bool] = lambda order: True) -> Mapping[tuple[int, int], Decimal]:
    """Return net sales by year and month of the order's local day."""
    total: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for line in rows("order_lines"):
        order = orders()[line["order_id"]]
        if order["status"] != "cancelled" and keep(order):
            day = local_day(order["ordered_at"])
            total[day.year, day.month] += net(line)
    return total


# --- made by the generator


def test_the_generator_writes_the_committed_bytes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(DATA / "generate.py"), str(tmp_path)], check=True, timeout=120)

    made = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    committed = {file.name: file.read_bytes() for file in DATA.glob("*.csv")}
    assert made.keys() == committed.keys()
    assert [name for name in made if made[name] != committed[name]] == []


def test_the_files_stay_small_enough_to_be_committed() -> None:
    assert sum(file.stat().st_size for file in DATA.glob("*.csv")) < 1_200_000


@pytest.mark.parametrize("name", PRIMARY_KEYS)
def test_files_are_utf_8_with_plain_line_ends_and_no_blanks_around_cells(name: str) -> None:
    text = (DATA / f"{name}.csv").read_bytes().decode("utf-8")

    assert "\r" not in text
    assert text.endswith("\n")
    assert all(cell == cell.strip() for row in rows(name) for cell in row.values())


# --- sound


@pytest.mark.parametrize(("name", "columns"), PRIMARY_KEYS.items(), ids=PRIMARY_KEYS)
def test_no_key_occurs_twice(name: str, columns: tuple[str, ...]) -> None:
    counted = Counter(key(row, columns) for row in rows(name))

    assert [found for found, times in counted.items() if times > 1] == []


@pytest.mark.parametrize(
    ("name", "columns", "target"), REFERENCES, ids=[f"{name}.{'+'.join(c)}" for name, c, _ in REFERENCES]
)
def test_every_reference_leads_somewhere(name: str, columns: tuple[str, ...], target: str) -> None:
    known = {key(row, PRIMARY_KEYS[target]) for row in rows(target)}
    given = {key(row, columns) for row in rows(name)} - {("",)}

    assert given - known == set()


def test_every_file_is_declared_as_a_dataset() -> None:
    declared = (DATA.parent / "datasets.yaml").read_text(encoding="utf-8")

    assert {file.stem for file in DATA.glob("*.csv")} == PRIMARY_KEYS.keys()
    assert [name for name in PRIMARY_KEYS if f"source: kpis/data/{name}.csv\n" not in declared] == []


def test_every_order_has_a_line() -> None:
    assert {line["order_id"] for line in rows("order_lines")} == orders().keys()


def test_nothing_happens_before_its_cause_or_after_the_extract() -> None:
    for order in rows("orders"):
        assert local_day(order["ordered_at"]) < EXTRACT
        if order["delivered_at"]:
            assert moment(order["ordered_at"]) < moment(order["delivered_at"])
            assert local_day(order["delivered_at"]) < EXTRACT
    for contact in rows("contacts"):
        assert moment(contact["opened_at"]) > moment(orders()[contact["order_id"]]["ordered_at"])
        assert not contact["first_reply_at"] or contact["first_reply_at"] > contact["opened_at"]
    for returned in rows("returns"):
        handed_over = local_day(orders()[returned["order_id"]]["ordered_at"])
        assert handed_over < date.fromisoformat(returned["returned_on"]) < EXTRACT


def test_customers_are_acquired_on_the_local_day_of_their_first_order() -> None:
    first: dict[str, date] = {}
    for order in rows("orders"):
        first.setdefault(order["customer_id"], local_day(order["ordered_at"]))
    registered_here = [row for row in rows("customers") if row["registered_in"] == "new_shop"]

    assert all(date.fromisoformat(row["acquired_on"]) == first[row["customer_id"]] for row in registered_here)


def test_the_first_year_ends_on_the_same_day_a_year_later() -> None:
    for row in rows("customers"):
        start, end = date.fromisoformat(row["acquired_on"]), date.fromisoformat(row["first_year_ends_on"])
        assert (end.year - start.year, end.month) == (1, start.month)
        assert end.day == (28 if (start.month, start.day) == (2, 29) else start.day)


def test_no_more_comes_back_than_was_sold() -> None:
    lines = {key(line, ("order_id", "line")): line for line in rows("order_lines")}
    for returned in rows("returns"):
        line = lines[returned["order_id"], returned["line"]]
        assert 1 <= int(returned["units"]) <= int(line["quantity"])
        assert Decimal(returned["refund"]) <= net(line) + Decimal("0.005")


def test_marketing_in_the_ledger_is_what_the_channels_cost() -> None:
    spent: dict[str, Decimal] = defaultdict(Decimal)
    booked: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows("marketing_spend"):
        spent[row["spent_on"][:7]] += Decimal(row["amount"])
    for row in rows("expenses"):
        if row["cost_type"] == "marketing":
            booked[row["booked_on"][:7]] += Decimal(row["amount"])

    assert booked == spent


# --- the story


def test_some_orders_fall_into_another_local_day_or_month_than_in_utc() -> None:
    shifted = [o for o in rows("orders") if local_day(o["ordered_at"]).isoformat() != o["ordered_at"][:10]]

    assert len(shifted) > 20
    assert any(local_day(o["ordered_at"]).isoformat()[:7] != o["ordered_at"][:7] for o in shifted)


@pytest.mark.parametrize("year", [2023, 2024, 2025])
def test_december_sells_more_than_the_two_months_of_the_new_year_on_average(year: int) -> None:
    total = sales()

    assert total[year, 12] > Decimal("1.3") * (total[year, 1] + total[year, 2]) / 2


def test_garden_goods_sell_in_spring_and_lamps_before_christmas() -> None:
    by_month: dict[str, Counter[int]] = {category: Counter() for category in categories().values()}
    for line in rows("order_lines"):
        month = local_day(orders()[line["order_id"]]["ordered_at"]).month
        by_month[categories()[line["product_id"]]][month] += 1

    assert {month for month, _ in by_month["garden"].most_common(3)} <= {3, 4, 5, 6}
    assert {month for month, _ in by_month["lighting"].most_common(2)} == {11, 12}


def test_every_year_sells_more_than_the_one_before() -> None:
    years: dict[int, Decimal] = defaultdict(Decimal)
    for (year, _), amount in sales().items():
        years[year] += amount

    assert years[2023] < years[2024] < years[2025]


def delivery_days(begin: date, end: date) -> Iterator[float]:
    for order in rows("orders"):
        if order["delivered_at"] and begin <= local_day(order["delivered_at"]) < end:
            yield (moment(order["delivered_at"]) - moment(order["ordered_at"])) / timedelta(days=1)


def test_the_new_warehouse_takes_a_day_off_the_delivery() -> None:
    before = median(delivery_days(date(2023, 1, 1), NEW_WAREHOUSE))
    after = median(delivery_days(NEW_WAREHOUSE + timedelta(days=7), EXTRACT))

    assert before - after > 0.9


def test_the_new_warehouse_keeps_more_promises() -> None:
    def on_time(begin: date, end: date) -> float:
        due = [
            order
            for order in rows("orders")
            if order["promised_on"]
            and order["status"] != "cancelled"
            and begin <= date.fromisoformat(order["promised_on"]) < end
        ]
        kept = [
            o
            for o in due
            if o["delivered_at"] and local_day(o["delivered_at"]).isoformat() <= o["promised_on"]
        ]
        return len(kept) / len(due)

    assert on_time(date(2023, 1, 1), NEW_WAREHOUSE) < 0.90
    assert on_time(date(2024, 9, 15), date(2025, 12, 1)) > 0.94


def returned_share(category: str, begin: date, end: date) -> float:
    """Return the share of the lines sold online, by the day of the order, that came back."""
    came_back = {key(row, ("order_id", "line")) for row in rows("returns")}
    sold = [
        line
        for line in rows("order_lines")
        if categories()[line["product_id"]] == category
        and orders()[line["order_id"]]["sales_channel"] == "online"
        and orders()[line["order_id"]]["status"] == "completed"
        and begin <= local_day(orders()[line["order_id"]]["ordered_at"]) < end
    ]
    return sum(key(line, ("order_id", "line")) in came_back for line in sold) / len(sold)


def test_lamps_come_back_since_the_new_packaging() -> None:
    assert returned_share("lighting", date(2023, 1, 1), NEW_PACKAGING) < 0.10
    assert returned_share("lighting", NEW_PACKAGING, date(2025, 12, 1)) > 0.25


@pytest.mark.parametrize("category", ["garden", "furniture", "kitchen", "textiles"])
def test_nothing_else_comes_back_more_than_usual(category: str) -> None:
    assert returned_share(category, NEW_PACKAGING, date(2025, 12, 1)) < 0.15


def test_the_survey_has_no_answers_since_november_2025_and_some_in_every_month_before() -> None:
    months = {row["answered_on"][:7] for row in rows("surveys")}

    assert months == {f"{year}-{month:02}" for year in (2023, 2024, 2025) for month in range(1, 13)} - {
        "2025-11",
        "2025-12",
    }


def longest_gap(days: Iterable[date]) -> tuple[date, date]:
    return max(pairwise(sorted(days)), key=lambda pair: pair[1] - pair[0])


def test_hamburg_neither_sells_nor_counts_while_it_is_refurbished() -> None:
    sold = longest_gap(local_day(o["ordered_at"]) for o in rows("orders") if o["store_id"] == "S2")
    counted = longest_gap(
        date.fromisoformat(row["counted_on"]) for row in rows("stock_counts") if row["store_id"] == "S2"
    )

    assert sold[0] < date(2025, 2, 3) < date(2025, 3, 16) < sold[1]
    assert counted == (date(2025, 1, 27), date(2025, 3, 17))


def test_cologne_opens_in_march_2024() -> None:
    first = min(local_day(order["ordered_at"]) for order in rows("orders") if order["store_id"] == "S4")

    assert date(2024, 3, 4) <= first < date(2024, 3, 18)


def test_some_customers_have_no_channel_but_most_do() -> None:
    consumers = [
        row for row in rows("customers") if row["segment"] == "consumer" and row["acquired_on"] >= "2023"
    ]
    unknown = sum(not row["channel"] for row in consumers)

    assert 0.15 < unknown / len(consumers) < 0.40


def test_the_last_orders_are_still_on_their_way() -> None:
    still_open = [order for order in rows("orders") if order["status"] == "open"]

    assert still_open
    assert all(not order["delivered_at"] and order["ordered_at"] >= "2025-12-2" for order in still_open)
