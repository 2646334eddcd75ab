"""A review for a terminal."""

from collections.abc import Iterator

from kpiascode.model.changes import Change, ChangeClass, KpiNumbers, Review, SubjectKind
from kpiascode.render.reports.plain import line, passage
from kpiascode.render.review import words
from kpiascode.render.words import plural


def text(review: Review) -> str:
    """Return the verdict, then each change with what it does and who has to agree."""
    return "\n".join(_lines(review)) + "\n"


def _lines(review: Review) -> Iterator[str]:
    if not review.changes:
        yield words.NOTHING
        return
    yield f"{line(review.base)} -> {line(review.head)}: {words.verdict(review)}"
    if sentence := words.headline(review):
        yield passage(sentence)
    for held in review.held:
        yield f"{held.code}: {passage(held.words)}"
    told: set[str] = set()
    for weight in reversed(ChangeClass):
        found = [one for one in review.changes if one.weight is weight]
        if found:
            yield ""
            yield weight.value
        for change in found:
            yield from _change(change)
            numbers = review.numbers.get(change.subject.name)
            if change.subject.kind is SubjectKind.KPI and numbers and change.subject.name not in told:
                told.add(change.subject.name)
                yield from _numbers(numbers)
    if flips := words.all_flips(review):
        yield ""
        yield from (f"! {passage(one)}" for one in flips)
    if review.approvers:
        yield ""
        yield f"To agree: {line(', '.join(words.people(review.approvers)), 2_000)}"
    yield ""
    yield f"As of {review.as_of:%Y-%m-%d}; {passage(words.where_from(review))}."


def _change(change: Change) -> Iterator[str]:
    where = "" if change.place is None else f"{change.place.path}:{change.place.span.line}"
    parts = (line(words.subject(change.subject)), change.kind.value, f"[{change.fingerprint}]", line(where))
    yield f"  {'  '.join(part for part in parts if part)}"
    yield f"    {passage(change.words)}"
    facts = [words.effect(change) if change.effect.value != "none" else "", words.flags(change)]
    if told := "; ".join(one for one in facts if one):
        yield f"    {told}"
    reached = [
        plural(len(some), noun)
        for some, noun in (
            (change.reach.kpis, "KPI"),
            (change.reach.goals, "goal"),
            (change.reach.scorecards, "scorecard"),
        )
        if some
    ]
    if reached:
        yield f"    reaches {', '.join(reached)}"


def _numbers(told: KpiNumbers) -> Iterator[str]:
    if told.why_not is not None:
        yield f"    not evaluated: {passage(told.why_not)}"
        return
    rows = [
        (
            pair.period.name,
            words.value(pair.before, told.unit_before, pair.after) if told.unit_before else "",
            words.value(pair.after, told.unit_after, pair.before) if told.unit_after else "",
            words.difference(pair, told),
            words.percent(pair, told),
        )
        for pair in told.pairs
    ]
    table = [("period", "before", "after", "difference", ""), *rows]
    widths = [max(len(row[column]) for row in table) for column in range(5)]
    for row in table:
        cells = [row[0].ljust(widths[0]), *(row[n].rjust(widths[n]) for n in range(1, 5))]
        yield f"      {'  '.join(cells)}".rstrip()
