"""A feedback round: what came back, and what of it may be told.

Who said what is forgotten on the way: an answer has a group and no respondent, and what is told has numbers
and no answer of anybody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from kpiascode.model.performance import FeedbackQuestion, FeedbackRound, Group

# --- what came back


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What one respondent answered.

    Args:
        answers: By question a number of its scale; one that was left empty is not there.
        texts: The same in words; empty where the round tells no words.
        let_through: Whether a moderator has let the words through.
    """

    group: Group
    answers: Mapping[str, int]
    texts: Mapping[str, str]
    let_through: bool


@dataclass(frozen=True, slots=True)
class Responses:
    """All that came back. `tokens`: what stood for the respondents, each without what it answered."""

    rows: tuple[Response, ...]
    tokens: frozenset[str]


# --- what is told


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of one group, or of several together.

    Args:
        groups: Whom it is about; never one of them alone where there are several.
        number: How many answered.
        counts: How many gave each answer, the lowest of the scale first; empty where no answers are told.
    """

    groups: tuple[Group, ...]
    number: int
    counts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What is told of the groups of a round, each alone and together.

    Args:
        alone: Every group in the order of the round; None where nothing is told of it alone.
        rest: Groups that are no part of their own, together; None where there are none, or where nothing may
            be told of them.
        whole: All groups whose answers are summed; None where too much could be computed from it.
    """

    alone: Mapping[Group, Told | None]
    rest: Told | None
    whole: Told | None


@dataclass(frozen=True, slots=True)
class ToldQuestion:
    question: FeedbackQuestion
    split: Split


@dataclass(frozen=True, slots=True)
class ToldWords:
    """`words`: in an order that says nothing of who wrote them."""

    question: FeedbackQuestion
    words: tuple[str, ...]


ToldAnswers: TypeAlias = ToldQuestion | ToldWords


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackSummary:
    """What is told of a round. `participation` counts those who answered anything."""

    round: FeedbackRound
    participation: Split
    questions: tuple[ToldAnswers, ...]
