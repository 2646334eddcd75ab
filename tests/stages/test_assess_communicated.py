"""Communicated: does it reach whom it concerns, in words that they understand?"""

import pytest
from assess_cases import case, check_example, example
from factories import kpi, owner, scorecard, unit

from kpiascode.assess.probe import Case
from kpiascode.model.assessment import Outcome
from kpiascode.model.project import Communication, Kpi, Level

ONLINE = unit("online", Level.DEPARTMENT, "retail")
WITH_HEADCOUNTS = (
    unit("acme", Level.ORGANISATION, None, 200),
    unit("retail", Level.LINE_OF_BUSINESS, "acme", 140),
    unit("stores", Level.DEPARTMENT, "retail", 90),
    ONLINE,
)
ON_RETAIL = scorecard("monthly", "margin")
CLEAR = kpi("margin", act="Review discounts within ten days.")


def for_(*applies_to: str, audiences: tuple[str, ...] = ()) -> Kpi:
    told = Communication(audiences=audiences, channels=("site",), lag=None)
    return kpi("margin", applies_to=applies_to, communication=told if audiences else None)


def described(description: str, **changes: object) -> Case:
    return case(of=kpi("margin", description=description, act="Do it.", **changes))


EXAMPLES = [
    # published-on-time, acknowledged, change-told
    example(
        "published-on-time",
        "inconclusive",
        "No publications are recorded yet, so whether its values were told on time is not known.",
        case(ON_RETAIL),
        id="nothing is recorded",
    ),
    example(
        "acknowledged",
        "inconclusive",
        "No counts of readers are recorded yet, so whether anybody saw it is not known.",
        case(ON_RETAIL),
        id="nothing is recorded",
    ),
    example(
        "change-told",
        "inconclusive",
        "No change notes are recorded yet, so whether changes of it were told is not known.",
        case(ON_RETAIL),
        id="nothing is recorded",
    ),
    # reaches-its-audience
    example(
        "reaches-its-audience",
        "pass",
        "Its scorecards reach 100 % of the units that it concerns.",
        case(ON_RETAIL, of=for_("retail", "stores")),
        id="a scorecard of a unit reaches all beneath it",
    ),
    example(
        "reaches-its-audience",
        "pass",
        "Its scorecards reach 100 % of the people that it concerns.",
        case(*WITH_HEADCOUNTS, scorecard("board", "margin", org_unit="acme"), of=for_("stores")),
        id="one of the whole organisation reaches everybody",
    ),
    example(
        "reaches-its-audience",
        "partial",
        "Its scorecards reach 70 % of the people that it concerns.",
        case(*WITH_HEADCOUNTS, ON_RETAIL, of=for_("retail", audiences=("acme",))),
        id="140 of the 200 to whom it was promised",
        fix="Add Acme to the audiences of “Monthly”.",
    ),
    example(
        "reaches-its-audience",
        "pass",
        "Its scorecards reach 100 % of the people that it concerns.",
        case(
            *WITH_HEADCOUNTS,
            scorecard("monthly", "margin", audiences=("acme",)),
            of=for_("retail", audiences=("acme",)),
        ),
        id="an audience is reached as the unit itself is",
    ),
    example(
        "reaches-its-audience",
        "fail",
        "Its scorecards reach 45 % of the people that it concerns.",
        case(*WITH_HEADCOUNTS, scorecard("shops", "margin", org_unit="stores"), of=for_("acme")),
        id="90 of 200",
    ),
    example(
        "reaches-its-audience",
        "fail",
        "Its scorecards reach 33 % of the units that it concerns.",
        case(*WITH_HEADCOUNTS, scorecard("shop", "margin", org_unit="online"), of=for_("retail")),
        id="counted in units where a headcount is missing: one of three",
    ),
    example(
        "reaches-its-audience",
        "partial",
        "Its scorecards reach 66 % of the units that it concerns.",
        case(ON_RETAIL, of=for_("retail", "finance")),
        id="Retail and Stores, not Finance",
        fix="Add Finance to the audiences of “Monthly”.",
    ),
    example(
        "reaches-its-audience",
        "fail",
        "Is on no scorecard.",
        case(scorecard("monthly", "sales"), kpi("sales")),
        id="on none",
        fix="Put it on a scorecard of Retail.",
    ),
    example(
        "reaches-its-audience",
        "not_applicable",
        "It names no unit that it concerns.",
        case(ON_RETAIL, of=for_()),
        id="it concerns nobody",
    ),
    # told-at-both-levels
    example(
        "told-at-both-levels",
        "pass",
        "Is told to Acme and Retail.",
        case(ON_RETAIL, scorecard("board", "margin", org_unit="acme")),
        id="a scorecard for each",
    ),
    example(
        "told-at-both-levels",
        "pass",
        "Is told to Acme and Retail.",
        case(scorecard("monthly", "margin", audiences=("acme",))),
        id="one scorecard for both",
    ),
    example(
        "told-at-both-levels",
        "pass",
        "Is told to Acme and Retail.",
        case(
            scorecard("monthly", "margin", audiences=("acme",)),
            owner("clerk", "stores"),
            of=kpi("margin", owner="clerk"),
        ),
        id="the unit above the owner's is near enough",
    ),
    example(
        "told-at-both-levels",
        "partial",
        "Is told to Retail, but not to Acme.",
        case(ON_RETAIL),
        id="not to the organisation",
        fix="Put it on a scorecard of Acme.",
    ),
    example(
        "told-at-both-levels",
        "partial",
        "Is told to Acme, but not to Retail.",
        case(scorecard("board", "margin", org_unit="acme")),
        id="not to the department",
    ),
    example(
        "told-at-both-levels",
        "partial",
        "Is told to Acme, but not to Finance.",
        case(
            scorecard("board", "margin", org_unit="acme"),
            owner("cfo", "acme"),
            of=kpi("margin", owner="cfo", applies_to=("acme", "finance")),
        ),
        id="an owner at the top: the unit that it applies to",
    ),
    example(
        "told-at-both-levels",
        "fail",
        "Is told neither to Acme nor to Retail.",
        case(scorecard("books", "margin", org_unit="finance")),
        id="only to others",
        fix="Put it on a scorecard of Acme and Retail.",
    ),
    example(
        "told-at-both-levels",
        "not_applicable",
        "There is only one level to be told.",
        case(owner("cfo", "acme"), of=kpi("margin", owner="cfo", applies_to=("acme",))),
        id="nothing beneath the organisation is concerned",
    ),
    # plain-words
    example(
        "plain-words",
        "pass",
        "Described in 12 words, with what is done when it is off.",
        case(of=CLEAR),
        id="short, clear, with what is done",
    ),
    example(
        "plain-words",
        "pass",
        "Described in 60 words, with what is done when it is off.",
        described(" ".join(["One two three."] * 20)),
        id="60 words are not too many",
    ),
    example(
        "plain-words",
        "partial",
        "Nobody says what is done when it is off.",
        case(),
        id="without `act`",
        fix="Say in `act` what is done when it is off.",
    ),
    example(
        "plain-words",
        "partial",
        "Its description has 63 words.",
        described(" ".join(["One two three."] * 21)),
        id="63 words are",
    ),
    example(
        "plain-words",
        "partial",
        "Its sentences have more than 20 words.",
        described("word " * 21),
        id="21 words in a sentence without a full stop",
    ),
    example(
        "plain-words",
        "pass",
        "Described in 21 words, with what is done when it is off.",
        described("Is it so? " + "word " * 18),
        id="21 words in two sentences",
    ),
    example(
        "plain-words",
        "fail",
        "Its description has 61 words and its sentences have more than 20 words.",
        described("word " * 61),
        id="two faults",
        fix="Describe it in 1 to 60 words and cut its description into short sentences.",
    ),
    example(
        "plain-words",
        "fail",
        "Its description has 0 words and nobody says what is done when it is off.",
        case(of=kpi("margin", description=" ")),
        id="no description",
    ),
    # findable
    example(
        "findable",
        "pass",
        "Is on “Board” and “Monthly”.",
        case(ON_RETAIL, scorecard("board", "margin", org_unit="acme")),
        id="on two scorecards",
    ),
    example(
        "findable",
        "fail",
        "Is on no scorecard.",
        case(),
        id="on none",
        fix="Put it on a scorecard of Retail.",
    ),
]


@pytest.mark.parametrize(("probe", "outcome", "reason", "given", "fix"), EXAMPLES)
def test_communicated(probe: str, outcome: Outcome, reason: str, given: Case, fix: str | None) -> None:
    check_example(probe, outcome, reason, given, fix)
