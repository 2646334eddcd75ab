"""TPC-H: its published queries, run as they are, against the KPIs that restate them.

The tables are generated when the tests run, at scale 0.01. The official answers at scale 1 are compared too when
`KPI_TPCH_SF1=1` is set; that makes 6 million lines (0.4 GB, a minute on two cores) and is best run by one process:

    KPI_TPCH_SF1=1 pytest tests/real/test_tpch.py -k scale_1 --numprocesses 0

Left out, since the language has no words for them: numbers of a table without a time (queries 2, 11, 16, 22 and
the count of customers), the first n of a list (2, 3, 10, 18, 21), entities without any row (13, 22), conditions that
compare a row or an entity with an aggregate over others (2, 11, 15, 17, 18, 20, 22).
"""

import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from .agreement import Expected, assert_same, is_same, told_values
from .comparison import Run, assert_refused, number, told_by
from .conftest import write_project
from .tpch_answers import completed, published, restated
from .tpch_data import generate, known, warehouse
from .tpch_queries import BEGINNING, END, QUERIES, Restated

WITH_OFFICIAL_ANSWERS = ("q01", "q06", "q14")
KNOWN_BY_MONTH = (
    "orders_by_month",
    "aov_by_month",
    "net_revenue_by_ship_month",
    "late_delivery_rate_by_receipt_month",
)
only_at_scale_1 = pytest.mark.skipif(
    os.environ.get("KPI_TPCH_SF1") != "1", reason="scale 1 takes a minute; set KPI_TPCH_SF1=1"
)


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("tpch"), "0.01")


@pytest.fixture(scope="session")
def tables_at_scale_1(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("tpch_scale_1"), "1")


@pytest.fixture(scope="session")
def project(tables: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_project(tmp_path_factory.mktemp("tpch_project"), "tpch", tables)


@pytest.fixture(scope="session")
def project_at_scale_1(tables_at_scale_1: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_project(tmp_path_factory.mktemp("tpch_project_scale_1"), "tpch", tables_at_scale_1)


@pytest.fixture(scope="session")
def connection(tables: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with warehouse(tables) as found:
        yield found


def official(name: str, scale: str) -> Expected:
    """Return the official answer to a query: whole numbers and decimals exactly, means and ratios as floats."""
    found = known("official_answers.json")["queries"][name]
    inexact = {"avg_qty", "avg_price", "avg_disc", "promo_revenue"}

    def cell(column: str, text: str) -> Any:
        if column in QUERIES[name].by:
            return text
        return float(text) if column in inexact else Decimal(text)

    rows = [
        {column: cell(column, text) for column, text in zip(found["columns"], row, strict=True)}
        for row in found[scale]
    ]
    return restated(QUERIES[name], rows)


# --- the queries


@pytest.mark.parametrize("name", QUERIES)
def test_the_kpis_say_what_the_published_query_says(
    name: str, kpi: Run, project: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    query = QUERIES[name]

    told = told_by(kpi("run", *query.words, "--project", project))

    assert_same(
        told_values(told, tuple(query.by.values())), completed(restated(query, published(query, connection)))
    )


@pytest.mark.parametrize("name", WITH_OFFICIAL_ANSWERS)
def test_the_kpis_say_the_official_answer(name: str, kpi: Run, project: Path) -> None:
    query = QUERIES[name]

    told = told_by(kpi("run", *query.words, "--project", project))

    assert_same(told_values(told, tuple(query.by.values())), official(name, "sf0.01"))


@only_at_scale_1
@pytest.mark.parametrize("name", WITH_OFFICIAL_ANSWERS)
def test_the_kpis_say_the_official_answer_at_scale_1(name: str, kpi: Run, project_at_scale_1: Path) -> None:
    query = QUERIES[name]

    told = told_by(kpi("run", *query.words, "--project", project_at_scale_1))

    assert_same(told_values(told, tuple(query.by.values())), official(name, "sf1"))


@only_at_scale_1
@pytest.mark.parametrize("name", QUERIES)
def test_the_kpis_say_what_the_published_query_says_at_scale_1(
    name: str, kpi: Run, tables_at_scale_1: Path, project_at_scale_1: Path
) -> None:
    query = QUERIES[name]

    told = told_by(kpi("run", *query.words, "--project", project_at_scale_1))

    with warehouse(tables_at_scale_1) as connection:
        assert_same(
            told_values(told, tuple(query.by.values())),
            completed(restated(query, published(query, connection))),
        )


# --- the comparison


@pytest.mark.parametrize("name", [name for name in QUERIES if name != "q08"])
def test_a_query_has_an_answer(name: str, connection: duckdb.DuckDBPyConnection) -> None:
    """Save for the market share of Brazil, which sells no economy steel to America at this scale."""
    found = restated(QUERIES[name], published(QUERIES[name], connection))

    assert found
    assert all(found.values())


def test_swapped_roles_of_the_nation_would_be_seen(connection: duckdb.DuckDBPyConnection) -> None:
    found = restated(QUERIES["q07"], published(QUERIES["q07"], connection))

    assert len(set(found.values())) == len(found) == 4


@pytest.mark.parametrize(
    ("told", "same"),
    [
        pytest.param("10.10", True, id="the same with a zero behind"),
        pytest.param("10.11", False, id="a cent too much"),
        pytest.param("10.100000000000001", False, id="money that went through a float"),
        pytest.param(None, False, id="null instead of a value"),
    ],
)
def test_a_decimal_is_compared_to_the_last_digit(told: str | None, same: bool) -> None:
    assert is_same(None if told is None else Decimal(told), Decimal("10.1")) is same


@pytest.mark.parametrize(
    ("told", "same"),
    [
        pytest.param("0.333333333333333", True, id="a double next to the other"),
        pytest.param("0.33333333", False, id="rounded to eight places"),
        pytest.param(None, False, id="null instead of a value"),
    ],
)
def test_a_double_is_compared_to_nine_digits(told: str | None, same: bool) -> None:
    assert is_same(None if told is None else Decimal(told), 1 / 3) is same


def test_a_slice_without_rows_in_one_year_is_null_there() -> None:
    found: Expected = {("profit", "1997", ("PERU",)): Decimal(1), ("profit", "1998", ("CHINA",)): Decimal(2)}

    assert completed(found) == found | {
        ("profit", "1997", ("CHINA",)): None,
        ("profit", "1998", ("PERU",)): None,
    }


# --- numbers that plain Python found


@pytest.mark.parametrize("name", KNOWN_BY_MONTH)
def test_months_are_what_plain_python_found(name: str, kpi: Run, project: Path) -> None:
    values = known("kpis_sf001.json")[name]["values"]
    expected = {
        month: Decimal(value) if isinstance(value, str | int) else value for month, value in values.items()
    }
    months = Restated(sql="", kpis={"": name}, year="month", start=BEGINNING, end=END)

    told = told_by(kpi("run", *months.words, "--grain", "month", "--project", project))

    assert_same(
        {key: value for key, value in told_values(told).items() if key[1] in expected},
        {(name, month, ()): value for month, value in expected.items()},
    )
    assert {number(one["value"]) for one in told if one["period"] not in expected} <= {None, Decimal(0)}


@pytest.mark.parametrize(
    ("name", "total"),
    [
        pytest.param("orders_by_month", "orders", id="orders"),
        pytest.param("lines_in_all", "lines", id="lines"),
        pytest.param("net_revenue_by_ship_month", "net_revenue", id="net revenue"),
        pytest.param("base_price", "gross", id="price before discounts"),
    ],
)
def test_totals_are_what_plain_python_found(name: str, total: str, kpi: Run, project: Path) -> None:
    everything = Restated(sql="", kpis={"": name}, start=BEGINNING, end=END)

    (told,) = told_by(kpi("run", *everything.words, "--project", project))

    assert number(told["value"]) == Decimal(known("kpis_sf001.json")["totals"]["values"][total])


# --- relationships


def test_a_part_alone_is_no_key_of_what_suppliers_ask_for_it(kpi: Run, tables: Path, tmp_path: Path) -> None:
    """Four suppliers offer each part: joined by the part alone, every line would count four times."""

    def by_part_alone(text: str) -> str:
        return text.replace("l_suppkey: ps_suppkey", "").replace("[ps_partkey, ps_suppkey]", "[ps_partkey]")

    project = write_project(tmp_path, "tpch", tables, by_part_alone)

    result = kpi("run", *QUERIES["q09"].words, "--project", project)

    assert_refused(result)
    assert "error[key-not-unique]: 2,000 keys of `offers`" in result.stderr


def test_the_definitions_have_no_errors(kpi: Run, project: Path) -> None:
    result = kpi("check", "--project", project)

    assert result.exit_code == 0, result.output
