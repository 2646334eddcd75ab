"""What is due: check-ins, milestones, deadlines, plans, feedback, meetings, and what may not be kept."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from factories import NOWHERE, check_in, goal, kpi, milestone, owner, project
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar as ReadCalendar

from kpiascode.assess.due import due, next_check_in
from kpiascode.model.calendar import Calendar, Duration, Unit
from kpiascode.model.document import Document
from kpiascode.model.due import Due, DueKind
from kpiascode.model.performance import (
    Action,
    Deadline,
    FeedbackRound,
    ImprovementPlan,
    OneOnOneSeries,
    Outcome,
    Performance,
    Person,
    PersonRef,
    PlanResult,
    ReviewCycle,
    SubjectOfPlan,
    SuccessTest,
)
from kpiascode.model.project import Goal, Owner, Project, Restricted
from kpiascode.render.calendar import calendar_file

TODAY = date(2026, 4, 10)
SOON = TODAY + timedelta(days=14)
NOBODY = Restricted()
QUARTER = (date(2026, 1, 1), date(2026, 4, 1))
WEEKLY = Duration(amount=1, unit=Unit.WEEK)


def day(text: str) -> date:
    return date.fromisoformat(text)


def days(*texts: str) -> tuple[date, ...]:
    return tuple(map(day, texts))


def having(*things: Goal | Owner, **declared: Any) -> Project:
    by_name = {kind: {one.name: one for one in some} for kind, some in declared.items()}
    return replace(project(kpi("sales"), *things), performance=Performance(**by_name))


def found(
    made: Project, restricted: Restricted = NOBODY, *, on: date = TODAY, last: date = SOON
) -> list[Due]:
    return list(due(made, restricted, on, last))


def told(made: Project, restricted: Restricted = NOBODY, *, on: date = TODAY) -> list[tuple[str, str]]:
    return [(one.kind.value, one.day.isoformat()) for one in found(made, restricted, on=on)]


# --- check-ins


@pytest.mark.parametrize(
    ("last", "on", "expected"),
    [
        pytest.param(None, "2026-01-10", "2026-02-01", id="the first a month after the start"),
        pytest.param("2026-01-31", "2026-02-10", "2026-02-28", id="a month after the last, by our calendar"),
        pytest.param("2026-03-15", "2026-03-20", "2026-04-01", id="at the end at the latest"),
        pytest.param("2026-01-15", "2026-03-20", "2026-02-15", id="overdue since then"),
        pytest.param("2026-01-15", "2026-04-01", "2026-04-01", id="over: what remains is the end"),
        pytest.param(None, "2027-01-01", "2026-04-01", id="over for long, and still nobody has said"),
        pytest.param("2026-04-01", "2026-04-01", None, id="the end was seen"),
        pytest.param("2026-05-07", "2026-06-01", None, id="later than the end"),
        pytest.param("2025-12-01", "2026-01-10", "2026-02-01", id="before the start it says nothing of it"),
    ],
)
def test_the_next_check_in_of_a_quarter(last: str | None, on: str, expected: str | None) -> None:
    next_one = next_check_in(
        goal("g", during=QUARTER), None if last is None else day(last), Calendar(), day(on)
    )

    assert (None if next_one is None else next_one.isoformat()) == expected


@given(
    st.dates(date(2025, 6, 1), date(2026, 9, 1)),
    st.none() | st.dates(date(2025, 12, 1), date(2026, 6, 1)),
    st.integers(1, 20),
)
def test_a_next_check_in_lies_in_the_goal_and_after_the_last(on: date, last: date | None, weeks: int) -> None:
    asked = goal("g", during=QUARTER, check_in_every=Duration(amount=weeks, unit=Unit.WEEK))
    next_one = next_check_in(asked, last, Calendar(), on)

    assert (next_one is None) == (last is not None and last >= asked.end)
    if next_one is not None:
        assert asked.start < next_one <= asked.end
        assert last is None or next_one > last


def test_what_is_overdue_comes_before_what_is_due() -> None:
    made = having(
        goal("late", check_in_every=WEEKLY),
        goal("soon"),
        check_ins=[check_in("late", "2026-03-30"), check_in("soon", "2026-03-20")],
    )

    assert [(one.of[1], one.day) for one in found(made)] == [
        ("late", day("2026-04-06")),
        ("soon", day("2026-04-20")),
    ]


def test_a_check_in_of_later_than_today_is_not_seen() -> None:
    made = having(goal("g", during=QUARTER), check_ins=[check_in("g", "2026-04-01")])

    assert told(made, on=day("2026-03-31")) == [("check_in", "2026-02-01")]
    assert told(made, on=day("2026-04-01")) == []


def test_a_check_in_on_a_kpi_of_that_name_is_none_on_the_goal() -> None:
    made = having(
        goal("sales", during=QUARTER),
        check_ins=[replace(check_in("sales", "2026-04-01"), goal=None, kpi="sales")],
    )

    assert told(made) == [("closing_check_in", "2026-04-01")]


def test_a_goal_that_begins_within_the_time_is_asked_for_too() -> None:
    made = having(goal("g", during=(day("2026-04-12"), day("2027-01-01")), check_in_every=WEEKLY))

    assert told(made) == [("check_in", "2026-04-19")]


def test_years_at_the_end_of_the_calendar_are_no_trouble() -> None:
    long = goal(
        "g", during=(day("2026-01-01"), date.max), check_in_every=Duration(amount=999, unit=Unit.YEAR)
    )

    assert told(having(long)) == []
    assert next_check_in(replace(long, start=day("9998-01-01")), None, Calendar(), TODAY) == date.max


# --- milestones


@pytest.mark.parametrize(
    ("due_on", "done_on", "listed"),
    [
        pytest.param("2026-04-01", None, True, id="overdue"),
        pytest.param("2026-04-24", None, True, id="on the last day"),
        pytest.param("2026-04-25", None, False, id="the day after"),
        pytest.param("2026-04-01", "2026-04-10", False, id="done today"),
        pytest.param("2026-04-12", "2026-04-11", True, id="a day that has not come is no done one"),
    ],
)
def test_a_milestone_is_due_until_it_is_done(due_on: str, done_on: str | None, listed: bool) -> None:
    made = having(
        goal("g", milestones=(milestone("The shop opens", due_on, done_on),)),
        check_ins=[check_in("g", "2026-04-10")],
    )

    assert told(made) == ([("milestone", due_on)] if listed else [])


def test_a_milestone_says_what_and_of_which_goal() -> None:
    [one] = found(
        having(
            goal("g", org_unit="stores", milestones=(milestone("The shop opens", "2026-04-12"),)),
            check_ins=[check_in("g", "2026-04-10")],
        )
    )

    assert (one.what, one.within, one.who, one.units) == ("The shop opens", "G", "controller", ("stores",))


# --- reviews, plans, feedback, meetings


def cycle(*due_on: str) -> ReviewCycle:
    return ReviewCycle(
        name="q1",
        title="First quarter",
        owner="controller",
        start=QUARTER[0],
        end=QUARTER[1],
        template="quarterly",
        org_units=("stores", "finance"),
        kpis=(),
        deadlines=tuple(Deadline(title=f"By {one}", due=day(one)) for one in due_on),
        visibility=(),
        place=NOWHERE,
    )


def plan(name: str = "better", **changes: Any) -> ImprovementPlan:
    plain = ImprovementPlan(
        name=name,
        title="Better returns",
        owner="controller",
        subject=(SubjectOfPlan.ORG_UNIT, "stores"),
        opened_on=day("2026-03-01"),
        ends_on=day("2026-07-01"),
        trigger="",
        current="x",
        required="y",
        standard=None,
        actions=(),
        support="",
        reviews=(),
        changed_on=None,
        success=SuccessTest(kpi="sales", slice=(), at_least=Decimal(1), at_most=None, periods=1),
        outcome=None,
        opened_with_employee=None,
        hr_reviewer=None,
        visibility=(),
        keeping=None,
        place=NOWHERE,
    )
    return replace(plain, **changes)


def feedback(start: str, end: str) -> FeedbackRound:
    return FeedbackRound(
        name="autumn",
        title="How we work",
        owner="controller",
        about="stores",
        start=day(start),
        end=day(end),
        groups=(),
        questions=(),
        k=5,
        moderated=False,
        keeping=None,
        place=NOWHERE,
    )


def series(first: str, *met: str, **changes: Any) -> OneOnOneSeries:
    plain = OneOnOneSeries(
        name="pair",
        title="Two who meet",
        manager="controller",
        report="clerk",
        every=WEEKLY,
        first=day(first),
        met_on=days(*met),
        sections=(),
        goals=(),
        kpis=(),
        keeping=None,
        place=NOWHERE,
    )
    return replace(plain, **changes)


def test_a_deadline_passes_by_itself() -> None:
    made = having(cycles=[cycle("2026-04-09", "2026-04-10", "2026-04-24", "2026-04-25")])

    assert told(made) == [("deadline", "2026-04-10"), ("deadline", "2026-04-24")]
    assert found(made)[0].units == ("stores", "finance")


def action(due_on: str, done_on: str | None = None, who: Any = "clerk") -> Action:
    return Action(what="Call them", who=who, due=day(due_on), done_on=day(done_on) if done_on else None)


CLERK = owner("clerk", "finance")


def test_actions_and_reviews_of_open_plans_are_due() -> None:
    made = having(
        CLERK,
        plans=[
            plan(
                actions=(
                    action("2026-03-20"),
                    action("2026-04-12"),
                    action("2026-03-20", "2026-03-21"),
                    action("2026-05-12"),
                ),
                reviews=days("2026-04-01", "2026-04-15", "2026-06-01"),
            )
        ],
    )

    assert told(made) == [("action", "2026-03-20"), ("action", "2026-04-12"), ("plan_review", "2026-04-15")]
    assert found(made)[0].who == "clerk"
    assert found(made)[0].units == ("finance", "retail", "stores")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"opened_on": day("2026-04-11")}, id="not open yet"),
        pytest.param({"ends_on": day("2026-04-10")}, id="over"),
        pytest.param(
            {"outcome": Outcome(result=PlanResult.STOPPED, day=day("2026-04-01"), note="")}, id="closed"
        ),
    ],
)
def test_a_plan_that_is_not_open_asks_for_nothing(changes: dict[str, Any]) -> None:
    changed = plan(actions=(action("2026-04-12"),), reviews=days("2026-04-12"), **changes)

    assert told(having(CLERK, plans=[changed])) == []


@pytest.mark.parametrize(
    ("start", "end", "listed"),
    [
        pytest.param("2026-04-01", "2026-04-11", "2026-04-10", id="today is the last day"),
        pytest.param("2026-04-01", "2026-04-10", None, id="closed"),
        pytest.param("2026-04-20", "2026-04-22", "2026-04-21", id="opens and closes soon"),
        pytest.param("2026-04-01", "2026-05-01", None, id="closes later"),
    ],
)
def test_a_feedback_window_is_told_up_to_its_last_day(start: str, end: str, listed: str | None) -> None:
    made = having(rounds=[feedback(start, end)])

    assert told(made) == ([("feedback", listed)] if listed else [])


@pytest.mark.parametrize(
    ("met", "expected"),
    [
        pytest.param([], "2026-04-06", id="the first"),
        pytest.param(["2026-03-30", "2026-04-06"], "2026-04-13", id="a week after the last"),
        pytest.param(["2026-04-06", "2026-04-17"], "2026-04-13", id="one that is planned was not yet"),
    ],
)
def test_a_meeting_is_due_so_long_after_the_last(met: list[str], expected: str) -> None:
    assert told(having(CLERK, series=[series("2026-04-06", *met)])) == [("meeting", expected)]


# --- what belongs to persons


ERIKA = PersonRef("p17")


def private() -> Restricted:
    data: dict[str, Any] = {"kind": "improvement_plan", "name": "p17_plan", "retention_until": "2026-04-20"}
    later: dict[str, Any] = {"kind": "person", "name": "p17", "retention_until": "2027-01-01"}
    over: dict[str, Any] = {"kind": "goal", "name": "p17_goal", "retention_until": "2026-04-10"}
    documents = {
        (one["kind"], one["name"]): Document(path="x.yaml", data=one, keys={}, values={})
        for one in (data, later, over)
    }
    erika = Person(
        name="p17",
        title="Erika Mustermann",
        org_unit="finance",
        role="clerk",
        contact="",
        keeping=None,  # type: ignore[arg-type]
        place=NOWHERE,
    )
    of_persons = Performance(
        plans={"p17_plan": plan("p17_plan", actions=(action("2026-04-12", who=ERIKA),))},
        series={"pair": series("2026-04-13", report=ERIKA)},
        check_ins={},
    )
    mine = goal("mine", during=QUARTER, person="p17")
    return Restricted(
        persons={"p17": erika}, goals={"mine": mine}, performance=of_persons, documents=documents
    )


def test_without_the_restricted_folder_nothing_of_persons_is_told() -> None:
    assert told(having(CLERK)) == []


def test_with_it_their_plans_meetings_and_retentions_are() -> None:
    """A check-in on a person's goal is not asked for: it could not be written down."""
    assert told(having(CLERK), private()) == [
        ("retention", "2026-04-09"),
        ("action", "2026-04-12"),
        ("meeting", "2026-04-13"),
        ("retention", "2026-04-19"),
    ]


def test_a_retention_names_the_document_and_no_title() -> None:
    titles = [one.what for one in found(having(CLERK), private()) if one.kind is DueKind.RETENTION]

    assert titles == ["goal p17_goal", "improvement_plan p17_plan"]


# --- as a calendar


NOON = datetime(2026, 4, 10, 12)


def written(made: Project, restricted: Restricted = NOBODY, as_of: datetime = NOON) -> bytes:
    return calendar_file(found(made, restricted, on=as_of.date()), made, restricted, as_of)


def events(text: bytes) -> Iterator[Any]:
    return iter(ReadCalendar.from_ical(text).walk("VEVENT"))


def test_an_event_is_a_whole_day_and_holds_what_is_due() -> None:
    made = having(
        goal("g", milestones=(milestone("The shop opens", "2026-04-12"),)),
        check_ins=[check_in("g", "2026-04-10")],
    )

    [event] = events(written(made))

    assert (event["summary"], event["dtstart"].dt, event["dtend"].dt) == (
        "Milestone: The shop opens",
        day("2026-04-12"),
        day("2026-04-13"),
    )
    assert event["dtstamp"].dt == NOON.replace(tzinfo=UTC)
    assert event["description"] == "G\nController\ngoal g"


def test_the_stamp_is_the_moment_in_utc() -> None:
    made = having(goal("g", during=QUARTER))
    berlin = replace(made, settings=replace(made.settings, calendar=Calendar(timezone="Europe/Berlin")))

    [event] = events(written(berlin))

    assert event["dtstamp"].dt == datetime(2026, 4, 10, 10, tzinfo=UTC)


def test_the_same_project_and_moment_give_the_same_bytes() -> None:
    made = having(goal("g", during=QUARTER), goal("h", milestones=(milestone("x", "2026-04-12"),)))

    assert written(made) == written(made)
    assert written(made).count(b"\r\n") == written(made).count(b"\n")


def test_an_event_keeps_its_name_when_its_day_moves() -> None:
    """A check-in was made, a milestone has another day: the events are the same ones."""
    early = having(goal("g", check_in_every=WEEKLY, milestones=(milestone("x", "2026-04-12"),)))
    moved = having(
        goal("g", check_in_every=WEEKLY, milestones=(milestone("x", "2026-04-14"),)),
        check_ins=[check_in("g", "2026-04-08")],
    )

    names = [
        {str(event["uid"]): event["dtstart"].dt for event in events(written(one))} for one in (early, moved)
    ]

    assert names[0].keys() == names[1].keys()
    assert set(names[0].values()).isdisjoint(names[1].values())


def test_the_check_in_at_the_end_is_the_one_that_was_due_before() -> None:
    made = having(goal("g", during=QUARTER))
    before, after = (written(made, as_of=datetime(2026, *on)) for on in ((3, 20), (4, 10)))

    [one], [other] = events(before), events(after)

    assert one["uid"] == other["uid"]
    assert (one["summary"], other["summary"]) == ("Check-in: G", "Closing check-in: G")


def test_every_event_has_a_name_of_its_own() -> None:
    stones = tuple(milestone("The same title", "2026-04-12") for _ in range(3))
    made = having(
        CLERK,
        goal("g", during=QUARTER, milestones=stones),
        goal("g2", during=QUARTER, milestones=stones),
        plans=[plan("g", reviews=days("2026-04-12", "2026-04-13"), actions=(action("2026-04-12"),) * 2)],
        cycles=[cycle("2026-04-12", "2026-04-12")],
    )

    names = [str(event["uid"]) for event in events(written(made))]

    assert len(names) == len(set(names)) == 14


@pytest.mark.parametrize(
    "title",
    [
        "Sell, deliver; repeat\\n",
        "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:forged",
        "ATTACH:https://example.com\nBEGIN:VALARM",
        "tab\tand\x07bell\x00",
        "übergroß " * 40,
        '"quoted" <b>&amp;</b> {{ 7 * 7 }}',
        "\u2028line\u2029paragraph",
        "\N{RIGHT-TO-LEFT OVERRIDE}backwards",
    ],
)
def test_a_hostile_title_stays_the_text_of_one_line(title: str) -> None:
    made = having(
        goal("g", title=title, milestones=(milestone(title, "2026-04-12"),)),
        check_ins=[check_in("g", "2026-04-10")],
    )

    text = written(made)
    [event] = events(text)

    begun = [line for line in text.split(b"\r\n") if line.startswith(b"BEGIN:")]
    assert begun == [b"BEGIN:VCALENDAR", b"BEGIN:VEVENT"]
    assert not {"ATTACH", "ALARM"} & set(event)
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))
    assert not set(text) & set(range(32)) - {10, 13}
    words = "".join(c for c in title if c.isalnum())
    assert words in "".join(c for c in str(event["summary"]) if c.isalnum())
