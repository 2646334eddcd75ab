"""A review on its way to a pull request: which comment is ours, and what becomes of it. Nothing is sent here.

The first line of a comment of ours is the marker of the review, the second one a stamp: which run wrote it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

NOTHING: Final = "No KPI changes."
"""All that a review says of a change that touches no KPI."""
NOTHING_NOW: Final = "No KPI changes in the latest revision."

_MARKER: Final = re.compile(r"<!-- kpiascode:review key=(?:(?!--)[^\n]){1,300} -->")
_STAMP: Final = re.compile(r"<!-- kpiascode:run ([0-9]{1,18})\.([0-9]{1,18}) sha=([0-9a-f]{7,64}) -->")
_HIDDEN: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_COMMAND: Final = re.compile(r"^([ \t>]*)/(?=[A-Za-z])", re.MULTILINE)
"""A line such as `/merge` is an order to GitLab, and to many a bot of GitHub."""
_BREAK: Final = "\N{ZERO WIDTH SPACE}"


class NoReview(Exception):
    """The text is not what `kpi diff --format markdown` prints."""


@dataclass(frozen=True, slots=True)
class Review:
    """What is to be shown.

    Args:
        marker: The first line. Comments with another one are of another review.
        text: The rest, harmless to whoever reads it for orders.
    """

    marker: str
    text: str

    @property
    def is_empty(self) -> bool:
        return self.text == NOTHING


@dataclass(frozen=True, slots=True)
class Run:
    """Which run speaks. Of two with one marker, the one with the higher number, then attempt, is the later.

    Args:
        commit: The newest commit of the pull request when the run began; not the one that merges it.
    """

    number: int
    attempt: int
    commit: str


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment that is there.

    Args:
        identifier: The later the comment, the higher.
        is_ours: Whether somebody wrote it who may write for us. Anybody can copy a marker.
    """

    identifier: int
    body: str
    is_ours: bool


@dataclass(frozen=True, slots=True)
class Create:
    body: str


@dataclass(frozen=True, slots=True)
class Edit:
    identifier: int
    body: str


@dataclass(frozen=True, slots=True)
class Leave:
    """Write nothing. `why` completes a sentence."""

    why: str


Step: TypeAlias = Create | Edit | Leave


def read(text: str) -> Review:
    """Return the review that a text holds.

    Raises:
        NoReview: The first line is no marker, or nothing follows it.
    """
    marker, _, rest = _plain(text).partition("\n")
    shown = _COMMAND.sub(rf"\1{_BREAK}/", rest.strip())
    if not _MARKER.fullmatch(marker) or not shown:
        raise NoReview
    return Review(marker, shown)


def decide(review: Review, run: Run, head: str, comments: Iterable[Comment]) -> Step:
    """Return what is to be done so that the pull request shows the review of its newest commit, once.

    Args:
        head: The newest commit of the pull request by now.
        comments: All that are there.
    """
    if head != run.commit:
        return Leave("the pull request has another newest commit by now")
    ours = [one for one in comments if one.is_ours and _plain(one.body).partition("\n")[0] == review.marker]
    if not ours:
        return Leave("no KPI changes") if review.is_empty else Create(_body(review.marker, run, review.text))
    if any(stamp > (run.number, run.attempt) for one in ours if (stamp := _stamp(one.body))):
        return Leave("a later run has shown its review already")
    newest = max(ours, key=lambda one: one.identifier)
    text = NOTHING_NOW if review.is_empty else review.text
    if _text(newest.body) == text:
        return Leave("the comment says the same already")
    return Edit(newest.identifier, _body(review.marker, run, text))


def _body(marker: str, run: Run, text: str) -> str:
    return f"{marker}\n<!-- kpiascode:run {run.number}.{run.attempt} sha={run.commit} -->\n{text}\n"


def _stamp(body: str) -> tuple[int, int] | None:
    """Return the run that wrote a comment. Only its second line says so: what follows is of the review."""
    match = _STAMP.fullmatch([*_plain(body).split("\n", 2), ""][1])
    return (int(match[1]), int(match[2])) if match else None


def _text(body: str) -> str:
    """Return what people see of a comment."""
    _, *rest = _plain(body).split("\n")
    return "\n".join(rest[1:] if rest and _STAMP.fullmatch(rest[0]) else rest).strip()


def _plain(text: str) -> str:
    """Return text with one kind of line ends, which hosts change, and without hidden characters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _HIDDEN.sub("\N{REPLACEMENT CHARACTER}", lines)
