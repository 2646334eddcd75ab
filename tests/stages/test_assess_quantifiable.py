"""Quantifiable: is it defined to the end, and does a number come out that can be relied on?"""

from datetime import timedelta
from decimal import Decimal

import pytest
from assess_cases import case, check_example, example
from factories import compiled, dataset, evidence, goal, kpi, plus, ratio, result, total, value_of
from ledger_cases import publication

from kpiascode.assess.denominators import denominator_of
from kpiascode.assess.probe import Case
from kpiascode.assess.probes import complete_data_sheet
from kpiascode.assess.units import Clash, in_words, unit_of
from kpiascode.model.assessment import Outcome, Trust
from kpiascode.model.calendar import Duration, Grain, Unit
from kpiascode.model.expression import (
    Aggregate,
    Arithmetic,
    Call,
    Column,
    Constant,
    Cumulative,
    Expression,
    Negate,
    Operator,
    Rolling,
    Type,
)
from kpiascode.model.expression import Case as When
from kpiascode.model.ledger import Publication
from kpiascode.model.project import Bounds, Communication, Measure

X, CUSTOMER = Column((), "x"), Column((), "customer_id")
TWO = Constant(Decimal(2), Type.INTEGER)
ROWS = Aggregate("count", None)
CUSTOMERS = Aggregate("count", CUSTOMER, distinct=True)
FRESH = dataset("orders", freshness=timedelta(days=1))
WANTED = goal("growth", result("margin", "0.4"))
FULL_SHEET = kpi(
    "margin",
    bounds=Bounds(min=None, max=Decimal(1)),
    act="Review discounts within ten days.",
    communication=Communication(audiences=(), channels=(), lag=timedelta(days=5)),
)


def formula(expression: Expression, **changes: object) -> Case:
    """A KPI of that formula; beside it distinct buyers and sellers, two ratios, euros, dollars and seconds."""
    return case(
        kpi("buyers", expression=CUSTOMERS, unit=Measure(name="count")),
        kpi("sellers", expression=CUSTOMERS, unit=Measure(name="count")),
        kpi("opened", expression=ratio(total("a"), total("b"))),
        kpi("clicked", expression=ratio(total("a"), total("b"))),
        kpi("euros", expression=total("a"), unit=Measure(name="currency", currency="EUR")),
        kpi("dollars", expression=total("a"), unit=Measure(name="currency", currency="USD")),
        kpi("waiting", expression=total("a"), unit=Measure(name="seconds")),
        of=kpi("margin", expression=expression, **changes),
    )


def times(one: Expression, other: Expression) -> Arithmetic:
    return Arithmetic(Operator.MULTIPLY, one, other)


EUR = Measure(name="currency", currency="EUR")
UNKNOWN_UNIT = "The units of its columns are not declared, so its own cannot be worked out."
TWICE = "Adds up distinct counts, so whoever is in two of them counts twice."


def told_and_now(*told: Publication) -> Case:
    """What was told of a margin that was always 0.4."""
    return case(values=("0.4",) * 12, told=told)


ROWS = Aggregate("count", None)
LATE = Aggregate("count", None, condition=Column((), "is_late"))


def rate_of(*cases: str) -> Case:
    """A share of rows, with the rows of each month."""
    known = evidence(cases={"margin": tuple(Decimal(number) for number in cases)} if cases else {})
    return case(of=kpi("margin", expression=ratio(LATE, ROWS)), known=known)


EXAMPLES = [
    # computes-everywhere
    example(
        "computes-everywhere",
        "pass",
        "Compiles for duckdb and postgres and gave values for 2 of 3 months.",
        case(values=(None, "0.4", "0.5"), dialects=("duckdb", "postgres")),
        id="in all dialects, with values",
    ),
    example(
        "computes-everywhere",
        "fail",
        "Does not compile for postgres: It has no such function.",
        case(
            values=("0.4",),
            dialects=("duckdb", "postgres"),
            known=evidence(
                compiled={"margin": ("duckdb",)}, refused={("margin", "postgres"): "It has no such function."}
            ),
        ),
        id="a dialect refuses it",
        fix="Rewrite its expression for postgres, or drop that from `dialects`.",
    ),
    example(
        "computes-everywhere",
        "fail",
        "Gave no value in any of the last 2 months.",
        case(values=(None, None)),
        id="it ran and never gave a value",
    ),
    example(
        "computes-everywhere",
        "inconclusive",
        "Was not compiled for postgres.",
        case(values=("0.4",), dialects=("duckdb", "postgres"), known=compiled("margin")),
        id="nobody compiled it",
    ),
    example(
        "computes-everywhere",
        "inconclusive",
        "Was not run for any complete period.",
        case(),
        id="nobody ran it",
    ),
    # complete-data-sheet
    example(
        "complete-data-sheet",
        "pass",
        "All 14 entries of its data sheet are there.",
        case(FRESH, WANTED, of=FULL_SHEET),
        id="all is said",
    ),
    example(
        "complete-data-sheet",
        "partial",
        "Does not say how new its data is and what is wanted.",
        case(of=FULL_SHEET),
        id="12 of 14 are 85 %",
        fix="Add `freshness` to its datasets and a goal with a target for it.",
    ),
    example(
        "complete-data-sheet",
        "fail",
        "Does not say what can never be true, by when it is told and what is done when it is off.",
        case(FRESH, WANTED),
        id="11 of 14 are not",
        fix="Add `bounds`, `communication` with a `lag` and `act`.",
    ),
    # adds-up
    example(
        "adds-up",
        "pass",
        "Averages no averages and adds no distinct counts.",
        formula(ratio(total("margin"), total("net_sales"))),
        id="a ratio of totals",
    ),
    example(
        "adds-up",
        "pass",
        "Averages no averages and adds no distinct counts.",
        formula(Aggregate("avg", total("x"), entity=CUSTOMER)),
        id="the average of the totals per customer",
    ),
    example(
        "adds-up",
        "pass",
        "Averages no averages and adds no distinct counts.",
        formula(Aggregate("avg", ratio(X, TWO))),
        id="an average in another unit",
    ),
    example(
        "adds-up",
        "pass",
        "Averages no averages and adds no distinct counts.",
        formula(ratio(plus(value_of("opened"), value_of("euros")), TWO)),
        id="one ratio is no average of ratios",
    ),
    example(
        "adds-up",
        "fail",
        "Averages the quotients of single rows, whatever their size.",
        formula(Aggregate("avg", ratio(X, CUSTOMER))),
        id="avg of a quotient",
        fix="Divide the totals instead: `sum(a) / sum(b)`.",
    ),
    example(
        "adds-up",
        "fail",
        "Averages averages, whatever they are averages of.",
        formula(Aggregate("avg", Aggregate("avg", X), entity=CUSTOMER)),
        id="avg of avg per customer",
    ),
    example(
        "adds-up",
        "fail",
        "Averages ratios, whatever their denominators.",
        formula(ratio(plus(value_of("opened"), value_of("clicked")), TWO)),
        id="half the sum of two ratios",
    ),
    example(
        "adds-up",
        "fail",
        TWICE,
        formula(Aggregate("sum", CUSTOMERS, entity=X)),
        id="sum of distinct counts per something",
        fix="Count over all rows at once: one `count(distinct ...)`.",
    ),
    example(
        "adds-up",
        "fail",
        TWICE,
        formula(plus(value_of("buyers"), value_of("sellers"))),
        id="buyers and sellers",
    ),
    example(
        "adds-up",
        "fail",
        TWICE,
        formula(ratio(total("x"), plus(CUSTOMERS, plus(total("x"), CUSTOMERS)))),
        id="deep inside, with others between",
    ),
    example(
        "adds-up",
        "not_applicable",
        "Nothing in it is a ratio, an average or a distinct count.",
        formula(plus(total("x"), value_of("euros"))),
        id="a plain total",
    ),
    # worked-examples
    example(
        "worked-examples",
        "pass",
        "Carries 3 worked examples, 1 with an empty period.",
        case(of=kpi("margin", examples=3, edge_examples=1)),
        id="three, one of them empty",
    ),
    example(
        "worked-examples",
        "partial",
        "Carries 2 worked examples, none with an empty period.",
        case(of=kpi("margin", examples=2)),
        id="none of an empty period",
        fix="Add an example of a period without rows.",
    ),
    example(
        "worked-examples",
        "partial",
        "Carries one worked example, of an empty period.",
        case(of=kpi("margin", examples=1, edge_examples=1)),
        id="only of an empty period",
        fix="Add an example with a few rows.",
    ),
    example("worked-examples", "fail", "Carries no worked example.", case(), id="none"),
    # not-restated
    example(
        "not-restated",
        "inconclusive",
        "No publication is recorded, so whether its past was restated is not known.",
        case(values=("0.4",) * 12),
        id="no ledger",
    ),
    example(
        "not-restated",
        "inconclusive",
        "None of the last 6 months was told after it was over.",
        told_and_now(publication("2026-02-20", "2026-02")),
        id="told before the month was over",
    ),
    example(
        "not-restated",
        "inconclusive",
        "None of the last 6 months was looked at again since it was told.",
        told_and_now(publication("2026-04-01", "2026-03"), publication("2026-04-01T08:00", "2026-03")),
        id="told twice, seen from the same day as now",
    ),
    example(
        "not-restated",
        "pass",
        "Of 2 months told and looked at again, none has moved.",
        told_and_now(publication("2026-02-03", "2026-01"), publication("2026-03-03", "2026-02")),
        id="as they were told",
    ),
    example(
        "not-restated",
        "pass",
        "Of 1 month told and looked at again, none has moved.",
        told_and_now(publication("2026-03-03", values={"2026-02": "0.4000000004"})),
        id="a billionth is none",
    ),
    example(
        "not-restated",
        "pass",
        "Of 1 month told and looked at again, none has moved.",
        told_and_now(publication("2026-03-03", values={"2025-09": "0.5", "2026-02": "0.4"})),
        id="the seventh month does not count",
    ),
    example(
        "not-restated",
        "partial",
        "2026-02 moved after it was told.",
        told_and_now(publication("2026-03-03", "2026-01", values={"2026-02": "0.400000001"})),
        id="one has moved, hardly more than a billionth",
        fix="Find out what moved 2026-02, and tell a period only when its data is complete.",
    ),
    example(
        "not-restated",
        "pass",
        "Of 1 month told and looked at again, none has moved.",
        told_and_now(publication("2026-03-03", values={"2026-02": None})),
        id="from no value to one: nothing was told that is no longer so",
    ),
    example(
        "not-restated",
        "partial",
        "2026-02 moved after it was told.",
        told_and_now(
            publication("2026-03-03", "2026-02"),
            publication("2026-03-03T10:00", values={"2026-02": "0.5"}),
            publication("2026-03-03T12:00", "2026-02"),
        ),
        id="there and back on one day",
    ),
    example(
        "not-restated",
        "pass",
        "Of 1 month told and looked at again, none has moved.",
        told_and_now(publication("2026-03-03", "2026-02"), publication("2026-04-01", "2026-03")),
        id="who tells March looks at February again",
    ),
    example(
        "not-restated",
        "fail",
        "2026-01 and 2026-02 moved after they were told.",
        told_and_now(
            publication("2026-03-03", values={"2026-01": "0.5", "2026-02": "0.5"}),
            publication("2026-03-03T12:00", values={"2026-01": "0.4", "2026-02": "0.4"}),
        ),
        id="two, corrected on the same day",
    ),
    # enough-rows
    example(
        "enough-rows",
        "pass",
        "In half of its months it is a rate of 30 cases or more.",
        rate_of("10", "30", "31"),
        id="30 in the middle",
    ),
    example(
        "enough-rows",
        "partial",
        "Half of its months have 29.5 cases or fewer.",
        rate_of("10", "29", "30", "31"),
        id="hardly fewer",
        fix="Read it at a coarser grain than the month, or add cases.",
    ),
    example("enough-rows", "fail", "Half of its months have 9 cases or fewer.", rate_of("9"), id="nine"),
    example(
        "enough-rows",
        "inconclusive",
        "The cases that it is a rate of could not be counted.",
        rate_of(),
        id="not counted",
    ),
    example(
        "enough-rows", "not_applicable", "It is no rate over a count.", case(), id="a quotient of amounts"
    ),
    # weasel-words
    example("weasel-words", "pass", "Its words say what is counted.", case(), id="plain words"),
    example(
        "weasel-words",
        "partial",
        "Says “quality” and “effective”, which everybody reads in his own way.",
        case(of=kpi("margin", title="Quality", description="How effective we are.")),
        id="two of them",
        fix="Say in numbers what is meant.",
    ),
    example(
        "weasel-words",
        "pass",
        "Says “quality”, with a number beside it.",
        case(of=kpi("margin", title="Quality score", description="Mean of the answers from 1 to 5.")),
        id="a number says what is meant",
    ),
    # fresh-and-complete
    example(
        "fresh-and-complete",
        "pass",
        "Has a value in 12 of the last 12 months; its data is current.",
        case(values=(None, *["0.4"] * 12)),
        id="only the last twelve months count",
    ),
    example(
        "fresh-and-complete",
        "pass",
        "Has a value in 3 of the last 3 months; its data is current.",
        case(values=(None, None, "0.4", "0.4", "0.5")),
        id="a young KPI is not to blame for the time before it",
    ),
    example(
        "fresh-and-complete",
        "partial",
        "Has a value in 10 of the last 12 months; its data is current.",
        case(values=(*["0.4"] * 5, None, None, *["0.4"] * 5)),
        id="83 %",
    ),
    example(
        "fresh-and-complete",
        "fail",
        "Has a value in 9 of the last 12 months.",
        case(values=(*["0.4"] * 5, None, None, None, *["0.4"] * 4), trust=Trust.UNKNOWN),
        id="75 % is too little, promised or not",
    ),
    example(
        "fresh-and-complete",
        "fail",
        "Its data is late by 1 day: `orders`.",
        case(values=("0.4",) * 12, trust=Trust.LATE),
        id="late",
        fix="Load `orders` as often as `freshness` promises.",
    ),
    example(
        "fresh-and-complete",
        "inconclusive",
        "Has a value in 12 of the last 12 months, but nobody promised how new its data must be.",
        case(values=("0.4",) * 12, trust=Trust.UNKNOWN),
        id="without a promise",
        fix="Declare `freshness` on its datasets.",
    ),
    example(
        "fresh-and-complete",
        "inconclusive",
        "Has no value of a complete period yet.",
        case(values=(None,)),
        id="without a value",
    ),
    # enough-points
    example(
        "enough-points", "pass", "Has values of 12 complete months.", case(values=("1",) * 12), id="twelve"
    ),
    example(
        "enough-points", "partial", "Has values of 11 complete months.", case(values=("1",) * 11), id="eleven"
    ),
    example(
        "enough-points",
        "partial",
        "Has values of 6 complete months.",
        case(values=("1",) * 6 + (None,)),
        id="six",
    ),
    example(
        "enough-points",
        "inconclusive",
        "Has values of 5 complete months.",
        case(values=("1",) * 5),
        id="five",
    ),
    example(
        "enough-points", "inconclusive", "Has values of 1 complete month.", case(values=(None, "1")), id="one"
    ),
    # unit-agrees
    example(
        "unit-agrees",
        "pass",
        "Its formula comes to EUR, as declared.",
        formula(ratio(value_of("euros"), value_of("buyers")), unit=EUR),
        id="euros for each buyer are euros",
    ),
    example(
        "unit-agrees",
        "pass",
        "Its formula comes to a plain number, as declared.",
        formula(ratio(value_of("euros"), value_of("euros"))),
        id="euros for euros are a ratio",
    ),
    example(
        "unit-agrees",
        "pass",
        "Its formula comes to a plain number, as declared.",
        formula(CUSTOMERS, unit=Measure(name="count")),
        id="a count counts",
    ),
    example(
        "unit-agrees",
        "fail",
        "Its formula comes to USD, its unit is EUR.",
        formula(value_of("dollars"), unit=EUR),
        id="dollars are no euros",
        fix="Correct `unit`, or the formula.",
    ),
    example(
        "unit-agrees",
        "fail",
        "Its formula comes to EUR per time, its unit is EUR.",
        formula(ratio(value_of("euros"), value_of("waiting")), unit=EUR),
        id="euros per second are no euros",
    ),
    example(
        "unit-agrees",
        "fail",
        "Mixes EUR and USD.",
        formula(ratio(plus(value_of("euros"), value_of("dollars")), value_of("euros"))),
        id="euros and dollars do not add up",
    ),
    example(
        "unit-agrees",
        "inconclusive",
        UNKNOWN_UNIT,
        formula(ratio(total("a"), total("b"))),
        id="columns have none",
    ),
    example(
        "unit-agrees",
        "inconclusive",
        UNKNOWN_UNIT,
        formula(times(value_of("buyers"), TWO), unit=EUR),
        id="a constant may be a price",
    ),
]


@pytest.mark.parametrize(("probe", "outcome", "reason", "given", "fix"), EXAMPLES)
def test_quantifiable(probe: str, outcome: Outcome, reason: str, given: Case, fix: str | None) -> None:
    check_example(probe, outcome, reason, given, fix)


def test_the_grain_is_named_in_words() -> None:
    quarterly = case(of=kpi("margin", grain=Grain.FISCAL_QUARTER))

    check_example(
        "enough-points", Outcome.INCONCLUSIVE, "Has values of 0 complete fiscal quarters.", quarterly, None
    )


def test_what_the_language_demands_is_never_asked_for() -> None:
    keys = {key for _, key, _ in complete_data_sheet.LEFT_OUT}

    assert not keys & {f"`{name}`" for name in complete_data_sheet.DEMANDED}


EUROS, DOLLARS, SECONDS = value_of("euros"), value_of("dollars"), value_of("waiting")


@pytest.mark.parametrize(
    ("expression", "unit"),
    [
        pytest.param(EUROS, "EUR", id="of a KPI its own"),
        pytest.param(ROWS, "a plain number", id="of a count none"),
        pytest.param(times(EUROS, EUROS), "EUR^2", id="products add the powers"),
        pytest.param(ratio(ROWS, SECONDS), "one per time", id="one per second"),
        pytest.param(ratio(ratio(EUROS, SECONDS), SECONDS), "EUR per time^2", id="quotients subtract them"),
        pytest.param(ratio(ROWS, times(EUROS, EUROS)), "one per EUR^2", id="and that of a square"),
        pytest.param(Negate(EUROS), "EUR", id="a minus changes nothing"),
        pytest.param(Cumulative(EUROS), "EUR", id="nor does time"),
        pytest.param(Rolling(EUROS, Duration(amount=28, unit=Unit.DAY)), "EUR", id="nor does a window"),
        pytest.param(
            Arithmetic(Operator.SUBTRACT, EUROS, TWO), "EUR", id="a constant takes the other's unit"
        ),
        pytest.param(Call("coalesce", (EUROS, TWO)), "EUR", id="so it does in coalesce"),
        pytest.param(Call("round", (EUROS, TWO)), "EUR", id="the digits of round have none"),
        pytest.param(Call("greatest", (EUROS, DOLLARS)), "clash", id="what is compared must be alike"),
        pytest.param(When(((ROWS, EUROS),), DOLLARS), "clash", id="so must the branches of case"),
        pytest.param(When(((ROWS, EUROS),), None), "EUR", id="null has any unit"),
        pytest.param(times(plus(EUROS, DOLLARS), ROWS), "clash", id="a clash stays one in a product"),
        pytest.param(plus(plus(EUROS, DOLLARS), ROWS), "clash", id="and in a sum"),
        pytest.param(plus(EUROS, X), None, id="a column hides it"),
        pytest.param(Call("left", (EUROS,)), None, id="so does a function that is not known"),
    ],
)
def test_the_unit_of_a_formula(expression: Expression, unit: str | None) -> None:
    found = unit_of(expression, formula(total("a")).project)

    match found:
        case None:
            assert unit is None
        case Clash():
            assert unit == "clash"
        case _:
            assert in_words(found) == unit


PEOPLE = Aggregate("count", Column((), "customer_id"), distinct=True)
ORDERS = kpi("orders", expression=ROWS, dataset="order_lines")


@pytest.mark.parametrize(
    ("changes", "counted"),
    [
        pytest.param({"expression": ratio(LATE, ROWS)}, ROWS, id="rows"),
        pytest.param({"expression": ratio(LATE, PEOPLE)}, PEOPLE, id="people"),
        pytest.param({"expression": ratio(total("late"), ROWS)}, ROWS, id="a mean of flags"),
        pytest.param(
            {"expression": ratio(LATE, Call("nullif", (ROWS, Constant(0, Type.INTEGER))))},
            ROWS,
            id="guarded against zero",
        ),
        pytest.param(
            {"expression": Call("round", (ratio(LATE, ROWS), Constant(2, Type.INTEGER)))}, ROWS, id="rounded"
        ),
        pytest.param(
            {"expression": Arithmetic(Operator.SUBTRACT, Constant(1, Type.INTEGER), ratio(LATE, ROWS))},
            ROWS,
            id="the rest",
        ),
        pytest.param(
            {"expression": ratio(ratio(LATE, ROWS), Constant(100, Type.INTEGER))}, ROWS, id="in another unit"
        ),
        pytest.param({"expression": ratio(LATE, value_of("orders"))}, ROWS, id="of another KPI"),
        pytest.param(
            {"expression": Aggregate("avg", Column((), "score"))},
            Aggregate("count", Column((), "score")),
            id="an average counts what is not null",
        ),
        pytest.param({"expression": ratio(total("a"), total("b"))}, None, id="amounts"),
        pytest.param(
            {"expression": ratio(LATE, value_of("margin"))}, None, id="another KPI that is no count"
        ),
        pytest.param(
            {"expression": ratio(LATE, ROWS), "unit": Measure(name="currency", currency="EUR")},
            None,
            id="euros for each are no rate",
        ),
    ],
)
def test_what_a_rate_is_divided_by(changes: dict[str, object], counted: Expression | None) -> None:
    rate = kpi("late", **changes)
    found = denominator_of(rate, {"orders": ORDERS, "margin": kpi("margin")})

    assert (None if found is None else found.expression) == counted
    if changes["expression"] == ratio(LATE, value_of("orders")):
        assert found is not None
        assert found.dataset == "order_lines"
