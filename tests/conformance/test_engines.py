"""Every engine that can be started here gives the right numbers, by the suite that is shipped.

Each is asked in a process of its own, since some can be had only once in one. What came out is kept in `tables/`, of
which docs/conformance.md shows the table: KPI_UPDATE_GOLDEN=1 writes them anew, and `page.py` the page.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

import servers

HERE: Final = Path(__file__).parent
SPARK: Final = """
spark.sql.shuffle.partitions 1
spark.default.parallelism 1
spark.sql.codegen.wholeStage false
spark.sql.adaptive.enabled false
spark.ui.enabled false
spark.driver.memory 3g
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
"""
"""For tables of ten rows; by its defaults it takes three times as long."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An engine: its driver, how its URL is had over a folder, and how many random projects it is asked."""

    driver: str
    url: Callable[[Path], AbstractContextManager[str]]
    worlds: int = 25


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    with servers.postgres() as server:
        yield server.url()


@contextmanager
def mariadb(folder: Path) -> Iterator[str]:
    with servers.mariadb() as server:
        yield server.url()


def embedded(url: str) -> Callable[[Path], AbstractContextManager[str]]:
    return lambda folder: nullcontext(url.format(folder=folder))


ENGINES: Final = {
    "duckdb": Asked("duckdb", embedded("duckdb")),
    "sqlite": Asked("sqlite3", embedded("sqlite:///{folder}/tables.db")),
    "postgres": Asked("psycopg", postgres),
    "mariadb": Asked("pymysql", mariadb),
    "clickhouse": Asked("chdb", embedded("chdb:///{folder}/tables"), worlds=10),
    "datafusion": Asked("datafusion", embedded("datafusion:///{folder}/tables")),
    "spark": Asked("pyspark", embedded("spark://local?master=local[1]"), worlds=3),
}
"""Spark takes some seconds for each question, so it is asked few of those that are random."""


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_gives_the_right_numbers(name: str, tmp_path: Path) -> None:
    asked = ENGINES[name]
    if find_spec(asked.driver) is None:
        pytest.skip(f"the driver {asked.driver} is not installed")
    (tmp_path / "spark-defaults.conf").write_text(SPARK)
    table = tmp_path / "table.json"
    try:
        with asked.url(tmp_path) as url:
            done = suite(
                "--kpi-engine", url, "--kpi-marks", HERE / "marks" / f"{name}.yaml",
                "--kpi-worlds", asked.worlds, "--kpi-table", table, folder=tmp_path,
            )  # fmt: skip
    except servers.NotHere as why:
        pytest.skip(str(why))
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    kept = HERE / "tables" / f"{name}.json"
    if os.environ.get("KPI_UPDATE_GOLDEN") == "1":
        kept.write_text(table.read_text(encoding="utf-8"), encoding="utf-8")
    assert json.loads(table.read_text(encoding="utf-8")) == json.loads(kept.read_text(encoding="utf-8"))


def suite(*options: object, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run the suite as everybody may."""
    command = [sys.executable, "-m", "pytest", "-p", "kpiascode.conformance.plugin", "--pyargs"]
    command += ["kpiascode.conformance", "-q", "--tb=short", "-p", "no:cacheprovider", "-p", "no:xdist"]
    command += ["-c", os.devnull, "--rootdir", str(folder), *map(str, options)]
    environment = {**os.environ, "SPARK_CONF_DIR": str(folder)}
    environment.pop("PYTEST_ADDOPTS", None)
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
