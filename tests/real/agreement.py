"""Whether what the product told agrees with what is expected, by KPI, period and slice."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

from .comparison import Told, is_close, number, slice_of
from .oracle_base import Number, Slice

Key: TypeAlias = tuple[str, str, Slice]
"""KPI, period and slice."""
Value: TypeAlias = Decimal | float | None
"""A decimal is meant to the last digit, a float to 1e-9."""
Expected: TypeAlias = dict[Key, Value]


def told_values(told: Sequence[Told], by: Sequence[str] = ()) -> dict[Key, Number]:
    """Return the values that `kpi run` told."""
    found = {(one["kpi"], one["period"], slice_of(one, by)): number(one["value"]) for one in told}
    assert len(found) == len(told), "a KPI, period and slice is told twice"
    return found


def is_same(told: Number, expected: Value) -> bool:
    if told is None or not isinstance(expected, float):
        return told == expected
    return is_close(told, Decimal(expected))


def assert_same(told: Mapping[Key, Number], expected: Expected) -> None:
    """Assert that the same KPIs, periods and slices are told, no more no less, each with its value."""
    assert set(told) == set(expected), (
        f"missing: {sorted(expected.keys() - told.keys(), key=str)[:20]}, "
        f"too many: {sorted(told.keys() - expected.keys(), key=str)[:20]}"
    )
    wrong = {key: (told[key], meant) for key, meant in expected.items() if not is_same(told[key], meant)}
    assert not wrong, (
        f"{len(wrong)} of {len(told)} values differ (told, expected): {dict(list(wrong.items())[:20])}"
    )
