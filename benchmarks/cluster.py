"""The same KPIs over TPC-H on DuckDB, a Spark cluster and ClickHouse: equal values, only answers come back.

The tables are Parquet files that every engine reads where they lie. Spark is a cluster of executors in
processes of their own (--master), ClickHouse the embedded one; each engine is asked in a process of its own.
What it says: whether all values are equal, seconds on the wall from question to answer (without the start of
the engine) as ratios to DuckDB, and how much came to the client: its rows are those of the answer, whatever
lies in the tables. Spark's driver refuses more than --most-megabytes of results, so a query that fetched rows
would fail here.
"""

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from measuring import Line, show

from kpiascode.model.calendar import Grain
from kpiascode.pipeline.asking import Ask, datasets_read, open_session, plans, questions
from kpiascode.pipeline.connection import Connection, read_url
from kpiascode.pipeline.reading import read
from kpiascode.run.engine import Engine

TABLES: Final = ("customer", "lineitem", "orders")
ENGINES: Final = ("duckdb", "spark", "clickhouse")
FIRST: Final = date(1995, 1, 1)
AFTER_LAST: Final = date(1997, 1, 1)
CLOSE: Final = 1e-12
"""Relative, for what was divided; sums of decimals are equal to the last digit."""

SETTINGS: Final = "version: 1\nname: tpch\npaths: [kpis]\ncalendar: {timezone: UTC}\n"
DEFINITIONS: Final = """
kind: dataset
name: lineitem
source: tpch/lineitem.parquet
time: l_shipdate
relationships:
  order: {to: orders, keys: {l_orderkey: o_orderkey}}
---
kind: dataset
name: orders
source: tpch/orders.parquet
time: o_orderdate
primary_key: [o_orderkey]
relationships:
  customer: {to: customer, keys: {o_custkey: c_custkey}}
---
kind: dataset
name: customer
source: tpch/customer.parquet
primary_key: [c_custkey]
---
kind: org_unit
name: wholesaler
title: The wholesaler of TPC-H
level: organisation
---
kind: owner
name: council
title: The council
org_unit: wholesaler
contact: council@example.com
"""
KPIS: Final = {
    "revenue": ("lineitem", "sum(l_extendedprice * (1 - l_discount))"),
    "returned": ("lineitem", "sum(l_quantity) filter (where l_returnflag = 'R') / sum(l_quantity)"),
    "orders_placed": ("orders", "count(*)"),
    "buyers": ("orders", "count(distinct o_custkey)"),
    "revenue_so_far": (None, "to_date(revenue, year)"),
    "revenue_growth": (None, "revenue / previous(revenue, 1 year) - 1"),
    "revenue_per_order": (None, "revenue / orders_placed"),
}
"""By name what they are over, and what they are."""

DIMENSIONS: Final = {
    "lineitem": "[{segment: order.customer.c_mktsegment}]",
    "orders": "[{segment: customer.c_mktsegment}]",
    None: "[segment]",
}
SPARK: Final = """
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
spark.sql.shuffle.partitions 4
spark.ui.enabled false
spark.log.level ERROR
"""
FOR_LITTLE: Final = """
spark.sql.shuffle.partitions 2
spark.sql.codegen.wholeStage false
spark.sql.adaptive.enabled false
"""
"""Below a tenth of scale 1: compiling a query for so few rows takes longer than answering it."""


# --- project and data


def write_project(folder: Path) -> None:
    """Write the definitions beside the tables."""
    (folder / "kpis").mkdir(parents=True, exist_ok=True)
    (folder / "kpiascode.yaml").write_text(SETTINGS, encoding="utf-8")
    documents = [DEFINITIONS.strip("\n"), *(_kpi(name, *told) for name, told in KPIS.items())]
    (folder / "kpis" / "all.yaml").write_text("\n---\n".join(documents) + "\n", encoding="utf-8")


def _kpi(name: str, dataset: str | None, expression: str) -> str:
    over = f"dimensions: {DIMENSIONS[dataset]}\n" + ("" if dataset is None else f"dataset: {dataset}\n")
    return (
        f"kind: kpi\nname: {name}\ntitle: {name}\ndescription: {name}.\nowner: council\n"
        f"applies_to: [wholesaler]\n"
        f"{over}expression: {expression}\ngrain: month\nunit: ratio\ndirection: higher"
    )


def write_tables(folder: Path, scale: float) -> None:
    """Generate the tables that are not there yet, by the generator of the `test` extra."""
    beside = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    program = shutil.which("tpchgen-cli", path=beside)
    if program is None:
        raise SystemExit("tpchgen-cli is not installed; it belongs to the `test` extra.")
    missing = [table for table in TABLES if not (folder / f"{table}.parquet").exists()]
    if missing:
        tables = f"--tables={','.join(missing)}"
        command = [program, "parquet", "-s", f"{scale:g}", tables, "--output-dir", str(folder)]
        subprocess.run(command, check=True, capture_output=True)


# --- one engine, in a process of its own


@dataclass(slots=True)
class Told:
    """What came out: values by KPI, period and slice, and what went over the wire for them."""

    values: dict[str, str | None] = field(default_factory=dict)
    statements: list[str] = field(default_factory=list)
    rows: int = 0
    characters: int = 0
    seconds: float = 0.0
    executors: list[str] = field(default_factory=list)

    @property
    def answers(self) -> int:
        """Return how many rows the answer has: one a period and slice."""
        return len({key.partition("|")[2] for key in self.values})


@dataclass(slots=True)
class Noting:
    """An engine that notes what it is asked, and how much comes back."""

    engine: Engine
    told: Told

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)

    def select(self, sql: str) -> Sequence[tuple[Any, ...]]:
        rows = self.engine.select(sql)
        self.told.statements.append(sql)
        self.told.rows += len(rows)
        self.told.characters += sum(len(str(cell)) for row in rows for cell in row)
        return rows


def asked(folder: Path, name: str, master: str) -> Told:
    """Return what an engine says to all KPIs, by month and market segment."""
    checked = read(folder)
    ask = Ask(
        kpis=tuple(KPIS),
        as_of=datetime(1999, 1, 1),
        grain=Grain.MONTH,
        start=FIRST,
        end=AFTER_LAST,
        by=("segment",),
    )
    told = Told()
    if name == "clickhouse":
        make_views(folder)
    with open_session(
        checked, datasets_read(list(plans(checked, ask))), connection(folder, name, master)
    ) as session:
        session.engine = Noting(session.engine, told)
        began = time.perf_counter()
        for question in questions(session.checked.project, ask):
            for one in session.observe(question):
                key = "|".join([one.kpi, one.period.name, *(str(value) for _, value in one.slice)])
                told.values[key] = None if one.value is None else str(one.value)
        told.seconds = time.perf_counter() - began
        if name == "spark":
            told.executors = stopped()
    return told


def connection(folder: Path, name: str, master: str) -> Connection:
    match name:
        case "spark":
            return Connection(url=read_url(f"spark://local/{folder}/tpch?master={master}"))
        case "clickhouse":
            return Connection(url=read_url(f"chdb:///{folder}/clickhouse"))
        case _:
            return Connection()


def make_views(folder: Path) -> None:
    """Give ClickHouse the files as tables of its database."""
    from chdb.session import Session

    session = Session(str(folder / "clickhouse"))
    session.query("CREATE DATABASE IF NOT EXISTS kpi")
    for table in TABLES:
        file = str(folder / "tpch" / f"{table}.parquet").replace("\\", "\\\\").replace("'", "\\'")
        session.query(f"CREATE OR REPLACE VIEW kpi.{table} AS SELECT * FROM file('{file}', Parquet)")
    session.close()


def stopped() -> list[str]:
    """Stop the cluster; return where its tasks ran: of each executor id, address and number of tasks."""
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    assert session is not None
    listed = session.sparkContext._jsc.sc().statusStore().executorList(True)
    found = [listed.apply(place) for place in range(listed.size())]
    ran = [f"{one.id()} {one.hostPort()} {one.totalTasks()}" for one in found if one.id() != "driver"]
    session.stop()
    return ran


# --- all of them


def write_settings(folder: Path, scale: float, most_megabytes: int) -> None:
    """Write what Spark's own file of settings says; of two lines about one thing the last counts."""
    text = SPARK + (FOR_LITTLE if scale < 0.1 else "")
    text += f"spark.driver.maxResultSize {most_megabytes}m\n"
    (folder / "spark-defaults.conf").write_text(text, encoding="utf-8")


def told_by(folder: Path, name: str, master: str) -> Told:
    command = [sys.executable, __file__, "--child", name, "--cache", str(folder), "--master", master]
    environment = {**os.environ, "SPARK_CONF_DIR": str(folder), "SPARK_LOCAL_IP": "127.0.0.1"}
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{name} did not answer.")
    return Told(**json.loads(done.stdout.splitlines()[-1]))


def check_same(found: Mapping[str, Told]) -> None:
    """Stop unless every engine has the same values."""
    first, *others = found.values()
    for name, other in zip(list(found)[1:], others, strict=True):
        if set(other.values) != set(first.values):
            raise SystemExit(
                f"{name} has other periods or slices: {sorted(set(other.values) ^ set(first.values))[:5]}"
            )
        for key, value in first.values.items():
            if not _alike(value, other.values[key]):
                raise SystemExit(f"{key} is {value}, and on {name} {other.values[key]}")


def _alike(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(float(one), float(other), rel_tol=CLOSE)


def measured(options: argparse.Namespace, folder: Path) -> None:
    write_project(folder)
    write_tables(folder / "tpch", options.scale)
    write_settings(folder, options.scale, options.most_megabytes)
    found = {name: told_by(folder, name, options.master) for name in ENGINES}
    check_same(found)
    if options.json:
        print(json.dumps({name: {**asdict(told), "answers": told.answers} for name, told in found.items()}))
        return
    size = sum((folder / "tpch" / f"{table}.parquet").stat().st_size for table in TABLES)
    values = len(found["duckdb"].values)
    print(f"{values:,} values are equal on {', '.join(found)}, over {size / 1e6:,.0f} MB of Parquet.")
    for name, told in found.items():
        print(
            f"{name}: {len(told.statements)} statement, and {told.rows:,} rows with {told.characters:,} "
            f"characters came back, for an answer of {told.answers:,} rows"
        )
    print("Spark's tasks ran in these processes (id, address, tasks):", *found["spark"].executors, sep="\n  ")
    floor = found["duckdb"].seconds
    lines = [Line(name, told.seconds, told.seconds / floor) for name, told in found.items()]
    show("From question to answer, against DuckDB", "s", lines)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="of TPC-H; 1: six million lines (default)")
    parser.add_argument(
        "--cache", type=Path, help="folder for tables of that scale (default: a temporary one)"
    )
    parser.add_argument(
        "--master",
        default="local-cluster[2,1,1024]",
        help="of Spark: executors, cores and MB of each (default %(default)s)",
    )
    parser.add_argument(
        "--most-megabytes",
        type=int,
        default=4,
        help="of results that Spark's driver takes (default %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print what was asked and answered, for a test")
    parser.add_argument("--child", choices=ENGINES, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    options = arguments()
    if options.child is not None:
        print(json.dumps(asdict(asked(options.cache, options.child, options.master))))
    elif options.cache is not None:
        options.cache.mkdir(parents=True, exist_ok=True)
        measured(options, options.cache.resolve())
    else:
        with tempfile.TemporaryDirectory() as name:
            measured(options, Path(name).resolve())


if __name__ == "__main__":
    main()
