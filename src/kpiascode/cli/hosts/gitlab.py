"""Merge requests of GitLab, over its REST interface."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import click

from kpiascode.cli.hosts.places import Place, commit, field, is_commit, needed, pages, text, token
from kpiascode.cli.hosts.reviews import Comment, Run
from kpiascode.cli.hosts.transport import Client, WrongAddress

TOKEN: Final = "KPI_GITLAB_TOKEN"

_RIGHTS: Final = "It has to be a project access token with the scope `api` and at least the role Reporter."
_HINTS: Final = {
    400: "The text was not accepted.",
    401: f"{TOKEN} is not valid here, or not any more. {_RIGHTS}",
    403: f"{TOKEN} has too few rights. {_RIGHTS}",
    404: f"The merge request does not exist, or {TOKEN} may not see it. {_RIGHTS}",
    422: "The text was not accepted.",
}


@dataclass(frozen=True, slots=True)
class GitLab:
    client: Client
    project: str
    number: str
    largest: int = 1_000_000

    def hint(self, status: int | None) -> str:
        return _HINTS.get(status or 0, "")

    def head(self) -> str:
        return commit(self.client.ask("GET", self._path()).data, "sha")

    def comments(self) -> tuple[Comment, ...]:
        """Return all notes. Only those of the token's own user can be edited, so only they are ours."""
        ourselves = field(self.client.ask("GET", "/user").data, "id")
        found = pages(self.client, f"{self._path()}/notes?order_by=created_at&sort=asc")
        return tuple(
            Comment(
                field(one, "id"),
                text(one, "body"),
                isinstance(ourselves, int) and field(one, "author", "id") == ourselves,
            )
            for one in found
            if isinstance(field(one, "id"), int)
        )

    def create(self, body: str) -> str:
        return self._where(self.client.ask("POST", f"{self._path()}/notes", {"body": body}).data)

    def edit(self, identifier: int, body: str) -> str:
        return self._where(self.client.ask("PUT", f"{self._path()}/notes/{identifier}", {"body": body}).data)

    def _path(self) -> str:
        return f"/projects/{self.project}/merge_requests/{self.number}"

    def _where(self, note: Any) -> str:
        found = field(note, "id")
        return f"note {found} of merge request !{self.number}" if isinstance(found, int) else ""


def place(environment: Mapping[str, str]) -> Place:
    """Return the merge request that a job of GitLab is about, or end with wrong usage.

    The pipeline of a fork runs there, and its merge request lies in the project that it was forked from.
    """
    if not environment.get("CI_MERGE_REQUEST_IID"):
        raise click.UsageError(
            "This pipeline is of no merge request: give the job the rule "
            '`$CI_PIPELINE_SOURCE == "merge_request_event"`.'
        )
    number = needed(environment, "CI_MERGE_REQUEST_IID", "[0-9]{1,18}")
    here = needed(environment, "CI_PROJECT_ID", "[0-9]{1,18}")
    project = environment.get("CI_MERGE_REQUEST_PROJECT_ID") or here
    if not project.isascii() or not project.isdigit():
        raise click.UsageError("CI_MERGE_REQUEST_PROJECT_ID is no number.")
    source = environment.get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID") or here
    # A pipeline of merged results runs on a commit that merges; then this one is the newest of the branch.
    head = environment.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or environment.get("CI_COMMIT_SHA", "")
    if not is_commit(head):
        raise click.UsageError("CI_COMMIT_SHA is no commit. `kpi comment` runs in jobs of a CI system.")
    run = Run(
        number=int(needed(environment, "CI_PIPELINE_ID", "[0-9]{1,18}")),
        attempt=int(needed(environment, "CI_JOB_ID", "[0-9]{1,18}")),
        commit=head,
    )
    secret = token(environment, TOKEN)
    return Place(
        host=GitLab(_client(environment, secret), project, number) if secret else None,
        run=run,
        is_foreign=source != project,
        no_token=f"{TOKEN} is not set: make it a masked variable, and no protected one. {_RIGHTS}",
    )


def _client(environment: Mapping[str, str], secret: str) -> Client:
    try:
        address = environment.get("CI_API_V4_URL", "").rstrip("/")
        return Client(address, {"Accept": "application/json", "PRIVATE-TOKEN": secret}, secret)
    except (WrongAddress, ValueError) as wrong:
        raise click.UsageError(f"CI_API_V4_URL is no address for a token: {wrong}.") from None
