"""`kpi check` computes the worked examples of KPIs over their own rows, and says where one comes out otherwise."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import Kpi, replace

from kpiascode.model.diagnostic import Diagnostic
from kpiascode.pipeline import exampling, reading

FERNWOOD = Path(__file__).parents[2]

PEOPLE = """
kind: org_unit
name: acme
title: Acme
level: organisation
---
kind: owner
name: finance
title: Finance
org_unit: acme
contact: finance@example.com
---
"""
TABLES = """
kind: dataset
name: customers
source: sales.customers
primary_key: [id]
---
kind: dataset
name: orders
source: sales.orders
time: ordered_at
fields:
  net: amount * (1 - discount)
  days_to_pay: days_between(ordered_at, paid_at)
relationships:
  customer: {to: customers, keys: {customer_id: id}}
---
"""
FILES = """
kind: dataset
name: orders
source: data/orders.csv
time: day
columns: {zip: text, price: "decimal(6,2)"}
---
"""


def kpi_of(expression: str, *examples: str, name: str = "sales", **keys: str) -> str:
    """Return a KPI over orders; examples are YAML, and so are keys."""
    said = {
        "title": name,
        "description": f"{name}.",
        "owner": "finance",
        "applies_to": "[acme]",
        "dataset": "orders",
        "grain": "day",
        "dimensions": "[channel, {country: customer.country}]",
        "unit": "ratio",
        "direction": "higher",
        "act": "Look at it.",
    } | keys
    lines = ["kind: kpi", f"name: {name}", f"expression: {expression}"]
    lines += [f"{key}: {value}" for key, value in said.items() if value]
    return "\n".join([*lines, "examples:", *(f"  - {example}" for example in examples), "---", ""])


def example(expect: str, by: str = "", **given: str) -> str:
    """Return an example in one line."""
    rows = ", ".join(f"{name}: [{rows}]" for name, rows in given.items())
    return f"{{given: {{{rows}}}, {by and f'by: {by}, '}expect: {{{expect}}}}}"


Examples = Callable[..., tuple[Diagnostic, ...]]


@pytest.fixture
def outcome(tmp_path: Path) -> Examples:
    """Return what is wrong with the examples of a project of some KPIs, which is sound but for them."""

    def computed(
        *kpis: str, tables: str = TABLES, files: dict[str, str] | None = None
    ) -> tuple[Diagnostic, ...]:
        (tmp_path / "kpis").mkdir()
        (tmp_path / "data").mkdir()
        (tmp_path / "kpiascode.yaml").write_text("version: 1\nname: test\npaths: [kpis]\n")
        text = (PEOPLE + tables + "".join(kpis)).removesuffix("---\n")
        (tmp_path / "kpis" / "all.yaml").write_text(text, encoding="utf-8")
        for name, content in (files or {}).items():
            (tmp_path / name).write_text(content)
        checked = reading.check(tmp_path)
        assert not checked.has_errors, [f"{d.place} {d.code} {d.message}" for d in checked.diagnostics]
        return exampling.compute(checked, tuple(checked.project.kpis)).diagnostics

    return computed


def messages(found: tuple[Diagnostic, ...]) -> list[str]:
    return [diagnostic.message for diagnostic in found]


# --- what agrees


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        pytest.param(
            "sum(net)",
            example('"2026-01": 18', orders="{ordered_at: 2026-01-05, amount: 20, discount: 0.10}"),
            id="a value that comes out",
        ),
        pytest.param(
            "sum(net)",
            example('"2026-01": 18.00', orders="{ordered_at: 2026-01-05, amount: 20, discount: 0.10}"),
            id="zeros at the end make no difference",
        ),
        pytest.param("sum(net)", example('"2026-01": null', orders=""), id="null, where no row counts"),
        pytest.param("count(*)", example('"2026-01": 0', orders=""), id="zero, where nothing is counted"),
        pytest.param(
            "count(*) filter (where channel = 'web') / count(*)",
            example('"2026-01": 0.333', orders=", ".join(["{ordered_at: 2026-01-05, channel: web}", *["{ordered_at: 2026-01-06}"] * 2])),
            id="three digits after the point are compared as rounded",
        ),
        pytest.param(
            "sum(amount)",
            example(
                '"2026-01-05": 1, "2026-01": 3, "2026-Q1": 7, "2026": 7, "FY2026": 7, "2026-W02": 1',
                orders="{ordered_at: 2026-01-05, amount: 1}, {ordered_at: 2026-01-31, amount: 2}, {ordered_at: 2026-02-01, amount: 4}",
            ),
            id="periods of several grains, told by their names",
        ),
        pytest.param(
            "sum(amount)",
            example('"2026-01": 1, "2025-01": 2', orders="{ordered_at: 2026-01-05, amount: 1}, {ordered_at: 2025-01-05, amount: 2}"),
            id="periods that are no neighbours, in any order",
        ),
        pytest.param(
            "previous(sum(amount), 1 month)",
            example('"2026-02": 1', orders="{ordered_at: 2026-01-05, amount: 1}"),
            id="periods before the expected ones are seen by forms of time",
        ),
        pytest.param(
            "cumulative(sum(amount))",
            example('"2026-01": 1', orders="{ordered_at: 2026-01-05, amount: 1}, {ordered_at: 2026-02-05, amount: 2}"),
            id="it is seen from the end of the last expected period",
        ),
        pytest.param(
            "avg(days_to_pay)",
            example('"2026-01": 2.5', orders='{ordered_at: "2026-01-05 00:00:00", paid_at: "2026-01-07 12:00:00"}'),
            id="texts that look like timestamps are timestamps",
        ),
        pytest.param(
            "avg(days_to_pay)",
            example('"2026-01": null', orders="{ordered_at: 2026-01-05}"),
            id="a time that is not given is null",
        ),
        pytest.param(
            "count(*) filter (where channel in ('a', 'b') or lower(channel) like 'x%' or amount + 1 > 2)",
            example('"2026-01": 0', orders="{ordered_at: 2026-01-05}"),
            id="columns that are not given are null, whatever they are used as",
        ),
        pytest.param(
            "count(*) filter (where ordered_at + 3 hours < paid_at and paid_at < timestamp '2026-02-01 00:00:00')",
            example('"2026-01": 0', orders="{}"),
            id="a row without any cell",
        ),
        pytest.param(
            "count(*) filter (where vip)",
            example('"2026-01": 1', orders="{ordered_at: 2026-01-05, vip: true}, {ordered_at: 2026-01-05, vip: false}"),
            id="true and false",
        ),
        pytest.param(
            "sum(amount) filter (where customer.country = 'AT')",
            example(
                '"2026-01": 5',
                orders="{ordered_at: 2026-01-05, amount: 5, customer_id: 1}, {ordered_at: 2026-01-05, amount: 7, customer_id: 2}",
                customers="{id: 1, country: AT}, {id: 2, country: DE}",
            ),
            id="joined datasets are given by their names",
        ),
        pytest.param(
            "sum(amount)",
            example('"2026-01": {web: 2, "": 3}', by="channel", orders="{ordered_at: 2026-01-05, amount: 2, channel: web}, {ordered_at: 2026-01-05, amount: 3}, {ordered_at: 2026-01-05, amount: 9, channel: shop}"),
            id="slices that are named, the one without a value as an empty text; others are not checked",
        ),
        pytest.param(
            "sum(amount)",
            example('"2026-01": {AT: 2}', by="customer.country", orders="{ordered_at: 2026-01-05, amount: 2, customer_id: 1}", customers="{id: 1, country: AT}"),
            id="a dimension by its path",
        ),
    ],
)  # fmt: skip
def test_an_example_that_comes_out_is_no_finding(expression: str, written: str, outcome: Examples) -> None:
    assert messages(outcome(kpi_of(expression, written))) == []


def test_kpis_that_are_referred_to_are_computed_from_the_same_rows(outcome: Examples) -> None:
    total = kpi_of("sum(amount)", example('"2026-01": null', orders=""), name="total")
    written = example(
        '"2026-01": 4', orders="{ordered_at: 2026-01-05, amount: 3}, {ordered_at: 2026-01-05, amount: 5}"
    )
    mean = kpi_of("total / count(*)", written, name="mean")

    assert messages(outcome(total, mean)) == []


def test_rows_of_one_example_are_not_seen_by_the_next(outcome: Examples) -> None:
    one = example('"2026-01": 3', orders="{ordered_at: 2026-01-05, amount: 3}")

    assert (
        messages(outcome(kpi_of("sum(amount)", one, one, example('"2026-01": null', orders=""), one))) == []
    )


# --- what does not


@pytest.mark.parametrize(
    ("expression", "written", "message"),
    [
        pytest.param(
            "sum(amount)",
            example('"2026-01": 0.4', orders="{ordered_at: 2026-01-05, amount: 0.35}"),
            "Expected 0.4 for 2026-01, computed 0.35.",
            id="another number",
        ),
        pytest.param(
            "sum(amount)",
            example('"2026-01": 0', orders=""),
            "Expected 0 for 2026-01, computed null.",
            id="null is not zero",
        ),
        pytest.param(
            "count(*)",
            example('"2026-01": null', orders=""),
            "Expected null for 2026-01, computed 0.",
            id="zero is not null",
        ),
        pytest.param(
            "sum(amount) / 3",
            example('"2026-01": 0.33', orders="{ordered_at: 2026-01-05, amount: 1}"),
            "Expected 0.33 for 2026-01, computed 0.333333333333.",
            id="fewer than three digits after the point are meant exactly",
        ),
        pytest.param(
            "sum(amount)",
            example('"2026-01": {web: 2}', by="channel", orders="{ordered_at: 2026-01-05, amount: 3, channel: web}"),
            "Expected 2 for 2026-01, `web`, computed 3.",
            id="a slice",
        ),
        pytest.param(
            "sum(amount)",
            example('"2026-01": {wep: null}', by="channel", orders="{ordered_at: 2026-01-05, amount: 3, channel: web}"),
            "Expected null for 2026-01, `wep`, and no row is in that slice.",
            id="a slice that there is not, even where nothing is expected of it",
        ),
    ],
)  # fmt: skip
def test_a_mismatch_is_told_at_the_expected_value(
    expression: str, written: str, message: str, outcome: Examples, tmp_path: Path
) -> None:
    (found,) = outcome(kpi_of(expression, written))

    assert (found.code, found.message) == ("example-fails", message)
    line = (tmp_path / found.place.path).read_text().splitlines()[found.place.span.line - 1]
    shown = line[found.place.span.column - 1 : found.place.span.end_column - 1]
    assert message.startswith(f"Expected {shown} for")
    assert found.hint


@pytest.mark.parametrize(
    ("written", "code", "message", "hint"),
    [
        pytest.param(
            example('"2026-02-31": 1', orders=""),
            "invalid-date", "`2026-02-31` names no period.", "2026-Q1",
            id="a day that the calendar has not",
        ),
        pytest.param(
            example('"2026-01": 1', order=""),
            "unknown-dataset", "The example gives rows of `order`, which is not declared.", "Did you mean `orders`?",
            id="a dataset that is not declared",
        ),
        pytest.param(
            example('"2026-01": {web: 1}', by="chanel", orders=""),
            "unknown-dimension", "`sales` has no dimension `chanel`.", "Did you mean `channel`?",
            id="a dimension that it has not",
        ),
        pytest.param(
            example('"2026-01": {web: 1}', orders=""),
            "example-fails", "The example expects values of slices, and does not say of which dimension.", "Add `by",
            id="slices of nothing",
        ),
        pytest.param(
            example('"2026-01": 1', by="channel", orders=""),
            "example-fails", "The example is `by` a dimension, and expects a value of no slice of it.", "Write",
            id="no slices of a dimension",
        ),
        pytest.param(
            example('"2026-01": 1', orders="{ordered_at: 2026-01-05, net: 1}"),
            "unknown-column", "Dataset `orders` has no column `net`.", "columns behind it: `amount`, `discount`",
            id="a field, which is computed",
        ),
        pytest.param(
            example('"2026-01": 1', orders="{ordered_at: soon, amount: 1}"),
            "example-fails",
            "The value does not fit column `ordered_at` of `orders`, which holds dates or timestamps without zone.",
            "2026-01-31",
            id="a text where a time is needed",
        ),
        pytest.param(
            example('"2026-01": 1', orders="{ordered_at: 2026-02-30, amount: 1}"),
            "example-fails",
            "The value does not fit column `ordered_at` of `orders`, which holds dates or timestamps without zone.",
            "2026-01-31",
            id="a day in February that there is not",
        ),
        pytest.param(
            example('"2026-01": 1', orders="{ordered_at: 2026-01-05, amount: 1}, {ordered_at: 2026-01-05, amount: two}"),
            "example-fails",
            "The value does not fit column `amount` of `orders`, which holds numbers of whole digits.",
            "without quotes",
            id="a text among numbers",
        ),
        pytest.param(
            example('"2026-01": 1', orders="{ordered_at: 2026-01-05, amount: 1, AMOUNT: 2}"),
            "example-fails", "`AMOUNT` and `amount` are the same column.", "once",
            id="one column in two spellings",
        ),
    ],
)  # fmt: skip
def test_an_example_that_cannot_be_meant_is_told_where_it_is_wrong(
    written: str, code: str, message: str, hint: str, outcome: Examples
) -> None:
    (found,) = outcome(kpi_of("sum(amount)", written))

    assert found.code == code
    assert found.message == message.replace("numbers of whole digits", "whole numbers")
    assert hint in str(found.hint)


@pytest.mark.parametrize(
    ("expression", "written", "why"),
    [
        pytest.param(
            "sum(amount) filter (where customer.country = 'AT')",
            example('"2026-01": 1', orders="{ordered_at: 2026-01-05, customer_id: 1}", customers="{id: 1}, {id: 1}"),
            "1 key of `customers` (id) stands more than once, so rows would count more than once.",
            id="keys that are not unique",
        ),
        pytest.param(
            "sum(amount * amount * amount)",
            example('"2026-01": 1', orders="{ordered_at: 2026-01-05, amount: 999999999999999999.5}"),
            "a number has more digits than it counts with",
            id="an overflow",
        ),
        pytest.param(
            "sum(cast(channel as integer))",
            example('"2026-01": 1', orders="{ordered_at: 2026-01-05, channel: web}"),
            "a value does not have the type that it is cast to",
            id="a text that is cast to a number",
        ),
    ],
)  # fmt: skip
def test_an_example_that_cannot_be_computed_says_why(
    expression: str, written: str, why: str, outcome: Examples
) -> None:
    (found,) = outcome(kpi_of(expression, written))

    assert found.code == "example-fails"
    assert found.message.startswith("The example cannot be computed: ")
    assert why in found.message
    assert "Traceback" not in found.message


def test_a_period_finer_than_the_grain_is_told_at_its_key(outcome: Examples) -> None:
    (found,) = outcome(kpi_of("sum(amount)", example('"2026-01-31": 1', orders=""), grain="month"))

    assert found.message == "`sales` is read by month at the finest, not by day."


def test_an_example_that_takes_too_long_is_stopped(
    outcome: Examples, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exampling, "TIMEOUT_SECONDS", 0.0)

    (found,) = outcome(kpi_of("sum(amount)", example('"2026-01": null', orders="")))

    assert "took longer than 0 s" in found.message


def test_types_that_do_not_fit_the_expression_are_told_once(outcome: Examples) -> None:
    written = example('"2026-01": 1', orders="{ordered_at: 2026-01-05, channel: web}")

    (found,) = outcome(kpi_of("sum(channel)", written, written))

    assert found.message.startswith("With the given values, the KPI cannot be computed: ")


def test_a_wrong_cell_does_not_disturb_other_examples(outcome: Examples) -> None:
    right = example('"2026-01": 1', orders="{ordered_at: 2026-01-05, amount: 1}")
    wrong = example('"2026-01": 1', orders="{ordered_at: 2026-01-05, amount: one}")

    found = outcome(kpi_of("sum(amount)", right, wrong), kpi_of("max(amount)", right, name="largest"))

    assert messages(found) == [
        "The value does not fit column `amount` of `orders`, which holds whole numbers."
    ]


# --- hostile values


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param('"\'); DROP TABLE orders; --"', id="SQL in a text"),
        pytest.param('"a\\"b\'c"', id="quotes"),
        pytest.param('"\\\\"', id="a backslash"),
        pytest.param('"=1+1"', id="a formula"),
        pytest.param("1e30", id="a huge number"),
        pytest.param("-999999999999999999.999999999999999999", id="as many digits as YAML gives"),
        pytest.param("1e-30", id="a tiny number"),
        pytest.param('"1e999999"', id="a number in quotes that no machine holds"),
        pytest.param('"' + "x" * 4000 + '"', id="a long text"),
    ],
)
def test_hostile_cells_are_bound_and_not_spliced(cell: str, outcome: Examples) -> None:
    one = example('"2026-01": 1', orders=f"{{ordered_at: 2026-01-05, note: {cell}, other: null}}")
    other = example('"2026-01": 2', orders="{ordered_at: 2026-01-05, note: 1}, {ordered_at: 2026-01-05}")

    assert messages(outcome(kpi_of("count(*)", one, other))) == []


def test_hostile_column_names_are_quoted(outcome: Examples) -> None:
    row = '{ordered_at: 2026-01-05, "x\\"); DROP TABLE orders; --": 1, "ordered_at\'": 2, "select": 3}'

    assert messages(outcome(kpi_of("count(*)", example('"2026-01": 1', orders=row)))) == []


@pytest.mark.parametrize("period", ["0001-01", "9999-11", "9999-12", "0001-W01", "FY0001"])
def test_the_ends_of_the_calendar_give_a_finding_or_a_value(period: str, outcome: Examples) -> None:
    found = outcome(kpi_of("previous(sum(amount), 1 year)", example(f'"{period}": null', orders="")))

    assert {diagnostic.code for diagnostic in found} <= {"example-fails", "invalid-date"}


# --- files


def test_a_column_that_the_file_has_not_is_told(outcome: Examples) -> None:
    written = example('"2026-01": 1', orders="{day: 2026-01-05, amont: 1}")

    (found,) = outcome(
        kpi_of("sum(amount)", written, dimensions=""),
        tables=FILES,
        files={"data/orders.csv": "day,zip,price,amount\n"},
    )

    assert (found.code, found.message) == ("unknown-column", "Dataset `orders` has no column `amont`.")
    assert found.hint == "Did you mean `amount`?"


def test_declared_types_and_those_of_the_file_hold_for_given_rows(outcome: Examples) -> None:
    file = {"data/orders.csv": 'day,zip,price,amount,paid\n2026-01-01,"1010",1.00,5,2026-01-03\n'}
    fits = example(
        '"2026-01": 1', orders="{day: 2026-01-05, zip: 1010, price: 1.25, amount: 2.5, paid: 2026-01-07}"
    )
    wide = example('"2026-01": 1', orders="{day: 2026-01-05, price: 1.255}")
    text = example('"2026-01": 0', orders="{day: 2026-01-05, paid: later}")

    found = outcome(
        kpi_of(
            "count(*) filter (where zip = '1010' and days_between(day, paid) = 2)",
            fits,
            wide,
            text,
            dimensions="",
        ),
        tables=FILES,
        files=file,
    )

    assert messages(found) == [
        "The value does not fit column `price` of `orders`, which holds decimal(6,2) as declared.",
        "The value does not fit column `paid` of `orders`, which holds dates.",
    ]


# --- the command


def with_example(shop: Path, expected: str) -> None:
    rows = "{ordered_on: 2025-01-05, amount: 12}"
    replace(
        shop / "kpis" / "shop.yaml",
        "name: net_sales\n",
        f'name: net_sales\nexamples: [{{given: {{orders: [{rows}]}}, expect: {{"2025-01": {expected}}}}}]\n',
    )


def test_check_fails_with_the_example(kpi: Kpi, shop: Path) -> None:
    with_example(shop, "13")

    result = kpi("check", "--format", "json")

    (found,) = json.loads(result.stdout)
    assert (result.exit_code, found["code"]) == (1, "example-fails")
    assert found["message"] == "Expected 13 for 2025-01, computed 12."


def test_check_is_clean_with_an_example_that_comes_out(kpi: Kpi, shop: Path) -> None:
    with_example(shop, "12")

    assert kpi("check").exit_code == 0


def test_no_examples_leaves_them_out(kpi: Kpi, shop: Path) -> None:
    with_example(shop, "13")

    assert kpi("check", "--no-examples").exit_code == 0


def test_with_paths_only_examples_there_are_computed(kpi: Kpi, shop: Path) -> None:
    with_example(shop, "13")
    (shop / "kpis" / "other").mkdir()
    (shop / "kpis" / "other" / "x.yaml").write_text(
        "kind: org_unit\nname: x\ntitle: X\nlevel: team\nparent: shop\n"
    )

    assert kpi("check", "kpis/other").exit_code == 0
    assert kpi("check", "kpis/shop.yaml").exit_code == 1


def test_examples_of_a_broken_kpi_are_left_to_its_own_finding(kpi: Kpi, shop: Path) -> None:
    with_example(shop, "13")
    replace(shop / "kpis" / "shop.yaml", "expression: sum(amount)\n", "expression: sum(amonut)\n")

    result = kpi("check", "--format", "json")

    assert "example-fails" not in {found["code"] for found in json.loads(result.stdout)}


def test_examples_need_no_data_and_no_warehouse(kpi: Kpi, shop: Path) -> None:
    with_example(shop, "12")
    replace(shop / "kpis" / "shop.yaml", "source: data/orders.csv", "source: sales.orders")
    shutil.rmtree(shop / "data")

    codes = {found["code"] for found in json.loads(kpi("check", "--format", "json").stdout)}

    assert codes == {"missing-data-file"}  # of the customers, which no one gave


@pytest.mark.parametrize(
    ("expected", "loaded"), [(None, False), ("12", True)], ids=["without", "with examples"]
)
def test_the_engine_is_loaded_only_for_examples(expected: str | None, loaded: bool, shop: Path) -> None:
    if expected is not None:
        with_example(shop, expected)
    code = (
        "import sys; from kpiascode.cli.main import main\n"
        "try: main(['check'])\n"
        "except SystemExit: pass\n"
        "print('duckdb' in sys.modules or 'sqlglot' in sys.modules)"
    )
    told: Any = subprocess.run(
        [sys.executable, "-c", code], cwd=shop, capture_output=True, text=True, check=True
    )

    assert told.stdout.splitlines()[-1] == str(loaded)


def test_every_example_of_the_example_company_comes_out() -> None:
    checked = reading.check(FERNWOOD)

    computed = exampling.compute(checked, tuple(checked.project.kpis))

    assert messages(computed.diagnostics) == []
    assert computed.computed >= 20
