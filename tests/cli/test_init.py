"""`kpi init`: what it writes works at once, and nothing that exists is touched."""

import json
from pathlib import Path

import pytest
import yaml
from command_line import NEW_YEAR, Kpi, process

from kpiascode import __version__


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_new_repository_works(kpi: Kpi, tmp_path: Path) -> None:
    said = kpi.answer("init", "my kpis")

    assert said == (
        f"Wrote {len(files_of(tmp_path))} files to {tmp_path}/my kpis.\n"
        "Next: cd 'my kpis' && kpi check && kpi build --as-of 2026-01-01, and open site/index.html\n"
    )
    folder = tmp_path / "my kpis"
    checked = process("check", "--strict", folder=folder)
    assert (checked.returncode, checked.stdout) == (0, ""), checked.stdout
    ran = process("run", *NEW_YEAR, folder=folder)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "Net sales (EUR)" in ran.stdout
    built = process("build", *NEW_YEAR, folder=folder)
    assert (built.returncode, built.stderr) == (0, "")
    assert (folder / "site" / "index.html").is_file()


def test_the_example_company_works(kpi: Kpi, tmp_path: Path) -> None:
    kpi.answer("init", "--example")

    checked = process("check", "--strict", folder=tmp_path)
    assert (checked.returncode, checked.stdout) == (0, ""), checked.stdout
    ran = process("run", "gross_margin", *NEW_YEAR, "--by", "channel", folder=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    built = process("build", *NEW_YEAR, folder=tmp_path)
    assert (built.returncode, built.stderr) == (0, "")
    assert (tmp_path / "site" / "index.html").is_file()


@pytest.mark.parametrize("flags", [[], ["--example"]])
def test_the_modelines_name_schemas_that_are_there(kpi: Kpi, tmp_path: Path, flags: list[str]) -> None:
    kpi.answer("init", *flags)
    named = 0

    for file in tmp_path.rglob("*.yaml"):
        first = file.read_text(encoding="utf-8").splitlines()[0]
        if "$schema=" in first:
            named += 1
            assert (file.parent / first.split("$schema=")[1]).is_file(), file
    assert named > 1


def test_the_workflow_is_one_that_gives_no_rights_away(kpi: Kpi, tmp_path: Path) -> None:
    kpi.answer("init")
    workflow = yaml.safe_load((tmp_path / ".github" / "workflows" / "kpis.yml").read_text())

    assert workflow["permissions"] == {}
    assert workflow["jobs"]["check"]["permissions"] == {"contents": "read"}
    assert "pull_request_target" not in str(workflow)
    commands = [step["run"] for step in workflow["jobs"]["check"]["steps"] if "run" in step]
    assert commands == [f"pip install kpiascode=={__version__}", "kpi check --format github", "kpi build"]


def test_the_commands_of_the_workflow_pass(kpi: Kpi, tmp_path: Path) -> None:
    kpi.answer("init")
    workflow = yaml.safe_load((tmp_path / ".github" / "workflows" / "kpis.yml").read_text())
    runner = {"CI": "true", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    steps = [step["run"].split() for step in workflow["jobs"]["check"]["steps"] if "run" in step]

    for words in steps[1:]:
        result = process(*words[1:], folder=tmp_path, environment=runner)
        assert (words[0], result.returncode) == ("kpi", 0), result.stderr
        assert "::" not in result.stdout


@pytest.mark.parametrize("flags", [[], ["--example"]])
def test_the_editor_has_the_schema_of_this_version_for_every_file(
    kpi: Kpi, tmp_path: Path, flags: list[str]
) -> None:
    kpi.answer("init", *flags)
    settings = json.loads((tmp_path / ".vscode" / "settings.json").read_text())
    ((schema, patterns),) = settings["yaml.schemas"].items()

    assert kpi("schema", "--check", schema).exit_code == 0
    matched = {file for pattern in patterns for file in tmp_path.glob(pattern.removeprefix("/"))}
    assert matched == set(tmp_path.rglob("*.yaml"))
    assert json.loads((tmp_path / ".vscode" / "extensions.json").read_text()) == {
        "recommendations": ["redhat.vscode-yaml"]
    }


@pytest.mark.parametrize(
    "taken", ["kpiascode.yaml", "data/orders.csv", "kpis", ".github", ".vscode", ".gitignore"]
)
@pytest.mark.parametrize("how", ["a file", "a link to nothing", "a link to a folder"])
def test_nothing_is_written_when_something_is_in_the_way(
    kpi: Kpi, tmp_path: Path, taken: str, how: str
) -> None:
    folder, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (folder / taken).parent.mkdir(parents=True)
    if how == "a file":
        (folder / taken).write_text("mine")
    else:
        (folder / taken).symlink_to("nothing" if how == "a link to nothing" else elsewhere)
    before = files_of(tmp_path)

    result = kpi("init", "here")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "exists already" in result.stderr
    assert "nothing was written" in result.stderr
    assert files_of(tmp_path) == before


def test_a_second_time_is_refused(kpi: Kpi, tmp_path: Path) -> None:
    kpi.answer("init")
    before = files_of(tmp_path)

    assert kpi("init").exit_code == 2
    assert kpi("init", "--example").exit_code == 2
    assert files_of(tmp_path) == before


def test_other_files_are_left_alone(kpi: Kpi, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "more.csv").write_text("mine")

    kpi.answer("init")

    assert (tmp_path / "README.md").read_text() == "mine"
    assert (tmp_path / "data" / "more.csv").read_text() == "mine"


def test_a_place_that_is_no_folder(kpi: Kpi, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")

    assert kpi("init", "file").exit_code == 2
    assert kpi("init", "/proc/nowhere/at/all").exit_code == 3
