"""Relevant: does it belong to the line of business, and can that do something about it?"""

from datetime import date

import pytest
from assess_cases import APRIL_1, case, check_example, example
from factories import goal, kpi, owner, ratio, result, scorecard, total, unit, value_of

from kpiascode.assess.probe import Case
from kpiascode.model.assessment import Outcome
from kpiascode.model.expression import Column
from kpiascode.model.project import Level

OVER = (date(2025, 1, 1), date(2026, 3, 31))
JUST_OVER = (date(2025, 1, 1), APRIL_1.date())
BY_UNIT = "No dimension of it tells units apart, so whether it covers them is not known."
REGIONS = tuple(unit(f"region_{n:02}", Level.TEAM, "retail") for n in range(1, 21))


def covering(count: int) -> Case:
    """Of twenty regions of Retail, the first `count` have a value."""
    return case(*REGIONS, slices={region.name: "1" for region in REGIONS[:count]})


def values(*repeated: str) -> Case:
    return case(values=repeated)


def sharing(slices: dict[str, str]) -> Case:
    """A sum of 100 in March, by unit."""
    return case(of=kpi("margin", expression=total("margin")), slices=slices, values=["100"])


def variant(name: str, **changes: object) -> Case:
    return case(kpi("margin"), of=kpi(name, derived_from="margin", **changes))


EXAMPLES = [
    # belongs-to-its-unit
    example(
        "belongs-to-its-unit",
        "pass",
        "Applies to Retail, where its owner, Controller, belongs.",
        case(),
        id="the owner's own unit",
    ),
    example(
        "belongs-to-its-unit",
        "pass",
        "Applies to Retail, where its owner, Controller, belongs.",
        case(of=kpi("margin", applies_to=("acme", "retail"))),
        id="the owner's own unit before those above",
    ),
    example(
        "belongs-to-its-unit",
        "pass",
        "Applies to Retail; its owner, Clerk, belongs to Stores.",
        case(owner("clerk", "stores"), of=kpi("margin", owner="clerk")),
        id="an owner from beneath",
    ),
    example(
        "belongs-to-its-unit",
        "pass",
        "Applies to Retail; its owner, Cfo, belongs to Acme.",
        case(owner("cfo", "acme"), of=kpi("margin", owner="cfo")),
        id="an owner from above",
    ),
    example(
        "belongs-to-its-unit",
        "fail",
        "Applies to Retail, but its owner, Bookkeeper, belongs to Finance.",
        case(owner("bookkeeper", "finance"), of=kpi("margin", owner="bookkeeper")),
        id="an owner from beside",
        fix="Give it an owner from Retail, or add `finance` to `applies_to`.",
    ),
    # covers-its-unit
    example(
        "covers-its-unit",
        "pass",
        "By `unit` it has a value for Retail.",
        case(slices={"Retail": "0.4", "Wholesale": "0.1", None: "0.2"}),
        id="by title, with slices that are no unit",
    ),
    example(
        "covers-its-unit",
        "pass",
        "By `unit` it has a value for Finance and Stores.",
        case(slices={"stores": "0.4", "FINANCE": "0.2"}, of=kpi("margin", applies_to=("acme",))),
        id="all units of the level that is told apart",
    ),
    example(
        "covers-its-unit",
        "pass",
        "By `unit` it has no value for Region 20.",
        covering(19),
        id="19 of 20 are 95 %",
    ),
    example(
        "covers-its-unit",
        "partial",
        "By `unit` it has no value for Region 19 and Region 20.",
        covering(18),
        id="18 of 20",
        fix="Load the rows of Region 19 and Region 20, or take them out of `applies_to`.",
    ),
    example(
        "covers-its-unit",
        "fail",
        "By `unit` it has no value for Stores.",
        case(slices={"stores": None}),
        id="a slice without a value covers nothing",
    ),
    example(
        "covers-its-unit",
        "fail",
        "By `unit` it has no value for Retail.",
        case(unit("online", Level.LINE_OF_BUSINESS, "acme"), slices={"online": "1"}),
        id="another line of business has one, this one has not",
    ),
    example("covers-its-unit", "inconclusive", BY_UNIT, case(), id="without dimensions"),
    example(
        "covers-its-unit",
        "inconclusive",
        BY_UNIT,
        case(slices={"red": "1", "blue": "2"}),
        id="by something else",
        fix="Add a dimension whose values are the names or titles of org units.",
    ),
    example(
        "covers-its-unit",
        "inconclusive",
        BY_UNIT,
        case(slices={"acme": "1"}),
        id="by units of another level than those that it applies to",
    ),
    # own-lever
    example(
        "own-lever",
        "pass",
        "Retail answers for it with “Low”.",
        case(goal("low", result("margin", "1"), org_unit="retail")),
        id="a goal of the unit",
    ),
    example(
        "own-lever",
        "pass",
        "Stores answers for it with “Low”.",
        case(goal("growth", result("margin", "1")), goal("low", result("margin", "1"), org_unit="stores")),
        id="a goal from beneath, before one from above",
    ),
    example(
        "own-lever",
        "partial",
        "Only Acme has a goal that needs it, “Growth”.",
        case(goal("growth", result("margin", "1"))),
        id="only a goal from above",
        fix="Give Retail a goal with a result on it.",
    ),
    example(
        "own-lever",
        "fail",
        "No goal of Retail needs it.",
        case(goal("books", result("margin", "1"), org_unit="finance")),
        id="a goal of others",
    ),
    example(
        "own-lever",
        "fail",
        "No goal of Retail needs it.",
        case(goal("low", result("margin", "1"), org_unit="retail", during=OVER)),
        id="a goal that is over",
    ),
    example(
        "own-lever",
        "pass",
        "Retail answers for it with “Low”.",
        case(goal("low", result("margin", "1"), org_unit="retail", during=JUST_OVER)),
        id="a goal that ran until the last day that is seen",
    ),
    example(
        "own-lever",
        "pass",
        "Is computed from “Sales”, which Retail owns.",
        case(kpi("sales"), owner("cfo", "acme"), of=kpi("margin", expression=value_of("sales"))),
        id="computed from a KPI of its own",
    ),
    example(
        "own-lever",
        "pass",
        "50 % of it comes from Retail.",
        sharing({"Retail": "30", "stores": "20", "Finance": "50"}),
        id="half of the total",
    ),
    example(
        "own-lever",
        "partial",
        "Only 20 % of it comes from Retail.",
        sharing({"Retail": "20", "Finance": "30", "Somewhere": "50"}),
        id="a fifth of it",
        fix="Give Retail a goal with a result on it.",
    ),
    example(
        "own-lever",
        "fail",
        "No goal of Retail needs it.",
        sharing({"Retail": "19.9", "Finance": "80.1"}),
        id="less",
    ),
    example(
        "own-lever",
        "fail",
        "No goal of Retail needs it.",
        case(slices={"Retail": "0.9", "Finance": "0.1"}, values=["1"]),
        id="the slices of a ratio add up to nothing",
    ),
    # varies
    example(
        "varies", "pass", "Took 3 different values in the last 12 months.", values(*"123" * 4), id="three"
    ),
    example("varies", "fail", "Took 2 different values in the last 12 months.", values(*"12" * 6), id="two"),
    example("varies", "fail", "Took 1 different value in the last 12 months.", values(*["1"] * 12), id="one"),
    example(
        "varies",
        "fail",
        "Took 1 different value in the last 12 months.",
        values("1", "1.0", "1.00", *["1"] * 9),
        id="1 and 1.0 are the same",
    ),
    example(
        "varies",
        "fail",
        "Took 2 different values in the last 12 months.",
        values(*"9", *"12" * 6),
        id="what came before does not count",
    ),
    example(
        "varies",
        "inconclusive",
        "Has values of only 11 months, too few to see whether it varies.",
        values(*"12345678901"),
        id="eleven months",
    ),
    # on-its-scorecard
    example(
        "on-its-scorecard",
        "pass",
        "Is on “Monthly”, of Retail.",
        case(scorecard("monthly", "margin")),
        id="of the unit",
    ),
    example(
        "on-its-scorecard",
        "pass",
        "Is on “Shops”, of Stores.",
        case(scorecard("board", "margin", org_unit="acme"), scorecard("shops", "margin", org_unit="stores")),
        id="of a unit beneath, before one above",
    ),
    example(
        "on-its-scorecard",
        "partial",
        "Is on “Board”, but on no scorecard of Retail.",
        case(scorecard("board", "margin", org_unit="acme")),
        id="of a unit above",
        fix="Put it on a scorecard of Retail.",
    ),
    example(
        "on-its-scorecard",
        "partial",
        "Is on “Books”, but on no scorecard of Retail.",
        case(scorecard("books", "margin", org_unit="finance", audiences=("retail",))),
        id="of others, addressed to the unit",
    ),
    example(
        "on-its-scorecard",
        "fail",
        "Is on no scorecard of Retail.",
        case(scorecard("books", "margin", org_unit="finance")),
        id="of others",
    ),
    example("on-its-scorecard", "fail", "Is on no scorecard of Retail.", case(), id="on none"),
    # honest-variant
    example("honest-variant", "not_applicable", "It is no variant of another KPI.", case(), id="none"),
    example(
        "honest-variant",
        "pass",
        "Differs from “Margin” by filters only.",
        variant("online_margin", where=Column((), "is_online")),
        id="fewer rows",
    ),
    example(
        "honest-variant",
        "partial",
        "Is called a variant of “Margin”, and has another expression.",
        variant("markup", expression=ratio(total("margin"), total("cost"))),
        id="another formula under another name",
        fix="Use the expression of “Margin”, or drop `derived_from`.",
    ),
    example(
        "honest-variant",
        "fail",
        "Is called as “Margin” is, and has another time.",
        variant("online_margin", time=Column((), "paid_at")),
        id="another time under the same name",
    ),
]


@pytest.mark.parametrize(("probe", "outcome", "reason", "given", "fix"), EXAMPLES)
def test_relevant(probe: str, outcome: Outcome, reason: str, given: Case, fix: str | None) -> None:
    check_example(probe, outcome, reason, given, fix)
