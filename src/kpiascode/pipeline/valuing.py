"""From KPIs to their last values, and to what they are divided by where they have none."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from kpiascode import compile, lint, plan
from kpiascode.assess.periods import history
from kpiascode.model.calendar import Grain, Period
from kpiascode.model.catalog import UNKNOWN
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.expression import Aggregate, Expression, KpiValue, walk
from kpiascode.model.facts import KpiFacts, Undivided
from kpiascode.model.naming import free
from kpiascode.model.observation import Observation, Question
from kpiascode.model.project import Kpi, Project
from kpiascode.pipeline.asking import Session, datasets_read, planned
from kpiascode.pipeline.refusals import WrongDefinitions, WrongQuestion

PERIODS: Final = 12
"""How many periods that are over are looked at, the last ones."""

TOGETHER: Final = 40
"""KPIs in one query."""

TOLD_OF_ROWS: Final = {"key-not-unique", "validity-overlaps", "required-partner-missing"}
"""What the facts about datasets say already, and at a better place."""

ROWS: Final = Aggregate("count", None)


def worth_looking_at(project: Project, kpis: Sequence[str]) -> tuple[str, ...]:
    """Return the KPIs that have bounds or are divided by something."""
    return tuple(
        name
        for name in kpis
        if (project.kpis[name].bounds.min, project.kpis[name].bounds.max) != (None, None)
        or _divided_by(project, project.kpis[name])
    )


def _divided_by(project: Project, kpi: Kpi) -> tuple[Expression, ...]:
    """Return its denominators of which it can be told whether there are rows: those of the same period."""
    return () if kpi.funnel is not None else tuple(n for n in lint.denominators(kpi) if _is_here(project, n))


def _is_here(project: Project, node: Expression) -> bool:
    """Return whether no KPI that an expression refers to looks at other periods, or at steps of a funnel."""
    for part in walk(node):
        if isinstance(part, KpiValue):
            other = project.kpis[part.kpi]
            looks_elsewhere = any(isinstance(inner, lint.FORMS) for inner in walk(other.expression))
            if other.funnel is not None or looks_elsewhere or not _is_here(project, other.expression):
                return False
    return True


def read_for_values(project: Project, kpis: Sequence[str], as_of: datetime) -> tuple[str, ...]:
    """Return the datasets whose rows the values come from."""
    questions = [_question(project, [name], as_of) for name in kpis]
    return datasets_read([planned(project, question, UNKNOWN) for question in questions if question.periods])


def look_at_values(session: Session, kpis: Sequence[str], as_of: datetime) -> tuple[KpiFacts, ...]:
    """Return the values of the last periods that are over.

    Raises:
        EngineError: when the engine fails.
    """
    project = session.checked.project
    together: defaultdict[tuple[Grain, tuple[str, ...]], list[str]] = defaultdict(list)
    for name in kpis:
        around = (project.kpis[name].grain, plan.datasets_of(name, project.kpis, project))
        together[around].append(name)
    found: dict[str, KpiFacts] = {}
    for names in together.values():
        for first in range(0, len(names), TOGETHER):
            for facts in _looked_at(session, names[first : first + TOGETHER], as_of):
                found[facts.kpi] = facts
    return tuple(found[name] for name in kpis)


def _looked_at(session: Session, kpis: Sequence[str], as_of: datetime) -> Iterator[KpiFacts]:
    """Yield the facts of KPIs by one query; by one each where some have no value at all."""
    try:
        yield from _Values(session, kpis, as_of).facts()
    except (WrongDefinitions, WrongQuestion, compile.CannotCompile) as refused:
        if len(kpis) > 1:
            for name in kpis:
                yield from _looked_at(session, [name], as_of)
        else:
            yield KpiFacts(kpi=kpis[0], values=(), broken=_not_told(refused))


def _not_told(refused: Exception) -> tuple[Diagnostic, ...]:
    found = refused.diagnostics if isinstance(refused, WrongDefinitions) else ()
    return tuple(diagnostic for diagnostic in found if diagnostic.code not in TOLD_OF_ROWS)


def _question(project: Project, kpis: Sequence[str], as_of: datetime) -> Question:
    grain = project.kpis[kpis[0]].grain
    periods = history(project.settings.calendar, grain, as_of.date())[-PERIODS:]
    return Question(kpis=tuple(kpis), grain=grain, periods=periods, as_of=as_of)


@dataclass(frozen=True, slots=True)
class _Divisor:
    """A denominator as a KPI of its own, and KPIs that count the rows from which it comes."""

    node: Expression
    kpi: str
    rows: tuple[str, ...]


class _Values:
    """A question for several KPIs, their denominators, and the rows that these come from."""

    def __init__(self, session: Session, kpis: Sequence[str], as_of: datetime) -> None:
        self.session = session
        self.kpis = kpis
        self.project = session.checked.project
        self.question = _question(self.project, kpis, as_of)
        self.made: dict[str, Kpi] = {}
        self.counted: dict[str, str] = {}
        self.divisors = {name: tuple(self._divisors(self.project.kpis[name])) for name in kpis}

    def _divisors(self, kpi: Kpi) -> Iterator[_Divisor]:
        for number, node in enumerate(_divided_by(self.project, kpi), 1):
            name = self._named(f"{kpi.name}__divisor_{number}", replace(kpi, expression=node, revisions=()))
            yield _Divisor(node, name, tuple(self._rows(kpi, node)))

    def _rows(self, kpi: Kpi, node: Expression) -> Iterator[str]:
        """Yield KPIs that count the rows from which an expression comes, directly or through other KPIs."""
        for part in walk(node):
            match part:
                case Aggregate() if kpi.dataset is not None:
                    yield self._count_of(kpi)
                case KpiValue(name):
                    other = self.project.kpis[name]
                    if other.dataset is not None:
                        yield self._count_of(other)
                    else:
                        yield from self._rows(other, other.expression)
                case _:
                    pass

    def _count_of(self, kpi: Kpi) -> str:
        if kpi.name not in self.counted:
            rows = replace(kpi, expression=ROWS, funnel=None, revisions=())
            self.counted[kpi.name] = self._named(f"{kpi.name}__rows", rows)
        return self.counted[kpi.name]

    def _named(self, wanted: str, kpi: Kpi) -> str:
        name = free(wanted, {**self.project.kpis, **self.made})
        self.made[name] = replace(kpi, name=name)
        return name

    def facts(self) -> Iterator[KpiFacts]:
        if not self.question.periods:
            yield from (KpiFacts(kpi=name, values=()) for name in self.kpis)
            return
        extended = replace(self.project, kpis={**self.project.kpis, **self.made})
        session = Session(replace(self.session.checked, project=extended), self.session.engine)
        observed: defaultdict[str, dict[Period, Observation]] = defaultdict(dict)
        for one in session.observe(replace(self.question, kpis=(*self.kpis, *self.made))):
            observed[one.kpi][one.period] = one
        for name in self.kpis:
            values = tuple(one for one in observed[name].values() if one.complete)
            found = (self._undivided(name, divisor, values, observed) for divisor in self.divisors[name])
            yield KpiFacts(kpi=name, values=values, undivided=tuple(one for one in found if one.periods))

    def _undivided(
        self,
        kpi: str,
        divisor: _Divisor,
        values: Sequence[Observation],
        observed: Mapping[str, Mapping[Period, Observation]],
    ) -> Undivided:
        periods = []
        for one in values:
            below = observed[divisor.kpi][one.period].value
            if one.value is not None or below or not _is_todays(self.project.kpis[kpi], one.period):
                continue
            if any(observed[rows][one.period].value for rows in divisor.rows):
                periods.append((one.period, below))
        return Undivided(denominator=divisor.node, periods=tuple(periods))


def _is_todays(kpi: Kpi, period: Period) -> bool:
    return kpi.ruling(datetime.combine(period.end, datetime.min.time())) is kpi
