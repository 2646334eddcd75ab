"""The commands of docs/engines.md, on the engines that can be started."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from kpiascode.cli.main import main

ROOT = Path(__file__).parents[2]
URL = "sqlite:///demo.db"
COMMANDS = [
    shlex.split(line)
    for line in re.findall(
        r"^kpi (.*)$", (ROOT / "docs" / "engines.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    if URL in line
]


@pytest.mark.parametrize("engine", ["sqlite", "postgres", "mariadb"])
def test_the_example_company_runs_there_by_the_words_of_the_docs(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "kpis", tmp_path / "kpis")
    shutil.copyfile(ROOT / "kpiascode.yaml", tmp_path / "kpiascode.yaml")
    monkeypatch.chdir(tmp_path)
    url = URL if engine == "sqlite" else request.getfixturevalue(engine).url()
    assert [words[0] for words in COMMANDS] == ["seed", "run", "run"]

    for words in COMMANDS:
        replaced = [url if word == URL else word for word in words]
        again = ["--replace"] if words[0] == "seed" else []
        result = CliRunner().invoke(main, [*replaced, *again])
        assert result.exit_code == 0, result.output
