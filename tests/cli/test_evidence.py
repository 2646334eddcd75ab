"""What a build finds out about a KPI beside its values: what git remembers, and how many cases a rate is of."""

import os
import shutil
import subprocess
from datetime import date, datetime
from pathlib import Path

import pytest
from command_line import NEW_YEAR, Kpi, replace

from kpiascode.cli.recalled import recalled
from kpiascode.model.assessment import Outcome
from kpiascode.pipeline import judging, reading
from kpiascode.pipeline.connection import Connection

with_git = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
RATE = """
---
kind: kpi
name: web_rate
title: Orders online
description: Which part of orders comes from the web shop.
owner: sales
applies_to: [shop]
dataset: orders
expression: count(*) filter (where channel = 'online') / count(*)
grain: month
unit: percent
direction: higher
act: Look at the web shop.
"""


def commit(folder: Path, on: str, message: str) -> None:
    """Commit everything, at noon."""
    who = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com")
    times = {f"GIT_{role}_DATE": f"{on}T12:00:00Z" for role in ("AUTHOR", "COMMITTER")}
    for arguments in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "-m", message)):
        subprocess.run(["git", *who, *arguments], cwd=folder, env={**os.environ, **times}, check=True)


def add_rate(shop: Path) -> None:
    file = shop / "kpis" / "shop.yaml"
    file.write_text(file.read_text(encoding="utf-8").rstrip() + RATE, encoding="utf-8")


@with_git
def test_a_build_tells_the_decision_that_names_a_kpi(kpi: Kpi, shop: Path) -> None:
    commit(shop, "2025-12-20", "net_sales fell\n\nDecision: open on <Sundays>")

    kpi.answer("build", *NEW_YEAR)

    page = (shop / "site" / "kpis" / "net_sales.html").read_text(encoding="utf-8")
    assert "A decision of 20 December 2025 names it: “open on &lt;Sundays&gt;”" in page


@with_git
def test_a_change_is_remembered_with_its_commit(shop: Path) -> None:
    commit(shop, "2025-11-01", "Begin")
    replace(
        shop / "kpis" / "shop.yaml", "expression: sum(amount)\ngrain", "expression: sum(amount) * 2\ngrain"
    )
    commit(shop, "2025-12-01", "Twice as much")

    found = recalled(reading.check(shop))

    assert found is not None
    assert found.released["net_sales"] == date(2025, 11, 1)
    assert [(one.kpi, one.on, one.what, one.subject) for one in found.changes if one.kpi == "net_sales"] == [
        ("net_sales", date(2025, 12, 1), ("formula",), "Twice as much")
    ]


@pytest.mark.skipif(os.name == "nt", reason="a script")
@pytest.mark.parametrize("path", ["{shop}", ".", ""])
def test_a_git_that_lies_with_the_definitions_is_not_run(
    shop: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    script = shop / "git"
    script.write_text("#!/bin/sh\ntouch started\n", encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", path.format(shop=shop))

    assert recalled(reading.check(shop)) is None
    assert not (shop / "started").exists()


def test_the_cases_of_a_rate_are_counted(shop: Path) -> None:
    add_rate(shop)

    made = judging.assessment(reading.check(shop), datetime(2026, 1, 1), Connection(), None)

    orders = (shop / "data" / "orders.csv").read_text(encoding="utf-8").splitlines()[1:]
    months = [f"2025-{month:02}" for month in range(1, 13)]
    counted = [sum(line.startswith(month) for line in orders) for month in months]
    assert counted[0] > 0
    assert [int(number) for number in made.evidence.cases["web_rate"]] == counted
    [finding] = [
        finding
        for criterion in made.kpis["web_rate"].criteria
        for finding in criterion.findings
        if finding.probe == "enough-rows"
    ]
    assert finding.outcome is Outcome.FAIL


def test_periods_before_the_first_case_do_not_count(shop: Path) -> None:
    add_rate(shop)
    file = shop / "data" / "orders.csv"
    header, *lines = file.read_text(encoding="utf-8").splitlines()
    recent = [line for line in lines if line > "2025-11"]
    file.write_text("\n".join([header, *recent]) + "\n", encoding="utf-8")

    made = judging.assessment(reading.check(shop), datetime(2026, 1, 1), Connection(), None)

    assert recent
    assert len(made.evidence.cases["web_rate"]) <= 2
