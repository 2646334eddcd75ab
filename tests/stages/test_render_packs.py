"""Documents for reviews, meetings, plans, thanks and the end of a cycle: what they say, and what they never say."""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
from factories import (
    NOWHERE,
    check_in,
    compiled,
    goal,
    kpi,
    milestone,
    months_before_april,
    owner,
    project,
    result,
    scorecard,
    seen,
    target,
)
from markdown_it import MarkdownIt
from markupsafe import escape
from render_fixture import ENDLESS, HOSTILE

from kpiascode.assess import assess
from kpiascode.assess.due import due
from kpiascode.model.assessment import Assessment, Brief, Private, Status
from kpiascode.model.calendar import Duration, Unit
from kpiascode.model.due import DueKind
from kpiascode.model.locale import Locale
from kpiascode.model.performance import (
    Action,
    Competency,
    Deadline,
    ImprovementPlan,
    Keeping,
    LawfulBasis,
    OneOnOneSeries,
    Outcome,
    Performance,
    Person,
    PersonRef,
    PlanResult,
    Questions,
    Recognition,
    RecognitionProgram,
    ReviewCycle,
    ReviewTemplate,
    SubjectOfPlan,
    SuccessTest,
    Thanked,
    Value,
)
from kpiascode.model.project import Commitment, Direction, ProcessChange, Project, Restricted, Target
from kpiascode.pipeline import packing
from kpiascode.pipeline.alone import joined
from kpiascode.render.charts.svg import width_of
from kpiascode.render.links import Link
from kpiascode.render.locales import NBSP
from kpiascode.render.packs import Pack, meeting_pack, plan_pack, review_pack
from kpiascode.render.packs.blocks import Blank, Facts, Items, Paragraph, Picture, Table
from kpiascode.render.packs.closing import closing_pack
from kpiascode.render.packs.in_markdown import markdown
from kpiascode.render.packs.meeting import goals_of, kpis_of, new_signals, since_of
from kpiascode.render.packs.on_paper import html
from kpiascode.render.packs.question import USUAL, GoalFacts, Told, question
from kpiascode.render.packs.recognition import recognition_csv, recognition_pack, told
from kpiascode.render.pages.kpi import kpi_page
from kpiascode.render.pages.unit import unit_page
from kpiascode.render.site import policy, render

APRIL_1 = datetime(2026, 4, 1)
KEPT = Keeping(purpose="To talk.", basis=LawfulBasis.LEGITIMATE_INTERESTS, until=date(2027, 2, 1))
NOISE = "30 31 29 30 32 28 30 31 29 30 31 30 29".split()
"""What is usual of waiting; nothing in it is a sign."""


def plan(name: str = "shorter", **changes: Any) -> ImprovementPlan:
    plain = ImprovementPlan(
        name=name,
        title="Shorter waiting",
        owner="controller",
        subject=(SubjectOfPlan.KPI, "waiting"),
        opened_on=date(2026, 1, 1),
        ends_on=date(2026, 7, 1),
        trigger="Too long in December.",
        current="Thirty minutes.",
        required="Twenty minutes.",
        standard=("quick", "waiting"),
        actions=(
            Action(what="Open a second desk", who="clerk", due=date(2026, 3, 1), done_on=None),
            Action(what="Paint it", who="controller", due=date(2026, 2, 1), done_on=date(2026, 1, 20)),
        ),
        support="A desk.",
        reviews=(date(2026, 5, 4),),
        changed_on=None,
        success=SuccessTest(kpi="waiting", slice=(), at_least=None, at_most=Decimal(20), periods=2),
        outcome=None,
        opened_with_employee=None,
        hr_reviewer=None,
        visibility=(),
        keeping=None,
        place=NOWHERE,
    )
    return replace(plain, **changes)


def for_person(name: str = "for_robin", **changes: Any) -> ImprovementPlan:
    about = {
        "title": "Plan of Robin",
        "subject": (SubjectOfPlan.PERSON, "robin"),
        "trigger": "",
        "actions": (Action(what="Practise", who=PersonRef("robin"), due=date(2026, 3, 1), done_on=None),),
        "opened_with_employee": date(2025, 12, 30),
        "hr_reviewer": "people",
        "keeping": KEPT,
    }
    return plan(name, **{**about, **changes})


def person(name: str, title: str, role: str | None = None) -> Person:
    return Person(
        name=name, title=title, org_unit="stores", role=role, contact="", keeping=KEPT, place=NOWHERE
    )


def series(**changes: Any) -> OneOnOneSeries:
    plain = OneOnOneSeries(
        name="two",
        title="Controller and clerk",
        manager="controller",
        report="clerk",
        every=Duration(amount=2, unit=Unit.WEEK),
        first=date(2026, 1, 5),
        met_on=(date(2026, 1, 5), date(2026, 3, 2)),
        sections=("What I need",),
        goals=(),
        kpis=(),
        keeping=None,
        place=NOWHERE,
    )
    return replace(plain, **changes)


def thanks(name: str, **changes: Any) -> Recognition:
    plain = Recognition(
        name=name,
        program="thanks",
        to=(Thanked.ORG_UNIT, "stores"),
        consent_on=None,
        withdrawn_on=None,
        by="controller",
        day=date(2026, 2, 1),
        value="care",
        reason=f"For {name}.",
        goals=("quick",),
        kpis=("waiting",),
        check_ins=(),
        visibility=(),
        place=NOWHERE,
    )
    return replace(plain, **changes)


PROGRAM = RecognitionProgram(
    name="thanks",
    title="Thanks",
    owner="controller",
    description="On Fridays.",
    values=(Value(name="care", title="We care", description="For others."),),
    start=None,
    end=None,
    budget_note="A cake.",
    kpis=(),
    place=NOWHERE,
)
CYCLE = ReviewCycle(
    name="q1",
    title="First quarter",
    owner="controller",
    start=date(2026, 1, 1),
    end=date(2026, 4, 1),
    template="looking_back",
    org_units=("stores",),
    kpis=("margin",),
    deadlines=(Deadline(title="We have met", due=date(2026, 4, 10)),),
    visibility=(),
    place=NOWHERE,
)
TEMPLATE = ReviewTemplate(
    name="looking_back",
    title="Looking back",
    description="An hour.",
    sections=(Questions(title="What we learnt", questions=("What would we do again?",)),),
    competencies=(Competency(title="Planning", description="It comes true.", weight=Decimal(100)),),
    place=NOWHERE,
)
DIARY = (
    check_in("quick", "2026-02-01", 8, by="clerk", decision="A second desk.", note="Slow."),
    check_in("quick", "2026-03-01", 5, by="clerk", decision="Open at eight.", blockers=("No key.",)),
    check_in("quick", "2026-03-15", 6, by="clerk", note="The key is there."),
    check_in("tidy", "2026-02-10", 9, by="clerk", decision="Shelves are labelled."),
    check_in("tidy", "2025-12-20", 4, by="clerk", decision="Of the year before."),
)
WAITING = kpi("waiting", direction=Direction.LOWER, owner="clerk", unit=kpi("x").unit)
QUICK = goal(
    "quick",
    result("waiting", target("25"), target("20", date(2026, 3, 1)), baseline="30", tolerance="1"),
    org_unit="stores",
    owner="clerk",
    during=(date(2026, 1, 1), date(2026, 4, 1)),
    milestones=(milestone("The desk is there", "2026-03-10"),),
)
QUICK_TIME = (date(2026, 1, 1), date(2026, 4, 1))
TIDY = goal(
    "tidy", result("margin", "0.4"), org_unit="stores", owner="clerk", commitment=Commitment.ASPIRATIONAL
)


def company(
    *more: Any,
    plans: tuple[ImprovementPlan, ...] = (plan(),),
    recognitions: tuple[Recognition, ...] = (),
    cycle: ReviewCycle = CYCLE,
    diary: tuple[Any, ...] = DIARY,
) -> Project:
    made = project(
        WAITING, kpi("margin"), QUICK, TIDY, owner("clerk", "stores"), owner("people", "finance"), *more
    )
    return replace(
        made,
        performance=Performance(
            check_ins={one.name: one for one in diary},
            templates={TEMPLATE.name: TEMPLATE},
            cycles={cycle.name: cycle},
            plans={one.name: one for one in plans},
            programs={PROGRAM.name: PROGRAM},
            recognitions={one.name: one for one in recognitions},
        ),
    )


def judged(of: Project, as_of: datetime = APRIL_1, waiting: list[str] | None = None) -> Assessment:
    """Waiting and margin up to March; as of an earlier day only what was over by then."""
    every = (
        *months_before_april("waiting", *(waiting or [*NOISE, "18", "19"])),
        *months_before_april("margin", *["0.41"] * 15),
    )
    known = [one for one in every if one.period.end <= as_of.date()]
    return assess(of, known, {}, compiled("waiting", "margin"), as_of)


def private(of: Project, restricted: Restricted | None = None, **changes: Any) -> Private:
    kept = restricted or Restricted()
    return Private(restricted=kept, judged=judged(joined(of, kept), **changes))


def brief(
    of: Project,
    one: OneOnOneSeries,
    restricted: Restricted | None = None,
    *,
    since: str = "2026-03-02",
    waiting: list[str] | None = None,
) -> Pack:
    return meeting_pack(one, looked_at(of, one, restricted, since=since, waiting=waiting), {"tidy"})


def looked_at(
    of: Project,
    one: OneOnOneSeries,
    restricted: Restricted | None = None,
    *,
    since: str = "2026-03-02",
    waiting: list[str] | None = None,
) -> Brief:
    kept, last = restricted or Restricted(), date.fromisoformat(since)
    every, now = private(of, restricted, waiting=waiting).judged, judged(of, waiting=waiting)
    then = judged(of, datetime.fromisoformat(since), waiting)
    goals = goals_of(one, every.project, kept, every.as_of.date(), last)
    kpis = kpis_of(one, goals, every.project, kept)
    return Brief(
        project=every.project,
        restricted=kept,
        as_of=every.as_of,
        since=last,
        goals={name: every.goals[name] for name in goals},
        segments={name: now.kpis[name].behaviour.segments for name in kpis},
        segments_then={name: then.kpis[name].behaviour.segments for name in kpis},
    )


def section(pack: Pack, title: str) -> str:
    """Return everything that stands in a section, as text."""
    [found] = [one for one in pack.sections if one.title == title]
    return " | ".join(text for block in found.blocks for text in texts_of(block)).replace(NBSP, " ")


def texts_of(block: Any) -> list[str]:
    match block:
        case Paragraph(text):
            return [text]
        case Facts(facts):
            return [f"{name}: {cell_text(cell)}" for name, cell in facts]
        case Items(items, empty):
            lines = [
                " ".join(filter(None, (one.word.text if one.word else "", one.lead, one.text, one.note)))
                for one in items
            ]
            return lines or [empty]
        case Table():
            rows = [" / ".join(cell_text(cell) for cell in row) for row in block.rows]
            return rows or [block.empty]
        case Picture(_, words):
            return [words]
        case Blank(label, _, note):
            return [f"[{label} {note}]".replace(" ]", "]")]
    raise AssertionError(block)


def cell_text(cell: Any) -> str:
    return " ".join(filter(None, (cell.word.text if cell.word else "", cell.text, cell.note)))


def whole(pack: Pack) -> str:
    return " | ".join(section(pack, one.title) for one in pack.sections)


# --- the review of a unit


def test_a_review_holds_facts_and_room() -> None:
    pack = review_pack(CYCLE, "stores", judged(company()))

    assert [one.title for one in pack.sections] == [
        "Deadlines",
        "Goals",
        "KPIs",
        "Are they good KPIs?",
        "Check-ins and decisions",
        "Improvement plans",
        "What changed",
        "What we learnt",
        "What the unit is to be good at",
    ]
    assert section(pack, "Deadlines") == "10 April 2026 We have met"
    assert "Quick Clerk · Committed" in section(pack, "Goals")
    assert "The desk is there" in section(pack, "Goals")
    assert re.findall("Waiting|Margin", section(pack, "Are they good KPIs?")) == ["Waiting", "Margin"]
    assert section(pack, "What we learnt") == "[What would we do again?]"
    assert section(pack, "What the unit is to be good at") == "[Planning, 100 of 100 It comes true.]"
    assert "no git repository and no ledger" in section(pack, "What changed")


def test_a_review_tells_the_check_ins_of_its_cycle_only() -> None:
    told_ones = section(review_pack(CYCLE, "stores", judged(company())), "Check-ins and decisions")

    assert "Of the year before" not in told_ones
    assert told_ones.index("A second desk.") < told_ones.index("Open at eight.")
    assert "8 of 10" in told_ones
    assert "In the way: No key." in told_ones


def test_a_review_tells_targets_that_changed_in_its_cycle() -> None:
    changed = section(review_pack(CYCLE, "stores", judged(company())), "What changed")

    assert "Waiting Quick / 1 March 2026 / 2,000 % / no reason is told" in changed
    assert "1 January 2026" not in changed


SPRING = Target(start=date(2026, 2, 1), end=date(2026, 3, 1), value=Decimal("0.28"), reason=None)
"""For February alone."""
WITH_SPRING = replace(
    QUICK,
    results=(
        result(
            "waiting",
            SPRING,
            target("0.25", QUICK_TIME[0], date(2026, 1, 15)),
            replace(target("0.20", date(2026, 1, 15), QUICK_TIME[1]), reason="A second desk."),
        ),
    ),
)


def test_a_target_of_one_month_stands_in_the_order_of_time_in_every_document() -> None:
    of = company(WITH_SPRING)
    first, second, alone = (
        "Waiting Quick / 1 January 2026 / 25 % / the first target",
        "Waiting Quick / 15 January 2026 / 20 % / A second desk.",
        "Waiting Quick / 1 February 2026 / 28 % for February 2026 only / ",
    )

    assert section(closing_pack(CYCLE, judged(of)), "How their targets changed") == (
        f"{first} | {second} | {alone}"
    )
    assert f"{second} | {alone}" in section(review_pack(CYCLE, "stores", judged(of)), "What changed")
    assert "Waiting: 25 % from 1 January 2026, 20 % from 15 January 2026, 28 % for February 2026 only." in (
        section(plan_pack(plan(), private(of)), "Why")
    )


def test_a_target_of_one_month_before_the_cycle_is_not_new_in_its_review() -> None:
    later = replace(CYCLE, start=date(2026, 2, 2))
    changed = section(review_pack(later, "stores", judged(company(WITH_SPRING))), "What changed")

    assert changed.endswith("| No target changed.")


def test_a_review_tells_plans_that_ran_in_its_cycle_with_their_test() -> None:
    early = plan("early", title="Over before", opened_on=date(2025, 1, 1), ends_on=date(2026, 1, 1))
    late = plan("late", title="Begins later", opened_on=date(2026, 4, 1))
    plans = section(
        review_pack(CYCLE, "stores", judged(company(plans=(plan(), early, late)))), "Improvement plans"
    )

    assert "Shorter waiting" in plans
    assert "Passed" in plans
    assert "Over before" not in plans
    assert "Begins later" not in plans


def test_what_the_people_of_a_unit_may_not_see_is_not_in_its_review() -> None:
    hidden = goal("secret", result("margin", "0.9"), org_unit="stores", visibility=("finance",))
    dark = kpi("dark", visibility=("finance",))
    card = scorecard("card", "dark", org_unit="stores")
    plans = (plan(title="Silent", visibility=("finance",)),)
    of = company(hidden, dark, card, plans=plans)
    pack = review_pack(CYCLE, "stores", assess(of, [seen("dark", "2026-03", "1")], {}, compiled(), APRIL_1))

    assert not re.search("Secret|Dark|Silent", whole(pack))


def test_no_document_rates_a_person() -> None:
    of = company(recognitions=(thanks("a"),))
    everything = " ".join(
        whole(pack)
        for pack in (
            review_pack(CYCLE, "stores", judged(of)),
            closing_pack(CYCLE, judged(of)),
            brief(of, series()),
        )
    )

    assert not re.search(r"\b(rating|rank|points of|score)\b", everything, re.IGNORECASE)


# --- the one-on-one


def test_a_brief_begins_with_the_agenda_of_the_one_who_reports() -> None:
    pack = brief(company(), series())

    first, second, *_ = pack.sections
    assert (first.title, first.blocks) == ("What Clerk wants to talk about", (Blank("", 10),))
    assert second.title == "What I need"
    room = [block.lines for one in pack.sections for block in one.blocks if isinstance(block, Blank)]
    assert max(room) == room[0]
    assert room.count(max(room)) == 1
    assert pack.private == "For Controller and Clerk only."


def test_a_brief_is_to_be_deleted() -> None:
    assert brief(company(), series()).until == date(2026, 6, 30)
    assert brief(company(), series(keeping=KEPT)).until == date(2027, 2, 1)


def test_only_signals_that_were_not_there_are_new() -> None:
    """It lies low from December on: seen in March already. What March adds to that row is no new signal."""
    steady, falling = [*NOISE, "30", "31"], [*NOISE[:-2], "12", "12", "12", "12"]
    rising = [*NOISE, "30", "60"]

    assert section(brief(company(), series(), waiting=steady), "New signals") == "None since you last met."
    assert section(brief(company(), series(), waiting=falling), "New signals") == "None since you last met."
    assert "Worse than usual Waiting March 2026" in section(
        brief(company(), series(), waiting=rising), "New signals"
    )


def test_a_longer_look_back_finds_what_the_shorter_one_knew() -> None:
    falling = [*NOISE[:-2], "12", "12", "12", "12"]
    pack = brief(company(), series(), since="2025-12-10", waiting=falling)

    assert "Better than usual Waiting December 2025 to March 2026" in section(pack, "New signals")


def test_a_brief_tells_check_ins_since_then_only() -> None:
    diary = section(brief(company(), series()), "New check-ins")

    assert diary == "Quick Confidence 6 of 10. The key is there. 15 March 2026"


def test_promises_are_decisions_that_nobody_came_back_to_and_open_actions() -> None:
    """`quick` was checked in on again; the decision on `tidy` is the last word. The action is overdue."""
    promised = section(brief(company(), series()), "Promised")

    assert "Shelves are labelled." in promised
    assert "A second desk." not in promised
    assert "Open at eight." not in promised
    assert "Open a second desk Shorter waiting, by 1 March 2026, overdue" in promised
    assert "Paint it" not in promised


def test_a_decision_of_somebody_else_is_not_promised() -> None:
    diary = (check_in("tidy", "2026-02-10", 9, by="controller", decision="Not theirs."),)

    assert section(brief(company(diary=diary, plans=()), series()), "Promised") == "Nothing is open."


@pytest.mark.parametrize(
    ("hidden", "words"),
    [
        pytest.param((replace(QUICK, visibility=("finance",)),), "Quick", id="a goal"),
        pytest.param((replace(WAITING, visibility=("finance",)),), "Worse than usual Waiting", id="a KPI"),
    ],
)
def test_what_one_of_the_two_may_not_see_is_not_in_their_brief(hidden: tuple[Any, ...], words: str) -> None:
    rising = [*NOISE, "30", "60"]

    assert words in whole(brief(company(), series(), waiting=rising))
    assert words not in whole(brief(company(*hidden), series(), waiting=rising))


@pytest.mark.parametrize("manager", ["clerk", "people"])
def test_goals_of_one_unit_are_told_to_two_of_it(manager: str) -> None:
    pack = brief(company(replace(QUICK, visibility=("stores",))), series(manager=manager))

    assert ("Quick" in section(pack, "Goals")) is (manager == "clerk")
    assert ("The key is there." in section(pack, "New check-ins")) is (manager == "clerk")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"plans": (plan(visibility=("finance",)),)}, id="the plan"),
        pytest.param({"waiting": replace(WAITING, visibility=("finance",))}, id="the KPI of its test"),
    ],
)
def test_actions_of_a_plan_that_one_may_not_see_are_not_told(changes: dict[str, Any]) -> None:
    more = [changes.pop("waiting")] if "waiting" in changes else []

    assert "Open a second desk" not in whole(brief(company(*more, **changes), series()))


def test_a_person_sees_what_their_unit_may_see() -> None:
    of = company(replace(QUICK, visibility=("stores",)))
    robin = series(report=PersonRef("robin"), manager="clerk", goals=("quick",))

    assert "Quick" in section(brief(of, robin, restricted()), "Goals")
    assert "Quick" not in section(brief(of, replace(robin, manager="people"), restricted()), "Goals")


@pytest.mark.parametrize(
    ("met_on", "first", "since"),
    [
        pytest.param((), date(2026, 3, 23), date(2026, 3, 23), id="the first is the last one"),
        pytest.param((), date(2026, 4, 1), date(2026, 3, 18), id="the first is today"),
        pytest.param((date(2026, 3, 25),), date(2026, 3, 23), date(2026, 3, 25), id="another is told"),
        pytest.param((date(2026, 4, 3),), date(2026, 3, 23), date(2026, 3, 18), id="none of those told"),
    ],
)
def test_when_they_last_met(met_on: tuple[date, ...], first: date, since: date) -> None:
    one = series(met_on=met_on, first=first)

    assert since_of(one, company().settings.calendar, date(2026, 4, 1)) == since


def test_before_they_have_ever_met_nothing_is_since_then_and_nothing_promised() -> None:
    one = series(met_on=(), first=date(2026, 4, 13))
    pack = brief(company(plans=()), one, since="2026-03-18")

    assert section(pack, "New signals") == "None after 18 March 2026."
    assert section(pack, "Promised") == "Nothing is open."


@pytest.mark.parametrize(
    ("day", "is_told"),
    [("2026-01-05", False), ("2026-01-06", True), ("2026-03-02", True), ("2026-03-03", False)],
)
def test_promises_are_those_of_the_last_time(day: str, is_told: bool) -> None:
    """They met on 5 January and on 2 March: what was decided for the first of them was talked about then."""
    diary = (check_in("tidy", day, 9, by="clerk", decision="Label."),)
    pack = brief(company(diary=diary, plans=()), series())

    assert ("Label." in section(pack, "Promised")) is is_told


def test_promises_before_the_only_meeting_go_back_one_interval() -> None:
    early = check_in("tidy", "2026-02-16", 9, by="clerk", decision="Early.")
    late = check_in("quick", "2026-02-17", 9, by="clerk", decision="Late.")
    pack = brief(company(diary=(early, late), plans=()), series(met_on=(date(2026, 3, 2),)))

    assert "Late." in section(pack, "Promised")
    assert "Early." not in section(pack, "Promised")


def test_limits_that_moved_make_no_new_signal() -> None:
    """Of all its points was known then; that it was no sign then is of the limits, and not of the process."""
    found = looked_at(company(), series(kpis=("waiting",)), waiting=[*NOISE, "30", "60"])
    waiting = found.segments["waiting"]
    without = tuple(replace(one, signals=()) for one in waiting)

    assert any(one.signals for one in waiting)
    assert new_signals(replace(found, segments_then={**found.segments, "waiting": without})) == ()


def test_the_day_of_the_last_meeting_was_talked_about() -> None:
    """A check-in of that day is not new, and its decision is a promise; one of the day after is the opposite."""
    on_the_day = check_in("tidy", "2026-03-02", 9, by="clerk", decision="Label.", note="Labels.")
    after_it = check_in("tidy", "2026-03-03", 9, by="clerk", decision="Paint.", note="Colours.")
    one = brief(company(diary=(on_the_day,), plans=()), series())
    other = brief(company(diary=(after_it,), plans=()), series())

    assert section(one, "New check-ins") == "None since you last met."
    assert "Label." in section(one, "Promised")
    assert "Colours." in section(other, "New check-ins")
    assert section(other, "Promised") == "Nothing is open."


def test_what_another_person_of_the_same_role_has_to_do_is_not_promised() -> None:
    theirs = Action(what="Listen", who=PersonRef("alex"), due=date(2026, 3, 1), done_on=None)
    kept = restricted(for_person(owner="controller", actions=(theirs,)))
    pack = brief(company(plans=()), series(report=PersonRef("robin")), kept)

    assert "Listen" not in section(pack, "Promised")


def test_goals_that_are_due_have_a_box() -> None:
    [goals] = [one for one in brief(company(), series()).sections if one.title == "Goals"]
    [items] = goals.blocks
    assert isinstance(items, Items)
    assert {item.lead: item.boxed for item in items.items} == {"Quick": False, "Tidy": True}


OVER = replace(TIDY, start=date(2026, 1, 1), end=date(2026, 3, 1))
"""It ended on the day before they met; they look at it on the first of April."""


@pytest.mark.parametrize(
    ("said", "met_on", "is_told"),
    [
        pytest.param((), (), True, id="nobody ever checked in"),
        pytest.param((check_in("tidy", "2026-02-28", by="clerk"),), (), True, id="not at its end"),
        pytest.param((check_in("tidy", "2026-03-01", by="clerk"),), (), False, id="closed on its end"),
        pytest.param(
            (check_in("tidy", "2026-03-02", by="clerk"),), (), False, id="closed by the day they met"
        ),
        pytest.param((check_in("tidy", "2026-03-03", by="clerk"),), (), True, id="closed since they met"),
        pytest.param(
            (check_in("tidy", "2026-03-03", by="clerk"),),
            (date(2026, 3, 9),),
            False,
            id="closed, and they have met again",
        ),
        pytest.param((check_in("tidy", "2026-04-01", by="clerk"),), (), True, id="closed today"),
        pytest.param((check_in("tidy", "2026-04-02", by="clerk"),), (), True, id="closed after today"),
        pytest.param(
            (check_in("tidy", "2026-03-01", by="clerk"), check_in("tidy", "2026-03-20", by="people")),
            (),
            True,
            id="closed, and something was said since",
        ),
        pytest.param(
            (check_in("tidy", "2026-03-01", by="clerk", decision="Label."),),
            (),
            True,
            id="closed with a promise for the last meeting",
        ),
        pytest.param(
            (check_in("tidy", "2026-03-01", by="people", decision="Label."),),
            (),
            False,
            id="closed with a decision of somebody else",
        ),
        pytest.param(
            (
                check_in("tidy", "2026-03-01", by="clerk", decision="Label."),
                replace(check_in("tidy", "2026-03-01", by="people"), name="z"),
            ),
            (),
            True,
            id="promised, and said by another on the same day",
        ),
        pytest.param(
            (check_in("tidy", "2026-03-01", by="clerk", decision="Label."),),
            (date(2026, 3, 9),),
            False,
            id="the promise was of the time before",
        ),
    ],
)
def test_a_goal_that_is_over_is_looked_at_until_it_is_closed_and_talked_about(
    said: tuple[Any, ...], met_on: tuple[date, ...], is_told: bool
) -> None:
    of, today = company(OVER, diary=said, plans=()), APRIL_1.date()
    one = series(met_on=(date(2026, 1, 5), date(2026, 3, 2), *met_on))
    since = since_of(one, of.settings.calendar, today)
    pack = brief(of, one, since=since.isoformat())
    is_owed = any(
        found.kind is DueKind.CLOSING and found.of == ("goal", "tidy")
        for found in due(of, Restricted(), today, today)
    )

    assert ("Tidy" in section(pack, "Goals")) is is_told
    assert is_told or not is_owed
    is_new = any(since < entry.as_of <= today for entry in said)
    assert (section(pack, "New check-ins") != "None since you last met.") is is_new


def test_a_goal_that_is_not_closed_has_a_box_and_no_question_about_its_end() -> None:
    """How sure somebody is that it will be reached is no question any more, and nor is what they doubt."""
    said = (check_in("tidy", "2026-02-10", 9), check_in("tidy", "2026-02-20", 2))
    asked, running = (
        brief(company(one, diary=said, plans=()), series(goals=("tidy",))) for one in (OVER, TIDY)
    )

    assert "until 28 February 2026; closing check-in due" in section(asked, "Goals")
    assert section(asked, "One question") == USUAL
    assert "Tidy" in section(running, "One question")


def test_the_kpis_of_a_goal_that_is_over_are_looked_at_while_it_is() -> None:
    open_ = looked_at(company(OVER, diary=()), series(goals=("tidy",)))
    closed = looked_at(company(OVER, diary=(check_in("tidy", "2026-03-01"),)), series(goals=("tidy",)))

    assert (tuple(open_.goals), tuple(open_.segments)) == (("tidy",), ("margin",))
    assert (tuple(closed.goals), tuple(closed.segments)) == ((), ())


def test_a_goal_that_one_may_not_see_is_not_told_when_its_closing_is_owed() -> None:
    of = company(replace(OVER, visibility=("finance",)), diary=())

    assert "Tidy" not in section(brief(of, series()), "Goals")


@pytest.mark.parametrize(("end", "is_told"), [(date(2026, 3, 2), False), (date(2026, 3, 3), True)])
def test_a_goal_of_a_person_is_looked_at_until_they_met_after_its_end(end: date, is_told: bool) -> None:
    """Nobody checks in on it, so nothing closes it."""
    kept = restricted()
    kept = replace(kept, goals={**kept.goals, "robins": replace(OF_ROBIN, end=end)})
    pack = brief(company(), series(report=PersonRef("robin")), kept)

    assert ("Robins" in section(pack, "Goals")) is is_told


def test_a_series_looks_at_the_goals_that_it_names() -> None:
    goals = section(brief(company(), series(goals=("tidy",), kpis=("waiting",))), "Goals")

    assert "Tidy" in goals
    assert "Quick" not in goals


ROBIN = person("robin", "Robin Example", role="clerk")
ALEX = person("alex", "Alex Example", role="clerk")
OF_ROBIN = goal("robins", result("margin", "0.4"), owner="controller", org_unit="stores", person="robin")
OF_ALEX = goal("alexs", result("margin", "0.4"), owner="clerk", org_unit="stores", person="alex")


def restricted(*plans: ImprovementPlan) -> Restricted:
    return Restricted(
        persons={"robin": ROBIN, "alex": ALEX},
        goals={"robins": OF_ROBIN, "alexs": OF_ALEX},
        performance=Performance(plans={one.name: one for one in plans}),
    )


def test_a_brief_of_a_person_tells_their_goals_and_nobody_elses() -> None:
    kept = restricted(for_person(owner="controller"))
    pack = brief(company(), series(report=PersonRef("robin")), kept)

    assert pack.sections[0].title == "What Robin Example wants to talk about"
    assert "Robins" in section(pack, "Goals")
    assert "Alexs" not in section(pack, "Goals")
    assert "Practise" in section(pack, "Promised")


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(series(), id="a role that a person has"),
        pytest.param(series(report=PersonRef("alex")), id="another person of the same role"),
        pytest.param(
            series(report=PersonRef("robin"), manager="people"), id="with somebody else than its owner"
        ),
    ],
)
def test_a_plan_for_a_person_is_told_to_its_two_alone(one: OneOnOneSeries) -> None:
    both = Action(what="Practise", who="clerk", due=date(2026, 3, 1), done_on=None)
    kept = restricted(for_person(owner="controller", actions=(both,)))

    assert "Practise" not in whole(brief(company(), one, kept))
    assert "Plan of Robin" not in whole(brief(company(), one, kept))


def test_goals_of_persons_are_not_in_what_everybody_reads() -> None:
    of = company()
    everybody = judged(of)

    assert "Robins" not in whole(review_pack(CYCLE, "stores", everybody))
    assert private(of, restricted()).judged.goals["quick"] == everybody.goals["quick"]


def facts(status: Status, *confidence: int, due: bool = False) -> GoalFacts:
    return GoalFacts(title="G", status=status, confidence=confidence, is_due=due)


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        pytest.param({"goals": (facts(Status.MET, 8, 6),)}, "fell from 8 to 6", id="on course, and confidence falls"),
        pytest.param({"goals": (facts(Status.MET, 4),)}, "is 4 of 10", id="on course, and nobody believes it"),
        pytest.param({"goals": (facts(Status.MET, 8, 7),)}, USUAL, id="a little less is nothing"),
        pytest.param({"goals": (facts(Status.MISSED, 7),)}, "What will be different", id="behind, and sure"),
        pytest.param({"goals": (facts(Status.MISSED, 6),)}, USUAL, id="behind, and not sure"),
        pytest.param({"worse": (("K", "March"),)}, "whose help", id="a signal for the worse"),
        pytest.param({"blockers": (("No key.", "G"),)}, "No key. Who could", id="something in the way"),
        pytest.param({"overdue": ("Paint",)}, "“Paint” is overdue", id="an action that is late"),
        pytest.param({"goals": (facts(Status.MISSED, due=True),)}, "How sure are you", id="a check-in is due"),
        pytest.param({"better": (("K", "March"),)}, "who else could", id="a signal for the better"),
        pytest.param({}, USUAL, id="nothing at all"),
        pytest.param(
            {"goals": (facts(Status.MISSED, 9), facts(Status.MET, 9, 3)), "worse": (("K", "March"),)},
            "fell from 9 to 3",
            id="what comes first in the rule wins",
        ),
    ],
)  # fmt: skip
def test_one_question_follows_from_the_facts(changes: Mapping[str, Any], asked: str) -> None:
    nothing: dict[str, Any] = {"goals": (), "worse": (), "better": (), "blockers": (), "overdue": ()}

    assert asked in question(Told(**{**nothing, **changes}))


# --- plans


def test_a_plan_on_a_page() -> None:
    pack = plan_pack(
        plan(changed_on=date(2026, 2, 1)), private(company(plans=(plan(changed_on=date(2026, 2, 1)),)))
    )

    assert pack.wide
    assert not pack.private
    assert "What set it off: Too long in December." in section(pack, "Why")
    assert "The standard is the target of “Quick”. Waiting: 2,500 % from 1 January 2026, 2,000 %" in section(
        pack, "Why"
    )
    assert "Open a second desk / Clerk / 1 March 2026 / Overdue" in section(pack, "What is done")
    assert "Paint it / Controller / 1 February 2026 / Done 20 January 2026" in section(pack, "What is done")
    assert "which is better" in section(pack, "Before and after")
    assert "So far: Passed" in section(pack, "Has it worked?")
    assert "The plan runs." in section(pack, "Outcome")


def test_nobody_waits_for_what_a_closed_plan_has_left_undone() -> None:
    one = plan(outcome=Outcome(result=PlanResult.STOPPED, day=date(2026, 3, 1), note="Sold."))

    done = section(plan_pack(one, private(company(plans=(one,)))), "What is done")

    assert "Open a second desk / Clerk / 1 March 2026 / Not done" in done
    assert "Paint it / Controller / 1 February 2026 / Done 20 January 2026" in done


def test_a_plan_draws_before_and_after_with_a_mark() -> None:
    one = plan(changed_on=date(2026, 2, 1))
    page = html(plan_pack(one, private(company(plans=(one,)))), company().settings, APRIL_1, version="1")

    assert page.count("<svg") == 2
    assert f"changed 1{NBSP}February 2026" in page
    assert "at most 2,000" in page


@pytest.mark.parametrize(
    ("result", "told_words"),
    [
        pytest.param(PlanResult.SUCCEEDED, "The numbers say the same.", id="they agree"),
        pytest.param(
            PlanResult.NOT_REACHED, "The numbers say otherwise: its test is passed.", id="they do not"
        ),
        pytest.param(PlanResult.STOPPED, "Stopped, declared on 31 March 2026.", id="it was stopped"),
    ],
)
def test_a_declared_outcome_stands_beside_the_test(result: PlanResult, told_words: str) -> None:
    one = plan(
        outcome=Outcome(result=result, day=date(2026, 3, 31), note=""),
        success=replace(plan().success, periods=1),
    )
    pack = plan_pack(one, private(company(plans=(one,))))

    assert told_words in section(pack, "Outcome")
    [block] = next(found for found in pack.sections if found.title == "Outcome").blocks
    assert isinstance(block, Paragraph)
    assert (block.tone == "t-act") == ("otherwise" in told_words)


def test_a_plan_that_has_not_begun_tells_what_was_before() -> None:
    one = plan(opened_on=date(2026, 4, 1))
    pack = plan_pack(one, private(company(plans=(one,))))
    before = section(pack, "Before and after")

    assert section(pack, "Outcome") == "It begins on 1 April 2026."
    assert before.startswith("The mean before 1 April 2026 is 2,")
    assert "There is no value after it yet." in before


def test_a_change_of_the_process_that_lies_ahead_hides_nothing_before() -> None:
    ahead = ProcessChange(start=date(2026, 5, 1), reason="Another till.")
    one = plan(opened_on=date(2026, 6, 1))
    of = company(replace(WAITING, process_changes=(ahead,)), plans=(one,))

    assert "The mean before 1 June 2026 is 2," in section(plan_pack(one, private(of)), "Before and after")


def test_each_period_of_a_test_says_whether_it_was_reached() -> None:
    one = plan()
    worked = section(
        plan_pack(one, private(company(plans=(one,)), waiting=[*NOISE, "18", "40"])), "Has it worked?"
    )

    assert "February 2026: 1,800.0 % reached" in worked
    assert "March 2026: 4,000.0 % not reached" in worked


@pytest.mark.parametrize("begin", range(1, 9))
def test_the_name_of_a_change_lies_inside_a_narrow_drawing(begin: int) -> None:
    """It is neither cut off at an edge, nor written over the values of the axis."""
    one = plan(opened_on=date(2025, 8, 1), changed_on=date(2025, begin + 4, 10))
    page = html(plan_pack(one, private(company(plans=(one,)))), company().settings, APRIL_1, version="1")
    narrow = page[page.index('class="chart narrow"') :]
    texts = re.findall(r'<text [^>]*? x="([-0-9.]+)" y="([-0-9.]+)"[^>]*>([^<]*)</text>', narrow)
    [(left, top)] = [(float(x), float(y)) for x, y, said in texts if said.startswith("changed")]
    said = next(said for *_, said in texts if said.startswith("changed"))
    numbers = re.findall(r'<text [^>]*? x="([-0-9.]+)" y="([-0-9.]+)"[^>]*text-anchor="end"', narrow)

    assert left >= 0
    assert left + width_of(said, 12.5) <= 350
    assert all(top + 4 < float(y) - 9 or left > float(x) for x, y in numbers)


def test_nobody_is_named_twice_in_a_letter() -> None:
    boss = for_person(hr_reviewer="controller")
    kept = restricted(boss)

    assert plan_pack(boss, private(company(), kept)).private == "For Robin Example and Controller only."


def test_what_is_noted_of_a_later_day_is_not_done_yet() -> None:
    ahead = Action(what="Paint it", who="clerk", due=date(2026, 5, 1), done_on=date(2026, 4, 2))
    one = plan(actions=(ahead,))

    assert "Paint it / Clerk / 1 May 2026 / Open" in section(
        plan_pack(one, private(company(plans=(one,)))), "What is done"
    )


def test_a_plan_for_a_person_has_no_chart_no_verdict_and_an_end() -> None:
    of, kept = company(), restricted(for_person())
    pack = plan_pack(kept.performance.plans["for_robin"], private(of, kept))
    page = html(pack, of.settings, APRIL_1, version="1")

    assert "<svg" not in page
    assert not re.search("Passed|Not yet|Not passed", whole(pack))
    assert pack.private == "For Robin Example, Controller and People only."
    assert pack.until == KEPT.until
    assert f"Delete by 1{NBSP}February 2027." in page
    assert "Twenty minutes." in section(pack, "What is expected")
    assert "The standard is the target of “Quick”" in section(pack, "What is expected")
    assert section(pack, "What help is given") == "A desk."
    assert "Practise / Robin Example" in section(pack, "What is done")


# --- thanks


def test_persons_are_named_while_they_agree() -> None:
    agreed = {"to": (Thanked.PERSON, "@robin"), "consent_on": date(2026, 2, 10)}
    some = (
        thanks("agreed", **agreed),
        thanks("withdrawn", **agreed, withdrawn_on=date(2026, 3, 1)),
        thanks("never", to=(Thanked.PERSON, "@alex")),
        thanks("unit"),
    )
    of = company(recognitions=some)

    def names(today: date) -> list[str]:
        return [one.name for one in told(PROGRAM, of, today, None, None)]

    assert names(date(2026, 2, 9)) == ["unit"]
    assert names(date(2026, 2, 10)) == ["agreed", "unit", "withdrawn"]
    assert names(date(2026, 3, 1)) == ["agreed", "unit"]
    assert names(date(2026, 1, 31)) == []


def test_thanks_stand_in_the_order_of_the_days_and_nobody_is_counted() -> None:
    some = [thanks(f"n{day}", day=date(2026, 2, day), to=(Thanked.OWNER, "clerk")) for day in (9, 2, 5)]
    of = company(recognitions=tuple(some))
    found = told(PROGRAM, of, date(2026, 4, 1), date(2026, 2, 3), date(2026, 2, 9))
    pack = recognition_pack(
        PROGRAM, told(PROGRAM, of, date(2026, 4, 1), None, None), of, date(2026, 4, 1), None, None
    )

    assert [one.name for one in found] == ["n5"]
    assert re.findall("For n[0-9]", section(pack, "Thank you")) == ["For n2", "For n5", "For n9"]
    assert "Waiting Clerk (2 February 2026), Clerk (5 February 2026) and" in section(pack, "Who moved what")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(start: str) -> None:
    one = thanks("a", to=(Thanked.PERSON, f"{start}HYPERLINK(1)"), reason=f'{start}1+1",\n=2', by=f"{start}x")
    [row] = csv.DictReader(io.StringIO(recognition_csv((one,)), newline=""))

    assert row["to"] == f"'{start}HYPERLINK(1)"
    assert row["reason"] == f"'{start}1+1\",\n=2"
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row.values())


# --- the end of a cycle


def test_the_close_tells_what_ended_in_it() -> None:
    """In (start, end]: what ended on its first day is of the cycle before, what ends on its last is of it."""
    of = company(
        goal("before", org_unit="stores", during=(date(2025, 1, 1), date(2026, 1, 1))),
        goal("first", org_unit="stores", during=(date(2025, 1, 1), date(2026, 1, 2))),
        goal("above", org_unit="acme", during=(date(2026, 1, 1), date(2026, 4, 1))),
        goal("aside", org_unit="finance", during=(date(2026, 1, 1), date(2026, 4, 1))),
    )
    pack = closing_pack(CYCLE, judged(of))
    reached = section(pack, "What was reached")

    assert [name for name in ("Before", "First", "Above", "Aside", "Quick", "Tidy") if name in reached] == [
        "First",
        "Above",
        "Quick",
    ]
    assert "Tidy" in section(pack, "What goes on")


def test_the_close_holds_confidence_against_what_came() -> None:
    assert "Quick / 8 → 5 → 6" in section(
        closing_pack(CYCLE, judged(company())), "What was believed, and what came"
    )


@pytest.mark.parametrize(
    ("confidence", "values", "words"),
    [
        pytest.param(8, "18 19", "as they thought", id="sure, and delivered"),
        pytest.param(8, "18 40", "less than they thought", id="sure, and not delivered"),
        pytest.param(3, "18 19", "more than they thought", id="unsure, and delivered"),
        pytest.param(3, "18 40", "as they thought", id="unsure, and not delivered"),
        pytest.param(5, "18 19", "open to the end", id="neither"),
    ],
)
def test_what_was_believed(confidence: int, values: str, words: str) -> None:
    of = company(
        replace(QUICK, milestones=()),
        diary=(check_in("quick", "2026-03-01", confidence), check_in("quick", "2026-04-01", 10)),
    )
    pack = closing_pack(CYCLE, judged(of, waiting=[*NOISE, *values.split()]))

    assert f"/ {words}" in section(pack, "What was believed, and what came")


def test_a_close_says_how_belief_is_judged_and_quotes_titles_in_a_row() -> None:
    quiet = [
        goal(name, result("margin", "0.4"), org_unit="stores", during=(date(2026, 1, 1), date(2026, 4, 1)))
        for name in ("calm", "still")
    ]
    pack = closing_pack(CYCLE, judged(company(*quiet)))
    believed = section(pack, "What was believed, and what came")

    assert "7 and more is sure, 4 and less is unsure" in believed
    assert "Nobody checked in on “Calm” and “Still”." in believed
    assert "1 note of a check-in is owed: why it was not delivered, or what was learnt." in pack.lead.replace(
        NBSP, " "
    )


def test_a_goal_without_results_is_as_far_as_those_beneath_it() -> None:
    over = goal("whole", org_unit="stores", during=QUICK_TIME)
    beneath = goal(
        "part",
        result("margin", "0.5", baseline="0.32"),
        org_unit="stores",
        during=QUICK_TIME,
        parents=("whole",),
    )
    unknown = goal("dark", result("margin", "0.5"), org_unit="stores", during=QUICK_TIME, parents=("whole",))
    of = judged(company(over, beneath, unknown))
    told_words = "With all beneath: 50 % done, 100 % expected by now; known of 50 % of the weights"

    assert told_words in section(review_pack(CYCLE, "stores", of), "Goals").replace(NBSP, " ")
    assert told_words in section(closing_pack(CYCLE, of), "What was reached").replace(NBSP, " ")


def test_what_is_owed_is_told_until_it_is_written() -> None:
    owed = closing_pack(CYCLE, judged(company()))
    given = closing_pack(
        CYCLE, judged(company(diary=(*DIARY, check_in("quick", "2026-04-01", 0, note="No key."))))
    )

    assert "Quick / Owed Clerk / Why it was not delivered: not written yet" in section(
        owed, "What is owed, and what was given"
    )
    assert "Quick / Given 1 April 2026 / No key. Why" in section(given, "What is owed, and what was given")


def test_goals_that_not_everybody_may_see_are_counted_only() -> None:
    hidden = goal(
        "secret", org_unit="stores", during=(date(2026, 1, 1), date(2026, 4, 1)), visibility=("finance",)
    )
    pack = closing_pack(CYCLE, judged(company(hidden)))

    assert "Secret" not in whole(pack)
    assert any(f"1{NBSP}goal that ended is not shown" in line for line in pack.foot)


# --- what is printed


class Elements(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.depth: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.attributes |= {(name, value or "") for name, value in attrs}


ELEMENTS = set(
    "html head meta title link style body header main section footer p h1 h2 b span small ul li dl dt dd div "
    "table caption thead tbody tr th td svg path rect line circle text".split()
)
MARKUP = {"html_block", "html_inline", "image", "link_open", "code_block", "fence"}


def hostile(text: str) -> dict[str, Pack]:
    """Every document, with a text wherever people write freely."""
    long = text[:900] or "x"
    value = Value(name="care", title=long, description=long)
    program = replace(PROGRAM, title=long, description=long, values=(value,), budget_note=long)
    diary = tuple(replace(one, note=long, decision=long, blockers=(long,)) for one in DIARY)
    actions = tuple(replace(one, what=long) for one in plan().actions)
    one = plan(title=long, trigger=long, current=long, required=long, support=long, actions=actions)
    over = replace(one, outcome=Outcome(result=PlanResult.SUCCEEDED, day=date(2026, 3, 31), note=long))
    of_robin = replace(
        for_person(title=long, current=long, required=long, support=long), keeping=replace(KEPT, purpose=long)
    )
    of = company(
        replace(WAITING, title=long),
        replace(QUICK, title=long, milestones=(milestone(long, "2026-03-10"),)),
        replace(owner("clerk", "stores"), title=long),
        plans=(over,),
        recognitions=(
            thanks("a", reason=long),
            thanks("b", to=(Thanked.PERSON, long), consent_on=date(2026, 1, 1)),
        ),
        cycle=replace(CYCLE, title=long, deadlines=(Deadline(title=long, due=date(2026, 4, 10)),)),
        diary=diary,
    )
    template = replace(
        TEMPLATE,
        description=long,
        sections=(Questions(title=long, questions=(long,)),),
        competencies=(Competency(title=long, description=long, weight=Decimal(100)),),
    )
    of = replace(
        of,
        settings=replace(of.settings, name=long),
        performance=replace(of.performance, templates={template.name: template}),
    )
    kept = replace(restricted(of_robin), persons={"robin": replace(ROBIN, title=long), "alex": ALEX})
    cycle = of.performance.cycles["q1"]
    some = told(program, of, date(2026, 4, 1), None, None)
    return {
        "review": review_pack(cycle, "stores", judged(of)),
        "close": closing_pack(cycle, judged(of)),
        "one-on-one": brief(of, series(title=long, sections=(long,), report=PersonRef("robin")), kept),
        "plan": plan_pack(over, private(of, kept)),
        "plan of a person": plan_pack(of_robin, private(of, kept)),
        "recognition": recognition_pack(program, some, of, date(2026, 4, 1), None, None),
    }


TEXTS = [
    HOSTILE,
    ENDLESS,
    "- x",
    "1. x",
    "+ x",
    "# x",
    "=====",
    "---",
    "> x",
    "| a | b |",
    "`code` [l](https://evil.example) ![i](x) <b> @all #1",
    "\u202egro.elpmaxe",
    "*a* _b_ ~~c~~ $d$",
    "</style><script>alert(1)</script>",
]


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text[:20])
def test_texts_of_users_never_act(text: str) -> None:
    settings = company().settings
    for name, pack in hostile(text).items():
        page = html(pack, settings, APRIL_1, version="1")
        elements = Elements()
        elements.feed(page)
        assert elements.found <= ELEMENTS, name
        assert not any(
            attribute.startswith("on") or attribute in ("src", "style")
            for attribute, _ in elements.attributes
        )
        assert {value for attribute, value in elements.attributes if attribute == "href"} == {"data:,"}

        tokens = (
            MarkdownIt("commonmark", {"html": True})
            .enable(["table", "strikethrough"])
            .parse(markdown(pack, settings, APRIL_1, version="1"))
        )
        inner = [child for token in tokens for child in token.children or ()]
        ours = {"<br>", "<sub>", "</sub>"}
        acting = [t for t in (*tokens, *inner) if t.type in MARKUP and t.content.strip() not in ours]
        assert [t.content for t in acting] == [], name
        headings = [t for t in tokens if t.type == "heading_open"]
        assert len(headings) == 1 + len(pack.sections), name
        assert not any(t.type in ("ordered_list_open", "s_open") for t in (*tokens, *inner)), name


def test_a_page_allows_its_own_style_and_nothing_else() -> None:
    page = html(brief(company(), series()), company().settings, APRIL_1, version="1")
    [style] = re.findall("<style>(.*?)</style>", page, re.DOTALL)
    [allowed] = re.findall('Content-Security-Policy" content="(.*?)"', page)

    assert allowed.replace("&#39;", "'") == policy(style)
    assert "script" not in page
    assert "@media print" in style
    assert "size: A4" in style
    assert "prefers-color-scheme: dark" in style


def test_the_same_content_gives_the_same_bytes() -> None:
    def once() -> list[str]:
        made = judged(company())
        packed = packing.review(CYCLE.name, {"stores": made}, packing.BOTH)
        return list(packed.files.values())

    assert once() == once()


@pytest.mark.parametrize(
    ("form", "endings"), [("html", {".html"}), ("markdown", {".md"}), ("both", {".html", ".md"})]
)
def test_forms(form: str, endings: set[str]) -> None:
    packed = packing.closing(CYCLE, judged(company()), form)

    assert {name[name.rindex(".") :] for name in packed.files} == endings


def test_numbers_and_days_are_those_of_the_locale() -> None:
    of = company()
    german = replace(of, settings=replace(of.settings, locale=Locale.DE))
    one = plan(success=replace(plan().success, at_most=Decimal("20.5")))
    packed = packing.plan(
        one,
        private(replace(german, performance=replace(german.performance, plans={one.name: one}))),
        "markdown",
    )

    assert "2.050" in "".join(packed.files.values())


def test_what_belongs_to_two_says_until_when() -> None:
    of, kept = company(), restricted(for_person())
    made = private(of, kept)
    packed = packing.plan(kept.performance.plans["for_robin"], made, packing.BOTH)

    assert packed.until == {"plan-for_robin.html": KEPT.until, "plan-for_robin.md": KEPT.until}
    assert not packing.closing(CYCLE, judged(of), packing.BOTH).until


# --- the site


def test_pages_of_the_site_list_plans_that_have_begun_and_did_not_end_long_ago() -> None:
    closed = plan(
        "closed", title="Closed", outcome=Outcome(result=PlanResult.STOPPED, day=date(2026, 3, 1), note="")
    )
    later = plan("later", title="Later", opened_on=date(2026, 4, 1))
    long_ago = plan(
        "old", title="Long ago", opened_on=date(2024, 1, 1), changed_on=None, ends_on=date(2025, 3, 30)
    )
    of_unit = plan(
        "unit", title="Of the unit", subject=(SubjectOfPlan.ORG_UNIT, "stores"), ends_on=date(2026, 5, 1)
    )
    made = judged(company(plans=(plan(owner="people"), closed, later, long_ago, of_unit)))
    of_kpi = kpi_page(made.project.kpis["waiting"], made).plans
    [line] = unit_page(made.project.org_units["stores"], made).plans

    assert [one.title for one in of_kpi] == ["Of the unit", "Closed", "Shorter waiting"]
    assert (line.title, line.owner, line.until) == (
        "Of the unit",
        Link("Controller", "owners/controller.html"),
        f"30{NBSP}April 2026",
    )
    assert line.word.text == "Passed"
    assert line.so_far.replace(NBSP, " ") == "1,800.0 % in February 2026, 1,900.0 % in March 2026"
    assert unit_page(made.project.org_units["finance"], made).plans[0].title == "Shorter waiting"
    assert not kpi_page(made.project.kpis["margin"], made).plans


def test_a_list_of_plans_leads_nowhere_but_into_the_site() -> None:
    of = company(plans=(plan(title=HOSTILE),))
    pages = {page.path: page.text for page in render(judged(of), version="1")}
    text = pages["kpis/waiting.html"]

    assert str(escape(HOSTILE)) in text
    assert HOSTILE not in text
    [part] = re.findall('<h2 id="plans">.*?</section>', text, re.DOTALL)
    assert set(re.findall('href="(.*?)"', part)) == {"../owners/controller.html", "../kpis/waiting.html"}
    assert not any("plan" in path for path in pages)
