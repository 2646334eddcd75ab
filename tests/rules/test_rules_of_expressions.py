"""Rules that look at one expression: quotients, averages, comparisons."""

import pytest
from surroundings import case, findings, kpi, reported, together

from kpiascode.lint.rules import average_of_averages, comparison_with_null, self_division

# --- self-division


@pytest.mark.parametrize(
    ("expression", "underlined"),
    [
        ("sum(quantity) / sum(quantity)", "sum(quantity) / sum(quantity)"),
        ("sum( quantity )/(sum(quantity))", "sum( quantity )/(sum(quantity))"),
        ("100 * (orders / orders)", "(orders / orders)"),
        ("orders / nullif(orders, 0)", "orders / nullif(orders, 0)"),
        ("rolling(count(*) / count(*), 28 days)", "count(*) / count(*)"),
        ("sum(quantity / quantity)", "quantity / quantity"),
    ],
)
def test_what_is_divided_by_itself_is_found(expression: str, underlined: str) -> None:
    assert reported(self_division.RULE, kpi(expression)) == [underlined]


@pytest.mark.parametrize(
    "expression",
    [
        "sum(quantity) / sum(returned)",
        "count(*) filter (where returned > 0) / count(*)",
        "orders / previous(orders, 1 year)",
        "count(distinct order_id) / count(order_id)",
        "orders * orders",
        "orders / nullif(orders, 1)",
        "1 / 1",
    ],
)
def test_what_is_divided_by_something_else_is_not(expression: str) -> None:
    assert reported(self_division.RULE, kpi(expression)) == []


def test_a_field_that_divides_by_itself_is_told_where_the_kpi_names_it() -> None:
    dataset = "kind: dataset\nname: order_lines\nsource: t\ntime: day\nfields: {one: a / a}"

    assert reported(self_division.RULE, together(dataset, kpi("sum(one)"))) == ["one"]


# --- average-of-averages


@pytest.mark.parametrize(
    ("expression", "underlined"),
    [
        ("avg(avg(reply_hours) per order_id)", "avg(avg(reply_hours) per order_id)"),
        ("avg(round(avg(reply_hours), 0) per order_id) / 24", "avg(round(avg(reply_hours), 0) per order_id)"),
        ("(delivery_time + return_rate) / 2", "(delivery_time + return_rate) / 2"),
        ("(delivery_time + return_rate + reply_time) / 3", "(delivery_time + return_rate + reply_time) / 3"),
    ],
)
def test_averages_of_averages_are_found(expression: str, underlined: str) -> None:
    assert reported(average_of_averages.RULE, kpi(expression)) == [underlined]


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("avg(reply_hours)", id="of rows"),
        pytest.param("avg(sum(net_amount) per order_id)", id="of sums, one for each order"),
        pytest.param("median(avg(reply_hours) per order_id)", id="a median is asked for on purpose"),
        pytest.param("max(avg(reply_hours) per order_id)", id="so is the worst"),
        pytest.param("(net_sales + sales_tax) / 2", id="of sums"),
        pytest.param("(delivery_time + net_sales) / 2", id="of one sum"),
        pytest.param("(delivery_time + return_rate) / 3", id="a sum of two by three is no mean"),
        pytest.param("(delivery_time + return_rate) / 24", id="another unit"),
        pytest.param("delivery_time / 1", id="of one"),
        pytest.param("(delivery_time - return_rate) / 2", id="a difference"),
        pytest.param("(delivery_time + 5) / 2", id="of a written number"),
        pytest.param("delivery_time + return_rate", id="a sum"),
    ],
)
def test_other_averages_are_not(expression: str) -> None:
    assert reported(average_of_averages.RULE, kpi(expression)) == []


def test_kpis_with_one_denominator_may_be_averaged() -> None:
    parts = (kpi("sum(a) / count(*)", name="one"), kpi("sum(b) / count(*)", name="two"))

    assert reported(average_of_averages.RULE, together(*parts, kpi("(one + two) / 2"))) == []


def test_kpis_over_other_rows_have_another_denominator() -> None:
    parts = (
        kpi("sum(a) / count(*)", name="one", where="channel = 'online'"),
        kpi("sum(a) / count(*)", name="two", where="channel = 'store'"),
    )

    found = reported(average_of_averages.RULE, together(*parts, kpi("(one + two) / 2")))

    assert found == ["(one + two) / 2"]


def test_a_kpi_in_another_unit_has_no_denominator() -> None:
    parts = (kpi("sum(a) / 60", name="one"), kpi("sum(b) / 60", name="two"))

    assert reported(average_of_averages.RULE, together(*parts, kpi("(one + two) / 2"))) == []


# --- comparison-with-null


@pytest.mark.parametrize(
    ("where", "underlined", "hint"),
    [
        ("status = null", "status = null", "Write `is null`."),
        ("channel = 'a' and null = status", "null = status", "Write `is null`."),
        ("status <> null", "status <> null", "Write `is not null`."),
        ("quantity > null", "quantity > null", "Write `is null`."),
        ("quantity between 1 and null", "quantity between 1 and null", "Write `is null`."),
        ("not (status = null)", "(status = null)", "Write `is null`."),
    ],
)
def test_a_comparison_with_null_is_found_in_where(where: str, underlined: str, hint: str) -> None:
    made = case(kpi("count(*)", where=where))
    [finding] = findings(comparison_with_null.RULE, made)

    assert made.under(finding) == underlined
    assert finding.hint == hint


@pytest.mark.parametrize(
    ("expression", "underlined"),
    [
        ("count(*) filter (where status = null)", "status = null"),
        ("sum(case when status = null then 1 else 0 end)", "status = null"),
        ("case when orders = null then 0 else orders end", "orders = null"),
    ],
)
def test_and_in_the_expression(expression: str, underlined: str) -> None:
    assert reported(comparison_with_null.RULE, kpi(expression)) == [underlined]


@pytest.mark.parametrize(
    "where",
    [
        "status is null",
        "status is not null",
        "coalesce(status, null) = 'a'",
        "nullif(status, null) = 'a'",
        "quantity > 0",
    ],
)
def test_other_ways_to_name_null_are_fine(where: str) -> None:
    assert reported(comparison_with_null.RULE, kpi("count(*)", where=where)) == []


@pytest.mark.parametrize(
    "field",
    ["is_open: closed_on = null", "is_open: {expression: closed_on = null, description: Still open.}"],
)
def test_in_a_field_it_is_told_once_where_it_is_written(field: str) -> None:
    dataset = f"kind: dataset\nname: order_lines\nsource: t\ntime: day\nfields:\n  {field}"
    users = (kpi("count(*)", name="one", where="is_open"), kpi("count(*) filter (where is_open)", name="two"))
    made = case(together(dataset, *users))

    [finding] = findings(comparison_with_null.RULE, made)

    assert made.under(finding) == "closed_on = null"
    assert finding.place.span.line == 6
