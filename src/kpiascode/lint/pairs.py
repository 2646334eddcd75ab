"""Findings about two definitions stand at both: which of them is new, or wrong, only a person can tell."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def doubles(same: Sequence[T]) -> Iterator[tuple[T, T]]:
    """Yield each of what is the same with the first of them; the first with the second.

    >>> list(doubles("abc")), list(doubles("a"))
    ([('a', 'b'), ('b', 'a'), ('c', 'a')], [])
    """
    if len(same) > 1:
        first, second, *rest = same
        yield first, second
        yield from ((one, first) for one in (second, *rest))


def conflicts(found: Sequence[T], differ: Callable[[T, T], bool]) -> Iterator[tuple[T, T]]:
    """Yield each that differs from the first, with it; before them the first with the first of them.

    >>> list(conflicts([1, 1, 2, 3], int.__ne__)), list(conflicts([1, 1], int.__ne__))
    ([(1, 2), (2, 1), (3, 1)], [])
    """
    if found:
        yield from doubles([found[0], *(one for one in found[1:] if differ(found[0], one))])
