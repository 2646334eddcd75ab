"""What may be told of a feedback round, so that nobody learns what fewer than `k` people answered.

A set of people is told by its groups and never by what they answered: of at least `k` of them, how many gave
each answer. Numbers can be subtracted, so what is told of a question is made of parts that do not overlap:
some groups alone, and all others together (`rest`). Where the rest has fewer than `k`, the smallest group
that is told joins it, until it has as many. Whatever is added and subtracted gives whole parts.

A part of which all gave the same answer is not told, since everybody would know what each of them said; nor
is the whole then, from which it could be computed. Which groups are a part hangs on how many answered and
never on what they did: who knows these rules learns from what is left out that all of a part agreed, and
never on what.

Three more ways to subtract are closed:

* Those whom a round is about, and those who lead them, read what is told and know what they answered
  themselves. They are told alone or not at all, and no sum holds them.
* A group that is not told in the participation is told in no question. Else two questions that hide different
  groups would give away how many a small one has, where everybody has answered both.
* A summary before the end of the window and another one after it would differ by those who came later. That
  is for the command line to refuse, which knows the day.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Final

from kpiascode.model.feedback import (
    FeedbackSummary,
    Response,
    Responses,
    Split,
    Told,
    ToldAnswers,
    ToldQuestion,
    ToldWords,
)
from kpiascode.model.folding import folded, seen, spellings, words
from kpiascode.model.performance import FeedbackQuestion, FeedbackRound, Group, Person

APART: Final = frozenset({Group.SELF, Group.MANAGER})
"""Groups that no sum holds, since they read what is told."""


def summary(asked: FeedbackRound, responses: Responses, persons: Iterable[Person] = ()) -> FeedbackSummary:
    """Return what may be told of a round.

    Args:
        persons: Those whose names no answer in words may hold.
    """
    rows = [one for one in responses.rows if one.answers or one.texts]
    participation = split(asked.groups, _piles(asked, rows), asked.k)
    told = frozenset(group for group, alone in participation.alone.items() if alone is not None)
    return FeedbackSummary(
        round=asked,
        participation=participation,
        questions=tuple(_questions(asked, rows, told, _Naming(persons, responses.tokens))),
    )


def withheld(asked: FeedbackRound, responses: Responses, persons: Iterable[Person] = ()) -> int:
    """Return how many answers a moderator has let through that may name somebody: no page tells it."""
    naming = _Naming(persons, responses.tokens)
    return sum(
        naming.is_in(words) for one in responses.rows if one.let_through for words in one.texts.values()
    )


# --- who answered how often


@dataclass(frozen=True, slots=True)
class Pile:
    """Answers of some people: how many, and of each step of the scale; no steps where only that is told."""

    number: int
    counts: tuple[int, ...] = ()

    def __add__(self, other: "Pile") -> "Pile":
        return Pile(
            self.number + other.number,
            tuple(one + two for one, two in zip(self.counts, other.counts, strict=True)),
        )

    @property
    def is_mixed(self) -> bool:
        """Return whether it says nothing of each of its people."""
        return not self.counts or max(self.counts) < self.number


def split(
    groups: Sequence[Group], piles: Mapping[Group, Pile], k: int, among: Collection[Group] | None = None
) -> Split:
    """Return what may be told of groups.

    Args:
        among: Of which alone something may be told; None: of all.
    """
    large = [group for group in groups if piles[group].number >= k and (among is None or group in among)]
    summed = [group for group in groups if group not in APART]
    shown = [group for group in large if group not in APART]
    rest = _together(piles, summed, shown)
    while shown and 0 < rest.number < k:
        shown.remove(min(shown, key=lambda group: piles[group].number))
        rest = _together(piles, summed, shown)
    alone = {*shown, *APART.intersection(large)}
    whole = _together(piles, summed, ())
    parts = [*(piles[group] for group in shown), *([rest] if rest.number else [])]
    is_told = whole.number >= k and all(part.is_mixed for part in parts)
    return Split(
        alone={
            group: _told((group,), piles[group]) if group in alone and piles[group].is_mixed else None
            for group in groups
        },
        rest=_told([group for group in summed if group not in shown], rest)
        if shown and rest.number and rest.is_mixed
        else None,
        whole=_told(summed, whole) if is_told else None,
    )


def _together(piles: Mapping[Group, Pile], groups: Iterable[Group], without: Collection[Group]) -> Pile:
    """Return the sum over the groups that are not left out."""
    steps = len(next(iter(piles.values())).counts)
    return sum((piles[group] for group in groups if group not in without), Pile(0, (0,) * steps))


def _told(groups: Iterable[Group], pile: Pile) -> Told:
    return Told(tuple(groups), pile.number, pile.counts)


def _piles(asked: FeedbackRound, rows: Iterable[Response]) -> dict[Group, Pile]:
    """Return how many of each group answered anything."""
    numbers = dict.fromkeys(asked.groups, 0)
    for one in rows:
        numbers[one.group] += 1
    return {group: Pile(number) for group, number in numbers.items()}


def _piles_of(
    asked: FeedbackRound, question: FeedbackQuestion, rows: Iterable[Response]
) -> dict[Group, Pile]:
    """Return what each group answered to a question on a scale."""
    assert question.scale is not None
    low, steps = question.scale.low, question.scale.high - question.scale.low + 1
    counts = {group: [0] * steps for group in asked.groups}
    for one in rows:
        if question.name in one.answers:
            counts[one.group][one.answers[question.name] - low] += 1
    return {group: Pile(sum(some), tuple(some)) for group, some in counts.items()}


# --- what is told


def _questions(
    asked: FeedbackRound, rows: Sequence[Response], told: Collection[Group], naming: "_Naming"
) -> Iterator[ToldAnswers]:
    for question in asked.questions:
        if question.scale is not None:
            piles = _piles_of(asked, question, rows)
            yield ToldQuestion(question, split(asked.groups, piles, asked.k, told))
        else:
            yield ToldWords(question, _words(asked, question, rows, told, naming))


def _words(
    asked: FeedbackRound,
    question: FeedbackQuestion,
    rows: Iterable[Response],
    told: Collection[Group],
    naming: "_Naming",
) -> tuple[str, ...]:
    """Return what was said in words, in an order that the words alone decide.

    Behind each of them stand at least `k` people of one group who wrote something.
    """
    wrote = [one for one in rows if question.name in one.texts]
    numbers = {group: sum(one.group is group for one in wrote) for group in told}
    found = [
        one.texts[question.name] for one in wrote if one.let_through and numbers.get(one.group, 0) >= asked.k
    ]
    return tuple(
        sorted((one for one in found if not naming.is_in(one)), key=lambda one: (one.casefold(), one))
    )


# --- words that name somebody

_AT: Final = re.compile(
    r"""
    @ | %40 | :// | \bwww\.
    | \w \s* [\[({<] \s* at \s* [\])}>] \s* \w
    | (?: (?<! [^\W_] ) at [\W_]{1,5} | [\[({<] \s* a \s* [\])}>] \s* )
      [^\W_] [\w-]{0,62} (?: \. | [\W_]{1,5} (?: dot | punkt ) [\W_]{1,5} ) [^\W\d_]{2}
    """,
    re.VERBOSE,
)
"""What makes an address, a handle or a link, also where its signs are written as words."""

_DIGITS: Final = re.compile(
    r"""
    (?: \+ | (?<! \d ) 0 ) \d (?: [\W_]{0,4} \d ){5,}
    | \d (?: (?:
          [\s()./_|\N{MIDDLE DOT}\N{BULLET}\N{HYPHEN}-\N{HORIZONTAL BAR}\N{MINUS SIGN}-]* | [,:]
      ) \d ){6,}
    """,
    re.VERBOSE,
)
"""Enough digits for a telephone number. Where they begin as few other numbers do, any signs may part them."""

_NO_TELEPHONE: Final = re.compile(
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?:[01]?\d|2[0-4]):[0-5]\d\W{1,3}(?:[01]?\d|2[0-4]):[0-5]\d"
)
"""A large number, or from when to when."""

_LONG: Final = 4
"""Letters of a name that is looked for inside words, too: `AlexSommer`."""
_WITHOUT_BLANKS: Final = re.compile("[\u2e80-\u9fff\uac00-\ud7af\u0e00-\u0eff]")
"""Letters of languages that write words without blanks between them."""
_PARTICLES: Final = frozenset(
    "af al av bin da das de degli dei del della den der di do dos du e el i la las le los of och op ten ter "
    "und van vom von y z zu zum zur".split()
)
"""Small words between the words of a name, which stand in any other text, too."""


class _Naming:
    """Knows the words by which somebody could be found.

    These are addresses, handles and telephone numbers; names of persons, each word of them; and what stood
    for the respondents. Case, accents, strokes, letters of another width and signs that nobody sees make no
    other word; `ue` is the same as `ü`.
    """

    def __init__(self, persons: Iterable[Person], tokens: Iterable[str]) -> None:
        persons = tuple(persons)
        self.names = {
            spelled for one in persons for word in _names(one.title) for spelled in spellings(word) if spelled
        }
        self.inside = {name for name in self.names if len(name) >= _LONG or _WITHOUT_BLANKS.search(name)}
        handles = (one.name for one in persons)
        self.tokens = {tuple(words(folded(token))) for token in (*tokens, *handles)} - {()}
        self.lengths = {len(token) for token in self.tokens}

    def is_in(self, text: str) -> bool:
        return any(self._is_in(plain) for plain in _readings(text))

    def _is_in(self, plain: str) -> bool:
        said = words(plain)
        return bool(
            _AT.search(plain)
            or any(not _NO_TELEPHONE.fullmatch(match[0]) for match in _DIGITS.finditer(plain))
            or any(word in self.names or word.removesuffix("s") in self.names for word in said)
            or any(name in plain for name in self.inside)
            or any(
                tuple(said[at : at + length]) in self.tokens
                for length in self.lengths
                for at in range(len(said) - length + 1)
            )
        )


def _readings(text: str) -> Iterator[str]:
    """Yield what somebody may read who sees the text, each without case and accents."""
    for shown in dict.fromkeys((text, unescape(text))):
        for parted in dict.fromkeys((seen(shown), seen(shown, " "))):
            yield from spellings(parted)


def _names(title: str) -> list[str]:
    """Return the words of a name, without initials, and without small ones such as `van` and `de`.

    Of a name all in small letters every word counts, since nothing tells which of them are small ones.
    """
    parts = [word for word in words(seen(title)) if len(word) > 1 or (word.isalpha() and not _has_case(word))]
    is_small = all(word.islower() for word in parts)
    return [word for word in parts if is_small or not (word.islower() and word in _PARTICLES)]


def _has_case(word: str) -> bool:
    return word.lower() != word.upper()
