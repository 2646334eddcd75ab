"""`kpi check` of a folder, once, with what every format makes of the findings.

As a program it checks each folder that is named, and prints what came of it as JSON.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from click.testing import CliRunner

from kpiascode.cli.formats.named import FORMATS
from kpiascode.cli.formats.report import Report
from kpiascode.cli.main import main

Form = Callable[[Report], str]


@contextmanager
def all_at_once() -> Iterator[Mapping[str, str]]:
    """Let `full` make the texts of all formats, too, and put them into the mapping."""
    wanted: dict[str, Form] = dict(FORMATS)
    texts: dict[str, str] = {}

    def every(report: Report) -> str:
        texts.update({name: form(report) for name, form in wanted.items()})
        return texts["full"]

    with patch.dict(FORMATS, full=every):
        yield texts


def checked(folder: str) -> dict[str, Any]:
    """Return exit code, output and the texts of all formats."""
    above = os.getcwd()
    os.chdir(folder)
    try:
        with all_at_once() as texts:
            ended = CliRunner().invoke(main, ["check", "--no-cache"])
    finally:
        os.chdir(above)
    return {"code": ended.exit_code, "stdout": ended.stdout, "stderr": ended.stderr, "formats": texts}


if __name__ == "__main__":
    sys.stdout.write(json.dumps([checked(folder) for folder in sys.argv[1:]]))
