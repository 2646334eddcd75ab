"""The sentences of the site. Each is computed from the values; where something is not known, it says so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from kpiascode.model.assessment import (
    Assessment,
    KpiAssessment,
    ResultAssessment,
    Status,
)
from kpiascode.model.observation import Observation
from kpiascode.model.project import Goal, Kpi, Measured, TargetKpi
from kpiascode.model.signals import Variation
from kpiascode.render.audience import used_elsewhere
from kpiascode.render.judged import (
    band,
    band_words,
    declared_target,
    is_of_current,
    is_on_a_way,
    leading,
    shortfall,
    target_words,
)
from kpiascode.render.links import kpi_link
from kpiascode.render.numbers import (
    amount,
    apart,
    declared_difference,
    difference,
)
from kpiascode.render.usual import assurance_sentence, cost_sentence, variation_sentence
from kpiascode.render.words import STATUS, VARIATION, last_day, period, within


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
    """Return value, period, target, variation: how the page of a KPI begins, and what a chart says aloud."""
    behaved = assessed.behaviour
    at_a_cost = cost_sentence(assessed, [kpi_link(assessment, name).text for name in assessed.cost])
    judged = behaved.variation not in (Variation.TOO_FEW, Variation.NOT_JUDGED)
    told = (
        Piece(
            variation_sentence(behaved) if judged else "",
            VARIATION[behaved.variation].tone if behaved.new else "",
        ),
        Piece(assurance_sentence(behaved)),
        Piece(at_a_cost),
    )
    spaced = (part for piece in told if piece.text for part in (Piece(" "), piece))
    return (*_against_target(kpi, assessed, assessment), *spaced)


def _against_target(kpi: Kpi, assessed: KpiAssessment, assessment: Assessment) -> Sentence:
    judged = leading(assessed, assessment)
    opening = _opening(kpi, assessed, assessment)
    if judged is None:
        none = "No goal asks for its total" if assessed.results else "It has no target"
        if used_elsewhere(kpi.name, assessment.project):
            none = "No goal that is shown here asks for its total"
        return (Piece(f"{opening}. {none}."),)
    clause = verdict_clause(judged, kpi, assessment)
    tone = STATUS[judged.status].tone
    if judged.value is None or judged.status is Status.NO_DATA:
        return (Piece(f"{opening}. It "), Piece(clause.core, tone), Piece(f"{clause.rest}."))
    if judged.period is not None and not is_of_current(judged, assessed):
        came_to = "came to" if judged.result.measured is Measured.TO_DATE else "was"
        when = within(judged.period)
        opening = f"{opening}. {when[0].upper()}{when[1:]} it {came_to} {_value_against(judged, kpi)}"
    return (Piece(f"{opening}{clause.joint}"), Piece(clause.core, tone), Piece(f"{clause.rest}."))


def _opening(kpi: Kpi, assessed: KpiAssessment, assessment: Assessment) -> str:
    current = assessed.current
    if current is None:
        return f"{kpi.title} has no complete period yet"
    if current.value is not None:
        judged = leading(assessed, assessment)
        if judged is not None and is_of_current(judged, assessed):
            return f"{kpi.title} was {_value_against(judged, kpi)} {within(current.period)}"
        return f"{kpi.title} was {amount(current.value, kpi.unit)} {within(current.period)}"
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
        return Clause(" and ", f"left {words}{off_by(judged, kpi)}", _tolerated(judged, kpi))
    if is_on_a_way(judged):
        return _on_the_way(judged, kpi, assessment)
    named = _target_named(judged, kpi, assessment)
    if judged.status is Status.MET:
        return Clause(" and ", f"met {named}", _to_spare(judged, kpi))
    return Clause(" and ", f"missed {named}{off_by(judged, kpi)}", _tolerated(judged, kpi))


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
            return f"its target of {apart(judged.target_value, against, kpi.unit)} ({title})"
        case _:
            words = target_words(judged, kpi)
            return f"its target of {words}" if words else "its target"


def _to_spare(judged: ResultAssessment, kpi: Kpi) -> str:
    if judged.value is None or judged.target_value is None:
        return ""
    if judged.value == judged.target_value:
        return " exactly"
    return f" with {difference(judged.value - judged.target_value, kpi.unit)} to spare"


def off_by(judged: ResultAssessment, kpi: Kpi) -> str:
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
