"""Cohorts by age and funnels of steps. All by hand."""

import pytest

from forms.asking import answer, numbers, series
from projects import catalog_of, findings, kpi

PEOPLE = """
kind: dataset
name: people
source: people
primary_key: [id]
time: joined
"""
VISITS = """
kind: dataset
name: visits
source: visits
time: at
relationships: {person: {to: people, keys: {person_id: id}}}
"""
TABLES = {
    "people": ("id INTEGER, joined DATE, country TEXT", [
        (1, "2026-01-10", "DE"), (2, "2026-01-31", "FR"), (3, "2026-02-01", "DE"), (4, "2026-01-20", "DE"), (5, None, "DE"),
    ]),
    "visits": ("person_id INTEGER, at TIMESTAMP, spent DECIMAL(9,2), kind TEXT", [
        (1, "2026-01-10 08:00", "5.00", "buy"),
        (1, "2026-02-09 23:59", "7.00", "buy"),
        (1, "2026-02-10 00:00", "11.00", "buy"),
        (2, "2026-01-30 12:00", "100.00", "buy"),
        (2, "2026-02-27 12:00", "13.00", "look"),
        (2, "2026-02-28 00:00", "17.00", "buy"),
        (3, "2026-02-01 00:00", "19.00", "buy"),
        (5, "2026-02-01 00:00", "1000.00", "buy"),
        (None, "2026-02-01 00:00", "2000.00", "buy"),
        (9, "2026-02-01 00:00", "3000.00", "buy"),
    ]),
}  # fmt: skip


def value(expression: str, age: str = "1 month", **keys: str) -> list[str]:
    cohort = f"{{entity: person_id, starts: person.joined, age: {age}}}"
    keys = {"cohort": cohort, "grain": "month"} | keys
    return [
        PEOPLE, VISITS,
        kpi("value", expression, dataset="visits", dimensions="[{country: person.country}]", **keys),
    ]  # fmt: skip


def test_rows_count_by_the_age_of_their_entity_in_the_month_of_its_start() -> None:
    """January: 1 spends 5 + 7 before 10 February, 2 spends 13 before 28 February, 4 nothing. February: 19."""
    found = answer(value("sum(spent)"), TABLES, ["value"], "2026-01-01", "2026-03-01", as_of="2026-04-01")

    assert series(found, "value") == numbers(25, 19)


def test_an_entity_without_rows_is_one_of_the_cohort() -> None:
    texts = value("sum(spent) / cohort_size()")
    size = answer(value("cohort_size()"), TABLES, ["value"], "2026-01-01", "2026-04-01", as_of="2026-05-01")
    found = answer(texts, TABLES, ["value"], "2026-01-01", "2026-04-01", as_of="2026-05-01")

    assert series(size, "value") == numbers(3, 1, 0)
    assert series(found, "value") == numbers(round(25 / 3, 6), 19, None)


def test_a_value_is_null_until_everybody_is_old_enough() -> None:
    """January is old enough on 28 February (the end of January plus one month), not a day before."""

    def at(as_of: str) -> object:
        return series(
            answer(value("count(*)"), TABLES, ["value"], "2026-01-01", "2026-02-01", as_of=as_of), "value"
        )

    assert at("2026-02-28") == numbers(None)
    assert at("2026-03-01") == numbers(3)


def test_ages_are_half_open() -> None:
    """Day 30 of 1 is 9 February, with one row; of 2 it is 2 March."""
    texts = value("count(distinct person_id) / cohort_size()", "{from: 30 days, to: 31 days}")
    found = answer(texts, TABLES, ["value"], "2026-01-01", "2026-02-01", as_of="2026-04-01")

    assert series(found, "value") == numbers(round(1 / 3, 6))


def test_where_picks_rows_and_the_cohorts_where_picks_entities() -> None:
    rows = answer(value("sum(spent) / cohort_size()", where="kind = 'buy'"), TABLES, ["value"], "2026-01-01", "2026-02-01",
                  as_of="2026-04-01")  # fmt: skip
    cohort = "{entity: person_id, starts: person.joined, age: 1 month, where: \"person.country = 'DE'\"}"
    entities = answer(value("sum(spent) / cohort_size()", cohort=cohort), TABLES, ["value"], "2026-01-01", "2026-02-01",
                      as_of="2026-04-01")  # fmt: skip

    assert series(rows, "value") == numbers(4)
    assert series(entities, "value") == numbers(6)


def test_slices_and_filters_are_of_the_entity() -> None:
    texts = value("sum(spent) / cohort_size()")
    sliced = answer(texts, TABLES, ["value"], "2026-01-01", "2026-03-01", as_of="2026-04-01", by=["country"])
    picked = answer(
        texts, TABLES, ["value"], "2026-01-01", "2026-02-01", as_of="2026-04-01", where="country = 'FR'"
    )

    assert series(sliced, "value", "DE") == numbers(6, 19)
    assert series(sliced, "value", "FR") == numbers(13, None)
    assert series(picked, "value") == numbers(13)


def test_starts_may_stand_in_the_rows_themselves() -> None:
    visits = "kind: dataset\nname: visits\nsource: visits\ntime: at\n"
    tables = {"visits": ("person_id INTEGER, at DATE, since DATE", [
        (1, "2026-01-05", "2026-01-05"), (1, "2026-01-09", "2026-01-05"), (2, "2026-01-20", "2026-01-06"), (None, "2026-01-06", "2026-01-06"),
    ])}  # fmt: skip
    texts = [visits, kpi("value", "count(*) / cohort_size()", dataset="visits",
                         cohort="{entity: person_id, starts: since, age: 7 days}")]  # fmt: skip
    found = answer(texts, tables, ["value"], "2026-01-01", "2026-02-01", as_of="2026-04-01")

    assert series(found, "value") == numbers(1)


def test_cohorts_can_be_compared_with_earlier_ones() -> None:
    found = answer(value("sum(spent) - previous(sum(spent), 1 month)"), TABLES, ["value"], "2026-02-01", "2026-03-01",
                   as_of="2026-04-01")  # fmt: skip

    assert series(found, "value") == numbers(-6)


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ({"cohort": "{entity: spent, starts: person.joined, age: 1 month}"}, "cohort-entity-elsewhere"),
        (
            {"cohort": "{entity: person_id, starts: person.joined, age: 1 month, where: kind = 'buy'}"},
            "cohort-of-rows",
        ),
        (
            {"cohort": "{entity: person_id, starts: person.joined, age: {from: 3 days, to: 3 days}}"},
            "empty-range",
        ),
        ({"cohort": "{entity: person_id, starts: person.country, age: 3 days}"}, "time-not-a-time"),
        ({"dimensions": "[kind]"}, "cohort-of-rows"),
        (
            {
                "cohort": "{entity: person_id, starts: person.joined, age: 1 month}",
                "expression": "closing(count(*))",
            },
            "form-misplaced",
        ),
    ],
)
def test_what_is_no_cohort_is_refused(keys: dict[str, str], code: str) -> None:
    catalog = catalog_of(
        people="id BIGINT, joined DATE, country VARCHAR",
        visits="person_id BIGINT, at TIMESTAMP, spent DECIMAL(9,2), kind VARCHAR",
    )
    expression = keys.pop("expression", "count(*)")
    plain = {"cohort": "{entity: person_id, starts: person.joined, age: 1 month}"}
    found = findings(
        PEOPLE, VISITS, kpi("value", expression, dataset="visits", **plain | keys), catalog=catalog
    )

    assert [finding.code for finding in found] == [code]


def test_cohort_size_needs_a_cohort() -> None:
    (finding,) = findings(PEOPLE, VISITS, kpi("value", "cohort_size()", dataset="visits"))

    assert finding.code == "cohort-not-declared"


# --- funnels

EVENTS = """
kind: dataset
name: events
source: events
time: at
"""
ORDERS = """
kind: dataset
name: orders
source: orders
time: day
"""
EVENT_ROWS = [
    ("a", "2026-01-01 10:00", "visit", "web"),
    ("a", "2026-01-01 11:00", "basket", "web"),
    ("a", "2026-01-02 11:00", "visit", "app"),
    ("b", "2026-01-05 10:00", "basket", "web"),
    ("b", "2026-01-05 11:00", "visit", "web"),
    ("c", "2026-01-31 12:00", "visit", "app"),
    ("c", "2026-02-01 12:00", "basket", "app"),
    ("d", "2026-01-10 00:00", "visit", "app"),
    ("d", "2026-01-17 00:00", "basket", "app"),
    ("e", "2026-01-10 00:00", "visit", "app"),
    ("e", "2026-01-10 00:00", "basket", "web"),
    (None, "2026-01-10 00:00", "visit", "app"),
]
FUNNEL_TABLES = {
    "events": ("visitor TEXT, at TIMESTAMP, event TEXT, channel TEXT", EVENT_ROWS),
    "orders": ("buyer TEXT, day DATE, paid BOOLEAN", [
        ("a", "2026-01-01", True), ("a", "2026-01-02", False), ("c", "2026-02-02", True), ("c", "2026-02-03", True), ("e", "2026-01-10", True),
    ]),
}  # fmt: skip
STEPS = "[{where: event = 'visit'}, {where: event = 'basket'}, {dataset: orders, entity: buyer, where: paid}]"


def funnel(expression: str, steps: str = STEPS, **keys: str) -> list[str]:
    made = f"{{entity: visitor, within: 7 days, steps: {steps}}}"
    return [
        EVENTS, ORDERS,
        kpi("rate", expression, dataset="events", dimensions="[channel]", funnel=made, grain="month", **keys),
    ]  # fmt: skip


def test_entities_are_counted_by_their_first_step_in_the_period() -> None:
    """a, b, c, d and e visit in January, nobody in February."""
    found = answer(funnel("step(1)"), FUNNEL_TABLES, ["rate"], "2026-01-01", "2026-03-01", as_of="2026-04-01")

    assert series(found, "rate") == numbers(5, 0)


def test_steps_come_in_order_and_within_the_time_even_beyond_the_period() -> None:
    """b had its basket before, d exactly seven days later: both out; e at the same moment is in."""
    found = answer(funnel("step(2)"), FUNNEL_TABLES, ["rate"], "2026-01-01", "2026-02-01", as_of="2026-04-01")

    assert series(found, "rate") == numbers(3)


def test_a_later_step_may_come_from_another_dataset() -> None:
    """The order of a is of the midnight before; c orders on 2 February; e on the day at midnight."""
    found = answer(
        funnel("step(3) / step(1)"), FUNNEL_TABLES, ["rate"], "2026-01-01", "2026-02-01", as_of="2026-04-01"
    )

    assert series(found, "rate") == numbers("0.4")


def test_slices_are_those_of_the_first_row_and_add_up() -> None:
    by = answer(
        funnel("step(1)"),
        FUNNEL_TABLES,
        ["rate"],
        "2026-01-01",
        "2026-02-01",
        as_of="2026-04-01",
        by=["channel"],
    )
    app = answer(
        funnel("step(1)"),
        FUNNEL_TABLES,
        ["rate"],
        "2026-01-01",
        "2026-02-01",
        as_of="2026-04-01",
        where="channel = 'app'",
    )

    assert series(by, "rate", "web") == numbers(2)
    assert series(by, "rate", "app") == numbers(3)
    assert series(app, "rate") == numbers(3)


def test_a_funnel_is_null_until_the_last_has_had_its_time() -> None:
    def at(as_of: str) -> object:
        return series(
            answer(funnel("step(1)"), FUNNEL_TABLES, ["rate"], "2026-01-01", "2026-02-01", as_of=as_of),
            "rate",
        )

    assert at("2026-02-07T23:59") == numbers(None)
    assert at("2026-02-08") == numbers(5)


def test_the_kpis_where_reaches_the_steps_of_its_own_dataset() -> None:
    """Without the app: a and b visit (e and d and c do not), a has a basket."""
    texts = funnel("step(2) / step(1)", where="channel = 'web'")
    found = answer(texts, FUNNEL_TABLES, ["rate"], "2026-01-01", "2026-02-01", as_of="2026-04-01")

    assert series(found, "rate") == numbers("0.5")


def test_conversion_is_counted_by_entity_and_not_by_event() -> None:
    rows = [("a", "2026-01-01 10:00", "visit", "web")] * 5 + [("a", "2026-01-01 11:00", "basket", "web")] * 3
    rows += [("b", "2026-01-01 10:00", "visit", "web")]
    tables = FUNNEL_TABLES | {"events": (FUNNEL_TABLES["events"][0], rows)}
    found = answer(
        funnel("step(2) / step(1)"), tables, ["rate"], "2026-01-01", "2026-02-01", as_of="2026-04-01"
    )

    assert series(found, "rate") == numbers("0.5")


@pytest.mark.parametrize(
    "name",
    [
        "reached_1", "reached_2", "place_in_period", "is_picked", "step_1", "broken_1", "starts_at",
        "ranked_value", "kpi_name",
    ],
)  # fmt: skip
def test_a_dimension_may_have_the_name_of_a_column_of_the_query(name: str) -> None:
    """One visitor comes by web and goes on to the basket; the other comes by app and does not."""
    rows = [
        ("a", "2026-01-01 10:00", "visit", "web"),
        ("a", "2026-01-01 11:00", "basket", "web"),
        ("b", "2026-01-01 10:00", "visit", "app"),
    ]
    tables = FUNNEL_TABLES | {"events": (FUNNEL_TABLES["events"][0], rows)}
    events, *others = funnel("step(2) / step(1)")
    texts = [
        events.rstrip() + f"\nfields: {{{name}: channel}}\n",
        *(text.replace("dimensions: [channel]", f"dimensions: [{name}]") for text in others),
    ]

    for where in (None, f"{name} = 'web' or {name} = 'app'"):
        found = answer(
            texts, tables, ["rate"], "2026-01-01", "2026-02-01", as_of="2026-04-01", by=[name], where=where
        )

        assert [found["rate", "2026-01", slice_] for slice_ in ("web", "app")] == numbers(1, 0)


@pytest.mark.parametrize(
    ("expression", "steps", "code"),
    [
        ("step(4)", STEPS, "no-such-step"),
        ("step(1)", "[{dataset: orders}, {where: event = 'visit'}]", "funnel-begins-elsewhere"),
        ("step(1)", "[{where: event = 'visit'}, {dataset: orderz}]", "unknown-dataset"),
        ("step(1)", "[{where: event = 'visit'}, {dataset: orders}]", "unknown-column"),
        ("step(1)", "[{where: event = 'visit'}, {where: at}]", "type-mismatch"),
    ],
)
def test_what_is_no_funnel_is_refused(expression: str, steps: str, code: str) -> None:
    catalog = catalog_of(
        events="visitor VARCHAR, at TIMESTAMP, event VARCHAR, channel VARCHAR",
        orders="buyer VARCHAR, day DATE, paid BOOLEAN",
    )

    assert [finding.code for finding in findings(*funnel(expression, steps), catalog=catalog)] == [code]


def test_steps_need_a_funnel() -> None:
    (finding,) = findings(EVENTS, kpi("rate", "step(1)", dataset="events"))

    assert finding.code == "funnel-not-declared"
