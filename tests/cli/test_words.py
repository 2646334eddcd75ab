"""`kpi check`, `list`, `explain` and `compile`: answers in words and in SQL."""

import json
from pathlib import Path

import duckdb
import pytest
from command_line import NEW_YEAR, Kpi, replace, validator

from kpiascode.cli.list_command import KINDS as LISTED
from kpiascode.validate import KINDS

pytestmark = pytest.mark.usefixtures("shop")

UNKNOWN = "kpis/shop.yaml:30:8: unknown-owner: `salez` is not declared as an owner. (Did you mean `sales`?)"


@pytest.fixture
def mistaken(shop: Path) -> Path:
    """The shop, with an owner whom nobody knows."""
    text = (shop / "kpis" / "shop.yaml").read_text()
    (shop / "kpis" / "shop.yaml").write_text(text.replace("owner: sales", "owner: salez", 1))
    return shop


@pytest.fixture
def doubtful(shop: Path) -> Path:
    """The shop, with a KPI that nobody uses: a warning."""
    text = (shop / "kpis" / "shop.yaml").read_text().split("---\n")[4].replace("net_sales", "unused")
    (shop / "kpis" / "unused.yaml").write_text(text)
    return shop


# --- check


def test_a_clean_project_says_so_on_standard_error(kpi: Kpi) -> None:
    result = kpi("check", "--strict")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "All clean: 4 KPIs, 1 goal, 1 scorecard.\n"


@pytest.mark.usefixtures("mistaken")
def test_a_finding_is_shown_with_its_line(kpi: Kpi) -> None:
    result = kpi("check")

    assert result.exit_code == 1
    assert result.stdout == (
        "error[unknown-owner]: `salez` is not declared as an owner.\n"
        "  --> kpis/shop.yaml:30:8\n"
        "   |\n"
        "30 | owner: salez\n"
        "   |        ^^^^^\n"
        "  = help: Did you mean `sales`?\n"
    )
    assert result.stderr == "\n1 error.\n"


@pytest.mark.usefixtures("mistaken")
def test_a_finding_on_one_line(kpi: Kpi) -> None:
    result = kpi("check", "--format", "concise")

    assert (result.exit_code, result.stdout, result.stderr) == (1, f"{UNKNOWN}\n", "")


@pytest.mark.usefixtures("mistaken")
def test_findings_as_json(kpi: Kpi) -> None:
    result = kpi("check", "--format", "json")
    found = json.loads(result.stdout)
    validator("check").validate(found)

    assert (result.exit_code, result.stderr) == (1, "")
    assert found == [
        {
            "code": "unknown-owner",
            "severity": "error",
            "message": "`salez` is not declared as an owner.",
            "path": "kpis/shop.yaml",
            "line": 30,
            "column": 8,
            "end_line": 30,
            "end_column": 13,
            "hint": "Did you mean `sales`?",
            "fix": [],
        }
    ]


def test_no_findings_as_json_is_an_empty_list(kpi: Kpi) -> None:
    assert kpi.json("check", schema="check") == []


@pytest.mark.usefixtures("doubtful")
def test_a_warning_fails_only_when_strict(kpi: Kpi) -> None:
    for form in ("full", "concise", "json"):
        assert kpi("check", "--format", form).exit_code == 0
        assert kpi("check", "--format", form, "--strict").exit_code == 1
    assert "warning[kpi-without-use]" in kpi("check").stdout


@pytest.mark.usefixtures("doubtful")
def test_a_warning_does_not_stop_a_build(kpi: Kpi) -> None:
    result = kpi("build", *NEW_YEAR)

    assert result.exit_code == 0
    assert "warning[kpi-without-use]" in result.stderr


@pytest.mark.parametrize(
    ("paths", "is_shown"),
    [
        (["kpis/shop.yaml"], True),
        (["./kpis/shop.yaml"], True),
        (["kpis"], True),
        (["kpis/"], True),
        (["."], True),
        (["data", "kpis"], True),
        (["data"], False),
        (["kpiascode.yaml"], False),
    ],
)
def test_only_findings_under_a_path_are_shown(
    kpi: Kpi, mistaken: Path, paths: list[str], is_shown: bool
) -> None:
    for told in (paths, [str(mistaken / path) for path in paths]):
        result = kpi("check", "--format", "concise", *told)
        assert (result.exit_code, result.stdout) == ((1, f"{UNKNOWN}\n") if is_shown else (0, ""))


def test_a_path_is_told_from_here_too(kpi: Kpi, mistaken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(mistaken / "kpis")

    assert kpi("check", "shop.yaml").exit_code == 1
    assert kpi("check", "kpis/shop.yaml").exit_code == 1
    assert kpi("check", "../data").exit_code == 0


@pytest.mark.usefixtures("mistaken")
def test_clean_there_is_not_clean_everywhere(kpi: Kpi) -> None:
    assert kpi("check", "data").stderr == "Clean there. Elsewhere: 1 error.\n"


def test_the_name_of_a_file_is_no_command_to_a_log(kpi: Kpi, shop: Path) -> None:
    name = "::error file=x,line=1::y.yaml"
    (shop / name).write_text("kind: kpi\n")
    replace(shop / "kpiascode.yaml", "[kpis]", "['.']")

    for form in ("full", "concise"):
        lines = kpi("check", "--format", form).stdout.splitlines()
        assert any("error file=x" in line for line in lines)
        assert not any(line.startswith("::") for line in lines)


# --- list


def test_list(kpi: Kpi) -> None:
    assert kpi.answer("list") == (
        "name          title         owner  grain  unit     place\n"
        "basket        Basket        sales  month  EUR      kpis/shop.yaml:69:7\n"
        "net_sales     Net sales     sales  month  EUR      kpis/shop.yaml:27:7\n"
        "online_share  Online share  sales  month  percent  kpis/shop.yaml:55:7\n"
        "order_count   Orders        sales  day    count    kpis/shop.yaml:41:7\n"
    )


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("kpis", ["basket", "net_sales", "online_share", "order_count"]),
        ("goals", ["grow"]),
        ("scorecards", ["shop_monthly"]),
        ("datasets", ["customers", "orders"]),
        ("owners", ["sales"]),
        ("org_units", ["shop"]),
    ],
)
def test_list_of_a_kind(kpi: Kpi, kind: str, names: list[str]) -> None:
    found = json.loads(kpi.answer("list", kind, "--format", "json"))

    assert [row["name"] for row in found] == names
    assert all(row["kind"] == kind for row in found)
    assert [line.split()[0] for line in kpi.answer("list", kind).splitlines()[1:]] == names


def test_everything_that_is_declared_is_listed_under_the_name_of_its_kind() -> None:
    open_ = set(KINDS) - {"person"}  # a person stands in the restricted folder
    names = {kind if kind.endswith("series") else f"{kind}s" for kind in open_}

    assert set(LISTED) == names


def test_list_of_all(kpi: Kpi) -> None:
    assert len(json.loads(kpi.answer("list", "all", "--format", "json"))) == 10
    assert "goals (1)" in kpi.answer("list", "all")


# --- explain


def test_explain(kpi: Kpi) -> None:
    text = kpi.answer("explain", "basket", "--no-sql")

    assert text.startswith("Basket (basket), declared at kpis/shop.yaml:")
    assert "What an order brings on average." in text
    assert "  is            net_sales / order_count\n" in text
    assert "  refers to     net_sales, order_count\n" in text
    assert "  scorecards    The shop, monthly\n" in text


def test_explain_shows_the_sql(kpi: Kpi) -> None:
    text = kpi.answer("explain", "net_sales", *NEW_YEAR, "--dialect", "snowflake")

    assert "SQL (snowflake):\n\n-- net_sales: sum(amount)\nWITH periods AS (" in text


def test_explain_shows_the_plan(kpi: Kpi) -> None:
    text = kpi.answer("explain", "basket", *NEW_YEAR)
    plan = text[text.index("Plan:") : text.index("SQL (duckdb):")]

    assert "periods: 12 intervals, from 2025-01-01 to 2026-01-01\n" in plan
    assert "    orders_by_period: orders dated by ordered_on, in periods\n" in plan
    assert "      net_sales__1 = sum(amount)\n" in plan
    assert "    basket = orders_by_period.net_sales__1 / orders_by_period.row_count\n" in plan


def test_explain_tells_rules_that_held_before_and_what_entities_do(kpi: Kpi, shop: Path) -> None:
    (shop / "kpis" / "more.yaml").write_text(
        """\
kind: kpi
name: early_sales
title: Early sales
description: What customers buy within a month.
owner: sales
applies_to: [shop]
dataset: orders
expression: sum(amount) / cohort_size()
cohort: {entity: customer_id, starts: ordered_on, age: 1 month, where: channel = 'online'}
revisions: [{until: 2025-06-01, where: amount > 1, reason: Small ones did not count}]
grain: month
unit: {currency: EUR}
direction: higher
"""
    )
    text = kpi.answer("explain", "early_sales", "--no-sql")

    assert (
        "  by age        of customer_id since ordered_on, up to 1 month, of those where channel = 'online'\n"
        in text
    )
    assert (
        "  was           until 2025-06-01: sum(amount) / cohort_size(), of rows where amount > 1 "
        "(Small ones did not count)\n" in text
    )


def test_titles_and_descriptions_are_no_commands_to_a_log(kpi: Kpi, shop: Path) -> None:
    replace(shop / "kpis" / "shop.yaml", "title: Basket", 'title: "::error file=x::y"')
    replace(
        shop / "kpis" / "shop.yaml", "What an order brings on average.", '"::stop-commands::x ##[add-mask]y"'
    )

    for command in (["list"], ["explain", "basket"], ["run", "basket", *NEW_YEAR]):
        text = kpi.answer(*command)
        assert "##[" not in text
        assert not any(line.lstrip().startswith("::") for line in text.splitlines())


# --- what is shown is what is run


@pytest.fixture
def moments(shop: Path) -> Path:
    """The shop, with a Parquet file of instants: two around midnight in Berlin, one at noon."""
    rows = "('2025-12-31 22:59:59+00'), ('2025-12-31 23:00:00+00'), ('2026-01-15 12:00:00+00')"
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        made = f'SELECT CAST(seen AS TIMESTAMPTZ) AS "at" FROM (VALUES {rows}) AS given(seen)'
        engine.execute(f"COPY ({made}) TO '{shop}/data/moments.parquet' (FORMAT parquet)")
    (shop / "kpis" / "moments.yaml").write_text(
        """\
kind: dataset
name: moments
source: data/moments.parquet
time: at
---
kind: kpi
name: seen
title: Seen
description: How many moments there were.
owner: sales
applies_to: [shop]
dataset: moments
expression: count(*)
grain: month
dimensions: [at]
unit: count
direction: higher
"""
    )
    return shop


@pytest.mark.usefixtures("moments")
def test_the_sql_that_is_shown_knows_that_a_file_holds_instants(kpi: Kpi, shop: Path) -> None:
    asked = ("--from", "2025-12-01", "--to", "2026-02-01", "--as-of", "2026-02-01")
    text = kpi.answer("compile", "seen", *asked)

    assert "'2025-12-31 23:00:00+00:00' AS TIMESTAMPTZ" in text
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'Asia/Tokyo'")
        engine.execute(f"CREATE VIEW moments AS SELECT * FROM '{shop}/data/moments.parquet'")
        assert engine.execute(text).fetchall() == [("2025-12", 1), ("2026-01", 2)]
    assert [one["value"] for one in kpi.values("seen", *asked)] == ["1", "2"]


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("channel = 3", "A text is compared with a number."),
        ("channel > date '2026-01-01'", "A text is compared with a date."),
        ("channel", "A filter is true or false for each slice."),
    ],
)
def test_a_filter_that_does_not_fit_its_dimension_is_refused(kpi: Kpi, where: str, message: str) -> None:
    result = kpi("run", "net_sales", *NEW_YEAR, "--where", where)

    assert result.exit_code == 2
    assert f"--where: {message}" in result.stderr


@pytest.mark.usefixtures("moments")
def test_a_filter_of_a_moment_by_a_day_names_the_cast(kpi: Kpi) -> None:
    result = kpi("run", "seen", "--as-of", "2026-02-01", "--where", "at > date '2026-01-02'")

    assert result.exit_code == 2
    assert "cast(t as date) is the local day" in result.stderr


# --- compile


def test_compile_for_every_declared_dialect(kpi: Kpi) -> None:
    found = kpi.json("compile", *NEW_YEAR, "--dialect", "all", schema="compile")

    assert [(query["kpi"], query["dialect"]) for query in found] == [
        (name, dialect)
        for name in ("basket", "net_sales", "online_share", "order_count")
        for dialect in ("duckdb", "postgres", "snowflake")
    ]


def test_compile_prints_statements(kpi: Kpi) -> None:
    text = kpi.answer("compile", "net_sales", "basket", *NEW_YEAR)

    assert text.count(";\n") == 2
    assert text.startswith("-- net_sales: sum(amount)\nWITH periods AS (")


def test_compile_needs_neither_engine_nor_data(kpi: Kpi, shop: Path) -> None:
    replace(shop / "kpis" / "shop.yaml", "source: data/orders.csv", "source: sales.orders")
    replace(shop / "kpis" / "shop.yaml", "source: data/customers.csv", "source: sales.customers")

    assert "FROM sales.orders" in kpi.answer("compile", "net_sales", *NEW_YEAR)


def test_what_is_compiled_is_what_is_run(kpi: Kpi) -> None:
    asked = ("net_sales", *NEW_YEAR, "--from", "2025-12-01", "--by", "country")
    sql = kpi.json("compile", *asked, schema="compile")[0]["sql"]

    assert "2025-12-01" in sql
    assert "country" in sql
    assert sql == kpi.json("compile", *asked, schema="compile")[0]["sql"]
