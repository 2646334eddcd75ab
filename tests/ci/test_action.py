"""The action for GitHub: its steps are run as a runner would, with inputs of a stranger, too."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from shell_steps import BIN, EXPRESSION, ROOT, SOUND, WARNED, WRONG, bash, checkout, filled, load, written

ACTION = load(ROOT / "action.yml")
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
INPUTS = {name: told["default"] for name, told in ACTION["inputs"].items()}
HOSTILE = [
    "; touch pwned",
    "$(touch pwned)",
    "`touch pwned`",
    '" && touch pwned; "',
    "x\ntouch pwned",
    "--help",
    "-h",
]


class Runner:
    """A runner in the middle of a job: a checkout, a folder for temporary files, outputs of steps."""

    def __init__(self, folder: Path) -> None:
        self.workspace, self.temporary = folder / "workspace", folder / "temporary"
        self.summary, self.output = folder / "summary.md", folder / "output"
        self.python = sys.executable
        self.workspace.mkdir()
        self.temporary.mkdir()
        (self.workspace / ".git").mkdir()
        (self.workspace / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
        self.summary.touch()
        self.output.touch()

    def step(self, name: str, action: Path = ROOT, **inputs: str) -> subprocess.CompletedProcess[str]:
        """Run a step by its name. `inputs` have `_` for `-`."""
        (step,) = (step for step in STEPS if step.get("name") == name)
        given = {f"inputs.{name}": value for name, value in INPUTS.items()}
        given |= {f"inputs.{name.replace('_', '-')}": value for name, value in inputs.items()}
        given["steps.python.outputs.python-path"] = self.python
        environment = {
            **{name: filled(value, given) for name, value in step["env"].items()},
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(action),
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_OUTPUT": str(self.output),
            "RUNNER_TEMP": str(self.temporary),
        }
        return bash(step["run"], self.workspace, environment, ["-e", "-o", "pipefail"])

    def install_ours(self) -> None:
        """Put the command where the step before would have, without the time that it takes."""
        (self.temporary / "kpiascode" / "bin").mkdir(parents=True)
        (self.temporary / "kpiascode" / "bin" / "kpi").symlink_to(BIN / "kpi")

    def pwned(self) -> list[Path]:
        return list(self.workspace.parent.rglob("pwned"))


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    made = Runner(tmp_path)
    yield made
    assert made.pwned() == []


@pytest.fixture
def check(runner: Runner) -> Runner:
    runner.install_ours()
    return runner


INSTALL, CHECK = "Install kpiascode", "Check the KPIs"


# --- what the shell gets


def test_inputs_reach_the_shell_through_the_environment_only() -> None:
    scripts = [step["run"] for step in STEPS if "run" in step]

    assert len(scripts) == 2
    assert all("${{" not in script for script in scripts)


def test_every_input_is_used_and_every_input_that_is_used_is_declared() -> None:
    used = {
        name
        for step in STEPS
        for text in (*step.get("env", {}).values(), *map(str, step.get("with", {}).values()))
        for name in EXPRESSION.findall(text)
        if name.startswith("inputs.")
    }

    assert used == {f"inputs.{name}" for name in INPUTS}


def test_the_findings_are_sent_to_code_scanning_only_where_they_were_written() -> None:
    (upload,) = (step for step in STEPS if "upload-sarif" in step.get("uses", ""))

    assert "steps.check.outputs.sarif != ''" in upload["if"]
    assert upload["with"]["sarif_file"] == "${{ steps.check.outputs.sarif }}"


# --- installing


def test_the_action_installs_its_own_code_and_checks_with_it(runner: Runner, tmp_path: Path) -> None:
    """Files of a stranger with the names of modules lie in the working folder, and are not run."""
    traps = {
        f"{name}.py": "open('pwned', 'w')\n"
        for name in ("venv", "pip", "ensurepip", "click", "kpiascode", "json")
    }
    written(runner.workspace, SOUND, WRONG, traps)
    (tmp_path / "action").mkdir()

    installed = runner.step(INSTALL, action=checkout(tmp_path / "action"))
    assert installed.returncode == 0, installed.stderr
    checked = runner.step(CHECK)

    assert checked.returncode == 1, checked.stderr
    assert "file=kpis/wrong.yaml,line=4" in checked.stdout
    assert "unknown-org-unit" in runner.summary.read_text()


@pytest.mark.parametrize(
    "version", [*HOSTILE, "0.1.0 --index-url=https://example.com", "1.0; x", "/etc", "@ file:///x"]
)
def test_a_version_is_a_version_or_nothing_is_installed(runner: Runner, version: str) -> None:
    result = runner.step(INSTALL, version=version)

    assert result.returncode == 2
    assert result.stdout.startswith("::error::")
    assert not list(runner.temporary.iterdir())


@pytest.mark.parametrize("version", ["0.1.0", "1.2", "1.0rc1", "1.0.post1"])
def test_a_version_is_asked_of_the_package_index(runner: Runner, version: str, tmp_path: Path) -> None:
    """Python is a program here that writes down what it is told, and so is the pip that it makes."""
    teller = '#!/bin/sh\necho "$@"\n'
    python = tmp_path / "python"
    folder = runner.temporary / "kpiascode" / "bin"
    python.write_text(teller)
    python.chmod(0o755)
    folder.mkdir(parents=True)
    (folder / "pip").write_text(teller)
    (folder / "pip").chmod(0o755)
    runner.python = str(python)

    result = runner.step(INSTALL, version=version)

    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [
        f"-I -m venv {runner.temporary}/kpiascode",
        f"install --quiet --disable-pip-version-check kpiascode=={version}",
    ]


# --- checking


def test_a_sound_project_passes(check: Runner) -> None:
    written(check.workspace, SOUND)

    result = check.step(CHECK)

    assert (result.returncode, result.stdout) == (0, ""), result.stderr
    assert check.output.read_text() == ""


def test_a_project_in_a_folder_is_told_by_the_paths_of_the_repository(check: Runner) -> None:
    written(check.workspace / "our metrics", SOUND, WRONG)

    assert check.step(CHECK).returncode == 2
    result = check.step(CHECK, project="our metrics")

    assert result.returncode == 1
    assert "file=our metrics/kpis/wrong.yaml,line=4" in result.stdout


def test_strict_fails_on_a_warning(check: Runner) -> None:
    written(check.workspace, SOUND, WARNED)

    lenient, strict = check.step(CHECK), check.step(CHECK, strict="true")

    assert (lenient.returncode, strict.returncode) == (0, 1)
    assert "::warning" in lenient.stdout


def test_only_some_files_are_told(check: Runner) -> None:
    written(check.workspace, SOUND, WRONG)

    assert check.step(CHECK, paths="kpis/shop.yaml\n").returncode == 0
    assert check.step(CHECK, paths="kpis/shop.yaml\nkpis/wrong.yaml\n").returncode == 1


def test_known_findings_are_not_told(check: Runner) -> None:
    written(check.workspace, SOUND, WARNED)
    subprocess.run(
        [str(BIN / "kpi"), "check", "--write-baseline", "known.json"],
        cwd=check.workspace,
        check=True,
        capture_output=True,
    )

    result = check.step(CHECK, strict="true", baseline="known.json")

    assert (result.returncode, result.stdout) == (0, ""), result.stderr


def test_code_scanning_gets_the_findings_and_the_job_fails_all_the_same(check: Runner) -> None:
    written(check.workspace, SOUND, WRONG)

    result = check.step(CHECK, code_scanning="true")

    assert result.returncode == 1
    assert "::error" in result.stdout
    (name, _, file) = check.output.read_text().strip().partition("=")
    (run,) = json.loads(Path(file).read_text())["runs"]
    assert (name, [found["ruleId"] for found in run["results"]]) == ("sarif", ["unknown-org-unit"])


@pytest.mark.parametrize("flag", ["yes", "True", "", *HOSTILE])
def test_a_flag_is_true_or_false(check: Runner, flag: str) -> None:
    written(check.workspace, SOUND)

    for result in (check.step(CHECK, strict=flag), check.step(CHECK, code_scanning=flag)):
        assert result.returncode == 2
        assert result.stdout == "::error::The inputs strict and code-scanning are true or false.\n"


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", ["project", "paths", "baseline"])
def test_a_hostile_input_is_a_name_that_does_not_exist(check: Runner, name: str, text: str) -> None:
    written(check.workspace, SOUND)

    result = check.step(CHECK, **{name: text})

    assert result.returncode in (1, 2)
    assert "Usage: kpi check [OPTIONS]" not in result.stdout
    assert not (check.workspace / "touch pwned").exists()
