"""The hostile inputs of the security study: each is refused with a finding of ours, quickly and in silence."""

import importlib.util
import os
import sys
from pathlib import Path
from time import perf_counter
from types import ModuleType
from typing import Any

import pytest

from kpiascode.load import load
from kpiascode.model.document import Documents
from kpiascode.validate import validate

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "bad_inputs.py"

CODES = {
    "Y-ANCHOR": {"unsupported-yaml"},
    "Y-ALIAS": {"unsupported-yaml"},
    "Y-MERGE": {"unsupported-yaml"},
    "Y-TAG": {"unsupported-yaml"},
    "Y-DIR": {"unsupported-yaml"},
    "Y-DEPTH": {"nested-too-deep"},
    "Y-SIZE": {"file-too-large"},
    "Y-NODES": {"too-many-values"},
    "Y-AMBIG": {"ambiguous-scalar"},
    "Y-NUM": {"number-too-long"},
    "Y-DUP": {"duplicate-key"},
    "Y-KEY": {"invalid-key"},
    "Y-ROOT": {"not-a-mapping", "no-definitions"},
    "Y-SYNTAX": {"yaml-syntax"},
    "Y-CHAR": {"forbidden-character"},
    "Y-ENC": {"not-utf8"},
    "Y-OPEN": {"symlink-refused", "unreadable-file"},
    "Y-NOTFILE": {"not-a-file"},
    "P-OUTSIDE": {"path-outside-project"},
    "S-TYPE": {"ambiguous-scalar", "missing-kind"},
}
"""Their codes, and which of ours say the same."""

ALLOWED = {
    "Y057": "several documents to a file are allowed",
    "P006": "a folder may be called x.yaml",
}
"""Cases in which the language differs: nothing is said by `load`."""

SECONDS = 2.0


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


def is_ours(case: dict[str, Any]) -> bool:
    return case["area"] == "yaml" or case["id"].startswith("P00")


BAD_INPUTS = corpus()
CASES = [case for case in BAD_INPUTS.CASES if is_ours(case)] if BAD_INPUTS else []


def test_the_corpus_is_there() -> None:
    if not CASES:
        if os.environ.get("KPI_REQUIRE_DATA") == "1":
            pytest.fail(f"{CORPUS} is not there")
        pytest.skip(f"{CORPUS} is not there")
    assert len(CASES) > 50


def written(case: dict[str, Any], folder: Path) -> Path:
    """Write a case as a project. Its `include:` is what `paths:` is to us."""
    paths = "[kpis]"
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
        if kind == "fifo":
            os.mkfifo(folder / path)
        elif kind == "dir":
            (folder / path).mkdir()
            (folder / path / "a.yaml").write_text("kind: owner\n")
        else:
            (folder / path).chmod(0)
    (folder / "kpiascode.yaml").write_text(f"version: 1\nname: bad\npaths: {paths}\n")
    return folder


def told(documents: Documents) -> str:
    return "\n".join(
        f"{one.place} {one.code} {one.message} {one.hint} {one.note}" for one in documents.diagnostics
    )


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case['id']} {case['title']}") for case in CASES])
def test_a_bad_input_is_refused(case: dict[str, Any], tmp_path: Path) -> None:
    if "mode000" in case["special"].values() and hasattr(os, "getuid") and os.getuid() == 0:
        pytest.skip("root may read everything")
    folder = written(case, tmp_path)
    start = perf_counter()
    loaded = load(folder)
    checked = validate(loaded)
    seconds = perf_counter() - start

    assert seconds < SECONDS
    if case["id"] in ALLOWED or case["result"] == "accept":
        assert loaded.diagnostics == ()
        assert loaded.items
    else:
        assert {one.code for one in checked.diagnostics} & CODES[case["code"]]
        assert checked.items == ()
    for secret in case["forbid"]:
        assert secret not in told(checked)
    assert all(len(f"{one.message}{one.hint}") < 400 for one in checked.diagnostics)
    assert len(checked.diagnostics) <= 51
    assert told(checked).replace("\n", "").isprintable()
