"""Rules about what a KPI is made of: distinct counts, directions, doubles, variants."""

import pytest
from surroundings import case, findings, kpi, reported, together

from kpiascode.lint.rules import (
    direction_conflict,
    duplicate_definition,
    sum_of_distinct,
    variant_with_other_formula,
)

BUYERS = kpi("count(distinct customer_id)", name="buyers")

# --- sum-of-distinct


@pytest.mark.parametrize(
    ("expression", "underlined"),
    [
        ("sum(count(distinct a) per channel)", ["sum(count(distinct a) per channel)"]),
        ("100 * sum(count(distinct a) per channel) / count(*)", ["sum(count(distinct a) per channel)"]),
        ("sum(approx_count_distinct(a) per channel)", ["sum(approx_count_distinct(a) per channel)"]),
        (
            "buyers + previous(buyers, 1 month) + previous(buyers, 2 months)",
            ["buyers + previous(buyers, 1 month) + previous(buyers, 2 months)"],
        ),
        (
            "buyers + coalesce(previous(buyers, 1 month), 0)",
            ["buyers + coalesce(previous(buyers, 1 month), 0)"],
        ),
        (
            "count(distinct a) + previous(count(distinct a), 1 month)",
            ["count(distinct a) + previous(count(distinct a), 1 month)"],
        ),
    ],
)
def test_sums_of_distinct_counts_are_found(expression: str, underlined: list[str]) -> None:
    assert reported(sum_of_distinct.RULE, together(kpi(expression), BUYERS)) == underlined


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param(
            "sum(case when count(distinct a) > 1 then 1 else 0 end per channel)", id="counts groups"
        ),
        pytest.param("avg(count(distinct a) per channel)", id="a mean"),
        pytest.param("max(count(distinct a) per channel)", id="the largest"),
        pytest.param("sum(count(distinct a) per a)", id="one each: they are counted"),
        pytest.param("sum(count(*) per channel)", id="rows add up"),
        pytest.param("(buyers + previous(buyers, 1 month)) / 2", id="a mean of two months"),
        pytest.param("buyers - previous(buyers, 1 month)", id="a difference"),
        pytest.param("orders + buyers", id="two things"),
        pytest.param("count(distinct a) + count(distinct b)", id="of two columns"),
        pytest.param("net_sales + previous(net_sales, 1 month)", id="money adds up"),
        pytest.param("rolling(count(distinct a), 2 months)", id="at once"),
    ],
)
def test_other_sums_are_not(expression: str) -> None:
    assert reported(sum_of_distinct.RULE, together(kpi(expression), BUYERS)) == []


# --- direction-conflict

DOWN = kpi("sum(late) / count(*)", "percent", "late_rate", direction="lower")
UP = kpi("sum(happy) / count(*)", "percent", "happy_rate", direction="higher")
STEADY = kpi("sum(full) / count(*)", "percent", "steady_rate", direction="band")


def conflict(expression: str, direction: str, unit: str = "percent") -> list[str]:
    asked = f"kind: kpi\nname: asked\nexpression: {expression}\nunit: {unit}\ndirection: {direction}"
    return reported(direction_conflict.RULE, together(asked, DOWN, UP, STEADY))


@pytest.mark.parametrize(
    ("expression", "direction"),
    [
        ("late_rate", "higher"),
        ("1 - late_rate", "lower"),
        ("100 * late_rate", "higher"),
        ("late_rate / 12", "higher"),
        ("0 - late_rate", "lower"),
        ("-late_rate", "lower"),
        ("rolling(late_rate, 28 days)", "higher"),
        ("previous(late_rate, 1 year)", "higher"),
        ("cumulative(late_rate)", "higher"),
        ("round(coalesce(late_rate, 0), 2)", "higher"),
        ("happy_rate + late_rate", "higher"),
        ("late_rate + happy_rate", "higher"),
        ("late_rate - 1", "higher"),
        ("0.5 * happy_rate + 0.5 * late_rate", "higher"),
    ],
)
def test_a_part_that_pulls_the_other_way_is_found(expression: str, direction: str) -> None:
    assert conflict(expression, direction) == ["late_rate"]


@pytest.mark.parametrize(
    ("expression", "direction"),
    [
        pytest.param("late_rate", "lower", id="the same way"),
        pytest.param("1 - late_rate", "higher", id="turned around"),
        pytest.param("1 - late_rate", "band", id="a band has no way"),
        pytest.param("happy_rate + 1 - late_rate", "higher", id="a difference of two is no sum"),
        pytest.param("happy_rate - late_rate", "lower", id="a gap"),
        pytest.param("late_rate / happy_rate", "higher", id="a quotient may do either"),
        pytest.param("late_rate / previous(late_rate, 1 year) - 1", "higher", id="a growth"),
        pytest.param("abs(late_rate)", "higher", id="what is turned at zero"),
        pytest.param("late_rate * happy_rate", "higher", id="a product of two"),
        pytest.param("coalesce(late_rate, happy_rate)", "lower", id="one or the other"),
        pytest.param("0 * late_rate", "higher", id="nothing of it"),
        pytest.param("1 - steady_rate", "higher", id="a part with a band has no way"),
    ],
)
def test_what_fits_or_is_not_known_is_not(expression: str, direction: str) -> None:
    assert conflict(expression, direction) == []


def test_sums_of_money_and_of_counts_may_hold_both_kinds() -> None:
    lost = kpi("sum(lost)", "{currency: EUR}", "lost", direction="lower")
    calls = kpi("count(*)", "count", "complaints", direction="lower")
    gross = "kind: kpi\nname: a\nexpression: net_sales + lost\nunit: {currency: EUR}\ndirection: higher"
    contacts = "kind: kpi\nname: b\nexpression: orders + complaints\nunit: count\ndirection: higher"

    assert reported(direction_conflict.RULE, together(lost, calls, gross, contacts)) == []


def test_money_that_is_one_part_only_pulls_its_own_way() -> None:
    lost = kpi("sum(lost)", "{currency: EUR}", "lost", direction="lower")
    last = "kind: kpi\nname: a\nexpression: 2 * lost\nunit: {currency: EUR}\ndirection: higher"

    assert reported(direction_conflict.RULE, together(lost, last)) == ["lost"]


def test_the_conflict_names_both_directions() -> None:
    asked = "kind: kpi\nname: asked\nexpression: 1 - late_rate\nunit: percent\ndirection: lower"

    [finding] = findings(direction_conflict.RULE, case(together(asked, DOWN)))

    assert finding.message == "This is better lower and falls with `late_rate`, which is better lower."


# --- duplicate-definition


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param({}, {}, True, id="equal"),
        pytest.param({}, {"unit": "percent", "direction": "lower"}, True, id="only told otherwise"),
        pytest.param({}, {"grain": "day"}, True, id="read more often"),
        pytest.param({"where": "a = 1"}, {"where": "a  =  1"}, True, id="white space"),
        pytest.param({"where": "a = 1"}, {}, False, id="fewer rows"),
        pytest.param({"where": "a = 1"}, {"where": "a = 2"}, False, id="other rows"),
        pytest.param({}, {"time": "shipped_on"}, False, id="dated by something else"),
        pytest.param({}, {"status": "draft"}, False, id="a draft"),
        pytest.param({}, {"status": "deprecated"}, False, id="on its way out"),
        pytest.param(
            {"revisions": "[{until: 2025-01-01, expression: sum(b), reason: New rule}]"},
            {"revisions": "[{until: 2026-01-01, expression: sum(b), reason: New rule}]"},
            False,
            id="until another day",
        ),
        pytest.param(
            {},
            {"revisions": "[{until: 2026-01-01, expression: sum(b), reason: New rule}]"},
            False,
            id="not the same in the past",
        ),
    ],
)
def test_two_names_for_one_number(one: dict[str, str], other: dict[str, str], same: bool) -> None:
    keys = {"unit": "ratio", "direction": "higher"}
    definitions = together(
        kpi("sum(x)", name="a", **(keys | one)), kpi("sum( x )", name="b", **(keys | other))
    )

    assert reported(duplicate_definition.RULE, definitions) == (["sum(x)", "sum( x )"] if same else [])


@pytest.mark.parametrize(
    ("expression", "underlined"),
    [("orders", ["orders"]), ("orders * 1", []), ("previous(orders, 1 year)", []), ("orders + 0", [])],
)
def test_another_name_for_a_kpi_is_one_too(expression: str, underlined: list[str]) -> None:
    assert (
        reported(duplicate_definition.RULE, f"kind: kpi\nname: asked\nexpression: {expression}") == underlined
    )


def test_each_of_several_names_another_one_and_where_it_stands() -> None:
    made = case(together(*(kpi("sum(x)", name=name) for name in ("c", "a", "b"))))

    told = [(d.message, d.place.span.line, d.note) for d in findings(duplicate_definition.RULE, made)]

    lines = {
        name: made.text.splitlines().index(f"name: {name}")
        + made.text[made.text.index(f"name: {name}") :].splitlines().index("expression: sum(x)")
        + 1
        for name in "abc"
    }
    assert told == [
        (
            f"`{one}` is the same number as `{other}`.",
            lines[one],
            f"The other one is defined at kpis.yaml:{lines[other]}:13.",
        )
        for one, other in ("ab", "ba", "ca")
    ]


def test_over_another_dataset_it_is_another_number() -> None:
    other = kpi("sum(x)", name="b").replace("dataset: order_lines", "dataset: other")
    dataset = "kind: dataset\nname: other\nsource: t\ntime: ordered_on"

    assert reported(duplicate_definition.RULE, together(kpi("sum(x)", name="a"), other, dataset)) == []


# --- variant-with-other-formula


@pytest.mark.parametrize(
    ("expression", "keys", "underlined"),
    [
        ("sum(returned) / sum(quantity)", {"where": "channel = 'online'"}, []),
        (
            "sum(returned) filter (where channel = 'online') / sum(quantity) filter (where channel = 'online')",
            {},
            [],
        ),
        ("sum(returned) / sum(net_amount)", {}, ["sum(returned) / sum(net_amount)"]),
        ("sum(returned) / sum(quantity)", {"time": "shipped_on"}, ["shipped_on"]),
    ],
)
def test_a_variant_differs_by_its_rows_only(
    expression: str, keys: dict[str, str], underlined: list[str]
) -> None:
    definition = kpi(expression, "percent", derived_from="return_rate", **keys)

    assert reported(variant_with_other_formula.RULE, definition) == underlined


def test_a_variant_may_be_made_of_variants() -> None:
    parts = [kpi(f"sum({x})", name=f"web_{x}", where="channel = 'web'") for x in ("returned", "quantity")]
    asked = "kind: kpi\nname: asked\nexpression: web_returned / web_quantity\nderived_from: return_rate"
    wrong = "kind: kpi\nname: wrong\nexpression: web_quantity / web_returned\nderived_from: return_rate"

    found = reported(variant_with_other_formula.RULE, together(*parts, asked, wrong))

    assert found == ["web_quantity / web_returned"]


def test_another_dataset_is_another_formula() -> None:
    other = kpi("sum(returned) / sum(quantity)", derived_from="return_rate").replace("order_lines", "other")
    dataset = "kind: dataset\nname: other\nsource: t\ntime: ordered_on"

    assert reported(variant_with_other_formula.RULE, together(other, dataset)) == ["other"]
