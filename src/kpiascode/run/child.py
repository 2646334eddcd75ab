"""The guarded child process: jobs come in on lines, answers go out on lines, and no more."""

import json
import os
import sys
from pathlib import Path

from kpiascode.run import jobs, limits
from kpiascode.run.file_types import file_types
from kpiascode.run.given_tables import GivenTables


def main(seconds: int) -> None:
    """Answer until there is no more line.

    Args:
        seconds: Of a processor, for each line.
    """
    lines, answers = sys.stdin.buffer, sys.stdout.buffer
    tables = GivenTables()
    answers.write(b"ready\n")
    answers.flush()
    for line in lines:
        limits.limit_time(seconds)
        answers.write(_answer(line, tables))
        answers.flush()
    os._exit(0)  # nothing is left to be tidied up


def _answer(line: bytes, tables: GivenTables) -> bytes:
    try:
        request = json.loads(line)
        if "files" in request:
            found = file_types(
                jobs.read_files(request),
                project=Path(request["project"]),
                data_roots=request["data_roots"],
                guarded=True,
            )
            return jobs.written_types({name: table.columns for name, table in found.tables.items()})
        return jobs.written_answer(tables.answer(jobs.read(request)))
    except MemoryError:
        return jobs.written_answer(jobs.Failure.MEMORY)
