"""The job for GitLab: its script is run as a runner would, but for pip."""

import json
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from shell_steps import BIN, ROOT, SOUND, WARNED, WRONG, bash, fits, load, written

from kpiascode import __version__

TEMPLATE = ROOT / "templates" / "kpi-check.gitlab-ci.yml"
JOB = load(TEMPLATE)["kpi-check"]


def run(folder: Path, project: str = JOB["variables"]["KPI_PROJECT"]) -> subprocess.CompletedProcess[str]:
    """Run the lines of the script, with a pip that only writes down what it is told."""
    programs = folder.parent / "programs"
    programs.mkdir()
    (programs / "pip").write_text('#!/bin/sh\necho "$@" > "$PIP_TOLD"\n')
    (programs / "pip").chmod(0o755)
    (programs / "kpi").symlink_to(BIN / "kpi")
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    environment = {
        **JOB["variables"],
        "KPI_PROJECT": project,
        "CI": "true",
        "PATH": f"{programs}:/usr/bin:/bin",
        "PIP_TOLD": str(programs / "told"),
    }
    return bash("\n".join(JOB["script"]), folder, environment, ["-e", "-o", "pipefail"])


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "workspace").mkdir()
    return tmp_path / "workspace"


def test_the_template_is_one_for_gitlab() -> None:
    fits("vendor.gitlab-ci", TEMPLATE)


def test_it_installs_the_release_that_it_comes_with(workspace: Path) -> None:
    run(written(workspace, SOUND))

    assert (
        workspace.parent / "programs" / "told"
    ).read_text() == f"install --quiet kpiascode=={__version__}\n"


def test_a_sound_project_passes_with_empty_reports(workspace: Path) -> None:
    result = run(written(workspace, SOUND))

    assert result.returncode == 0, result.stderr
    assert json.loads((workspace / JOB["artifacts"]["reports"]["codequality"]).read_text()) == []
    assert not ElementTree.parse(workspace / JOB["artifacts"]["reports"]["junit"]).findall(".//failure")


def test_a_mistake_fails_the_job_and_is_in_the_log_and_in_both_reports(workspace: Path) -> None:
    written(workspace / "our metrics", SOUND, WRONG)

    result = run(workspace, project="our metrics")

    assert result.returncode == 1
    assert "error[unknown-org-unit]" in result.stdout
    (found,) = json.loads((workspace / JOB["artifacts"]["reports"]["codequality"]).read_text())
    assert found["location"] == {**found["location"], "path": "our metrics/kpis/wrong.yaml"}
    assert ElementTree.parse(workspace / JOB["artifacts"]["reports"]["junit"]).findall(".//failure")
    assert JOB["artifacts"]["when"] == "always"


def test_a_warning_is_reported_and_passes(workspace: Path) -> None:
    result = run(written(workspace, SOUND, WARNED))

    assert result.returncode == 0
    assert json.loads((workspace / JOB["artifacts"]["reports"]["codequality"]).read_text())


@pytest.mark.parametrize("project", ["no_such_folder", "; touch pwned", "$(touch pwned)", "--help"])
def test_a_project_that_is_not_there_ends_the_job_at_once(workspace: Path, project: str) -> None:
    result = run(written(workspace, SOUND), project=project)

    assert result.returncode not in (0, None)
    assert "holds no kpiascode.yaml" in result.stderr
    assert not (workspace / JOB["artifacts"]["reports"]["junit"]).exists()
    assert not list(workspace.parent.rglob("pwned"))
