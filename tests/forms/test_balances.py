"""closing, opening and average_over: balances at the end of an interval and their mean. All by hand."""

import pytest

from forms.asking import answer, numbers, series
from kpiascode.plan import Unanswerable
from kpiascode.run.answers import BrokenData
from projects import findings, kpi

STOCK = """
kind: dataset
name: stock
source: stock
time: day
"""
COLUMNS = "day DATE, shop TEXT, item TEXT, pieces INTEGER"
ROWS = [
    ("2026-01-05", "north", "tea", 10),
    ("2026-01-31", "north", "tea", 7),
    ("2026-01-31", "south", "tea", 5),
    ("2026-02-10", "north", "tea", 4),
    ("2026-02-27", "north", "tea", 6),
    ("2026-02-27", "north", "mug", 2),
    ("2026-04-30", "south", "tea", 9),
]
TABLES = {"stock": (COLUMNS, ROWS)}


def pieces(expression: str = "closing(sum(pieces))", **keys: str) -> list[str]:
    return [STOCK, kpi("pieces", expression, dataset="stock", dimensions="[shop]", **keys)]


def test_closing_takes_the_rows_of_the_last_time_at_which_there_are_any() -> None:
    """January ends on the 31st with 7 + 5, February on the 27th with 6 + 2, March has no row at all."""
    found = answer(pieces(), TABLES, ["pieces"], "2026-01-01", "2026-05-01")

    assert series(found, "pieces") == numbers(12, 8, None, 9)


def test_a_shop_that_is_emptied_is_empty_and_not_what_it_was() -> None:
    """South has no row on 27 February: it is empty then, and not at the 5 of January."""
    found = answer(pieces(), TABLES, ["pieces"], "2026-01-01", "2026-03-01", by=["shop"])

    assert series(found, "pieces", "north") == numbers(7, 8)
    assert series(found, "pieces", "south") == numbers(5, None)


def test_what_is_emptied_within_the_period_has_been_seen() -> None:
    """In February the south has a row on the 10th and none on the 27th, the last time: it is empty, not gone."""
    rows = [*ROWS, ("2026-02-10", "south", "tea", 3)]
    texts = pieces("coalesce(closing(sum(pieces)), 0)")
    found = answer(texts, {"stock": (COLUMNS, rows)}, ["pieces"], "2026-02-01", "2026-03-01", by=["shop"])

    assert found == {("pieces", "2026-02", "north"): 8, ("pieces", "2026-02", "south"): 0}


def test_the_last_time_is_found_before_where_filter_and_slices() -> None:
    """Mugs stand on 27 February only; tea of the south not at all that day, so it counts nothing."""
    mugs = answer(pieces(where="item = 'mug'"), TABLES, ["pieces"], "2026-01-01", "2026-03-01")
    south = answer(pieces(), TABLES, ["pieces"], "2026-01-01", "2026-03-01", where="shop = 'south'")
    filtered = answer(
        pieces("closing(sum(pieces) filter (where shop = 'south'))"),
        TABLES,
        ["pieces"],
        "2026-01-01",
        "2026-03-01",
    )

    assert series(mugs, "pieces") == numbers(None, 2)
    assert series(south, "pieces") == numbers(5, None)
    assert series(filtered, "pieces") == numbers(5, None)


def test_counts_of_a_balance_without_rows_are_zero() -> None:
    found = answer(pieces("closing(count(*))"), TABLES, ["pieces"], "2026-02-01", "2026-04-01")

    assert series(found, "pieces") == numbers(2, 0)


def test_per_key_the_last_row_counts_however_old_it_is() -> None:
    """Per shop: north 6 and 2 of February are two rows of one time, so the key is shop and item."""
    per = "fields: {place: case when item = 'mug' then 'mugs' else shop end}"
    texts = [f"{STOCK}{per}\n", *pieces("closing(sum(pieces), per place)")[1:]]
    found = answer(texts, TABLES, ["pieces"], "2026-01-01", "2026-05-01")

    # January 7 + 5; February 6 + 5 of January + 2 mugs; March the same; April 6 + 9 + 2
    assert series(found, "pieces") == numbers(12, 13, 13, 17)


def test_two_last_rows_of_one_key_are_refused_and_no_number_is_given() -> None:
    with pytest.raises(BrokenData) as refused:
        answer(pieces("closing(sum(pieces), per shop)"), TABLES, ["pieces"], "2026-02-01", "2026-03-01")

    (finding,) = refused.value.diagnostics
    assert finding.code == "last-row-not-unique"
    assert "1 key" in finding.message


def test_opening_is_the_closing_of_the_period_before() -> None:
    found = answer(pieces("opening(sum(pieces))"), TABLES, ["pieces"], "2026-01-01", "2026-06-01")

    assert series(found, "pieces") == numbers(None, 12, 8, None, 9)


def test_a_balance_moves_with_the_form_around_it() -> None:
    """To date takes the last time of the year so far, previous that of the month before."""
    texts = [
        *pieces("to_date(closing(sum(pieces)), year)"),
        kpi("change", "closing(sum(pieces)) - previous(closing(sum(pieces)), 1 month)", dataset="stock"),
    ]
    found = answer(texts, TABLES, ["pieces", "change"], "2026-01-01", "2026-05-01")

    assert series(found, "pieces") == numbers(12, 8, 8, 9)
    assert series(found, "change") == numbers(None, -4, None, None)


def test_as_of_hides_what_is_later() -> None:
    found = answer(
        pieces(), TABLES, ["pieces"], "2026-02-01", "2026-03-01", as_of="2026-02-27T00:00"
    )  # fmt: skip

    assert series(found, "pieces") == numbers(4)


def test_the_last_moment_of_timestamps_is_exact() -> None:
    tables = {"stock": ("at TIMESTAMP, pieces INTEGER", [
        ("2026-01-31 09:00:00", 3), ("2026-01-31 23:59:59.999999", 4), ("2026-02-01 00:00:00", 8),
    ])}  # fmt: skip
    texts = [STOCK.replace("day", "at"), kpi("pieces", "closing(sum(pieces))", dataset="stock")]

    assert series(answer(texts, tables, ["pieces"], "2026-01-01", "2026-03-01"), "pieces") == numbers(4, 8)


def test_the_opening_of_a_period_to_come_is_the_last_that_is_known() -> None:
    """Seen from 12 February: March opens with what is known of February, a year later with nothing yet.

    The opening of the month before March, which is February's, is the closing of January.
    """
    texts = [
        *pieces("opening(sum(pieces))"),
        kpi("earlier", "previous(opening(sum(pieces)), 1 month)", dataset="stock"),
    ]
    found = answer(texts, TABLES, ["pieces", "earlier"], "2026-03-01", "2026-05-01", as_of="2026-02-12")

    assert series(found, "pieces") == numbers(4, None)
    assert series(found, "earlier") == numbers(12, 4)


# --- rows that hold for a span

STAFF = """
kind: dataset
name: staff
source: staff
valid: {from: started, to: ended}
"""
PEOPLE_ROWS = [
    (1, "sales", "2025-06-01", None),
    (2, "sales", "2026-01-15", "2026-02-01"),
    (3, "it", "2026-02-01", "2026-02-20"),
    (4, "it", "2026-02-28", None),
    (5, None, None, None),
]
STAFF_TABLES = {"staff": ("id INTEGER, team TEXT, started DATE, ended DATE", PEOPLE_ROWS)}


def heads(expression: str = "closing(count(*))", **keys: str) -> list[str]:
    return [STAFF, kpi("heads", expression, dataset="staff", dimensions="[team]", **keys)]


def test_a_row_counts_at_the_last_instant_at_which_it_holds() -> None:
    """January: 1 and 2, whose last day is the 31st; 3 starts only with February. February: 1 and 4."""
    found = answer(heads(), STAFF_TABLES, ["heads"], "2026-01-01", "2026-03-01")

    assert series(found, "heads") == numbers(2, 2)


def test_opening_and_what_came_and_went_make_the_closing() -> None:
    """February: 2 at its opening, 3 and 4 come, 2 (on the 1st) and 3 go: 2 + 2 - 2."""
    texts = [
        *heads(),
        kpi("before", "opening(count(*))", dataset="staff"),
        kpi("come", "count(*)", dataset="staff", time="started"),
        kpi("gone", "count(*)", dataset="staff", time="ended"),
        kpi("sum_up", "before + come - gone"),
    ]
    found = answer(
        texts, STAFF_TABLES, ["heads", "before", "come", "gone", "sum_up"], "2026-02-01", "2026-03-01"
    )

    assert [series(found, name)[0] for name in ("before", "come", "gone", "sum_up", "heads")] == numbers(
        2, 2, 2, 2, 2
    )


def test_the_mean_over_days_is_taken_at_the_end_of_each() -> None:
    """1 to 19 February: 1 and 3; 20 to 27: only 1; on the 28th 1 and 4: (19 * 2 + 8 + 2) / 28."""
    found = answer(heads("average_over(count(*), day)"), STAFF_TABLES, ["heads"], "2026-02-01", "2026-03-01")

    assert series(found, "heads") == numbers("1.714286")


def test_those_who_leave_are_compared_with_those_who_are_there_on_average() -> None:
    """One KPI: 2 and 3 leave in February by its own time; on average there are 48 / 28, by the spans."""
    texts = heads("count(*) / average_over(count(*), day)", time="ended")
    found = answer(texts, STAFF_TABLES, ["heads"], "2026-02-01", "2026-03-01")

    assert series(found, "heads") == numbers(round(2 / (48 / 28), 6))


def test_null_slices_of_balances_are_kept() -> None:
    rows = [*PEOPLE_ROWS, (6, None, "2026-01-01", None)]
    tables = {"staff": (STAFF_TABLES["staff"][0], rows)}
    found = answer(heads(), tables, ["heads"], "2026-01-01", "2026-02-01", by=["team"])

    assert found == {("heads", "2026-01", "sales"): 2, ("heads", "2026-01", "None"): 1}


def test_an_aggregate_of_spans_needs_a_moment() -> None:
    (finding,) = findings(*heads("count(*)"))

    assert finding.code == "missing-time"
    assert "closing" in (finding.hint or "")


# --- means over units


def test_days_without_a_value_do_not_count_and_zeros_do() -> None:
    """January: 10 and 12 on two days: 11. Counts are 0 on the other 29 days: 3 rows / 31."""
    texts = [
        *pieces("average_over(sum(pieces), day)"),
        kpi("rows", "average_over(count(*), day)", dataset="stock"),
    ]
    found = answer(texts, TABLES, ["pieces", "rows"], "2026-01-01", "2026-02-01")

    assert series(found, "pieces") == numbers(11)
    assert series(found, "rows") == numbers("0.096774")


def test_units_after_as_of_do_not_exist() -> None:
    texts = pieces("average_over(count(*), day)")
    found = answer(texts, TABLES, ["pieces"], "2026-01-01", "2026-02-01", as_of="2026-01-11")

    assert series(found, "pieces") == numbers("0.1")


def test_a_mean_by_slice_counts_the_units_of_each() -> None:
    found = answer(
        pieces("average_over(closing(sum(pieces)), month)", grain="quarter"),
        TABLES, ["pieces"], "2026-01-01", "2026-07-01", grain="quarter", by=["shop"],
    )  # fmt: skip

    # north: 7 and 8 in January and February; south: 5 in January, 9 in April
    assert series(found, "pieces", "north") == numbers("7.5", None)
    assert series(found, "pieces", "south") == numbers(5, 9)


def test_means_nest_and_stand_in_windows() -> None:
    texts = pieces("average_over(average_over(count(*), day), month)", grain="quarter")
    found = answer(texts, TABLES, ["pieces"], "2026-01-01", "2026-04-01", grain="quarter")
    rolled = answer(
        pieces("rolling(average_over(count(*), day), 10 days)"),
        TABLES,
        ["pieces"],
        "2026-02-01",
        "2026-03-01",
    )

    # 3/31, 3/28 and 0/31 over three months; two rows in the ten days to 28 February
    assert series(found, "pieces") == numbers(round((3 / 31 + 3 / 28) / 3, 6))
    assert series(rolled, "pieces") == numbers("0.2")


@pytest.mark.parametrize(
    ("expression", "grain", "code"),
    [
        ("average_over(sum(pieces), week)", "month", "unit-does-not-fit"),
        ("average_over(sum(pieces), month)", "month", "unit-does-not-fit"),
        ("average_over(sum(pieces), quarter)", "month", "unit-does-not-fit"),
        ("cumulative(average_over(sum(pieces), day))", "month", "unit-does-not-fit"),
    ],
)
def test_units_that_do_not_fit_are_refused(expression: str, grain: str, code: str) -> None:
    with pytest.raises(Unanswerable) as refused:
        answer(pieces(expression), TABLES, ["pieces"], "2026-01-01", "2026-02-01", grain=grain)

    assert refused.value.diagnostic.code == code


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("closing(previous(sum(pieces), 1 month))", "form-misplaced"),
        ("closing(opening(sum(pieces)))", "form-misplaced"),
        ("closing(1)", "form-misplaced"),
        ("closing(days() * sum(pieces))", "form-misplaced"),
        ("closing(sum(pieces) + other, per shop)", "form-misplaced"),
        ("closing(moved)", "form-misplaced"),
        ("average_over(sum(pieces), hour)", "invalid-unit"),
        ("average_over(sum(pieces), period)", "invalid-unit"),
        ("sum(closing(pieces))", "time-form-of-rows"),
        ("closing(sum(pieces), per nothing)", "unknown-column"),
    ],
)
def test_what_has_no_meaning_is_refused_where_it_stands(expression: str, code: str) -> None:
    others = [kpi("other", "sum(pieces)", dataset="stock"), kpi("moved", "previous(other, 1 month)")]
    columns = "fields: {shop: {column: shop, type: text}, pieces: {column: pieces, type: integer}}\n"
    from projects import catalog_of

    found = findings(STOCK + columns, *others, kpi("pieces", expression, dataset="stock"),
                     catalog=catalog_of(stock=COLUMNS))  # fmt: skip

    assert [finding.code for finding in found] == [code]
