"""The oracle against known facts of the files, and the definitions against the chart of accounts."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from .comparison import assert_says, is_same
from .oracle import KPIS, Question, Standing, answer, budget_2011_to_date, slices, visible
from .oracle_adventureworks import ADVENTUREWORKS, chart, leaves, ledger
from .oracle_base import Period, Span, percentile, period_of, periods, read, sample_deviation, the_span
from .oracle_cdnow import CDNOW
from .questions import ADVENTUREWORKS_QUESTIONS, CDNOW_QUESTIONS, LEDGER, LEDGER_IS_CLOSED, in_words

HERE = Path(__file__).parent
QUESTIONS = ADVENTUREWORKS_QUESTIONS + CDNOW_QUESTIONS
REQUIRED = {
    "dataset": {"source"},
    "kpi": {"title", "description", "owner", "applies_to", "expression", "grain", "unit", "direction"},
    "goal": {"title", "org_unit", "owner", "period", "results"},
    "org_unit": {"title", "level"},
    "owner": {"title", "org_unit", "contact"},
    "scorecard": {"title", "org_unit", "sections"},
}


def documents(organisation: str) -> dict[tuple[str, str], dict[str, Any]]:
    found = [
        document
        for path in sorted((HERE / organisation).glob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))
    ]
    named = {(document["kind"], document["name"]): document for document in found}
    assert len(named) == len(found), "a name is given twice"
    return named


# --- the chart of accounts


@pytest.mark.parametrize(
    ("scenario", "root", "amount"),
    [
        pytest.param("Actual", "Trade Sales", "103781414.04", id="trade sales"),
        pytest.param("Actual", "Intercompany Sales", "4704891.15", id="intercompany sales"),
        pytest.param("Actual", "Returns and Adjustments", "3424492.36", id="returns"),
        pytest.param("Actual", "Discounts", "1989317.33", id="discounts"),
        pytest.param("Actual", "Standard Cost of Sales", "28544191.17", id="standard cost of sales"),
        pytest.param("Actual", "Variances", "4107007.34", id="variances"),
        pytest.param("Actual", "Taxes", "7243791.57", id="taxes"),
        pytest.param(
            "Actual", "Net Sales", "103072495.50", id="net sales = gross sales - returns - discounts"
        ),
        pytest.param(
            "Actual", "Gross Margin", "70421296.99", id="gross margin = net sales - total cost of sales"
        ),
    ],
)
@pytest.mark.usefixtures("data")
def test_the_whole_ledger(scenario: str, root: str, amount: str) -> None:
    lines = ledger(scenario, root).rows

    assert sum(line.numbers["counted"] for line in lines) == Decimal(amount)


@pytest.mark.usefixtures("data")
def test_the_tree_adds_up() -> None:
    def counted(root: str) -> Decimal:
        return sum((line.numbers["counted"] for line in ledger("Actual", root).rows), Decimal(0))

    assert counted("Operating Profit") == counted("Gross Margin") - counted("Operating Expenses")
    assert counted("Net Income") == (
        counted("Operating Profit") + counted("Other Income and Expense") - counted("Taxes")
    )


@pytest.mark.usefixtures("data")
def test_below_net_income_the_type_of_an_account_gives_the_sign_that_the_operators_give() -> None:
    by_type = {
        key: {"Revenue": 1, "Expenditures": -1}[chart()[key]["AccountType"]] for key in leaves("Net Income")
    }

    assert by_type == leaves("Net Income")


@pytest.mark.usefixtures("data")
def test_only_accounts_without_children_have_lines() -> None:
    parents = {account["ParentAccountKey"] for account in chart().values()}

    assert not parents & {line["AccountKey"] for line in read("adventureworks/FactFinance.csv")}


def accounts_of(where: str) -> set[str]:
    """Return the accounts that have lines and that a `where` of the definitions keeps by their codes."""
    used = {line["AccountKey"] for line in read("adventureworks/FactFinance.csv")}
    codes = {key: int(chart()[key]["AccountCodeAlternateKey"]) for key in used}
    if found := re.search(r"account_code between (\d+) and (\d+)", where):
        low, high = map(int, found.groups())
        return {key for key, code in codes.items() if low <= code <= high}
    found = re.search(r"account_code (?:in \(([\d, ]+)\)|= (\d+))", where)
    assert found, where
    wanted = {int(code) for code in (found[1] or found[2]).split(",")}
    return {key for key, code in codes.items() if code in wanted}


@pytest.mark.parametrize(
    ("kpi", "root"),
    [
        pytest.param("gross_sales", "Gross Sales", id="gross_sales"),
        pytest.param("net_sales", "Net Sales", id="net_sales"),
        pytest.param("net_sales_budget", "Net Sales", id="net_sales_budget"),
        pytest.param("owned_net_sales", "Net Sales", id="owned_net_sales"),
        pytest.param("return_rate", "Net Sales", id="return_rate"),
        pytest.param("cost_of_sales", "Total Cost of Sales", id="cost_of_sales"),
        pytest.param("operating_expenses", "Operating Expenses", id="operating_expenses"),
        pytest.param("operating_profit", "Operating Profit", id="operating_profit"),
        pytest.param("other_income", "Other Income and Expense", id="other_income"),
        pytest.param("taxes", "Taxes", id="taxes"),
        pytest.param("net_income", "Net Income", id="net_income"),
    ],
)
@pytest.mark.usefixtures("data")
def test_the_codes_in_the_definition_are_the_leaves_of_the_tree(kpi: str, root: str) -> None:
    assert accounts_of(documents("adventureworks")["kpi", kpi]["where"]) == set(leaves(root))


@pytest.mark.parametrize("kpi", ["gross_sales", "cost_of_sales", "operating_expenses", "taxes"])
@pytest.mark.usefixtures("data")
def test_a_definition_that_sums_plain_amounts_sums_accounts_of_one_sign(kpi: str) -> None:
    definition = documents("adventureworks")["kpi", kpi]
    signs = {chart()[key]["AccountType"] for key in accounts_of(definition["where"])}

    assert definition["expression"] == "sum(Amount)"
    assert len(signs) == 1


# --- the files


@pytest.mark.usefixtures("data")
def test_the_files_are_the_ones_that_the_readme_describes() -> None:
    lines = read("adventureworks/FactFinance.csv")
    purchases = read("cdnow/purchases.csv")

    assert (len(lines), lines[0]["DateKey"], lines[-1]["DateKey"]) == (39409, "20101229", "20131228")
    assert (len(purchases), len({line["customer_id"] for line in purchases})) == (69659, 23570)


@pytest.mark.usefixtures("data")
def test_traps_that_the_questions_rely_on_are_in_the_files() -> None:
    lines = read("adventureworks/FactFinance.csv")
    months = {line["DateKey"][:6] for line in lines if line["ScenarioKey"] == "1"}
    purchases = [tuple(line.values()) for line in read("cdnow/purchases.csv")]
    operators = [line["TotalOperators"] for line in read("adventureworks/FactCallCenter.csv")]

    assert not {"201102", "201104", "201106"} & months
    assert sum("e+" in line["Amount"] for line in lines) == 251
    assert sum(count - 1 for count in Counter(purchases).values()) == 255
    assert operators.count("0") == 1


# --- numbers and periods


@pytest.mark.parametrize(
    ("day", "grain", "expected"),
    [
        pytest.param(
            "1998-01-01",
            "week",
            ("1998-W01", "1997-12-29", "1998-01-05"),
            id="a week belongs to the year of its fourth day",
        ),
        pytest.param(
            "2010-12-29",
            "week",
            ("2010-W52", "2010-12-27", "2011-01-03"),
            id="the last days of a year in its last week",
        ),
        pytest.param(
            "2011-01-01",
            "week",
            ("2010-W52", "2010-12-27", "2011-01-03"),
            id="the first day of a year in the last week of the one before",
        ),
        pytest.param(
            "2012-02-29", "quarter", ("2012-Q1", "2012-01-01", "2012-04-01"), id="a leap day in its quarter"
        ),
        pytest.param(
            "2011-06-30", "fiscal_year", ("FY2011", "2010-07-01", "2011-07-01"), id="FY2011 ends in 2011"
        ),
        pytest.param(
            "2011-07-01",
            "fiscal_quarter",
            ("FY2012-Q1", "2011-07-01", "2011-10-01"),
            id="FY2012 begins in July 2011",
        ),
        pytest.param(
            "2013-01-01",
            "fiscal_quarter",
            ("FY2013-Q3", "2013-01-01", "2013-04-01"),
            id="January is in the third fiscal quarter",
        ),
    ],
)
def test_the_period_of_a_day(day: str, grain: str, expected: tuple[str, str, str]) -> None:
    name, start, end = expected

    assert period_of(date.fromisoformat(day), grain) == Period(
        name, Span(date.fromisoformat(start), date.fromisoformat(end))
    )


@pytest.mark.parametrize(
    "grain", ["day", "week", "month", "quarter", "year", "fiscal_quarter", "fiscal_year"]
)
def test_periods_follow_each_other_without_a_gap_and_cover_what_is_asked(grain: str) -> None:
    found = periods(grain, date(2010, 12, 29), date(2013, 3, 1))

    assert found[0].span.start <= date(2010, 12, 29) < found[0].span.end
    assert found[-1].span.start < date(2013, 3, 1) <= found[-1].span.end
    assert all(one.span.end == other.span.start for one, other in pairwise(found))


def test_a_percentile_lies_between_the_two_values_next_to_its_place() -> None:
    assert percentile([Decimal(40), Decimal(10), Decimal(20), Decimal(30)], Decimal("0.9")) == Decimal(37)
    assert percentile([Decimal(1), Decimal(2)], Decimal("0.5")) == Decimal("1.5")
    assert percentile([], Decimal("0.5")) is None


def test_the_deviation_is_of_a_sample_and_undefined_under_two_rows() -> None:
    assert sample_deviation([Decimal(1), Decimal(3)]) == Decimal(2).sqrt()
    assert sample_deviation([Decimal(1)]) is None


# --- answers


@pytest.mark.parametrize(
    ("kpi", "period", "value"),
    [
        pytest.param("net_sales", "2011-02", None, id="a sum over no rows is null"),
        pytest.param("net_sales", "2013-12", None, id="December 2013 has lines, none of sales"),
        pytest.param(
            "net_income_booked", "2013-12", None, id="null in arithmetic is null: no taxes are booked"
        ),
        pytest.param(
            "net_income_of_parts", "2013-12", "0", id="coalesce says otherwise: a last entry of zero"
        ),
        pytest.param("gross_margin", "2011-02", None, id="null divided by null is null"),
    ],
)
@pytest.mark.usefixtures("data")
def test_months_without_rows(kpi: str, period: str, value: str | None) -> None:
    found = answer(Question(kpi=kpi, grain="month", start=LEDGER[0], end=LEDGER[1], as_of=LEDGER_IS_CLOSED))

    assert found[period, ()] == (None if value is None else Decimal(value))


@pytest.mark.usefixtures("data")
def test_a_shift_without_operators_has_no_calls_per_operator() -> None:
    found = answer(
        Question(
            kpi="calls_per_operator",
            grain="day",
            by=("shift",),
            start=date(2014, 5, 30),
            end=date(2014, 5, 31),
            as_of=date(2014, 7, 1),
        )
    )

    assert found["2014-05-30", ("midnight",)] is None


@pytest.mark.usefixtures("data")
def test_first_purchases_are_the_customers_so_far_less_those_before() -> None:
    def monthly(kpi: str) -> dict[tuple[str, tuple[str | None, ...]], Decimal | None]:
        return answer(
            Question(
                kpi=kpi, grain="month", start=date(1996, 12, 1), end=date(1998, 8, 1), as_of=date(1999, 1, 1)
            )
        )

    so_far, before, first = (
        monthly("customers_so_far"),
        monthly("customers_before"),
        monthly("first_purchases"),
    )

    assert first == {key: so_far[key] - before[key] for key in first}  # type: ignore[operator]
    assert [value for value in first.values() if value] == [7846, 8476, 7248]


@pytest.mark.parametrize("question", QUESTIONS, ids=in_words)
@pytest.mark.usefixtures("data")
def test_no_question_hangs_on_where_a_slice_is_seen(question: Question) -> None:
    """The language leaves open whether a slice is seen in the asked period or in all that a form reads."""
    tables = visible(question)

    assert slices(question, tables, KPIS[question.kpi].reads) == slices(question, tables, (the_span,))


@pytest.mark.usefixtures("data")
def test_the_goal_for_2011() -> None:
    at_the_end, in_march = budget_2011_to_date(date(2012, 1, 1)), budget_2011_to_date(date(2011, 3, 1))

    assert at_the_end[()] == Standing(
        Decimal("24246688.68"), Decimal("23407600"), Decimal("24246688.68") / 23407600, Decimal("23407600")
    )
    assert in_march[()][:2] == (Decimal("2089839.81"), Decimal("2302900"))
    assert at_the_end[("France",)].budget is None
    assert at_the_end[("Australia",)].net_sales is None


# --- the definitions


@pytest.mark.parametrize(("organisation", "kpis"), [("adventureworks", ADVENTUREWORKS), ("cdnow", CDNOW)])
def test_every_kpi_has_a_definition_an_oracle_and_a_question(organisation: str, kpis: dict[str, Any]) -> None:
    defined = {name for kind, name in documents(organisation) if kind == "kpi"}

    assert defined == set(kpis)
    assert defined <= {question.kpi for question in QUESTIONS}


@pytest.mark.parametrize("organisation", ["adventureworks", "cdnow"])
def test_definitions_are_whole_and_name_what_exists(organisation: str) -> None:
    defined = documents(organisation)

    def references() -> Iterator[tuple[str, str]]:
        for (kind, _), document in defined.items():
            yield from (("owner", document[key]) for key in ("owner",) if key in document)
            yield from (("org_unit", document[key]) for key in ("org_unit",) if key in document)
            yield from (
                ("org_unit", unit)
                for unit in (*document.get("applies_to", ()), *document.get("audiences", ()))
            )
            yield from (("dataset", document[key]) for key in ("dataset",) if key in document)
            yield from (("dataset", link["to"]) for link in document.get("relationships", {}).values())
            yield from (("kpi", result["kpi"]) for result in document.get("results", ()))
            yield from (("kpi", kpi) for section in document.get("sections", ()) for kpi in section["kpis"])
            yield from (("kpi", kpi) for kpi in document.get("counter_kpis", ()))
            yield from ((kind, document["parent"]) for key in ("parent",) if key in document)

    assert not [name for (kind, name), document in defined.items() if not REQUIRED[kind] <= document.keys()]
    assert not [reference for reference in references() if reference not in defined]


@pytest.mark.parametrize("organisation", ["adventureworks", "cdnow"])
@pytest.mark.usefixtures("data")
def test_every_file_that_a_definition_reads_is_there(organisation: str, data: Path) -> None:
    sources = [
        document["source"] for (kind, _), document in documents(organisation).items() if kind == "dataset"
    ]

    assert all((data / organisation / source.removeprefix("DATA/")).is_file() for source in sources)


# --- the comparison


A_QUESTION = Question(
    kpi="net_sales", grain="year", start=date(2011, 1, 1), end=date(2012, 1, 1), as_of=date(2014, 1, 1)
)
TOLD = {
    "kpi": "net_sales",
    "grain": "year",
    "period": "2011",
    "from": "2011-01-01",
    "to": "2012-01-01",
    "slice": {},
    "value": "10.10",
    "complete": True,
}


def test_the_right_answer_is_accepted() -> None:
    assert_says([TOLD], A_QUESTION, {("2011", ()): Decimal("10.1")})


@pytest.mark.parametrize(
    "told",
    [
        pytest.param([], id="nothing told"),
        pytest.param([TOLD, TOLD], id="told twice"),
        pytest.param([TOLD, TOLD | {"period": "2012"}], id="a period too many"),
        pytest.param([TOLD | {"slice": {"region": None}}], id="a slice that was not asked"),
        pytest.param([TOLD | {"value": "10.11"}], id="a cent too much"),
        pytest.param([TOLD | {"value": "10.100000000000001"}], id="money that went through a float"),
        pytest.param([TOLD | {"value": None}], id="null instead of a value"),
        pytest.param([TOLD | {"value": 10.1}], id="a number instead of a text"),
        pytest.param([TOLD | {"value": "NaN"}], id="not a number"),
        pytest.param([TOLD | {"complete": False}], id="a whole period called incomplete"),
        pytest.param([TOLD | {"to": "2011-12-31"}], id="the last day instead of the end"),
    ],
)
def test_a_wrong_answer_is_noticed(told: list[dict[str, Any]]) -> None:
    with pytest.raises(AssertionError):
        assert_says(told, A_QUESTION, {("2011", ()): Decimal("10.1")})


@pytest.mark.parametrize(
    ("value", "same"),
    [
        pytest.param("0.66980339807786", True, id="a double next to the decimal"),
        pytest.param("0.6698034", False, id="rounded to seven places"),
    ],
)
def test_a_ratio_agrees_to_nine_digits(value: str, same: bool) -> None:
    assert is_same(Decimal(value), Decimal("0.669803398077860749"), "gross_margin") is same
