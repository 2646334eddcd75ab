"""How numbers are written: rounding, units, magnitudes."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpiascode.model.project import Measure
from kpiascode.render.numbers import (
    NBSP,
    Amount,
    amount,
    apart,
    axis,
    declared,
    declared_difference,
    difference,
    plain,
    relative,
    share,
    signed,
)

PERCENT = Measure(name="percent")
COUNT = Measure(name="count")
RATIO = Measure(name="ratio")
POINTS = Measure(name="points")
DAYS = Measure(name="days")
EUR = Measure(name="currency", currency="EUR")


def written(shown: Amount | str) -> str:
    return str(shown).replace(NBSP, " ")


@pytest.mark.parametrize(
    ("value", "measure", "text"),
    [
        pytest.param("0.0456", PERCENT, "4.6 %", id="a percentage is a hundred times the value, one decimal"),
        pytest.param("0", PERCENT, "0.0 %", id="no per cent"),
        pytest.param("0.0005", PERCENT, "0.1 %", id="half is rounded away from zero"),
        pytest.param("-0.0005", PERCENT, "−0.1 %", id="also below zero, with a real minus"),
        pytest.param("0.00012", PERCENT, "0.01 %", id="what is not zero is never shown as zero"),
        pytest.param("12.3456", PERCENT, "1,234.6 %", id="thousands are set apart"),
        pytest.param("21874", COUNT, "21,874", id="a count has no unit"),
        pytest.param("12.55", COUNT, "12.6", id="a count that is not whole keeps one decimal"),
        pytest.param("1234.5", COUNT, "1,235", id="but not when it is large"),
        pytest.param("4.3651", RATIO, "4.37", id="a ratio has two decimals"),
        pytest.param("45.83", POINTS, "45.8 points", id="points"),
        pytest.param("41.2", DAYS, "41.2 days", id="durations carry their unit"),
        pytest.param("54.375", EUR, "54.38 €", id="small money has cents"),
        pytest.param("188.21", EUR, "188 €", id="from a hundred on it has none"),
        pytest.param("999999.4", EUR, "999,999 €", id="just below a million"),
        pytest.param("999999.6", EUR, "1.00 M €", id="rounded to a million it is one"),
        pytest.param("4312345", EUR, "4.31 M €", id="a million has three significant digits"),
        pytest.param("-1234567.10", EUR, "−1.23 M €", id="a negative million"),
        pytest.param("999999999", EUR, "1.00 bn €", id="never a thousand millions"),
        pytest.param("12412000000", COUNT, "12.4 bn", id="billions"),
        pytest.param("1E+12", EUR, "1.00 tn €", id="an exponent is only a way to write it"),
        pytest.param("1E+300", EUR, "1.00 × 10³⁰⁰ €", id="beyond all names a power of ten"),
        pytest.param("0.0000000031", RATIO, "3.10 × 10⁻⁹", id="and below all places too"),
    ],
)
def test_an_observed_value(value: str, measure: Measure, text: str) -> None:
    assert written(amount(Decimal(value), measure)) == text


@pytest.mark.parametrize(
    ("currency", "text"), [("EUR", "5 €"), ("GBP", "5 £"), ("USD", "5 $"), ("CHF", "5 CHF")]
)
def test_a_currency_has_its_sign_or_its_code_behind_the_number(currency: str, text: str) -> None:
    assert written(declared(Decimal(5), Measure(name="currency", currency=currency))) == text


@pytest.mark.parametrize(
    ("value", "measure", "text"),
    [
        pytest.param("0.44", PERCENT, "44 %", id="no decimals that nobody wrote"),
        pytest.param("0.4425", PERCENT, "44.25 %", id="all that somebody wrote"),
        pytest.param("49500000", EUR, "49.5 M €", id="short where that is exact"),
        pytest.param("49512345", EUR, "49,512,345 €", id="long where it is not"),
        pytest.param("1", DAYS, "1 day", id="one is singular"),
        pytest.param("0", EUR, "0 €", id="zero"),
    ],
)
def test_a_declared_number_is_never_rounded(value: str, measure: Measure, text: str) -> None:
    assert written(declared(Decimal(value), measure)) == text


def test_a_difference_of_percentages_is_in_points() -> None:
    assert written(difference(Decimal("-0.0111"), PERCENT)) == "1.1 points"
    assert written(signed(Decimal("-0.0111"), PERCENT)) == "−1.1 points"
    assert written(declared_difference(Decimal("0.01"), PERCENT)) == "1 point"
    assert written(declared_difference(Decimal(2), DAYS)) == "2 days"


def test_a_relative_change_has_its_sign() -> None:
    assert [written(relative(Decimal(x))) for x in ("0.042", "-0.042", "0")] == ["+4.2 %", "−4.2 %", "0.0 %"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param("0.684", "68 %", id="whole per cent"),
        pytest.param("1", "100 %", id="the whole"),
        pytest.param("0.996", "99.6 %", id="almost is not the whole"),
        pytest.param("1.001", "100.1 %", id="nor is a little more"),
        pytest.param("0.0004", "0.04 %", id="a little is not nothing"),
    ],
)
def test_a_share(value: str, text: str) -> None:
    assert written(share(Decimal(value))) == text


@pytest.mark.parametrize(
    ("value", "other", "measure", "text"),
    [
        pytest.param("0.046", "0.035", PERCENT, "4.6 %", id="as usual where they differ anyway"),
        pytest.param("0.0352", "0.035", PERCENT, "3.52 %", id="3.52 % did not miss 3.5 % by nothing"),
        pytest.param("4312345", "4313000", EUR, "4.312 M €", id="more significant digits of millions"),
        pytest.param("0.035", "0.035", PERCENT, "3.5 %", id="equal values may look equal"),
    ],
)
def test_a_value_is_told_from_what_it_is_held_against(
    value: str, other: str, measure: Measure, text: str
) -> None:
    assert written(apart(Decimal(value), Decimal(other), measure)) == text


def test_the_labels_of_an_axis_share_places_and_magnitude() -> None:
    def labels(ticks: str, measure: Measure) -> list[str]:
        return [written(text) for text in axis([Decimal(tick) for tick in ticks.split()], measure)]

    assert labels("0.38 0.40 0.42", PERCENT) == ["38 %", "40 %", "42 %"]
    assert labels("0.40 0.405 0.41", PERCENT) == ["40.0 %", "40.5 %", "41.0 %"]
    assert labels("-2E+6 0 2E+6", EUR) == ["−2 M €", "0", "2 M €"]
    assert labels("0 20 40", DAYS) == ["0", "20", "40 days"]  # a long unit stands once, at the top
    assert labels("0 1E+300", COUNT) == ["0", "1.00 × 10³⁰⁰"]


def test_a_machine_gets_the_exact_number() -> None:
    assert [plain(Decimal(x)) for x in ("-1.20E+3", "1E-7", "0.10")] == ["-1200", "0.0000001", "0.10"]


MEASURES = st.sampled_from([PERCENT, COUNT, RATIO, POINTS, DAYS, EUR])


@given(st.decimals(allow_nan=False, allow_infinity=False), MEASURES)
def test_every_number_can_be_written_and_only_zero_looks_like_zero(value: Decimal, measure: Measure) -> None:
    for shown in (amount(value, measure), declared(value, measure), difference(value, measure)):
        assert (not value) == (not any(digit in shown.number for digit in "123456789"))


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=4), MEASURES)
def test_a_negative_number_is_written_as_the_positive_one_with_a_minus(
    value: Decimal, measure: Measure
) -> None:
    assert amount(-abs(value), measure).number.lstrip("−") == amount(abs(value), measure).number
