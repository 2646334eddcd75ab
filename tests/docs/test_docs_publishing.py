"""docs/publishing.md: its commands are run one after the other, and its loop of git by two that push at once."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from doc_pages import ROOT, Page, kpi

PAGE = Page(ROOT / "docs" / "publishing.md")
COMMANDS = [line for block in PAGE.blocks("sh") for line in block.text.splitlines()]
[LOOP] = [block.text for block in PAGE.blocks("bash")]
BY_ITSELF = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


def words(line: str) -> list[str]:
    program, *rest = shlex.split(line)
    assert program == "kpi"
    return rest


def example(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "kpiascode.yaml", folder)
    shutil.copytree(ROOT / "kpis", folder / "kpis")
    return folder


def test_the_commands_do_what_the_page_says_one_after_the_other(tmp_path: Path) -> None:
    home = example(tmp_path)

    for line in COMMANDS:
        code, out, err = kpi(words(line), home)
        assert code == 0, (line, err)
        assert out, line


def test_the_fields_of_the_table_are_those_of_the_files(tmp_path: Path) -> None:
    home = example(tmp_path)
    kpi(words(COMMANDS[0]), home)
    [file] = (home / "ledger").glob("*/*.jsonl")

    kinds = [
        line.split('"kind":"')[1].split('"')[0] for line in file.read_text(encoding="utf-8").splitlines()
    ]
    assert list(dict.fromkeys(kinds)) == ["publication", "kpi", "value"]


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=Ann", "-c", "user.email=ann@example.com", *words],
        cwd=folder,
        env={**os.environ, **BY_ITSELF},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="the loop is one of bash")
def test_two_that_publish_from_two_clones_at_once_both_get_in(tmp_path: Path) -> None:
    origin, one, other = (tmp_path / name for name in ("origin", "one", "other"))
    origin.mkdir()
    git(origin, "init", "--quiet", "--bare", "--initial-branch", "main")
    git(tmp_path, "clone", "--quiet", str(origin), "one")
    git(one, "checkout", "--quiet", "-b", "main")
    example(one)
    git(one, "add", ".")
    git(one, "commit", "--quiet", "-m", "Begin")
    git(one, "push", "--quiet", "--set-upstream", "origin", "main")
    git(tmp_path, "clone", "--quiet", str(origin), "other")
    program = tmp_path / "bin" / "kpi"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kpiascode "$@"\n')
    program.chmod(0o755)
    environment = os.environ | BY_ITSELF | {"PATH": f"{program.parent}:{os.environ['PATH']}"}
    for name in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{name}_NAME": "Ann", f"GIT_{name}_EMAIL": "ann@example.com"}

    for clone, channel in ((one, "email"), (other, "chat")):
        assert kpi(["publish", "--as-of", "2026-01-01", "--channel", channel], clone)[0] == 0
    loops = [
        subprocess.Popen(["bash", "-c", LOOP], cwd=clone, env=environment, text=True, stdout=subprocess.PIPE)
        for clone in (one, other)
    ]
    told = [loop.communicate()[0] for loop in loops]

    assert [loop.returncode for loop in loops] == [0, 0]
    assert sorted(text.split(",")[0] for text in told) == ["Whole: 1 publication", "Whole: 2 publications"]
    git(tmp_path, "clone", "--quiet", str(origin), "third")
    assert kpi(["ledger", "verify"], tmp_path / "third")[1].startswith("Whole: 2 publications")
