"""What is usual and what is not: limits, rules, segments, and what they say, as a specification.

`STEADY` is two years of months that are 9 and 11 in turn. Its mean is 10, each of its 23 moving ranges is 2,
so its limits are 10 - 2.66 * 2 = 4.68 and 10 + 2.66 * 2 = 15.32, locked from its 24th month on. What comes after
it (month 24 and on, counted from 0) is judged by these.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise, product
from typing import Any

import pytest
from factories import evidence, goal, kpi, period, project, ratio, result, seen, target, total, value_of
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kpiascode.assess import assess
from kpiascode.assess.signals import Reading, behaviour, cost, standing
from kpiascode.assess.signals.limits import SCREENED, TO_LIMIT, TO_RANGE_LIMIT, limits, with_ranges
from kpiascode.assess.signals.rules import signals
from kpiascode.assess.signals.wanted import Wanted
from kpiascode.model.assessment import DataState, Status, Trust
from kpiascode.model.calendar import Calendar, Duration, Grain, Period, Unit
from kpiascode.model.expression import Aggregate, Cumulative, Previous, Rolling, ToDate
from kpiascode.model.observation import Freshness, Observation
from kpiascode.model.project import (
    Band,
    Bounds,
    Direction,
    Kpi,
    ProcessChange,
    Revision,
    Settings,
    SignalRules,
    SignalSettings,
)
from kpiascode.model.signals import (
    Assurance,
    Basis,
    Behaviour,
    Hold,
    Limits,
    Point,
    Rule,
    Signal,
    Standing,
    Variation,
)

MONTHS = Calendar().periods(Grain.MONTH, date(2018, 1, 1), date(2026, 1, 1))
STEADY = (9, 11) * 12
DEFAULT, NHS, WESTERN = SignalRules.DEFAULT, SignalRules.NHS, SignalRules.WESTERN_ELECTRIC
Values = Sequence[str | int | None]


def series(values: Values, of: str = "margin", periods: Sequence[Period] = MONTHS) -> list[Observation]:
    """Closed periods from the first one on."""
    pairs = zip(periods, values, strict=False)
    return [seen(of, when, None if value is None else str(value)) for when, value in pairs]


def judged(values: Values, wanted: Wanted | None = None, **changes: Any) -> Behaviour:
    margin = kpi("margin", **changes)
    return behaviour(project(margin), margin, series(values), wanted)


def points(values: Values) -> tuple[Point, ...]:
    return with_ranges([Point(period=o.period, value=o.value, range=None) for o in series(values)])


def limits_of(values: Values, rules: SignalRules = DEFAULT) -> Limits:
    found = limits(points(values), rules)
    assert found is not None
    return found


def told(found: Sequence[Signal]) -> list[tuple[str, int, int, bool]]:
    """Return each signal as rule, numbers of its first and last month, and whether it is high."""
    return [(s.rule.value, MONTHS.index(s.first), MONTHS.index(s.last), s.high) for s in found]


def signals_of(values: Values, rules: SignalRules = DEFAULT) -> list[tuple[str, int, int, bool]]:
    found = judged(values, signals=SignalSettings(rules=rules))
    return told(found.segments[-1].signals)


# --- limits


def test_the_constants_are_those_of_ranges_of_two_points() -> None:
    """3 / d2 and D4 with d2 = 2 / sqrt(pi) and d3 = sqrt(2 - 4 / pi), as Wheeler rounds them."""
    pi = 3.141592653589793
    d2 = 2 / pi**0.5
    d3 = (2 - 4 / pi) ** 0.5

    assert abs(float(TO_LIMIT) - 3 / d2) < 0.002
    assert abs(float(TO_RANGE_LIMIT) - (1 + 3 * d3 / d2)) < 0.002
    assert (Decimal("2.66"), Decimal("3.268"), Decimal("3.267")) == (TO_LIMIT, TO_RANGE_LIMIT, SCREENED)


def test_limits_are_two_and_two_thirds_mean_ranges_from_the_mean() -> None:
    found = limits_of(STEADY)

    assert (found.mean, found.range_mean) == (10, 2)
    assert (found.lower, found.upper) == (Decimal("4.68"), Decimal("15.32"))
    assert found.range_upper == Decimal("6.536")


def test_it_is_the_mean_range_and_not_the_spread_of_all_values() -> None:
    """A slow rise by 1 has ranges of 1, however far it leads: 3.5 - 2.66 and 3.5 + 2.66."""
    found = limits_of((1, 2, 3, 4, 5, 6))

    assert (found.lower, found.mean, found.upper) == (Decimal("0.84"), Decimal("3.5"), Decimal("6.16"))


@pytest.mark.parametrize(
    ("count", "hold", "baseline"),
    [
        pytest.param(0, None, None, id="none"),
        pytest.param(5, None, None, id="five are too few"),
        pytest.param(6, Hold.TRIAL, 6, id="six are on trial"),
        pytest.param(11, Hold.TRIAL, 11, id="so are eleven"),
        pytest.param(12, Hold.MOVING, 12, id="from twelve on they move with each point"),
        pytest.param(23, Hold.MOVING, 23, id="so do twenty-three"),
        pytest.param(24, Hold.LOCKED, 24, id="twenty-four are locked"),
        pytest.param(25, Hold.LOCKED, 24, id="the twenty-fifth does not count any more"),
        pytest.param(60, Hold.LOCKED, 24, id="nor does any later one"),
    ],
)
def test_how_firm_limits_are_by_number_of_points(count: int, hold: Hold | None, baseline: int | None) -> None:
    found = limits(points(((9, 11) * 30)[:count]), DEFAULT)

    assert (None if found is None else (found.hold, found.points)) == (
        None if hold is None else (hold, baseline)
    )


def test_limits_that_are_locked_are_not_moved_by_what_comes_later() -> None:
    assert limits_of((*STEADY, 1000, -1000, 500)) == limits_of(STEADY)


def test_limits_that_are_not_locked_are() -> None:
    assert limits_of((*STEADY[:22], 1000)) != limits_of(STEADY[:22])


def test_limits_do_not_widen_with_the_years() -> None:
    """Each further year grows by more than the last; the limits are those of the first two."""
    growing = (*STEADY, *(year * year * 5 + month for year in range(1, 5) for month in range(12)))

    assert limits_of(growing) == limits_of(STEADY)


def test_a_negative_lower_limit_stays_although_no_value_can_be_negative() -> None:
    """0 and 4 in turn: 2 - 2.66 * 4."""
    found = judged((0, 4) * 12, bounds=Bounds(min=Decimal(0), max=None)).segments[-1].limits

    assert found is not None
    assert found.lower == Decimal("-8.64")


def test_the_nhs_preset_leaves_ranges_out_that_are_outliers() -> None:
    """Eight ranges of 1, two of 12 (up and down): their mean is 3.2, so what is above 10.4544 is left out."""
    values = (0, 1, 0, 1, 0, 12, 0, 1, 0, 1, 0)

    assert limits_of(values).range_mean == Decimal("3.2")
    assert limits_of(values, WESTERN).range_mean == Decimal("3.2")
    assert limits_of(values, NHS).range_mean == 1


def test_the_mean_of_the_nhs_preset_is_still_that_of_all_values() -> None:
    values = (0, 1, 0, 1, 0, 12, 0, 1, 0, 1, 0)

    assert limits_of(values, NHS).mean == limits_of(values).mean


# --- gaps


def test_no_range_is_taken_across_a_gap() -> None:
    assert [point.range for point in points((9, 11, None, 20, 18))] == [None, 2, None, None, 2]


def test_zero_is_a_value_and_no_gap() -> None:
    assert [point.range for point in points((1, 0, 1))] == [None, 1, 1]


def test_a_jump_across_a_gap_does_not_widen_the_limits() -> None:
    """Without the range over the gap all are 2; the mean is that of all values."""
    found = limits_of((9, 11, 9, 11, None, 109, 111, 109, 111))

    assert (found.range_mean, found.mean, found.points) == (2, 60, 8)


def test_gaps_do_not_count_among_the_twenty_four() -> None:
    with_gaps = (*STEADY[:10], None, None, *STEADY[10:])

    assert limits_of((*with_gaps[:-1],)).hold is Hold.MOVING
    assert limits_of((*with_gaps, 1000)).hold is Hold.LOCKED
    assert limits_of((*with_gaps, 1000)).mean == 10


def test_six_values_with_fewer_than_five_ranges_have_no_limits() -> None:
    assert limits(points((9, 11, 9, None, 11, 9, 11)), DEFAULT) is None
    assert limits(points((9, 11, 9, None, 11, 9, 11, 9)), DEFAULT) is not None


def test_gaps_before_the_first_value_are_no_part_of_the_series() -> None:
    assert judged((None, None, *STEADY)).segments[0].points[0].period == MONTHS[2]


@pytest.mark.parametrize(
    ("rules", "row"),
    [
        pytest.param(DEFAULT, ("9.5",) * 8, id="eight on one side"),
        pytest.param(NHS, ("9.5",) * 7, id="seven on one side"),
        pytest.param(NHS, ("8.2", "8.8", "9.4", "9.9", "10.2", "10.4", "10.6"), id="seven rising"),
        pytest.param(DEFAULT, (13, 13, 13), id="three of four near the limit"),
        pytest.param(NHS, (10, 14, 14, "10.5"), id="two of three in the outer third"),
        pytest.param(WESTERN, (14, 14), id="two of three beyond two sigma"),
        pytest.param(WESTERN, (12, 12, 12, 12), id="four of five beyond one sigma"),
    ],
)
def test_a_gap_ends_a_row(rules: SignalRules, row: Values) -> None:
    """Ten is on the mean, on both sides of the row: it takes part in no signal."""
    half = len(row) // 2

    assert signals_of((*STEADY, 10, *row, 10, 10), rules) != []
    assert signals_of((*STEADY, 10, *row[:half], None, *row[half:], 10, 10), rules) == []


# --- the rules


@pytest.mark.parametrize(
    ("rules", "after", "expected"),
    [
        # One outside, in each preset.
        *[
            pytest.param(rules, after, expected, id=f"{rules.value}: {said}")
            for rules in SignalRules
            for after, expected, said in [
                (("15.33",), [("outside", 24, 24, True)], "just above the upper limit"),
                (("15.32",), [], "exactly on it"),
                (("4.67",), [("outside", 24, 24, False)], "just below the lower limit"),
                (("4.68",), [], "exactly on that"),
            ]
        ],
        # Rows on one side. The last of the steady months is 11, above the mean.
        pytest.param(DEFAULT, ("9.5",) * 8, [("run", 24, 31, False)], id="default: eight below the mean"),
        pytest.param(DEFAULT, ("9.5",) * 7, [], id="default: seven below are none"),
        pytest.param(
            DEFAULT, ("10.5",) * 7, [("run", 23, 30, True)], id="default: eight above, the first one steady"
        ),
        pytest.param(DEFAULT, ("10.5",) * 6, [], id="default: seven above are none"),
        pytest.param(
            DEFAULT, ("9.5",) * 4 + (10,) + ("9.5",) * 4, [], id="default: a point on the mean ends a row"
        ),
        pytest.param(NHS, ("9.5",) * 7, [("run", 24, 30, False)], id="nhs: seven below the mean"),
        pytest.param(NHS, ("9.5",) * 6, [], id="nhs: six below are none"),
        pytest.param(NHS, ("9.5",) * 3 + (10,) + ("9.5",) * 4, [], id="nhs: a point on the mean ends a row"),
        pytest.param(
            WESTERN, ("9.5",) * 8, [("run", 24, 31, False)], id="western_electric: eight below the mean"
        ),
        pytest.param(WESTERN, ("9.5",) * 7, [], id="western_electric: seven below are none"),
        # Nearer to the limit than to the mean: beyond 10 +/- 2.66.
        pytest.param(
            DEFAULT, (13, 10, 13, 13), [("near_limit", 24, 27, True)], id="default: three of four near it"
        ),
        pytest.param(
            DEFAULT, (13, 7, 13, 13), [("near_limit", 24, 27, True)], id="default: the fourth lies anywhere"
        ),
        pytest.param(
            DEFAULT,
            (7, 7, 7),
            [("near_limit", 24, 26, False)],
            id="default: three in a row are three of four",
        ),
        pytest.param(DEFAULT, (13, 7, 13, 7), [], id="default: two near each limit are none"),
        pytest.param(DEFAULT, (13, 10, 10, 13, 13), [], id="default: three of five are none"),
        pytest.param(DEFAULT, ("12.66", 13, 13, 10), [], id="default: exactly half way is not near"),
        pytest.param(
            DEFAULT, ("12.67", 13, 13), [("near_limit", 24, 26, True)], id="default: a little more is"
        ),
        # Two of three in the outer third, all three on that side: beyond 10 +/- 3.5466...
        pytest.param(NHS, (14, "10.5", 14), [("two_of_three", 24, 26, True)], id="nhs: two of three high"),
        pytest.param(NHS, (6, "9.5", 6), [("two_of_three", 24, 26, False)], id="nhs: two of three low"),
        pytest.param(NHS, (14, "9.5", 14), [], id="nhs: the third on the other side"),
        pytest.param(NHS, (14, 10, 14), [], id="nhs: the third on the mean"),
        pytest.param(NHS, (14, 6, 14), [], id="nhs: near both limits in turn"),
        pytest.param(NHS, ("13.54", 14, "10.5"), [], id="nhs: less than two thirds of the way"),
        # Trends: of seven points, six steps.
        pytest.param(
            NHS,
            ("8.2", "8.8", "9.4", "9.9", "10.2", "10.4", "10.6"),
            [("trend", 24, 30, True)],
            id="nhs: seven rising",
        ),
        pytest.param(
            NHS,
            ("10.6", "10.4", "10.2", "9.9", "9.4", "8.8"),
            [("trend", 23, 29, False)],
            id="nhs: seven falling, the first one steady",
        ),
        pytest.param(NHS, ("8.2", "8.8", "9.4", "9.9", "10.2", "10.4"), [], id="nhs: six rising are none"),
        pytest.param(
            NHS,
            ("8.2", "8.8", "9.4", "9.4", "9.9", "10.2", "10.4"),
            [],
            id="nhs: two equal points are no rise",
        ),
        # Two of three beyond two sigma: 10 +/- 3.5461; four of five beyond one: 10 +/- 1.7730.
        pytest.param(
            WESTERN,
            (14, 7, 14),
            [("two_of_three", 24, 26, True)],
            id="western_electric: the third lies anywhere",
        ),
        pytest.param(WESTERN, (14, 10, 10, 14), [], id="western_electric: two of four are none"),
        pytest.param(
            WESTERN,
            (12, 12, 10, 12, 12),
            [("four_of_five", 24, 28, True)],
            id="western_electric: four of five high",
        ),
        pytest.param(
            WESTERN, (8, 8, 8, 8), [("four_of_five", 24, 27, False)], id="western_electric: four in a row low"
        ),
        pytest.param(WESTERN, (12, 12, 8, 12, 8), [], id="western_electric: three of five are none"),
    ],
)
def test_the_rules_after_two_steady_years(
    rules: SignalRules, after: Values, expected: list[tuple[str, int, int, bool]]
) -> None:
    assert signals_of((*STEADY, *after), rules) == expected


@pytest.mark.parametrize(
    ("rules", "half_step", "line"),
    [
        pytest.param(NHS, "1.5", "5.32", id="two thirds of 2.66 * 3"),
        pytest.param(WESTERN, "0.564", "2", id="two sigma of 1.128 / 1.128"),
    ],
)
def test_two_points_exactly_on_the_line_are_none_of_three(
    rules: SignalRules, half_step: str, line: str
) -> None:
    low, high = Decimal(10) - Decimal(half_step), Decimal(10) + Decimal(half_step)
    steady = (str(low), str(high)) * 12
    on, beyond = str(10 + Decimal(line)), str(10 + Decimal(line) + Decimal("0.001"))

    assert signals_of((*steady, on, on, "10.001"), rules) == []
    assert signals_of((*steady, beyond, beyond, "10.001"), rules) == [("two_of_three", 24, 25, True)]


def test_four_points_exactly_one_sigma_away_are_none_of_five() -> None:
    """Sigma is 1.128 / 1.128 = 1."""
    steady = ("9.436", "10.564") * 12

    assert signals_of((*steady, 9, 9, 9, 9), WESTERN) == []
    assert signals_of((*steady, "8.999", "8.999", "8.999", "8.999"), WESTERN) == [
        ("four_of_five", 24, 27, False)
    ]


def test_a_trend_down_above_the_mean_is_a_fall_and_no_rise() -> None:
    """Two signals of seven points each: above the mean, and falling. Where it is going decides."""
    values = (*STEADY, 9, 15, 14, "13.5", "12.5", "11.5", 11, "10.5")
    found = judged(values, signals=SignalSettings(rules=NHS), direction=Direction.HIGHER)

    assert {s.rule for s in found.segments[-1].signals if s.new} == {Rule.RUN, Rule.TREND}
    assert found.new is not None
    assert (found.new.rule, found.variation) == (Rule.TREND, Variation.WORSE)


def test_the_project_says_which_rules_hold_unless_the_kpi_does() -> None:
    values = (*STEADY, *("9.5",) * 7)
    plain, own = kpi("margin"), kpi("margin", signals=SignalSettings(rules=DEFAULT))

    def under_nhs(margin: Kpi) -> Behaviour:
        known = project(margin)
        by_nhs: Settings = replace(known.settings, signals=NHS)
        return behaviour(replace(known, settings=by_nhs), margin, series(values), None)

    assert (under_nhs(plain).rules, under_nhs(plain).variation) == (NHS, Variation.WORSE)
    assert (under_nhs(own).rules, under_nhs(own).variation) == (DEFAULT, Variation.USUAL)


# --- what is one signal, and since when


def test_a_longer_row_is_one_signal() -> None:
    assert signals_of((*STEADY, *("9.5",) * 11)) == [("run", 24, 34, False)]


def test_points_outside_that_follow_each_other_are_one_signal() -> None:
    assert signals_of((*STEADY, 20, 30)) == [("outside", 24, 25, True)]


def test_points_outside_with_one_between_are_two() -> None:
    assert signals_of((*STEADY, 20, 10, 30)) == [("outside", 24, 24, True), ("outside", 26, 26, True)]


def test_points_outside_on_both_sides_are_two() -> None:
    assert signals_of((*STEADY, 20, 0)) == [("outside", 24, 24, True), ("outside", 25, 25, False)]


def test_two_rising_rows_that_follow_each_other_are_two_trends() -> None:
    rise = ("8.2", "8.8", "9.4", "9.9", "10.2", "10.4", "10.6")

    assert signals_of((*STEADY, *rise, *rise), NHS) == [("trend", 24, 30, True), ("trend", 31, 37, True)]


def test_a_signal_holds_only_the_points_beyond_its_line() -> None:
    """The 10 before and after them are part of a window of four, and not of the signal."""
    assert signals_of((*STEADY, 10, 13, 13, 13, 10)) == [("near_limit", 25, 27, True)]


def test_signals_come_in_the_order_in_which_they_end() -> None:
    found = signals_of((*STEADY, *("9.5",) * 4, 0, *("9.5",) * 4, 20))

    assert found == [("outside", 28, 28, False), ("run", 24, 32, False), ("outside", 33, 33, True)]


@pytest.mark.parametrize(
    ("after", "variation"),
    [
        pytest.param((20,), Variation.BETTER, id="the last period"),
        pytest.param((20, 10), Variation.BETTER, id="the last but one"),
        pytest.param((20, 10, 9), Variation.USUAL, id="the one before is no news"),
        pytest.param((20, None), Variation.BETTER, id="a gap is a period, too"),
        pytest.param((20, None, None), Variation.NOT_JUDGED, id="after two gaps nothing is said of it"),
        pytest.param(("10.5",) * 9, Variation.BETTER, id="a row that goes on"),
        pytest.param((*("10.5",) * 9, 10), Variation.BETTER, id="a row that ended with the last but one"),
        pytest.param((*("10.5",) * 9, 10, 9), Variation.USUAL, id="a row that ended before"),
        pytest.param((20, 0), Variation.WORSE, id="the later one of two counts"),
    ],
)
def test_a_signal_is_told_while_it_holds_the_last_period_or_the_last_but_one(
    after: Values, variation: Variation
) -> None:
    found = judged((*STEADY, *after))

    assert found.variation is variation
    assert (found.new is None) is (variation in (Variation.USUAL, Variation.NOT_JUDGED))


def test_what_is_old_is_still_among_the_signals() -> None:
    found = judged((*STEADY, 20, 10, 9))

    assert [signal.new for signal in found.segments[-1].signals] == [False]


@pytest.mark.parametrize(
    ("after", "since"),
    [
        pytest.param((20,), 24, id="a point"),
        pytest.param((0, "9.5", 0), 26, id="another one before it is another signal"),
        pytest.param(("9.5",) * 10, 24, id="a row"),
        pytest.param((*("9.5",) * 8, 0), 24, id="a point that the row leads to"),
        pytest.param((0, *("9.5",) * 8), 24, id="a row that begins with a point outside"),
        pytest.param((20, *("9.5",) * 8), 25, id="a point on the other side has nothing to do with it"),
        pytest.param((*("9.5",) * 6, 7, 7, 7), 24, id="a row that ends near the limit"),
    ],
)
def test_since_when_it_is_so(after: Values, since: int) -> None:
    assert judged((*STEADY, *after)).since == MONTHS[since]


def test_without_a_new_signal_there_is_no_since() -> None:
    assert judged(STEADY).since is None


# --- what a signal means


@pytest.mark.parametrize(
    ("direction", "value", "variation"),
    [
        pytest.param(Direction.HIGHER, 20, Variation.BETTER, id="higher is better, and it is high"),
        pytest.param(Direction.HIGHER, 0, Variation.WORSE, id="higher is better, and it is low"),
        pytest.param(Direction.LOWER, 20, Variation.WORSE, id="lower is better, and it is high"),
        pytest.param(Direction.LOWER, 0, Variation.BETTER, id="lower is better, and it is low"),
        pytest.param(Direction.BAND, 20, Variation.CHANGED, id="of a band no side is better: high"),
        pytest.param(Direction.BAND, 0, Variation.CHANGED, id="of a band no side is better: low"),
        pytest.param(Direction.HIGHER, 13, Variation.USUAL, id="no signal"),
    ],
)
def test_variation_by_direction(direction: Direction, value: int, variation: Variation) -> None:
    assert judged((*STEADY, value), direction=direction).variation is variation


def test_with_five_points_it_is_too_early() -> None:
    found = judged((9, 11, 9, 11, 1000))

    assert (found.variation, found.assurance) == (Variation.TOO_FEW, Assurance.NO_TARGET)
    assert judged((9, 11, 9, 11, 1000), Wanted(Decimal(5), None)).assurance is Assurance.NOT_JUDGED
    assert [len(segment.points) for segment in found.segments] == [5]


def test_without_any_value_it_is_too_early_as_well() -> None:
    assert judged(()).variation is judged((None, None)).variation is Variation.TOO_FEW


@pytest.mark.parametrize(
    ("values", "rules"),
    [
        pytest.param((7,) * 30, DEFAULT, id="always the same"),
        pytest.param((7,) * 24 + (8,), DEFAULT, id="the same while the limits were made"),
        pytest.param((7,) * 12 + (8,) * 12, NHS, id="one jump, which is left out"),
    ],
)
def test_limits_of_no_width_are_none(values: Values, rules: SignalRules) -> None:
    found = judged(values, Wanted(Decimal(5), None), signals=SignalSettings(rules=rules))

    assert (found.variation, found.assurance) == (Variation.NOT_JUDGED, Assurance.NOT_JUDGED)
    assert found.refused == (
        "The values that its limits would come from do not vary, so what is usual cannot be told."
    )


# --- assurance


@pytest.mark.parametrize(
    ("low", "high", "assurance"),
    [
        pytest.param("4.68", None, Assurance.MEETS, id="at least the lower limit"),
        pytest.param("4.69", None, Assurance.HIT_OR_MISS, id="at least a little more"),
        pytest.param("15.32", None, Assurance.HIT_OR_MISS, id="at least the upper limit"),
        pytest.param("15.33", None, Assurance.MISSES, id="at least more than that"),
        pytest.param(None, "15.32", Assurance.MEETS, id="at most the upper limit"),
        pytest.param(None, "15.31", Assurance.HIT_OR_MISS, id="at most a little less"),
        pytest.param(None, "4.68", Assurance.HIT_OR_MISS, id="at most the lower limit"),
        pytest.param(None, "4.67", Assurance.MISSES, id="at most less than that"),
        pytest.param("4.68", "15.32", Assurance.MEETS, id="a band as wide as the limits"),
        pytest.param("4.69", "15.32", Assurance.HIT_OR_MISS, id="a band that is narrower below"),
        pytest.param("4.68", "15.31", Assurance.HIT_OR_MISS, id="a band that is narrower above"),
        pytest.param("16", "20", Assurance.MISSES, id="a band above"),
        pytest.param("1", "4", Assurance.MISSES, id="a band below"),
        pytest.param("15", "20", Assurance.HIT_OR_MISS, id="a band that is touched"),
    ],
)
def test_assurance_holds_the_limits_against_what_is_wanted(
    low: str | None, high: str | None, assurance: Assurance
) -> None:
    wanted = Wanted(None if low is None else Decimal(low), None if high is None else Decimal(high))

    assert judged(STEADY, wanted).assurance is assurance


FEW = (0, 2) * 12  # mean 1, ranges of 2: its limits are 1 - 5.32 = -4.32 and 6.32


@pytest.mark.parametrize(
    ("counted", "least", "most", "low", "high", "assurance"),
    [
        pytest.param(True, None, None, "0", "7", Assurance.MEETS, id="a count is never below zero"),
        pytest.param(True, None, None, "0", "6", Assurance.HIT_OR_MISS, id="above it may miss all the same"),
        pytest.param(True, None, None, None, "-1", Assurance.MISSES, id="no count is so low"),
        pytest.param(False, None, None, "0", "7", Assurance.HIT_OR_MISS, id="a sum may be"),
        pytest.param(False, "0", None, "0", "7", Assurance.MEETS, id="unless its bounds say that it cannot"),
        pytest.param(False, "0", "5", "0", "5", Assurance.MEETS, id="nor be more than they allow"),
        pytest.param(False, "-5", None, "0", "7", Assurance.HIT_OR_MISS, id="bounds that allow it"),
        pytest.param(
            False, "3", None, "3", "7", Assurance.HIT_OR_MISS, id="bounds that its values are beyond"
        ),
    ],
)
def test_what_can_never_be_misses_no_target(
    counted: bool, least: str | None, most: str | None, low: str | None, high: str, assurance: Assurance
) -> None:
    bounds = Bounds(**{k: None if v is None else Decimal(v) for k, v in (("min", least), ("max", most))})
    expression = Aggregate("count", None) if counted else total("x")
    wanted = Wanted(None if low is None else Decimal(low), Decimal(high))

    assert judged(FEW, wanted, bounds=bounds, expression=expression).assurance is assurance


def test_what_can_never_be_of_a_season_misses_no_target_either() -> None:
    """A year of 0, 4, 4, 0 and one of 4, 0, 0, 4: differences of 4 or -4 with a mean of 0 and eleven ranges,
    six of 8 and five of 0. So they reach 2.66 * 48 / 11 = 11.6 below and above the 0 or 4 of a year ago."""
    values = (0, 4, 4, 0) * 3 + (4, 0, 0, 4) * 3
    reach = Decimal("2.66") * 48 / 11

    def assured(low: Decimal, high: Decimal, **changes: Any) -> Assurance:
        return judged(values, Wanted(low, high), signals=SEASONAL, **changes).assurance

    count = {"expression": Aggregate("count", None)}
    most = reach.quantize(Decimal("0.01")) + 4
    assert assured(Decimal(0), most + 1) is Assurance.HIT_OR_MISS, "a sum may be below zero"
    assert assured(Decimal(0), most + 1, **count) is Assurance.MEETS
    assert assured(Decimal(0), most - 1, **count) is Assurance.HIT_OR_MISS
    assert assured(Decimal(1), most + 1, **count) is Assurance.HIT_OR_MISS


def test_without_a_target_there_is_no_assurance() -> None:
    assert judged(STEADY).assurance is Assurance.NO_TARGET


def test_it_is_not_the_last_value_that_assures() -> None:
    """16 meets a target of 12 this month; the process does so now and then."""
    assert judged((*STEADY, 16), Wanted(Decimal(12), None)).assurance is Assurance.HIT_OR_MISS


def year_of(*results: Any, values: Values = STEADY, **changes: Any) -> Behaviour:
    """The behaviour on 1 January 2026 of a KPI with a goal of 2025; the values end in December."""
    margin = kpi("margin", **changes)
    known = project(margin, goal("aim", *results, during=(date(2025, 1, 1), date(2026, 1, 1))))
    seen_values = series(values, periods=MONTHS[-len(values) :])
    return assess(known, seen_values, {}, evidence(), datetime(2026, 1, 1)).kpis["margin"].behaviour


def test_the_newest_target_is_held_against_the_limits() -> None:
    old = target("1", date(2025, 1, 1), date(2025, 12, 1))
    new = target("20", date(2025, 12, 1))

    assert year_of(result("margin", old, new)).assurance is Assurance.MISSES
    assert year_of(result("margin", target("1", date(2025, 1, 1)))).assurance is Assurance.MEETS


def test_a_target_of_a_band_has_two_ends() -> None:
    found = year_of(
        result("margin", target(Band(min=Decimal(4), max=Decimal(16)), date(2025, 1, 1))),
        direction=Direction.BAND,
    )

    assert found.assurance is Assurance.MEETS


def test_the_worse_met_of_two_targets_is_held_against_them() -> None:
    low, high = target("1", date(2025, 1, 1)), target("20", date(2025, 1, 1))

    assert year_of(result("margin", low), result("margin", high)).assurance is Assurance.MISSES


def test_a_target_of_a_slice_is_none_of_the_total() -> None:
    sliced = result("margin", target("20", date(2025, 1, 1)), slice=(("unit", "stores"),))

    assert year_of(sliced).assurance is Assurance.NO_TARGET


# --- process changes

NEW_SHOP = ProcessChange(start=date(2020, 1, 1), reason="New shop")


def test_a_declared_change_begins_new_limits_without_a_range_across() -> None:
    """The first 24 months lie around 10, those from January 2020 on around 100."""
    found = judged((*STEADY, *(99, 101) * 6), process_changes=(NEW_SHOP,))

    before, after = found.segments
    assert (before.reason, after.reason) == (None, "New shop")
    assert after.points[0].range is None
    assert before.limits is not None
    assert after.limits is not None
    assert (before.limits.mean, after.limits.mean, after.limits.range_mean) == (10, 100, 2)
    assert (after.limits.hold, after.limits.points) == (Hold.MOVING, 12)
    assert found.variation is Variation.USUAL


def test_without_a_declared_change_nothing_begins_anew_however_far_it_jumps() -> None:
    found = judged((*STEADY, *(99, 101) * 6))

    assert len(found.segments) == 1
    assert (found.variation, found.since) == (Variation.BETTER, MONTHS[23])


def test_the_newest_limits_are_held_against_the_target() -> None:
    values = (*STEADY, *(99, 101) * 6)

    assert judged(values, Wanted(Decimal(50), None)).assurance is Assurance.MISSES
    assert judged(values, Wanted(Decimal(50), None), process_changes=(NEW_SHOP,)).assurance is Assurance.MEETS


def test_signals_of_the_earlier_process_say_nothing_of_now() -> None:
    """The last month before the change was outside; five after it are too few to tell."""
    found = judged((*STEADY[:23], 50, 9, 11, 9, 11, 9), process_changes=(NEW_SHOP,))

    assert (found.variation, found.new) == (Variation.TOO_FEW, None)


def test_a_row_does_not_reach_across_a_change() -> None:
    """Four low months before it and four after; the new mean is 9.5 + 6/24 ..., so they are low in both."""
    values = (*STEADY[:20], *("9.5",) * 4, *("9.5",) * 4, *(9, 11) * 10)

    assert [told(segment.signals) for segment in judged(values, process_changes=(NEW_SHOP,)).segments] == [
        [],
        [],
    ]


def test_a_period_in_which_the_process_changes_still_belongs_to_the_old_one() -> None:
    change = ProcessChange(start=date(2020, 1, 15), reason="New shop")
    _, after = judged((*STEADY, *(99, 101) * 6), process_changes=(change,)).segments

    assert after.points[0].period == period("2020-02")


def test_two_changes_make_three_processes() -> None:
    later = ProcessChange(start=date(2020, 7, 1), reason="New prices")
    found = judged((*STEADY, *(99, 101) * 3, *(199, 201) * 3), process_changes=(NEW_SHOP, later))

    assert [(s.reason, len(s.points)) for s in found.segments] == [
        (None, 24),
        ("New shop", 6),
        ("New prices", 6),
    ]


def test_a_change_to_come_changes_nothing() -> None:
    future = ProcessChange(start=date(2030, 1, 1), reason="New shop")

    assert judged(STEADY, process_changes=(future,)) == judged(STEADY)


# --- seasons

SEASONAL = SignalSettings(seasonal=True)
WAVE = (0, 10, 17, 20, 17, 10, 0, -10, -17, -20, -17, -10)
NOISE = (1, -1, 0, 2, -2, 1, -1, 1, 0, -2, 2, -1, 1, 0, -1, 2, -1, -2, 1, 2, 0, -1, 1, -2)
SEASONS = tuple(100 + WAVE[at % 12] + NOISE[(at * 7) % 24] for at in range(48))


def test_a_season_is_a_signal_each_year_unless_it_is_declared() -> None:
    raw = judged(SEASONS).segments[-1].signals
    compared = judged(SEASONS, signals=SEASONAL)

    assert len(raw) > 3
    assert (compared.segments[-1].signals, compared.variation, compared.basis) == (
        (),
        Variation.USUAL,
        Basis.YEAR_DIFFERENCE,
    )


def test_a_shift_is_a_signal_whatever_the_season() -> None:
    shifted = tuple(value - (30 if at >= 46 else 0) for at, value in enumerate(SEASONS))
    found = judged(shifted, signals=SEASONAL)

    assert (found.variation, found.since) == (Variation.WORSE, MONTHS[46])


def test_a_seasonal_kpi_is_judged_by_differences_from_its_second_year_on() -> None:
    first = judged(SEASONS, signals=SEASONAL).segments[0].points[0]

    assert (first.period, first.value) == (MONTHS[12], SEASONS[12] - SEASONS[0])


def test_a_gap_a_year_ago_is_a_gap_today() -> None:
    values = (*SEASONS[:3], None, *SEASONS[4:])
    found = judged(values, signals=SEASONAL).segments[0].points

    assert [point.value is None for point in found[:5]] == [False, False, False, True, False]


def test_assurance_of_a_seasonal_kpi_stands_on_every_month_of_the_year_before() -> None:
    """Differences lie within a few of 0: a target that some months reach and others never do is hit or miss."""
    lowest, highest = min(SEASONS), max(SEASONS)

    def assured(target: Decimal) -> Assurance:
        return judged(SEASONS, Wanted(target, None), signals=SEASONAL).assurance

    assert assured(highest + 40) is Assurance.MISSES
    assert assured(lowest - 40) is Assurance.MEETS
    assert assured((lowest + highest) / 2) is Assurance.HIT_OR_MISS


def test_without_values_of_a_year_ago_there_is_no_assurance() -> None:
    values = (*SEASONS[:24], *(None,) * 12, *SEASONS[36:])

    assert judged(values, Wanted(Decimal(60), None), signals=SEASONAL).assurance is Assurance.NOT_JUDGED


def test_a_seasonal_kpi_begins_anew_with_a_change_and_a_year_later() -> None:
    """In between, the new process is compared with the old one: 50 more than a year ago, and then as much."""
    change = ProcessChange(start=date(2020, 1, 1), reason="New shop")
    values = tuple(value + (50 if at >= 24 else 0) for at, value in enumerate(SEASONS))
    found = judged(values, signals=SEASONAL, process_changes=(change,))

    assert [(s.reason, s.points[0].period.name, len(s.points)) for s in found.segments] == [
        (None, "2019-01", 12),
        ("New shop", "2020-01", 12),
        ("New shop", "2021-01", 12),
    ]
    assert [s.signals for s in found.segments] == [(), (), ()]
    assert found.variation is Variation.USUAL


def test_week_53_has_nothing_to_be_compared_with_and_parts_no_process() -> None:
    weeks = Calendar().periods(Grain.WEEK, date(2019, 1, 7), date(2021, 12, 27))
    change = ProcessChange(start=date(2020, 6, 1), reason="New shop")
    visits = kpi("visits", grain=Grain.WEEK, signals=SEASONAL, process_changes=(change,))
    values = [100 + (at * 7) % 5 for at in range(len(weeks))]
    found = behaviour(project(visits), visits, series(values, "visits", weeks), None)

    gaps = [p.period.name for s in found.segments for p in s.points if p.value is None]
    assert gaps == ["2020-W53"]
    assert [s.reason for s in found.segments] == [None, "New shop", "New shop"]


# --- what is not judged

TWELVE_MONTHS = Duration(amount=12, unit=Unit.MONTH)
SHARED = "share rows with those before, so that no value is a sign of its own."


@pytest.mark.parametrize(
    ("expression", "refused"),
    [
        pytest.param(Rolling(total("margin"), TWELVE_MONTHS), f"Its windows {SHARED}", id="twelve months"),
        pytest.param(
            ratio(total("margin"), Rolling(total("margin"), Duration(amount=2, unit=Unit.PERIOD))),
            f"Its windows {SHARED}",
            id="two periods, inside",
        ),
        pytest.param(ToDate(total("margin"), Unit.YEAR), f"Its sums to date {SHARED}", id="the year so far"),
        pytest.param(
            Cumulative(total("margin")), f"Its sums from the beginning {SHARED}", id="from the beginning"
        ),
        pytest.param(value_of("a_year"), f"Its windows {SHARED}", id="through a KPI that it refers to"),
    ],
)
def test_values_that_share_rows_are_not_judged(expression: Any, refused: str) -> None:
    a_year = kpi("a_year", expression=Rolling(total("margin"), TWELVE_MONTHS))
    margin = kpi("margin", expression=expression)
    found = behaviour(project(margin, a_year), margin, series((*STEADY, 99)), Wanted(Decimal(5), None))

    assert (found.refused, found.segments, found.new) == (refused, (), None)
    assert (found.variation, found.assurance) == (Variation.NOT_JUDGED, Assurance.NOT_JUDGED)


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param(Rolling(total("margin"), Duration(amount=28, unit=Unit.DAY)), id="28 days of a month"),
        pytest.param(Rolling(total("margin"), Duration(amount=1, unit=Unit.MONTH)), id="the month itself"),
        pytest.param(Previous(total("margin"), Duration(amount=1, unit=Unit.YEAR)), id="a year ago"),
    ],
)
def test_values_of_their_own_are_judged(expression: Any) -> None:
    assert judged((*STEADY, 99), expression=expression).variation is Variation.BETTER


def test_the_grain_that_it_is_read_by_decides() -> None:
    """28 days share rows from day to day, and not from month to month."""
    calls = kpi(
        "calls", grain=Grain.DAY, expression=Rolling(total("calls"), Duration(amount=28, unit=Unit.DAY))
    )
    days = Calendar().periods(Grain.DAY, date(2025, 1, 1), date(2025, 2, 1))
    by_day = behaviour(project(calls), calls, series(STEADY, "calls", days), None)
    by_month = behaviour(project(calls), calls, series(STEADY, "calls"), None)

    assert (by_day.variation, by_month.variation) == (Variation.NOT_JUDGED, Variation.USUAL)


def test_a_rule_that_held_before_has_made_values_that_share_rows() -> None:
    was = kpi("margin", expression=Rolling(total("margin"), TWELVE_MONTHS))
    revision = Revision(until=date(2019, 1, 1), reason="Settled", was=was)

    assert judged(STEADY, revisions=(revision,)).variation is Variation.NOT_JUDGED


# --- neighbours that are alike


def test_correlation_of_values_in_turn() -> None:
    """Each of 23 neighbours is on the other side of the mean: -23 / 24."""
    found = judged(STEADY).correlation

    assert found is not None
    assert abs(found + Decimal(23) / 24) < Decimal("1e-20")


def test_correlation_by_hand() -> None:
    """Six of 1 and six of 3: the mean is 2, the spread 12; ten neighbours are alike, and two are not."""
    found = judged((1, 1, 1, 3, 3, 3, 3, 3, 3, 1, 1, 1)).correlation

    assert found == Decimal(9 - 2) / 12


def test_correlation_does_not_take_the_values_around_a_gap_for_neighbours() -> None:
    """Without 3 to 1 and with a gap in its place: nine neighbours alike, one not."""
    found = judged((1, 1, 1, 3, 3, 3, 3, 3, 3, None, 1, 1, 1)).correlation

    assert found == Decimal(9 - 1) / 12


def test_correlation_needs_twelve_points() -> None:
    assert judged(STEADY[:11]).correlation is None
    assert judged(STEADY[:12]).correlation is not None


def test_correlation_is_that_of_the_baseline() -> None:
    assert judged((*STEADY, *("9.5",) * 20)).correlation == judged(STEADY).correlation


# --- the headline

SAYS = {
    (Assurance.MEETS, Variation.BETTER): Standing.ON_TRACK,
    (Assurance.MEETS, Variation.CHANGED): Standing.ON_TRACK,
    (Assurance.MEETS, Variation.USUAL): Standing.ON_TRACK,
    (Assurance.HIT_OR_MISS, Variation.BETTER): Standing.WATCH,
    (Assurance.HIT_OR_MISS, Variation.CHANGED): Standing.WATCH,
    (Assurance.HIT_OR_MISS, Variation.USUAL): Standing.WATCH,
    (Assurance.MISSES, Variation.BETTER): Standing.IMPROVING,
    (Assurance.MISSES, Variation.CHANGED): Standing.CANNOT,
    (Assurance.MISSES, Variation.USUAL): Standing.CANNOT,
}
"""Where limits can be held against a target. Worse than usual is always to act."""

BY_STATUS = {
    Status.MET: Standing.ON_TRACK,
    Status.AT_RISK: Standing.WATCH,
    Status.MISSED: Standing.ACT,
    Status.NOT_DUE: Standing.NOT_DUE,
    Status.NO_TARGET: Standing.NO_TARGET,
    Status.NO_DATA: Standing.NO_VERDICT,
}
CURRENT = DataState(trust=Trust.CURRENT, latest=None, late_by=None, late=())
LATE = DataState(trust=Trust.LATE, latest=None, late_by=timedelta(1), late=("orders",))
MARCH = seen("margin", "2026-03", "10")


def expected_standing(
    assurance: Assurance, variation: Variation, status: Status, at_a_cost: bool
) -> Standing:
    if variation is Variation.WORSE:
        return Standing.ACT
    if at_a_cost:
        return Standing.AT_A_COST
    if assurance in (Assurance.NO_TARGET, Assurance.NOT_JUDGED):
        improving = variation is Variation.BETTER and status is Status.MISSED
        return Standing.IMPROVING if improving else BY_STATUS[status]
    if (assurance, variation, status) == (Assurance.MISSES, Variation.BETTER, Status.MET):
        return Standing.ON_TRACK  # the limits are those of before
    return SAYS[assurance, variation if (assurance, variation) in SAYS else Variation.USUAL]


@pytest.mark.parametrize(("assurance", "variation"), list(product(Assurance, Variation)))
def test_the_headline_by_assurance_variation_status_and_cost(
    assurance: Assurance, variation: Variation
) -> None:
    behaved = replace(judged(STEADY), assurance=assurance, variation=variation)

    for status, at_a_cost in product(Status, ((), ("returns",))):
        found = standing(behaved, status, CURRENT, MARCH, at_a_cost)

        assert found is expected_standing(assurance, variation, status, bool(at_a_cost)), (status, at_a_cost)


@pytest.mark.parametrize(("assurance", "variation"), list(product(Assurance, Variation)))
def test_late_data_or_no_value_is_no_verdict_whatever_else_is_known(
    assurance: Assurance, variation: Variation
) -> None:
    behaved = replace(judged(STEADY), assurance=assurance, variation=variation)

    for status, at_a_cost in product(Status, ((), ("returns",))):
        for data, current in ((LATE, MARCH), (CURRENT, None), (CURRENT, replace(MARCH, value=None))):
            assert standing(behaved, status, data, current, at_a_cost) is Standing.NO_VERDICT


# --- better at a cost

SALES = kpi("sales", counter_kpis=("returns",))
RETURNS = kpi("returns", direction=Direction.LOWER)


def cost_of(
    sales: Values,
    returns: Values,
    counter: Kpi = RETURNS,
    main: Kpi = SALES,
) -> tuple[str, ...]:
    known = project(main, counter)
    closed = {
        main.name: tuple(series(sales, main.name)),
        counter.name: tuple(series(returns, counter.name)),
    }
    read = {
        name: Reading(closed[name], behaviour(known, known.kpis[name], closed[name], None)) for name in closed
    }
    return cost(main, known.kpis, read)


@pytest.mark.parametrize(
    ("sales", "returns", "at_a_cost"),
    [
        pytest.param((20,), (20,), True, id="better, and the other one worse"),
        pytest.param((20,), (10,), False, id="better, and the other one as usual"),
        pytest.param((20,), (0,), False, id="both better"),
        pytest.param((10,), (20,), False, id="as usual, and the other one worse"),
        pytest.param((0,), (20,), False, id="both worse"),
        pytest.param(
            (20, 10, 9, 11, 9, 11), (9, 11, 9, 11, 9, 20), True, id="six periods apart, both within"
        ),
        pytest.param((20, 10, 9, 11, 9, 11, 9), (9, 11, 9, 11, 9, 11, 20), False, id="better before the six"),
        pytest.param((9, 11, 9, 11, 9, 11, 20), (20, 10, 9, 11, 9, 11, 9), False, id="worse before the six"),
    ],
)
def test_better_at_a_cost_is_within_six_periods(sales: Values, returns: Values, at_a_cost: bool) -> None:
    assert cost_of((*STEADY, *sales), (*STEADY, *returns)) == (("returns",) if at_a_cost else ())


def test_a_band_gets_neither_better_nor_worse() -> None:
    by_band = replace(RETURNS, direction=Direction.BAND)

    assert cost_of((*STEADY, 20), (*STEADY, 20), by_band) == ()


def test_too_few_points_have_no_cost() -> None:
    assert cost_of((*STEADY, 20), (9, 11, 20)) == cost_of((), ()) == ()


def test_a_counter_kpi_that_is_not_read_at_the_same_grain_is_not_compared() -> None:
    """Among hundreds of days there is always a good one, which says nothing of a bad month."""
    known = project(SALES, RETURNS)
    closed = tuple(series((*STEADY, 20), "sales"))

    assert cost(SALES, known.kpis, {"sales": Reading(closed, behaviour(known, SALES, closed, None))}) == ()


# --- within an assessment


def test_the_running_period_is_never_counted() -> None:
    """A quarter of December is 3; it is in no limit and no signal."""
    margin = kpi("margin")
    closed = series(STEADY, periods=MONTHS[-25:])
    part = replace(seen("margin", MONTHS[-1], "3"), complete=False)
    found = assess(project(margin), [*closed, part], {}, evidence(), datetime(2025, 12, 8))

    behaved = found.kpis["margin"].behaviour
    assert behaved.segments[-1].points[-1].period == MONTHS[-2]
    assert behaved.variation is Variation.USUAL


def test_the_period_of_the_first_row_is_a_part_and_no_point() -> None:
    """Rows begin on 10 January 2024: January is no point, and no count before it is a zero."""
    margin = kpi("margin")
    closed = series((0, 0, 3, *STEADY[:23]), periods=MONTHS[-26:])
    known = {"orders": Freshness(dataset="orders", latest=None, rows=9, earliest=datetime(2024, 1, 10, 8))}
    told_by = evidence(datasets={"margin": ("orders",)})
    found = assess(project(margin), closed, known, told_by, datetime(2026, 1, 1)).kpis["margin"].behaviour

    assert [found.segments[0].points[at].period.name for at in (0, -1)] == ["2024-02", "2025-12"]


def test_what_is_locked_stays_locked_from_month_to_month() -> None:
    """Of 36 months the first 24 make the limits, on each day of the year."""
    margin = kpi("margin")
    values = (*STEADY, *(99, 101) * 6)
    closed = series(values, periods=MONTHS[-36:])

    found = [
        assess(project(margin), closed, {}, evidence(), datetime(2025, month, 1)).kpis["margin"].behaviour
        for month in range(2, 13)
    ]

    assert {behaved.segments[-1].limits for behaved in found} == {limits_of(STEADY)}


# --- laws

VALUES = st.lists(st.integers(-20, 23).map(lambda one: None if one > 20 else one), min_size=6, max_size=48)
"""Series with a gap now and then."""


def scaled(values: Values, factor: int, shift: int) -> list[str | None]:
    return [None if value is None else str(Decimal(value) * factor / 1000 + shift) for value in values]


@given(
    VALUES, st.sampled_from(list(SignalRules)), st.sampled_from((1, 10, 1000, 100_000)), st.integers(-9, 9)
)
@settings(max_examples=60, deadline=None)
def test_neither_the_unit_nor_the_zero_makes_a_signal(
    values: list[int | None], rules: SignalRules, factor: int, shift: int
) -> None:
    """A share is as good as per cent: 0.09 and 0.11 have the signals of 9 and 11."""
    plain = oracle(values, rules)
    assume(plain is not None and plain.range and not plain.doubtful)

    assert signals_of(scaled(values, factor, shift), rules) == signals_of(scaled(values, 1000, 0), rules)


@given(VALUES, st.sampled_from(list(SignalRules)))
@settings(max_examples=60, deadline=None)
def test_upside_down_the_signals_are_the_same_on_the_other_side(
    values: list[int | None], rules: SignalRules
) -> None:
    plain = oracle(values, rules)
    assume(plain is not None and plain.range and not plain.doubtful)
    other_way = [None if value is None else -value for value in values]

    mirrored = {(rule, first, last, not high) for rule, first, last, high in signals_of(other_way, rules)}
    assert mirrored == set(signals_of(values, rules))


# --- the same once more, in another way: with fractions, sets of months and every window looked at


class Oracle:
    """Limits and signals of one segment. `doubtful`: a point lies on a line that has no exact decimals."""

    def __init__(self, values: Sequence[int | None], rules: SignalRules) -> None:
        self.values = [None if value is None else Fraction(value) for value in values]
        known = [at for at, value in enumerate(self.values) if value is not None]
        base = known[:24]
        self.count = len(base)
        steps = [abs(self.at(b) - self.at(a)) for a, b in pairwise(base) if b == a + 1]
        self.usable = len(base) >= 6 and len(steps) >= 5
        if not self.usable:
            return
        self.mean = sum(self.at(at) for at in base) / len(base)
        self.range = sum(steps) / len(steps)
        if rules is NHS:
            kept = [step for step in steps if step <= Fraction("3.267") * self.range]
            self.range = sum(kept) / len(kept)
        self.doubtful = False
        self.found: set[tuple[str, int, int, bool]] = set()
        if not self.range:
            return
        limit, sigma = Fraction("2.66") * self.range, self.range / Fraction("1.128")
        self.several("outside", 1, 1, limit)
        if rules is DEFAULT:
            self.several("run", 8, 8, Fraction(0))
            self.several("near_limit", 4, 3, limit / 2)
        elif rules is WESTERN:
            self.several("run", 8, 8, Fraction(0))
            self.several("two_of_three", 3, 2, 2 * sigma)
            self.several("four_of_five", 5, 4, sigma)
        else:
            self.several("run", 7, 7, Fraction(0))
            self.several("two_of_three", 3, 2, limit * 2 / 3, same_side=True)
            for high in (True, False):
                self.keep("trend", high, self.straight(high))

    def at(self, position: int) -> Fraction:
        value = self.values[position]
        assert value is not None
        return value

    def several(self, rule: str, window: int, least: int, line: Fraction, same_side: bool = False) -> None:
        for high in (True, False):
            sets = []
            for last in range(window - 1, len(self.values)):
                row = range(last - window + 1, last + 1)
                if any(self.values[at] is None for at in row):
                    continue
                away = {at: (self.at(at) - self.mean) * (1 if high else -1) for at in row}
                self.doubtful |= any(distance == line and not self.plain() for distance in away.values())
                far = {at for at, distance in away.items() if distance > line}
                if len(far) >= least and not (same_side and min(away.values()) <= 0):
                    sets.append(set(range(min(far), max(far) + 1)))
            self.keep(rule, high, sets)

    def plain(self) -> bool:
        """Whether mean and range have few decimals, so that lines are exact."""
        return all((number * 1000).denominator == 1 for number in (self.mean, self.range))

    def straight(self, high: bool) -> list[set[int]]:
        sets = []
        for first in range(len(self.values) - 6):
            row = self.values[first : first + 7]
            if None in row:
                continue
            if row == sorted(set(row), key=lambda value: value if high else -value):  # type: ignore[operator]
                sets.append(set(range(first, first + 7)))
        return sets

    def keep(self, rule: str, high: bool, sets: list[set[int]]) -> None:
        """Unite what shares months until nothing does; points outside also with their neighbours."""
        near = 1 if rule == "outside" else 0
        groups: list[set[int]] = []
        for one in sets:
            wide = one | {at + near for at in one} | {at - near for at in one}
            touching = [group for group in groups if group & wide]
            groups = [group for group in groups if group not in touching] + [one.union(*touching)]
        self.found |= {(rule, min(group), max(group), high) for group in groups}


def oracle(values: Sequence[int | None], rules: SignalRules) -> Oracle | None:
    found = Oracle(values, rules)
    return found if found.usable else None


@given(VALUES, st.sampled_from(list(SignalRules)))
@settings(max_examples=300, deadline=None)
def test_limits_and_signals_are_those_of_another_computation(
    values: list[int | None], rules: SignalRules
) -> None:
    expected = oracle(values, rules)
    ranged = points(values)
    found = limits(ranged, rules)

    assert (found is None) == (expected is None)
    if found is None or expected is None:
        return
    assert found.points == expected.count
    assert abs(Fraction(found.mean) - expected.mean) < Fraction(1, 10**20)
    assert abs(Fraction(found.range_mean) - expected.range) < Fraction(1, 10**20)
    assert abs(Fraction(found.upper) - expected.mean - Fraction("2.66") * expected.range) < Fraction(
        1, 10**20
    )
    assert abs(Fraction(found.lower) - expected.mean + Fraction("2.66") * expected.range) < Fraction(
        1, 10**20
    )
    if not found.range_mean or expected.doubtful:
        return
    assert set(told(signals(ranged, found, rules, frozenset()))) == expected.found
