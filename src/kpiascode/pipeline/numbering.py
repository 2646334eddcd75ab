"""What KPIs were by two definitions of them, over the same data, and which goals would stand otherwise."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from kpiascode import assess, compile, plan
from kpiascode.model.assessment import Assessment, Evidence, KpiAssessment, Status
from kpiascode.model.calendar import Duration, Grain, Unit
from kpiascode.model.catalog import UNKNOWN
from kpiascode.model.changes import (
    CardFlip,
    ChangeClass,
    ChangeKind,
    Flip,
    KpiNumbers,
    Proof,
    Review,
    SubjectKind,
    TimeEffect,
    ValuePair,
)
from kpiascode.model.definitions import referred
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.document import Document, Documents
from kpiascode.model.observation import Observation, Question, SliceKey
from kpiascode.model.project import Kpi, Project, Section
from kpiascode.model.reaching import reached
from kpiascode.pipeline.asking import datasets_of, open_session, planned
from kpiascode.pipeline.connection import Connection
from kpiascode.pipeline.reading import Checked, understood
from kpiascode.pipeline.refusals import EngineError, WrongDefinitions, WrongQuestion

PERIODS: Final = 12
"""How many periods that are over are told, the last ones."""

SHOWN: Final = 50
"""KPIs of which the SQL is told."""

FAILURES: Final = 8
"""How often the engine may fail for a version; each time may take as long as a query may."""

NO_EVIDENCE: Final = Evidence(compiled={}, refused={}, sql={}, datasets={}, commit=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version of a project, and the folder whose data it is computed over."""

    folder: Path
    documents: Documents
    project: Project


def numbers(review: Review, base: Version, head: Version, connection: Connection | None) -> Review:
    """Return the review with what both versions give for the KPIs whose values may be others.

    Args:
        connection: None: nothing is computed.
    """
    wanted = _wanted(review, base.project, head.project)
    told = replace(review, sql=_sql(wanted[:SHOWN], base, head, review))
    goals = {
        one.subject.name
        for one in review.changes
        if one.subject.kind is SubjectKind.GOAL and one.weight is ChangeClass.TARGET
    }
    asked = sorted({*wanted, *_judged_anew(review, base.project, head.project)})
    if not asked or connection is None:
        return told
    both = tuple(_evaluated(version, asked, review.as_of, connection) for version in (base, head))
    unread = {
        one.subject.name
        for one in review.changes
        if one.subject.kind is SubjectKind.KPI and one.kind is ChangeKind.UNREADABLE
    }
    values = {
        name: _numbers(name, base, head, both[0], both[1], is_read=name not in unread) for name in wanted
    }
    made = replace(
        told,
        numbers=values,
        flips=tuple(_flips(both[0], both[1], goals)),
        card_flips=tuple(_card_flips(asked, base.project, head.project, *both)),
        evaluated=_where(connection)
        if not values or any(one.why_not is None for one in values.values())
        else None,
    )
    equal = frozenset(name for name in wanted if _same_everywhere(name, *both))
    return _with_evidence(made, equal)


def _wanted(review: Review, base: Project, head: Project) -> list[str]:
    """Return the KPIs whose values may be others, or that are new or gone, by name."""
    found = {
        one.subject.name
        for one in review.changes
        if one.subject.kind is SubjectKind.KPI
        and (one.effect is not TimeEffect.NONE or one.kind in (ChangeKind.ADDED, ChangeKind.KPI_REMOVED))
    }
    return sorted(name for name in found if name in base.kpis or name in head.kpis)


def _judged_anew(review: Review, *projects: Project) -> Iterator[str]:
    """Yield the KPIs of goals that want something else: their status may be another one."""
    for one in review.changes:
        if one.subject.kind is SubjectKind.GOAL and one.effect is TimeEffect.RETRO_DATED:
            for project in projects:
                if one.subject.name in project.goals:
                    yield from project.goals[one.subject.name].kpis


def _where(connection: Connection) -> str:
    if connection.url is None:
        return "the data files of the head, on the embedded engine"
    return f"the engine {connection.url.scheme}"


# --- one version


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """What a version gives, and of which KPIs it gives nothing and why.

    Args:
        observed: All that was computed. Assessments leave out the period in which the data begin.
    """

    assessments: tuple[Assessment, ...]
    observed: tuple[Observation, ...]
    broken: dict[str, str]


def _evaluated(version: Version, wanted: Sequence[str], as_of: datetime, connection: Connection) -> Evaluated:
    """Compute KPIs together, and in ever smaller parts where together they have no values."""
    names = [name for name in wanted if name in version.project.kpis]
    return _in_parts(version, names, as_of, connection, [FAILURES])


def _in_parts(
    version: Version, names: Sequence[str], as_of: datetime, connection: Connection, left: list[int]
) -> Evaluated:
    """Return what KPIs come to.

    Args:
        left: How often the engine may fail yet: each time may take as long as a query may.
    """
    if not names:
        return Evaluated(assessments=(), observed=(), broken={})
    if not left[0]:
        return _broken(names, "the engine failed for too many other KPIs")
    try:
        made, observed = _assessment(version, names, as_of, connection)
        return Evaluated(assessments=(made,), observed=observed, broken={})
    except EngineError as error:
        left[0] -= 1
        if len(names) == 1:
            return _broken(names, str(error))
    except (WrongDefinitions, WrongQuestion, compile.CannotCompile) as refused:
        if len(names) == 1:
            return _broken(names, _message(refused))
    half = len(names) // 2
    parts = [_in_parts(version, part, as_of, connection, left) for part in (names[:half], names[half:])]
    return Evaluated(
        assessments=tuple(one for part in parts for one in part.assessments),
        observed=tuple(one for part in parts for one in part.observed),
        broken={name: why for part in parts for name, why in part.broken.items()},
    )


def _broken(names: Sequence[str], why: str) -> Evaluated:
    return Evaluated(assessments=(), observed=(), broken=dict.fromkeys(names, why))


def _message(refused: Exception) -> str:
    match refused:
        case WrongDefinitions(diagnostics=(Diagnostic(message=message), *_)):
            return message
        case _:
            return str(refused)


def _assessment(
    version: Version, names: Sequence[str], as_of: datetime, connection: Connection
) -> tuple[Assessment, tuple[Observation, ...]]:
    """Return what some KPIs and the goals that look at them come to, and the values behind it."""
    checked = _of(version, names)
    if checked.has_errors:
        errors = tuple(d for d in checked.diagnostics if d.severity.value == "error")
        raise WrongDefinitions(errors, checked.documents.sources)
    whole = _shown(checked.project, version.project, names)
    read = datasets_of(whole, _questions(whole, as_of))
    with open_session(checked, read, connection) as session:
        project = _shown(session.checked.project, version.project, names)
        observed = tuple(
            observation
            for question in _questions(project, as_of)
            for observation in session.observe(question)
        )
        freshness = session.freshness(list(read), as_of)
    datasets = {name: plan.datasets_of(name, project.kpis, project) for name in project.kpis}
    evidence = replace(NO_EVIDENCE, datasets=datasets)
    return assess.assess(project, observed, freshness, evidence, as_of), observed


def _questions(project: Project, as_of: datetime) -> Iterator[Question]:
    """Yield what totals and goals need to know; breakdowns are not asked."""
    yield from (question for question in assess.questions(project, as_of) if not question.by)


def _of(version: Version, names: Sequence[str]) -> Checked:
    """Return a version with some KPIs, the goals that look at them, and what all of these rest on."""
    project = version.project
    goals = {name for name, goal in project.goals.items() if set(goal.kpis) & set(names)}
    kpis = _with_referred(project, {*names, *(kpi for name in goals for kpi in project.goals[name].kpis)})
    datasets = project.with_partners(dataset for kpi in kpis for dataset in project.kpis[kpi].datasets)

    def is_needed(document: Document) -> bool:
        kind, name = document.data.get("kind"), document.data.get("name")
        match kind:
            case "kpi":
                return name in kpis
            case "goal":
                return name in goals
            case "dataset":
                return name in datasets
            case "scorecard":
                return False
            case _:
                return True

    return understood(version.folder, replace(version.documents.only(is_needed), diagnostics=()))


def _shown(few: Project, project: Project, names: Sequence[str]) -> Project:
    """Return a part of a project with goals that stand alone, and with what of scorecards shows some KPIs.

    A scorecard says by which grain people read a KPI.
    """
    cards = {}
    for name, card in project.scorecards.items():
        kept = tuple(kpi for kpi in card.kpis if kpi in names)
        if kept:
            cards[name] = replace(card, sections=(Section(title=card.title, kpis=kept),))
    goals = {name: replace(goal, parents=()) for name, goal in few.goals.items()}
    return replace(few, goals=goals, scorecards=cards)


def _with_referred(project: Project, names: set[str]) -> tuple[str, ...]:
    """Return KPIs with those that they are computed from, and those that tell whether they came at a cost."""
    kpis = project.kpis
    return reached(names & kpis.keys(), lambda name: (*referred(kpis[name]), *kpis[name].counter_kpis))


# --- side by side


def _numbers(
    name: str, base: Version, head: Version, before: Evaluated, after: Evaluated, *, is_read: bool
) -> KpiNumbers:
    one, other = base.project.kpis.get(name), head.project.kpis.get(name)
    known = other or one
    assert known is not None, f"{name} is on one side"
    grain = _read_by(name, known.grain, before, after)
    made = KpiNumbers(
        kpi=name,
        grain=grain,
        unit_before=one.unit if one else None,
        unit_after=other.unit if other else None,
    )
    if not is_read:
        return replace(made, why_not="its definition could not be read")
    if why := before.broken.get(name) or after.broken.get(name):
        return replace(made, why_not=why)
    if one is not None and other is not None and one.grain is not other.grain:
        why = f"the grain was {one.grain.value} and is {other.grain.value}"
        return replace(made, why_not=why)
    return replace(made, pairs=_pairs(name, grain, before, after))


def _read_by(name: str, own: Grain, before: Evaluated, after: Evaluated) -> Grain:
    """Return the finest grain by which scorecards on both sides show a KPI; its own where none does."""
    grains = [
        {grain for made in side.assessments for kpi, grain in made.coarser if kpi == name}
        for side in (before, after)
        if side.assessments
    ]
    shared = set.intersection(*grains) if grains else set()
    return min(shared, key=list(Grain).index, default=own)


def _read(name: str, grain: Grain, side: Evaluated) -> KpiAssessment | None:
    for made in side.assessments:
        if (name, grain) in made.coarser:
            return made.coarser[name, grain]
        if name in made.kpis:
            return made.kpis[name]
    return None


def _pairs(name: str, grain: Grain, before: Evaluated, after: Evaluated) -> tuple[ValuePair, ...]:
    sides = [_read(name, grain, side) for side in (before, after)]
    one, other = (
        {
            found.period: found
            for found in side.observed
            if found.kpi == name and found.period.grain is grain and found.complete and not found.slice
        }
        for side in (before, after)
    )
    statuses = [side.status if side else None for side in sides]
    periods = sorted(one.keys() | other.keys(), key=lambda period: period.start)[-PERIODS:]
    return tuple(
        ValuePair(
            period=period,
            before=one[period].value if period in one else None,
            after=other[period].value if period in other else None,
            status_before=statuses[0] if period == periods[-1] else None,
            status_after=statuses[1] if period == periods[-1] else None,
        )
        for period in periods
    )


def _flips(before: Evaluated, after: Evaluated, changed: set[str]) -> Iterator[Flip]:
    one, other = (dict(_statuses(side)) for side in (before, after))
    for key in sorted(one.keys() & other.keys(), key=str):
        if one[key] is not other[key]:
            goal, kpi, slices = key
            yield Flip(
                goal=goal,
                kpi=kpi,
                slice=slices,
                before=one[key],
                after=other[key],
                by_redefinition=goal not in changed,
            )


def _statuses(side: Evaluated) -> Iterator[tuple[tuple[str, str, SliceKey], Status]]:
    """Yield how results stand; of a goal that is told in parts the first counts."""
    for made in reversed(side.assessments):
        for name, goal in made.goals.items():
            if len(goal.results) > 1:
                yield (name, "", ()), goal.status
            for judged in goal.results:
                yield (name, judged.result.kpi, judged.result.slice), judged.status


def _card_flips(
    names: Sequence[str], base: Project, head: Project, before: Evaluated, after: Evaluated
) -> Iterator[CardFlip]:
    for card in sorted(base.scorecards.keys() & head.scorecards.keys()):
        one, other = base.scorecards[card], head.scorecards[card]
        for kpi in names:
            if kpi in one.kpis and kpi in other.kpis:
                was, now = _read(kpi, one.grain, before), _read(kpi, other.grain, after)
                if was is not None and now is not None and was.standing is not now.standing:
                    yield CardFlip(scorecard=card, kpi=kpi, before=was.standing, after=now.standing)


def _same_everywhere(name: str, before: Evaluated, after: Evaluated) -> bool:
    """Return whether a KPI has values, and the same in every period of every length that was computed."""
    one, other = (
        {
            (found.period.grain, found.period.name, found.slice): found.value
            for found in side.observed
            if found.kpi == name
        }
        for side in (before, after)
    )
    return one == other and any(value is not None for value in one.values())


def _with_evidence(review: Review, equal: Collection[str]) -> Review:
    """Return the review in which changes that show in no period are marked as equal on the data."""
    return replace(
        review,
        changes=tuple(
            replace(one, proof=Proof.DATA)
            if one.subject.kind is SubjectKind.KPI
            and one.proof is Proof.UNKNOWN
            and one.subject.name in equal
            and one.effect is not TimeEffect.FROM_DATE  # no period that was computed has the new rule
            and one.kind not in (ChangeKind.KPI_REMOVED, ChangeKind.DIMENSION_CHANGED)
            else one
            for one in review.changes
        ),
    )


# --- SQL


def _sql(
    names: Sequence[str], base: Version, head: Version, review: Review
) -> dict[str, tuple[str | None, str | None]]:
    if not names:
        return {}
    sides: list[Callable[[str], str | None]] = [_compiler(version, review) for version in (base, head)]
    return {name: (sides[0](name), sides[1](name)) for name in names}


def _compiler(version: Version, review: Review) -> Callable[[str], str | None]:
    project, calendar = version.project, version.project.settings.calendar

    def text(name: str) -> str | None:
        if name not in project.kpis:
            return None
        kpi: Kpi = project.kpis[name]
        own = calendar.period_holding(review.as_of.date(), kpi.grain)
        first = calendar.shift(own, Duration(amount=-1, unit=Unit.PERIOD))
        if first is None:
            return None
        question = Question(kpis=(name,), grain=kpi.grain, periods=(first,), as_of=review.as_of)
        try:
            return compile.compile_plan(planned(project, question, UNKNOWN), review.dialect).text
        except (compile.CannotCompile, WrongQuestion):
            return None

    return text
