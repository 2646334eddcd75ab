"""The command `kpi`. A command's module is imported when the command is called, and no sooner."""

import importlib
import sys
from collections.abc import Sequence
from typing import Any, Final

import click

from kpiascode import __version__

COMMANDS: Final = {
    "init": "Begin a repository of KPIs that works.",
    "check": "Find what is wrong with the definitions, or with the data.",
    "list": "Show what is declared.",
    "explain": "Say a KPI in words, with its SQL, or what a finding means.",
    "compile": "Print the SQL of KPIs, for one dialect or all.",
    "run": "Print the values of KPIs.",
    "diff": "Tell what a change does to KPIs, with their numbers and who has to agree.",
    "comment": "Show the review of a change in its pull request.",
    "build": "Check, run, judge, and write the scorecards as a static site.",
    "publish": "Build the site, and record in the ledger what was published.",
    "history": "Show what was published of a KPI, and what of it was restated.",
    "ledger": "Prove that the ledger is whole, or show what changed in it.",
    "report": "Print a scorecard for a chat, a mail, a program, or on paper.",
    "serve": "Show the site on this machine while you work on it.",
    "seed": "Load the files of datasets into an engine.",
    "codeowners": "Write who approves which definition, as CODEOWNERS.",
    "schema": "Print the schema by which editors know definitions.",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"kpiascode.cli.{cmd_name}_command")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean `kpi {near[0]}`?" if near else f" There are {', '.join(COMMANDS)}."
            raise click.UsageError(f"There is no command `{args[0][:40]}`.{hint}") from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def main(self, args: Sequence[str] | None = None, **extra: Any) -> Any:  # type: ignore[override]
        from kpiascode.cli.failures import guarded

        standalone = extra.pop("standalone_mode", True)
        if not standalone:
            return super().main(args, standalone_mode=False, **extra)
        return guarded(lambda: super(_Commands, self).main(args, standalone_mode=False, **extra))


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: kpi build --as-of 2026-01-01",
)
@click.version_option(__version__, "--version", prog_name="kpi", message="%(prog)s %(version)s")
def main() -> None:
    """KPIs, goals and their owners as code: YAML in, scorecards out."""


if __name__ == "__main__":
    sys.exit(main())
