"""`kpi check --data`: what the definitions claim of the data, held against its rows."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from command_line import NEW_YEAR, Kpi, process, replace, validator

pytestmark = pytest.mark.usefixtures("shop")

FERNWOOD = Path(__file__).parents[2]
BROKEN = Path(__file__).parents[1] / "broken"
CHECK = ("check", "--data", *NEW_YEAR)
CLEAN = (
    "All clean: 4 KPIs, 1 goal, 1 scorecard. "
    "Looked at 13 rows in 2 datasets and at the last values of 2 KPIs.\n"
)
ORDERS = "ordered_on,customer_id,channel,amount\n"


def csv(shop: Path, name: str, *lines: str) -> None:
    (shop / "data" / f"{name}.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")


def declare(shop: Path, *definitions: str) -> None:
    """Write a file of datasets; the first line of each is its line in the file."""
    (shop / "kpis" / "more.yaml").write_text("\n---\n".join(text.strip("\n") for text in definitions) + "\n")


def found(kpi: Kpi, *arguments: str) -> list[dict[str, Any]]:
    """Return the findings, after checking them against their schema and the exit code against them."""
    result = kpi(*CHECK, "--format", "json", *arguments)
    findings: list[dict[str, Any]] = json.loads(result.stdout)
    validator("check").validate(findings)
    assert result.stderr == ""
    assert result.exit_code == (1 if any(f["severity"] == "error" for f in findings) else 0)
    return findings


def told(kpi: Kpi, *arguments: str) -> list[str]:
    """Return the findings as `severity code file:line:column message`."""
    return [
        f"{f['severity']} {f['code']} {Path(f['path']).name}:{f['line']}:{f['column']} {f['message']}"
        for f in found(kpi, *arguments)
    ]


# --- clean data, and the words around it


def test_clean_data_says_how_much_was_looked_at(kpi: Kpi) -> None:
    result = kpi(*CHECK, "--strict")

    assert (result.exit_code, result.stdout, result.stderr) == (0, "", CLEAN)


def test_without_data_no_row_is_looked_at(kpi: Kpi, shop: Path) -> None:
    csv(shop, "customers", "id,country", "1,DE", "1,AT", "2,FR", "3,")

    assert kpi("check", "--strict").stderr == "All clean: 4 KPIs, 1 goal, 1 scorecard.\n"


def test_the_example_company_is_clean_but_for_the_gap_that_its_readme_tells(
    kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(FERNWOOD)

    (gap,) = found(kpi)

    assert (gap["code"], gap["severity"]) == ("stale-data", "warning")
    assert gap["message"].startswith("Seen from 2026-01-01, `surveys` has its newest row on 2025-10-31,")
    assert "The survey has no answers from November 2025 on" in (FERNWOOD / "kpis" / "README.md").read_text()


def test_a_finding_is_shown_with_its_line_and_counted(kpi: Kpi, shop: Path) -> None:
    csv(shop, "customers", "id,country", "1,DE", "1,AT", "2,FR", "3,")

    result = kpi(*CHECK)

    assert result.exit_code == 1
    assert result.stdout == (
        "error[key-not-unique]: 1 key of `customers` (id) stands more than once: `1`.\n"
        "  --> kpis/shop.yaml:16:14\n"
        "   |\n"
        "16 | primary_key: [id]\n"
        "   |              ^^^^\n"
        "  = help: Remove the duplicates, or extend the primary key.\n"
    )
    assert result.stderr == "\n1 error. Looked at 14 rows in 2 datasets and at the last values of 2 KPIs.\n"


def test_a_finding_on_one_line(kpi: Kpi, shop: Path) -> None:
    csv(shop, "customers", "id,country", "1,DE", "1,AT", "2,FR", "3,")

    result = kpi(*CHECK, "--format", "concise")

    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout == (
        "kpis/shop.yaml:16:14: key-not-unique: 1 key of `customers` (id) stands more than once: `1`. "
        "(Remove the duplicates, or extend the primary key.)\n"
    )


def test_a_warning_fails_only_when_strict(kpi: Kpi, shop: Path) -> None:
    csv(shop, "orders", ORDERS.strip(), "2025-12-31,1,online,1.00", ",1,online,1.00")

    assert kpi(*CHECK).exit_code == 0
    assert kpi(*CHECK, "--strict").exit_code == 1


def test_findings_about_definitions_and_data_come_in_the_order_of_the_file(kpi: Kpi, shop: Path) -> None:
    replace(
        shop / "kpis" / "shop.yaml",
        "Money, kpis: [net_sales, online_share, basket]",
        "Money, kpis: [net_sales, basket]",
    )
    csv(shop, "customers", "id,country", "1,DE", "1,AT", "2,FR", "3,")

    assert [line.split()[1] for line in told(kpi)] == ["key-not-unique", "kpi-without-use"]


# --- keys


def test_the_keys_of_the_most_rows_are_told_first_and_three_of_them(kpi: Kpi, shop: Path) -> None:
    keys = [5, 5, 4, 4, 3, 3, 2, 2, 1, 9, 9, 9]
    csv(shop, "customers", "id,country", *(f"{key},DE" for key in keys))

    assert told(kpi) == [
        "error key-not-unique shop.yaml:16:14 5 keys of `customers` (id) stand more than once; "
        "keys such as `9`, `2` and `3`."
    ]


def test_a_key_of_several_parts(kpi: Kpi, shop: Path) -> None:
    declare(shop, "kind: dataset\nname: lines\nsource: data/lines.csv\nprimary_key: [order_id, line]")
    csv(shop, "lines", "order_id,line", "7,1", "7,2", "7,2", "8,1", "8,", "8,")

    assert told(kpi) == [
        "error key-not-unique more.yaml:4:14 1 key of `lines` (order_id, line) stands more than once: `7, 2`.",
        "warning null-key more.yaml:4:14 2 of 6 rows of `lines` (33 %) have no value in the primary key "
        "(order_id, line), so nothing leads there.",
    ]


def test_a_key_that_is_computed(kpi: Kpi, shop: Path) -> None:
    declare(
        shop,
        "kind: dataset\nname: codes\nsource: data/codes.csv\nprimary_key: [code]\nfields: {code: lower(text)}",
    )
    csv(shop, "codes", "text", "a", "A", "b")

    assert told(kpi) == [
        "error key-not-unique more.yaml:4:14 1 key of `codes` (code) stands more than once: `a`."
    ]


# --- partners


def test_rows_without_a_required_partner(kpi: Kpi, shop: Path) -> None:
    csv(
        shop,
        "orders",
        ORDERS.strip(),
        *(f"2025-12-31,{key},online,1.00" for key in ("1", "98", "99", "99", "")),
    )

    assert told(kpi) == [
        "error required-partner-missing shop.yaml:24:3 4 of 5 rows of `orders` (80 %) have no partner over "
        "`customer`, which is `required`, 1 of them for want of a key; keys such as `99` and `98`."
    ]


def test_orphans_of_a_relationship_that_is_not_required(kpi: Kpi, shop: Path) -> None:
    replace(shop / "kpis" / "shop.yaml", ", required: true", "")
    rows = [*["1"] * 1997, "99", "98", "", ""]
    csv(shop, "orders", ORDERS.strip(), *(f"2025-12-31,{key},online,1.00" for key in rows))

    assert told(kpi) == [
        "warning orphan-rows shop.yaml:24:3 2 of 2,001 rows of `orders` (less than 0.1 %) have a key, but no "
        "partner over `customer`; keys such as `98` and `99`."
    ]


def test_a_null_key_is_no_orphan(kpi: Kpi, shop: Path) -> None:
    replace(shop / "kpis" / "shop.yaml", ", required: true", "")
    csv(shop, "orders", ORDERS.strip(), "2025-12-31,,online,1.00", "2025-12-31,1,online,1.00")

    assert told(kpi) == []


def test_a_partner_that_stands_twice_is_no_orphan_and_counts_no_row_twice(kpi: Kpi, shop: Path) -> None:
    csv(shop, "customers", "id,country", "1,DE", "1,AT")
    csv(shop, "orders", ORDERS.strip(), "2025-12-31,1,online,1.00", "2025-12-31,2,online,1.00")

    assert told(kpi) == [
        "error key-not-unique shop.yaml:16:14 1 key of `customers` (id) stands more than once: `1`.",
        "error required-partner-missing shop.yaml:24:3 1 of 2 rows of `orders` (50 %) has no partner over "
        "`customer`, which is `required`; keys such as `2`.",
    ]


# --- partners that hold for a time

RATES = """
kind: dataset
name: rates
source: data/rates.csv
primary_key: [currency, since]
"""
SALES = """
kind: dataset
name: sales
source: data/sales.csv
time: sold_on
relationships:
  rate: {to: rates, keys: {currency: currency}, as_of: {valid_from: since%s}}
"""


def test_a_row_that_holds_until_the_next_and_another_from_the_same_day(kpi: Kpi, shop: Path) -> None:
    declare(shop, RATES, SALES % "")
    csv(
        shop, "rates", "currency,since,rate", "USD,2025-01-01,1.1", "USD,2025-02-01,1.2", "USD,2025-02-01,1.3"
    )
    csv(shop, "sales", "sold_on,currency", "2025-01-15,USD")

    assert told(kpi) == [
        "error key-not-unique more.yaml:4:14 1 key of `rates` (currency, since) stands more than once: "
        "`USD, 2025-02-01`."
    ]


def test_two_rows_of_one_key_that_hold_at_once(kpi: Kpi, shop: Path) -> None:
    declare(shop, RATES, SALES % ", valid_to: until")
    csv(
        shop,
        "rates",
        "currency,since,until",
        "USD,2025-01-01,2025-02-02",
        "USD,2025-02-01,2025-03-01",
        "USD,2025-03-01,",
        "CHF,2025-01-01,2025-02-01",
        "CHF,2025-02-01,",
    )
    csv(shop, "sales", "sold_on,currency", "2025-01-15,USD")

    assert told(kpi) == [
        "error validity-overlaps more.yaml:4:14 1 time two rows of `rates` with the same key hold at once, "
        "so a row would find two partners."
    ]


def test_a_row_of_a_time_at_which_nothing_held(kpi: Kpi, shop: Path) -> None:
    declare(shop, RATES, SALES % "")
    csv(shop, "rates", "currency,since,rate", "USD,2025-01-01,1.1")
    csv(shop, "sales", "sold_on,currency", "2024-12-31,USD", "2025-01-01,USD", "2025-01-01,", ",USD")

    assert told(kpi) == [
        "warning null-time more.yaml:9:7 1 of 4 rows of `sales` (25 %) has no time (sold_on): such a row is in "
        "no period.",
        "warning orphan-rows more.yaml:11:3 1 of 4 rows of `sales` (25 %) has a key, but no partner over `rate`; "
        "keys such as `USD`.",
    ]


# --- times


def test_rows_without_time(kpi: Kpi, shop: Path) -> None:
    csv(shop, "orders", ORDERS.strip(), "2025-12-31,1,online,1.00", ",1,online,1.00", ",1,online,1.00")

    assert told(kpi) == [
        "warning null-time shop.yaml:21:7 2 of 3 rows of `orders` (66 %) have no time (ordered_on): such a row is "
        "in no period."
    ]


LINES = """
kind: dataset
name: lines
source: data/lines.csv
time: order.day
relationships:
  order: {to: heads, keys: {order_id: id}}
---
kind: dataset
name: heads
source: data/heads.csv
primary_key: [id]
"""


def test_a_time_that_is_reached_over_a_relationship(kpi: Kpi, shop: Path) -> None:
    declare(shop, LINES)
    csv(shop, "lines", "order_id", "1", "1", "2", "3")
    csv(shop, "heads", "id,day", "1,2025-01-01", "2,")

    without_time, without_partner = told(kpi)

    assert "2 of 4 rows of `lines` (50 %) have no time (order.day)" in without_time
    assert "1 of 4 rows of `lines` (25 %) has a key, but no partner over `order`" in without_partner


def test_a_time_over_a_partner_that_stands_twice_cannot_be_counted(kpi: Kpi, shop: Path) -> None:
    declare(shop, LINES)
    csv(shop, "lines", "order_id", "1", "1", "2")
    csv(shop, "heads", "id,day", "1,2025-01-01", "1,", "2,")

    assert [line.split()[1] for line in told(kpi)] == ["key-not-unique"]


def test_spans_that_do_not_begin_or_are_empty(kpi: Kpi, shop: Path) -> None:
    declare(
        shop,
        "kind: dataset\nname: contracts\nsource: data/contracts.csv\nvalid: {from: began, to: ended}",
    )
    csv(
        shop,
        "contracts",
        "began,ended",
        "2025-01-01,2025-06-01",
        "2025-01-01,",
        ",2025-06-01",
        "2025-06-01,2025-06-01",
        "2025-06-02,2025-06-01",
    )

    assert told(kpi) == [
        "warning null-time more.yaml:4:15 1 of 5 rows of `contracts` (20 %) has no `from` (began): such a row "
        "never holds.",
        "warning empty-span more.yaml:4:26 2 of 5 rows of `contracts` (40 %) end no later than they begin.",
    ]


# --- how new it is, and whether there is any


def test_a_dataset_without_rows_is_only_told_to_be_empty(kpi: Kpi, shop: Path) -> None:
    csv(shop, "orders", ORDERS.strip())

    assert told(kpi) == ["warning empty-dataset shop.yaml:20:9 `orders` has no row at all."]


@pytest.mark.parametrize(
    ("as_of", "is_stale"),
    [
        pytest.param("2026-02-15", False, id="40 days after the end of the day of the newest row"),
        pytest.param("2026-02-15T00:01", True, id="a minute later"),
        pytest.param("2025-12-01", False, id="what lies after it is not seen: 27 days since 3 November"),
        pytest.param("2025-10-01", True, id="what lies after it is not seen: 92 days since 30 June"),
    ],
)
def test_rows_that_are_older_than_promised(kpi: Kpi, as_of: str, is_stale: bool) -> None:
    result = kpi("check", "--data", "--as-of", as_of, "--format", "concise")

    assert result.exit_code == 0
    assert ("stale-data" in result.stdout) is is_stale


def test_what_was_promised_is_told(kpi: Kpi) -> None:
    assert told(kpi, "--as-of", "2025-10-01T12:30") == [
        "warning stale-data shop.yaml:22:12 Seen from 2025-10-01 12:30, `orders` has its newest row on 2025-06-30, "
        "and `freshness` promises 40 days."
    ]
    assert told(kpi, "--as-of", "2024-01-01") == [
        "warning stale-data shop.yaml:22:12 `orders` has no row before 2024-01-01, and `freshness` promises "
        "40 days."
    ]


# --- the values of KPIs


def bounded(shop: Path, bounds: str) -> None:
    """Give bounds to the share of orders that come online."""
    replace(shop / "kpis" / "shop.yaml", "unit: percent\n", f"unit: percent\nbounds: {{{bounds}}}\n")


def test_a_value_above_its_upper_bound(kpi: Kpi, shop: Path) -> None:
    """In June all 40 came online, in December 30 of 31; in January 10.50 of 30.50."""
    bounded(shop, "min: 0, max: 0.9")

    (finding,) = found(kpi)

    assert (finding["code"], finding["severity"], finding["line"], finding["column"]) == (
        "value-out-of-bounds", "error", 65, 23,
    )  # fmt: skip
    assert finding["message"] == (
        "In 2 of the last 12 months `online_share` lies above its upper bound of 0.9: 0.967741935484 in 2025-12 "
        "and 1 in 2025-06."
    )


def test_values_below_a_lower_bound_are_told_the_newest_first(kpi: Kpi, shop: Path) -> None:
    replace(
        shop / "kpis" / "shop.yaml",
        "unit: {currency: EUR}\ndirection: higher\nact: If it falls for three months, look at prices",
        "unit: {currency: EUR}\nbounds: {min: 30.5}\ndirection: higher\nact: If it falls for three months, look at prices",
    )

    (line,) = told(kpi)

    assert line.endswith(
        "In 3 of the last 12 months `net_sales` lies below its lower bound of 30.5: 12 in 2025-11, 7 in 2025-03 "
        "and 5.25 in 2025-02."
    )


def test_a_value_at_its_bound_is_within_it(kpi: Kpi, shop: Path) -> None:
    bounded(shop, "min: 0, max: 1")

    assert told(kpi) == []


def test_a_rounding_of_the_engine_is_no_finding(kpi: Kpi, shop: Path) -> None:
    """10.50 of 30.50 are 0.34426229508196721...; the bound has fifteen digits of that."""
    bounded(shop, "max: 0.344262295081967")
    csv(shop, "orders", ORDERS.strip(), "2025-12-01,1,online,10.50", "2025-12-20,2,store,20.00")

    assert told(kpi) == []


def test_only_periods_that_are_over_are_looked_at_and_the_last_twelve(kpi: Kpi, shop: Path) -> None:
    """All of December 2024 came online, and all of January 2026 up to now."""
    bounded(shop, "max: 0.98")

    def months(as_of: str) -> str:
        return kpi("check", "--data", "--as-of", as_of, "--format", "concise").stdout

    assert "In 1 of the last 12 months" in months("2026-01-20")
    assert "1 in 2025-06." in months("2026-01-20")
    assert "1 in 2026-01 and 1 in 2025-06." in months("2026-02-01")
    assert "1 in 2025-06 and 1 in 2024-12." in months("2025-12-31")


def test_a_share_of_nothing_though_there_are_rows(kpi: Kpi, shop: Path) -> None:
    """Nothing was paid in April and May; in July the amounts are missing; in August nobody ordered."""
    rows = (shop / "data" / "orders.csv").read_text().splitlines()
    csv(
        shop,
        "orders",
        *rows,
        *(
            "2025-04-01,1,online,0.00",
            "2025-05-01,1,online,2.00",
            "2025-05-02,1,store,-2.00",
            "2025-07-01,1,online,",
        ),
    )

    (line,) = told(kpi)

    assert line == (
        "warning zero-denominator shop.yaml:61:13 In 3 of the last 12 months `online_share` has no value, since "
        "`sum(amount)` is 0 or null though there are rows: 2025-07, 2025-05 and 2025-04."
    )


def test_what_is_said_to_be_zero_at_times_is_not_told(kpi: Kpi, shop: Path) -> None:
    rows = (shop / "data" / "orders.csv").read_text().splitlines()
    csv(shop, "orders", *rows, "2025-04-01,1,online,0.00")
    replace(shop / "kpis" / "shop.yaml", "'online') / sum(amount)", "'online') / nullif(sum(amount), 0)")

    assert told(kpi) == []


def test_where_the_kpi_has_a_value_all_the_same_nothing_is_told(kpi: Kpi, shop: Path) -> None:
    rows = (shop / "data" / "orders.csv").read_text().splitlines()
    csv(shop, "orders", *rows, "2025-04-01,1,online,0.00")
    file = shop / "kpis" / "shop.yaml"
    replace(
        file,
        "sum(amount) filter (where channel = 'online') / sum(amount)",
        "coalesce(sum(amount) filter (where channel = 'online') / sum(amount), 0)",
    )

    assert told(kpi) == []


def test_a_quotient_of_kpis(kpi: Kpi, shop: Path) -> None:
    """What is divided by counts only orders in the store: in June and December there are orders, and none of these."""
    file = shop / "kpis" / "shop.yaml"
    replace(file, "expression: count(*)\n", "expression: count(*) filter (where channel = 'store')\n")

    (line,) = told(kpi)

    assert line.endswith(
        "In 3 of the last 12 months `basket` has no value, since `order_count` is 0 though there are rows: 2025-12, "
        "2025-06 and 2025-03."
    )


def test_where_another_period_is_looked_at_nothing_is_told(kpi: Kpi, shop: Path) -> None:
    """A year before there was no shop: that growth has no value then says nothing of the rows."""
    declare(
        shop,
        *(
            f"kind: kpi\nname: {name}\ntitle: {name}\ndescription: G.\nowner: sales\napplies_to: [shop]\n"
            f"{rows}expression: {expression}\ngrain: month\nunit: {unit}\ndirection: higher\nstatus: draft"
            for name, rows, expression, unit in (
                ("growth", "dataset: orders\n", "sum(amount) / previous(sum(amount), 1 year) - 1", "ratio"),
                ("before", "dataset: orders\n", "previous(sum(amount), 1 year)", "{currency: EUR}"),
                ("growth_too", "", "net_sales / before", "ratio"),
            )
        ),
    )

    assert told(kpi) == []


def test_the_last_twelve_of_its_own_grain(kpi: Kpi, shop: Path) -> None:
    declare(
        shop,
        "kind: kpi\nname: daily\ntitle: Daily\ndescription: D.\nowner: sales\napplies_to: [shop]\ndataset: orders\n"
        "expression: sum(amount) / (count(*) - 1)\ngrain: day\nunit: ratio\ndirection: higher\nstatus: draft",
    )

    assert [line.split("In ")[1] for line in told(kpi)] == [
        "1 of the last 12 days `daily` has no value, since `count(*) - 1` is 0 though there are rows: 2025-12-31."
    ]


def test_broken_data_of_one_kpi_does_not_keep_the_others_from_being_looked_at(kpi: Kpi, shop: Path) -> None:
    bounded(shop, "max: 0.9")
    declare(
        shop,
        "kind: kpi\nname: german\ntitle: German\ndescription: G.\nowner: sales\napplies_to: [shop]\ndataset: orders\n"
        "expression: sum(amount) filter (where customer.country = 'DE')\ngrain: month\nunit: {currency: EUR}\n"
        "bounds: {max: 0}\ndirection: higher\nstatus: draft",
    )
    csv(shop, "customers", "id,country", "1,DE", "1,AT", "2,FR", "3,")

    assert [line.split()[1] for line in told(kpi)] == ["key-not-unique", "value-out-of-bounds"]


def test_a_cohort_that_is_too_young_is_no_value(kpi: Kpi, shop: Path) -> None:
    """Customers of November and December may still order within 60 days: ten months are known."""
    declare(
        shop,
        "kind: kpi\nname: early\ntitle: Early\ndescription: E.\nowner: sales\napplies_to: [shop]\ndataset: orders\n"
        "expression: count(*)\ncohort: {entity: customer_id, starts: customer.since, age: 60 days}\ngrain: month\n"
        "unit: count\nbounds: {max: 0}\ndirection: higher\nstatus: draft",
    )
    csv(shop, "customers", "id,country,since", "1,DE,2025-01-05", "2,FR,2025-11-01", "3,,2025-12-31")

    (line,) = told(kpi)

    assert line.endswith("In 1 of the last 10 months `early` lies above its upper bound of 0: 1 in 2025-01.")


def test_what_only_a_value_shows_is_told_where_there_is_none(kpi: Kpi, shop: Path) -> None:
    declare(
        shop,
        "kind: dataset\nname: levels\nsource: data/levels.csv\ntime: day",
        "kind: kpi\nname: stock\ntitle: Stock\ndescription: S.\nowner: sales\napplies_to: [shop]\ndataset: levels\n"
        "expression: closing(sum(pieces), per shelf)\ngrain: month\nunit: count\nbounds: {min: 0}\n"
        "direction: higher\nstatus: draft",
    )
    csv(shop, "levels", "day,shelf,pieces", "2025-12-30,a,1", "2025-12-31,a,2", "2025-12-31,a,3")

    assert [line.split()[1] for line in told(kpi)] == ["last-row-not-unique"]


def test_of_kpis_elsewhere_nothing_is_told(kpi: Kpi, shop: Path) -> None:
    bounded(shop, "max: 0.9")
    declare(shop, "kind: dataset\nname: more\nsource: data/more.csv")
    csv(shop, "more", "id", "1")

    result = kpi(*CHECK, "kpis/more.yaml")

    assert (result.exit_code, result.stderr.split(". ")[-1]) == (0, "Looked at 1 row in 1 dataset.\n")
    assert [f["code"] for f in found(kpi, "kpis/shop.yaml")] == ["value-out-of-bounds"]


def test_no_value_is_told_in_ci(kpi: Kpi, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bounded(shop, "max: 0.9")
    monkeypatch.setenv("CI", "true")

    (line,) = told(kpi)

    assert line.endswith("lies above its upper bound of 0.9: 2025-12 and 2025-06.")


# --- where it stops


def test_wrong_definitions_are_told_and_the_data_is_not_looked_at(kpi: Kpi, shop: Path) -> None:
    replace(
        shop / "kpis" / "shop.yaml",
        "applies_to: [shop]\ndataset: orders\nexpression: count(*)",
        "applies_to: [shp]\ndataset: orders\nexpression: count(*)",
    )
    csv(shop, "customers", "id,country", "1,DE", "1,AT")

    result = kpi(*CHECK)

    assert result.exit_code == 1
    assert result.stdout.count("error[") == 1
    assert result.stderr == "\n1 error. The data was not looked at, since the definitions have errors.\n"


@pytest.mark.parametrize("form", ["full", "concise", "json"])
def test_an_error_elsewhere_stops_it_too(kpi: Kpi, shop: Path, form: str) -> None:
    (shop / "kpis" / "wrong.yaml").write_text("kind: owner\nname: nobody\n")

    result = kpi(*CHECK, "kpis/shop.yaml", "--format", form)

    assert result.exit_code == 1
    assert result.stdout == ("[]\n" if form == "json" else "")
    assert "The data was not looked at, since the definitions have errors.\n" in result.stderr


@pytest.mark.parametrize("form", ["full", "concise", "json"])
def test_a_file_that_cannot_be_read_is_a_finding_in_every_format(kpi: Kpi, shop: Path, form: str) -> None:
    csv(shop, "orders", ORDERS.strip(), "2025-12-31,1,online")

    result = kpi(*CHECK, "--format", form)

    assert result.exit_code == 1
    assert result.stdout.count("malformed-csv") == 1
    assert result.stderr == ("\n1 error. The data could not be looked at.\n" if form == "full" else "")


def test_what_keeps_from_looking_is_told_wherever_it_stands(kpi: Kpi, shop: Path) -> None:
    declare(
        shop,
        "kind: dataset\nname: more\nsource: data/more.csv\nrelationships: {c: {to: customers, keys: {id: id}}}",
    )
    csv(shop, "more", "id", "1")
    csv(shop, "customers", "id,country", "1,DE", "2")

    assert [f["code"] for f in found(kpi, "kpis/more.yaml")] == ["malformed-csv"]


@pytest.mark.parametrize(
    "case",
    ["key-not-unique", "required-partner-missing", "missing-table", "wrong-column-type"],
)
def test_what_run_refuses_is_found(
    kpi: Kpi, case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(BROKEN))
    from broken_projects import make

    make(case, tmp_path / "broken")
    monkeypatch.chdir(tmp_path / "broken")

    assert [f["code"] for f in found(kpi) if f["severity"] == "error"] == [case]


# --- paths


def test_with_paths_the_datasets_there_are_looked_at(kpi: Kpi, shop: Path) -> None:
    declare(
        shop,
        "kind: dataset\nname: more\nsource: data/more.csv\nrelationships: {c: {to: customers, keys: {id: id}}}",
    )
    csv(shop, "more", "id", "1", "9")
    csv(shop, "customers", "id,country", "1,DE", "1,AT", "2,FR", "3,")

    result = kpi(*CHECK, "kpis/more.yaml")

    assert (result.exit_code, result.stdout.count("[orphan-rows]")) == (0, 1)
    assert result.stderr == "\n1 warning. Looked at 2 rows in 1 dataset.\n"
    assert kpi(*CHECK, "kpis/shop.yaml").exit_code == 1
    assert kpi(*CHECK, "kpis").exit_code == 1
    assert kpi(*CHECK, ".").exit_code == 1


def test_a_path_without_dataset(kpi: Kpi, shop: Path) -> None:
    (shop / "kpis" / "people.yaml").write_text(
        "kind: owner\nname: o\ntitle: O\norg_unit: shop\ncontact: o@example.com\n"
    )

    result = kpi(*CHECK, "kpis/people.yaml")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.endswith(
        " Neither a dataset nor a KPI is declared there, so no data was looked at.\n"
    )


# --- engines


@pytest.fixture
def warehouse(shop: Path) -> str:
    """The shop over tables of a database, with a key that stands twice."""
    for name in ("customers", "orders"):
        replace(shop / "kpis" / "shop.yaml", f"data/{name}.csv", name)
    with duckdb.connect(str(shop / "w.duckdb")) as connection:
        connection.execute("CREATE TABLE customers AS FROM (VALUES (1, 'DE'), (1, 'AT')) AS t(id, country)")
        connection.execute(
            "CREATE VIEW orders AS SELECT DATE '2025-12-31' AS ordered_on, 1 AS customer_id, 'x' AS channel, "
            "1.00 AS amount"
        )
    return "duckdb:///w.duckdb"


def test_the_rows_of_a_database(kpi: Kpi, warehouse: str) -> None:
    assert [f["code"] for f in found(kpi, "--engine", warehouse)] == ["key-not-unique"]


@pytest.mark.parametrize(
    ("customers", "orders", "told"),
    [
        pytest.param(
            "1, 'DE'", "DATE '2025-01-01', 1, 'x', '1.00'",
            ["type-mismatch 33:17", "type-mismatch 61:17"],
            id="a text that is added up",
        ),
        pytest.param(
            "1, 'DE'", "'2025-01-01', 1, 'x', 1.00", ["time-not-a-time 21:7"], id="a time that is a text"
        ),
        pytest.param(
            "'1', 'DE'", "DATE '2025-01-01', 1, 'x', 1.00",
            ["type-mismatch 24:36"],
            id="a key of another type than its partner's",
        ),
        pytest.param(
            "1, 'DE'", "TIME '10:00', 1, 'x', 1.00", ["unusable-column-type 20:9"], id="a time of day"
        ),
        pytest.param(
            "1, 'DE'", "DATE '2025-01-01', 1, 'x', [1.00]", ["unusable-column-type 20:9"], id="a list"
        ),
        pytest.param(
            "[1], 'DE'", "DATE '2025-01-01', 1, 'x', 1.00", ["unusable-column-type 15:9"], id="a list as key"
        ),
    ],
)  # fmt: skip
def test_columns_of_a_database_that_cannot_be_used(
    customers: str, orders: str, told: list[str], kpi: Kpi, shop: Path
) -> None:
    in_a_database(
        shop, f"({customers}) AS t(id, country)", f"({orders}) AS t(ordered_on, customer_id, channel, amount)"
    )

    findings = found(kpi, "--engine", "duckdb:///w.duckdb")

    assert [f"{f['code']} {f['line']}:{f['column']}" for f in findings] == told


def test_what_the_rows_of_an_example_and_a_database_show_is_told_once(kpi: Kpi, shop: Path) -> None:
    in_a_database(
        shop,
        "(1, 'DE') AS t(id, country)",
        "(DATE '2025-01-01', 1, 'x', '1.00') AS t(ordered_on, customer_id, channel, amount)",
    )
    written = 'examples: [{given: {orders: [{channel: x}]}, expect: {"2025-12": null}}]\n'
    replace(shop / "kpis" / "shop.yaml", "expression: sum(amount)\n", f"expression: sum(channel)\n{written}")

    findings = found(kpi, "--engine", "duckdb:///w.duckdb")

    assert [(f["code"], f["line"]) for f in findings].count(("type-mismatch", 33)) == 1


@pytest.mark.parametrize(
    ("customers", "orders", "told"),
    [
        ("id, country", "ordered_on, customer_id, chanel, amount", "Did you mean `chanel`?"),
        ("nr, country", "ordered_on, customer_id, channel, amount", "It has `country`, `nr`."),
        (
            "id, country",
            "day, customer_id, channel, amount",
            "It has `amount`, `channel`, `customer`, `customer_id`, `day`.",
        ),
    ],
    ids=["a dimension", "a key", "a time"],
)
def test_columns_that_a_database_has_not(
    customers: str, orders: str, told: str, kpi: Kpi, shop: Path
) -> None:
    in_a_database(shop, f"(1, 'DE') AS t({customers})", f"(DATE '2025-01-01', 1, 'x', 1.0) AS t({orders})")

    findings = found(kpi, "--engine", "duckdb:///w.duckdb")

    assert {f["code"] for f in findings} == {"unknown-column"}
    assert {f["hint"] for f in findings} == {told}


def in_a_database(shop: Path, customers: str, orders: str) -> None:
    for name in ("customers", "orders"):
        replace(shop / "kpis" / "shop.yaml", f"data/{name}.csv", name)
    with duckdb.connect(str(shop / "w.duckdb")) as connection:
        for name, rows in (("customers", customers), ("orders", orders)):
            row, _, columns = rows.partition(" AS ")
            connection.execute(f"CREATE TABLE {name} AS FROM (VALUES {row}) AS {columns}")


def test_a_database_that_is_not_there_ends_with_3(kpi: Kpi, shop: Path) -> None:
    result = kpi(*CHECK, "--engine", "duckdb:///none.duckdb")

    assert result.exit_code == 3
    assert f"there is no database file /none.duckdb, and none at {shop}/none.duckdb." in result.stderr


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ('2025-12-31,1,online,"1.234,50"', ["type-mismatch 33:17", "type-mismatch 61:17"]),
        ("31.12.2025,1,online,1.00", ["time-not-a-time 21:7"]),
    ],
    ids=["an amount that is a text", "a time that is a text"],
)
def test_what_an_example_shows_of_the_data_is_told_once(
    kpi: Kpi, shop: Path, row: str, told: list[str]
) -> None:
    csv(shop, "orders", ORDERS.strip(), row)
    written = 'examples: [{given: {orders: [{channel: online}]}, expect: {"2025-12": null}}]\n'
    replace(shop / "kpis" / "shop.yaml", "expression: sum(amount)\n", f"expression: sum(amount)\n{written}")

    findings = found(kpi)

    assert [f"{f['code']} {f['line'] - (f['line'] > 33)}:{f['column']}" for f in findings] == told


@pytest.mark.usefixtures("warehouse")
def test_a_table_that_no_engine_has_is_a_finding(kpi: Kpi) -> None:
    assert [f["code"] for f in found(kpi)] == ["missing-table", "missing-table"]


def test_an_engine_that_fails_ends_with_3(kpi: Kpi, shop: Path) -> None:
    declare(
        shop,
        "kind: dataset\nname: codes\nsource: data/codes.csv\nprimary_key: [k]\nfields: {k: cast(text as integer)}",
    )
    csv(shop, "codes", "text", "1", "s3cret")

    result = kpi(*CHECK)

    assert (result.exit_code, result.stdout) == (3, "")
    assert "error: duckdb: the query failed" in result.stderr
    assert "s3cret" not in result.stderr


@pytest.mark.parametrize(
    "option",
    [["--engine", "local"], ["--as-of", "2026-01-01"], ["--timeout", "5"], ["--memory-limit", "1GB"]],
    ids=lambda option: option[0],
)
def test_what_is_about_the_data_needs_data(kpi: Kpi, option: list[str]) -> None:
    result = kpi("check", *option)

    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{option[0]} is about the data: add --data." in result.stderr


# --- what a stranger puts into names and cells


def test_long_texts_are_cut(kpi: Kpi, shop: Path) -> None:
    declare(shop, "kind: dataset\nname: t\nsource: data/t.csv\nprimary_key: [a]")
    csv(shop, "t", "a", *["x" * 100_000] * 2, *["y" * 40] * 2, *['""'] * 2)

    assert told(kpi) == [
        f"error key-not-unique more.yaml:4:14 3 keys of `t` (a) stand more than once: `(empty)`, `{'x' * 37}...` "
        f"and `{'y' * 40}`."
    ]


@pytest.mark.parametrize("form", ["full", "concise"])
def test_a_cell_is_not_acted_on_by_a_terminal_or_a_log(kpi: Kpi, shop: Path, form: str) -> None:
    declare(shop, "kind: dataset\nname: t\nsource: data/t.csv\nprimary_key: [a]")
    csv(shop, "t", "a", *['"\x1b[31mred\n::error::x\u202e##[group]"'] * 2)

    out = kpi(*CHECK, "--format", form).stdout

    assert "key-not-unique" in out
    assert not {"\x1b", "\u202e"} & set(out)
    assert not any(line.lstrip().startswith("::") for line in out.splitlines())
    assert "##[" not in out


@pytest.mark.parametrize("name", ['a"b', "a'b", "a;b--", "Ünï cödé", "select", "a.b", "a`b"])
def test_a_column_may_have_any_name(kpi: Kpi, shop: Path, name: str) -> None:
    columns = f"fields: {{k: {{column: {json.dumps(name)}}}, t: {{column: {json.dumps(name + ' t')}}}}}"
    declare(
        shop,
        f"kind: dataset\nname: t\nsource: data/t.csv\nprimary_key: [k]\ntime: t\nfreshness: 1 day\n{columns}\n"
        "relationships: {up: {to: t, keys: {k: k}}}",
    )
    quoted = name.replace('"', '""')
    csv(shop, "t", f'"{quoted}","{quoted} t"', "1,2025-12-31", "1,2025-12-31", ",")

    assert [line.split()[1] for line in told(kpi)] == ["key-not-unique", "null-key", "null-time"]


@pytest.mark.parametrize("name", ["twice", "spans", "row_count", "proofs", "orders__customer", "group"])
def test_a_dataset_may_have_any_name(kpi: Kpi, shop: Path, name: str) -> None:
    declare(
        shop,
        f"kind: dataset\nname: {name}\nsource: data/t.csv\nprimary_key: [key_1]\n"
        f"relationships: {{twice: {{to: {name}, keys: {{row_count: key_1}}}}, customer: {{to: customers, keys: {{row_count: id}}}}}}",
    )
    csv(shop, "t", "key_1,row_count", "1,1", "1,77", "3,3")

    assert [line.split()[1] for line in told(kpi)] == ["key-not-unique", "orphan-rows", "orphan-rows"]


def test_no_cell_is_told_in_ci(kpi: Kpi, shop: Path) -> None:
    csv(shop, "customers", "id,country", "s3cret,DE", "s3cret,AT", "t,FR")
    csv(shop, "orders", ORDERS.strip(), "2025-12-31,an0ther,online,1.00")

    for form in ("full", "concise", "json"):
        ended = process(*CHECK, "--format", form, folder=shop, environment={"CI": "true"})
        assert ended.returncode == 1
        assert "1 key of `customers` (id) stands more than once." in ended.stdout
        assert "which is `required`." in ended.stdout
        assert not {"s3cret", "an0ther"} & set(ended.stdout.replace("`", " ").split())
        assert "s3cret" not in ended.stdout + ended.stderr
        assert "an0ther" not in ended.stdout + ended.stderr
