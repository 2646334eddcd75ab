"""Pages for some people tell what these may see, and not one byte depends on anything else."""

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import unquote

import pytest
from audience_world import (
    AS_OF,
    NOBODY,
    ONLY_PERSONNEL,
    PARTED,
    SHOWN,
    Doc,
    canary,
    company,
    ledger,
    mapped,
    remembered,
    renamed,
    tables,
    write,
)

from kpiascode.lint import lint
from kpiascode.model.assessment import Assessment, Status
from kpiascode.model.ledger import History, Publication
from kpiascode.model.page import Page
from kpiascode.model.project import Project
from kpiascode.model.report import Form
from kpiascode.model.visibility import may_see, seen_by_all_who_see, shown_to
from kpiascode.pipeline import judging, packing, reading, reporting
from kpiascode.pipeline.audience import agreed, narrowed
from kpiascode.pipeline.connection import Connection
from kpiascode.render.packs import review_pack
from kpiascode.render.packs.blocks import Pack

FERNWOOD: Final = Path(__file__).parents[2]
UNITS: Final = tuple(SHOWN)
each_unit = pytest.mark.parametrize("unit", UNITS)

WORD: Final = "canaryword yranac"
NUMBER: Final = "999999.5"
"""What stands in ledger and repository where only few may see it."""


def assessed(
    folder: Path,
    unit: str | None,
    publications: tuple[Publication, ...] | None = None,
    history: History | None = None,
    commit: str | None = "c0mm17",
) -> Assessment:
    checked = reading.read(folder)
    assert not checked.has_errors, [d.message for d in checked.diagnostics]
    if unit is not None:
        checked = narrowed(checked, unit)
    seen = judging.seen(checked, AS_OF, Connection(), commit, history)
    return judging.judged(seen, publications)


def made_for(folder: Path, unit: str, word: str, number: str, names: Mapping[str, str]) -> Assessment:
    publications, history = ledger(word, number, names), remembered(word, names)
    return assessed(folder, unit, publications, history, commit=word)


def told(
    folder: Path,
    unit: str,
    word: str = WORD,
    number: str = NUMBER,
    names: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Return all pages, files and reports of an audience as one text."""
    return everything(made_for(folder, unit, word, number, names))


def everything(made: Assessment) -> str:
    reports = [
        Page(f"report {form.value} {name}", reporting.report(made, name, form, None).decode())
        for form in Form
        if form is not Form.PDF
        for name in made.project.scorecards
    ]
    return as_text((*judging.pages(made), *reports))


def as_text(pages: tuple[Page, ...]) -> str:
    return "\n".join(f"=== {page.path}\n{page.text}" for page in pages)


@cache
def docs() -> tuple[Doc, ...]:
    return tuple(company())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("world"), docs())


@pytest.fixture(scope="module")
def made(world: Path) -> Mapping[str, Assessment]:
    return {unit: made_for(world, unit, WORD, NUMBER, {}) for unit in UNITS}


@pytest.fixture(scope="module")
def texts(made: Mapping[str, Assessment]) -> Mapping[str, str]:
    return {unit: everything(made[unit]) for unit in UNITS}


@pytest.fixture(scope="module")
def whole(world: Path) -> Assessment:
    return assessed(world, None)


# --- what is shown to whom


def names_of(project: Project) -> set[str]:
    performance = project.performance
    kinds: tuple[Mapping[str, Any], ...] = (
        *(
            project.datasets,
            project.kpis,
            project.goals,
            project.owners,
            project.org_units,
            project.scorecards,
        ),
        *(performance.check_ins, performance.templates, performance.cycles, performance.series),
        *(performance.plans, performance.rounds, performance.programs, performance.recognitions),
    )
    return {name for kind in kinds for name in kind}


@each_unit
def test_what_the_people_of_a_unit_are_shown(world: Path, unit: str) -> None:
    project = reading.read(world).project

    shown = shown_to(project, unit)

    assert names_of(shown) == SHOWN[unit]
    assert shown.audience is not None
    assert (shown.audience.unit, set(shown.audience.parted)) == (unit, PARTED[unit])
    assert (shown.documents, shown.sources) == ({}, {})


@each_unit
def test_nothing_that_is_shown_names_what_is_not(world: Path, unit: str) -> None:
    """Wherever a value stands: in any field of any value of the narrowed project."""
    shown = shown_to(reading.read(world).project, unit)
    words = set(re.findall(r"\b[a-z]_[a-z_]+\b", repr(replace(shown, audience=None))))

    everything = {doc["name"] for doc in docs()}
    assert words & everything - SHOWN[unit] == set()


def test_the_rule_finds_names_that_pages_leave_out_and_nothing_else_here(world: Path) -> None:
    """What is shown to some is never computed from what is not; the other tests rest on that."""
    found = lint(reading.read(world).project)

    assert [d.message for d in found if d.code == "visible-beyond-its-parts"] == [
        f"`r_seller`, which everybody may see, names `{name}`, which only people of `personnel` may see."
        for name in ("g_fair_pay", "k_pay")
    ]


def test_who_may_see_what() -> None:
    project = reading.read(FERNWOOD).project

    assert may_see(project, (), "marketing")
    assert may_see(project, ("marketing",), "marketing")
    assert may_see(project, ("stores", "online"), "marketing"), "a unit beneath"
    assert not may_see(project, ("marketing",), "online"), "others of the unit above may not"
    assert not may_see(project, ("stores",), "marketing")


@pytest.mark.parametrize(
    ("whole", "part", "expected"),
    [
        pytest.param((), (), True, id="everybody sees both"),
        pytest.param(("online",), (), True, id="everybody sees the part"),
        pytest.param((), ("online",), False, id="everybody sees the whole"),
        pytest.param(("marketing",), ("online",), True, id="a unit beneath sees the whole"),
        pytest.param(("online",), ("marketing",), False, id="only a unit beneath sees the part"),
        pytest.param(("marketing", "stores"), ("online",), False, id="one of two does not"),
        pytest.param(("marketing", "stores"), ("stores", "online"), True, id="both do, each by another unit"),
    ],
)
def test_whether_all_who_see_the_whole_see_the_part(
    whole: tuple[str, ...], part: tuple[str, ...], expected: bool
) -> None:
    project = reading.read(FERNWOOD).project

    assert seen_by_all_who_see(project, whole, part) is expected
    slowly = all(may_see(project, part, unit) for unit in project.org_units if may_see(project, whole, unit))
    assert slowly is expected


def test_what_rests_on_what_is_hidden_is_hidden_with_it(tmp_path: Path) -> None:
    """Also where nobody said so: over three steps, as an earlier rule, and in a goal."""
    rate = {key: value for key, value in doc("k_average").items() if key != "leads"}
    deep = [
        *docs(),
        {**rate, "name": "k_twice", "expression": "k_pay_share * 2"},
        {
            **rate,
            "name": "k_thrice",
            "revisions": [{"until": "2025-01-01", "reason": "Old.", "expression": "k_twice"}],
        },
        {
            **doc("g_always_up"),
            "name": "g_twice",
            "results": [{"kpi": "k_thrice", "target": 1, "path": "maintain"}],
        },
    ]
    project = reading.read(write(tmp_path, deep)).project
    assert {"k_twice", "k_thrice"} <= set(project.kpis)

    shown = shown_to(project, "acme")

    assert {"k_twice", "k_thrice"} & set(shown.kpis) == set()
    assert "g_twice" not in shown.goals
    assert "g_growth" not in shown.goals, "what it has reached rests on the goal that is gone"
    assert shown.audience is not None
    assert shown.audience.parted == frozenset()


def doc(name: str) -> Doc:
    return next(one for one in docs() if one["name"] == name)


# --- canaries


@each_unit
def test_no_text_of_what_is_not_shown_stands_anywhere(texts: Mapping[str, str], unit: str) -> None:
    found = set(re.findall(r"canary\w* (\w+) yranac", texts[unit]))

    assert found - SHOWN[unit] == set()
    names = {one["name"] for one in docs()} - SHOWN[unit]
    assert [name for name in names if re.search(rf"\b{name}\b", texts[unit])] == []
    assert NUMBER not in texts[unit]
    assert "c0mm17" not in texts[unit]


@each_unit
def test_the_texts_of_what_is_shown_stand_there(texts: Mapping[str, str], unit: str) -> None:
    """Else the canaries would prove nothing."""
    shown = {
        one["name"] for one in docs() if one["kind"] in ("kpi", "goal", "scorecard", "org_unit", "owner")
    }

    assert [name for name in shown & SHOWN[unit] if canary(name, "title") not in texts[unit]] == []


def test_whoever_may_see_everything_is_told_of_the_canaries(texts: Mapping[str, str]) -> None:
    assert canary("k_pay", "title") in texts["personnel"]
    assert "canaryband7 yranac" in texts["personnel"], "a slice of data that only hidden KPIs read"
    assert "canaryband7 yranac" not in texts["acme"]
    assert canary("c_sell_more") in texts["sales"], "a note of what may be seen whole"


def test_a_note_or_a_reason_stays_only_with_all_that_it_was_told_with(texts: Mapping[str, str]) -> None:
    """The second publication told pay and revenue together: the people of `personnel` are shown both."""
    assert all("canaryword" not in text for unit, text in texts.items() if unit != "personnel")
    assert "canaryword" in texts["personnel"]
    assert "13.5" in texts["acme"], "that revenue was restated is told without the reason"


def test_of_the_ledger_stands_there_what_was_told_to_them(made: Mapping[str, Assessment]) -> None:
    """Days of publications, with the units and the counts that are left of each."""
    found = {
        unit: {
            one.at.day: (one.audiences, one.recipients and one.recipients.number)
            for one in made[unit].evidence.publications or ()
        }
        for unit in ("sales", "it", "personnel")
    }

    everybody = ((), None)
    assert found == {
        "sales": {2: (("sales",), 30), 3: everybody, 6: (("acme",), None)},
        "it": {3: everybody, 6: (("acme", "personnel"), 41)},
        "personnel": {
            3: everybody,
            4: (("acme",), 77),
            5: (("personnel",), None),
            6: (("acme", "personnel"), 41),
        },
    }


# --- nothing depends on what is not shown

FREE: Final = (
    *("title", "description", "act", "note", "decision", "trigger", "current", "required", "support", "what"),
    *("reason", "budget_note", "contact", "channels", "blockers", "questions"),
)


def changed(doc: Doc) -> Doc:
    """Return a document with other texts, numbers and days."""

    def other(key: str, value: Any) -> Any:
        match value:
            case str() if key in FREE:
                return f"Other words, and more of them: {value[::-1]}"
            case bool():
                return value
            case int() | float() if key in (
                "target",
                "baseline",
                "headcount",
                "at_least",
                "weight",
                "confidence",
            ):
                return value + 1
            case str() if key == "expression":
                return f"{value} + {value}"
            case "2025-09-01" | "2025-06-01":
                return "2025-08-01"
            case _:
                return value

    out: Doc = mapped(doc, other)
    return out


HIDDEN: Final = ONLY_PERSONNEL | NOBODY | {"k_calls"}


@pytest.mark.parametrize("unit", ["acme", "sales", "north", "south", "it"])
def test_not_a_byte_depends_on_what_is_not_shown(texts: Mapping[str, str], unit: str, tmp_path: Path) -> None:
    """Every text, number and expression of it is another one, and all of it is called and placed otherwise."""
    shown = SHOWN[unit]
    names = {name: f"{name[0]}_quite_another_{name[2:]}" for name in HIDDEN - shown if name != "k_pay_share"}
    names |= {"k_pay_share": "k_share"} if "k_pay_share" not in shown else {}
    in_turn = dict(sorted(names.items(), key=lambda pair: -len(pair[0])))
    others = [
        renamed(one if one["name"] in shown else changed(one), in_turn)
        for one in sorted(docs(), key=lambda one: one["name"] not in shown)
    ]
    data = tables(pay=11, calls=5 if "k_calls" not in shown else 3, up=2 if "k_uptime" not in shown else 1)
    folder = write(tmp_path, others, data)
    assert set(reading.read(folder).project.kpis) == {
        in_turn.get(one["name"], one["name"]) for one in docs() if one["kind"] == "kpi"
    }

    assert told(folder, unit, "otherword", "111111.5", names=in_turn) == texts[unit]


@pytest.mark.parametrize("unit", ["acme", "sales", "north", "south", "it"])
def test_not_a_byte_changes_when_what_is_hidden_goes(
    texts: Mapping[str, str], unit: str, tmp_path: Path
) -> None:
    gone = HIDDEN - SHOWN[unit]

    def left(value: Any) -> Any:
        match value:
            case dict():
                return {key: left(item) for key, item in value.items()}
            case list():
                return [left(item) for item in value if not (isinstance(item, str) and item in gone)]
            case _:
                return value

    others = [left(one) for one in docs() if one["name"] not in gone]
    for one in others:
        if one["kind"] == "scorecard":
            one["sections"] = [section for section in one["sections"] if section["kpis"]]
    data = {name: lines for name, lines in tables().items() if name != "payroll"}
    folder = write(tmp_path, others, data)

    assert told(folder, unit) == texts[unit]


@pytest.mark.parametrize("unit", ["sales", "it"])
def test_not_a_byte_changes_when_an_open_scorecard_lists_what_is_hidden(
    texts: Mapping[str, str], unit: str, tmp_path: Path
) -> None:
    """Of the unit itself, and of another one: that KPIs are looked at there says nothing of a hidden one."""
    listed = [
        {**one, "sections": [*one["sections"], {"title": "Pay", "kpis": ["k_pay_share"]}]}
        if one["name"] == "s_it"
        else one
        for one in docs()
    ]

    assert told(write(tmp_path, listed), unit) == texts[unit]


def test_what_may_be_seen_does_change_the_pages(texts: Mapping[str, str], tmp_path: Path) -> None:
    """Else the tests above would prove nothing: one hidden thing is shown by taking its `visibility` away."""
    opened = [{key: value for key, value in one.items() if key != "visibility"} for one in docs()]

    text = told(write(tmp_path, opened), "sales")

    assert text != texts["sales"]
    assert all(canary(name, "title") in text for name in ("k_pay", "g_pay_less", "s_board", "k_calls"))


@pytest.fixture(scope="module")
def fernwood(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example company, with some of it for finance only."""
    return some_for_finance(tmp_path_factory.mktemp("fernwood"))


@pytest.fixture(scope="module")
def marketing(fernwood: Path) -> Assessment:
    return assessed(fernwood, "marketing")


def some_for_finance(folder: Path, *changes: tuple[str, str]) -> Path:
    """Write the example company with two KPIs and a goal for finance only.

    Args:
        changes: Texts of these, with what stands there instead.
    """
    shutil.copytree(FERNWOOD / "kpis", folder / "kpis")
    shutil.copy(FERNWOOD / "kpiascode.yaml", folder)
    for path, names in (
        ("kpis/finance.yaml", ("net_sales_fytd", "sales_growth")),
        ("goals/organisation.yaml", ("profitable_growth_2026",)),
    ):
        file = folder / "kpis" / path
        text = file.read_text(encoding="utf-8")
        for name in names:
            text = once(text, f"\nname: {name}\n", f"\nname: {name}\nvisibility: [finance]\n")
        for old, new in changes:
            text = once(text, old, new) if old in text else text
        file.write_text(text, encoding="utf-8")
    return folder


def once(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, (text.count(old), old)
    return text.replace(old, new)


def test_of_the_example_company_not_a_byte_depends_on_what_is_hidden(
    marketing: Assessment, tmp_path: Path
) -> None:
    told_others = some_for_finance(
        tmp_path,
        ("expression: to_date(net_sales, fiscal_year)", "expression: to_date(net_sales, year) * 7"),
        ("title: Grow without buying growth, second year", "title: Sell it all"),
        (
            "description: Decided in December 2025. Nothing is due yet.",
            "description: |\n  No.\n\n  Not at all.",
        ),
        ("baseline: 0.436, target: 0.445", "baseline: 0.4, target: 0.9"),
        ("expression: net_sales / previous(net_sales, 1 year) - 1", "expression: net_sales * 2"),
    )

    pages = judging.pages(marketing)
    names, text = {page.path for page in pages}, as_text(pages)

    assert text == as_text(judging.pages(assessed(told_others, "marketing")))
    assert "kpis/net_sales.html" in names
    assert (
        not {"kpis/net_sales_fytd.html", "kpis/sales_growth.html", "goals/profitable_growth_2026.html"}
        & names
    )
    assert "net_sales_fytd" not in text
    assert "second year" not in text


# --- numbers are those of the whole


@each_unit
def test_every_number_is_that_of_the_whole(
    made: Mapping[str, Assessment], whole: Assessment, unit: str
) -> None:
    same_numbers(made[unit], whole)


def test_every_number_of_the_example_company_is_that_of_the_whole(
    fernwood: Path, marketing: Assessment
) -> None:
    same_numbers(marketing, assessed(fernwood, None))


def same_numbers(part: Assessment, whole: Assessment) -> None:
    assert part.kpis
    assert part.goals
    assert part.project.audience is not None

    for name, kpi in part.kpis.items():
        of = whole.kpis[name]
        assert (kpi.series, kpi.current, kpi.part) == (of.series, of.current, of.part)
        assert (kpi.previous, kpi.last_year) == (of.previous, of.last_year)
        assert (kpi.breakdown, kpi.data) == (of.breakdown, of.data)
        assert kpi.behaviour.segments == of.behaviour.segments
        assert set(kpi.results) <= set(of.results)
        assert {result.goal for result in of.results} - {result.goal for result in kpi.results} == {
            result.goal for result in of.results if result.goal not in part.goals
        }
        if len(kpi.results) == len(of.results):
            assert kpi.status is of.status
            assert (kpi.standing is of.standing) or kpi.cost != of.cost
        assert set(kpi.cost) == set(of.cost) & set(part.kpis)
    for name, goal in part.goals.items():
        its = whole.goals[name]
        own = replace(
            its,
            children=tuple(child for child in its.children if child in part.goals),
            below=its.status if goal.parted else its.below,
            total_progress=None if goal.parted else its.total_progress,
            total_expected=None if goal.parted else its.total_expected,
            known=goal.known if goal.parted else its.known,
            grading=None if goal.parted and not its.has_parts else its.grading,
            parted=goal.parted,
        )
        assert goal == own
        assert goal.parted is (name in part.project.audience.parted)
        below = {name, *beneath(whole.project, name)}
        assert goal.parted is bool(below - set(part.goals)), "a partial sum is never told"
    for name, plan in part.plans.items():
        assert plan == whole.plans[name]
    assert part.gaps is None
    for (name, grain), kpi in part.coarser.items():
        assert kpi.series == whole.coarser[name, grain].series


def beneath(project: Project, goal: str) -> Iterator[str]:
    for name, one in project.goals.items():
        if any(parent == goal for parent, _ in one.parents):
            yield name
            yield from beneath(project, name)


def test_of_a_parted_goal_without_results_nothing_is_told(tmp_path: Path) -> None:
    bare = [{**one, "results": []} if one["name"] == "g_growth" else one for one in docs()]
    bare = [{key: value for key, value in one.items() if key != "standard"} for one in bare]
    made = assessed(write(tmp_path, bare), "south")

    goal = made.goals["g_growth"]
    assert (goal.status, goal.below, goal.total_progress, goal.grading) == (
        *(Status.NO_TARGET, Status.NO_TARGET),
        *(None, None),
    )
    page = next(page for page in judging.pages(made) if page.path == "goals/g_growth.html")
    assert "Goals of other units lead to it as well, so it is not told here." in page.text
    assert "not all goals that lead to it are shown here" in page.text
    assert "Not told here" in page.text
    assert "The worst beneath it" not in page.text


def test_what_other_units_do_with_a_kpi_cannot_be_held_against_it(made: Mapping[str, Assessment]) -> None:
    """On the pages of `it` no goal of its units needs the revenue; goals of sales do."""
    found = {
        unit: {f.probe: f.reason for c in made[unit].kpis["k_tickets"].criteria for f in c.findings}
        for unit in ("sales", "it")
    }

    assert found["sales"]["findable"] == "Other units use it as well, which is not shown here."
    assert found["it"]["findable"].startswith("Is on ")


def test_of_half_a_goal_no_share_is_told(made: Mapping[str, Assessment]) -> None:
    """Goals of `it` lead to the growth of the whole company as well; nothing else leads to the pay."""
    shares = {
        (unit, kpi): next(
            f for c in made[unit].kpis[kpi].criteria for f in c.findings if f.probe == "carries-weight"
        )
        for unit, kpi in (("acme", "k_revenue"), ("sales", "k_revenue"))
    }

    assert re.fullmatch("Carries [0-9]+ % of .*", shares["acme", "k_revenue"].reason)
    assert shares["sales", "k_revenue"].reason == (
        f"Goals that are not shown here lead to “{canary('g_growth', 'title')}” as well, so its share is not told."
    )


# --- pages


@each_unit
def test_every_link_leads_to_a_page_that_is_there(made: Mapping[str, Assessment], unit: str) -> None:
    pages = {page.path: page.text for page in judging.pages(made[unit])}
    found = 0
    for path, text in pages.items():
        for target in re.findall(r'href="([^"#:,]+)(?:#[^"]*)?"', text):
            parts: list[str] = path.split("/")[:-1]
            for step in target.split("/"):
                parts = parts[:-1] if step == ".." else [*parts, step]
            assert "/".join(parts) in pages or unquote("/".join(parts)) in pages, (path, target)
            found += 1
    assert found > 100


@each_unit
def test_every_page_says_for_whom_it_is(made: Mapping[str, Assessment], unit: str) -> None:
    for page in judging.pages(made[unit]):
        if page.path.endswith(".html"):
            assert f"Made for the people of {canary(unit, 'title')}: " in page.text, page.path
    report = reporting.report(made[unit], "s_company", Form.TEXT, None).decode()
    assert f"Made for the people of {canary(unit, 'title')}: " in " ".join(report.split())


def test_pages_for_everybody_say_nothing_of_that(whole: Assessment) -> None:
    text = as_text(judging.pages(whole))

    assert "Made for" not in text
    assert "not shown here" not in text
    assert "Defined in <code>kpis/all.yaml, line " in text


# --- sheets for a review


def seen_whole(folder: Path, word: str = WORD) -> judging.Seen:
    checked = reading.read(folder)
    assert not checked.has_errors, [d.message for d in checked.diagnostics]
    return judging.seen(checked, AS_OF, Connection(), word, remembered(word))


def sheet(found: judging.Seen, unit: str, word: str = WORD) -> str:
    """Return the sheet of a unit, in both forms."""
    made = {unit: packing.judged_for(unit, found, ledger(word, NUMBER))}
    return "\n".join(packing.review("y_quarter", made, packing.BOTH).files.values())


SECRET: Final = (
    ("g_secret_orders", "sales", "o_seller", "k_orders", 888_888),
    ("g_secret_tickets", "it", "o_admin", "k_tickets", 777_777),
)


def with_secret_goals(number: int = 0) -> list[Doc]:
    """Return the company with goals of the units themselves that only `personnel` may see."""
    return [
        *docs(),
        *(
            {
                **doc("g_growth"),
                "name": name,
                "title": canary(name, "title"),
                "org_unit": unit,
                "owner": owner,
                "results": [{"kpi": kpi, "target": target + number, "path": "maintain"}],
                "visibility": ["personnel"],
            }
            for name, unit, owner, kpi, target in SECRET
        ),
    ]


@pytest.fixture(scope="module")
def at_once(world: Path) -> judging.Seen:
    return seen_whole(world)


@pytest.mark.parametrize("unit", ["sales", "it"])
def test_no_text_of_what_is_not_shown_stands_on_a_sheet(at_once: judging.Seen, unit: str) -> None:
    text = sheet(at_once, unit)

    assert set(re.findall(r"canary\w* (\w+) yranac", text)) - SHOWN[unit] == set()
    assert "canaryword" not in text, "of commits, and of what was told to others"
    assert NUMBER not in text
    assert canary(unit, "title") in text


def test_whoever_sees_all_would_find_the_canaries_on_a_sheet(at_once: judging.Seen, tmp_path: Path) -> None:
    """Else the tests around would prove nothing."""
    everything_told = judging.judged(at_once, ledger(WORD, NUMBER))
    pack = review_pack(everything_told.project.performance.cycles["y_quarter"], "sales", everything_told)
    assert WORD in repr(pack), "of commits, and of a restatement"

    secret = judging.judged(seen_whole(write(tmp_path, with_secret_goals())), None)
    for unit, number in (("sales", "888,888"), ("it", "777,777")):
        assert number in repr(review_pack(secret.project.performance.cycles["y_quarter"], unit, secret))


@pytest.mark.parametrize("unit", ["sales", "it"])
def test_not_a_byte_of_a_sheet_depends_on_what_is_not_shown(
    at_once: judging.Seen, unit: str, tmp_path: Path
) -> None:
    """Whether its own unit has a hidden goal, of which number, and with which words in the repository."""
    plain = sheet(at_once, unit)
    for n in (0, 1):
        (tmp_path / str(n)).mkdir()
        folder = write(tmp_path / str(n), with_secret_goals(n))
        assert sheet(seen_whole(folder, f"otherword{n}"), unit, f"otherword{n}") == plain


def test_a_hidden_kpi_behind_an_allowed_one_is_on_no_sheet(tmp_path: Path) -> None:
    """Where a comment allows it, both are left out, as they are of pages."""
    rests = {key: value for key, value in doc("k_average").items() if key not in ("leads", "dataset")}
    rests |= {"name": "k_after_pay", "title": canary("k_after_pay"), "expression": "k_revenue - k_pay"}
    listed = [
        {**one, "sections": [{"title": "All", "kpis": ["k_orders", "k_after_pay"]}]}
        if one["name"] == "s_sales"
        else one
        for one in docs()
    ]
    found = seen_whole(write(tmp_path, [*listed, rests]))
    whole = judging.judged(found, None)
    cycle = whole.project.performance.cycles["y_quarter"]

    assert canary("k_after_pay") in repr(review_pack(cycle, "sales", whole))
    assert canary("k_after_pay") not in sheet(found, "sales")


@pytest.mark.parametrize("unit", ["customer_care", "buying", "marketing"])
def test_where_nothing_is_hidden_a_sheet_is_that_of_the_whole(unit: str, at_home: judging.Seen) -> None:
    whole, part = judging.judged(at_home, None), packing.judged_for(unit, at_home, None)

    def pack(made: Assessment) -> Pack:
        return review_pack(made.project.performance.cycles["q4_2025"], unit, made)

    assert pack(part) == pack(whole)
    assert {"Goals", "KPIs", "Are they good KPIs?"} <= {one.title for one in pack(part).sections}


@pytest.fixture(scope="module")
def at_home() -> judging.Seen:
    """The example company, in which nothing is hidden, without what its repository remembers."""
    return judging.seen(reading.read(FERNWOOD), AS_OF, Connection(), None, None)


# --- persons who agree to be named


def test_only_who_agrees_on_a_day_is_named(tmp_path: Path) -> None:
    robin = {"person": "@robin", "consent_on": "2025-11-10", "withdrawn_on": "2026-02-01"}
    thanks = [*docs(), {**doc("r_admin"), "name": "r_robin", "to": robin}]
    project = reading.read(write(tmp_path, thanks)).project
    of_roles = {"r_seller", "r_admin", "r_of_sales"}  # roles and units need not agree

    def named(day: date) -> set[str]:
        return {*agreed(project, day).performance.recognitions}

    assert named(date(2025, 11, 9)) == of_roles
    assert named(date(2025, 11, 10)) == {*of_roles, "r_robin"}
    assert named(date(2026, 1, 31)) == {*of_roles, "r_robin"}
    assert named(date(2026, 2, 1)) == of_roles
