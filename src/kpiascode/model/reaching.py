"""What can be got to from somewhere, over any number of steps."""

from collections.abc import Callable, Iterable
from typing import TypeVar

_T = TypeVar("_T")


def reached(start: Iterable[_T], onward: Callable[[_T], Iterable[_T]]) -> tuple[_T, ...]:
    """Return where one starts and all that one gets to, each once; circles do no harm.

    >>> reached(["a"], {"a": ["b", "c"], "b": ["a"], "c": []}.__getitem__)
    ('a', 'c', 'b')
    """
    found: dict[_T, None] = {}
    waiting = list(start)
    while waiting:
        one = waiting.pop()
        if one not in found:
            found[one] = None
            waiting += onward(one)
    return tuple(found)
