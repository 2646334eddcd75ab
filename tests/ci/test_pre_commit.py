"""The hooks for pre-commit: the real one installs them from a checkout, and commits run them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from shell_steps import BIN, SOUND, WRONG, checkout, written

CONFIG = """\
repos:
  - repo: {repository}
    rev: {revision}
    hooks: [{{id: {hook}}}]
"""
MENDABLE = {
    "kpis/mendable.yaml": "kind: owner\nname: other\ntitle: NO\norg_unit: shop\ncontact: x\n",
}
ME = (
    "-c",
    "user.name=me",
    "-c",
    "user.email=me@example.com",
    "-c",
    "commit.gpgsign=false",
    "-c",
    "core.hooksPath=/",
)


def git(folder: Path, *arguments: str) -> str:
    result = subprocess.run(["git", *ME, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return this repository as it is now, committed in a place of its own."""
    folder = checkout(tmp_path_factory.mktemp("hooks"))
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "as it is")
    return folder


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where pre-commit installs hooks, which it does once."""
    return tmp_path_factory.mktemp("cache")


def hooked(repository: Path, cache: Path, folder: Path, hook: str) -> subprocess.CompletedProcess[str]:
    """Run a hook over all that is in the index of a repository."""
    if not (folder / ".git").is_dir():
        git(folder, "init", "--quiet")
    config = CONFIG.format(repository=repository, revision=git(repository, "rev-parse", "HEAD"), hook=hook)
    (folder / ".pre-commit-config.yaml").write_text(config, encoding="utf-8")
    git(folder, "add", ".")
    return subprocess.run(
        [str(BIN / "pre-commit"), "run", "--all-files", "--color", "never"],
        cwd=folder,
        env={**os.environ, "PRE_COMMIT_HOME": str(cache)},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


def test_the_hooks_find_and_mend(repository: Path, cache: Path, tmp_path: Path) -> None:
    """One test, since installing the hooks takes its time."""
    result = hooked(repository, cache, written(tmp_path, SOUND), "kpi-check")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Passed" in result.stdout

    result = hooked(repository, cache, written(tmp_path, WRONG), "kpi-check")
    assert result.returncode == 1
    assert "error[unknown-org-unit]: " in result.stdout
    assert "--> kpis/wrong.yaml:4:11" in result.stdout

    (tmp_path / "kpis" / "wrong.yaml").unlink()
    before = written(tmp_path, MENDABLE) / "kpis" / "mendable.yaml"
    result = hooked(repository, cache, tmp_path, "kpi-fix")
    assert result.returncode == 1
    assert "files were modified by this hook" in result.stdout
    assert 'title: "NO"' in before.read_text(encoding="utf-8")
    assert hooked(repository, cache, tmp_path, "kpi-fix").returncode == 0

    written(tmp_path, {"notes.txt": "x\n"})
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "x")
    shutil.rmtree(tmp_path / "kpis")
    only_text = subprocess.run(
        [str(BIN / "pre-commit"), "run", "--files", "notes.txt", "--color", "never"],
        cwd=tmp_path,
        env={**os.environ, "PRE_COMMIT_HOME": str(cache)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Skipped" in only_text.stdout
