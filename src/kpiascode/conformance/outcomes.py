"""What an engine makes of a case."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeAlias

from kpiascode.conformance.cases import AnError, Case, Key, NoValue, Right, Values, causes, told
from kpiascode.model.exact import EXACT
from kpiascode.model.observation import Observation
from kpiascode.model.project import Project
from kpiascode.pipeline import asking, reading, seeding
from kpiascode.pipeline.asking import Ask
from kpiascode.pipeline.connection import Connection
from kpiascode.pipeline.reading import Checked
from kpiascode.pipeline.refusals import EngineError, WrongDefinitions, WrongQuestion

TOLERANCE: Final = 1e-9
MOST_DECIMALS: Final = 6
"""A value by hand with more of them is one that does not end."""


@dataclass(frozen=True, slots=True)
class Equal:
    """Every value is right, or it was told that there is none."""

    values: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The dialect cannot say it, and says so."""

    why: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The engine, or what it was given, gave no answer."""

    why: str


@dataclass(frozen=True, slots=True)
class Different:
    """Wrong numbers."""

    lines: tuple[str, ...]


Outcome: TypeAlias = Equal | Refused | Failed | Different


def outcome(case: Case, connection: Connection) -> Outcome:
    """Load a case into the engine, ask, and compare."""
    right = case.right()
    found = _found(case, right, connection)
    return Equal(0) if isinstance(right, AnError) and isinstance(found, Refused | Failed) else found


def _found(case: Case, right: Right, connection: Connection) -> Outcome:
    with case.project() as folder:
        checked = reading.read(folder)
        assert not checked.has_errors, [one.message for one in checked.diagnostics]
        try:
            with _loaded(checked, case.ask(), connection):
                found = asking.answer(checked, case.ask(), connection)
        except WrongQuestion as refusal:
            if refusal.diagnostic.code == "cannot-compile":
                return Refused(refusal.diagnostic.message)
            return Failed(refusal.diagnostic.message)
        except WrongDefinitions as wrong:
            codes = causes({one.code for one in wrong.diagnostics})
            if isinstance(right, NoValue) and codes == right.codes:
                return Equal(0)
            return Failed("; ".join(one.message for one in wrong.diagnostics))
        except EngineError as error:
            return Failed(f"{error}\n{error.detail}")
    ours = {(one.kpi, one.period.name, told(tuple(value for _, value in one.slice))): one for one in found}
    match right:
        case AnError():
            return Different(("values where there is none",))
        case NoValue():
            if not ours and right.may_be_silent:
                return Equal(0)
            return Different((f"values where {', '.join(sorted(right.codes))} had to be told",))
        case Values():
            lines = tuple(_differences(right.by_key, ours, checked.project))
            return Different(lines) if lines else Equal(len(ours))


@contextmanager
def _loaded(checked: Checked, ask: Ask, connection: Connection) -> Iterator[None]:
    """Have the tables in the engine that a question reads, and drop them in the end."""
    if connection.url is None:
        yield
        return
    names = asking.datasets_read(list(asking.plans(checked, ask)))
    wanted = [checked.project.datasets[name] for name in names]
    made: list[str] = []
    try:
        for name, _ in seeding.seed(checked, wanted, connection, replace=False):
            made.append(name)
        yield
    finally:
        seeding.drop(made, connection)


def _differences(
    right: Mapping[Key, Decimal | float | None], ours: Mapping[Key, Observation], project: Project
) -> Iterator[str]:
    for key in sorted({*right, *ours}):
        where = f"{' '.join(key).strip()}:"
        if key not in ours:
            yield f"{where} there is no value, and {right[key]} is right"
        elif key not in right:
            yield f"{where} {ours[key].value}, and there should be none"
        elif not same(ours[key].value, right[key], money=project.kpis[key[0]].unit.currency is not None):
            yield f"{where} {ours[key].value}, and {right[key]} is right"


def same(ours: Decimal | None, right: Decimal | float | None, *, money: bool) -> bool:
    """Return whether a value is right: money to its last digit, anything to 1e-9 of it."""
    if ours is None or right is None:
        return ours is right
    if not math.isclose(ours, right, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
        return False
    if not money or not isinstance(right, Decimal):
        return True
    exponent = right.as_tuple().exponent
    assert isinstance(exponent, int)
    return exponent < -MOST_DECIMALS or ours.quantize(Decimal(1).scaleb(exponent), context=EXACT) == right
