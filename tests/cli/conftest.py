"""A small shop in a folder of its own, and the command line to ask it, in this process."""

import shutil
from pathlib import Path

import pytest
from command_line import SHOP, Kpi


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the shop, which is the working folder."""
    folder = Path(shutil.copytree(SHOP, tmp_path / "shop"))
    monkeypatch.chdir(folder)
    for name in ("KPI_ENGINE_LOCAL", "KPI_ENGINE_WAREHOUSE", "CI"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def kpi() -> Kpi:
    return Kpi()
