"""How a process ends: 0 clean, 1 findings, 2 wrong usage, 3 the machine; never with a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import NEW_YEAR, Kpi, process

KPI = f'"{sys.executable}" -m kpiascode'
AUTUMN = ("run", "net_sales", *NEW_YEAR, "--from", "2025-11-01")


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of the shell that ends with the code of its first command."""
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], cwd=folder, capture_output=True, text=True, check=False
    )


def test_clean_findings_usage_and_machine(kpi: Kpi, shop: Path) -> None:
    assert kpi(*AUTUMN).exit_code == 0
    assert kpi(*AUTUMN, "--to", "2025-01-01").exit_code == 2
    assert kpi(*AUTUMN, "--output", "/nowhere/at/all").exit_code == 3
    (shop / "data" / "orders.csv").unlink()
    assert kpi(*AUTUMN).exit_code == 1


@pytest.mark.parametrize("form", ["table", "csv", "json", "parquet"])
@pytest.mark.parametrize(
    ("output", "why"),
    [
        pytest.param("/dev/full", "No space left on device|the disk may be full", id="a full disk"),
        pytest.param("/nowhere/values", "No such file or directory", id="no folder"),
        pytest.param("kpiascode.yaml/values", "Not a directory", id="a file for a folder"),
    ],
)
def test_a_file_that_cannot_be_written(kpi: Kpi, shop: Path, form: str, output: str, why: str) -> None:
    result = kpi(*AUTUMN, "--format", form, "--output", output)

    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.startswith("error: ")
    assert any(reason in result.stderr for reason in why.split("|"))


@pytest.mark.parametrize(
    "command",
    ["list all --format json", "run --as-of 2026-01-01", "--version"],
)
def test_a_full_disk_behind_standard_output(shop: Path, command: str) -> None:
    ended = shell(f"{KPI} {command} > /dev/full", shop)

    assert ended.returncode == 3
    assert ended.stderr == "error: the machine refused: No space left on device\n"


def test_a_reader_that_has_enough(shop: Path) -> None:
    ended = shell(f"{KPI} list | head -1", shop)

    assert ended.stdout.startswith("name ")
    assert ended.stderr == ""


@pytest.mark.parametrize("command", ["list", "run --as-of 2026-01-01 --format json", "check 2>&1"])
def test_a_reader_that_is_gone(shop: Path, command: str) -> None:
    """The code is the one of a program that is stopped by a closed pipe, so that no gate takes it for clean."""
    ended = shell(f"{KPI} {command} | true", shop)

    assert ended.returncode in (0, 141), "0 where it was faster than its reader"
    assert ended.stderr == ""


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "2>/dev/full"])
def test_without_standard_output_or_error(shop: Path, closed: str) -> None:
    assert shell(f"{KPI} list {closed}", shop).returncode == 0
    assert shell(f"{KPI} run nothing {closed}", shop).returncode == 2


def test_a_build_needs_neither(shop: Path) -> None:
    assert shell(f"{KPI} build --as-of 2026-01-01 >&- 2>&-", shop).returncode == 0
    assert (shop / "site" / "index.html").is_file()


@pytest.mark.parametrize(
    ("form", "environment"),
    [
        ("table", {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
        ("csv", {"PYTHONIOENCODING": "ascii"}),
    ],
)
def test_the_language_of_the_machine_does_not_matter(
    shop: Path, form: str, environment: dict[str, str]
) -> None:
    (shop / "data" / "orders.csv").write_text(
        "ordered_on,customer_id,channel,amount\n2025-12-01,1,Straße 日本,1.00\n", encoding="utf-8"
    )

    ended = process(*AUTUMN, "--by", "channel", "--format", form, folder=shop, environment=environment)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert "Straße 日本" in ended.stdout


def test_a_mistake_of_ours_is_neither_clean_nor_a_finding(shop: Path) -> None:
    code = """
from kpiascode.cli import values
from kpiascode.cli.main import main
values.as_json = None
main(["run", "net_sales", "--format", "json"])
"""
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=shop
    )

    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr.startswith("Traceback")
    assert ended.stderr.endswith(
        "error: this is a mistake in kpiascode. Please report it with the lines above.\n"
    )


def test_nothing_is_asked_where_nobody_answers(shop: Path) -> None:
    for command in (["check"], ["build", *NEW_YEAR], ["init", "new"]):
        assert process(*command, folder=shop, stdin=subprocess.DEVNULL).returncode == 0
    assert not any(name.startswith(".site") for name in os.listdir(shop))
