"""What was changed of a goal: its words, its span, what it wants, and from which day on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from kpiascode.diff.both import Both
from kpiascode.diff.making import change, moved, plain, unlisted
from kpiascode.diff.seeing import keeping, visibility
from kpiascode.diff.words import added_and_gone, from_to, pair, told
from kpiascode.model.changes import Change, ChangeKind, Flag, Subject, SubjectKind, TimeEffect
from kpiascode.model.expression import Scalar
from kpiascode.model.performance import Milestone
from kpiascode.model.project import Band, Direction, Goal, Result, Target, TargetValue

_PLAIN: Final = {
    "title": (ChangeKind.TITLE, "The title"),
    "description": (ChangeKind.DESCRIPTION, "The description"),
    "owner": (ChangeKind.OWNER, "The owner"),
    "org_unit": (ChangeKind.GOAL_LINKED, "The unit"),
    "commitment": (ChangeKind.COMMITMENT, "The commitment"),
    "check_in_every": (ChangeKind.RHYTHM, "How often its owner checks in"),
    "person": (ChangeKind.OWNER, "Whose it is"),
}
_ELSEWHERE: Final = (
    *("name", "place", "parents", "start", "end", "results"),
    *("milestones", "visibility", "keeping"),
)
LISTED: Final = frozenset({*_PLAIN, *_ELSEWHERE})
LISTED_OF_RESULT: Final = frozenset(
    {"kpi", "slice", "measured", "place", "targets", "baseline", "tolerance", "path", "weight"}
)

LISTED_OF_MILESTONE: Final = frozenset({"title", "due", "done_on", "weight", "place"})

Key = tuple[str, tuple[tuple[str, str | None], ...], int]
"""What a result looks at, and how many in its goal look at the same before it."""


@dataclass(frozen=True, slots=True)
class _Span:
    """From `start` up to `end` the base wants `before` and the head `after`; None: nothing."""

    start: date
    end: date
    before: TargetValue | None
    after: TargetValue | None


def changes_of_goal(both: Both, name: str) -> Iterator[Change]:
    """Yield what was changed of a goal that both projects have."""
    before, after = (project.goals[name] for project in both.sides)
    make = _Maker(both, after)
    for field, (kind, what) in _PLAIN.items():
        one, other = getattr(before, field), getattr(after, field)
        if one != other:
            words = plain(field, what, one, other)
            is_running = kind is ChangeKind.COMMITMENT and before.start <= both.as_of.date()
            yield make(kind, field, one, other, words, flags=(Flag.RUNNING_PERIOD,) if is_running else ())
    yield from _span(before, after, make, both)
    yield from _parents(before, after, make)
    yield from _results(before, after, make, both)
    yield from _milestones(before, after, make, both)
    yield from visibility(both, make.subject, before, after, after.place)
    yield from keeping(make.subject, before.keeping, after.keeping, after.place)
    yield from moved(make.subject, before.place, after.place)
    yield from unlisted(make.subject, before, after, LISTED, after.place)


class _Maker:
    """Makes changes of one goal."""

    def __init__(self, both: Both, goal: Goal) -> None:
        self.subject = Subject(SubjectKind.GOAL, goal.name)
        self.place = goal.place

    def __call__(
        self, kind: ChangeKind, part: str, before: Any, after: Any, words: str, **more: Any
    ) -> Change:
        place = more.pop("place", self.place)
        return change(kind, self.subject, part, before, after, words, place, **more)


def _span(before: Goal, after: Goal, make: _Maker, both: Both) -> Iterator[Change]:
    for field, what in (("start", "The first day"), ("end", "The end")):
        one, other = getattr(before, field), getattr(after, field)
        if one != other:
            is_running = min(before.start, after.start) <= both.as_of.date()
            yield make(
                ChangeKind.DEADLINE,
                field,
                one,
                other,
                from_to(what, one, other),
                effect=TimeEffect.RETRO_DATED if is_running else TimeEffect.FROM_DATE,
                since=min(before.start, after.start),
                flags=(Flag.RUNNING_PERIOD,) if is_running else (),
            )


def _parents(before: Goal, after: Goal, make: _Maker) -> Iterator[Change]:
    one, other = dict(before.parents), dict(after.parents)
    if one.keys() != other.keys():
        words = added_and_gone("Goals that it leads to", one, other)
        yield make(ChangeKind.GOAL_LINKED, "parents", sorted(one), sorted(other), words)
    for parent in sorted(one.keys() & other.keys()):
        if one[parent] != other[parent]:
            words = from_to(f"Its weight in `{parent}`", one[parent], other[parent])
            yield make(ChangeKind.WEIGHT, f"parents.{parent}", one[parent], other[parent], words)


def _results(before: Goal, after: Goal, make: _Maker, both: Both) -> Iterator[Change]:
    one, other = (_by_key(goal) for goal in (before, after))
    effect = _effect(before, after, both)
    for key in sorted(one.keys() | other.keys(), key=str):
        part = f"results.{_named(key)}"
        if key not in one:
            words = f"It wants {_wish(other[key])} of `{_named(key)}`, too."
            place = other[key].place
            yield make(ChangeKind.RESULT_ADDED, part, None, _wish(other[key]), words, place=place, **effect)
        elif key not in other:
            words = f"It no longer wants {_wish(one[key])} of `{_named(key)}`."
            yield make(ChangeKind.RESULT_REMOVED, part, _wish(one[key]), None, words, **effect)
        else:
            yield from _result(before, after, key, one[key], other[key], make, both)


def _effect(before: Goal, after: Goal, both: Both) -> dict[str, Any]:
    """Return from when on a result gets another status, as arguments of a change."""
    is_running = before.start <= both.as_of.date()
    return {
        "effect": TimeEffect.RETRO_DATED if is_running else TimeEffect.FROM_DATE,
        "since": max(before.start, after.start),
        "flags": (Flag.RUNNING_PERIOD,) if is_running else (),
    }


def _by_key(goal: Goal) -> dict[Key, Result]:
    """Return the results by what they look at; of several that look at the same each counts."""
    found: dict[Key, Result] = {}
    for result in goal.results:
        times = 0
        while (key := (result.kpi, tuple(sorted(result.slice, key=str)), times)) in found:
            times += 1
        found[key] = result
    return found


def _scalar(value: Scalar) -> str:
    return "null" if value is None else f"'{value}'" if value == "null" else str(value)


def _named(key: Key) -> str:
    kpi, slices, times = key
    listed = ", ".join(f"{name}={_scalar(value)}" for name, value in slices)
    return f"{kpi}[{listed}]{f' again, {times}' if times else ''}" if slices or times else kpi


def _wish(result: Result) -> str:
    values = list(dict.fromkeys(told(target.value) or "" for target in result.targets))
    return ", ".join(values[:3]) + (" and more" if len(values) > 3 else "")


def _result(
    before: Goal, after: Goal, key: Key, one: Result, other: Result, make: _Maker, both: Both
) -> Iterator[Change]:
    part = f"results.{_named(key)}"
    yield from _targets(before, after, one, other, make, both, part)
    effect = {**_effect(before, after, both), "place": other.place}
    for field, kind, what in (
        ("baseline", ChangeKind.BASELINE, "The baseline"),
        ("tolerance", ChangeKind.TOLERANCE, "The tolerance"),
        ("path", ChangeKind.PATH, "The way to the target"),
        ("measured", ChangeKind.MEASURED, "What is measured"),
        ("weight", ChangeKind.WEIGHT, "The weight"),
    ):
        was, now = getattr(one, field), getattr(other, field)
        if was != now:
            yield make(kind, f"{part}.{field}", was, now, from_to(what, was, now), **effect)
    yield from unlisted(make.subject, one, other, LISTED_OF_RESULT, above=f"{part}.", **effect)


def results_for(goal: Goal, kpi: str) -> dict[Key, Result]:
    """Return the results of a goal for a KPI, by what they look at."""
    return {key: result for key, result in _by_key(goal).items() if key[0] == kpi}


def is_same_wish(goal: Goal, one: Result, other: Result) -> bool:
    """Return whether two results want the same of the same, whatever the reasons and weights."""
    fields = ("slice", "baseline", "tolerance", "path", "measured")
    spans = _spans(one.targets, other.targets, goal.start, goal.end)
    return all(getattr(one, field) == getattr(other, field) for field in fields) and all(
        span.before == span.after for span in spans
    )


# --- milestones


def _milestones(before: Goal, after: Goal, make: _Maker, both: Both) -> Iterator[Change]:
    """Yield what was changed of milestones; one under another title is another one."""
    one, other = (_by_title(goal) for goal in (before, after))
    effect = _effect(before, after, both)
    for key in sorted(one.keys() | other.keys()):
        part, title = f"milestones.{_titled(*key)}", key[0]
        if key not in one:
            new = other[key]
            words = f"It wants `{title}` by {new.due}, too."
            yield make(ChangeKind.MILESTONE_ADDED, part, None, new, words, place=new.place, **effect)
        elif key not in other:
            words = f"It no longer wants `{title}` by {one[key].due}."
            yield make(ChangeKind.MILESTONE_REMOVED, part, one[key], None, words, **effect)
        else:
            yield from _milestone(one[key], other[key], make, part, effect, both.as_of.date())


def _by_title(goal: Goal) -> dict[tuple[str, int], Milestone]:
    """Return the milestones by title, and by how many of the same title stand before."""
    found: dict[tuple[str, int], Milestone] = {}
    for milestone in goal.milestones:
        times = sum(title == milestone.title for title, _ in found)
        found[milestone.title, times] = milestone
    return found


def _titled(title: str, times: int) -> str:
    return f"{title} again, {times}" if times else title


def _milestone(
    one: Milestone, other: Milestone, make: _Maker, part: str, effect: dict[str, Any], today: date
) -> Iterator[Change]:
    effect = {**effect, "place": other.place}
    if one.due != other.due:
        words = from_to(f"The day by which `{other.title}` is due", one.due, other.due)
        yield make(ChangeKind.DEADLINE, f"{part}.due", one.due, other.due, words, **effect)
    if one.weight != other.weight:
        words = from_to(f"The weight of `{other.title}`", one.weight, other.weight)
        yield make(ChangeKind.WEIGHT, f"{part}.weight", one.weight, other.weight, words, **effect)
    if one.done_on != other.done_on:
        yield _done(one, other, make, f"{part}.done_on", today)
    yield from unlisted(make.subject, one, other, LISTED_OF_MILESTONE, above=f"{part}.", **effect)


def _done(one: Milestone, other: Milestone, make: _Maker, part: str, today: date) -> Change:
    """Return that a milestone is done; that a done one is not, or on another day, rewrites the past."""
    if one.done_on is not None:
        words = from_to(f"The day on which `{other.title}` was done", one.done_on, other.done_on)
        return make(ChangeKind.RECORD_REWRITTEN, part, one.done_on, other.done_on, words, place=other.place)
    assert other.done_on is not None, "they differ"
    is_late_news = one.due < today and other.done_on <= one.due
    late = " It was overdue until now." if is_late_news else ""
    return make(
        ChangeKind.MILESTONE_DONE,
        part,
        None,
        other.done_on,
        f"`{other.title}` was done on {other.done_on}.{late}",
        flags=(Flag.RUNNING_PERIOD,) if is_late_news else (),
        place=other.place,
    )


# --- targets


def _targets(
    before: Goal, after: Goal, one: Result, other: Result, make: _Maker, both: Both, part: str
) -> Iterator[Change]:
    start, end = max(before.start, after.start), min(before.end, after.end)
    spans = [span for span in _spans(one.targets, other.targets, start, end) if span.before != span.after]
    if not spans:
        if [t.reason for t in one.targets] != [t.reason for t in other.targets]:
            words = "Why a target is as it is, is told in other words."
            reasons = pair(lambda some: "; ".join(t.reason or "" for t in some.targets), one, other)
            yield make(ChangeKind.DETAILS, f"{part}.targets", *reasons, words, place=other.place)
        return
    kpi = both.head.project.kpis.get(other.kpi) or both.base.project.kpis[one.kpi]
    senses = {_sense(span.before, span.after, kpi.direction) for span in spans}
    is_running = spans[0].start <= both.as_of.date()
    kinds = {
        frozenset({1}): ChangeKind.TARGET_TIGHTENED,
        frozenset({-1}): ChangeKind.TARGET_RELAXED,
    }
    kind = kinds.get(frozenset(senses), ChangeKind.TARGET_CHANGED)
    way = {ChangeKind.TARGET_TIGHTENED: "tightened", ChangeKind.TARGET_RELAXED: "relaxed"}.get(
        kind, "changed"
    )
    yield make(
        ChangeKind.RUNNING_TARGET if is_running else kind,
        f"{part}.target",
        _listed(spans, "before"),
        _listed(spans, "after"),
        f"The target is {way} from {spans[0].start} on: {from_to('it', spans[0].before, spans[0].after)}",
        effect=TimeEffect.RETRO_DATED if is_running else TimeEffect.FROM_DATE,
        since=spans[0].start,
        flags=(Flag.RUNNING_PERIOD,) if is_running else (),
        place=other.place,
    )


def _listed(spans: list[_Span], side: str) -> str:
    return ", ".join(f"{told(getattr(span, side)) or 'none'} from {span.start}" for span in spans)


def _spans(one: tuple[Target, ...], other: tuple[Target, ...], start: date, end: date) -> Iterator[_Span]:
    """Yield what both sides want from change to change, within the days that both goals have."""
    days = {day for target in (*one, *other) for day in (target.start, target.end) if start < day < end}
    edges = [start, *sorted(days), end]
    for first, last in pairwise(edges):
        if first < last:
            yield _Span(first, last, _at(one, first), _at(other, first))


def _at(targets: tuple[Target, ...], day: date) -> TargetValue | None:
    return next((target.value for target in targets if target.start <= day < target.end), None)


def _sense(before: TargetValue | None, after: TargetValue | None, direction: Direction) -> int:
    """Return 1 where more is wanted, -1 where less is, 0 where neither can be said."""
    match before, after:
        case None, _:
            return 1
        case _, None:
            return -1
        case Decimal(), Decimal():
            if direction is Direction.BAND:
                return 0
            grows = 1 if after > before else -1
            return grows if direction is Direction.HIGHER else -grows
        case Band(min=low, max=high), Band(min=new_low, max=new_high):
            if low <= new_low and new_high <= high:
                return 1
            return -1 if new_low <= low and high <= new_high else 0
        case _:
            return 0
