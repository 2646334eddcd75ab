"""Crucial: does the KPI carry a goal, and would it be missed?"""

import statistics
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import accumulate, permutations

import pytest
from assess_cases import APRIL_1, case, check_example, example
from factories import goal, kpi, plus, ratio, result, scorecard, seen, total, value_of
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_cases import decided, repository

from kpiascode.assess.probe import Case
from kpiascode.assess.statistics import SHUFFLES, linear_correlation, rank_correlation, share_of_chance
from kpiascode.model.assessment import Outcome
from kpiascode.model.calendar import Duration, Grain, Unit
from kpiascode.model.project import Goal, Lead, SignalSettings

OVER = (date(2025, 1, 1), date(2026, 3, 31))
JUST_OVER = (date(2025, 1, 1), APRIL_1.date())
GROWTH = goal("growth", result("margin", "0.4"))
SALES = kpi("sales")
SHARE = kpi("share", expression=ratio(plus(value_of("margin"), total("x")), total("y")))
BOTH = goal("growth", result("margin", "0.4"), result("sales", "1"))
UP = [str(n) for n in range(1, 13)]


def weighing(weight: str) -> Goal:
    """A goal of which the margin carries `weight` per cent."""
    return goal(
        "growth",
        result("margin", "1", weight=weight),
        result("sales", "1", weight=str(100 - Decimal(weight))),
    )


def against(*sales: str | None) -> Case:
    """The margin rises by one every month; beside it sales under the same goal."""
    return case(SALES, BOTH, values=UP[-len(sales) :], others={"sales": sales})


def on(count: int) -> Case:
    others = tuple(kpi(f"k{n:02}") for n in range(1, count))
    return case(*others, scorecard("monthly", "margin", *(k.name for k in others)))


MONTH = Duration(amount=1, unit=Unit.MONTH)
STEPS = [int(digit) - 4 for digit in "31415926535897932384626433"]
LOOSE = [int(digit) - 4 for digit in "2718281828459045235360287"]


def leading(
    own: list[int],
    others: list[int],
    *,
    sign: int = 1,
    seasonal: bool = False,
    grain: Grain = Grain.MONTH,
    also: tuple[Lead, ...] = (),
) -> Case:
    """The margin with its steps from month to month, and sales with theirs, which it announces a month ahead."""
    margin = kpi(
        "margin",
        leads=(*also, Lead(kpi="sales", lag=MONTH, sign=sign)),
        signals=SignalSettings(seasonal=seasonal),
    )
    sums = [[str(total) for total in accumulate(steps)] for steps in (own, others)]
    return case(kpi("sales", grain=grain), of=margin, values=sums[0], others={"sales": sums[1]})


EXAMPLES = [
    # serves-a-goal
    example("serves-a-goal", "pass", "Serves “Growth”, a goal of Acme.", case(GROWTH), id="measured by it"),
    example(
        "serves-a-goal",
        "pass",
        "Serves “Growth”, a goal of Acme.",
        case(
            goal("growth"),
            goal("low", result("margin", "1"), parents=("growth",), org_unit="retail", during=OVER),
        ),
        id="over a goal of a unit below; only the root must run",
    ),
    example(
        "serves-a-goal",
        "pass",
        "Serves “Growth”, a goal of Acme.",
        case(SHARE, goal("growth", result("share", "1"))),
        id="by a formula that it stands in",
    ),
    example(
        "serves-a-goal",
        "pass",
        "Serves “Growth”, a goal of Acme.",
        case(
            goal("big", result("margin", "1"), org_unit="retail"),
            goal("growth", result("margin", "1"), result("margin", "1")),
        ),
        id="a goal of the organisation before any other",
    ),
    example(
        "serves-a-goal",
        "partial",
        "Serves “Low”, a goal of Retail, but no goal of the whole organisation.",
        case(goal("low", result("margin", "1"), org_unit="retail")),
        id="only a goal of a unit",
        fix="Name a goal of the organisation as parent of “Low”.",
    ),
    example(
        "serves-a-goal",
        "fail",
        "No goal needs it.",
        case(goal("growth", result("sales", "1")), SALES),
        id="no goal names it",
        fix="Name it in the results of a goal, or retire it.",
    ),
    example(
        "serves-a-goal",
        "fail",
        "“Old” needs it, but leads to no goal that runs on 31 March 2026.",
        case(goal("old", result("margin", "1"), during=OVER)),
        id="the goal was over on the last day that is seen",
        fix="Name it in the results of a goal that runs now, or retire it.",
    ),
    # carries-weight
    example("carries-weight", "pass", "Carries 24 % of “Growth”.", case(SALES, weighing("24")), id="24 %"),
    example(
        "carries-weight", "pass", "Carries 10 % of “Growth”.", case(SALES, weighing("10")), id="just enough"
    ),
    example(
        "carries-weight",
        "partial",
        "Carries 9.9 % of “Growth”.",
        case(SALES, weighing("9.99")),
        id="hardly less is cut, not rounded",
        fix="Give it more weight on the way to “Growth”, or measure that goal by fewer KPIs.",
    ),
    example("carries-weight", "partial", "Carries 5 % of “Growth”.", case(SALES, weighing("5")), id="5 %"),
    example("carries-weight", "fail", "Carries 4.9 % of “Growth”.", case(SALES, weighing("4.9")), id="less"),
    example(
        "carries-weight", "fail", "Carries no part of a goal that runs now.", case(), id="no goal at all"
    ),
    # not-a-duplicate
    example("not-a-duplicate", "pass", "“Growth” has no other measure.", case(GROWTH), id="the sole measure"),
    example(
        "not-a-duplicate",
        "pass",
        "“Other” has no other measure.",
        case(SALES, BOTH, goal("other", result("margin", "1"))),
        id="the sole measure of one of two goals",
    ),
    example(
        "not-a-duplicate",
        "pass",
        "Moves on its own: rank correlation at most 0.79, with “Sales”.",
        against("6", "2", "4", "3", "5", "1", "7", "10", "9", "8", "11", "12"),
        id="1 - 58 / 286: too loose for a duplicate, cut and not rounded",
    ),
    example(
        "not-a-duplicate",
        "partial",
        "Moves together with “Sales”: rank correlation 0.88.",
        against("5", "2", "3", "4", "1", *UP[5:]),
        id="1 - 32 / 286: close",
        fix="Check whether the goal needs both it and “Sales”.",
    ),
    example(
        "not-a-duplicate",
        "fail",
        "Moves together with “Sales”: rank correlation 0.95.",
        against("3", "2", "1", "5", "4", "7", "6", "9", "8", *UP[9:]),
        id="1 - 14 / 286: the same",
        fix="Keep either it or “Sales” as a measure of the goal.",
    ),
    example(
        "not-a-duplicate",
        "fail",
        "Moves together with “Sales”: rank correlation 1.00.",
        against(*reversed([f"{int(n) ** 3}" for n in UP])),
        id="exactly the other way round tells the same, however curved",
    ),
    example(
        "not-a-duplicate",
        "fail",
        "Moves together with “Sales”: rank correlation 1.00.",
        case(
            SALES,
            kpi("orders"),
            goal("growth", *(result(k, "1") for k in ("margin", "sales", "orders"))),
            values=UP,
            others={"sales": UP, "orders": ("1",)},
        ),
        id="a duplicate is one although another measure is not known",
    ),
    example(
        "not-a-duplicate",
        "inconclusive",
        "Shares fewer than 12 comparable periods with “Sales”.",
        against(*UP[1:]),
        id="eleven common months",
    ),
    example(
        "not-a-duplicate",
        "inconclusive",
        "Shares fewer than 12 comparable periods with “Sales”.",
        against(*UP[:11], None),
        id="a month without a value is not common",
    ),
    example(
        "not-a-duplicate",
        "inconclusive",
        "Shares fewer than 12 comparable periods with “Sales”.",
        against(*["7"] * 12),
        id="what never moves cannot be compared",
    ),
    example(
        "not-a-duplicate",
        "not_applicable",
        "No goal that is not over measures it.",
        case(),
        id="without a goal",
    ),
    # drives-a-measure
    example(
        "drives-a-measure",
        "pass",
        "“Growth” measures “Share”, computed from it.",
        case(SHARE, goal("growth", result("share", "1"))),
        id="in the formula of a measured KPI",
    ),
    example(
        "drives-a-measure",
        "not_applicable",
        "No KPI that a running goal measures is computed from it; no lead is declared.",
        case(SHARE, GROWTH),
        id="in a formula that no goal measures",
    ),
    example(
        "drives-a-measure",
        "not_applicable",
        "No KPI that a running goal measures is computed from it; no lead is declared.",
        case(SHARE, goal("old", result("share", "1"), during=OVER)),
        id="in a formula that a goal measured once",
    ),
    example(
        "drives-a-measure",
        "pass",
        "“Old” measures “Share”, computed from it.",
        case(SHARE, goal("old", result("share", "1"), during=JUST_OVER)),
        id="in a formula that a goal measured until the last day that is seen",
    ),
    example(
        "drives-a-measure",
        "pass",
        "“Sales” moves together with it 1 month later, as declared: correlation 1.00 over 24 changes; "
        "chance comes as near in less than 0.1 % of shuffles.",
        leading(STEPS, [0, *STEPS[:-1]]),
        id="the same steps a month later",
    ),
    example(
        "drives-a-measure",
        "pass",
        "“Sales” moves together with it 1 month later, in the opposite sense, as declared: "
        "correlation -1.00 over 24 changes; chance comes as near in less than 0.1 % of shuffles.",
        leading(STEPS, [0, *(-step for step in STEPS[:-1])], sign=-1),
        id="the opposite steps, declared so",
    ),
    example(
        "drives-a-measure",
        "partial",
        "“Sales” moves together with it 1 month later, as declared: correlation 0.15 over 24 changes, "
        "but chance comes as near in 24 % of shuffles.",
        leading(STEPS, [0, *LOOSE]),
        id="loosely",
        fix="Wait for more periods, or drop the lead to “Sales”.",
    ),
    example(
        "drives-a-measure",
        "fail",
        "“Sales” does not move 1 month later as declared: correlation -1.00 over 24 changes.",
        leading(STEPS, [0, *(-step for step in STEPS[:-1])]),
        id="the opposite steps",
        fix="Drop the lead to “Sales”, or find out why it does not follow.",
    ),
    example(
        "drives-a-measure",
        "fail",
        "“Sales” does not move 1 month later as declared: correlation -1.00 over 24 changes.",
        leading(STEPS, [0, *(-step for step in STEPS[:-1])], also=(Lead(kpi="margin", lag=MONTH, sign=1),)),
        id="of two leads the worst counts",
    ),
    example(
        "drives-a-measure",
        "inconclusive",
        "Shares 23 changes from month to month with “Sales” 1 month later; 24 are needed.",
        leading(STEPS[1:], [0, *STEPS[1:-1]]),
        id="one too few",
    ),
    example(
        "drives-a-measure",
        "inconclusive",
        "Shares 13 changes from year to year with “Sales” 1 month later; 24 are needed.",
        leading(STEPS, STEPS, seasonal=True),
        id="seasonal: only half of them have a year before",
    ),
    example(
        "drives-a-measure",
        "inconclusive",
        "It or “Sales” never moves, so whether they move together cannot be told.",
        leading(STEPS, [0] * len(STEPS)),
        id="what never moves follows nothing",
    ),
    example(
        "drives-a-measure",
        "inconclusive",
        "“Sales” is read at another grain, so the two cannot be held against each other.",
        leading(STEPS, STEPS, grain=Grain.WEEK),
        id="weeks and months",
    ),
    # used-in-decisions
    example(
        "used-in-decisions",
        "inconclusive",
        "There is no git history, so whether it is used in decisions is not known.",
        case(),
        id="no repository",
        fix="Write what was decided into a commit message that names `margin`, on a line that begins with `Decision:`.",
    ),
    example(
        "used-in-decisions",
        "pass",
        "A decision of 1 February 2026 names it: “cut the discounts” (abc1234).",
        case(history=repository(decided("2026-02-01"))),
        id="two months ago",
    ),
    example(
        "used-in-decisions",
        "pass",
        "A decision of 3 April 2026 names it: “raise prices” (abc1234).",
        case(history=repository(decided("2026-04-03", "raise prices"), decided("2026-01-31"))),
        id="of several the newest",
    ),
    example(
        "used-in-decisions",
        "partial",
        "A decision of 31 January 2026 names it: “cut the discounts” (abc1234). Since then none does.",
        case(history=repository(decided("2026-01-31"))),
        id="longer ago",
    ),
    example(
        "used-in-decisions",
        "partial",
        "A decision of 1 December 2025 names it: “cut the discounts” (abc1234). Since then none does.",
        case(history=repository(decided("2025-12-01"))),
        id="four months ago",
    ),
    example(
        "used-in-decisions",
        "fail",
        "No decision of the last 4 months names it.",
        case(
            history=repository(
                decided("2026-05-01"), decided("2026-03-01", of="sales"), decided("2025-11-30")
            )
        ),
        id="too long ago, of another KPI, or after this month",
    ),
    example(
        "used-in-decisions",
        "fail",
        "No decision of the last 4 months names it.",
        case(history=repository(released="2026-02-01")),
        id="just old enough",
    ),
    example(
        "used-in-decisions",
        "inconclusive",
        "Was brought on 2 February 2026, less than 2 months ago.",
        case(history=repository(released="2026-02-02")),
        id="young",
    ),
    example(
        "used-in-decisions",
        "inconclusive",
        "What the repository remembers begins on 2 December 2025, and holds no decision by it.",
        case(history=repository(since="2025-12-02", released=None)),
        id="a shallow clone",
    ),
    example(
        "used-in-decisions",
        "pass",
        "A decision of 1 March 2026 names it: “cut the discounts” (abc1234).",
        case(history=repository(decided("2026-03-01"), since="2026-02-20", released=None)),
        id="a shallow clone that holds one",
    ),
    # one-of-few
    example("one-of-few", "pass", "Is the only KPI on “Monthly”.", on(1), id="alone"),
    example("one-of-few", "pass", "Is one of 7 KPIs on “Monthly”.", on(7), id="seven"),
    example("one-of-few", "partial", "Is one of 8 KPIs on “Monthly”.", on(8), id="eight"),
    example("one-of-few", "partial", "Is one of 12 KPIs on “Monthly”.", on(12), id="twelve"),
    example(
        "one-of-few",
        "fail",
        "Is one of 13 KPIs on “Monthly”.",
        on(13),
        id="thirteen",
        fix="Keep at most 7 KPIs on “Monthly” and move the others to a scorecard of their own.",
    ),
    example(
        "one-of-few",
        "pass",
        "Is one of 2 KPIs on “Short”.",
        case(
            *(kpi(f"k{n}") for n in range(20)),
            scorecard("all", "margin", *(f"k{n}" for n in range(20))),
            scorecard("short", "margin", "k1"),
        ),
        id="the shortest scorecard counts",
    ),
    example("one-of-few", "not_applicable", "It is on no scorecard.", case(), id="on none"),
]


@pytest.mark.parametrize(("probe", "outcome", "reason", "given", "fix"), EXAMPLES)
def test_crucial(probe: str, outcome: Outcome, reason: str, given: Case, fix: str | None) -> None:
    check_example(probe, outcome, reason, given, fix)


def test_kpis_of_different_grain_share_no_periods() -> None:
    """Twelve months and the twelve days on which they start."""
    monthly = against(*UP)
    daily = tuple(seen("sales", f"{o.period.start}", "1") for o in monthly.series)

    check_example(
        "not-a-duplicate",
        Outcome.INCONCLUSIVE,
        "Shares fewer than 12 comparable periods with “Sales”.",
        replace(monthly, history={**monthly.history, "sales": daily}),
        None,
    )


@pytest.mark.parametrize(
    ("pairs", "rho"),
    [
        pytest.param([(1, 10), (2, 20), (3, 30)], "1", id="the same order"),
        pytest.param([(1, 3), (2, 2), (3, 1)], "-1", id="the other way round"),
        pytest.param(
            [(1, 1), (2, 2), (2, 3), (3, 4)], "0.9487", id="4.5 / sqrt(4.5 * 5): equal values share a rank"
        ),
        pytest.param([(1, 2), (2, 1), (3, 2), (4, 1)], "-0.4472", id="-1 / sqrt(5)"),
        pytest.param([(1, 5), (2, 5)], None, id="a constant has no order"),
        pytest.param([], None, id="nothing has none either"),
    ],
)
def test_rank_correlation(pairs: list[tuple[int, int]], rho: str | None) -> None:
    found = rank_correlation([(Decimal(one), Decimal(other)) for one, other in pairs])

    assert (None if found is None else round(found, 4)) == (None if rho is None else Decimal(rho))


SERIES = st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=3, max_size=7)


@given(SERIES)
def test_linear_correlation_is_that_of_the_standard_library(pairs: list[tuple[int, int]]) -> None:
    found = linear_correlation([(Decimal(one), Decimal(other)) for one, other in pairs])

    if len({one for one, _ in pairs}) == 1 or len({other for _, other in pairs}) == 1:
        assert found is None
    else:
        assert found is not None
        assert float(found) == pytest.approx(statistics.correlation(*zip(*pairs, strict=True)))


@settings(max_examples=15, deadline=None)
@given(SERIES, st.sampled_from([1, -1]))
def test_shuffles_come_near_to_all_orders_there_are(pairs: list[tuple[int, int]], sign: int) -> None:
    """At most four standard errors from the exact share, of all orders of the second series."""
    ones, others = zip(*pairs, strict=True)
    seen_products = sign * sum(one * other for one, other in pairs)
    orders = [
        sign * sum(one * other for one, other in zip(ones, order, strict=True)) >= seen_products
        for order in permutations(others)
    ]
    exact = sum(orders) / len(orders)

    share = share_of_chance([(Decimal(one), Decimal(other)) for one, other in pairs], sign)

    assert abs(float(share) - exact) <= 4 * (exact * (1 - exact) / SHUFFLES) ** 0.5 + 1 / SHUFFLES
    assert share == share_of_chance([(Decimal(one), Decimal(other)) for one, other in pairs], sign)
