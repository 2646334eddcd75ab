"""One folder of inputs feeds every stage: definitions, data and a question, with the SQL and the numbers.

`expected/generic.sql` and `expected/dialects/` (what each dialect changes, or why it refuses) are golden files,
rewritten by KPI_UPDATE_GOLDEN=1.
`expected/observations.csv` was computed by hand and is never written by a program.
"""

import csv
import difflib
import json
import os
import shlex
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
import sqlglot
from click.testing import CliRunner
from sqlglot import exp

from kpiascode.cli.main import main
from kpiascode.model.dialect import DIALECTS

CASES = sorted(path.parent for path in (Path(__file__).parent.parent / "cases").glob("*/question.txt"))
OTHERS = tuple(dialect for dialect in DIALECTS if dialect != "duckdb")


def asked(case: Path) -> list[str]:
    return shlex.split((case / "question.txt").read_text())


@cache
def compiled(case: Path, dialect: str) -> tuple[str, bool]:
    """Return the SQL of a case and true, or why the dialect refuses it and false."""
    command = ["compile", "--together", "--dialect", dialect, "--project", str(case), *asked(case)]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0 or "error[cannot-compile]" in result.output, result.output
    return result.output, result.exit_code == 0


def sql(case: Path, dialect: str) -> str:
    text, is_sql = compiled(case, dialect)
    assert is_sql, text
    return text


def compare(golden: Path, found: str) -> None:
    if os.environ.get("KPI_UPDATE_GOLDEN") == "1":
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(found, encoding="utf-8", newline="")
    assert golden.read_text(encoding="utf-8") == found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_generic_sql_is_as_reviewed(case: Path) -> None:
    compare(case / "expected" / "generic.sql", sql(case, "duckdb"))


@pytest.mark.parametrize("dialect", OTHERS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_dialect_changes_only_what_was_reviewed(case: Path, dialect: str) -> None:
    text, is_sql = compiled(case, dialect)
    if is_sql:
        generic = sql(case, "duckdb").splitlines(keepends=True)
        text = "".join(difflib.unified_diff(generic, text.splitlines(keepends=True), n=0, lineterm="\n"))
    compare(case / "expected" / "dialects" / f"{dialect}.diff", text)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_there_is_a_golden_file_for_every_dialect_and_no_other(case: Path) -> None:
    assert {path.stem for path in (case / "expected" / "dialects").iterdir()} == set(OTHERS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_numbers_are_those_computed_by_hand(case: Path) -> None:
    with (case / "expected" / "observations.csv").open(newline="") as lines:
        expected = {(row["kpi"], row["period"], row["slice"]): row["value"] for row in csv.DictReader(lines)}

    result = CliRunner().invoke(main, ["run", "--format", "json", "--project", str(case), *asked(case)])

    assert result.exit_code == 0, result.output
    found = {
        (one["kpi"], one["period"], "|".join("null" if v is None else v for v in one["slice"].values())): one[
            "value"
        ]
        for one in json.loads(result.stdout)
    }
    assert set(found) == set(expected)
    for key, value in expected.items():
        if value == "" or found[key] is None:
            assert (value, found[key]) == ("", None), key
        else:
            assert Decimal(found[key]) == pytest.approx(Decimal(value), rel=Decimal("1e-15")), key


def test_kpis_on_one_dataset_share_one_scan() -> None:
    """The dataset is read once for the values; the step that maps days to periods reads it beside."""
    case = next(case for case in CASES if case.name == "ratio_of_sums")
    tree = sqlglot.parse_one(sql(case, "duckdb"), dialect="duckdb")
    readers = [
        step.alias
        for step in tree.find_all(exp.CTE)
        if any(table.name == "orders" for table in step.find_all(exp.Table))
    ]

    assert readers == ["orders_calendar", "orders_by_period"]
