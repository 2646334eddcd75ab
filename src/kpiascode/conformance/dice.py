"""What can come out at random, put together from parts: a die is thrown with a source of chance.

The words are those of Hypothesis's strategies, whose `st.randoms()` is a source of chance, too. So tests can
let it shrink what these dice throw, and whoever has only a seed gets the same things on every machine.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from random import Random
from typing import Any, Concatenate, Generic, ParamSpec, TypeAlias, TypeVar

_T = TypeVar("_T")
_U = TypeVar("_U")
_P = ParamSpec("_P")

Draw: TypeAlias = Callable[["Die[_T]"], _T]


class Die(Generic[_T]):
    """What can come out. `|` is a die that has both, each as likely as any of its parts."""

    def __init__(self, throw: Callable[[Random], _T], parts: "Sequence[Die[Any]]" = ()) -> None:
        self.throw = throw
        self.parts = parts or (self,)

    def map(self, change: Callable[[_T], _U]) -> "Die[_U]":
        return Die(lambda chance: change(self.throw(chance)))

    def flatmap(self, then: "Callable[[_T], Die[_U]]") -> "Die[_U]":
        return Die(lambda chance: then(self.throw(chance)).throw(chance))

    def filter(self, fits: Callable[[_T], bool]) -> "Die[_T]":
        def throw(chance: Random) -> _T:
            while not fits(found := self.throw(chance)):
                pass
            return found

        return Die(throw)

    def __or__(self, other: "Die[_U]") -> "Die[_T | _U]":
        return one_of(self, other)


def one_of(*dice: Die[Any] | Iterable[Die[Any]]) -> Die[Any]:
    given = [die for one in dice for die in ([one] if isinstance(one, Die) else one)]
    parts = tuple(part for die in given for part in die.parts)
    return Die(lambda chance: chance.choice(parts).throw(chance), parts)


def just(value: _T) -> Die[_T]:
    return Die(lambda chance: value)


def none() -> Die[None]:
    return just(None)


def integers(least: int, most: int) -> Die[int]:
    return Die(lambda chance: chance.randint(least, most))


def booleans() -> Die[bool]:
    return sampled_from([False, True])


def sampled_from(values: Iterable[_T]) -> Die[_T]:
    listed = tuple(values)
    return Die(lambda chance: chance.choice(listed))


def tuples(*dice: Die[Any]) -> Die[tuple[Any, ...]]:
    return Die(lambda chance: tuple(die.throw(chance) for die in dice))


def lists(die: Die[_T], *, min_size: int = 0, max_size: int, unique: bool = False) -> Die[list[_T]]:
    """Return lists; where each value may be there once only, there may be fewer than were wanted."""

    def throw(chance: Random) -> list[_T]:
        wanted = chance.randint(min_size, max_size)
        found: list[_T] = []
        for _ in range(wanted * 10):
            if len(found) == wanted:
                break
            value = die.throw(chance)
            if not unique or value not in found:
                found.append(value)
        return found

    return Die(throw)


def builds(make: Callable[..., _T], *dice: Die[Any], **named: Die[Any]) -> Die[_T]:
    return Die(
        lambda chance: make(
            *(die.throw(chance) for die in dice),
            **{name: die.throw(chance) for name, die in named.items()},
        )
    )


def composite(make: Callable[Concatenate[Draw[Any], _P], _T]) -> Callable[_P, Die[_T]]:
    """Return what gives dice: `make` gets a function that throws another die."""

    @wraps(make)
    def die_of(*args: _P.args, **kwargs: _P.kwargs) -> Die[_T]:
        return Die(lambda chance: make(lambda die: die.throw(chance), *args, **kwargs))

    return die_of
