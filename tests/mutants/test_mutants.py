"""The example company with one mistake at a time: none is accepted, and each is one finding, where it was made.

`python tests/mutants/test_mutants.py SEED COUNT` tries other ones and tells how many findings each has.
"""

import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import pytest
from mutations import MUTATIONS, Mutant, mutants

from kpiascode.model.diagnostic import Diagnostic
from kpiascode.pipeline import reading

ROOT = Path(__file__).parents[2]
KNOWN = 20260131
COUNT = 200
PARTS = 4
FRESH = 20
SEED = int(os.environ.get("KPI_SEED", random.SystemRandom().randrange(10**9)))


def example_in(folder: Path) -> Path:
    """Return a copy of the example company."""
    shutil.copytree(ROOT / "kpis", folder / "kpis")
    shutil.copy(ROOT / "kpiascode.yaml", folder)
    return folder


def definitions(folder: Path) -> dict[str, str]:
    paths = sorted((folder / "kpis").rglob("*.yaml"))
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def checked(mutant: Mutant, folder: Path, files: dict[str, str]) -> tuple[Diagnostic, ...]:
    """Return what is found, and leave the example as it was."""
    (folder / mutant.path).write_text(mutant.text, encoding="utf-8")
    try:
        return reading.check(folder).diagnostics
    finally:
        (folder / mutant.path).write_text(files[mutant.path], encoding="utf-8")


def inside(mutant: Mutant, found: Sequence[Diagnostic]) -> list[Diagnostic]:
    return [
        one
        for one in found
        if one.place.path == mutant.path and mutant.first <= one.place.span.line <= mutant.last
    ]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = example_in(tmp_path_factory.mktemp("example"))
    assert reading.check(folder).diagnostics == ()
    return folder


@pytest.mark.parametrize("part", range(PARTS))
def test_a_mistake_is_one_finding_where_it_was_made(example: Path, part: int) -> None:
    files = definitions(example)
    tried = 0
    for mutant in islice(mutants(files, KNOWN, COUNT), part, None, PARTS):
        found = checked(mutant, example, files)
        assert len(found) == len(inside(mutant, found)) == 1, (mutant.kind, mutant.what, found)
        tried += 1
    assert tried == COUNT // PARTS


def test_a_mistake_that_nobody_has_made_before_is_found(example: Path) -> None:
    print(f"KPI_SEED={SEED}")
    files = definitions(example)
    for mutant in mutants(files, SEED, FRESH):
        found = checked(mutant, example, files)
        assert inside(mutant, found), (mutant.kind, mutant.what, found)
        assert len(found) < 4, (mutant.kind, mutant.what, found)


def test_every_way_of_making_a_mistake_is_tried(example: Path) -> None:
    kinds = Counter(mutant.kind for mutant in mutants(definitions(example), KNOWN, COUNT))

    assert set(kinds) == {mutation.__name__ for mutation in MUTATIONS}
    assert all(number > 1 for number in kinds.values())


# --- by hand


def report(seed: int, count: int) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as home:
        folder = example_in(Path(home))
        files = definitions(folder)
        findings: Counter[int] = Counter()
        for mutant in mutants(files, seed, count):
            found = checked(mutant, folder, files)
            findings[len(found)] += 1
            if len(found) != 1 or not inside(mutant, found):
                yield f"{mutant.path}:{mutant.first}-{mutant.last} {mutant.kind}: {mutant.what}"
                yield from (f"    {one.place} {one.code}: {one.message}" for one in found[:5])
        yield ", ".join(f"{number} with {size} findings" for size, number in sorted(findings.items()))


if __name__ == "__main__":
    for line in report(int(sys.argv[1]), int(sys.argv[2])):
        print(line)
