"""From rates to how many cases they were taken of."""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import dropwhile
from typing import Final

from kpiascode import compile
from kpiascode.assess.denominators import denominators
from kpiascode.assess.periods import history
from kpiascode.model.calendar import Grain
from kpiascode.model.naming import free
from kpiascode.model.observation import Question
from kpiascode.model.project import Kpi
from kpiascode.pipeline.asking import Session
from kpiascode.pipeline.refusals import WrongDefinitions, WrongQuestion

PERIODS: Final = 12
"""How many periods that are over are looked at, the last ones."""


def cases_behind(session: Session, as_of: datetime) -> dict[str, tuple[Decimal, ...]]:
    """Return by rate the cases of its last complete periods, from the first with any.

    One that cannot be counted is left out.

    Raises:
        EngineError: when the engine fails.
    """
    project = session.checked.project
    counts: dict[str, Kpi] = {}
    asked: defaultdict[Grain, list[str]] = defaultdict(list)
    of: dict[Kpi, str] = {}
    rates: dict[str, str] = {}
    for rate, kpi in denominators(project).items():
        plain = replace(kpi, name="", title="", description="")
        if plain not in of:
            of[plain] = free(f"{rate}__cases", {**project.kpis, **counts})
            counts[of[plain]] = replace(kpi, name=of[plain])
            asked[kpi.grain].append(of[plain])
        rates[rate] = of[plain]
    extended = replace(project, kpis={**project.kpis, **counts})
    counting = Session(replace(session.checked, project=extended), session.engine)
    found: defaultdict[str, list[Decimal]] = defaultdict(list)
    for grain, names in asked.items():
        periods = history(project.settings.calendar, grain, as_of.date())[-PERIODS:]
        try:
            seen = counting.observe(Question(kpis=tuple(names), grain=grain, periods=periods, as_of=as_of))
        except (WrongDefinitions, WrongQuestion, compile.CannotCompile):
            continue  # of what is broken the KPIs themselves tell
        for one in seen:
            if one.complete and one.value is not None:
                found[one.kpi].append(one.value)
    since_first = {name: tuple(dropwhile(lambda one: not one, counted)) for name, counted in found.items()}
    return {rate: since_first[name] for rate, name in rates.items() if since_first.get(name)}
