"""`kpi run`: which periods and slices, and the four ways to write them."""

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from command_line import NEW_YEAR, Kpi, orders, read_csv, replace

pytestmark = pytest.mark.usefixtures("shop")

MONTHS_OF_2025 = [f"2025-{month:02d}" for month in range(1, 13)]
AUTUMN = (*NEW_YEAR, "--from", "2025-11-01")


def periods(kpi: Kpi, *arguments: str) -> list[str]:
    return [value["period"] for value in kpi.values("net_sales", *arguments)]


# --- which periods


def test_twelve_complete_periods_at_the_turn_of_one(kpi: Kpi) -> None:
    found = kpi.values("net_sales", *NEW_YEAR)

    assert [value["period"] for value in found] == MONTHS_OF_2025
    assert [value["value"] for value in found] == [
        "30.50", "5.25", "7.00", None, None, "40.00", None, None, None, None, "12.00", "31.00",
    ]  # fmt: skip
    assert all(value["complete"] for value in found)


def test_twelve_complete_periods_and_its_own_within_one(kpi: Kpi) -> None:
    found = kpi.values("net_sales", "--as-of", "2026-01-10")

    assert [value["period"] for value in found] == [*MONTHS_OF_2025, "2026-01"]
    assert found[-1] == {
        "kpi": "net_sales",
        "grain": "month",
        "period": "2026-01",
        "from": "2026-01-01",
        "to": "2026-02-01",
        "slice": {},
        "value": "99.00",
        "complete": False,
    }


def test_a_moment_with_a_zone_is_taken_in_the_zone_of_the_calendar(kpi: Kpi) -> None:
    assert periods(kpi, "--as-of", "2025-12-31T23:00:00Z") == MONTHS_OF_2025, "midnight in Berlin"
    assert periods(kpi, "--as-of", "2025-12-31T22:59:59Z")[-2:] == ["2025-11", "2025-12"]


def test_rows_at_or_after_the_moment_are_not_seen(kpi: Kpi) -> None:
    before = kpi.values("net_sales", "--as-of", "2025-12-31", "--from", "2025-12-01")
    after = kpi.values("net_sales", "--as-of", "2026-01-01", "--from", "2025-12-01")

    assert [(value["value"], value["complete"]) for value in before + after] == [
        ("30.00", False),
        ("31.00", True),
    ]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        pytest.param(["--from", "2025-11-15"], ["2025-11", "2025-12"], id="the start moves back"),
        pytest.param(
            ["--from", "2025-11-30", "--to", "2025-12-02"], ["2025-11", "2025-12"], id="both move outward"
        ),
        pytest.param(["--from", "2025-11-01", "--to", "2025-12-01"], ["2025-11"], id="the end is not included"),
        pytest.param(["--to", "2025-02-01"], [f"2024-{month:02d}" for month in range(2, 13)] + ["2025-01"], id="twelve before the end"),
        pytest.param(["--from", "2026-03-05"], ["2026-03"], id="a start in the future is its period"),
        pytest.param(["--from", "2025-01-01", "--grain", "quarter"], ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"], id="quarters"),
        pytest.param(["--from", "2025-01-01", "--grain", "year"], ["2025"], id="years"),
        pytest.param(["--from", "2025-01-31", "--grain", "fiscal_year"], ["FY2025", "FY2026"], id="fiscal years begin in February"),
        pytest.param(["--from", "2025-11-05", "--grain", "all"], ["all"], id="all is one period"),
    ],
)  # fmt: skip
def test_periods_asked(kpi: Kpi, asked: list[str], found: list[str]) -> None:
    assert periods(kpi, *NEW_YEAR, *asked) == found


def test_all_takes_exactly_the_days_asked(kpi: Kpi) -> None:
    asked = ("--grain", "all", "--from", "2025-11-03", "--to", "2025-12-01")
    (found,) = kpi.values("net_sales", *NEW_YEAR, *asked)

    assert (found["from"], found["to"], found["value"]) == ("2025-11-03", "2025-12-01", "12.00")


def test_each_kpi_is_told_at_its_own_grain(kpi: Kpi) -> None:
    found = kpi.values(*AUTUMN)

    assert {value["kpi"]: value["grain"] for value in found} == {
        "basket": "month",
        "net_sales": "month",
        "online_share": "month",
        "order_count": "day",
    }
    assert len(found) == 3 * 2 + 61


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        pytest.param(["--from", "2025-02-01", "--to", "2025-02-01"], "empty-range", id="nothing between"),
        pytest.param(["--from", "2025-03-01", "--to", "2025-02-01"], "empty-range", id="backwards"),
        pytest.param(["--grain", "all"], "missing-range", id="all without a start"),
        pytest.param(
            ["--grain", "all", "--from", "2026-02-01"], "empty-range", id="all that begins after the end"
        ),
        pytest.param(["--grain", "day"], "grain-too-fine", id="finer than the KPI"),
        pytest.param(["--grain", "year", "--to", "1000-01-01"], None, id="the edge of the calendar"),
        pytest.param(["--where", "channel ="], "expression-syntax", id="half a filter"),
        pytest.param(["--where", "amount > 3"], "unknown-dimension", id="a filter on rows"),
        pytest.param(["--where", "sum(amount) > 3"], "invalid-filter", id="a filter on values"),
        pytest.param(["--where", "channel = 'x'; select 1"], "statement-in-expression", id="a statement"),
    ],
)
def test_questions_without_an_answer(kpi: Kpi, asked: list[str], code: str | None) -> None:
    result = kpi("run", "net_sales", *NEW_YEAR, *asked)

    if code is None:
        assert result.exit_code == 0
    else:
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith(f"error[{code}]: ")


def test_a_range_by_mistake_is_not_computed_for_hours(kpi: Kpi) -> None:
    result = kpi("run", "order_count", *NEW_YEAR, "--from", "1925-01-01")

    assert result.exit_code == 2
    assert "error[too-many-periods]: From 1925-01-01 to 2026-01-01 there are 36,890 periods" in result.stderr


# --- which slices


def slices(kpi: Kpi, *arguments: str) -> list[tuple[dict[str, str | None], str | None]]:
    found = kpi.values("net_sales", *NEW_YEAR, "--from", "2025-12-01", *arguments)
    return [(value["slice"], value["value"]) for value in found]


def test_slices_by_name(kpi: Kpi) -> None:
    assert slices(kpi, "--by", "channel") == [({"channel": "online"}, "30.00"), ({"channel": None}, "1.00")]


@pytest.mark.parametrize("asked", [["country"], ["customer.country"], ["country", "customer.country"]])
def test_slices_by_path_are_called_by_their_name(kpi: Kpi, asked: list[str]) -> None:
    by = [word for name in asked for word in ("--by", name)]

    assert slices(kpi, *by) == [({"country": "DE"}, "30.00"), ({"country": None}, "1.00")]


def test_slices_by_two_dimensions_in_the_order_asked(kpi: Kpi) -> None:
    assert slices(kpi, "--by", "country", "--by", "channel") == [
        ({"country": "DE", "channel": "online"}, "30.00"),
        ({"country": None, "channel": None}, "1.00"),
    ]


def test_a_slice_of_one_period_is_present_in_all(kpi: Kpi) -> None:
    found = kpi.values("net_sales", *AUTUMN, "--by", "channel")

    assert [(value["period"], value["slice"]["channel"], value["value"]) for value in found] == [
        ("2025-11", "online", None),
        ("2025-11", "store", "12.00"),
        ("2025-11", None, None),
        ("2025-12", "online", "30.00"),
        ("2025-12", "store", None),
        ("2025-12", None, "1.00"),
    ]


def test_a_filter_picks_slices_of_the_total_and_of_the_slices(kpi: Kpi) -> None:
    assert slices(kpi, "--where", "channel = 'online'") == [({}, "30.00")]
    assert slices(kpi, "--where", "channel is null", "--by", "country") == [({"country": None}, "1.00")]
    assert slices(kpi, "--where", "channel = 'nowhere'") == [({}, None)]


def test_no_slice_at_all_is_said(kpi: Kpi) -> None:
    result = kpi("run", "net_sales", *NEW_YEAR, "--by", "channel", "--where", "channel = 'nowhere'")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "No row of the data fits, so there is no slice to show.\n"


# --- CSV


def test_csv(kpi: Kpi) -> None:
    assert kpi.answer("run", "net_sales", *AUTUMN, "--by", "channel", "--format", "csv") == (
        'kpi,grain,period,from,to,"channel",value,complete\n'
        'net_sales,month,2025-11,2025-11-01,2025-12-01,"online",,true\n'
        'net_sales,month,2025-11,2025-11-01,2025-12-01,"store",12.00,true\n'
        "net_sales,month,2025-11,2025-11-01,2025-12-01,,,true\n"
        'net_sales,month,2025-12,2025-12-01,2026-01-01,"online",30.00,true\n'
        'net_sales,month,2025-12,2025-12-01,2026-01-01,"store",,true\n'
        "net_sales,month,2025-12,2025-12-01,2026-01-01,,1.00,true\n"
    )


HOSTILE = {
    "=cmd|' /C calc'!A0": "'=cmd|' /C calc'!A0",
    "+49 30 1234": "'+49 30 1234",
    "-5": "'-5",
    "@sum(A1)": "'@sum(A1)",
    "\tindented": "'\tindented",
    'say "hi", twice': 'say "hi", twice',
    "two\nlines": "two\nlines",
    "Größe 日本 😀": "Größe 日本 😀",
    " blanks ": " blanks ",
    "a;b": "a;b",
}
"""Values of a dimension, and how they are read back from the CSV file: formulas disarmed, all else the same."""


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def channels(shop: Path, *names: str) -> None:
    rows = [f"2025-12-01,1,{name},1.00" for name in names]
    (shop / "data" / "orders.csv").write_text(orders(*rows), encoding="utf-8")


def test_csv_holds_any_text_and_no_formula(kpi: Kpi, shop: Path) -> None:
    channels(shop, *(quoted(name) for name in HOSTILE))

    text = kpi.answer("run", "net_sales", *AUTUMN, "--by", "channel", "--format", "csv")
    found = [row["channel"] for row in read_csv(text) if row["period"] == "2025-12"]

    assert sorted(found) == sorted(HOSTILE.values())


def test_json_holds_any_text_as_it_is(kpi: Kpi, shop: Path) -> None:
    channels(shop, *(quoted(name) for name in HOSTILE))

    found = {value["slice"]["channel"] for value in kpi.values("net_sales", *AUTUMN, "--by", "channel")}

    assert found == set(HOSTILE)


def test_nothing_and_an_empty_text_are_two_slices(kpi: Kpi, shop: Path) -> None:
    channels(shop, "", '""')
    asked = ("net_sales", *NEW_YEAR, "--from", "2025-12-01", "--by", "channel")

    assert [value["slice"]["channel"] for value in kpi.values(*asked)] == ["", None]
    assert [row[5] for row in kpi.rows(*asked)[1:]] == ['""', ""]
    assert "(none)" in kpi.answer("run", *asked)


@pytest.mark.parametrize("name", ["value", "period", "kpi"])
def test_a_dimension_called_like_a_column_of_the_answer(kpi: Kpi, shop: Path, name: str) -> None:
    replace(
        shop / "kpis" / "shop.yaml",
        "grain: month\ndimensions: [channel, {country: customer.country}]\nunit: {currency: EUR}",
        f"grain: month\ndimensions: [{{{name}: channel}}]\nunit: {{currency: EUR}}",
    )
    replace(shop / "kpis" / "shop.yaml", "dimensions: [channel]\n", "")
    asked = ("net_sales", *AUTUMN, "--by", name)

    assert {value["slice"][name] for value in kpi.values(*asked)} == {"online", "store", None}
    for form in (["csv"], ["parquet", "--output", "values.parquet"]):
        result = kpi("run", *asked, "--format", *form)
        assert result.exit_code == 2
        assert f"has a column `{name}` of its own" in result.stderr


# --- Parquet


def test_parquet_read_back_is_the_same(kpi: Kpi, shop: Path) -> None:
    channels(shop, *(quoted(name) for name in HOSTILE), "", '""')
    asked = ("net_sales", *AUTUMN, "--by", "channel")
    assert kpi.answer("run", *asked, "--format", "parquet", "--output", "values.parquet") == ""

    with duckdb.connect(":memory:") as connection:
        relation = connection.execute("SELECT * FROM read_parquet('values.parquet')")
        columns = [name for name, *_ in relation.description]
        rows = relation.fetchall()

    assert columns == ["kpi", "grain", "period", "from", "to", "channel", "value", "complete"]
    expected = [
        (
            value["kpi"],
            value["grain"],
            value["period"],
            value["from"],
            value["to"],
            value["slice"]["channel"],
            None if value["value"] is None else Decimal(value["value"]),
            value["complete"],
        )
        for value in kpi.values(*asked)
    ]
    assert [(*row[:3], str(row[3]), str(row[4]), *row[5:]) for row in rows] == expected


# --- for people


def test_the_table(kpi: Kpi) -> None:
    asked = ("run", "net_sales", "online_share", "--as-of", "2026-01-10", "--from", "2025-12-01")

    assert kpi.answer(*asked, "--by", "country") == (
        "Net sales (EUR)\n"
        "period     country  net_sales\n"
        "---------  -------  ---------\n"
        "2025-12    DE           30.00\n"
        "2025-12    (none)        1.00\n"
        "2026-01 *  DE           99.00\n"
        "2026-01 *  (none)           -\n"
        "\n"
        "Online share (percent)\n"
        "period     country  online_share\n"
        "---------  -------  ------------\n"
        "2025-12    DE           100.00 %\n"
        "2025-12    (none)              -\n"
        "2026-01 *  DE           100.00 %\n"
        "2026-01 *  (none)              -\n"
        "\n"
        "* not complete yet\n"
    )


def test_the_table_stays_aligned_and_harmless_whatever_a_cell_holds(kpi: Kpi, shop: Path) -> None:
    channels(shop, "日本", "\x1b[31mred", '"::error::\nline"', "##[add-mask]x", "plain")

    text = kpi.answer("run", "net_sales", *NEW_YEAR, "--from", "2025-12-01", "--by", "channel")
    rows = text.splitlines()[3:]

    assert "\x1b" not in text
    assert "##[" not in text
    assert not any(row.lstrip().startswith("::") for row in rows)
    assert len(rows) == 5
    assert all(row.endswith("   1.00") for row in rows)
    assert "日本             " in text, "two columns each"


def test_large_and_small_numbers_are_exact(kpi: Kpi, shop: Path) -> None:
    large = "1234567890123456789012345678.12"
    rows = [f"2025-12-01,1,online,{large}", "2025-11-01,1,online,0.01"]
    (shop / "data" / "orders.csv").write_text(orders(*rows))
    asked = ("net_sales", *AUTUMN)

    assert [value["value"] for value in kpi.values(*asked)] == ["0.01", large]
    assert "1,234,567,890,123,456,789,012,345,678.12" in kpi.answer("run", *asked)
    refused = kpi("run", *asked, "--format", "parquet", "--output", "values.parquet")
    assert refused.exit_code == 2
    assert "more than 26 digits before the point" in refused.stderr
    assert not Path("values.parquet").exists()


# --- files


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_a_file_holds_what_would_be_printed(kpi: Kpi, form: str) -> None:
    asked = ("run", "net_sales", *AUTUMN, "--format", form)

    assert kpi.answer(*asked, "--output", "values.txt") == ""
    assert Path("values.txt").read_bytes().decode() == kpi.answer(*asked)


def test_the_same_question_has_the_same_answer_whatever_the_order_asked(kpi: Kpi) -> None:
    one = kpi.values("net_sales", "basket", *AUTUMN)
    other = kpi.values("basket", "net_sales", "basket", *AUTUMN)

    assert one != other
    assert sorted(one, key=str) == sorted(other, key=str)
