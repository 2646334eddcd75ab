"""From a review to what people and programs read of it."""

from collections.abc import Callable
from typing import Final

from kpiascode import __version__
from kpiascode.model.changes import Review
from kpiascode.model.project import Project
from kpiascode.render import review as forms

FORMATS: Final = ("text", "markdown", "json", "changelog")


def check_key(key: str) -> None:
    """Refuse a key that could end a comment.

    Raises:
        ValueError: says what a key may hold.
    """
    forms.marker(key)


def told(review: Review, form: str, head: Callable[[], Project], key: str, command: str) -> str:
    """Return a review in one of `FORMATS`.

    Args:
        head: Gives the project of the head, for titles.
        key: By which a comment is found again.
        command: What prints the same again.
    """
    match form:
        case "markdown":
            return forms.markdown(review, key, __version__, command)
        case "json":
            return forms.as_json(review)
        case "changelog":
            return forms.changelog(review, head())
        case _:
            return forms.text(review)
