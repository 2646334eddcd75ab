"""The action for GitHub: its steps are run as a runner would, with inputs of a stranger, too."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from shell_steps import BIN, EXPRESSION, ROOT, SOUND, WARNED, WRONG, bash, checkout, filled, load, written

from hosts_stand_in import HEAD, OLD, TOKEN, Failure, Site, started

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
        self.base, self.head = OLD, HEAD
        self.pull_request: dict[str, str] = {}
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
        given["steps.review.outputs.code"] = self.outputs().get("code", "")
        given["github.token"] = TOKEN
        given["github.event.pull_request.base.sha"] = self.base
        given["github.event.pull_request.head.sha"] = self.head
        environment = {
            **self.pull_request,
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

    def outputs(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self.output.read_text().splitlines())

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

    assert len(scripts) == 5
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

    for name in ("strict", "code_scanning", "review"):
        result = check.step(CHECK, **{name: flag})
        assert result.returncode == 2
        assert result.stdout == "::error::The inputs strict, code-scanning and review are true or false.\n"


def test_a_gate_without_a_review_is_no_gate(check: Runner) -> None:
    written(check.workspace, SOUND)

    assert check.step(CHECK, fail_on="breaking").returncode == 2
    assert check.step(CHECK, fail_on="breaking", review="true").returncode == 0


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", ["project", "paths", "baseline"])
def test_a_hostile_input_is_a_name_that_does_not_exist(check: Runner, name: str, text: str) -> None:
    written(check.workspace, SOUND)

    result = check.step(CHECK, **{name: text})

    assert result.returncode in (1, 2)
    assert "Usage: kpi check [OPTIONS]" not in result.stdout
    assert not (check.workspace / "touch pwned").exists()


# --- reviewing

REVIEW, SHOW, JUDGE = "Review the change", "Show the review", "Judge the change"
MARKER: Final = "<!-- kpiascode:review key=ci KPI CI/review -->"
DIFFERS: Final = f"{MARKER}\n### KPI review: 1 value-changing\n"


class PullRequest(Runner):
    """A runner of a pull request, and the host where it is discussed."""

    def __init__(self, folder: Path, site: Site) -> None:
        super().__init__(folder)
        self.site, self.told = site, folder / "told"
        self.event(source="acme/shop")
        self.pull_request = {
            "GITHUB_WORKFLOW": "KPI CI",
            "GITHUB_JOB": "review",
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_EVENT_PATH": str(folder / "event.json"),
            "GITHUB_API_URL": site.address,
            "GITHUB_RUN_NUMBER": "12",
            "GITHUB_RUN_ATTEMPT": "1",
        }

    def event(self, source: str) -> None:
        head = {"sha": self.head, "repo": {"full_name": source}}
        (self.workspace.parent / "event.json").write_text(
            json.dumps({"pull_request": {"number": 7, "head": head}})
        )

    def install_stand_in(self, said: str, code: int) -> None:
        """Put a `kpi` whose `diff` says a text, ends with a code, and writes down what it is told and knows."""
        (self.temporary / "said").write_text(said)
        program = self.temporary / "kpiascode" / "bin" / "kpi"
        program.parent.mkdir(parents=True)
        program.write_text(
            f"#!/bin/bash\n"
            f'if [ "$1" != diff ]; then exec "{BIN / "kpi"}" "$@"; fi\n'
            f'printf "%s\\n" "$@" > "{self.told}"; env > "{self.told}.env"\n'
            f'cat "{self.temporary / "said"}"; exit {code}\n'
        )
        program.chmod(0o755)

    def review(self, **inputs: str) -> list[int]:
        """Run the steps as a job does; return how they ended. One that nobody waits for is left out."""
        codes = [self.step(REVIEW, **inputs).returncode]
        if "code" in self.outputs():
            codes += [self.step(name, **inputs).returncode for name in (SHOW, JUDGE)]
        return codes


@pytest.fixture
def pull_request(tmp_path: Path) -> Iterator[PullRequest]:
    site = started()
    made = PullRequest(tmp_path, site)
    yield made
    site.shutdown()
    site.server_close()
    assert made.pwned() == []


def conditions() -> dict[str, str]:
    return {step["name"]: " ".join(step["if"].split()) for step in STEPS if "if" in step and "name" in step}


def test_a_review_is_made_of_pull_requests_only_and_only_where_it_is_wanted() -> None:
    told = conditions()[REVIEW]

    assert "inputs.review == 'true'" in told
    assert "github.event_name == 'pull_request'" in told
    assert INPUTS["review"] == "false"


def test_a_review_is_shown_and_judged_though_the_check_or_the_posting_failed() -> None:
    assert (
        conditions()[SHOW] == conditions()[JUDGE] == "${{ !cancelled() && steps.review.outputs.code != '' }}"
    )
    assert conditions()[REVIEW].startswith("${{ !cancelled() && ")


def test_the_review_is_shown_before_it_is_judged() -> None:
    names = [step.get("name") for step in STEPS]

    assert names.index(REVIEW) < names.index(SHOW) < names.index(JUDGE)


def test_only_the_step_that_posts_has_the_token(pull_request: PullRequest) -> None:
    pull_request.install_stand_in(DIFFERS, 0)
    pull_request.review()

    assert [step["name"] for step in STEPS if "github.token" in str(step.get("env"))] == [SHOW]
    assert TOKEN not in Path(f"{pull_request.told}.env").read_text()


def test_a_change_is_reviewed_in_a_comment_and_in_the_summary(pull_request: PullRequest) -> None:
    pull_request.install_stand_in(DIFFERS, 0)

    assert pull_request.review() == [0, 0, 0]

    (body,) = pull_request.site.bodies
    assert body.startswith(MARKER)
    assert body.endswith("### KPI review: 1 value-changing\n")
    assert "### KPI review: 1 value-changing" in pull_request.summary.read_text()
    assert pull_request.told.read_text().splitlines() == [
        "diff",
        "--project=.",
        "--format",
        "markdown",
        "--key=ci KPI CI/review",
        "--",
        OLD,
        HEAD,
    ]


def test_each_project_of_a_repository_has_its_own_comment(pull_request: PullRequest) -> None:
    pull_request.install_stand_in(DIFFERS, 0)

    pull_request.review(project="metrics")

    assert "--key=ci KPI CI/review metrics" in pull_request.told.read_text().splitlines()


def test_the_comment_is_posted_and_then_the_job_fails(pull_request: PullRequest) -> None:
    pull_request.install_stand_in(DIFFERS, 1)

    assert pull_request.review(fail_on="value-changing") == [0, 0, 1]

    assert len(pull_request.site.bodies) == 1
    assert "--fail-on=value-changing" in pull_request.told.read_text().splitlines()


@pytest.mark.parametrize(("said", "code"), [("", 1), ("", 2), (DIFFERS, 2), ("", 3), (DIFFERS, 3)])
def test_a_review_that_was_not_made_fails_the_job_and_is_not_shown(
    pull_request: PullRequest, said: str, code: int
) -> None:
    pull_request.install_stand_in(said, code)

    assert pull_request.review() == [code]
    assert pull_request.site.requests == []


def test_the_review_of_a_fork_is_in_the_summary_and_judged(pull_request: PullRequest) -> None:
    pull_request.install_stand_in(DIFFERS, 1)
    pull_request.event(source="stranger/shop")
    pull_request.site.failures = [Failure(403, only="POST")]

    assert pull_request.review(fail_on="value-changing") == [0, 0, 1]
    assert "### KPI review" in pull_request.summary.read_text()


def test_a_token_that_may_not_comment_fails_the_job(pull_request: PullRequest) -> None:
    pull_request.install_stand_in(DIFFERS, 0)
    pull_request.site.failures = [Failure(403, only="POST")]

    assert pull_request.review() == [0, 3, 0]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", ["project", "fail_on"])
def test_a_hostile_input_of_a_review_is_one_word(pull_request: PullRequest, name: str, text: str) -> None:
    pull_request.install_stand_in(DIFFERS, 0)

    pull_request.review(**{name: text})

    assert f"--{name.replace('_', '-')}={text}" in pull_request.told.read_text()
    assert not list(pull_request.workspace.parent.rglob("*pwned*"))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_commit_is_one_word(pull_request: PullRequest, text: str) -> None:
    pull_request.install_stand_in(DIFFERS, 0)
    pull_request.base = text

    pull_request.review()

    assert f"--\n{text}\n{HEAD}\n" in pull_request.told.read_text()


# --- a real review

BIKES: Final = {
    "kpis/bikes.yaml": (
        "kind: dataset\nname: rentals\nsource: data/rentals.csv\ntime: day\n"
        "---\nkind: kpi\nname: rented\ntitle: Rented bikes\ndescription: Bikes that were rented.\nowner: sales\n"
        "applies_to: [shop]\ndataset: rentals\nexpression: sum(bikes)\ngrain: month\nunit: count\ndirection: higher\n"
    ),
    "data/rentals.csv": "day,bikes,kind\n2025-11-03,10,city\n2025-11-04,4,cargo\n",
}
NARROWED: Final = {"kpis/bikes.yaml": BIKES["kpis/bikes.yaml"] + "where: kind = 'city'\n"}
REWORDED: Final = {"kpis/bikes.yaml": "# Bikes.\n" + BIKES["kpis/bikes.yaml"]}


class Repository(PullRequest):
    """A pull request in a repository of git, reviewed by the command itself."""

    def __init__(self, folder: Path, site: Site) -> None:
        super().__init__(folder, site)
        (self.workspace / ".git" / "HEAD").unlink()
        (self.workspace / ".git").rmdir()
        self.git("init", "--quiet", "--initial-branch=main")
        self.install_ours()
        self.base = self.commit(SOUND, BIKES)

    def git(self, *words: str) -> str:
        who = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
        named = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
        found = subprocess.run(
            ["git", *named, *words],
            cwd=self.workspace,
            env={**os.environ, **who},
            capture_output=True,
            text=True,
            check=True,
        )
        return found.stdout.strip()

    def commit(self, *files: dict[str, str]) -> str:
        written(self.workspace, *files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=Next")
        return self.git("rev-parse", "HEAD")

    def push(self, *files: dict[str, str]) -> None:
        """Make the newest commit of the pull request."""
        self.head = self.site.head = self.commit(*files)
        self.event(source="acme/shop")
        self.output.write_text("")
        self.pull_request["GITHUB_RUN_NUMBER"] = str(int(self.pull_request["GITHUB_RUN_NUMBER"]) + 1)


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    site = started()
    yield Repository(tmp_path, site)
    site.shutdown()
    site.server_close()


def test_a_filter_is_narrowed_and_taken_back(repository: Repository) -> None:
    repository.push(NARROWED)
    assert repository.review() == [0, 0, 0]
    (body,) = repository.site.bodies
    assert body.startswith("<!-- kpiascode:review key=ci KPI CI/review -->\n<!-- kpiascode:run 13.1 sha=")
    assert "1 value-changing" in body
    assert "rented" in body
    assert "rented" in repository.summary.read_text()

    repository.push(BIKES)
    assert repository.review() == [0, 0, 0]
    (body,) = repository.site.bodies
    assert body.endswith("No KPI changes in the latest revision.\n")


def test_a_change_of_no_kpi_has_no_comment(repository: Repository) -> None:
    repository.push(REWORDED)

    assert repository.review() == [0, 0, 0]
    assert repository.site.writes == []
    assert "No KPI changes." in repository.summary.read_text()


def test_what_others_merge_meanwhile_is_not_in_the_review(repository: Repository) -> None:
    """The commit that is checked out merges the pull request into main, where a filter was narrowed."""
    repository.git("checkout", "--quiet", "-b", "topic")
    repository.push(REWORDED | {"README.md": "Bikes.\n"})
    repository.git("checkout", "--quiet", "main")
    repository.base = repository.commit(
        {
            "kpis/other.yaml": NARROWED["kpis/bikes.yaml"]
            .partition("---\n")[2]
            .replace("name: rented", "name: other")
        }
    )
    repository.git("merge", "--quiet", "--no-edit", "topic")

    assert repository.review() == [0, 0, 0]
    assert repository.site.writes == []


@pytest.mark.parametrize(("least", "code"), [("value-changing", 1), ("unknown", 0)])
def test_the_gate_is_the_one_of_the_command(repository: Repository, least: str, code: int) -> None:
    repository.push(NARROWED)

    assert repository.review(fail_on=least) == [0, 0, code]
    assert len(repository.site.bodies) == 1


def test_a_class_that_does_not_exist_fails_the_job(repository: Repository) -> None:
    repository.push(NARROWED)

    assert repository.review(fail_on="everything") == [2]
    assert repository.site.requests == []


@pytest.mark.parametrize(
    "name",
    ["KPIs: all of them 🚀", "a -- b\n---", "x" * 300],
)
def test_a_workflow_may_have_any_name(repository: Repository, name: str) -> None:
    repository.pull_request["GITHUB_WORKFLOW"] = name
    repository.push(NARROWED)

    assert repository.review() == [0, 0, 0]
    assert len(repository.site.bodies) == 1


def test_a_project_in_a_folder_is_reviewed(repository: Repository) -> None:
    moved = {f"our metrics/{path}": text for path, text in (SOUND | BIKES).items()}
    repository.base = repository.commit(moved)
    repository.push({f"our metrics/{path}": text for path, text in NARROWED.items()})

    assert repository.review(project="our metrics") == [0, 0, 0]
    (body,) = repository.site.bodies
    assert body.startswith("<!-- kpiascode:review key=ci KPI CI/review our metrics -->")


def test_a_clone_that_is_too_shallow_fails_and_says_what_to_fetch(
    repository: Repository, tmp_path: Path
) -> None:
    repository.push(NARROWED)
    repository.git("clone", "--quiet", "--depth=1", repository.workspace.as_uri(), str(tmp_path / "shallow"))
    repository.workspace = tmp_path / "shallow"

    result = repository.step(REVIEW)

    assert result.returncode == 2
    assert "fetch-depth: 0" in result.stderr
