"""`kpi build --audience`, and `report` and `serve` with it: pages for some people, from the command line."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import NEW_YEAR, Kpi, replace, validator
from test_evidence import commit
from test_serve import serving

from kpiascode.cli.site import MARK

UNITS = """
---
kind: org_unit
name: web
title: Web shop
level: department
parent: shop
headcount: 2
---
kind: org_unit
name: counter
title: Counter
level: department
parent: shop
headcount: 3
"""
FOR_COUNTER = "visibility: [counter]\n"


@pytest.fixture
def departments(shop: Path) -> Path:
    """The shop with two departments; only one may see the orders of a day, and another scorecard."""
    file = shop / "kpis" / "shop.yaml"
    text = file.read_text(encoding="utf-8")
    card = text[text.index("kind: scorecard") :]
    card = card.replace("shop_monthly", "counter_daily").replace("The shop, monthly", "Secret title")
    file.write_text(f"{text.rstrip()}{UNITS}---\n{card.rstrip()}\n{FOR_COUNTER}", encoding="utf-8")
    replace(file, "name: basket\n", f"name: basket\n{FOR_COUNTER}")
    replace(file, "name: order_count\n", f"name: order_count\n{FOR_COUNTER}")
    return shop


def text_of(site: Path) -> str:
    return "\n".join(f"{path}\n{path.read_text('utf-8')}" for path in files_of(site))


def files_of(site: Path) -> Iterator[Path]:
    yield from (path for path in sorted(site.rglob("*")) if path.is_file())


def test_each_audience_has_a_folder_of_its_own(kpi: Kpi, departments: Path) -> None:
    said = kpi.answer("build", *NEW_YEAR, "--audience", "web")
    kpi.answer("build", *NEW_YEAR, "--audience", "counter")
    kpi.answer("build", *NEW_YEAR)

    sites = {path.name for path in departments.iterdir() if (path / MARK).is_file()}
    assert sites == {"site", "site-web", "site-counter"}
    number = len(list(files_of(departments / "site-web"))) - 1
    index = departments / "site-web" / "index.html"
    assert said == f"1 scorecard, 2 KPIs, {number} files, as of 2026-01-01: {index}\n"


def test_the_site_holds_and_lists_only_what_they_may_see(kpi: Kpi, departments: Path) -> None:
    kpi.answer("build", *NEW_YEAR, "--audience", "web", "--output", "public")
    kpi.answer("build", *NEW_YEAR, "--audience", "counter")

    for_web, for_counter = text_of(departments / "public"), text_of(departments / "site-counter")
    for hidden in ("basket", "order_count", "counter_daily", "Secret title"):
        assert hidden not in for_web
        assert hidden in for_counter
    assert "Made for the people of Web shop: " in for_web
    listed = (departments / "public" / MARK).read_text(encoding="utf-8").splitlines()[1:]
    assert sorted(listed) == sorted(
        path.relative_to(departments / "public").as_posix() for path in files_of(departments / "public")
    )


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
def test_no_commit_is_told(kpi: Kpi, departments: Path) -> None:
    commit(departments, "2025-11-01", "Begin with canary one")
    replace(departments / "kpis" / "shop.yaml", "expression: sum(amount)\n", "expression: sum(amount * 1)\n")
    commit(departments, "2025-12-01", "Another sum for canary two\n\nDecision: net_sales, canary three")
    head = departments / ".git" / "refs" / "heads"
    name = next(path for path in head.iterdir()).read_text(encoding="utf-8")[:7]

    kpi.answer("build", *NEW_YEAR, "--audience", "web")
    kpi.answer("build", *NEW_YEAR)

    told, whole = text_of(departments / "site-web"), text_of(departments / "site")
    assert "canary two" in whole
    assert "canary three" in whole
    assert name in whole
    assert "canary" not in told
    assert name not in told
    assert "Formula changed." in told
    assert "A decision of 1 December 2025 names it." in told


@pytest.mark.parametrize("command", [["build"], ["report", "shop_monthly"]])
@pytest.mark.parametrize(
    ("unit", "told"),
    [
        ("wep", "There is no org unit `wep`. Did you mean `web`?"),
        ("zzzzzz", "There is no org unit `zzzzzz`. There are `counter`, `shop`, `web`."),
        ("../web", "There is no org unit `../web`."),
        ("", "There is no org unit ``."),
    ],
)
def test_an_unknown_unit_is_wrong_usage(
    kpi: Kpi, departments: Path, command: list[str], unit: str, told: str
) -> None:
    before = {path.name for path in departments.iterdir()}

    result = kpi(*command, *NEW_YEAR, "--audience", unit)

    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr
    assert {path.name for path in departments.iterdir()} == before


def test_what_is_visible_beyond_its_parts_stops_the_build(kpi: Kpi, departments: Path) -> None:
    replace(departments / "kpis" / "shop.yaml", f"name: basket\n{FOR_COUNTER}", "name: basket\n")

    result = kpi("build", *NEW_YEAR, "--audience", "web")

    assert result.exit_code == 1
    assert "error[visible-beyond-its-parts]" in result.stderr
    assert (
        "`basket`, which everybody may see, counts on `order_count`, which only people of `counter` may see."
        in result.stderr
    )
    assert not (departments / "site-web").exists()


def test_where_that_is_allowed_both_are_hidden(kpi: Kpi, departments: Path) -> None:
    file = departments / "kpis" / "shop.yaml"
    replace(file, f"name: basket\n{FOR_COUNTER}", "name: basket\n")
    replace(
        file,
        "expression: net_sales / order_count\n",
        "expression: net_sales / order_count  # kpi: allow visible-beyond-its-parts: we know\n",
    )

    assert kpi("build", *NEW_YEAR, "--audience", "web").exit_code == 0

    assert "basket" not in text_of(departments / "site-web")


def test_a_report_for_some(kpi: Kpi, departments: Path) -> None:
    arguments = ("report", "shop_monthly", *NEW_YEAR, "--audience", "web")

    text = " ".join(kpi.answer(*arguments, "--format", "text").split())
    data = json.loads(kpi.answer(*arguments, "--format", "json"))

    assert "Made for the people of Web shop: " in text
    assert "Basket" not in text
    validator("report").validate(data)
    assert data["made_for"] == "web"
    assert [one["kpi"] for one in data["kpis"]] == ["net_sales", "online_share"]
    whole = json.loads(kpi.answer(*arguments[:-2], "--format", "json"))
    assert whole["made_for"] is None
    assert whole["kpis"][0]["series"] == data["kpis"][0]["series"]


def test_a_scorecard_that_they_may_not_see_is_none(kpi: Kpi, departments: Path) -> None:
    result = kpi("report", "counter_daily", *NEW_YEAR, "--audience", "web")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "There is no scorecard `counter_daily`. There are `shop_monthly`." in result.stderr


def test_serving_for_some(departments: Path) -> None:
    with serving(departments, "--audience", "web") as server:
        server.until_built(1)

        assert "Made for the people of Web shop: " in server.page("/index.html")
        assert server.ask("/kpis/basket.html")[0] == 404
        assert not re.search("order_count|Secret title", server.page("/glossary.html"))
