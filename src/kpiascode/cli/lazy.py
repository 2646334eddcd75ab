"""A group of commands whose modules are imported when one is called, and no sooner."""

import importlib
from collections.abc import Mapping
from typing import ClassVar

import click


class LazyGroup(click.Group):
    """A group that knows of its commands only what they are for, in the order in which help shows them.

    Attributes:
        told: By name of a command, what it does.
        module: Where it is held as `command`; `{}` stands for its name.
        called: How one of them is called in a message.
        before: What is typed before its name.
    """

    told: ClassVar[Mapping[str, str]]
    module: ClassVar[str]
    called: ClassVar[str]
    before: ClassVar[str]

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.told)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.told:
            return None
        module = importlib.import_module(self.module.format(cmd_name.replace("-", "_")))
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            from difflib import get_close_matches

            near = get_close_matches(args[0], self.told, n=1)
            there = f"There are {', '.join(self.told)}."
            hint = f"Did you mean `{self.before} {near[0]}`?" if near else there
            raise click.UsageError(f"There is no {self.called} `{args[0][:40]}`. {hint}") from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(f"{self.called.capitalize()}s"):
            formatter.write_dl(list(self.told.items()))
