"""AdventureWorks: balances at the end and the beginning of a period, and flows beside them.

The ledger is one dataset of everything: sales and balances, actual and budget, money and heads. It is dated on one
day a month, and what belongs to February, April and June 2011 on the first day of the month after; so those months
are empty, and what July 2011 closes with is the balance of June. On 28 December 2013 only a few yearly entries are
booked: it is the last day of the ledger, and no balance of cash or heads is among them.

What `closing(x)` and `closing(x, per key)` make of that differs in three ways, each shown below:

- a period without any line closes with nothing, and per key with the balance before it;
- a period whose last day has lines, but none of this account, closes with nothing too, since the last day is that of
  the dataset, before `where`; per key, each key has its own last day;
- a department that is not reported on the last day has no heads, and per key those of its last report.

Per key the ledger needs the scenario and the department in the key. `per account_and_org` is refused: not for cash,
of which an organisation has one line a day, but since rows are found before `where`, and salaries have several.
Over an extract of the balance sheet, where account and organisation are a key, it is computed.
"""

import csv
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from .agreement import Expected, assert_same, told_values
from .comparison import Run, Told, assert_refused, number, told_by
from .conftest import HERE, write_project
from .oracle_balances import BALANCE_KPIS, BalanceQuestion, balance_answers, is_of_balance_sheet
from .oracle_base import Number

LEDGER = (date(2010, 12, 1), date(2014, 1, 1))
YEAR_2011 = (date(2011, 1, 1), date(2012, 1, 1))
YEAR_2013 = (date(2013, 1, 1), date(2014, 1, 1))
CLOSED = date(2014, 1, 1)

OF_HEADS = ("headcount", "headcount_opening", "headcount_last_known", "headcount_growth")


@pytest.fixture(scope="module")
def project(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of AdventureWorks with its balances, and an extract of the balance sheet."""
    folder = write_project(tmp_path_factory.mktemp("adventureworks_balances"), "adventureworks", data)
    for unused in ("call_centre", "goals", "sales", "scorecards"):
        (folder / "definitions" / f"{unused}.yaml").unlink()
    write_balance_sheet(data / "adventureworks" / "FactFinance.csv", folder / "balance_sheet.csv")
    text = (HERE / "adventureworks_balances" / "balances.yaml").read_text(encoding="utf-8")
    text = text.replace("DATA/", f"{data / 'adventureworks'}/").replace("EXTRACT/", "")
    (folder / "definitions" / "balances.yaml").write_text(text, encoding="utf-8")
    return folder


def write_balance_sheet(ledger: Path, extract: Path) -> None:
    with (
        ledger.open(encoding="utf-8", newline="") as lines,
        extract.open("w", encoding="utf-8", newline="") as out,
    ):
        reader = csv.DictReader(lines)
        writer = csv.DictWriter(out, reader.fieldnames or ())
        writer.writeheader()
        writer.writerows(line for line in reader if is_of_balance_sheet(line["AccountKey"]))


def ask(kpi: Run, project: Path, names: Sequence[str], question: BalanceQuestion) -> list[Told]:
    by = [word for dimension in question.by for word in ("--by", dimension)]
    return told_by(
        kpi(
            *("run", *names, "--project", project, "--grain", question.grain, *by, "--format", "json"),
            *("--from", question.start, "--to", question.end, "--as-of", question.as_of),
        )
    )


def of_span(grain: str, span: tuple[date, date], as_of: date, *by: str) -> BalanceQuestion:
    return BalanceQuestion(grain=grain, start=span[0], end=span[1], as_of=as_of, by=by)


def in_words(question: BalanceQuestion) -> str:
    by = f" by {' and '.join(question.by)}" if question.by else ""
    return f"{question.grain}{by} from {question.start} as of {question.as_of}"


def months(told: Sequence[Told]) -> dict[str, Number]:
    return {one["period"]: number(one["value"]) for one in told}


# --- the product against the oracle


QUESTIONS = [
    of_span("month", LEDGER, CLOSED),
    of_span("quarter", LEDGER, CLOSED),
    of_span("quarter", YEAR_2013, CLOSED, "organization"),
    of_span("month", YEAR_2011, CLOSED, "organization"),
    of_span("month", (date(2011, 3, 1), date(2011, 6, 1)), date(2011, 5, 15)),
    of_span("quarter", YEAR_2011, date(2011, 12, 29), "organization"),
    of_span("month", (date(2012, 10, 1), date(2013, 1, 1)), date(2012, 12, 28)),
]
QUESTIONS_OF_DEPARTMENTS = [
    of_span("month", (date(2012, 1, 1), date(2013, 1, 1)), CLOSED, "department"),
    of_span("quarter", YEAR_2013, CLOSED, "organization", "department"),
]


def answers(names: Sequence[str], question: BalanceQuestion) -> Expected:
    return {key: value for name in names for key, value in balance_answers(name, question).items()}


@pytest.mark.parametrize("question", QUESTIONS, ids=in_words)
def test_the_product_says_what_the_oracle_says(question: BalanceQuestion, kpi: Run, project: Path) -> None:
    told = ask(kpi, project, list(BALANCE_KPIS), question)

    assert_same(told_values(told, question.by), answers(list(BALANCE_KPIS), question))


@pytest.mark.parametrize("question", QUESTIONS_OF_DEPARTMENTS, ids=in_words)
def test_heads_by_department(question: BalanceQuestion, kpi: Run, project: Path) -> None:
    told = ask(kpi, project, OF_HEADS, question)

    assert_same(told_values(told, question.by), answers(OF_HEADS, question))


@pytest.mark.parametrize("name", BALANCE_KPIS)
def test_a_kpi_alone_says_what_it_says_among_others(name: str, kpi: Run, project: Path) -> None:
    question = of_span("quarter", YEAR_2011, CLOSED, "organization")

    assert_same(told_values(ask(kpi, project, [name], question), question.by), answers([name], question))


# --- the last day of the ledger is that of any line


def test_closing_cash_of_a_month(kpi: Run, project: Path) -> None:
    expected: dict[str, tuple[Number, Number]] = {
        "2011-01": (Decimal(2709518), Decimal(2709518)),  # booked on the 29th
        "2011-02": (None, Decimal(2709518)),  # booked on 1 March, so January's is the last known
        "2011-03": (Decimal(1488739), Decimal(1488739)),  # booked on the 1st and the 31st: the last counts
        "2011-07": (Decimal(1147736), Decimal(1147736)),  # June's, booked on 1 July
        "2013-11": (Decimal(5673580), Decimal(5673580)),  # booked on the 29th
        "2013-12": (None, Decimal(5673580)),  # the last day of the ledger has lines, none of cash
    }

    told = ask(kpi, project, ["cash", "cash_last_known"], of_span("month", LEDGER, CLOSED))

    found = {(one["kpi"], one["period"]): number(one["value"]) for one in told}
    assert {month: (found["cash", month], found["cash_last_known", month]) for month in expected} == expected


def test_a_quarter_closes_with_its_last_month_that_has_lines(kpi: Run, project: Path) -> None:
    """Neither the sum of three months nor that of three days: the quarter's is one of the months'."""
    by_month = months(ask(kpi, project, ["cash"], of_span("month", YEAR_2011, CLOSED)))
    by_quarter = months(ask(kpi, project, ["cash"], of_span("quarter", YEAR_2011, CLOSED)))

    assert by_quarter == {
        "2011-Q1": by_month["2011-03"],
        "2011-Q2": by_month["2011-05"],
        "2011-Q3": by_month["2011-09"],
        "2011-Q4": by_month["2011-12"],
    }


@pytest.mark.parametrize("name", ["cash", "headcount"])
@pytest.mark.parametrize("grain", ["month", "quarter", "year"])
def test_a_period_opens_with_what_the_one_before_closed_with(
    name: str, grain: str, kpi: Run, project: Path
) -> None:
    told = ask(kpi, project, [name, f"{name}_opening"], of_span(grain, LEDGER, CLOSED))

    closings = [number(one["value"]) for one in told if one["kpi"] == name]
    openings = [number(one["value"]) for one in told if one["kpi"] == f"{name}_opening"]
    assert openings == [None, *closings[:-1]]


def test_organisations_add_up_to_the_whole_on_one_day(kpi: Run, project: Path) -> None:
    """The last day is the ledger's, not each organisation's, so slices of a balance are of the same moment."""
    whole = months(ask(kpi, project, ["cash"], of_span("quarter", LEDGER, CLOSED)))
    told = ask(kpi, project, ["cash"], of_span("quarter", LEDGER, CLOSED, "organization"))

    for quarter, cash in whole.items():
        parts = [number(one["value"]) for one in told if one["period"] == quarter]
        known = [part for part in parts if part is not None]
        assert (sum(known) if known else None) == cash


def test_a_department_that_is_not_reported_is_empty_and_its_last_report_is_known(
    kpi: Run, project: Path
) -> None:
    """At the end of September 2012 the two heads of Germany's administration are not reported."""
    question = of_span("quarter", (date(2012, 7, 1), date(2012, 10, 1)), CLOSED)

    told = ask(kpi, project, ["headcount", "headcount_last_known"], question)

    assert {one["kpi"]: number(one["value"]) for one in told} == {
        "headcount": Decimal(185),
        "headcount_last_known": Decimal(187),
    }


def test_where_on_an_organisation_does_not_move_the_last_day(kpi: Run, project: Path) -> None:
    question = of_span("month", LEDGER, CLOSED, "organization")
    expected: Expected = {
        (name, period, ()): value
        for (name, period, key), value in balance_answers("cash", question).items()
        if key == ("France",)
    }

    told = told_by(
        kpi(
            *("run", "cash", "--project", project, "--grain", "month", "--format", "json"),
            *("--from", question.start, "--to", question.end, "--as-of", CLOSED),
            *("--where", "organization = 'France'"),
        )
    )

    assert_same(told_values(told), expected)


# --- in a period that is not over


@pytest.mark.parametrize(
    ("as_of", "cash"),
    [
        pytest.param("2011-05-01", None, id="1 May has not begun: no line of May is seen"),
        pytest.param("2011-05-02", "4561551", id="the line of 1 May, which is April's"),
        pytest.param("2011-05-31", "4561551", id="31 May has not begun"),
        pytest.param("2011-06-01", "3067144", id="all of May"),
    ],
)
def test_a_part_period_closes_with_what_is_seen_so_far(
    as_of: str, cash: str | None, kpi: Run, project: Path
) -> None:
    may = (date(2011, 5, 1), date(2011, 6, 1))

    (told,) = ask(kpi, project, ["cash"], of_span("month", may, date.fromisoformat(as_of)))

    assert number(told["value"]) == (None if cash is None else Decimal(cash))
    assert told["complete"] is (as_of == "2011-06-01")


@pytest.mark.parametrize("as_of", ["2012-03-30", "2012-03-31", "2012-05-15", "2012-06-30"])
def test_twelve_months_end_on_the_day_that_is_asked(as_of: str, kpi: Run, project: Path) -> None:
    """On 30 March 2012 the window begins on 30 March 2011, so what was booked on 31 March 2011 is in it."""
    day = date.fromisoformat(as_of)
    question = of_span("month", (date(2012, 1, 1), day), day)
    names = ["net_sales_12_months", "net_sales_year_to_date"]

    assert_same(told_values(ask(kpi, project, names, question)), answers(names, question))


# --- what a key must be


def test_a_key_that_has_two_last_lines_is_refused(kpi: Run, project: Path) -> None:
    question = of_span("quarter", YEAR_2013, CLOSED)
    words = ["--project", project, "--grain", "quarter", "--from", question.start, "--to", question.end]

    result = kpi("run", "cash_by_too_short_a_key", *words, "--as-of", CLOSED, "--format", "json")

    assert_refused(result)
    assert "error[last-row-not-unique]" in result.stderr


def test_the_definitions_have_no_errors(kpi: Run, project: Path) -> None:
    result = kpi("check", "--project", project)

    assert result.exit_code == 0, result.output


# --- the oracle itself


@pytest.mark.parametrize(
    ("name", "quarter", "expected"),
    [
        pytest.param(
            "cash", "2011-Q1", 151902 + 286328 + 129198 + 183144 + 158514 + 579653, id="31 March 2011"
        ),
        pytest.param("cash_last_known", "2013-Q4", 5673580, id="29 November 2013"),
        pytest.param("budget_variance", "2012-Q1", None, id="there is no budget for 2012"),
    ],
)
@pytest.mark.usefixtures("data")
def test_known_balances(name: str, quarter: str, expected: int | None) -> None:
    found = balance_answers(name, of_span("quarter", LEDGER, CLOSED))

    assert found[name, quarter, ()] == (None if expected is None else Decimal(expected))
