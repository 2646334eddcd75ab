"""The same KPIs on executors in processes of their own, and on ClickHouse: equal values, and only answers come back."""

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import pytest
import sqlglot
from sqlglot import exp

from kpiascode.run.engine import EngineError
from kpiascode.run.engines import connect
from kpiascode.run.engines.url import read_url

CLUSTER: Final = Path(__file__).parents[2] / "benchmarks" / "cluster.py"
ENGINES: Final = ("duckdb", "spark", "clickhouse")
KPIS, MONTHS, SEGMENTS = 7, 24, 5
pytestmark = pytest.mark.xdist_group("spark")
each_engine = pytest.mark.parametrize("engine", ENGINES)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What each engine was asked and has answered, over TPC-H at scale 0.01 in a folder with a sign of patterns."""
    for driver in ("pyspark", "chdb"):
        if find_spec(driver) is None:
            pytest.skip(f"the driver {driver} is not installed")
    if shutil.which("java") is None:
        pytest.skip("Java is not installed: apt-get install default-jre-headless")
    folder = tmp_path_factory.mktemp("tables[1]")
    words = [sys.executable, str(CLUSTER), "--scale", "0.01", "--json", "--cache", str(folder)]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    found: dict[str, dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_every_engine_has_every_value(told: dict[str, dict[str, Any]]) -> None:
    """That they are equal is checked by the benchmark, which ends with an error where they are not."""
    assert {name: len(one["values"]) for name, one in told.items()} == dict.fromkeys(
        ENGINES, KPIS * MONTHS * SEGMENTS
    )
    without = {key for key, value in told["duckdb"]["values"].items() if value is None}
    assert {key.split("|")[0] for key in without} == {"returned"}  # nothing was sent back after June 1995


def test_the_tasks_ran_in_two_processes_beside_the_client(told: dict[str, dict[str, Any]]) -> None:
    ran = [line.split() for line in told["spark"]["executors"]]

    assert len({address for _, address, _ in ran}) == 2
    assert all(int(tasks) > 0 for _, _, tasks in ran)


@each_engine
def test_only_the_rows_of_the_answer_come_back(engine: str, told: dict[str, dict[str, Any]]) -> None:
    """One statement, whose rows are one a period and slice, over some 60,000 lines."""
    one = told[engine]

    assert (len(one["statements"]), one["rows"], one["answers"]) == (1, MONTHS * SEGMENTS, MONTHS * SEGMENTS)


# --- what is asked


def unaggregated(sql: str, dialect: str) -> list[str]:
    """Return the SELECTs that give rows of a table as they are, instead of groups or sums of them."""
    (statement,) = sqlglot.parse(sql, dialect=dialect)
    assert isinstance(statement, exp.Select)
    steps = {step.alias for step in statement.find_all(exp.CTE)}
    return [
        select.sql(dialect)
        for select in statement.find_all(exp.Select)
        if _reads(select) - steps and not _is_aggregated(select)
    ]


def _reads(select: exp.Select) -> set[str]:
    beside = [join.this for join in select.args.get("joins") or []]
    found = select.args.get("from_")
    sources = [*([] if found is None else [found.this]), *beside]
    return {source.name for source in sources if isinstance(source, exp.Table)}


def _is_aggregated(select: exp.Select) -> bool:
    grouped = select.args.get("group") is not None or select.args.get("distinct") is not None
    return grouped or all(column.find(exp.AggFunc) for column in select.expressions)


@each_engine
def test_no_statement_selects_rows(engine: str, told: dict[str, dict[str, Any]]) -> None:
    for sql in told[engine]["statements"]:
        assert "lineitem" in sql
        assert unaggregated(sql, engine) == []


@pytest.mark.parametrize(
    ("sql", "count"),
    [
        pytest.param("SELECT l_tax FROM lineitem", 1, id="rows"),
        pytest.param("WITH taxes AS (SELECT l_tax FROM lineitem) SELECT l_tax FROM taxes", 1, id="rows in a step"),
        pytest.param("SELECT a.b FROM (SELECT 1 AS b) AS a JOIN lineitem ON a.b = l_tax", 1, id="rows of a join"),
        pytest.param("SELECT COUNT(*), l_tax FROM lineitem", 1, id="a count beside rows"),
        pytest.param("SELECT l_tax, COUNT(*) FROM lineitem GROUP BY l_tax", 0, id="groups"),
        pytest.param("WITH taxes AS (SELECT SUM(l_tax) AS t FROM lineitem) SELECT t FROM taxes", 0, id="a sum"),
    ],
)  # fmt: skip
def test_a_statement_that_selects_rows_is_found(sql: str, count: int) -> None:
    assert len(unaggregated(sql, "duckdb")) == count


# --- the address


@pytest.mark.parametrize(
    ("url", "writes", "why"),
    [
        pytest.param("spark://local?mastr=local[1]", False, "an option that it does not know", id="option"),
        pytest.param("sc://host?master=local[1]", False, "an option that it does not know", id="option of a server"),
        pytest.param("spark://local/no/such/folder", False, "there is no folder /no/such/folder", id="no folder"),
        pytest.param("spark://local/tmp", True, "the tables of a folder are only read", id="loading"),
        pytest.param("sc://host/tmp", False, "leave the folder out of its URL", id="folder of a server"),
    ],
)  # fmt: skip
def test_an_address_that_means_nothing_is_refused(url: str, writes: bool, why: str) -> None:
    with pytest.raises(EngineError) as refused:
        connect(read_url(url), timeout_seconds=None, writes=writes)

    assert why in str(refused.value)
