"""Where goals, KPIs and units do not meet."""

from datetime import date, datetime

from factories import evidence, goal, kpi, milestone, plus, project, result, total, unit, value_of

from kpiascode.assess import assess
from kpiascode.model.assessment import Gaps
from kpiascode.model.project import Goal, Kpi, Level, Lifecycle, OrgUnit, TargetKpi

LAST_YEAR = (date(2025, 1, 1), date(2026, 1, 1))


def gaps(*things: Goal | Kpi | OrgUnit, as_of: datetime = datetime(2026, 4, 1)) -> Gaps:
    found = assess(project(*things), (), {}, evidence(), as_of).gaps
    assert found is not None
    return found


# --- goals


def test_a_goal_of_a_unit_beneath_another_that_leads_nowhere_is_an_orphan() -> None:
    found = gaps(
        goal("top"),
        goal("lost", org_unit="retail"),
        goal("led", org_unit="stores", parents=("top",)),
        goal("past", org_unit="stores", during=LAST_YEAR),
        goal("mine", org_unit="stores", person="erika"),
    )

    assert found.orphans == ("lost",)


def test_a_goal_is_measured_at_it_or_beneath() -> None:
    found = gaps(
        kpi("sales"),
        goal("top"),
        goal("middle", parents=("top",)),
        goal("by_result", result("sales", "1"), parents=("middle",)),
        goal("by_milestone", milestones=(milestone("open", "2026-12-01"),)),
        goal("words"),
        goal("words_above"),
        goal("words_beneath", parents=("words_above",)),
        goal("past_words", during=LAST_YEAR),
    )

    assert found.unmeasured == ("words", "words_above", "words_beneath")


# --- KPIs


def test_a_kpi_is_wanted_by_a_running_goal_as_measure_target_or_part() -> None:
    found = gaps(
        kpi("measured"),
        kpi("as_target"),
        kpi("part"),
        kpi("whole", expression=plus(value_of("part"), total("x"))),
        kpi("watched"),
        kpi("past"),
        kpi("draft", status=Lifecycle.DRAFT),
        kpi("old", status=Lifecycle.DEPRECATED),
        goal("g", result("measured", TargetKpi(kpi="as_target")), result("whole", "1")),
        goal("ended", result("past", "1"), during=LAST_YEAR),
    )

    assert found.unwanted == ("past", "watched")


def test_a_goal_of_the_last_day_that_is_seen_still_runs() -> None:
    """On the first of January what is seen is December."""
    ended = goal("ended", result("sales", "1"), during=LAST_YEAR)

    assert gaps(kpi("sales"), ended, as_of=datetime(2026, 1, 1)).unwanted == ()
    assert gaps(kpi("sales"), ended, as_of=datetime(2026, 1, 2)).unwanted == ("sales",)


# --- units


def test_a_unit_none_of_whose_own_goals_run_is_named_but_not_the_organisation() -> None:
    found = gaps(goal("a", org_unit="retail"), goal("b", org_unit="stores", during=LAST_YEAR))

    assert found.without_goal == ("finance", "stores")


def test_a_goal_says_which_units_beneath_do_not_lead_to_it() -> None:
    """A goal of a team two levels down speaks for the line of business."""
    found = gaps(
        unit("logistics", Level.LINE_OF_BUSINESS, "acme"),
        goal("top"),
        goal("between", parents=("top",)),
        goal("shop", org_unit="stores", parents=("between",)),
        goal("past", org_unit="finance", parents=("top",), during=(date(2025, 6, 1), date(2026, 2, 1))),
        goal("elsewhere", org_unit="logistics"),
    )

    assert found.unsupported == (("between", ("finance", "logistics")), ("top", ("finance", "logistics")))


def test_a_goal_to_which_nothing_leads_has_no_parts_that_could_be_missing() -> None:
    assert gaps(goal("top")).unsupported == ()


def test_where_every_unit_leads_up_nothing_is_missing() -> None:
    found = gaps(
        goal("top"),
        goal("a", org_unit="retail", parents=("top",)),
        goal("b", org_unit="finance", parents=("top",)),
        goal("c", org_unit="stores", parents=("a",)),
    )

    assert found.unsupported == ()
