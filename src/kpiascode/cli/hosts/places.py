"""Where a job of a CI system says that its review belongs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import click

from kpiascode.cli.hosts.reviews import Comment, Run
from kpiascode.cli.hosts.transport import Client, Refused

PAGE: Final = 100
PAGES: Final = 100
"""As many pages of comments are read."""


class Host(Protocol):
    """A pull request, and how it is read and commented. A method asks, and raises what that can raise."""

    @property
    def largest(self) -> int:
        """How many characters a comment may have."""

    def hint(self, status: int | None) -> str:
        """Return the next step after a refusal; empty where there is none to name."""

    def head(self) -> str:
        """Return the newest commit."""

    def comments(self) -> tuple[Comment, ...]:
        """Return all comments."""

    def create(self, body: str) -> str:
        """Return where the new comment can be read; empty where that is not told."""

    def edit(self, identifier: int, body: str) -> str:
        """Return where the comment can be read; empty where that is not told."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a review belongs, and who shows it.

    Args:
        host: None where there is no token.
        is_foreign: The change comes from where no token may write for us, such as a fork.
        no_token: What is told where there is none, though there could be.
    """

    host: Host | None
    run: Run
    is_foreign: bool
    no_token: str


def pages(client: Client, path: str) -> tuple[Any, ...]:
    """Return what a list holds.

    Pages are asked for by number: an address that comes with an answer is not followed.
    """
    found: list[Any] = []
    joint = "&" if "?" in path else "?"
    for number in range(1, PAGES + 1):
        answer = client.ask("GET", f"{path}{joint}per_page={PAGE}&page={number}")
        if not isinstance(answer.data, list):
            raise Refused("its answer is no list")
        found += answer.data
        if not (answer.has_next or len(answer.data) >= PAGE):
            return tuple(found)
    raise Refused(f"there are more than {PAGE * PAGES:,} comments")


def field(data: Any, *path: str) -> Any:
    """Return what stands in an answer, or None where it does not."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def text(data: Any, *path: str) -> str:
    found = field(data, *path)
    return found if isinstance(found, str) else ""


def commit(data: Any, *path: str) -> str:
    """Return a commit that an answer names.

    Raises:
        Refused: It names none.
    """
    found = text(data, *path)
    if not is_commit(found):
        raise Refused("its answer names no commit")
    return found


def is_commit(found: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{40}([0-9a-f]{24})?", found) is not None


def needed(environment: Mapping[str, str], name: str, shape: str) -> str:
    """Return a variable that the CI system sets, or end with wrong usage."""
    found = environment.get(name, "")
    if not re.fullmatch(shape, found):
        raise click.UsageError(f"{name} is not set as a CI system sets it. `kpi comment` runs in its jobs.")
    return found


def token(environment: Mapping[str, str], name: str) -> str:
    """Return a token, or nothing; one that is none is wrong usage, which repeats nothing of it."""
    found = environment.get(name, "").strip()
    if found and not re.fullmatch(r"[\x21-\x7e]{1,5000}", found):
        raise click.UsageError(f"{name} holds more than a token.")
    return found
