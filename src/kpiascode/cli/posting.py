"""Shows a review in a pull request: one comment, whose text follows the change."""

from collections.abc import Callable
from typing import assert_never

import click

from kpiascode.cli.failures import MachineFailure
from kpiascode.cli.hosts.places import Host
from kpiascode.cli.hosts.reviews import Create, Edit, Leave, Review, Run, decide
from kpiascode.cli.hosts.transport import Refused, patiently
from kpiascode.cli.text import safe


class ReadOnly(Exception):
    """The token may not comment, and need not: it is one for strangers."""


def post(host: Host, review: Review, run: Run, *, is_foreign: bool, wait: Callable[[float], None]) -> str:
    """Show the review, and return in a sentence what was done.

    Raises:
        ReadOnly: The change comes from a fork, and the host lets us not comment.
        MachineFailure: The host refused, or cannot be used.
    """
    try:
        return patiently(lambda: _attempt(host, review, run), wait)
    except Refused as refused:
        if is_foreign and refused.status in (401, 403, 404):
            raise ReadOnly from None
        hint = host.hint(refused.status)
        raise MachineFailure(f"the host refused: {refused}.{' ' if hint else ''}{hint}") from None


def _attempt(host: Host, review: Review, run: Run) -> str:
    """Look and write, once.

    Each attempt looks anew, so a comment whose confirmation was lost is not written twice.
    """
    match decide(review, run, host.head(), host.comments()):
        case Leave(why):
            return f"Nothing was posted: {why}."
        case Create(body):
            _check_length(body, host)
            return _told("Posted the review", host.create(body))
        case Edit(identifier, body):
            _check_length(body, host)
            return _told("Updated the review", host.edit(identifier, body))
        case never:
            assert_never(never)


def _check_length(body: str, host: Host) -> None:
    if len(body) > host.largest:
        raise click.UsageError(
            f"The review has {len(body):,} characters, and a comment can have {host.largest:,}. "
            "`kpi diff --format markdown` keeps it shorter."
        )


def _told(what: str, where: str) -> str:
    return f"{what}: {safe(where)}" if where else f"{what}."
