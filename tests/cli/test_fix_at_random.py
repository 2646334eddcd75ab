"""`kpi check --fix` takes back, to the byte, mistakes that were put into the example company at random.

Each mistake is made in a definition that is right, so that what comes out is known: the definition before it.
`KPI_SEED` repeats the fresh case.
"""

import os
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from command_line import Kpi

from kpiascode.cli.shipped import example, schemas

Change: TypeAlias = tuple[str, str]
"""A definition as it should be, and the same with a mistake."""

FRESH = int(os.environ.get("KPI_SEED", random.SystemRandom().randrange(10**9)))
HEAD = re.compile(r"kind: .*\nname: .*\ntitle: .*\n")


def ambiguous(definition: str, dice: random.Random) -> Change | None:
    """A title that is no text to every reader of YAML."""
    word = dice.choice(["NO", "on", "1:30", "010", "0x1F", "Yes"])
    found = re.search(r"^title: .*$", definition, re.MULTILINE)
    if found is None:
        return None
    after = dice.choice(["", "  # é\t#"])
    right = f'title: "{word}"{after}'
    return tuple(definition.replace(found[0], text, 1) for text in (right, f"title: {word}{after}"))  # type: ignore[return-value]


def folded(definition: str, dice: random.Random) -> Change | None:
    """An expression whose lines YAML joins."""
    found = re.search(r"^expression: (\w.*)$", definition, re.MULTILINE)
    if found is None:
        return None
    text = found[1]
    breaks = [at.start() for at in re.finditer(" ", text) if text.count("'", 0, at.start()) % 2 == 0]
    if not breaks or "#" in text or '"' in text:
        return None
    at = dice.choice(breaks)
    first, rest = text[:at], text[at + 1 :]
    why = dice.choice(["", "  # 'why\t\N{GRINNING FACE}"])
    right = f"expression: |{why}\n  {first}\n  {rest}"
    wrong = dice.choice(
        [
            f"expression: >{why}\n  {first}\n  {rest}",
            f"expression: {first}\n  {rest}{why}",
            f"expression:\n  {first}\n  {rest}{why}",
            f'expression: "{first}\n  {rest}"{why}',
        ]
    )
    return tuple(definition.replace(found[0], text, 1) for text in (right, wrong))  # type: ignore[return-value]


def unused(definition: str, dice: random.Random) -> Change | None:
    """A comment that allows what is not there."""
    lines = definition.split("\n")
    number = dice.choice(
        [n for n, line in enumerate(lines) if re.match(r"(owner|grain|org_unit|source): \w+$", line)] or [-1]
    )
    if number < 0:
        return None
    comment = (
        "# kpi: allow "
        + ", ".join(dice.sample(["self-division", "inverted-bounds", "unit-mismatch"], dice.choice([1, 3])))
        + ": é"
    )
    if dice.random() < 0.5:
        wrong = [*lines[:number], comment, *lines[number:]]
    else:
        wrong = [*lines[:number], f"{lines[number]}  {comment}", *lines[number + 1 :]]
    return definition, "\n".join(wrong)


def disordered(definition: str, dice: random.Random) -> Change | None:
    """A title, or the name, before the kind."""
    found = HEAD.search(definition)
    if found is None:
        return None
    lines = found[0].splitlines(keepends=True)
    wrong = lines
    while wrong == lines:
        wrong = dice.sample(lines, len(lines))
    return definition, definition.replace(found[0], "".join(wrong), 1)


MISTAKES: list[Callable[[str, random.Random], Change | None]] = [ambiguous, folded, unused, disordered]


def spoilt(text: str, dice: random.Random) -> Change:
    """Return a file as it should be, and the same with mistakes in some of its definitions."""
    right, wrong = [], []
    for definition in text.split("\n---\n"):
        changed = None
        if dice.random() < 0.5:
            changed = dice.choice(MISTAKES)(definition, dice)
        before, after = changed or (definition, definition)
        right.append(before)
        wrong.append(after)
    whole, broken = ("\n---\n".join(parts) for parts in (right, wrong))
    if whole.startswith("# yaml-language-server") and dice.random() < 0.3:
        broken = broken.split("\n", 1)[1]
    return whole, broken


@pytest.mark.parametrize(
    "seed", [*(pytest.param(n, id=str(n)) for n in range(6)), pytest.param(FRESH, id="fresh")]
)
def test_mistakes_are_taken_back_to_the_byte(
    kpi: Kpi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    dice = random.Random(seed)
    folder = tmp_path / "company"
    shutil.copytree(example() / "kpis", folder / "kpis")
    shutil.copytree(schemas(), folder / "schemas")
    project = (example() / "kpiascode.yaml").read_text(encoding="utf-8")
    chosen = "check: {select: [key-order, missing-schema-modeline]}\n"
    (folder / "kpiascode.yaml").write_text(project + chosen, encoding="utf-8")
    monkeypatch.chdir(folder)
    expected, count = {}, 0
    for file in sorted((folder / "kpis").rglob("*.yaml")):
        right, wrong = spoilt(file.read_text(encoding="utf-8"), dice)
        newline, mark = dice.choice(["\n", "\r\n"]), dice.choice(["", "\ufeff"])
        if dice.random() < 0.3:
            right, wrong = right.rstrip("\n"), wrong.rstrip("\n")
        expected[file], data = ((mark + text.replace("\n", newline)).encode() for text in (right, wrong))
        file.write_bytes(data)
        count += expected[file] != data

    first = kpi("check", "--fix", "--no-examples")
    second = kpi("check", "--fix", "--no-examples", "--format", "concise")

    assert count > 0
    for file, data in expected.items():
        assert file.read_bytes().decode() == data.decode(), file
    assert f" in {count} file{'s' if count > 1 else ''}." in first.stderr.splitlines()[0]
    assert "Left" not in first.stderr
    assert second.stderr == "Nothing to fix.\n"
    # One title may stand in several definitions now; nothing else is found.
    assert {line.split(": ")[1] for line in second.stdout.splitlines()} <= {"repeated-title"}
