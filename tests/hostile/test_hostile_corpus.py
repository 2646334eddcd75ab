"""The bad inputs of the security study, each through the whole of `kpi check`: one process checks them all.

What is meant for other commands, such as texts of pages, is checked as well: nothing of it may do harm here.
"""

import importlib.util
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from bounded import Ended, look_of, run
from repositories import kpi
from test_hostile_repositories import assert_harmless, deeds

HOSTILE = Path(__file__).parent
SHOP = HOSTILE.parent / "cli" / "shop"
CORPUS = HOSTILE.parents[2] / "shared" / "corpus" / "bad_inputs.py"
AREAS = {"yaml", "path", "schema", "expr", "value", "text", "ledger"}
ROWS = "amount,qty,status,ts,d,x\n1,2,new,2025-01-01 10:00:00,2025-01-01,3\n"
FINE = {"P006"}
"""A folder may be called x.yaml."""
MIB = 250
SECONDS_EACH = 2
"""Of CPU, on average; the study measured at most a tenth of it."""


def corpus() -> ModuleType | None:
    if not CORPUS.is_file():
        return None
    spec = importlib.util.spec_from_file_location("bad_inputs", CORPUS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = writes
    return module


BAD_INPUTS = corpus()
CASES: dict[str, dict[str, Any]] = {case["id"]: case for case in BAD_INPUTS.CASES} if BAD_INPUTS else {}


def test_the_corpus_is_there() -> None:
    if not CASES:
        if os.environ.get("KPI_REQUIRE_DATA") == "1":
            pytest.fail(f"{CORPUS} is not there")
        pytest.skip(f"{CORPUS} is not there")
    assert {case["area"] for case in CASES.values()} == AREAS
    assert len(CASES) > 200


def written(case: dict[str, Any], folder: Path) -> Path:
    """Write a case as a project: an expression as a field of a dataset, anything else as it is."""
    if case["expr"] is not None:
        shutil.copytree(SHOP, folder)
        (folder / "data" / "cells.csv").write_text(ROWS)
        field = json.dumps(case["expr"])
        dataset = f"kind: dataset\nname: cells\nsource: data/cells.csv\nfields: {{asked: {field}}}\n"
        (folder / "kpis" / "case.yaml").write_text(dataset + "---\n" + kpi("of_case", case["expr"]))
        return folder
    paths = "[kpis]"
    folder.mkdir()
    for path, content in case["files"].items():
        data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        if data.startswith(b"include: "):
            paths = data.decode().removeprefix("include: ")
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    for path, target in case["links"].items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).symlink_to(target)
    for path, kind in case["special"].items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        match kind:
            case "fifo":
                os.mkfifo(folder / path)
            case "dir":
                (folder / path).mkdir()
            case _:
                (folder / path).chmod(0)
    (folder / "kpiascode.yaml").write_text(f"version: 1\nname: bad\npaths: {paths}\n")
    return folder


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ended, dict[str, dict[str, Any]]]]:
    """Check all of them, by a process without network and with bounds."""
    home = tmp_path_factory.mktemp("corpus")
    folders = [written(case, home / name) for name, case in CASES.items()]
    before = look_of(home)
    ended = run([str(HOSTILE / "every_format.py"), *map(str, folders)], home, tmp_path_factory.mktemp("home"))
    assert ended.code == 0, ended.stderr
    assert look_of(home) == before, "something was written"
    return ended, dict(zip(CASES, json.loads(ended.stdout), strict=True))


@pytest.mark.skipif(not CASES, reason="the corpus is not there, which a test of its own tells")
def test_all_of_them_are_bounded_and_do_nothing(checked: tuple[Ended, dict[str, dict[str, Any]]]) -> None:
    ended, _ = checked

    assert deeds(ended) == []
    assert ended.peak_mib < MIB
    assert ended.cpu_seconds < SECONDS_EACH * len(CASES)


@pytest.mark.parametrize("name", CASES)
def test_a_bad_input(name: str, checked: tuple[Ended, dict[str, dict[str, Any]]]) -> None:
    case, told = CASES[name], checked[1][name]

    assert "Traceback" not in told["stderr"], told["stderr"]
    assert told["code"] in (0, 1), told["stderr"]
    found = json.loads(told["formats"]["json"])
    assert bool(told["code"]) == any(finding["severity"] == "error" for finding in found)
    if case["result"] == "reject" and case["area"] in ("yaml", "schema", "path", "expr") and name not in FINE:
        assert told["code"] == 1
    for text in (told["stdout"], told["stderr"], *told["formats"].values()):
        assert_harmless(text)
        for secret in case["forbid"]:
            assert secret not in text or case["area"] == "text"
