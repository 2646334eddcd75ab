"""A review as a comment on a pull request, as much of it as a comment can hold.

Names and texts are those of strangers: they are shown and never act, and nobody is called but those who have
to agree and whom the base knows.
"""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from kpiascode.model.changes import (
    GRADES,
    Change,
    ChangeClass,
    ChangeKind,
    Flag,
    KpiNumbers,
    Review,
    SubjectKind,
    TimeEffect,
)
from kpiascode.model.handles import is_handle
from kpiascode.render.reports.markdown import as_html, escaped
from kpiascode.render.reports.plain import line, passage, seen
from kpiascode.render.review import words
from kpiascode.render.words import STATUS, plural

MOST: Final = 60_000
"""Characters; a comment on GitHub holds 65,536."""

KEY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/-]{0,99}")
DATED: Final = ("expression", "where", "dataset", "time")
"""What a revision can keep."""

FLIPS: Final = 50
"""How many goals and scorecards are listed that would stand otherwise."""

CALLED: Final = 50
"""How many people a comment calls."""

LOWEST: Final = GRADES[ChangeClass.OWNERSHIP]
"""Changes of this class and graver have a row of their own."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What of a review is told.

    Args:
        sql: Whether compiled SQL is.
        series: Of how many KPIs the periods are.
        rows: Of how many changes a row is.
        details: Whether there is anything beneath the table.
    """

    sql: bool
    series: int
    rows: int
    details: bool


LADDER: Final = (
    Cut(sql=True, series=1_000, rows=1_000, details=True),
    Cut(sql=False, series=1_000, rows=1_000, details=True),
    Cut(sql=False, series=10, rows=200, details=True),
    Cut(sql=False, series=0, rows=50, details=False),
    Cut(sql=False, series=0, rows=0, details=False),
)


def marker(key: str) -> str:
    """Return the hidden line by which the comment is found again.

    Raises:
        ValueError: for a key that could end the comment.
    """
    if not KEY.fullmatch(key) or "--" in key:
        raise ValueError("A key has letters, digits, spaces and `._/-`, at most 100.")
    return f"<!-- kpiascode:review key={key} -->"


def markdown(review: Review, key: str, version: str, command: str) -> str:
    """Return the comment; of one that is too long the least important parts are left out.

    Args:
        command: What prints the same again.
    """
    for cut in LADDER:
        told = "\n".join(_lines(review, cut, version, command))
        found = f"{marker(key)}\n{told}\n"
        if len(found) <= MOST:
            return found
    return found


def _lines(review: Review, cut: Cut, version: str, command: str) -> Iterator[str]:
    if not review.changes:
        yield words.NOTHING
        return
    yield f"### KPI review: {words.verdict(review)}"
    yield ""
    if sentence := words.headline(review):
        yield f"**{escaped(passage(sentence))}**"
        yield ""
    yield from _held(review)
    if cut.rows:
        yield from _table(review, cut)
    yield from _alert(review)
    if flips := words.all_flips(review):
        yield ""
        yield from (f"- {escaped(passage(one))}" for one in flips[:FLIPS])
        if len(flips) > FLIPS:
            yield f"- and {len(flips) - FLIPS} more"
    if cut.details:
        yield from _details(review, cut)
    yield ""
    yield from _agreement(review)
    if left := _left(review, cut):
        yield f"_{left}_"
        yield ""
    yield (
        f"<sub>{escaped(line(review.base))} → {escaped(line(review.head))} · as of {review.as_of:%Y-%m-%d} · "
        f"{escaped(passage(words.where_from(review)))} · kpiascode {escaped(version)} · "
        f"{_code(command)} prints the same</sub>"
    )


def _held(review: Review) -> Iterator[str]:
    """Yield what may not be changed."""
    if review.held:
        yield from (f"- 🔴 **{escaped(one.code)}**: {sentence(one.words)}" for one in review.held[:FLIPS])
        if len(review.held) > FLIPS:
            yield "- and more"
        yield ""


# --- the table


def _table(review: Review, cut: Cut) -> Iterator[str]:
    grave = _by_weight(review)
    if grave:
        yield "| | What | Change | Last closed period | Past | Goals reached | To agree |"
        yield "|---|---|---|---|---|---|---|"
        for change in grave[: cut.rows]:
            yield _row(change, review)
    small = [one for one in review.changes if GRADES[one.weight] < LOWEST]
    if small:
        if grave:
            yield ""
        leaves = "leaves" if len(small) == 1 else "leave"
        counted = plural(len(small), "change")
        yield f"<details><summary>{counted} that {leaves} every number as it is</summary>"
        yield ""
        for change in small[: cut.rows]:
            proof = words.PROOFS[change.proof]
            more = f" _({proof})_" if proof else ""
            name = _code(words.subject(change.subject))
            yield f"- {words.SIGNS[change.weight]} {name}: {sentence(change.words)}{more}"
        yield ""
        yield "</details>"


def _by_weight(review: Review) -> list[Change]:
    """Return the changes with rows of their own: the gravest first, then by how much values differ."""

    def size(change: Change) -> float:
        told = review.numbers.get(change.subject.name)
        if change.subject.kind is not SubjectKind.KPI or told is None or not told.changed:
            return 0
        ratio = told.changed[-1].ratio
        return float("inf") if ratio is None else float(abs(ratio))

    some = [one for one in review.changes if GRADES[one.weight] >= LOWEST]
    return sorted(some, key=lambda one: (-GRADES[one.weight], bool(one.through), -size(one)))


def _row(change: Change, review: Review) -> str:
    told = review.numbers.get(change.subject.name) if change.subject.kind is SubjectKind.KPI else None
    is_valued = GRADES[change.weight] >= GRADES[ChangeClass.VALUE]
    flags = words.flags(change)
    more = f" _({escaped(flags)})_" if flags else ""
    goals = change.reach.goals
    cells = [
        words.SIGNS[change.weight],
        _code(words.subject(change.subject)),
        f"{change.kind.value.replace('-', ' ')}: {sentence(change.words)}{more}",
        escaped(_last(change, told, review)) if is_valued else "",
        escaped(words.effect(change)),
        _few(goals, 5),
        _few(words.people(change.approvers), 5),
    ]
    return f"| {' | '.join(cells)} |"


def _last(change: Change, told: KpiNumbers | None, review: Review) -> str:
    if change.effect is TimeEffect.NONE:
        return "as it was"
    if told is None:
        return "" if review.evaluated else "not evaluated"
    if told.why_not is not None:
        return f"not evaluated: {passage(told.why_not)}"
    if told.last is None:
        return "no period is over"
    pair = told.last
    if told.unit_after is None:
        return f"{pair.period.name}: was {words.value(pair.before, told.unit_before, None)}"
    if not pair.is_changed:
        return f"{pair.period.name}: {words.value(pair.after, told.unit_after, None)}, as it was"
    return f"{pair.period.name}: {words.from_to(pair, told)}"


def _alert(review: Review) -> Iterator[str]:
    """Yield at most one: what restates numbers that people were told, where a date could keep them."""
    names = sorted(
        {
            one.subject.name
            for one in review.changes
            if Flag.NO_EFFECTIVE_DATE in one.flags
            and one.is_direct
            and one.subject.kind is SubjectKind.KPI
            and one.part in DATED
        }
    )
    if names:
        change = "changes" if len(names) == 1 else "change"
        yield ""
        yield "> [!CAUTION]"
        yield (
            f"> {_few(names, 5)} {change} periods that are over. If the past is to stay as it was told, "
            "keep the old rule under `revisions:` with the day until which it held."
        )


# --- details


def _details(review: Review, cut: Cut) -> Iterator[str]:
    shown = 0
    new = [one for one in review.changes if one.kind is ChangeKind.ADDED]
    for name in dict.fromkeys(
        one.subject.name for one in (*_by_weight(review), *new) if one.subject.kind is SubjectKind.KPI
    ):
        told, sql = review.numbers.get(name), review.sql.get(name)
        if told is None and sql is None:
            continue
        shown += 1
        yield ""
        yield f"<details><summary><b>{_html(name)}</b>: what was changed, values, SQL</summary>"
        yield ""
        for change in review.changes:
            if change.subject.kind is SubjectKind.KPI and change.subject.name == name:
                yield f"- {sentence(change.words)}"
                if change.part and change.is_direct:
                    yield f"  {_code(change.before or '')} → {_code(change.after or '')}"
        yield ""
        if told is not None and told.why_not is not None:
            yield f"Not evaluated: {escaped(passage(told.why_not))}"
            yield ""
        elif told is not None and shown <= cut.series:
            yield from _periods(told)
        if sql is not None and cut.sql:
            yield from _sql(*sql)
        yield from _downstream(name, review)
        yield "</details>"


def _periods(told: KpiNumbers) -> Iterator[str]:
    yield "| Period | Now | This change | Difference | | Status |"
    yield "|---|--:|--:|--:|--:|---|"
    for pair in reversed(told.pairs):
        before = words.value(pair.before, told.unit_before, pair.after) if told.unit_before else ""
        after = words.value(pair.after, told.unit_after, pair.before) if told.unit_after else ""
        statuses = [STATUS[one] for one in (pair.status_before, pair.status_after) if one is not None]
        status = " → ".join(dict.fromkeys(f"{one.shape} {one.text}" for one in statuses))
        cells = [
            pair.period.name,
            before,
            after,
            words.difference(pair, told),
            words.percent(pair, told),
            status,
        ]
        yield f"| {' | '.join(escaped(cell) for cell in cells)} |"
    yield ""


def _sql(before: str | None, after: str | None) -> Iterator[str]:
    if before == after:
        return
    one, other = ((text or "").splitlines() for text in (before, after))
    compared = [text.rstrip("\n") for text in difflib.unified_diff(one, other, lineterm="", n=3)][2:]
    shown = [seen(text) for text in compared if not text.startswith("@@")]
    if not shown:
        return
    fence = _fence(shown)
    yield f"{fence}diff"
    yield from shown
    yield fence
    yield ""


def _fence(lines: Sequence[str]) -> str:
    """Return a fence that no line of the text can end."""
    longest = max((len(run) for text in lines for run in re.findall("`+", text)), default=0)
    return "`" * max(3, longest + 1)


def _downstream(name: str, review: Review) -> Iterator[str]:
    reach = next((one.reach for one in review.changes if one.subject.name == name and one.reach), None)
    if reach is None:
        return
    parts = [
        f"{noun} {_few(some, 10)}"
        for noun, some in (("KPIs", reach.kpis), ("goals", reach.goals), ("scorecards", reach.scorecards))
        if some
    ]
    if parts:
        yield f"Feeds {'; '.join(parts)}."
        yield ""


# --- who has to agree


def _agreement(review: Review) -> Iterator[str]:
    grave = [one for one in review.changes if GRADES[one.weight] >= LOWEST]
    approvers = [approver for one in grave for approver in one.approvers]
    people = words.people(approvers)
    if not people:
        return
    known = {handle for one in approvers if not one.is_new for handle in one.handles if is_handle(handle)}
    shown = [one if one in known else _code(one) for one in people[:CALLED]]
    more = f" and {len(people) - CALLED} more" if len(people) > CALLED else ""
    yield f"To agree: {', '.join(shown)}{more}"
    yield ""


def _left(review: Review, cut: Cut) -> str:
    """Return what was left out, so that nobody takes the rest for all of it."""
    if cut == LADDER[0]:
        return ""
    grave = sum(GRADES[one.weight] >= LOWEST for one in review.changes)
    more = f" {grave - cut.rows} more changes are not listed." if grave > cut.rows else ""
    return f"This is too long for a comment: details are left out.{more}"


def _few(some: Sequence[str], most: int) -> str:
    more = f" and {len(some) - most} more" if len(some) > most else ""
    return ", ".join(_code(one) for one in some[:most]) + more


def sentence(text: str) -> str:
    """Return a sentence whose quoted parts are code; whatever is between quotes stays there.

    >>> sentence("`a_b` is *not* `c|d`.")
    '`a_b` is \\\\*not\\\\* `c¦d`.'
    """
    parts = passage(text).split("`")
    if len(parts) % 2 == 0:  # a quote that does not end
        return escaped(passage(text))
    return "".join(
        _code(part) if number % 2 and part.strip() else escaped(part) for number, part in enumerate(parts)
    )


def _code(text: str) -> str:
    """Return a text in a code span that it cannot leave, in a table neither."""
    shown = line(text, 300).replace("|", "¦")
    if not shown:
        return "_nothing_"
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    space = " " if longest else ""
    return f"{fence}{space}{shown}{space}{fence}"


def _html(text: str) -> str:
    return as_html(line(text, 300))
