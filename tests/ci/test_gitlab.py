"""The jobs for GitLab: their scripts are run as a runner would, but for pip."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from shell_steps import BIN, ROOT, SOUND, WARNED, WRONG, bash, fits, load, written

from hosts_stand_in import HEAD, NEW, OLD, TOKEN, Site, started
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


# --- the review

REVIEW = ROOT / "templates" / "kpi-review.gitlab-ci.yml"
REVIEWER = load(REVIEW)["kpi-review"]
MARKER = "<!-- kpiascode:review key=ci kpi-review . -->"
DIFFERS = f"{MARKER}\n### KPI review: 1 value-changing\n"


def harmless(text: str) -> str:
    """Return a text as it stands in a key, where `kpi diff` takes few characters."""
    return re.sub("-+", "-", re.sub("[^A-Za-z0-9 ._/-]", "_", text))


class MergeRequest:
    """A pipeline of a merge request, with a `kpi` whose `diff` says a text and writes down what it is told."""

    def __init__(self, folder: Path, site: Site) -> None:
        self.folder, self.site = folder / "workspace", site
        self.programs = folder / "programs"
        self.variables: dict[str, str] = {
            **REVIEWER["variables"],
            "CI": "true",
            "GITLAB_CI": "true",
            "CI_API_V4_URL": site.address,
            "CI_PROJECT_ID": "42",
            "CI_MERGE_REQUEST_IID": "7",
            "CI_MERGE_REQUEST_PROJECT_ID": "42",
            "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "42",
            "CI_MERGE_REQUEST_DIFF_BASE_SHA": OLD,
            "CI_COMMIT_SHA": HEAD,
            "CI_PIPELINE_ID": "12",
            "CI_JOB_ID": "1",
            "CI_JOB_NAME": "kpi-review",
            "KPI_GITLAB_TOKEN": TOKEN,
            "PATH": f"{self.programs}:/usr/bin:/bin",
        }
        self.programs.mkdir()
        self.folder.mkdir()

    def review(
        self, said: str = DIFFERS, code: int = 0, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        (self.programs / "said").write_text(said)
        programs = {
            "pip": "exit 0",
            "kpi": f'if [ "$1" != diff ]; then exec "{BIN / "kpi"}" "$@"; fi\n'
            f'printf "%s\\n" "$@" > "{self.programs}/told"; env > "{self.programs}/environment"\n'
            f'cat "{self.programs}/said"; exit {code}',
        }
        for name, script in programs.items():
            (self.programs / name).write_text(f"#!/bin/bash\n{script}\n")
            (self.programs / name).chmod(0o755)
        script = "\n".join(REVIEWER["script"])
        return bash(script, self.folder, {**self.variables, **variables}, ["-e", "-o", "pipefail"])

    def told(self) -> list[str]:
        return (self.programs / "told").read_text().splitlines()


@pytest.fixture
def merge_request(tmp_path: Path) -> Iterator[MergeRequest]:
    site = started()
    yield MergeRequest(tmp_path, site)
    site.shutdown()
    site.server_close()
    assert not list(tmp_path.rglob("pwned"))


def test_the_review_is_a_template_for_gitlab_of_the_same_release() -> None:
    fits("vendor.gitlab-ci", REVIEW)
    assert REVIEWER["variables"]["KPI_VERSION"] == __version__


def test_a_change_is_reviewed_in_a_note_and_kept(merge_request: MergeRequest) -> None:
    result = merge_request.review()

    assert result.returncode == 0, result.stderr
    (body,) = merge_request.site.bodies
    assert body.startswith(MARKER)
    assert merge_request.told() == [
        "diff",
        "--project=.",
        "--format",
        "markdown",
        "--key=ci kpi-review .",
        "--",
        OLD,
        HEAD,
    ]
    assert (merge_request.folder / REVIEWER["artifacts"]["paths"][0]).read_text() == DIFFERS
    assert REVIEWER["artifacts"]["when"] == "always"


def test_what_reads_the_change_does_not_have_the_token(merge_request: MergeRequest) -> None:
    merge_request.review()

    assert TOKEN not in (merge_request.programs / "environment").read_text()


def test_with_merged_results_the_branch_is_reviewed(merge_request: MergeRequest) -> None:
    result = merge_request.review(CI_COMMIT_SHA=NEW, CI_MERGE_REQUEST_SOURCE_BRANCH_SHA=HEAD)

    assert (result.returncode, merge_request.told()[-1]) == (0, HEAD)
    assert len(merge_request.site.bodies) == 1


def test_the_note_is_written_and_then_the_job_fails(merge_request: MergeRequest) -> None:
    result = merge_request.review(code=1, KPI_FAIL_ON="value-changing")

    assert result.returncode == 1
    assert "--fail-on=value-changing" in merge_request.told()
    assert len(merge_request.site.bodies) == 1


@pytest.mark.parametrize(("said", "code"), [("", 1), ("", 2), (DIFFERS, 2), (DIFFERS, 3)])
def test_a_review_that_was_not_made_is_not_shown(merge_request: MergeRequest, said: str, code: int) -> None:
    assert merge_request.review(said, code).returncode == code
    assert merge_request.site.requests == []


def test_the_pipeline_of_a_fork_passes_without_a_note(merge_request: MergeRequest) -> None:
    result = merge_request.review(
        KPI_GITLAB_TOKEN="", CI_PROJECT_ID="43", CI_MERGE_REQUEST_SOURCE_PROJECT_ID="43"
    )

    assert result.returncode == 0, result.stderr
    assert "is in the artifacts of this job" in result.stdout


def test_without_a_token_the_job_says_what_to_do(merge_request: MergeRequest) -> None:
    result = merge_request.review(KPI_GITLAB_TOKEN="")

    assert result.returncode == 2
    assert "make it a masked variable" in " ".join(result.stderr.split())


@pytest.mark.parametrize("text", ["; touch pwned", "$(touch pwned)", "`touch pwned`", "x y", "--help", "*"])
def test_a_hostile_variable_of_a_review_is_one_word(merge_request: MergeRequest, text: str) -> None:
    merge_request.review(KPI_PROJECT=text, KPI_FAIL_ON=text, CI_MERGE_REQUEST_DIFF_BASE_SHA=text)

    assert merge_request.told() == [
        "diff",
        f"--project={text}",
        "--format",
        "markdown",
        f"--key=ci kpi-review {harmless(text)}",
        f"--fail-on={text}",
        "--",
        text,
        HEAD,
    ]
