"""Rules about dimensions: one name, one meaning, and no person."""

import pytest
from surroundings import case, findings, goal, kpi, reported, together

from kpiascode.lint.rules import (
    dimension_means_two_things,
    dimension_type_conflict,
    person_dimension_published,
)
from kpiascode.model.catalog import Catalog, Table
from kpiascode.model.expression import Type

ORDERS = """
kind: dataset
name: orders
source: sales.orders
primary_key: [id]
time: ordered_on
relationships: {ship_to: {to: places, keys: {place_id: id}}}
fields: {country: ship_to.country, land: {column: country_code}}
"""


def over_orders(name: str, dimensions: str) -> str:
    return kpi("count(*)", "count", name, dimensions=dimensions).replace(
        "dataset: order_lines", "dataset: orders"
    )


def with_types(**columns: Type) -> Catalog:
    """Return a catalogue in which only `orders` is known."""
    known = {"id": Type.INTEGER, "place_id": Type.INTEGER, "country_code": Type.TEXT, "ordered_on": Type.DATE}
    return Catalog({"orders": Table(name=("orders",), columns=known | columns)})


# --- dimension-type-conflict


@pytest.mark.parametrize(
    ("one", "other", "conflict"),
    [
        pytest.param(Type.TEXT, Type.INTEGER, True, id="text and number"),
        pytest.param(Type.DATE, Type.TIMESTAMP, True, id="day and moment"),
        pytest.param(Type.BOOLEAN, Type.TEXT, True, id="truth and text"),
        pytest.param(Type.INTEGER, Type.DECIMAL, False, id="numbers are one type"),
        pytest.param(Type.INTEGER, Type.DOUBLE, False, id="floats too"),
        pytest.param(Type.TIMESTAMP, Type.INSTANT, False, id="timestamps are one type"),
        pytest.param(Type.TEXT, Type.TEXT, False, id="the same"),
        pytest.param(Type.UNKNOWN, Type.TEXT, False, id="an unknown one may be the same"),
    ],
)
def test_types_that_cannot_be_compared_conflict(one: Type, other: Type, conflict: bool) -> None:
    definitions = together(
        ORDERS.strip(), over_orders("a", "[{it: first}]"), over_orders("b", "[{it: second}]")
    )

    found = reported(dimension_type_conflict.RULE, definitions, with_types(first=one, second=other))

    assert found == (["first", "second"] if conflict else [])


def test_the_conflict_names_both_types_and_both_places() -> None:
    definitions = together(ORDERS.strip(), over_orders("a", "[{it: first}]"), over_orders("b", "[it]"))
    made = case(definitions, with_types(first=Type.TEXT, it=Type.INTEGER))

    one, other = findings(dimension_type_conflict.RULE, made)

    assert one.message == "The dimension `it` is a text here and a number in `b`."
    assert one.note == f"`b` declares it at {other.place}."
    assert made.under(one) == "first"
    assert other.message == "The dimension `it` is a number here and a text in `a`."
    assert other.note == f"`a` declares it at {one.place}."
    assert made.under(other) == "it"


def test_the_first_kpi_whose_type_is_known_sets_it() -> None:
    definitions = together(
        ORDERS.strip(),
        kpi("count(*)", "count", "a", dimensions="[first]"),
        over_orders("b", "[first]"),
        over_orders("c", "[{first: second}]"),
    )

    assert reported(
        dimension_type_conflict.RULE, definitions, with_types(first=Type.TEXT, second=Type.DATE)
    ) == ["first", "second"]


def test_a_kpi_that_refers_to_others_is_not_told_of_their_conflict_again() -> None:
    definitions = together(
        ORDERS.strip(),
        over_orders("a", "[{it: first}]"),
        over_orders("b", "[{it: second}]"),
        "kind: kpi\nname: c\nexpression: b / a\ndimensions: [it]",
    )

    assert reported(
        dimension_type_conflict.RULE, definitions, with_types(first=Type.TEXT, second=Type.DATE)
    ) == ["first", "second"]


# --- dimension-means-two-things


@pytest.mark.parametrize(
    ("one", "other", "underlined"),
    [
        pytest.param(
            "{country: ship_to.country}",
            "{country: ship_to.region}",
            ["ship_to.country", "ship_to.region"],
            id="two fields",
        ),
        pytest.param(
            "{country: ship_to.country}",
            "{country: bill_to.region}",
            ["ship_to.country", "bill_to.region"],
            id="two ways",
        ),
        pytest.param(
            "{channel: sold_by}", "channel", ["sold_by", "channel"], id="two columns of the dataset itself"
        ),
        pytest.param(
            "{country: ship_to.country}", "{country: bill_to.country}", [], id="two roles of one field"
        ),
        pytest.param("{country: ship_to.country}", "{country: ship_to.country}", [], id="the same"),
        pytest.param("{country: ship_to.country}", "{country: agent.country}", [], id="other datasets"),
        pytest.param("{country: ship_to.country}", "{region: ship_to.region}", [], id="other names"),
    ],
)
def test_one_name_for_two_fields_of_a_dataset(one: str, other: str, underlined: list[str]) -> None:
    definitions = together(
        kpi("count(*)", "count", "a", dimensions=f"[{one}]"),
        kpi("count(*)", "count", "b", dimensions=f"[{other}]"),
    )

    assert reported(dimension_means_two_things.RULE, definitions) == underlined


@pytest.mark.parametrize(
    ("path", "underlined"),
    [
        pytest.param("country", [], id="a field that leads to the same column"),
        pytest.param("{country: ship_to.country}", [], id="the same column from a nearer dataset"),
        pytest.param(
            "{country: ship_to.region}", ["ship_to.country", "ship_to.region"], id="another one from there"
        ),
        pytest.param("{country: land}", [], id="a column of another dataset"),
    ],
)
def test_fields_are_followed_to_the_dataset_that_holds_the_column(path: str, underlined: list[str]) -> None:
    definitions = together(
        ORDERS.strip(),
        kpi("count(*)", "count", "a", dimensions="[{country: ship_to.country}]"),
        over_orders("b", f"[{path}]"),
    )

    assert reported(dimension_means_two_things.RULE, definitions) == underlined


def test_a_field_that_is_computed_is_compared_as_it_is_written() -> None:
    dataset = (
        "kind: dataset\nname: places\nsource: t\nprimary_key: [id]\n"
        "fields: {land: upper(country), same: upper( country ), short: lower(country)}"
    )
    kpis = [
        kpi("count(*)", "count", name, dimensions=f"[{{land: {path}}}]")
        for name, path in (("a", "ship_to.land"), ("b", "bill_to.same"), ("c", "bill_to.short"))
    ]

    assert reported(dimension_means_two_things.RULE, together(dataset, *kpis)) == [
        "ship_to.land",
        "bill_to.short",
    ]


def test_fields_of_two_types_are_left_to_the_error() -> None:
    definitions = together(
        ORDERS.strip(), over_orders("a", "[{it: first}]"), over_orders("b", "[{it: second}]")
    )

    known = reported(
        dimension_means_two_things.RULE, definitions, with_types(first=Type.TEXT, second=Type.DATE)
    )
    alike = reported(
        dimension_means_two_things.RULE, definitions, with_types(first=Type.TEXT, second=Type.TEXT)
    )

    assert (known, alike) == ([], ["first", "second"])


# --- person-dimension-published

MARKED = kpi(
    "count(*)", "count", "lines", dimensions="[{agent: agent.name, person: true}, {team: agent.team}]"
)


@pytest.mark.parametrize(
    ("other", "underlined"),
    [
        pytest.param(
            "kind: kpi\nname: more\nexpression: lines\ndimensions: [agent]", ["agent"], id="by reference"
        ),
        pytest.param(
            "kind: kpi\nname: more\nexpression: lines\ndimensions: [{agent: agent, person: true}]",
            [],
            id="marked again",
        ),
        pytest.param(
            "kind: kpi\nname: more\nexpression: lines\ndimensions: [team]", [], id="a team is no person"
        ),
        pytest.param(
            kpi("sum(x)", name="more", dimensions="[{agent: agent.name}]"),
            ["agent.name"],
            id="the same field",
        ),
        pytest.param(
            kpi("sum(x)", name="more", dimensions="[{who: agent.name}]"), ["agent.name"], id="by another name"
        ),
        pytest.param(
            kpi("sum(x)", name="more", dimensions="[{agent: ship_to.agent}]"), [], id="another field"
        ),
        pytest.param(kpi("sum(x)", name="more", dimensions="[agent.name]"), ["agent.name"], id="by its path"),
        pytest.param(
            kpi("count(*) filter (where agent.name = 'Kim')", name="more"),
            ["count(*) filter (where agent.name = 'Kim')"],
            id="one person alone",
        ),
        pytest.param(
            kpi("count(*) filter (where agent.name in ('Kim', 'Sam'))", name="more"),
            ["count(*) filter (where agent.name in ('Kim', 'Sam'))"],
            id="some persons alone",
        ),
        pytest.param(kpi("count(distinct agent.name)", name="more"), [], id="how many there are"),
        pytest.param(
            kpi("count(*) filter (where agent.name <> 'Kim')", name="more"),
            ["count(*) filter (where agent.name <> 'Kim')"],
            id="all but one of them",
        ),
    ],
)
def test_an_unmarked_dimension_that_another_kpi_marks_would_be_published(
    other: str, underlined: list[str]
) -> None:
    assert reported(person_dimension_published.RULE, together(MARKED, other)) == underlined


PICKING = [
    "agent.name = 'Kim'",
    "'Kim' = agent.name",
    "agent.name <> 'Kim'",
    "agent.name in ('Kim')",
    "agent.name not in ('Kim')",
    "agent.name like 'Ki_'",
    "agent.name between 'Kim' and 'Kim'",
    "agent.name >= 'Kim' and agent.name <= 'Kim'",
    "lower(agent.name) = 'kim'",
    "trim(upper(agent.name)) in ('KIM')",
    "cast(agent.name as text) = 'Kim'",
    "coalesce(agent.name, '') = 'Kim'",
    "nullif(agent.name, 'Kim') is null",
    "(case when team = 'a' then agent.name else '' end) = 'Kim'",
    "greatest(agent.name, 'Kim') = agent.name",
    "not (agent.name = 'Kim' or team = 'a')",
]
NOT_PICKING = [
    "agent.name = agent.name",
    "agent.name <> ship_to.name",
    "agent.name is not null",
    "(agent.name is null) = true",
    "agent.name <> ''",
    "trim(agent.name) not in ('', ' ')",
    "nullif(agent.name, '') is not null",
    "length(agent.name) > 2",
    "agent.team = 'Kim'",
    "(case when agent.name is null then 'a' else team end) = 'a'",
    "coalesce(agent.name, 'nobody') is not null",
]


@pytest.mark.parametrize("where", PICKING)
def test_whoever_is_compared_with_a_written_name_is_picked(where: str) -> None:
    other = kpi("count(*)", name="more", where=f'"{where}"')

    assert reported(person_dimension_published.RULE, together(MARKED, other)) == [f'"{where}"']


@pytest.mark.parametrize("where", NOT_PICKING)
def test_other_conditions_pick_nobody(where: str) -> None:
    other = kpi("count(*)", name="more", where=f'"{where}"')

    assert reported(person_dimension_published.RULE, together(MARKED, other)) == []


@pytest.mark.parametrize(
    ("expression", "is_found"),
    [
        ("count(*) - count(nullif(agent.name, 'Kim'))", True),
        ("sum(case when agent.name = 'Kim' then 1 else 0 end)", True),
        ("sum(x) * (case when max(agent.name) = 'Kim' then 1 else 0 end)", True),
        ("count(*) / count(distinct agent.name)", False),
        ("case when count(distinct agent.name) >= 5 then count(*) end", False),
        ("max(length(agent.name))", False),
    ],
)
def test_an_expression_picks_persons_as_well(expression: str, is_found: bool) -> None:
    other = kpi(expression, name="more")

    assert reported(person_dimension_published.RULE, together(MARKED, other)) == [expression] * is_found


CUSTOMERS = """
kind: dataset
name: parcels
source: sales.parcels
primary_key: [id]
time: at
relationships: {customer: {to: buyers, keys: {buyer_id: id}}}
---
kind: dataset
name: buyers
source: sales.buyers
primary_key: [id]
time: since
fields: {is_kim: "name = 'Kim'"}
---
kind: kpi
name: marked
dataset: parcels
expression: count(*)
dimensions: [{who: customer.name, person: true}]
unit: count
"""


@pytest.mark.parametrize(
    ("keys", "underlined"),
    [
        pytest.param(
            "revisions: [{until: 2025-06-01, reason: A, where: customer.name = 'Kim'}]",
            ["customer.name = 'Kim'"],
            id="a rule that held",
        ),
        pytest.param(
            "revisions: [{until: 2025-06-01, reason: A, where: status = 'new'}, "
            "{until: 2025-09-01, reason: B, expression: \"count(nullif(customer.name, 'Kim'))\"}]",
            ["\"count(nullif(customer.name, 'Kim'))\""],
            id="a later one",
        ),
        pytest.param(
            "where: customer.name = 'Kim'\nrevisions: [{until: 2025-06-01, reason: A, expression: sum(x)}]",
            ["customer.name = 'Kim'"],
            id="told once where a revision says nothing else",
        ),
        pytest.param("where: customer.is_kim", ["customer.is_kim"], id="a field that picks"),
        pytest.param(
            "cohort: {entity: buyer_id, starts: customer.since, age: 30 days, where: customer.name = 'Kim'}",
            ["customer.name = 'Kim'"],
            id="a cohort",
        ),
        pytest.param(
            "cohort: {entity: buyer_id, starts: customer.since, age: 30 days, where: customer.name <> ''}",
            [],
            id="a cohort of all",
        ),
        pytest.param(
            "funnel: {entity: buyer_id, within: 7 days, steps: [{where: status = 'new'}, "
            "{where: customer.name = 'Kim'}]}",
            ["customer.name = 'Kim'"],
            id="a step of a funnel",
        ),
        pytest.param(
            "funnel: {entity: buyer_id, within: 7 days, steps: [{where: status = 'new'}, "
            "{dataset: buyers, entity: id, where: name = 'Kim'}]}",
            ["name = 'Kim'"],
            id="a step over other rows",
        ),
        pytest.param(
            "funnel: {entity: buyer_id, within: 7 days, steps: [{where: status = 'new'}, "
            "{dataset: buyers, entity: id, where: id > 3}]}",
            [],
            id="steps of all",
        ),
    ],
)
def test_nobody_is_picked_by_other_keys_either(keys: str, underlined: list[str]) -> None:
    counted = "step(2)" if "funnel" in keys else "sum(x) / cohort_size()" if "cohort" in keys else "count(*)"
    other = f"kind: kpi\nname: more\ndataset: parcels\nexpression: {counted}\nunit: ratio\n{keys}"

    assert reported(person_dimension_published.RULE, together(CUSTOMERS, other)) == underlined


def test_the_hint_shows_the_mark() -> None:
    other = kpi("sum(x)", name="more", dimensions="[agent.name]")

    [finding] = findings(person_dimension_published.RULE, case(together(MARKED, other)))

    assert finding.message == (
        "The dimension `agent.name` tells persons apart, as `lines` says, and without the mark it is published."
    )
    assert finding.hint == "Leave it out, or mark it: {name: agent.name, person: true}."


@pytest.mark.parametrize(
    ("result", "underlined"),
    [
        ("{kpi: lines, slice: {agent: Kim}, path: maintain, target: 5}", ["agent"]),
        ("{kpi: lines, slice: {team: north, agent: null}, path: maintain, target: 5}", ["agent"]),
        ("{kpi: lines, slice: {team: north}, path: maintain, target: 5}", []),
        ("{kpi: lines, path: maintain, target: 5}", []),
    ],
)
def test_a_goal_is_not_about_one_person(result: str, underlined: list[str]) -> None:
    assert reported(person_dimension_published.RULE, together(MARKED, goal(result))) == underlined
