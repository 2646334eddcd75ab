"""Which units go together, which do not, and what is not known."""

import pytest
from surroundings import case, findings, goal, kpi, reported, together

from kpiascode.lint.rules.unit_mismatch import RULE

EUR = "{currency: EUR}"
USD = "{currency: USD}"

# net_sales and sales_tax are EUR, sales_in_dollars USD, orders and return_rate plain, delivery_time days,
# reply_time hours.


@pytest.mark.parametrize(
    ("expression", "unit", "underlined"),
    [
        pytest.param("net_sales + sales_in_dollars", EUR, "net_sales + sales_in_dollars", id="EUR + USD"),
        pytest.param("net_sales - orders", EUR, "net_sales - orders", id="EUR - count"),
        pytest.param(
            "return_rate - delivery_time", "percent", "return_rate - delivery_time", id="percent - days"
        ),
        pytest.param("delivery_time + reply_time", "days", "delivery_time + reply_time", id="days + hours"),
        pytest.param(
            "orders / (net_sales + sales_in_dollars)",
            "ratio",
            "(net_sales + sales_in_dollars)",
            id="in brackets",
        ),
        pytest.param(
            "previous(net_sales, 1 year) + orders", EUR, "previous(net_sales, 1 year) + orders", id="forms"
        ),
        pytest.param(
            "1 - net_sales / orders - return_rate", "ratio", "1 - net_sales / orders - return_rate", id="1 -"
        ),
        pytest.param("greatest(net_sales, orders)", EUR, "orders", id="greatest: the one that differs"),
        pytest.param("least(0, net_sales, return_rate)", EUR, "return_rate", id="least"),
        pytest.param("coalesce(net_sales, sales_in_dollars)", EUR, "sales_in_dollars", id="coalesce"),
        pytest.param("net_sales / nullif(sales_tax, orders)", "ratio", "orders", id="nullif compares"),
        pytest.param(
            "case when orders > 5 then net_sales else orders end", EUR, "orders", id="branches of case"
        ),
        pytest.param(
            "case when net_sales > orders then 1 else 0 end", "count", "net_sales > orders", id="comparison"
        ),
        pytest.param(
            "case when net_sales between 1 and orders then 1 else 0 end", "count", "orders", id="between"
        ),
        pytest.param(
            "sum(quantity) + net_sales + orders",
            EUR,
            "sum(quantity) + net_sales + orders",
            id="unknown + EUR is EUR",
        ),
        pytest.param("count(*) + net_sales", EUR, "count(*) + net_sales", id="a count is plain"),
        pytest.param(
            "avg(count(*) per order_id) + net_sales",
            EUR,
            "avg(count(*) per order_id) + net_sales",
            id="and so is its mean",
        ),
        pytest.param(
            "net_sales / reply_time + sales_in_dollars / reply_time",
            EUR,
            "net_sales / reply_time + sales_in_dollars / reply_time",
            id="EUR / hours + USD / hours",
        ),
    ],
)
def test_two_units_clash(expression: str, unit: str, underlined: str) -> None:
    assert reported(RULE, kpi(expression, unit)) == [underlined]


@pytest.mark.parametrize(
    ("expression", "unit"),
    [
        pytest.param("net_sales / orders", "ratio", id="EUR / count is EUR"),
        pytest.param("net_sales / sales_tax", EUR, id="EUR / EUR is plain"),
        pytest.param("return_rate * delivery_time", "percent", id="percent * days is days"),
        pytest.param("net_sales", "count", id="EUR is no count"),
        pytest.param("net_sales", USD, id="EUR is not USD"),
        pytest.param("delivery_time", "hours", id="days are not hours"),
        pytest.param("orders", EUR, id="a count is not EUR"),
        pytest.param("count(*)", EUR, id="nor is count(*)"),
        pytest.param("orders", "days", id="what was declared a count is none of days"),
        pytest.param("-round(abs(net_sales), 0)", "percent", id="sign, rounding"),
        pytest.param("cast(net_sales as decimal)", "percent", id="cast"),
        pytest.param("rolling(net_sales, 28 days)", "count", id="rolling"),
        pytest.param("to_date(net_sales, year)", "count", id="to_date"),
        pytest.param("cumulative(net_sales)", "count", id="cumulative"),
        pytest.param("coalesce(net_sales, 0)", "count", id="a written number takes the unit of the others"),
        pytest.param("net_sales - sum(discount)", "count", id="a column too, where it is added"),
        pytest.param("net_sales * net_sales / sales_tax", "count", id="EUR * EUR / EUR"),
    ],
)
def test_the_declared_unit_is_another_one(expression: str, unit: str) -> None:
    assert reported(RULE, kpi(expression, unit)) == [unit]


@pytest.mark.parametrize(
    ("expression", "unit"),
    [
        pytest.param("net_sales + sales_tax", EUR, id="EUR + EUR"),
        pytest.param("return_rate + net_sales / sales_tax", "points", id="all plain units are one"),
        pytest.param("net_sales / sales_tax", "percent", id="EUR / EUR"),
        pytest.param("net_sales / orders", EUR, id="EUR / count"),
        pytest.param("return_rate * delivery_time", "days", id="percent * days"),
        pytest.param("net_sales + 5", EUR, id="a written number has the unit of the other side"),
        pytest.param("1 - return_rate", "percent", id="1 -"),
        pytest.param("coalesce(net_sales, null)", EUR, id="null has any unit"),
        pytest.param(
            "case when net_sales > 0 then orders end", "count", id="what is compared is not what comes out"
        ),
        pytest.param("sum(net_amount) / orders", "percent", id="a column is of unknown unit"),
        pytest.param("avg(sum(net_amount) per order_id)", EUR, id="and so is what is made of it"),
        pytest.param("sum(quantity) + count(*)", "count", id="unknown + plain"),
        pytest.param("reply_time / 24", "days", id="a factor converts times"),
        pytest.param("reply_time / 24 + delivery_time", "days", id="and then they add up"),
        pytest.param("orders * 50", EUR, id="a factor may be money"),
        pytest.param("net_sales * 1.08", USD, id="or a rate"),
        pytest.param("365 * sales_tax / net_sales", "days", id="or the days of a year"),
        pytest.param("sales_tax / net_sales * days()", "days", id="the days of the period"),
        pytest.param("orders / days()", "count", id="orders of a day are declared as orders"),
        pytest.param("net_sales / reply_time", EUR, id="EUR / hours cannot be declared"),
        pytest.param("net_sales / reply_time - sales_tax", EUR, id="nor compared with what can"),
        pytest.param("reply_time / delivery_time", "ratio", id="hours / days is nothing known"),
        pytest.param(
            "reply_time / delivery_time + net_sales / reply_time", EUR, id="not beside another quotient"
        ),
        pytest.param("count(distinct ordered_on)", "days", id="a count may be one of days"),
        pytest.param("count(distinct ordered_on) - delivery_time", "days", id="and is taken off days"),
        pytest.param(
            "net_sales / sales_tax", "days", id="a quotient too: what is left by what goes in a day"
        ),
        pytest.param("net_sales / sales_tax + delivery_time", "days", id="and is added to days"),
        pytest.param("net_sales % sales_in_dollars", "percent", id="remainders are not looked at"),
        pytest.param("max(reply_hours)", "days", id="a field says nothing"),
        pytest.param('"1"', EUR, id="a number alone"),
    ],
)
def test_what_agrees_or_is_not_known_gives_no_finding(expression: str, unit: str) -> None:
    assert reported(RULE, kpi(expression, unit)) == []


def test_each_clash_is_told_once_and_not_again_for_what_is_made_of_it() -> None:
    definitions = together(
        kpi("net_sales + sales_in_dollars + orders", EUR, "mixed"),
        kpi("mixed + sales_tax", EUR, "made_of_it"),
    )

    assert reported(RULE, definitions) == ["net_sales + sales_in_dollars"]


def test_two_clashes_in_one_expression_are_two_findings() -> None:
    expression = "(net_sales + orders) / (sales_tax + return_rate)"

    assert reported(RULE, kpi(expression)) == ["(net_sales + orders)", "(sales_tax + return_rate)"]


def test_a_clash_is_underlined_in_a_literal_block_too() -> None:
    text = kpi("|\n  net_sales\n  + orders", EUR)

    [finding] = findings(RULE, case(text))

    span = finding.place.span
    assert (span.line, span.column, span.end_line, span.end_column) == (5, 3, 6, 11)


@pytest.mark.parametrize(
    ("expression", "unit", "message", "hint"),
    [
        pytest.param(
            "net_sales + sales_in_dollars",
            EUR,
            "`+` needs one unit, and here are EUR and USD.",
            "Convert one of them in the rows, by a relationship to a dataset of rates.",
            id="currencies",
        ),
        pytest.param(
            "delivery_time + reply_time",
            "days",
            "`+` needs one unit, and here are days and hours.",
            "Convert one of them by a factor: hours / 24 are days.",
            id="times",
        ),
        pytest.param(
            "greatest(net_sales, orders)",
            EUR,
            "`greatest` needs one unit, and here are EUR and a plain number.",
            "Correct the formula, or the `unit` of a KPI in it.",
            id="a plain number",
        ),
        pytest.param(
            "case when orders > 1 then net_sales else delivery_time end",
            EUR,
            "`case` needs one unit, and here are EUR and days.",
            "Correct the formula, or the `unit` of a KPI in it.",
            id="money and time",
        ),
        pytest.param(
            "case when net_sales between orders and 5 then 1 else 0 end",
            "count",
            "`between` needs one unit, and here are EUR and a plain number.",
            "Correct the formula, or the `unit` of a KPI in it.",
            id="between",
        ),
        pytest.param(
            "case when net_sales >= orders then 1 else 0 end",
            "count",
            "`>=` needs one unit, and here are EUR and a plain number.",
            "Correct the formula, or the `unit` of a KPI in it.",
            id="comparison",
        ),
        pytest.param(
            "net_sales / orders",
            "percent",
            "The expression comes to EUR, and the declared unit is percent.",
            "Write `unit: {currency: EUR}`, or correct the expression.",
            id="declared: money",
        ),
        pytest.param(
            "delivery_time",
            "percent",
            "The expression comes to days, and the declared unit is percent.",
            "Write `unit: days`, or correct the expression.",
            id="declared: time",
        ),
        pytest.param(
            "net_sales / sales_tax",
            EUR,
            "The expression comes to a plain number, and the declared unit is EUR.",
            "Write a plain unit (percent, ratio, count, points), or correct the expression.",
            id="declared: plain",
        ),
        pytest.param(
            "net_sales / reply_time + sales_in_dollars / reply_time",
            EUR,
            "`+` needs one unit, and here are EUR / hours and USD / hours.",
            "Correct the formula, or the `unit` of a KPI in it.",
            id="units that cannot be declared",
        ),
    ],
)
def test_the_message_names_both_units_and_what_to_do(
    expression: str, unit: str, message: str, hint: str
) -> None:
    [finding] = findings(RULE, case(kpi(expression, unit)))

    assert (finding.message, finding.hint) == (message, hint)


@pytest.mark.parametrize(
    ("result", "underlined"),
    [
        ("{kpi: net_sales, measure: to_date, target: {kpi: orders}}", ["orders"]),
        ("{kpi: net_sales, measure: to_date, target: {kpi: sales_in_dollars}}", ["sales_in_dollars"]),
        ("{kpi: reply_time, target: {kpi: delivery_time}}", ["delivery_time"]),
        ("{kpi: net_sales, path: steps, targets: [{from: 2026-01-01, value: {kpi: orders}}]}", ["orders"]),
        ("{kpi: net_sales, measure: to_date, target: {kpi: sales_tax}}", []),
        ("{kpi: orders, measure: to_date, target: {kpi: return_rate}}", []),
        ("{kpi: net_sales, measure: to_date, target: 5}", []),
    ],
)
def test_a_kpi_that_gives_a_target_has_the_unit_of_the_kpi_it_is_for(
    result: str, underlined: list[str]
) -> None:
    assert reported(RULE, goal(result)) == underlined


def test_a_target_of_another_unit_is_told_in_a_sentence() -> None:
    [finding] = findings(RULE, case(goal("{kpi: net_sales, measure: to_date, target: {kpi: orders}}")))

    assert finding.message == "The target `orders` is in count, and `net_sales` in EUR."
