"""Each of the 37 ways in which engines were seen to give other numbers has a case by its number, or a test here.

A case is a folder of `tests/traps`, which every engine is asked. A trap that the language does not lead into has a
test of that.
"""

import re
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from kpiascode.model.calendar import Calendar, Grain
from kpiascode.pipeline.connection import read_url
from kpiascode.pipeline.refusals import EngineError
from kpiascode.run.engines import connect
from projects import Warehouse, findings, kpi, planned, question, resolution, sound

TRAPS: Final = Path(__file__).parent.parent / "traps"
ORDERS: Final = "kind: dataset\nname: orders\nsource: orders\ntime: day"
NUMBER: Final = re.compile(r"trap_(\d\d)_|test_(\d\d)_")


def numbers(names: list[str]) -> set[int]:
    return {int(found[1] or found[2]) for name in names if (found := NUMBER.match(name))}


def test_every_number_has_a_case_or_a_test() -> None:
    folders = numbers([folder.name for folder in TRAPS.iterdir()])
    here = numbers(list(globals()))

    assert folders | here == set(range(1, 38))
    assert not folders & here


@pytest.mark.parametrize("folder", sorted(TRAPS.iterdir()), ids=lambda folder: folder.name)
def test_a_trap_says_which_it_is(folder: Path) -> None:
    title = (folder / "case.md").read_text(encoding="utf-8").splitlines()[0]

    assert re.match(r"# (\d+: )?[A-Za-z0-9].*", title)
    if found := NUMBER.match(folder.name):
        assert title.startswith(f"# {int(found[1])}: ")


@pytest.mark.parametrize("function", ["log(amount)", "log10(amount)", "ln(amount)", "log(10, amount)"])
def test_13_there_are_no_logarithms(function: str) -> None:
    """LOG(100) is 2 or 4.6."""
    assert "unknown-function" in {
        found.code for found in findings(ORDERS, kpi("one", f"sum({function})", dataset="orders"))
    }


@pytest.mark.parametrize(
    "function", ["strftime(day, '%Y-%m')", "to_char(day, 'YYYY')", "date_format(day, 'y')"]
)
def test_28_there_is_no_format_of_dates(function: str) -> None:
    """The name of a month or week would be its pattern, or null."""
    assert "unknown-function" in {
        found.code for found in findings(ORDERS, kpi("one", f"count({function})", dataset="orders"))
    }


def test_28_names_of_periods_are_ours() -> None:
    weeks = Calendar().periods(Grain.WEEK, date(2024, 12, 29), date(2025, 1, 6))

    assert [week.name for week in weeks] == ["2024-W52", "2025-W01"]


def test_34_the_order_of_an_answer_is_ours() -> None:
    """Collations order texts as they like; here, they are in the order of their letters' codes, null last."""
    cells = ["b", None, "B", "ä", "a", ""]
    project = sound(resolution(ORDERS, kpi("one", "count(*)", dataset="orders", dimensions="[channel]")))
    rows = [(date(2026, 1, 5), cell) for cell in cells]

    with Warehouse({"orders": ("day DATE, channel VARCHAR", rows)}) as tables:
        asked = question(project, ["one"], date(2026, 1, 5), date(2026, 1, 6), by=["channel"])
        found = tables.observe(planned(project, asked, tables.catalog))

    assert [one.slice[0][1] for one in found] == ["", "B", "a", "b", "ä", None]


@pytest.mark.parametrize("statement", ["DROP TABLE mine", "DELETE FROM mine", "INSERT INTO mine VALUES (2)"])
@pytest.mark.parametrize("engine", ["sqlite", "datafusion"])
def test_37_an_engine_that_answers_writes_nothing(engine: str, statement: str, tmp_path: Path) -> None:
    """Of servers, `tests/engines` asks the same."""
    if engine == "datafusion":
        pytest.importorskip("datafusion", reason="the driver datafusion is not installed")
    url = read_url(f"{engine}://{tmp_path}/database")
    writing = connect(url, timeout_seconds=None, writes=True)
    writing.load("mine", [("n", "BIGINT")], [(1,)], replace=False)
    writing.close()
    reading = connect(url, timeout_seconds=None)

    with pytest.raises(EngineError):
        reading.select(statement)

    assert [tuple(map(int, row)) for row in reading.select("SELECT n FROM mine")] == [(1,)]
    reading.close()
