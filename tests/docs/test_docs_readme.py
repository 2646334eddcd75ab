"""What the README promises is what there is."""

import re
import shlex
from pathlib import Path

from doc_pages import README, ROOT, findings, kpi, project_of

from kpiascode.cli.main import COMMANDS

FIRST, SECOND = (block.text.strip() for block in README.blocks("sh"))


def test_ci_calls_exactly_the_test_command_of_the_readme() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()

    assert SECOND in lines
    assert (ROOT / shlex.split(SECOND)[1]).is_file()


def test_the_first_command_installs_this_folder_and_builds_by_a_command_that_is_shown_further_below() -> None:
    make, install, build = (shlex.split(part) for part in FIRST.split("&&"))

    assert make[:3] == ["python3", "-m", "venv"]
    assert install == [f"{make[3]}/bin/pip", "install", "--quiet", "."]
    assert build[0] == f"{make[3]}/bin/kpi"
    assert build[1] in COMMANDS
    assert ("kpi", *build[1:]) in [command.words for command in README.commands()]


def test_the_readme_asks_for_the_python_that_the_package_asks_for() -> None:
    wanted = re.search(
        r'requires-python = ">=([0-9.]+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    )

    assert wanted
    assert f"Python {wanted[1]} or newer" in README.text


def test_the_finding_of_the_readme_is_what_is_printed(tmp_path: Path) -> None:
    [shown] = [block.text for block in README.blocks("text") if block.text.startswith("error[")]
    wrong = re.search(r"^\d+ \| (expression: .*)$", shown, re.MULTILINE)
    path = re.search(r"--> (\S+?):", shown)
    assert wrong
    assert path
    project_of(README, tmp_path)
    page = tmp_path / "kpis" / "page.yaml"
    kpi_block, *others = page.read_text(encoding="utf-8").split("---\n")
    rest = "---\n".join(others).replace("sales.order_lines ", "data/order_lines.csv ")
    page.write_text(rest, encoding="utf-8")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "order_lines.csv").write_text(
        "order_id,ordered_on,channel,status,quantity,unit_price,unit_cost,discount\n", encoding="utf-8"
    )
    (tmp_path / path[1]).write_text(kpi_block, encoding="utf-8")
    assert findings(tmp_path) == [] or all(f["severity"] == "warning" for f in findings(tmp_path))

    broken = re.sub(r"^expression: .*$", wrong[1], kpi_block, flags=re.MULTILINE)
    (tmp_path / path[1]).write_text(broken, encoding="utf-8")
    code, out, _ = kpi(["check", path[1]], tmp_path)

    assert code == 1
    assert out.split("\n\n")[0].strip() == shown.strip()


def test_the_exit_codes_of_the_readme_are_those_of_the_commands_page() -> None:
    [line] = [line for line in README.text.splitlines() if line.startswith("Exit codes:")]

    assert re.findall(r"\b([0-9]) ", line) == ["0", "1", "2", "3"]
