"""Patterns of paths, such as `kpis/legacy/**`, matched in time linear in the path.

A pattern is a machine whose states are the bits of one number, all of them followed at once: nothing is ever
tried twice, so that no pattern is slow.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import Final

STAR: Final = "*"
REST: Final = "**"
FOLDERS: Final = "**/"


@dataclass(frozen=True, slots=True)
class Pattern:
    """Where a token `n` is expected, bit `n` is set; behind the last one, all is matched.

    Args:
        steps: By character the tokens that it takes to the next one; `other` for all other characters.
        stays: The tokens that a character leaves expected; `within` those that a `/` does not.
        empty: The tokens that may stand for nothing; `folders` those that may do so at once only.
        last: The bit behind the last token.
    """

    steps: dict[str, int]
    other: int
    stays: int
    within: int
    empty: int
    folders: int
    last: int

    def matches(self, path: str) -> bool:
        """Return whether it matches a path, or a folder that the path lies in."""
        expected = self._with_nothing(1, 1)
        for character in path:
            if character == "/" and expected & self.last:
                return True
            entered = (expected & self.steps.get(character, 0 if character == "/" else self.other)) << 1
            left = expected & self.stays & (~self.within if character == "/" else -1)
            expected = self._with_nothing(entered | left, entered)
        return bool(expected & self.last)

    def _with_nothing(self, expected: int, entered: int) -> int:
        expected |= (entered & self.folders) << 1
        return expected | (expected & self.empty) << 1


@cache
def pattern(text: str) -> Pattern:
    """Return a pattern: `*` is any part of a name, `?` one character, `**` any folders; all else is itself.

    >>> pattern("kpis/*/old_?.yaml").matches("kpis/sales/old_1.yaml")
    True
    >>> pattern("kpis/**/old.yaml").matches("kpis/old.yaml"), pattern("kpis/*.yaml").matches("kpis/a/b.yaml")
    (True, False)
    """
    tokens = _tokens(text)
    bits: defaultdict[str, int] = defaultdict(int)
    for number, token in enumerate(tokens):
        bits[token] |= 1 << number
    one, star, rest, folders = (bits.pop(token, 0) for token in ("?", STAR, REST, FOLDERS))
    steps = {character: found | one for character, found in bits.items() if character != "/"}
    steps["/"] = bits.get("/", 0) | folders
    return Pattern(
        steps=steps,
        other=one,
        stays=star | rest | folders,
        within=star,
        empty=star | rest,
        folders=folders,
        last=1 << len(tokens),
    )


def _tokens(text: str) -> list[str]:
    parts = [part for part in text.split("/") if part not in ("", ".")]
    tokens: list[str] = []
    for number, part in enumerate(parts):
        ends = number == len(parts) - 1
        if part == REST:
            tokens += [REST] if ends else [FOLDERS] if tokens[-1:] != [FOLDERS] else []
            continue
        for character in part:
            if character != STAR or tokens[-1:] != [STAR]:
                tokens.append(character)
        tokens += [] if ends else ["/"]
    return tokens or [REST]
