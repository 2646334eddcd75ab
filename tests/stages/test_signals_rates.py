"""How often each set of rules is wrong, at the scale of a test; `benchmarks/signals.py` makes the whole table.

The expected shares were computed elsewhere, by another program over 4,000 series each. Of two estimates the
variances add up, so one may differ by four standard errors of the difference: once in 16,000, and the dice here
are always the same.
"""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from math import sqrt
from pathlib import Path
from typing import Any, Final

import pytest

SERIES: Final = 220
ELSEWHERE: Final = 4000


def _benchmark() -> Any:
    path = Path(__file__).parents[2] / "benchmarks" / "signals.py"
    spec = spec_from_file_location("benchmark_of_signals", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


BENCHMARK: Final = _benchmark()
SETS: Final = ("outside", "outside, run", "default", "western_electric", "nhs")


def error(share: float) -> float:
    """Return the standard error of the difference of two estimates, of here and of elsewhere."""
    return sqrt(share * (1 - share) * (1 / SERIES + 1 / ELSEWHERE))


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("noise, limits from 24 points", (0.058, 0.084, 0.104, 0.145, 0.162)),
        ("noise, limits from the first 12", (0.175, 0.233, 0.268, 0.321, 0.334)),
        ("noise, limits from the first 6", (0.305, 0.406, 0.444, 0.496, 0.512)),
        ("a shift by 2 sigma, found within 6 points", (0.62, 0.69, 0.86, 0.93, 0.88)),
        ("neighbours correlated by 0.3", (0.20, 0.27, 0.36, 0.47, 0.44)),
        ("neighbours correlated by 0.6", (0.55, 0.63, 0.75, 0.84, 0.81)),
    ],
)
def test_false_alarms_and_what_is_found(row: str, expected: tuple[float, ...]) -> None:
    found = BENCHMARK.shares(BENCHMARK.ROWS[row], SERIES)

    off = {
        name: (found[name], share)
        for name, share in zip(SETS, expected, strict=True)
        if abs(found[name] - share) > 4 * error(share)
    }
    assert off == {}


def test_each_further_rule_finds_more() -> None:
    found = BENCHMARK.shares(BENCHMARK.ROWS["noise, limits from the first 12"], SERIES)

    assert found["outside"] < found["outside, run"] < found["default"] < found["western_electric"]


def test_of_the_last_point_alone_a_false_alarm_is_rare() -> None:
    found = BENCHMARK.shares(BENCHMARK.ROWS["noise, told of the last point"], SERIES)

    assert found["default"] <= 0.011 + 4 * error(0.011)


def test_a_season_is_taken_for_signals_and_differences_to_last_year_are_not() -> None:
    raw = BENCHMARK.shares(BENCHMARK.ROWS["a yearly wave"], SERIES)["default"]
    compared = BENCHMARK.shares(BENCHMARK.ROWS["a yearly wave, as differences to the year before"], SERIES)[
        "default"
    ]

    assert raw > 0.74
    assert compared < 0.11 + 4 * error(0.11)


def test_nearly_every_series_of_overlapping_windows_would_show_a_signal() -> None:
    found = BENCHMARK.shares(BENCHMARK.ROWS["means over twelve months (refused)"], SERIES)

    assert abs(found["default"] - 0.95) < 4 * error(0.95)
