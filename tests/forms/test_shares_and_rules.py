"""share, revisions, partners by validity, rows that stand for a whole month. All by hand."""

import pytest

from forms.asking import answer, numbers, series
from kpiascode.plan import Unanswerable
from kpiascode.run.answers import BrokenData
from projects import findings, kpi

ORDERS = """
kind: dataset
name: orders
source: orders
time: day
"""
COLUMNS = "day DATE, channel TEXT, country TEXT, amount DECIMAL(9,2)"
ROWS = [
    ("2026-01-05", "web", "DE", "30.00"),
    ("2026-01-06", "web", "FR", "10.00"),
    ("2026-01-20", "shop", "DE", "60.00"),
    ("2026-02-03", "shop", "FR", "25.00"),
    ("2026-02-04", None, "FR", "75.00"),
]
TABLES = {"orders": (COLUMNS, ROWS)}


def sales(expression: str, **keys: str) -> list[str]:
    return [ORDERS, kpi("sales", expression, dataset="orders", dimensions="[channel, country]", **keys)]


# --- shares of a whole


def test_a_share_leaves_one_dimension_free() -> None:
    found = answer(
        sales("share(sum(amount), of channel)"), TABLES, ["sales"], "2026-01-01", "2026-03-01", by=["channel"]
    )

    assert series(found, "sales", "web") == numbers("0.4", None)
    assert series(found, "sales", "shop") == numbers("0.6", "0.25")
    assert series(found, "sales", "None") == numbers(None, "0.75")


def test_of_every_other_slice_it_is_the_share_within() -> None:
    found = answer(
        sales("share(sum(amount), of channel)"),
        TABLES,
        ["sales"],
        "2026-01-01",
        "2026-02-01",
        by=["channel", "country"],
    )

    assert series(found, "sales", "web", "DE") == numbers(round(30 / 90, 6))
    assert series(found, "sales", "web", "FR") == numbers(1)
    assert series(found, "sales", "shop", "DE") == numbers(round(60 / 90, 6))


def test_a_filter_on_the_free_dimension_picks_slices_and_does_not_reach_the_whole() -> None:
    texts = sales("share(sum(amount), of channel)")
    picked = answer(texts, TABLES, ["sales"], "2026-01-01", "2026-02-01", where="channel = 'web'")
    within = answer(
        texts, TABLES, ["sales"], "2026-01-01", "2026-02-01", where="channel = 'web' and country = 'DE'"
    )
    sliced = answer(
        texts, TABLES, ["sales"], "2026-01-01", "2026-02-01", where="channel = 'web'", by=["channel"]
    )

    assert series(picked, "sales") == numbers("0.4")
    assert series(within, "sales") == numbers(round(30 / 90, 6))
    assert sliced == {("sales", "2026-01", "web"): numbers("0.4")[0]}


def test_without_the_dimension_it_is_one() -> None:
    found = answer(sales("share(sum(amount), of channel)"), TABLES, ["sales"], "2026-01-01", "2026-04-01")

    assert series(found, "sales") == numbers(1, 1, None)


def test_the_own_where_of_the_kpi_reaches_both() -> None:
    found = answer(
        sales("share(sum(amount), of channel)", where="country = 'DE'"),
        TABLES, ["sales"], "2026-01-01", "2026-02-01", by=["channel"],
    )  # fmt: skip

    assert series(found, "sales", "web") == numbers(round(30 / 90, 6))


def test_shares_stand_in_time_forms_and_averages() -> None:
    texts = [
        *sales("previous(share(sum(amount), of channel), 1 month)"),
        kpi("mean", "average_over(share(sum(amount), of channel), month)",
            dataset="orders", dimensions="[channel]", grain="quarter"),
    ]  # fmt: skip
    before = answer(texts, TABLES, ["sales"], "2026-02-01", "2026-03-01", by=["channel"])
    mean = answer(texts, TABLES, ["mean"], "2026-01-01", "2026-04-01", grain="quarter", by=["channel"])

    assert series(before, "sales", "web") == numbers("0.4")
    assert series(mean, "mean", "shop") == numbers("0.425")


def test_a_filter_that_mixes_the_free_dimension_is_refused() -> None:
    with pytest.raises(Unanswerable) as refused:
        answer(
            sales("share(sum(amount), of channel)"),
            TABLES, ["sales"], "2026-01-01", "2026-02-01", where="channel = 'web' or country = 'DE'",
        )  # fmt: skip

    assert refused.value.diagnostic.code == "filter-not-separable"


def test_a_share_of_what_is_no_dimension_is_refused() -> None:
    (finding,) = findings(*sales("share(sum(amount), of chanel)"))

    assert (finding.code, finding.hint) == ("unknown-dimension", "Did you mean `channel`?")


# --- rules that held before

REVISED = "[{until: 2026-01-01, expression: sum(amount) / 2, reason: half}, {until: 2026-02-01, where: \"country = 'DE'\", reason: DE}]"
"""Until 2026 half of all, in January only Germany, since February all."""


def test_a_value_is_computed_by_the_rule_at_the_end_of_its_interval() -> None:
    rows = [("2025-12-10", "web", "FR", "8.00"), *ROWS]
    found = answer(
        sales("sum(amount)", revisions=REVISED),
        {"orders": (COLUMNS, rows)},
        ["sales"],
        "2025-12-01",
        "2026-03-01",
    )

    assert series(found, "sales") == numbers(4, 90, 100)


def test_a_comparison_takes_each_interval_by_its_own_rule_and_a_sum_over_several_by_the_last() -> None:
    texts = [
        *sales("sum(amount)", revisions=REVISED),
        kpi("before", "previous(sales, 1 month)"),
        kpi("year", "to_date(sales, year)"),
    ]
    found = answer(texts, TABLES, ["before", "year"], "2026-02-01", "2026-03-01")
    quarter = answer(texts, TABLES, ["sales"], "2026-01-01", "2026-04-01", grain="quarter")

    assert series(found, "before") == numbers(90)
    assert series(found, "year") == numbers(200)
    assert series(quarter, "sales") == numbers(200)


def test_a_rule_may_read_another_dataset_by_another_time() -> None:
    old = "kind: dataset\nname: old\nsource: old\ntime: booked\n"
    tables = {"orders": TABLES["orders"], "old": ("booked DATE, amount DECIMAL(9,2), channel TEXT, country TEXT", [
        ("2025-12-31", "7.00", "web", "DE"), ("2026-01-01", "9.00", "web", "DE"),
    ])}  # fmt: skip
    texts = [old, *sales("sum(amount)", revisions="[{until: 2026-01-01, dataset: old, reason: moved}]")]
    found = answer(texts, tables, ["sales"], "2025-12-01", "2026-03-01", by=["channel"])

    assert series(found, "sales", "web") == numbers(7, 40, None)
    assert series(found, "sales", "shop") == numbers(None, 60, 25)


def test_rules_are_listed_in_their_order() -> None:
    (finding,) = findings(
        *sales(
            "sum(amount)",
            revisions="[{until: 2026-02-01, expression: sum(amount), reason: a}, {until: 2026-01-01, expression: count(*), reason: b}]",
        )
    )

    assert finding.code == "revisions-out-of-order"


def test_what_is_wrong_in_an_old_rule_is_told_there() -> None:
    (finding,) = findings(
        *sales("sum(amount)", revisions="[{until: 2026-02-01, expression: summ(amount), reason: a}]")
    )

    assert finding.code == "unknown-function"
    assert finding.place.span.column == len("revisions: [{until: 2026-02-01, expression: ") + 1


# --- partners by validity

RATES = """
kind: dataset
name: rates
source: rates
primary_key: [currency, day]
"""
MONEY = """
kind: dataset
name: money
source: money
time: paid_at
fields: {eur: amount * rate.rate}
relationships:
  rate: {to: rates, keys: {currency: currency}, as_of: {valid_from: day}}
"""
RATE_ROWS = [
    ("USD", "2026-01-01", "0.90"), ("USD", "2026-01-10", "0.80"), ("GBP", "2026-01-05", "1.10"), (None, "2026-01-01", "9.00"),
]  # fmt: skip
MONEY_TABLES = {
    "rates": ("currency TEXT, day DATE, rate DECIMAL(9,2)", RATE_ROWS),
    "money": ("paid_at TIMESTAMP, currency TEXT, amount DECIMAL(9,2)", [
        ("2026-01-09 23:59:59", "USD", "100.00"),
        ("2026-01-10 00:00:00", "USD", "100.00"),
        ("2026-02-10 12:00:00", "USD", "10.00"),
        ("2026-01-04 12:00:00", "GBP", "50.00"),
        ("2026-01-05 00:00:00", "GBP", "50.00"),
        ("2026-01-05 00:00:00", None, "50.00"),
    ]),
}  # fmt: skip


def test_money_is_converted_at_the_rate_of_its_own_moment() -> None:
    """90 + 80 + 55; pounds before the 5th and money without currency have no rate."""
    texts = [RATES, MONEY, kpi("eur", "sum(eur)", dataset="money")]
    found = answer(texts, MONEY_TABLES, ["eur"], "2026-01-01", "2026-03-01")

    assert series(found, "eur") == numbers(225, 8)


def test_a_span_ends_where_it_says() -> None:
    rates = RATES.replace("primary_key: [currency, day]", "primary_key: [currency, day]")
    money = MONEY.replace("{valid_from: day}", "{at: paid_at, valid_from: day, valid_to: until}")
    tables = {**MONEY_TABLES, "rates": ("currency TEXT, day DATE, until DATE, rate DECIMAL(9,2)", [
        ("USD", "2026-01-01", "2026-01-10", "0.90"), ("USD", "2026-02-01", None, "0.80"), ("USD", "2026-01-12", "2026-01-12", "5.00"),
    ])}  # fmt: skip
    found = answer(
        [rates, money, kpi("eur", "sum(eur)", dataset="money")], tables, ["eur"], "2026-01-01", "2026-03-01"
    )

    assert series(found, "eur") == numbers(90, 8)


@pytest.mark.parametrize(
    ("validity", "columns", "rows"),
    [
        ("{valid_from: day}", "currency TEXT, day DATE, rate DECIMAL(9,2)", [("USD", "2026-01-01", "0.9"), ("USD", "2026-01-01", "0.8")]),
        (
            "{valid_from: day, valid_to: until}", "currency TEXT, day DATE, until DATE, rate DECIMAL(9,2)",
            [("USD", "2026-01-01", "2026-01-10", "0.9"), ("USD", "2026-01-09", None, "0.8")],
        ),
    ],
)  # fmt: skip
def test_two_partners_at_once_are_refused(validity: str, columns: str, rows: list[tuple[str, ...]]) -> None:
    money = MONEY.replace("{valid_from: day}", validity)
    with pytest.raises(BrokenData) as refused:
        answer([RATES, money, kpi("eur", "sum(eur)", dataset="money")], {**MONEY_TABLES, "rates": (columns, rows)},
               ["eur"], "2026-01-01", "2026-03-01")  # fmt: skip

    assert [finding.code for finding in refused.value.diagnostics] == ["validity-overlaps"]


def test_a_required_partner_that_did_not_hold_yet_is_an_error() -> None:
    money = MONEY.replace("keys: {currency: currency}", "keys: {currency: currency}, required: true")
    with pytest.raises(BrokenData) as refused:
        answer(
            [RATES, money, kpi("eur", "sum(eur)", dataset="money")],
            MONEY_TABLES,
            ["eur"],
            "2026-01-01",
            "2026-03-01",
        )

    assert [(f.code, f.message.split()[0]) for f in refused.value.diagnostics] == [
        ("required-partner-missing", "2")
    ]


def test_the_keys_cover_the_primary_key_apart_from_valid_from() -> None:
    (finding,) = findings(RATES, MONEY.replace("keys: {currency: currency}", "keys: {currency: currency, paid_at: day}"),
                          kpi("eur", "sum(amount)", dataset="money"))  # fmt: skip

    assert finding.code == "keys-not-primary"


# --- a row for a whole month

BUDGET = """
kind: dataset
name: budget
source: budget
time: month
time_grain: month
"""
BUDGET_TABLES = {
    "orders": TABLES["orders"],
    "budget": ("month DATE, amount DECIMAL(9,2)", [("2026-01-01", "90.00"), ("2026-02-01", "110.00"), ("2026-03-01", "120.00")]),
}  # fmt: skip
BUDGETED = [
    BUDGET, *sales("sum(amount)", grain="month"), kpi("plan", "sum(amount)", dataset="budget", grain="month"),
    kpi("variance", "sales - plan", grain="month"), kpi("so_far", "to_date(plan, year)", grain="month"),
]  # fmt: skip


def test_a_part_period_counts_the_whole_row_and_as_of_hides_none() -> None:
    found = answer(
        BUDGETED,
        BUDGET_TABLES,
        ["plan", "variance", "so_far"],
        "2026-01-01",
        "2026-04-01",
        as_of="2026-02-04",
    )

    assert series(found, "plan") == numbers(90, 110, 120)
    assert series(found, "variance") == numbers(10, -85, None)
    assert series(found, "so_far") == numbers(90, 200, 320)


def test_a_finer_grain_and_a_range_that_cuts_a_month_are_refused() -> None:
    (finding,) = findings(BUDGET, kpi("plan", "sum(amount)", dataset="budget"))
    with pytest.raises(Unanswerable) as refused:
        answer(BUDGETED, BUDGET_TABLES, ["plan"], "2026-01-01", "2026-02-15", grain="all")

    assert finding.code == "finer-than-time-grain"
    assert refused.value.diagnostic.code == "cuts-a-whole"
