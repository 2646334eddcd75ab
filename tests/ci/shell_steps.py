"""Steps of a CI system, run as its shell would run them."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).parents[2]
BIN: Final = Path(sys.executable).parent
EXPRESSION: Final = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
SOUND: Final = {
    "kpiascode.yaml": "version: 1\nname: shop\npaths: [kpis]\n",
    "kpis/shop.yaml": (
        "kind: org_unit\nname: shop\ntitle: The shop\nlevel: organisation\n"
        "---\nkind: owner\nname: sales\ntitle: Sales\norg_unit: shop\ncontact: sales@example.com\n"
    ),
}
WRONG: Final = {"kpis/wrong.yaml": "kind: owner\nname: other\ntitle: Other\norg_unit: shp\ncontact: x\n"}
WARNED: Final = {
    "kpis/warned.yaml": (
        "kind: kpi\nname: unused\ntitle: Unused\ndescription: Read by nobody.\nowner: sales\napplies_to: [shop]\n"
        "dataset: orders\nexpression: count(*)\ngrain: month\nunit: count\ndirection: higher\n"
        "---\nkind: dataset\nname: orders\nsource: shop.orders\ntime: ordered_on\n"
    )
}


def load(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def written(folder: Path, *files: Mapping[str, str]) -> Path:
    """Write files into a folder and return it."""
    for path, text in [item for part in files for item in part.items()]:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its `${{ }}` in place, as a runner does it; an unknown one is a mistake."""
    return EXPRESSION.sub(lambda match: values[match[1]], text)


def bash(
    script: str, folder: Path, environment: Mapping[str, str], options: Sequence[str]
) -> subprocess.CompletedProcess[str]:
    """Run a script from a file, as runners do, with nothing of this process's environment but what tools need."""
    file = folder.parent / "step.sh"
    file.write_text(script, encoding="utf-8")
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", *options, str(file)],
        cwd=folder,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def checkout(folder: Path) -> Path:
    """Return a copy of what the package is built from, and of what others use of the repository."""
    for name in (
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "kpiascode.yaml",
        "action.yml",
        ".pre-commit-hooks.yaml",
    ):
        shutil.copy(ROOT / name, folder)
    for name in ("src", "schemas", "kpis", "tests/cases", "tests/traps"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def tool(*arguments: str | Path, folder: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program that is installed beside this Python."""
    name, *rest = map(str, arguments)
    return subprocess.run(
        [str(BIN / name), *rest],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def fits(schema: str, file: Path) -> None:
    """Fail where a file is not of the shape that its CI system wants, by the schema in SchemaStore."""
    result = tool("check-jsonschema", "--builtin-schema", schema, file)
    assert result.returncode == 0, result.stdout + result.stderr


def audited(*paths: Path) -> list[dict[str, Any]]:
    """Return what zizmor finds, at its strictest and without the network."""
    result = tool("zizmor", "--offline", "--no-progress", "--persona", "pedantic", "--format", "json", *paths)
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found
