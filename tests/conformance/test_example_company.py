"""The example company has the same values on every engine: all KPIs, in all periods of their own grain.

What came out is kept in `tables/example_company.json`; KPI_UPDATE_GOLDEN=1 writes it anew.
"""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest
from test_engines import ENGINES, SPARK

import servers

HERE: Final = Path(__file__).parent
KEPT: Final = HERE / "tables" / "example_company.json"
SINCE: Final = {"sqlite": ("2025-10-01",)}
"""The first day of what an engine is asked, where a year takes minutes: SQLite joins without an index."""

OTHERS: Final = [name for name in ENGINES if name != "duckdb"]


@pytest.mark.parametrize("name", OTHERS)
def test_the_example_company_has_the_same_values(name: str, tmp_path: Path) -> None:
    asked = ENGINES[name]
    if find_spec(asked.driver) is None:
        pytest.skip(f"the driver {asked.driver} is not installed")
    (tmp_path / "spark-defaults.conf").write_text(SPARK)
    try:
        with asked.url(tmp_path) as url:
            command = [sys.executable, str(HERE / "example_company.py"), url, *SINCE.get(name, ())]
            environment = {**os.environ, "SPARK_CONF_DIR": str(tmp_path)}
            done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    except servers.NotHere as why:
        pytest.skip(str(why))
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)

    assert found.pop("different") == []
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    if os.environ.get("KPI_UPDATE_GOLDEN") == "1":
        kept[name] = found
        KEPT.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    assert found == kept[name]
