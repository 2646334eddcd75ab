"""How an emulator in another environment is asked: a line of JSON for each question, and one for its answer.

What JSON has no cells for (decimals, days, moments) are objects with one key. Only the standard library is used here,
since both sides import it.
"""

import json
import os
import subprocess
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
_MADE: Final = {"decimal": Decimal, "date": date.fromisoformat, "moment": datetime.fromisoformat}


class EmulatorError(Exception):
    """The emulator failed, in its own words; `errno` is the number that it gave, or None."""

    def __init__(self, told: str, errno: int | None = None) -> None:
        super().__init__(told)
        self.errno = errno


def written(said: Any) -> str:
    """Return one line."""
    return json.dumps(said, default=_as_json) + "\n"


def read(line: str) -> Any:
    return json.loads(line, object_hook=_from_json)


def _as_json(cell: Any) -> dict[str, str]:
    match cell:
        case Decimal():
            return {"decimal": str(cell)}
        case datetime():
            return {"moment": cell.isoformat()}
        case date():
            return {"date": cell.isoformat()}
        case _:
            raise TypeError(f"a cell of {type(cell).__name__} cannot be sent")


def _from_json(said: dict[str, Any]) -> Any:
    kind = next(iter(said), "")
    return _MADE[kind](said[kind]) if kind in _MADE else said


class Child:
    """An emulator that runs in the Python of another environment."""

    def __init__(self, python: str, module: str) -> None:
        self._process = subprocess.Popen(
            [python, "-m", module], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )

    def asked(self, what: str, **given: Any) -> Any:
        """Return what it answers.

        Raises:
            EmulatorError: when it fails, or is there no more.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(written([what, given]))
            self._process.stdin.flush()
        except BrokenPipeError:
            pass
        line = self._process.stdout.readline()
        if not line:
            raise EmulatorError("the emulator has ended")
        answer = read(line)
        if "failed" in answer:
            raise EmulatorError(answer["failed"], answer["errno"])
        return answer["found"]

    def stop(self) -> None:
        self._process.communicate()


def serve(make: Any) -> None:
    """Answer until nobody asks any more; `make` gives an object with a method for each question.

    What the emulator prints goes to where errors go: the pipes hold nothing but lines.
    """
    questions, answers = os.fdopen(os.dup(0), encoding="utf-8"), os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    emulator = make()
    for line in questions:
        what, given = read(line)
        try:
            told = written({"found": getattr(emulator, what)(**given)})
        except Exception as error:
            told = written(
                {"failed": f"{type(error).__name__}: {error}", "errno": getattr(error, "errno", None)}
            )
        answers.write(told)
        answers.flush()
