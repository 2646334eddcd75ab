"""Locales: signs and places change, digits never; and what machines read is the same everywhere."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from render_fixture import assessment

from kpiascode.model.calendar import Grain, Period
from kpiascode.model.locale import Locale
from kpiascode.model.project import Measure
from kpiascode.model.report import Form
from kpiascode.render import render, report
from kpiascode.render.locales import NARROW, NBSP, STYLES, written_in
from kpiascode.render.numbers import amount, axis, declared, plain, relative, share, signed
from kpiascode.render.words import axis_label, day, day_in, span
from kpiascode.validate.schemas import schema_of

PERCENT = Measure(name="percent")
COUNT = Measure(name="count")
DAYS = Measure(name="days")
EUR = Measure(name="currency", currency="EUR")
USD = Measure(name="currency", currency="USD")
CHF = Measure(name="currency", currency="CHF")

# By hand: a count, a small and a large percentage, money, a debt, another currency, a code, a change, a share.
WRITTEN = {
    Locale.EN: "21,874|4.6 %|1,234.6 %|188 €|−12.50 €|5 $|5 CHF|+4.2 %|68 %",
    Locale.EN_GB: "21,874|4.6%|1,234.6%|€188|−€12.50|$5|CHF 5|+4.2%|68%",
    Locale.EN_US: "21,874|4.6%|1,234.6%|€188|−€12.50|$5|CHF 5|+4.2%|68%",
    Locale.DE: "21.874|4,6 %|1.234,6 %|188 €|−12,50 €|5 $|5 CHF|+4,2 %|68 %",
    Locale.DE_CH: "21’874|4.6%|1’234.6%|€ 188|−€ 12.50|$ 5|CHF 5|+4.2%|68%",
    Locale.FR: "21_874|4,6 %|1_234,6 %|188 €|−12,50 €|5 $|5 CHF|+4,2 %|68 %",
    Locale.ES: "21.874|4,6 %|1234,6 %|188 €|−12,50 €|5 $|5 CHF|+4,2 %|68 %",
    Locale.IT: "21.874|4,6%|1.234,6%|188 €|−12,50 €|5 $|5 CHF|+4,2%|68%",
    Locale.NL: "21.874|4,6%|1.234,6%|€ 188|−€ 12,50|$ 5|CHF 5|+4,2%|68%",
    Locale.PT: "21 874|4,6%|1234,6%|188 €|−12,50 €|5 $|5 CHF|+4,2%|68%",
    Locale.PT_BR: "21.874|4,6%|1.234,6%|€ 188|−€ 12,50|$ 5|CHF 5|+4,2%|68%",
    Locale.DA: "21.874|4,6 %|1.234,6 %|188 €|−12,50 €|5 $|5 CHF|+4,2 %|68 %",
    Locale.NB: "21 874|4,6 %|1 234,6 %|188 €|−12,50 €|5 $|5 CHF|+4,2 %|68 %",
    Locale.SV: "21 874|4,6 %|1 234,6 %|188 €|−12,50 €|5 $|5 CHF|+4,2 %|68 %",
    Locale.FI: "21 874|4,6 %|1 234,6 %|188 €|−12,50 €|5 $|5 CHF|+4,2 %|68 %",
    Locale.PL: "21 874|4,6%|1234,6%|188 €|−12,50 €|5 $|5 CHF|+4,2%|68%",
    Locale.CS: "21 874|4,6 %|1 234,6 %|188 €|−12,50 €|5 $|5 CHF|+4,2 %|68 %",
}

# A whole day, a day of a table, the same of another year, a month on an axis.
DAYS_WRITTEN = {
    Locale.EN: "6 March 2026|6 Mar|6 Mar 2026|Mar",
    Locale.EN_GB: "6 March 2026|6 Mar|6 Mar 2026|Mar",
    Locale.EN_US: "March 6, 2026|Mar 6|Mar 6, 2026|Mar",
    Locale.DE: "6 March 2026|6. März|6. März 2026|März",
    Locale.DE_CH: "6 March 2026|6. März|6. März 2026|März",
    Locale.FR: "6 March 2026|6 mars|6 mars 2026|mars",
    Locale.ES: "6 March 2026|6 mar|6 mar 2026|mar",
    Locale.IT: "6 March 2026|6 mar|6 mar 2026|mar",
    Locale.NL: "6 March 2026|6 mrt|6 mrt 2026|mrt",
    Locale.PT: "6 March 2026|6 mar|6 mar 2026|mar",
    Locale.PT_BR: "6 March 2026|6 mar|6 mar 2026|mar",
    Locale.DA: "6 March 2026|6. mar.|6. mar. 2026|mar.",
    Locale.NB: "6 March 2026|6. mars|6. mars 2026|mars",
    Locale.SV: "6 March 2026|6 mars|6 mars 2026|mars",
    Locale.FI: "6 March 2026|6. maalis|6. maalis 2026|maalis",
    Locale.PL: "6 March 2026|6 mar|6 mar 2026|mar",
    Locale.CS: "6 March 2026|6. bře|6. bře 2026|bře",
}


def seen(text: object) -> str:
    return str(text).replace(NBSP, " ").replace(NARROW, "_")


def digits(text: object) -> str:
    return re.sub(r"\D", "", str(text))


def test_every_locale_has_a_style_and_stands_in_the_schema() -> None:
    named = schema_of("project")["properties"]["locale"]["enum"]

    assert set(STYLES) == set(WRITTEN) == set(DAYS_WRITTEN) == set(Locale)
    assert named == [locale.value for locale in Locale]


@pytest.mark.parametrize("locale", Locale)
def test_signs_and_places_of_numbers(locale: Locale) -> None:
    with written_in(locale):
        shown = (
            amount(Decimal(21874), COUNT),
            amount(Decimal("0.0456"), PERCENT),
            amount(Decimal("12.3456"), PERCENT),
            amount(Decimal("188.21"), EUR),
            amount(Decimal("-12.5"), EUR),
            declared(Decimal(5), USD),
            declared(Decimal(5), CHF),
            relative(Decimal("0.042")),
            share(Decimal("0.68")),
        )

    assert "|".join(seen(one) for one in shown) == WRITTEN[locale]


@pytest.mark.parametrize("locale", Locale)
def test_order_of_days_and_names_of_months(locale: Locale) -> None:
    then = date(2026, 3, 6)
    month = Period(grain=Grain.MONTH, name="2026-03", start=date(2026, 3, 1), end=date(2026, 4, 1))
    with written_in(locale):
        shown = (day(then), day_in(then, 2026), day_in(then, 2025), axis_label(month).text)

    assert "|".join(seen(one) for one in shown) == DAYS_WRITTEN[locale]


@pytest.mark.parametrize("locale", Locale)
def test_the_months_of_a_locale_are_twelve_different_ones(locale: Locale) -> None:
    assert len(STYLES[locale].months) == len(set(STYLES[locale].months)) == 12


def test_a_span_puts_the_month_first_where_a_day_does() -> None:
    with written_in(Locale.EN_US):
        assert seen(span(date(2026, 1, 1), date(2026, 11, 1))) == "January 1 to October 31, 2026"
    assert seen(span(date(2026, 1, 1), date(2026, 11, 1))) == "1 January to 31 October 2026"


def test_a_scale_has_the_signs_too() -> None:
    with written_in(Locale.DE):
        assert [seen(tick) for tick in axis([Decimal("0"), Decimal("0.5"), Decimal(1)], COUNT)] == [
            "0,0",
            "0,5",
            "1,0",
        ]
    with written_in(Locale.EN_US):
        shown = axis([Decimal(0), Decimal(2_500_000), Decimal(5_000_000)], USD)
        assert [seen(tick) for tick in shown] == ["0", "$2.5 M", "$5.0 M"]


@given(
    value=st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=6),
    measure=st.sampled_from([PERCENT, COUNT, DAYS, EUR, CHF]),
)
def test_the_digits_are_the_same_in_every_locale(value: Decimal, measure: Measure) -> None:
    for write in (amount, declared, signed):
        shown = {digits(write(value, measure))}
        for locale in Locale:
            with written_in(locale):
                shown.add(digits(write(value, measure)))
        assert len(shown) == 1, (write, value)


@given(
    value=st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9)
)
def test_a_number_can_be_read_back(value: Decimal) -> None:
    """Nothing but the signs of the locale stands between the digits, so no two numbers look the same."""
    for locale, style in STYLES.items():
        with written_in(locale):
            shown = str(declared(value, DAYS)).removesuffix("s").removesuffix(f"{NBSP}day")
        if shown.endswith(("M", "bn")):
            continue
        plainly = shown.replace(style.group, "").replace(style.decimal, ".").replace("\u2212", "-")
        assert Decimal(plainly) == value


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_what_is_for_machines_has_no_locale(value: Decimal) -> None:
    with written_in(Locale.DE):
        assert plain(value) == format(value, "f")


def test_a_locale_ends_where_it_was_left_whatever_happens() -> None:
    with pytest.raises(ZeroDivisionError), written_in(Locale.DE):
        _ = 1 / 0

    assert seen(amount(Decimal(21874), COUNT)) == "21,874"


def test_the_pages_are_written_in_the_locale_of_the_project_and_exact_files_in_none() -> None:
    made = assessment()
    german = replace(
        made, project=replace(made.project, settings=replace(made.project.settings, locale=Locale.DE))
    )
    english, other = ({page.path: page.text for page in render(one, version="1")} for one in (made, german))

    assert english.keys() == other.keys()
    assert english["index.html"] != other["index.html"]
    for path in english:
        if path.endswith(".csv"):
            assert english[path] == other[path]


@pytest.mark.parametrize("form", [Form.CSV, Form.JSON])
def test_exact_reports_are_the_same_in_every_locale_but_for_their_sentences(form: Form) -> None:
    made = assessment()
    told = set()
    for locale in Locale:
        settings = replace(made.project.settings, locale=locale)
        here = replace(made, project=replace(made.project, settings=settings))
        text = report(here, "retail_monthly", form, version="1", site=None).decode()
        told.add(re.sub(r'"sentence": ".*"', "", text))

    assert len(told) == 1
