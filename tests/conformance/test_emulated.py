"""How an emulator in another environment is asked, with a stand-in for it. The emulators are asked by hand: `emulated.py`."""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Final

import pytest
from emulated import EMULATORS, ENTRIES, HERE, main, register
from emulators.adapters import Emulated, python_of, running

from kpiascode.conformance.cases import folders
from kpiascode.conformance.marks import read_marks
from kpiascode.model.expression import Type
from kpiascode.model.project import Dataset
from kpiascode.pipeline.connection import read_url
from kpiascode.pipeline.refusals import EngineError
from kpiascode.run.engines.snowflake import Snowflake
from projects import resolution, sound

ORDERS: Final = "kind: dataset\nname: orders\nsource: orders\ntime: day"
COLUMNS: Final = [
    ("day", "DATE"), ("at", "TIMESTAMP"), ("instant", "TIMESTAMP WITH TIME ZONE"), ("paid", "BOOLEAN"),
    ("lines", "BIGINT"), ("amount", "DECIMAL(38,9)"), ("weight", "DOUBLE"), ("channel", "VARCHAR"),
]  # fmt: skip
ROWS: Final = [
    (
        date(2024, 2, 29), datetime(1969, 12, 31, 23, 59, 59, 999999), datetime(2025, 3, 30, 1, tzinfo=UTC), True,
        2**62 + 1, Decimal("12345678901234567890123456789.012345678"), 0.1, 'a "text" –\n\\ of one line',
    ),
    (None,) * 8,
]  # fmt: skip


class StandIn(Emulated, Snowflake):
    name = "stand_in"


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """Return the address of an environment that has a Python, and stop what it has started."""
    python = Path(python_of(tmp_path))
    python.parent.mkdir()
    python.symlink_to(sys.executable)
    yield f"emulated://{tmp_path}"
    running(tmp_path, "stand_in").stop()
    running.cache_clear()


def opened(url: str) -> StandIn:
    return StandIn(read_url(url), writes=True)


def orders() -> Dataset:
    return sound(resolution(ORDERS)).datasets["orders"]


def test_every_kind_of_cell_arrives_as_it_was_sent(url: str) -> None:
    engine = opened(url)

    engine.load("orders", COLUMNS, ROWS, replace=False)

    assert engine.select("SELECT * FROM orders") == ROWS


def test_types_are_declared_and_told_in_the_words_of_the_warehouse(url: str) -> None:
    engine = opened(url)
    engine.load("orders", COLUMNS, ROWS, replace=False)

    found = engine.catalog([orders()]).columns("orders")

    assert found is not None
    assert (found["at"], found["instant"], found["paid"]) == (Type.TIMESTAMP, Type.INSTANT, Type.BOOLEAN)
    assert running(Path("/" + read_url(url).path), "stand_in").asked("columns", name="orders")[1] == [
        "at", "TIMESTAMP_NTZ",
    ]  # fmt: skip


def test_an_emulator_is_left_running_with_its_tables(url: str) -> None:
    first = opened(url)
    first.load("orders", COLUMNS, ROWS, replace=False)
    first.close()
    second = opened(url)

    with pytest.raises(EngineError, match="there is a table `orders` already"):
        second.load("orders", COLUMNS, [], replace=False)
    assert len(second.select("SELECT * FROM orders")) == 2
    second.load("orders", COLUMNS, [], replace=True)
    assert second.select("SELECT * FROM orders") == []
    second.drop("orders")
    assert second.catalog([orders()]).columns("orders") is None


def test_what_fails_there_is_told_here_and_the_next_question_is_answered(url: str) -> None:
    engine = opened(url)
    engine.load("orders", COLUMNS, ROWS, replace=False)

    with pytest.raises(EngineError, match="a table is missing") as failed:
        engine.select("SELECT * FROM nothing")

    assert failed.value.detail == "EmulatorError: no table nothing"
    assert len(engine.select("SELECT * FROM orders")) == 2


def test_an_emulator_that_ends_is_told(url: str) -> None:
    engine = opened(url)

    for _ in range(2):
        with pytest.raises(EngineError) as failed:
            engine.select("SELECT * FROM the_end")
        assert failed.value.detail == "the emulator has ended"


@pytest.mark.parametrize("engine", EMULATORS)
def test_an_emulator_has_its_adapter_and_its_child(engine: str, tmp_path: Path) -> None:
    scheme = EMULATORS[engine].scheme
    named = dict(line.split(" = ") for line in ENTRIES.splitlines() if " = " in line)
    module, _, name = named[scheme].partition(":")
    adapter = getattr(import_module(module), name)
    register(tmp_path)

    assert (adapter.name, adapter.dialect) == (scheme, engine)
    assert (HERE / "emulators" / f"{scheme}_child.py").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["emulators-1.0.dist-info"]


@pytest.mark.parametrize("engine", EMULATORS)
def test_every_case_was_asked_of_an_emulator_with_the_marks_of_now(engine: str) -> None:
    """`python tests/conformance/emulated.py ENGINE --table tests/conformance/tables/SCHEME.json` asks them."""
    scheme = EMULATORS[engine].scheme
    kept = json.loads((HERE / "tables" / f"{scheme}.json").read_text(encoding="utf-8"))
    names = [folder.name for folder in folders()]

    assert [case for case in kept["cases"] if not case.startswith("world_")] == names
    assert kept["marks"] == [
        {"case": mark.case, mark.kind: mark.reason}
        for mark in read_marks(HERE / "marks" / f"{scheme}.yaml", names)
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["oracle"], "invalid choice: 'oracle'"),
        (["snowflake", "--venv", "nowhere"], "--venv: there is no Python in nowhere"),
    ],
)
def test_wrong_usage_is_told(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(arguments)

    assert told in capsys.readouterr().err
