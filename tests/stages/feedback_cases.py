"""Feedback rounds and what came back, as small as a test needs them."""

from collections.abc import Mapping, Sequence
from datetime import date

from factories import NOWHERE

from kpiascode.model.feedback import Response, Responses
from kpiascode.model.performance import (
    FeedbackQuestion,
    FeedbackRound,
    Group,
    Keeping,
    LawfulBasis,
    Person,
    PersonRef,
    Role,
    Scale,
)

FIVE = Scale(low=1, high=5, labels=("never", "seldom", "sometimes", "often", "always"))
KEEPING = Keeping(purpose="To grow.", basis=LawfulBasis.CONSENT, until=date(2026, 6, 1))
Given = Sequence[Mapping[str, int | None]]
"""What each of a group answered, by question."""


def question(name: str, scale: Scale | None = FIVE) -> FeedbackQuestion:
    return FeedbackQuestion(name=name, title=f"What of {name}?", scale=scale)


def feedback_round(
    *groups: Group,
    questions: Sequence[FeedbackQuestion] = (question("reliable"),),
    k: int = 5,
    moderated: bool = False,
    about: Role = "care",
) -> FeedbackRound:
    """Return a round of the second half of November 2025; about a person where `about` is one."""
    return FeedbackRound(
        name="autumn",
        title="How care works with others",
        owner="controller",
        about=about,
        start=date(2025, 11, 17),
        end=date(2025, 12, 1),
        groups=groups or (Group.PEERS, Group.PARTNERS, Group.REPORTS),
        questions=tuple(questions),
        k=k,
        moderated=moderated,
        keeping=KEEPING if isinstance(about, PersonRef) else None,
        place=NOWHERE,
    )


def answered(group: Group, words: str = "", let_through: bool = True, **answers: int) -> Response:
    """Return what one of a group answered; in words to the question `keep`."""
    return Response(
        group=group,
        answers=answers,
        texts={"keep": words} if words else {},
        let_through=bool(words) and let_through,
    )


def back(*rows: Response, tokens: frozenset[str] = frozenset()) -> Responses:
    return Responses(rows, tokens)


def piled(counts: Mapping[Group, Sequence[int]], name: str = "reliable", low: int = 1) -> list[Response]:
    """Return responses of which so many of each group gave each answer, the lowest first."""
    return [
        answered(group, **{name: low + step})
        for group, some in counts.items()
        for step, count in enumerate(some)
        for _ in range(count)
    ]


def person(name: str = "p_1", title: str = "Alex Sommer") -> Person:
    return Person(
        name=name, title=title, org_unit="retail", role=None, contact="", keeping=KEEPING, place=NOWHERE
    )
