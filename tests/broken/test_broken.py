"""Every broken project gives exactly one finding: the right code, the right place, the right exit code."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from broken_projects import SOUND, Mistake, cases, make
from click.testing import CliRunner, Result

from kpiascode.cli.main import main

AS_OF = ["--as-of", "2026-01-01"]
COMMANDS = {
    "list": ["list"],
    "compile": ["compile", *AS_OF],
    "run": ["run", *AS_OF],
    "run to a file": ["run", *AS_OF, "--format", "parquet", "--output", "values.parquet"],
    "build": ["build", *AS_OF],
}
READING = ("run", "run to a file", "build")


def kpi(folder: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> Result:
    """Run the command in the folder, in this process."""
    monkeypatch.chdir(folder)
    return CliRunner().invoke(main, arguments)


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if os.access(path, os.R_OK) else b""
        for path in folder.rglob("*")
        if path.is_file()
    }


def found_by_check(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Mistake], int]:
    result = kpi(folder, ["check", "--format", "json"], monkeypatch)
    assert "Traceback" not in result.stderr, result.stderr
    found = [
        Mistake(code=finding["code"], path=finding["path"], line=finding["line"], column=finding["column"])
        for finding in json.loads(result.stdout)
    ]
    return found, result.exit_code


def agrees(found: Mistake, mistake: Mistake) -> bool:
    return (found.code, found.path, found.line) == (mistake.code, mistake.path, mistake.line) and (
        mistake.column in (None, found.column)
    )


def assert_one_finding(folder: Path, mistake: Mistake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask every command, and `check` too."""
    before = files_of(folder)
    found, code = found_by_check(folder, monkeypatch)
    if mistake.when_read:
        assert (found, code) == ([], 0)
    else:
        assert len(found) == 1, found
        assert agrees(found[0], mistake), found
        assert code == 1
    for name, arguments in COMMANDS.items():
        if not mistake.when_read or name in READING:
            assert_refused(kpi(folder, arguments, monkeypatch), mistake)
    assert files_of(folder) == before, "nothing is written"


def assert_refused(result: Result, mistake: Mistake) -> None:
    assert result.exit_code == 1, result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr, result.stderr
    assert result.stderr.count("error[") == 1, result.stderr
    assert f"error[{mistake.code}]" in result.stderr, result.stderr
    column = "" if mistake.column is None else f"{mistake.column}\n"
    assert f"--> {mistake.path}:{mistake.line}:{column}" in result.stderr, result.stderr


def test_the_sound_project_has_no_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(SOUND)

    assert CliRunner().invoke(main, ["check", "--strict"]).exit_code == 0
    built = CliRunner().invoke(main, ["build", *AS_OF, "--output", str(tmp_path / "site")])
    assert built.exit_code == 0, built.stderr


@pytest.mark.parametrize("case", cases())
def test_a_mistake_is_one_finding(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mistake = make(case, tmp_path)

    assert mistake.code == case.split("--")[0]
    assert_one_finding(tmp_path, mistake, monkeypatch)


# --- what cannot lie in a repository


def sound_in(folder: Path) -> Path:
    return Path(shutil.copytree(SOUND, folder, dirs_exist_ok=True))


def test_a_symbolic_link_to_data_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = sound_in(tmp_path / "project")
    (project / "data" / "orders.csv").rename(tmp_path / "orders.csv")
    (project / "data" / "orders.csv").symlink_to(tmp_path / "orders.csv")

    assert_one_finding(project, Mistake(code="symlink-refused", path="kpis/shop.yaml", line=20), monkeypatch)


def test_a_symbolic_link_to_definitions_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = sound_in(tmp_path / "project")
    (project / "kpis" / "more.yaml").symlink_to("/etc/hosts")

    assert_one_finding(project, Mistake(code="symlink-refused", path="kpis/more.yaml", line=1), monkeypatch)


def test_a_named_pipe_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = sound_in(tmp_path)
    (project / "data" / "orders.csv").unlink()
    os.mkfifo(project / "data" / "orders.csv")

    assert_one_finding(project, Mistake(code="not-a-file", path="kpis/shop.yaml", line=20), monkeypatch)


@pytest.mark.parametrize("number", ["inf", "nan"])
def test_no_number_in_a_parquet_file(number: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = sound_in(tmp_path)
    definitions = project / "kpis" / "shop.yaml"
    definitions.write_text(definitions.read_text().replace("orders.csv", "orders.parquet"))
    with duckdb.connect(":memory:") as connection:
        connection.execute(
            f"COPY (SELECT DATE '2025-11-03' AS ordered_on, 1 AS customer_id, 'online' AS channel, "
            f"'{number}'::DOUBLE AS amount) TO '{project}/data/orders.parquet' (FORMAT parquet)"
        )

    mistake = Mistake(code="not-finite", path="kpis/shop.yaml", line=19, when_read=True)
    assert_one_finding(project, mistake, monkeypatch)


NOBODY = 65534


@contextmanager
def unprivileged() -> Iterator[None]:
    """Be a user without rights: for root no permission is missing."""
    if os.getuid() != 0:
        yield
        return
    os.setresgid(NOBODY, NOBODY, 0)
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)
        os.setresgid(0, 0, 0)


@pytest.mark.parametrize(
    ("file", "mistake"),
    [
        pytest.param(
            "data/orders.csv", Mistake(code="unreadable-file", path="kpis/shop.yaml", line=20), id="data"
        ),
        pytest.param(
            "kpis/more.yaml", Mistake(code="unreadable-file", path="kpis/more.yaml", line=1), id="definitions"
        ),
        pytest.param(
            "kpiascode.yaml",
            Mistake(code="unreadable-file", path="kpiascode.yaml", line=1),
            id="the project file",
        ),
    ],
)
@pytest.mark.skipif(not hasattr(os, "setresuid"), reason="needs a system on which rights can be given up")
def test_a_file_without_permission(file: str, mistake: Mistake, monkeypatch: pytest.MonkeyPatch) -> None:
    for arguments in COMMANDS.values():  # so that every module is loaded before the rights are given up
        kpi(SOUND, [*arguments, "--help"], monkeypatch)
    with tempfile.TemporaryDirectory() as folder:
        project = sound_in(Path(folder))
        project.chmod(0o777)
        (project / file).touch()
        (project / file).chmod(0)

        with unprivileged():
            assert_one_finding(project, mistake, monkeypatch)
        monkeypatch.chdir("/")


# --- wrong usage


@pytest.mark.parametrize("command", [["check"], *COMMANDS.values()], ids=["check", *COMMANDS])
def test_an_empty_folder_is_wrong_usage(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = kpi(tmp_path, command, monkeypatch)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "No kpiascode.yaml here" in result.stderr
    assert list(tmp_path.iterdir()) == []


# --- as a process of its own


@pytest.mark.parametrize("case", ["unknown-owner", "key-not-unique", "yaml-syntax"])
def test_a_process_says_the_same(case: str, tmp_path: Path) -> None:
    mistake = make(case, tmp_path)

    process = subprocess.run(
        [sys.executable, "-m", "kpiascode", "run", *AS_OF], cwd=tmp_path, capture_output=True, text=True
    )

    assert (process.returncode, process.stdout) == (1, "")
    assert f"error[{mistake.code}]" in process.stderr
    assert f"--> {mistake.path}:{mistake.line}:" in process.stderr
