"""The command `kpi`. A command's module is imported when the command is called, and no sooner."""

import sys
from collections.abc import Sequence
from typing import Any, Final

import click

from kpiascode import __version__
from kpiascode.cli.lazy import LazyGroup

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
    "due": "List what somebody has to do: check-ins, milestones, deadlines, actions.",
    "history": "Show what was published of a KPI, and what of it was restated.",
    "ledger": "Prove that the ledger is whole, or show what changed in it.",
    "report": "Print a scorecard for a chat, a mail, a program, or on paper.",
    "pack": "Make documents for reviews, one-on-ones, plans, feedback and thanks.",
    "serve": "Show the site on this machine while you work on it.",
    "seed": "Load the files of datasets into an engine.",
    "purge": "List what of persons may not be kept any more, and remove it.",
    "codeowners": "Write who approves which definition, as CODEOWNERS.",
    "schema": "Print the schema by which editors know definitions.",
}


class _Commands(LazyGroup):
    told = COMMANDS
    module = "kpiascode.cli.{}_command"
    called = "command"
    before = "kpi"

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
