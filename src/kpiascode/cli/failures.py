"""Every way to end: 0 clean, 1 findings, 2 wrong usage, 3 the engine or the machine failed."""

import os
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from enum import IntEnum
from typing import Any, NoReturn

import click


class Exit(IntEnum):
    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    MACHINE = 3


STOPPED = 130
READER_GONE = 141
"""As a shell tells of a program that was stopped by Ctrl-C, or whose output nobody reads any more."""


class MachineFailure(Exception):
    """The machine refused: a full disk, a missing permission. One sentence, and perhaps a next step."""


def guarded(command: Callable[[], Any]) -> NoReturn:
    """Run a command and exit with its code; what the machine did wrong becomes one sentence."""
    try:
        code = command()
        if sys.stdout is not None:
            sys.stdout.flush()
    except SystemExit:  # click's own way to end when a pipe is closed
        code = READER_GONE
    except Exception as failure:
        code = told(failure)
    sys.exit(int(code) if isinstance(code, int) else 0)


def told(failure: Exception) -> int:
    """Say what went wrong, as far as anybody can hear it, and return the exit code."""
    match failure:
        case click.exceptions.Exit():
            return failure.exit_code
        case click.ClickException():
            with suppress(OSError):
                failure.show()
            return Exit.USAGE
        case click.Abort():
            _say("Stopped.")
            return STOPPED
        case BrokenPipeError():
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return READER_GONE
        case MachineFailure():
            _say(f"error: {failure}")
            return Exit.MACHINE
        case OSError():
            where = f" ({failure.filename})" if failure.filename else ""
            _say(f"error: the machine refused: {failure.strerror}{where}")
            return Exit.MACHINE
        case MemoryError():
            _say("error: the machine has no memory left.")
            return Exit.MACHINE
        case _:
            return _stage_failure(failure)


def _stage_failure(failure: Exception) -> int:
    """Tell what a stage refused. They are imported by then, since one raised."""
    from kpiascode.cli.findings import summary
    from kpiascode.cli.formats.full import printed
    from kpiascode.pipeline import refusals

    match failure:
        case refusals.WrongQuestion():
            _say(printed((failure.diagnostic,), {}))
            return Exit.USAGE
        case refusals.WrongDefinitions():
            _say(printed(failure.diagnostics, failure.sources))
            _say(f"\n{summary(failure.diagnostics)}. Nothing was computed.")
            return Exit.FINDINGS
        case refusals.WrongTemplate():
            _say(printed((failure.diagnostic,), failure.sources))
            _say("\n1 error. Nothing was written.")
            return Exit.FINDINGS
        case refusals.EngineError():
            words = str(failure)
            _say(f"error: {words}" if words.endswith("?") else f"error: {words}.")
            if failure.detail:
                _say(_detail(failure.detail))
            return Exit.MACHINE
        case _:
            _say("".join(traceback.format_exception(failure)))
            _say("error: this is a mistake in kpiascode. Please report it with the lines above.")
            return Exit.MACHINE


def _detail(text: str) -> str:
    """Return the engine's own words on a terminal only: they may hold what stands in a cell."""
    if sys.stderr is not None and sys.stderr.isatty() and "CI" not in os.environ:
        return f"  the engine says: {' '.join(text.split())[:300]}"
    return "  What the engine itself says may hold data, so it is shown on a terminal only."


def _say(text: str) -> None:
    with suppress(OSError):
        click.echo(text, err=True)
