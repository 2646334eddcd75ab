"""What changes of any kind of thing have in common: how they are made, and those that every kind can have."""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any

from kpiascode.diff.words import from_to, told
from kpiascode.model.changes import Change, ChangeKind, Subject
from kpiascode.model.place import Place


def change(
    kind: ChangeKind,
    subject: Subject,
    part: str,
    before: Any,
    after: Any,
    words: str,
    place: Place | None,
    **more: Any,
) -> Change:
    """Return a change, with both values in canonical words."""
    return Change(
        kind=kind,
        subject=subject,
        part=part,
        before=told(before),
        after=told(after),
        words=words,
        place=place,
        **more,
    )


def plain(field: str, what: str, before: Any, after: Any) -> str:
    """Return one sentence of a change of one value; a description may be long, and is not repeated."""
    return "The description is another one." if field == "description" else from_to(what, before, after)


def valued(
    subject: Subject, given: Iterable[tuple[str, ChangeKind, str]], before: Any, after: Any
) -> Iterator[Change]:
    """Yield the changes of fields that hold one value each: by name, kind, and what it is in words."""
    for field, kind, what in given:
        one, other = getattr(before, field), getattr(after, field)
        if one != other:
            yield change(kind, subject, field, one, other, plain(field, what, one, other), after.place)


def moved(subject: Subject, before: Place, after: Place, **more: Any) -> Iterator[Change]:
    """Yield that a definition stands in another file."""
    if before.path != after.path:
        words = f"It moved from `{before.path}` to `{after.path}`."
        yield change(ChangeKind.MOVED, subject, "", before.path, after.path, words, after, **more)


def unlisted(
    subject: Subject,
    before: Any,
    after: Any,
    listed: frozenset[str],
    place: Place | None,
    above: str = "",
    **more: Any,
) -> Iterator[Change]:
    """Yield the changes of fields of which nobody said what they do.

    Args:
        above: The way to what has the fields, with a dot behind it.
    """
    for name in sorted({one.name for one in fields(after)} - listed):
        if getattr(before, name) != getattr(after, name):
            words = f"`{name}` was changed."
            yield change(ChangeKind.UNLISTED, subject, f"{above}{name}", None, None, words, place, **more)
