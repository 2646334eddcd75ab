"""Every way to end: 0 clean, 1 findings, 2 wrong usage, 3 the engine or the machine failed."""

import os
import sys
from collections.abc import Callable
from enum import IntEnum
from typing import Any, NoReturn

import click


class Exit(IntEnum):
    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    MACHINE = 3


class MachineFailure(Exception):
    """The machine refused: a full disk, a missing permission. One sentence, and perhaps a next step."""


def guarded(command: Callable[[], Any]) -> NoReturn:
    """Run a command and exit with its code; what the machine did wrong becomes one sentence."""
    from kpiascode.cli.findings import printed

    try:
        code = command()
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        code = done.exit_code
    except click.ClickException as wrong:
        wrong.show()
        code = Exit.USAGE
    except click.Abort:
        click.echo("Stopped.", err=True)
        code = 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = Exit.CLEAN
    except MachineFailure as failure:
        click.echo(f"error: {failure}", err=True)
        code = Exit.MACHINE
    except OSError as failure:
        where = f" ({failure.filename})" if failure.filename else ""
        click.echo(f"error: the machine refused: {failure.strerror}{where}", err=True)
        code = Exit.MACHINE
    except Exception as failure:
        code = _stage_failure(failure, printed)
    sys.exit(int(code) if isinstance(code, int) else 0)


def _stage_failure(failure: Exception, printed: Callable[..., str]) -> int:
    """Tell what a stage refused. They are imported by then, since one raised."""
    from kpiascode.pipeline import refusals

    match failure:
        case refusals.WrongQuestion():
            click.echo(printed((failure.diagnostic,), {}), err=True)
            return Exit.USAGE
        case refusals.WrongDefinitions():
            click.echo(printed(failure.diagnostics, {}), err=True)
            return Exit.FINDINGS
        case refusals.EngineError():
            click.echo(f"error: {failure}", err=True)
            if sys.stderr.isatty() and "CI" not in os.environ:
                click.echo(f"  the engine says: {failure.detail.splitlines()[0][:300]}", err=True)
            return Exit.MACHINE
        case _:
            raise failure
