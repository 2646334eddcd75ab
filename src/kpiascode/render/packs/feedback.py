"""What is told of a feedback round. There is no mean, no rating and no rank, and no answer has a name."""

from collections.abc import Iterator, Sequence
from typing import Final, assert_never

from kpiascode.model.feedback import FeedbackSummary, Split, Told, ToldAnswers, ToldQuestion, ToldWords
from kpiascode.model.performance import FeedbackQuestion, Group, PersonRef, Scale
from kpiascode.model.project import Project, Restricted
from kpiascode.render.charts.answers import answer_bars
from kpiascode.render.links import owner_title, unit_link
from kpiascode.render.locales import NBSP
from kpiascode.render.numbers import MINUS, whole
from kpiascode.render.packs.blocks import (
    Block,
    Cell,
    Column,
    Item,
    Items,
    Pack,
    Paragraph,
    Section,
    Table,
)
from kpiascode.render.packs.meeting import name_of
from kpiascode.render.reports.plain import line
from kpiascode.render.words import listing, plural, span

GROUP: Final = {
    Group.SELF: "Self",
    Group.MANAGER: "Manager",
    Group.PEERS: "Peers",
    Group.REPORTS: "Reports",
    Group.PARTNERS: "Partners",
    Group.CUSTOMERS: "Customers",
}

APART: Final = (Group.SELF, Group.MANAGER)
LONGEST: Final = 5_000
"""Characters of an answer in words; none that is read has more."""


def feedback_pack(told: FeedbackSummary, project: Project, restricted: Restricted) -> Pack:
    asked = told.round
    about = (
        name_of(asked.about, restricted, project)
        if isinstance(asked.about, PersonRef)
        else unit_link(project, asked.about).text
    )
    owner = owner_title(project, asked.owner)
    return Pack(
        sort="Feedback",
        title=asked.title,
        about=(f"About {about} · run by {owner} · answers from {span(asked.start, asked.end)}",),
        lead=_lead(told),
        private=f"For {about}, {owner} and those who lead {about} only." if asked.keeping else "",
        until=asked.keeping.until if asked.keeping else None,
        sections=(
            Section(title="Who took part", blocks=(_participation(told),)),
            *(Section(title=one.question.title, blocks=tuple(_blocks(one, told))) for one in told.questions),
            Section(title="What is shown here", blocks=(Items(tuple(_rules(told))),)),
        ),
    )


def _lead(told: FeedbackSummary) -> str:
    split = told.participation
    if split.whole is None and not any(split.alone.values()):
        return f"Fewer than {told.round.k} people answered of any group, so nothing is shown."
    if split.whole is None:
        return ""
    return f"{plural(split.whole.number, 'person', 'people')} answered{_but_for(told)}."


def _but_for(told: FeedbackSummary) -> str:
    left = [GROUP[group].lower() for group in told.round.groups if group in APART]
    return f", {listing(left)} not counted" if left else ""


# --- tables


def _participation(told: FeedbackSummary) -> Table:
    k = told.round.k
    hidden = f"Not shown: fewer than {k}, or needed to hide so few"
    return Table(
        caption="How many answered",
        columns=(Column("Group", wide=4), Column("Took part", wide=5)),
        rows=tuple(
            (Cell(text=name), Cell(text=hidden if one is None else whole(one.number)))
            for name, one in _named(told.participation)
        ),
    )


def _blocks(one: ToldAnswers, told: FeedbackSummary) -> Iterator[Block]:
    match one:
        case ToldQuestion(question, split):
            assert question.scale is not None
            yield _answers(question, question.scale, split, told.round.k)
        case ToldWords(words=words):
            if not told.round.moderated:
                yield Paragraph("Answers in words are not shown.", "soft")
            else:
                yield Items(
                    tuple(Item(text=f"“{line(text, LONGEST)}”") for text in words), "Nothing is shown."
                )
        case _:
            assert_never(one)


def _answers(question: FeedbackQuestion, scale: Scale, split: Split, k: int) -> Table:
    hidden = Cell(text=f"Not shown: fewer than {k} answers, all the same, or needed to hide such a group")
    return Table(
        caption=question.title,
        columns=(
            Column("Group", wide=3),
            Column("Answers", is_number=True, wide=1),
            Column("What they said", wide=5),
        ),
        rows=tuple(
            (Cell(text=name), Cell(text="–"), hidden)
            if one is None
            else (Cell(text=name), Cell(text=whole(one.number)), _counted(one, name, scale))
            for name, one in _named(split)
        ),
    )


def _counted(one: Told, name: str, scale: Scale) -> Cell:
    steps = [str(number).replace("-", MINUS) for number in range(scale.low, scale.high + 1)]
    names = (
        [f"{step} {label}" for step, label in zip(steps, scale.labels, strict=True)]
        if scale.labels
        else steps
    )
    pairs = (f"{step}: {whole(count)}" for step, count in zip(names, one.counts, strict=True))
    words = " · ".join(pair.replace(" ", NBSP) for pair in pairs)
    return Cell(text=words, picture=answer_bars(one.counts, scale.low, label=f"{name}: {words}"))


def _named(split: Split) -> Iterator[tuple[str, Told | None]]:
    """Yield what is told of each group, then of several together, where anything is."""
    yield from ((GROUP[group], one) for group, one in split.alone.items())
    if split.rest is not None:
        yield f"{_joined(split.rest.groups)} together", split.rest
    if split.whole is not None and len(split.whole.groups) > 1:
        is_all = len(split.whole.groups) == len(split.alone)
        yield "All together" if is_all else f"{_joined(split.whole.groups)} together", split.whole


def _joined(groups: Sequence[Group]) -> str:
    first, *others = (GROUP[group] for group in groups)
    return listing([first, *(name.lower() for name in others)])


# --- what is told, and what never


def _rules(told: FeedbackSummary) -> Iterator[Item]:
    asked = told.round
    yield Item(text=f"A group is shown when at least {asked.k} of it answered a question.")
    yield Item(
        text="Where a small group could be found by subtracting numbers, the next smallest is not shown "
        "either; what they said is in the sum."
    )
    yield Item(
        text="Where all of a group gave the same answer it is not shown: everybody would know what each of "
        "them said."
    )
    if left := [GROUP[group].lower() for group in asked.groups if group in APART]:
        yield Item(
            text=f"No sum holds {listing(left)}: they read this, and know what they answered themselves."
        )
    yield Item(text="There are no means, no ratings and no ranks.")
    if any(isinstance(one, ToldWords) for one in told.questions) and asked.moderated:
        yield Item(
            text=f"Answers in words come from groups of which at least {asked.k} wrote something, and were "
            "let through by a moderator. They stand in the order of the alphabet. Those that may name "
            "somebody are left out; how many is not told."
        )
