"""The tables of TPC-H, made by the generator of the `test` extra, and what is known of them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final, NoReturn

import duckdb
import pytest

from .oracle_base import DATA

TABLES: Final = ("customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier")


def generator() -> str:
    """Return the program; without it tests are skipped, unless KPI_REQUIRE_DATA=1."""
    beside = Path(sys.executable).parent
    found = shutil.which("tpchgen-cli", path=f"{beside}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None:
        absent("tpchgen-cli is absent; it belongs to the `test` extra")
    return found


def absent(message: str) -> NoReturn:
    if os.environ.get("KPI_REQUIRE_DATA") == "1":
        pytest.fail(message)
    pytest.skip(message)


def generate(folder: Path, scale: str) -> Path:
    """Write the eight tables as Parquet files to `folder`/tpch and return `folder`."""
    subprocess.run(
        [generator(), "parquet", "-s", scale, "--output-dir", str(folder / "tpch")],
        check=True,
        capture_output=True,
        timeout=600,
    )
    assert {file.stem for file in (folder / "tpch").glob("*.parquet")} == set(TABLES)
    return folder


def warehouse(folder: Path) -> duckdb.DuckDBPyConnection:
    """Return a connection on which each file is a view, called as TPC-H calls the table."""
    connection = duckdb.connect(":memory:")
    for table in TABLES:
        connection.read_parquet(str(folder / "tpch" / f"{table}.parquet")).create_view(table)
    return connection


def known(name: str) -> dict[str, Any]:
    """Return the answers in one of the shared files."""
    file = DATA / "tpch" / name
    if not file.is_file():
        absent(f"the shared data is absent: {file}")
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found
