"""Findings about the values of KPIs: what can never be true, and no value where there are rows."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from kpiascode.model.calendar import Period
from kpiascode.model.diagnostic import Diagnostic, Severity
from kpiascode.model.exact import short
from kpiascode.model.expression import (
    Aggregate,
    Arithmetic,
    AverageOver,
    Call,
    Case,
    Cast,
    Closing,
    Cumulative,
    Expression,
    KpiValue,
    Negate,
    Opening,
    Operator,
    Previous,
    Rolling,
    Share,
    ToDate,
    walk,
)
from kpiascode.model.facts import KpiFacts, Undivided
from kpiascode.model.observation import Observation
from kpiascode.model.project import Kpi, Project
from kpiascode.model.spelling import spelled

FORMS: Final = (Previous, Rolling, ToDate, Cumulative, Opening, Closing, AverageOver, Share)
"""Whether there are rows where these look is not to be seen from the period."""

CLOSE: Final = Decimal("1e-9")
"""How far, as a part of a bound, a value may lie beyond it: no engine divides exactly."""

TOLD: Final = 3
"""How many periods are told."""


def lint_values(project: Project, facts: Sequence[KpiFacts], *, told: bool) -> Iterator[Diagnostic]:
    """Yield what is wrong with the last values of KPIs.

    Args:
        told: Whether values are told, or only when they are wrong.
    """
    for found in facts:
        yield from found.broken
        kpi = project.kpis[found.kpi]
        yield from _bounds(project, kpi, found.values, told)
        for undivided in found.undivided:
            yield _undivided(project, kpi, undivided, len(found.values))


def denominators(kpi: Kpi) -> tuple[Expression, ...]:
    """Return what a KPI's value is divided by under today's rule.

    What is written as `nullif` is known to be zero at times. Inside of aggregates and of forms of time it is
    another row or another period that is divided, and a form of time divides by another period.
    """
    found: dict[Expression, None] = {}
    waiting = [kpi.expression]
    while waiting:
        node = waiting.pop()
        match node:
            case Arithmetic(operator, left, right):
                waiting += [right, left]
                if operator in (Operator.DIVIDE, Operator.REMAINDER) and _is_sought(right):
                    found[right] = None
            case Negate(operand) | Cast(operand, _):
                waiting.append(operand)
            case Call(_, arguments):
                waiting += reversed(arguments)
            case Case(branches, otherwise):
                waiting += [result for _, result in branches]
                waiting += [] if otherwise is None else [otherwise]
            case _:
                pass
    return tuple(found)


def _is_sought(denominator: Expression) -> bool:
    parts = tuple(walk(denominator))
    is_known = isinstance(denominator, Call) and denominator.function == "nullif"
    looks_elsewhere = any(isinstance(part, FORMS) for part in parts)
    return (
        not is_known and not looks_elsewhere and any(isinstance(part, Aggregate | KpiValue) for part in parts)
    )


def _bounds(project: Project, kpi: Kpi, values: Sequence[Observation], told: bool) -> Iterator[Diagnostic]:
    document = project.documents["kpi", kpi.name]
    for end, bound, where, other in (
        ("lower", kpi.bounds.min, "below", "min"),
        ("upper", kpi.bounds.max, "above", "max"),
    ):
        if bound is None:
            continue
        beyond = [one for one in values if one.value is not None and _is_beyond(one.value, bound, end)]
        if beyond:
            named = _listed([_value(one, told) for one in beyond])
            yield Diagnostic(
                code="value-out-of-bounds",
                message=f"In {_of(len(beyond), values)} `{kpi.name}` lies {where} its {end} bound of "
                f"{short(bound)}{named}.",
                place=document.place(("bounds", other)),
                hint="Correct the data or the expression; if such a value can be true, the bound cannot.",
            )


def _is_beyond(value: Decimal, bound: Decimal, end: str) -> bool:
    beyond = bound - value if end == "lower" else value - bound
    return beyond > CLOSE * abs(bound)


def _undivided(project: Project, kpi: Kpi, found: Undivided, looked_at: int) -> Diagnostic:
    held = {short(value) for _, value in found.periods}
    periods = [period for period, _ in found.periods]
    return Diagnostic(
        code="zero-denominator",
        severity=Severity.WARNING,
        message=f"In {len(periods)} of the last {_counted(looked_at, periods[0])} `{kpi.name}` has no value, "
        f"since `{_cut(spelled(found.denominator))}` is {' or '.join(sorted(held))} though there are rows"
        f"{_listed([period.name for period in periods])}.",
        place=project.documents["kpi", kpi.name].place(("expression",)),
        hint="Look at the rows of those periods. If it may be zero, say so: `a / nullif(b, 0)`.",
    )


# --- words


def _of(count: int, values: Sequence[Observation]) -> str:
    return f"{count} of the last {_counted(len(values), values[0].period)}"


def _counted(count: int, period: Period) -> str:
    unit = period.grain.value.replace("_", " ")
    return f"{count} {unit if count == 1 else f'{unit}s'}"


def _value(one: Observation, told: bool) -> str:
    return f"{short(one.value)} in {one.period.name}" if told else one.period.name


def _listed(texts: Sequence[str]) -> str:
    """Return the last few of them, the newest first."""
    newest = list(reversed(texts))
    shown, rest = newest[:TOLD], len(newest) - TOLD
    if rest > 0:
        shown.append(f"{rest} more")
    *first, last = shown
    return f": {', '.join(first)} and {last}" if first else f": {last}"


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 60 else f"{flat[:57]}..."
