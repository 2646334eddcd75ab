"""Balances of AdventureWorks the slow and obvious way: every line of the ledger is looked at for every value.

Shares nothing with the product. The ledger is the whole file: all scenarios, all accounts, money and units.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Final, NamedTuple, TypeAlias

from .agreement import Expected, Value
from .oracle_adventureworks import chart, leaves
from .oracle_base import (
    Number,
    Period,
    Slice,
    Span,
    add,
    day_of_key,
    months_later,
    negative,
    period_of,
    periods,
    ratio,
    read,
    read_by,
    total,
)

# --- lines

Rows: TypeAlias = Sequence["Line"]
Days: TypeAlias = Mapping[date, Rows]


class Line(NamedTuple):
    day: date
    scenario: str
    account: str
    organization: str
    department: str
    amount: Decimal


@cache
def ledger_lines() -> Sequence[Line]:
    scenarios = read_by("ScenarioKey", "adventureworks/DimScenario.csv")
    organizations = read_by("OrganizationKey", "adventureworks/DimOrganization.csv")
    departments = read_by("DepartmentGroupKey", "adventureworks/DimDepartmentGroup.csv")
    return [
        Line(
            day_of_key(line["DateKey"]),
            scenarios[line["ScenarioKey"]]["ScenarioName"],
            line["AccountKey"],
            organizations[line["OrganizationKey"]]["OrganizationName"],
            departments[line["DepartmentGroupKey"]]["DepartmentGroupName"],
            Decimal(line["Amount"]),
        )
        for line in read("adventureworks/FactFinance.csv")
    ]


def account(name: str) -> str:
    (key,) = (key for key, found in chart().items() if found["AccountDescription"] == name)
    return key


def is_of_balance_sheet(account_key: str) -> bool:
    return chart()[account_key]["AccountType"] in ("Assets", "Liabilities")


@cache
def ledger() -> Days:
    return by_day(ledger_lines())


@cache
def balance_sheet() -> Days:
    """Return the lines of assets and liabilities."""
    return by_day([line for line in ledger_lines() if is_of_balance_sheet(line.account)])


# --- which rows count


class Sight(NamedTuple):
    """A period of a grain, seen at a moment."""

    grain: str
    span: Span
    as_of: date

    @property
    def elapsed(self) -> Span:
        return Span(self.span.start, max(self.span.start, min(self.span.end, self.as_of)))


Pick: TypeAlias = Callable[[Sight], Rows]
"""Which rows a value is taken of."""


def by_day(lines: Rows) -> Days:
    found: defaultdict[date, list[Line]] = defaultdict(list)
    for line in lines:
        found[line.day].append(line)
    return found


def within(days: Days, span: Span) -> Rows:
    return [line for day, lines in days.items() if span.start <= day < span.end for line in lines]


def last_of(days: Days, span: Span) -> Rows:
    """Return the lines of the last day in the span on which there is any."""
    last = max((day for day in days if span.start <= day < span.end), default=None)
    return () if last is None else days[last]


def last_of_each(lines: Rows, key: Callable[[Line], object]) -> Rows:
    """Return the last line of each key; two on its last day would be refused."""
    of_key: defaultdict[object, list[Line]] = defaultdict(list)
    for line in lines:
        of_key[key(line)].append(line)
    last = {own: max(line.day for line in lines) for own, lines in of_key.items()}
    found = [line for own, lines in of_key.items() for line in lines if line.day == last[own]]
    assert len(found) == len(of_key), "a key has two last lines"
    return found


def at_close(days: Callable[[], Days]) -> Pick:
    return lambda sight: last_of(days(), sight.elapsed)


def last_known(days: Callable[[], Days], key: Callable[[Line], object]) -> Pick:
    @cache
    def before_end(end: date) -> Rows:
        return last_of_each(within(days(), Span(date.min, end)), key)

    return lambda sight: before_end(sight.elapsed.end)


def before(pick: Pick) -> Pick:
    """Return what is picked in the period before."""

    def of_the_period_before(sight: Sight) -> Rows:
        day_before = sight.span.start - timedelta(days=1)
        return pick(sight._replace(span=period_of(day_before, sight.grain).span))

    return of_the_period_before


def a_year_before(pick: Pick) -> Pick:
    """Return what is picked in the same period of the year before, after as many days of a part one."""

    def of_the_year_before(sight: Sight) -> Rows:
        span = period_of(months_later(sight.span.start, -12), sight.grain).span
        passed = sight.elapsed.end - sight.elapsed.start
        as_of = span.end if sight.elapsed == sight.span else span.start + passed
        return pick(Sight(sight.grain, span, as_of))

    return of_the_year_before


def all_in(sight: Sight) -> Rows:
    return within(ledger(), sight.elapsed)


def of_year_to_date(sight: Sight) -> Rows:
    last_moment = sight.elapsed.end - timedelta(days=1)
    return within(ledger(), Span(last_moment.replace(month=1, day=1), sight.elapsed.end))


def of_twelve_months(sight: Sight) -> Rows:
    end = sight.elapsed.end
    return within(ledger(), Span(months_later(end, -12), end))


# --- what they count as


Count: TypeAlias = Callable[[Line], Decimal | None]
"""What a line adds; None: it does not belong."""


def of_account(name: str) -> Count:
    key = account(name)
    return lambda line: line.amount if (line.account, line.scenario) == (key, "Actual") else None


def of_net_sales(scenario: str) -> Count:
    signs = leaves("Net Sales")

    def count(line: Line) -> Decimal | None:
        belongs = line.account in signs and line.scenario == scenario
        return line.amount * signs[line.account] if belongs else None

    return count


class Part(NamedTuple):
    """A sum: over which rows, and what of them."""

    pick: Pick
    counts: Callable[[], Count]

    def value(self, rows: Iterable[Line]) -> Number:
        count = self.counts()
        return total(found for line in rows if (found := count(line)) is not None)


# --- KPIs


@dataclass(frozen=True, slots=True)
class BalanceKpi:
    """Sums, and how the value is made of them."""

    parts: tuple[Part, ...]
    value: Callable[..., Value] = lambda one: one


def change(now: Number, then: Number) -> Value:
    return add(now, negative(then))


def relative(now: Number, then: Number) -> Value:
    return quotient(add(now, negative(then)), then)


def quotient(top: Number, bottom: Number) -> Value:
    found = ratio(top, bottom)
    return None if found is None else float(found)


def post(line: Line) -> object:
    return line.scenario, line.account, line.organization, line.department


def account_and_org(line: Line) -> object:
    return line.account, line.organization


def cash_of(pick: Pick) -> Part:
    return Part(pick, lambda: of_account("Cash"))


def heads_of(pick: Pick) -> Part:
    return Part(pick, lambda: of_account("Headcount"))


def net_sales_of(pick: Pick, scenario: str = "Actual") -> Part:
    return Part(pick, lambda: of_net_sales(scenario))


closing = at_close(ledger)
closing_of_posts = last_known(ledger, post)

BALANCE_KPIS: Final[dict[str, BalanceKpi]] = {
    "headcount": BalanceKpi((heads_of(closing),)),
    "headcount_opening": BalanceKpi((heads_of(before(closing)),)),
    "headcount_last_known": BalanceKpi((heads_of(closing_of_posts),)),
    "headcount_growth": BalanceKpi((heads_of(closing), heads_of(a_year_before(closing))), change),
    "net_sales_per_head": BalanceKpi((net_sales_of(all_in), heads_of(closing)), quotient),
    "cash": BalanceKpi((cash_of(closing),)),
    "cash_opening": BalanceKpi((cash_of(before(closing)),)),
    "cash_change": BalanceKpi((cash_of(closing), cash_of(before(closing))), change),
    "cash_last_known": BalanceKpi((cash_of(closing_of_posts),)),
    "cash_opening_last_known": BalanceKpi((cash_of(before(closing_of_posts)),)),
    "cash_of_the_balance_sheet": BalanceKpi((cash_of(at_close(balance_sheet)),)),
    "cash_last_known_of_the_balance_sheet": BalanceKpi(
        (cash_of(last_known(balance_sheet, account_and_org)),)
    ),
    "budget_variance": BalanceKpi((net_sales_of(all_in), net_sales_of(all_in, "Budget")), change),
    "budget_variance_percent": BalanceKpi((net_sales_of(all_in), net_sales_of(all_in, "Budget")), relative),
    "net_sales_year_to_date": BalanceKpi((net_sales_of(of_year_to_date),)),
    "net_sales_12_months": BalanceKpi((net_sales_of(of_twelve_months),)),
}


# --- answers


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceQuestion:
    grain: str
    start: date
    end: date
    as_of: date
    by: tuple[str, ...] = ()

    @property
    def periods(self) -> tuple[Period, ...]:
        return periods(self.grain, self.start, self.end)


def balance_answers(name: str, question: BalanceQuestion) -> Expected:
    """Return the values by period and slice; a slice that counts in any part and period is in each."""
    kpi = BALANCE_KPIS[name]
    picked = {
        period: [
            _by_slice(part, Sight(question.grain, period.span, question.as_of), question.by)
            for part in kpi.parts
        ]
        for period in question.periods
    }
    slices = {key for parts in picked.values() for part in parts for key in part} if question.by else {()}
    return {
        (name, period.name, key): kpi.value(*(part.get(key) for part in parts))
        for period, parts in picked.items()
        for key in slices
    }


def _by_slice(part: Part, sight: Sight, by: Sequence[str]) -> dict[Slice, Number]:
    """Return the sum of each slice that has a line which counts."""
    lines: defaultdict[Slice, list[Line]] = defaultdict(list)
    count = part.counts()
    for line in part.pick(sight):
        if count(line) is not None:
            lines[tuple(getattr(line, dimension) for dimension in by)].append(line)
    return {key: part.value(own) for key, own in lines.items()}
