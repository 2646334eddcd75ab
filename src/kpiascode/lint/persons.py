"""Where a text names a person: an address of e-mail, or somebody's name, however it is written."""

import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final, TypeAlias

from kpiascode.model.folding import UNSEEN_SIGNS, seen, spellings
from kpiascode.model.place import Place, Span

Spellings: TypeAlias = frozenset[str]
Words: TypeAlias = tuple[Spellings, ...]

_LABEL: Final = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
AT: Final = re.compile("[@\uff20\ufe6b]")
DOMAIN: Final = re.compile(rf"(?:{_LABEL}\.){{1,8}}[^\W\d_][\w-]{{0,22}}[^\W_](?![\w-])")
LOCAL_SIGNS: Final = frozenset("_.+'-")
LONGEST_LOCAL: Final = 128
LONGEST_USER: Final = 300

WORD: Final = re.compile(f"(?:[^\\W_]|[\u0300-\u036f{UNSEEN_SIGNS}])+")
"""Letters and digits, the accents that are signs of their own, and what is not seen among them."""

BETWEEN: Final = re.compile(
    r"""[\s#_.,'"()\[\]\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}"""
    r"""\N{RIGHT SINGLE QUOTATION MARK}-]{0,200}"""
)
"""What may stand between the words of a name: also the line break of a comment, or the `_` of a handle."""

SHORTEST: Final = 8
"""Letters of a name whose words are written as one: a shorter one may be a word of the language."""


@dataclass(frozen=True, slots=True)
class Found:
    """From where to where in a text."""

    start: int
    end: int


def addresses(text: str) -> Iterator[Found]:
    """Yield the addresses of e-mail in a text.

    None is the user of a URL (`://kim@host`), nor of git over SSH (`git@host`), nor a pattern (`'%@host'`).
    """
    for at in AT.finditer(text):
        domain = DOMAIN.match(text, at.end())
        start = at.start() if domain is None else _start(text, at.start())
        is_user = text[start : at.start()] == "git" or _is_in_url(
            text[max(0, at.start() - LONGEST_USER) : at.start()]
        )
        if domain is not None and start < at.start() and not is_user:
            yield Found(start, domain.end())


def _start(text: str, end: int) -> int:
    """Return where the local part of an address begins; a sign cannot be its first."""
    start = end
    while (
        start
        and end - start < LONGEST_LOCAL
        and (text[start - 1].isalnum() or text[start - 1] in LOCAL_SIGNS)
    ):
        start -= 1
    return end - len(text[start:end].lstrip(".+'-"))


def _is_in_url(before: str) -> bool:
    _, sign, user = before.rpartition("://")
    return bool(sign) and not any(one.isspace() or one == "/" for one in user)


def address(text: str) -> str:
    """Return an address as others are compared with it."""
    return unicodedata.normalize("NFKC", text).casefold()


class Names:
    """The names of persons, to be looked for in texts.

    A name of several words counts also with the last word first, in any case, without its accents or with
    `ue` for `ü`, as a genitive, with initials between its words, and written as one word. One of
    a single word, which may be a word of the language, counts only as it is written. In scripts without
    capitals, which may have no blanks either, a name counts wherever its signs stand.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._by_first: defaultdict[str, dict[Words, None]] = defaultdict(dict)
        self._joined: set[str] = set()
        self._single: set[str] = set()
        signs: set[str] = set()
        for name in names:
            words = WORD.findall(seen(name))
            if words and all(word.lower() == word.upper() for word in words):
                signs.add(rf"[\s{UNSEEN_SIGNS}]*".join(map(re.escape, "".join(words))))
            elif len(words) == 1:
                self._single.add(unicodedata.normalize("NFC", words[0]))
            elif words:
                spelled = tuple(map(_spellings, words))
                for order in (spelled, (spelled[-1], *spelled[:-1])):
                    for first in order[0]:
                        self._by_first[first][order] = None
                for written in (words, (words[-1], *words[:-1])):
                    self._joined.update(one for one in spellings("".join(written)) if len(one) >= SHORTEST)
        self._signs = re.compile("|".join(sorted(signs))) if signs else None

    def found_in(self, text: str) -> Iterator[Found]:
        """Yield where a name stands in a text."""
        if self._signs is not None:
            yield from (Found(match.start(), match.end()) for match in self._signs.finditer(text))
        if not self._by_first and not self._single:
            return
        marks = list(WORD.finditer(text))
        spelled = [_spellings(mark[0]) for mark in marks]
        for at, mark in enumerate(marks):
            if self._single and unicodedata.normalize("NFC", seen(mark[0])) in self._single:
                yield Found(mark.start(), mark.end())
            if any(one in self._joined or one.removesuffix("s") in self._joined for one in spelled[at]):
                yield Found(mark.start(), mark.end())
            for name in {name: None for one in spelled[at] for name in self._by_first.get(one, ())}:
                last = _last_of(name, spelled, at)
                if last is not None and _are_joined(text, marks[at : last + 1]):
                    yield Found(mark.start(), marks[last].end())


def _last_of(name: Words, spelled: Sequence[Spellings], at: int) -> int | None:
    """Return where the last word of a name stands that begins at a word; None where it is another one."""
    for part in name[1:]:
        at += 1
        if at < len(spelled) and _is_initial(spelled[at]) and not _is_initial(part):
            at += 1
        if at >= len(spelled) or spelled[at].isdisjoint(part):
            genitives = {f"{one}s" for one in part} if part is name[-1] else set()
            return at if at < len(spelled) and not spelled[at].isdisjoint(genitives) else None
    return at


def _is_initial(word: Spellings) -> bool:
    return any(len(one) == 1 for one in word)


def _are_joined(text: str, words: Sequence[re.Match[str]]) -> bool:
    return all(BETWEEN.fullmatch(text, one.end(), other.start()) for one, other in pairwise(words))


@lru_cache(maxsize=65_536)
def _spellings(word: str) -> frozenset[str]:
    """Return a word without accents and capitals, as it may be written."""
    return frozenset(spellings(word))


def places(path: str, text: str, found: Iterable[Found]) -> Iterator[Place]:
    """Yield where in a file something was found."""
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    for one in found:
        line, end_line = bisect_right(starts, one.start), bisect_right(starts, one.end)
        column, end_column = one.start - starts[line - 1] + 1, one.end - starts[end_line - 1] + 1
        yield Place(path, Span(line, column, end_line, end_column))
