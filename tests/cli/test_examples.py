"""`kpi check` computes the worked examples of KPIs over their own rows, and says where one comes out otherwise."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from command_line import Kpi, replace

from kpiascode.model.diagnostic import Diagnostic
from kpiascode.pipeline import exampling, reading
from kpiascode.pipeline.reading import Checked
from kpiascode.pipeline.store import Store
from kpiascode.pipeline.waiting import waiting
from kpiascode.run.in_process import InProcess

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


def outcome_of(checked: Checked, store: Path | None = None) -> exampling.Exampled:
    return exampling.compute(waiting(checked, tuple(checked.project.kpis), Store(store, checked.folder)))


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compute without a child process, which says the same and takes a while to begin."""
    monkeypatch.setattr(exampling, "guarded_engine", InProcess)


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Checked]:
    """Return a project of some KPIs, which is sound but for their examples."""

    def made(*kpis: str, tables: str = TABLES, files: dict[str, str] | None = None) -> Checked:
        (tmp_path / "kpis").mkdir()
        (tmp_path / "data").mkdir()
        (tmp_path / "kpiascode.yaml").write_text("version: 1\nname: test\npaths: [kpis]\n")
        text = (PEOPLE + tables + "".join(kpis)).removesuffix("---\n")
        (tmp_path / "kpis" / "all.yaml").write_text(text, encoding="utf-8")
        for name, content in (files or {}).items():
            (tmp_path / name).write_text(content)
        checked = reading.check(tmp_path)
        assert not checked.has_errors, [f"{d.place} {d.code} {d.message}" for d in checked.diagnostics]
        return checked

    return made


@pytest.fixture
def outcome(project: Callable[..., Checked], in_process: None) -> Examples:
    """Return what is wrong with the examples of a project of some KPIs."""
    return lambda *kpis, **around: outcome_of(project(*kpis, **around)).diagnostics


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
    project: Callable[..., Checked], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exampling, "TIMEOUT_SECONDS", 0.0)
    slow = example('"2026-01": null', orders="")

    found = outcome_of(project(kpi_of("sum(amount)", *[slow] * 5))).diagnostics

    assert messages(found) == ["The example is not computed: it takes longer than an example may."] * 3
    assert {(one.code, one.note) for one in found} == {
        ("example-too-costly", "After several of the kind, 2 examples were not computed.")
    }


def test_types_that_do_not_fit_the_expression_are_told_once(outcome: Examples) -> None:
    written = example('"2026-01": 1', orders="{ordered_at: 2026-01-05, channel: web}")

    kpi = kpi_of("sum(channel)", written, written)

    (found,) = outcome(kpi)

    assert (found.code, found.place.span.column) == ("type-mismatch", len("expression: sum(") + 1)
    line = (PEOPLE + TABLES + kpi).split("\n").index("expression: sum(channel)") + 1
    assert found.place.span.line == line
    assert found.note is not None
    assert found.note.startswith("The types are those of the rows at kpis/all.yaml:")


def test_examples_of_several_kpis_tell_of_the_same_definition_once(outcome: Examples) -> None:
    written = example('"2026-01": 1', orders="{ordered_at: 2026-01-05, channel: web}")
    kpis = [
        kpi_of("sum(channel)", written),
        kpi_of("sales * 2", written, name="twice", dataset="", dimensions="[channel]"),
    ]

    (found,) = outcome(*kpis)

    assert found.code == "type-mismatch"


TEXTS = "day,zip,price,channel,status\n2026-01-05,012,1.50,web,paid\n"


def test_a_definition_that_does_not_fit_its_file_is_told_there_and_once(outcome: Examples) -> None:
    written = example('"2026-01": 1', orders="{day: 2026-01-05, price: 1}")
    kpis = [kpi_of("sum(status)", written, written, dimensions="[channel]")]
    kpis.append(kpi_of("sales * 2", written, name="twice", dataset="", dimensions="[channel]"))

    (found,) = outcome(*kpis, tables=FILES, files={"data/orders.csv": TEXTS})

    assert (found.code, found.note) == ("type-mismatch", None)
    assert found.place.span.column == len("expression: sum(") + 1


def test_a_time_that_is_none_is_told_at_its_dataset(outcome: Examples) -> None:
    written = example('"2026-01": 1', orders="{price: 1}")
    kpis = [kpi_of("sum(price)", written, name=name, dimensions="[channel]") for name in ("a", "b")]

    (found,) = outcome(
        *kpis, tables=FILES, files={"data/orders.csv": TEXTS.replace("2026-01-05", "05.01.2026")}
    )

    assert found.code == "time-not-a-time"


def test_the_slice_without_a_value_is_named_as_an_example_writes_it(outcome: Examples) -> None:
    rows = "{ordered_at: 2026-01-05, amount: 1}"

    (found,) = outcome(kpi_of("sum(amount)", example('"2026-01": {web: 1}', by="channel", orders=rows)))

    assert found.hint == 'There are `""`.'


def test_no_row_in_the_slice_without_a_value(outcome: Examples) -> None:
    rows = "{ordered_at: 2026-01-05, amount: 1, channel: web}"

    (found,) = outcome(kpi_of("sum(amount)", example('"2026-01": {"": 1}', by="channel", orders=rows)))

    assert found.message == 'Expected 1 for 2026-01, `""`, and no row is in that slice.'


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


def loaded(shop: Path) -> list[str]:
    """Return which heavy libraries a check loads in its own process."""
    code = (
        "import sys; from kpiascode.cli.main import main\n"
        "try: main(['check'])\n"
        "except SystemExit: pass\n"
        "print(*({'duckdb', 'sqlglot'} & set(sys.modules)))"
    )
    told: Any = subprocess.run(
        [sys.executable, "-c", code], cwd=shop, capture_output=True, text=True, check=True
    )
    return told.stdout.splitlines()[-1].split()


def test_without_examples_nothing_heavy_is_loaded(shop: Path) -> None:
    assert loaded(shop) == []


def test_examples_are_compiled_here_and_computed_elsewhere_and_once(shop: Path) -> None:
    with_example(shop, "12")

    assert loaded(shop) == ["sqlglot"]
    assert loaded(shop) == []


def test_every_example_of_the_example_company_comes_out() -> None:
    checked = reading.check(FERNWOOD)

    computed = outcome_of(checked)

    assert messages(computed.diagnostics) == []
    assert computed.computed >= 20


# --- in a process of its own


def test_a_child_process_says_what_this_one_says(
    project: Callable[..., Checked], monkeypatch: pytest.MonkeyPatch
) -> None:
    zoned = '{ordered_at: "2026-01-05 12:00:00+01:00", amount: 0.1, channel: "ä\\"\'"}'
    wrong = [
        example('"2026-01": 1', orders=zoned),
        example('"2026-01": {"": 7}', by="channel", orders=zoned),
        example('"2026-01": {"ä\\"\'": 7}', by="channel", orders=zoned),
        example('"2026-01": 1, "2026-Q1": 2', orders=""),
        example('"2026-01": 1', customers="{id: 1}, {id: 1}", orders=zoned),
        example('"2026-01": 1', orders='{ordered_at: "2026-01-05 12:00:00Z", amount: 99999999999999999.1}'),
    ]
    checked = project(
        kpi_of("sum(amount) / 3", *wrong),
        kpi_of("sum(amount * amount * amount) filter (where customer.country is null)", *wrong, name="cubes"),
    )

    in_a_child = outcome_of(checked)
    monkeypatch.setattr(exampling, "guarded_engine", InProcess)
    here = outcome_of(checked)

    assert in_a_child == here
    assert len(here.diagnostics) >= 10


# --- kept


@pytest.fixture
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache") / "kept"


@pytest.fixture
def computing(monkeypatch: pytest.MonkeyPatch, in_process: None) -> list[str]:
    """Return a list of the SQL that is computed."""
    asked: list[str] = []

    class Listening(InProcess):
        def answers(self, jobs: Any) -> Any:
            for tag, answer in super().answers(jobs):
                asked.extend(query.text for query in tag[1])
                yield tag, answer

    monkeypatch.setattr(exampling, "guarded_engine", Listening)
    return asked


SUM = "{ordered_at: 2026-01-05, amount: 3}"


@pytest.fixture
def three(project: Callable[..., Checked]) -> Checked:
    """Return KPIs of which one rests on another, with three examples that pass and one that does not."""
    return project(
        kpi_of("sum(amount)", example('"2026-01": 3', orders=SUM), name="total"),
        kpi_of(
            "total / count(*)",
            example('"2026-01": 3', orders=SUM),
            example('"2026-01": null', orders=""),
            example('"2026-01": 4', orders=SUM),
            name="mean",
        ),
    )


def rewritten(checked: Checked, old: str, new: str) -> Checked:
    replace(checked.folder / "kpis" / "all.yaml", old, new)
    return reading.check(checked.folder)


def test_what_has_passed_is_not_computed_again(three: Checked, cache: Path, computing: list[str]) -> None:
    first = outcome_of(three, cache)
    assert (len(computing), first.computed) == (4, 4)

    again = outcome_of(three, cache)

    assert (len(computing), again.computed) == (5, 1)
    assert first.diagnostics == again.diagnostics
    assert messages(again.diagnostics) == ["Expected 4 for 2026-01, computed 3."]


@pytest.mark.parametrize(
    ("old", "new", "computed"),
    [
        pytest.param("title: mean", "title: Mean", 3, id="the KPI, as people read it"),
        pytest.param("title: total", "title: Total", 4, id="a KPI that it rests on"),
        pytest.param("expression: sum(amount)", "expression: max(amount)", 4, id="what that computes"),
        pytest.param("net: amount * (1 - discount)", "net: amount * 2", 4, id="a field of the dataset"),
        pytest.param("source: sales.customers", "source: crm.customers", 4, id="a dataset that is led to"),
        pytest.param('"2026-01": null', '"2026-02": null', 2, id="an example"),
        pytest.param("title: Finance", "title: Money", 1, id="nothing that it rests on"),
        pytest.param("title: Acme", "title: Acme  # a company", 1, id="a comment"),
    ],
)
def test_what_has_changed_is_computed_again(
    old: str, new: str, computed: int, three: Checked, cache: Path, computing: list[str]
) -> None:
    outcome_of(three, cache)
    computing.clear()

    outcome_of(rewritten(three, old, new), cache)

    assert len(computing) == computed


def test_a_definition_that_moves_in_its_file_has_not_changed(
    three: Checked, cache: Path, computing: list[str]
) -> None:
    outcome_of(three, cache)
    computing.clear()
    file = three.folder / "kpis" / "all.yaml"
    file.write_text("# one more line\n" + file.read_text())

    found = outcome_of(reading.check(three.folder), cache)

    assert len(computing) == 1
    assert found.diagnostics[0].place.span.line == 1 + outcome_of(three).diagnostics[0].place.span.line


def test_another_calendar_or_another_type_of_a_column_is_another_example(
    three: Checked, cache: Path, computing: list[str]
) -> None:
    outcome_of(three, cache)
    settings = three.folder / "kpiascode.yaml"
    settings.write_text(settings.read_text() + "calendar: {timezone: Asia/Tokyo}\n")
    computing.clear()
    checked = reading.check(three.folder)
    outcome_of(checked, cache)
    assert len(computing) == 4

    computing.clear()
    wider = rewritten(checked, '"2026-01": 4', '"2026-01": 4.5').folder / "kpis" / "all.yaml"
    text = wider.read_text()
    wider.write_text(
        text.replace('amount: 3}]}, expect: {"2026-01": 4.5', 'amount: 3.5}]}, expect: {"2026-01": 4.5')
    )
    outcome_of(reading.check(three.folder), cache)
    assert len(computing) == 4


def test_a_file_with_other_types_is_another_example(
    project: Callable[..., Checked], tmp_path: Path, cache: Path, computing: list[str]
) -> None:
    written = example('"2026-01": 1', orders="{day: 2026-01-05, price: 1, other: 1}")
    checked = project(
        kpi_of("count(*)", written, dimensions=""),
        tables=FILES,
        files={"data/orders.csv": "day,zip,price,other\n2026-01-01,1,1,1\n"},
    )
    outcome_of(checked, cache)
    outcome_of(checked, cache)
    assert len(computing) == 1
    file = tmp_path / "data" / "orders.csv"

    file.write_text("day,zip,price,other\n2026-01-01,1,1,2\n")
    outcome_of(checked, cache)
    assert len(computing) == 1, "the types are the same"

    file.write_text("day,zip,price,other\n2026-01-01,1,1,x\n")
    outcome_of(checked, cache)
    assert len(computing) == 2


def test_types_of_files_are_looked_up_once(
    project: Callable[..., Checked], cache: Path, in_process: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    own = InProcess.types

    def types(self: InProcess, datasets: Any, **around: Any) -> Any:
        looked.extend(dataset.name for dataset in datasets)
        return own(self, datasets, **around)

    monkeypatch.setattr(InProcess, "types", types)
    written = example('"2026-01": 1', orders="{day: 2026-01-05, amount: x}")
    checked = project(
        kpi_of("count(*)", written, dimensions=""),
        tables=FILES,
        files={"data/orders.csv": "day,zip,price,amount\n2026-01-01,1,1,1\n"},
    )

    first = outcome_of(checked, cache).diagnostics
    again = outcome_of(checked, cache).diagnostics

    assert looked == ["orders"]
    assert messages(first) == [
        "The value does not fit column `amount` of `orders`, which holds whole numbers."
    ]
    assert first == again


@pytest.mark.parametrize("file", ["none", "large", "broken", "parquet"])
def test_files_of_every_kind_are_looked_at_once(
    file: str, project: Callable[..., Checked], tmp_path: Path, cache: Path, computing: list[str]
) -> None:
    checked = project(
        kpi_of("count(*)", example('"2026-01": 1', orders="{day: 2026-01-05}"), dimensions=""),
        tables=FILES.replace("columns:", "# columns:").replace(
            ".csv", ".parquet" if file == "parquet" else ".csv"
        ),
        files={"data/orders.csv": "day,zip\n2026-01-01,1\n", "data/orders.parquet": "PAR1f\x01\0\0\0PAR1"},
    )
    match file:
        case "none":
            (tmp_path / "data" / "orders.csv").unlink()
        case "large":
            (tmp_path / "data" / "orders.csv").write_text("day,zip\n" + "2026-01-01,1\n" * 100_000)
        case "broken":
            (tmp_path / "data" / "orders.csv").write_text('day,zip\n2026-01-01,"1\n')
        case "parquet":
            with duckdb.connect() as connection:
                connection.execute(
                    f"COPY (SELECT DATE '2026-01-01' AS day) TO '{tmp_path}/data/orders.parquet'"
                )
    first = waiting(checked, ["sales"], Store(cache, tmp_path))
    assert not first.is_over
    assert messages(exampling.compute(first).diagnostics) == []

    again = waiting(checked, ["sales"], Store(cache, tmp_path))

    assert again.is_over
    assert len(computing) == 1


def test_no_text_of_an_example_is_kept(three: Checked, cache: Path, in_process: None) -> None:
    outcome_of(three, cache)

    kept = b"".join(file.read_bytes() for file in cache.iterdir())

    assert kept
    assert not [word for word in (b"total", b"mean", b"orders", b"amount", b"Expected") if word in kept]


def test_no_cache_neither_reads_nor_writes(
    kpi: Kpi, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    monkeypatch.setenv("KPI_CACHE_DIR", str(cache))
    with_example(shop, "12")

    assert kpi("check", "--no-cache").exit_code == 0
    assert not cache.exists()
    assert kpi("check").exit_code == 0
    before = [(file.name, file.stat().st_mtime_ns, file.read_bytes()) for file in sorted(cache.iterdir())]
    assert before
    assert kpi("check", "--no-cache").exit_code == 0
    assert [(f.name, f.stat().st_mtime_ns, f.read_bytes()) for f in sorted(cache.iterdir())] == before


def test_a_cache_folder_that_is_not_used_is_told_where_it_was_asked_for(
    kpi: Kpi, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_example(shop, "12")
    monkeypatch.setenv("KPI_CACHE_DIR", str(shop / "cache"))

    result = kpi("check")

    assert result.exit_code == 0
    assert result.stderr.startswith("note: KPI_CACHE_DIR is not used: it lies inside the project,")
    assert not (shop / "cache").exists()


@pytest.mark.parametrize("home", ["XDG_CACHE_HOME", "HOME"])
def test_the_cache_lies_with_the_user(
    home: str, kpi: Kpi, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_example(shop, "12")
    for name in ("KPI_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(home, str(tmp_path / "own"))

    assert kpi("check").exit_code == 0

    folder = tmp_path / "own" / ("kpiascode" if home == "XDG_CACHE_HOME" else ".cache/kpiascode")
    assert list(folder.iterdir())
