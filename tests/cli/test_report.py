"""`kpi report`: one scorecard in another form than its page."""

import json
import re
from pathlib import Path

import pytest
from command_line import NEW_YEAR, Kpi, process, replace, validator

from kpiascode.model.report import Form

TEXTS = [form.value for form in Form if form is not Form.PDF]
SECOND = """
---
kind: scorecard
name: weekly
title: Weekly
org_unit: shop
audiences: [shop]
grain: week
sections:
  - {title: Work, kpis: [order_count]}
"""


def add(shop: Path, text: str) -> None:
    with (shop / "kpis" / "shop.yaml").open("a", encoding="utf-8") as file:
        file.write(text)


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("form", TEXTS)
def test_the_only_scorecard_needs_no_name(kpi: Kpi, form: str) -> None:
    named = kpi.answer("report", "shop_monthly", "--format", form, *NEW_YEAR)

    assert kpi.answer("report", "--format", form, *NEW_YEAR) == named
    assert "The shop, monthly" in named or form == "csv"


@pytest.mark.usefixtures("shop")
def test_without_a_format_it_is_markdown(kpi: Kpi) -> None:
    assert kpi.answer("report", *NEW_YEAR).startswith("## The shop, monthly\n")


@pytest.mark.parametrize("form", ["csv", "markdown", "email"])
def test_it_says_what_the_site_says(kpi: Kpi, shop: Path, form: str) -> None:
    kpi.answer("build", *NEW_YEAR)
    told = kpi.answer("report", "--format", form, *NEW_YEAR)
    page = (shop / "site" / "scorecards" / "shop_monthly.html").read_text(encoding="utf-8")

    if form == "csv":
        assert told == (shop / "site" / "data" / "shop_monthly.csv").read_text(encoding="utf-8")
    else:
        lead = re.search(r'<p class="lead">(.*?)</p>', page)
        assert lead is not None
        sentence = re.sub(r"<[^>]*>", "", lead[1])
        assert sentence in re.sub(r"\*\*|<[^>]*>", "", told)


@pytest.mark.usefixtures("shop")
def test_json_holds_the_values_that_run_prints(kpi: Kpi) -> None:
    told = json.loads(kpi.answer("report", "--format", "json", *NEW_YEAR))
    validator("report").validate(told)
    values = kpi.values("net_sales", *NEW_YEAR, "--grain", "month")
    [sales] = [one for one in told["kpis"] if one["kpi"] == "net_sales"]
    known = {one["period"]: one["value"] for one in sales["series"]}

    assert len(values) >= 12
    assert {one["period"]: one["value"] for one in values}.items() <= known.items()
    assert told["as_of"] == "2026-01-01T00:00:00"


@pytest.mark.parametrize("form", TEXTS)
def test_it_is_the_same_to_the_byte_in_another_process(kpi: Kpi, shop: Path, form: str) -> None:
    here = kpi.answer("report", "--format", form, *NEW_YEAR)
    environment = {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "COLUMNS": "40"}
    there = process("report", "--format", form, *NEW_YEAR, folder=shop, environment=environment)

    assert there.stdout == here


@pytest.mark.parametrize("form", TEXTS)
def test_it_is_written_to_a_file(kpi: Kpi, shop: Path, form: str) -> None:
    words = ("report", "--format", form, *NEW_YEAR)

    assert kpi.answer(*words, "--output", "told") == ""
    assert (shop / "told").read_bytes().decode() == kpi.answer(*words)


def test_a_pdf_is_written_or_it_is_said_what_to_install(kpi: Kpi, shop: Path) -> None:
    ended = kpi("report", "--format", "pdf", *NEW_YEAR, "--output", "told.pdf")

    if ended.exit_code == 0:
        assert (shop / "told.pdf").read_bytes().startswith(b"%PDF-")
    else:
        assert ended.exit_code == 3
        assert "pip install 'kpiascode[pdf]'" in ended.stderr
        assert not (shop / "told.pdf").exists()


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(
            ["shop_monthy"], "no scorecard `shop_monthy`. Did you mean `shop_monthly`?", id="a name"
        ),
        pytest.param(["zzz"], "There are `shop_monthly`.", id="a name that is like none"),
        pytest.param(["--format", "pdf"], "add --output scorecard.pdf", id="PDF to the terminal"),
        pytest.param(["--output", "kpis.yaml"], "A report is no definition", id="over a definition"),
        pytest.param(["--format", "docx"], "'markdown', 'text', 'email'", id="a format"),
        pytest.param(["--site", "http://kpis.example.com"], "such as https://", id="an address without TLS"),
        pytest.param(["--site", "javascript:alert(1)"], "such as https://", id="a script"),
        pytest.param(["--site", "https://me:secret@example.com"], "such as https://", id="a password"),
        pytest.param(
            ["--site", "https://a.example/) [x](https://b.example"], "such as", id="the end of a link"
        ),
        pytest.param(["--site", 'https://a.example/"onclick="x'], "such as", id="the end of an attribute"),
        pytest.param(["--site", "https://a.example/\n"], "such as", id="a line break"),
        pytest.param(["--site", "https://a.example/?x=1"], "such as", id="a query"),
    ],
)
def test_wrong_usage(kpi: Kpi, arguments: list[str], told: str) -> None:
    result = kpi("report", *arguments, *NEW_YEAR)

    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr


def test_of_several_scorecards_one_is_to_be_named(kpi: Kpi, shop: Path) -> None:
    add(shop, SECOND)

    result = kpi("report", *NEW_YEAR)

    assert result.exit_code == 2
    assert "Name one of the scorecards: `shop_monthly`, `weekly`." in result.stderr
    assert kpi("report", "weekly", *NEW_YEAR).stdout.startswith("## Weekly\n")


def test_without_any_scorecard_it_is_said_how_to_declare_one(kpi: Kpi, shop: Path) -> None:
    file = shop / "kpis" / "shop.yaml"
    head, _, _ = file.read_text(encoding="utf-8").partition("---\nkind: scorecard")
    file.write_text(head, encoding="utf-8")

    result = kpi("report", *NEW_YEAR)

    assert result.exit_code == 2
    assert "Declare one with `kind: scorecard`." in result.stderr


def test_links_lead_to_the_site_whether_its_address_ends_in_a_slash_or_not(kpi: Kpi, shop: Path) -> None:
    one = kpi.answer("report", "--site", "https://kpis.example.com:8443/a-b/", *NEW_YEAR)

    assert kpi.answer("report", "--site", "https://kpis.example.com:8443/a-b", *NEW_YEAR) == one
    assert "](https://kpis.example.com:8443/a-b/kpis/net_sales.html)" in one


def test_broken_definitions_and_data_end_with_1(kpi: Kpi, shop: Path) -> None:
    replace(shop / "kpis" / "shop.yaml", "kind: owner\nname: sales", "kind: owner\nname: nobody")
    told = kpi("report", *NEW_YEAR)
    assert (told.exit_code, told.stdout) == (1, "")
    assert "unknown-owner" in told.stderr

    replace(shop / "kpis" / "shop.yaml", "kind: owner\nname: nobody", "kind: owner\nname: sales")
    (shop / "data" / "orders.csv").write_text("ordered_on\n1,2,3\n")
    told = kpi("report", *NEW_YEAR, "--output", "told.md")
    assert told.exit_code == 1
    assert not (shop / "told.md").exists()


@pytest.mark.usefixtures("shop")
def test_a_file_that_cannot_be_written_ends_with_3_and_leaves_nothing(kpi: Kpi, shop: Path) -> None:
    (shop / "link").symlink_to(shop / "kpiascode.yaml")
    before = (shop / "kpiascode.yaml").read_bytes()

    for output in ("no/such/folder/told.md", "link"):
        assert kpi("report", *NEW_YEAR, "--output", output).exit_code == 3
    assert (shop / "kpiascode.yaml").read_bytes() == before
    assert not list(shop.glob(".kpi-*"))


def test_a_report_replaces_no_rows_and_nothing_of_git(kpi: Kpi, shop: Path) -> None:
    (shop / ".git").mkdir()
    [rows] = [file for file in shop.rglob("orders.*") if file.suffix in (".csv", ".parquet")]
    held = rows.read_bytes()

    for output, told in ((rows, "holds the rows of dataset `orders`"), (shop / ".git" / "config", "of git")):
        result = kpi("report", *NEW_YEAR, "--output", str(output))
        assert result.exit_code == 2
        assert told in result.stderr

    assert (rows.read_bytes(), list((shop / ".git").iterdir())) == (held, [])
