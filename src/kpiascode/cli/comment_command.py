"""`kpi comment`: the review of a change, in its pull request."""

import os
import time
from typing import Final

import click

from kpiascode.cli.failures import Exit
from kpiascode.cli.hosts import github, gitlab
from kpiascode.cli.hosts.reviews import NoReview, Review, read
from kpiascode.cli.posting import ReadOnly, post

HOSTS: Final = {"github": github.place, "gitlab": gitlab.place}
LARGEST: Final = 1024 * 1024
"""Bytes of a review, and of the summary of a job."""


@click.command(epilog="Example: kpi comment review.md")
@click.argument("file", default="-", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option(
    "--host",
    type=click.Choice(list(HOSTS)),
    help="Whose job this is; default: what its environment says.",
)
def command(file: str, host: str | None) -> int:
    """Show a review of `kpi diff --format markdown` in the pull request that this job of a CI is about.

    There is one comment, which follows the change: it is edited, and where nothing changed none is made.
    FILE is by default standard input. A job of GitHub shows the review in its summary, too.
    """
    review = _review(file)
    name = host or _recognised()
    is_github = name == "github"
    if is_github:
        _summarise(review)
    place = HOSTS[name](os.environ)
    if place.host is None and not place.is_foreign:
        raise click.UsageError(f"There is no token: {place.no_token}")
    try:
        if place.host is None:
            raise ReadOnly
        told = post(place.host, review, place.run, is_foreign=place.is_foreign, wait=time.sleep)
    except ReadOnly:
        where = f"the {'summary' if is_github else 'artifacts'} of this job"
        told = f"The change comes from where no job may comment, such as a fork: its review is in {where}."
        told = f"::notice title=kpi comment::{told}" if is_github else told
    click.echo(told)
    return Exit.CLEAN


def _recognised() -> str:
    """Return whose job this is, or end with wrong usage."""
    for name, variable in (("github", "GITHUB_ACTIONS"), ("gitlab", "GITLAB_CI")):
        if os.environ.get(variable) == "true":
            return name
    raise click.UsageError("This is no job of GitHub or GitLab; --host says whose environment it has.")


def _review(file: str) -> Review:
    with click.open_file(file, "rb") as opened:
        data = opened.read(LARGEST + 1)
    shown = "standard input" if file == "-" else "FILE"
    if len(data) > LARGEST:
        raise click.UsageError(f"{shown} is larger than a review: it has more than {LARGEST:,} bytes.")
    try:
        return read(data.decode("utf-8"))
    except (UnicodeDecodeError, NoReview):
        raise click.UsageError(
            f"{shown} is no review of `kpi diff --format markdown`: its first line is no marker."
        ) from None


def _summarise(review: Review) -> None:
    """Add the review to the summary of the job, unless GitHub would drop all of it for its size."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    data = f"{review.text}\n\n".encode()
    with open(path, "ab") as page:
        if page.tell() + len(data) <= LARGEST:
            page.write(data)
        else:
            click.echo("The summary of the job has no room for the review.", err=True)
