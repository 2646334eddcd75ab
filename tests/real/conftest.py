"""Projects over the shared data, and the command line in-process."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from .oracle_base import DATA

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of the shared data; without it tests are skipped, unless KPI_REQUIRE_DATA=1."""
    if not (DATA / "adventureworks").is_dir() or not (DATA / "cdnow").is_dir():
        message = f"the shared data is absent: {DATA}"
        if os.environ.get("KPI_REQUIRE_DATA") == "1":
            pytest.fail(message)
        pytest.skip(message)
    return DATA.resolve()


def write_project(folder: Path, organisation: str, data: Path, change: Callable[[str], str] = str) -> Path:
    """Write a project whose definitions are those of the organisation, each text put through `change`."""
    definitions = folder / "definitions"
    definitions.mkdir()
    settings = [
        "version: 1",
        f"name: {organisation}",
        "paths: [definitions]",
        "calendar: {timezone: UTC, week_start: monday, fiscal_year_start: 7}",
        f"data_roots: [{json.dumps(str(data))}]",
    ]
    (folder / "kpiascode.yaml").write_text("\n".join(settings) + "\n", encoding="utf-8")
    for template in sorted((HERE / organisation).glob("*.yaml")):
        text = template.read_text(encoding="utf-8").replace("DATA/", f"{data / organisation}/")
        (definitions / template.name).write_text(change(text), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def adventureworks(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_project(tmp_path_factory.mktemp("adventureworks"), "adventureworks", data)


@pytest.fixture(scope="session")
def cdnow(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_project(tmp_path_factory.mktemp("cdnow"), "cdnow", data)


@pytest.fixture
def kpi() -> Callable[..., Result]:
    """`kpi("run", "net_sales", ...)`: the command line, in this process."""
    from kpiascode.cli.main import main  # here, so that the oracle can be tested before the product exists

    return lambda *words: CliRunner().invoke(main, [str(word) for word in words])
