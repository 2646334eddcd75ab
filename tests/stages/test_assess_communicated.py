"""Communicated: does it reach whom it concerns, in words that they understand?"""

from dataclasses import replace
from datetime import timedelta

import pytest
from assess_cases import ask, case, check_example, example
from factories import kpi, owner, scorecard, unit
from ledger_cases import changed, publication, repository

from kpiascode.assess.probe import Case
from kpiascode.model.assessment import Outcome
from kpiascode.model.calendar import Calendar, Grain
from kpiascode.model.ledger import Publication
from kpiascode.model.project import Communication, Kpi, Level

ONLINE = unit("online", Level.DEPARTMENT, "retail")
WITH_HEADCOUNTS = (
    unit("acme", Level.ORGANISATION, None, 200),
    unit("retail", Level.LINE_OF_BUSINESS, "acme", 140),
    unit("stores", Level.DEPARTMENT, "retail", 90),
    ONLINE,
)
ON_RETAIL = scorecard("monthly", "margin")
YEAR = [str(n) for n in range(1, 13)]
PROMISED = kpi(
    "margin", communication=Communication(audiences=("retail",), channels=("site",), lag=timedelta(days=5))
)
DECEMBER = publication("2026-01-03T09:00:00", "2025-12")
JANUARY = publication("2026-02-04T09:00:00", "2026-01")
FEBRUARY = publication("2026-03-03T09:00:00", "2026-02")
BOARD = publication("2026-03-05T09:00:00", "2026-02", audiences=("acme",), scorecard="board")
CLEAR = kpi("margin", act="Review discounts within ten days.")


def for_(*applies_to: str, audiences: tuple[str, ...] = ()) -> Kpi:
    told = Communication(audiences=audiences, channels=("site",), lag=None)
    return kpi("margin", applies_to=applies_to, communication=told if audiences else None)


def described(description: str, **changes: object) -> Case:
    return case(of=kpi("margin", description=description, act="Do it.", **changes))


def promised(*told: Publication) -> Case:
    """On 1 April, with March to be told by the sixth."""
    return case(ON_RETAIL, of=PROMISED, values=YEAR, told=told)


def seen_by(*counts: tuple[int, int | None, int | None]) -> Case:
    """February, by channels of which each counts recipients, whom it came to, and who saw it."""
    told = [
        publication("2026-03-02", "2026-02", recipients=r, delivered=d, acknowledged=a) for r, d, a in counts
    ]
    return case(ON_RETAIL, values=YEAR, told=told)


def sent(*counts: tuple[int, str]) -> Case:
    """February, which concerns Retail with its 140 people, by channels with a number for an audience."""
    told = [
        publication("2026-03-02", "2026-02", audiences=(audience,), recipients=number)
        for number, audience in counts
    ]
    online = unit("online", Level.DEPARTMENT, "retail", 50)
    return case(*WITH_HEADCOUNTS, online, ON_RETAIL, of=for_("retail"), values=YEAR, told=told)


EXAMPLES = [
    # published-on-time
    example(
        "published-on-time",
        "inconclusive",
        "No publication is recorded, so whether its values were told on time is not known.",
        case(ON_RETAIL),
        id="no ledger",
        fix="Tell it with `kpi publish`, which records when and to whom.",
    ),
    example(
        "published-on-time",
        "pass",
        "Each of 2025-12, 2026-01 and 2026-02 was told within 5 days of its end.",
        promised(DECEMBER, JANUARY, publication("2026-03-06T00:00:00", "2026-02")),
        id="to the very end of the fifth day",
    ),
    example(
        "published-on-time",
        "pass",
        "Each of 2026-01, 2026-02 and 2026-03 was told within 5 days of its end.",
        promised(JANUARY, FEBRUARY, publication("2026-04-02T09:00:00", "2026-03")),
        id="one that was told before it had to be counts",
    ),
    example(
        "published-on-time",
        "pass",
        "Each of 2025-12, 2026-01 and 2026-02 was told within 5 days of its end.",
        promised(DECEMBER, JANUARY, FEBRUARY, publication("2026-03-20T00:00:00", "2026-02")),
        id="told again later: the first time counts",
    ),
    example(
        "published-on-time",
        "partial",
        "2025-12 and 2026-01 were each told within 5 days of its end, 2026-02 not.",
        promised(DECEMBER, JANUARY, publication("2026-03-06T00:00:01", "2026-02")),
        id="a second too late",
        fix="Publish 2026-03 with `kpi publish` by 6 April 2026.",
    ),
    example(
        "published-on-time",
        "fail",
        "2026-01 was told within 5 days of its end, 2025-12 and 2026-02 not.",
        promised(JANUARY),
        id="one of three",
    ),
    example(
        "published-on-time",
        "fail",
        "None of 2025-12, 2026-01 and 2026-02 was told within 5 days of its end.",
        promised(publication("2026-03-20T00:00:00", "2025-12", "2026-01", "2026-02")),
        id="all of them, but late",
    ),
    example(
        "published-on-time",
        "fail",
        "None of the last 3 months was told.",
        promised(publication("2026-03-02T00:00:00", "2026-02", of="sales")),
        id="others were told, not this one",
        fix="Publish 2026-03 with `kpi publish` by 6 April 2026.",
    ),
    example(
        "published-on-time",
        "fail",
        "None of the last 3 months was told.",
        case(ON_RETAIL, values=YEAR, told=[]),
        id="never told, and nothing promised",
        fix="Publish 2026-03 with `kpi publish`, and promise a `lag` in its `communication`.",
    ),
    example(
        "published-on-time",
        "inconclusive",
        "Nobody promised by when its values are told.",
        case(ON_RETAIL, values=YEAR, told=[DECEMBER, JANUARY, FEBRUARY]),
        id="told, but nothing promised",
        fix="Add a `lag` to its `communication`.",
    ),
    example(
        "published-on-time",
        "inconclusive",
        "Has 2 months that should have been told by now; 3 are needed.",
        case(ON_RETAIL, of=PROMISED, values=["1", "2", "3"], told=[]),
        id="younger than three months: March has time until the sixth of April",
    ),
    example(
        "published-on-time",
        "inconclusive",
        "Has 1 month that should have been told by now; 3 are needed.",
        case(ON_RETAIL, of=PROMISED, values=YEAR, told=[], history=repository(released="2026-02-10")),
        id="defined in February, over data that is older",
    ),
    # acknowledged
    example(
        "acknowledged",
        "inconclusive",
        "No publication is recorded, so whether anybody saw it is not known.",
        case(ON_RETAIL),
        id="no ledger",
    ),
    example(
        "acknowledged",
        "inconclusive",
        "None of its periods was told yet, so nobody can have seen it.",
        case(ON_RETAIL, told=[]),
        id="an empty ledger",
    ),
    example(
        "acknowledged",
        "inconclusive",
        "For 2026-02 no channel counted who saw it.",
        seen_by((100, None, None)),
        id="not counted",
    ),
    example(
        "acknowledged",
        "pass",
        "Of 100 people, 50 acknowledged 2026-02, 50 %.",
        seen_by((100, None, 50)),
        id="half",
    ),
    example(
        "acknowledged",
        "pass",
        "Of 80 people, 40 acknowledged 2026-02, 50 %.",
        seen_by((100, 80, 40)),
        id="of those whom it came to",
    ),
    example(
        "acknowledged",
        "partial",
        "Of 100 people, 49 acknowledged 2026-02, 49 %.",
        seen_by((100, None, 49)),
        id="hardly fewer",
    ),
    example(
        "acknowledged",
        "fail",
        "Of 150 people, 34 acknowledged 2026-02, 22 %.",
        seen_by((100, None, 24), (50, None, 10), (900, None, None)),
        id="over two channels that count, without the one that does not",
    ),
    example(
        "acknowledged",
        "fail",
        "Of 100 people, fewer than 5 acknowledged 2026-02.",
        seen_by((100, None, 3)),
        id="fewer than 5 are too few of 100 whatever they are",
    ),
    example(
        "acknowledged",
        "inconclusive",
        "Of 8 people, fewer than 5 acknowledged 2026-02, which cannot be told more exactly.",
        seen_by((8, None, 4)),
        id="fewer than 5 of 8 may be half of them, and none",
    ),
    # change-told
    example(
        "change-told",
        "inconclusive",
        "There is no git history, so whether its definition was changed is not known.",
        case(ON_RETAIL, told=[]),
        id="no repository",
    ),
    example(
        "change-told",
        "inconclusive",
        "No publication is recorded, so whether the change of formula and owner on 10 February 2026 (abc1234) was told "
        "is not known.",
        case(ON_RETAIL, history=repository(changed("2026-02-10", "formula", "owner"))),
        id="no ledger",
    ),
    example(
        "change-told",
        "not_applicable",
        "Neither formula nor target nor owner was changed within a year.",
        case(ON_RETAIL, told=[], history=repository(changed("2025-04-01"))),
        id="changed a year ago",
    ),
    example(
        "change-told",
        "pass",
        "The only change of formula, target or owner within a year was told.",
        case(
            ON_RETAIL,
            told=[publication("2026-03-10T23:00:00", "2026-02", note="Returns count now")],
            history=repository(changed("2026-02-10")),
        ),
        id="with a note, on the 28th day: February's length",
    ),
    example(
        "change-told",
        "pass",
        "The only change of formula, target or owner within a year was told.",
        case(
            ON_RETAIL,
            told=[JANUARY, publication("2026-03-02T00:00:00", "2026-02", formula="g")],
            history=repository(changed("2026-02-10")),
        ),
        id="without a note, but with another formula than before",
    ),
    example(
        "change-told",
        "partial",
        "Of 2 changes within a year, 1 told. The change of formula on 10 February 2026 (abc1234) was not told within one "
        "period.",
        case(
            ON_RETAIL,
            told=[publication("2025-12-03T00:00:00", "2025-11", note="Another owner")],
            history=repository(changed("2026-02-10"), changed("2025-12-01", "owner")),
        ),
        id="one of two",
        fix="Say what changed with `kpi publish --note`.",
    ),
    example(
        "change-told",
        "fail",
        "The change of target on 10 February 2026 (abc1234) was not told within one period.",
        case(
            ON_RETAIL,
            told=[
                JANUARY,
                publication("2026-03-01T00:00:00", "2026-02", note=" "),
                publication("2026-03-11T00:00:00", "2026-02", note="A day late"),
            ],
            history=repository(changed("2026-02-10", "target")),
        ),
        id="in silence, and a day too late",
    ),
    example(
        "change-told",
        "fail",
        "The change of formula on 10 February 2026 (abc1234) was not told within one period.",
        case(
            ON_RETAIL,
            told=[publication("2026-02-05T00:00:00", "2026-01", note="What comes next")],
            history=repository(changed("2026-02-10")),
        ),
        id="announced before it was made",
    ),
    example(
        "change-told",
        "inconclusive",
        "The change of formula on 10 March 2026 (abc1234) may still be told, until 10 April 2026.",
        case(ON_RETAIL, told=[JANUARY], history=repository(changed("2026-03-10"))),
        id="there is time",
    ),
    example(
        "change-told",
        "inconclusive",
        "What the repository remembers begins on 1 January 2026, within the last year.",
        case(ON_RETAIL, told=[JANUARY], history=repository(since="2026-01-01")),
        id="a shallow clone",
        fix="Fetch the whole history: `git fetch --unshallow`.",
    ),
    example(
        "change-told",
        "fail",
        "The change of formula on 10 February 2026 (abc1234) was not told within one period.",
        case(ON_RETAIL, told=[], history=repository(changed("2026-02-10"), since="2026-01-01")),
        id="a shallow clone that holds a change in silence",
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
    example(
        "reaches-its-audience",
        "pass",
        "2026-02 came to 126 of the 140 people that it concerns, 90 %.",
        sent((126, "retail")),
        id="126 of 140",
    ),
    example(
        "reaches-its-audience",
        "partial",
        "2026-02 came to 125 of the 140 people that it concerns, 89 %.",
        sent((125, "retail")),
        id="one fewer",
        fix="Publish it to the others of Retail as well.",
    ),
    example(
        "reaches-its-audience",
        "fail",
        "2026-02 came to 80 of the 140 people that it concerns, 57 %.",
        sent((80, "retail"), (70, "retail")),
        id="two channels to the same people: the larger",
    ),
    example(
        "reaches-its-audience",
        "partial",
        "2026-02 came to 120 of the 140 people that it concerns, 85 %.",
        sent((85, "stores"), (35, "online")),
        id="two that share nobody add up",
    ),
    example(
        "reaches-its-audience",
        "partial",
        "2026-02 came to 100 of the 140 people that it concerns, 71 %.",
        sent((100, "retail"), (90, "stores")),
        id="people of Stores are people of Retail",
    ),
    example(
        "reaches-its-audience",
        "fail",
        "2026-02 came to 50 of the 140 people that it concerns, 35 %.",
        sent((120, "online")),
        id="more than Online has: nobody else is in it",
    ),
    example(
        "reaches-its-audience",
        "partial",
        "2026-02 came to 90 of the 140 people that it concerns, 64 %.",
        sent((150, "acme")),
        id="of 150 at Acme, up to 60 may belong to others",
    ),
    example(
        "reaches-its-audience",
        "pass",
        "Its scorecards reach 100 % of the people that it concerns.",
        case(*WITH_HEADCOUNTS, ON_RETAIL, of=for_("retail"), values=YEAR, told=[FEBRUARY]),
        id="nobody counted: by the scorecards",
    ),
    example(
        "reaches-its-audience",
        "pass",
        "Its scorecards reach 100 % of the units that it concerns.",
        case(
            ON_RETAIL,
            of=for_("retail"),
            values=YEAR,
            told=[publication("2026-03-02", "2026-02", recipients=9)],
        ),
        id="counted, but of how many is not declared: by the scorecards",
    ),
    example(
        "reaches-its-audience",
        "fail",
        "2026-02 came to fewer than 5 of the 140 people that it concerns.",
        sent((3, "retail")),
        id="fewer than 5 of 140, whatever they are",
    ),
    example(
        "reaches-its-audience",
        "inconclusive",
        "2026-02 came to fewer than 5 of the 4 people that it concerns, which cannot be told more exactly.",
        case(
            unit("stores", Level.DEPARTMENT, "retail", 4),
            ON_RETAIL,
            of=for_("stores"),
            values=YEAR,
            told=[publication("2026-03-02", "2026-02", audiences=("stores",), recipients=4)],
        ),
        id="fewer than 5 may be all of 4",
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
    example(
        "told-at-both-levels",
        "pass",
        "Was told to Acme and Retail.",
        case(ON_RETAIL, values=YEAR, told=[BOARD, FEBRUARY]),
        id="a publication for each",
    ),
    example(
        "told-at-both-levels",
        "partial",
        "Was told to Retail, but not to Acme.",
        case(scorecard("monthly", "margin", audiences=("acme",)), values=YEAR, told=[FEBRUARY]),
        id="a scorecard for both, and published to one",
        fix="Publish it to Acme: `kpi publish` with `--audience`.",
    ),
    example(
        "told-at-both-levels",
        "partial",
        "Was told to Retail, but not to Acme.",
        case(
            ON_RETAIL,
            values=YEAR,
            told=[
                publication("2025-12-02", "2025-11", audiences=("acme",)),
                publication("2026-03-02", "2026-02", audiences=()),
            ],
        ),
        id="to Acme too long ago; without an audience the unit of the scorecard is told",
    ),
    example(
        "told-at-both-levels",
        "fail",
        "Was told neither to Acme nor to Retail.",
        case(ON_RETAIL, values=YEAR, told=[]),
        id="an empty ledger",
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


def test_only_the_gate_at_none_of_three_fails_the_criterion() -> None:
    assert ask("published-on-time", promised(JANUARY)).short_of_gate
    assert not ask("published-on-time", promised()).short_of_gate


def test_the_day_ends_where_the_calendar_says() -> None:
    berlin = Calendar(timezone="Europe/Berlin")  # midnight of 6 March there is 23:00 in UTC

    def told(at: str) -> Outcome:
        publications = [DECEMBER, JANUARY, publication(at, "2026-02")]
        given = case(ON_RETAIL, of=PROMISED, values=YEAR, told=publications, calendar=berlin)
        return ask("published-on-time", given).outcome

    assert told("2026-03-05T23:00:00") is Outcome.PASS
    assert told("2026-03-05T23:00:01") is Outcome.PARTIAL


def test_a_kpi_is_told_in_the_rhythm_of_its_scorecards() -> None:
    quarterly = replace(scorecard("monthly", "margin"), grain=Grain.QUARTER)
    quarters = {"2026-01-03": "2025-Q4", "2025-10-03": "2025-Q3", "2025-07-03": "2025-Q2"}
    told = [publication(at, name) for at, name in quarters.items()]

    found = ask("published-on-time", case(quarterly, of=PROMISED, values=YEAR, told=told))

    assert found.reason == "Each of 2025-Q2, 2025-Q3 and 2025-Q4 was told within 5 days of its end."
