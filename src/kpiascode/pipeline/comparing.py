"""Whether what came out of an example is what it expects, and what to do where it is not."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final, TypeAlias

from kpiascode.model.diagnostic import Diagnostic, did_you_mean, one_of
from kpiascode.model.exact import short
from kpiascode.model.example import Example, Expected
from kpiascode.model.observation import Observation
from kpiascode.resolve.examples import FAILS

CLOSE: Final = Decimal("1e-9")
"""How far, as a part of the expected value, a computed one may be off: no engine divides exactly."""

MANY: Final = Decimal(10) ** 18
ROUNDED: Final = 3
"""Digits after the point from which on an expected value is one that was rounded."""

Found: TypeAlias = Mapping[tuple[str, str], Mapping[str | None, Observation]]
"""What came out, by grain and name of the period, then by slice."""


def compared(example: Example, found: Found) -> Iterator[Diagnostic]:
    """Yield where another value came out than the example expects."""
    for expected in example.expected:
        yield from _mismatch(example, expected, found)


def _mismatch(example: Example, expected: Expected, found: Found) -> Iterator[Diagnostic]:
    period = expected.period
    where = period.name if expected.slice is None else f"{period.name}, `{_named(expected.slice)[:60]}`"
    slices = found.get((period.grain.value, period.name), {})
    observed = slices.get(expected.slice)
    if observed is None:
        names = [_named(name) for name in slices if name is not None]
        yield Diagnostic(
            code=FAILS,
            message=f"Expected {short(expected.value)} for {where}, and no row is in that slice.",
            place=expected.place,
            hint=did_you_mean(expected.slice or "", names)
            or (f"There are {one_of(names)}." if names else "Give a row of that slice."),
        )
    elif not agrees(expected.value, observed.value):
        yield Diagnostic(
            code=FAILS,
            message=f"Expected {short(expected.value)} for {where}, computed {short(observed.value)}.",
            place=expected.place,
            hint=_next_step(example, expected.value, observed.value),
        )


def _named(name: str) -> str:
    """Return how a slice is written in an example; that of the rows without a value has an empty name."""
    return name or '""'


def agrees(expected: Decimal | None, computed: Decimal | None) -> bool:
    """Return whether a value is the expected one: to the digits written, if they are three or more after the
    point, else exactly.

    >>> agrees(Decimal("0.333"), 1 / Decimal(3)), agrees(Decimal("0.33"), 1 / Decimal(3))
    (True, False)
    """
    if expected is None or computed is None:
        return expected is computed
    apart = abs(expected - computed)
    digits = _decimals(expected)
    half = Decimal(5).scaleb(-digits - 1) if digits >= ROUNDED else Decimal(0)
    return apart <= half + CLOSE * abs(expected)


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def _next_step(example: Example, expected: Decimal | None, computed: Decimal | None) -> str:
    if computed is None:
        return "No row counts there, or it divides by zero: look at the given times and at `where`."
    digits = 0 if expected is None else _decimals(expected)
    if 0 <= digits < ROUNDED and abs(computed) < MANY and round(computed, digits) == expected:
        return f"Write at least {ROUNDED} digits after the point, and as many are compared."
    return f"Correct the example or the KPI; `kpi explain {example.kpi}` shows how it is computed."
