"""The command line from a test: in this process, or as a process of its own."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from kpiascode.cli.main import main

SHOP = Path(__file__).parent / "shop"
SCHEMAS = Path(__file__).parents[2] / "schemas" / "output"
NEW_YEAR = ("--as-of", "2026-01-01")


class Kpi:
    """`kpi("run", "net_sales")` runs the command in this process and returns how it ended."""

    def __call__(self, *arguments: str) -> Result:
        result = CliRunner().invoke(main, list(arguments))
        assert "Traceback" not in result.stderr, result.stderr
        return result

    def answer(self, *arguments: str) -> str:
        """Return what a command prints that ends well and has nothing else to say."""
        result = self(*arguments)
        assert (result.exit_code, result.stderr) == (0, "")
        return result.stdout

    def json(self, *arguments: str, schema: str) -> list[dict[str, Any]]:
        """Return the answer as JSON, after checking it against its schema."""
        found: list[dict[str, Any]] = json.loads(self.answer(*arguments, "--format", "json"))
        validator(schema).validate(found)
        return found

    def values(self, *arguments: str) -> list[dict[str, Any]]:
        return self.json("run", *arguments, schema="run")

    def rows(self, *arguments: str) -> list[list[str]]:
        """Return the lines of an answer as CSV, with the quotes still there to be seen."""
        return [line.split(",") for line in self.answer("run", *arguments, "--format", "csv").splitlines()]


def validator(schema: str) -> Draft202012Validator:
    text = (SCHEMAS / f"{schema}.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text), format_checker=Draft202012Validator.FORMAT_CHECKER)


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def process(
    *arguments: str, folder: Path, environment: Mapping[str, str] | None = None, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "kpiascode", *arguments],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        text=True,
        encoding="utf-8",
        **({"capture_output": True} | options),
    )


def orders(*rows: str, header: str = "ordered_on,customer_id,channel,amount") -> str:
    return "\n".join([header, *rows]) + "\n"


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    file.write_text(text.replace(old, new), encoding="utf-8")
