"""Workflows, the action, hooks and their pages: of the right shape, without a known weakness, and in agreement."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from shell_steps import ROOT, audited, fits, load, tool

from kpiascode import __version__
from kpiascode.cli.main import main
from kpiascode.cli.starter import FILES

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```yaml workflow\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
INIT = FILES[".github/workflows/kpis.yml"].decode()
PINNED = re.compile(r"[\w./-]+@[0-9a-f]{40}")


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_is_one_for_github(file: Path) -> None:
    fits("vendor.github-workflows", file)


def test_the_action_is_one_for_github() -> None:
    fits("vendor.github-actions", ROOT / "action.yml")


@pytest.mark.parametrize(
    "text", [INIT, SHOWN[0], SHOWN[1]], ids=["of init", "of the page", "of the page, for reviews"]
)
def test_a_workflow_that_users_have_is_one_for_github_and_has_no_known_weakness(
    text: str, tmp_path: Path
) -> None:
    file = tmp_path / ".github" / "workflows" / "kpis.yml"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")

    fits("vendor.github-workflows", file)
    # Where two runs of one branch are in each other's way is for users to say.
    found = [
        one for one in audited(file) if one["ident"] not in ("concurrency-limits", "anonymous-definition")
    ]
    assert found == []


def test_nothing_of_ours_has_a_known_weakness() -> None:
    assert audited(ROOT / ".github", ROOT / "action.yml") == []


def test_zizmor_finds_weaknesses(tmp_path: Path) -> None:
    (tmp_path / "action.yml").write_text(
        (ROOT / "action.yml")
        .read_text(encoding="utf-8")
        .replace('"$KPI_VERSION" ]', '"${{ inputs.version }}" ]'),
        encoding="utf-8",
    )

    assert [one["ident"] for one in audited(tmp_path)] == ["template-injection"]


@pytest.mark.parametrize(
    "workflow", [yaml.safe_load(INIT), *map(load, WORKFLOWS)], ids=lambda one: one["name"]
)
def test_a_workflow_has_no_rights_but_to_read(workflow: dict[str, Any]) -> None:
    assert workflow["permissions"] == {}
    assert "pull_request_target" not in str(workflow)
    for job in workflow["jobs"].values():
        assert job["permissions"] == {"contents": "read"}


def test_every_action_is_one_commit_and_the_same_everywhere() -> None:
    texts = [
        INIT,
        *SHOWN,
        *((path.read_text(encoding="utf-8")) for path in (ROOT / "action.yml", *WORKFLOWS)),
    ]
    commits: dict[str, set[str]] = {}
    for used in re.findall(r"uses: (.*)", "\n".join(texts)):
        name, _, version = used.partition(" # ")
        assert PINNED.fullmatch(name), used
        assert re.fullmatch(r"v[0-9]+\.[0-9]+\.[0-9]+", version) or name.startswith("OWNER/"), used
        commits.setdefault(name.partition("@")[0], set()).add(used)

    assert {name: len(found) for name, found in commits.items()} == dict.fromkeys(commits, 1)


def test_ci_runs_what_everybody_can_run() -> None:
    workflow = load(ROOT / ".github" / "workflows" / "ci.yml")

    commands = [step["run"] for step in workflow["jobs"]["test"]["steps"] if "run" in step]

    assert commands == ["bash .ci/run"]
    assert (ROOT / ".ci" / "run").is_file()


# --- hooks


def test_the_hooks_are_ones_for_pre_commit() -> None:
    result = tool("pre-commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml")

    assert result.returncode == 0, result.stdout + result.stderr


def test_the_options_of_the_hooks_exist() -> None:
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")):
        program, *words = hook["entry"].split()
        assert program == "kpi"
        assert CliRunner().invoke(main, [*words, "--help"]).exit_code == 0
        for option in words[1:]:
            assert option in CliRunner().invoke(main, [words[0], "--help"]).stdout


# --- the page


def test_the_page_names_every_input_hook_and_variable() -> None:
    cells = set(re.findall(r"^\| `([^`]+)` \|", PAGE, re.MULTILINE))
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    variables = {
        name
        for template in (ROOT / "templates").glob("*.gitlab-ci.yml")
        for job in load(template).values()
        for name in job["variables"]
    }

    assert cells == {*load(ROOT / "action.yml")["inputs"], *(hook["id"] for hook in hooks), *variables}


def test_what_the_page_shows_for_pre_commit_and_gitlab_is_of_their_shape(tmp_path: Path) -> None:
    *_, gitlab, reviewed, hooks = SHOWN
    (tmp_path / ".pre-commit-config.yaml").write_text(hooks, encoding="utf-8")

    for text in (gitlab, reviewed):
        (tmp_path / ".gitlab-ci.yml").write_text(text, encoding="utf-8")
        fits("vendor.gitlab-ci", tmp_path / ".gitlab-ci.yml")
        assert (ROOT / yaml.safe_load(text)["include"][0]["local"]).is_file()
    result = tool("pre-commit", "validate-config", tmp_path / ".pre-commit-config.yaml")
    assert result.returncode == 0, result.stdout + result.stderr
    assert yaml.safe_load(hooks)["repos"][0]["rev"] == f"v{__version__}"


def test_the_setting_of_the_page_is_the_one_that_init_writes() -> None:
    (pattern,) = re.findall(r'schemas = \{ \["([^"]+)"\] = \{ ([^}]+) \} \}', PAGE)
    written = yaml.safe_load(FILES[".vscode/settings.json"])["yaml.schemas"]

    assert {pattern[0]: re.findall('"([^"]+)"', pattern[1])} == written
