"""What names mean, what fits together, and where exactly it is told when something does not.

In the texts `«` and `»` mark the place at which the one finding must stand.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from kpiascode import resolve
from kpiascode.load import load_text
from kpiascode.model.calendar import Duration, Unit
from kpiascode.model.catalog import UNKNOWN, Catalog
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.document import Documents
from kpiascode.model.expression import (
    Aggregate,
    Arithmetic,
    Call,
    Case,
    Cast,
    Column,
    Comparator,
    Comparison,
    Constant,
    Expression,
    KpiValue,
    Local,
    Moved,
    Node,
    Operator,
    Slice,
    Type,
    walk,
)
from kpiascode.model.project import Band, Project, Target, TargetKpi
from projects import PEOPLE, catalog_of, documents, kpi, sound

CATALOG = catalog_of(
    orders="id BIGINT, day DATE, at TIMESTAMP, moment TIMESTAMP WITH TIME ZONE, amount DECIMAL(18,2), "
    "qty BIGINT, channel VARCHAR, paid BOOLEAN, buyer_id BIGINT, seller_id BIGINT, Total DOUBLE, total DOUBLE, "
    'Price DECIMAL(18,2)',
    people="id BIGINT, name VARCHAR, city_id BIGINT, born DATE, seen TIMESTAMP",
    cities="id BIGINT, name VARCHAR, lon DOUBLE",
)  # fmt: skip
ORDERS = """
kind: dataset
name: orders
source: orders
time: day
timezone: UTC
relationships:
  buyer: {to: people, keys: {buyer_id: id}}
  seller: {to: people, keys: {seller_id: id}}
"""
PEOPLE_DATA = """
kind: dataset
name: people
source: people
primary_key: [id]
timezone: Asia/Tokyo
relationships:
  city: {to: cities, keys: {city_id: id}}
"""
CITIES = """
kind: dataset
name: cities
source: cities
primary_key: [id]
"""
WORLD = (ORDERS, PEOPLE_DATA, CITIES)


def with_fields(*fields: str, dataset: str = ORDERS) -> str:
    return "\n".join([dataset.rstrip(), "fields:", *(f"  {field}" for field in fields)])


def found_in(*texts: str, catalog: Catalog = CATALOG, calendar: str = "{}") -> tuple[Diagnostic, ...]:
    return resolve.resolve(documents(*texts, calendar=calendar), catalog).diagnostics


def project_of(*texts: str, catalog: Catalog = CATALOG, calendar: str = "{}") -> Project:
    return sound(resolve.resolve(documents(*texts, calendar=calendar), catalog))


def field(text: str, *fields: str, calendar: str = "{}", catalog: Catalog = CATALOG) -> Expression:
    """Return what a field of orders is, resolved."""
    dataset = with_fields(f"asked: {quoted(text)}", *fields)
    return (
        project_of(dataset, *WORLD[1:], calendar=calendar, catalog=catalog).datasets["orders"].fields["asked"]
    )


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def check_marked(code: str, message: str, *texts: str, catalog: Catalog = CATALOG) -> Diagnostic:
    """Check that exactly one thing is found, with that code and message, at the mark."""
    marked = "\n---\n".join(text.strip("\n") for text in texts)
    start, end = marked.index("«"), marked.index("»") - 1
    plain = marked.replace("«", "").replace("»", "")
    line, column = plain.count("\n", 0, start) + 1, start - plain.rfind("\n", 0, start)
    (finding,) = found_in(*(text.replace("«", "").replace("»", "") for text in texts), catalog=catalog)

    assert (finding.code, finding.message) == (code, message)
    assert str(finding.place) == f"kpis.yaml:{line}:{column}"
    span = finding.place.span
    if "\n" not in plain[start:end]:
        assert (span.end_line, span.end_column - span.column) == (line, end - start)
    return finding


# --- names


@pytest.mark.parametrize(
    ("text", "path", "column", "kind"),
    [
        pytest.param("qty", (), "qty", Type.INTEGER, id="a column"),
        pytest.param("QTY", (), "qty", Type.INTEGER, id="a column in another case, as the catalogue has it"),
        pytest.param("price", (), "Price", Type.DECIMAL, id="a column with a capital, written without"),
        pytest.param("total", (), "total", Type.DOUBLE, id="of two that differ in case, the exact one"),
        pytest.param("Total", (), "Total", Type.DOUBLE, id="and the other"),
        pytest.param("buyer.name", ("buyer",), "name", Type.TEXT, id="over a relationship"),
        pytest.param("seller.name", ("seller",), "name", Type.TEXT, id="the same dataset in another role"),
        pytest.param("seller.city.lon", ("seller", "city"), "lon", Type.DOUBLE, id="over two"),
    ],
)
def test_a_name_is_a_column(text: str, path: tuple[str, ...], column: str, kind: Type) -> None:
    found = field(text)

    assert found == Column(path, column)
    assert isinstance(found, Column)
    assert found.type is kind


def test_fields_use_fields_in_any_order_and_over_relationships() -> None:
    dataset = with_fields("double: net + net", "net: qty * price", "label: seller.label")
    people = with_fields("label: lower(city.label)", dataset=PEOPLE_DATA)
    cities = with_fields("label: trim(name)", dataset=CITIES)

    fields = project_of(dataset, people, cities).datasets["orders"].fields

    net = Arithmetic(Operator.MULTIPLY, Column((), "qty"), Column((), "Price"))
    assert fields["double"] == Arithmetic(Operator.ADD, net, net)
    assert fields["label"] == Call("lower", (Call("trim", (Column(("seller", "city"), "name"),)),))


def test_a_declared_field_goes_before_a_column_of_the_same_name() -> None:
    dataset = with_fields("qty: qty_raw * 2", 'qty_raw: {column: "qty"}')

    fields = project_of(dataset, *WORLD[1:]).datasets["orders"].fields

    assert fields["qty"] == Arithmetic(Operator.MULTIPLY, Column((), "qty"), Constant(2, Type.INTEGER))


def test_a_field_of_another_type_is_cast_and_a_column_of_unknown_type_is_believed() -> None:
    dataset = with_fields("text_of: {expression: qty, type: text}", "day_of: {column: placed, type: date}")

    known = project_of(dataset.replace("placed", "day"), *WORLD[1:]).datasets["orders"].fields
    unknown = project_of(dataset, *WORLD[1:], catalog=UNKNOWN).datasets["orders"].fields

    assert known["text_of"] == Cast(Column((), "qty"), Type.TEXT)
    assert known["day_of"] == Column((), "day")
    assert unknown["day_of"] == Column((), "placed")
    assert getattr(unknown["day_of"], "type", None) is Type.DATE


def test_without_a_catalogue_any_column_is_taken_as_written() -> None:
    assert field("Anything + buyer.city.x", catalog=UNKNOWN) == Arithmetic(
        Operator.ADD, Column((), "Anything"), Column(("buyer", "city"), "x")
    )


def test_an_outside_name_is_a_kpi_even_where_a_column_is_called_the_same() -> None:
    project = project_of(
        *WORLD, kpi("qty", "sum(qty)", dataset="orders"), kpi("twice", "qty * 2", dataset="orders")
    )

    assert project.kpis["qty"].expression == Aggregate("sum", Column((), "qty"))
    assert project.kpis["twice"].expression == Arithmetic(
        Operator.MULTIPLY, KpiValue("qty"), Constant(2, Type.INTEGER)
    )


def test_a_filter_names_dimensions_as_the_kpi_does() -> None:
    found = resolve.filter_over("buyer.name = 'x' and channel is null", {"buyer.name", "channel"})

    assert {node for node in walk(found) if isinstance(node, Slice)} == {
        Slice("buyer.name"),
        Slice("channel"),
    }


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("city = 'x'", "unknown-dimension", (0, 4)),
        ("sum(channel) = 1", "invalid-filter", (0, 12)),
        ("channel = ", "expression-syntax", (10, 10)),
        ("channel + 'x' = 'y'", "type-mismatch", (10, 13)),
    ],
)
def test_a_filter_that_cannot_be_read(text: str, code: str, at: tuple[int, int]) -> None:
    with pytest.raises(resolve.ExpressionError) as caught:
        resolve.filter_over(text, {"channel"})

    assert (caught.value.code, caught.value.at) == (code, at)


# --- one finding for one cause, at its place, whatever else rests on it

USERS = (
    kpi("one", "sum(wrong)", dataset="orders"),
    kpi("two", "avg(wrong) + count(*)", dataset="orders", dimensions="[wrong]"),
    kpi("three", "one / two"),
    kpi("four", "count(*)", dataset="orders", where="wrong > 1"),
    kpi("five", "count(*)", dataset="orders", time="wrong"),
)


@pytest.mark.parametrize(
    ("fields", "code", "message"),
    [
        (["wrong: «foo» + 1"], "unknown-column", "Dataset `orders` has no field or column `foo`."),
        (["wrong: 1 + buyer.«foo»"], "unknown-column", "Dataset `people` has no field or column `foo`."),
        (["wrong: «byer».name"], "unknown-relationship", "Dataset `orders` has no relationship `byer`."),
        (["wrong: «buyer»"], "unknown-column", "Dataset `orders` has no field or column `buyer`."),
        (["wrong: «TOTAL» + qty"], "unknown-column", "Dataset `orders` has no field or column `TOTAL`."),
        (["wrong: {column: «List price»}"], "unknown-column", "Dataset `orders` has no field or column `List price`."),
        (["wrong: qty * «sum(qty)»"], "aggregate-of-rows", "`sum` aggregates rows, and here one row is meant."),
        (["wrong: «days()» + 1"], "time-form-of-rows", "A time form stands around an aggregate or a KPI, not around rows."),
        (["wrong: qty + «channel»"], "type-mismatch", "`+` needs a number, and this is a text."),
        (["wrong: (qty «foo»"], "expression-syntax", "Expected `)` to close the bracket, found `foo`."),
        (["wrong: «wrong» + 1"], "field-cycle", "The field `wrong` of `orders` is made of itself: wrong -> wrong."),
        (["wrong: other", "other: «wrong»"], "field-cycle", "The field `wrong` of `orders` is made of itself: wrong -> other -> wrong."),
        (["inner: «foo»", "wrong: inner * 2"], "unknown-column", "Dataset `orders` has no field or column `foo`."),
        ([f"wrong: {'.'.join(['«a' + '.a' * 8 + '»'])}"], "path-too-long", "A path has at most 8 steps."),
    ],
)  # fmt: skip
def test_a_wrong_field_is_told_once(fields: list[str], code: str, message: str) -> None:
    check_marked(code, message, with_fields(*fields), *WORLD[1:], *USERS)


def test_a_mistake_at_the_end_is_told_at_the_last_character() -> None:
    (finding,) = found_in(with_fields("wrong: qty +"), *WORLD[1:], *USERS)

    assert (finding.code, finding.place.span.column) == ("expression-syntax", 14)


def test_a_cycle_of_fields_over_two_datasets_is_told_once() -> None:
    people = with_fields(
        "wrong: order.«wrong»", dataset=PEOPLE_DATA + "  order: {to: orders, keys: {id: id}}\n"
    )
    orders = with_fields("wrong: buyer.wrong", dataset=ORDERS + "primary_key: [id]\n")

    check_marked(
        "field-cycle",
        "The field `wrong` of `orders` is made of itself: wrong -> wrong.",
        orders, people, CITIES, *USERS,
    )  # fmt: skip


def test_a_wrong_field_of_another_dataset_is_told_there() -> None:
    people = with_fields("wrong: «nme»", dataset=PEOPLE_DATA)
    users = [user.replace("wrong", "buyer.wrong") for user in USERS]

    check_marked(
        "unknown-column", "Dataset `people` has no field or column `nme`.", ORDERS, people, CITIES, *users
    )


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        (("primary_key: [id]", "primary_key: [«idd»]"), "unknown-column", "Dataset `people` has no field or column `idd`."),
        (("primary_key: [id]\n", ""), "keys-not-primary", "`people` declares no `primary_key`, so a row of it cannot be told apart."),
        (("city_id: id}", "«city»: id}"), "unknown-column", "Dataset `people` has no field or column `city`."),
        (("{city_id: id}", "«{city_id: name}»"), "keys-not-primary", "The keys of `city` do not cover the primary key of `cities`, which is `id`."),
        (("{city_id: id}", "«{city_id: id, name: id}»"), "keys-not-primary", "The keys of `city` do not cover the primary key of `cities`, which is `id`."),
        (("{city_id: id}", "{«name»: id}"), "type-mismatch", "The key `name` is text and `cities.id` is integer."),
        (("to: cities", "to: «city»"), "unknown-dataset", "Relationship `city` leads to `city`, which is not declared."),
        (("Asia/Tokyo", "«Asia/Kyoto»"), "unknown-timezone", "`Asia/Kyoto` is no time zone of the IANA database."),
    ],
)  # fmt: skip
def test_a_wrong_dataset_is_told_once_and_what_rests_on_it_is_left_out(
    change: tuple[str, str], code: str, message: str
) -> None:
    orders, people = ORDERS, PEOPLE_DATA.replace(*change)
    if "idd" in change[1]:
        orders = ORDERS.replace("{buyer_id: id}", "{buyer_id: idd}").replace(
            "{seller_id: id}", "{seller_id: idd}"
        )
    if not change[1]:
        orders = ORDERS.replace("buyer: {to: people", "buyer: {to: «people»").split("  seller")[0]
    users = (
        kpi("by_city", "count(*)", dataset="orders", dimensions="[buyer.city.name]"),
        kpi("of_city", "sum(buyer.city.lon)", dataset="orders"),
        kpi("more", "by_city + of_city"),
        kpi("plain", "count(*)", dataset="orders"),
    )

    check_marked(code, message, orders, people, CITIES, *users)

    texts = [text.replace("«", "").replace("»", "") for text in (orders, people, CITIES, *users)]
    kept = resolve.resolve(documents(*texts), CATALOG).project
    assert set(kept.kpis) == (set() if not change[1] else {"plain"})


def test_a_key_that_is_reached_over_a_relationship_is_refused() -> None:
    dataset = with_fields("far: buyer.city_id").replace("{seller_id: id}", "{«far»: id}")

    check_marked(
        "key-over-relationship",
        "The key `far` of `seller` is itself reached over a relationship.",
        dataset,
        *WORLD[1:],
    )


# --- types


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("sum(«channel»)", "`sum` needs a number, and this is a text."),
        ("avg(«day»)", "`avg` needs a number, and this is a date."),
        ("median(«at»)", "`median` needs a number, and this is a timestamp."),
        ("stddev(«paid»)", "`stddev` needs a number, and this is true or false."),
        ("min(«paid»)", "`min` has no meaning for true and false."),
        ("sum(-«paid»)", "`-` needs a number, and this is true or false."),
        ("sum(qty * «channel»)", "`*` needs a number, and this is a text."),
        ("sum(abs(«channel»))", "`abs` needs a number, and this is a text."),
        ("sum(round(«day», 1))", "`round` needs a number, and this is a date."),
        ("sum(round(qty, «1.5»))", "`round` takes a whole number of digits, at most 12."),
        ("sum(round(qty, «13»))", "`round` takes a whole number of digits, at most 12."),
        ("sum(length(«qty»))", "`length` takes a text, and this is a number."),
        ("count(lower(«day»))", "`lower` takes a text, and this is a date."),
        ("sum(«day - day»)", "`-` of two moments has no unit."),
        ("sum(«at - day»)", "`-` of two moments has no unit."),
        ("count(«day» + 1)", "`+` needs a number, and this is a date."),
        ("count(day + «1 month»)", "`month` has no fixed length; use days."),
        ("count(day + «3 hours»)", "A date has no clock."),
        ("count(«qty» + 3 days)", "A duration is added to a date or timestamp, not to a number."),
        ("count(«3 days» + day)", "A duration stands on the right side, as in `ordered_at + 3 days`."),
        ("count(day * «3 days»)", "`*` takes no duration."),
        ("sum(«3 days»)", "A duration stands only after `+` or `-`, as in `ordered_at + 3 days`."),
        ("sum(days_between(day, «qty»))", "`days_between` takes dates or timestamps, not a number."),
        ("count(*) filter (where day > «at»)", "A date is compared with a timestamp."),
        ("count(*) filter (where at > «date '2026-01-31'»)", "A timestamp is compared with a date."),
        ("count(*) filter (where day > «'2026-01-31'»)", "A date is compared with a text."),
        ("count(*) filter (where channel = «1»)", "A text is compared with a number."),
        ("count(*) filter (where qty in (1, «'2'»))", "A number is compared with a text."),
        ("count(*) filter (where qty between 1 and «channel»)", "A number is compared with a text."),
        ("count(*) filter (where «qty» like 'a%')", "`like` compares texts, and this is a number."),
        ("count(*) filter (where «qty»)", "A condition is needed here, and this is a number."),
        ("count(*) filter (where paid and «channel»)", "A condition is needed here, and this is a text."),
        ("count(*) filter (where not «(qty)»)", "A condition is needed here, and this is a number."),
        ("sum(case when «qty» then 1 end)", "A condition is needed here, and this is a number."),
        ("sum(case when paid then 1 else «'x'» end)", "This is a text where the others are a number."),
        ("sum(coalesce(qty, «day»))", "This is a date where the others are a number."),
        ("count(greatest(day, «at»))", "This is a timestamp where the others are a date."),
        ("count(nullif(channel, «1»))", "This is a number where the others are a text."),
        ("sum(sum(«channel») per buyer_id)", "`sum` needs a number, and this is a text."),
        ("sum(«max(channel)» per buyer_id)", "`sum` needs a number, and this is a text."),
        ("greatest(sum(qty), «'x'»)", "This is a text where the others are a number."),
        ("coalesce(base, «'x'»)", "This is a text where the others are a number."),
    ],
)  # fmt: skip
def test_types_that_do_not_fit(expression: str, message: str) -> None:
    wrong = kpi("wrong", expression, dataset="orders")

    check_marked("type-mismatch", message, *WORLD, wrong, kpi("base", "count(*)", dataset="orders"))


@pytest.mark.parametrize(
    ("expression", "code", "message"),
    [
        ("«max(channel)»", "not-a-number", "The value of a KPI is a number, and this is text."),
        ("«max(day)»", "not-a-number", "The value of a KPI is a number, and this is date."),
        ("«sum(qty) > 1»", "not-a-number", "The value of a KPI is a number, and this is boolean."),
        ("«nullif('x', 'y')»", "not-a-number", "The value of a KPI is a number, and this is text."),
        ("sum(qty) / «qty»", "field-outside-aggregate", "`qty` is a field of `orders`, and outside an aggregate it has many values."),
        ("«buyer.name»", "field-outside-aggregate", "`buyer.name` is a field of `orders`, and outside an aggregate it has many values."),
        ("sum(qty) / «orderz»", "unknown-kpi", "No KPI is called `orderz`."),
        ("sum(«sum(qty)»)", "nested-aggregate", "`sum` stands inside `sum`, which takes rows."),
        ("avg(sum(«max(qty)») per id)", "nested-aggregate", "`max` stands inside `sum`, which takes rows."),
        ("sum(«sum(sum(qty) per id)» per buyer_id)", "nested-aggregate", "`per` stands in one level only."),
        ("avg(sum(qty) + «amount» per id)", "field-outside-aggregate", "`amount` has many values per entity here."),
        ("avg(«rolling(sum(qty), 3 days)» per id)", "time-form-of-rows", "A time form stands around the whole aggregate, not inside it."),
        ("sum(«rolling(qty, 3 days)»)", "time-form-of-rows", "A time form stands around an aggregate or a KPI, not around rows."),
        ("count(*) filter (where «sum(qty)» > 1)", "aggregate-of-rows", "`sum` aggregates rows, and here one row is meant."),
        ("«count(distinct id per buyer_id)»", "expression-syntax", "`per` needs one value per entity."),
        ("avg(sum(qty) per «byer».id)", "unknown-relationship", "Dataset `orders` has no relationship `byer`."),
        ("sum(«qty2»)", "unknown-column", "Dataset `orders` has no field or column `qty2`."),
    ],
)  # fmt: skip
def test_what_an_expression_over_values_may_hold(expression: str, code: str, message: str) -> None:
    check_marked(code, message, *WORLD, kpi("wrong", expression, dataset="orders"))


@pytest.mark.parametrize(
    "expression",
    [
        "days_between(min(day), max(at))", "count(distinct day + 3 days)", "count(*) filter (where paid)",
        "count(*) filter (where not paid or paid is null)", "count(*) filter (where moment > at)", "sum(qty) + sum(Total)",
        "count(*) filter (where day in (date '2026-01-01'))", "sum(null)", "sum(coalesce(null, qty))", "1", "null", "days()",
        "sum(case when paid then qty else amount end)", "sum(round(amount, -2))", "max(length(channel))", "sum(cast(channel as decimal))",
        "count(*) filter (where cast(at as date) = day)", "percentile(days_between(buyer.born, day), 0.9)",
    ],
)  # fmt: skip
def test_types_that_fit(expression: str) -> None:
    assert project_of(*WORLD, kpi("fine", quoted(expression), dataset="orders")).kpis


@pytest.mark.parametrize(
    ("where", "code", "message"),
    [
        ("«qty»", "type-mismatch", "`where` is a condition, true or false for each row."),
        ("«sum(qty)» > 1", "aggregate-of-rows", "`sum` aggregates rows, and here one row is meant."),
        ("«base» > 1", "unknown-column", "Dataset `orders` has no field or column `base`."),
        ("paid and «oops» = 1", "unknown-column", "Dataset `orders` has no field or column `oops`."),
    ],
)
def test_a_condition_is_about_rows(where: str, code: str, message: str) -> None:
    base = kpi("base", "count(*)", dataset="orders")

    check_marked(code, message, *WORLD, base, kpi("wrong", "count(*)", dataset="orders", where=where))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(" + ".join(["qty"] * 60), id="a chain"),
        pytest.param("(" * 22 + "paid" + ") in (true, false)" * 22, id="in of in"),
        pytest.param(
            "(" * 20 + "qty between 1 and 2" + ") between false and true" * 20, id="between of between"
        ),
    ],
)
def test_types_are_found_in_one_pass(text: str) -> None:
    """Each of these once took twice as long for one part more, until the end of days."""
    assert field(text)


# --- days and clocks: the zone is turned where it matters, and only there

BERLIN = "{timezone: Europe/Berlin}"
AT, MOMENT, SEEN = Column((), "at"), Column((), "moment"), Column(("buyer",), "seen")


def of_utc(node: Expression) -> Local:
    return Local(node, "UTC", "Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "node"),
    [
        pytest.param("cast(at as date)", Cast(of_utc(AT), Type.DATE), id="the day of a timestamp of another zone"),
        pytest.param("cast(moment as date)", Cast(Local(MOMENT, None, "Europe/Berlin"), Type.DATE), id="the day of an instant"),
        pytest.param("cast(buyer.seen as date)", Cast(Local(SEEN, "Asia/Tokyo", "Europe/Berlin"), Type.DATE), id="the zone is that of the column's own dataset"),
        pytest.param("cast(at as text)", Cast(of_utc(AT), Type.TEXT), id="a text shows the local clock"),
        pytest.param("cast(moment as timestamp)", Cast(Local(MOMENT, None, "Europe/Berlin"), Type.TIMESTAMP), id="the clock of an instant"),
        pytest.param("cast(day as timestamp)", Cast(Column((), "day"), Type.TIMESTAMP), id="a day never shifts"),
        pytest.param("cast(cast(at as date) as text)", Cast(Cast(of_utc(AT), Type.DATE), Type.TEXT), id="a local day is turned once"),
        pytest.param("cast(hours_between(at, at) as text)", Cast(Call("hours_between", (AT, AT)), Type.TEXT), id="what is no moment is not turned"),
        pytest.param("cast(at + 3 hours as date)", Cast(of_utc(Moved(AT, Duration(amount=3, unit=Unit.HOUR), False)), Type.DATE), id="moved first, turned then"),
        pytest.param("cast(coalesce(at, null) as date)", Cast(of_utc(Call("coalesce", (AT, Constant(None, Type.UNKNOWN)))), Type.DATE), id="through coalesce"),
        pytest.param("at < at", Comparison(Comparator.LESS, AT, AT), id="two of one zone are compared as they are"),
        pytest.param("at < moment", Comparison(Comparator.LESS, of_utc(AT), Local(MOMENT, None, "Europe/Berlin")), id="two of different zones meet on the local clock"),
        pytest.param("hours_between(at, at)", Call("hours_between", (AT, AT)), id="elapsed time keeps its zone"),
        pytest.param("hours_between(day, at)", Call("hours_between", (Column((), "day"), of_utc(AT))), id="a day is its local midnight"),
        pytest.param("hours_between(at, moment)", Call("hours_between", (of_utc(AT), Local(MOMENT, None, "Europe/Berlin"))), id="elapsed between zones"),
        pytest.param("coalesce(at, buyer.seen)", Call("coalesce", (of_utc(AT), Local(SEEN, "Asia/Tokyo", "Europe/Berlin"))), id="alternatives of different zones"),
        pytest.param("case when paid then at else moment end", Case(((Column((), "paid"), of_utc(AT)),), Local(MOMENT, None, "Europe/Berlin")), id="branches of different zones"),
    ],
)  # fmt: skip
def test_moments_are_turned_to_the_local_clock(text: str, node: Expression) -> None:
    assert field(text, calendar=BERLIN) == node


@pytest.mark.parametrize("text", ["at > timestamp '2026-01-01 12:00'", "at in (timestamp '2026-01-01 12:00')", "at between timestamp '2026-01-01 12:00' and at"])  # fmt: skip
def test_a_constant_is_on_the_local_clock(text: str) -> None:
    assert of_utc(AT) in set(walk(field(text, calendar=BERLIN)))
    assert not {node for node in walk(field(text)) if isinstance(node, Local)}


def test_the_time_of_rows_may_be_a_local_day() -> None:
    dataset = with_fields("local_day: cast(at as date)").replace("time: day", "time: local_day")
    project = project_of(dataset, *WORLD[1:], kpi("one", "count(*)", dataset="orders"), calendar=BERLIN)

    assert project.datasets["orders"].time == Cast(of_utc(AT), Type.DATE)
    assert project.kpis["one"].time == Cast(of_utc(AT), Type.DATE)


# --- decimals that are alternatives


def test_decimals_that_are_alternatives_get_one_scale() -> None:
    amount, price = Column((), "amount"), Column((), "Price")
    product = Arithmetic(Operator.MULTIPLY, amount, price)

    assert field("coalesce(amount, price)") == Call(
        "coalesce", (Cast(amount, Type.DECIMAL), Cast(price, Type.DECIMAL))
    )
    assert field("coalesce(amount, 0)") == Call("coalesce", (amount, Constant(0, Type.INTEGER)))
    assert field("coalesce(amount, 0.5)") == Call(
        "coalesce", (Cast(amount, Type.DECIMAL), Constant(Decimal("0.5"), Type.DECIMAL))
    )
    assert field("case when paid then amount else amount * price end") == Case(
        ((Column((), "paid"), Cast(amount, Type.DECIMAL)),), Cast(product, Type.DECIMAL)
    )


def test_decimals_of_kpis_that_are_alternatives_get_one_scale_too() -> None:
    project = project_of(
        *WORLD,
        kpi("net", "sum(amount)", dataset="orders"),
        kpi("gross", "sum(amount * price)", dataset="orders"),
        kpi("orders_made", "count(*)", dataset="orders"),
        kpi("larger", "greatest(net, gross)"),
        kpi("some", "coalesce(net, orders_made)"),
    )

    assert project.kpis["larger"].expression == Call(
        "greatest", (Cast(KpiValue("net"), Type.DECIMAL), Cast(KpiValue("gross"), Type.DECIMAL))
    )
    assert project.kpis["some"].expression == Call("coalesce", (KpiValue("net"), KpiValue("orders_made")))


# --- KPIs and their references


def chain(length: int, step: str = "{} + 1") -> list[str]:
    base = kpi("k0", "count(*)", dataset="orders")
    return [base, *(kpi(f"k{n}", step.format(f"k{n - 1}")) for n in range(1, length))]


def test_a_circle_is_told_once_and_takes_what_rests_on_it_with_it() -> None:
    texts = (
        kpi("one", "two + 1"),
        kpi("two", "three + 1"),
        kpi("three", "«one» + 1"),
        kpi("rest", "two * 2"),
    )
    plain = [text.replace("«", "").replace("»", "") for text in texts]

    check_marked("kpi-cycle", "A KPI cannot be made of itself: one -> two -> three -> one.", *WORLD, *texts)
    assert resolve.resolve(documents(*WORLD, *plain), CATALOG).project.kpis == {}


def test_a_kpi_of_itself() -> None:
    check_marked("kpi-cycle", "A KPI cannot be made of itself: one -> one.", *WORLD, kpi("one", "1 + «one»"))


@pytest.mark.parametrize(
    ("texts", "last", "code"),
    [
        pytest.param(chain(40), "k39", None, id="a chain of forty"),
        pytest.param(chain(1000), "k999", "reference-chain-too-long", id="a chain of a thousand"),
        pytest.param(chain(40, "{0} + {0}"), "k39", "reference-chain-too-long", id="doubling forty times"),
        pytest.param(
            chain(3, " - ".join("1" * 60) + " - {}"), "k2", "reference-chain-too-long", id="deep and deeper"
        ),
        pytest.param(
            chain(8, "greatest({0}, {0}, 1)"), "k7", "reference-chain-too-long", id="repeated by greatest"
        ),
    ],
)
def test_how_far_references_go(texts: list[str], last: str, code: str | None) -> None:
    found = resolve.resolve(documents(*WORLD, *texts), CATALOG)

    assert [finding.code for finding in found.diagnostics] == ([] if code is None else [code])
    assert (last in found.project.kpis) == (code is None)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            f"sum({'greatest(' * 8}qty{', 1)' * 8})", id="eight times greatest, each three times as long"
        ),
        pytest.param(f"{'least(' * 20}sum(qty){', 1)' * 20}", id="least over values"),
        pytest.param(f"sum(greatest({', '.join(['qty'] * 200)}))", id="greatest of two hundred"),
        pytest.param(" + ".join(f"sum(large * {n})" for n in range(50)), id="fifty large fields"),
    ],
)
def test_what_grows_too_large_is_refused(text: str) -> None:
    fields = [f"half: {' + '.join(['qty'] * 30)}", "large: half + half"]

    (finding,) = found_in(with_fields(*fields), *WORLD[1:], kpi("one", text, dataset="orders"))

    assert finding.code == "expression-too-large"


def test_fields_that_double_are_refused_where_they_become_too_large() -> None:
    fields = ["f0: qty + 1", *(f"f{n}: f{n - 1} + f{n - 1}" for n in range(1, 20))]

    (finding,) = found_in(with_fields(*fields), *WORLD[1:], kpi("one", "sum(f19)", dataset="orders"))

    assert finding.code == "expression-too-large"


@pytest.mark.parametrize(
    ("texts", "code", "message"),
    [
        (
            [kpi("base", "count(*)", dataset="orders", grain="month"), kpi("one", "1 + «base»", grain="week")],
            "grain-finer-than-reference",
            "`base` is read by month at the finest, and this KPI by week.",
        ),
        (
            [kpi("base", "count(*)", dataset="orders", dimensions="[channel]"), kpi("one", "base", dimensions="[channel, «city»]")],
            "dimension-not-shared",
            "`base` has no dimension `city`, so the two do not fit together.",
        ),
        ([kpi("one", "count(*)", dataset="orders", dimensions="[channel, {c: day}, «channel»]")], "duplicate-dimension", "The dimension `channel` is listed twice."),
        ([kpi("one", "count(*)", dataset="orders", dimensions="[«chanel»]")], "unknown-column", "Dataset `orders` has no field or column `chanel`."),
        ([kpi("one", "count(*)", dataset="orders", dimensions="[{c: buyer.«foo»}]")], "unknown-column", "Dataset `people` has no field or column `foo`."),
        ([kpi("base", "count(*)", dataset="orders", dimensions="[channel]"), kpi("one", "base", dimensions="[{channel: «buyer.name»}]")], "needs-dataset", "A KPI that only refers to others names their dimensions and gives no paths."),
        ([kpi("one", "«sum(qty)»")], "aggregate-without-dataset", "`sum` needs rows, and the KPI names no dataset."),
        ([kpi("one", "'1'") + "\n«where»: paid"], "needs-dataset", "`where` is about rows, and the KPI names no dataset."),
        ([kpi("one", "'1'") + "\n«time»: day"], "needs-dataset", "`time` is about rows, and the KPI names no dataset."),
        ([kpi("one", "count(*)", dataset="«orderz»", where="x > 1", time="foo", dimensions="[{a: b.c}]")], "unknown-dataset", "`orderz` is not declared as a dataset."),
        ([kpi("one", "count(*)", dataset="«people»")], "missing-time", "Dataset `people` has no `time`, so nothing says when a row counts."),
        ([kpi("one", "count(*)", dataset="orders", time="«channel»")], "time-not-a-time", "`channel` is text; rows are dated by a date or timestamp."),
        ([kpi("one", "count(*)", dataset="orders", owner="«finanze»")], "unknown-owner", "`finanze` is not declared as an owner."),
        ([kpi("one", "count(*)", dataset="orders", applies_to="[acme, «acne»]")], "unknown-org-unit", "`acne` is not declared as an org unit."),
        ([kpi("one", "count(*)", dataset="orders", counter_kpis="[one, «tow»]")], "unknown-kpi", "`tow` is not declared as a KPI."),
    ],
)  # fmt: skip
def test_what_a_kpi_refers_to(texts: list[str], code: str, message: str) -> None:
    check_marked(code, message, *WORLD, *texts)


def test_a_kpi_without_aggregates_needs_no_time() -> None:
    project = project_of(
        *WORLD, kpi("base", "count(*)", dataset="orders"), kpi("one", "base * 2", dataset="people")
    )

    assert project.kpis["one"].time is None


def test_a_kpi_of_others_takes_the_types_of_their_dimensions() -> None:
    base = kpi("base", "count(*)", dataset="orders", dimensions="[{when: day}, channel]")

    (when,) = project_of(*WORLD, base, kpi("one", "base", dimensions="[when]")).kpis["one"].dimensions

    assert (when.name, when.type, when.expression) == ("when", Type.DATE, None)


# --- goals


def goal(result: str, **keys: str) -> str:
    given = {
        "title": "Goal",
        "org_unit": "acme",
        "owner": "finance",
        "period": "{from: 2026-01-01, to: 2027-01-01}",
    } | keys
    name = given.pop("name", "goal")
    lines = ["kind: goal", f"name: {name}", *(f"{key}: {value}" for key, value in given.items())]
    return "\n".join([*lines, "results:", f"  - {result}"])


UP = kpi("up", "count(*)", dataset="orders", dimensions="[channel]")
DOWN = kpi("down", "sum(qty)", dataset="orders", direction="lower")
LEVEL = kpi("level", "avg(qty)", dataset="orders", direction="band")


@pytest.mark.parametrize(
    ("texts", "code", "message"),
    [
        ([goal("{kpi: up, target: 2}", period="{from: 2026-01-01, to: «2026-01-01»}")], "empty-period", "The period ends on 2026-01-01, which is not after its start."),
        ([goal("{kpi: «upp», target: 2}")], "unknown-kpi", "`upp` is not declared as a KPI."),
        ([goal("{kpi: up, target: {kpi: «upp»}}")], "unknown-kpi", "`upp` is not declared as a KPI."),
        ([goal("{kpi: up, slice: {«city»: x}, target: 2}")], "unknown-dimension", "`up` has no dimension `city`."),
        ([goal("{kpi: up, target: «{min: 1, max: 2}»}")], "target-against-direction", "`up` is better higher, so its target is one number."),
        ([goal("{kpi: level, target: «2»}")], "target-against-direction", "`level` has `direction: band`, so its target has two ends."),
        ([goal("{kpi: level, target: «{min: 2, max: 2}»}")], "target-on-wrong-side", "`min` lies below `max` in a band."),
        ([goal("{kpi: level, target: {min: 1, max: 2}, «baseline»: 1}")], "target-against-direction", "A band has no baseline: a value is inside or outside."),
        ([goal("{kpi: up, baseline: 2, target: «2»}")], "baseline-is-target", "Baseline and target are both 2, so there is nothing to reach."),
        ([goal("{kpi: up, baseline: 3, target: «2»}")], "target-on-wrong-side", "`up` is better higher, but the target 2 is worse than the baseline 3."),
        ([goal("{kpi: down, baseline: 1.5, target: «2»}")], "target-on-wrong-side", "`down` is better lower, but the target 2 is worse than the baseline 1.5."),
        ([goal("{kpi: down, baseline: 5, targets: [{from: 2026-01-01, value: 4}, {period: 2026-05, value: «6»}, {from: 2026-07-01, value: 1, reason: x}]}")], "target-on-wrong-side", "`down` is better lower, but the target 6 is worse than the baseline 5."),
        ([goal("{kpi: down, baseline: 5, targets: [{from: 2026-01-01, value: 4}, {period: 2026-05, value: 3}, {from: 2026-07-01, value: «6», reason: x}]}")], "target-on-wrong-side", "`down` is better lower, but the target 6 is worse than the baseline 5."),
        ([goal("{kpi: down, baseline: 5, targets: [{period: 2026-05, value: 3}, {from: 2026-07-01, value: «5»}]}")], "baseline-is-target", "Baseline and target are both 5, so there is nothing to reach."),
        ([goal("{kpi: up, targets: [{from: 2026-01-01, value: 1}, «{from: 2026-07-01, value: 2}»]}")], "missing-reason", "A target that changes needs a `reason`."),
        ([goal("{kpi: up, targets: «[{from: 2026-07-01, value: 1}, {from: 2026-07-01, value: 2, reason: x}]»}")], "unordered-targets", "Dated targets stand in the order of their days, each day once."),
        ([goal("{kpi: up, targets: [{period: «2025-W53», value: 1}]}")], "invalid-date", "`2025-W53` names no period."),
        ([goal("{kpi: up, measure: to_date, targets: [{period: «2026-06», value: 1}]}")], "period-with-to-date", "`to_date` measures the goal from its start, and 2026-06 is a part of it."),
        ([goal("{kpi: up, target: 2}", owner="«cfo»")], "unknown-owner", "`cfo` is not declared as an owner."),
        ([goal("{kpi: up, target: 2}", org_unit="«shop»")], "unknown-org-unit", "`shop` is not declared as an org unit."),
        ([goal("{kpi: up, target: 2}", parent="«top»")], "unknown-goal", "`top` is not declared as a goal."),
        ([goal("{kpi: up, target: 2}", parent="[{goal: «top», weight: 2}]")], "unknown-goal", "`top` is not declared as a goal."),
        ([goal("{kpi: up, target: 2}", parent="«goal»")], "goal-cycle", "`goal` leads up to itself: goal -> goal."),
        ([goal("{kpi: up, target: 2}", parent="«two»"), goal("{kpi: up, target: 2}", name="two", parent="[goal]")], "goal-cycle", "`goal` leads up to itself: goal -> two -> goal."),
    ],
)  # fmt: skip
def test_a_wrong_goal(texts: list[str], code: str, message: str) -> None:
    check_marked(code, message, *WORLD, UP, DOWN, LEVEL, *texts)


def test_goals_lead_up_over_fifty_levels_and_no_more() -> None:
    """Only the first that is too deep is told, whatever stands beneath it."""
    line = [goal("{kpi: up, target: 2}", name="g1")]
    line += [goal("{kpi: up, target: 2}", name=f"g{n}", parent=f"g{n - 1}") for n in range(2, 60)]

    assert found_in(*WORLD, UP, *line[:50]) == ()
    (finding,) = found_in(*WORLD, UP, *line)

    assert (finding.code, finding.message) == (
        "tree-too-deep",
        "`g51` stands more than 50 levels below the top.",
    )


def test_a_result_has_one_kind_of_target() -> None:
    """The schema says so too; a document that never met it is told all the same."""
    text = goal("{kpi: up, target: 1, targets: [{from: 2026-01-01, value: 1}]}")
    items, _ = load_text("kpis.yaml", "\n---\n".join([*WORLD, UP, text, PEOPLE]))

    (finding,) = resolve.resolve(Documents(project=None, items=items), CATALOG).diagnostics

    assert finding.code == "one-target"


def test_a_goal_over_a_broken_kpi_is_left_out_without_a_finding() -> None:
    wrong = kpi("up", "sum(«foo»)", dataset="orders", dimensions="[channel]")

    check_marked(
        "unknown-column", "Dataset `orders` has no field or column `foo`.",
        *WORLD, wrong, DOWN, goal("{kpi: up, slice: {x: web}, target: 2}"), goal("{kpi: down, target: {kpi: up}}", name="two"),
    )  # fmt: skip


def test_targets_hold_until_the_next_and_single_periods_go_first() -> None:
    text = goal(
        "{kpi: up, slice: {channel: null}, targets: [{from: 2026-02-01, value: 1}, {period: 2026-05, value: 7}, "
        "{from: 2026-07-01, value: {kpi: down}, reason: because}], tolerance: 0.5, weight: 3}"
    )

    (result,) = project_of(*WORLD, UP, DOWN, text).goals["goal"].results

    assert result.targets == (
        Target(start=date(2026, 5, 1), end=date(2026, 6, 1), value=Decimal(7), reason=None),
        Target(start=date(2026, 2, 1), end=date(2026, 7, 1), value=Decimal(1), reason=None),
        Target(start=date(2026, 7, 1), end=date(2027, 1, 1), value=TargetKpi(kpi="down"), reason="because"),
    )
    assert (result.slice, result.tolerance, result.weight) == (
        (("channel", None),),
        Decimal("0.5"),
        Decimal(3),
    )


def test_a_target_of_the_period_that_the_whole_goal_is_may_be_one_to_date() -> None:
    text = goal("{kpi: up, measure: to_date, targets: [{period: '2026', value: 1}]}")

    assert found_in(*WORLD, UP, text) == ()


def test_a_band_and_a_level_to_hold() -> None:
    goals = project_of(
        *WORLD, UP, LEVEL,
        goal("{kpi: level, target: {min: 0.5, max: 2}}"),
        goal("{kpi: up, baseline: 5, target: 3, path: maintain}", name="hold"),
    ).goals  # fmt: skip

    assert goals["goal"].results[0].targets[0].value == Band(min=Decimal("0.5"), max=Decimal(2))
    assert goals["hold"].results[0].baseline == 5


# --- people, scorecards, settings


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("kind: owner\nname: cfo\ntitle: x\norg_unit: «shop»\ncontact: x", "unknown-org-unit", "`shop` is not declared as an org unit."),
        ("kind: org_unit\nname: shop\ntitle: x\nlevel: team\nparent: «top»", "unknown-org-unit", "`top` is not declared as an org unit."),
        ("kind: org_unit\nname: shop\ntitle: x\nlevel: team\nparent: «shop»", "org-unit-cycle", "`shop` belongs to itself: shop -> shop."),
        ("kind: scorecard\nname: s\ntitle: x\norg_unit: «shop»\nsections: [{title: x, kpis: [up]}]", "unknown-org-unit", "`shop` is not declared as an org unit."),
        ("kind: scorecard\nname: s\ntitle: x\norg_unit: acme\nsections: [{title: x, kpis: [up, «upp»]}]", "unknown-kpi", "`upp` is not declared as a KPI."),
        ("kind: scorecard\nname: s\ntitle: x\norg_unit: acme\naudiences: [«all»]\nsections: [{title: x, kpis: [up]}]", "unknown-org-unit", "`all` is not declared as an org unit."),
    ],
)  # fmt: skip
def test_a_wrong_reference_of_people_and_pages(text: str, code: str, message: str) -> None:
    check_marked(code, message, *WORLD, UP, text)


def settings_of(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield code, line and column of what is wrong with a project file."""
    (project,), _ = load_text("kpiascode.yaml", f"version: 1\nname: x\npaths: [kpis]\n{text}\n")
    for finding in resolve.resolve(replace(documents(), project=project)).diagnostics:
        yield finding.code, finding.place.span.line, finding.place.span.column


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("calendar: {timezone: Europe/Berlin}", []),
        ("calendar: {timezone: Europe/Bonn}", [("unknown-timezone", 4, 22)]),
        ("calendar: {fiscal: {pattern: 4-4-5, ends: last saturday of january}}", []),
        ("calendar: {fiscal: {pattern: 4-4-5, ends: first saturday of january}}", [("invalid-value", 4, 20)]),
        ("dialects: [duckdb, oracel]", [("unknown-dialect", 4, 20)]),
        ("engines: {local: {dialect: duckdb, timeout: 60s}, default: local}", []),
        ("engines: {local: {dialect: duckdb}, default: locl}", [("unknown-engine", 4, 46)]),
        ("engines: {local: {dialect: access}}", [("unknown-dialect", 4, 28)]),
        ("engines: {local: {dialect: duckdb, timeout: soon}}", [("invalid-duration", 4, 45)]),
    ],
)
def test_settings(text: str, found: list[tuple[str, int, int]]) -> None:
    assert list(settings_of(text)) == found


def test_settings_are_read() -> None:
    text = "calendar: {timezone: Asia/Tokyo, week_start: sunday, fiscal_year_start: 4}\nengines: {a: {dialect: spark, timeout: 2 minutes}, default: a}\n"
    (project,), _ = load_text("kpiascode.yaml", f"version: 1\nname: x\npaths: [kpis]\n{text}")

    found = resolve.resolve(replace(documents(), project=project)).project.settings

    assert (found.calendar.timezone, found.calendar.week_start, found.calendar.fiscal_year_start) == (
        "Asia/Tokyo",
        6,
        4,
    )
    assert found.engines["a"].timeout == timedelta(minutes=2)
    assert found.default_engine == "a"


# --- all mistakes at once


def test_many_mistakes_are_told_together_in_the_order_of_the_file() -> None:
    found = found_in(
        with_fields("a: foo", "b: qty + 'x'"),
        *WORLD[1:],
        kpi("one", "sum(bar)", dataset="orders"),
        kpi("two", "sum(a) + sum(baz)", dataset="orders", owner="nobody"),
        kpi("three", "one + two"),
    )

    assert [(finding.code, finding.place.span.line) for finding in found] == [
        ("unknown-column", 10),
        ("type-mismatch", 11),
        ("unknown-column", 28),
        ("unknown-owner", 43),
    ]


def test_every_node_of_a_resolved_project_has_a_place() -> None:
    project = project_of(
        with_fields("net: qty * price"), *WORLD[1:], kpi("one", "sum(net) + 1", dataset="orders")
    )

    assert all(isinstance(node, Node) and node.at != (0, 0) for node in walk(project.kpis["one"].expression))


def test_names_by_habit_are_said_in_the_language() -> None:
    (of_dataset,) = found_in(*WORLD, kpi("wrong", "sum(orders.qty)", dataset="orders"))
    (today,) = found_in(*WORLD, kpi("wrong", "sum(qty) / current_date", dataset="orders"))

    assert of_dataset.hint == "Leave `orders.` out."
    assert today.hint == "KPIs are asked for periods, and the day is `--as-of`."


def test_a_name_that_is_none_counts_as_the_name_that_it_is_to_become() -> None:
    found = documents(*WORLD, kpi("net_sales", "sum(qty)", dataset="orders"), kpi("twice", "2 * net_sales"))
    (sound_one,) = (item for item in found.items if item.data["name"] == "net_sales")
    rest = tuple(item for item in found.items if item is not sound_one)
    broken = replace(sound_one, data={**sound_one.data, "name": "Net_Sales"})

    assert not resolve.resolve(replace(found, items=rest, broken=(broken,)), CATALOG).diagnostics
