"""The options of `kpi check`, and which of them do not go together."""

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])


def baseline_options(command: _Command) -> _Command:
    command = click.option(
        "--write-baseline",
        metavar="FILE",
        help="Write what the rules find to FILE, so that it is known from now on.",
    )(command)
    return click.option(
        "--baseline",
        metavar="FILE",
        help="Hide the findings of rules that FILE knows; fail on new ones only.",
    )(command)


def fix_options(command: _Command) -> _Command:
    command = click.option(
        "--diff",
        is_flag=True,
        help="Show what --fix would change, and write nothing; exit with 1 if anything.",
    )(command)
    return click.option(
        "--fix", is_flag=True, help="Mend in the files what can be mended without another meaning."
    )(command)


def refuse_odd(*, paths: tuple[str, ...], data: bool, diff: bool, **others: Any) -> None:
    """Refuse options that do not go together."""
    for name in ("as_of", "engine", "timeout", "memory_limit"):
        if others[name] is not None and not data:
            raise click.UsageError(f"--{name.replace('_', '-')} is about the data: add --data.")
    if (baseline := others["baseline"]) is not None and not os.path.lexists(baseline):
        raise click.UsageError(f"--baseline: there is no file `{baseline[:80]}`.")
    if others["write_baseline"] is not None and paths:
        raise click.UsageError("--write-baseline is about the whole project: leave out the paths.")
    for name in ("fix", "write_baseline"):
        if others[name] and others["restricted"] is not None:
            raise click.UsageError(
                f"--{name.replace('_', '-')} writes what everybody may read: leave out --restricted."
            )
    about_findings = {
        "fix": others["fix"],
        "format": others["form"] != "full",
        "strict": others["strict"],
        "data": data,
        "write-baseline": others["write_baseline"],
        "restricted": others["restricted"],
    }
    for name, is_given in about_findings.items():
        if diff and is_given:
            raise click.UsageError(f"--diff shows changes and no findings: leave out --{name}.")
