"""The guarded engine computes in a child that can do little else, and takes little of what it says for granted."""

import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpiascode.model.expression import Type
from kpiascode.run import guarded, jobs, limits
from kpiascode.run.engine import EngineError
from kpiascode.run.guarded import GuardedEngine, guarded_engine
from kpiascode.run.in_process import InProcess
from kpiascode.run.jobs import Answer, Failure, Job, NoAnswer

pytestmark = pytest.mark.skipif(not limits.POSSIBLE, reason="Windows has no limits for a process")

COLUMNS = {
    "t": {
        "n": "BIGINT",
        "d": "DECIMAL(18,2)",
        "day": "DATE",
        "at": "TIMESTAMPTZ",
        "x": "VARCHAR",
        "b": "BOOLEAN",
    }
}
ROW = {
    "n": -7,
    "d": Decimal("1.25"),
    "day": date(2026, 1, 31),
    "at": datetime(2026, 1, 31, 12, tzinfo=UTC),
    "x": "ä'\"\n\\",
    "b": True,
}
FOREVER = "SELECT count(*) FROM range(100000000000) AS a, range(1000) AS b"
MUCH = "SELECT length(repeat('a', 1000000000) || repeat('b', 1000000000))"
ANYTHING = "SELECT 1"


def job(*queries: str, **rows: Sequence[dict[str, Any]]) -> Job:
    return Job(columns=COLUMNS, rows=rows, queries=queries)


def answers(engine: GuardedEngine, *asked: Job) -> list[Answer]:
    found = list(engine.answers(enumerate(asked)))
    assert [tag for tag, _ in found] == list(range(len(asked)))
    return [answer for _, answer in found]


@pytest.fixture
def engine() -> Iterator[GuardedEngine]:
    with closing(guarded_engine(1.0)) as opened:
        yield opened


# --- what is said on the line

cells = (
    st.none()
    | st.booleans()
    | st.integers(-(10**38), 10**38)
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**29), max_value=10**29)
    | st.floats(allow_nan=False)
    | st.dates()
    | st.datetimes()
    | st.datetimes(timezones=st.just(UTC))
)


@given(st.lists(st.lists(cells, max_size=4).map(tuple), max_size=4))
def test_an_answer_is_heard_as_it_was_told(rows: list[tuple[Any, ...]]) -> None:
    heard = jobs.read_answer(jobs.written_answer((rows,)))

    assert heard == (rows,)
    assert isinstance(heard, tuple)
    assert [[type(cell) for cell in row] for row in heard[0]] == [
        [type(cell) for cell in row] for row in rows
    ]


def test_a_job_is_heard_as_it_was_told() -> None:
    told = job("SELECT 1", t=[ROW, {"n": None}])

    assert jobs.read(json.loads(jobs.written(told))) == told


@pytest.mark.parametrize("failure", Failure)
def test_a_failure_is_heard_as_it_was_told(failure: Failure) -> None:
    assert jobs.read_answer(jobs.written_answer(failure)) is failure


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 100_000,
        b'{"failure": "REALLY"}',
        b'{"failure": ["TIME"]}',
        b'{"tables": {}}',
        b'{"tables": [{}]}',
        b'{"tables": [["row"]]}',
        b'{"tables": [[[[]]]]}',
        b'{"tables": [[[{}]]]}',
        b'{"tables": [[[1.5]]]}',
        b'{"tables": [[[' + b"9" * 5000 + b"]]]}",
        b'{"tables": [[[' + b"9" * 100 + b"]]]}",
        b'{"tables": [[[{"decimal": "1e999999999"}]]]}',
        b'{"tables": [[[{"decimal": "NaN"}]]]}',
        b'{"tables": [[[{"decimal": "' + b"9" * 100 + b'"}]]]}',
        b'{"tables": [[[{"decimal": "\xd9\xa1"}]]]}',
        b'{"tables": [[[{"decimal": "1", "double": "1"}]]]}',
        b'{"tables": [[[{"double": "x"}]]]}',
        b'{"tables": [[[{"day": "2026-02-30"}]]]}',
        b'{"tables": [[[{"moment": 5}]]]}',
        b'{"types": {}}',
    ],
    ids=lambda line: repr(line[:40]),
)
def test_what_is_no_answer_is_not_taken_for_one(line: bytes) -> None:
    with pytest.raises(NoAnswer):
        jobs.read_answer(line)


@pytest.mark.parametrize(
    "line", [b"{}", b'{"types": []}', b'{"types": {"t": []}}', b'{"types": {"t": {"c": "os.system"}}}', b"{"]
)
def test_what_are_no_types_are_not_taken_for_them(line: bytes) -> None:
    with pytest.raises(NoAnswer):
        jobs.read_types(line)


# --- what it computes


def test_cells_come_back_as_they_were_given(engine: GuardedEngine) -> None:
    asked = job(
        "SELECT n, d, day, x, b, \"at\" = TIMESTAMPTZ '2026-01-31 13:00:00+01' FROM t ORDER BY n",
        "SELECT sum(d) FROM t",
        t=[ROW, {"n": 1}],
    )

    ((rows, sums),) = answers(engine, asked)  # type: ignore[misc]

    assert rows == [
        (-7, Decimal("1.25"), date(2026, 1, 31), "ä'\"\n\\", True, True),
        (1, None, None, None, None, None),
    ]
    assert sums == [(Decimal("1.25"),)]


def test_rows_of_one_job_are_not_there_in_the_next(engine: GuardedEngine) -> None:
    asked = "SELECT count(*) FROM t"

    assert answers(engine, job(asked, t=[ROW]), job(asked), job(asked, t=[ROW, ROW])) == [
        ([(1,)],),
        ([(0,)],),
        ([(2,)],),
    ]


def test_many_jobs_with_long_rows_and_answers_do_not_wait_for_each_other(engine: GuardedEngine) -> None:
    text = "x" * 100_000
    asked = [job("SELECT x FROM t", t=[{"x": text}]) for _ in range(40)]

    assert answers(engine, *asked) == [([(text,)],)] * 40


def test_types_of_files_are_those_that_the_engine_sees(tmp_path: Path) -> None:
    names = [f"t{number}" for number in range(25)]
    for name in names:
        (tmp_path / f"{name}.csv").write_text("a;b;c\n1;2026-01-01;x\n")
    (tmp_path / "t7.csv").write_text('a;b;c\n1;"2026\n')
    files = [jobs.read_files({"files": [FILE | {"name": n, "source": f"{n}.csv"}]})[0] for n in names]

    with closing(guarded_engine(60.0)) as engine:
        found = engine.types(files, project=tmp_path, data_roots=())

    assert set(found.tables) == set(names) - {"t7"}
    assert found.columns("t24") == {"a": Type.INTEGER, "b": Type.DATE, "c": Type.TEXT}
    with closing(InProcess(1.0)) as here:
        assert here.types(files, project=tmp_path, data_roots=()) == found


FILE = {"name": "t", "source": "t.csv", "columns": {}, "delimiter": ";", "header": True, "null_text": ""}


# --- what it cannot


@pytest.mark.parametrize(
    ("sql", "failure"),
    [
        pytest.param("SELECT * FROM read_text('/etc/hostname')", Failure.DOOR, id="a file"),
        pytest.param("FROM glob('/*')", Failure.DOOR, id="a folder"),
        pytest.param("SELECT * FROM nothing", Failure.MISSING, id="a table"),
        pytest.param("SELECT getenv('HOME')", Failure.MISSING, id="the environment"),
        pytest.param("SELECT CAST('x' AS INTEGER)", Failure.CAST, id="a cast"),
        pytest.param("SELECT 9223372036854775807 + 1", Failure.DIGITS, id="an overflow"),
        pytest.param(MUCH, Failure.MEMORY, id="memory"),
        pytest.param("SELECT 1 +", Failure.OTHER, id="what is no SQL"),
    ],
)
def test_what_fails_is_told_in_words_of_ours(sql: str, failure: Failure, engine: GuardedEngine) -> None:
    assert answers(engine, job(sql), job(ANYTHING)) == [failure, ([(1,)],)]


def test_a_job_without_end_is_ended_and_the_others_go_on(engine: GuardedEngine) -> None:
    began = time.monotonic()

    found = answers(engine, job(ANYTHING), job(FOREVER), job(ANYTHING), job("SELECT 2", t=[ROW]))

    assert found == [([(1,)],), Failure.TIME, ([(1,)],), ([(2,)],)] or found[1] is Failure.ENDED
    assert found[2:] == [([(1,)],), ([(2,)],)]
    assert time.monotonic() - began < 20


def test_after_a_few_of_them_no_more_is_tried() -> None:
    with closing(guarded_engine(0.2)) as engine:
        found = answers(engine, *[job(FOREVER)] * 5)

    assert all(isinstance(one, Failure) and one.is_costly for one in found[: guarded.MAX_ENDED])
    assert found[guarded.MAX_ENDED :] == [Failure.LEFT] * 2


def test_the_system_ends_it_where_nobody_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parent is patient here: it is the limit of processor time that ends the child."""
    with closing(guarded_engine(1.0)) as engine:
        assert answers(engine, job(ANYTHING)) == [([(1,)],)]
        monkeypatch.setattr(engine._child, "_timeout", 60.0)  # type: ignore[attr-defined]
        assert answers(engine, job(FOREVER)) == [Failure.ENDED]


PROBE = """
import json, os, resource, sys
sys.path += sys.argv[2:]
from kpiascode.run.limits import limit; limit()
def tried(what):
    try:
        return str(what())
    except BaseException as error:
        return type(error).__name__
def write():
    with open("/tmp/kpiascode-probe", "w") as file:
        file.write("x")
def take():
    return len(bytearray(3_000_000_000))
def open_many():
    return [os.open("/dev/null", os.O_RDONLY) for _ in range(200)]
told = {
    "environment": dict(os.environ), "folder": os.getcwd(), "paths": sys.path, "modules": sorted(sys.modules),
    "open": sorted(int(name) for name in os.listdir("/proc/self/fd")),
    "write": tried(write), "take": tried(take), "many": tried(open_many),
    "cores": resource.getrlimit(resource.RLIMIT_CORE),
}
sys.stdout.buffer.write(b"ready\\n" + json.dumps(told).encode() + b"\\n")
sys.stdout.flush()
sys.stdin.read()
"""


@pytest.mark.skipif(
    sys.platform != "linux", reason="root may read everything of a process in /proc only there"
)
def test_the_child_has_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KPI_SECRET", "s3cret")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "json.py").write_text("raise SystemExit('taken from the folder')")
    monkeypatch.setattr(guarded, "_BEGIN", PROBE)
    with open(os.devnull, "rb") as ours:
        os.set_inheritable(ours.fileno(), True)
        child = guarded._Child(5.0)
        line = child.hear()
        child.close()
    assert line is not None
    told = json.loads(line)

    assert set(told["environment"]) <= {"LC_CTYPE"}
    assert told["folder"] == "/"
    assert len(told["open"]) == 4  # three of its own, and the folder that it lists
    assert (told["write"], told["take"], told["many"]) == ("OSError", "MemoryError", "OSError")
    assert told["cores"] == [0, 0]
    assert str(tmp_path) not in told["paths"]
    assert "" not in told["paths"]
    assert "site" not in told["modules"]


# --- a child that has been taken over


@pytest.mark.parametrize(
    ("says", "ends"),
    [
        pytest.param("w(b'ready\\n{\"tables\": 7}\\n'); i.read()", EngineError, id="what is no answer"),
        pytest.param("w(b'ready\\n' + b'x' * 17_000_000); i.read()", Failure.ENDED, id="a line without end"),
        pytest.param("w(b'ready\\n'); sys.exit(0)", Failure.ENDED, id="nothing, and ends"),
        pytest.param("w(b'ready\\n'); i.read()", Failure.TIME, id="nothing, and waits"),
        pytest.param("w(b'what?\\n'); i.read()", EngineError, id="something else to begin with"),
        pytest.param("sys.exit(1)", EngineError, id="it does not begin"),
    ],
)
def test_whatever_a_child_says_the_parent_goes_on(
    says: str, ends: Failure | type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    head = "import sys; i = sys.stdin.buffer\ndef w(b): sys.stdout.buffer.write(b); sys.stdout.flush()\n"
    monkeypatch.setattr(guarded, "_BEGIN", head + says)

    with closing(guarded_engine(0.5)) as engine:
        if isinstance(ends, Failure):
            assert answers(engine, job(ANYTHING)) == [ends]
        else:
            with pytest.raises(ends):
                answers(engine, job(ANYTHING))


def test_a_child_that_cannot_be_started_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")

    with pytest.raises(EngineError, match="the guarded process for examples does not start"):
        guarded_engine(1.0)


# --- without one


def test_where_there_is_no_child_a_job_is_stopped_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "POSSIBLE", False)

    with closing(guarded_engine(0.3)) as engine:
        assert isinstance(engine, InProcess)
        assert answers(engine, job(ANYTHING, t=[ROW]), job(FOREVER), job(ANYTHING)) == [
            ([(1,)],),
            Failure.TIME,
            ([(1,)],),
        ]
