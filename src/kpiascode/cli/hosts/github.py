"""Pull requests of GitHub, over its REST interface."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import click

from kpiascode.cli.hosts.places import Place, commit, field, is_commit, needed, pages, text, token
from kpiascode.cli.hosts.reviews import Comment, Run
from kpiascode.cli.hosts.transport import Client, WrongAddress

TOKEN: Final = "GITHUB_TOKEN"
WRITERS: Final = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
READERS_BOT: Final = "dependabot[bot]"
"""Its pull requests get a token that can only read, as those of forks do."""

_HINTS: Final = {
    401: "Give the step `GITHUB_TOKEN: ${{ github.token }}`.",
    403: "Give the job `permissions: {contents: read, pull-requests: write}`.",
    404: "The pull request does not exist, or the token may not see it: give the job "
    "`permissions: {contents: read, pull-requests: write}`.",
    410: "The conversation is locked or closed for comments.",
    422: "The text was not accepted; the summary of the job has it.",
}


@dataclass(frozen=True, slots=True)
class GitHub:
    client: Client
    repository: str
    number: int
    largest: int = 65_536

    def hint(self, status: int | None) -> str:
        return _HINTS.get(status or 0, "")

    def head(self) -> str:
        return commit(self._ask("GET", f"pulls/{self.number}"), "head", "sha")

    def comments(self) -> tuple[Comment, ...]:
        found = pages(self.client, self._path(f"issues/{self.number}/comments"))
        return tuple(
            Comment(field(one, "id"), text(one, "body"), _is_ours(one))
            for one in found
            if isinstance(field(one, "id"), int)
        )

    def create(self, body: str) -> str:
        return text(self._ask("POST", f"issues/{self.number}/comments", body), "html_url")

    def edit(self, identifier: int, body: str) -> str:
        return text(self._ask("PATCH", f"issues/comments/{identifier}", body), "html_url")

    def _ask(self, method: str, path: str, body: str | None = None) -> Any:
        return self.client.ask(method, self._path(path), None if body is None else {"body": body}).data

    def _path(self, path: str) -> str:
        return f"/repos/{self.repository}/{path}"


def place(environment: Mapping[str, str]) -> Place:
    """Return the pull request that a job of GitHub is about, or end with wrong usage."""
    repository = needed(environment, "GITHUB_REPOSITORY", r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")
    event = _event(environment.get("GITHUB_EVENT_PATH", ""))
    number, head = field(event, "pull_request", "number"), text(event, "pull_request", "head", "sha")
    if type(number) is not int or not is_commit(head):
        raise click.UsageError("This run is of no pull request: let `on: pull_request` start it.")
    run = Run(
        number=int(needed(environment, "GITHUB_RUN_NUMBER", "[0-9]{1,18}")),
        attempt=int(needed(environment, "GITHUB_RUN_ATTEMPT", "[0-9]{1,18}")),
        commit=head,
    )
    source = text(event, "pull_request", "head", "repo", "full_name")
    secret = token(environment, TOKEN)
    return Place(
        host=GitHub(_client(environment, secret), repository, number) if secret else None,
        run=run,
        is_foreign=source.lower() != repository.lower() or environment.get("GITHUB_ACTOR") == READERS_BOT,
        no_token=f"{TOKEN} is not set. {_HINTS[401]}",
    )


def _client(environment: Mapping[str, str], secret: str) -> Client:
    headers = {
        "Accept": "application/vnd.github+json",
        "Authorization": f"Bearer {secret}",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    try:
        address = environment.get("GITHUB_API_URL") or "https://api.github.com"
        return Client(address.rstrip("/"), headers, secret)
    except (WrongAddress, ValueError) as wrong:
        raise click.UsageError(f"GITHUB_API_URL is no address for a token: {wrong}.") from None


def _is_ours(comment: Any) -> bool:
    """Return whether a bot wrote it, or somebody with rights.

    A stranger who copies a marker, with the stamp of a late run, must not silence us.
    """
    return text(comment, "user", "type") == "Bot" or text(comment, "author_association") in WRITERS


def _event(path: str) -> Any:
    """Return what started the run, as its runner wrote it down."""
    if not path or not os.path.isfile(path):
        raise click.UsageError("GITHUB_EVENT_PATH names no file. `kpi comment` runs in jobs of a CI system.")
    with open(path, "rb") as opened:
        try:
            return json.load(opened)
        except (ValueError, RecursionError):
            raise click.UsageError("GITHUB_EVENT_PATH names a file that is no JSON.") from None
