"""The suite as others run it on an engine of their own, and what it says of an engine that is wrong."""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Final, TypeAlias

import pytest

from kpiascode.conformance.cases import NoValue, Values, World, folders
from kpiascode.conformance.marks import Mark, WrongMarks, read_marks
from kpiascode.conformance.outcomes import Different, Equal, Failed, Refused, same

HERE: Final = Path(__file__).parent
ENTRY: Final = "[kpiascode.engines]\ntiny = tiny_engine:Tiny\n"
FEW: Final = "ratio_of_sums or time_forms or trap_05 or world_0000 or needed"

Run: TypeAlias = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a folder with a package of the tiny engine, as pip would install it."""
    package = tmp_path / "packages"
    metadata = package / "tiny_engine-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: tiny-engine\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(ENTRY)
    shutil.copy(HERE / "tiny_engine.py", package)
    return tmp_path


@pytest.fixture
def suite(home: Path) -> Run:
    def run(*options: object, cases: str = FEW) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "pytest", "-p", "kpiascode.conformance.plugin", "--pyargs"]
        command += ["kpiascode.conformance", "-c", os.devnull, "--rootdir", home, "-p", "no:cacheprovider"]
        command += ["-k", cases, "--kpi-worlds", "1", *options]
        environment = {**os.environ, "PYTHONPATH": str(home / "packages")}
        environment.pop("PYTEST_ADDOPTS", None)
        words = list(map(str, command))
        return subprocess.run(words, cwd=home, env=environment, capture_output=True, text=True)

    return run


def spoil(home: Path, old: str, new: str) -> None:
    file = home / "packages" / "tiny_engine.py"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


# --- an engine of others


def test_an_engine_of_another_package_is_asked_by_its_scheme(suite: Run, home: Path) -> None:
    table, page = home / "table.json", home / "table.md"

    done = suite("--kpi-engine", f"tiny://{home}/tiny.db", "--kpi-table", table)

    assert done.returncode == 0, done.stdout
    assert "4 equal" in done.stdout
    assert json.loads(table.read_text()) == {
        "engine": "tiny",
        "cases": dict.fromkeys(
            ["ratio_of_sums", "time_forms", "trap_05_decimals_that_are_quoted", "world_0000"], "equal"
        ),
        "marks": [],
    }
    assert suite("--kpi-engine", f"tiny://{home}/tiny.db", "--kpi-table", page, cases="ratio").returncode == 0
    assert page.read_text().splitlines()[0] == "| case | tiny |"
    assert "| `ratio_of_sums` | equal |" in page.read_text()


def test_wrong_numbers_fail_and_no_mark_excuses_them(suite: Run, home: Path) -> None:
    """A cent that is lost is told, though a mark says that the case does not work."""
    spoil(
        home,
        "return self._rows(sql)\n",
        "return [(*r[:1], *(c - type(c)('0.01') if type(c).__name__ == 'Decimal' else c for c in r[1:])) for r in self._rows(sql)]\n",
    )
    marks = home / "marks.yaml"
    marks.write_text("marks: [{case: ratio_of_sums, notyet: It loses a cent.}]\n")

    done = suite("--kpi-engine", f"tiny://{home}/tiny.db", "--kpi-marks", marks, cases="ratio_of_sums")

    assert done.returncode == 1
    assert "wrong numbers, which no mark excuses" in done.stdout
    assert "net_sales 2025-01: 25.24, and 25.25 is right" in done.stdout
    assert "1 different" in done.stdout


def test_what_is_not_answered_needs_a_mark(suite: Run, home: Path) -> None:
    spoil(home, "return self._rows(sql)\n", 'raise EngineError("tiny", "it is asleep", "")\n')
    url, marks = f"tiny://{home}/tiny.db", home / "marks.yaml"
    marks.write_text("marks: [{case: ratio_of_sums, notyet: It sleeps., says: it is asleep}]\n")

    unmarked = suite("--kpi-engine", url, cases="ratio_of_sums")
    marked = suite("--kpi-engine", url, "--kpi-marks", marks, cases="ratio_of_sums")

    assert (unmarked.returncode, marked.returncode) == (1, 0)
    assert "no answer, and not marked: tiny: it is asleep" in unmarked.stdout
    assert "1 notyet" in marked.stdout


def test_a_mark_of_what_is_right_fails(suite: Run, home: Path) -> None:
    marks = home / "marks.yaml"
    marks.write_text("marks: [{case: ratio_of_sums, never: It cannot.}]\n")

    done = suite("--kpi-engine", "duckdb", "--kpi-marks", marks, cases="ratio_of_sums")

    assert done.returncode == 1
    assert "It is right, and marked never: drop the mark." in done.stdout


def test_tables_of_others_are_neither_dropped_nor_overwritten(suite: Run, home: Path) -> None:
    with sqlite3.connect(home / "mine.db") as mine:
        mine.execute("CREATE TABLE orders (mine TEXT)")
        mine.execute("INSERT INTO orders VALUES ('precious')")

    done = suite("--kpi-engine", f"sqlite://{home}/mine.db", cases="ratio_of_sums")

    assert done.returncode == 1
    assert "there is a table `orders` already" in done.stdout
    assert sqlite3.connect(home / "mine.db").execute("SELECT * FROM orders").fetchall() == [("precious",)]


def test_no_table_of_a_case_is_left(suite: Run, home: Path) -> None:
    assert suite("--kpi-engine", f"sqlite://{home}/new.db", cases="ratio_of_sums").returncode == 0
    assert sqlite3.connect(home / "new.db").execute("SELECT name FROM sqlite_master").fetchall() == []


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([], "say which engine: --kpi-engine URL"),
        (["--kpi-engine", "nonsense:///x"], "there is no engine for `nonsense`"),
        (["--kpi-engine", "duckdb:///x.db"], "its name is enough"),
        (["--kpi-engine", "duckdb", "--kpi-table", "table.txt"], "ends with .json or .md"),
        (["--kpi-engine", "duckdb", "--kpi-marks", "nowhere.yaml"], "--kpi-marks"),
        (["--kpi-engine", "duckdb", "-n", "2"], "run them without -n"),
    ],
)
def test_wrong_usage_is_told(suite: Run, options: list[str], told: str) -> None:
    done = suite(*options)

    assert done.returncode == 4 or "say which" in told
    assert told in done.stdout + done.stderr


def test_the_plugin_is_in_nobodys_pytest_that_does_not_ask_for_it() -> None:
    done = subprocess.run([sys.executable, "-m", "pytest", "--help"], capture_output=True, text=True, cwd="/")

    assert "--kpi-engine" not in done.stdout


# --- marks


NAMES: Final = ("one", "two", "world_0000")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("marks: [{case: three, never: why}]", "there is no case `three`"),
        ("marks: [{case: one}]", "with a reason"),
        ("marks: [{case: one, never: ''}]", "with a reason"),
        ("marks: [{case: one, never: why, notyet: why}]", "with a reason"),
        ("marks: [{case: one, never: why, because: why}]", "with a reason"),
        ("marks: [one]", "with a reason"),
        ("marks: [{case: world_*, never: why}]", "add `says`"),
        ("other: []", "one key, `marks`"),
        ("marks: 1", "one key, `marks`"),
        ("marks: [", "marks.yaml:1"),
    ],
)
def test_a_mark_that_says_nothing_is_refused(text: str, told: str, tmp_path: Path) -> None:
    file = tmp_path / "marks.yaml"
    file.write_text(text)

    with pytest.raises(WrongMarks, match=told.replace("*", r"\*")):
        read_marks(file, NAMES)


def test_a_mark_excuses_a_refusal_that_says_so_and_no_wrong_number() -> None:
    mark = Mark(case="world_*", kind="never", reason="No zones.", says="no time zones")

    assert mark.is_of("world_0000")
    assert not mark.is_of("one")
    assert mark.excuses(Refused("it knows no time zones"))
    assert mark.excuses(Failed("no time zones here"))
    assert not mark.excuses(Refused("it has no median"))
    assert not mark.excuses(Different(("no time zones",)))
    assert not mark.excuses(Equal(1))


# --- comparison


@pytest.mark.parametrize(
    ("ours", "right", "money", "equal"),
    [
        ("25.25", "25.25", True, True),
        ("25.2500000", "25.25", True, True),
        ("25.24", "25.25", True, False),
        ("12345678901234.56", "12345678901234.57", True, False),
        ("12345678901234.56", "12345678901234.57", False, True),
        ("8.4166666666666", "8.416666666666666666666666667", True, True),
        ("8.41667", "8.416666666666666666666666667", True, False),
        ("0", None, False, False),
        (None, "0", False, False),
        (None, None, True, True),
    ],
)
def test_money_is_equal_to_its_last_digit_and_else_to_nine(
    ours: str | None, right: str | None, money: bool, equal: bool
) -> None:
    found, wanted = (None if text is None else Decimal(text) for text in (ours, right))

    assert same(found, wanted, money=money) is equal


def test_a_world_is_the_same_wherever_it_is_thrown() -> None:
    """Its marks are of a name, so a seed has to mean the same with every release of Python."""
    asked = [World(seed).ask() for seed in range(25)]

    assert hashlib.sha256(repr(asked).encode()).hexdigest()[:16] == "701ee897604eb136"


def test_worlds_have_values_and_some_are_broken() -> None:
    rights = [World(seed).right() for seed in range(25)]
    values = [value for right in rights if isinstance(right, Values) for value in right.by_key.values()]

    assert sum(isinstance(right, NoValue) for right in rights) == 2
    assert sum(value is not None for value in values) > 100


def test_folders_are_found_with_their_questions() -> None:
    names = [folder.name for folder in folders()]

    assert len(names) == len(set(names))
    assert {"ratio_of_sums", "trap_01_division_by_zero"} <= set(names)
