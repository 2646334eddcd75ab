"""The sentences of the site. Each is computed from the values; where something is not known, it says so."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeAlias

from kpiascode.model.assessment import (
    Assessment,
    Change,
    Criterion,
    GoalAssessment,
    Grade,
    KpiAssessment,
    ResultAssessment,
    Status,
)
from kpiascode.model.observation import Observation
from kpiascode.model.project import Goal, Kpi, Measure, Measured, TargetKpi
from kpiascode.render.judged import (
    band,
    band_words,
    declared_target,
    is_on_a_way,
    leading,
    relative_shortfall,
    shortfall,
    target_words,
)
from kpiascode.render.links import kpi_link, kpi_page
from kpiascode.render.numbers import (
    amount,
    apart,
    declared,
    declared_difference,
    difference,
    relative,
    share,
    signed,
)
from kpiascode.render.words import CRITERION, GRADE, STATUS, last_day, listing, period, plural, within


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a sentence, with a tone where a word is to stand out and a path where it leads somewhere."""

    text: str
    tone: str = ""
    path: str = ""


Sentence: TypeAlias = tuple[Piece, ...]


def said(pieces: Iterable[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


# --- one KPI


def kpi_sentence(kpi: Kpi, assessed: KpiAssessment, assessment: Assessment) -> Sentence:
    """Return value, period and target: what the page of a KPI begins with, and what a chart says aloud."""
    judged = leading(assessed)
    opening = _opening(kpi, assessed)
    if judged is None:
        none = "No goal asks for its total" if assessed.results else "It has no target"
        return (Piece(f"{opening}. {none}."),)
    clause = verdict_clause(judged, kpi, assessment)
    tone = STATUS[judged.status].tone
    if judged.value is None or judged.status is Status.NO_DATA:
        return (Piece(f"{opening}. It "), Piece(clause.core, tone), Piece(f"{clause.rest}."))
    if judged.result.measured is Measured.TO_DATE and judged.period is not None:
        value = _value_against(judged, kpi)
        opening = f"{opening}. {within(judged.period).capitalize()} it came to {value}"
    return (Piece(f"{opening}{clause.joint}"), Piece(clause.core, tone), Piece(f"{clause.rest}."))


def _opening(kpi: Kpi, assessed: KpiAssessment) -> str:
    current = assessed.current
    if current is None:
        return f"{kpi.title} has no complete period yet"
    if current.value is not None:
        judged = leading(assessed)
        if judged is not None and judged.result.measured is Measured.LATEST and judged.value == current.value:
            return f"{kpi.title} was {_value_against(judged, kpi)} in {period(current.period)}"
        return f"{kpi.title} was {amount(current.value, kpi.unit)} in {period(current.period)}"
    known = last_known(assessed)
    if known is None or known.value is None:
        return f"{kpi.title} has no value for {period(current.period)}, nor for any period before"
    return (
        f"{kpi.title} has no value for {period(current.period)}; "
        f"the last known is {amount(known.value, kpi.unit)} for {period(known.period)}"
    )


def last_known(assessed: KpiAssessment) -> Observation | None:
    """Return the newest complete period that has a value."""
    known = (o for o in reversed(assessed.series) if o.complete and o.value is not None)
    return next(known, None)


@dataclass(frozen=True, slots=True)
class Clause:
    """What became of a result: how it joins on to its value, what matters, and the rest."""

    joint: str
    core: str
    rest: str = ""

    def __str__(self) -> str:
        return self.core + self.rest


def verdict_clause(judged: ResultAssessment, kpi: Kpi, assessment: Assessment) -> Clause:
    """Return what became of a result: `missed its target of 3.5 % by 1.1 points`."""
    match judged.status:
        case Status.NO_DATA:
            return Clause("; it ", _without_data(judged, kpi, assessment))
        case Status.NOT_DUE:
            return Clause("; it ", _not_due(judged, kpi, assessment))
        case Status.NO_TARGET:
            return Clause("; it ", "has no target")
    inside = band(judged)
    if inside is not None:
        words = f"its band of {band_words(inside, kpi)}"
        if judged.status is Status.MET:
            return Clause(" and ", f"stayed inside {words}")
        return Clause(" and ", f"left {words}{_by(judged, kpi)}", _tolerated(judged, kpi))
    if is_on_a_way(judged):
        return _on_the_way(judged, kpi, assessment)
    named = _target_named(judged, kpi, assessment)
    if judged.status is Status.MET:
        return Clause(" and ", f"met {named}", _to_spare(judged, kpi))
    return Clause(" and ", f"missed {named}{_by(judged, kpi)}", _tolerated(judged, kpi))


def _on_the_way(judged: ResultAssessment, kpi: Kpi, assessment: Assessment) -> Clause:
    if judged.value is None or judged.expected is None:
        return Clause("; it ", "cannot be compared")
    expected = apart(judged.expected, judged.value, kpi.unit)
    rest = (
        f" the {expected} expected by now, on the way to {_goal_of_way(judged, kpi, assessment)}"
        f"{_tolerated(judged, kpi)}"
    )
    if judged.value == judged.expected:
        return Clause(", ", "exactly at", rest)
    where = "ahead of" if judged.status is Status.MET else "behind"
    return Clause(", ", f"{difference(judged.value - judged.expected, kpi.unit)} {where}", rest)


def _goal_of_way(judged: ResultAssessment, kpi: Kpi, assessment: Assessment) -> str:
    goal = assessment.project.goals.get(judged.goal)
    words = target_words(judged, kpi) or "its target"
    return f"{words} by {last_day(goal.end)}" if goal else words


def _not_due(judged: ResultAssessment, kpi: Kpi, assessment: Assessment) -> str:
    if judged.period is None:
        return "is not due yet, since none of its periods has ended"
    if target_words(judged, kpi) is None:
        return f"has no target for {period(judged.period)} yet"
    return f"has {_goal_of_way(judged, kpi, assessment)} to reach; nothing is expected before"


def _without_data(judged: ResultAssessment, kpi: Kpi, assessment: Assessment) -> str:
    if judged.value is None:
        named = target_words(judged, kpi)
        return (
            f"cannot be held against its target of {named}" if named else "cannot be held against its target"
        )
    declared_one = declared_target(judged)
    match declared_one.value if declared_one else None:
        case TargetKpi(kpi=name):
            return f"has no target to be held against: {kpi_link(assessment, name).text} has no value there"
        case _:
            return "has no target there to be held against"


def _target_named(judged: ResultAssessment, kpi: Kpi, assessment: Assessment) -> str:
    match judged.target.value if judged.target else None:
        case TargetKpi(kpi=name) if judged.target_value is not None:
            against = judged.value if judged.value is not None else judged.target_value
            title = kpi_link(assessment, name).text
            return f"its target, {title} of {apart(judged.target_value, against, kpi.unit)},"
        case _:
            words = target_words(judged, kpi)
            return f"its target of {words}" if words else "its target"


def _to_spare(judged: ResultAssessment, kpi: Kpi) -> str:
    if judged.value is None or judged.target_value is None:
        return ""
    if judged.value == judged.target_value:
        return " exactly"
    return f" with {difference(judged.value - judged.target_value, kpi.unit)} to spare"


def _by(judged: ResultAssessment, kpi: Kpi) -> str:
    missing = shortfall(judged)
    return "" if missing is None else f" by {difference(missing, kpi.unit)}"


def _tolerated(judged: ResultAssessment, kpi: Kpi) -> str:
    if judged.status is not Status.AT_RISK:
        return ""
    return f"; that is within the tolerance of {declared_difference(judged.result.tolerance, kpi.unit)}"


def _value_against(judged: ResultAssessment, kpi: Kpi) -> str:
    """Return the value with as many digits as tell it from what it is held against."""
    if judged.value is None:
        return "nothing"
    against = judged.expected if judged.expected is not None else judged.target_value
    return str(amount(judged.value, kpi.unit) if against is None else apart(judged.value, against, kpi.unit))


def distance(judged: ResultAssessment, kpi: Kpi) -> str:
    """Return how far off, for a table: `1.1 points short`, `0.6 points to spare`, `inside`; or nothing."""
    missing = shortfall(judged)
    if missing is not None and judged.status in (Status.MISSED, Status.AT_RISK):
        word = "outside" if band(judged) else "behind" if is_on_a_way(judged) else "short"
        return f"{difference(missing, kpi.unit)} {word}"
    if judged.status is not Status.MET or judged.value is None:
        return ""
    if band(judged):
        return "inside the band"
    against = judged.expected if judged.expected is not None else judged.target_value
    if against is None:
        return ""
    if judged.value == against:
        return "exactly there"
    word = "ahead" if is_on_a_way(judged) else "to spare"
    return f"{difference(judged.value - against, kpi.unit)} {word}"


def target_note(judged: ResultAssessment, kpi: Kpi, goals: Mapping[str, Goal]) -> str:
    """Return what a value is held against, for a table."""
    words = target_words(judged, kpi)
    if words is None:
        return "target not known"
    if band(judged):
        return f"band {words}"
    if judged.status is Status.NOT_DUE and judged.goal in goals:
        return f"{words} by {last_day(goals[judged.goal].end)}"
    if is_on_a_way(judged) and judged.expected is not None:
        against = judged.value if judged.value is not None else judged.expected
        return f"{apart(judged.expected, against, kpi.unit)} by now, target {words}"
    return f"target {words}"


# --- change


@dataclass(frozen=True, slots=True)
class Moved:
    """A change: how much, whether that is better, and since when. `amount` is empty when it is not known."""

    amount: str
    verdict: str
    since: str


LIKE_FOR_LIKE: Final = frozenset({"percent", "points", "ratio"})
MANIFOLD: Final = 10  # a change to so many times the value before says less than the difference itself


def moved(change: Change, measure: Measure) -> Moved:
    """Return a change: in points of what is a rate already, else relative, unless that would mislead.

    A relative change means little where a value is negative, or many times the one before.
    """
    since = period(change.before.period)
    if change.difference is None:
        return Moved("", "not known", since)
    if not change.difference:
        return Moved("unchanged", "", since)
    verdict = {True: "better", False: "worse", None: ""}[change.better]
    values = [value for value in (change.before.value, change.after.value) if value is not None]
    if measure.name in LIKE_FOR_LIKE or change.relative is None or min(values, default=Decimal(0)) < 0:
        return Moved(str(signed(change.difference, measure)), verdict, since)
    if abs(change.relative) >= MANIFOLD:
        return Moved(str(signed(change.difference, measure)), verdict, since)
    return Moved(relative(change.relative), verdict, since)


# --- several KPIs


def overview(kpis: Sequence[str], assessment: Assessment) -> Sentence:
    """Return how many are on target, which missed, and which have no data, in one breath."""
    known = [assessment.kpis[name] for name in kpis if name in assessment.kpis]
    by_status = {status: [k for k in known if k.status is status] for status in Status}
    judged = len(known) - len(by_status[Status.NO_TARGET])
    if not known:
        return (Piece("No KPI yet."),)
    if not judged:
        return (Piece(f"None of {plural(len(known), 'KPI')} has a target."),)
    met = len(by_status[Status.MET])
    are = "is" if met == 1 else "are"
    of = f"{judged}" if judged == len(known) else f"{plural(judged, 'KPI')} with a target {are}"
    opening = f"{met} of {of} on target."
    return (
        Piece(opening),
        *_missed(by_status[Status.MISSED], assessment),
        *_named_or_counted(by_status[Status.NO_DATA], assessment, "has no data", "have no data"),
    )


def _missed(missed: Sequence[KpiAssessment], assessment: Assessment) -> Sentence:
    """Name up to two with how far they are off, up to four by name, of more the two that are furthest off."""
    worst = worst_first(missed)
    tone = STATUS[Status.MISSED].tone
    names = [Piece(assessment.project.kpis[k.kpi].title, tone, kpi_page(k.kpi)) for k in worst]
    if len(names) <= 2:
        return tuple(
            piece
            for name, assessed in zip(names, worst, strict=True)
            for piece in (Piece(" "), name, Piece(f" {_short_verdict(assessed, assessment)}."))
        )
    if len(names) <= 4:
        return Piece(f" {len(names)} missed theirs: "), *_listed(names), Piece(".")
    return Piece(f" {len(names)} missed theirs, "), *_listed(names[:2]), Piece(" by most.")


def _short_verdict(assessed: KpiAssessment, assessment: Assessment) -> str:
    kpi = assessment.project.kpis[assessed.kpi]
    judged = leading(assessed)
    if judged is None or shortfall(judged) is None:
        return "missed its target"
    if band(judged):
        return f"left its band{_by(judged, kpi)}"
    if is_on_a_way(judged):
        return f"is {difference(shortfall(judged) or judged.result.tolerance, kpi.unit)} behind its plan"
    return f"missed its target{_by(judged, kpi)}"


def _named_or_counted(some: Sequence[KpiAssessment], assessment: Assessment, one: str, many: str) -> Sentence:
    if not some:
        return ()
    if len(some) > 1:
        return (Piece(f" {len(some)} {many}."),)
    name = some[0].kpi
    return Piece(" "), Piece(assessment.project.kpis[name].title, "", kpi_page(name)), Piece(f" {one}.")


def _listed(pieces: Sequence[Piece]) -> Sentence:
    between = [Piece(", ")] * (len(pieces) - 2) + [Piece(" and "), Piece("")]
    return tuple(part for pair in zip(pieces, between[-len(pieces) :], strict=True) for part in pair)


def worst_first(some: Iterable[KpiAssessment]) -> list[KpiAssessment]:
    """Return them by how far they are off, as a share of what is expected; then by name."""

    def off(assessed: KpiAssessment) -> tuple[bool, object, str]:
        judged = leading(assessed)
        return judged is None, -relative_shortfall(judged) if judged else 0, assessed.kpi

    return sorted(some, key=off)


# --- goals and criteria


def goal_sentence(goal: Goal, assessed: GoalAssessment, titles: Mapping[str, str]) -> Sentence:
    """Return how far it is, what is expected by now, and which results missed."""
    results = assessed.results
    if not results:
        count = len(assessed.children)
        return (
            Piece(f"It has no results of its own; {plural(count, 'goal leads', 'goals lead')} to it. "),
            Piece(
                f"The worst beneath it: {STATUS[assessed.below].text.lower()}.", STATUS[assessed.below].tone
            ),
        )
    met = sum(result.status is Status.MET for result in results)
    missed = [titles.get(r.result.kpi, r.result.kpi) for r in results if r.status is Status.MISSED]
    parts = [
        Piece(f"{progress_words(assessed).capitalize()}. " if assessed.progress is not None else ""),
        Piece(f"{met} of {plural(len(results), 'result')} on target."),
    ]
    if missed:
        named = listing(list(dict.fromkeys(missed))[:4]) if len(missed) < 5 else f"{len(missed)} results"
        parts.append(Piece(f" {named} missed.", STATUS[Status.MISSED].tone))
    return tuple(part for part in parts if part.text)


def progress_words(assessed: GoalAssessment | ResultAssessment) -> str:
    """Return `68 % done, 80 % expected by now`; empty when progress is not defined."""
    if assessed.progress is None:
        return ""
    done = f"{share(assessed.progress)} done"
    if assessed.expected_progress is None:
        return done
    return f"{done}, {share(assessed.expected_progress)} expected by now"


def verdict_words(assessed: KpiAssessment) -> str:
    """Return the verdict and, unless all four are strong, the criterion that makes it."""
    word = GRADE[assessed.verdict].text
    return word if assessed.verdict is Grade.STRONG else f"{word}: {CRITERION[assessed.below].lower()}"


def good_kpi_sentence(assessed: KpiAssessment) -> str:
    """Return the answer to "is it a good KPI?", with what it is held back by."""
    held: dict[Criterion, str] = {
        Criterion.CRUCIAL: "how far a goal depends on it",
        Criterion.QUANTIFIABLE: "how well it is defined and measured",
        Criterion.COMMUNICATED: "how far it is communicated",
        Criterion.RELEVANT: "how well it fits its line of business",
    }
    word = GRADE[assessed.verdict].text
    if assessed.verdict is Grade.STRONG:
        return "Strong on all four counts."
    return f"{word}, because of {held[assessed.below]}. The lowest of the four decides."


def bounds_words(kpi: Kpi) -> str:
    """Return what can never be true of it; empty without bounds."""
    least, most = kpi.bounds.min, kpi.bounds.max
    low = None if least is None else str(declared(least, kpi.unit))
    high = None if most is None else str(declared(most, kpi.unit))
    if low and high:
        return f"from {low} to {high}"
    return f"at least {low}" if low else f"at most {high}" if high else ""
