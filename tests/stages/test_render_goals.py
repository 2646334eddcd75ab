"""Pages of goals: milestones, the roll-up, grades, check-ins, what is missing; and check-ins of a KPI."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from html import unescape
from itertools import pairwise

import pytest
from factories import check_in, goal, kpi, milestone, project, result
from hypothesis import given, settings
from hypothesis import strategies as st
from render_fixture import AS_OF, ENDLESS, HOSTILE, assessment, with_texts
from test_render_pages import Outline, outline

from kpiascode.assess.goals import assess_milestone
from kpiascode.model.assessment import Account, Assessment, Attainment, Gaps, Grading, Status
from kpiascode.model.locale import Locale
from kpiascode.model.observation import SliceKey
from kpiascode.model.performance import CheckIn, Performance
from kpiascode.model.project import Target
from kpiascode.render import render
from kpiascode.render.links import Link
from kpiascode.render.numbers import NBSP
from kpiascode.render.pages.goal import in_time
from kpiascode.render.pages.goals import goals_page
from kpiascode.render.sentences import said
from kpiascode.render.words import COMMITMENT, STATUS

TODAY = AS_OF.date()
GROWTH = "profitable_growth"
SEEN = "What we saw."
STONES = (
    milestone("The new shop is open", "2026-08-01", "2026-08-08"),
    milestone("Prices are signed", "2026-10-01"),
    milestone("The catalogue is out", "2026-12-01", weight="2"),
)
GAPS = Gaps(
    orphans=("worthy_customers",),
    unmeasured=("better_retail",),
    unwanted=("orders", "ad_impressions"),
    without_goal=("care_team",),
    unsupported=((GROWTH, ("finance_department", "wholesale")),),
)


def diary(text: str) -> tuple[CheckIn, ...]:
    return (
        check_in(GROWTH, "2026-08-01", 8, note=text, by="board"),
        check_in(GROWTH, "2026-09-01", 3, decision=text, by="board"),
        check_in(GROWTH, "2026-11-06", 5, blockers=(text, text), by="board"),
        check_in(GROWTH, "2026-11-07", 9, note="Of tomorrow.", by="board"),
        replace(
            check_in("of_kpi", "2026-10-01", None, note=text, by="nobody"), goal=None, kpi="gross_margin"
        ),
    )


def enriched(made: Assessment, text: str = SEEN, stones: tuple[str, ...] = ()) -> Assessment:
    """Return it with milestones, check-ins and gaps."""
    titled = (
        tuple(replace(stone, title=title) for stone, title in zip(STONES, stones, strict=False)) or STONES
    )
    project = made.project
    goals = {**project.goals, GROWTH: replace(project.goals[GROWTH], milestones=titled)}
    judged = replace(
        made.goals[GROWTH], milestones=tuple(assess_milestone(GROWTH, one, TODAY) for one in titled)
    )
    return replace(
        made,
        project=replace(
            project,
            goals=goals,
            performance=Performance(check_ins={one.name: one for one in diary(text)}),
        ),
        goals={**made.goals, GROWTH: judged},
        gaps=GAPS,
    )


MADE: dict[str, Callable[[], Assessment]] = {
    "company": lambda: enriched(assessment()),
    "hostile": lambda: enriched(with_texts(HOSTILE), HOSTILE, (HOSTILE,) * 3),
    "endless": lambda: enriched(with_texts(ENDLESS), ENDLESS, (ENDLESS,) * 3),
}
PATHS = ("goals.html", f"goals/{GROWTH}.html", "kpis/gross_margin.html")


def site_of(made: Assessment) -> dict[str, str]:
    return {page.path: page.text for page in render(made, version="1")}


@cache
def site(kind: str = "company") -> dict[str, str]:
    return site_of(MADE[kind]())


def words(path: str, made: Assessment | None = None) -> str:
    return outline((site() if made is None else site_of(made))[path]).text


def graded(**changes: object) -> Assessment:
    made = enriched(assessment())
    plain = Grading(
        grade=Decimal("0.6"),
        exact=Decimal("0.66"),
        attainment=Attainment.NOT_DELIVERED,
        unknown=(),
        final=True,
        asked=Account.POST_MORTEM,
        given=None,
    )
    judged = replace(made.goals[GROWTH], grading=replace(plain, **changes))  # type: ignore[arg-type]
    return replace(made, goals={**made.goals, GROWTH: judged})


def unknown_of(*slices: SliceKey) -> str:
    """The page of the goal, where of these slices of the gross margin nothing is known."""
    made = graded(grade=None, attainment=Attainment.UNKNOWN, unknown=("gross_margin",))
    judged = made.goals[GROWTH]
    known = next(one for one in judged.results if one.result.kpi == "gross_margin")
    unknown = replace(
        known,
        value=None,
        expected=None,
        progress=None,
        expected_progress=None,
        short_by=None,
        status=Status.NO_DATA,
    )
    results = (known, *(replace(unknown, result=replace(known.result, slice=key)) for key in slices))
    found = replace(judged, results=results)
    return words(f"goals/{GROWTH}.html", replace(made, goals={**made.goals, GROWTH: found}))


# --- sound pages


@pytest.mark.parametrize("kind", MADE)
@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_whole_and_can_be_read_by_everybody(kind: str, path: str) -> None:
    page: Outline = outline(site(kind)[path])
    ids = Counter(found["id"] for _, found in page.elements if "id" in found)
    labels = {found["aria-labelledby"] for _, found in page.elements if "aria-labelledby" in found}
    pictures = [found for tag, found in page.elements if tag == "svg"]
    tags = Counter(tag for tag, _ in page.elements)

    assert (page.mistakes, page.open) == ([], [])
    assert [one for one, count in ids.items() if count > 1] == []
    assert labels <= ids.keys()
    assert tags["table"] == tags["caption"]
    assert pictures
    assert all(one.get("role") == "img" and one.get("aria-label") for one in pictures)
    assert "script" not in tags
    levels = [int(heading[1]) for heading in page.headings]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("path", PATHS)
def test_what_people_write_stays_text(path: str) -> None:
    page = site("hostile")[path]

    assert "<script>alert" not in page
    assert "<img" not in page
    assert "49{%" not in page
    assert HOSTILE in unescape(page)


def test_every_link_leads_to_a_page() -> None:
    pages = site()
    for path in PATHS:
        up = "../" * path.count("/")
        for to in re.findall(r'href="([^"#]+)(?:#[^"]*)?"', pages[path]):
            assert to.startswith("data:") or to.removeprefix(up) in pages, (path, to)


def test_every_page_leads_to_the_goals() -> None:
    for path, text in site().items():
        if path.endswith(".html"):
            assert f'href="{"../" * path.count("/")}goals.html"' in text, path


# --- the page of a goal


@pytest.mark.parametrize(
    ("slices", "told"),
    [
        pytest.param([()], "Gross margin", id="the total"),
        pytest.param([(("channel", "online"),)], "Gross margin (channel: online)", id="a slice alone"),
        pytest.param(
            [(("channel", None),), (), (("channel", "online"),)],
            "Gross margin (channel: (none)), Gross margin and Gross margin (channel: online)",
            id="slices and the total",
        ),
        pytest.param([((f"d{n}", "x"),) for n in range(5)], "5 parts", id="too many to name"),
    ],
)
def test_a_grade_says_of_which_slices_nothing_is_known(slices: list[SliceKey], told: str) -> None:
    """Of the total of the gross margin all is known: it has a result of its own."""
    page = unknown_of(*slices)

    assert f"Grade Not known nothing is known of {told} Commitment" in page


def test_a_grade_by_those_beneath_names_the_goals_of_which_nothing_is_known() -> None:
    made = graded(grade=None, attainment=Attainment.UNKNOWN, unknown=("worthy_customers",))
    bare = replace(made.goals[GROWTH], results=(), milestones=())
    page = words(f"goals/{GROWTH}.html", replace(made, goals={**made.goals, GROWTH: bare}))

    assert "nothing is known of Customers worth 195 € in their first year" in page.replace(NBSP, " ")


# --- how targets changed


def one_month(year: int, month: int, value: str = "9", reason: str | None = None) -> Target:
    end = date(year + month // 12, month % 12 + 1, 1)
    return Target(start=date(year, month, 1), end=end, value=Decimal(value), reason=reason)


def lasting(end: date, *some: tuple[date, str, str | None]) -> tuple[Target, ...]:
    """As they are resolved: each up to the next, the last up to the end of the goal."""
    ends = [*(start for start, _, _ in some[1:]), end]
    return tuple(
        Target(start=start, end=max(start, to), value=Decimal(value), reason=reason)
        for (start, value, reason), to in zip(some, ends, strict=False)
    )


def history(*targets: Target, during: tuple[date, date]) -> list[tuple[str, str, str]]:
    """What is told of targets: first day, for which period alone, and why."""
    of = goal("g", result("sales", *targets), during=during)
    made = replace(assessment(), project=project(kpi("sales"), of))
    return [
        (f"{one.target.start} {one.target.value}", one.for_only.replace(NBSP, " "), one.reason)
        for one in in_time(of.results[0], of, made)
    ]


YEAR = (date(2026, 1, 1), date(2027, 1, 1))
WINTER = (date(2025, 10, 6), date(2026, 3, 2))
FIRST_WEEK = Target(start=date(2025, 12, 29), end=date(2026, 1, 5), value=Decimal(6), reason=None)
FLOORS = lasting(
    WINTER[1],
    (date(2025, 10, 6), "4", None),
    (date(2025, 12, 1), "2", "The floors come."),
    (date(2026, 2, 2), "1", "Floors are there."),
)


@pytest.mark.parametrize(
    ("during", "targets", "told"),
    [
        pytest.param(
            WINTER,
            (FIRST_WEEK, *FLOORS),
            [
                ("2025-10-06 4", "", "the first target"),
                ("2025-12-01 2", "", "The floors come."),
                ("2025-12-29 6", "for week 1 of 2026 only", ""),
                ("2026-02-02 1", "", "Floors are there."),
            ],
            id="one week between those that last",
        ),
        pytest.param(
            YEAR,
            (one_month(2026, 1, reason="The move."), *lasting(YEAR[1], (YEAR[0], "4", None))),
            [
                ("2026-01-01 4", "", "the first target"),
                ("2026-01-01 9", "for January 2026 only", "The move."),
            ],
            id="on the first day both begin",
        ),
        pytest.param(
            YEAR,
            (one_month(2026, 1), *lasting(YEAR[1], (date(2026, 2, 1), "4", None))),
            [("2026-01-01 9", "for January 2026 only", ""), ("2026-02-01 4", "", "the first target")],
            id="one before what lasts has begun",
        ),
        pytest.param(
            YEAR,
            (one_month(2026, 12), one_month(2026, 10), one_month(2026, 11, reason="Cold.")),
            [
                ("2026-10-01 9", "for October 2026 only", ""),
                ("2026-11-01 9", "for November 2026 only", "Cold."),
                ("2026-12-01 9", "for December 2026 only", ""),
            ],
            id="none lasts",
        ),
        pytest.param(
            YEAR,
            lasting(YEAR[1], *((date(2026, m, 1), str(m), "Why." if m > 1 else None) for m in (1, 4, 7, 10))),
            [("2026-01-01 1", "", "the first target")]
            + [(f"2026-{m:02} {m}".replace(" ", "-01 "), "", "Why.") for m in (4, 7, 10)],
            id="quarters that last until the next are no exceptions",
        ),
        pytest.param(
            (date(9999, 1, 1), date(9999, 12, 31)),
            (one_month(9999, 11), *lasting(date(9999, 12, 31), (date(9999, 1, 1), "4", None))),
            [("9999-01-01 4", "", "the first target"), ("9999-11-01 9", "for November 9999 only", "")],
            id="at the end of all days",
        ),
    ],
)
def test_targets_are_told_in_the_order_of_time(
    during: tuple[date, date], targets: tuple[Target, ...], told: list[tuple[str, str, str]]
) -> None:
    assert history(*targets, during=during) == told


@settings(deadline=None, max_examples=150)
@given(
    months=st.lists(st.integers(1, 12), unique=True, max_size=5),
    starts=st.lists(st.integers(1, 12), unique=True, max_size=5),
    is_explained=st.booleans(),
)
def test_what_is_told_of_targets_holds_on_the_days_on_which_they_are_asked(
    months: list[int], starts: list[int], is_explained: bool
) -> None:
    """Against the list itself, where the first that holds on a day is asked."""
    why = "Why." if is_explained else None
    ordered = sorted(starts)
    targets = (
        *(one_month(2026, month, str(100 + month)) for month in months),
        *lasting(
            YEAR[1],
            *(
                (date(2026, month, 1), str(month), why if month == ordered[0] else "Why.")
                for month in ordered
            ),
        ),
    )
    of = goal("g", result("sales", *targets))
    held = in_time(of.results[0], of, replace(assessment(), project=project(kpi("sales"), of)))

    for number in range(365):
        on = YEAR[0] + timedelta(days=number)
        asked = next((one.value for one in targets if one.start <= on < one.end), None)
        only = [h.target.value for h in held if h.only and h.only.start <= on < h.only.end]
        lasts = [h.target.value for h in held if not h.only and h.target.start <= on]
        assert (only or lasts[-1:] or [None])[0] == asked
    assert [h.target.start for h in held] == sorted(one.start for one in targets)


def test_the_page_of_a_goal_tells_a_target_of_one_month_between_those_that_last() -> None:
    made = enriched(assessment())
    of = made.project.goals["worthy_customers"]
    results = tuple(
        replace(one, targets=(one_month(2026, 3, "60"), *one.targets)) if len(one.targets) > 1 else one
        for one in of.results
    )
    goals = {**made.project.goals, of.name: replace(of, results=results)}
    page = words(f"goals/{of.name}.html", replace(made, project=replace(made.project, goals=goals)))

    assert (
        "Acquisition cost 1 January 2026 52 € the first target "
        "Acquisition cost 1 March 2026 60 € for March 2026 only "
        "Acquisition cost 1 July 2026 50 € The new agency contract holds from July."
    ) in page.replace(NBSP, " ")


def test_milestones_say_whether_they_are_done_and_when() -> None:
    text = words(f"goals/{GROWTH}.html")

    assert "The new shop is open done on 8 August 2026, 7 days late ● Done" in text
    assert "Prices are signed by 1 October 2026 ■ Overdue" in text
    assert "The catalogue is out by 1 December 2026, weight 2 ○ Not due yet" in text
    assert "1 of 3 milestones done." in text
    assert "1 milestone overdue." in text


def test_a_roll_up_says_of_which_share_it_speaks() -> None:
    text = words(f"goals/{GROWTH}.html")

    assert "With all goals beneath 73 % done, 62 % expected by now; known of 67 % of the weights" in text


def test_a_roll_up_of_which_all_is_known_says_no_share() -> None:
    made = enriched(assessment())
    whole = replace(made.goals[GROWTH], known=Decimal(1))
    text = words(f"goals/{GROWTH}.html", replace(made, goals={**made.goals, GROWTH: whole}))

    assert "With all goals beneath 73 % done, 62 % expected by now" in text
    assert "of the weights" not in text


def test_a_goal_to_which_nothing_leads_has_no_roll_up() -> None:
    assert "With all goals beneath" not in words("goals/worthy_customers.html").split("How to read")[0]


def test_a_roll_up_of_which_parts_are_not_shown_is_not_told() -> None:
    made = enriched(assessment())
    parted = replace(made.goals[GROWTH], parted=True, total_progress=None, known=Decimal(0))
    shown = replace(made, goals={**made.goals, GROWTH: parted})

    assert "Goals of other units lead to it as well, so it is not told here." in words(
        f"goals/{GROWTH}.html", shown
    )


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param({}, "Grade 0.6 not delivered", id="over"),
        pytest.param({"final": False, "asked": None}, "Grade so far 0.6 not delivered yet", id="so far"),
        pytest.param(
            {"grade": None, "attainment": Attainment.NOT_GRADED, "asked": Account.LEARNING},
            "Grade No grade it is there to learn from",
            id="to learn from",
        ),
        pytest.param(
            {"grade": Decimal("1.0"), "attainment": Attainment.DELIVERED, "asked": None},
            "Grade 1.0 delivered",
            id="delivered",
        ),
        pytest.param({}, "Its owner has still to write why it was not delivered", id="owed"),
        pytest.param(
            {"given": f"{GROWTH}_2026_11_06"},
            "The check-in of 6 November 2026 says why it was not delivered.",
            id="given",
        ),
    ],
)
def test_a_grade_says_what_it_means_and_what_is_owed(changes: dict[str, object], told: str) -> None:
    assert told in words(f"goals/{GROWTH}.html", graded(**changes))


def test_nothing_grades_a_person() -> None:
    made = enriched(assessment())
    personal = replace(made, goals={**made.goals, GROWTH: replace(made.goals[GROWTH], grading=None)})

    assert "Grade" not in words(f"goals/{GROWTH}.html", personal).split("How to read")[0]


@pytest.mark.parametrize("page", [f"goals/{GROWTH}.html", "goals.html"])
def test_the_words_of_a_page_about_goals_are_explained_at_its_foot(page: str) -> None:
    legend = words(page, graded()).split("How to read this page")[1]

    for word in (*(one.text for one in STATUS.values()), *COMMITMENT.values()):
        assert word in legend
    for part in (
        "Expected by now",
        "0.0 to 1.0, rounded down.",
        "0.7 and more is on course, 0.4 is progress",
        "It is said, and not computed.",
    ):
        assert part in legend
    assert "Is it a good KPI?" not in legend


def test_numbers_are_written_as_the_locale_does() -> None:
    made = graded()
    german = replace(
        made, project=replace(made.project, settings=replace(made.project.settings, locale=Locale.DE))
    )

    assert "Grade 0,6 not delivered" in words(f"goals/{GROWTH}.html", german)
    assert "0,6" in words("goals.html", german)


def test_the_goals_that_it_leads_to_have_weights_where_there_are_several() -> None:
    made = enriched(assessment())
    goals = made.project.goals
    parents = (("better_retail", Decimal(2)), (GROWTH, Decimal("0.5")))
    shown = replace(
        made,
        project=replace(
            made.project, goals={**goals, "kept_promises": replace(goals["kept_promises"], parents=parents)}
        ),
    )

    text = words("goals/kept_promises.html", shown)

    assert "come back to (weight 2), Grow without buying growth (weight 0.5)" in text
    assert "(weight" not in words("goals/worthy_customers.html", shown)


# --- check-ins


def test_check_ins_are_told_the_newest_first_and_none_of_later() -> None:
    text = words(f"goals/{GROWTH}.html")

    assert "6 November 2026 5 of 10 sure" in text
    assert text.index("6 November 2026 5 of 10") < text.index("1 September 2026 3 of 10")
    assert f"Decided: {SEEN}" in text
    assert "In the way: What we saw." in text
    assert "Of tomorrow." not in text
    assert "9 of 10" not in text


def test_confidence_is_drawn_and_said_aloud() -> None:
    label = (
        "How sure the owner of Grow without buying growth was: 8 of 10 on 1 August 2026, "
        "3 of 10 on 1 September 2026 and 5 of 10 on 6 November 2026"
    )
    charts = [
        found
        for tag, found in outline(site()[f"goals/{GROWTH}.html"]).elements
        if tag == "svg" and (found["aria-label"] or "").replace(NBSP, " ") == label
    ]

    assert [one["class"] for one in charts] == ["chart wide", "chart narrow"]


def test_points_of_the_chart_lie_in_it_and_higher_means_surer() -> None:
    page = site()[f"goals/{GROWTH}.html"]
    [chart] = re.findall(r'<svg[^>]*How sure[^>]*class="chart wide".*?</svg>', page) or re.findall(
        r"<svg(?=[^>]*How sure)(?=[^>]*chart wide).*?</svg>", page
    )
    dots = [(float(x), float(y)) for x, y in re.findall(r'<circle[^>]*cx="([\d.]+)" cy="([\d.]+)"', chart)]

    assert len(dots) == 3
    assert [x for x, _ in dots] == sorted(x for x, _ in dots)
    assert all(0 < x < 680 and 0 < y < 170 for x, y in dots)
    (_, eight), (_, three), (_, five) = dots
    assert eight < five < three
    # From 0 to 10 the axis is as long as the two marks that are labelled so are apart.
    assert (three - eight) / 5 == pytest.approx((five - eight) / 3, abs=0.1)


def test_a_goal_on_which_nobody_has_checked_in_has_no_diary() -> None:
    assert "Check-ins" not in words("goals/worthy_customers.html")


def test_a_kpi_shows_its_check_ins_and_those_of_goals_that_want_it() -> None:
    text = words("kpis/gross_margin.html")

    assert "What was seen and decided" in text
    assert "on Grow without buying growth" in text
    assert "on Gross margin" in text
    assert "Of tomorrow." not in text


def test_a_kpi_that_nobody_spoke_of_has_no_such_section() -> None:
    assert "What was seen and decided" not in words("kpis/open_tickets.html")


def test_many_check_ins_are_folded() -> None:
    made = enriched(assessment())
    many = tuple(
        check_in(GROWTH, (date(2026, 1, 1) + timedelta(days=7 * week)).isoformat(), 5) for week in range(30)
    )
    shown = replace(
        made,
        project=replace(made.project, performance=Performance(check_ins={one.name: one for one in many})),
    )

    assert "26 earlier check-ins" in words("kpis/gross_margin.html", shown)


# --- the page of all goals


def test_every_goal_stands_there_once_under_the_first_that_it_leads_to() -> None:
    page = goals_page(enriched(assessment()))
    rows = (*page.running, *page.others)

    assert Counter(row.link.path for row in rows) == Counter(
        f"goals/{name}.html" for name in assessment().project.goals
    )
    assert [(row.link.path, row.depth) for row in page.running] == [
        ("goals/better_retail.html", 0),
        ("goals/kept_promises.html", 1),
        (f"goals/{GROWTH}.html", 1),
        ("goals/worthy_customers.html", 2),
    ]
    promises = page.running[1]
    assert [(one.link.path, one.weight.replace(NBSP, " ")) for one in promises.also] == [
        (f"goals/{GROWTH}.html", "weight 1")
    ]
    assert promises.under.replace(NBSP, " ") == "weight 1"


def test_a_goal_shows_its_last_confidence_and_no_later_one() -> None:
    page = goals_page(enriched(assessment()))
    [growth] = [row for row in page.running if row.link.path == f"goals/{GROWTH}.html"]

    assert (growth.confidence, growth.said.replace(NBSP, " ")) == ("5 of 10", "6 November 2026")
    assert "nobody has said" in words("goals.html")


def test_the_first_sentence_counts_goals_and_gaps() -> None:
    lead = said(goals_page(enriched(assessment())).sentence).replace(NBSP, " ")

    assert lead == "4 goals run: 4 missed. 6 gaps between goals, KPIs and units."


def test_goals_that_are_over_are_folded() -> None:
    made = enriched(assessment())
    goals = {
        name: replace(one, start=date(2024, 1, 1), end=date(2025, 1, 1))
        for name, one in made.project.goals.items()
    }
    shown = replace(made, project=replace(made.project, goals=goals))

    page = goals_page(shown)

    assert (len(page.running), len(page.others)) == (0, 4)
    assert "No goal runs now." in words("goals.html", shown)


def test_gaps_are_named_with_what_is_missing() -> None:
    page = goals_page(enriched(assessment()))
    assert page.gaps is not None
    told = {
        gap.title: [(line.link.text, [u.text for u in line.without]) for line in gap.lines]
        for gap in page.gaps
    }

    assert told == {
        "Goals that lead to no other goal": [("Customers worth 195 € in their first year", [])],
        "Goals without a measure": [("A retailer that people come back to", [])],
        "Goals to which a unit leads nothing": [("Grow without buying growth", ["Finance", "Wholesale"])],
        "Units without a goal of their own": [("Customer care", [])],
        "Measures without a goal": [("Orders", []), ("Ad impressions", [])],
    }


def test_without_gaps_that_is_said_and_where_they_are_not_looked_for_nothing_is() -> None:
    made = enriched(assessment())
    none = Gaps(orphans=(), unmeasured=(), unwanted=(), without_goal=(), unsupported=())

    assert "Nothing: every running goal is measured" in words("goals.html", replace(made, gaps=none))
    assert "What is missing" not in words("goals.html", replace(made, gaps=None))


def test_many_gaps_of_one_kind_are_folded() -> None:
    made = enriched(assessment())
    many = tuple(f"kpi_{n:02}" for n in range(30))

    page = goals_page(replace(made, gaps=replace(GAPS, unwanted=many)))

    assert page.gaps is not None
    assert (len(page.gaps[-1].lines), len(page.gaps[-1].folded)) == (12, 18)
    assert page.gaps[-1].lines[0].link == Link("kpi_00")


def test_a_deep_chain_of_goals_is_no_trouble() -> None:
    made = enriched(assessment())
    one = made.project.goals["better_retail"]
    judged = made.goals["better_retail"]
    names = [f"g{n:04}" for n in range(5000)]
    chain = {
        name: replace(one, name=name, parents=((names[at - 1], Decimal(1)),) if at else ())
        for at, name in enumerate(names)
    }
    deep = replace(
        made,
        project=replace(made.project, goals=chain),
        goals={name: replace(judged, goal=name) for name in names},
    )

    assert len(goals_page(deep).running) == 5000
