"""Rules about which rows count: written dates, and negations that drop rows without partner."""

import pytest
from surroundings import case, findings, kpi, reported, together

from kpiascode.lint.rules import hard_coded_date, null_unsafe_negation

# --- hard-coded-date


@pytest.mark.parametrize(
    "where",
    [
        "ordered_on >= date '2026-01-01'",
        "date '2026-01-01' <= ordered_on",
        "ordered_on >= '2026-01-01'",
        "cast(ordered_on as date) < date '2026-01-01'",
        "ordered_on = timestamp '2026-01-01 00:00:00'",
        "ordered_on between date '2026-01-01' and date '2026-12-31'",
        "ordered_on in (date '2026-01-01')",
    ],
)
def test_a_written_date_for_the_time_of_the_rows_is_found(where: str) -> None:
    assert reported(hard_coded_date.RULE, kpi("count(*)", where=where)) == [where]


def test_it_is_found_wherever_rows_are_kept() -> None:
    filtered = kpi("count(*) filter (where status = 'a' and not (ordered_on < date '2026-01-01'))", name="a")
    funnel = kpi(
        "step(2) / step(1)",
        name="b",
        funnel="{entity: customer_id, within: 7 days, steps: [{where: channel = 'web'}, "
        "{where: \"ordered_on > date '2026-01-01'\"}]}",
    )

    found = reported(hard_coded_date.RULE, together(filtered, funnel))

    assert found == ["(ordered_on < date '2026-01-01')", "ordered_on > date '2026-01-01'"]


@pytest.mark.parametrize(
    "where",
    [
        pytest.param("first_order_on >= date '2026-01-01'", id="another date picks a group"),
        pytest.param("first_order_on between date '2026-01-01' and date '2026-12-31'", id="between two, too"),
        pytest.param("ordered_on >= shipped_on", id="two dates of the row"),
        pytest.param("ordered_on is not null", id="no date at all"),
        pytest.param("version = '2026-01-01x'", id="a text"),
        pytest.param("status = '2026-01-01'", id="another field"),
        pytest.param(
            "case when ordered_on < date '2026-01-01' then x else y end > 3", id="a rate that changed"
        ),
    ],
)
def test_other_conditions_are_no_written_dates(where: str) -> None:
    assert reported(hard_coded_date.RULE, kpi("count(*)", where=where)) == []


def test_what_dates_the_rows_is_the_time_of_the_kpi() -> None:
    where = "ordered_on >= date '2026-01-01'"

    assert reported(hard_coded_date.RULE, kpi("count(*)", where=where, time="shipped_on")) == []
    assert reported(
        hard_coded_date.RULE, kpi("count(*)", where="shipped_on > '2026-01-01'", time="shipped_on")
    )


@pytest.mark.parametrize(
    "where",
    [
        "ordered_on >= date '2026-01-01' and ordered_on < date '2027-01-01'",
        "ordered_on < '2027-01-01' and channel = 'web' and ordered_on >= '2026-01-01'",
    ],
)
def test_both_ends_of_a_range_are_one_finding(where: str) -> None:
    assert reported(hard_coded_date.RULE, kpi("count(*)", where=where)) == [where.split(" and ")[0]]


@pytest.mark.parametrize(
    ("expression", "underlined"),
    [
        ("sum(case when ordered_on >= date '2025-01-01' then x else 0 end)", True),
        ("sum(case when ordered_on >= date '2025-01-01' then x end) / count(*)", True),
        ("sum(case when ordered_on >= date '2025-01-01' and a = 1 then x else null end)", True),
        ("sum(case when first_order_on >= date '2025-01-01' then x else 0 end)", False),
        ("sum(case when ordered_on >= date '2025-01-01' then x else 1 end)", False),
        ("sum(case when ordered_on >= date '2025-01-01' then x when a = 1 then y else 0 end)", False),
    ],
)
def test_a_case_that_leaves_rows_out_keeps_rows_too(expression: str, underlined: bool) -> None:
    found = reported(hard_coded_date.RULE, kpi(expression))

    assert found == (["ordered_on >= date '2025-01-01'"] if underlined else [])


def test_a_date_in_an_expression_is_no_condition() -> None:
    expression = "sum(case when ordered_on < date '2026-01-01' then 0.19 * amount else 0.16 * amount end)"

    assert reported(hard_coded_date.RULE, kpi(expression)) == []


# --- null-unsafe-negation


@pytest.mark.parametrize(
    "where",
    [
        "ship_to.country <> 'DE'",
        "ship_to.country not in ('DE', 'AT')",
        "ship_to.country not like 'D%'",
        "not (ship_to.country = 'DE')",
        "upper(ship_to.country) <> 'DE'",
        "ship_to.country <> bill_to.country",
    ],
)
def test_a_negation_over_an_optional_partner_is_found(where: str) -> None:
    assert len(reported(null_unsafe_negation.RULE, kpi("count(*)", where=where))) == 1


@pytest.mark.parametrize(
    "where",
    [
        pytest.param("ship_to.country = 'DE'", id="no negation"),
        pytest.param("not (ship_to.country <> 'DE')", id="twice negated"),
        pytest.param("status <> 'cancelled'", id="a column of the row: nobody knows whether it has nulls"),
        pytest.param("ship_to.country <> 'DE' or ship_to.country is null", id="asks for null"),
        pytest.param("ship_to.id is not null and ship_to.country <> 'DE'", id="asks for the partner"),
        pytest.param("ship_place_id is not null and ship_to.country <> 'DE'", id="asks for the key"),
        pytest.param("ship_to.region = 'north' and ship_to.country <> 'DE'", id="needs the partner anyway"),
        pytest.param("coalesce(ship_to.country, '') <> 'DE'", id="replaces null"),
        pytest.param("ship_to.country <> null", id="null is another rule's"),
    ],
)
def test_what_is_told_about_null_is_no_surprise(where: str) -> None:
    assert reported(null_unsafe_negation.RULE, kpi("count(*)", where=where)) == []


def test_two_negations_do_not_excuse_each_other() -> None:
    where = "ship_to.country <> 'DE' and ship_to.region <> 'north'"

    assert reported(null_unsafe_negation.RULE, kpi("count(*)", where=where)) == where.split(" and ")


def test_a_required_partner_is_always_there() -> None:
    dataset = (
        "kind: dataset\nname: order_lines\nsource: t\ntime: ordered_on\n"
        "relationships: {ship_to: {to: places, keys: {ship_place_id: id}, required: true}}"
    )
    asked = kpi("count(*)", where="ship_to.country <> 'DE'")
    agents = "kind: kpi\nname: other\ndataset: order_lines\nexpression: count(*)"

    assert reported(null_unsafe_negation.RULE, together(dataset, asked, agents)) == []


def test_on_a_longer_way_each_step_counts() -> None:
    places = (
        "kind: dataset\nname: places\nsource: t\nprimary_key: [id]\n"
        "relationships: {region: {to: agents, keys: {region_id: id}}}"
    )
    dataset = (
        "kind: dataset\nname: order_lines\nsource: t\ntime: ordered_on\n"
        "relationships: {ship_to: {to: places, keys: {ship_place_id: id}, required: true}}"
    )
    made = case(together(places, dataset, kpi("count(*)", where="ship_to.region.name <> 'north'")))

    [finding] = findings(null_unsafe_negation.RULE, made)

    assert finding.message == (
        "Rows without a partner over `ship_to.region` are dropped here, since a comparison with null is never "
        "true."
    )
    assert (
        finding.hint == "Add `or ... is null`, or declare `region` as `required: true`, if every row has one."
    )


def test_the_where_of_a_kpi_tells_for_its_filters_too() -> None:
    expression = "count(*) filter (where ship_to.country <> 'DE')"

    assert reported(null_unsafe_negation.RULE, kpi(expression)) == ["ship_to.country <> 'DE'"]
    assert reported(null_unsafe_negation.RULE, kpi(expression, where="ship_place_id is not null")) == []
