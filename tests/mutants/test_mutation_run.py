"""The command that breaks our own code: what it breaks, that it is noticed, and a sample of its work."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS))

from mutation_run import mutants_of  # noqa: E402

SAMPLE = 25
LEAST = 80


@pytest.mark.parametrize(
    ("source", "broken"),
    [
        ("x = 1 < y", ["x = 1 <= y", "x = 2 < y"]),
        ("x = a and not b", ["x = a or not b", "x = a and b"]),
        ("x = a + b", ["x = a - b"]),
        ("x: int | None = y", []),
        ("x = True", ["x = False"]),
        ("assert x > 1", []),
        ("x = 'a text'", []),
        ("if x:\n    y()", ["if not x:\n    y()", "if x:\n    if False:\n        y()"]),
        ("x = [a for a in b if c]", ["x = [a for a in b if not c]"]),
        ("def f():\n    return x", ["def f():\n    return None"]),
        ("def f():\n    return None", []),
        ("for x in y:\n    continue", ["for x in y:\n    pass"]),
        ("x = a in b", ["x = a not in b"]),
    ],
)
def test_one_thing_is_broken_at_a_time(tmp_path: Path, source: str, broken: list[str]) -> None:
    file = tmp_path / "a.py"
    file.write_text(source)

    made = [ast.unparse(mutant.tree) for mutant in mutants_of(file)]

    assert sorted(made) == sorted(broken)


def mutation_run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(TESTS / "mutation_run.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=TESTS.parent, timeout=500)


def test_a_sample_of_breaks_is_noticed() -> None:
    tests = str(TESTS / "stages" / "test_validate_words.py")
    asked = ["validate/words.py", "validate/hints.py", "validate/gate.py"]

    ended = mutation_run(*asked, "--sample", str(SAMPLE), "--least", str(LEAST), "--tests", tests)

    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-500:]
    assert f" of {SAMPLE} mutants killed" in ended.stdout


def test_breaks_that_no_test_comes_by_are_told(tmp_path: Path) -> None:
    """No test of the empty file notices anything, so that every mutant survives."""
    (tmp_path / "test_nothing.py").write_text("def test_nothing():\n    pass\n")

    ended = mutation_run("validate/words.py", "--sample", "3", "--tests", str(tmp_path))

    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "0 of 3 mutants killed (0.0 %)" in ended.stdout
    assert ended.stdout.count("  kpiascode/validate/words.py:") == 3
